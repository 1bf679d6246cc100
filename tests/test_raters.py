"""Jurors: what is planted is found, what is natural is not, published results come out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.anomalies import SETS, try_year
from benchmarks.planting.scores import EFFECTS, planted_year

from appraisal.analysis import leanings, raters
from appraisal.analysis.bands import band_limits
from appraisal.analysis.flags import Settings, judge
from appraisal.analysis.leanings import favours
from appraisal.analysis.outliers import apart, generalised_esd
from appraisal.analysis.panels import additive_parts, panels
from appraisal.analysis.raters import severity_error, severity_table
from appraisal.office.simulate import simulate_year
from appraisal.rulebook import read_rulebook
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

DATA = Path("data/2003")
SETTINGS = Settings()
# Rosner 1983, as the NIST/SEMATECH e-Handbook prints the 54 values (section 1.3.5.17.3).
ROSNER = """
-0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70 1.76 1.77 1.81 1.91 1.94
1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40 2.47 2.54 2.62 2.64 2.90 2.92 2.92 2.93 3.21 3.26
3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01
"""


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(DATA))


def of_jurors(appraised, settings=SETTINGS):
    families = [*raters.tests(appraised, settings), *leanings.tests(appraised, settings)]
    return judge(appraised, families, settings)


def test_rosners_three_outliers():
    values = np.array(ROSNER.split(), dtype=float)
    assert len(values) == 54
    assert values[generalised_esd(values, 10)].tolist() == [6.01, 5.42, 5.34]


def test_a_normal_sample_has_outliers_no_oftener_than_the_level():
    rng = np.random.default_rng(1)
    some = np.mean([generalised_esd(rng.standard_normal(40), 5).size > 0 for _ in range(1000)])
    assert some == pytest.approx(0.05, abs=0.02)


def test_values_without_spread_are_no_outliers():
    assert generalised_esd(np.ones(20), 5).size == 0
    assert np.isnan(apart(np.zeros(18), np.repeat([0, 1], 9))[1]).all()


def test_standing_apart_is_students_t():
    rng = np.random.default_rng(2)
    panel = np.repeat([0, 1, 2], 9)
    deviates = np.array([apart(rng.standard_normal(27), panel, level=1e-9)[1] for _ in range(800)])
    # 23 degrees of freedom: 27 values, three means, itself left out.
    assert np.mean(np.abs(deviates) > 2.069) == pytest.approx(0.05, abs=0.008)


def test_one_outlier_does_not_hide_another():
    rng = np.random.default_rng(3)
    values = rng.standard_normal(27)
    values[[0, 10]] += 12
    _difference, deviate, _freedom, spread = apart(values, np.repeat([0, 1, 2], 9))
    assert np.sort(np.argsort(-np.abs(deviate))[:2]).tolist() == [0, 10]
    assert spread < 2


def test_additive_parts_are_those_of_least_squares():
    rng = np.random.default_rng(4)
    place = rng.random((5, 6, 2))
    place[rng.random(place.shape) < 0.2] = np.nan
    cell, severity = additive_parts(place)
    juror, where = np.indices((5, 12)).reshape(2, -1)
    scored = ~np.isnan(place.reshape(5, -1).ravel())
    design = np.hstack([np.eye(5)[juror], np.eye(12)[where]])[scored]
    design = np.vstack([design, np.r_[np.ones(5), np.zeros(12)]])
    fitted = np.linalg.lstsq(design, np.r_[place.ravel()[scored], 0.0])[0]
    assert severity == pytest.approx(fitted[:5])
    assert cell.ravel() == pytest.approx(fitted[5:])


@pytest.mark.parametrize("shape", [(9, 32, 7), (15, 100, 7), (9, 32, 3)])
def test_where_nothing_is_missing_severity_is_a_jurors_mean_to_the_last_digits(shape):
    place = np.random.default_rng(0).random(shape)
    mean = place.mean(axis=(1, 2))
    np.testing.assert_allclose(additive_parts(place)[1], mean - mean.mean(), atol=1e-12)


def test_severity_is_that_of_the_additive_model_and_names_go_by_it(appraised):
    table = severity_table(appraised, SETTINGS)
    for group, rows in table.groupby(level="group"):
        assert rows.index.get_level_values("juror").tolist() == list("ABCDEFGHI")
        assert rows["severity"].is_monotonic_increasing, group
        assert rows["severity"].mean() == pytest.approx(0, abs=1e-9)
        assert (rows["low"] < rows["severity"]).all()


def test_the_interval_of_severity_covers_the_truth(appraised):
    rng = np.random.default_rng(7)
    base = panels(appraised, SETTINGS)[0]
    covered = []
    for _ in range(400):
        seen = 0.1 * rng.standard_normal(base.leaning.shape)
        seen -= seen.mean(axis=0)
        severity = seen.mean(axis=1)
        panel = replace(base, severity=severity, leaning=seen - severity[:, None])
        covered += (np.abs(severity) <= severity_error(panel)).tolist()
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_a_panel_too_small_is_not_tested(appraised):
    assert panels(appraised, replace(SETTINGS, least_departments=33)) == ()
    settings = replace(SETTINGS, least_jurors=10)
    found = judge(appraised, [*raters.tests(appraised, settings), *leanings.tests(appraised, settings)], settings)
    assert found.families["comparisons"].sum() == 0
    assert len(found.flags) == 0


def test_the_order_of_the_rows_is_irrelevant(appraised):
    year = appraised.year
    shuffled = replace(year, panel_ballots=year.panel_ballots.sample(frac=1, random_state=1))
    one, other = of_jurors(appraised), of_jurors(appraise(shuffled))
    pd.testing.assert_frame_equal(one.families, other.families)


def test_a_juror_who_is_wild_everywhere_favours_nobody(appraised):
    found = panels(appraised, SETTINGS)
    leaning = found[0].leaning.copy()
    leaning[0] *= 4
    wild = (replace(found[0], leaning=leaning), *found[1:])
    p = favours(wild, np.asarray(appraised.evidence.departments), SETTINGS).comparisons["p"]
    assert p.iloc[:32].min() > 0.05 / 864


def test_what_is_planted_is_found_and_little_else():
    tried = [try_year(SETS["jurors"], EFFECTS, attempt) for attempt in range(40, 44)]
    found = pd.concat([year.planted[year.planted["found"]] for year in tried])
    assert set(found["kind"]) == set(EFFECTS)
    # 36 places: `make anomalies` measures the rates over many years, here a few may be missed.
    assert len(found) >= 30
    assert sum(year.families["wrong"].sum() for year in tried) <= 0.1 * len(found)


def changed(appraised, ballots):
    found = of_jurors(appraise(replace(appraised.year, panel_ballots=ballots)))
    return found.families, found.flags[["family", "juror"]].to_dict("records")


def test_a_juror_who_always_gives_the_lowest_score_is_severe_and_nothing_else(appraised):
    ballots = appraised.year.panel_ballots.copy()
    department = appraised.evidence.departments.get_indexer(ballots["department"])
    lowest = band_limits(appraised)[0][
        department, pd.Index(list(appraised.rules.item_marks)).get_indexer(ballots["item"])
    ]
    ballots["score"] = ballots["score"].where(ballots["ballot"] != ballots["ballot"].iloc[0], lowest)
    assert changed(appraised, ballots)[1] == [{"family": "severity", "juror": "A"}]


def test_one_ballot_cast_twice_is_two_that_move_together(appraised):
    ballots = appraised.year.panel_ballots.sort_values(["ballot", "department", "item"])
    first, second = ballots[ballots["department"] == ballots["department"].iloc[0]]["ballot"].unique()[:2]
    ballots.loc[ballots["ballot"] == second, "score"] = ballots.loc[ballots["ballot"] == first, "score"].to_numpy()
    flags = changed(appraised, ballots)[1]
    assert [flag["family"] for flag in flags] == ["together"]
    assert "+" in flags[0]["juror"]


def test_what_was_not_scored_is_not_compared(appraised):
    ballots = appraised.year.panel_ballots
    first = ballots["ballot"].iloc[0]
    kept = ballots[ballots["ballot"] == first]["department"].unique()[:2]
    few = ballots[(ballots["ballot"] != first) | ballots["department"].isin(kept)]
    families, flags = changed(appraised, few)
    assert families.loc["favour", "comparisons"] == 27 * 32 - 30
    assert families.loc["score", "comparisons"] == 7 * (27 * 32 - 30)
    assert flags == []


def test_planting_nothing_changes_nothing():
    rules = read_rulebook(DATA / "rulebook.toml")
    plain, planted = simulate_year(rules, attempt=5), planted_year(rules, {}, attempt=5)
    assert len(planted.planted) == 0
    for name, table in plain.tables.items():
        pd.testing.assert_frame_equal(table, planted.year.tables[name])
