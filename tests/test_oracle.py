"""Scoring against the oracle: the same scorecard or the same refusal, on years drawn at random."""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd
import pytest

from appraisal.errors import RulingError
from appraisal.scoring.appraise import appraise
from appraisal.tables import Year, load_year
from tests.oracle import Outcome, TooManyOrders, assess
from tests.random_years import random_year, ruled
from tests.years import write_year

BATCHES, YEARS_OF_BATCH = 20, 15


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
        except TooManyOrders:
            continue
        if not expected.unsettled:
            return year, expected


def differences(year, expected: Outcome) -> list[str]:
    """Where the scoring says other than the oracle; nothing is expected."""
    try:
        scorecard = appraise(year).scorecard
    except RulingError as refusal:
        return [] if expected.refusals else [f"refused: {refusal}"]
    if expected.refusals:
        return [f"not refused: {sorted(expected.refusals)}"]
    found = []
    for code, card in expected.scorecard.items():
        for column, value in card.items():
            said = scorecard.at[code, column]
            if value is None:
                same = pd.isna(said)
            elif isinstance(value, str):
                same = said == value
            else:
                same = said == float(value)
            if not same:
                found.append(f"{code} {column}: scoring {said}, oracle {value if isinstance(value, str) or value is None else float(value)}")
    return found


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_years(base, batch):
    for number in range(YEARS_OF_BATCH):
        seed = f"{batch}:{number}"
        year, expected = complete(random.Random(seed), base)
        assert differences(year, expected) == [], f"year {seed}"
