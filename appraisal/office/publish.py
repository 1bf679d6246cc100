"""From a year folder to the published set: run apart, checked, put in place in one step."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from nbformat import NotebookNode

import appraisal
from appraisal.errors import FolderError, Problem
from appraisal.office import swap
from appraisal.office.fingerprint import code_digest, digests, version_code
from appraisal.reporting.documents import write_documents
from appraisal.reporting.imprint import EDITIONS, LEADERSHIP, Imprint
from appraisal.reporting.notebook import run_notebook
from appraisal.reporting.page import export_html
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

NOTEBOOK = f"{LEADERSHIP.name}.ipynb"
FAILED = "failed"
Progress = Callable[[int, int], None]


def notebooks_folder() -> Path:
    """Folder of the notebooks: beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(appraisal.__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def publish(
    folder: Path,
    reports: Path,
    *,
    parameters: Mapping[str, object] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Publish all files of a year: two editions from one executed notebook, and the documents.

    Everything that a user can mend is said before a notebook runs; the last good set stays until the new one is whole,
    and is replaced in one step.

    Parameters
    ----------
    folder : Path
        The year folder.
    reports : Path
        Where reports go; the set becomes the folder ``<reports>/<year>``.
    parameters : mapping, optional
        For the notebook, beside year and place.
    progress : callable, optional
        Called with the number of cells done and of all.

    Returns
    -------
    Path
        The leadership edition.

    Raises
    ------
    AppraisalError
        If the input is wrong, a ruling is missing, or the notebook did not run as it should; nothing is published.
    """
    appraised = appraise(load_year(folder))
    rules, inputs = appraised.rules, digests(appraised.year.files)
    parameters = parameters or {}
    notebook = notebooks_folder() / NOTEBOOK
    imprint = Imprint(
        year=rules.year,
        state="draft",
        version=version_code(inputs, code_digest(notebook), parameters),
        synthetic=rules.data == "synthetic",
        remarks=(catalogue(rules.lang).say("office.state.draft"),),
    )
    place = reports / str(rules.year)
    try:
        reports.mkdir(parents=True, exist_ok=True)
        swap.recover(place)
        with tempfile.TemporaryDirectory(prefix=f".{rules.year}.unfinished-", dir=reports) as unfinished:
            executed = run_notebook(
                notebook,
                Path(unfinished) / NOTEBOOK,
                {**parameters, "year": rules.year, "data": str(folder.parent.resolve())},
                failed=place / FAILED,
                progress=progress,
            )
            files = Path(unfinished) / "set"
            files.mkdir()
            write_pages(executed, rules, imprint, files)
            write_documents(appraised, imprint, files)
            swap.put_in_place(files, place)
    except OSError as fault:
        raise FolderError([Problem("folder.not_written", str(place), values={"fault": fault.strerror})]) from fault
    return place / f"{LEADERSHIP.name}.html"


def write_pages(executed: NotebookNode, rules: Rulebook, imprint: Imprint, files: Path) -> None:
    """Write each edition of an executed notebook into the folder `files`."""
    for edition in EDITIONS:
        page = export_html(
            executed,
            title=rules.title,
            subtitle=catalogue(rules.lang).say("report.subtitle"),
            lang=rules.lang,
            marks=imprint.marks(edition, rules.lang),
            remarks=imprint.remarks,
            leave_out=[edition.leave_out],
        )
        (files / f"{edition.name}.html").write_text(page, encoding="utf-8", newline="\n")
