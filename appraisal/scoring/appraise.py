"""The order of it all: evidence, points, ranks, tiers. The only file that knows it.

`appraise` is the official case. `appraise_draws` is the same path under other ballots; it never stops or asks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring import decisions, official
from appraisal.scoring.evidence import Evidence, gather, in_competition
from appraisal.scoring.order import one_key
from appraisal.scoring.points import Ballots, Points, every_ballot_once, item_scores, rounded_points, score
from appraisal.scoring.ranking import places, shared_ranks
from appraisal.scoring.scales import anchored_scale, scale_digits, z_scale
from appraisal.scoring.tiers import Placement, Standing, place_in_tiers
from appraisal.scoring.ties import ties_on_lines
from appraisal.tables import Year

# What the storeys below ask of the scoring, points and order alike, they ask here.
__all__ = [
    "Appraisal",
    "Ballots",
    "Points",
    "appraise",
    "appraise_draws",
    "every_ballot_once",
    "item_scores",
    "place_points",
    "ranking_keys",
    "rounded_points",
    "score",
    "stand",
]

Floats = NDArray[np.float64]


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
    rank = shared_ranks(np.vstack([chain, evidence.rulings.tie]), evidence.group)
    told = np.vstack([chain / 10**points.digits, evidence.rulings.tie])
    told_scale = -scale / 10 ** scale_digits(rules.tiers.best.wildcard_scale, points.digits)
    everyones = points if everyone is evidence else score(everyone, rules)
    return Appraisal(
        year=year,
        rules=rules,
        scorecard=_scorecard(year, rules, everyones, evidence, rank, placement),
        decisions=decisions.explain(year, rules, evidence, told, told_scale, standing, placement),
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
