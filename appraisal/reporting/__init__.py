"""What readers see: charts, tables and sentences, and the run of a notebook into one HTML file."""

import logging

# A fresh machine builds its list of fonts on first import and says so on stderr, which would stop a run of a
# notebook; so before any module of the room imports matplotlib:
logging.getLogger("matplotlib.font_manager").addFilter(lambda record: "font cache" not in record.getMessage())
