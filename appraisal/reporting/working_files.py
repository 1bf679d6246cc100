"""The files of the working edition, written by the notebook of the report from what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appraisal.analysis.flags import Flags
from appraisal.analysis.resampling import Resamples
from appraisal.reporting.figures import FILE as FIGURES
from appraisal.reporting.figures import working_figures
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.workbooks import working_workbook
from appraisal.scoring.appraise import Appraisal


def write_working_files(appraised: Appraisal, resamples: Resamples, flags: Flags, published: Mapping[str, Any]) -> None:
    """Write shares, tests and flags as a workbook, and the figures for the overview, if the report is published.

    Parameters
    ----------
    appraised : Appraisal
    resamples : Resamples
    flags : Flags
        Both those of the report: what stands here is what stands there.
    published : mapping
        ``folder`` of the set, its ``state`` and ``version``; nothing is written where it is empty.
    """
    if not published:
        return
    rules, folder = appraised.rules, Path(published["folder"])
    imprint = Imprint(rules.year, published["state"], published["version"], synthetic=rules.synthetic)
    (folder / "working_results.xlsx").write_bytes(working_workbook(appraised, imprint, resamples, flags))
    (folder / FIGURES).write_bytes(working_figures(appraised, resamples))
