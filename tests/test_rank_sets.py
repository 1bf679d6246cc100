"""Rank confidence sets: normal quantiles, a plain stepwise test by brute force, coverage, PISA 2018."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, studentized_range

from appraisal.analysis import rank_bounds as module
from appraisal.analysis.margins import cutoff_lines, inside_groups
from appraisal.analysis.noise import pair_errors
from appraisal.analysis.rank_bounds import rank_bounds
from appraisal.analysis.rank_sets import rank_sets, top_sets
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

# Mean and standard error of PISA 2018 mathematics, and who may be among the first five, as Mogstad et al. 2023 publish them.
PISA = """
Japan 526.973 2.4715 · Korea 525.933 3.1214 · Estonia 523.415 1.7436 · Netherlands 519.231 2.6323 · Poland 515.648 2.6021 ·
Switzerland 515.315 2.9080 · Canada 512.017 2.3575 · Denmark 509.398 1.7350 · Slovenia 508.898 1.3639 · Belgium 508.070 2.2627 ·
Finland 507.301 1.9679 · Sweden 502.388 2.6543 · United Kingdom 501.770 2.5644 · Norway 500.964 2.2190 · Germany 500.044 2.6471 ·
Ireland 499.633 2.1986 · Czech Republic 499.468 2.4607 · Austria 498.942 2.9710 · Latvia 496.126 1.9628 · France 495.408 2.3202 ·
Iceland 495.187 1.9531 · New Zealand 494.490 1.7059 · Portugal 492.487 2.6846 · Australia 491.360 1.9398 · Italy 486.590 2.7800 ·
Slovak Republic 486.165 2.5557 · Luxembourg 483.421 1.0976 · Spain 481.393 1.4624 · Lithuania 481.191 1.9533 · Hungary 481.083 2.3196 ·
United States 478.245 3.2354 · Israel 463.035 3.4986 · Türkiye 453.508 2.2604 · Greece 451.370 3.0912 · Chile 417.407 2.4159 ·
Mexico 408.801 2.4932 · Costa Rica 402.331 3.2888 · Colombia 390.932 2.9896
"""
AMONG_FIVE = {"Japan", "Korea", "Estonia", "Netherlands", "Poland", "Switzerland", "Canada", "Denmark"}
AMONG_FIVE |= {"Slovenia", "Belgium", "Finland"}


def pisa() -> pd.DataFrame:
    rows = [row.strip().rsplit(" ", 2) for row in PISA.replace("\n", " ").split("·")]
    return pd.DataFrame(rows, columns=["country", "mean", "error"]).astype({"mean": float, "error": float})


@pytest.mark.parametrize(("coverage", "more"), [(0.95, {"Sweden"}), (0.90, set())])
@pytest.mark.parametrize("without", [[], ["Costa Rica"]])  # a member since 2021
def test_the_countries_that_may_be_among_the_first_five(coverage, more, without):
    scores = pisa()
    scores = scores[~scores["country"].isin(without)]
    low, high = rank_bounds(scores["mean"], np.diag(scores["error"] ** 2), seed=2018, coverage=coverage)
    sets = pd.DataFrame(
        {"group": "OECD", "rank": np.arange(len(scores)) + 1, "simultaneous_low": low, "simultaneous_high": high},
        index=pd.Index(scores["country"], name="department"),
    )
    top = top_sets(sets, pd.DataFrame({"group": ["OECD"], "above": [5]}))
    assert set(top.loc[top["may"], "department"]) == AMONG_FIVE | more


# Two departments: one difference, two sides. 50,000 draws know 1.96 to some 0.01.
@pytest.mark.parametrize(
    ("apart", "low", "high"),
    [(1.92, [1, 1], [2, 2]), (2.0, [1, 2], [1, 2]), (-2.0, [2, 1], [2, 1]), (0, [1, 1], [2, 2])],
)
@pytest.mark.parametrize("simultaneous", [True, False])
@pytest.mark.parametrize("covariance", [[[4, 0], [0, 0]], [[2, 0], [0, 2]], [[10, 8], [8, 10]]])
def test_two_departments_are_told_apart_by_the_normal_quantile(apart, low, high, simultaneous, covariance):
    estimate = np.array([50 + 2 * apart, 50.0])
    covariance = np.array(covariance, dtype=float)
    estimate = 50 + (estimate - 50) * pair_errors(covariance)[0, 1] / 2
    found = rank_bounds(estimate, covariance, seed=7, draws=50_000, simultaneous=simultaneous)
    assert [bounds.tolist() for bounds in found] == [low, high]


def test_a_pair_of_another_group_that_is_decided_makes_room():
    # Two independent pairs: at first (2 Phi(c) - 1)² = 0.95; once one pair is decided, of it only the other side is left
    # in the family: (2 Phi(c) - 1) Phi(c) = 0.95.
    first = norm.ppf((1 + np.sqrt(0.95)) / 2)
    then = norm.ppf((1 + np.sqrt(1 + 8 * 0.95)) / 4)
    assert (round(first, 3), round(then, 3)) == (2.236, 2.123)

    def decided(far, near, **options):
        estimate = np.array([far, near, 0, 0]) * np.sqrt(2)
        low, _high = rank_bounds(estimate, np.eye(4), np.array([0, 1, 0, 1]), seed=3, draws=50_000, **options)
        return low.tolist()

    assert decided(2.2, 2.2) == [1, 1, 1, 1]
    assert decided(2.27, 2.27) == [1, 1, 2, 2]
    assert decided(9, 2.09) == [1, 1, 2, 1]
    assert decided(9, 2.16) == [1, 1, 2, 2]
    # Each by itself: 1.96, whatever the others do.
    assert decided(2.0, 1.92, simultaneous=False) == [1, 1, 2, 1]


@pytest.mark.parametrize(("size", "freedom"), [(3, np.inf), (32, np.inf), (32, 20)])
def test_the_first_step_is_the_studentised_range(size, freedom):
    # One department ahead of a field of equals with independent errors of 1: it leads by q for its difference to count.
    most = studentized_range.ppf(0.95, size, freedom)
    for lead, behind in ((most * 0.985, 1), (most * 1.015, 2)):
        estimate = np.append(lead, np.zeros(size - 1))
        low, high = rank_bounds(estimate, np.eye(size), seed=11, draws=100_000, freedom=freedom)
        assert low.tolist() == [1, *[behind] * (size - 1)]
        assert high.tolist() == [size if behind == 1 else 1, *[size] * (size - 1)]


def plain_bounds(estimate, covariance, group, *, seed, coverage, draws, simultaneous):
    """The stepwise test as it is written down: every one-sided hypothesis by itself, every draw worked out."""
    order = np.lexsort((covariance.diagonal(), -estimate, group))
    place = np.argsort(order)
    noise = module._draw_noise(
        covariance[np.ix_(order, order)], group[order], np.random.default_rng(seed), draws, np.inf
    )
    noise = noise.T[place].astype(float)
    error, size = pair_errors(covariance), estimate.size
    better = np.zeros((size, size), dtype=bool)
    pairs = [(i, k) for i in range(size) for k in range(size) if i != k and group[i] == group[k]]
    known = [(i, k) for i, k in pairs if error[i, k] == 0]
    low, high = np.empty((2, size), dtype=int)
    for one in range(size):
        better[:] = False
        left = [p for p in pairs if p not in known and (simultaneous or one in p)]
        while left:
            largest = np.max([(noise[i] - noise[k]) / error[i, k] for i, k in left], axis=0)
            critical = np.sort(largest)[int(np.ceil(round(coverage * (draws + 1), 6))) - 1]
            rejected = [(i, k) for i, k in left if (estimate[i] - estimate[k]) / error[i, k] > critical]
            left = [pair for pair in left if pair not in rejected]
            for pair in rejected:
                better[pair] = True
            if not rejected:
                break
        for i, k in known:
            better[i, k] = estimate[i] > estimate[k]
        low[one] = 1 + better[:, one].sum()
        high[one] = (group == group[one]).sum() - better[one].sum()
    return low, high


@pytest.mark.parametrize("world", range(12))
def test_the_short_way_gives_what_the_plain_one_does(world):
    rng = np.random.default_rng(world)
    size = int(rng.integers(2, 10))
    group = rng.integers(0, 1 + world % 3, size)
    root = rng.normal(size=(size, size if world % 4 else 2)) * rng.choice([0.2, 1, 3], size)[:, None]
    estimate = np.round(rng.normal(scale=4, size=size), int(world % 2 == 0))  # with ties
    if world % 5 == 0:
        root[0], root[-1] = 1, 1  # a difference that nothing leaves open
        group[-1] = group[0]
    covariance = root @ root.T
    for simultaneous in (True, False):
        options = {"seed": world, "coverage": 0.9, "draws": 499, "simultaneous": simultaneous}
        found = rank_bounds(estimate, covariance, group, **options)
        wanted = plain_bounds(estimate, covariance, group, **options)
        assert [bounds.tolist() for bounds in found] == [bounds.tolist() for bounds in wanted]


@pytest.mark.parametrize("simultaneous", [True, False])
def test_rows_may_come_in_any_order(simultaneous):
    rng = np.random.default_rng(5)
    root = rng.normal(size=(20, 20))
    estimate, covariance, group = rng.normal(scale=8, size=20), root @ root.T, rng.integers(0, 3, 20)
    low, high = rank_bounds(estimate, covariance, group, seed=1, draws=999, simultaneous=simultaneous)
    for _ in range(3):
        order = rng.permutation(20)
        found = rank_bounds(
            estimate[order],
            covariance[np.ix_(order, order)],
            group[order],
            seed=1,
            draws=999,
            simultaneous=simultaneous,
        )
        assert found[0].tolist() == low[order].tolist()
        assert found[1].tolist() == high[order].tolist()


def test_units_do_not_matter_and_all_together_is_wider_than_each_alone():
    rng = np.random.default_rng(6)
    root = rng.normal(size=(15, 15))
    estimate, covariance = rng.normal(scale=8, size=15), root @ root.T
    low, high = rank_bounds(estimate, covariance, seed=1)
    scaled = rank_bounds(1000 + 64 * estimate, 64**2 * covariance, seed=1)
    assert np.array_equal(scaled, (low, high))
    strict = rank_bounds(estimate, covariance + 25, seed=1)  # a shift of all departments together
    assert np.array_equal(strict, (low, high))
    own_low, own_high = rank_bounds(estimate, covariance, seed=1, simultaneous=False)
    assert (low <= own_low).all()
    assert (own_high <= high).all()
    assert (own_high - own_low).sum() < (high - low).sum()


def test_without_noise_ranks_are_known_and_equals_share_theirs():
    estimate = np.array([1.0, 3, 4, 4, 4, 7, 7, 10])
    for simultaneous in (True, False):
        low, high = rank_bounds(estimate, np.zeros((8, 8)), seed=1, draws=99, simultaneous=simultaneous)
        # As the best-rank and the worst-rank rule of csranks give it.
        assert low.tolist() == [8, 7, 4, 4, 4, 2, 2, 1]
        assert high.tolist() == [8, 7, 6, 6, 6, 3, 3, 1]
        low, high = rank_bounds(estimate, np.ones((8, 8)), seed=1, draws=99, simultaneous=simultaneous)
        assert high.tolist() == [8, 7, 6, 6, 6, 3, 3, 1]


def test_a_group_of_one_has_one_rank():
    assert np.array_equal(rank_bounds(np.array([5.0]), np.eye(1), seed=1), ([1], [1]))
    low, high = rank_bounds(np.array([5.0, 4, 3]), np.eye(3), np.array([0, 1, 1]), seed=1)
    assert (low.tolist(), high.tolist()) == ([1, 1, 1], [1, 2, 2])


@pytest.mark.parametrize(
    ("estimate", "covariance", "options", "said"),
    [
        ([1, np.nan], np.eye(2), {}, "finite"),
        ([1, 2], [[1, 0], [0, np.inf]], {}, "finite"),
        ([1, 2], np.eye(3), {}, "shape"),
        ([], np.empty((0, 0)), {}, "shape"),
        ([1, 2], [[1, 0.5], [0, 1]], {}, "not symmetric"),
        ([1, 2], [[1, 2], [2, 1]], {}, "negative variance"),
        ([1, 2], [[-1, 0], [0, -1]], {}, "negative variance"),
        ([1, 2], np.eye(2), {"draws": 18}, "from 18 draws"),
        ([1, 2], np.eye(2), {"coverage": 1}, "confidence"),
    ],
)
def test_what_is_no_covariance_is_refused(estimate, covariance, options, said):
    with pytest.raises(ValueError, match=said):
        rank_bounds(np.array(estimate, dtype=float), np.array(covariance, dtype=float), seed=1, **options)


def test_coverage_where_all_are_equal():
    # Least favourable: any department told from another is a mistake.
    rng, worlds, size = np.random.default_rng(2023), 400, 8
    root = np.linalg.cholesky(0.5 * np.eye(size) + 0.5 * np.diag(rng.uniform(0.2, 3, size)) + 1)
    together, alone = 0, 0
    for world in range(worlds):
        estimate = root @ rng.normal(size=size)
        covariance = root @ root.T
        low, high = rank_bounds(estimate, covariance, seed=world, draws=399)
        together += (low == 1).all() and (high == size).all()
        low, high = rank_bounds(estimate, covariance, seed=world, draws=399, simultaneous=False)
        alone += ((low == 1) & (high == size)).mean()
    assert 0.925 < together / worlds < 0.975
    assert 0.925 < alone / worlds < 0.975


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


def test_the_bundled_year(appraised):
    sets = rank_sets(appraised, seed=20031231, draws=2_000)
    assert sets.index.equals(appraised.evidence.departments)
    for name in ("marginal", "simultaneous"):
        assert (sets[f"{name}_low"] <= sets["rank"]).all()
        assert (sets["rank"] <= sets[f"{name}_high"]).all()
    assert (sets["simultaneous_low"] <= sets["marginal_low"]).all()
    assert (sets["marginal_high"] <= sets["simultaneous_high"]).all()
    top = top_sets(sets, inside_groups(cutoff_lines(appraised)))
    counts = top.groupby(["k", "group"])[["may", "surely"]].sum()
    for k, _group in counts.index:
        assert (counts.loc[k, "may"] >= k).all()
        assert (counts.loc[k, "surely"] <= k).all()
    assert (top["may"] | ~top["surely"]).all()
    assert top.loc[top["rank"] <= top["k"], "may"].all()
