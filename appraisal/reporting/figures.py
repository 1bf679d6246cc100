"""A year's lines and panels in a few figures, for the overview of many places: no department, juror or ballot."""

from __future__ import annotations

import json

from appraisal.analysis.resampling import Resamples, line_share
from appraisal.analysis.years import panel_severity
from appraisal.reporting.narrative import line_name
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.scales import scale_digits

FILE = "working_figures.json"


def working_figures(appraised: Appraisal, resamples: Resamples) -> bytes:
    """Give the figures as JSON; the same appraisal gives the same bytes.

    Parameters
    ----------
    appraised : Appraisal
    resamples : Resamples
        Those of the report.

    Returns
    -------
    bytes
        ``year`` and ``data`` of the rulebook; ``lines``, each with `line` (its name), `gap` on its `scale`, the
        `digits` that ranked and the `share` of the resamples in which its sides keep their order; ``panels`` as
        `panel_severity` gives them, the group by its label: those of at least 8 departments and 5 jurors.
    """
    rules = appraised.rules
    lines = [
        {
            "line": line_name(line, rules),
            "gap": round(float(line.gap), scale_digits(line.scale, rules.rounding.digits)),
            "scale": str(line.scale),
            "digits": rules.rounding.digits,
            "share": round(float(line.share), 4),
        }
        for line in line_share(appraised, resamples).itertuples()
    ]
    panels = [
        {
            "group": rules.label("groups", str(panel.group)),
            "jurors": int(panel.jurors),
            "place": round(float(panel.place), 4),
            "spread": round(float(panel.spread), 4),
        }
        for panel in panel_severity([appraised]).itertuples()
    ]
    said = {"year": rules.year, "data": rules.data, "lines": lines, "panels": panels}
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
