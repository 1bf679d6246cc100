"""The weighted sum, and the one rounding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from appraisal.sections import Rounding

Floats = NDArray[np.float64]

# float64 carries a composite to some 1e-12 of its last shown digit; what stands this close to a half is a half.
HALF = 1e-10


def composite_points(points: Sequence[Floats]) -> Floats:
    """Add up the points of all sources: those of the notice §二, with the weights of the rulebook.

    Parameters
    ----------
    points : S arrays (..., D)
        Share of the full marks from each source, times the points that it can give.

    Returns
    -------
    (..., D) array
        Points, unrounded.

    Examples
    --------
    >>> composite_points([60.0 * np.array([0.9, 0.8]), 40.0 * np.array([1.0, 0.5])]).tolist()
    [94.0, 68.0]
    """
    return reduce(np.add, points)


def to_ticks(points: Floats, rounding: Rounding) -> Floats:
    """Round exact values once, as the rulebook says, to units of the last digit shown.

    Parameters
    ----------
    points : array
        Exact up to the error of float64; up to some 100.
    rounding : Rounding
        Digits, and where a half goes: up, or to the even neighbour.

    Returns
    -------
    array
        Whole numbers.

    Examples
    --------
    >>> to_ticks(np.array([0.125, 1.005, 2.5]), Rounding(digits=2, mode="half_up")).tolist()
    [13.0, 101.0, 250.0]
    >>> to_ticks(np.array([0.125, 0.135]), Rounding(digits=2, mode="half_even")).tolist()
    [12.0, 14.0]
    """
    scale = 10.0**rounding.digits
    # With 4 digits HALF is less than one step of the float itself.
    near = max(HALF, 8 * np.spacing(100 * scale))
    up = points * scale
    up += 0.5 + near
    whole = np.floor(up)
    if rounding.mode == "half_even":
        half = up - whole <= 2 * near
        whole -= half & (whole % 2 == 1)
    return whole
