"""Counts by row and column: what is expected, exact tails and intervals, the smallest excess that would be found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom, chi2, hypergeom, nchypergeom_fisher, poisson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Rounds of proportional fitting; with exposures as even as a year's two or three are enough.
ROUNDS = 30


def fitted_counts(counts: Ints, share: Floats) -> Floats:
    """Fit counts that have the totals of rows and columns, and beside them the exposure only (Deming and Stephan 1940).

    Parameters
    ----------
    counts : (G, S) int array
    share : (G, S) array
        Share of each column's exposure that lies in the row.

    Examples
    --------
    >>> fitted_counts(np.array([[8, 2], [2, 8]]), np.full((2, 2), 0.5)).tolist()
    [[5.0, 5.0], [5.0, 5.0]]
    """
    fitted = share.copy()
    for _ in range(ROUNDS):
        fitted = fitted * np.nan_to_num(quotient(counts.sum(axis=0), fitted.sum(axis=0)))
        fitted = fitted * np.nan_to_num(quotient(counts.sum(axis=1), fitted.sum(axis=1)))[:, None]
    return fitted


def excess_p(counts: Ints, share: Floats, group: int, source: int) -> float:
    """Chance that a cell has so many or more, given the totals of its group and of its source.

    Parameters
    ----------
    counts : (G, S) int array
    share : (G, S) array
        Share of each source's exposure that lies in the group.
    group, source : int

    Examples
    --------
    With equal exposures it is Fisher's exact test, here of the table (3, 1), (1, 3):

    >>> round(excess_p(np.array([[3, 1], [1, 3]]), np.full((2, 2), 0.5), 0, 0), 4)
    0.2429
    """
    whole, of_group, of_source = int(counts.sum()), int(counts[group].sum()), int(counts[:, source].sum())
    if not of_group or not of_source:
        return 1.0
    others = np.delete(np.arange(counts.shape[1]), source)
    weight = counts[:, others].sum(axis=0)
    elsewhere = float(share[group, others] @ weight / weight.sum()) if weight.sum() else 0.5
    here = float(share[group, source])
    if not 0 < here < 1 or not 0 < elsewhere < 1:
        return 1.0
    odds = here / (1 - here) / (elsewhere / (1 - elsewhere))
    found = int(counts[group, source])
    if abs(odds - 1) < 1e-12:
        return float(hypergeom.sf(found - 1, whole, of_group, of_source))
    return float(nchypergeom_fisher.sf(found - 1, whole, of_group, of_source, odds))


def ratio_interval(counts: Ints, expected: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Exact interval of a Poisson count, over what was expected (Garwood 1936).

    Examples
    --------
    >>> low, high = ratio_interval(np.array([10]), np.array([1.0]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (4.8, 18.39)
    """
    tail = (1 - level) / 2
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


def smallest_ratio(expected: float, threshold: float, power: float) -> float:
    """Rate ratio at which a Poisson count passes the threshold with this power."""
    if not expected:
        return float("nan")
    count = poisson.isf(threshold, expected) + 1
    return float(chi2.ppf(power, 2 * count) / 2 / expected)


def smallest_share(of: int, usual: float, threshold: float, power: float) -> float:
    """Share at which a binomial count passes the threshold with this power; NaN where not even all would."""
    count = int(binom.isf(threshold, of, usual)) + 1
    return float(beta.ppf(power, count, of - count + 1)) if count <= of else float("nan")


def quotient(value: NDArray, by: NDArray) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    return np.divide(value, by, out=np.full(np.shape(by), np.nan), where=np.asarray(by) > 0)
