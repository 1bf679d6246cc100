"""From the sample that was read again: how many band decisions may be wrong in the whole, and what so many would do.

A wrong decision is taken as one band too high or too low. What the sample cannot exclude is placed at random, many
times, and at worst, and the whole rule is run each time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta, hypergeom

from appraisal.analysis.bands import BandDecisions, band_decisions, fewest_decisions
from appraisal.analysis.margins import cutoff_lines, inside_groups
from appraisal.analysis.variants import base_tiers, tiers_with
from appraisal.scoring.appraise import Appraisal, score

# Scores in one array at a time: bounds memory.
CELLS = 4_000_000


def wrong_items_bound(appraised: Appraisal, confidence: float = 0.95) -> pd.DataFrame:
    """Bound the wrong decisions in the whole by those found in the sample.

    One-sided and exact: Clopper and Pearson (1934), for a sample that is small beside the whole; and the largest number
    of wrong ones in the whole under which so few in a sample of this size have a probability above 1 − confidence, by
    the hypergeometric distribution (Buonaccorsi 1987, finite population). Both are for units drawn one by one. The
    sample is drawn by department, and all items of a department are read: where wrong items come together in a
    department, the row `departments` (with any wrong item) is the one to trust.

    Parameters
    ----------
    appraised : Appraisal
    confidence : float

    Returns
    -------
    DataFrame
        Index `unit` (``items``, ``departments``); `sampled`, `wrong` (in the sample), `whole`, `share_bound`
        (Clopper–Pearson, of 1), `bound` (of the whole, hypergeometric); departments in competition.
    """
    codes, rows = appraised.evidence.departments, appraised.year.spot_checks
    rows = rows[rows["department"].isin(codes)]
    wrong = rows["result"] == "discrepancy"
    by_unit = {
        "items": (len(rows), int(wrong.sum()), len(codes) * len(appraised.rules.item_marks)),
        "departments": (rows["department"].nunique(), rows["department"][wrong].nunique(), len(codes)),
    }
    table = {
        unit: (n, k, whole, clopper_pearson(k, n, confidence), hypergeometric(k, n, whole, confidence))
        for unit, (n, k, whole) in by_unit.items()
    }
    columns = ["sampled", "wrong", "whole", "share_bound", "bound"]
    return pd.DataFrame.from_dict(table, orient="index", columns=columns).rename_axis("unit")


def clopper_pearson(wrong: int, sampled: int, confidence: float = 0.95) -> float:
    """Exact upper bound of the share wrong, one-sided.

    Examples
    --------
    >>> round(clopper_pearson(0, 59), 4)  # the rule of 59: none in 59, below 5 % with 95 % confidence
    0.0495
    """
    return 1.0 if wrong >= sampled else float(beta.ppf(confidence, wrong + 1, sampled - wrong))


def hypergeometric(wrong: int, sampled: int, whole: int, confidence: float = 0.95) -> int:
    """Exact upper bound of the number wrong in a finite whole, one-sided.

    Examples
    --------
    >>> hypergeometric(0, 5, 10, 0.95)  # with 4 wrong of 10: C(6,5) ÷ C(10,5) = 6/252; with 3: 21/252
    3
    """
    number = np.arange(wrong, whole - sampled + wrong + 1)
    return int(number[hypergeom.cdf(wrong, whole, number, sampled) > 1 - confidence].max())


@dataclass(frozen=True)
class WrongAtRandom:
    """What wrong band decisions do that are placed at random.

    Parameters
    ----------
    wrong : int
        Decisions changed in each draw.
    moved : (draws,) int array
        Departments whose tier changes.
    kept : Series
        Share of the draws in which each department keeps its tier.
    """

    wrong: int
    moved: NDArray[np.int64]
    kept: pd.Series


def wrong_at_random(appraised: Appraisal, wrong: int, draws: int, seed: int) -> WrongAtRandom:
    """Change so many band decisions by one step, drawn at random, and run the whole rule; many times.

    Parameters
    ----------
    appraised : Appraisal
    wrong : int
        Decisions to change in each draw, each up or down with equal chance, and where there is one neighbour, to it.
    draws : int
    seed : int

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    ValueError
        If there are fewer decisions than that.
    """
    base, decisions, rng = base_tiers(appraised, "spot_checks"), band_decisions(appraised), np.random.default_rng(seed)
    cells = np.flatnonzero((decisions.can(-1) | decisions.can(1)).ravel())
    if wrong > cells.size:
        raise ValueError(f"wrong is {wrong}, and {cells.size} band decisions have a neighbour")
    down, up = (decisions.can(step).ravel()[cells] for step in (-1, 1))
    moved, kept = np.empty(draws, dtype=np.int64), np.zeros(base.size)
    width = decisions.panels.shape[1] * len(decisions.items)
    chunk = max(CELLS // max(min(wrong, base.size) * width, decisions.band.size), 1)
    for start in range(0, draws, chunk):
        rows = min(chunk, draws - start)
        # Drawn row by row, so the draws are the same whatever the chunk.
        luck = rng.random((rows, 2, cells.size))
        those = np.argpartition(luck[:, 0], wrong - 1, axis=1)[:, :wrong] if wrong else np.empty((rows, 0), dtype=int)
        way = np.where(up & (~down | (luck[:, 1] < 0.5)), 1, -1).astype(np.int8)
        steps = np.zeros((rows, decisions.band.size), dtype=np.int8)
        np.put_along_axis(steps, cells[those], np.take_along_axis(way, those, axis=1), axis=1)
        tiers = _tiers_after(appraised, decisions, steps.reshape(rows, *decisions.band.shape))
        moved[start : start + rows] = (tiers != base).sum(axis=1)
        kept += (tiers == base).sum(axis=0)
    return WrongAtRandom(wrong, moved, pd.Series(kept / draws, index=appraised.evidence.departments, name="kept"))


def _tiers_after(appraised: Appraisal, decisions: BandDecisions, steps: NDArray[np.int8]) -> NDArray[np.int8]:
    """Tiers by the whole rule after steps of any departments ``(draws, D, I)``."""
    draw, department = np.nonzero(steps.any(axis=2))
    points = score(decisions.variants(department, steps[draw, department]), appraised.rules)
    return tiers_with(appraised, draw, department, points, len(steps))


def wrong_at_worst(appraised: Appraisal, wrong: int) -> dict[str, int | bool]:
    """Place so many wrong band decisions where they do the most.

    Where the pairs of the lines are departments of their own, the most lines that can flip at once are the cheapest
    ones together: exact. Of the departments whose tier changes this gives a lower bound of the worst: found step by
    step, each time the decision of each group after which the whole rule moves the most.

    Parameters
    ----------
    appraised : Appraisal
    wrong : int

    Returns
    -------
    dict
        ``lines``, ``flipped`` (the most lines at once), ``exact`` (whether that is so, else an estimate),
        ``moved_at_least`` (departments) and ``spent`` (decisions that took).
    """
    base, decisions = base_tiers(appraised, "spot_checks"), band_decisions(appraised)
    fewest = fewest_decisions(appraised, inside_groups(cutoff_lines(appraised)))
    costs = np.sort(fewest["decisions"].dropna().to_numpy(dtype=int))
    pairs = fewest[["upper", "lower"]].to_numpy().ravel()
    moved, spent = _step_by_step(appraised, decisions, wrong, base)
    return {
        "lines": len(fewest),
        "flipped": int((np.cumsum(costs) <= wrong).sum()),
        "exact": bool(fewest["exact"].all() and len(set(pairs)) == pairs.size),
        "moved_at_least": moved,
        "spent": spent,
    }


def _step_by_step(
    appraised: Appraisal, decisions: BandDecisions, wrong: int, base: NDArray[np.int8]
) -> tuple[int, int]:
    """Most departments moved, and with how many decisions."""
    evidence, rules, now = appraised.evidence, appraised.rules, appraised
    steps, moved, spent = np.zeros(decisions.band.shape, dtype=np.int8), 0, 0
    while spent < wrong:
        can = np.stack([decisions.can(-1), decisions.can(1)], axis=-1) & (steps == 0)[..., None]
        department, item, way = np.nonzero(can)
        each, tried = np.arange(department.size), steps[department]
        tried[each, item] = 2 * way - 1
        points = score(decisions.variants(department, tried), rules)
        gain = (tiers_with(now, each, department, points, each.size) != base).sum(axis=1) - moved
        # Groups hardly meet, so the best of each is taken at once; the next look counts what they do together.
        first = [
            members[np.argmax(gain[members])]
            for g in np.unique(evidence.group)
            if (members := np.flatnonzero(evidence.group[department] == g)).size
        ]
        better = sorted((at for at in first if gain[at] > 0), key=lambda at: -gain[at])[: wrong - spent]
        if not better:
            break
        steps[department[better], item[better]] = tried[better, item[better]]
        now = replace(appraised, points=decisions.points_after(appraised, steps))
        count = int((_tiers_after(appraised, decisions, steps[None])[0] != base).sum())
        if count <= moved:
            break
        moved, spent = count, spent + len(better)
    return moved, spent
