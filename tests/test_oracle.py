"""Scoring against the oracle: the same scorecard or the same refusal, on years drawn at random."""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd
import pytest

from appraisal.errors import RulingError
from appraisal.scoring.appraise import appraise
from appraisal.tables import Year, load_year
from tests.oracle import TIERS, Outcome, TooManyOrders, assess, points_of_all
from tests.random_years import random_year, rulings_of
from tests.years import write_year

BATCHES, YEARS_OF_BATCH = 20, 15


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Year:
    return load_year(write_year(tmp_path_factory.mktemp("base")))


def ruled(rng: random.Random, year, points, first: Outcome) -> pd.DataFrame:
    """Rulings, most of them fitting, for a year that the oracle has looked at."""
    tier = {code: card["rule_tier"] for code, card in first.scorecard.items()}
    codes = sorted(code for code in tier if tier[code])
    if not codes:
        return rulings_of([])
    listed = []
    if rng.random() < 0.5:
        chance = {"best": 0.35, "advanced": 0.08}
        listed += [("withdraw", code, "best") for code in codes if rng.random() < chance.get(tier[code], 0.005)]
    if rng.random() < 0.3:
        chosen = rng.sample(codes, min(2, len(codes)))
        listed += [("admonish", code, "yes" if rng.random() < 0.1 else "no") for code in chosen]
    if rng.random() < 0.2:
        listed += [("committee", rng.choice(codes), rng.choice(TIERS))]
    if rng.random() < 0.6:
        looked_at = assess(replace(year, rulings=rulings_of(listed)), points=points)
        tier = {code: card["rule_tier"] for code, card in looked_at.scorecard.items()}
        free = {place: seats for place, seats in looked_at.open_seats.items() if seats and place != "ordinary"}
        for place in TIERS[:3]:
            takers = [c for c in codes if TIERS.index(place) < TIERS.index(tier[c]) < 4 or rng.random() < 0.01]
            if place in free and takers:
                taker = rng.choice(takers)
                listed.append(("seat", taker, place))
                codes = [code for code in codes if code != taker]
                if rng.random() < 0.5:
                    free[tier[taker]] = 1
    ties = assess(replace(year, rulings=rulings_of(listed)), points=points).ties
    for members in sorted(map(sorted, ties)):
        values = rng.sample(range(1, len(members) + 1), len(members))
        if rng.random() < 0.1:
            values[0] = rng.choice((0, 1, len(values) + 1))
        listed += [("tie", code, str(value)) for code, value in zip(members, values, strict=True)]
    untied = sorted({*tier} - {code for members in ties for code in members})
    if rng.random() < 0.03 and untied:
        listed += [("tie", rng.choice(untied), "1")]
    rng.shuffle(listed)
    return rulings_of(listed)


def complete(rng: random.Random, base: Year, largest: int = 6):
    """A year that the oracle can decide, with rulings."""
    while True:
        year = random_year(rng, base, largest)
        points = points_of_all(year, year.rules)
        try:
            year = replace(year, rulings=ruled(rng, year, points, assess(year, points=points)))
            expected = assess(year, points=points)
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
