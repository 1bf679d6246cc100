"""Each decision that needed a rule beyond the rank, told so that a reader can follow it.

A decision is a code and its facts; `reporting.narrative` puts it into words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.evidence import Evidence
from appraisal.scoring.tiers import BEST, ORDINARY, Placement, Standing, closed_up, quotas
from appraisal.tables import Year

Floats = NDArray[np.float64]
Codes = NDArray[np.object_]  # of departments


@dataclass(frozen=True)
class Decision:
    """One decision.

    Parameters
    ----------
    step : str
        ``rank``, ``best``, ``withdrawal``, ``quota``, ``admonition``, ``seat`` or ``committee``.
    code : str
        Key of the phrase under ``decisions`` in the catalogue.
    departments : tuple of str
        Whom it concerns, the one it favours first.
    facts : mapping
        What the phrase names.
    """

    step: str
    code: str
    departments: tuple[str, ...]
    facts: Mapping[str, Any]


def explain(
    year: Year,
    rules: Rulebook,
    evidence: Evidence,
    keys: Floats,
    scale: Floats,
    standing: Standing,
    placement: Placement,
) -> tuple[Decision, ...]:
    """Tell the decisions of the official case, in the order of the steps.

    Parameters
    ----------
    year : Year
    rules : Rulebook
    evidence, standing, placement
        Of the departments in competition, without draws.
    keys : (K, D) array
        Composite and chain in points, the place that a tie ruling gives; lower first.
    scale : (D,) array
        Wildcard scale, higher first, with its decimals.
    """
    codes = np.asarray(evidence.departments)
    reasons = year.rulings.set_index(["kind", "department"])[["reason", "approved_by"]]
    steps = (
        _ties(rules, codes, keys, standing),
        _contest(rules, codes, keys, scale, standing, placement),
        _withdrawals(rules, codes, reasons, placement),
        _quota(rules, codes, standing, placement),
        _admonition(codes, reasons, evidence, standing, placement),
        _seats(codes, reasons, evidence, placement),
        _committee(codes, reasons, evidence, placement),
    )
    return tuple(decision for step in steps for decision in step)


def _ties(rules: Rulebook, codes: Codes, keys: Floats, standing: Standing) -> Iterator[Decision]:
    """Neighbours of one group with one composite: which key tells them apart."""
    place = standing.place
    order = np.lexsort((place, standing.group))
    for ahead, behind in pairwise(order):
        if standing.group[ahead] != standing.group[behind] or keys[0, ahead] != keys[0, behind]:
            continue
        facts = {"composite": -keys[0, ahead], "place": int(place[ahead])}
        facts |= _told_apart(rules, codes, keys, ahead, behind)
        code = {"ruling": "tie_by_ruling", None: "tie_shared"}.get(facts.get("key"), "tie_by_key")
        yield Decision("rank", code, (codes[ahead], codes[behind]), facts)


def _contest(
    rules: Rulebook, codes: Codes, keys: Floats, scale: Floats, standing: Standing, placement: Placement
) -> Iterator[Decision]:
    """The contest of the next places; once more where the withdrawn left and their groups were ranked again."""
    yield from _contested("contest", rules, codes, keys, scale, standing, standing.place, placement.wildcard)
    if rules.tiers.best.backfill == "within_group" and placement.withdrawn.any():
        place = closed_up(standing, placement.withdrawn)
        yield from _contested("contest_again", rules, codes, keys, scale, standing, place, placement.best)


def _contested(
    code: str,
    rules: Rulebook,
    codes: Codes,
    keys: Floats,
    scale: Floats,
    standing: Standing,
    place: NDArray[np.int32],
    winning: NDArray[np.bool_],
) -> Iterator[Decision]:
    next_place = rules.tiers.best.ranks[1] + 1
    in_advanced = standing.place <= rules.tiers.advanced.ranks[1]
    contestants = np.flatnonzero((place == next_place) & in_advanced)
    if not rules.tiers.best.wildcards or not contestants.size:
        return
    contestants = contestants[np.argsort(standing.scale_key[contestants])]
    winners = tuple(codes[contestants[winning[contestants]]])
    facts: dict[str, Any] = {
        "place": next_place,
        "scale": rules.tiers.best.wildcard_scale,
        "scores": tuple(scale[contestants]),
        "winners": winners,
    }
    last = len(winners) - 1
    if 0 <= last < contestants.size - 1 and scale[contestants[last]] == scale[contestants[last + 1]]:
        facts |= _told_apart(rules, codes, keys, contestants[last], contestants[last + 1])
    yield Decision("best", code, tuple(codes[contestants]), facts)


def _told_apart(rules: Rulebook, codes: Codes, keys: Floats, ahead: int, behind: int) -> dict[str, Any]:
    """The first key of the chain, or the ruling, that tells two departments apart; nothing where none does."""
    apart = np.flatnonzero(keys[1:, ahead] != keys[1:, behind])
    if not apart.size:
        return {}
    first, second = np.abs(keys[1 + apart[0], [ahead, behind]])
    key = (*rules.ties.keys, "ruling")[apart[0]]
    return {"key": key, "first": first, "second": second, "pair": (codes[ahead], codes[behind])}


def _withdrawals(rules: Rulebook, codes: Codes, reasons: pd.DataFrame, placement: Placement) -> Iterator[Decision]:
    for code in codes[placement.withdrawn]:
        yield Decision("withdrawal", "withdrew", (code,), dict(reasons.loc[("withdraw", code)]))
    for code in codes[placement.best & ~placement.first]:
        yield Decision("withdrawal", "moved_up", (code,), {"backfill": rules.tiers.best.backfill})
    if empty := int(placement.first.sum() - placement.best.sum()):
        yield Decision("withdrawal", "seats_empty", (), {"count": empty, "backfill": rules.tiers.best.backfill})


def _quota(rules: Rulebook, codes: Codes, standing: Standing, placement: Placement) -> Iterator[Decision]:
    if rules.tiers.on_quota_mismatch == "cut":
        for code in codes[placement.lost]:
            yield Decision("quota", "cut", (code,), {})
    for tier, (quota, seats) in quotas(standing.group, rules.tiers).items():
        facts = {"tier": tier, "quota": quota, "seats": seats}
        if rules.tiers.on_quota_mismatch == "cut" and seats < quota and not placement.lost.any():
            yield Decision("quota", "pool_short", (), facts)
        elif rules.tiers.on_quota_mismatch != "cut" and seats != quota:
            yield Decision("quota", "pool_kept", (), facts)


def _admonition(
    codes: Codes, reasons: pd.DataFrame, evidence: Evidence, standing: Standing, placement: Placement
) -> Iterator[Decision]:
    """Clause by clause, for whoever has a problem on record or meets both of the others."""
    rear = placement.rear_composite & placement.rear_social
    for at in np.flatnonzero(standing.problem | rear):
        clauses = {
            "composite": bool(placement.rear_composite[at]),
            "social": bool(placement.rear_social[at]),
            "problem": bool(standing.problem[at]),
        }
        if not placement.candidate[at]:
            code = "not_candidate"
        elif placement.kept[at]:
            code = "keeps_window"
        elif evidence.rulings.spare[at]:
            code = "spared"
            clauses |= dict(reasons.loc[("admonish", codes[at])])
        else:
            code = "admonished"
        yield Decision("admonition", code, (codes[at],), clauses)


def _seats(codes: Codes, reasons: pd.DataFrame, evidence: Evidence, placement: Placement) -> Iterator[Decision]:
    for department, tier in evidence.rulings.seats:
        said = dict(reasons.loc[("seat", codes[department])])
        yield Decision("seat", "seated", (codes[department],), said | {"tier": TIERS[tier]})
    for tier in range(BEST, ORDINARY):
        if count := int(placement.open_seats[tier]):
            yield Decision("seat", "open", (), {"tier": TIERS[tier], "count": count})


def _committee(codes: Codes, reasons: pd.DataFrame, evidence: Evidence, placement: Placement) -> Iterator[Decision]:
    for department, tier in evidence.rulings.committee:
        values = {"rules": TIERS[placement.rule_tier[department]], "tier": TIERS[tier]}
        yield Decision(
            "committee", "committee", (codes[department],), dict(reasons.loc[("committee", codes[department])]) | values
        )
