"""Who departs: self-assessment, leaders against panel, the public against the rest; held to cases worked out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import theilslopes
from years import small_tables, write_year

from appraisal.analysis.contrast import agreement_limits, as_expected, contrast_table
from appraisal.analysis.deviations import robust_line, robust_z
from appraisal.analysis.self_assessment import self_against_verified
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year("data/2003"))


def test_one_group_has_the_slope_of_theil_and_sen():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(40)
    y = 0.7 * x + rng.standard_normal(40)
    assert robust_line(y, x, np.zeros(40, dtype=int)).slope == pytest.approx(theilslopes(y, x).slope)


def test_a_fifth_of_odd_ones_moves_neither_line_nor_scale_much():
    rng = np.random.default_rng(2)
    x, group = rng.standard_normal(120), np.repeat([0, 1, 2], 40)
    y = 0.5 * x + group + rng.standard_normal(120)
    clean = robust_line(y, x, group)
    y[::6] += 15
    fit = robust_line(y, x, group)
    assert fit.slope == pytest.approx(clean.slope, abs=0.25)
    assert fit.scale < 2 * clean.scale
    assert (fit.above()[::6] < 1e-6).all()


def test_residuals_of_nothing_odd_stay_at_their_level():
    rng = np.random.default_rng(3)
    group = np.repeat([0, 1, 2], 32)
    p = np.concatenate(
        [robust_line(rng.standard_normal(96), rng.standard_normal(96), group).apart() for _ in range(400)]
    )
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.01)
    assert (p < 0.001).mean() < 0.003


def test_small_groups_flag_nothing_oftener_because_the_line_fits_them():
    rng = np.random.default_rng(4)
    group = np.repeat([0, 1, 2], 12)
    least = [robust_line(rng.standard_normal(36), rng.standard_normal(36), group).apart().min() for _ in range(800)]
    # By Bonferroni a twentieth at most; without the degrees of freedom of the line it was a tenth.
    assert (36 * np.array(least) <= 0.05).mean() < 0.085


def test_what_is_missing_has_no_residual_and_a_group_all_alike_has_none_either():
    y = np.array([1.0, np.nan, 3.0, 5.0, 5.0, 5.0])
    group = np.array([0, 0, 0, 1, 1, 1])
    assert np.isnan(robust_z(y, group)).tolist() == [False, True, False, False, False, False]
    assert robust_z(y, group)[3:].tolist() == [0.0, 0.0, 0.0]
    fit = robust_line(y, np.arange(6.0), group)
    assert np.isnan(fit.above()).tolist() == [False, True, False, False, False, False]


def test_mean_inflation_is_no_finding_and_differential_inflation_is(appraised):
    year, claims = appraised.year, appraised.year.self_assessments
    all_more = replace(year, self_assessments=claims.assign(score=claims["score"] + 0.3))
    one = "unnamed25"
    raised = claims["score"] * np.where(claims["department"] == one, 1.06, 1.0)
    one_more = replace(year, self_assessments=claims.assign(score=raised))
    base, shifted, odd = (self_against_verified(replace(appraised, year=own)) for own in (year, all_more, one_more))
    assert shifted["p"].min() == pytest.approx(base["p"].min(), abs=0.02)
    assert odd.loc[odd["p"].idxmin(), "department"] == one
    assert odd["p"].min() < 0.001 < base["p"].min()


def test_claims_and_verified_points_are_shares_of_what_was_claimed(tmp_path):
    tables = small_tables()
    claims = tables["self_assessments"]
    tables["self_assessments"] = claims[(claims["department"] != "S02") | (claims["item"] == "key_works")]
    table = self_against_verified(appraise(load_year(write_year(tmp_path, tables)))).set_index("department")
    ballots = tables["panel_ballots"]
    own = ballots[(ballots["department"] == "S02") & (ballots["item"] == "key_works")]["score"].mean()
    assert table.loc["S02", "verified"] == pytest.approx(100 * own / 14)


@pytest.mark.parametrize("contrast", ["leaders", "social"])
def test_ranks_and_their_intervals(appraised, contrast):
    table = contrast_table(appraised, contrast, 200)
    assert (table["places"] == table["other_rank"] - table["own_rank"]).all()
    assert ((table["low"] - 1 <= table["places"]) & (table["places"] <= table["high"] + 1)).mean() > 0.95
    for _group, own in table.groupby("group"):
        assert sorted(own["own_rank"]) == list(range(1, 33))
    again = contrast_table(appraised, contrast, 200)
    pd.testing.assert_frame_equal(table, again)


def test_limits_of_agreement_hold_so_many():
    difference = np.random.default_rng(4).normal(-3, 2, 5000)
    limits = agreement_limits(difference)
    inside = ((difference > limits["low"]) & (difference < limits["high"])).mean()
    assert inside == pytest.approx(0.95, abs=0.01)
    assert limits["bias"] == pytest.approx(-3, abs=0.1)


def test_points_as_expected_change_the_own_side_and_what_it_is_part_of(appraised):
    at, rules = 3, appraised.rules
    points = as_expected(appraised, "leaders", at, 50.0)
    before, after = appraised.points.exact, points.exact
    change = 6.0 - before["leaders"][at]
    for name in ("leaders", "functional", "composite"):
        assert after[name][at] - before[name][at] == pytest.approx(change)
        assert np.delete(after[name], at) == pytest.approx(np.delete(before[name], at))
    assert after["social"] == pytest.approx(before["social"])
    assert float(rules.weights["leaders"]) == 12
