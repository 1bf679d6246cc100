"""Rules between rows and tables: where nothing is wrong, or only worth a warning, and at the ends of what they allow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from appraisal.errors import Problem, TableError
from appraisal.reading.cells import Cells
from appraisal.reading.checks import check
from appraisal.reading.columns import Found, Table
from appraisal.reading.contracts import CONTRACTS, Column, Contract
from appraisal.reading.frames import read_tables
from appraisal.reading.inventory import Inventory
from appraisal.reading.sheets import Remark, Sheet, TextColumn, sheet_of
from appraisal.rulebook import Rulebook, read_rulebook
from appraisal.tables import load_year
from tests.years import RULEBOOK, rulebook, small_tables, write_year


@pytest.fixture
def tables():
    return small_tables(jurors=6)


@pytest.fixture
def warned(tmp_path, tables):
    def warned(rules=RULEBOOK, **options):
        year = load_year(write_year(tmp_path, tables, rules, **options))
        assert {remark.kind for remark in year.remarks} <= {"warning"}
        return [str(remark) for remark in year.remarks]

    return warned


def test_a_good_year_has_nothing_to_say(warned):
    assert warned() == []


@pytest.mark.parametrize("wide", [(), ("panel_ballots", "leader_ballots")])
def test_missing_scores_are_counted(tables, warned, tmp_path, wide):
    for table, count in (("panel_ballots", 3), ("leader_ballots", 2), ("self_assessments", 1)):
        tables[table] = tables[table].astype(object)
        tables[table].loc[: count - 1, "score"] = ""
    assert warned(wide=wide) == [
        "self_assessments.csv: 1 of 126 scores are missing, by department: 綜合01局 (1)",
        "panel_ballots.csv: 3 of 756 scores are missing, by department: 綜合01局 (3)",
        "leader_ballots.csv: 2 of 54 scores are missing, by department: 綜合01局 (1), 綜合02局 (1)",
    ]
    year = load_year(tmp_path)
    assert (len(year.panel_ballots), len(year.leader_ballots), len(year.self_assessments)) == (753, 52, 125)
    assert year.panel_ballots["score"].notna().all()


def test_a_missing_row_is_a_missing_score(tables, warned):
    tables["panel_ballots"] = tables["panel_ballots"].iloc[4:]
    tables["self_assessments"] = tables["self_assessments"].iloc[7:]
    assert warned() == [
        "self_assessments.csv: 7 of 126 scores are missing, by department: 綜合01局 (7)",
        "panel_ballots.csv: 4 of 756 scores are missing, by department: 綜合01局 (4)",
    ]


def test_a_blank_answer_counts_where_the_rulebook_says_so(tables, warned, tmp_path):
    tables["social_ballots"].loc[:1, "rating"] = ""
    assert warned() == []
    year = load_year(tmp_path)
    assert year.social_ballots["rating"].tolist()[:2] == ["", ""]
    assert warned(rulebook({"social.left_out": '["不了解"]'})) == [
        "social_ballots.csv: 2 of 180 scores are missing, by department: 綜合01局 (1), 綜合02局 (1)"
    ]
    year = load_year(tmp_path)
    assert len(year.social_ballots) == 178


def test_a_form_that_answers_nothing_was_returned_all_the_same(tables, warned, tmp_path):
    tables["social_ballots"].loc[tables["social_ballots"]["ballot"] == "s-3", "rating"] = ""
    warned(rulebook({"social.left_out": '["不了解"]'}))
    year = load_year(tmp_path)
    assert year.returned == 10
    assert year.social_ballots["ballot"].nunique() == 9


def test_the_response_is_held_to_its_bar(warned):
    assert warned(rulebook({"social.issued": "13"})) == [
        "social_ballots.csv: 10 of 13 forms were returned, fewer than 80%"
    ]
    assert warned(rulebook({"social.issued": "8"})) == [
        "social_ballots.csv: 10 forms were returned, more than the 8 issued"
    ]


@pytest.mark.parametrize(
    ("marks", "low", "score", "fits"),
    [
        # 0.1 × 3 is 0.30000000000000004 as floats: decimals decide.
        ("3", "0.1", "0.3", True),
        ("3", "0.1", "0.30", True),
        ("3", "0.1", "0.29999999999999999999", False),
        ("0.7", "0.1", "0.07", True),
        ("1.1", "0.1", "0.11", True),
        ("1.1", "0.1", "0.1099999999999999999", False),
    ],
)
def test_bands_are_held_as_decimals(tables, tmp_path, marks, low, score, fits):
    rules = rulebook({"items.excellence.level": marks, "bands.poor": f"[{low}, 0.80]"})
    tables["bands"].loc[tables["bands"]["item"] == "level", "band"] = "poor"
    for table in ("panel_ballots", "self_assessments"):
        tables[table] = tables[table].astype(object)
        tables[table].loc[tables[table]["item"] == "level", "score"] = score
    write_year(tmp_path, tables, rules)
    if fits:
        load_year(tmp_path)
    else:
        with pytest.raises(TableError, match="outside band 較差 of item 層次高低"):
            load_year(tmp_path)


def test_one_incident_may_have_many_rows(tables, warned):
    tables["deductions"].loc[3, ["department", "incident"]] = ["S03", "a"]
    assert warned() == []


def test_two_people_of_one_name(tables, warned):
    tables["jurors"] = pd.concat([tables["jurors"], tables["jurors"].iloc[[0]].assign(home="E01")])
    assert warned() == []


def test_department_outside_competition(tables, warned):
    assert warned(rulebook({"competition.outside": '["S01"]'})) == []


def test_no_message_repeats_a_token(tables, tmp_path):
    """Every rule about ballots broken at once: no token and no juror's ballot is named, nor what it says."""
    panel = tables["panel_ballots"] = tables["panel_ballots"].astype(object)
    panel["ballot"] = "token-" + panel["ballot"]
    panel.loc[3, "score"], panel.loc[4, "item"], panel.loc[5, "department"] = "x", "y", "z"
    panel.loc[300, "ballot"] = panel.loc[0, "ballot"]
    panel.loc[8, "score"], panel.loc[9, "score"] = 0, 97531
    tables["panel_ballots"] = pd.concat([panel, panel.iloc[[20]]])
    tables["jurors"].loc[0, "juror"] = panel.loc[60, "ballot"]
    tables["leader_ballots"]["ballot"] = "token-" + tables["leader_ballots"]["ballot"]
    tables["leader_ballots"] = pd.concat([tables["leader_ballots"]] * 2)
    with pytest.raises(TableError) as caught:
        load_year(write_year(tmp_path, tables))
    codes = {problem.code for problem in caught.value.problems}
    assert {"ballot.juror", "ballot.two_groups", "row.twice", "cell.not_number", "cell.outside_band"} <= codes
    assert "token-" not in str(caught.value)
    assert "97531" not in str(caught.value)


# A few rows in memory


DEPARTMENTS = ["A 甲局 service yes", "B 乙局 service no", "C 丙局 economic no"]
GROUPS = {"service": "綜合服務部門", "economic": "經濟管理部門"}


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Rulebook:
    path = tmp_path_factory.mktemp("rules") / "rulebook.toml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return read_rulebook(path)


def sheet(name: str, rows: list[str]) -> Sheet:
    """Rows as words between spaces, in the order of the contract; a lone dash is a blank cell."""
    cells = [["" if word == "-" else word for word in row.split()] for row in rows]
    heads = [column.name for column in CONTRACTS[name].columns][: len(cells[0])]
    columns = [TextColumn.of(head, [row[number] for row in cells]) for number, head in enumerate(heads)]
    return sheet_of(name, f"{name}.csv", columns)[0]


@pytest.fixture
def asked(rules):
    """Of tables of a few rows: what their rules say, not what `coverage` misses."""

    def asked(
        rules: Rulebook = rules, departments: list[str] | None = DEPARTMENTS, **tables: list[str]
    ) -> list[Problem]:
        if departments:
            tables["departments"] = departments
        read, _problems = read_tables(Inventory({name: sheet(name, rows) for name, rows in tables.items()}), rules)
        said = check(read, rules)
        return [one for one in said if not str(one.values.get("of", one.code)).startswith("coverage.")]

    return asked


@pytest.mark.parametrize("departments", [None, ["- 甲局 service yes", "- 乙局 service no"]])
def test_without_a_code_of_a_department_rows_and_tokens_alone_are_asked(asked, rules, departments):
    outside = rules.replace({"competition.outside": ["A"]})
    assert asked(outside, departments, jurors=["z service - no"] * 2, leader_ballots=["z A 90"]) == [
        Problem("row.twice", "jurors.csv", 3, None, {"row": 2, "columns": "juror, group, home"}),
        Problem("ballot.juror", "leader_ballots.csv", 2, "ballot", {}),
    ]


def numbered(values: range, rows: list[list[int]]) -> Table:
    """A table of columns with these values, each row as their places; -1 is a blank cell."""
    codes = dict(zip("abc", np.array(rows).T, strict=False))
    contract = Contract("t", "表", tuple(Column(name, name, "text", blank=True) for name in codes))
    cells = {name: Cells(own, values, own < 0, np.zeros(len(own), dtype=bool)) for name, own in codes.items()}
    columns = {name: TextColumn(name, own, ()) for name, own in codes.items()}
    return Table(Found(contract, "t.csv", np.arange(2, 2 + len(rows)), columns), cells)


def test_rows_are_told_apart_however_few_values_their_columns_have(rules):
    assert check({"t": numbered(range(1), [[0, -1], [-1, 0], [-1, -1], [0, 0]])}, rules) == []
    assert check({"t": numbered(range(0), [[-1, -1]])}, rules) == []


def test_rows_are_told_apart_however_many_values_their_columns_have(rules):
    """Two of the three columns make more combinations than 64 bits can count."""
    rows = [[0, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert check({"t": numbered(range(2**32 - 1), rows)}, rules) == [
        Problem("row.same", "t.csv", 6, None, {"row": 3, "columns": "a, b, c"})
    ]


@pytest.mark.parametrize(("column", "before"), [("name_hans", ""), ("name_en", "- ")])
def test_a_name_in_another_script_is_one_department_s_and_a_blank_one_none_s(asked, column, before):
    names = ["-", "乙", "乙"]
    rows = [f"{row} {before}{name}" for row, name in zip(DEPARTMENTS, names, strict=True)]
    values = {"said": "乙", "other": "B", "row": 3}
    assert asked(departments=rows) == [Problem("department.name_twice", "departments.csv", 4, column, values)]


@pytest.mark.parametrize(
    ("score", "fits"),
    [
        ("15", False),
        ("14", True),
        ("0", True),
        # As floats these are 14.
        ("14.000000000000000000", True),
        ("14.000000000000000001", False),
    ],
)
def test_full_marks_are_held_as_decimals(asked, score, fits):
    """Of the first item of the first department, and of one of another."""
    places = {2: ("A", "key_works", "“雙超”目標和六大重點工作"), 3: ("B", "department_work", "部門重點工作")}
    rows = [f"{code} {item} {score} -" for code, item, _label in places.values()]
    assert asked(self_assessments=rows) == [
        Problem(
            "cell.outside_marks",
            "self_assessments.csv",
            row,
            "score",
            {"said": score, "item": label, "low": "0", "high": "14"},
        )
        for row, (_code, _item, label) in places.items()
        if not fits
    ]


def test_a_ballot_is_of_two_groups_by_what_can_be_read_alone(asked):
    """Of whose department or token nobody knows nothing is said; the very first ballot is like any."""
    ballots = ["x A key_works 14", "x C key_works 14", "y Q key_works 14", "y A key_works 14", "- C key_works 14"]
    values = {"group": GROUPS["economic"], "first": GROUPS["service"]}
    assert asked(panel_ballots=ballots) == [Problem("ballot.two_groups", "panel_ballots.csv", 3, values=values)]


def test_a_blank_token_is_nobody_s_name(asked):
    ballots = ["張三 A 90", "- B 90", "z C 90"]
    assert asked(jurors=["張三 service - no"], leader_ballots=ballots) == [
        Problem("ballot.juror", "leader_ballots.csv", 2, "ballot", {})
    ]


def test_days_of_other_years_are_counted_where_a_day_can_be_read(asked):
    """In a year without a table of deductions, which comes first."""
    inspections = ["1 A 2003-04-01", "1 B 2004-01-05", "1 C 2003-02-30", "2 A 2002-12-31"]
    said = {"count": 2, "year": 2003}
    assert asked(inspections=inspections) == [Remark("cell.other_year", "inspections.csv", 3, "date", said)]


def test_each_incident_is_one_department_s_own(asked):
    deductions = [
        "A work_style 2003-05-06 inspection 0.5 yes a -",
        "B work_style 2003-05-06 inspection 0.5 yes b -",
        "B work_style 2003-05-07 inspection 0.5 yes a -",
    ]
    values = {"said": "a", "row": 2, "other": "甲局"}
    assert asked(deductions=deductions) == [Problem("row.incident", "deductions.csv", 4, "incident", values)]
