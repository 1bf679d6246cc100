"""The gate: no analysis goes on from a base case that is not the scorecard, and both values are said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appraisal.analysis import comparison
from appraisal.analysis.bands import fewest_decisions, one_step_changes
from appraisal.analysis.consequences import tiers_moved
from appraisal.analysis.drivers import share_variance
from appraisal.analysis.least_changes import least_changes
from appraisal.analysis.noise import composite_noise
from appraisal.analysis.nonresponse import non_response
from appraisal.analysis.omission import without_ballots, without_parts
from appraisal.analysis.rank_sets import rank_sets
from appraisal.analysis.removal import ballots_to_flip
from appraisal.analysis.repeatability import repeat
from appraisal.analysis.resampling import resample
from appraisal.analysis.rulebooks import sweep_rulebooks
from appraisal.analysis.spot_checks import wrong_at_random, wrong_at_worst
from appraisal.analysis.suppositions import suppose
from appraisal.analysis.sweep import cutoff_sweep
from appraisal.analysis.weight_changes import weight_flips
from appraisal.analysis.weights import acceptability
from appraisal.errors import ReconciliationError
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.years import write_year

ANALYSES = {
    "least changes": least_changes,
    "cutoff sweep": cutoff_sweep,
    "resampling": lambda appraised: resample(appraised, 10),
    "repeatability": lambda appraised: repeat(appraised, 10),
    "noise": composite_noise,
    "rank sets": lambda appraised: rank_sets(appraised, seed=1, draws=100),
    "one step of a band": one_step_changes,
    "band decisions": fewest_decisions,
    "wrong bands at random": lambda appraised: wrong_at_random(appraised, 1, 10, 1),
    "wrong bands at worst": lambda appraised: wrong_at_worst(appraised, 1),
    "other weights": lambda appraised: acceptability(appraised, 10, seed=1),
    "nearest weights": weight_flips,
    "a ballot fewer": without_ballots,
    "a part fewer": without_parts,
    "anything left out": lambda appraised: tiers_moved(appraised, []),
    "ballots to flip": ballots_to_flip,
    "other rulebooks": sweep_rulebooks,
    "what drives it": lambda appraised: share_variance(appraised, 2),
    "non-response": lambda appraised: non_response(appraised, 10),
    "suppositions": lambda appraised: suppose(appraised, appraised.rules),
}


@pytest.fixture(scope="module")
def appraised(tmp_path_factory):
    return appraise(load_year(write_year(tmp_path_factory.mktemp("small"))))


@pytest.fixture(scope="module")
def otherwise(appraised):
    """The same year with one tier of its scorecard miswritten."""
    scorecard = appraised.scorecard.copy()
    scorecard.loc["S01", "rule_tier"] = "ordinary"
    return replace(appraised, scorecard=scorecard)


@pytest.mark.parametrize("analysis", ANALYSES.values(), ids=ANALYSES)
def test_nothing_goes_on_from_another_base_case(appraised, otherwise, analysis):
    analysis(appraised)
    with pytest.raises(ReconciliationError, match="S01 is best here and ordinary on the scorecard"):
        analysis(otherwise)


def test_a_comparison_is_held_to_the_result_of_its_first_rulebook(appraised, otherwise, monkeypatch):
    monkeypatch.setattr(comparison, "appraise", lambda _year, _rules: otherwise)
    with pytest.raises(ReconciliationError, match="S01 is best here"):
        comparison.compare(appraised.year, appraised.rules, appraised.rules)


def test_votes_that_are_read_otherwise_are_found(appraised):
    """What-ifs put a department's votes in its own place: other votes there are another base case."""
    panel = appraised.evidence.panel.copy()
    panel[:, appraised.evidence.departments.get_loc("S01")] *= 0.5
    with pytest.raises(ReconciliationError, match="S01"):
        one_step_changes(replace(appraised, evidence=replace(appraised.evidence, panel=panel)))
