"""Leaders against the panel, the public against the rest: whom two kinds of judges see differently.

Every true department is seen a little differently by leaders, panel and public; that they differ at all is no finding.
What is looked for is a department whose difference stands out from those of the others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from appraisal.analysis.consequences import Omission
from appraisal.analysis.deviations import LineFit, robust_line
from appraisal.analysis.flags import Family, Settings, smallest_effect
from appraisal.analysis.resampling import redrawn_ballots
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal, Points, rounded_points

Floats = NDArray[np.float64]
# What is held against what: the points that would be replaced, and of 100 both sides. The public is held against the
# composite without it: a part held against its whole agrees with itself.
CONTRASTS = ("leaders", "social")


def sides(points: Points, rules: Rulebook, contrast: str) -> tuple[Floats, Floats]:
    """Points of 100 of the two sides of a contrast, ``(..., D)`` each.

    Parameters
    ----------
    points : Points
    rules : Rulebook
    contrast : {"leaders", "social"}
        ``leaders`` against the panel's functional points, ``social`` against the composite without it.
    """
    own, weight = points.exact[contrast], float(rules.weights[contrast])
    if contrast == "leaders":
        return 100 * own / weight, 100 * points.exact["functional_panel"] / float(rules.weights["functional_panel"])
    return 100 * own / weight, 100 * (points.exact["composite"] - own) / (100 - weight)


def contrast_table(appraised: Appraisal, contrast: str, draws: int) -> pd.DataFrame:
    """Compare the two sides: points, ranks inside the group with intervals, and who stands apart from the others.

    The interval of the rank difference is that of redrawn ballots (percentiles; Efron and Tibshirani 1993): panel,
    leaders and forms by whole ballots. Who stands apart is the residual of one side on the other by a robust line
    (Theil 1950, Sen 1968).

    Parameters
    ----------
    appraised : Appraisal
    contrast : {"leaders", "social"}
    draws : int

    Returns
    -------
    DataFrame
        A row a department: `department`, `group`; `own` and `other` (of 100), `mean` and `difference` of the two
        (Bland and Altman 1986), `own_rank` and `other_rank` inside the group, `places` (other_rank − own_rank, above
        0: the own side sees it higher), `low` and `high` (95 % of the redrawn), `expected` (own side of others of such
        points), `deviation`, `z`, `p` (so far on either side).
    """
    evidence, rules = appraised.evidence, appraised.rules
    own, other = sides(appraised.points, rules, contrast)
    fit = fitted(appraised, contrast)
    random = np.random.default_rng([rules.seed, rules.year, *contrast.encode()])
    _ballots, drawn, _again = redrawn_ballots(evidence, rules, draws, random)
    own_drawn, other_drawn = sides(drawn, rules, contrast)
    places = _group_ranks(other_drawn, evidence.group) - _group_ranks(own_drawn, evidence.group)
    low, high = np.quantile(places, [0.025, 0.975], axis=0)
    own_rank, other_rank = _group_ranks(own, evidence.group), _group_ranks(other, evidence.group)
    return pd.DataFrame(
        {
            "department": evidence.departments,
            "group": np.array(list(rules.groups))[evidence.group],
            "own": own,
            "other": other,
            "mean": (own + other) / 2,
            "difference": own - other,
            "own_rank": own_rank.astype(int),
            "other_rank": other_rank.astype(int),
            "places": (other_rank - own_rank).astype(int),
            "low": low,
            "high": high,
            "expected": fit.expected,
            "deviation": fit.residual,
            "z": fit.z,
            "p": fit.apart(),
        }
    )


def fitted(appraised: Appraisal, contrast: str) -> LineFit:
    """The robust line of a contrast."""
    return robust_line(*sides(appraised.points, appraised.rules, contrast), appraised.evidence.group)


def agreement_limits(difference: Floats) -> dict[str, float]:
    """Limits of agreement of two kinds of judges, with 95 % intervals (Bland and Altman 1986; 1999, section 2.2).

    Parameters
    ----------
    difference : (D,) array

    Returns
    -------
    dict
        ``bias``, ``low``, ``high`` (bias ∓ 1.96 standard deviations), ``bias_error`` and ``limit_error`` (half widths
        of the intervals).

    Examples
    --------
    >>> limits = agreement_limits(np.array([-2.0, 0.0, 2.0]))
    >>> limits["bias"], round(limits["low"], 2), round(limits["high"], 2)
    (0.0, -3.92, 3.92)
    """
    count, bias, spread = difference.size, float(difference.mean()), float(difference.std(ddof=1))
    quantile = float(t.ppf(0.975, count - 1))
    return {
        "bias": bias,
        "low": bias - 1.96 * spread,
        "high": bias + 1.96 * spread,
        "bias_error": quantile * spread / np.sqrt(count),
        "limit_error": quantile * spread * np.sqrt(1 / count + 1.96**2 / (2 * (count - 1))),
    }


def as_expected(appraised: Appraisal, contrast: str, department: int, expected: float) -> Points:
    """Points if the own side had seen a department as its other points lead to expect.

    Parameters
    ----------
    appraised : Appraisal
    contrast : {"leaders", "social"}
    department : int
    expected : float
        Of 100.
    """
    exact = {name: value.copy() for name, value in appraised.points.exact.items()}
    change = expected * float(appraised.rules.weights[contrast]) / 100 - exact[contrast][department]
    for name in (contrast, "composite", *(["functional"] if contrast == "leaders" else [])):
        exact[name][department] += change
    return rounded_points(exact, appraised.evidence, appraised.rules)


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Both contrasts; what hangs on one is the tiers if the own side had seen the department as the others."""

    def of(contrast: str) -> Family:
        table, fit = contrast_table(appraised, contrast, settings.draws), fitted(appraised, contrast)

        def omission(row: int) -> Omission:
            return Omission(points=as_expected(appraised, contrast, row, float(np.clip(fit.expected[row], 0, 100))))

        return Family(
            f"{contrast}_contrast",
            table.assign(
                statistic=table["z"],
                direction=np.where(table["deviation"] < 0, "low", "high"),
                deviation=table["deviation"].abs(),
                low=np.rint(table["low"]).astype(int),
                high=np.rint(table["high"]).astype(int),
            ),
            "bh",
            values=("direction", "deviation", "own_rank", "other_rank", "low", "high"),
            omission=omission,
            smallest=smallest_effect(fit.scale, len(table), settings, freedom=fit.freedom),
            unit="points_of_100",
        )

    return [of(contrast) for contrast in CONTRASTS if float(appraised.rules.weights[contrast]) > 0]


def _group_ranks(points: Floats, group: NDArray[np.intp]) -> Floats:
    """Ranks inside the groups, 1 the highest, ``(..., D)``; equal ones in the order of the departments."""
    ranks = np.empty(points.shape)
    for one in np.unique(group):
        own = np.flatnonzero(group == one)
        order = np.argsort(-points[..., own], axis=-1, kind="stable")
        ranks[..., own] = np.argsort(order, axis=-1, kind="stable") + 1
    return ranks
