"""The weighted sum, and the one rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from appraisal.sections import Rounding

Floats = NDArray[np.float64]

# float64 carries a composite to some 1e-12 of its last shown digit; what stands this close to a half is a half.
HALF = 1e-10


def composite_points(shares: Floats, weights: Floats) -> Floats:
    """Add up the points of all sources (process, step 10).

    Parameters
    ----------
    shares : (S, ..., D) array
        Share of the full marks from each source.
    weights : (S,) or (S, ...) array
        Points that each source can give; the same for all departments, one set a draw where there are draws.

    Returns
    -------
    (..., D) array
        Points, unrounded.

    Examples
    --------
    >>> composite_points(np.array([[0.9, 0.8], [1.0, 0.5]]), np.array([60.0, 40.0])).tolist()
    [94.0, 68.0]
    """
    weights = weights.reshape(*weights.shape, *(1,) * (shares.ndim - weights.ndim))
    return (shares * weights).sum(axis=0)


def round_points(points: Floats, rounding: Rounding) -> Floats:
    """Round exact values once, as the rulebook says.

    Parameters
    ----------
    points : array
        Exact up to the error of float64.
    rounding : Rounding
        Digits, and where a half goes: up, or to the even neighbour.

    Returns
    -------
    array
        Nearest float64 of each decimal, so that equal decimals are equal floats.

    Examples
    --------
    >>> round_points(np.array([0.125, 1.005, 2.5]), Rounding(digits=2, mode="half_up")).tolist()
    [0.13, 1.01, 2.5]
    >>> round_points(np.array([0.125, 0.135]), Rounding(digits=2, mode="half_even")).tolist()
    [0.12, 0.14]
    """
    scale = 10.0**rounding.digits
    scaled = points * scale
    whole = np.floor(scaled + 0.5 + HALF)
    if rounding.mode == "half_even":
        half = np.abs(scaled + 0.5 - whole) <= HALF
        whole -= half & (whole % 2 == 1)
    return whole / scale
