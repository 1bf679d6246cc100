"""What drives it: how much of the variance of the ranks near a line each source of it gives.

Global sensitivity by Sobol' indices (Sobol' 2001; Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola 2010,
Computer Physics Communications 181). An input is a whole group of numbers that are drawn together: the ballots of all
panels, those of the leaders, the forms, and the weights. Every evaluation is the whole rule; the indices are scipy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import sobol_indices

from appraisal.analysis import gate
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.resampling import redrawn_ballots
from appraisal.analysis.weights import dirichlet_weights, nominal_weights
from appraisal.scoring.appraise import Appraisal, Ballots, appraise_draws, every_ballot_once, score, stand
from appraisal.scoring.tiers import place_in_tiers

Floats = NDArray[np.float64]
Inputs = Sequence[Floats]
INPUTS = ("panels", "leaders", "forms", "weights")
SHARES = ("first", "first_low", "first_high", "total", "total_low", "total_high")
# Draws at a time: bounds memory.
CHUNK = 512
# Of the draws, for the intervals.
RESAMPLES, LEVEL = 200, 0.95


@dataclass(frozen=True)
class Drivers:
    """Which source gives how much of the variance.

    Parameters
    ----------
    draws, seed, concentration
        What they were made with: pairs of draws, and the Dirichlet distribution of the weights.
    redrawn : int
        Draws thrown away, as a department had no valid rating in them.
    outputs : DataFrame
        One row an output: `output` (``rank``; ``changed``, whether some tier changes; ``changes``, the departments
        whose tier does), `department` (blank for the last two), `mean` and `deviation` over the draws.
    shares : DataFrame
        One row an output and input: `output`, `department`, `input` of `INPUTS`, and `SHARES`: `first`, what the input
        gives by itself, and `total`, with all in which it takes part, with the ends of their intervals. Shares of the
        variance, 1 in all; missing where there is none. An estimate near 0 may be just below it.
    """

    draws: int
    seed: int
    concentration: float
    redrawn: int
    outputs: pd.DataFrame
    shares: pd.DataFrame


def share_variance(
    appraised: Appraisal, draws: int = 2_048, *, seed: int | None = None, concentration: float = 100.0
) -> Drivers:
    """Share out the variance of near-line ranks, and of the tiers that change, among panels, leaders, forms, weights.

    Near a line is who stands on a side of one. Departments equal in every key stand in the order of their rows in all
    draws: a coin would be a fifth source.

    Parameters
    ----------
    appraised : Appraisal
    draws : int
        Pairs of draws, a power of 2; the whole rule runs six times as often.
    seed : int, optional
        Else the year's own.
    concentration : float
        As for `dirichlet_weights`: the less, the more the weights vary and the larger is their share.

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    ValueError
        If `draws` is no power of 2.
    """
    if draws < 2 or draws & (draws - 1):
        raise ValueError(f"draws {draws}: Sobol' indices are estimated from a power of 2, such as 1024 or 2048")
    evidence, rules = appraised.evidence, appraised.rules
    rows = np.arange(evidence.group.size)
    base = appraise_draws(evidence, rules, every_ballot_once(evidence), rows, nominal_weights(rules)).rule_tier
    gate.hold(appraised, base, "what drives it")
    lines = cutoff_lines(appraised)
    near = np.unique(evidence.departments.get_indexer(pd.concat([lines["upper"], lines["lower"]])))

    def outputs(inputs: Inputs) -> Floats:
        panel, leaders, social, weights = inputs
        standing = stand(score(evidence, rules, Ballots(panel, leaders, social), weights.T), evidence, rules, rows)
        tier = place_in_tiers(standing, rules.tiers, evidence.rulings).rule_tier
        changes = (tier != base).sum(axis=-1)
        return np.vstack([standing.place[:, near].T, changes > 0, changes]).astype(float)

    seed = rules.seed if seed is None else seed
    rng, thrown, parts = np.random.default_rng(seed), 0, []
    for start in range(0, draws, CHUNK):
        pair, again = _two_draws(appraised, min(CHUNK, draws - start), rng, concentration)
        parts.append(pick_freeze(outputs, *pair))
        thrown += again
    once, other, mixed = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
    near_line = [("rank", code) for code in evidence.departments[near]]
    named = pd.DataFrame([*near_line, ("changed", ""), ("changes", "")], columns=["output", "department"])
    both, shares = np.hstack([once, other]), sobol_shares(once, other, mixed, rng)
    return Drivers(
        draws=draws,
        seed=seed,
        concentration=concentration,
        redrawn=thrown,
        outputs=named.assign(mean=both.mean(axis=1), deviation=both.std(axis=1)),
        shares=named.merge(pd.DataFrame({"input": INPUTS}), how="cross").join(
            pd.DataFrame(shares.reshape(len(SHARES), -1).T, columns=list(SHARES)), validate="one_to_one"
        ),
    )


def _two_draws(
    appraised: Appraisal, count: int, rng: np.random.Generator, concentration: float
) -> tuple[list[Inputs], int]:
    """Two independent draws of all inputs, and the draws thrown away."""
    pair: list[Inputs] = []
    thrown = 0
    for _side in range(2):
        ballots, _points, again = redrawn_ballots(appraised.evidence, appraised.rules, count, rng)
        weights = dirichlet_weights(appraised.rules, count, rng, concentration).T
        pair.append((ballots.panel, ballots.leaders, ballots.social, weights))
        thrown += again
    return pair, thrown


def pick_freeze(outputs: Callable[[Inputs], Floats], once: Inputs, other: Inputs) -> tuple[Floats, Floats, Floats]:
    """Evaluate two independent draws of all inputs, and the first with one input after another from the second.

    Parameters
    ----------
    outputs : callable
        Of as many inputs as there are, to ``(s, n)``.
    once, other : sequence of arrays
        Each input, n draws of it, of whatever shape `outputs` takes.

    Returns
    -------
    once, other : (s, n) arrays
    mixed : (d, s, n) array
    """
    mixed = [outputs([*once[:place], other[place], *once[place + 1 :]]) for place in range(len(once))]
    return outputs(once), outputs(other), np.stack(mixed)


def sobol_shares(
    once: Floats,
    other: Floats,
    mixed: Floats,
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
) -> Floats:
    """Give first and total Sobol' indices and their intervals.

    The intervals are percentiles over resampled draws, those of `scipy.stats.bootstrap`: it takes one resample after
    another through `sobol_indices`, which here are products of matrices.

    Parameters
    ----------
    once, other, mixed
        As `pick_freeze` gives them.
        n is a power of 2.
    rng : Generator
    resamples : int

    Returns
    -------
    (6, s, d) array
        In the order of `SHARES`; NaN where an output does not vary.
    """
    draws = once.shape[-1]
    found = sobol_indices(func={"f_A": once, "f_B": other, "f_AB": mixed}, n=draws)
    share = np.stack([found.first_order, found.total_order]).reshape(2, len(once), len(mixed))
    drawn = rng.integers(draws, size=(resamples, draws))
    times = np.stack([np.bincount(rows, minlength=draws) for rows in drawn], axis=-1).astype(float)
    ends = np.quantile(_resampled(once, other, mixed, times), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=-1)
    shares = np.stack([share, *ends], axis=1).reshape(len(SHARES), len(once), len(mixed))
    shares[:, np.ptp(np.hstack([once, other]), axis=1) == 0] = np.nan
    return shares


def _resampled(once: Floats, other: Floats, mixed: Floats, times: Floats) -> Floats:
    """Give the indices as scipy does, of draws that count several times: Saltelli et al. (2010), table 2, (b) and (f).

    Parameters
    ----------
    once, other, mixed
        As `pick_freeze` gives them.
    times : (n, r) array
        How often each draw counts in each of r resamples.

    Returns
    -------
    (2, s, d, r) array
        0 where an output does not vary in a resample.
    """

    def mean(values: Floats) -> Floats:
        return values @ times / len(times)

    middle, apart = mean(once + other) / 2, np.swapaxes(mixed - once, 0, 1)
    # Of whole numbers, as ranks and counts are, the sums and hence a variance of nothing are exact.
    variance = mean(once**2 + other**2) / 2 - middle**2
    first = mean(other[:, None] * apart) - middle[:, None] * mean(apart)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.stack([first, mean(apart**2) / 2]) / variance[:, None]
    return np.where(np.isfinite(found), found, 0.0)
