"""Other rulebooks: the grid of what a notice leaves open, and two rulebooks side by side; cases worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import prod
from pathlib import Path

import pytest
from years import close_pair

from appraisal.analysis.comparison import compare
from appraisal.analysis.rulebooks import (
    OpenQuestion,
    departures,
    open_questions,
    single_answers,
    sweep_rulebooks,
    tiers_kept,
)
from appraisal.analysis.what_ifs import what_if
from appraisal.errors import ReconciliationError, RulebookError
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.oracle import Steps


def leaders_of(points):
    return {"weights.leaders": Decimal(points), "weights.functional_panel": Decimal(50 - points)}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return appraise(close_pair(tmp_path_factory.mktemp("pair")))


@pytest.fixture(scope="module")
def appraised_2003():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


# The grid


def test_the_rulebooks_own_answer_comes_first_and_changes_nothing(pair):
    questions = {question.name: question for question in open_questions(pair.rules)}
    assert {name: list(question.answers) for name, question in questions.items()} == {
        "panel.statistic": ["mean", "median", "trimmed_mean 1"],
        "weights.leaders": ["12", "5", "10", "15", "20"],
        "social.points": ["100/80/60/0", "100/66.67/33.33/0", "100/100/100/0"],
        "tiers.best.wildcard_scale": ["raw", "z", "anchored"],
        "tiers.best.backfill": ["within_group", "next_fourth", "highest_remaining", "none"],
        "rounding.digits": ["2 half_up", "2 half_even", "1 half_up", "4 half_up"],
    }
    for question in questions.values():
        assert question.basis == "assumed: a test"
        first, *others = question.answers.values()
        assert first == {}
        assert all(pair.rules.replace(changes) != pair.rules for changes in others)


def test_what_the_notice_says_is_no_question(pair):
    rules = pair.rules.replace({"basis": dict(pair.rules.basis) | {"social.points": "notice §9"}})
    assert "social.points" not in [question.name for question in open_questions(rules)]


def test_another_rulebook_is_its_own_first_answer(pair):
    rules = pair.rules.replace(
        {"panel.statistic": "trimmed_mean", "panel.trim": 2, "rounding.digits": 3, "weights.leaders": 20}
        | {"weights.functional_panel": 30, "panel.min_ballots": 5}
    )
    answers = {question.name: list(question.answers) for question in open_questions(rules)}
    assert answers["panel.statistic"] == ["trimmed_mean 2", "mean", "median", "trimmed_mean 1"]
    assert answers["weights.leaders"] == ["20", "5", "10", "15"]
    assert answers["rounding.digits"][0] == "3 half_up"


def test_the_leaders_share_moves_who_paper_says(pair):
    # 0.04 × (50 − l) − 0.10 × l: ahead with 5, 10 and 12, behind with 15 and 20.
    (question,) = (question for question in open_questions(pair.rules) if question.name == "weights.leaders")
    sweep = sweep_rulebooks(pair, (question,))
    kept = tiers_kept(sweep)
    assert kept.loc["S02", ["rule_tier", "kept", "of", "advanced", "good"]].tolist() == ["advanced", 3, 5, 3, 2]
    assert kept.loc["S03", ["rule_tier", "kept", "of", "advanced", "good"]].tolist() == ["good", 3, 5, 2, 3]
    assert (kept.drop(index=["S02", "S03"])["kept"] == 5).all()
    assert departures(sweep, "S02")[["weights.leaders", "tier"]].to_numpy().tolist() == [["15", "good"], ["20", "good"]]
    assert departures(sweep, "S01").empty
    assert single_answers(sweep).to_numpy().tolist() == [
        ["weights.leaders", "15", "S02", "advanced", "good"],
        ["weights.leaders", "15", "S03", "good", "advanced"],
        ["weights.leaders", "20", "S02", "advanced", "good"],
        ["weights.leaders", "20", "S03", "good", "advanced"],
    ]
    assert not sweep.rulebooks["by_order"].any()


def test_every_combination_once_and_only_single_answers_count_as_single(pair):
    questions = (
        OpenQuestion("leaders", "assumed: a test", {"12": {}, "20": leaders_of(20)}),
        OpenQuestion("rounding", "assumed: a test", {"2": {}, "1": {"rounding.digits": 1}}),
    )
    sweep = sweep_rulebooks(pair, questions)
    assert sweep.rulebooks[["leaders", "rounding", "changed"]].to_numpy().tolist() == [
        ["12", "2", 0],
        ["12", "1", 1],
        ["20", "2", 1],
        ["20", "1", 2],
    ]
    assert set(single_answers(sweep)["question"]) == {"leaders"}
    assert tiers_kept(sweep).loc["S02", "kept"] == 2


def test_a_tie_on_a_line_is_marked_and_does_not_stop(tmp_path):
    # Leaders 92: 90.40 and 90.32; without decimals 90 and 90, functional 44 and 44, social and deductions alike.
    appraised = appraise(close_pair(tmp_path, led=92.0))
    question = OpenQuestion("rounding", "assumed: a test", {"2": {}, "0": {"rounding.digits": 0}})
    sweep = sweep_rulebooks(appraised, (question,))
    assert sweep.rulebooks["by_order"].tolist() == [False, True]
    assert TIERS[sweep.tiers.loc[1, "S02"]] == "advanced"
    assert single_answers(sweep).query("department == 'S02'").empty


def test_an_answer_that_does_not_fit_is_refused(pair):
    with pytest.raises(RulebookError, match="100"):
        sweep_rulebooks(pair, (OpenQuestion("x", "assumed: a test", {"own": {}, "other": {"weights.leaders": 13}}),))


def test_the_base_case_is_the_scorecard(pair):
    scorecard = pair.scorecard.copy()
    scorecard.loc["S03", "rule_tier"] = "best"
    with pytest.raises(ReconciliationError, match="S03"):
        sweep_rulebooks(replace(pair, scorecard=scorecard), open_questions(pair.rules)[:1])


def test_2003_through_a_part_of_the_grid(appraised_2003):
    questions = open_questions(appraised_2003.rules)
    assert prod(len(question.answers) for question in questions) == 2160
    some = tuple(
        q for q in questions if q.name in ("panel.statistic", "tiers.best.wildcard_scale", "tiers.best.backfill")
    )
    sweep = sweep_rulebooks(appraised_2003, some)
    kept = tiers_kept(sweep)
    assert (kept["of"] == 36).all()
    assert (kept[list(TIERS)].sum(axis=1) == 36).all()
    assert (kept["rule_tier"] == appraised_2003.scorecard["rule_tier"]).all()
    # A department that withdrew is advanced under every back-fill.
    assert kept.loc["jiguangongwei", "kept"] == 36
    # The oracle, which shares nothing with the engine, on the single answers and some others.
    rows = {code: at for at, code in enumerate(sweep.tiers)}
    single = sweep.rulebooks.index[sweep.rulebooks["changed"] <= 1].tolist()
    for number in (*single, 23, 35):
        row = sweep.rulebooks.loc[number]
        changes = {key: value for q in some for key, value in q.answers[row[q.name]].items()}
        tiers, _wrong, _open = Steps(appraised_2003.year, appraised_2003.rules.replace(changes)).tiers(rows)
        assert {code: TIERS[tier] for code, tier in sweep.tiers.loc[number].items()} == tiers


# Two rulebooks


def test_nothing_differs_from_itself(pair):
    same = compare(pair.year, pair.rules, pair.rules)
    assert same.keys.empty
    assert same.moves.empty
    assert same.alone.empty
    assert same.by_order == (False, False)
    assert (same.tiers["before"] == pair.scorecard["rule_tier"]).all()


def test_who_moves_by_which_key_alone(pair):
    after = pair.rules.replace(
        leaders_of(20) | {"tiers.best.backfill": "none", "basis": dict(pair.rules.basis) | {"weights": "notice §1"}}
    )
    found = compare(pair.year, pair.rules, after)
    assert found.keys.to_numpy().tolist() == [
        ["weights.functional_panel", 38, 30, "assumed: a test", "notice §1", "weights"],
        ["weights.leaders", 12, 20, "assumed: a test", "notice §1", "weights"],
        ["tiers.best.backfill", "within_group", "none", "assumed: a test", "assumed: a test", "tiers.best.backfill"],
    ]
    assert found.moves.reset_index().to_numpy().tolist() == [
        ["S02", "service", "advanced", "good", ("weights",)],
        ["S03", "service", "good", "advanced", ("weights",)],
    ]
    assert found.alone["unit"].tolist() == ["weights", "weights"]
    line = found.lines.loc[("service", "advanced")]
    assert line[["upper_before", "lower_before", "gap_before"]].tolist() == ["S02", "S03", 0.32]
    # 30 × 0.04 − 20 × 0.10
    assert line[["upper_after", "lower_after", "gap_after"]].tolist() == ["S03", "S02", 0.80]
    assert found.lines.index.tolist()[-1] == ("", "wildcard")


def test_what_moves_only_together(tmp_path):
    """Leaders 14: 0.04 ahead. One decimal: 0.3 ahead. Both: equal, and the leaders' points, the key of ties, decide."""
    year = close_pair(tmp_path, {"ties.keys": '["leaders"]'})
    found = compare(year, year.rules, year.rules.replace(leaders_of(14) | {"rounding.digits": 1}))
    assert found.moves.index.tolist() == ["S02", "S03"]
    assert found.moves["alone"].tolist() == [(), ()]
    assert found.alone.empty


def test_what_one_key_does_another_may_undo(tmp_path):
    """With 20 points from the leaders S02 falls behind the line; in a wider window it would not."""
    year = close_pair(tmp_path)
    after = year.rules.replace(leaders_of(20) | {"tiers.advanced.ranks": (1, 3), "tiers.good.ranks": (4, 5)})
    found = compare(year, year.rules, after)
    # Both are advanced in the wider window, whoever is ahead.
    assert "S02" not in found.moves.index
    assert found.alone.query("department == 'S02'").to_numpy().tolist() == [["weights", "S02", "advanced", "good"]]
    assert found.moves.loc["S03", "alone"] == ("weights", "tiers.advanced.ranks + tiers.good.ranks")
    assert found.moves.loc["E03", "alone"] == ("tiers.advanced.ranks + tiers.good.ranks",)


def test_a_department_outside_competition_has_no_tier(pair):
    found = compare(pair.year, pair.rules, pair.rules.replace({"competition.outside": ("S02",)}))
    assert found.moves.loc["S02", "before"] == "advanced"
    assert found.moves["after"].isna()["S02"]
    assert found.moves.loc["S03", ["after", "alone"]].tolist() == ["advanced", ("competition.outside",)]


def test_what_a_rulebook_leaves_to_defaults_is_no_difference(pair):
    written = pair.rules.replace({"notice.order": "composite", "basis": dict(pair.rules.basis) | {"notice": "notice"}})
    assert compare(pair.year, pair.rules, written).keys.empty


def test_keys_that_need_another_are_one_unit(tmp_path):
    """An answer is left out of the scale, or the scale names it."""
    year = close_pair(tmp_path)
    after = year.rules.replace(
        {"social.points": {"很滿意": Decimal(100), "滿意": Decimal(80), "基本滿意": Decimal(60)}}
        | {"social.left_out": ("不了解", "", "不滿意"), "social.warn_response": Decimal("0.5")}
    )
    units = compare(year, year.rules, after).keys.set_index("key")["unit"]
    assert units["social.left_out"] == "social.points + social.left_out"
    assert units["social.warn_response"] == "social.warn_response"


def test_a_rulebook_of_other_tables_is_refused(pair):
    groups = {"basis": {"other": ""}, "groups": {"service": "a", "economic": "b", "other": "c"}}
    other = pair.rules.replace({"groups": groups["groups"]})
    with pytest.raises(RulebookError, match="groups"):
        compare(pair.year, pair.rules, other)
    more = dict(pair.rules.items) | {"common": {"work_style": Decimal(15), "discipline": Decimal(10)}}
    labels = pair.rules.labels.model_dump()
    labels["items"]["discipline"] = "紀律"
    with pytest.raises(RulebookError, match="items"):
        compare(pair.year, pair.rules, pair.rules.replace({"items": more, "labels": labels}))


def test_compare_2003(appraised_2003):
    rules = appraised_2003.rules
    after = rules.replace({"tiers.best.backfill": "none", "tiers.best.wildcard_scale": "z"})
    found = compare(appraised_2003.year, rules, after)
    assert (found.tiers["before"] == appraised_2003.scorecard["rule_tier"]).all()
    other = appraise(appraised_2003.year, after)
    assert (found.tiers["after"] == other.scorecard["rule_tier"]).all()
    assert len(found.lines) == 10
    assert found.keys["basis_before"].str.startswith("assumed").all()
    assert found.lines.loc[("", "wildcard"), "scale_after"] == "z"


def test_a_what_if_reads_tables_anew_only_if_it_must(pair):
    known = {}
    for changes in (
        {},
        {"rounding.digits": 1},
        {"social.points": {"很滿意": 100, "滿意": 80, "基本滿意": 60, "不滿意": 10}},
    ):
        what_if(pair.year, pair.rules.replace(changes), known)
    assert len(known) == 2
