"""Panels: where in its band each score stands, and what of it is the cell's, the juror's and the department's.

Scores are confined to a band, and bands differ in width and height; so a juror's habit is measured by the place inside
the band, 0 at its lower end and 1 at its upper. Assumed: a juror's habit moves all scores by the same part of the width
of their bands. A band's own height is the panel's common decision and no juror's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appraisal.analysis.bands import band_limits
from appraisal.analysis.flags import Settings
from appraisal.scoring.appraise import Appraisal

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Panel:
    """One panel's scores as places in their bands, and their additive parts.

    ``place = cell + severity + residual`` by least squares, a cell being a department and item; `leaning` is the mean
    residual of a juror towards a department, `lapse` what is left.

    Parameters
    ----------
    group : str
    number : int
        Position of the group.
    ballots, departments : (J,), (D,) int arrays
        Positions in the evidence.
    juror : tuple of str
        Pseudonyms, the place in the order of severity: A is the most severe, after Z comes AA.
    place : (J, D, I) array
        NaN where not scored.
    step : (D, I) array
        Least difference between two scores of the item, in widths of the band.
    first, last : (D, I) arrays
        Places of the lowest and highest score that can be written in the band.
    cell : (D, I) array
    severity : (J,) array
        Its mean is 0; low is severe.
    leaning : (J, D) array
    lapse : (J, D, I) array
    """

    group: str
    number: int
    ballots: Ints
    departments: Ints
    juror: tuple[str, ...]
    place: Floats = field(repr=False)
    step: Floats = field(repr=False)
    first: Floats = field(repr=False)
    last: Floats = field(repr=False)
    cell: Floats = field(repr=False)
    severity: Floats = field(repr=False)
    leaning: Floats = field(repr=False)
    lapse: Floats = field(repr=False)


def panels(appraised: Appraisal, settings: Settings) -> tuple[Panel, ...]:
    """Read the panels that are large enough to be tested.

    Parameters
    ----------
    appraised : Appraisal
    settings : Settings
        A panel with fewer jurors or departments than it says is left out.
    """
    evidence, rules = appraised.evidence, appraised.rules
    low, high = band_limits(appraised)
    step = _steps(evidence.panel)
    # 1e-9 of a step: what a quotient of two decimals may be off.
    first, last = np.ceil(low / step - 1e-9) * step, np.floor(high / step + 1e-9) * step
    place, width = (evidence.panel - low) / (high - low), high - low
    found = []
    for number, group in enumerate(rules.groups):
        departments = np.flatnonzero(evidence.group == number)
        ballots = np.flatnonzero(~np.isnan(place[:, departments]).all(axis=(1, 2)))
        if len(ballots) < settings.least_jurors or len(departments) < settings.least_departments:
            continue
        own = place[np.ix_(ballots, departments)]
        # The most severe first: nothing then hangs on the order of the rows of a file.
        order = np.argsort(additive_parts(own)[1], kind="stable")
        own, ballots = own[order], ballots[order]
        cell, severity = additive_parts(own)
        residual = own - cell - severity[:, None, None]
        leaning = _mean(residual, axis=2)
        found.append(
            Panel(
                group=group,
                number=number,
                ballots=ballots,
                departments=departments,
                juror=tuple(_letters(rank) for rank in range(len(order))),
                place=own,
                step=(step / width)[departments],
                first=((first - low) / width)[departments],
                last=((last - low) / width)[departments],
                cell=cell,
                severity=severity,
                leaning=leaning,
                lapse=residual - leaning[..., None],
            )
        )
    return tuple(found)


def additive_parts(place: Floats) -> tuple[Floats, Floats]:
    """Split places into cells and jurors by least squares, with scores missing anywhere.

    Parameters
    ----------
    place : (J, D, I) array
        NaN where not scored.

    Returns
    -------
    cell : (D, I) array
        NaN where nobody scored.
    severity : (J,) array
        Mean 0.

    Examples
    --------
    >>> place = np.array([[[0.2], [0.6]], [[0.4], [np.nan]]])
    >>> cell, severity = additive_parts(place)
    >>> cell.round(2).tolist(), severity.round(2).tolist()
    ([[0.3], [0.7]], [-0.1, 0.1])
    """
    scored = ~np.isnan(place).reshape(len(place), -1)
    values = np.where(scored, place.reshape(len(place), -1), 0.0)
    per_cell = np.maximum(scored.sum(axis=0), 1)
    # The cells eliminated from the normal equations, those of the jurors are left.
    share = scored / per_cell
    normal = np.diag(scored.sum(axis=1)) - share @ scored.T
    # Singular by what all jurors share: below this it is noise, whose inverse would take the digits of the answer.
    severity = np.linalg.pinv(normal, rcond=1e-9, hermitian=True) @ (values - share * values.sum(axis=0)).sum(axis=1)
    severity -= severity.mean()
    cell = np.where(scored.any(axis=0), (values - scored * severity[:, None]).sum(axis=0) / per_cell, np.nan)
    return cell.reshape(place.shape[1:]), severity


def _letters(place: int) -> str:
    """Name a place by A to Z, then AA and so on."""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _steps(panel: Floats) -> Floats:
    """Least difference between two scores of each item, ``(I,)``, in points."""
    steps = []
    for item in range(panel.shape[2]):
        scores = np.unique(np.round(panel[..., item][~np.isnan(panel[..., item])], 6))
        steps.append(np.diff(scores).min(initial=np.inf))
    return np.where(np.isfinite(steps), steps, 1.0)


def _mean(values: Floats, axis: int) -> Floats:
    """Mean of what is there; 0 where nothing is."""
    there = ~np.isnan(values)
    return np.where(there, values, 0.0).sum(axis=axis) / np.maximum(there.sum(axis=axis), 1)
