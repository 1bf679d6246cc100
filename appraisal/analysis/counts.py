"""Counts by row and column: what is expected, exact tails and intervals, the smallest excess that would be found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom, chi2, hypergeom, nchypergeom_fisher, norm, poisson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# A cell that stands out so far is not let make others stand out.
STANDS_OUT = 0.02
# Of a fixed point that is reached after some ten.
ROUNDS = 30


def expected_count(counts: Ints, share: Floats, group: int, source: int) -> float:
    """Count of a cell that the others lead to expect, itself left out (quasi-independence; Goodman 1968).

    Parameters
    ----------
    counts : (G, S) int array
    share : (G, S) array
        Share of each source's exposure that lies in the group.
    group, source : int

    Returns
    -------
    float
        NaN where neither the other groups nor the other sources have any.

    Examples
    --------
    >>> expected_count(np.array([[30, 4], [3, 2]]), np.full((2, 2), 0.5), 0, 0)
    6.0
    """
    own, of_group, of_source = int(counts[group, source]), int(counts[group].sum()), int(counts[:, source].sum())
    others = int(counts.sum()) - of_group - of_source + own
    if not others:
        return float("nan")
    return _odds(counts, share, group, source) * (of_group - own) * (of_source - own) / others


def _odds(counts: Ints, share: Floats, group: int, source: int) -> float:
    """Odds of the exposures: of the source in the group, against those of the other sources; NaN where one has none."""
    others = np.delete(np.arange(counts.shape[1]), source)
    weight = counts[:, others].sum(axis=0)
    elsewhere = float(share[group, others] @ weight / weight.sum()) if weight.sum() else float(share[group, source])
    here = float(share[group, source])
    if not 0 < here < 1 or not 0 < elsewhere < 1:
        return float("nan")
    return here / (1 - here) / (elsewhere / (1 - elsewhere))


def excess_p(counts: Ints, share: Floats, group: int, source: int) -> float:
    """Chance that a cell has so many or more, given the totals of its group and of its source.

    A mid-p value (Lancaster 1961): of the count itself half its chance counts, since whole counts would otherwise make
    the test keep far below its rate.

    Parameters
    ----------
    counts : (G, S) int array
    share : (G, S) array
        Share of each source's exposure that lies in the group.
    group, source : int

    Examples
    --------
    With equal exposures it is Fisher's exact test, here of the table (3, 1), (1, 3): 1/70 + ½ · 16/70.

    >>> round(excess_p(np.array([[3, 1], [1, 3]]), np.full((2, 2), 0.5), 0, 0), 4)
    0.1286
    """
    whole, of_group, of_source = int(counts.sum()), int(counts[group].sum()), int(counts[:, source].sum())
    if not of_group or not of_source:
        return 1.0
    odds = _odds(counts, share, group, source)
    if np.isnan(odds):
        return 1.0
    found = int(counts[group, source])
    if abs(odds - 1) < 1e-12:
        law = hypergeom(whole, of_group, of_source)
    else:
        law = nchypergeom_fisher(whole, of_group, of_source, odds)
    return float(law.sf(found) + law.pmf(found) / 2)


def excesses(counts: Ints, share: Floats) -> Floats:
    """Chance of so many or more in each cell, an outstanding one not making others stand out: ``(G, S)``.

    The most outstanding cell is replaced by what the others lead to expect before they are tested, as long as one
    stands out at `STANDS_OUT`: else too much in one row and column would look like too much in all others.

    Parameters
    ----------
    counts : (G, S) int array
    share : (G, S) array
        As for `excess_p`.
    """
    left, p = counts.copy(), np.full(counts.shape, np.nan)
    while np.isnan(p).any():
        now = np.array([[excess_p(left, share, g, s) for s in range(counts.shape[1])] for g in range(len(counts))])
        waiting = np.where(np.isnan(p), now, np.inf)
        first = divmod(int(np.argmin(waiting)), counts.shape[1])
        if waiting[first] > STANDS_OUT:
            return np.where(np.isnan(p), now, p)
        p[first] = now[first]
        left[first] = round(np.nan_to_num(expected_count(left, share, *first)))
    return p


def ratio_interval(counts: Ints, expected: Floats) -> tuple[Floats, Floats]:
    """Exact 95 % interval of a Poisson count, over what was expected (Garwood 1936).

    Examples
    --------
    >>> low, high = ratio_interval(np.array([10]), np.array([1.0]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (4.8, 18.39)
    """
    tail = 0.025
    low = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0)
    return quotient(low, expected), quotient(chi2.isf(tail, 2 * (counts + 1)) / 2, expected)


def funnel_limits(expected: Floats, level: float) -> tuple[Floats, Floats]:
    """Exact Poisson limits of a count ÷ what was expected, for a funnel plot (Spiegelhalter 2005, appendix A.1.1).

    The limits run between whole counts by the probability of the count, as the funnel is drawn there.

    Parameters
    ----------
    expected : (N,) array, above 0
    level : float
        Such as 0.95: a twentieth lies outside by chance.

    Returns
    -------
    low, high : (N,) arrays
    """
    return tuple(_limit(expected, tail) for tail in ((1 - level) / 2, (1 + level) / 2))  # type: ignore[return-value]


def _limit(expected: Floats, tail: float) -> Floats:
    count = poisson.ppf(tail, expected)
    above, below = poisson.cdf(count, expected), poisson.cdf(count - 1, expected)
    return np.maximum(count - (above - tail) / (above - below), 0.0) / expected


def smallest_ratio(expected: float, shape: tuple[int, int], threshold: float, power: float) -> float:
    """Rate ratio at which a cell of a table with even exposures passes the threshold with this power.

    By the standard error of the logarithm of an odds ratio (Woolf 1955); what is too much in the cell is held against
    the rest of its row, the rest of its column and all others.

    Parameters
    ----------
    expected : float
        Count of every cell without an excess.
    shape : (G, S)
    threshold, power : float

    Returns
    -------
    float
        NaN where nothing is expected.

    Examples
    --------
    >>> round(smallest_ratio(5.0, (3, 4), 0.05 / 12, 0.9), 1)
    6.6
    """
    rest = [(shape[0] - 1), (shape[1] - 1), (shape[0] - 1) * (shape[1] - 1)]
    if not expected or not min(rest):
        return float("nan")
    reach, ratio = float(norm.isf(threshold) + norm.ppf(power)), 1.0
    for _ in range(ROUNDS):
        ratio = float(np.exp(reach * np.sqrt((1 / ratio + sum(1 / count for count in rest)) / expected)))
    return ratio


def smallest_share(of: int, usual: float, threshold: float, power: float) -> float:
    """Share at which a binomial count passes the threshold with this power; NaN where not even all would.

    Parameters
    ----------
    of : int
        How many are counted.
    usual : float
        Share without an excess.
    threshold, power : float

    Examples
    --------
    Of 10 with a usual share of a half, 9 or more have a chance of 11/1024; so many come in nine years of ten at 0.95.

    >>> round(smallest_share(10, 0.5, 0.02, 0.9), 2)
    0.95
    """
    count = int(binom.isf(threshold, of, usual)) + 1
    return float(beta.ppf(power, count, of - count + 1)) if count <= of else float("nan")


def quotient(value: NDArray[Any], by: NDArray[Any]) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    return np.divide(value, by, out=np.full(np.shape(by), np.nan), where=np.asarray(by) > 0)
