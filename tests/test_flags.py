"""The table of flags: false discoveries held to their rate, consequences from the one engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from years import write_year

from appraisal.analysis.consequences import Omission, tiers_moved
from appraisal.analysis.flags import (
    Family,
    Settings,
    discovery_q,
    first_threshold,
    flags_by_chance,
    judge,
    smallest_effect,
)
from appraisal.analysis.omission import without_ballots
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import appraise, rounded_points
from appraisal.tables import load_year

SETTINGS = Settings()


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year("data/2003"))


def family(p, **more):
    rows = pd.DataFrame({"department": [f"d{at}" for at in range(len(p))], "statistic": 1.0, "p": p})
    return Family("severity", rows, "bh", **more)


def test_the_flags_of_pure_chance_stay_at_their_rate():
    rng = np.random.default_rng(5)
    for comparisons in (1, 27, 400):
        found = [(discovery_q(rng.random(comparisons), "bh") <= 0.05).sum() for _ in range(4000)]
        expected = flags_by_chance(comparisons, "bh", SETTINGS)
        assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found) / np.sqrt(4000) + 0.002)
        assert np.mean(np.array(found) > 0) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 4000)


def test_the_smallest_effect_is_found_nine_times_in_ten():
    rng = np.random.default_rng(6)
    normal = np.abs(rng.standard_normal(20_000) + smallest_effect(1.0, 50, SETTINGS))
    assert np.mean(2 * norm.sf(normal) <= first_threshold(50, "bh", SETTINGS)) == pytest.approx(0.9, abs=0.01)


def test_what_hangs_on_a_ballot_is_what_leaving_it_out_gives(appraised):
    ballots = len(appraised.evidence.panel)
    moved = tiers_moved(appraised, [Omission(panel=(at,)) for at in range(ballots)])
    by_flags = pd.Series([(*move,) for moves in moved.values() for move in moves]).value_counts()
    rows = without_ballots(appraised)
    rows = rows[rows["source"] == "panel"]
    assert by_flags.to_dict() == {(r.department, r.rule_tier, r.tier): r.ballots for r in rows.itertuples()}


def test_points_in_the_place_of_others_are_a_case_of_their_own(appraised):
    exact = {name: value.copy() for name, value in appraised.points.exact.items()}
    exact["composite"][np.argmax(exact["composite"])] = 0.0
    fallen = Omission(points=rounded_points(exact, appraised.evidence, appraised.rules))
    same = Omission(points=appraised.points)
    moved = tiers_moved(appraised, [same, fallen])
    assert moved[same] == ()
    assert moved[fallen]


def test_a_case_that_leaves_nobody_a_score_has_no_consequence(appraised):
    every = Omission(leaders=tuple(range(appraised.evidence.leaders.ballots)))
    assert tiers_moved(appraised, [every])[every] is None


def test_rows_deductions_and_problems_can_be_left_out(appraised):
    evidence, tier = appraised.evidence, appraised.placement.rule_tier
    admonished = int(np.flatnonzero(tier == TIERS.index("admonished"))[0])
    freed = Omission(problem=(admonished,))
    assert tiers_moved(appraised, [freed])[freed] == ((evidence.departments[admonished], "admonished", "ordinary"),)
    last = int(np.flatnonzero(tier == TIERS.index("best"))[0])
    ruined = Omission(deducted=((last, 25.0),))
    moved = tiers_moved(appraised, [ruined])[ruined]
    assert (evidence.departments[last], "best", "ordinary") in moved
    one = np.flatnonzero(~np.isnan(evidence.panel[:, last]).all(axis=1))
    nothing_left = Omission(scores=tuple((int(ballot), last) for ballot in one))
    assert tiers_moved(appraised, [nothing_left])[nothing_left] is None


def test_judging_gives_one_row_a_flag_and_one_row_a_family(appraised):
    found = judge(
        appraised,
        [
            family([1e-6, 0.5, 0.9], omission=lambda at: Omission(panel=(at,)), smallest=0.3, unit="band"),
            Family("facts", pd.DataFrame({"statistic": [], "flag": np.zeros(0, dtype=bool)}), "fact"),
        ],
        SETTINGS,
    )
    assert found.flags["department"].tolist() == ["d0"]
    assert found.flags["left_out"].tolist() == ["panel"]
    assert [omission.panel for omission in found.omissions] == [(0,)]
    assert found.families["found"].to_dict() == {"severity": 1, "facts": 0}
    assert found.families.loc["severity", "comparisons"] == 3


def test_a_family_of_no_comparison_and_a_small_year_are_no_trouble(tmp_path):
    small = appraise(load_year(write_year(tmp_path / "2003")))
    found = judge(small, [family(np.zeros(0))], SETTINGS)
    assert len(found.flags) == 0
    assert found.families.loc["severity", "by_chance"] == 0


def test_comparisons_without_a_row_count_too(appraised):
    rows = pd.DataFrame({"department": ["a"], "statistic": 1.0, "p": 0.01})
    found = judge(appraised, [Family("pairs", rows, "bh", untold=99)], SETTINGS)
    assert found.families.loc["pairs", ["comparisons", "found"]].tolist() == [100, 0]
