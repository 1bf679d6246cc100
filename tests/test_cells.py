"""One text, one value: what is read, what is refused, what is said to have been read as something else."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest

from appraisal.errors import Problem
from appraisal.reading.cells import read_cells
from appraisal.reading.readers import BLANK, day, number, text, token, word
from appraisal.reading.sheets import DATE, ERROR, NO_VALUE, Remark, TextColumn
from appraisal.reading.vocabulary import Vocabulary, shown, tidy


@pytest.mark.parametrize(
    ("cell", "value", "read_as"),
    [
        ("19.5", "19.5", False),
        ("0", "0", False),
        ("007", "7", False),
        (".5", "0.5", False),
        ("19.", "19", False),
        (" 19.5", "19.5", True),
        ("　19.5　", "19.5", True),
        ("１９．５", "19.5", True),
        ("1,019.5", "1019.5", True),
        ("１，０１９", "1019", True),
        ("＋3", "3", True),
        ("0.1000000000000000055", "0.1000000000000000055", False),
    ],
)
def test_numbers(cell, value, read_as):
    reading = number()(cell)
    assert (reading.value, reading.read_as) == (Decimal(value), read_as)


@pytest.mark.parametrize(
    "cell", ["9O", "nan", "inf", "-inf", "1 000", "1,00", "10,000,0", "1.2.3", "½", "３月", "--1", "0x10", "1_0", "十"]
)
def test_what_is_no_number(cell):
    assert number()(cell).refused == "cell.not_number"


@pytest.mark.parametrize("whole", [True, False])
def test_numbers_beyond_any_score_or_count(whole):
    assert number(whole=whole)("000999999999").value == 999_999_999
    for cell in ("1" + "0" * 9, "9" * 30, "１" * 400, "9" * 5000):
        assert number(1, whole=whole)(cell).refused == "cell.too_many_digits"
    assert number(whole=whole)("9" * 30).said == {"largest": 9, "finest": 32}
    assert number(high=100)("9" * 400).refused == "cell.outside"
    assert number(above=True)("0." + "0" * 400 + "1").refused == "cell.too_many_digits"
    assert number()("0.0000000000000000555111512312578").value == Decimal("5.55111512312578E-17")
    assert number()("0." + "1" * 32).value == Decimal("0." + "1" * 32)
    assert number()("0." + "1" * 33).refused == "cell.too_many_digits"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((cell, "cell.percent") for cell in ("9%", "91 %", "９１％", "5‰", "9.1%")),
        *((cell, "cell.not_number") for cell in ("9O%", "%", "9%%", "9O")),
    ],
)
def test_percentages_and_what_only_ends_like_one(cell, code):
    assert number()(cell).refused == code


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("2003-12-05", False),
        ("2003-12-5", True),
        ("2003/12/5", True),
        ("2003/12/05", True),
        ("2003.12.5", True),
        ("2003年12月5日", True),
        ("２００３年１２月５日", True),
        (" 2003-12-05", True),
        (DATE + "2003-12-05", True),
    ],
)
def test_days(cell, read_as):
    reading = day()(cell)
    assert (reading.value, reading.read_as) == (datetime.date(2003, 12, 5), read_as)


def test_the_day_that_a_bare_number_may_be():
    assert day()("37960").said["day"] == datetime.date(2003, 12, 5)
    assert day(datetime.date(1904, 1, 1))("36498").said["day"] == datetime.date(2003, 12, 5)
    assert day()("２００３１２０５").said["day"] == datetime.date(2003, 12, 5)
    assert day()("37960.5").said["day"] == datetime.date(2003, 12, 5)
    assert day()("2003").refused == "cell.not_day"
    assert day()("9" * 40).refused == "cell.not_day"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2003-02-30", "cell.no_such_day"),
        ("2003-12-05 14:30", "cell.time_of_day"),
        ("37960", "cell.number_as_day"),
        ("5.12.2003", "cell.not_day"),
        ("2003/12-5", "cell.not_day"),
    ],
)
def test_what_is_no_day(cell, code):
    assert day()(cell).refused == code


def test_words_in_either_script_never_by_similarity():
    bands = Vocabulary(["excellent", "good"], {"excellent": ["優秀"], "good": ["良好"]})
    read = word(bands)
    assert [read(cell).value for cell in ("excellent", "優秀", "优秀", "ｇｏｏｄ", " good")] == [
        "excellent",
        "excellent",
        "excellent",
        "good",
        "good",
    ]
    assert [read(cell).read_as for cell in ("優秀", "优秀", "ｇｏｏｄ", " good")] == [False, False, True, True]
    assert read("Good").said == {"near": "good"}
    assert read("優").refused == "cell.unknown"


def test_a_word_of_two_codes_stands_for_neither():
    read = word(Vocabulary(["a", "b", "c"], {"a": ["同"], "b": ["同"], "c": ["a"]}))
    assert read("同").said == {"codes": "a, b"}
    assert read("a").value == "a"


def test_names_are_exact():
    read = word(Vocabulary(["S01"], {"S01": ["市委組織部"]}, script=False), "cell.unknown_department")
    assert read("市委組織部").value == "S01"
    assert read("市委组织部").said == {"near": "市委組織部"}
    assert read("市委组织部").refused == "cell.unknown_department_near"


@pytest.mark.parametrize(
    ("cell", "as_text", "as_token"),
    [
        ("Ａ１", ("Ａ１", False), ("A1", True)),
        ("　南通（海關）１　", ("南通（海關）１", True), ("南通(海關)1", True)),
        ("A1", ("A1", False), ("A1", False)),
        (DATE + "2003-12-05", ("2003-12-05", True), ("2003-12-05", True)),
    ],
)
def test_words_stay_as_they_are_entered(cell, as_text, as_token):
    for read, (value, read_as) in ((text, as_text), (token, as_token)):
        assert (read(cell).value, read(cell).read_as) == (value, read_as)


def test_a_message_stays_one_line():
    assert shown("a\nb\u2028\x1b") == "a\\nb\\u2028\\x1b"
    assert len(shown("x" * 100_000)) == 58


def test_invisible_characters_at_the_ends():
    assert tidy("\ufeff\u200b good\u200b") == "good"


def cells_of(texts, reader, **options):
    return read_cells(TextColumn.of("分值", texts), reader, place="t.csv", rows=np.arange(2, len(texts) + 2), **options)


def test_a_column_knows_blank_from_refused():
    cells, problems = cells_of(["1", "", "x", "1.0", "　"], number(), blank=True)
    assert cells.codes.tolist() == [0, -1, -1, 0, -1]
    assert cells.blank.tolist() == [False, True, False, False, True]
    assert cells.refused.tolist() == [False, False, True, False, False]
    assert [(problem.code, problem.row) for problem in problems] == [("cell.not_number", 4)]


def test_blanks_that_are_not_allowed():
    _cells, problems = cells_of(["1", "", " "], number())
    assert [str(problem) for problem in problems] == [
        "t.csv, row 3, column 分值: is blank; a value is needed",
        "t.csv, row 4, column 分值: is blank; a value is needed",
    ]


def test_equal_remarks_are_one():
    _cells, remarks = cells_of(["１", "2", "１", "１", "２"], number())
    assert [str(remark) for remark in remarks] == [
        "t.csv, row 2, column 分值: “１” was read as 1 (cells: 3)",
        "t.csv, row 6, column 分值: “２” was read as 2 (cells: 1)",
    ]
    assert {remark.kind for remark in remarks} == {"read_as"}


def test_remarks_on_ballots_do_not_repeat_them():
    _cells, (remark,) = cells_of(["１", "2", "１", "２"], number(), secret=True)
    assert str(remark) == (
        "t.csv, row 2, column 分值: was read without spaces at the ends, full-width characters or thousands commas "
        "(cells: 3, from this row on)"
    )


def test_days_of_a_spreadsheet_are_one_remark_and_others_one_each():
    _cells, remarks = cells_of(["2003/12/5", DATE + "2003-12-05", "2003-12-05", DATE + "2003-12-06"], day())
    said = {"count": 1, "said": "2003/12/5", "value": datetime.date(2003, 12, 5)}
    assert remarks == [
        Remark("read_as", "t.csv", 2, "分值", said, kind="read_as"),
        Remark("read_as_days", "t.csv", 3, "分值", {"count": 2}, kind="read_as"),
    ]


def test_two_kinds_of_refusal_and_what_is_none():
    cells, problems = cells_of(["1", "x", "91%", "1", "91%"], number())
    assert cells.refused.tolist() == [False, True, True, False, True]
    assert problems == [
        Problem(code, "t.csv", row, "分值", {"said": said})
        for code, row, said in (("cell.not_number", 3, "x"), ("cell.percent", 4, "91%"), ("cell.percent", 6, "91%"))
    ]


def test_words_as_they_stand_are_not_read_and_the_others_are_put_among_the_codes():
    bands, asked = Vocabulary(["excellent", "good"], {"good": ["良好"]}), []

    def read(cell):
        asked.append(cell)
        return word(bands)(cell)

    cells, remarks = cells_of(["excellent", "良好", " good", "good", " good"], read, vocabulary=bands)
    assert asked == [" good"]
    assert (cells.codes.tolist(), cells.values) == ([0, 1, 1, 1, 1], ("excellent", "good"))
    said = {"said": " good", "value": "good", "count": 2}
    assert remarks == [Remark("read_as", "t.csv", 4, "分值", said, kind="read_as")]


def test_what_a_workbook_could_not_say():
    _cells, problems = cells_of([NO_VALUE, ERROR + "#REF!"], text)
    assert [problem.code for problem in problems] == ["cell.no_value", "cell.error"]
    assert problems[1].values["said"] == "#REF!"


def test_blank_is_no_refusal():
    assert BLANK.refused == ""
