"""The order of it all: evidence, points, ranks, tiers. The only file that knows it.

`appraise` is the official case. `appraise_draws` is the same path under other ballots; it never stops or asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring import components, decisions, official
from appraisal.scoring.composite import composite_points, to_ticks
from appraisal.scoring.evidence import Evidence, gather, in_competition
from appraisal.scoring.order import one_key
from appraisal.scoring.ranking import places, shared_ranks
from appraisal.scoring.scales import SCALE_ROUNDING, anchored_scale, z_scale
from appraisal.scoring.tiers import Placement, Standing, place_in_tiers
from appraisal.scoring.ties import ties_on_lines
from appraisal.sections import Rounding
from appraisal.tables import Year

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


@dataclass(frozen=True)
class Appraisal:
    """The official result of a year, and what led to it.

    Parameters
    ----------
    year : Year
    rules : Rulebook
    scorecard : DataFrame
        Index `department`; columns `name`, `group`, one for each component and part, `deducted`, `composite`, `rank`,
        `rule_tier`, `tier`. Points are rounded as they ranked; rank and tiers are missing outside competition.
    decisions : tuple of Decision
        Each decision that needed a rule beyond the rank.
    evidence, points, standing, placement
        What the stages gave, of the departments in competition.
    """

    year: Year
    rules: Rulebook
    scorecard: pd.DataFrame
    decisions: tuple[decisions.Decision, ...]
    evidence: Evidence
    points: Points
    standing: Standing
    placement: Placement


def appraise(year: Year, rules: Rulebook | None = None) -> Appraisal:
    """Appraise a year by the rules.

    Parameters
    ----------
    year : Year
        As `load_year` gives it.
    rules : Rulebook, optional
        A what-if; else the year's own.

    Raises
    ------
    RulingError
        If a tie on a line, the quota or a ruling needs a decision first; it says the rows to add or to mend.
    """
    rules = rules or year.rules
    everyone = gather(year, rules)
    official.check_competition(rules, everyone)
    evidence = in_competition(everyone)
    points = score(evidence, rules)
    keys, scale = ranking_keys(points, evidence, rules)
    chain = np.vstack(keys)
    any_order = np.arange(evidence.group.size)

    def tiers_under(order: NDArray[np.intp]) -> NDArray[np.int8]:
        standing = stand(points, evidence, rules, order, ruled=False)
        return place_in_tiers(standing, rules.tiers, evidence.rulings).rule_tier

    # Behind the last window no order gives a tier.
    in_reach = np.flatnonzero(shared_ranks(chain, evidence.group) <= rules.tiers.good.ranks[1])
    ties = ties_on_lines(chain, np.vstack([scale, chain[1:]]), evidence.group, in_reach, tiers_under)
    standing = stand(points, evidence, rules, any_order)
    placement = place_in_tiers(standing, rules.tiers, evidence.rulings)
    official.check(year, rules, evidence, ties, standing, placement)
    ranked = np.vstack([chain, evidence.rulings.tie])
    rank = shared_ranks(ranked, evidence.group)
    scale_digits = points.digits if rules.tiers.best.wildcard_scale == "raw" else SCALE_ROUNDING.digits
    everyones = points if everyone is evidence else score(everyone, rules)
    return Appraisal(
        year=year,
        rules=rules,
        scorecard=_scorecard(year, rules, everyones, evidence, rank, placement),
        decisions=decisions.explain(
            year, rules, evidence, ranked / 10**points.digits, -scale / 10**scale_digits, standing, placement
        ),
        evidence=evidence,
        points=points,
        standing=standing,
        placement=placement,
    )


def appraise_draws(
    evidence: Evidence, rules: Rulebook, ballots: Ballots, order: NDArray[np.intp], weights: Floats | None = None
) -> Placement:
    """Run the rules under draws of the ballots: the same path, which never stops or asks.

    Parameters
    ----------
    evidence : Evidence
        Of the departments in competition.
    rules : Rulebook
    ballots : Ballots
        ``(..., B)`` each.
    order : (..., D) int array
        One random order of the departments a draw: the coin for ties on a line.
    weights : (S, ...) array, optional
        Points each source can give, in the order of ``[weights]``; else the rulebook's.
    """
    return place_points(score(evidence, rules, ballots, weights), evidence, rules, order)


def place_points(points: Points, evidence: Evidence, rules: Rulebook, order: NDArray[np.intp]) -> Placement:
    """Run the rules from given points on: what a change of points would do.

    Parameters
    ----------
    points : Points
        ``(..., D)`` each, of the departments in competition.
    evidence : Evidence
        Of the same departments: groups, problems and rulings.
    rules : Rulebook
    order : (D,) or (..., D) int array
        The coin for ties on a line.
    """
    return place_in_tiers(stand(points, evidence, rules, order), rules.tiers, evidence.rulings)


def stand(
    points: Points, evidence: Evidence, rules: Rulebook, order: NDArray[np.intp], *, ruled: bool = True
) -> Standing:
    """Stand the departments in order, before any tier.

    Parameters
    ----------
    points : Points
    evidence : Evidence
    rules : Rulebook
    order : (D,) or (..., D) int array
        Settles what no key does.
    ruled : bool
        Whether tie rulings are the last key of the chain; without them, which ties need one can be asked.
    """
    chain, scale = ranking_keys(points, evidence, rules)
    rest = [*chain[1:], evidence.rulings.tie] if ruled else chain[1:]
    key = one_key([chain[0], *rest], order)
    raw = rules.tiers.best.wildcard_scale == "raw"
    return Standing(
        group=evidence.group,
        key=key,
        scale_key=key if raw else one_key([scale, *rest], order),
        place=places(key, evidence.group),
        composite=points.ticks["composite"],
        social=points.ticks["social"],
        problem=evidence.problem,
    )


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


def ranking_keys(points: Points, evidence: Evidence, rules: Rulebook) -> tuple[list[Floats], Floats]:
    """What ranks inside the groups, and what compares over them; lower comes first.

    Returns
    -------
    chain : K arrays (..., D) or (D,)
        Composite, then ``[ties] keys``, all rounded, in units of the last digit.
    scale : (..., D) array
        The wildcard scale.
    """
    composite, exact = points.ticks["composite"], points.exact
    keys = [points.ticks["deducted"] if key == "least_deducted" else -points.ticks[key] for key in rules.ties.keys]
    match rules.tiers.best.wildcard_scale:
        case "raw":
            scale = composite
        case "z":
            scale = z_scale(exact["composite"], evidence.group)
        case "anchored":
            anchor = exact["leaders"] + exact["social"]
            scale = anchored_scale(exact["composite"], exact["panel"], anchor, evidence.group)
    return [-composite, *keys], -scale


def _scorecard(
    year: Year, rules: Rulebook, points: Points, evidence: Evidence, rank: NDArray[np.intp], placement: Placement
) -> pd.DataFrame:
    scorecard = year.departments.set_index("department")[["name", "group"]]
    parts = ["functional_panel", "leaders", *rules.components]
    scorecard = scorecard.assign(**{name: points.rounded[name] for name in (*parts, "deducted", "composite")})
    tier = np.array(TIERS)
    ranked = pd.DataFrame(
        {
            "rank": pd.array(rank, dtype="Int64"),
            "rule_tier": pd.array(tier[placement.rule_tier], dtype="str"),
            "tier": pd.array(tier[placement.tier], dtype="str"),
        },
        index=evidence.departments,
    )
    return scorecard.join(ranked, validate="one_to_one")
