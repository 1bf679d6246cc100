"""How sure is each place: whole ballots drawn again with replacement, through the whole rule.

A cluster bootstrap (Davison and Hinkley 1997, §3.8): the unit is the ballot, not the score, since the scores of one
juror go together. Each panel's jurors, the leaders and the forms are drawn apart. What comes out says how a result
reacts to the ballots; it is not the probability that the result is right (`repeatability` asks for that).

A mean of J redrawn ballots has (J - 1) / J of the variance of the mean of J ballots: small panels look steadier than
they are. That is left as it is, since the share is of these ballots; what the rank intervals cover is measured, by size
of panel, in `analysis.calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from appraisal.analysis import gate
from appraisal.analysis.margins import cutoff_lines, pairs_in_order, pairs_of
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, Ballots, Points, every_ballot_once, place_points, score, stand
from appraisal.scoring.evidence import Evidence, Ratings
from appraisal.scoring.tiers import place_in_tiers

# Draws times departments at a time: an array of so many stays in the cache of one core.
CELLS = 50_000
# Least share of the resamples in which a line stands for its word; assumed by us, no source knows such limits.
STEADINESS = {"firm": 0.95, "fair": 0.75}


@dataclass(frozen=True)
class Resamples:
    """What the redrawn years gave.

    Parameters
    ----------
    draws, seed : int
        What they were made with.
    tiers : (D, T) int array
        Draws in which each department was in each tier of `TIERS`.
    ranks : (D, P) int array
        Draws in which it stood at place 1, 2, … of its group.
    lines : (L,) int array
        Draws in which each line of `cutoff_lines` stood: its pair in the same order.
    changed : int
        Draws in which some tier changed.
    redrawn : int
        Draws thrown away, as a department had no valid rating in them.
    """

    draws: int
    seed: int
    tiers: NDArray[np.int64]
    ranks: NDArray[np.int64]
    lines: NDArray[np.int64]
    changed: int
    redrawn: int


def resample(appraised: Appraisal, draws: int = 10_000, seed: int | None = None) -> Resamples:
    """Draw the ballots again and appraise each draw.

    Parameters
    ----------
    appraised : Appraisal
    draws : int
    seed : int, optional
        Else the year's own.

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    """
    evidence, rules = appraised.evidence, appraised.rules
    size = evidence.group.size
    base = place_points(score(evidence, rules), evidence, rules, np.arange(size))
    gate.hold(appraised, base.rule_tier, "resampling")
    pairs = pairs_of(cutoff_lines(appraised), evidence.departments)
    places = int(np.bincount(evidence.group).max())
    tiers, ranks = np.zeros((size, len(TIERS)), np.int64), np.zeros((size, places), np.int64)
    lines, changed, redrawn = np.zeros(pairs.upper.size, np.int64), 0, 0
    seed = rules.seed if seed is None else seed
    random = np.random.default_rng(seed)
    step = chunk(size)
    for count in (min(step, draws - start) for start in range(0, draws, step)):
        _ballots, points, thrown = redrawn_ballots(evidence, rules, count, random)
        standing = stand(points, evidence, rules, _coins(size, count, random))
        tier = place_in_tiers(standing, rules.tiers, evidence.rulings).rule_tier
        tiers += tally(tier, len(TIERS))
        ranks += tally(standing.place - 1, places)
        lines += pairs_in_order(pairs, standing).sum(axis=0)
        changed += int((tier != base.rule_tier).any(axis=-1).sum())
        redrawn += thrown
    return Resamples(draws, seed, tiers, ranks, lines, changed, redrawn)


def chunk(departments: int) -> int:
    """Draws at a time, for a year of so many departments in competition."""
    return max(1, CELLS // departments)


def redrawn_ballots(
    evidence: Evidence, rules: Rulebook, draws: int, random: np.random.Generator
) -> tuple[Ballots, Points, int]:
    """Draw whole ballots with replacement: each panel's jurors, the leaders and the forms apart.

    Where forms are only counted, the answers of each department are drawn by themselves. A draw that leaves a
    department without a valid rating is drawn again. As each source is valid or not by itself, the sources stay
    independent of each other.

    Parameters
    ----------
    evidence : Evidence
        Of the departments in competition.
    rules : Rulebook
    draws : int
    random : Generator

    Returns
    -------
    ballots : Ballots
        ``(draws, B)`` each.
    points : Points
        ``(draws, D)`` under them.
    thrown : int
        Draws that were drawn again.
    """
    ballots, thrown = _counted(evidence, draws, random), 0
    points = score(evidence, rules, ballots)
    while (unrated := np.flatnonzero(np.isnan(points.exact["composite"]).any(axis=-1))).size:
        thrown += unrated.size
        again = _counted(evidence, unrated.size, random)
        for source in ("panel", "leaders", "social"):
            getattr(ballots, source)[unrated] = getattr(again, source)
        points = score(evidence, rules, ballots)
    return ballots, points, thrown


def tier_share(appraised: Appraisal, resamples: Resamples) -> pd.DataFrame:
    """Share of the resamples in each tier, 重抽樣中仍在本等次的比例; never a probability of being right.

    Returns
    -------
    DataFrame
        Index `department`; a column a tier, shares of 1, and `tier_share`: that of its own tier.
    """
    codes = appraised.evidence.departments
    shares = pd.DataFrame(resamples.tiers / resamples.draws, index=codes, columns=list(TIERS))
    own = pd.Index(TIERS).get_indexer(appraised.scorecard.loc[codes, "rule_tier"])
    return shares.assign(tier_share=shares.to_numpy()[np.arange(len(codes)), own])


def rank_intervals(appraised: Appraisal, resamples: Resamples, level: float = 0.95) -> pd.DataFrame:
    """Places between which each department stood in all but the outer resamples.

    Returns
    -------
    DataFrame
        Index `department`; `low` and `high`, the better and the worse end.
    """
    upto = np.cumsum(resamples.ranks, axis=1) / resamples.draws
    outside = (1 - level) / 2
    return pd.DataFrame(
        {"low": (upto > outside).argmax(axis=1) + 1, "high": (upto >= 1 - outside).argmax(axis=1) + 1},
        index=appraised.evidence.departments,
    )


def steadiness(share: float) -> str:
    """Call a line ``firm``, ``fair`` or ``edge`` by the share of the resamples in which it stands.

    Examples
    --------
    >>> [steadiness(share) for share in (0.97, 0.95, 0.8, 0.6)]
    ['firm', 'firm', 'fair', 'edge']
    """
    return next((word for word, least in STEADINESS.items() if share >= least), "edge")


def line_share(appraised: Appraisal, resamples: Resamples) -> pd.DataFrame:
    """Share of the resamples in which the pair of each line stands in the same order.

    Returns
    -------
    DataFrame
        The lines of `cutoff_lines` with a column `share`, of 1.
    """
    return cutoff_lines(appraised).assign(share=resamples.lines / resamples.draws)


def _counted(evidence: Evidence, draws: int, random: np.random.Generator) -> Ballots:
    once = every_ballot_once(evidence)
    panel = np.zeros((draws, once.panel.size))
    for jurors in _panels(evidence):
        panel[:, jurors] = _multiplicities(jurors.size, draws, random)
    return Ballots(
        panel,
        _multiplicities(once.leaders.size, draws, random),
        _multiplicities(once.social.size, draws, random)
        if evidence.social.answer_of is None
        else _answers(evidence.social, evidence.social.answer_of, draws, random),
    )


def _panels(evidence: Evidence) -> list[NDArray[np.intp]]:
    """Ballots of each panel: no ballot scores two groups."""
    scored = np.asarray(np.isfinite(evidence.panel).any(axis=2))
    return [np.flatnonzero(scored[:, evidence.group == group].any(axis=1)) for group in np.unique(evidence.group)]


def _multiplicities(ballots: int, draws: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Times each of the ballots is drawn, when as many are drawn with replacement: ``(draws, ballots)``."""
    drawn = random.integers(0, ballots, (draws, ballots), dtype=np.min_scalar_type(ballots))
    # A row of a sparse array adds up what stands in it several times: a count in a fifth of the time of `bincount`.
    once, ends = np.ones(drawn.size, dtype=np.float32), np.arange(0, drawn.size + 1, ballots, dtype=np.int32)
    return csr_array((once, drawn.ravel().astype(np.int32), ends), shape=drawn.shape).toarray()


def _answers(
    social: Ratings, answer_of: NDArray[np.intp], draws: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Share of its count that each answer is drawn, as many as a department has, department by department."""
    count = np.asarray(social.count.sum(axis=1)).ravel()
    shares = np.empty((draws, count.size))
    for department in np.unique(answer_of):
        own = np.flatnonzero(answer_of == department)
        number = count[own]
        shares[:, own] = random.multinomial(int(number.sum()), number / number.sum(), draws) / number
    return shares


def _coins(size: int, draws: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw one order of the departments a draw: ``(draws, size)``."""
    # Random numbers that carry a position in their lowest bits, sorted: faster than to shuffle row by row.
    bits = size.bit_length()
    numbers = random.integers(0, 1 << (63 - bits), (draws, size)) << bits
    return np.sort(numbers | np.arange(size), axis=-1) & ((1 << bits) - 1)


def tally(numbers: NDArray[np.integer], kinds: int) -> NDArray[np.int64]:
    """Draws in which each department has the number 0, 1, …: ``(draws, D)`` to ``(D, kinds)``.

    Examples
    --------
    >>> tally(np.array([[0, 2], [0, 1], [1, 2]]), 3).tolist()
    [[2, 1, 0], [0, 1, 2]]
    """
    size = numbers.shape[-1]
    cells = numbers + kinds * np.arange(size)
    return np.bincount(cells.ravel(), minlength=size * kinds).reshape(size, kinds)
