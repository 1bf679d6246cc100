"""From a year folder to the published report: run apart, checked, put in place in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import appraisal
from appraisal.errors import FolderError, Problem
from appraisal.reporting.notebook import run_notebook
from appraisal.reporting.page import export_html
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

REPORT = "annual_report"


def notebooks_folder() -> Path:
    """Folder of the notebooks: beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(appraisal.__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def publish(folder: Path, reports: Path, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """Publish the annual report of a year.

    Everything that a user can mend is said before a notebook runs; the last good report stays until the new one is
    whole, and is replaced in one step.

    Parameters
    ----------
    folder : Path
        The year folder.
    reports : Path
        Where reports go; the report becomes ``<reports>/<year>/annual_report.html``.
    progress : callable, optional
        Called with the number of cells done and of all.

    Returns
    -------
    Path
        The published file.

    Raises
    ------
    AppraisalError
        If the input is wrong, a ruling is missing, or the notebook did not run as it should; nothing is published.
    """
    year = load_year(folder)
    appraise(year)
    rules = year.rules
    place = reports / str(rules.year)
    words = catalogue(rules.lang)
    marks = [words.say("charts.synthetic")] if rules.data == "synthetic" else []
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=place) as unfinished:
            executed = run_notebook(
                notebooks_folder() / f"{REPORT}.ipynb",
                Path(unfinished) / f"{REPORT}.ipynb",
                {"year": rules.year, "data": str(folder.parent.resolve())},
                failed=place / "failed",
                progress=progress,
            )
            page = export_html(
                executed,
                title=rules.title,
                subtitle=words.say("report.subtitle"),
                lang=rules.lang,
                marks=[*marks, words.say("report.mark_draft")],
            )
            whole = Path(unfinished) / f"{REPORT}.html"
            with whole.open("w", encoding="utf-8", newline="\n") as file:
                file.write(page)
                file.flush()
                os.fsync(file.fileno())
            os.replace(whole, place / whole.name)
    except OSError as fault:
        raise FolderError([Problem("folder.not_written", str(place), values={"fault": fault.strerror})]) from fault
    return place / f"{REPORT}.html"
