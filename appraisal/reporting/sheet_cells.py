"""Cells, heads and columns of a workbook, the same on every sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from appraisal.reporting.packed import writable

# Widest a column opens, in characters of half width; what is longer wraps.
WIDEST = 60


def number_format(digits: int) -> str:
    """Give the format of numbers with so many decimals.

    Examples
    --------
    >>> number_format(2), number_format(0)
    ('0.00', '0')
    """
    return f"{0:.{digits}f}"


def head(sheet: Worksheet, row: int, columns: int, last: int) -> None:
    """Make a row the head of a sheet: bold, frozen with the two columns that name the rows, filtered, on each page."""
    for column in range(1, columns + 1):
        sheet.cell(row, column).font = Font(bold=True)
        sheet.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = f"{get_column_letter(min(3, columns))}{row + 1}"
    sheet.auto_filter.ref = f"A{row}:{get_column_letter(columns)}{last}"
    sheet.print_title_rows = f"{row}:{row}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def widen(sheet: Worksheet, column: int, values: Iterable[Any]) -> None:
    """Open a column as wide as its longest value; a Chinese character is two of half width."""
    longest = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(value)) for value in values)
    sheet.column_dimensions[get_column_letter(column)].width = min(longest + 3, WIDEST)


def put(sheet: Worksheet, row: int, column: int, value: Any, number: str = "General") -> None:
    """Put a value into a cell of a new sheet; text stays text, whatever it begins with."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return
    if isinstance(value, str):
        cell = sheet.cell(row, column, writable(value))
        # A name that begins with = would be run as a formula.
        cell.data_type = "s"
        cell.quotePrefix = True
        if len(value) > WIDEST // 2:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        return
    cell = sheet.cell(row, column, value.item() if hasattr(value, "item") else value)
    if isinstance(cell.value, float):
        cell.number_format = number
