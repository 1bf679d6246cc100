"""Missing forms: bounds and tipping points worked out on paper, every answer they could have given, random parts."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html import unescape
from itertools import combinations, combinations_with_replacement, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from told import NEVER

from appraisal.analysis.nonresponse import missing_forms, non_response, split_differences
from appraisal.errors import ReconciliationError
from appraisal.reporting.nonresponse import nonresponse
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.oracle import points_of_all, rounded
from tests.years import counted, rulebook, small_tables, write_year

ANSWERS = {"很滿意": 100, "滿意": 80, "基本滿意": 60, "不滿意": 0}
S02, S03 = ("滿意",) * 9 + ("基本滿意",), ("基本滿意",) * 2 + ("滿意",) * 8  # 78 and 76
# Whatever was given, the composite of both is this and the social points: all else is equal.
ELSE = 0.87 * 80


def year_of(folder, upper=S02, lower=S03, *, issued=15, counts=False):
    """A year in which S02 and S03, on the sides of a line, differ only in what ten forms say of them."""
    tables = small_tables(
        panel={"S02": 0.87, "S03": 0.87}, led={"S02": 87.0, "S03": 87.0}, social={"S02": upper, "S03": lower}
    )
    tables["deductions"] = tables["deductions"].iloc[:0]
    changes = {"social.issued": str(issued)}
    if counts:
        tables["social_counts"] = counted(tables.pop("social_ballots"))
        changes["social.returned"] = "10"
    return load_year(write_year(folder, tables, rulebook(changes)))


def line_of(year, **options):
    """What is found of the line between S02 and S03."""
    found = non_response(appraise(year), **options).lines
    return found[(found["upper"] == "S02") & (found["lower"] == "S03")].iloc[0]


@pytest.fixture(scope="module")
def appraised_2003():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


# On paper


@pytest.mark.parametrize("counts", [False, True])
def test_bounds_and_tipping_point_on_paper(tmp_path, counts):
    """Five of fifteen forms are missing.

    At worst S02 has (780 + 0) / 15 = 52 and S03 (760 + 500) / 15 = 84; at best 85.33 and 50.67. Missing forms that
    differ by d move each mean by d / 6, each composite by d / 30: at 6 they meet at 85.00, with equal keys; S03 is first
    once it has 85.005, which is 85.01: at 6.15.
    """
    line = line_of(year_of(tmp_path, counts=counts))
    assert line["gap"] == 0.4
    assert line["least_gap"] == pytest.approx(0.2 * (52 - 84))
    assert line["most_gap"] == pytest.approx(round(ELSE + 0.2 * 1280 / 15, 2) - round(ELSE + 0.2 * 760 / 15, 2))
    assert line["flips"]
    assert line["tipping"] == pytest.approx(6.15, abs=1e-5)
    assert {"S02", "S03"} <= set(line["moved_least"])
    assert not {"S02", "S03"} & set(line["moved_most"])


def test_where_the_scale_ends_the_other_department_takes_the_rest(tmp_path):
    """S02 has 100, S03 98, which can rise by 2 only: at 89.33 it stays, and S02 is 89.6 − (d − 2) / 15 of 89.33."""
    line = line_of(year_of(tmp_path, ("很滿意",) * 10, ("很滿意",) * 9 + ("滿意",)))
    assert line["tipping"] == pytest.approx(2 + 15 * 0.275, abs=1e-5)


def test_a_form_without_a_valid_answer_of_a_department_weighs_nothing(tmp_path):
    """S02 has 4 answers of 80, so that the missing five weigh 5/9; S03 ten answers of 78.

    The composites are 85.6 − d / 18 and 85.2 + d / 30. They meet at 4.5; S02 is below 85.345 from 4.59 on.
    """
    upper = ("滿意",) * 4 + ("", "不了解") * 3
    line = line_of(year_of(tmp_path, upper, S02))
    assert line["tipping"] == pytest.approx(4.59, abs=1e-5)
    assert line["least_gap"] == pytest.approx(round(ELSE + 0.2 * 320 / 9, 2) - round(ELSE + 0.2 * 1280 / 15, 2))


def test_a_line_too_wide_for_the_missing_forms_cannot_be_flipped(tmp_path):
    year = year_of(tmp_path, issued=11)
    found = non_response(appraise(year)).lines
    wide = found[(found["upper"] == "S04") | (found["lower"] == "S05")].iloc[0]
    assert wide["least_gap"] > 0
    assert not wide["flips"]
    assert np.isnan(wide["tipping"])


@pytest.mark.parametrize("issued", [10, 9])
def test_where_all_forms_came_back_nothing_is_open(tmp_path, issued):
    year = year_of(tmp_path, issued=issued)
    assert missing_forms(year) == 0
    found = non_response(appraise(year))
    assert (found.issued, found.returned, found.missing) == (issued, 10, 0)
    assert (found.lines["least_gap"] == found.lines["gap"]).all()
    assert (found.lines["most_gap"] == found.lines["gap"]).all()
    assert found.lines["tipping"].isna().all()
    assert not found.lines["moved_least"].map(len).any()


def test_counts_without_the_number_that_came_back_are_refused(tmp_path):
    year = replace(year_of(tmp_path, counts=True), returned=None)
    assert missing_forms(year) is None
    with pytest.raises(ValueError, match=r"social\.returned"):
        non_response(appraise(year))


# Every answer


def first_of(year, answers):
    """Whether S03 stands before S02 by the oracle when forms with these answers of the two come in."""
    rows = [(f"late-{form}", who, said) for who, sayings in answers.items() for form, said in enumerate(sayings)]
    forms = pd.concat([year.social_ballots, pd.DataFrame(rows, columns=["ballot", "department", "rating"])])
    points, rules = points_of_all(replace(year, social_ballots=forms), year.rules), year.rules

    def keys(who):
        own = points[who]
        chain = [own["deducted"] if key == "least_deducted" else -own[key] for key in rules.ties.keys]
        return [rounded(value, rules) for value in (-own["composite"], *chain)]

    return keys("S03") < keys("S02")


@pytest.mark.parametrize(
    ("issued", "upper", "lower"),
    [(12, S02, S03), (12, ("滿意",) * 10, ("滿意",) * 9 + ("不滿意",)), (11, ("很滿意",) * 9 + ("",), S03)],
)
def test_no_answers_do_more_than_the_bound_and_none_below_the_tipping_point_flips(tmp_path, issued, upper, lower):
    year = year_of(tmp_path, upper, lower, issued=issued)
    kept = {"S02", "S03"}
    names = ("departments", "panel_ballots", "leader_ballots", "social_ballots", "deductions")
    small = replace(year, **{name: getattr(year, name)[getattr(year, name)["department"].isin(kept)] for name in names})
    line, missing = line_of(year), issued - 10
    means = [Fraction(sum(ANSWERS.get(said, 0) for said in own), sum(said in ANSWERS for said in own))
             for own in (upper, lower)]  # fmt: skip
    # The rated alike share a difference in any way; else up to what the larger effect makes of it. And a rounded step.
    step = 0.01 * (10 + missing) * 100 / (20 * missing)
    slack = step if "" not in upper else 0.1 * line["tipping"] + step
    any_flips = False
    for said_upper, said_lower in product(combinations_with_replacement(ANSWERS, missing), repeat=2):
        flipped = first_of(small, {"S02": said_upper, "S03": said_lower})
        any_flips |= flipped
        given = [Fraction(sum(map(ANSWERS.get, said)), missing) for said in (said_upper, said_lower)]
        difference = float((means[0] - means[1]) - (given[0] - given[1]))
        if flipped:
            assert line["flips"]
            assert difference > line["tipping"] - slack
        elif not np.isnan(line["tipping"]):
            assert difference < line["tipping"] + slack
    assert line["flips"] == any_flips


# Random parts


def test_random_parts_are_those_of_all_parts(tmp_path):
    """Of ten forms all 252 halves: the difference between a half and the rest, without its sign."""
    year = year_of(tmp_path)
    appraised = appraise(year)
    value = {who: np.array([ANSWERS[said] for said in own]) for who, own in (("S02", S02), ("S03", S03))}
    apart = value["S02"] - value["S03"]
    every = []
    for half in combinations(range(10), 5):
        taken = np.isin(np.arange(10), half)
        every.append(abs(apart[taken].mean() - apart[~taken].mean()))
    pair = appraised.evidence.departments.get_indexer(["S02", "S03"])
    drawn = split_differences(appraised, pair, 5, 20_000, np.random.default_rng(1))
    exact, seen = (pd.Series(np.round(some, 9)).value_counts(normalize=True) for some in (every, drawn))
    assert set(seen.index) <= set(exact.index)
    assert seen.reindex(exact.index, fill_value=0).to_numpy() == pytest.approx(exact.to_numpy(), abs=0.015)
    found = line_of(year, splits=4000)
    assert found["halves"] == pytest.approx(np.quantile(every, 0.5))
    assert found["halves_high"] == pytest.approx(np.quantile(every, 0.95))


def test_forms_that_say_the_same_of_both_cancel_and_counts_cannot_know(tmp_path):
    same = ("很滿意",) * 8 + ("不滿意",)
    said = (*same, "滿意"), (*same, "基本滿意")
    of_forms, of_counts = (line_of(year_of(tmp_path / str(counts), *said, counts=counts)) for counts in (False, True))
    assert of_forms["halves_high"] <= 4 + 1e-9  # 20 points of one form in five
    assert of_counts["halves_high"] > 20  # the 0 of each falls into one half or another
    assert of_counts["tipping"] == of_forms["tipping"]


def test_a_part_without_a_rating_says_nothing(tmp_path):
    line = line_of(year_of(tmp_path, ("滿意",) + ("",) * 9, S03))
    assert np.isnan(line[["halves", "halves_high", "as_many_high"]].astype(float)).all()


# 2003


def test_2003_bounds_hold_and_the_tipping_point_flips(appraised_2003):
    found = non_response(appraised_2003, 500)
    lines = found.lines
    assert (found.issued, found.returned, found.missing, found.splits) == (800, 726, 74, 500)
    assert len(lines) == 10
    assert (lines["least_gap"] < lines["gap"]).all()
    assert (lines["gap"] < lines["most_gap"]).all()
    assert lines["flips"].all()
    assert all({row.upper, row.lower} & {*row.moved_least} for row in lines.itertuples())
    # A part as large as what is missing varies more than a half does.
    assert (lines["as_many_high"] > lines["halves_high"]).all()
    assert (lines["halves"] < lines["halves_high"]).all()
    # Points of 100 that make up the gap, by the ratings of either side; rounding bridges a step of each composite.
    social, rated = float(appraised_2003.rules.weights["social"]), appraised_2003.evidence.social.count.sum(axis=0)
    for row in lines.itertuples():
        pair = appraised_2003.evidence.departments.get_indexer([row.upper, row.lower])
        effect = social / 100 * (74 / (rated[pair] + 74)).mean()
        assert row.tipping == pytest.approx(row.gap / effect, abs=0.011 / float(effect))


def test_same_seed_same_numbers(appraised_2003):
    first, again, other = (non_response(appraised_2003, 200, seed=seed).lines for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first["halves"].equals(other["halves"])
    assert first["tipping"].equals(other["tipping"])


def test_a_base_case_that_is_not_the_scorecard_stops(appraised_2003):
    scorecard = appraised_2003.scorecard.copy()
    scorecard.loc["minzheng", "rule_tier"] = "good"
    with pytest.raises(ReconciliationError, match="minzheng is admonished here and good on the scorecard"):
        non_response(replace(appraised_2003, scorecard=scorecard), 10)


# What readers see


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", piece.html))


def test_the_section_gives_each_line_its_bounds_and_names_who_moves(appraised_2003):
    said = text_of(nonresponse(appraised_2003))
    found = non_response(appraised_2003).lines
    assert "發出800張，交回726張，74張未交回" in said
    assert "10條界線中有10條次序改變" in said
    within = int((found["tipping"] <= found["as_many_high"]).sum())
    assert f"10條界線中，{within}條只要" in said
    bounds, point = re.findall(r"執法監察部門第8｜9名((?:\s+[−\d.改變]+)+)", said)[:2]
    assert bounds.split() == ["0.01", "−2.02", "2.34", "改變"]
    assert point.split()[0] == "0.1"
    names = appraised_2003.scorecard["name"]
    assert "、".join(names[code] for code in found["moved_least"].iloc[0]) in said
    assert not re.search(NEVER["zh-Hant"], said)


def test_the_section_says_where_nothing_is_missing_or_nothing_is_known(tmp_path):
    whole = year_of(tmp_path / "whole", issued=10)
    assert "none is missing" in text_of(nonresponse(appraise(whole)))
    counts = year_of(tmp_path / "counts", counts=True)
    assert "each department was split apart" in text_of(nonresponse(appraise(counts)))
    assert "cannot be told" in text_of(nonresponse(appraise(replace(counts, returned=None))))
