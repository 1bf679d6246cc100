"""One function per source of points: panel, leaders, deductions, social.

Each gives a share of the full marks, 0 to 1, for each department. `ballots` are the times that each ballot counts,
``(..., B)``: all ones is the official case, a bootstrap draw is counts, a zero leaves a ballot out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from appraisal.scoring.evidence import Ratings

Floats = NDArray[np.float64]


def mean_rating(ratings: Ratings, ballots: Floats) -> Floats:
    """Mean of the valid ratings of each department.

    Parameters
    ----------
    ratings : Ratings, B ballots by D departments
        Leaders' ratings, or the points of social answers, out of 100 (notice §二; that their mean counts is assumed).
    ballots : (..., B) array
        Times each ballot counts.

    Returns
    -------
    (..., D) array
        Out of 100; NaN for a department without a valid rating.

    Examples
    --------
    >>> forms = Ratings(np.array([[100.0, 80.0], [60.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))
    >>> mean_rating(forms, np.ones(2)).tolist()
    [80.0, 80.0]
    """
    with np.errstate(invalid="ignore"):
        return _product(ballots, ratings.total) / _product(ballots, ratings.count)


def _product(ballots: Floats, matrix: Floats) -> Floats:
    # A sparse matrix knows products of two axes only.
    rows = ballots.reshape(-1, ballots.shape[-1]).astype(matrix.dtype, copy=False)
    return np.asarray(rows @ matrix, dtype=float).reshape(*ballots.shape[:-1], matrix.shape[-1])


def merged_items(scores: Floats, starts: Sequence[int]) -> tuple[Floats, Sequence[int]]:
    """Add up the items of each component where every ballot that scores an item of a department scores all.

    The mean of the sums is then the sum of the means, for one column a component instead of one an item.

    Parameters
    ----------
    scores : (B, D, I) array
        Points, NaN where not scored.
    starts : sequence of C int
        The first item of each component.

    Returns
    -------
    scores : (B, D, C) array, or as they are
    starts : sequence of C int
        The first column of each component.
    """
    if _alike(~np.isnan(scores)):
        return np.add.reduceat(scores, starts, axis=-1), range(len(starts))
    return scores, starts


def mean_score(scores: Floats, ballots: Floats) -> Floats:
    """Mean of the panel's scores of each department and item.

    Parameters
    ----------
    scores : (B, D, I) array
        Points of the item's full marks, NaN where not scored.
    ballots : (..., B) array
        Times each ballot counts.

    Returns
    -------
    (..., D, I) array
        NaN where no ballot counts.
    """
    scored = ~np.isnan(scores)
    sums = _by_item(ballots, np.where(scored, scores, 0.0))
    counts = _by_item(ballots, (scored[..., :1] if _alike(scored) else scored).astype(float))
    with np.errstate(invalid="ignore"):
        return sums / counts


def _alike(scored: NDArray[np.bool_]) -> bool:
    """Whether every ballot scores all items of a department or none."""
    return bool((scored == scored[..., :1]).all())


def _by_item(ballots: Floats, table: Floats) -> Floats:
    # The departments of an item lie side by side in memory, since whatever is done next is done for all of them.
    columns = np.moveaxis(table, -1, 1)
    product = _product(ballots, columns.reshape(len(table), -1))
    return np.moveaxis(product.reshape(*ballots.shape[:-1], *columns.shape[1:]), -2, -1)


def trimmed_mean_score(scores: Floats, ballots: Floats, trim: float) -> Floats:
    """Mean of the panel's scores without the `trim` lowest and highest; the median where `trim` is infinite.

    Parameters
    ----------
    scores : (B, D, I) array
        Points of the item's full marks, NaN where not scored.
    ballots : (..., B) array
        Times each ballot counts, whole numbers.
    trim : float
        Ballots left out at each end; never so many that fewer than one or two in the middle remain.

    Returns
    -------
    (..., D, I) array

    Examples
    --------
    >>> scores = np.array([10.0, 11.0, 12.0, 20.0]).reshape(4, 1, 1)
    >>> float(trimmed_mean_score(scores, np.ones(4), 1)[0, 0])
    11.5
    >>> float(trimmed_mean_score(scores, np.array([1.0, 1.0, 1.0, 0.0]), np.inf)[0, 0])
    11.0
    """
    order = np.argsort(scores, axis=0)  # NaN last
    order = order[: np.isfinite(scores).sum(axis=0).max()]
    ascending = np.take_along_axis(scores, order, axis=0)
    times = np.where(np.isnan(ascending), 0.0, ballots[..., order])
    upto = np.cumsum(times, axis=-3)
    ballots_cast = upto[..., -1:, :, :]
    cut = np.minimum(trim, np.maximum(np.ceil(ballots_cast / 2) - 1, 0))
    kept = np.diff(np.clip(upto, cut, ballots_cast - cut), axis=-3, prepend=cut)
    with np.errstate(invalid="ignore"):
        return (kept * np.nan_to_num(ascending)).sum(axis=-3) / (ballots_cast - 2 * cut)[..., 0, :, :]


def panel_share(item_scores: Floats, marks: Floats, deducted: Floats | None = None, floor: float = 0.0) -> Floats:
    """Share of a panel component's full marks, after deductions.

    Parameters
    ----------
    item_scores : (..., D, I) array
        Scores of the component's items, in points.
    marks : (I,) array
        Full marks of these items.
    deducted : (D,) array, optional
        Verified deductions in points of the items (notice §二); only `common` has them.
    floor : float
        What deductions never push the component below; a component that was below stays.

    Returns
    -------
    (..., D) array

    Examples
    --------
    >>> panel_share(np.array([[20.0], [0.5]]), np.array([25.0]), np.array([2.5, 2.5])).tolist()
    [0.7, 0.0]
    """
    points = reduce(np.add, np.moveaxis(item_scores, -1, 0))
    if deducted is not None:
        points = np.maximum(points - deducted, np.minimum(points, floor))
    return points / marks.sum()
