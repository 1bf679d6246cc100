"""A year under another rulebook. A tie on a line never stops it: the order of the rows settles it, and it is marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Points, place_points, score
from appraisal.scoring.evidence import Evidence, gather, in_competition
from appraisal.tables import Year


@dataclass(frozen=True)
class WhatIf:
    """A year under a rulebook, which never stops.

    Parameters
    ----------
    rules : Rulebook
    evidence : Evidence
        Of the departments in competition.
    points : Points
    tier : (D,) int array
        By the rules; ties on a line settled by the order of the rows.
    by_order : bool
        Whether there was such a tie.
    """

    rules: Rulebook
    evidence: Evidence
    points: Points
    tier: NDArray[np.int8]
    by_order: bool


def what_if(year: Year, rules: Rulebook, known: dict[str, Evidence] | None = None) -> WhatIf:
    """Run the whole rule under a rulebook.

    Parameters
    ----------
    year : Year
    rules : Rulebook
    known : dict, optional
        Keeps the evidence for rulebooks that read the tables alike; reading is the slow part.
    """
    known = {} if known is None else known
    evidence = known[evidence_under(year, rules, known)]
    points = score(evidence, rules)
    tiers = both_orders(points, evidence, rules)
    return WhatIf(rules, evidence, points, tiers[0], bool((tiers[0] != tiers[1]).any()))


def evidence_under(year: Year, rules: Rulebook, known: dict[str, Evidence]) -> str:
    """Key of the evidence in `known` that these rules read from the tables, read if it is not there.

    Parameters
    ----------
    year : Year
    rules : Rulebook
    known : dict
        Filled in.
    """
    reads = repr((rules.groups, rules.competition, rules.items, rules.social.points))
    if reads not in known:
        known[reads] = in_competition(gather(year, rules))
    return reads


def both_orders(points: Points, evidence: Evidence, rules: Rulebook) -> NDArray[np.int8]:
    """Tiers by the rules with ties on a line settled by the order of the rows, and by its reverse.

    Parameters
    ----------
    points : Points
        ``(..., D)`` each.
    evidence : Evidence
    rules : Rulebook

    Returns
    -------
    (2, ..., D) array
    """
    rows = np.arange(evidence.group.size)
    orders = np.stack([rows, rows[::-1]]).reshape(2, *[1] * (points.ticks["composite"].ndim - 1), rows.size)
    return place_points(points, evidence, rules, orders).rule_tier
