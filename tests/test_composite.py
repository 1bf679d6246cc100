"""The weighted sum and the one rounding, against `decimal`, over whole grids of halves."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from appraisal.scoring.appraise import score
from appraisal.scoring.composite import composite_points, to_ticks
from appraisal.scoring.evidence import gather
from appraisal.sections import Rounding
from appraisal.tables import load_year

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def round_points(points, rounding):
    """Rounded points as they are shown: units of the last digit, put back."""
    return to_ticks(points, rounding) / 10.0**rounding.digits


def by_decimal(text: str, digits: int, mode: str) -> float:
    return float(Decimal(text).quantize(Decimal(1).scaleb(-digits), MODES[mode]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["0.125", "1.005", "2.675", "0.005", "99.995", "0.135", "1.115", "0", "100"])
def test_halves_that_binary_fractions_miss(text, mode):
    shown = round_points(np.array([float(text)]), Rounding(digits=2, mode=mode))
    assert shown.tolist() == [by_decimal(text, 2, mode)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("digits", range(5))
def test_every_half_and_every_tenth_beside_it(digits, mode):
    """All of 0 to 100 in tenths of the last digit; with 3 and 4 digits a part of it."""
    tenths = range(0, 10 ** (digits + 3) + 1, (1, 1, 1, 17, 177)[digits])
    halves = range(5, 10 ** (digits + 3), (10, 10, 10, 30, 330)[digits])
    texts = [str(Decimal(number).scaleb(-digits - 1)) for number in (*tenths, *halves)]
    shown = round_points(np.array([float(text) for text in texts]), Rounding(digits=digits, mode=mode))
    assert shown.tolist() == [by_decimal(text, digits, mode) for text in texts]


@pytest.mark.parametrize("digits", range(5))
def test_what_is_next_to_a_half_stays_on_its_side(digits):
    """Only what is within 1e-10 of a half, in units of the last digit, counts as the half."""
    half, unit = 12.5 * 10.0**-digits, 10.0**-digits
    below, within, above = (
        round_points(np.array([half + off * unit]), Rounding(digits=digits, mode="half_up"))[0]
        for off in (-1e-9, -5e-11, 1e-9)
    )
    assert (below, within, above) == (12 / 10**digits, 13 / 10**digits, 13 / 10**digits)
    even = round_points(
        np.array([half - 1e-9 * unit, half, half + 1e-9 * unit]), Rounding(digits=digits, mode="half_even")
    )
    assert even.tolist() == [12 / 10**digits, 12 / 10**digits, 13 / 10**digits]


@pytest.mark.parametrize("digits", range(5))
def test_a_composite_rounds_as_fractions_do(digits):
    """Sums of many products, half of them exact halves of the last digit, off by more than one error of a float."""
    rng = np.random.default_rng(digits)
    weights = ["37.5", "12.5", "23", "7", "20"]
    rows = []
    for _department in range(2500):
        parts = [Fraction(int(rng.integers(300, 1001)), 1000) for _source in weights]
        exact = sum(part * Fraction(weight) for part, weight in zip(parts, weights, strict=True))
        if rng.random() < 0.5:
            # Shift one share so that the composite ends on a half.
            wanted = (Fraction(int(exact * 10**digits)) + Fraction(1, 2)) / 10**digits
            parts[-1] += (wanted - exact) / 20
            exact = wanted
        rows.append((parts, exact))
    shares = np.array([[float(part) for part in parts] for parts, _exact in rows]).T
    points = composite_points(shares * np.array([float(weight) for weight in weights])[:, None])
    shown = round_points(points, Rounding(digits=digits, mode="half_up"))
    expected = [float(Fraction(int(exact * 10**digits + Fraction(1, 2)), 10**digits)) for _parts, exact in rows]
    assert np.flatnonzero(shown != expected).tolist() == []


def test_equal_decimals_are_equal_floats():
    """0.1 + 0.2 and 0.3 tie once rounded."""
    shown = round_points(np.array([0.1 + 0.2, 0.3, 70.1 + 0.2, 70.3]), Rounding(digits=2, mode="half_up"))
    assert shown[0] == shown[1]
    assert shown[2] == shown[3]


def test_weights_may_be_one_set_a_draw():
    year = load_year(Path(__file__).parents[1] / "data" / "2003")
    evidence, rules = gather(year, year.rules), year.rules
    weights = np.array(
        [[60.0, 38.0, 0.0], [0.0, 12.0, 20.0], [10.0, 25.0, 20.0], [10.0, 20.0, 40.0], [20.0, 5.0, 20.0]]
    )
    drawn = score(evidence, rules, weights=weights)
    for name in ("composite", "functional", "social"):
        each = [score(evidence, rules, weights=weights[:, draw]).exact[name] for draw in range(3)]
        np.testing.assert_array_equal(drawn.exact[name], each)
