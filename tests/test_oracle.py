"""Scoring against the oracle: the same scorecard or the same refusal, on years drawn at random."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from appraisal.errors import RulingError
from appraisal.scoring.appraise import appraise, score
from appraisal.scoring.evidence import gather
from appraisal.tables import Year, load_year
from tests.oracle import Outcome, TooManyOrdersError, assess, points_of_all, rounded
from tests.random_years import random_year, ruled
from tests.years import small_tables, write_year

BATCHES, YEARS_OF_BATCH = 10, 12


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Year:
    return load_year(write_year(tmp_path_factory.mktemp("base")))


def complete(rng: random.Random, base: Year, largest: int = 6):
    """A year that the oracle can decide, with rulings."""
    while True:
        year = random_year(rng, base, largest)
        try:
            year = replace(year, rulings=ruled(rng, year))
            expected = assess(year)
        except TooManyOrdersError:
            continue
        if not expected.unsettled:
            return year, expected


def said_of_ties(refusal: RulingError) -> set[tuple[str, ...]]:
    """Departments of each tie for which a stop prints rows to add."""
    return {
        tuple(sorted(row.split(",")[1] for row in problem.values["rows"].splitlines()))
        for problem in refusal.problems
        if "rows" in problem.values
    }


def differences(year: Year, expected: Outcome) -> list[str]:
    """Where the scoring says other than the oracle; nothing is expected."""
    try:
        scorecard = appraise(year).scorecard
    except RulingError as refusal:
        if not expected.refusals:
            return [f"refused: {refusal}"]
        ties = {reason[1:] for reason in expected.refusals if reason[0] == "tie"}
        return [] if said_of_ties(refusal) == ties else [f"rows to add for {said_of_ties(refusal)}, oracle {ties}"]
    if expected.refusals:
        return [f"not refused: {sorted(expected.refusals)}"]
    return [
        f"{code} {column}: scoring {scorecard.loc[code, column]}, oracle {value}"
        for code, card in expected.scorecard.items()
        for column, value in card.items()
        if not same(scorecard.loc[code, column], value)
    ]


def same(said: object, value: str | Fraction | None) -> bool:
    if value is None:
        return bool(pd.isna(said))
    return said == (value if isinstance(value, str) else float(value))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_years(base, batch):
    for number in range(YEARS_OF_BATCH):
        seed = f"{batch}:{number}"
        year, expected = complete(random.Random(seed), base)
        assert differences(year, expected) == [], f"year {seed}"


@pytest.mark.parametrize("digits", range(5))
@pytest.mark.parametrize("mode", ["half_up", "half_even"])
def test_points_of_larger_years(base, digits, mode):
    """Every number of the scorecard equals that of fractions, though many stand on an exact half."""
    for number in range(6):
        year = random_year(random.Random(f"{digits} {mode} {number}"), base, largest=16)
        rules = year.rules.replace({"rounding": {"digits": digits, "mode": mode}})
        exact = points_of_all(year, rules)
        points = score(gather(year, rules), rules).rounded
        wrong = [
            f"{code} {name}: scoring {shown}, exact {exact[code][name]}"
            for name in points
            for code, shown in zip(year.departments["department"], points[name].tolist(), strict=True)
            if shown != float(rounded(exact[code][name], rules))
        ]
        assert wrong == [], f"year {number}"


@pytest.mark.parametrize("seed", range(4))
def test_random_years_from_their_files(base, tmp_path, seed):
    """The same, through the tables as an office writes them."""
    year, expected = complete(random.Random(f"file {seed}"), base)
    names = ("departments", "bands", "panel_ballots", "leader_ballots", "deductions", "problems", "rulings")
    tables = {name: getattr(year, name) for name in names}
    for name in ("social_ballots", "social_counts"):
        if getattr(year, name) is not None:
            tables[name] = getattr(year, name)
    rest = small_tables()
    for name in ("self_assessments", "inspections", "jurors", "spot_checks", "queries"):
        tables[name] = rest[name].iloc[:0]
    # Self-assessments need a row.
    first = (year.departments["department"].iloc[0], next(iter(year.rules.item_marks)), 1.0, "")
    tables["self_assessments"] = pd.DataFrame([first], columns=rest["self_assessments"].columns)
    folder = write_year(tmp_path, tables)
    assert differences(load_year(folder, rules=year.rules), expected) == []


@pytest.fixture(scope="module")
def year_2003() -> Year:
    return load_year(Path(__file__).parents[1] / "data" / "2003")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tiers.best.backfill": "highest_remaining", "tiers.best.wildcard_scale": "anchored", "rounding.digits": 4},
        {"panel.statistic": "trimmed_mean", "panel.trim": 2, "tiers.best.wildcard_scale": "z", "rounding.digits": 3},
    ],
)
def test_2003(year_2003, changes):
    rules = year_2003.rules.replace(changes)
    if changes:
        # A ruling of the year fits its own rules alone.
        year_2003 = replace(year_2003, rulings=year_2003.rulings.iloc[:0])
    year = replace(year_2003, rules=rules)
    expected = assess(year)
    assert not expected.refusals
    assert differences(year, expected) == []
