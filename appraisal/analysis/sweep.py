"""Cutoffs moved: who changes the tier when a window edge, the wildcards or the share is another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    rows, base = [], _tiers(appraised, appraised.rules)
    gate.hold(appraised, base, "cutoff sweep")
    for cutoff, value, rules in _what_ifs(appraised.rules):
        tiers = _tiers(appraised, rules)
        rows += [
            (cutoff, value, appraised.evidence.departments[at], TIERS[base[at]], TIERS[tiers[at]])
            for at in np.flatnonzero(tiers != base)
        ]
    return pd.DataFrame(rows, columns=["cutoff", "value", "department", "rule_tier", "tier"])


def swept_values(rules: Rulebook) -> pd.DataFrame:
    """Values that `cutoff_sweep` tries.

    Returns
    -------
    DataFrame
        Columns `cutoff`, `value`, `official` (these are the year's own rules) and `own` (the rulebook's own value: for
        the share also where it does not bind, since a sweep of it cuts).
    """
    share = float(rules.tiers.advanced.share)
    rows = [
        (cutoff, value, other == rules, other == rules or (cutoff == "share" and value == share))
        for cutoff, value, other in _what_ifs(rules)
    ]
    return pd.DataFrame(rows, columns=["cutoff", "value", "official", "own"])


def sweep_steps(sweep: pd.DataFrame, values: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """Name who moves at each step, away from the rulebook's own value.

    Parameters
    ----------
    sweep, values : DataFrame
        As `cutoff_sweep` and `swept_values` give them.
    base : Series
        Official tier of each department.

    Returns
    -------
    DataFrame
        One row a step and department: `cutoff`, `nearer` and `value` (from which value to which), `department`,
        `before` and `after` (its tiers at the two). A step at which nobody moves has no row.

    Examples
    --------
    >>> values = pd.DataFrame({"cutoff": "best", "value": [2, 3, 4], "official": False, "own": [False, True, False]})
    >>> columns = ["cutoff", "value", "department", "rule_tier", "tier"]
    >>> sweep = pd.DataFrame([("best", 2, "d3", "best", "advanced")], columns=columns)
    >>> sweep_steps(sweep, values, pd.Series({"d2": "best", "d3": "best"})).values.tolist()
    [['best', 3, 2, 'd3', 'best', 'advanced']]
    """
    rows = []
    for cutoff, tried in values.groupby("cutoff", sort=False):
        own = tried.loc[tried["own"], "value"]
        if own.empty:
            continue
        at = {value: _tiers_at(sweep, str(cutoff), value, base) for value in tried["value"]}
        up = sorted(value for value in at if value >= own.iloc[0])
        down = sorted((value for value in at if value <= own.iloc[0]), reverse=True)
        for nearer, value in [*pairwise(up), *pairwise(down)]:
            moved = base.index[at[nearer] != at[value]]
            rows += [(cutoff, nearer, value, who, at[nearer][who], at[value][who]) for who in moved]
    return pd.DataFrame(rows, columns=["cutoff", "nearer", "value", "department", "before", "after"])


def _tiers_at(sweep: pd.DataFrame, cutoff: str, value: float, base: pd.Series) -> pd.Series:
    moves = sweep[(sweep["cutoff"] == cutoff) & (sweep["value"] == value)]
    tiers = base.copy()
    tiers[moves["department"]] = moves["tier"].to_numpy()
    return tiers


def _what_ifs(rules: Rulebook) -> Iterator[tuple[str, float, Rulebook]]:
    tiers = rules.tiers
    for tier, usual in EDGES.items():
        for end in _ends(usual, getattr(tiers, tier).ranks[1]):
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


def _ends(usual: range, own: int) -> range:
    """Ends that are tried: the usual ones, or as many around an own end that is not among them."""
    return usual if own in usual else range(max(own - len(usual) // 2, 1), own + len(usual) // 2 + 1)


def _fitting(
    rules: Rulebook, cutoff: str, value: float, changes: dict[str, object]
) -> Iterator[tuple[str, float, Rulebook]]:
    exact = {key: Decimal(str(new)) if isinstance(new, float) else new for key, new in changes.items()}
    try:
        yield cutoff, value, rules.replace(exact)
    except RulebookError:
        return


def _tiers(appraised: Appraisal, rules: Rulebook) -> NDArray[np.int8]:
    order = np.arange(appraised.evidence.group.size)
    return place_points(appraised.points, appraised.evidence, rules, order).rule_tier
