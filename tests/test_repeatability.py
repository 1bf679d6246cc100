"""What unlimited raters and a new panel would say: worked cases, the closed form, the gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import years
from scipy.stats import norm

from appraisal.analysis import repeatability
from appraisal.analysis.margins import cutoff_lines, inside_groups
from appraisal.analysis.noise import composite_noise
from appraisal.analysis.repeatability import line_chances, repeat, tier_chances
from appraisal.errors import ReconciliationError
from appraisal.scoring.appraise import appraise, place_points
from appraisal.tables import load_year

FOLDER_2003 = Path(__file__).parents[1] / "data" / "2003"


@pytest.fixture(scope="module")
def year_2003():
    return appraise(load_year(FOLDER_2003))


def small(folder, **changes):
    return appraise(load_year(years.write_year(folder, None, years.rulebook(changes))))


def test_where_all_ballots_agree_anyone_says_the_same(tmp_path):
    appraised = appraise(load_year(years.write_year(tmp_path, years.unanimous_tables(), years.rulebook({}))))
    repeats = repeat(appraised, 300)
    assert (tier_chances(appraised, repeats) == 1).all(axis=None)
    assert (line_chances(appraised, repeats)[["unlimited", "anew"]] == 1).all(axis=None)


def test_without_a_model_of_the_truth_a_pair_keeps_its_order_by_its_gap(year_2003, monkeypatch):
    """Truth as seen less noise: the order holds with Φ(gap ÷ error), and with a new panel's noise Φ(gap ÷ √2 errors)."""
    monkeypatch.setattr(repeatability, "_true_spread", lambda *_given: None)
    draws = 10_000
    found = line_chances(year_2003, repeat(year_2003, draws))
    noise = composite_noise(year_2003)
    codes, exact = year_2003.evidence.departments, year_2003.points.exact["composite"]
    for line in inside_groups(found).itertuples():
        pair = codes.get_indexer([line.upper, line.lower])
        gap = exact[pair[0]] - exact[pair[1]]
        error = np.sqrt(np.array([1, -1]) @ noise.covariance[np.ix_(pair, pair)] @ [1, -1])
        # 10,000 draws know a share to 0.005; rounding to two digits moves it by less than 0.01.
        assert line.unlimited == pytest.approx(norm.cdf(gap / error), abs=0.02)
        assert line.anew == pytest.approx(norm.cdf(gap / error / np.sqrt(2)), abs=0.02)


def test_draws_have_the_posterior_of_the_textbook(monkeypatch):
    """Known spread and noise: means shrink to the group's, variance as of the normal-normal model."""
    rng, size, spread, own = np.random.default_rng(1), 12, 4.0, 1.0
    seen = np.stack([rng.normal(50, 2, size)] * 3)
    covariances = np.stack([own * np.eye(size)] * 3)
    monkeypatch.setattr(repeatability, "_true_spread", lambda *_given: spread * np.eye(3))
    true, anew = repeatability._drawn(seen, covariances, np.sqrt(covariances), np.ones((size, 1)), 40_000, rng)
    kept = spread / (spread + own)
    mean = seen.mean(axis=1, keepdims=True)
    assert (seen + true.mean(axis=0)) == pytest.approx(mean + kept * (seen - mean), abs=0.03)
    # What the group's mean leaves open comes on top: own / size of what is shrunk.
    variance = kept * own + (1 - kept) ** 2 * (spread + own) / size
    assert true.var(axis=0) == pytest.approx(variance, rel=0.05)
    assert anew.var(axis=0) == pytest.approx(variance + own, rel=0.05)


def test_the_spread_of_the_truth_is_found():
    rng = np.random.default_rng(3)
    size, true = 300, np.array([[1.0, 0.3, 0.2], [0.3, 0.5, 0.1], [0.2, 0.1, 0.4]])
    group = np.repeat([0, 1, 2], size // 3)
    member = np.equal.outer(group, [0, 1, 2]).astype(float)
    noise = np.array([0.2, 0.3, 0.1])
    seen = (rng.multivariate_normal(np.zeros(3), true, size) + rng.normal(size=(size, 3)) * np.sqrt(noise)).T
    seen += np.array([5, 7, 9])[group]
    drawn = [repeatability._true_spread(seen, noise[:, None, None] * np.eye(size), member, rng) for _ in range(200)]
    assert np.mean(drawn, axis=0) == pytest.approx(true, abs=0.2)
    assert all(np.linalg.eigvalsh(one).min() > -1e-9 for one in drawn)


def test_too_few_departments_tell_no_spread():
    seen = np.arange(12.0).reshape(3, 4)
    covariances = np.stack([np.eye(4)] * 3)
    assert repeatability._true_spread(seen, covariances, np.ones((4, 1)), np.random.default_rng(0)) is None


def test_a_new_panel_repeats_no_more_than_unlimited_raters_confirm(year_2003):
    chances = tier_chances(year_2003, repeat(year_2003, 2_000))
    assert chances["anew"].mean() < chances["unlimited"].mean() < 1
    assert chances.min(axis=None) > 0


def test_the_seed_decides_the_numbers_and_chunks_do_not_change_their_sum(year_2003):
    first, again, other = (repeat(year_2003, 2_300, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.anew, again.anew)
    assert not np.array_equal(first.anew, other.anew)
    for tiers in (first.unlimited, first.anew):
        assert (tiers.sum(axis=1) == 2_300).all()


@pytest.mark.parametrize("scale", ["raw", "z", "anchored"])
def test_moves_of_nothing_are_the_official_points(scale):
    year = load_year(FOLDER_2003)
    appraised = appraise(year, year.rules.replace({"tiers.best.wildcard_scale": scale}))
    points = repeatability._points(appraised, np.zeros((3, 96)))
    assert set(points.exact) == set(appraised.points.exact)
    for name, ticks in appraised.points.ticks.items():
        assert np.array_equal(points.ticks[name], ticks)
    tiers = place_points(points, appraised.evidence, appraised.rules, np.arange(96)).rule_tier
    assert np.array_equal(tiers, appraised.placement.rule_tier)


def test_a_move_of_the_panel_is_spread_by_weight(year_2003):
    moves = np.zeros((3, 96))
    moves[0] = 0.68
    points, seen = repeatability._points(year_2003, moves).exact, year_2003.points.exact
    for source, share in (("functional_panel", 0.38), ("common", 0.25), ("excellence", 0.05)):
        assert points[source] - seen[source] == pytest.approx(share)
    assert points["composite"] - seen["composite"] == pytest.approx(0.68)
    assert points["leaders"] == pytest.approx(seen["leaders"])


def test_small_years_are_asked_too(tmp_path):
    appraised = small(tmp_path)
    repeats = repeat(appraised, 200)
    assert tier_chances(appraised, repeats).notna().all(axis=None)
    assert len(line_chances(appraised, repeats)) == len(cutoff_lines(appraised))


def test_a_scorecard_that_differs_stops_it(year_2003):
    scorecard = year_2003.scorecard.copy()
    scorecard.loc[scorecard.index[0], "rule_tier"] = "admonished"
    with pytest.raises(ReconciliationError):
        repeat(replace(year_2003, scorecard=scorecard), 10)
