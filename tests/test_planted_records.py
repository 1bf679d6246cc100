"""What is planted in tables is found, and little else; `make anomalies` measures the rates over many years."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.planting.tables import EFFECTS, planted_records
from benchmarks.process_anomalies import try_records
from benchmarks.trying import where_it_passes

from appraisal.office.simulate import simulate_year
from appraisal.rulebook import read_rulebook

RULES = read_rulebook(Path(__file__).parents[1] / "data" / "2003" / "rulebook.toml")


def test_what_is_planted_is_found_and_little_else():
    tried = [own for attempt in range(60, 64) if (own := try_records(EFFECTS, attempt))]
    planted = pd.concat([own for _counts, own in tried])
    assert set(planted["kind"]) == set(EFFECTS)
    assert set(planted.loc[planted["found"], "kind"]) == set(EFFECTS)
    # 22 places a year; a few may be missed.
    assert planted["found"].mean() >= 0.9
    wrong = sum(int(counts["wrong"].sum()) for counts, _own in tried)
    assert wrong <= 0.1 * planted["found"].sum()


def test_the_same_seed_plants_the_same_and_without_kinds_nothing():
    first, again = planted_records(RULES, attempt=3), planted_records(RULES, attempt=3)
    pd.testing.assert_frame_equal(first[1], again[1])
    for name, table in first[0].tables.items():
        pd.testing.assert_frame_equal(table, again[0].tables[name])
    nothing, planted = planted_records(RULES, {}, attempt=3)
    assert planted.empty
    for name, table in simulate_year(RULES, attempt=3).tables.items():
        pd.testing.assert_frame_equal(nothing.tables[name], table)


def test_it_is_planted_on_numbered_departments_and_never_twice_on_one():
    _year, planted = planted_records(RULES, attempt=5)
    departments = planted.loc[
        (planted["department"] != "") & ~planted["kind"].str.startswith(("recusal", "open")), "department"
    ]
    assert departments.is_unique
    assert planted["department"].str.fullmatch(r"(d\d{3})?").all()


def test_where_recall_passes_is_interpolated():
    assert where_it_passes([1.0, 2.0, 3.0], [0.2, 0.8, 1.0]) == pytest.approx(2.5)
    assert where_it_passes([1.0, 2.0, 3.0], [0.95, 0.8, 1.0]) == 1.0
    assert math.isnan(where_it_passes([1.0, 2.0, 3.0], [0.5, 0.5, 0.5]))
