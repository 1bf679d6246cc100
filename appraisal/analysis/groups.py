"""The groups against each other: panel severity by what all groups share, the wildcard contest on every scale.

Three panels score three groups and no department twice, so that a severe panel and a weak group look alike in the panel
points. Leaders and forms see all groups: they are the bridge.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from appraisal.analysis.consequences import Omission
from appraisal.analysis.flags import Family, Settings, smallest_effect
from appraisal.analysis.panels import additive_parts
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, place_points, ranking_keys, rounded_points, score
from appraisal.scoring.scales import scale_digits

Floats = NDArray[np.float64]
SCALES = ("raw", "z", "anchored")


def panel_severity(appraised: Appraisal) -> pd.DataFrame:
    """Estimate how severe each panel is, in points of the composite, as leaders and forms see the groups.

    The panel points of a group less what its anchor points (leaders and public) lead to expect, as in the wildcard
    scale ``anchored``: a linear linking by an anchor that all have (Kolen and Brennan 2014, ch. 4). Its error has two
    parts: jurors, who are a sample (spread of their means over the panel), and departments, whose panel
    points differ from the line by more than noise. Student's t with the jurors' degrees of freedom, two-sided.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        A row a group: `group`, `departments`, `jurors`, `panel` and `anchor` (mean points), `severity` (points below
        0: severe), `error`, `low` and `high` (95 %), `freedom`, `p`. Missing where a group or panel has fewer than two.
    """
    evidence, rules = appraised.evidence, appraised.rules
    panel, anchor, jurors = bridge_points(appraised)
    slope = _pooled_slope(panel, anchor, evidence.group)
    residual = panel - slope * anchor
    groups = range(len(rules.groups))
    member = [np.flatnonzero(evidence.group == group) for group in groups]
    level = np.array([residual[own].mean() if own.size else np.nan for own in member])
    within = np.concatenate([residual[own] - residual[own].mean() for own in member if own.size])
    spread = (within**2).sum() / max(within.size - len(member) - 1, 1)
    noise = np.full((len(member), 2), np.nan)
    for group, own in enumerate(member):
        if own.size > 1 and len(jurors[group]) > 1:
            noise[group] = spread / own.size, jurors[group].var(ddof=1) / len(jurors[group])
    # Against the median group, so that one severe panel does not make the others lenient: as two groups differ.
    count = max(int(np.isfinite(noise[:, 0]).sum()), 2)
    share = np.where(np.eye(len(member)) > 0, 1.0, 1 / (count - 1))
    parts = share[:, :, None] * np.nan_to_num(noise)
    variance = parts.sum(axis=(1, 2))
    sizes = np.array([[own.size - 1, len(jurors[group]) - 1] for group, own in enumerate(member)], dtype=float)
    # Welch and Satterthwaite: the degrees of freedom of a sum of variances. Without any spread there is no error.
    spent = (parts**2 / np.maximum(sizes, 1)).sum(axis=(1, 2))
    freedom = np.divide(variance**2, spent, out=np.full(len(member), np.nan), where=spent > 0)
    severity, error = level - np.nanmedian(level), np.sqrt(variance)
    error[~np.isfinite(noise).all(axis=1) | (spent == 0)] = np.nan
    reach = t.ppf(0.975, freedom) * error
    return pd.DataFrame(
        {
            "group": list(rules.groups),
            "departments": [own.size for own in member],
            "jurors": [len(own) for own in jurors],
            "panel": [panel[own].mean() if own.size else np.nan for own in member],
            "anchor": [anchor[own].mean() if own.size else np.nan for own in member],
            "severity": severity,
            "error": error,
            "low": severity - reach,
            "high": severity + reach,
            "freedom": freedom,
            "p": 2 * t.sf(np.abs(severity) / error, freedom),
        }
    )


def bridge_points(appraised: Appraisal) -> tuple[Floats, Floats, list[Floats]]:
    """Panel points before deductions and anchor points of each department, and each panel's jurors' mean points.

    Returns
    -------
    panel, anchor : (D,) arrays
        Points of the composite.
    jurors : list of (J,) arrays, one a group
        Mean over the group's departments of what a juror alone would give; of those who scored all of them.
    """
    evidence, rules = appraised.evidence, appraised.rules
    exact = score(evidence, rules.replace({"tiers.best.wildcard_scale": "anchored"})).exact
    worth = _worth(rules)
    jurors = []
    for group in range(len(rules.groups)):
        own = evidence.panel[:, evidence.group == group] @ worth
        jurors.append(own[np.isfinite(own).all(axis=1)].mean(axis=1) if own.size else np.empty(0))
    return exact["panel"], exact["leaders"] + exact["social"], jurors


def wildcard_scales(appraised: Appraisal) -> pd.DataFrame:
    """Give the contest of the places next after the best window on every scale.

    Returns
    -------
    DataFrame
        A row a scale and contestant: `scale`, `group`, `department`, `score`, `seat` (takes one by that scale).
    """
    evidence, rules = appraised.evidence, appraised.rules
    place, groups = appraised.standing.place, list(rules.groups)
    contest = np.flatnonzero(place == rules.tiers.best.ranks[1] + 1)
    rows = []
    for scale in SCALES:
        other = rules.replace({"tiers.best.wildcard_scale": scale})
        points = score(evidence, other)
        value = -ranking_keys(points, evidence, other)[1] / 10 ** scale_digits(scale, points.digits)
        seated = place_points(points, evidence, other, np.arange(place.size)).wildcard
        rows += [
            (scale, groups[evidence.group[at]], evidence.departments[at], float(value[at]), bool(seated[at]))
            for at in contest
        ]
    return pd.DataFrame(rows, columns=["scale", "group", "department", "score", "seat"])


def severity_adjusted(appraised: Appraisal) -> pd.DataFrame:
    """Give a second set of tiers, each panel's severity and each juror's taken out; information, never the result.

    An additive model: a score is the department's and the item's, plus the juror's. Jurors who left a department out
    would otherwise help or harm it by their severity; the panels' own severity is taken out by the bridge.

    Returns
    -------
    DataFrame
        Index `department`; `group`, `rule_tier` and `tier` (adjusted), and whether they differ, `moved`.
    """
    evidence, rules = appraised.evidence, appraised.rules
    marks = np.array([float(full) for full in rules.item_marks.values()])
    panel = evidence.panel.copy()
    for group in np.unique(evidence.group):
        members = np.flatnonzero(evidence.group == group)
        ballots = np.flatnonzero(~np.isnan(panel[:, members]).all(axis=(1, 2)))
        _cell, severity = additive_parts(panel[np.ix_(ballots, members)] / marks)
        panel[np.ix_(ballots, members)] -= severity[:, None, None] * marks
    # The scores without their jurors' severity go the way of any others.
    other = replace(evidence, panel=panel)
    exact = {name: value.copy() for name, value in score(other, rules).exact.items()}
    exact["composite"] -= panel_severity(appraised)["severity"].fillna(0.0).to_numpy()[evidence.group]
    tiers = place_points(rounded_points(exact, evidence, rules), evidence, rules, np.arange(evidence.group.size))
    base, names = appraised.placement.rule_tier, np.array(TIERS)
    return pd.DataFrame(
        {
            "group": np.array(list(rules.groups))[evidence.group],
            "rule_tier": names[base],
            "tier": names[tiers.rule_tier],
            "moved": base != tiers.rule_tier,
        },
        index=evidence.departments,
    )


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Severity of the panels.

    A whole panel left out leaves its group without scores, so what hangs on one is asked with its severity taken out.
    """
    table = panel_severity(appraised)

    def omission(row: int) -> Omission:
        exact = {name: value.copy() for name, value in appraised.points.exact.items()}
        exact["composite"][appraised.evidence.group == row] -= table.loc[row, "severity"]
        return Omission(points=rounded_points(exact, appraised.evidence, appraised.rules))

    error, freedom = float(table["error"].median()), float(table["freedom"].median())
    return [
        Family(
            "panel_severity",
            table.assign(
                statistic=table["severity"],
                direction=np.where(table["severity"] < 0, "low", "high"),
                size=table["severity"].abs(),
                low=np.where(table["severity"] < 0, -table["high"], table["low"]),
                high=np.where(table["severity"] < 0, -table["low"], table["high"]),
            ),
            "bh",
            values=("direction", "size", "low", "high"),
            omission=omission,
            smallest=smallest_effect(error, len(table), settings, freedom=freedom),
            unit="points",
        )
    ]


def _worth(rules: Rulebook) -> Floats:
    """Points of the composite that a point of each item is worth."""
    worth = []
    for component, items in rules.items.items():
        source = "functional_panel" if component == "functional" else component
        whole = float(sum(items.values()))
        worth += [float(rules.weights[source]) / whole] * len(items)
    return np.array(worth)


def _pooled_slope(panel: Floats, anchor: Floats, group: NDArray[np.intp]) -> float:
    """Slope of the panel on the anchor inside the groups, by least squares."""
    member = (group == np.unique(group)[:, None]).astype(float)
    member /= member.sum(axis=1, keepdims=True)
    away = [values - (values @ member.T) @ (member > 0) for values in (panel, anchor)]
    return float(away[0] @ away[1] / max((away[1] ** 2).sum(), 1e-12))
