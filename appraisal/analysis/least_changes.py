"""The least change that flips a line: of the composite, or of one component of one of the two departments."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.variants import base_tiers, lines_to_flip, pair_positions, would_be, would_rank
from appraisal.scoring.appraise import Appraisal, rounded_points

Ticks = NDArray[np.int64]


def least_changes(appraised: Appraisal) -> pd.DataFrame:
    """Find for each line by how many points one figure would have to differ for the pair to change order.

    Either the lower department's figure is raised or the upper one's lowered, the composite with it, everything else as
    it is; the chain sees the change, too. A source stays between 0 and its full marks. Whole units of the last digit
    are tried, by bisection: raising the lower department never puts it further back.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        Index as the lines; a column `composite` and one for each source of ``[weights]``, in points; missing where no
        change of that figure flips the line.

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    """
    base_tiers(appraised, "least changes")
    lines = lines_to_flip(appraised)
    figures = ["composite", *appraised.rules.weights]
    pairs = [pair_positions(appraised, line) for line in lines.itertuples()]
    # A case is a line, a figure and a side that gives way: the lower one rises, the upper one falls.
    cases = [(upper, lower, figure, rises) for upper, lower in pairs for figure in figures for rises in (True, False)]
    found = _fewest_ticks(appraised, cases).reshape(len(pairs), len(figures), 2).min(axis=2, initial=np.inf)
    points = np.where(np.isfinite(found), found / 10**appraised.points.digits, np.nan)
    return pd.DataFrame(points, index=lines.index, columns=figures)


def _fewest_ticks(appraised: Appraisal, cases: list[tuple[int, int, str, bool]]) -> NDArray[np.float64]:
    unit = 10**appraised.points.digits
    room = [_room(appraised, upper, lower, figure, rises=rises) for upper, lower, figure, rises in cases]
    most = np.floor(np.array(room) * unit + 1e-9).astype(np.int64)
    low, high = np.zeros_like(most), most
    while (low < high).any():
        middle = (low + high) // 2
        flipped = _flipped(appraised, cases, middle)
        low, high = np.where(flipped, low, np.minimum(middle + 1, high)), np.where(flipped, middle, high)
    return np.where(_flipped(appraised, cases, low), low, np.inf)


def _room(appraised: Appraisal, upper: int, lower: int, figure: str, *, rises: bool) -> float:
    """Points that the figure can rise or fall by."""
    now, full = appraised.points.exact[figure], float(appraised.rules.weights.get(figure, 100))
    return full - now[lower] if rises else now[upper]


def _flipped(appraised: Appraisal, cases: list[tuple[int, int, str, bool]], ticks: Ticks) -> NDArray[np.bool_]:
    """Whether the pair of each case changes order by so many ticks of its figure."""
    evidence, rules = appraised.evidence, appraised.rules
    upper, lower = np.array([case[:2] for case in cases]).T
    department = np.concatenate([upper, lower])
    exact = {name: value[department].copy() for name, value in appraised.points.exact.items()}
    for at, (_upper, _lower, figure, rises) in enumerate(cases):
        row, change = (at + len(cases), ticks[at]) if rises else (at, -ticks[at])
        moved = {"composite", figure} | ({"functional"} if figure in ("functional_panel", "leaders") else set())
        for name in moved:
            exact[name][row] += change / 10**appraised.points.digits
    variants = would_be(evidence, department, np.empty((0, department.size, evidence.panel.shape[2])))
    first, second = would_rank(rounded_points(exact, variants, rules), variants, rules).reshape(2, -1)
    return np.asarray(second < first)
