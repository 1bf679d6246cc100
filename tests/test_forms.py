"""Social forms and answers: what chance allows, what is a copy, what may be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, norm
from years import counted, small_tables, write_year

from appraisal.analysis import forms
from appraisal.analysis.answers import (
    answer_counts,
    beta_law,
    counts_against_forms,
    unknown_answers,
)
from appraisal.analysis.coverage import social_answers
from appraisal.analysis.flags import Settings, discovery_q
from appraisal.analysis.forms import Leniency, answer_matrix, near_duplicates, straight_lines
from appraisal.analysis.small_counts import LEAST_SHOWN, merged_counts
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FOLDER_2003 = Path(__file__).parents[1] / "data" / "2003"


@pytest.fixture(scope="module")
def year():
    return load_year(FOLDER_2003)


@pytest.fixture(scope="module")
def answers(year):
    return answer_matrix(year)[0]


def test_answers_are_those_of_the_table(year):
    found, names, ratings = answer_matrix(year)
    table = year.social_ballots.pivot(index="ballot", columns="department", values="rating").loc[
        names, year.departments["department"]
    ]
    said = np.array([*ratings, ""], dtype=object)[found]
    assert (said == table.to_numpy()).all()


def test_the_tail_of_leniency_is_that_of_drawn_forms():
    rng = np.random.default_rng(3)
    law, of = Leniency(-0.3, 0.5), np.full(100_000, 90)
    times = rng.binomial(90, norm.cdf(-0.3 + 0.5 * rng.standard_normal(of.size)))
    assert law.at_least(np.array([65]), np.array([90]))[0] == pytest.approx((times >= 65).mean(), rel=0.05)
    fitted = Leniency.of(times, of)
    assert fitted.middle == pytest.approx(-0.3, abs=0.05)
    assert fitted.spread == pytest.approx(0.5, abs=0.08)


def test_straight_lines_are_found_whatever_the_answer_and_natural_forms_are_not(answers):
    rng = np.random.default_rng(4)
    odd = rng.choice(len(answers), 6, replace=False)
    planted = answers.copy()
    planted[odd] = np.repeat([0, 0, 1, 1, 2, 3], 1)[:, None]
    q = discovery_q(straight_lines(planted, 5, 48)["p"].to_numpy(), "bh")
    assert set(np.flatnonzero(q <= 0.05)) == set(odd)
    assert discovery_q(straight_lines(answers, 5, 48)["p"].to_numpy(), "bh").min() > 0.05


def test_a_form_that_answers_little_is_not_tested(answers):
    few = answers.copy()
    few[0, 10:] = -1
    few[0, :10] = 1
    assert np.isnan(straight_lines(few, 5, 48)["p"].iloc[0])
    assert 0 not in set(near_duplicates(few, 5, 48)[["first", "second"]].to_numpy().ravel())


def test_copies_are_found_and_popular_answers_are_no_copy(answers):
    rng = np.random.default_rng(5)
    copied = answers.copy()
    copied[7] = copied[3]
    changed = rng.random(copied.shape[1]) < 0.15
    copied[7, changed] = rng.integers(0, 5, changed.sum())
    copied[20] = copied[21] = 0  # both very satisfied with everyone: no wonder that they agree
    pairs = near_duplicates(copied, 5, 48)
    q = discovery_q(np.append(pairs["p"], np.ones(pairs.attrs["comparisons"] - len(pairs))), "bh")[: len(pairs)]
    assert pairs.loc[q <= 0.05, ["first", "second"]].to_numpy().tolist() == [[3, 7]]
    assert pairs.attrs["comparisons"] == len(answers) * (len(answers) - 1) // 2


def test_what_is_expected_of_a_pair_is_what_dealt_answers_give():
    rng = np.random.default_rng(6)
    lenient = rng.beta(2, 2, 300)
    drawn = (rng.random((300, 60)) > lenient[:, None]).astype(int)
    pairs = near_duplicates(drawn, 2, 30)
    assert len(pairs) < 40  # of 44,850; four standard deviations
    assert discovery_q(np.append(pairs["p"], np.ones(44_850 - len(pairs))), "bh").min() > 0.05


def test_the_beta_law_is_found_again_although_one_department_is_unknown_to_most():
    rng = np.random.default_rng(7)
    of = np.full(96, 726)
    share = rng.beta(2, 23, 96)
    share[5] = 0.6
    times = rng.binomial(of, share)
    a, b = beta_law(times, of)
    assert a / (a + b) == pytest.approx(0.08, abs=0.02)
    p = betabinom.sf(times - 1, of, a, b)
    assert np.flatnonzero(discovery_q(p, "bh") <= 0.05).tolist() == [5]


def test_unknown_answers_count_what_counts_for_nothing(year):
    table = unknown_answers(year).set_index("department")
    rows = year.social_ballots
    assert table["unknown"].to_dict() == (rows[rows["rating"] == "不了解"]["department"].value_counts()).to_dict()


def test_counts_say_the_same_as_forms_and_may_not_exceed_them(tmp_path):
    tables = small_tables()
    forms_year = load_year(write_year(tmp_path / "forms", tables))
    tables["social_counts"] = counted(tables.pop("social_ballots"))
    counts_year = load_year(write_year(tmp_path / "counts", tables))
    pd.testing.assert_frame_equal(answer_counts(forms_year), answer_counts(counts_year))
    assert not counts_against_forms(counts_year)["flag"].any()
    more = counts_year.social_counts.copy()
    more.loc[more.index[0], "count"] += 8
    found = counts_against_forms(replace(counts_year, social_counts=more, returned=12))
    assert found.loc[found["flag"], "department"].tolist() == [more["department"].iloc[0]]
    assert forms.tests(appraise(counts_year), Settings()) == []


@given(st.lists(st.integers(0, 20), min_size=1, max_size=7))
def test_nothing_small_is_shown_and_nothing_is_lost(counts):
    merged = merged_counts(counts)
    assert [position for positions, _count in merged for position in positions] == list(range(len(counts)))
    assert [count for _positions, count in merged] == [sum(counts[at] for at in positions) for positions, _ in merged]
    assert len(merged) == 1 or min(count for _positions, count in merged) >= LEAST_SHOWN
    assert len(merged) == 1 or 2 not in {len(positions) for positions, _count in merged}


def test_what_is_put_together_is_not_solved_by_the_points():
    """Of 650 forms, and the social points as they are published: several counts of the few fit what is shown."""
    counts, worth = (300, 246, 101, 3), np.array([100, 80, 60, 0])
    together = [positions for positions, _count in merged_counts(counts) if len(positions) > 1]
    assert together == [(1, 2, 3)]
    published = round(0.2 * float(worth @ counts) / 650, 2)
    fits = {
        few
        for few in range(LEAST_SHOWN)
        for middle in range(351 - few)
        if round(0.2 * float(worth @ (300, 350 - few - middle, middle, few)) / 650, 2) == published
    }
    assert fits == set(range(LEAST_SHOWN))


def test_a_rating_that_few_of_a_group_gave_is_not_shown_by_itself(tmp_path):
    tables = small_tables()
    year = load_year(write_year(tmp_path, tables))
    shares = social_answers(year)
    valid = list(year.rules.social.points)
    assert "".join(shares.columns).count("＋") == len(valid) - len(shares.columns)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    counts = answer_counts(year)[valid].groupby(year.departments["group"].to_numpy()).sum()
    for column in shares:
        assert len(shares.columns) == 1 or counts[column.split("＋")].sum(axis=1).min() >= LEAST_SHOWN
