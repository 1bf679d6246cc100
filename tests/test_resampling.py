"""Resampling: hand-made years whose answer is known, and the same numbers from the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import years
from scipy.stats import binom

from appraisal.analysis import resampling
from appraisal.analysis.resampling import line_share, rank_intervals, resample, tier_share
from appraisal.errors import ReconciliationError
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FOLDER_2003 = Path(__file__).parents[1] / "data" / "2003"


def appraised(folder, tables=None, changes=None):
    return appraise(load_year(years.write_year(folder, tables, years.rulebook(changes or {}))))


@pytest.fixture(scope="module")
def year_2003():
    return appraise(load_year(FOLDER_2003))


def test_where_all_ballots_agree_every_draw_is_the_official_result(tmp_path):
    result = appraised(tmp_path, years.unanimous_tables())
    resamples = resample(result, 300)
    assert (tier_share(result, resamples)["tier_share"] == 1).all()
    intervals = rank_intervals(result, resamples)
    ranks = result.scorecard.loc[intervals.index, "rank"]
    assert (intervals["low"] == ranks).all()
    assert (intervals["high"] == ranks).all()
    assert (line_share(result, resamples)["share"] == 1).all()
    assert resamples.changed == 0


def test_a_line_that_one_leader_of_two_decides_stands_in_three_draws_of_four(tmp_path):
    """Two leaders: A gives S01 10 more than S02, B gives S02 9 more. All else is equal.

    Of the four equally likely draws AA and AB, BA keep the order (10 − 9 > 0), BB turns it.
    """
    tables = years.small_tables(
        leaders=2, social=dict.fromkeys(("S01", "S02"), "滿意"), panel={"S01": 0.97, "S02": 0.97}
    )
    tables["deductions"] = tables["deductions"][:0]
    leaders = tables["leader_ballots"].set_index(["ballot", "department"])["score"].astype(float)
    first, second = leaders.index.get_level_values(0).unique()
    leaders[first, "S01"], leaders[first, "S02"] = 90, 80
    leaders[second, "S01"], leaders[second, "S02"] = 80, 89
    tables["leader_ballots"] = leaders.reset_index()
    result = appraised(tmp_path, tables)
    shares = line_share(result, resample(result, 20_000)).set_index(["upper", "lower"])["share"]
    assert shares["S01", "S02"] == pytest.approx(0.75, abs=0.012)  # four standard errors


def test_shares_add_up_and_ranks_count_every_draw(year_2003):
    resamples = resample(year_2003, 500)
    shares = tier_share(year_2003, resamples)
    np.testing.assert_allclose(shares[list(TIERS)].sum(axis=1), 1)
    assert (resamples.ranks.sum(axis=1) == 500).all()
    # in every draw each place of a group is taken once
    for group in range(3):
        assert (resamples.ranks[year_2003.evidence.group == group].sum(axis=0) == 500).all()


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(year_2003):
    first, again, other = (resample(year_2003, 300, seed=seed) for seed in (7, 7, 8))
    assert (first.tiers == again.tiers).all()
    assert (first.lines == again.lines).all()
    assert (first.ranks != other.ranks).any()


def test_jurors_are_drawn_panel_by_panel_and_as_many_as_there_are(year_2003):
    ballots = resampling._counted(year_2003.evidence, 50, np.random.default_rng(1))
    panels = resampling._panels(year_2003.evidence)
    assert [jurors.size for jurors in panels] == [9, 9, 9]
    assert all((ballots.panel[:, jurors].sum(axis=1) == 9).all() for jurors in panels)
    assert (ballots.leaders.sum(axis=1) == 12).all()
    assert (ballots.social.sum(axis=1) == 726).all()


def test_a_draw_without_a_valid_rating_is_drawn_again_and_counted(tmp_path):
    answers = ["滿意"] * 2 + [""] * 8
    result = appraised(tmp_path, years.small_tables(social={"S06": answers}))
    resamples = resample(result, 2000)
    # no answer of S06 among ten forms drawn: (8/10)^10 = 10.7 %
    assert resamples.redrawn / 2000 == pytest.approx(0.107 / (1 - 0.107), abs=0.03)
    assert (resamples.tiers.sum(axis=1) == 2000).all()


def test_a_base_case_that_is_not_the_scorecard_stops(year_2003):
    scorecard = year_2003.scorecard.copy()
    scorecard.loc["minzheng", "rule_tier"] = "good"
    with pytest.raises(ReconciliationError, match="minzheng is admonished here and good on the scorecard"):
        resample(replace(year_2003, scorecard=scorecard), 10)


def counts_of_two(folder, changes=None):
    """S02 and S03 are alike but for ten answers: one and two of them are 60, the others 80; forms are counted."""
    tables = years.small_tables(
        panel={"S02": 0.87, "S03": 0.87},
        led={"S02": 87.0, "S03": 87.0},
        social={"S02": ["滿意"] * 9 + ["基本滿意"], "S03": ["滿意"] * 8 + ["基本滿意"] * 2},
    )
    tables["deductions"] = tables["deductions"][:0]
    tables["social_counts"] = years.counted(tables.pop("social_ballots"))
    return appraised(folder, tables, {"social.returned": "10"} | (changes or {}))


@pytest.mark.parametrize("outside", ["[]", '["E06", "S01"]'])
def test_counted_forms_are_drawn_department_by_department(tmp_path, outside):
    """Answers of 60 are binomial, apart for each department: the order stands as often as two binomials say."""
    changes = {"competition.outside": outside, "tiers.on_quota_mismatch": '"keep_pool"', "tiers.best.wildcards": "0"}
    result = counts_of_two(tmp_path, changes)
    low = np.arange(11)
    fewer, more = binom.pmf(low, 10, 0.1), binom.pmf(low, 10, 0.2)
    both = np.outer(fewer, more)
    stands = both[low[:, None] < low].sum() + both.trace() / 2  # a coin where they are equal in all
    shares = line_share(result, resample(result, 20_000)).set_index(["upper", "lower"])["share"]
    assert shares["S02", "S03"] == pytest.approx(stands, abs=0.014)
    ballots, points, _thrown = resampling.redrawn_ballots(result.evidence, result.rules, 4000, np.random.default_rng(1))
    pair = result.evidence.departments.get_indexer(["S02", "S03"])
    social = points.exact["social"][:, pair] * 5  # out of 100
    assert social.std(axis=0) == pytest.approx(20 * np.sqrt([0.09, 0.16]) / np.sqrt(10), rel=0.05)
    assert abs(np.corrcoef(social.T)[0, 1]) < 0.06
    count = np.asarray(result.evidence.social.count.sum(axis=1)).ravel()
    assert np.allclose(ballots.social @ count, count.sum())
