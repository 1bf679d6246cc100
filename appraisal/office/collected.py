"""What the published sets of many places say, collected for the office's overview, and its page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from appraisal.files import told_if_not_written, write_whole
from appraisal.folders import data_folder
from appraisal.office.snapshot import notebooks_folder
from appraisal.office.status import OVERVIEW, language, year_states
from appraisal.reporting.figures import FILE
from appraisal.reporting.notebook import run_notebook
from appraisal.reporting.page import export_html
from appraisal.reporting.places import Published
from appraisal.words import catalogue

NOTEBOOK = "overview.ipynb"
# Columns of a set's figures, and what each must be.
LINES = {"line": str, "gap": float, "scale": str, "digits": int, "share": float}
PANELS = {"group": str, "jurors": int, "place": float, "spread": float}
WHOSE = ("where", "year")


def collect(root: Path | str | None, reports: Path | str) -> Published:
    """Collect what is published of each year of each place; no ballot and no table of a year folder is shown.

    Parameters
    ----------
    root : Path or str, optional
        Folder that holds the places, or the years themselves; else the nearest `data`.
    reports : Path or str
        Where their reports went.

    Raises
    ------
    FolderError
        If there is no such folder of data.
    """
    data, reports = data_folder(root or None), Path(reports)
    states = year_states(data, reports)
    lines: list[dict[str, Any]] = []
    panels: list[dict[str, Any]] = []
    without, made_up = [], False
    for state in states:
        if not state.version:
            continue
        own = {"where": state.year.place, "year": state.year.year}
        try:
            said = json.loads((state.year.below(reports) / FILE).read_text("utf-8"))
            read = (_rows(said["lines"], LINES), _rows(said["panels"], PANELS))
            made_up |= said["data"] == "synthetic"
            lines += [own | line for line in read[0]]
            panels += [own | panel for panel in read[1]]
        except (OSError, ValueError, KeyError, TypeError):
            without.append(str(state.year))
    return Published(
        states=pd.DataFrame(
            [(state.year.place, state.year.year, state.state) for state in states], columns=["where", "year", "state"]
        ),
        lines=pd.DataFrame(lines, columns=[*WHOSE, *LINES]),
        panels=pd.DataFrame(panels, columns=[*WHOSE, *PANELS]),
        without=tuple(without),
        synthetic=made_up,
        lang=language(data, states),
    )


def _rows(said: list[dict[str, Any]], columns: Mapping[str, Callable[[Any], Any]]) -> list[dict[str, Any]]:
    return [{name: kind(row[name]) for name, kind in columns.items()} for row in said]


def write_overview(root: Path, reports: Path) -> Path:
    """Run the notebook of the overview and write its page, whole, beside the reports; for the office alone.

    Raises
    ------
    AppraisalError
        If the notebook does not run as it should, or the page cannot be written; the last one stays.
    """
    published = collect(root, reports)
    words = catalogue(published.lang)
    marks = [words.say("office.marks.working_report")]
    with tempfile.TemporaryDirectory(prefix="appraisal-") as place:
        executed = run_notebook(
            notebooks_folder() / NOTEBOOK,
            Path(place) / NOTEBOOK,
            {"root": str(root.resolve()), "reports": str(reports.resolve())},
        )
    page = export_html(
        executed,
        title=words.say("places.title"),
        lang=published.lang,
        marks=[words.say("charts.synthetic"), *marks] if published.synthetic else marks,
    )
    with told_if_not_written(reports / OVERVIEW, "folder.not_written"):
        write_whole(reports / OVERVIEW, page.encode())
    return reports / OVERVIEW
