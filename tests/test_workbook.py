"""Cells and sheets of a workbook: what each says, and how it stands there."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from years import spreadsheet_date

from appraisal.errors import Problem
from appraisal.reading import workbook
from appraisal.reading.sheets import DATE, ERROR, NO_VALUE, Remark, Sheet
from appraisal.reading.workbook import merged_area, read_workbook

PLACE = "tables.xlsx, sheet bands"


@pytest.mark.parametrize(
    ("value", "kind", "format", "said"),
    [
        (None, "n", "General", ""),
        ("優秀", "s", "General", "優秀"),
        ("#N/A", "e", "General", ERROR + "#N/A"),
        (True, "b", "General", "TRUE"),
        (False, "b", "General", "FALSE"),
        (7, "n", "General", "7"),
        (19.349999999999998, "n", "0.00", "19.35"),
        (0.91, "n", "0%", "91%"),
        (0.5, "n", None, "0.5"),
        # A sign that is only shown: in quotation marks, or after a backslash.
        (91, "n", '0"%"', "91"),
        (91, "n", "0\\%", "91"),
        (1, "n", '"a"0%"b"', "100%"),
        (spreadsheet_date("2003-12-05"), "d", "yyyy", DATE + "2003-12-05"),
        (spreadsheet_date("2003-12-05 08:30"), "d", "yyyy", DATE + "2003-12-05 08:30:00"),
        (datetime.date(2003, 12, 5), "d", "yyyy", DATE + "2003-12-05"),
        (datetime.time(8, 30), "d", "h:mm", "08:30:00"),
    ],
)
def test_what_a_cell_says(value, kind, format, said):
    assert workbook._text(SimpleNamespace(value=value, data_type=kind, number_format=format)) == said


@pytest.mark.parametrize("cells", ["C:D", "2:7"])
def test_whole_columns_and_rows_are_no_area(cells):
    with pytest.raises(ValueError, match=cells):
        merged_area(cells)


@pytest.fixture
def read(tmp_path):
    """Write a workbook whose sheet `bands` was edited; what reading it gives."""
    book = openpyxl.Workbook()
    book.active.title = "bands"
    for row in (["department", "band"], ["A", "good"], ["B", "fair"]):
        book.active.append(row)

    def read(edit=lambda sheet: None, titles=("bands",)) -> tuple[dict[str, Sheet | None] | None, list[Problem]]:
        edit(book.active)
        book.save(tmp_path / "tables.xlsx")
        return read_workbook(tmp_path / "tables.xlsx", lambda title: title in titles, "en")

    return read


def grid(sheet: Sheet) -> list[list[str]]:
    return [[column.texts[column.codes[row]] for column in sheet.columns] for row in range(len(sheet.rows))]


def test_a_sheet_as_it_stands(read):
    sheets, problems = read()
    assert problems == []
    sheet = sheets["bands"]
    assert (sheet.name, sheet.place, sheet.rows.tolist()) == ("bands", PLACE, [2, 3])
    assert sheet.epoch == datetime.date(1899, 12, 30)
    assert [column.head for column in sheet.columns] == ["department", "band"]
    assert grid(sheet) == [["A", "good"], ["B", "fair"]]


def test_days_are_counted_from_1904_where_the_workbook_does(read):
    sheets, _problems = read(lambda sheet: setattr(sheet.parent, "epoch", CALENDAR_MAC_1904))
    assert sheets["bands"].epoch == datetime.date(1904, 1, 1)


def test_cells_beyond_the_heads_and_rows_between(read):
    """A cell to the right has a blank head, a row that is left out none of its own, spaces at the end are nothing."""

    def edit(sheet):
        sheet["D5"], sheet["B7"], sheet["F2"] = "x", " ", "  "

    sheets, problems = read(edit)
    assert problems == []
    assert [column.head for column in sheets["bands"].columns] == ["department", "band", "", ""]
    assert sheets["bands"].rows.tolist() == [2, 3, 5]
    assert grid(sheets["bands"])[2] == ["", "", "", "x"]


def test_a_sheet_that_is_no_table_is_named_and_not_read(read):
    assert read(titles=()) == ({"bands": None}, [])


def test_a_sheet_of_nothing_is_empty(read):
    sheets, problems = read(lambda sheet: sheet.delete_rows(1, 3))
    assert sheets == {"bands": None}
    assert problems == [Problem("file.empty", PLACE)]


def test_formulas_without_a_value_stand_where_they_are(read):
    def edit(sheet):
        sheet["B3"], sheet["C2"] = "=1+1", "=A1"
        sheet["C1"] = "=A1"

    sheets, problems = read(edit)
    assert problems == []
    assert grid(sheets["bands"]) == [["A", "good", NO_VALUE], ["B", NO_VALUE, ""]]
    # Of a head that nobody calculated there is nothing to be read.
    assert [column.head for column in sheets["bands"].columns] == ["department", "band", ""]


def test_what_is_merged_or_hidden_is_said(read):
    """Above the body nothing is; where a merge begins in the heads, its first row of the body is named."""

    def edit(sheet):
        for cells in ("A1:B1", "C1:C4", "D3:E3"):
            sheet.merge_cells(cells)
        for row in (1, 3, 5):
            sheet.row_dimensions[row].hidden = True
        sheet["A5"] = "C"
        for column in "BD":
            sheet.column_dimensions[column].hidden = True
        sheet.sheet_state = "hidden"
        sheet.parent.create_sheet("seen")

    _sheets, problems = read(edit)
    assert problems == [
        Problem("cell.merged", PLACE, 2, values={"cells": "C1:C4"}),
        Problem("cell.merged", PLACE, 3, values={"cells": "D3:E3"}),
        Remark("hidden_rows", PLACE, 3, values={"count": 2}),
        Remark("hidden_columns", PLACE, values={"columns": "B, D"}),
        Remark("hidden_sheet", PLACE),
    ]


@pytest.mark.parametrize(
    ("limit", "most", "code"),
    [
        ("MOST_BYTES", 1_000, "file.too_large"),
        ("MOST_MARKS", 10, "file.too_large"),
        ("MOST_CELLS", 5, "file.too_large"),
        ("MOST_BLANK", 3, "file.no_workbook"),
        ("LAST_ROW", 8, "file.no_workbook"),
        ("LAST_COLUMN", 1, "file.no_workbook"),
    ],
)
def test_what_would_take_hours_is_refused(read, monkeypatch, limit, most, code):
    def edit(sheet):
        sheet["A5"], sheet["A9"] = "C", "D"

    assert read(edit)[1] == []
    monkeypatch.setattr(workbook, limit, most)
    sheets, (problem,) = read(edit)
    assert problem.code == code
    assert not sheets or sheets == {"bands": None}


def test_just_so_many_are_read(read, monkeypatch):
    """Nine rows of two columns, three blank rows between two, a column less than there may be none of."""

    def edit(sheet):
        sheet["A5"], sheet["A9"] = "C", "D"

    for limit, most in (("MOST_CELLS", 18), ("MOST_BLANK", 4), ("LAST_ROW", 9), ("LAST_COLUMN", 2)):
        monkeypatch.setattr(workbook, limit, most)
    sheets, problems = read(edit)
    assert problems == []
    assert sheets["bands"].rows.tolist() == [2, 3, 5, 9]


def test_what_is_no_workbook_says_why(tmp_path):
    (tmp_path / "tables.xlsx").write_bytes(b"department,band\n")
    sheets, (problem,) = read_workbook(tmp_path / "tables.xlsx", lambda title: True, "en")
    assert sheets is None
    assert (problem.code, problem.file) == ("file.no_workbook", "tables.xlsx")
    assert str(problem.values["fault"]) == "File is not a zip file"
