"""Flags: what deserves a look, how surprising it is, and whether any tier hangs on it.

A test gives a `Family`: all comparisons it made, not only those that stand out. `judge` controls the rate of false
discoveries over each family and asks the one engine which tiers change when what was flagged is left out. A flag is a
matter for review, never a penalty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.consequences import NOTHING, Omission, tiers_moved
from appraisal.scoring.appraise import Appraisal

Floats = NDArray[np.float64]
# What a comparison may be about: codes, a juror's pseudonym, what a form or a row of a file is called in its table.
ABOUT = ("group", "department", "juror", "form", "item", "line")


@dataclass(frozen=True)
class Settings:
    """Rates and thresholds of all tests; the catalogue says the basis of each, ``anomalies.basis.<field>``.

    Parameters
    ----------
    rate : float
        False discoveries among the flags of a family, on average, at most.
    power : float
        How often the smallest effect that is stated would be found.
    permutations : int
        Times that a permutation test draws; its stream is fixed by the seed of the rulebook.
    least_departments, least_jurors : int
        A panel with fewer is not tested: a mean over few scores would give them back.
    reliability : float
        Reliability at which a panel has enough jurors.
    incident_days : int
        Days between two deductions that may be one incident.
    late_days : int
        The last days of a year.
    least_answered : float
        Share of the departments that a form must answer to be tested.
    draws : int
        Resamples of the ballots behind an interval of a rank difference.
    """

    rate: float = 0.05
    power: float = 0.90
    permutations: int = 999
    least_departments: int = 8
    least_jurors: int = 5
    reliability: float = 0.80
    incident_days: int = 1
    late_days: int = 31
    least_answered: float = 0.5
    draws: int = 400


@dataclass(frozen=True)
class Family:
    """All comparisons of one test.

    Parameters
    ----------
    name : str
        Of the test; its words are ``anomalies.tests.<name>``: ``title``, ``sentence``, ``harmless``.
    comparisons : DataFrame
        One row a comparison: `statistic`, columns of `ABOUT` that apply, those of `values`, and `p` (method ``bh``,
        ``by``) or `flag` (bool; ``own``, then also `q`, and ``fact``).
    method : {"bh", "by", "own", "fact"}
        Benjamini–Hochberg; Benjamini–Yekutieli where comparisons depend on one another otherwise than positively; a
        test that bounds its own rate; a fact, which nothing is uncertain about.
    values : tuple of str
        Columns that the sentence asks for beside `ABOUT`.
    omission : callable, optional
        Position of a row → what is left out; without it a flag changes no tier by itself.
    smallest : float
        Smallest effect that this size of panel would find in `Settings.power` of the years; NaN for a fact.
    unit : str
        Its unit, ``anomalies.units.<unit>``.
    untold : int
        Comparisons made beside the rows, which are not worth a row: their p is far too large.
    by_chance : float
        Flags to expect of a fact that chance may bring about, where that is known.
    """

    name: str
    comparisons: pd.DataFrame = field(repr=False)
    method: str
    values: tuple[str, ...] = ()
    omission: Callable[[int], Omission] | None = field(default=None, repr=False)
    smallest: float = float("nan")
    unit: str = ""
    untold: int = 0
    by_chance: float = float("nan")


@dataclass(frozen=True)
class Flags:
    """What all tests found, and how hard they looked.

    Parameters
    ----------
    families : DataFrame
        Index `family`; `method`, `comparisons`, `by_chance` (flags expected if nothing were there), `found`,
        `smallest`, `unit`, `tiers` (departments whose tier some flag of the family touches).
    flags : DataFrame
        One row a flag: `family`, the columns of `ABOUT`, `statistic`, `p`, `q`, `values` (mapping), `left_out` (kind),
        `moved`: tuple of (department, tier, tier then), empty if no tier changes, None if it cannot be left out.
    settings : Settings
    omissions : tuple of Omission
        One a flag, in the same order: for exploring on screen only, in nothing that is published or saved.
    """

    families: pd.DataFrame
    flags: pd.DataFrame
    settings: Settings
    omissions: tuple[Omission, ...] = field(repr=False)


def judge(appraised: Appraisal, families: Iterable[Family], settings: Settings) -> Flags:
    """Flag what stands out in each family, and find what hangs on it.

    Parameters
    ----------
    appraised : Appraisal
    families : iterable of Family
    settings : Settings

    Raises
    ------
    ReconciliationError
        If with nothing left out the tiers are not those of the scorecard.
    """
    families = list(families)
    flagged = [_flagged(family, settings) for family in families]
    omissions = [
        family.omission(int(position)) if family.omission else NOTHING
        for family, rows in zip(families, flagged, strict=True)
        for position in rows["position"]
    ]
    moved = tiers_moved(appraised, omissions)
    flags = pd.concat([_blank(), *flagged], ignore_index=True).drop(columns="position")
    flags["left_out"] = [omission.kind for omission in omissions]
    flags["moved"] = pd.Series([moved[omission] for omission in omissions], dtype=object)
    summary = [_summary(family, flags[flags["family"] == family.name], settings) for family in families]
    columns = ["family", "method", "comparisons", "by_chance", "found", "smallest", "unit", "tiers"]
    table = pd.DataFrame(summary, columns=columns).set_index("family")
    return Flags(table, flags, settings, tuple(omissions))


def _blank() -> pd.DataFrame:
    columns = ["family", *ABOUT, "statistic", "p", "q", "values", "position"]
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


def _flagged(family: Family, settings: Settings) -> pd.DataFrame:
    rows = family.comparisons
    if family.method in ("bh", "by"):
        p = np.append(rows["p"].to_numpy(dtype=float), np.ones(family.untold))
        q = discovery_q(p, family.method)[: len(rows)]
        found = q <= settings.rate
    else:
        q = rows["q"].to_numpy(dtype=float) if "q" in rows else np.full(len(rows), np.nan)
        found = rows["flag"].to_numpy(dtype=bool)
    position = np.flatnonzero(found)
    chosen = rows.iloc[position]
    said = [MappingProxyType(dict(zip(family.values, row, strict=True))) for row in _rows(chosen, family.values)]
    table = pd.DataFrame({"family": pd.Series([family.name] * len(position), dtype=object)})
    for name in ABOUT:
        table[name] = pd.Series(chosen[name].astype(object).tolist() if name in rows else "", index=table.index)
    for name in ("statistic", "p"):
        table[name] = chosen[name].to_numpy(dtype=float) if name in rows else np.nan
    table["q"] = q[position]
    table["values"] = pd.Series(said, dtype=object)
    table["position"] = position
    return table.sort_values(["q", "p"], kind="stable", ignore_index=True).astype(object)


def _rows(table: pd.DataFrame, columns: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    return table[list(columns)].itertuples(index=False, name=None) if columns else [()] * len(table)


def _summary(family: Family, flags: pd.DataFrame, settings: Settings) -> tuple[Any, ...]:
    touched = {department for moves in flags["moved"] if moves for department, _tier, _then in moves}
    comparisons = len(family.comparisons) + family.untold
    fact = family.method == "fact"
    by_chance = family.by_chance if fact else flags_by_chance(comparisons, family.method, settings)
    return (
        family.name,
        family.method,
        comparisons,
        by_chance,
        len(flags),
        family.smallest,
        family.unit,
        len(touched),
    )


def discovery_q(p: Floats, method: str) -> Floats:
    """Give the rate of false discoveries at which each comparison would be flagged, by Benjamini and Hochberg (1995).

    ``by`` is the bound of Benjamini and Yekutieli (2001), which holds under any dependence.

    Parameters
    ----------
    p : (N,) array
        NaN is a comparison that could not be made, never flagged.
    method : {"bh", "by"}

    Examples
    --------
    >>> discovery_q(np.array([0.01, 0.04, np.nan, 0.5]), "bh").round(2).tolist()
    [0.03, 0.06, nan, 0.5]
    """
    from scipy.stats import false_discovery_control  # half a second, which a process that only shows flags does without

    q, made = np.full(p.shape, np.nan), np.isfinite(p)
    if made.any():
        q[made] = false_discovery_control(p[made], method=method)
    return q


def first_threshold(comparisons: int, method: str, settings: Settings) -> float:
    """The p value at which a single comparison of a family is flagged when no other is.

    Parameters
    ----------
    comparisons : int
    method : {"bh", "by"}
    settings : Settings

    Examples
    --------
    >>> first_threshold(10, "bh", Settings()), round(first_threshold(2, "by", Settings()), 4)
    (0.005, 0.0167)
    """
    harmonic = float((1 / np.arange(1, comparisons + 1)).sum()) if method == "by" else 1.0
    return settings.rate / max(comparisons, 1) / max(harmonic, 1.0)


def flags_by_chance(comparisons: int, method: str, settings: Settings) -> float:
    """Flags expected in a family if nothing were there.

    With Benjamini–Hochberg the number tends to α / (1 − α)² as comparisons become many, and is α for one (Finner and
    Roters 2002, Annals of Statistics 30, 220–238); with Benjamini–Yekutieli α is divided by the harmonic number.

    Parameters
    ----------
    comparisons : int
    method : {"bh", "by", "own"}
    settings : Settings

    Examples
    --------
    >>> flags_by_chance(1, "bh", Settings()), round(flags_by_chance(96, "bh", Settings()), 4)
    (0.05, 0.0554)
    """
    if not comparisons:
        return 0.0
    alpha = first_threshold(comparisons, method, settings) * comparisons
    return alpha if comparisons == 1 or method == "own" else alpha / (1 - alpha) ** 2


def smallest_effect(
    error: float, comparisons: int, settings: Settings, *, freedom: float = np.inf, sides: int = 2
) -> float:
    """Smallest effect that a test of normal errors finds in `Settings.power` of the years, alone in its family.

    Parameters
    ----------
    error : float
        Standard error of one comparison; the effect comes in its unit.
    comparisons : int
    settings : Settings
    freedom : float
        Degrees of freedom of the error.
    sides : {1, 2}

    Examples
    --------
    A comparison alone, at 5 % on two sides with a power of 90 %: 1.96 + 1.28 standard errors.

    >>> round(smallest_effect(1.0, 1, Settings()), 2)
    3.24
    """
    from scipy.stats import norm, t  # as above

    threshold = first_threshold(comparisons, "bh", settings)
    return float(error * (t.isf(threshold / sides, freedom) + norm.ppf(settings.power)))
