"""Ballots and deductions become the points of every department: shares of full marks, weighed, summed, rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appraisal.rulebook import Rulebook
from appraisal.scoring import components
from appraisal.scoring.composite import composite_points, to_ticks
from appraisal.scoring.evidence import Evidence
from appraisal.sections import Rounding

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ballots:
    """Times that each ballot counts: ones officially, counts in a resample, 0 for a ballot left out.

    Parameters
    ----------
    panel, leaders, social : (..., B) arrays
    """

    panel: Floats
    leaders: Floats
    social: Floats


@dataclass(frozen=True)
class Points:
    """Points of every department.

    Parameters
    ----------
    exact : dict of str to (..., D) array
        By component, the parts of `functional`, `composite`, `deducted`, and `panel` before deductions; unrounded.
    ticks : dict of str to (..., D) or (D,) array
        What ranks: `composite`, `social`, the keys of the chain; rounded, in units of the last digit.
    rounding : Rounding
        As the rulebook says.
    """

    exact: Mapping[str, Floats]
    ticks: Mapping[str, Floats]
    rounding: Rounding

    @property
    def digits(self) -> int:
        """Digits that are shown."""
        return self.rounding.digits

    @property
    def rounded(self) -> dict[str, Floats]:
        """All points rounded, as shown; equal decimals are equal floats."""
        shown = {name: value for name, value in self.exact.items() if name != "panel"}
        return {name: to_ticks(value, self.rounding) / 10.0**self.digits for name, value in shown.items()}

    def chosen(self, at: int | NDArray[np.intp]) -> Points:
        """Points at some positions of the first axis; all have that axis."""
        exact, ticks = ({name: value[at] for name, value in own.items()} for own in (self.exact, self.ticks))
        return Points(exact, ticks, self.rounding)


def score(evidence: Evidence, rules: Rulebook, ballots: Ballots | None = None, weights: Floats | None = None) -> Points:
    """Give the points of every department, also of those outside competition.

    Parameters
    ----------
    evidence : Evidence
    rules : Rulebook
    ballots : Ballots, optional
        Else each ballot counts once.
    weights : (S, ...) array, optional
        Points each source can give, in the order of ``[weights]``; else the rulebook's.
    """
    ballots = ballots or every_ballot_once(evidence)
    weights = np.array([float(weight) for weight in rules.weights.values()]) if weights is None else weights
    by_source = dict(zip(rules.weights, weights[..., None], strict=True))
    shares, before = _shares(evidence, rules, ballots)
    exact = {source: shares[source] * weight for source, weight in by_source.items()}
    exact["composite"] = composite_points(list(exact.values()))
    exact["functional"] = exact["functional_panel"] + exact["leaders"]
    if rules.tiers.best.wildcard_scale == "anchored":
        panel = [source for source in by_source if source not in ("leaders", "social")]
        exact["panel"] = sum(before.get(source, shares[source]) * by_source[source] for source in panel)
    return rounded_points(exact, evidence, rules)


def rounded_points(exact: Mapping[str, Floats], evidence: Evidence, rules: Rulebook) -> Points:
    """Round what ranks, each once: the composite, the social review, the keys of the chain."""
    exact = {**exact, "deducted": evidence.deducted}
    chain = ["deducted" if key == "least_deducted" else key for key in rules.ties.keys]
    ranking = dict.fromkeys(["composite", "social", *chain])
    return Points(exact, {name: to_ticks(exact[name], rules.rounding) for name in ranking}, rules.rounding)


def every_ballot_once(evidence: Evidence) -> Ballots:
    """The official case."""
    return Ballots(np.ones(len(evidence.panel)), np.ones(evidence.leaders.ballots), np.ones(evidence.social.ballots))


def _shares(evidence: Evidence, rules: Rulebook, ballots: Ballots) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Share of the full marks by source, and that of `common` before deductions."""
    shares, before = {}, {}
    marks = [np.array([float(full) for full in items.values()]) for items in rules.items.values()]
    panel, starts = evidence.panel, np.cumsum([0, *map(len, marks[:-1])]).tolist()
    if rules.panel.statistic == "mean":
        panel, starts = components.merged_items(panel, starts)
    scores = np.split(item_scores(panel, rules, ballots.panel), starts[1:], axis=-1)
    for component, own, full in zip(rules.items, scores, marks, strict=True):
        shares["functional_panel" if component == "functional" else component] = components.panel_share(own, full)
        if component == "common":
            before[component] = shares[component]
            shares[component] = components.panel_share(own, full, evidence.deducted, float(rules.deductions.floor))
    shares["leaders"] = components.mean_rating(evidence.leaders, ballots.leaders) / 100
    shares["social"] = components.mean_rating(evidence.social, ballots.social) / 100
    return shares, before


def item_scores(scores: Floats, rules: Rulebook, ballots: Floats) -> Floats:
    """Make the panel's scores of some items one each, by the rulebook's statistic.

    Parameters
    ----------
    scores : (B, D, I) array
        NaN where not scored.
    rules : Rulebook
    ballots : (..., B) array
        Times each ballot counts.
    """
    if rules.panel.statistic == "mean":
        return components.mean_score(scores, ballots)
    trim = np.inf if rules.panel.statistic == "median" else rules.panel.trim
    return components.trimmed_mean_score(scores, ballots, trim)
