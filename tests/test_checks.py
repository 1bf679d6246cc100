"""Rules between rows and tables where nothing is wrong, or only worth a warning."""

from __future__ import annotations

import pandas as pd
import pytest

from appraisal.errors import TableError
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
