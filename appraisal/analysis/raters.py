"""Jurors among their colleagues: severity, spread, central tendency, halo, heaping at the ends of the bands.

Jurors differ, and some difference is no matter for review. So each habit is one number a juror, and a juror is flagged
who stands apart from the natural spread of that number among all jurors of the year (`outliers.apart`). Assumed: the
spread is much the same in all panels, and near normal on the scale that is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, t

from appraisal.analysis.consequences import Omission
from appraisal.analysis.flags import Family, Settings, discovery_q, smallest_effect
from appraisal.analysis.outliers import apart
from appraisal.analysis.panels import Panel, panels
from appraisal.scoring.appraise import Appraisal

Floats = NDArray[np.float64]
LEVEL = 0.95


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Compare the jurors of the year, one family a habit."""
    return juror_families(panels(appraised, settings), settings)


def juror_families(found: tuple[Panel, ...], settings: Settings) -> list[Family]:
    """Give the families of some panels.

    A band holds scores back, so that one habit looks like another: who scores at its lower end also spreads little and
    heaps, and who heaps also spreads much. A juror flagged for the first is not compared for what follows from it.
    """
    every = np.ones(sum(len(panel.juror) for panel in found), dtype=bool)
    severity = _family("severity", _each(found, lambda panel: panel.severity), every, found, settings, "band", sides=2)
    even = ~_flagged(severity, every, settings)
    heaps = _family("heaping", _each(found, heaping), even, found, settings, "deviations")
    return [
        severity,
        _family(
            "inconsistency",
            _each(found, inconsistency),
            ~_flagged(heaps, even, settings),
            found,
            settings,
            "times",
            scale=_times,
        ),
        _family("central", -_each(found, central_tendency), even, found, settings, "slope"),
        _family("halo", _each(found, halo), every, found, settings, "times", scale=_times),
        heaps,
    ]


def _each(found: tuple[Panel, ...], habit: Callable[[Panel], Floats]) -> Floats:
    return np.concatenate([*(habit(panel) for panel in found), np.zeros(0)])


def _flagged(family: Family, tested: NDArray[np.bool_], settings: Settings) -> NDArray[np.bool_]:
    flagged = np.zeros(tested.shape, dtype=bool)
    flagged[tested] = discovery_q(family.comparisons["p"].to_numpy(dtype=float), family.method) <= settings.rate
    return flagged


def _times(logarithm: Floats) -> Floats:
    """A difference of logarithms of variances as a ratio of standard deviations."""
    return np.exp(np.asarray(logarithm) / 2)


def _family(
    name: str,
    values: Floats,
    tested: NDArray[np.bool_],
    found: tuple[Panel, ...],
    settings: Settings,
    unit: str,
    *,
    sides: int = 1,
    scale: Callable[[Floats], Floats] = np.asarray,
) -> Family:
    """Compare each juror that is tested with the others; one side is the high one."""
    jurors = pd.DataFrame(
        [
            (panel.group, juror, panel.number, ballot)
            for panel in found
            for juror, ballot in zip(panel.juror, panel.ballots, strict=True)
        ],
        columns=["group", "juror", "panel", "ballot"],
    )[tested].reset_index(drop=True)
    panel, ballots = jurors.pop("panel").to_numpy(dtype=np.intp), tuple(jurors.pop("ballot"))
    difference, deviate, freedom, spread = apart(values[tested], panel, settings.rate)
    # The juror stands against the mean of the others, which has an error of its own.
    error = spread * np.sqrt(1 + 1 / max(len(panel) / max(len(found), 1) - 1, 1))
    smallest = smallest_effect(error, len(panel), settings, freedom=freedom, sides=sides)
    comparisons = jurors.assign(
        statistic=deviate,
        p=sides * t.sf(np.abs(deviate) if sides == 2 else deviate, freedom),
        effect=np.abs(scale(difference)),
        direction=np.where(difference < 0, "low", "high"),
    )
    return Family(
        name,
        comparisons,
        "bh",
        values=("effect", "direction"),
        omission=partial(_one_ballot, ballots),
        smallest=float(scale(np.array(smallest))),
        unit=unit,
    )


def _one_ballot(ballots: tuple[int, ...], row: int) -> Omission:
    return Omission(panel=(int(ballots[row]),))


def severity_table(appraised: Appraisal, settings: Settings) -> pd.DataFrame:
    """Severity of each juror, with its interval: scores ~ department and item + juror, additive least squares.

    Returns
    -------
    DataFrame
        Index `group`, `juror`; `severity`, `low`, `high` in widths of a band, negative is severe; 95 % interval.
    """
    rows = []
    for panel in panels(appraised, settings):
        half = severity_error(panel)
        rows += [
            (panel.group, juror, own, own - half, own + half)
            for juror, own in zip(panel.juror, panel.severity, strict=True)
        ]
    return pd.DataFrame(rows, columns=["group", "juror", "severity", "low", "high"]).set_index(["group", "juror"])


def severity_error(panel: Panel) -> float:
    """Half the width of the 95 % interval of a severity.

    The error is that of a mean over departments of a juror's mean residual there, so that a juror's leanings towards
    departments widen it (a random effect of juror × department, Brennan 2001, Generalizability Theory, section 3.1).
    """
    jurors, departments = panel.leaning.shape
    freedom = (jurors - 1) * (departments - 1)
    variance = (panel.leaning**2).sum() / freedom
    return float(t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(variance * (jurors - 1) / jurors / departments))


def inconsistency(panel: Panel) -> Floats:
    """Logarithm of the variance of each juror's lapses.

    Residual spread after department, item and juror (the infit of Linacre 1989, Many-Facet Rasch Measurement, in an
    additive model); the logarithm has a spread that does not depend on the variance (Bartlett and Kendall 1946).
    """
    return _log(_mean_square(panel.lapse, axis=(1, 2)))


def central_tendency(panel: Panel) -> Floats:
    """Slope of each juror's places on those that the others let expect; below 1 the juror stays near the middle.

    Discrimination by regression on the other raters (Myford and Wolfe 2004, Journal of Applied Measurement 5, 189–227,
    on centrality). What is expected of a severe or lenient juror is held back at the end of the band (the mean of a
    normal censored on both sides, Tobin 1958, Econometrica 26, 24–36): else its slope would be flat for its severity.
    """
    spread = float(np.sqrt(_mean_square(panel.place - panel.cell - panel.severity[:, None, None], axis=(0, 1, 2))))
    slopes = np.empty(len(panel.place))
    for juror, own in enumerate(panel.place):
        scored = ~np.isnan(own)
        with np.errstate(invalid="ignore", divide="ignore"):
            others = np.delete(panel.place - panel.severity[:, None, None], juror, axis=0)
            count = (~np.isnan(others)).sum(axis=0)
            mean = _held_back(np.nansum(others, axis=0) / count + panel.severity[juror], spread)
            scored &= count > 0
            x, y = mean[scored] - mean[scored].mean(), own[scored] - own[scored].mean()
            slopes[juror] = (x @ y) / (x @ x)
    return np.nan_to_num(slopes)


def _held_back(centre: Floats, spread: float) -> Floats:
    """Mean place of a normal with this centre, what lies beyond the band standing at its end."""
    low, high = -centre / max(spread, 1e-9), (1 - centre) / max(spread, 1e-9)
    inside = norm.cdf(high) - norm.cdf(low)
    return centre * inside - spread * (norm.pdf(high) - norm.pdf(low)) + norm.sf(high)


def halo(panel: Panel) -> Floats:
    """Logarithm of how much a juror's residuals vary between departments, against inside them.

    The ratio of the mean squares of rater × ratee and of error: a halo lets all items of a department rise and fall
    together (Guilford 1954, Psychometric Methods; Saal, Downey and Lahey 1980, Psychological Bulletin 88, 413–428).
    """
    # Without the department that stands out most: one favour is no halo.
    most = np.sort(np.abs(panel.leaning), axis=1)[:, :-1]
    between = _mean_square(most, axis=1) * panel.place.shape[2]
    return _log(between) - _log(_mean_square(panel.lapse, axis=(1, 2)))


def heaping(panel: Panel) -> Floats:
    """Scores of a juror on the first or last value of the band, beyond what cell and severity let expect.

    Expected is the normal share that the ends hold back, from the juror's own spread, by its quartiles (the share at
    the bounds of a censored normal, Tobin 1958, Econometrica 26, 24–36). Counts are compared by their square roots,
    which spread alike and evenly whatever is expected (Anscombe 1948, Biometrika 35, 246–254): in standard deviations.
    """
    at_ends, expected = _at_ends(panel)
    return 2 * (np.sqrt(at_ends + 3 / 8) - np.sqrt(expected + 3 / 8))


def _at_ends(panel: Panel) -> tuple[Floats, Floats]:
    """Scores of each juror at the ends of the bands, and how many are expected, ``(J,)`` each."""
    centre = panel.cell + panel.severity[:, None, None]
    low, high = np.nanquantile(panel.place - centre, [0.25, 0.75], axis=(1, 2))
    spread = np.maximum((high - low) / (2 * norm.ppf(0.75)), 1e-9)[:, None, None]
    half = panel.step / 2
    first, last = panel.first + half, panel.last - half
    scored = ~np.isnan(panel.place)
    expected = np.where(scored, norm.cdf((first - centre) / spread) + norm.sf((last - centre) / spread), 0.0)
    at_end = (panel.place < first) | (panel.place > last)
    return at_end.sum(axis=(1, 2)).astype(float), expected.sum(axis=(1, 2))


def _mean_square(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    there = ~np.isnan(values)
    return np.where(there, values**2, 0.0).sum(axis=axis) / np.maximum(there.sum(axis=axis), 1)


def _log(variance: Floats) -> Floats:
    # What the rounding of scores alone would leave: a juror without any lapse stays comparable.
    return np.log(np.maximum(variance, 1e-6))
