"""Departments under other votes: scored by the one rule, put in the place of the real ones, ranked by the whole rule.

What a department's ballots give depends on no other department. So a thousand changes of one department are scored as
a thousand departments in one call of `score`, and only ranks and tiers are run again for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.analysis.margins import cutoff_lines, in_points
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal, Points, place_points, ranking_keys, rounded_points, score
from appraisal.scoring.evidence import Evidence, Ratings, Rulings, dense

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
# Cells of one array at a time: bounds memory.
CELLS = 500_000


def own_ballots(evidence: Evidence) -> Floats:
    """Scores of each department without the ballots of other panels: ``(B, D, I)``, B those of the largest."""
    blank = np.isnan(evidence.panel).all(axis=2)
    first = np.argsort(blank, axis=0, kind="stable")[: int((~blank).sum(axis=0).max(initial=1))]
    return np.take_along_axis(evidence.panel, first[..., None], axis=0)


def would_be(evidence: Evidence, department: Places, panel: Floats, social: Ratings | None = None) -> Evidence:
    """Departments as they would stand under other votes, each as a department of its own.

    Parameters
    ----------
    evidence : Evidence
    department : (N,) int array
        Which department each of them is.
    panel : (B, N, I) array
        Its ballots.
    social : Ratings of N departments, optional
        Else its own.
    """

    def own(ratings: Ratings) -> Ratings:
        # Answers that are counted have the same mean as answers one by one.
        total, count = rating_sums(ratings)
        return Ratings(total[None, department], count[None, department])

    none, ruled = np.empty(0, dtype=np.intp), evidence.rulings
    return replace(
        evidence,
        departments=evidence.departments[department],
        group=evidence.group[department],
        competing=evidence.competing[department],
        panel=panel,
        leaders=own(evidence.leaders),
        social=own(evidence.social) if social is None else social,
        deducted=evidence.deducted[department],
        problem=evidence.problem[department],
        rulings=Rulings(none, ruled.tie[department], ruled.spare[department], (), ()),
    )


def rating_sums(ratings: Ratings) -> tuple[Floats, Floats]:
    """Points given to each department, and the number of ratings behind them: ``(D,)`` each."""
    total, count = (np.asarray(table.sum(axis=0, dtype=float)).ravel() for table in (ratings.total, ratings.count))
    return total, count


def would_rank(points: Points, variants: Evidence, rules: Rulebook) -> NDArray[np.int64]:
    """Order variants by composite, chain and ruling: 0 comes first, equal is a tie, no number is last; ``(N,)``."""
    # The scale of the contest, which is not asked for, would need whole groups.
    raw = rules if rules.tiers.best.wildcard_scale == "raw" else rules.replace({"tiers.best.wildcard_scale": "raw"})
    chain, _scale = ranking_keys(points, variants, raw)
    keys = np.vstack([*chain, variants.rulings.tie])
    rank = np.full(keys.shape[1], keys.shape[1])
    scored = np.isfinite(keys).all(axis=0)
    rank[scored] = np.unique(keys[:, scored], axis=1, return_inverse=True)[1].ravel()
    return rank


def tiers_with(
    appraised: Appraisal, draw: Places, department: Places, points: Points, draws: int, *, coin: int = 1
) -> NDArray[np.int8]:
    """Run the whole rule with other points for some departments.

    Parameters
    ----------
    appraised : Appraisal
    draw : (N,) int array, ascending
        Draw that each change belongs to.
    department : (N,) int array
    points : Points
        ``(N,)``, what `score` gives for the variants.
    draws : int
    coin : {1, -1}
        Ties on a line go in the order of the departments, or against it.

    Returns
    -------
    (draws, D) array
        Tiers as positions in `TIERS`.
    """
    evidence, rules, size = appraised.evidence, appraised.rules, len(appraised.evidence.departments)
    order = np.arange(size)[::coin]
    tiers = np.empty((draws, size), dtype=np.int8)
    step = max(CELLS // size, 1)
    for start in range(0, draws, step):
        stop = min(start + step, draws)
        first, last = np.searchsorted(draw, [start, stop])
        exact = {name: np.tile(value, (stop - start, 1)) for name, value in appraised.points.exact.items()}
        for name, value in exact.items():
            value[draw[first:last] - start, department[first:last]] = points.exact[name][first:last]
        tiers[start:stop] = place_points(rounded_points(exact, evidence, rules), evidence, rules, order).rule_tier
    return tiers


def base_tiers(appraised: Appraisal, analysis: str) -> NDArray[np.int8]:
    """Tiers where every department is put in its own place with its own votes, held to the scorecard."""
    everyone = np.arange(len(appraised.evidence.departments))
    points = score(would_be(appraised.evidence, everyone, own_ballots(appraised.evidence)), appraised.rules)
    tiers = tiers_with(appraised, np.zeros_like(everyone), everyone, points, 1)[0]
    gate.hold(appraised, tiers, analysis)
    return tiers


def lines_to_flip(appraised: Appraisal, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    """Lines whose pair is ordered by composite and chain.

    Parameters
    ----------
    appraised : Appraisal
    lines : DataFrame, optional
        With the columns of `cutoff_lines`, whose lines are taken without it.
    """
    return in_points(cutoff_lines(appraised) if lines is None else lines)


def pair_positions(appraised: Appraisal, line: object) -> tuple[int, int]:
    """Positions of the departments on the sides of a line, the upper first."""
    upper, lower = appraised.evidence.departments.get_indexer([line.upper, line.lower])  # type: ignore[attr-defined]
    return int(upper), int(lower)


def moved(appraised: Appraisal, base: NDArray[np.int8], tiers: NDArray[np.int8]) -> tuple[str, ...]:
    """Departments whose tier differs."""
    return tuple(appraised.evidence.departments[base != tiers])


def flips(points: Points, variants: Evidence, rules: Rulebook) -> NDArray[np.bool_]:
    """Whether the lower department comes first; variants are N times the upper one, then N times the lower."""
    upper, lower = would_rank(points, variants, rules).reshape(2, -1)
    return (lower < upper) & np.isfinite(points.exact["composite"]).reshape(2, -1).all(axis=0)


@dataclass(frozen=True)
class FormKinds:
    """Forms of the social review as a pair of departments sees them: of a few kinds, by what they say of the two.

    With `social_counts` a form is one rating of one department. Forms that came back and say nothing are a kind, too.

    Parameters
    ----------
    number : (T,) int array
        Forms of each kind.
    total, rated : (T, 2) arrays
        Points that one form gives the upper and the lower, out of 100, and how many ratings of each it holds.
    covers : (T, 2) bool array
        Which of the two it is about: both, or the one whose ratings are counted.
    of_form : (B,) int array, or None
        Kind of each ballot; None where there are only counts.
    """

    number: NDArray[np.int64]
    total: Floats
    rated: Floats
    covers: NDArray[np.bool_]
    of_form: NDArray[np.intp] | None

    @classmethod
    def of(cls, appraised: Appraisal, pair: Places) -> FormKinds:
        """Sort the forms by what they say of a pair."""
        year, social = appraised.year, appraised.evidence.social
        total, rated = (dense(table[:, pair]) for table in (social.total, social.count))
        returned = year.returned or 0
        if year.social_counts is None:
            said, of_form, number = np.unique(
                np.hstack([total, rated]), axis=0, return_inverse=True, return_counts=True
            )
            said, number = np.vstack([said, np.zeros(4)]), np.append(number, max(returned - social.ballots, 0))
            return cls(number, said[:, :2], said[:, 2:], np.ones((len(said), 2), dtype=bool), of_form.ravel())
        numbers, totals, ratings, covers = [], [], [], []
        for side, own in enumerate(np.eye(2)):
            answers = np.flatnonzero(rated[:, side])
            count = rated[answers, side]
            numbers.append(np.append(count, max(returned - count.sum(), 0)).astype(np.int64))
            totals.append(np.outer(np.append(total[answers, side] / count, 0.0), own))
            ratings.append(np.outer(np.append(np.ones(count.size), 0.0), own))
            covers.append(np.tile(own > 0, (count.size + 1, 1)))
        number, given, rates, about = (np.concatenate(each) for each in (numbers, totals, ratings, covers))
        return cls(number, given, rates, about, of_form=None)


def under_answers(appraised: Appraisal, pair: Places, total: Floats, rated: Floats) -> tuple[Points, NDArray[np.bool_]]:
    """Score a pair under other answers of the social review, all else as it is.

    Parameters
    ----------
    appraised : Appraisal
    pair : (2,) int array
        Positions of the upper and the lower department.
    total, rated : (N, 2) arrays
        Points given to each, and the number of ratings behind them.

    Returns
    -------
    points : Points
        ``(2 N,)``, N times the upper one, then N times the lower.
    flipped : (N,) bool array
        As `flips`.
    """
    panel = np.repeat(own_ballots(appraised.evidence)[:, pair], len(total), axis=1)
    social = Ratings(total.T.reshape(1, -1), rated.T.reshape(1, -1))
    variants = would_be(appraised.evidence, np.repeat(pair, len(total)), panel, social)
    points = score(variants, appraised.rules)
    return points, flips(points, variants, appraised.rules)
