"""Workbooks: what openpyxl reads, and what a value alone does not tell.

A merged cell, a formula that nobody calculated and a percentage all look like plain values once they are read; so each
sheet is gone through twice, once for its values and once for how they stand there.
"""

from __future__ import annotations

import datetime
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from appraisal.errors import Problem
from appraisal.reading.sheets import (
    DATE,
    EPOCH,
    ERROR,
    FIRST_BODY_ROW,
    NO_VALUE,
    Remark,
    Sheet,
    TextColumn,
    sheet_of,
)
from appraisal.reading.vocabulary import listed
from appraisal.words import catalogue

# Digits that a spreadsheet keeps; those after them are noise of the binary number.
DIGITS = 15
# In a number format: text to be shown as it is.
QUOTED = re.compile(r'"[^"]*"|\\.')
# A workbook unpacks to no more than this, in bytes and in marks of XML, nor has more cells from the first to the last:
# a small file can hold gigabytes, and what reads it would take hours.
MOST_BYTES, MOST_MARKS, MOST_CELLS = 256 * 2**20, 4_000_000, 16_000_000
# The last row and column of any spreadsheet program; openpyxl fills up to an address beyond them as to any other.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# Rows left out one after the other: a stray value far below would make a table of a million blank rows.
MOST_BLANK = 100_000
# What openpyxl and the XML parser raise on files that are no workbooks, or broken ones.
BROKEN = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    # What openpyxl makes of an address without a letter.
    NameError,
    OverflowError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    # Of which lxml's, where it is installed, are.
    SyntaxError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ElementTree.ParseError,
)


@dataclass(frozen=True)
class _Standing:
    """How the cells of a sheet stand there: hidden, merged, formulas that nobody calculated."""

    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]
    merged: tuple[str, ...]
    uncalculated: frozenset[tuple[int, int]]


def read_workbook(
    path: Path, is_table: Callable[[str], bool], lang: str
) -> tuple[dict[str, Sheet | None] | None, list[Problem]]:
    """Read the sheets of a workbook that are tables.

    Parameters
    ----------
    path : Path
        An xlsx file.
    is_table : callable
        Whether a sheet of that title is a table.
    lang : str
        Language of the word "sheet" in messages.

    Returns
    -------
    dict of str to Sheet or None, or None
        By title, in the order of the workbook; None where the sheet is no table or not to be read. None in all if the
        file is no workbook.
    list of Problem
        What is wrong, and remarks.
    """
    problems: list[Problem] = []
    sheets: dict[str, Sheet | None] = {}
    try:
        # Opened here, since openpyxl leaves a file that it cannot read open.
        if _too_large(path):
            return None, [Problem("file.too_large", path.name)]
        with path.open("rb") as stream, warnings.catch_warnings():
            # Of styles and validations that openpyxl leaves out, and of dates it gives as errors, which are told below.
            warnings.simplefilter("ignore", UserWarning)
            with closing(openpyxl.load_workbook(stream, read_only=True, data_only=True)) as workbook:
                for worksheet in workbook.worksheets:
                    sheets[worksheet.title] = None
                    if is_table(worksheet.title):
                        place = catalogue(lang).say("problems.place.sheet", file=path.name, sheet=worksheet.title)
                        sheets[worksheet.title], found = _sheet(worksheet, place)
                        problems += found
    except BROKEN as fault:
        return None, [Problem("file.no_workbook", path.name, values={"fault": fault})]
    return sheets, problems


def _too_large(path: Path) -> bool:
    marks = 0
    with zipfile.ZipFile(path) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
            return True
        for part in parts.infolist():
            with parts.open(part) as content:
                while marks <= MOST_MARKS and (read := content.read(2**20)):
                    marks += read.count(b"<")
    return marks > MOST_MARKS


def _sheet(worksheet: Any, place: str) -> tuple[Sheet | None, list[Problem]]:
    standing = _standing(worksheet)
    problems = _said(standing, place)
    if worksheet.sheet_state != "visible":
        problems.append(Remark("hidden_sheet", place))
    epoch = datetime.date(1904, 1, 1) if worksheet.parent.epoch == CALENDAR_MAC_1904 else EPOCH
    rows = {row: texts for row, texts in _rows(worksheet, standing.uncalculated) if any(texts)}
    if not rows:
        return None, [Problem("file.empty", place)]
    heads = [head.lstrip(NO_VALUE + ERROR + DATE) for head in rows.pop(1, [])]
    width = max(map(len, (heads, *rows.values())))
    heads += [""] * (width - len(heads))
    last = max(rows, default=1)
    if last * width > MOST_CELLS:
        return None, [Problem("file.too_large", place)]
    columns = [
        TextColumn.of(
            head,
            [
                rows[row][number] if row in rows and number < len(rows[row]) else ""
                for row in range(FIRST_BODY_ROW, last + 1)
            ],
        )
        for number, head in enumerate(heads)
    ]
    sheet, remarks = sheet_of(worksheet.title, place, columns, epoch)
    return sheet, problems + remarks


def _rows(worksheet: Any, uncalculated: frozenset[tuple[int, int]]) -> Iterator[tuple[int, list[str]]]:
    # Some programs write a wrong extent, and openpyxl would read no further.
    worksheet.reset_dimensions()
    for row, cells in enumerate(worksheet.iter_rows(), start=1):
        texts = [
            NO_VALUE if (row, column) in uncalculated else _text(cell) for column, cell in enumerate(cells, start=1)
        ]
        while texts and not texts[-1].strip():
            texts.pop()
        yield row, texts


def _text(cell: Any) -> str:
    """What a cell says: numbers with the digits that a spreadsheet keeps, days as 2003-12-05."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return ERROR + value if cell.data_type == "e" else value
        case bool():
            return str(value).upper()
        case int() | float():
            # What stands there as 91% is 0.91 underneath; nobody who reads the sheet would know.
            percent = "%" in QUOTED.sub("", cell.number_format or "")
            return _number(value * 100) + "%" if percent else _number(value)
        case datetime.datetime():
            return DATE + (str(value.date()) if value.time() == datetime.time() else str(value))
        case datetime.date():
            return DATE + str(value)
        case _:
            return str(value)


def _number(value: float) -> str:
    """Give a spreadsheet's number at the digits it keeps.

    Examples
    --------
    >>> _number(19.349999999999998), _number(7.0), _number(1e-7)
    ('19.35', '7', '0.0000001')
    """
    return f"{Decimal(f'{value:.{DIGITS}g}'):f}"


def _standing(worksheet: Any) -> _Standing:
    hidden_rows, hidden_columns, merged = [], [], []
    uncalculated: set[tuple[int, int]] = set()
    row = 0
    # The one thing taken from inside openpyxl: it knows which part of the file a sheet is, and tells it nowhere else.
    with worksheet._get_source() as source:  # noqa: SLF001
        for _event, element in ElementTree.iterparse(source):  # noqa: S314  (what unpacks too large was refused)
            match _tag(element):
                case "row":
                    before, row = row, int(element.get("r", row + 1))
                    if row > LAST_ROW or row - before > MOST_BLANK:
                        raise ValueError(f"row {row}")
                    if element.get("hidden") in ("1", "true"):
                        hidden_rows.append(row)
                    uncalculated.update(_uncalculated(element, row))
                    element.clear()
                case "col":
                    if element.get("hidden") in ("1", "true"):
                        hidden_columns.append(int(element.attrib["min"]))
                case "mergeCell":
                    merged.append(element.attrib["ref"])
    return _Standing(tuple(hidden_rows), tuple(hidden_columns), tuple(merged), frozenset(uncalculated))


def _tag(element: ElementTree.Element) -> str:
    """Name of an element, without its namespace where it has one.

    Examples
    --------
    >>> [_tag(ElementTree.Element(tag)) for tag in ("{urn:sheet}row", "row")]
    ['row', 'row']
    """
    return element.tag.rpartition("}")[2]


def _uncalculated(row: ElementTree.Element, number: int) -> Iterator[tuple[int, int]]:
    """Row and column of formulas without a stored value."""
    column = 0
    for cell in row:
        # Not every program writes the address of each cell; those without one follow each other.
        column = coordinate_to_tuple(cell.attrib["r"])[1] if "r" in cell.attrib else column + 1
        if column > LAST_COLUMN:
            raise ValueError(f"column {column}")
        parts = {_tag(part): part for part in cell}
        # A formula that gives an empty text says so by its type; without it nothing was ever calculated.
        if "f" in parts and cell.get("t") != "str" and not (parts["v"].text if "v" in parts else ""):
            yield number, column


def merged_area(cells: str) -> tuple[int, int, int, int]:
    """First column and row, last column and row of merged cells.

    Raises
    ------
    ValueError
        If it is whole columns or rows: no spreadsheet program writes them so, and openpyxl does not read them.

    Examples
    --------
    >>> merged_area("C2:D7")
    (3, 2, 4, 7)
    """
    left, top, right, bottom = range_boundaries(cells)
    if left is None or top is None or right is None or bottom is None:
        raise ValueError(f"merged cells {cells}")
    return left, top, right, bottom


def _said(standing: _Standing, place: str) -> list[Problem]:
    problems: list[Problem] = []
    for cells in standing.merged:
        _left, top, _right, bottom = merged_area(cells)
        if bottom >= FIRST_BODY_ROW:
            problems.append(Problem("cell.merged", place, max(top, FIRST_BODY_ROW), values={"cells": cells}))
    if hidden := [row for row in standing.hidden_rows if row >= FIRST_BODY_ROW]:
        problems.append(Remark("hidden_rows", place, hidden[0], values={"count": len(hidden)}))
    if standing.hidden_columns:
        columns = listed([*map(get_column_letter, standing.hidden_columns)])
        problems.append(Remark("hidden_columns", place, values={"columns": columns}))
    return problems
