"""A copy of a year's tables with the cells that are to be mended coloured, and beside each what is to be done."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from appraisal.errors import Problem
from appraisal.reading.delimited import read_rows
from appraisal.reading.inventory import WORKBOOK, table_files
from appraisal.reading.vocabulary import shown, tidy
from appraisal.reading.workbook import BROKEN, merged_area
from appraisal.reporting.checked import Checkup
from appraisal.reporting.packed import writable
from appraisal.words import catalogue

WRONG, REMARK = PatternFill("solid", fgColor="FFF4B183"), PatternFill("solid", fgColor="FFFFF2CC")
MOST_MERGED = 100_000
# A CSV file of more is left out of the copy, which would take longer than anybody waits.
MOST_CELLS = 600_000
# What a spreadsheet shows of a note without scrolling is some ten lines.
NOTE = {"width": 360, "height": 120}


@dataclass(frozen=True)
class Marked:
    """A copy of the tables.

    Parameters
    ----------
    workbook : bytes or None
        None if there are no tables that a workbook could hold, or nothing to mark in them.
    left_out : list of str
        Names of CSV files that are left out of it.
    count : int or None
        Cells that are marked; None without tables.
    """

    workbook: bytes | None
    left_out: list[str]
    count: int | None


def marked_workbook(folder: Path, found: Checkup) -> Marked:
    """Give a copy of the tables as a workbook, with every problem and remark at its cell.

    Parameters
    ----------
    folder : Path
        The year folder; nothing in it is changed. CSV files become the sheets of one workbook.
    found : Checkup
    """
    files = [file for file in table_files(folder) if file.is_file()]
    if any(_cannot_be_copied(problem) for problem in found.problems):
        return Marked(None, [], None)
    with warnings.catch_warnings():
        # Of what openpyxl leaves out of a copy.
        warnings.simplefilter("ignore", UserWarning)
        try:
            if files and files[0].name == WORKBOOK:
                book, places = _copied(files[0], found.lang)
            else:
                book, places = _from_csv(files)
        except BROKEN:
            return Marked(None, [], None)
        to_mark = [problem for problem in (*found.remarks, *found.problems) if problem.file in places]
        left_out = [file.name for file in files if file.suffix == ".csv" and file.name not in places]
        if not (book.sheetnames and to_mark):
            return Marked(None, left_out, 0 if book.sheetnames else None)
        cells = {
            _mark(book[places[problem.file]], problem, problem.say(found.lang), wrong=problem in found.problems)
            for problem in to_mark
        }
        packed = io.BytesIO()
        book.save(packed)
    return Marked(packed.getvalue(), left_out, len(cells))


def _cannot_be_copied(problem: Problem) -> bool:
    """Tell whether openpyxl would not read a workbook, or would fill millions of merged cells."""
    if problem.code == "cell.merged":
        left, top, right, bottom = merged_area(str(problem.values["cells"]))
        return (right - left + 1) * (bottom - top + 1) > MOST_MERGED
    return problem.file == WORKBOOK and problem.code in ("file.too_large", "file.no_workbook")


def _copied(path: Path, lang: str) -> tuple[openpyxl.Workbook, dict[str, str]]:
    """The workbook as it is, and the title of the sheet of each place that messages name."""
    book, words = openpyxl.load_workbook(path), catalogue(lang)
    titles = [sheet.title for sheet in book.worksheets]
    return book, {words.say("problems.place.sheet", file=path.name, sheet=title): title for title in titles}


def _from_csv(files: Sequence[Path]) -> tuple[openpyxl.Workbook, dict[str, str]]:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    places: dict[str, str] = {}
    for file in files:
        rows = read_rows(file)
        if rows is None or sum(map(len, rows)) > MOST_CELLS:
            continue
        sheet = book.create_sheet(file.stem)
        places[file.name] = file.stem
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                if text:
                    cell = sheet.cell(number, column, writable(text))
                    # What begins with = is text in a CSV file, and stays it.
                    cell.data_type = "s"
    return book, places


def _mark(sheet: Worksheet, problem: Problem, message: str, *, wrong: bool) -> tuple[str, str]:
    """Colour the cell that a problem names, else the first of its row or of the sheet; give which it is."""
    heads = [shown(tidy(str(cell.value or ""))) for cell in sheet[1]]
    column = heads.index(problem.column) + 1 if problem.column in heads else 1
    cell = sheet.cell(problem.row or 1, column)
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(area.min_row, area.min_col)
    cell.fill = WRONG if wrong else REMARK
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(writable(before + message), "appraisal", **NOTE)
    return sheet.title, cell.coordinate
