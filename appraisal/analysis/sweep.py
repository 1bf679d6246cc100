"""Cutoffs moved: who changes the tier when a window edge, the wildcards or the share is another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pandas as pd

from appraisal.analysis import gate
from appraisal.errors import RulebookError
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, place_points

# What is swept, over which values; a value that does not fit the other edges is passed over.
EDGES = {"best": range(1, 7), "advanced": range(4, 13), "good": range(10, 25)}
WILDCARDS = range(4)
SHARES = tuple(percent / 100 for percent in range(15, 36))


def cutoff_sweep(appraised: Appraisal) -> pd.DataFrame:
    """Move each cutoff alone and name who moves.

    The edges of the windows, the number of wildcards and the share of advanced and good (which then cuts: a share that
    binds nothing would move nobody).

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        One row a department and value at which its tier is another than the official one: `cutoff` (``best``,
        ``advanced``, ``good``: last rank of the window; ``wildcards``; ``share``), `value`, `department`, `rule_tier`,
        `tier`. A value at which nobody moves has no row; `swept_values` says which were tried.

    Raises
    ------
    ReconciliationError
        If the rules as they are do not give the scorecard.
    """
    rows = []
    for cutoff, value, rules in _what_ifs(appraised.rules):
        tiers = place_points(appraised.points, appraised.evidence, rules, _row_order(appraised)).rule_tier
        if rules == appraised.rules:
            gate.hold(appraised, tiers, "cutoff sweep")
        base = appraised.placement.rule_tier
        for at in np.flatnonzero(tiers != base):
            rows.append((cutoff, value, appraised.evidence.departments[at], TIERS[base[at]], TIERS[tiers[at]]))
    return pd.DataFrame(rows, columns=["cutoff", "value", "department", "rule_tier", "tier"])


def swept_values(rules: Rulebook) -> pd.DataFrame:
    """Values that `cutoff_sweep` tries: columns `cutoff`, `value`, and `official` for the rulebook's own."""
    rows = [(cutoff, value, other == rules) for cutoff, value, other in _what_ifs(rules)]
    return pd.DataFrame(rows, columns=["cutoff", "value", "official"])


def _what_ifs(rules: Rulebook) -> Iterator[tuple[str, float, Rulebook]]:
    tiers = rules.tiers
    for tier, ends in EDGES.items():
        for end in ends:
            changes: dict[str, object] = {f"tiers.{tier}.ranks": (getattr(tiers, tier).ranks[0], end)}
            if tier == "advanced":
                # Good begins where advanced ends.
                changes["tiers.good.ranks"] = (end + 1, max(tiers.good.ranks[1], end + 1))
            yield from _fitting(rules, tier, end, changes)
    for count in WILDCARDS:
        yield from _fitting(rules, "wildcards", count, {"tiers.best.wildcards": count})
    for share in SHARES:
        changes = {f"tiers.{tier}.share": round(share, 2) for tier in ("advanced", "good")}
        yield from _fitting(rules, "share", share, changes | {"tiers.on_quota_mismatch": "cut"})


def _fitting(
    rules: Rulebook, cutoff: str, value: float, changes: dict[str, object]
) -> Iterator[tuple[str, float, Rulebook]]:
    exact = {key: Decimal(str(new)) if isinstance(new, float) else new for key, new in changes.items()}
    try:
        yield cutoff, value, rules.replace(exact)
    except RulebookError:
        return


def _row_order(appraised: Appraisal) -> np.ndarray:
    return np.arange(appraised.evidence.group.size)
