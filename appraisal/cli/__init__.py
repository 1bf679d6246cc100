"""The commands. Each asks the package and says what it answered; nothing is computed here."""

from __future__ import annotations

import click

from appraisal import __version__
from appraisal.cli import documents, making, preparing, publishing, running, scoring
from appraisal.cli.options import Commands

# scipy, papermill and the charts load inside the commands that need them: `check` answers at once.


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="appraisal")
def main() -> None:
    """Appraise a city's departments for a year: check the tables, score them, publish the report.

    Exit codes: 0 done, 1 the input is wrong (the message says all of it), 2 usage, 3 (check) not complete.
    """


for command in (
    preparing.new,
    preparing.check,
    scoring.score,
    scoring.draw,
    scoring.compare,
    scoring.simulate,
    publishing.seal,
    making.report,
    publishing.confirm,
    documents.why,
    documents.notice_check,
    documents.method,
    publishing.diff,
    publishing.verify,
    publishing.status,
    publishing.overview,
    running.schedule,
    running.doctor,
):
    main.add_command(command)
