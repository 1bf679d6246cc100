"""What the band decisions decide: one step up or down of each, and the fewest that flip a line.

A band is the largest single decision of a panel: its ballots must lie inside. In a neighbouring band every ballot keeps
its relative place, ``score' = lo' + (score − lo) / (hi − lo) · (hi' − lo')``; a step up never lowers a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.variants import (
    base_tiers,
    lines_to_flip,
    moved,
    own_ballots,
    pair_positions,
    tiers_with,
    would_be,
    would_rank,
)
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, Points, rounded_points, score
from appraisal.scoring.evidence import Evidence

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
# Sets of one department's decisions that are looked at: all those of up to 14 items.
SETS = 2**14
LINE = ["group", "tier", "upper", "lower", "gap"]


@dataclass(frozen=True)
class BandDecisions:
    """The bands of the departments in competition, and their ballots one band lower and higher.

    Parameters
    ----------
    evidence : Evidence
    ladder : tuple of str
        Bands, the lowest first.
    items : tuple of str
    band : (D, I) int array
        Position on the ladder.
    panels : (3, B, D, I) array
        Scores one band lower, as they are, one band higher; NaN where not scored or no such band.
    """

    evidence: Evidence
    ladder: tuple[str, ...]
    items: tuple[str, ...]
    band: NDArray[np.intp]
    panels: Floats

    def can(self, step: int) -> NDArray[np.bool_]:
        """Which decisions have a neighbour that way, ``(D, I)``."""
        return (self.band + step >= 0) & (self.band + step < len(self.ladder))

    def variants(self, department: Places, steps: NDArray[np.int8]) -> Evidence:
        """Departments ``(N,)`` with steps −1, 0, 1 of their items, ``(N, I)``."""
        panel = self.panels[1 + steps, :, department[:, None], np.arange(len(self.items))]
        return would_be(self.evidence, department, np.moveaxis(panel, 2, 0))

    def points_after(self, appraised: Appraisal, steps: NDArray[np.int8]) -> Points:
        """Points of all departments, ``(D,)``, after steps −1, 0, 1 of any decisions, ``(D, I)``."""
        changed = np.flatnonzero(steps.any(axis=1))
        after = score(self.variants(changed, steps[changed]), appraised.rules)
        exact = {name: value.copy() for name, value in appraised.points.exact.items()}
        for name, value in exact.items():
            value[changed] = after.exact[name]
        return rounded_points(exact, appraised.evidence, appraised.rules)

    def said(self, department: int, steps: NDArray[np.int8]) -> list[tuple[str, str, str, str]]:
        """Department, item, band and new band of each step."""
        code, band = self.evidence.departments[department], self.band[department]
        return [
            (code, self.items[i], self.ladder[band[i]], self.ladder[band[i] + steps[i]]) for i in np.flatnonzero(steps)
        ]


def band_decisions(appraised: Appraisal) -> BandDecisions:
    """Read the bands, and move every ballot to the neighbouring ones."""
    evidence = appraised.evidence
    ladder, items, band = _bands_set(appraised)
    limits = _limits(appraised.rules, ladder, items)
    scores, each = own_ballots(evidence), np.arange(len(items))
    low, high = np.moveaxis(limits[each, band], -1, 0)
    panels = []
    for step in (-1, 0, 1):
        to = band + step
        low_to, high_to = np.moveaxis(limits[each, np.clip(to, 0, len(ladder) - 1)], -1, 0)
        there = np.where(step == 0, scores, low_to + (scores - low) * (high_to - low_to) / (high - low))
        panels.append(np.where((to >= 0) & (to < len(ladder)), there, np.nan))
    return BandDecisions(evidence, ladder, items, band, np.stack(panels))


def band_limits(appraised: Appraisal) -> Floats:
    """Lowest and highest valid score of each department and item, in points: ``(2, D, I)``."""
    ladder, items, band = _bands_set(appraised)
    return np.moveaxis(_limits(appraised.rules, ladder, items)[np.arange(len(items)), band], -1, 0)


def _bands_set(appraised: Appraisal) -> tuple[tuple[str, ...], tuple[str, ...], Places]:
    """Bands from the lowest up, items, and which band each department in competition has of each item, ``(D, I)``."""
    rules, departments, rows = appraised.rules, appraised.evidence.departments, appraised.year.bands
    items = tuple(rules.item_marks)
    ladder = tuple(sorted(rules.bands, key=lambda code: rules.bands[code]))
    band = np.zeros((len(departments), len(items)), dtype=np.intp)
    department = departments.get_indexer(rows["department"])
    competing = department >= 0
    place = department[competing], pd.Index(items).get_indexer(rows["item"])[competing]
    band[place] = pd.Index(ladder).get_indexer(rows["band"])[competing]
    return ladder, items, band


def _limits(rules: Rulebook, ladder: tuple[str, ...], items: tuple[str, ...]) -> Floats:
    """Lowest and highest score of each item in each band, in points: ``(I, bands, 2)``."""
    return np.array([[rules.band_range(item, band) for band in ladder] for item in items], dtype=float)


def one_step_changes(appraised: Appraisal) -> pd.DataFrame:
    """Change each band decision by one step, alone, and run the whole rule.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        A row a change: `department`, `item`, `band`, `to`; `tier` and `tier_then` of the department itself (blank
        where a tie would need a ruling); `changed` (departments whose tier changes, however ties would be ruled) and
        `tied` (a tie on a line would decide a tier).

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    """
    base, decisions = base_tiers(appraised, "bands"), band_decisions(appraised)
    can = np.stack([decisions.can(-1), decisions.can(1)], axis=-1)
    department, item, way = np.nonzero(can)
    step = 2 * way - 1
    steps = np.zeros((department.size, len(decisions.items)), dtype=np.int8)
    steps[np.arange(department.size), item] = step
    points = score(decisions.variants(department, steps), appraised.rules)
    each = np.arange(department.size)
    tiers, against = (tiers_with(appraised, each, department, points, department.size, coin=coin) for coin in (1, -1))
    own, own_against = tiers[each, department], against[each, department]
    names, ladder = np.array([*TIERS, ""]), np.array(decisions.ladder)
    band = decisions.band[department, item]
    return pd.DataFrame(
        {
            "department": np.asarray(appraised.evidence.departments)[department],
            "item": np.array(decisions.items)[item],
            "band": ladder[band],
            "to": ladder[band + step],
            "tier": names[base[department]],
            "tier_then": names[np.where(own == own_against, own, len(TIERS))],
            "changed": ((tiers != base) & (against != base)).sum(axis=1),
            "tied": (tiers != against).any(axis=1),
        }
    )


def deciding_changes(changes: pd.DataFrame) -> pd.DataFrame:
    """The single band decisions that would change their department's own tier, of `one_step_changes`."""
    other = (changes["tier_then"] != changes["tier"]) & (changes["tier_then"] != "")
    return changes[other].reset_index(drop=True)


def share_deciding(changes: pd.DataFrame) -> float:
    """Share of all one-step changes that change any tier, of 1; ties that would need a ruling do not count."""
    return float((changes["changed"] > 0).mean())


def fewest_decisions(appraised: Appraisal, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    """Find the fewest band decisions, one step each, that flip each line.

    The points of a department depend on its own bands alone. So with a steps up below the line and b steps down above
    it, the pair changes order if and only if the best that a steps give the lower department, by composite and chain,
    each rounded, is better than the worst that b steps leave the upper one; the smallest a + b is the answer. Best and
    worst are taken over all sets of a department's decisions, so rounding, ties and the floor of deductions are exact.

    Parameters
    ----------
    appraised : Appraisal
    lines : DataFrame, optional
        As for `lines_to_flip`.

    Returns
    -------
    DataFrame
        A row a line: `group`, `tier`, `upper`, `lower`, `gap`; `decisions`, missing where none flip it; `exact`, else
        an upper bound; `ways`, how many sets of so many decisions flip it; `steps`, one of them: (department, item,
        band, new band) each; `moved`, the departments whose tier then changes.
    """
    base, decisions = base_tiers(appraised, "bands"), band_decisions(appraised)
    rows = []
    for line in lines_to_flip(appraised, lines).itertuples():
        upper, lower = pair_positions(appraised, line)
        sets = [decision_sets(decisions.can(step)[who], step, SETS) for who, step in ((upper, -1), (lower, 1))]
        steps = np.concatenate([found for found, _complete in sets])
        who = np.repeat([upper, lower], [len(found) for found, _complete in sets])
        points, rank = scored(appraised, decisions, who, steps)
        worst = of_each_size(rank, steps, np.flatnonzero(who == upper), worst=True)
        best = of_each_size(rank, steps, np.flatnonzero(who == lower))
        flips = [(a + b, a, at, b, of) for a, at in best.items() for b, of in worst.items() if rank[at] < rank[of]]
        fewest, _a, at, _b, of = min(flips, default=(None, 0, 0, 0, 0))
        ways = _pairs_that_flip(rank, steps, who == upper, who == lower, fewest)
        # Below the least number of decisions that was not looked at, no set is missing.
        unseen = [1 + max(of_size) for of_size, (_found, all_) in zip((worst, best), sets, strict=True) if not all_]
        chosen = np.array([of, at]) if flips else np.empty(0, dtype=np.intp)
        tiers = tiers_with(appraised, np.zeros(chosen.size, dtype=np.intp), who[chosen], points.chosen(chosen), 1)
        said = [step for one in chosen for step in decisions.said(int(who[one]), steps[one])]
        exact = not unseen or (fewest is not None and fewest <= min(unseen))
        common = [getattr(line, name) for name in LINE]
        rows.append((*common, fewest, exact, ways, tuple(said), moved(appraised, base, tiers[0])))
    frame = pd.DataFrame(rows, columns=[*LINE, "decisions", "exact", "ways", "steps", "moved"])
    return frame.astype({"decisions": "Int64", "exact": bool})


def _pairs_that_flip(
    rank: NDArray[np.int64], steps: NDArray[np.int8], upper: NDArray[np.bool_], lower: NDArray[np.bool_], of: int | None
) -> int:
    """Number of sets of so many decisions of both that put the lower one first."""
    size, pairs = (steps != 0).sum(axis=1), 0
    if of is None:
        return 0
    for a in range(of + 1):
        better = np.sort(rank[lower & (size == a)])
        pairs += int(np.searchsorted(better, rank[upper & (size == of - a)]).sum())
    return pairs


def scored(
    appraised: Appraisal, decisions: BandDecisions, department: Places, steps: NDArray[np.int8]
) -> tuple[Points, NDArray[np.int64]]:
    """Points of departments ``(N,)`` with steps of their items ``(N, I)``, and how they would rank among each other."""
    variants = decisions.variants(department, steps)
    points = score(variants, appraised.rules)
    return points, would_rank(points, variants, appraised.rules)


def decision_sets(can: NDArray[np.bool_], step: int, most: int) -> tuple[NDArray[np.int8], bool]:
    """Sets of decisions, the smallest first, as steps of the items ``(N, I)``; and whether these are all.

    Examples
    --------
    >>> decision_sets(np.array([True, False, True]), -1, 4)[0].tolist()
    [[0, 0, 0], [-1, 0, 0], [0, 0, -1], [-1, 0, -1]]
    """
    items = np.flatnonzero(can)
    sets: list[tuple[int, ...]] = []
    for size in range(items.size + 1):
        if size > 1 and len(sets) + comb(items.size, size) > most:
            break
        sets += combinations(items.tolist(), size)
    steps = np.zeros((len(sets), can.size), dtype=np.int8)
    for row, chosen in enumerate(sets):
        steps[row, list(chosen)] = step
    return steps, len(sets) == 2**items.size


def of_each_size(
    rank: NDArray[np.int64], steps: NDArray[np.int8], among: Places, *, worst: bool = False
) -> dict[int, int]:
    """The set that ranks best, or worst, of each number of decisions: number → position.

    Parameters
    ----------
    rank : (N,) int array
        How the sets would rank among each other, lower first.
    steps : (N, I) int array
    among : (M,) int array
        Positions of the sets that are asked for.
    worst : bool

    Examples
    --------
    >>> rank, steps = np.array([3, 1, 2, 0]), np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.int8)
    >>> of_each_size(rank, steps, np.arange(4)), of_each_size(rank, steps, np.arange(4), worst=True)
    ({0: 0, 1: 1, 2: 3}, {0: 0, 1: 2, 2: 3})
    """
    size = (steps[among] != 0).sum(axis=1)
    order = among[np.lexsort((among, -rank[among] if worst else rank[among], size))]
    first = np.unique(np.sort(size), return_index=True)
    return {int(number): int(order[at]) for number, at in zip(*first, strict=True)}
