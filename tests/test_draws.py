"""Draws of the ballots: two departments, few ballots, and who is best as each of them is left out or counts twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from years import RULEBOOK

from appraisal.rulebook import read_rulebook
from appraisal.scoring.appraise import (
    Ballots,
    appraise_draws,
    every_ballot_once,
    place_points,
    ranking_keys,
    score,
    stand,
)
from appraisal.scoring.evidence import Evidence, Ratings, Rulings
from appraisal.scoring.points import Points
from appraisal.scoring.scales import anchored_scale

NOBODY = np.zeros(2, dtype=np.intp)


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "rulebook.toml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return read_rulebook(path).replace({"tiers.best.wildcards": 0})


@pytest.fixture
def evidence(rules):
    """A and B of one group, alike in everything: a share of 0.9 from two jurors, two leaders and two forms."""
    marks = np.array([float(full) for full in rules.item_marks.values()])
    ninety = Ratings(np.full((2, 2), 90.0), np.ones((2, 2)))
    return Evidence(
        departments=pd.Index(["A", "B"]),
        group=np.zeros(2, dtype=np.intp),
        competing=np.ones(2, dtype=bool),
        panel=np.full((2, 2, marks.size), 0.9) * marks,
        leaders=ninety,
        social=ninety,
        deducted=np.zeros(2),
        problem=np.zeros(2, dtype=bool),
        rulings=Rulings(NOBODY[:0], np.zeros(2, dtype=np.int64), np.zeros(2, dtype=bool), (), ()),
    )


def best(placement) -> list:
    """Who is best in each draw."""
    return np.array(["A", "B"])[placement.rule_tier.argmin(axis=-1)].tolist()


# The first ballot puts A ten hundredths ahead, the second B twenty.
AHEAD = np.array([[0.05, -0.05], [-0.1, 0.1]])
# As cast; the second left out; the first left out; the first three times.
DRAWS = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
WINS = ["B", "A", "B", "A"]


def lean(evidence, source: str):
    """The evidence with ballots of one source that disagree."""
    if source == "panel":
        return replace(evidence, panel=evidence.panel * (1 + AHEAD[:, :, None]))
    return replace(evidence, **{source: Ratings(90 + 100 * AHEAD, np.ones((2, 2)))})


@pytest.mark.parametrize("source", ["panel", "leaders", "social"])
def test_a_ballot_counts_as_often_as_it_was_drawn(evidence, rules, source):
    ones = np.ones((4, 2))
    ballots = replace(Ballots(ones, ones, ones), **{source: DRAWS})
    drawn = appraise_draws(lean(evidence, source), rules, ballots, np.arange(2))
    assert best(drawn) == WINS


@pytest.mark.parametrize("statistic", ["mean", "median", "trimmed_mean"])
def test_every_statistic_counts_the_ballots_drawn(evidence, rules, statistic):
    changed = rules.replace({"panel.statistic": statistic})
    ones = np.ones((2, 2))
    drawn = appraise_draws(lean(evidence, "panel"), changed, Ballots(DRAWS[1:3], ones, ones), np.arange(2))
    assert best(drawn) == ["A", "B"]


def test_each_draw_may_have_its_own_weights(evidence, rules):
    """The panel and the leaders speak for B, the public for A: its weight decides."""
    split = replace(lean(lean(evidence, "panel"), "leaders"), social=Ratings(90 - 100 * AHEAD, np.ones((2, 2))))
    weights = np.array([[38.0, 0.0], [12.0, 0.0], [25.0, 0.0], [5.0, 0.0], [20.0, 100.0]])
    assert list(rules.weights)[-1] == "social"
    once = every_ballot_once(split)
    assert best(appraise_draws(split, rules, once, np.arange(2), weights)) == ["B", "A"]
    assert best(appraise_draws(split, rules, once, np.arange(2))) == "B"
    points = score(split, rules, weights=weights).exact
    assert points["functional"][1].tolist() == [0.0, 0.0]
    assert points["composite"][1] == pytest.approx([92.5, 87.5])


def test_panel_points_are_without_leaders_public_and_deductions(evidence, rules):
    """0.9 of 38, 25 and 5: what the anchored scale holds against leaders and public."""
    deducted = replace(evidence, deducted=np.array([2.0, 0.0]))
    anchored = score(deducted, rules.replace({"tiers.best.wildcard_scale": "anchored"})).exact
    assert anchored["panel"] == pytest.approx([61.2, 61.2])
    assert anchored["common"] == pytest.approx([20.5, 22.5])
    assert "panel" not in score(deducted, rules).exact


def test_deductions_stop_at_the_floor_that_the_rules_say(evidence, rules):
    """0.9 of 25 are 22.5 points; of five deducted half a point is above the floor."""
    deducted = replace(evidence, deducted=np.array([5.0, 0.0]))
    floors = {0: 17.5, 22: 22.0, 24: 22.5}
    for floor, points in floors.items():
        changed = rules.replace({"deductions.floor": floor})
        assert score(deducted, changed).exact["common"] == pytest.approx([points, 22.5])


def test_a_plain_mean_trims_nothing_whatever_else_the_rules_say(evidence, rules):
    """Three jurors give A 0.6, 0.9 and 0.9 of the full marks: 0.8, and 0.9 without the lowest and the highest."""
    marks = evidence.panel[0] / 0.9
    three = replace(evidence, panel=np.array([0.6, 0.9, 0.9])[:, None, None] * marks)
    means = {"mean": 0.8, "trimmed_mean": 0.9, "median": 0.9}
    for statistic, share in means.items():
        points = score(three, rules.replace({"panel.statistic": statistic, "panel.trim": 1})).exact
        assert points["excellence"] == pytest.approx([5 * share] * 2)


def test_whom_no_key_tells_apart_the_coin_does(evidence, rules):
    coins = np.array([[0, 1], [1, 0]])
    assert best(appraise_draws(evidence, rules, every_ballot_once(evidence), coins)) == ["A", "B"]
    assert best(place_points(score(evidence, rules), evidence, rules, coins)) == ["A", "B"]


def test_a_tie_ruling_comes_before_the_coin_and_can_be_left_aside(evidence, rules):
    ruled = replace(evidence, rulings=replace(evidence.rulings, tie=np.array([2, 1])))
    points = score(ruled, rules)
    assert stand(points, ruled, rules, np.arange(2)).place.tolist() == [2, 1]
    assert stand(points, ruled, rules, np.arange(2), ruled=False).place.tolist() == [1, 2]


@pytest.mark.parametrize("scale", ["raw", "z", "anchored"])
def test_whom_the_scale_does_not_tell_apart_the_chain_does_then_a_ruling_then_the_coin(evidence, rules, scale):
    """One of each group. A gains with the leaders what it loses with the public: B is ahead by the first key, social."""
    changed = rules.replace({"tiers.best.wildcard_scale": scale})
    apart = replace(evidence, group=np.array([0, 1]))
    ruled = replace(apart, rulings=replace(apart.rulings, tie=np.array([2, 1])))
    once = np.ones((2, 2))
    by_key = replace(
        apart,
        leaders=Ratings(np.array([[95.0, 90.0]] * 2), once),
        social=Ratings(np.array([[87.0, 90.0]] * 2), once),
    )

    def ahead(said: Evidence, **options: bool) -> str:
        keys = stand(score(said, changed), said, changed, np.arange(2), **options).scale_key
        return "AB"[keys.argmin()]

    assert [ahead(apart), ahead(ruled), ahead(ruled, ruled=False)] == ["A", "B", "A"]
    assert [ahead(by_key), ahead(by_key, ruled=False)] == ["B", "B"]


def test_the_first_key_tells_apart_whom_the_composite_does_not(evidence, rules):
    """A gains with the leaders what it loses with the public."""
    once = np.ones((2, 2))
    led, said = Ratings(np.array([[95.0, 90.0]] * 2), once), Ratings(np.array([[87.0, 90.0]] * 2), once)
    apart = replace(evidence, leaders=led, social=said)
    for ruled in (True, False):
        standing = stand(score(apart, rules), apart, rules, np.arange(2), ruled=ruled)
        assert standing.place.tolist() == [2, 1]
        assert standing.key.argsort().tolist() == [1, 0]


def test_the_anchored_scale_holds_panel_points_against_leaders_and_public_together(evidence, rules):
    """Two of each of two groups. Leaders and public do not agree: the second group is 3 points better, and 2 worse."""
    anchored = rules.replace({"tiers.best.wildcard_scale": "anchored", "ties.keys": []})
    panel, leaders = np.array([50.0, 52.0, 50.0, 52.0]), np.array([9.0, 10.0, 12.0, 13.0])
    social = np.array([16.0, 17.0, 14.0, 15.0])
    composite = panel + leaders + social
    exact = {"composite": composite, "panel": panel, "leaders": leaders, "social": social}
    points = Points(exact, {name: 100 * value for name, value in exact.items()}, rules.rounding)
    group = np.array([0, 0, 1, 1])
    _chain, scale = ranking_keys(points, replace(evidence, group=group), anchored)
    assert (-scale).tolist() == anchored_scale(composite, panel, leaders + social, group).tolist()
    # A point of leaders and public stands for one of the panel; half of the group's 1 point is above the mean of all.
    assert (-scale - 10_000 * composite).tolist() == [-5_000.0, -5_000.0, 5_000.0, 5_000.0]


def test_points_of_some_draws_are_those_of_these_draws(rules):
    own = {name: np.arange(8.0).reshape(4, 2) + number for number, name in enumerate(["composite", "social"])}
    points = Points(own, {name: 100 * values for name, values in own.items()}, rules.rounding)
    some = points.chosen(np.array([3, 0]))
    assert some.exact["composite"].tolist() == [[6.0, 7.0], [0.0, 1.0]]
    assert some.ticks["social"].tolist() == [[700.0, 800.0], [100.0, 200.0]]
    assert (some.exact.keys(), some.ticks.keys(), some.rounding) == (own.keys(), own.keys(), rules.rounding)
    assert points.chosen(2).exact["social"].tolist() == [5.0, 6.0]
