"""Two rulebooks side by side on one year: what differs, who moves, by which key alone, and the lines of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from appraisal.analysis import gate
from appraisal.analysis.margins import lines_between
from appraisal.analysis.what_ifs import WhatIf, what_if
from appraisal.errors import Problem, RulebookError, RulingError
from appraisal.rulebook import FILE, TIERS, Rulebook
from appraisal.scoring.appraise import appraise
from appraisal.scoring.evidence import Evidence
from appraisal.scoring.official import quota_open
from appraisal.tables import Year

# Tables whose keys only make sense together: weights add up, answers are a scale, a trim belongs to its statistic.
TABLES = ("groups", "weights", "items", "bands", "panel", "social.points")
# Keys that only fit the rulebook together are looked for up to this many at a time.
TOGETHER = 4


@dataclass(frozen=True)
class Comparison:
    """What another rulebook would change.

    Parameters
    ----------
    keys : DataFrame
        One row a differing key: `key`, `before`, `after` (missing where the rulebook has no such key), `basis_before`,
        `basis_after`, `unit` (what is changed with it: keys that only fit the rulebook together are one unit).
    tiers : DataFrame
        Index `department`, all of the year; `group`, `before`, `after` (rule tiers, missing outside competition).
    moves : DataFrame
        Of these who move, with `alone`: the units of which each by itself would bring it to the tier `after`; none
        where only several do it together.
    alone : DataFrame
        One row a unit and a department whose tier that unit alone changes: `unit`, `department`, `before`, `after`.
        The changes of several units may undo each other.
    lines : DataFrame
        Index `group` (blank for the contest) and `tier` as in `lines_between`; `upper`, `lower`, `gap` and `scale`,
        each `_before` and `_after`.
    by_order : tuple of (bool, bool)
        Whether a tie on a line was settled by the order of the rows, under each of the two.
    stops : tuple of Problem
        Where the second rulebook, in earnest, would ask for a choice of its quota.
    """

    keys: pd.DataFrame
    tiers: pd.DataFrame
    moves: pd.DataFrame
    alone: pd.DataFrame
    lines: pd.DataFrame
    by_order: tuple[bool, bool]
    stops: tuple[Problem, ...]


def compare(year: Year, before: Rulebook, after: Rulebook) -> Comparison:
    """Compare two rulebooks on the tables of a year; a what-if, which never stops.

    Parameters
    ----------
    year : Year
    before, after : Rulebook

    Raises
    ------
    RulebookError
        If a rulebook's groups, items or ratings are not those of the tables.
    ReconciliationError
        If the first rulebook here does not give the tiers of its scorecard.
    """
    if problems := [problem for rules in (before, after) for problem in _misfits(year, rules)]:
        raise RulebookError(problems, before.lang)
    before, after = _explicit(before), _explicit(after)
    evidence: dict[str, Evidence] = {}
    first, second = what_if(year, before, evidence), what_if(year, after, evidence)
    _hold(year, first)
    keys = _differing(before, after)
    effects = []
    for unit in _units(before, after, keys):
        keys.loc[keys["unit"].isin(unit), "unit"] = name = " + ".join(unit)
        changed = _tiers(year, what_if(year, _with(before, after, unit), evidence))
        effects.append((name, changed))
    tiers = pd.DataFrame({"before": _tiers(year, first), "after": _tiers(year, second)})
    tiers.insert(0, "group", year.departments.set_index("department")["group"])
    moved = tiers[_other(tiers["before"], tiers["after"])]
    alone = [
        (name, department, tiers.loc[department, "before"], changed[department])
        for name, changed in effects
        for department in tiers.index[_other(tiers["before"], changed)]
    ]
    suffice = [
        tuple(name for name, changed in effects if not _other(changed[[who]], moved.loc[[who], "after"]).any())
        for who in moved.index
    ]
    return Comparison(
        keys=keys,
        tiers=tiers,
        moves=moved.assign(alone=pd.Series(suffice, index=moved.index, dtype=object)),
        alone=pd.DataFrame(alone, columns=["unit", "department", "before", "after"]),
        lines=_lines(first, second),
        by_order=(first.by_order, second.by_order),
        stops=tuple(quota_open(after, second.evidence.group)),
    )


def _hold(year: Year, base: WhatIf) -> None:
    """Hold the first rulebook to its scorecard, where there is one: a year that waits for a ruling has none yet."""
    try:
        official = appraise(year, base.rules)
    except RulingError:
        return
    gate.hold(official, base.tier, "comparison")


def _misfits(year: Year, rules: Rulebook) -> Iterable[Problem]:
    """Codes of the tables that a rulebook does not know, or panel items without a ballot."""
    scored = set(year.panel_ballots["item"])
    asked = {
        "groups": (set(rules.groups), set(year.departments["group"])),
        "items": (set(rules.item_marks), scored),
        "social.points": (set(rules.social.points) | set(rules.social.left_out), set(year.social_answers["rating"])),
    }
    for key, (known, found) in asked.items():
        if found - known or (key == "items" and known - found):
            values = {"said": ", ".join(sorted(known)), "allowed": ", ".join(sorted(found))}
            yield Problem("rulebook.value", FILE, key=key, values=values)


def _explicit(rules: Rulebook) -> Rulebook:
    """The same rulebook with what it left to defaults written out, so that nothing differs by being left out."""
    return Rulebook.model_validate(rules.model_dump())


def _differing(before: Rulebook, after: Rulebook) -> pd.DataFrame:
    values = [{key: value for key, value, _ in rules.values()} for rules in (before, after)]
    rows = [
        (key, *(said.get(key) for said in values), before.basis_of(key), after.basis_of(key), _unit(key))
        for key in dict.fromkeys([*values[0], *values[1]])
        if values[0].get(key) != values[1].get(key)
    ]
    columns = ["key", "before", "after", "basis_before", "basis_after", "unit"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _unit(key: str) -> str:
    return next((table for table in TABLES if key.startswith(f"{table}.")), key)


def _units(before: Rulebook, after: Rulebook, keys: pd.DataFrame) -> list[tuple[str, ...]]:
    """Smallest sets of keys that can be taken over into the first rulebook by themselves."""
    left = list(dict.fromkeys(keys["unit"]))
    units: list[tuple[str, ...]] = []
    for size in range(1, TOGETHER + 1):
        for some in combinations(left, size):
            if set(some) <= set(left) and _fits(before, after, some):
                units.append(some)
                left = [unit for unit in left if unit not in some]
    if not left:
        return units
    # What is left fits only beside keys that also stand by themselves.
    everything = tuple(unit for unit in dict.fromkeys(keys["unit"]))
    beside = ((*unit, *left) for unit in units)
    return [*units, next((some for some in beside if _fits(before, after, some)), everything)]


def _fits(before: Rulebook, after: Rulebook, units: Iterable[str]) -> bool:
    try:
        _with(before, after, units)
    except RulebookError:
        return False
    return True


def _with(before: Rulebook, after: Rulebook, units: Iterable[str]) -> Rulebook:
    """The first rulebook with some keys of the second: a what-if whose labels and bases are of no account."""
    units = tuple(units)
    sections = {key.partition(".")[0] for key in (*(key for key, _, _ in before.values()), *units)}
    return before.replace(
        {unit: _at(after.model_dump(), unit) for unit in units}
        | {"basis": dict.fromkeys(sections, "assumed: a what-if"), "labels": _joined(before, after)}
    )


def _at(values: Mapping[str, Any], key: str) -> object:
    found: Any = values
    for part in key.split("."):
        found = found[part]
    return found


def _joined(before: Rulebook, after: Rulebook) -> dict[str, dict[str, str]]:
    own = before.labels.model_dump()
    return {kind: labels | own[kind] for kind, labels in after.labels.model_dump().items()}


def _tiers(year: Year, given: WhatIf) -> pd.Series:
    tier = pd.Series(np.array(TIERS)[given.tier], index=given.evidence.departments, dtype="str")
    return tier.reindex(pd.Index(year.departments["department"], name="department"))


def _other(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where two tiers differ; outside competition twice is no difference."""
    return before.fillna("") != after.fillna("")


def _lines(first: WhatIf, second: WhatIf) -> pd.DataFrame:
    both = []
    for given, suffix in ((first, "_before"), (second, "_after")):
        lines = lines_between(given.points, given.evidence, given.rules)
        lines["group"] = lines["group"].fillna("")
        both.append(lines.set_index(["group", "tier"])[["upper", "lower", "gap", "scale"]].add_suffix(suffix))
    order = both[0].index.append(both[1].index.difference(both[0].index, sort=False))
    return both[0].join(both[1], how="outer").reindex(order)
