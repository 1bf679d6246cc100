"""What the forms that did not come back could do: bounds on each line, and the point at which it tips.

The bounds take every answer that is valid (Manski 1989, Journal of Human Resources 24, on what nothing but the data
says); the tipping point says how far the missing forms would have to differ from the returned ones before a line flips.
Both are hypothetical answers for the two departments of a line; all else stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.variants import (
    FormKinds,
    base_tiers,
    lines_to_flip,
    moved,
    pair_positions,
    rating_sums,
    tiers_with,
    under_answers,
)
from appraisal.scoring.appraise import Appraisal
from appraisal.tables import Year

Floats = NDArray[np.float64]
# Differences tried on a stretch, and how often the stretch that turns is narrowed: to less than a millionth of a point.
STEPS, ROUNDS = 200, 4
# Of the differences between random parts that are given.
MIDDLE, HIGH = 0.5, 0.95


@dataclass(frozen=True)
class NonResponse:
    """What the missing forms could do to each line.

    Parameters
    ----------
    issued, returned, missing : int
        Forms.
    splits, seed : int
        What the random parts were made with.
    lines : DataFrame
        Lines of `cutoff_lines` whose gap is in points of the composite, and:

        `least_gap`, `most_gap` : points of the composite by which the upper leads if the missing forms had given it the
        lowest answer and the lower one the highest, and the other way round; `flips` : whether the order turns at the
        former; `moved_least`, `moved_most` : whose tier is then another one, by the whole rule.

        `tipping` : points of 100 by which the missing forms would have to differ from the returned ones, in what they
        give the upper less what they give the lower, until the order turns; half of it from the upper, half to the
        lower one, as far as the scale goes. Missing where no valid answers turn it.

        `halves`, `halves_high` : the same difference between random halves of the returned forms, without its sign: its
        median and its 95 % quantile; `as_many_high` : that quantile between a random part as large as what is missing,
        at most a half, and the rest. Missing where a part has no rating of one of the two.
    """

    issued: int
    returned: int
    missing: int
    splits: int
    seed: int
    lines: pd.DataFrame


def missing_forms(year: Year) -> int | None:
    """Forms issued that did not come back; None where it is not known how many came back."""
    return None if year.returned is None else max(year.rules.social.issued - year.returned, 0)


def non_response(appraised: Appraisal, splits: int = 2_000, *, seed: int | None = None) -> NonResponse:
    """Find what the missing forms could do to each line, and how far they would have to differ for it.

    With `social_counts` it is not known which answers stand on one form: random parts are drawn for each department by
    itself.

    Parameters
    ----------
    appraised : Appraisal
    splits : int
        Random parts.
    seed : int, optional
        Else the year's own.

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    ValueError
        If it is not known how many forms came back.
    """
    year, missing = appraised.year, missing_forms(appraised.year)
    if year.returned is None or missing is None:
        raise ValueError("social.returned: the rulebook does not say how many forms came back")
    base, seed = base_tiers(appraised, "non-response"), appraised.rules.seed if seed is None else seed
    (low, high), rng, rows = _scale(appraised), np.random.default_rng(seed), []
    lines = lines_to_flip(appraised)
    for line in lines.itertuples():
        pair = np.array(pair_positions(appraised, line))
        least, flipped, moved_least = _outcome(appraised, pair, missing, (low, high), base)
        most, _never, moved_most = _outcome(appraised, pair, missing, (high, low), base)
        halves, as_many = (
            split_differences(appraised, pair, part, splits, rng)
            for part in (year.returned // 2, min(missing, year.returned // 2))
        )
        chance = (_quantile(halves, MIDDLE), _quantile(halves, HIGH), _quantile(as_many, HIGH))
        rows.append((least, most, flipped, moved_least, moved_most, _tipping(appraised, pair, missing), *chance))
    columns = ["least_gap", "most_gap", "flips", "moved_least", "moved_most"]
    columns += ["tipping", "halves", "halves_high", "as_many_high"]
    found = lines.join(pd.DataFrame(rows, columns=columns, index=lines.index), validate="one_to_one")
    return NonResponse(year.rules.social.issued, year.returned, missing, splits, seed, found)


def _outcome(
    appraised: Appraisal, pair: NDArray[np.intp], missing: int, said: tuple[float, float], base: NDArray[np.int8]
) -> tuple[float, bool, tuple[str, ...]]:
    """Lead of the upper in points, whether the order turns, and whose tier changes, if every missing form said this."""
    total, rated = (sums[pair] for sums in rating_sums(appraised.evidence.social))
    points, flipped = under_answers(appraised, pair, (total + missing * np.array(said))[None], (rated + missing)[None])
    upper, lower = points.ticks["composite"]
    tiers = tiers_with(appraised, np.zeros(2, dtype=np.intp), pair, points, 1)[0]
    return (upper - lower) / 10.0**points.digits, bool(flipped[0]), moved(appraised, base, tiers)


def _tipping(appraised: Appraisal, pair: NDArray[np.intp], missing: int) -> float:
    """Smallest difference at which the order turns: every key moves one way with it, so the first is the only one."""
    total, rated = (sums[pair] for sums in rating_sums(appraised.evidence.social))
    mean, (low, high) = total / rated, _scale(appraised)
    room = np.array([mean[0] - low, high - mean[1]])
    ends = np.array([0.0, room.sum()])
    for _round in range(ROUNDS):
        tried = np.linspace(ends[0], ends[1], STEPS + 1)
        taken = np.clip(np.maximum(tried / 2, tried - room[1]), 0, room[0])
        said = mean + np.column_stack([-taken, tried - taken])
        ratings = np.broadcast_to(rated + missing, said.shape)
        _points, flipped = under_answers(appraised, pair, total + missing * said, ratings)
        if not flipped.any():
            return np.nan
        first = int(flipped.argmax())
        ends = tried[[max(first - 1, 0), first]]
    return float(ends[1])


def _scale(appraised: Appraisal) -> tuple[float, float]:
    """Lowest and highest answer, out of 100."""
    points = [float(value) for value in appraised.rules.social.points.values()]
    return min(points), max(points)


def split_differences(
    appraised: Appraisal, pair: NDArray[np.intp], part: int, splits: int, rng: np.random.Generator
) -> Floats:
    """Draw parts of the returned forms, and say how the difference of a pair differs between a part and the rest.

    For a pair the forms are of a few kinds, so a part is a number of each: a multivariate hypergeometric draw.

    Parameters
    ----------
    appraised : Appraisal
    pair : (2,) int array
    part : int
        Forms of a part.
    splits : int
    rng : Generator

    Returns
    -------
    (splits,) array
        Points of 100, without sign; NaN where a part or the rest has no rating of one of the two.
    """
    total, rated = np.zeros((2, 2, splits, 2))
    for number, given, ratings in _urns(FormKinds.of(appraised, pair)):
        drawn = rng.multivariate_hypergeometric(number, min(part, int(number.sum())), splits)
        for side, taken in enumerate((drawn, number - drawn)):
            total[side] += taken @ given
            rated[side] += taken @ ratings
    with np.errstate(invalid="ignore"):
        mean = total / rated
    return np.abs(np.subtract(*(mean[..., 0] - mean[..., 1])))


def _urns(kinds: FormKinds) -> list[tuple[NDArray[np.int64], Floats, Floats]]:
    """What random parts are drawn from: forms of each kind, and what one of the kind gives the pair, and rates of it.

    Forms one by one are one urn; counts are an urn of each department.
    """
    both = kinds.covers.all(axis=1)
    inside = [both] if both.any() else list(kinds.covers.T)
    return [(kinds.number[own], kinds.total[own], kinds.rated[own]) for own in inside]


def _quantile(differences: Floats, share: float) -> float:
    known = differences[np.isfinite(differences)]
    return float(np.quantile(known, share)) if known.size else np.nan
