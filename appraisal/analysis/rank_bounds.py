"""Ranks that estimates leave possible: confidence sets after Mogstad, Romano, Shaikh and Wilhelm (2023).

"Inference for ranks with applications to mobility across neighbourhoods and academic achievement across countries",
Review of Economic Studies 91, 476-518. A department's true rank in its group is 1 + the number of departments that are
truly better. For each ordered pair, "i is no better than k" is tested by ``t_ik = (C_i - C_k) / se_ik``; who is found
better than i moves the best rank i may have, who is found worse the last. All statements hold together with the chosen
confidence because the critical value is that of the largest t of the whole family under normal noise of the given
covariance, and stepwise (Romano and Wolf 2005): what has been rejected leaves the family and the rest is tested anew.

*Marginal* sets: the family is all pairs of one department, so one set at a time is right with that confidence.
*Simultaneous* sets: all pairs inside all groups, so that all sets are right together. Over all departments the
one-sided family of "who may be among the first k" is the same ordered pairs: their projection is the top-k set.

Ties are held to neither side: equals share every rank they may take.

Speed. The critical value is the q-th largest over draws of a largest statistic; only draws in the upper tail count. A
draw's statistic is at most (range of the draw) ÷ (least error), and at most what it was a step before; draws whose
bound lies below q values already reached are never worked out. The critical value is the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from appraisal.analysis.noise import pair_errors

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Places = NDArray[np.intp]

# Draws worked out at a time: a block of 96 departments stays in the cache.
CHUNK = 512
# What float64 leaves open, as a share of the largest: nearer estimates are equal where nothing else is open.
SLACK = 1e-9


def rank_bounds(
    estimate: Floats,
    covariance: Floats,
    group: Places | None = None,
    *,
    seed: int,
    coverage: float = 0.95,
    draws: int = 10_000,
    simultaneous: bool = True,
    freedom: float = np.inf,
) -> tuple[Places, Places]:
    """Give the best and the last rank of each confidence set; the highest estimate ranks first.

    Parameters
    ----------
    estimate : (D,) array
    covariance : (D, D) array
        Of the estimates; any, also a singular one.
    group : (D,) array, optional
        Ranks are made inside groups; else all are one.
    seed : int
    coverage : float
    draws : int
        At least 1 / (1 - coverage).
    simultaneous : bool
        All sets right together, else each by itself.
    freedom : float
        Degrees of freedom of the covariance's scale: the noise is multivariate t.

    Returns
    -------
    low, high : (D,) int arrays

    Raises
    ------
    ValueError
        For values that are not finite, a matrix that is no covariance, too few draws.

    Examples
    --------
    The first two are 1 apart with a standard error of 1; the third is far behind.

    >>> low, high = rank_bounds(np.array([10.0, 9.0, 1.0]), np.eye(3) / 2, seed=1)
    >>> low.tolist(), high.tolist()
    ([1, 1, 3], [2, 2, 3])
    """
    estimate, covariance = np.asarray(estimate, dtype=float), np.asarray(covariance, dtype=float)
    _check(estimate, covariance)
    group = np.zeros(estimate.size, dtype=np.intp) if group is None else np.unique(group, return_inverse=True)[1]
    # The critical value is the tail-th largest, so that a test is exact for any number of draws (Dufour 2006).
    tail = draws + 1 - int(np.ceil(coverage * (draws + 1) - 1e-9))
    if not (0 < coverage < 1) or tail < 1:
        raise ValueError(
            f"no set of confidence {coverage} from {draws} draws: below 1, and 1 / (1 - it) draws at least"
        )
    # Sorted, so that the noise drawn does not depend on the order of the rows.
    order = np.lexsort((covariance.diagonal(), -estimate, group))
    estimate, covariance, group = estimate[order], covariance[np.ix_(order, order)], group[order]
    noise = _draw_noise(covariance, group, np.random.default_rng(seed), draws, freedom)

    error, apart = pair_errors(covariance), estimate[:, None] - estimate
    same = group[:, None] == group
    # What nothing leaves open is decided by the estimates alone, and in no family.
    known = same & (error == 0) & (np.abs(apart) > SLACK * np.abs(estimate).max(initial=0))
    better = np.where(known, np.sign(apart), 0).astype(np.int8)
    inverse = np.divide(1.0, error, out=np.zeros_like(error), where=same & (error > 0)).astype(np.float32)
    statistic = apart * inverse
    widest, everyone = _widest(noise, group), np.arange(estimate.size)
    if simultaneous:
        found = _stepwise(noise, widest, everyone, statistic, np.triu(inverse), tail)
        better += found - found.T
    else:
        for one in everyone[:, None]:
            better[one] += _stepwise(noise, widest, one, statistic[one], inverse[one], tail)
    low, high = np.empty((2, estimate.size), dtype=np.intp)
    low[order] = 1 + (better < 0).sum(axis=1)
    high[order] = same.sum(axis=1) - (better > 0).sum(axis=1)
    return low, high


def _check(estimate: Floats, covariance: Floats) -> None:
    if covariance.shape != (estimate.size, estimate.size) or not estimate.size:
        raise ValueError(f"{estimate.size} estimates and a covariance of shape {covariance.shape}")
    if not (np.isfinite(estimate).all() and np.isfinite(covariance).all()):
        raise ValueError("estimates and covariance must be finite")
    if np.abs(covariance - covariance.T).max() > SLACK * np.abs(covariance).max():
        raise ValueError("the matrix is no covariance: it is not symmetric")


def _draw_noise(covariance: Floats, group: Places, rng: np.random.Generator, draws: int, freedom: float) -> Singles:
    """(N, D) noise of the estimates, less the mean of the group: only differences inside groups are asked for."""
    size = len(covariance)
    member = np.equal.outer(np.unique(group), group).astype(float)
    centre = np.eye(size) - member.T @ (member / member.sum(axis=1, keepdims=True))
    values, vectors = np.linalg.eigh(covariance)
    if values.min() < -SLACK * size * values.max(initial=0):
        raise ValueError("the matrix is no covariance: it gives some sum of the estimates a negative variance")
    root = (centre @ vectors * np.sqrt(np.maximum(values, 0))).astype(np.float32)
    noise = rng.standard_normal((draws, size), dtype=np.float32) @ root.T
    if np.isfinite(freedom):
        noise *= np.sqrt(freedom / rng.chisquare(freedom, (draws, 1))).astype(np.float32)
    return noise


def _widest(noise: Singles, group: Places) -> Singles:
    """(D, N) how far the noise of each lies from the farthest of its group, which stand together."""
    widest = np.ascontiguousarray(noise.T)
    for own in np.split(widest, np.flatnonzero(np.diff(group)) + 1):
        top, bottom = own.max(axis=0), own.min(axis=0)
        np.maximum(top - own, own - bottom, out=own)
    return widest


def _stepwise(
    noise: Singles, widest: Singles, anchors: Places, statistic: Floats, inverse: Singles, tail: int
) -> NDArray[np.int8]:
    """Decide the pairs of a family, step by step.

    Parameters
    ----------
    noise, widest : (N, D) and (D, N) arrays
    anchors : (A,) array
        The first of each pair.
    statistic, inverse : (A, D) arrays
        t of anchor against other, and 1 / its error; `inverse` is 0 where the pair is not in the family.
    tail : int

    Returns
    -------
    (A, D) array
        1 where the anchor is better, -1 where it is worse, 0 where that is open.
    """
    # What no statistic of the family exceeds in a draw; a hair more, for the rounding of single precision.
    bound = (widest[anchors] * (inverse.max(axis=1, keepdims=True) * np.float32(1 + 1e-6))).max(axis=0)
    direction = np.where(inverse > 0, np.sign(statistic), 0).astype(np.int8)
    size, found = np.abs(statistic), np.zeros(statistic.shape, dtype=np.int8)
    while True:
        before = found
        found = np.where(size > _critical(noise, anchors, inverse, before, bound, tail), direction, np.int8(0))
        if np.array_equal(found, before):
            return found


def _critical(
    noise: Singles, anchors: Places, inverse: Singles, found: NDArray[np.int8], bound: Singles, tail: int
) -> float:
    """The tail-th largest over draws of the largest statistic left in the family; `bound` is tightened in place."""
    count = min(2 * tail, bound.size)
    first = np.argpartition(bound, -count)[-count:]
    exact = np.zeros(bound.size, dtype=bool)
    bound[first], exact[first] = _largest(noise, anchors, inverse, found, first), True
    reached = np.partition(bound[first], -tail)[-tail]
    more = np.flatnonzero((bound > reached) & ~exact)
    bound[more], exact[more] = _largest(noise, anchors, inverse, found, more), True
    return float(np.partition(bound[exact], -tail)[-tail])


def _largest(noise: Singles, anchors: Places, inverse: Singles, found: NDArray[np.int8], which: Places) -> Singles:
    """(W,) largest statistic left in the family, in some draws: both sides of an open pair, else the other side."""
    largest = np.zeros(which.size, dtype=np.float32)
    rows = [
        (anchor, others, decided, scale[others, None])
        for anchor, open_, scale in zip(anchors, found == 0, np.where(found < 0, -inverse, inverse), strict=True)
        for decided, others in ((False, np.flatnonzero(open_ & (scale > 0))), (True, np.flatnonzero(~open_)))
        if others.size
    ]
    for start in range(0, which.size, CHUNK):
        part = slice(start, start + CHUNK)
        drawn = np.ascontiguousarray(noise.take(which[part], axis=0).T)
        for anchor, others, decided, scale in rows:
            apart = drawn.take(others, axis=0)
            apart -= drawn[anchor]
            apart *= scale
            if not decided:
                np.abs(apart, out=apart)
            np.maximum(largest[part], apart.max(axis=0), out=largest[part])
    return largest
