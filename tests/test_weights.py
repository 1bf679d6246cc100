"""Other weights: cases worked out on paper, the linear programme against a grid and against fractions, 2003."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from years import close_pair

from appraisal.analysis import weights as module
from appraisal.analysis.weight_changes import smallest_change, weight_flips
from appraisal.analysis.weights import (
    acceptability,
    dirichlet_weights,
    envelope_weights,
    nominal_weights,
    tier_acceptability,
)
from appraisal.errors import ReconciliationError
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import appraise, appraise_draws, every_ballot_once, score
from appraisal.tables import load_year


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return appraise(close_pair(tmp_path_factory.mktemp("pair")))


@pytest.fixture(scope="module")
def appraised_2003():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


# The linear programme


def simplex(step, total=100.0):
    """Every set of three weights on a grid."""
    first, second = np.meshgrid(np.arange(0, total + step / 2, step), np.arange(0, total + step / 2, step))
    third = total - first - second
    return np.stack([first, second, third])[:, third >= -1e-9]


@pytest.mark.parametrize(
    ("advantage", "least", "moved"),
    [
        # 10 points behind; a point from the first to the third gains 0.4.
        ((-0.3, 0.0, 0.25), 0.0, 10 / 0.55),
        # First 30 from the second, which gains 1 a point, then what is missing from the first.
        ((-0.5, -0.8, 0.2), 0.0, 30 + (45 - 30) / 0.7),
        ((-0.2, -0.2, 0.8), 0.0, 0.0),
        ((-0.2, -0.1, -0.1), 0.0, None),
        ((-0.2, -0.1, 0.0), 0.0, 80.0),
        ((0.0, 0.0, 0.0), 0.0, 0.0),
        ((0.0, 0.0, 0.0), 0.01, None),
        ((-0.3, 0.0, 0.25), 25.0, 80.0),
        ((-0.3, 0.0, 0.25), 25.1, None),
    ],
)
def test_smallest_change_on_paper_and_on_a_fine_grid(advantage, least, moved):
    weights, advantage = np.array([50.0, 30.0, 20.0]), np.array(advantage)
    found = smallest_change(weights, advantage, least)
    grid = simplex(0.25)
    reached = grid[:, advantage @ grid >= least - 1e-9]
    if moved is None:
        assert found is None
        assert not reached.size
        return
    change = np.abs(found - weights).sum() / 2
    assert change == pytest.approx(moved, abs=1e-9)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(100)
    assert advantage @ found >= least - 1e-9
    best_on_grid = (np.abs(reached - weights[:, None]).sum(axis=0) / 2).min()
    assert change - 1e-9 <= best_on_grid <= change + 0.5


def by_hand(weights, advantage):
    """Points moved from the sources that gain most, one after another, until the composites are equal; exact."""
    missing, most, moved = -sum(w * a for w, a in zip(weights, advantage, strict=True)), max(advantage), Fraction(0)
    for gain, weight in sorted(((most - a, w) for w, a in zip(weights, advantage, strict=True)), reverse=True):
        if missing <= 0 or gain == 0:
            break
        step = min(weight, missing / gain)
        moved, missing = moved + step, missing - step * gain
    return moved if missing <= 0 else None


def test_smallest_change_is_that_of_fractions():
    rng = np.random.default_rng(3)
    infeasible = 0
    for _case in range(150):
        weights = [Fraction(int(w)) for w in rng.multinomial(100, (0.38, 0.12, 0.25, 0.05, 0.2))]
        advantage = [Fraction(int(a), 10_000) for a in rng.integers(-900, 300, 5) - 200 * int(rng.integers(0, 2))]
        exact = by_hand(weights, advantage)
        found = smallest_change(np.array(weights, dtype=float), np.array(advantage, dtype=float))
        infeasible += exact is None
        assert (found is None) == (exact is None)
        if exact is not None:
            assert np.abs(found - np.array(weights, dtype=float)).sum() / 2 == pytest.approx(float(exact), abs=1e-9)
    assert 0 < infeasible < 150


def test_a_source_without_weight_may_be_given_some():
    assert smallest_change(np.array([100.0, 0.0]), np.array([-0.1, 0.4])).tolist() == pytest.approx([80.0, 20.0])


# Lines


def test_the_open_line_flips_where_paper_says(pair):
    flips = weight_flips(pair)
    line = flips.lines[(flips.lines["group"] == "service") & (flips.lines["tier"] == "advanced")].iloc[0]
    assert (line["upper"], line["lower"], line["gap"]) == ("S02", "S03", 0.32)
    assert line["change"] == pytest.approx(0.32 / 0.14)
    # Social, then functional, then deductions: equal where the composites are, for all else is equal.
    assert line["ahead"] == "tie"
    assert line["outcome"] == "flips"
    moved = flips.weights.loc[line.name, "equal"] - flips.weights.loc[line.name, "nominal"]
    assert moved.to_dict() == pytest.approx(
        {"functional_panel": -0.32 / 0.14, "leaders": 0.32 / 0.14, "common": 0, "excellence": 0, "social": 0}, abs=1e-9
    )
    assert flips.moves[flips.moves["line"] == line.name].iloc[:, 1:].to_numpy().tolist() == [
        ["S02", "advanced", "good"],
        ["S03", "good", "advanced"],
    ]


@pytest.mark.parametrize(
    ("key", "ahead", "low", "high"),
    [
        # At equal composites S03 has more from the leaders: it is first as soon as the rounded ones are equal.
        ("leaders", "lower", 0.31 / 0.14, 0.32 / 0.14),
        # S02 has more from the panel: S03 must be ahead by a rounded hundredth.
        ("functional_panel", "upper", 0.32 / 0.14, 0.331 / 0.14),
    ],
)
def test_rounding_and_chain_are_told_apart_from_the_exact_point(tmp_path, key, ahead, low, high):
    flips = weight_flips(appraise(close_pair(tmp_path, {"ties.keys": f'["{key}"]'})))
    line = flips.lines[flips.lines["lower"] == "S03"].iloc[0]
    assert line["change"] == pytest.approx(0.32 / 0.14)
    assert line["ahead"] == ahead
    assert line["least"] == pytest.approx(0.31 / 0.14)
    assert low - 1e-6 <= line["flipped"] <= high + 1e-6


def test_who_is_ahead_in_every_source_is_beyond_all_weights(pair):
    flips = weight_flips(pair)
    dominated = flips.lines["outcome"] == "dominated"
    assert set(flips.lines.loc[dominated, "upper"]) >= {"S01", "E01", "L01", "E02", "L02", "E04", "L04"}
    assert flips.lines.loc[dominated, ["change", "least", "flipped"]].isna().all(axis=None)
    assert flips.weights.loc[flips.lines.index[dominated][0], ["equal", "flipped"]].isna().all(axis=None)


def test_a_contest_on_another_scale_is_no_linear_programme(tmp_path):
    flips = weight_flips(appraise(close_pair(tmp_path, {"tiers.best.wildcard_scale": '"z"'})))
    contest = flips.lines[flips.lines["tier"] == "wildcard"].iloc[0]
    assert (contest["scale"], contest["outcome"]) == ("z", "not_linear")
    assert np.isnan(contest["change"])


def test_flips_of_2003_hold_in_the_engine(appraised_2003):
    appraised = appraised_2003
    flips = weight_flips(appraised)
    lines, evidence = flips.lines, appraised.evidence
    assert len(lines) == 10
    assert (lines["least"] <= lines["change"] + 1e-9).all()
    assert (lines["least"] <= lines["flipped"] + 1e-9).all()
    sources = list(appraised.rules.weights)
    for line, row in lines.iterrows():
        spread = flips.weights.loc[line].loc[sources]
        assert spread.sum().to_numpy() == pytest.approx([100, 100, 100])
        upper, lower = evidence.departments.get_indexer([row["upper"], row["lower"]])
        points = score(evidence, appraised.rules, weights=spread["equal"].to_numpy())
        composite = points.exact["composite"]
        assert composite[upper] == pytest.approx(composite[lower], abs=1e-9)
        ticks = score(evidence, appraised.rules, weights=spread["flipped"].to_numpy()).ticks["composite"]
        assert ticks[lower] >= ticks[upper]
        # Nothing nearer: a thousand changes half as large in any direction leave the pair as it is.
        away = np.random.default_rng(line).dirichlet(np.ones(len(sources)), 1000).T * 100 - nominal_weights(
            appraised.rules
        ).reshape(-1, 1)
        near = nominal_weights(appraised.rules)[:, None] + away * (0.99 * row["least"] / np.abs(away).sum(axis=0) * 2)
        near = near[:, (near >= 0).all(axis=0)]
        ticks = score(evidence, appraised.rules, weights=near).ticks["composite"]
        assert (ticks[:, upper] > ticks[:, lower]).all()


# Draws of weights


def test_dirichlet_weights_stand_around_the_rulebook(pair):
    drawn = dirichlet_weights(pair.rules, 50_000, np.random.default_rng(1))
    nominal = nominal_weights(pair.rules)
    assert drawn.sum(axis=0) == pytest.approx(100)
    assert drawn.mean(axis=1) == pytest.approx(nominal, abs=0.1)
    assert drawn.std(axis=1) == pytest.approx(np.sqrt(nominal * (100 - nominal) / 101), rel=0.02)


def test_a_weight_of_nothing_stays_nothing(pair):
    rules = pair.rules.replace({"weights.leaders": 0, "weights.functional_panel": 50})
    drawn = dirichlet_weights(rules, 100, np.random.default_rng(1))
    assert (drawn[1] == 0).all()
    assert drawn.sum(axis=0) == pytest.approx(100)


def test_envelope_weights_are_uniform_and_leave_the_rest_in_proportion(pair):
    panel, leaders, common, excellence, social = envelope_weights(pair.rules, 50_000, np.random.default_rng(1))
    for drawn, low, high in ((leaders, 5, 20), (social, 10, 50)):
        assert low <= drawn.min() < low + 0.01
        assert high - 0.01 < drawn.max() <= high
        assert np.quantile(drawn, (0.25, 0.5, 0.75)) == pytest.approx(
            low + (high - low) * np.arange(1, 4) / 4, rel=0.02
        )
    assert panel + leaders + common + excellence + social == pytest.approx(100)
    assert common / panel == pytest.approx(25 / 38)
    assert excellence / panel == pytest.approx(5 / 38)


@pytest.mark.parametrize(
    "envelope",
    [
        {"luck": (1, 2)},
        {"leaders": (5, 60), "social": (10, 50)},
        {"social": (50, 10)},
        {"social": (-5, 10)},
        dict.fromkeys(("leaders", "social"), (1, 2)),
    ],
)
def test_an_envelope_that_does_not_fit_is_refused(pair, envelope):
    rules = pair.rules
    if envelope.get("leaders") == (1, 2):
        weights = dict.fromkeys(rules.weights, Decimal(0)) | {"leaders": Decimal(50), "social": Decimal(50)}
        rules = rules.replace({"weights": weights})
    with pytest.raises(ValueError, match="envelope"):
        envelope_weights(rules, 10, np.random.default_rng(1), envelope)


def test_acceptability_counts_the_half_space(pair):
    drawn = envelope_weights(pair.rules, 4000, np.random.default_rng(5))
    ahead = 0.04 * drawn[0] - 0.10 * drawn[1]
    table = tier_acceptability(pair, drawn, np.random.default_rng(6))
    sure, unsure = (ahead > 0.01).mean(), (np.abs(ahead) <= 0.01).mean()
    assert sure <= table.loc["S02", "advanced"] <= sure + unsure
    assert table.loc["S02", "good"] == pytest.approx(1 - table.loc["S02", "advanced"])
    assert table.loc["S03", "advanced"] == pytest.approx(table.loc["S02", "good"])
    assert (table.drop(index=["S02", "S03"])["kept"] == 1).all()
    assert table[list(TIERS)].sum(axis=1).to_numpy() == pytest.approx(1)
    assert table["rule_tier"].tolist() == pair.scorecard.loc[table.index, "rule_tier"].tolist()


def test_a_draw_is_the_rulebook_with_these_weights(appraised_2003):
    """The whole rule under drawn weights, and under a what-if rulebook that says the same."""
    appraised, rng = appraised_2003, np.random.default_rng(8)
    evidence, sources = appraised.evidence, list(appraised.rules.weights)
    drawn = np.round(envelope_weights(appraised.rules, 20, rng), 2)
    drawn[0] += 100 - drawn.sum(axis=0)
    order = np.arange(evidence.group.size)
    ballots = every_ballot_once(evidence)
    together = appraise_draws(evidence, appraised.rules, ballots, np.tile(order, (20, 1)), drawn).rule_tier
    for number, own in enumerate(drawn.T):
        decimals = [Decimal(str(round(weight, 2))) for weight in own]
        rules = appraised.rules.replace({"weights": dict(zip(sources, decimals, strict=True))})
        assert (appraise_draws(evidence, rules, ballots, order).rule_tier == together[number]).all()


def test_same_seed_same_numbers_in_chunks_of_any_size(appraised_2003, monkeypatch):
    whole = acceptability(appraised_2003, 300, seed=4)
    monkeypatch.setattr(module, "CELLS", 96 * 7)
    assert acceptability(appraised_2003, 300, seed=4).equals(whole)
    assert not acceptability(appraised_2003, 300, seed=5).equals(whole)
    assert whole.index.get_level_values("scheme").unique().tolist() == ["around", "envelope"]


def test_nothing_goes_on_where_the_scorecard_says_otherwise(pair):
    scorecard = pair.scorecard.copy()
    scorecard.loc["S02", "rule_tier"] = "best"
    other = replace(pair, scorecard=scorecard)
    with pytest.raises(ReconciliationError, match="S02"):
        weight_flips(other)
    with pytest.raises(ReconciliationError, match="S02"):
        acceptability(other, 10, seed=1)
