"""Who departs from what the others show: robust distances, so that an outlier does not hide itself or another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Floats = NDArray[np.float64]
# A normal sample's standard deviation ÷ its median absolute deviation.
NORMAL = 1.4826
# The median absolute deviation of n values is as sure as a standard deviation of 0.37 n (Rousseeuw and Croux 1993).
EFFICIENCY = 0.37


def robust_z(values: Floats, group: NDArray[np.intp]) -> Floats:
    """Distance from the median of the group in median absolute deviations, scaled as standard deviations.

    Iglewicz and Hoaglin (1993), who call 3.5 far.

    Parameters
    ----------
    values : (D,) array
        NaN where there is none.
    group : (D,) int array

    Returns
    -------
    (D,) array
        0 where a whole group is alike, NaN where there is no value.

    Examples
    --------
    >>> robust_z(np.array([1.0, 2.0, 3.0, 4.0, 20.0]), np.zeros(5, dtype=int)).round(2).tolist()
    [-1.35, -0.67, 0.0, 0.67, 11.47]
    """
    scaled = np.full_like(values, np.nan)
    for one in np.unique(group):
        own = np.flatnonzero((group == one) & np.isfinite(values))
        if own.size:
            away = values[own] - np.median(values[own])
            scale = NORMAL * np.median(np.abs(away))
            scaled[own] = np.divide(away, scale, out=np.zeros_like(away), where=scale > 0)
    return scaled


@dataclass(frozen=True)
class LineFit:
    """A line through all groups, of one slope, each group with a level of its own.

    Parameters
    ----------
    slope : float
    expected, residual, z : (D,) arrays
        What the line gives, how far the value is from it, and that in robust standard deviations.
    scale : float
        Robust standard deviation of the residuals.
    freedom : float
        Degrees of freedom that the scale is worth.
    """

    slope: float
    expected: Floats
    residual: Floats
    z: Floats
    scale: float
    freedom: float

    def above(self) -> Floats:
        """Chance of so high a residual, one-sided, by Student's t."""
        return np.where(np.isfinite(self.z), t.sf(self.z, self.freedom), np.nan)

    def apart(self) -> Floats:
        """Chance of a residual so far off on either side."""
        return np.where(np.isfinite(self.z), 2 * t.sf(np.abs(self.z), self.freedom), np.nan)


def robust_line(y: Floats, x: Floats, group: NDArray[np.intp]) -> LineFit:
    """Fit y on x inside the groups, without letting the odd ones pull the line towards themselves.

    The slope is the median slope of all pairs inside a group (Theil 1950, Sen 1968), the level of a group the median
    of what is left, the scale the median absolute deviation of all residuals (Hampel 1974).

    Parameters
    ----------
    y, x : (D,) arrays
        NaN where there is none; such a department has no residual.
    group : (D,) int array

    Examples
    --------
    >>> x = np.array([1.0, 2, 3, 4, 5, 6])
    >>> fit = robust_line(2 * x + np.array([0, 0, 9, 0, 0, 0]), x, np.zeros(6, dtype=int))
    >>> fit.slope, fit.residual.tolist()
    (2.0, [0.0, 0.0, 9.0, 0.0, 0.0, 0.0])
    """
    there = np.isfinite(y) & np.isfinite(x)
    slopes = []
    for one in np.unique(group):
        own = np.flatnonzero((group == one) & there)
        first, second = np.triu_indices(own.size, 1)
        run = x[own[second]] - x[own[first]]
        rise = y[own[second]] - y[own[first]]
        # What is only the error of float64 is no run.
        steep = np.abs(run) > 1e-9 * np.abs(x[own]).max(initial=0.0)
        slopes.append(rise[steep] / run[steep])
    every = np.concatenate(slopes) if slopes else np.empty(0)
    slope = float(np.median(every)) if every.size else 0.0
    rest, level = y - slope * x, np.full_like(y, np.nan)
    for one in np.unique(group):
        own = (group == one) & there
        if own.any():
            level[own] = np.median(rest[own])
    residual = rest - level
    found = residual[there]
    free = found.size - np.unique(group[there]).size - 1
    scale = NORMAL * float(np.median(np.abs(found)) * np.sqrt(found.size / max(free, 1))) if found.size else 0.0
    z = np.divide(residual, scale, out=np.where(there, 0.0, np.nan), where=there & (scale > 0))
    return LineFit(slope, level + slope * x, residual, z, scale, max(EFFICIENCY * free, 1.0))
