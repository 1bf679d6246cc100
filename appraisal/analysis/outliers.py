"""Outliers among a few: Rosner's generalised ESD, and how far each stands from those that are none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def generalised_esd(values: Floats, most: int, level: float = 0.05) -> Ints:
    """Find the outliers of a normal sample, also where several hide one another.

    The generalised extreme studentised deviate many-outlier procedure (Rosner 1983, Technometrics 25, 165–172): the
    most extreme value is taken away `most` times, and the outliers are the first k for the largest k whose deviate
    passes its critical value. The chance of any flag in a sample without outliers is `level`.

    Parameters
    ----------
    values : (N,) array
    most : int
        Outliers that are looked for at most.
    level : float

    Returns
    -------
    (k,) int array
        Their positions, the most extreme first.

    Examples
    --------
    >>> generalised_esd(np.array([0.1, -0.2, 0.0, 0.3, -0.1, 0.2, -0.3, 9.0]), 3).tolist()
    [7]
    """
    left, taken, passed = np.arange(len(values)), [], 0
    for step in range(1, min(most, len(values) - 3) + 1):
        own = values[left]
        spread = own.std(ddof=1)
        if spread <= np.finfo(float).eps * max(np.abs(own).max(), 1.0):
            break
        deviates = np.abs(own - own.mean()) / spread
        worst = int(np.argmax(deviates))
        if deviates[worst] > _critical(len(values), step, level):
            passed = step
        taken.append(left[worst])
        left = np.delete(left, worst)
    return np.array(taken[:passed], dtype=np.intp)


def _critical(size: int, step: int, level: float) -> float:
    """Critical value λ of a step, equation 2.5 of Rosner 1983."""
    left, freedom = size - step + 1, size - step - 1
    quantile = t.isf(level / (2 * left), freedom)
    return float((left - 1) * quantile / np.sqrt((freedom + quantile**2) * left))


def smallest_outlier(size: int, level: float, power: float) -> float:
    """Smallest deviation, in standard deviations, that the first step finds with this power.

    Parameters
    ----------
    size : int
        Of the sample.
    level, power : float

    Examples
    --------
    >>> round(smallest_outlier(100, 0.05, 0.9), 1)
    4.9
    """
    quantile = t.isf(level / (2 * size), size - 2)
    return float(quantile + t.isf(1 - power, size - 2))


def apart(values: Floats, panel: Ints, level: float = 0.05) -> tuple[Floats, Floats, float, float]:
    """Measure how far each of several stands from its panel, against the spread of those that are no outliers.

    Deviations from the means of the panels are pooled; `generalised_esd` sets outliers aside, so that one does not hide
    another, and each is studentised by the others, itself left out (externally studentised residuals, Cook and Weisberg
    1982, section 2.2.1, in a layout of one way).

    Parameters
    ----------
    values : (N,) array
    panel : (N,) int array
    level : float
        Of setting aside.

    Returns
    -------
    difference : (N,) array
        From the mean of the others of its panel, outliers set aside.
    deviate : (N,) array
        Distributed as Student's t; NaN where there is no spread to measure by.
    freedom : float
    spread : float
        Standard deviation among those not set aside.
    """
    numbers, member = np.unique(panel, return_inverse=True)
    size = np.bincount(member)
    centred = values - (np.bincount(member, values) / size)[member]
    aside = generalised_esd(centred / np.sqrt(1 - 1 / np.maximum(size, 2))[member], len(values) // 4, level)
    core = np.ones(len(values), dtype=bool)
    core[aside] = False
    kept = np.bincount(member[core], minlength=len(numbers))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(member[core], values[core], len(numbers)) / kept
        others = np.where(core, kept[member] - 1, kept[member])
        total = mean[member] * kept[member] - np.where(core, values, 0.0)
        difference = values - total / others
        freedom = core.sum() - len(numbers)
        squares = ((values - mean[member])[core] ** 2).sum()
        own = np.where(core, difference**2 * others / (others + 1), 0.0)
        variance = (squares - own) / (freedom - core)
        deviate = difference / np.sqrt(np.maximum(variance, 0.0) * (1 + 1 / others))
    spread = float(np.sqrt(squares / freedom)) if freedom > 0 else np.nan
    flat = variance <= np.finfo(float).eps * max(float(np.square(values).max(initial=0)), np.finfo(float).tiny)
    return difference, np.where(flat, np.nan, deviate), float(freedom - 1), spread
