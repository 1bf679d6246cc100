"""Calibration: the measure on paper, the record and its page, and a small trial that bites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.calibrate import PAGE, page
from benchmarks.known_truth import SETTINGS, calibrate, sets_hold, true_ranks

from appraisal.analysis.calibration import nearest_setting, recorded, reliability, worst_setting
from appraisal.rulebook import read_rulebook

ROOT = Path(__file__).parents[1]
RULES = read_rulebook(ROOT / "data" / "2003" / "rulebook.toml").replace({"seed": 7})


def test_two_bins_by_hand():
    """Of 100 given 0.25, 40 come true; of 300 given 0.95, 270: (100 · 0.15 + 300 · 0.05) / 400."""
    said = np.repeat([0.25, 0.95], [100, 300])
    true = np.concatenate([np.arange(100) < 40, np.arange(300) < 270])
    assert reliability(said, true) == {
        "cases": 400,
        "mean": pytest.approx(0.775),
        "came_true": pytest.approx(0.775),
        "error": pytest.approx(0.075),
        "worst": pytest.approx(0.15),
        "worst_cases": 100,
    }


def test_a_bin_of_few_is_in_the_error_and_never_the_worst():
    said = np.repeat([0.25, 0.95], [99, 300])
    found = reliability(said, np.repeat([True, False], [99, 300]))
    assert found["worst"] == pytest.approx(0.95)
    assert found["error"] == pytest.approx((99 * 0.75 + 300 * 0.95) / 399)
    assert reliability(said[:50], np.zeros(50, bool))["worst_cases"] == 0


def test_certainty_has_a_bin():
    assert reliability(np.ones(100), np.ones(100, bool))["error"] == 0


def test_true_ranks_of_equals():
    best, last = true_ranks(np.array([2.0, 2.0, 1.0, 5.0]), np.array([0, 0, 0, 1]))
    assert best.tolist() == [1, 1, 3, 1]
    assert last.tolist() == [2, 2, 3, 1]


def test_what_is_said_comes_true_in_years_of_known_truth():
    """Seeded. 24 years know the mean of what comes true to some 0.013, and chance alone makes an error of some 0.02."""
    coverage, figures = calibrate(RULES, {"jurors_9": SETTINGS["jurors_9"]}, years=24, draws=200)
    own = figures[figures["kind"] == "tier"].set_index(["said", "truth"])
    for said in ("unlimited", "anew"):
        assert own.loc[(said, said), "mean"] == pytest.approx(own.loc[(said, said), "came_true"], abs=0.035)
        assert own.loc[(said, said), "error"] < 0.05
    # (a), read as the chance that a new panel repeats it, promises too much.
    assert own.loc[("share", "anew"), "mean"] > own.loc[("anew", "anew"), "mean"] + 0.04
    assert coverage.loc[0, "equal"] >= 20 / 24
    assert coverage.loc[0, "spread"] >= 22 / 24


def test_what_a_panel_agrees_on_shows_in_no_ballot():
    """Jurors who share 0.3 of their noise leave differences of composites some 1.4 times as uncertain as they seem."""
    held = [sets_hold(RULES, SETTINGS["agreed"].equal, number, draws=200) for number in range(1, 13)]
    assert np.mean(held) < 0.7


def test_a_year_that_asks_for_a_ruling_is_left_out(monkeypatch):
    """Whole points tie many equal departments on a line."""
    rules = RULES.replace({"rounding.digits": 0, "ties.keys": ["excellence"]})
    assert sets_hold(rules, SETTINGS["jurors_9"].equal, 1, draws=50) is None


def test_workers_do_not_change_the_figures():
    tables = [calibrate(RULES, {"jurors_5": SETTINGS["jurors_5"]}, years=2, draws=50, workers=n) for n in (1, 2)]
    for one, two in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_the_record_holds_every_setting():
    record = recorded()
    assert set(record.coverage["setting"]) == set(SETTINGS) == set(record.reliability["setting"])
    assert (record.coverage["years"] <= record.years).all()
    assert len(record.reliability) == len(SETTINGS) * 2 * 4


def test_nearest_and_worst():
    record = recorded()
    assert [nearest_setting(record, jurors) for jurors in (2, 6, 8, 9, 40)] == [
        f"jurors_{jurors}" for jurors in (5, 5, 7, 9, 30)
    ]
    table = record.reliability.copy()
    table.loc[table["setting"] == "heaped", "error"] = 0.9
    assert worst_setting(replace(record, reliability=table), "anew") == "heaped"


def test_the_page_is_that_of_the_record():
    """Nobody edits a figure by hand."""
    written = page(recorded())
    assert PAGE.read_text(encoding="utf-8") == written
    assert written.count("**0.") == written.count("**") / 2 - 1
