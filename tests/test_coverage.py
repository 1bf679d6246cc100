"""What is missing, and rules between rows and tables: sheets in memory, every problem whole."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd
import pytest
from years import counted, rulebook, small_tables

from appraisal.errors import Problem
from appraisal.reading import checks
from appraisal.reading.checks import check
from appraisal.reading.coverage import Tables, returned
from appraisal.reading.frames import read_tables
from appraisal.reading.inventory import Inventory
from appraisal.reading.sheets import Remark, Sheet, TextColumn, sheet_of
from appraisal.rulebook import Rulebook, read_rulebook

SIZES = {"service": 3, "economic": 2}
ITEMS = ["“雙超”目標和六大重點工作", "部門重點工作", "最佳辦事環境", "作風建設", "難易程度", "層次高低", "貢獻大小"]


def sheet(name: str, rows: pd.DataFrame) -> Sheet:
    words = {True: "yes", False: "no"}
    cells = {head: [words[cell] if isinstance(cell, bool) else str(cell) for cell in rows[head]] for head in rows}
    return sheet_of(name, f"{name}.csv", [TextColumn.of(head, texts) for head, texts in cells.items()])[0]


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Rulebook:
    path = tmp_path_factory.mktemp("rules") / "rulebook.toml"
    path.write_text(rulebook({}), encoding="utf-8")
    return read_rulebook(path)


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    return {name: sheet(name, rows) for name, rows in small_tables(SIZES).items()}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Departments S01 to S03, E01, E02; five jurors a panel, three leaders, ten forms."""
    return {name: rows.astype(object) for name, rows in small_tables(SIZES).items()}


@pytest.fixture
def said(rules, sheets):
    """Of a year in which these tables are others, or None where there is no such table: what is said."""

    def said(changed: Mapping[str, pd.DataFrame | None], rules: Rulebook = rules) -> list[Problem]:
        own = sheets | {name: sheet(name, rows) for name, rows in changed.items() if rows is not None}
        own = {name: one for name, one in own.items() if changed.get(name, one) is not None}
        read, problems = read_tables(Inventory(own), rules)
        return [*problems, *check(read, rules)]

    return said


def test_a_good_year_says_nothing(said):
    assert said({}) == []


def without(rows: pd.DataFrame, **where: str) -> pd.DataFrame:
    match = pd.Series(True, index=rows.index)
    for column, value in where.items():
        match &= rows[column] == value
    assert match.any()
    return rows[~match]


def test_items_without_a_band(said, tables):
    bands = without(without(tables["bands"], department="S02", item="level"), department="E02")
    assert said({"bands": bands}) == [
        Problem("coverage.no_band", "bands.csv", values={"department": "綜合02局", "items": "層次高低"}),
        Problem("coverage.no_band", "bands.csv", values={"department": "經濟02局", "items": ", ".join(ITEMS)}),
    ]


def test_too_few_scores_and_how_many_are_missing(said, tables):
    """Of 5 jurors × 7 items × 5 departments: one juror of economic gave E02 none, and S03 got one score less of level."""
    ballots = without(tables["panel_ballots"], ballot="p-economic-2", department="E02")
    ballots = without(ballots, ballot="p-service-0", department="S03", item="level")
    missing = {"count": 8, "expected": 175, "departments": "經濟02局 (7), 綜合03局 (1)"}
    few = [("綜合03局", "層次高低"), *(("經濟02局", item) for item in ITEMS)]
    assert said({"panel_ballots": ballots}) == [
        *(
            Problem(
                "coverage.few_scores",
                "panel_ballots.csv",
                values={"department": department, "item": item, "count": 4, "least": 5},
            )
            for department, item in few
        ),
        Remark("coverage.incomplete", "panel_ballots.csv", values=missing),
    ]


def test_a_smaller_panel_lacks_nothing(said, tables, rules):
    """A panel has as many ballots as ever scored one of its departments."""
    ballots = without(without(tables["panel_ballots"], ballot="p-economic-2"), ballot="p-economic-4")
    assert said({"panel_ballots": ballots}, rules.replace({"panel.min_ballots": 3})) == []


def test_a_juror_of_whom_there_is_one_score_is_one_of_the_panel(said, tables):
    """A sixth juror of economic scored one item of one department: of 15 × 7 and 12 × 7 scores 13 are missing."""
    ballots = tables["panel_ballots"]
    level = (ballots["department"] == "E01") & (ballots["item"] == "level")
    one = ballots[level].iloc[[0]].assign(ballot="p-economic-5")
    missing = {"count": 13, "expected": 189, "departments": "經濟02局 (7), 經濟01局 (6)"}
    assert said({"panel_ballots": pd.concat([ballots, one])}) == [
        Remark("coverage.incomplete", "panel_ballots.csv", values=missing)
    ]


def test_a_score_for_a_department_that_cannot_be_read_is_of_no_panel(said, tables):
    ballots = tables["panel_ballots"]
    ballots.loc[0, "department"] = "Q"
    missing = {"count": 1, "expected": 175, "departments": "綜合01局 (1)"}
    assert said({"panel_ballots": ballots})[1:] == [Remark("coverage.incomplete", "panel_ballots.csv", values=missing)]


def test_of_a_department_whose_group_cannot_be_read_no_scores_are_expected(said, tables, rules):
    departments = tables["departments"]
    departments.loc[departments["department"] == "E02", "group"] = "?"
    ballots = without(tables["panel_ballots"], ballot="p-service-0", department="S03", item="level")
    missing = {"count": 1, "expected": 140, "departments": "綜合03局 (1)"}
    found = said({"departments": departments, "panel_ballots": ballots}, rules.replace({"panel.min_ballots": 3}))
    assert [one.code for one in found[:-1]] == ["cell.unknown"]
    assert found[-1] == Remark("coverage.incomplete", "panel_ballots.csv", values=missing)


def test_self_assessments_that_are_missing(said, tables):
    own = without(without(tables["self_assessments"], department="E01"), department="S01", item="level")
    own.loc[(own["department"] == "S02") & (own["item"] == "level"), "score"] = ""
    missing = {"count": 9, "expected": 35, "departments": "經濟01局 (7), 綜合01局 (1), 綜合02局 (1)"}
    assert said({"self_assessments": own}) == [Remark("coverage.incomplete", "self_assessments.csv", values=missing)]


def test_leaders_who_did_not_rate(said, tables):
    ballots = without(tables["leader_ballots"], department="S02")
    ballots.loc[(ballots["department"] == "E01") & (ballots["ballot"] == "l-1"), "score"] = ""
    missing = {"count": 4, "expected": 15, "departments": "綜合02局 (3), 經濟01局 (1)"}
    assert said({"leader_ballots": ballots}) == [
        Problem("coverage.no_leader", "leader_ballots.csv", values={"department": "綜合02局"}),
        Remark("coverage.incomplete", "leader_ballots.csv", values=missing),
    ]


def test_many_departments_that_lack_as_much_are_named_in_their_order(rules):
    """Of two leaders the second rated the first department alone."""
    codes = [f"D{number:02}" for number in range(40)]
    departments = [(code, f"{code}局", "service", "no") for code in codes]
    ballots = [*(("l-0", code, 90) for code in codes), ("l-1", codes[0], 90)]
    frames = {
        "departments": pd.DataFrame(departments, columns=["department", "name", "group", "leading_group"]),
        "leader_ballots": pd.DataFrame(ballots, columns=["ballot", "department", "score"]),
    }
    read, problems = read_tables(Inventory({name: sheet(name, rows) for name, rows in frames.items()}), rules)
    named = ", ".join(f"{code}局 (1)" for code in codes[1:13])
    missing = {"count": 39, "expected": 80, "departments": f"{named}, …"}
    assert [*problems, *check(read, rules)] == [Remark("coverage.incomplete", "leader_ballots.csv", values=missing)]


@pytest.mark.parametrize("form", ["one by one", "counted"])
def test_a_department_of_whom_nobody_says_what_counts(said, tables, rules, form):
    """Ten forms on S02 say 不了解; on S01 all but one do."""
    forms = tables["social_ballots"]
    forms.loc[forms["department"] == "S02", "rating"] = "不了解"
    forms.loc[(forms["department"] == "S01") & (forms["ballot"] != "s-3"), "rating"] = "不了解"
    if form == "one by one":
        found, place = said({"social_ballots": forms}), "social_ballots.csv"
    else:
        counts = pd.concat([counted(forms), pd.DataFrame([{"department": "S02", "rating": "滿意", "count": 0}])])
        found, place = said({"social_ballots": None, "social_counts": counts}), "social_counts.csv"
    assert found == [Problem("coverage.no_rating", place, values={"department": "綜合02局"})]


def test_a_count_that_cannot_be_read_may_be_a_rating(said, tables):
    counts = counted(tables["social_ballots"]).astype(object)
    counts.loc[counts["department"] == "S02", "count"] = "x"
    found = said({"social_ballots": None, "social_counts": counts})
    assert {(one.code, one.column) for one in found} == {("cell.not_number", "count")}


def test_blank_answers_are_no_valid_rating(said, tables, rules):
    strict = rules.replace({"social.left_out": ["不了解"]})
    forms = tables["social_ballots"]
    forms.loc[forms["department"] == "S02", "rating"] = ""
    missing = {"count": 10, "expected": 50, "departments": "綜合02局 (10)"}
    assert said({"social_ballots": forms}, strict) == [
        Problem("coverage.no_rating", "social_ballots.csv", values={"department": "綜合02局"}),
        Remark("coverage.incomplete", "social_ballots.csv", values=missing),
    ]


def test_answers_that_are_missing_where_a_blank_is_none(said, tables, rules):
    strict = rules.replace({"social.left_out": ["不了解"]})
    forms = tables["social_ballots"]
    forms.loc[(forms["department"] == "S02") & (forms["ballot"] != "s-0"), "rating"] = ""
    missing = {"count": 9, "expected": 50, "departments": "綜合02局 (9)"}
    assert said({"social_ballots": forms}) == []
    assert said({"social_ballots": forms}, strict) == [
        Remark("coverage.incomplete", "social_ballots.csv", values=missing)
    ]


@pytest.mark.parametrize(
    ("issued", "code"),
    [(9, "coverage.returned"), (10, None), (12, None), (13, "coverage.response")],
)
def test_forms_returned_against_forms_issued(said, tables, rules, issued, code):
    """Ten came back: 0.8 × 12 = 9.6 is reached, 0.8 × 13 = 10.4 is not; as counts the rulebook says how many."""
    values = {"returned": 10, "issued": issued, "least": "80%"}
    changed = rules.replace({"social.issued": issued})
    assert said({}, changed) == ([Remark(code, "social_ballots.csv", values=values)] if code else [])
    counts = {"social_ballots": None, "social_counts": counted(tables["social_ballots"])}
    assert said(counts, changed) == []
    # More than were issued the rulebook itself may not say.
    told = changed.replace({"social.returned": min(10, issued)})
    values["returned"] = min(10, issued)
    code = code if issued > 9 else None
    assert said(counts, told) == ([Remark(code, "social_counts.csv", values=values)] if code else [])
    assert returned({}, told) == min(10, issued)
    assert returned({}, changed) is None
    # Where there is neither table, it is the rulebook that says how many.
    assert said({"social_ballots": None}, told) == ([Remark(code, "rulebook.toml", values=values)] if code else [])


def test_as_many_forms_returned_as_there_must_be_are_enough(said, rules):
    assert said({}, rules.replace({"social.issued": 20, "social.warn_response": Decimal("0.5")})) == []


def test_a_row_that_cannot_be_read_may_be_the_one_that_is_missing(said, tables):
    """One message for one slip: the department of a band, a leader's rating, a panel's score is misspelt."""
    for name, column in (("bands", "department"), ("bands", "item"), ("leader_ballots", "department")):
        rows = tables[name].copy()
        rows.loc[0, column] = "Q"
        assert [(one.code, one.row) for one in said({name: rows}) if not isinstance(one, Remark)] == [
            ("cell.unknown_department" if column == "department" else "cell.unknown", 2)
        ]


@pytest.mark.parametrize("column", ["department", "item"])
def test_a_row_that_cannot_be_read_is_no_other_that_is_missing(said, tables, column):
    """The band of S01 in the first item is misspelt, and the last one of E02 is missing."""
    bands = without(tables["bands"], department="E02", item="contribution")
    bands.loc[0, column] = "Q"
    assert said({"bands": bands})[1:] == [
        Problem("coverage.no_band", "bands.csv", values={"department": "經濟02局", "items": ITEMS[-1]})
    ]


def test_as_many_rows_that_cannot_be_read_as_departments_without_ratings(said, tables):
    """The only leader's row on S01 says another code; on S02 there is none at all, and the row may be of either."""
    ballots = tables["leader_ballots"].drop_duplicates("department")
    ballots.loc[0, "department"] = "Q"
    assert [one.code for one in said({"leader_ballots": ballots})] == ["cell.unknown_department", "coverage.incomplete"]
    ballots = without(ballots, department="S02")
    assert said({"leader_ballots": ballots})[1:3] == [
        Problem("coverage.no_leader", "leader_ballots.csv", values={"department": name})
        for name in ("綜合01局", "綜合02局")
    ]


def test_the_cells_of_rows_whose_department_or_item_is_not_known(rules, tables):
    bands = tables["bands"].iloc[:10]
    bands.loc[2, "department"] = bands.loc[5, "item"] = "Q"
    sheets = {"departments": sheet("departments", tables["departments"]), "bands": sheet("bands", bands)}
    year = Tables(read_tables(Inventory(sheets), rules)[0], rules)
    assert year.cells(year["bands"]).tolist() == [0, 1, -1, 3, 4, -1, 6, 7, 8, 9]


# Rules between rows and tables


def test_rows_twice_name_the_first(said, tables):
    for name, columns in (("bands", "department, item"), ("leader_ballots", "ballot, department")):
        rows = pd.concat([tables[name], tables[name].iloc[[3, 3]]])
        last = len(tables[name]) + 2
        values = {"row": 5, "columns": columns}
        assert said({name: rows}) == [
            Problem("row.twice", f"{name}.csv", row, None, values) for row in (last, last + 1)
        ]
    rows = pd.concat([tables["deductions"], tables["deductions"].iloc[[1]]])
    columns = "department, item, date, source, points, verified, incident, note"
    assert said({"deductions": rows}) == [
        Problem("row.same", "deductions.csv", 6, None, {"row": 3, "columns": columns})
    ]


def test_rows_twice_are_found_however_many_combinations_there_are(said, tables, monkeypatch):
    monkeypatch.setattr(checks, "TABLE_SIZE", 0)
    assert said({}) == []
    rows = pd.concat([tables["bands"], tables["bands"].iloc[[3]]])
    values = {"row": 5, "columns": "department, item"}
    assert said({"bands": rows}) == [Problem("row.twice", "bands.csv", 37, None, values)]


def test_a_blank_key_that_is_to_be_filled_in_is_like_no_other(said, tables):
    """Two bands whose department is not there yet are two gaps, not a row twice; two jurors without a home are one."""
    rows = tables["bands"]
    rows.loc[[0, 1], "department"] = ""
    rows.loc[1, "item"] = rows.loc[0, "item"]
    codes = [(one.code, one.row) for one in said({"bands": rows})]
    assert ("row.twice", 3) not in codes
    assert codes[:2] == [("blank", 2), ("blank", 3)]
    jurors = pd.concat([tables["jurors"], tables["jurors"].iloc[[0]]])
    values = {"row": 2, "columns": "juror, group, home"}
    assert said({"jurors": jurors}) == [Problem("row.twice", "jurors.csv", 12, None, values)]


def test_a_name_that_two_departments_have_or_that_is_a_code(said, tables):
    rows = tables["departments"]
    rows.loc[2, "name"], rows.loc[3, "name"] = "綜合01局", "S02"
    rows["name_en"] = ["One", "Two", "Three", "One", "E02"]
    assert said({"departments": rows}) == [
        Problem("department.name_twice", "departments.csv", 4, "name", {"said": "綜合01局", "other": "S01", "row": 2}),
        Problem("department.name_is_code", "departments.csv", 5, "name", {"said": "S02", "other": "S02", "row": 0}),
        Problem("department.name_twice", "departments.csv", 5, "name_en", {"said": "One", "other": "S01", "row": 2}),
    ]


def test_outside_competition_is_who_is_there(said, rules):
    problem = Problem("department.outside", "rulebook.toml", values={"said": "Q01"}, key="competition.outside")
    assert said({}, rules.replace({"competition.outside": ["S01", "Q01"]})) == [problem]


def test_a_score_outside_its_band_or_its_marks(said, tables):
    """S01 has the best band of key_works, 0.95 to 1 of 14; where there is no band, all of the marks."""
    ballots, bands = tables["panel_ballots"], tables["bands"]
    ballots.loc[0, "score"], ballots.loc[1, "score"] = "13.29", "14.01"
    values = {"said": "…", "low": "13.3", "high": "14", "band": "優秀"}
    outside = [Problem("cell.outside_band", "panel_ballots.csv", row, "score", values | {"item": item, **ends})
        for row, item, ends in ((2, ITEMS[0], {"low": "13.30", "high": "14.00"}), (3, ITEMS[1], {"low": "13.30", "high": "14.00"}))
    ]  # fmt: skip
    assert said({"panel_ballots": ballots}) == outside
    bands.loc[0, "band"] = "?"
    found = said({"panel_ballots": ballots, "bands": bands})
    assert [(one.code, one.file, one.row) for one in found] == [
        ("cell.unknown", "bands.csv", 2),
        ("cell.outside_band", "panel_ballots.csv", 3),
    ]
    ballots.loc[0, "score"] = "14.5"
    values = {"said": "…", "item": ITEMS[0], "low": "0", "high": "14"}
    assert Problem("cell.outside_marks", "panel_ballots.csv", 2, "score", values) in said(
        {"panel_ballots": ballots, "bands": bands}
    )
    own = tables["self_assessments"]
    own.loc[0, "score"], own.loc[1, "score"], own.loc[2, "score"] = "14.1", "14.00", "0"
    values = {"said": "14.1", "item": ITEMS[0], "low": "0", "high": "14"}
    assert said({"self_assessments": own}) == [
        Problem("cell.outside_marks", "self_assessments.csv", 2, "score", values)
    ]


def test_one_ballot_for_two_groups(said, tables):
    """The first group that a ballot scores is its own; each ballot is named once."""
    ballots = tables["panel_ballots"]
    last = ballots.index[-1]
    ballots.loc[[last - 1, last], "ballot"] = "p-service-1"
    found = said({"panel_ballots": ballots})
    values = {"group": "經濟管理部門", "first": "綜合服務部門"}
    assert found[0] == Problem("ballot.two_groups", "panel_ballots.csv", int(last) + 1, values=values)
    assert [one.code for one in found].count("ballot.two_groups") == 1


def test_a_token_that_is_a_name_of_the_roster(said, tables):
    jurors, ballots = tables["jurors"], tables["leader_ballots"]
    jurors.loc[0, "juror"], jurors.loc[1, "juror"] = "李　四", "Zhang San"
    ballots.loc[ballots["ballot"] == "l-1", "ballot"] = "zhang san"
    assert said({"jurors": jurors, "leader_ballots": ballots}) == [
        Problem("ballot.juror", "leader_ballots.csv", 7, "ballot", {})
    ]


def test_an_incident_of_two_departments(said, tables):
    """Blank incidents are each their own, and so is one whose department cannot be read."""
    rows = tables["deductions"]
    rows.loc[3, "incident"] = "a"
    values = {"said": "a", "row": 3, "other": "綜合03局"}
    assert said({"deductions": rows}) == [Problem("row.incident", "deductions.csv", 5, "incident", values)]
    rows.loc[3, "department"] = "Q"
    assert [one.code for one in said({"deductions": rows})] == ["cell.unknown_department"]
