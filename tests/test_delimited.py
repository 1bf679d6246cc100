"""CSV files: what cannot be read is said with its row; what can is the same text whichever way it is read."""

from __future__ import annotations

import codecs
import random

import pytest

from appraisal.reading import delimited
from appraisal.reading.delimited import read_delimited, read_rows

TORN = "quotation marks do not match from this row on ({fault}); save the table as CSV again"
NO_ENCODING = "cannot be read as UTF-8 or GB18030 from this row on; save it as UTF-8 (in Excel: “CSV UTF-8”)"
DAMAGED = (
    "is written in UTF-8 but damaged: {count} characters from this row on cannot be read; save it again from its source"
)
UTF_16 = "bands.csv: is written in UTF-16; save it as UTF-8 (in Excel: “CSV UTF-8”)"
BIG5 = "bands.csv: is written in Big5; save it as UTF-8 (in Excel: “CSV UTF-8”)"
ZERO = "holds a zero byte, so it is no text; save the table as CSV again"


# What a CSV file may be torn by, and what it may hold.
PIECES = (",", ",", ",", "\n", "\n", "\r\n", "\r", '"', '"x,y"', '"z"', "1", "007", "部門", "合計", " ", "\ufeff", "é")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bands.csv"


@pytest.fixture
def read(file):
    """Write a file; its heads and cells as they are read."""

    def read(content: bytes | str) -> list[list[str]]:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        sheet, problems = read_delimited(file)
        assert problems == []
        assert (sheet.name, sheet.place) == ("bands", "bands.csv")
        heads = [column.head for column in sheet.columns]
        return [heads, *([c.texts[c.codes[row]] for c in sheet.columns] for row in range(len(sheet.rows)))]

    return read


@pytest.fixture
def said(file):
    """Write a file that is not to be read; what is said of it."""

    def said(content: bytes | str) -> list[str]:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        sheet, problems = read_delimited(file)
        assert sheet is None
        return [str(problem) for problem in problems]

    return said


# Files that are not read


def test_a_file_that_is_not_there(file):
    sheet, problems = read_delimited(file)
    assert sheet is None
    assert [str(problem) for problem in problems] == ["bands.csv: cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    "content", [b"", b"\r\n\n", b" \n\t\n", codecs.BOM_UTF8, 2 * codecs.BOM_UTF8 + b"\n", "\ufeff".encode("gb18030")]
)
def test_an_empty_file(said, content):
    assert said(content) == ["bands.csv: is empty; a table has at least a row of heads"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_the_mark_of_another_encoding_is_believed(said, encoding):
    """Whatever follows it: nothing here would tell."""
    named = encoding[:6].upper()
    assert said("\ufeff\ue000".encode(encoding)) == [
        f"bands.csv: is written in {named}; save it as UTF-8 (in Excel: “CSV UTF-8”)"
    ]


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize("cell", ["x", "x,y"])
def test_a_quotation_mark_before_the_end_of_a_cell(said, row, cell):
    rows = ['a,"b"', f'1,"{cell}"', '2,"z"']
    rows[row - 1] += "…"
    torn = TORN.format(fault="',' expected after '\"'")
    assert said("\n".join(rows)) == [f"bands.csv, row {row}: {torn}"]


def test_heads_longer_than_any_are(said):
    fault = "field larger than field limit (131072)"
    assert said('"' + "x" * 140_000 + '",b\n1,2\n') == [f"bands.csv, row 1: {TORN.format(fault=fault)}"]


@pytest.mark.parametrize("above", ["\n", "\r\n\r\n", ",\n", " \n"])
def test_heads_below_a_blank_row(said, above):
    assert said(f"{above}a,b\n1,2\n\n") == ["bands.csv, row 1: is blank; here the heads of the columns must stand"]


@pytest.mark.parametrize(("separator", "named"), [(";", ";"), ("\t", "Tab"), ("，", "，"), ("|", "|")])
def test_another_separator(said, separator, named):
    assert said(f"a{separator}b\n1{separator}2\n") == [
        f"bands.csv, row 1: its columns are separated by {named}; save it with commas (in Excel: “CSV UTF-8”)"
    ]


@pytest.mark.parametrize("first", ["", "a", "a\n"])
def test_a_zero_byte_is_named_with_its_row(said, first):
    assert said(f"{first}\n1,2\n3,\0\n4,\0\n") == [f"bands.csv, row {first.count(chr(10)) + 3}: {ZERO}"]


def test_a_single_zero_byte_is_no_utf_16(said):
    assert said(b"\0") == [f"bands.csv, row 1: {ZERO}"]


def test_utf_16_is_known_by_more_than_four_fifths_of_its_characters(said):
    """Signs that no text has count against it, wherever they stand; half a character at the end does not."""
    assert said("ab,1".encode("utf-16-le") + b"\n") == [UTF_16]
    assert said("department\n".encode("utf-16-le") + b"\x00\xdc") == [UTF_16]  # half of a character beyond U+FFFF
    for signs in (1, 2, 3):
        text = "a,b\n" * signs + "\x01" * signs
        assert said(text.encode("utf-16-le")) == [f"bands.csv, row 1: {ZERO}"]


@pytest.mark.parametrize("sign", ["\x7f", "\x80", "\x81", "é"])
def test_signs_that_speak_against_utf_16(said, sign):
    assert said(("ab," + sign).encode("utf-16-le")) == [f"bands.csv, row 1: {ZERO}"]


@pytest.mark.parametrize("first", ["", "a", "a\n"])
@pytest.mark.parametrize("text", ["ࠀࠀ", "中文", "中文字"])
def test_damaged_utf_8_is_known_by_what_is_whole(said, first, text):
    """What takes three bytes or more is there by no accident."""
    row = first.count("\n") + 2
    assert said(f"{first}\n{text}".encode() + b"\xff\n") == [f"bands.csv, row {row}: {DAMAGED.format(count=1)}"]


@pytest.mark.parametrize("first", ["", "a", "a\n"])
@pytest.mark.parametrize("content", [b"\xff", "中".encode() + b"\xff", "éé".encode() + b"\xff"])
def test_a_text_in_no_encoding_is_named_with_its_row(said, first, content):
    row = first.count("\n") + 2
    assert said(first.encode() + b"\n" + content) == [f"bands.csv, row {row}: {NO_ENCODING}"]


# Which Chinese it is


@pytest.mark.parametrize("name", ["喆", "李喆", "堃"])
def test_a_rare_name_that_big5_cannot_be(read, name):
    assert read(f"a\n{name}\n".encode("gb18030")) == [["a"], [name]]


def test_what_looks_alike_either_way_is_gb18030(read):
    """Neither reading of these bytes has an everyday character."""
    raw = "镕".encode("gb18030")
    assert read(b"a\n" + raw + b"\n") == [["a"], ["镕"]]
    assert raw.decode("cp950") != "镕"


def test_more_everyday_characters_make_it_big5(said):
    assert said("a\n部門\n".encode("cp950")) == [BIG5]


# Cells


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "部門,檔位\n1,2\n", "部門,檔位\n1,\ufeff\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "\ufeff\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_mark_at_the_beginning_is_no_part_of_the_head(read, mark, encoding, text):
    assert read((mark + text).encode(encoding)) == [row.split(",") for row in text.split()]


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\r\n1,x\r\n2,y\r\n",
        "a,b\n1,x\n2,y\n\n",
        "a,b\n1,x\n2,y\n\n\n\n",
        "a,b\r\n1,x\r\n2,y\r\n\r\n",
        "a,b\r1,x\r2,y\r\r",
        'a,"b"\n"1",x\n2,"y"\n',
        '"a","b"\r\n"1","x"\r\n"2","y"\r\n\r\n',
    ],
)
def test_a_plain_file_is_read_in_one_piece(read, monkeypatch, content):
    """Cell by cell it takes some ten times as long."""
    monkeypatch.setattr(delimited, "_columns_one_by_one", None)
    assert read(content) == [["a", "b"], ["1", "x"], ["2", "y"]]


def test_a_file_with_quotation_marks_is_read_in_one_piece(read, monkeypatch):
    monkeypatch.setattr(delimited, "_columns_one_by_one", None)
    content = '"a,""b""",c\n"x,y","1\n2"\n"部門",3" of 4"\n'
    assert read(content) == [['a,"b"', "c"], ["x,y", "1\n2"], ["部門", '3" of 4"']]
    assert read(content.encode("gb18030")) == read(content)


@pytest.mark.parametrize("ones", ["1", "007", "1.50", "1" * 20, "0" + "1" * 30])
def test_a_file_of_numbers_is_read_in_one_piece_as_texts(read, monkeypatch, ones):
    monkeypatch.setattr(delimited, "_columns_one_by_one", None)
    assert read(f"{ones},2\n03,{ones}\n3,4\n") == [[ones, "2"], ["03", ones], ["3", "4"]]
    assert read(f"{ones}\n03\n3\n") == [[ones], ["03"], ["3"]]


def test_many_columns_are_read_cell_by_cell(read, monkeypatch):
    monkeypatch.setattr(delimited, "MANY_COLUMNS", 3)
    with monkeypatch.context() as few:
        few.setattr(delimited, "_columns_one_by_one", None)
        assert read("a,b,c\n1,2,3\n") == [["a", "b", "c"], ["1", "2", "3"]]
    monkeypatch.setattr(delimited, "_columns", None)
    assert read("a,b,c,d\n1,2,3,4\n") == [["a", "b", "c", "d"], ["1", "2", "3", "4"]]


def test_in_one_piece_and_cell_by_cell_every_file_says_the_same(file, monkeypatch):
    def told(columns: int) -> tuple[object, ...]:
        monkeypatch.setattr(delimited, "MANY_COLUMNS", columns)
        sheet, problems = read_delimited(file)
        rows = sheet and [[column.texts[code] for code in column.codes] for column in sheet.columns]
        return rows, sheet and [column.head for column in sheet.columns], sheet and sheet.rows.tolist(), problems

    draw = random.Random(20031231)
    for _ in range(100):
        file.write_text("a,b,c\n" + "".join(draw.choices(PIECES, k=10)), encoding="utf-8", newline="")
        in_one_piece, cell_by_cell = told(2_000), told(0)
        assert str(in_one_piece) == str(cell_by_cell), file.read_bytes()


@pytest.mark.parametrize("quoted", ["", '"x,y"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_inside_a_cell_stay_as_they_are(read, quoted, end):
    rows = ["a,b", f'"one{end}two",{quoted}', f"X, {end}"]
    assert read(end.join(rows)) == [["a", "b"], [f"one{end}two", quoted.strip('"')], ["X", " "]]


@pytest.mark.parametrize("last", ["X", " ", "\t"])
def test_what_stands_last_is_kept(read, last):
    assert read(f"a,b\n1,{last}\n\n") == [["a", "b"], ["1", last]]


def test_a_blank_row_of_one_column_is_counted(file):
    file.write_text("a\n1\n\n2\n")
    sheet, _problems = read_delimited(file)
    assert sheet.rows.tolist() == [2, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_blank_row_is_blank_however_the_file_is_read(read, end):
    assert read(end.join(["a,b", "1,2", "", '"x,y",3', ""])) == [["a", "b"], ["1", "2"], ["x,y", "3"]]


@pytest.mark.parametrize("rows", ['"x,y",1\n1,2,3', '1,2\n"x,y",3,4', '1,2\n3,4,"x,y"', '1,2\n"x,y",3,"x,y"'])
def test_a_comma_inside_a_cell_hides_no_torn_row(said, rows):
    assert said(f"a,b,c\n{rows}\n") == [
        "bands.csv, row 2: has 2 cells where the heads are 3; a comma too many or too few, "
        "or a text with a comma that is not in quotation marks"
    ]


def test_a_comma_inside_a_head_hides_no_torn_row(said):
    assert said('a,"b,c"\n1\n')[0].startswith("bands.csv, row 2: has 1 cells where the heads are 2")


def test_heads_that_are_longer_than_what_is_looked_at(read):
    heads = ["a" * 120_000, "b" * 120_000, "c"]
    assert read(",".join(heads) + "\n1,2,3\n") == [heads, ["1", "2", "3"]]


@pytest.mark.parametrize("before", ["a", "ab", "abc"])
def test_what_is_looked_at_may_end_inside_a_character(read, before):
    text = "中" * 70_000
    assert read(f"{before}\n{text}\n") == [[before], [text]]


def test_cells_may_say_what_their_head_says(read):
    rows = [["b", "b"], ["a", "x"], ["b", "y"], ["c", "a"]]
    assert read("\n".join(map(",".join, rows))) == rows


# Rows as they stand


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_as_they_stand(file, encoding, end):
    text = end.join(["部門,檔位", f'"市委{end}組織部",', "好", ""])
    file.write_bytes(text.encode(encoding))
    assert read_rows(file) == [["部門", "檔位"], [f"市委{end}組織部", ""], ["好"]]


@pytest.mark.parametrize("content", [None, b"\xff", "部門".encode("cp950"), b'"' + b"x" * 140_000 + b'"'])
def test_no_rows_of_what_cannot_be_read(file, content):
    if content is not None:
        file.write_bytes(content)
    assert read_rows(file) is None
