"""What the band decisions decide: a case on paper, the year appraised anew, the oracle over all sets of decisions."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from appraisal.analysis import bands, spot_checks, variants
from appraisal.analysis.bands import (
    band_decisions,
    deciding_changes,
    fewest_decisions,
    one_step_changes,
    share_deciding,
)
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.spot_checks import (
    clopper_pearson,
    hypergeometric,
    wrong_at_random,
    wrong_at_worst,
    wrong_items_bound,
)
from appraisal.errors import AppraisalError, ReconciliationError
from appraisal.scoring.appraise import appraise, score
from appraisal.tables import load_year
from tests.oracle import points_of_all, rounded
from tests.years import BANDS, ITEMS, rulebook, small_tables, write_year

LADDER = ("poor", "fair", "good", "excellent")
EDGES = {band: tuple(map(Fraction, map(str, ends))) for band, ends in BANDS.items()}


def moved(year, changes):
    """The year with other bands: (department, item) → new band; every ballot keeps its relative place."""
    band = year.bands.set_index(["department", "item"])["band"]
    rows, scores = year.panel_ballots, year.panel_ballots["score"].tolist()
    for at, (who, item, said) in enumerate(zip(rows["department"], rows["item"], scores, strict=True)):
        if (who, item) in changes:
            marks = Fraction(str(ITEMS[item]))
            (low, high), (low_to, high_to) = EDGES[band[who, item]], EDGES[changes[who, item]]
            place = (Fraction(str(said)) / marks - low) / (high - low)
            scores[at] = marks * (low_to + place * (high_to - low_to))
    return replace(year, panel_ballots=rows.assign(score=pd.Series(scores, index=rows.index, dtype=object)))


def as_floats(year):
    return replace(year, panel_ballots=year.panel_ballots.astype({"score": "float64"}))


def random_scores(rng, tables):
    """Other bands and other scores inside, of two decimals more than the marks."""
    band = {(who, item): rng.choices(LADDER, [1, 2, 5, 3])[0] for who, item, _band in tables["bands"].to_numpy()}
    tables["bands"]["band"] = list(band.values())
    ballots = tables["panel_ballots"]
    ballots["score"] = [
        float(
            Fraction(str(ITEMS[item])) * (low := EDGES[band[who, item]])[0]
            + Fraction(str(ITEMS[item])) * (low[1] - low[0]) * rng.choice((0, 1, 2, 5, 9, 10)) / 10
        )
        for who, item in zip(ballots["department"], ballots["item"], strict=True)
    ]
    return tables


@pytest.fixture
def year(tmp_path):
    return load_year(write_year(tmp_path / "small"))


def random_year_of_bands(folder, seed, **changes):
    rng = random.Random(seed)
    tables = random_scores(rng, small_tables(4, jurors=3))
    tables["leader_ballots"]["score"] = [float(rng.randint(85, 92)) for _row in range(len(tables["leader_ballots"]))]
    tables["social_ballots"]["rating"] = rng.choices(["很滿意", "滿意"], k=len(tables["social_ballots"]))
    tables["deductions"] = tables["deductions"].iloc[:2]
    text = rulebook({"panel.min_ballots": "3", "tiers.on_quota_mismatch": '"keep_pool"', **changes})
    return load_year(write_year(folder, tables, text))


def test_ballots_keep_their_place(year):
    decisions = band_decisions(appraise(year))
    assert decisions.ladder == LADDER
    scores = decisions.panels[1]
    for item, (name, marks) in enumerate(ITEMS.items()):
        assert decisions.items[item] == name
        limits = np.array([BANDS[band] for band in LADDER]) * marks
        own = limits[decisions.band[:, item]]
        place = (scores[:, :, item] - own[:, 0]) / (own[:, 1] - own[:, 0])
        for step in (-1, 1):
            can = decisions.can(step)[:, item]
            assert np.isnan(decisions.panels[1 + step][:, ~can, item]).all()
            to = limits[decisions.band[can, item] + step]
            there = (decisions.panels[1 + step][:, can, item] - to[:, 0]) / (to[:, 1] - to[:, 0])
            np.testing.assert_allclose(there, place[:, can], atol=1e-12)


def test_points_on_paper(tmp_path):
    # 0.90 of the 25 marks of work_style is 2/7 up from 0.88 to 0.95. A band higher: 0.95 + 0.05 × 2/7, a band lower:
    # 0.80 + 0.08 × 2/7; `common` has 25 points.
    year = load_year(write_year(tmp_path / "y", small_tables(panel={"E03": 0.9})))
    appraised = appraise(year)
    decisions, at = band_decisions(appraised), appraised.evidence.departments.get_loc("E03")
    steps = np.zeros((3, 7), dtype=np.int8)
    steps[:, 3] = -1, 0, 1
    points = score(decisions.variants(np.full(3, at), steps), appraised.rules)
    shares = [0.80 + 0.08 * 2 / 7, 0.90, 0.95 + 0.05 * 2 / 7]
    np.testing.assert_allclose(points.exact["common"], 25 * np.array(shares), atol=1e-12)
    change = points.exact["composite"] - appraised.points.exact["composite"][at]
    np.testing.assert_allclose(change, 25 * (np.array(shares) - 0.9), atol=1e-12)


@pytest.mark.parametrize("scale", ["raw", "z", "anchored"])
def test_one_step_is_the_year_appraised_anew(tmp_path, scale):
    year = random_year_of_bands(tmp_path / "y", 4, **{"tiers.best.wildcard_scale": f'"{scale}"'})
    appraised = appraise(year)
    changes = one_step_changes(appraised)
    steps = {"poor": 1, "excellent": 1, "fair": 2, "good": 2}
    assert len(changes) == sum(steps[band] for band in year.bands["band"])
    base = appraised.scorecard["rule_tier"]
    for row in changes.sample(40, random_state=1).itertuples():
        try:
            anew = appraise(as_floats(moved(year, {(row.department, row.item): row.to})))
        except AppraisalError:
            continue  # a tie on a line
        assert not row.tied
        tier = anew.scorecard["rule_tier"]
        assert (row.tier, row.tier_then) == (base[row.department], tier[row.department])
        assert row.changed == (tier != base).sum()
    assert 0 < share_deciding(changes) < 1
    deciding = deciding_changes(changes)
    assert (deciding["tier"] != deciding["tier_then"]).all()
    assert (deciding["changed"] > 0).all()


def vectors(year, department):
    """Each set of decisions of one way → composite and chain by the oracle, by way and size."""
    ladder_at = {
        item: LADDER.index(band)
        for who, item, band in year.bands[["department", "item", "band"]].to_numpy()
        if who == department
    }
    kept = ("departments", "panel_ballots", "leader_ballots", "social_ballots", "deductions", "bands")
    tables = {name: getattr(year, name) for name in kept}
    alone = replace(year, **{name: t[t["department"] == department] for name, t in tables.items()})
    result = {}
    for step in (-1, 1):
        can = [item for item, at in ladder_at.items() if 0 <= at + step < len(LADDER)]
        result[step] = [
            (size, vector(moved(alone, {(department, i): LADDER[ladder_at[i] + step] for i in chosen}), department))
            for size in range(len(can) + 1)
            for chosen in combinations(can, size)
        ]
    return result


def vector(year, department):
    points, rules = points_of_all(year, year.rules)[department], year.rules
    keys = [points["deducted"] if key == "least_deducted" else -points[key] for key in rules.ties.keys]
    return tuple(rounded(value, rules) for value in (-points["composite"], *keys))


@pytest.mark.parametrize(("seed", "digits"), [(1, 2), (3, 0)])
def test_the_fewest_decisions_are_those_of_the_oracle_over_all_sets(tmp_path, seed, digits):
    year = random_year_of_bands(tmp_path / "y", seed, **{"rounding.digits": str(digits)})
    appraised = appraise(year)  # seeds without a tie on a line
    found = fewest_decisions(appraised)
    assert found["exact"].all()
    for line, row in zip(cutoff_lines(appraised).itertuples(), found.itertuples(), strict=True):
        uppers, lowers = vectors(year, line.upper)[-1], vectors(year, line.lower)[1]
        least, ways = None, 0
        for a, upper in uppers:
            for b, lower in lowers:
                if lower < upper and (least is None or a + b <= least):
                    ways = ways + 1 if a + b == least else 1
                    least = a + b
        assert (None if row.decisions is pd.NA else row.decisions, row.ways) == (least, ways)
        if least is not None:
            assert len(row.steps) == least
            changes = {(who, item): to for who, item, _band, to in row.steps}
            try:
                anew = appraise(as_floats(moved(year, changes)))
            except AppraisalError:
                continue
            tier, base = anew.scorecard["rule_tier"], appraised.scorecard["rule_tier"]
            assert row.moved == tuple(tier.index[tier != base])


def test_with_too_many_sets_the_answer_is_a_bound(tmp_path, monkeypatch):
    appraised = appraise(random_year_of_bands(tmp_path / "y", 1))
    exact = fewest_decisions(appraised)
    monkeypatch.setattr(bands, "SETS", 2)
    bound = fewest_decisions(appraised)
    assert (bound["exact"] == (bound["decisions"] <= 2).fillna(False)).all()
    both = bound["decisions"].notna()
    assert (bound["decisions"] >= exact["decisions"])[both].all()


def test_a_base_case_that_is_not_the_scorecard_stops(year):
    appraised = appraise(year)
    swapped = appraised.scorecard.copy()
    swapped.loc["S01", "rule_tier"] = "ordinary"
    with pytest.raises(ReconciliationError):
        one_step_changes(replace(appraised, scorecard=swapped))


@pytest.mark.parametrize(("wrong", "sampled"), [(0, 1), (0, 63), (1, 63), (5, 20), (19, 20)])
def test_the_share_bound_is_where_so_few_are_as_rare_as_said(wrong, sampled):
    bound = clopper_pearson(wrong, sampled, 0.95)
    assert binom.cdf(wrong, sampled, bound) == pytest.approx(0.05)


def test_a_whole_sample_that_is_wrong_bounds_nothing():
    assert clopper_pearson(4, 4) == 1
    assert clopper_pearson(0, 0) == 1
    assert hypergeometric(0, 0, 12) == 12


@pytest.mark.parametrize("sampled", [1, 4, 10, 12])
def test_the_bound_of_a_finite_whole_by_counting(sampled):
    for wrong in range(sampled + 1):
        possible = [
            number
            for number in range(wrong, 12 - sampled + wrong + 1)
            if sum(comb(number, k) * comb(12 - number, sampled - k) for k in range(wrong + 1)) / comb(12, sampled)
            > 0.05
        ]
        assert hypergeometric(wrong, sampled, 12) == max(possible)


def test_nothing_wrong_moves_nobody_and_one_wrong_as_many_as_the_single_steps(year):
    appraised = appraise(year)
    none = wrong_at_random(appraised, 0, 10, seed=1)
    assert (none.moved == 0).all()
    assert (none.kept == 1).all()
    changes = one_step_changes(appraised)
    assert not changes["tied"].any()
    # Each decision is as likely as another, and each of its neighbours as the other.
    by_decision = changes.assign(any=changes["changed"] > 0).groupby(["department", "item"])["any"].mean()
    draws = 4000
    one = wrong_at_random(appraised, 1, draws, seed=2)
    expected = by_decision.mean()
    assert (one.moved > 0).mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / draws))
    assert one.moved.max() <= changes["changed"].max()


def test_the_draws_are_the_seed_s_whatever_the_chunks(year, monkeypatch):
    appraised = appraise(year)
    first = wrong_at_random(appraised, 6, 50, seed=3)
    monkeypatch.setattr(spot_checks, "CELLS", 5000)
    monkeypatch.setattr(variants, "CELLS", 40)
    again = wrong_at_random(appraised, 6, 50, seed=3)
    other = wrong_at_random(appraised, 6, 50, seed=4)
    assert (first.moved == again.moved).all()
    assert first.kept.equals(again.kept)
    assert not (first.moved == other.moved).all()


def test_more_wrong_ones_than_there_are_decisions_is_an_error(year):
    with pytest.raises(ValueError, match="127"):
        wrong_at_random(appraise(year), 127, 1, seed=1)


def test_the_worst_is_no_better_than_what_is_found_by_looking(year):
    appraised = appraise(year)
    changes = one_step_changes(appraised)
    one = wrong_at_worst(appraised, 1)
    assert one["moved_at_least"] == changes["changed"].max()
    many = wrong_at_worst(appraised, 6)
    assert many["moved_at_least"] >= one["moved_at_least"]
    assert many["spent"] <= 6
    costs = np.sort(fewest_decisions(appraised)["decisions"].dropna().to_numpy(int))
    assert many["flipped"] == sum(np.cumsum(costs) <= 6)
    # The windows 1 and 2 share the department between them.
    assert not many["exact"]


def test_2003():
    appraised = appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))
    changes = one_step_changes(appraised)
    assert set(changes.groupby(["department", "item"]).size()) <= {1, 2}
    assert 0.2 < share_deciding(changes) < 0.5
    fewest = fewest_decisions(appraised)
    assert len(fewest) == 10
    assert fewest["exact"].all()
    bound = wrong_items_bound(appraised)
    assert bound.loc["items", ["sampled", "wrong", "whole", "bound"]].tolist() == [63, 1, 672, 47]
    assert bound.loc["items", "share_bound"] == pytest.approx(0.0731, abs=5e-5)
    random_ones = wrong_at_random(appraised, 47, 200, seed=20031231)
    worst = wrong_at_worst(appraised, 47)
    assert worst["exact"]
    assert worst["flipped"] == 9
    assert worst["moved_at_least"] >= random_ones.moved.max()
