"""Agreement of raters: published results, and what must hold whatever the ratings."""

from __future__ import annotations

import numpy as np
import pytest

from appraisal.analysis.agreement import intraclass, krippendorff_alpha, panel_agreement, variance_parts
from appraisal.analysis.flags import Settings
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

NAN = np.nan
# Shrout and Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
# Krippendorff 2011, section C: four observers, twelve units.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def test_shrout_and_fleiss():
    published = {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
    assert {form: round(value, 2) for form, value in intraclass(SHROUT_FLEISS).items()} == published


def test_krippendorff():
    assert round(krippendorff_alpha(KRIPPENDORFF), 3) == 0.849


def test_alpha_is_disagreement_seen_against_that_of_all_pairs():
    rng = np.random.default_rng(1)
    ratings = rng.integers(0, 5, (3, 8)).astype(float)
    seen = [(a - b) ** 2 for unit in ratings.T for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j]
    flat = ratings.ravel()
    chance = [(a - b) ** 2 for i, a in enumerate(flat) for j, b in enumerate(flat) if i != j]
    assert krippendorff_alpha(ratings) == pytest.approx(1 - np.mean(seen) / np.mean(chance))


def test_alpha_of_one_value_or_one_observer_is_none():
    assert np.isnan(krippendorff_alpha(np.ones((3, 4))))
    assert np.isnan(krippendorff_alpha(np.array([[1.0, 2.0, 3.0]])))


def test_as_many_jurors_as_are_enough_reach_the_reliability_and_one_fewer_does_not():
    parts = variance_parts(SHROUT_FLEISS)
    # Of the mean of the four judges: ICC(3,k).
    assert parts.reliability(4) == pytest.approx(intraclass(SHROUT_FLEISS)["3,k"])
    for reliability in (0.7, 0.8, 0.9, 0.99):
        enough = parts.enough(reliability)
        assert parts.reliability(enough) >= reliability
        assert enough == 1 or parts.reliability(enough - 1) < reliability
    assert variance_parts(np.tile([1.0, 2.0, 3.0], (5, 1))).enough(0.8) is None


def test_panels_of_2003_agree_more_on_points_than_inside_the_bands():
    table = panel_agreement(appraise(load_year("data/2003")), Settings()).set_index(["group", "scale"])
    for group in table.index.unique("group"):
        assert table.loc[(group, "points"), "3,1"] > table.loc[(group, "bands"), "3,1"]
    assert (table["jurors"] == 9).all()
    assert (table["enough"] >= 1).all()
