"""Would unlimited raters give the same tier, would a new panel: what `tier_share` must not be read as.

Three things are told apart:

(a) `resampling.tier_share`: of the redrawn years, the share in which a department keeps its tier. It is centred on the
    points as they came out, chance and all.
(b) `unlimited`: the chance that the tier is the one that unlimited like jurors, leaders and citizens would give.
(c) `anew`: the chance that a new panel, new leaders and new forms, as many as now, give the tier again.

Who stands just above a line stands there partly by luck, so (b) and (c) need a model of what is true. It is the normal
one of small areas (Fay and Herriot 1979; Laird and Louis 1989 for ranks). With the three independent sources s (panel,
leaders, social), in points of the composite, ::

    y_sd = theta_sd + e_sd,   e_s ~ N(0, N_s),   (theta_1d, theta_2d, theta_3d) ~ N(mu_g, T)

N_s are the covariances of `analysis.noise`, which small panels have right on average; mu_g is free in each group; T,
how departments truly differ, is common to the groups. What is not known of T is drawn too: the covariance within groups
of what is seen, T + N, is inverse Wishart on D - G degrees of freedom around the one found (Jeffreys' prior), and T is
what is left of it beyond the noise, no less than nothing. So is the scale of each N_s, by chi-squared on its degrees of
freedom. Given both, a draw from the posterior is a year drawn from the model and moved by what it missed (Matheron's
rule): ``theta = y - e - N Q (y - theta' - e)``, where Q inverts T + N with the means of groups taken out.

Each draw of theta goes through the whole rule: that is (b). With new noise of the same covariance it is (c). Where
departments are too few to tell how they differ, theta is taken as seen, less noise. Deductions, bands and rulings stay.

Assumed: bands as set, truth nearly normal in each group, noise alike for all departments of a panel. What all jurors
of a panel share about a department leaves no trace in the ballots and is in no chance here. `analysis.calibration`
holds how often the chances came true in worlds whose truth is known, this model's and others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.analysis.margins import cutoff_lines, pairs_in_order, pairs_of
from appraisal.analysis.noise import Noise, composite_noise
from appraisal.analysis.resampling import tally
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal, Points, rounded_points, stand
from appraisal.scoring.tiers import Standing, place_in_tiers

Floats = NDArray[np.float64]

SOURCES = ("panel", "leaders", "social")
# Draws that share one draw of T and of the scales; draws ranked at a time, which bounds memory.
TOGETHER, CHUNK = 500, 2_000


@dataclass(frozen=True)
class Repeats:
    """In how many draws departments and lines stood as they do.

    Parameters
    ----------
    draws, seed : int
        What they were made with.
    unlimited, anew : (D, T) int arrays
        Draws in which unlimited raters, and a new panel, put each department in each tier of `TIERS`.
    line_unlimited, line_anew : (L,) int arrays
        Draws in which they kept the pair of each line of `cutoff_lines` in its order.
    """

    draws: int
    seed: int
    unlimited: NDArray[np.int64]
    anew: NDArray[np.int64]
    line_unlimited: NDArray[np.int64]
    line_anew: NDArray[np.int64]


def repeat(appraised: Appraisal, draws: int = 10_000, seed: int | None = None) -> Repeats:
    """Draw what may be true, and what a new panel may find, and appraise each draw.

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
    size = len(appraised.evidence.departments)
    pairs = pairs_of(cutoff_lines(appraised), appraised.evidence.departments)
    seed = appraised.rules.seed if seed is None else seed
    random = np.random.default_rng(seed)
    base = _standing(appraised, np.zeros((len(SOURCES), size)), np.arange(size))
    gate.hold(appraised, _tiers(appraised, base), "repeatability")
    tiers, kept = np.zeros((2, size, len(TIERS)), np.int64), np.zeros((2, pairs.upper.size), np.int64)
    for moves in _moves(appraised, composite_noise(appraised), draws, random):
        for kind, moved in enumerate(moves):
            order = random.permuted(np.broadcast_to(np.arange(size), (len(moved), size)), axis=-1)
            standing = _standing(appraised, moved.swapaxes(0, 1), order)
            tier = _tiers(appraised, standing)
            tiers[kind] += tally(tier, len(TIERS))
            kept[kind] += pairs_in_order(pairs, standing).sum(axis=0)
    return Repeats(draws, seed, *tiers, *kept)


def tier_chances(appraised: Appraisal, repeats: Repeats) -> pd.DataFrame:
    """Chance of its own tier, for each department.

    Returns
    -------
    DataFrame
        Index `department`; `unlimited` (b) and `anew` (c), of 1.
    """
    codes = appraised.evidence.departments
    own = np.arange(len(codes)), pd.Index(TIERS).get_indexer(appraised.scorecard.loc[codes, "rule_tier"])
    chances = {name: getattr(repeats, name)[own] / repeats.draws for name in ("unlimited", "anew")}
    return pd.DataFrame(chances, index=codes)


def line_chances(appraised: Appraisal, repeats: Repeats) -> pd.DataFrame:
    """Chance that the pair of each line stands in the same order.

    Returns
    -------
    DataFrame
        The lines of `cutoff_lines` with `unlimited` (b) and `anew` (c), of 1.
    """
    return cutoff_lines(appraised).assign(
        unlimited=repeats.line_unlimited / repeats.draws, anew=repeats.line_anew / repeats.draws
    )


def _standing(appraised: Appraisal, moves: Floats, order: NDArray[np.intp]) -> Standing:
    """How departments stand when the points from each source, ``(S, ..., D)``, have moved."""
    return stand(_points(appraised, moves), appraised.evidence, appraised.rules, order)


def _tiers(appraised: Appraisal, standing: Standing) -> NDArray[np.int8]:
    return place_in_tiers(standing, appraised.rules.tiers, appraised.evidence.rulings).rule_tier


def _points(appraised: Appraisal, moves: Floats) -> Points:
    """Points after moves; those of the panel go to its components by weight, which only ties and `anchored` see."""
    rules, seen = appraised.rules, appraised.points.exact
    by_source = dict(zip(SOURCES, moves, strict=True))
    judged = [source for source in rules.weights if source not in SOURCES]
    whole = float(sum(rules.weights[source] for source in judged)) or 1.0  # a panel without weight moves nothing
    exact = {source: seen[source] + by_source[source] for source in SOURCES[1:]}
    for source in judged:
        exact[source] = seen[source] + by_source["panel"] * (float(rules.weights[source]) / whole)
    exact["functional"] = exact["functional_panel"] + exact["leaders"]
    exact["composite"] = seen["composite"] + moves.sum(axis=0)
    if "panel" in seen:
        exact["panel"] = seen["panel"] + by_source["panel"]
    return rounded_points(exact, appraised.evidence, rules)


def _moves(
    appraised: Appraisal, noise: Noise, draws: int, random: np.random.Generator
) -> Iterator[tuple[Floats, Floats]]:
    """Truth less what is seen, and a new panel's points less what is seen: ``(n, S, D)`` each, chunk by chunk."""
    exact = appraised.points.exact
    seen = np.stack([exact["composite"] - exact["leaders"] - exact["social"], exact["leaders"], exact["social"]])
    member = np.equal.outer(noise.group, np.unique(noise.group)).astype(float)
    covariances = np.stack([noise.parts[source] for source in SOURCES])
    roots = np.stack([_root(covariance) for covariance in covariances])
    freedom = noise.sources.groupby("source")["freedom"].min().reindex(SOURCES).to_numpy().clip(1)
    for start in range(0, draws, CHUNK):
        rows = min(CHUNK, draws - start)
        parts = []
        for first in range(0, rows, TOGETHER):
            count = min(TOGETHER, rows - first)
            scale = (freedom / random.chisquare(freedom))[:, None, None]
            parts.append(_drawn(seen, covariances * scale, roots * np.sqrt(scale), member, count, random))
        true, anew = (np.concatenate(each) for each in zip(*parts, strict=True))
        yield true, anew


def _drawn(
    seen: Floats, covariances: Floats, roots: Floats, member: Floats, count: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Some draws under one draw of how departments truly differ."""

    def normal(of_source: Floats) -> Floats:
        return np.stack([random.standard_normal((count, seen.shape[1])) @ root.T for root in of_source], axis=1)

    error, move = normal(roots), 0.0
    spread = _true_spread(seen, covariances, member, random)
    if spread is not None:
        precision = _precision(spread, covariances, member)
        true = np.einsum("st,ntd->nsd", _root(spread), random.standard_normal((count, *seen.shape)))
        missed = ((seen - true - error).reshape(count, -1) @ precision).reshape(count, *seen.shape)
        move = np.einsum("nsd,sde->nse", missed, covariances, optimize=True)
    moved = -error - move
    return moved, moved + normal(roots)


def _true_spread(seen: Floats, covariances: Floats, member: Floats, random: np.random.Generator) -> Floats | None:
    """(S, S) covariance of the true points inside groups, drawn; None where departments are too few to tell."""
    sources, size = seen.shape
    freedom = size - member.shape[1]
    if freedom < sources + 2:
        return None
    centre = np.eye(size) - member @ (member / member.sum(axis=0)).T
    apart = seen @ centre
    normal = random.standard_normal((freedom, sources))
    root = _root(apart @ apart.T)
    whole = root @ np.linalg.inv(normal.T @ normal) @ root.T
    values, vectors = np.linalg.eigh(whole - np.diag(np.einsum("de,sde->s", centre, covariances) / freedom))
    return (vectors * np.maximum(values, 0)) @ vectors.T


def _precision(spread: Floats, covariances: Floats, member: Floats) -> Floats:
    """(SD, SD) inverse of the covariance of what is seen, with the mean of each group and source taken out."""
    sources, size, _ = covariances.shape
    whole = np.kron(spread, np.eye(size))
    for source in range(sources):
        block = slice(source * size, (source + 1) * size)
        whole[block, block] += covariances[source]
    # What does not vary at all is known: a hair keeps the matrix invertible, and moves nothing.
    whole[np.diag_indices_from(whole)] += 1e-9 * whole.diagonal().max() + 1e-12
    inverse, means = np.linalg.inv(whole), np.kron(np.eye(sources), member)
    weighed = inverse @ means
    return inverse - weighed @ np.linalg.solve(means.T @ weighed, weighed.T)


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
