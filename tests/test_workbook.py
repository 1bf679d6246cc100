"""Cells and sheets of a workbook: what each says, and how it stands there."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Callable
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


@pytest.fixture
def rewritten(read, tmp_path):
    """Write the workbook as another program may, its sheet's XML changed; what reading it gives."""

    def rewritten(change: Callable[[str], str], edit=lambda sheet: None):
        read(edit)
        with zipfile.ZipFile(tmp_path / "tables.xlsx") as book:
            parts = {name: book.read(name).decode() for name in book.namelist()}
        before = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = change(before)
        assert parts["xl/worksheets/sheet1.xml"] != before
        with zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as book:
            for name, content in parts.items():
                book.writestr(name, content)
        return read_workbook(tmp_path / "tables.xlsx", lambda title: True, "en")

    return rewritten


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


def test_a_sheet_of_heads_alone_has_no_rows(read, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 2)
    sheets, problems = read(lambda sheet: sheet.delete_rows(2, 2))
    assert problems == []
    assert [column.head for column in sheets["bands"].columns] == ["department", "band"]
    assert sheets["bands"].rows.tolist() == []


def test_a_blank_first_row_is_heads_that_say_nothing(read):
    sheets, problems = read(lambda sheet: sheet.insert_rows(1))
    assert problems == []
    assert [column.head for column in sheets["bands"].columns] == ["", ""]
    assert sheets["bands"].rows.tolist() == [2, 3, 4]


def test_of_a_head_only_its_text_is_asked(read):
    """Of one that nobody calculated there is none."""

    def edit(sheet):
        sheet["C1"], sheet["D1"], sheet["E1"] = "=A1", "#N/A", spreadsheet_date("2003-12-05")

    sheets, problems = read(edit)
    assert problems == []
    assert [column.head for column in sheets["bands"].columns] == ["department", "band", "", "#N/A", "2003-12-05"]


def test_formulas_without_a_value_stand_where_they_are(read):
    """Also beyond cells that are left out."""

    def edit(sheet):
        sheet["A3"], sheet["B3"], sheet["D2"] = "=A2", "=1+1", "=A1"

    sheets, problems = read(edit)
    assert problems == []
    assert grid(sheets["bands"]) == [["A", "good", "", NO_VALUE], [NO_VALUE, NO_VALUE, "", ""]]


def test_a_formula_that_has_no_place_for_its_value_has_none(rewritten):
    def edit(sheet):
        sheet["B3"] = "=1+1"

    sheets, problems = rewritten(lambda xml: re.sub("<v ?/>|<v></v>", "", xml), edit)
    assert problems == []
    assert grid(sheets["bands"]) == [["A", "good"], ["B", NO_VALUE]]


def test_a_formula_says_what_it_gave_when_it_was_calculated(rewritten):
    """An empty text is a value, too: of a formula it is kept as a text of no letters."""

    def edit(sheet):
        sheet["A3"], sheet["B3"], sheet["C3"] = '="B"', '=""', "=1+1"

    def calculated(xml: str) -> str:
        for address, kind, value in (("A3", ' t="str"', "B"), ("B3", ' t="str"', ""), ("C3", "", "2")):
            xml = re.sub(rf'<c r="{address}">(<f>.*?</f>)<v>', rf'<c r="{address}"{kind}>\1<v>{value}', xml)
        return xml

    sheets, problems = rewritten(calculated, edit)
    assert problems == []
    assert grid(sheets["bands"])[1] == ["B", "", "2"]


def test_rows_and_cells_without_addresses_follow_each_other(rewritten):
    def edit(sheet):
        sheet["B3"] = "=1+1"
        sheet.row_dimensions[3].hidden = True

    sheets, problems = rewritten(lambda xml: re.sub(r'(<(?:row|c)) r="\w+"', r"\1", xml), edit)
    assert problems == [Remark("hidden_rows", PLACE, 3, values={"count": 1})]
    assert grid(sheets["bands"]) == [["A", "good"], ["B", NO_VALUE]]


def test_a_day_beyond_all_calendars_is_an_error_and_no_warning(read):
    def edit(sheet):
        sheet["B2"], sheet["B2"].number_format = 10**9, "yyyy-mm-dd"

    sheets, problems = read(edit)
    assert problems == []
    assert grid(sheets["bands"])[0] == ["A", ERROR + "#VALUE!"]


def test_what_else_warns_is_not_silenced(read, tmp_path):
    def is_table(_title: str) -> bool:
        warnings.warn("of the program itself", DeprecationWarning, stacklevel=1)
        return True

    read()
    with pytest.warns(DeprecationWarning, match="of the program itself"):
        read_workbook(tmp_path / "tables.xlsx", is_table, "en")


def test_what_is_merged_or_hidden_is_said(read):
    """Above the body nothing is; where a merge begins in the heads, its first row of the body is named."""

    def edit(sheet):
        for cells in ("A1:B1", "C1:C4", "D3:E3"):
            sheet.merge_cells(cells)
        for row in (1, 2, 5):
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
        Remark("hidden_rows", PLACE, 2, values={"count": 2}),
        Remark("hidden_columns", PLACE, values={"columns": "B, D"}),
        Remark("hidden_sheet", PLACE),
    ]


def test_what_is_said_of_one_sheet_is_kept_beside_what_is_said_of_the_next(read):
    def edit(sheet):
        other = sheet.parent.create_sheet("rulings")
        other.append(["department"])
        for each in (sheet, other):
            each.sheet_state = "hidden"
        sheet.parent.create_sheet("seen")

    _sheets, problems = read(edit, titles=("bands", "rulings"))
    assert problems == [Remark("hidden_sheet", f"tables.xlsx, sheet {title}") for title in ("bands", "rulings")]


@pytest.mark.parametrize(("cells", "rows"), [("A1:B1", []), ("A1:A2", [2]), ("A2:B2", [2])])
def test_a_merge_is_said_from_the_first_row_of_the_body_on(read, cells, rows):
    _sheets, problems = read(lambda sheet: sheet.merge_cells(cells))
    assert problems == [Problem("cell.merged", PLACE, row, values={"cells": cells}) for row in rows]


def test_hidden_is_true_as_well_as_1(rewritten):
    def edit(sheet):
        sheet.row_dimensions[3].hidden = sheet.column_dimensions["B"].hidden = True

    _sheets, problems = rewritten(lambda xml: xml.replace('hidden="1"', 'hidden="true"'), edit)
    assert problems == [
        Remark("hidden_rows", PLACE, 3, values={"count": 1}),
        Remark("hidden_columns", PLACE, values={"columns": "B"}),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<sheetData>", '<cols><col hidden="1" max="2"/></cols><sheetData>'),
        ("</sheetData>", "</sheetData><mergeCells><mergeCell/></mergeCells>"),
    ],
)
def test_hidden_or_merged_nobody_knows_where_is_no_workbook(rewritten, before, after):
    sheets, (problem,) = rewritten(lambda xml: xml.replace(before, after))
    assert (sheets, problem.code) == (None, "file.no_workbook")


@pytest.mark.parametrize(
    ("limit", "most", "code", "place"),
    [
        ("MOST_BYTES", 1_000, "file.too_large", "tables.xlsx"),
        ("MOST_MARKS", 10, "file.too_large", "tables.xlsx"),
        ("MOST_CELLS", 5, "file.too_large", PLACE),
        ("MOST_BLANK", 3, "file.no_workbook", "tables.xlsx"),
        ("LAST_ROW", 8, "file.no_workbook", "tables.xlsx"),
        ("LAST_COLUMN", 1, "file.no_workbook", "tables.xlsx"),
    ],
)
def test_what_would_take_hours_is_refused(read, monkeypatch, limit, most, code, place):
    def edit(sheet):
        sheet["A5"], sheet["A9"] = "C", "D"

    assert read(edit)[1] == []
    monkeypatch.setattr(workbook, limit, most)
    sheets, (problem,) = read(edit)
    assert (problem.code, problem.file) == (code, place)
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


def test_a_workbook_unpacks_to_its_limit_and_no_further(read, tmp_path, monkeypatch):
    """All parts together, up to the last byte and the last mark of XML."""
    read()
    with zipfile.ZipFile(tmp_path / "tables.xlsx") as book:
        contents = [book.read(part) for part in book.infolist()]
    size, marks = sum(map(len, contents)), [content.count(b"<") for content in contents]

    def refused(limit: str, most: int) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(workbook, limit, most)
            sheets, problems = read_workbook(tmp_path / "tables.xlsx", lambda title: True, "en")
        assert problems == ([] if sheets else [Problem("file.too_large", "tables.xlsx")])
        return not sheets

    assert [refused("MOST_BYTES", most) for most in (size - 1, size)] == [True, False]
    assert [refused("MOST_MARKS", most) for most in (marks[0], sum(marks) - 1, sum(marks))] == [True, True, False]


def test_what_is_no_workbook_says_why(tmp_path):
    (tmp_path / "tables.xlsx").write_bytes(b"department,band\n")
    sheets, (problem,) = read_workbook(tmp_path / "tables.xlsx", lambda title: True, "en")
    assert sheets is None
    assert (problem.code, problem.file) == ("file.no_workbook", "tables.xlsx")
    assert str(problem.values["fault"]) == "File is not a zip file"
