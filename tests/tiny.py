"""A report in a few cells, so that a test of what surrounds it takes seconds; run as a program it is the command.

``python tiny.py NOTEBOOKS [--strike POINT] WORDS…`` is ``appraisal WORDS…`` with the notebooks of the folder NOTEBOOKS;
at POINT the process kills itself as the system would, with no chance to clean up.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from appraisal.reporting.imprint import EDITIONS

LOAD = """\
from appraisal.folders import year_folder
from appraisal.reporting import layout
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

appraised = appraise(load_year(year_folder(year, data or None)))"""
SHOWN = 'layout.paragraph("for both: " + ", ".join(appraised.scorecard["tier"].astype(str)))'


def write_notebook(folder: Path, *cells: str) -> Path:
    """Write the notebook of a tiny report, with more cells at its end, and give the folder back."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        cells=[
            new_code_cell('year = 2003\ndata = ""\npublished = {}\ndraws = 10', metadata={"tags": ["parameters"]}),
            new_markdown_cell("## The year"),
            new_code_cell(LOAD),
            new_code_cell(SHOWN),
            new_code_cell('layout.paragraph("for the office alone")', metadata={"tags": ["working"]}),
            new_code_cell('layout.paragraph("for leadership alone")', metadata={"tags": ["leadership"]}),
            *map(new_code_cell, cells),
        ],
    )
    nbformat.write(notebook, folder / "annual_report.ipynb")
    return folder


def set_without_notebook(snapshot: Any, says: Any, files: Path, **_options: Any) -> None:
    """Stand in for `make_set`: pages that carry what each says of itself, and nothing that takes time."""
    for edition in EDITIONS:
        told = [*says.marks(edition, "en"), *says.first_page(edition)]
        for suffix in ("", *(f".{lang}" for lang in snapshot.languages)):
            (files / f"{edition.name}{suffix}.html").write_text("\n".join(told), encoding="utf-8")


def strike(point: str) -> None:
    """Have the process killed at a point: before or after the module's function of that name."""
    module, name, when = point.split(":")
    owner: Any = __import__(f"appraisal.office.{module}", fromlist=["_"])
    original: Callable[..., Any] = getattr(owner, name)

    def struck(*args: Any, **options: Any) -> Any:
        if when == "after":
            original(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, struck)


if __name__ == "__main__":
    from appraisal.cli import main
    from appraisal.office import publish, snapshot
    from appraisal.reporting import page

    folder, *words = sys.argv[1:]
    # What takes the time and is tested elsewhere.
    page._fonts = lambda html: ""
    publish.write_documents = lambda appraised, imprint, files: (files / "results.csv").write_text("…", "utf-8")
    snapshot.notebooks_folder = lambda: Path(folder)
    if words[0] == "--strike":
        strike(words[1])
        words = words[2:]
    main(words)
