"""Consequences: which tiers change when a ballot, some scores, a form or a row is left out.

Everything runs through the one engine; the case in which nothing is left out is held to the scorecard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal, Points, every_ballot_once, place_points, score
from appraisal.scoring.evidence import Evidence

Floats = NDArray[np.float64]
Moves = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, eq=False)
class Omission:
    """What is left out to see whether a flag matters: positions in the evidence, never published.

    Each stands for itself, so that two which differ in their `points` alone are not taken for one.

    Parameters
    ----------
    panel, leaders, social : tuple of int
        Whole ballots that do not count.
    scores : tuple of (int, int)
        Panel ballot and department: this ballot's scores of this department do not count.
    deducted : tuple of (int, float)
        Department and the deductions that would count instead, in points of the items.
    problem : tuple of int
        Departments whose prominent problem is not on record.
    points : Points, optional
        Points instead of those that the ballots give.
    anonymous : bool
        What is flagged is a person, and no ballot can be told to be this person's: nothing is left out or computed.
    """

    panel: tuple[int, ...] = ()
    leaders: tuple[int, ...] = ()
    social: tuple[int, ...] = ()
    scores: tuple[tuple[int, int], ...] = ()
    deducted: tuple[tuple[int, float], ...] = ()
    problem: tuple[int, ...] = ()
    points: Points | None = field(default=None, repr=False)
    anonymous: bool = False

    @property
    def kind(self) -> str:
        """What is left out, for the sentence: name of the first field that says something, or ``nothing``."""
        kinds = ("panel", "leaders", "social", "scores", "deducted", "problem", "anonymous")
        named = next((kind for kind in kinds if getattr(self, kind)), "nothing")
        return "points" if self.points is not None else named


NOTHING = Omission()
ANONYMOUS = Omission(anonymous=True)


def tiers_moved(appraised: Appraisal, omissions: Iterable[Omission]) -> Mapping[Omission, Moves | None]:
    """Leave out each of several things, and see which tiers change.

    Parameters
    ----------
    appraised : Appraisal
    omissions : iterable of Omission

    Returns
    -------
    mapping of Omission to tuple of (department, tier, tier then), or None
        None where a department would be left without a score, a rating or a form, and where ballots are anonymous.

    Raises
    ------
    ReconciliationError
        If with nothing left out the tiers are not those of the scorecard.
    """
    wanted = list(dict.fromkeys([NOTHING, *omissions]))
    points = [_points_without(appraised, omission) for omission in wanted]
    scored = [
        bool(np.isfinite(own.exact["composite"]).all()) and not omission.anonymous
        for own, omission in zip(points, wanted, strict=True)
    ]
    # Any number in the place of none: those rows are not looked at.
    usable = [own if fine else appraised.points for own, fine in zip(points, scored, strict=True)]
    tiers = _tiers(appraised, _stacked(usable), wanted)
    gate.hold(appraised, tiers[0], "flags")
    base, codes = tiers[0], appraised.evidence.departments
    moves: dict[Omission, Moves | None] = {}
    for omission, fine, own in zip(wanted, scored, tiers, strict=True):
        changed = np.flatnonzero(own != base)
        moves[omission] = tuple((codes[at], TIERS[base[at]], TIERS[own[at]]) for at in changed) if fine else None
    return moves


def _points_without(appraised: Appraisal, omission: Omission) -> Points:
    if omission.points is not None:
        return omission.points
    evidence = _evidence_without(appraised.evidence, omission)
    ballots = every_ballot_once(evidence)
    for name in ("panel", "leaders", "social"):
        getattr(ballots, name)[list(getattr(omission, name))] = 0.0
    return score(evidence, appraised.rules, ballots)


def _evidence_without(evidence: Evidence, omission: Omission) -> Evidence:
    if not (omission.scores or omission.deducted):
        return evidence
    panel, deducted = evidence.panel.copy(), evidence.deducted.copy()
    for ballot, department in omission.scores:
        panel[ballot, department] = np.nan
    for department, points in omission.deducted:
        deducted[department] = points
    return replace(evidence, panel=panel, deducted=deducted)


def _stacked(several: list[Points]) -> Points:
    """Points of several cases as one, ``(N, D)``; what ranks by least deductions is each case's own."""
    first, shape = several[0], several[0].exact["composite"].shape

    def together(kind: str, name: str) -> Floats:
        return np.stack([np.broadcast_to(getattr(own, kind)[name], shape) for own in several])

    exact = {name: together("exact", name) for name in first.exact}
    return Points(exact, {name: together("ticks", name) for name in first.ticks}, first.rounding)


def _tiers(appraised: Appraisal, points: Points, omissions: list[Omission]) -> NDArray[np.int8]:
    """Tiers of every case; those without a problem on record are run by themselves, the evidence being another."""
    order = np.arange(len(appraised.evidence.departments))
    tiers = place_points(points, appraised.evidence, appraised.rules, order).rule_tier.copy()
    for at, omission in enumerate(omissions):
        if omission.problem:
            problem = appraised.evidence.problem.copy()
            problem[list(omission.problem)] = False
            other = replace(appraised.evidence, problem=problem)
            tiers[at] = place_points(points.chosen(at), other, appraised.rules, order).rule_tier
    return tiers
