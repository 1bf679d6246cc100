"""One left out: which tiers change without a juror, a leader, a component or an item."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import (
    Appraisal,
    Points,
    every_ballot_once,
    place_points,
    rounded_points,
    score,
)


def without_ballots(appraised: Appraisal) -> pd.DataFrame:
    """Leave out each panel ballot, then each leader's, and see which tiers change.

    A mean with and without one ballot gives that ballot, so no score, gap or rank comes out: only how many ballots
    there are whose absence moves a department, and where to.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        One row a source (``panel``, ``leaders``), department and tier it would go to: `source`, `department`,
        `rule_tier`, `tier`, `ballots` (how many have that effect), `of` (how many there are that rate it).

    Raises
    ------
    ReconciliationError
        If with every ballot the tiers are not those of the scorecard.
    """
    evidence = appraised.evidence
    once = every_ballot_once(evidence)
    rating = {
        "panel": (~np.isnan(evidence.panel)).any(axis=2).sum(axis=0),
        "leaders": np.asarray((evidence.leaders.count != 0).sum(axis=0)).ravel(),
    }
    rows = []
    for source, of in rating.items():
        own = getattr(once, source)
        left_out = np.vstack([own, own - np.eye(own.size)])
        tiers = _tiers(appraised, score(evidence, appraised.rules, replace(once, **{source: left_out})))
        gate.hold(appraised, tiers[0], f"leaving out {source} ballots")
        rows += _moves(appraised, source, tiers[1:], of)
    return pd.DataFrame(rows, columns=["source", "department", "rule_tier", "tier", "ballots", "of"])


def without_parts(appraised: Appraisal) -> pd.DataFrame:
    """Leave out each source of points, then each item, the others as they are, and see which tiers change.

    A source left out counts for nobody; the others keep their points. An item left out leaves its component's points to
    the other items; the only item of a component is that component.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        One row a part and department that would change: `part`, `kind` (``component``, ``item``), `department`,
        `rule_tier`, `tier`.

    Raises
    ------
    ReconciliationError
        If with every part the tiers are not those of the scorecard.
    """
    rules, evidence = appraised.rules, appraised.evidence
    weights = np.array([float(weight) for weight in rules.weights.values()])
    gate.hold(appraised, _tiers(appraised, score(evidence, rules, weights=weights)), "leaving out a part")
    rows = []
    for at, part in enumerate(rules.weights):
        kept = np.where(np.arange(weights.size) == at, 0.0, weights)
        tiers = _tiers(appraised, score(evidence, rules, weights=kept))
        rows += [(part, "component", *move) for move in _changed(appraised, tiers)]
    for component, items in rules.items.items():
        for item in items if len(items) > 1 else ():
            tiers = _tiers(appraised, _without_item(appraised, component, item))
            rows += [(item, "item", *move) for move in _changed(appraised, tiers)]
    return pd.DataFrame(rows, columns=["part", "kind", "department", "rule_tier", "tier"])


def _without_item(appraised: Appraisal, component: str, item: str) -> Points:
    """Points without one item: a rulebook in which the component has the other items only."""
    rules = appraised.rules
    at = list(rules.item_marks).index(item)
    fewer = {name: marks for name, marks in rules.items[component].items() if name != item}
    other = rules.model_copy(update={"items": dict(rules.items) | {component: fewer}})
    evidence = replace(appraised.evidence, panel=np.delete(appraised.evidence.panel, at, axis=2))
    return rounded_points(score(evidence, other).exact, evidence, rules)


def _tiers(appraised: Appraisal, points: Points) -> NDArray[np.int8]:
    order = np.arange(appraised.evidence.group.size)
    return place_points(points, appraised.evidence, appraised.rules, order).rule_tier


def _changed(appraised: Appraisal, tiers: NDArray[np.int8]) -> list[tuple[str, str, str]]:
    base, codes = appraised.placement.rule_tier, appraised.evidence.departments
    return [(codes[at], TIERS[base[at]], TIERS[tiers[at]]) for at in np.flatnonzero(tiers != base)]


def _moves(
    appraised: Appraisal, source: str, tiers: NDArray[np.int8], of: NDArray[np.int64]
) -> list[tuple[str, str, str, str, int, int]]:
    base, codes = appraised.placement.rule_tier, appraised.evidence.departments
    rows = []
    for at in np.flatnonzero((tiers != base).any(axis=0)):
        for tier in np.unique(tiers[:, at][tiers[:, at] != base[at]]):
            ballots = int((tiers[:, at] == tier).sum())
            rows.append((source, codes[at], TIERS[base[at]], TIERS[tier], ballots, int(of[at])))
    return rows
