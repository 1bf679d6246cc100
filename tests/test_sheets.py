"""Files as they are found: encodings, torn rows, workbooks, what is ignored and what is said of it."""

from __future__ import annotations

import codecs
import datetime
import re
import zipfile

import numpy as np
import openpyxl
import pytest

from appraisal.errors import MORE, Problem, TableError
from appraisal.reading.delimited import read_delimited
from appraisal.reading.inventory import take_inventory
from appraisal.reading.sheets import NAMED, Remark, Sheet, TextColumn, first_of_each, in_rows, melted, sheet_of
from appraisal.tables import load_year
from appraisal.words import fold
from tests.years import RULEBOOK, spreadsheet_date, write_year


def grid(sheet: Sheet) -> list[list[str]]:
    return [[column.texts[column.codes[row]] for column in sheet.columns] for row in range(len(sheet.rows))]


@pytest.fixture
def read(tmp_path):
    def read(content: bytes | str) -> tuple[Sheet | None, list[Problem]]:
        file = tmp_path / "bands.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_delimited(file)

    return read


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_texts_stay_texts(read, end):
    sheet, problems = read(end.join(["a,b,c", "007,NA,1.50", "1,nan,true", "1,,2", ""]))
    assert problems == []
    assert [column.head for column in sheet.columns] == ["a", "b", "c"]
    assert grid(sheet) == [["007", "NA", "1.50"], ["1", "nan", "true"], ["1", "", "2"]]


def test_columns_of_numbers_stay_texts(read):
    sheet, _problems = read("1,2\n007,1.50\n08,2.0\n")
    assert [column.head for column in sheet.columns] == ["1", "2"]
    assert grid(sheet) == [["007", "1.50"], ["08", "2.0"]]


def test_rows_are_counted_as_a_spreadsheet_does(read):
    sheet, _problems = read('a,b\n"one\ntwo",1\n,\n\n"x,y",2\n,\n\n')
    assert sheet.rows.dtype == np.int64
    assert sheet.rows.tolist() == [2, 5]
    assert grid(sheet) == [["one\ntwo", "1"], ["x,y", "2"]]


def test_one_column_is_a_sheet(read):
    sheet, problems = read("a\n1\n \n2\n")
    assert problems == []
    assert sheet.rows.tolist() == [2, 4]
    assert grid(sheet) == [["1"], ["2"]]


@pytest.mark.parametrize("total", ["合計", "合计", "合　計", " 合 計"])
def test_a_last_row_of_totals_is_left_out_and_said(read, total):
    sheet, problems = read(f"a,b\n1,2\n3,4\n,{total}\n,\n")
    assert grid(sheet) == [["1", "2"], ["3", "4"]]
    assert problems == [Remark("total", "bands.csv", 4, kind="read_as")]
    assert str(problems[0]) == "bands.csv, row 4: is a last row 合計; it was left out"


def test_totals_elsewhere_are_a_row_like_any(read):
    sheet, problems = read("a,b\n合計,2\n1,2\n")
    assert len(sheet.rows) == 2
    assert problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("script", [str, fold])
def test_encodings_that_are_read(read, encoding, script):
    text = script("部門代碼,部門名稱\n1,市委組織部\n2,市對外貿易經濟合作局\n")
    sheet, problems = read(text.encode(encoding))
    assert problems == []
    assert grid(sheet)[0][1] == script("市委組織部")


def test_big5_is_told_from_gb18030_by_what_it_says(read):
    """GB18030 gives a meaning to any Big5 file; some six characters are enough to see that it is the wrong one."""
    phrases = set(re.findall(r"[\u4e00-\u9fff]{6,}", RULEBOOK))
    assert len(phrases) > 5
    for phrase in phrases:
        table = f"department,name\nA1,{phrase}\n"
        _sheet, problems = read(table.encode("big5"))
        assert [problem.values["encoding"] for problem in problems] == ["Big5"], phrase
        sheet, problems = read(table.encode("gb18030"))
        assert problems == []
        assert grid(sheet) == [["A1", phrase]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("script", [str, fold])
def test_utf_16_without_a_mark_whatever_it_says(read, encoding, script):
    """一 is U+4E00: its zero byte stands on the other side than that of a comma."""
    text = script("部門代碼,部門名稱\n1,第一辦公室\n2,市第一人民醫院\n")
    for content in (text.encode(encoding), text.encode(encoding) + b"\n"):
        _sheet, problems = read(content)
        assert [str(problem) for problem in problems] == [
            "bands.csv: is written in UTF-16; save it as UTF-8 (in Excel: “CSV UTF-8”)"
        ]


def test_a_zero_byte_in_another_file_is_no_utf_16(read):
    for content in (b"department,name\nA1,x\0\n", "部門代碼\n市委\0組織部\n".encode(), b"\0" * 40):
        _sheet, (problem,) = read(content)
        assert problem.code == "file.nul"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"a,b\n\xff\xff,1\n",
        codecs.BOM_UTF32_LE + "a".encode("utf-32-le"),
        b'"' * 7,
        b",,,\n,,,",
        b'a,b\n"1',
        b"a,b\n" + b"x" * 200_000 + b'",1\n',
        b'a,b\n"' + b"x" * 200_000 + b'""y,",1\n',
        b"\x80\n",
        "，".encode("utf-16-le"),
    ],
)
def test_rubbish_is_refused_or_read_never_a_crash(read, content):
    sheet, problems = read(content)
    assert sheet is not None or problems


def test_a_sheet_counts_days_from_where_its_file_does():
    columns = [TextColumn.of("date", ["37000"])]
    sheet, _remarks = sheet_of("problems", "problems.csv", columns)
    assert sheet.epoch == datetime.date(1899, 12, 30)
    sheet, _remarks = sheet_of("problems", "tables.xlsx, sheet problems", columns, datetime.date(1904, 1, 1))
    assert sheet.epoch == datetime.date(1904, 1, 1)


def test_wide_becomes_long_row_by_row():
    columns = [TextColumn.of("ballot", ["x", "y"]), TextColumn.of("難", ["1", "2"]), TextColumn.of("易", ["3", "1"])]
    sheet, _remarks = sheet_of("panel_ballots", "panel_ballots.csv", columns)
    long = melted(sheet, TextColumn.of("item", ["hard", "easy"]), "score", [1, 2])
    assert long.rows.tolist() == [2, 2, 3, 3]
    assert grid(long) == [["x", "hard", "1"], ["x", "easy", "3"], ["y", "hard", "2"], ["y", "easy", "1"]]
    assert long.columns[-1].heads.dtype == object
    assert long.columns[-1].heads.tolist() == ["難", "易", "難", "易"]


def test_only_texts_in_use_are_kept():
    column = TextColumn("band", np.array([0, 2, 2]), ("good", "fair", "poor"))
    assert column.kept(np.array([False, True, True])).texts == ("poor",)


def test_a_column_without_rows_is_blank_nowhere():
    blank = TextColumn.of("band", []).blank()
    assert (blank.dtype, blank.tolist()) == (bool, [])


# Of many problems the first


def test_of_each_kind_the_first_are_named_and_the_others_counted():
    """A warning and what was read as something else are two kinds."""
    many = [
        Remark("total", "bands.csv", row, "band", kind=kind) for row in range(2, 24) for kind in ("warning", "read_as")
    ]
    found = first_of_each(many)
    more = [
        Remark(MORE, "bands.csv", 21, values={"count": 2, "of": "total"}, kind=kind) for kind in ("warning", "read_as")
    ]
    assert found == [*many[: 2 * NAMED - 1], more[0], many[2 * NAMED - 1], more[1]]


def test_what_counts_the_others_names_no_key():
    problems = first_of_each(
        Problem("weights", "rulebook.toml", key=f"weights.{number}") for number in range(NAMED + 3)
    )
    assert problems[NAMED - 1 :] == [
        Problem("weights", "rulebook.toml", key=f"weights.{NAMED - 1}"),
        Problem(MORE, "rulebook.toml", values={"count": 3, "of": "weights"}),
    ]


@pytest.mark.parametrize(("count", "further"), [(NAMED - 1, 0), (NAMED, 0), (NAMED + 1, 1), (NAMED + 7, 7)])
def test_of_many_rows_the_first_are_named_and_the_others_counted(count, further):
    rows = np.arange(2, 100)
    problems = in_rows(
        "blank", "bands.csv", rows, np.arange(1, count + 1), TextColumn("band", rows, ()), lambda row: {"at": row}
    )
    named = [Problem("blank", "bands.csv", row + 2, "band", {"at": row}) for row in range(1, min(count, NAMED) + 1)]
    more = [Problem(MORE, "bands.csv", NAMED + 2, values={"count": further, "of": "blank"})] if further else []
    assert problems == named + more


def test_a_row_of_a_wide_sheet_is_named_once_and_its_cells_each():
    """Two departments with three scores each: the first's code and the scores under 難 and 易 are wrong."""
    rows, those = np.repeat([2, 3], 3), np.array([0, 1, 2])
    of_row = TextColumn("department", np.array([0, 0, 0, 1, 1, 1]), ("?", "S02"))
    heads = np.array(["難", "中", "易"] * 2, dtype=object)
    of_cell = TextColumn("score", np.array([0, 1, 0, 1, 1, 1]), ("?", "1"), heads)
    assert in_rows("bad", "bands.csv", rows, those, of_row, lambda _row: {}) == [
        Problem("bad", "bands.csv", 2, "department", {})
    ]
    assert in_rows("bad", "bands.csv", rows, those, None, lambda _row: {}) == [Problem("bad", "bands.csv", 2, None, {})]
    assert in_rows("bad", "bands.csv", rows, those[::2], of_cell, lambda _row: {}) == [
        Problem("bad", "bands.csv", 2, head, {}) for head in ("難", "易")
    ]


# The folder


def remarks_of(folder) -> list[str]:
    return [str(remark) for remark in load_year(folder).remarks]


def test_other_files_of_a_year_folder(tmp_path):
    write_year(tmp_path)
    for name in ("README.md", "notice.csv", "confirmation.toml", ".hidden.csv", "~$tables.xlsx", "photo.jpg"):
        (tmp_path / name).write_bytes(b"\0")
    (tmp_path / ".versions").mkdir()
    assert remarks_of(tmp_path) == []


def test_other_spreadsheets_are_ignored_and_said(tmp_path):
    write_year(tmp_path)
    (tmp_path / "seating.csv").write_text("a,b\n")
    (tmp_path / "old.xls").write_bytes(b"")
    assert remarks_of(tmp_path) == [
        "old.xls: is none of the tables and was ignored",
        "seating.csv: is none of the tables and was ignored",
    ]


def test_a_folder_that_is_not_there(tmp_path):
    inventory, (problem,) = take_inventory(tmp_path / "1999", "en")
    assert not inventory.sheets
    assert str(problem) == "1999: the year folder cannot be read: No such file or directory"


# Workbooks


@pytest.fixture
def book(tmp_path):
    """Edit the sheets of a good workbook; the year that it gives."""
    write_year(tmp_path, format="xlsx", heads="zh-Hans")
    file = tmp_path / "tables.xlsx"

    class Book:
        sheets = openpyxl.load_workbook(file)

        def year(self):
            self.sheets.save(file)
            return load_year(tmp_path)

    return Book()


def test_hidden_rows_are_read_and_said(book):
    for row in (4, 5):
        book.sheets["考评票"].row_dimensions[row].hidden = True
    book.sheets["考评票"].column_dimensions["B"].hidden = True
    book.sheets["决定"].sheet_state = "hidden"
    year = book.year()
    assert len(year.panel_ballots) == 630
    assert [str(remark) for remark in year.remarks] == [
        "tables.xlsx, sheet 考评票, row 4: is hidden, and it was read (hidden rows: 2)",
        "tables.xlsx, sheet 考评票: hidden columns were read: B",
        "tables.xlsx, sheet 决定: the sheet is hidden, and it was read",
    ]


def test_other_sheets_are_ignored_and_said(book):
    sheet = book.sheets.create_sheet("说明")
    sheet.append(["填表说明"])
    sheet.merge_cells("A1:F9")
    assert [str(remark) for remark in book.year().remarks] == [
        "tables.xlsx: sheets that are none of the tables were ignored: 说明"
    ]


def test_numbers_at_fifteen_digits(book):
    cell = book.sheets["领导评鉴"]["C2"]
    cell.value = 97.35000000000001
    assert book.year().leader_ballots.loc[2, "score"] == 97.35


def test_days_of_a_spreadsheet_are_read_and_said(book):
    cell = book.sheets["扣分"]["C2"]
    cell.value, cell.number_format = spreadsheet_date("2003-12-05"), "yyyy/m/d"
    year = book.year()
    assert str(year.deductions.loc[2, "date"].date()) == "2003-12-05"
    assert [str(remark) for remark in year.remarks] == [
        "tables.xlsx, sheet 扣分, row 2, column 日期: a day of the spreadsheet program, read as it is (cells from this row on: 1)"
    ]


def test_a_formula_with_its_value_is_that_value(book, tmp_path):
    """Written as a spreadsheet program would: formula and what it gave; an empty text is a value as well."""
    sheet = book.sheets["领导评鉴"]
    sheet["C2"] = "=90+1"
    position = book.sheets.sheetnames.index("领导评鉴") + 1
    book.sheets["扣分"]["H2"] = '=""'
    remark = book.sheets.sheetnames.index("扣分") + 1
    book.sheets.save(tmp_path / "plain.xlsx")
    calculated = {
        f"xl/worksheets/sheet{position}.xml": (b"<f>90+1</f><v></v>", b"<f>90+1</f><v>91</v>"),
        f"xl/worksheets/sheet{remark}.xml": (b'r="H2"><f>""</f><v></v>', b'r="H2" t="str"><f>""</f><v></v>'),
    }
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as new:
        for name in old.namelist():
            before, after = calculated.get(name, (b"", b""))
            content = old.read(name).replace(b"<v />", b"<v></v>").replace(b"<v/>", b"<v></v>")
            assert before in content
            new.writestr(name, content.replace(before, after) if before else content)
    (tmp_path / "plain.xlsx").unlink()
    year = load_year(tmp_path)
    assert year.leader_ballots.loc[2, "score"] == 91
    assert year.deductions.loc[2, "note"] == ""


def test_merged_whole_columns_are_no_workbook(book, tmp_path):
    book.sheets.save(tmp_path / "plain.xlsx")
    first = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == first:
                content = content.replace(
                    b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="C:D"/></mergeCells>'
                )
            new.writestr(name, content)
    (tmp_path / "plain.xlsx").unlink()
    with pytest.raises(TableError) as raised:
        load_year(tmp_path)
    problem = raised.value.problems[0]
    assert (problem.code, str(problem.values["fault"])) == ("file.no_workbook", "merged cells C:D")
