"""Deductions: exact tails against sums over all tables, incidents, dates, and what hangs on rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, poisson
from years import write_year

from appraisal.analysis import deductions
from appraisal.analysis.counts import excess_p, excesses, expected_count, funnel_limits, ratio_interval, smallest_ratio
from appraisal.analysis.deductions import late_in_year, same_incident, source_by_group, unverified_by_source
from appraisal.analysis.flags import Settings, judge
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

COLUMNS = ["department", "item", "date", "source", "points", "verified", "incident", "note"]


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    return load_year(write_year(tmp_path_factory.mktemp("year")))


def with_rows(year, rows):
    """The year with these deductions: department, day, source, points, verified, incident."""
    table = pd.DataFrame(
        [(who, "work_style", day, source, points, fine, told, "") for who, day, source, points, fine, told in rows],
        columns=COLUMNS,
        index=pd.RangeIndex(2, 2 + len(rows), name="row"),
    ).astype({"date": "datetime64[s]", "verified": bool, "points": float})
    return replace(year, deductions=table)


def test_even_exposures_give_fishers_exact_test():
    rng = np.random.default_rng(1)
    for _ in range(20):
        counts = rng.integers(1, 9, (3, 4))
        whole, group, source = counts.sum(), counts[1].sum(), counts[:, 2].sum()
        table = [[counts[1, 2], group - counts[1, 2]], [source - counts[1, 2], whole - group - source + counts[1, 2]]]
        at_least = fisher_exact(table, alternative="greater").pvalue
        exactly = at_least + fisher_exact(table, alternative="less").pvalue - 1
        assert excess_p(counts, np.full((3, 4), 1 / 3), 1, 2) == pytest.approx(at_least - exactly / 2)


def test_uneven_exposures_give_the_conditional_law_of_poisson_counts():
    """Brute force: Poisson counts with the rates of the exposures, those tables kept that have the same totals."""
    share = np.array([[0.7, 0.4], [0.3, 0.6]])
    counts = np.array([[6, 2], [2, 4]])
    chance = {}
    for table in product(range(12), repeat=4):
        cells = np.array(table).reshape(2, 2)
        if (cells.sum(axis=0) == counts.sum(axis=0)).all() and (cells.sum(axis=1) == counts.sum(axis=1)).all():
            chance[cells[0, 0]] = poisson.pmf(cells, 7 * share).prod()
    tail = (sum(value for first, value in chance.items() if first > 6) + chance[6] / 2) / sum(chance.values())
    assert excess_p(counts, share, 0, 0) == pytest.approx(tail)


def test_too_much_in_one_cell_does_not_make_others_stand_out():
    counts = np.array([[30, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 9]])
    p = excesses(counts, np.full((3, 4), 1 / 3))
    assert p[0, 0] < 1e-4
    assert np.delete(p.ravel(), [0, 11]).min() > 0.2
    assert excess_p(counts, np.full((3, 4), 1 / 3), 1, 1) < 0.15  # as it would be beside the 30
    assert p[2, 3] == pytest.approx(
        excess_p(np.array([[4, 4, 4, 4], [4, 4, 4, 4], [4, 4, 4, 9]]), np.full((3, 4), 1 / 3), 2, 3), rel=0.3
    )


def test_what_the_others_lead_to_expect_is_the_rate_of_source_times_group():
    rate, share = np.outer([1.0, 2.0, 4.0], [10, 20, 30, 40]), np.array([[0.2] * 4, [0.3] * 4, [0.5] * 4])
    even = rate.astype(int)
    assert expected_count(even, np.full((3, 4), 1 / 3), 1, 2) == pytest.approx(60)
    # Rates by exposure: three times the visits, three times the count.
    exposure = share.copy()
    exposure[:, 0] = [0.6, 0.2, 0.2]
    counts = np.rint(1000 * exposure).astype(int)
    assert expected_count(counts, exposure, 0, 0) == pytest.approx(600, rel=0.02)


def test_a_funnel_leaves_so_many_outside_by_chance():
    expected = np.array([2.0, 5.0, 30.0])
    low, high = funnel_limits(expected, 0.95)
    drawn = np.random.default_rng(2).poisson(expected, (40_000, 3)) / expected
    outside = ((drawn < low) | (drawn > high)).mean(axis=0)
    assert (outside < 0.055).all()
    assert outside[2] == pytest.approx(0.05, abs=0.012)
    interval = ratio_interval(np.array([0, 10]), np.array([1.0, 1.0]))
    assert [float(side[1]) for side in interval] == pytest.approx([4.795, 18.390], abs=1e-3)  # Garwood 1936


def test_the_smallest_ratio_is_found_nine_times_in_ten():
    rng, share = np.random.default_rng(9), np.full((3, 4), 1 / 3)
    ratio = smallest_ratio(5.0, (3, 4), 0.05 / 12, 0.9)
    mean = np.where(np.arange(12).reshape(3, 4) == 0, 5.0 * ratio, 5.0)
    p = [excess_p(rng.poisson(mean), share, 0, 0) for _ in range(400)]
    assert np.mean(np.array(p) <= 0.05 / 12) == pytest.approx(0.9, abs=0.06)


def test_one_incident_twice(year):
    rows = [
        ("S02", "2003-05-06", "inspection", 0.5, True, ""),
        ("S02", "2003-05-07", "complaint", 0.5, True, ""),  # the same, told by another source a day later
        ("S02", "2003-05-30", "petition", 0.5, True, ""),  # later
        ("S03", "2003-05-06", "complaint", 0.5, True, ""),  # of another department
        ("S04", "2003-05-06", "complaint", 0.5, True, "a"),
        ("S04", "2003-05-06", "petition", 0.5, True, "a"),  # said to be one: it counts once
        ("S05", "2003-05-06", "complaint", 0.5, True, ""),
        ("S05", "2003-05-06", "petition", 0.3, True, ""),  # other points
        ("S06", "2003-05-06", "complaint", 0.5, True, ""),
        ("S06", "2003-05-06", "petition", 0.5, False, ""),  # not verified: it does not count
    ]
    pairs = same_incident(with_rows(year, rows), days=1)
    assert pairs.loc[pairs["flag"], ["department", "row", "row_again"]].to_numpy().tolist() == [["S02", 2, 3]]
    assert set(pairs["department"]) == {"S02", "S05"}
    assert pairs.attrs["by_chance"] > 0


def test_what_hangs_on_a_row_is_what_the_year_without_it_gives(year):
    rows = [("S02", "2003-05-06", s, 9.0, True, "") for s in ("inspection", "complaint")]
    appraised = appraise(with_rows(year, rows))
    found = judge(appraised, deductions.tests(appraised, Settings()), Settings())
    flag = found.flags[found.flags["family"] == "same_incident"].iloc[0]
    without = appraise(with_rows(year, rows[:1])).scorecard
    before = appraised.scorecard
    assert flag["moved"]
    assert {who: then for who, _tier, then in flag["moved"]} == {
        who: without.loc[who, "rule_tier"]
        for who in before.index
        if without.loc[who, "rule_tier"] != before.loc[who, "rule_tier"]
    }


def test_a_source_that_deducts_one_group_too_often(year):
    others = [
        (f"{g}0{1 + n % 6}", f"2003-0{3 + n % 6}-11", s, 0.5, True, "")
        for g in "SEL"
        for n, s in enumerate(["inspection", "complaint", "petition", "tracking"] * 2)
    ]
    more = [(f"E0{1 + n % 6}", "2003-06-02", "petition", 0.2, True, "") for n in range(14)]
    found = source_by_group(with_rows(year, others + more))
    row = found.loc[found["p"].idxmin()]
    assert (row["group"], row["source"], row["rows"]) == ("economic", "petition", 16)
    assert row["p"] < 0.01
    assert row["low"] < row["ratio"] < row["high"]
    assert row["ratio"] > 4


def test_unverified_rows_and_the_end_of_the_year(year):
    rows = [
        ("S01", f"2003-0{1 + n % 9}-15", s, 0.5, s != "petition", "")
        for n in range(9)
        for s in ("petition", "tracking")
    ]
    rows += [("S01", f"2003-12-{day}", "complaint", 0.5, True, "") for day in range(20, 28)]
    unverified = unverified_by_source(with_rows(year, rows)).set_index("source")
    assert unverified["unverified"].to_dict() == {"inspection": 0, "complaint": 0, "petition": 9, "tracking": 0}
    assert unverified.loc["petition", "p"] < 1e-4
    late = late_in_year(with_rows(year, rows), 31).set_index("source")
    assert late["late"].to_dict() == {"inspection": 0, "complaint": 8, "petition": 0, "tracking": 0}
    assert late.loc["complaint", "p"] == pytest.approx((31 / 365) ** 8)


def test_a_year_without_deductions_has_no_flag(year):
    appraised = appraise(with_rows(year, []))
    found = judge(appraised, deductions.tests(appraised, Settings()), Settings())
    assert len(found.flags) == 0
