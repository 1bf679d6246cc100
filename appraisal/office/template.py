"""An empty year: the rulebook carried over, and tables to be filled in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from appraisal.errors import FolderError, Problem
from appraisal.files import told_if_not_written
from appraisal.folders import earlier_folder, written_language, year_folder
from appraisal.office.blank_book import blank_workbook
from appraisal.office.blank_tables import as_csv, blank_tables
from appraisal.office.carried import carried_over, rulebook_text
from appraisal.reading.inventory import WORKBOOK
from appraisal.rulebook import FILE, read_rulebook
from appraisal.tables import load_tables
from appraisal.words import LANGUAGES

UNFINISHED = "unfinished-"


def new_year(
    year: int,
    data: Path,
    *,
    start: int | None = None,
    lang: str | None = None,
    workbook: bool = False,
    wide: bool = False,
) -> list[Path]:
    """Make the folder of a year that is to be filled in.

    Parameters
    ----------
    year : int
    data : Path
        The folder that holds the years.
    start : int, optional
        The year whose rulebook and departments are carried over; else the rulebook alone, of the last year before.
    lang : str, optional
        Of the rulebook's words, heads and notes; else that of the rulebook that is carried over.
    workbook : bool
        One `tables.xlsx` with lists, limits and notes instead of CSV files.
    wide : bool
        Ballots with one column for each item or department.

    Returns
    -------
    list of Path
        What was written, the rulebook first.

    Raises
    ------
    FolderError
        If there is such a year already, no year to carry a rulebook over from, or nothing can be written.
    RulebookError, TableError
        If what is to be carried over cannot be used.
    ValueError
        If there is no such language.
    """
    if lang is not None and lang not in LANGUAGES:
        raise ValueError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    folder = data / str(year)
    old = year_folder(start, data) if start is not None else earlier_folder(folder)
    if old is None:
        raise FolderError([Problem("template.no_start", str(data))])
    if folder.exists():
        raise FolderError([Problem("template.exists", str(folder))], written_language(old))
    rules, departments = read_rulebook(old / FILE), None
    if start is not None:
        departments = load_tables(old, ["departments"])[1]["departments"]
    new = carried_over(rules, year, lang or rules.lang, departments=departments is not None)
    tables = blank_tables(new, departments, wide=wide)
    files = {FILE: rulebook_text(new, rules.year).encode()}
    if workbook:
        files[WORKBOOK] = blank_workbook(tables, new)
    else:
        files |= {f"{table.contract.name}.csv": as_csv(table) for table in tables}
    _write(folder, files, new.lang)
    return [folder / name for name in files]


def _write(folder: Path, files: dict[str, bytes], lang: str) -> None:
    """Write a folder as a whole: what was interrupted is no year."""
    with told_if_not_written(folder, lang=lang):
        for left in folder.parent.glob(f".{folder.name}.{UNFINISHED}*"):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.{UNFINISHED}", dir=folder.parent))
        try:
            unfinished.chmod(0o755)  # a folder made apart is closed to others
            for name, content in files.items():
                (unfinished / name).write_bytes(content)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
