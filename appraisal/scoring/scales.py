"""The wildcard scales: how departments of different groups, scored by different panels, are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from appraisal.scoring.composite import to_ticks
from appraisal.sections import Rounding

Floats = NDArray[np.float64]
# Sums of equal points in another order differ by a few of the last bits.
NOISE = 1e-13
SCALE_ROUNDING = Rounding(digits=4, mode="half_up")


def scale_digits(scale: str, digits: int) -> int:
    """Digits on a scale: of points those that ranked, `digits`; of another scale its own.

    Examples
    --------
    >>> scale_digits("raw", 2), scale_digits("z", 2)
    (2, 4)
    """
    return digits if scale == "raw" else SCALE_ROUNDING.digits


def z_scale(composite: Floats, group: NDArray[np.intp]) -> Floats:
    """Composite in standard deviations from the mean of its group, rounded to units of the 4th decimal.

    Parameters
    ----------
    composite : (..., D) array
        Exact points.
    group : (D,) array

    Examples
    --------
    >>> z_scale(np.array([90.0, 80.0, 70.0, 70.0]), np.array([0, 0, 1, 1])).tolist()
    [10000.0, -10000.0, 0.0, 0.0]
    """
    away = _away(composite, group)
    spread = np.sqrt(_group_mean(away**2, group))
    # Where a group has no spread nobody is away from its mean.
    return to_ticks(away / np.where(spread > 0, spread, 1.0), SCALE_ROUNDING)


def anchored_scale(composite: Floats, panel: Floats, anchor: Floats, group: NDArray[np.intp]) -> Floats:
    """Composite with the severity of its panel taken out, as leaders and public see the groups.

    ``composite − (P_g − P) + b (A_g − A)``: P panel points, A anchor points, index g the group's mean, none the mean
    of all, b the pooled within-group slope of P on A. Rounded to units of the 4th decimal.

    Parameters
    ----------
    composite, panel, anchor : (..., D) arrays
        Exact points; panel before deductions, anchor leaders and social.
    group : (D,) array

    Examples
    --------
    >>> panel = np.array([50.0, 60.0, 40.0, 50.0])  # the second panel is 10 points more severe
    >>> anchor = np.array([20.0, 30.0, 20.0, 30.0])
    >>> anchored_scale(panel + anchor, panel, anchor, np.array([0, 0, 1, 1])).tolist()
    [650000.0, 850000.0, 650000.0, 850000.0]
    """
    panel_mean, anchor_mean = _group_mean(panel, group), _group_mean(anchor, group)
    anchor_away = _away(anchor, group)
    spread = (anchor_away**2).sum(axis=-1, keepdims=True)
    common = (anchor_away * (panel - panel_mean)).sum(axis=-1, keepdims=True)
    slope = common / np.where(spread > 0, spread, 1.0)
    severity = panel_mean - panel.mean(axis=-1, keepdims=True)
    level = anchor_mean - anchor.mean(axis=-1, keepdims=True)
    return to_ticks(composite - severity + slope * level, SCALE_ROUNDING)


def _away(values: Floats, group: NDArray[np.intp]) -> Floats:
    """Distance from the mean of the group; what is only the error of float64 is 0."""
    away = values - _group_mean(values, group)
    return np.where(np.abs(away) <= NOISE * np.abs(values), 0.0, away)


def _group_mean(values: Floats, group: NDArray[np.intp]) -> Floats:
    """Mean of each department's group, ``(..., D)``."""
    member = (group == np.unique(group)[:, None]).astype(float)
    return values @ (member / member.sum(axis=1, keepdims=True)).T @ member
