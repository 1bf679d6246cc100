"""Heads of a sheet in memory: which column is which, what is missing, what is ignored; every problem whole."""

from __future__ import annotations

import pytest

from appraisal.errors import Problem
from appraisal.reading.columns import Found, find_columns
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.sheets import Remark, TextColumn, sheet_of
from appraisal.reading.vocabulary import Vocabulary

ITEMS = Vocabulary(["difficulty", "level"], {"difficulty": ["難易程度"], "level": ["層次高低"]})
NAMES = Vocabulary(["A", "B"], {"A": ["市農業機械局"], "B": ["市組織局"]}, script=False)


def find(table: str, *lines: str, across=None, lang="zh-Hant") -> tuple[Found | None, list[Problem]]:
    """Columns of a table whose lines, the heads first, are these."""
    heads, *rows = [line.split(",") for line in lines]
    columns = [TextColumn.of(head, [row[number] for row in rows]) for number, head in enumerate(heads)]
    return find_columns(sheet_of(table, "t.csv", columns)[0], CONTRACTS[table], across, lang)


def cells(found: Found) -> dict[str, list[str]]:
    return {name: [column.texts[code] for code in column.codes] for name, column in found.columns.items()}


def missing(column: str, zh: str, near: str = "") -> Problem:
    code = "column.missing_near" if near else "column.missing"
    return Problem(code, "t.csv", 1, values={"column": column, "zh": zh, "near": near})


def ignored(columns: str) -> Remark:
    return Remark("column.ignored", "t.csv", 1, values={"columns": columns})


def unnamed(count: int) -> Remark:
    return Remark("column.unnamed", "t.csv", 1, values={"count": count})


@pytest.mark.parametrize(
    ("heads", "lang", "said"),
    [
        ("department,item", "zh-Hant", [missing("band", "檔位")]),
        ("department,item", "zh-Hans", [missing("band", "档位")]),
        # What may be the missing column is not said to be ignored as well.
        ("department,item,Band,x", "en", [missing("band", "檔位", "Band"), ignored("x")]),
        # A head is named where a word of a cell that is no more alike would not be.
        ("department,item_name,band", "zh-Hans", [missing("item", "项目", "item_name")]),
        # Nothing resembles it, and a column without a head is still said to be ignored.
        ("department,item,,x", "en", [missing("band", "檔位"), ignored("x"), unnamed(1)]),
    ],
)
def test_a_missing_column_and_what_may_be_it(heads, lang, said):
    assert find("bands", heads, "A,level,good,1", lang=lang) == (None, said)


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (["department,x,y", "department,item,band", "A,level,good"], 2),
        (["檔位,,", "note,item,1", "department,item,band"], 3),
        (["2003,,", "department,item,grade"], 2),
    ],
)
def test_heads_that_stand_below_a_title(lines, row):
    assert find("bands", *lines) == (None, [Problem("column.below", "t.csv", row)])


def test_a_table_without_its_heads_has_none_below():
    lacks = [missing("department", "部門代碼"), missing("item", "項目"), missing("band", "檔位")]
    assert find("bands", "2003,x,y", "A,level,good") == (None, [*lacks, ignored("2003, x, y")])


def test_heads_that_are_repeated_below_are_not_the_ones_looked_for_where_one_is_missing():
    repeated = find("bands", "department,item,grade", "A,level,good", "department,item,band")
    assert repeated == (None, [missing("band", "檔位"), ignored("grade")])


def test_a_column_that_is_there_twice_beside_one_that_is_missing():
    twice = Problem("column.twice", "t.csv", 1, values={"column": "item"})
    assert find("bands", "department,item,項目", "A,level,level") == (None, [twice, missing("band", "檔位")])


# Wide sheets


def test_a_wide_sheet_is_put_into_its_long_form():
    found, problems = find("panel_ballots", "ballot,level,department,難易程度", "t,1,A,2", across=ITEMS)
    assert problems == []
    assert cells(found) == {
        "ballot": ["t", "t"],
        "department": ["A", "A"],
        "item": ["level", "difficulty"],
        "score": ["1", "2"],
    }


def test_what_may_be_wide_is_not_asked_where_no_department_is_known():
    assert find("leader_ballots", "ballot,A", "t,90") == (None, [])
    found, problems = find("leader_ballots", "ballot,department,score", "t,A,90")
    assert (cells(found), problems) == ({"ballot": ["t"], "department": ["A"], "score": ["90"]}, [])


def test_a_column_of_a_wide_sheet_that_is_there_twice():
    twice = Problem("column.twice", "t.csv", 1, values={"column": "level"})
    said = find("panel_ballots", "ballot,department,level,層次高低,difficulty", "t,A,1,1,2", across=ITEMS)
    assert said == (None, [twice])


def test_items_and_other_columns_that_a_wide_sheet_lacks():
    lacks = [missing("ballot", "票號"), missing("difficulty", "難易程度")]
    assert find("panel_ballots", "department,level", "A,1", across=ITEMS) == (None, lacks)


def test_a_department_that_a_wide_sheet_lacks_is_named_only_where_a_head_resembles_it():
    found, problems = find("leader_ballots", "ballot,B", "t,90", across=NAMES)
    assert (cells(found), problems) == ({"ballot": ["t"], "department": ["B"], "score": ["90"]}, [])
    near = missing("A", "市農業機械局", "市農業機槭局")
    said = find("leader_ballots", "ballot,市組織局,市農業機槭局,note", "t,90,80,-", across=NAMES)
    assert said == (None, [near, ignored("note")])


def test_a_head_that_resembles_the_name_of_two_departments_is_neither():
    names = Vocabulary(["A", "B", "C"], {"A": ["市農業機械局"], "B": ["市農業機械局"]}, script=False)
    found, problems = find("leader_ballots", "ballot,C,市農業機槭局", "t,90,80", across=names)
    assert (cells(found)["department"], problems) == (["C"], [ignored("市農業機槭局")])


def test_a_long_sheet_stays_long_whatever_else_heads_its_columns():
    heads, row = "ballot,department,item,score,level", "t,A,difficulty,2,1"
    long = {"ballot": ["t"], "department": ["A"], "item": ["difficulty"], "score": ["2"]}
    found, problems = find("panel_ballots", heads, row, across=ITEMS)
    assert (cells(found), problems) == (long, [ignored("level")])


def test_a_table_without_a_wide_form_is_never_wide():
    found, problems = find("bands", "department,item,band,level", "A,level,good,1", across=ITEMS)
    assert (cells(found), problems) == ({"department": ["A"], "item": ["level"], "band": ["good"]}, [ignored("level")])


# What is said and changes nothing


def test_heads_are_read_as_they_would_be_written():
    found, problems = find("panel_ballots", " ballot,department,ｌｅｖｅｌ,difficulty, why ", "t,A,1,2,-", across=ITEMS)
    assert [column.head for column in found.columns.values()] == ["ballot", "department", "item", "score"]
    assert found.columns["score"].heads.tolist() == ["level", "difficulty"]
    assert problems == [
        ignored(" why "),
        *(
            Remark("read_as", "t.csv", 1, values={"said": said, "value": value, "count": 1}, kind="read_as")
            for said, value in ((" ballot", "ballot"), ("ｌｅｖｅｌ", "level"))
        ),
    ]


def test_the_name_of_a_department_is_read_as_it_stands_whatever_its_brackets():
    """`new --wide` writes such heads itself; half-width brackets are another way of writing the name, and are said."""
    names = Vocabulary(["A", "B"], {"A": ["市編辦（合併）"], "B": ["市檔案局（合併）"]}, script=False)
    found, problems = find("leader_ballots", "ballot,市編辦（合併）,市檔案局（合併) ", "t,90,91", across=names)
    assert cells(found)["department"] == ["A", "B"]
    said = {"said": "市檔案局（合併) ", "value": "市檔案局(合併)", "count": 1}
    assert problems == [Remark("read_as", "t.csv", 1, values=said, kind="read_as")]


def test_columns_without_a_head_are_counted_where_they_hold_something():
    found, problems = find("bands", "department,item,band,,x,, ", "A,level,good,1,2,,", "B,level,fair,,,,3")
    assert cells(found)["band"] == ["good", "fair"]
    assert problems == [ignored("x"), unnamed(2)]
