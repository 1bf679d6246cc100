"""Other weights, drawn around those of the rulebook and over what others publish: in how many each tier stands.

Every draw goes through the whole rule; only `[weights]` is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, appraise_draws, every_ballot_once

Floats = NDArray[np.float64]
# What published schemes give to leaders and to the public, in points (basis of `weights` in the rulebook of 2003).
ENVELOPE: Mapping[str, tuple[float, float]] = MappingProxyType({"leaders": (5.0, 20.0), "social": (10.0, 50.0)})
# Draws times departments at a time: some 40 arrays of this size live at once, 80 MB.
CELLS = 250_000


def nominal_weights(rules: Rulebook) -> Floats:
    """Points that each source can give, in the order of ``[weights]``: ``(S,)``."""
    return np.array([float(weight) for weight in rules.weights.values()])


def dirichlet_weights(rules: Rulebook, draws: int, rng: np.random.Generator, concentration: float = 100.0) -> Floats:
    """Draw weights around those of the rulebook.

    Parameters
    ----------
    rules : Rulebook
    draws : int
    rng : Generator
    concentration : float
        Of the Dirichlet distribution whose mean is `[weights]`: a weight of share p has variance
        ``p (1 − p) / (concentration + 1)``; at 100 a weight of 20 points has a deviation of 4.

    Returns
    -------
    (S, draws) array
        Points; a weight of 0 stays 0.
    """
    nominal = nominal_weights(rules)
    given = nominal > 0
    weights = np.zeros((nominal.size, draws))
    weights[given] = nominal.sum() * rng.dirichlet(concentration * nominal[given] / nominal.sum(), draws).T
    return weights


def envelope_weights(
    rules: Rulebook, draws: int, rng: np.random.Generator, envelope: Mapping[str, Sequence[float]] = ENVELOPE
) -> Floats:
    """Draw weights that are uniform over the published envelope; the other sources share the rest in proportion.

    Parameters
    ----------
    rules : Rulebook
    draws : int
    rng : Generator
    envelope : mapping of str to (low, high)
        Points of the sources that are drawn, each by itself.

    Returns
    -------
    (S, draws) array

    Raises
    ------
    ValueError
        If an end of the envelope is below the other or below 0, if it leaves nothing to share, or nobody to share it.
    """
    nominal, sources = nominal_weights(rules), list(rules.weights)
    drawn = np.array([source in envelope for source in sources])
    if drawn.sum() < len(envelope) or sum(high for _, high in envelope.values()) > nominal.sum():
        raise ValueError(f"envelope {dict(envelope)} does not fit the sources {sources} of {nominal.sum():g} points")
    if not all(0 <= low <= high for low, high in envelope.values()):
        raise ValueError(f"envelope {dict(envelope)}: from the fewest points to the most, 0 at least")
    if not nominal[~drawn].any():
        raise ValueError(f"outside the envelope {dict(envelope)} no source has a weight to share the rest by")
    low, high = np.array([envelope[source] for source in sources if source in envelope]).T
    weights = np.empty((nominal.size, draws))
    weights[drawn] = low[:, None] + (high - low)[:, None] * rng.random((low.size, draws))
    rest = nominal.sum() - weights[drawn].sum(axis=0)
    weights[~drawn] = (nominal[~drawn] / nominal[~drawn].sum())[:, None] * rest
    return weights


def tier_acceptability(appraised: Appraisal, weights: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Share of the weights under which each department is in each tier.

    The category acceptability index of stochastic multicriteria acceptability analysis (Tervonen, Figueira, Lahdelma,
    Almeida Dias and Salminen 2009, European Journal of Operational Research 192), with the rule in place of ELECTRE.

    Parameters
    ----------
    appraised : Appraisal
        The base case.
    weights : (S, draws) array
        Points of each source, in the order of ``[weights]``.
    rng : Generator
        Coins for ties on a line, one order of the departments a draw.

    Returns
    -------
    DataFrame
        Index `department`, those in competition; `rule_tier` of the base case, `kept` (share of the draws in which it
        stands), then a column a tier: shares of 1.

    Raises
    ------
    ReconciliationError
        If the rulebook's own weights do not give the scorecard.
    """
    evidence, rules = appraised.evidence, appraised.rules
    size, draws = evidence.group.size, weights.shape[1]
    ballots, counts = every_ballot_once(evidence), np.zeros((size, len(TIERS)))
    unchanged = appraise_draws(evidence, rules, ballots, np.arange(size)[None], nominal_weights(rules)[:, None])
    gate.hold(appraised, unchanged.rule_tier[0], "other weights")
    chunk = max(1, CELLS // size)
    for start in range(0, draws, chunk):
        some = weights[:, start : start + chunk]
        order = np.argsort(rng.random((some.shape[1], size)), axis=-1)
        tier = appraise_draws(evidence, rules, ballots, order, some).rule_tier
        counts += np.stack([(tier == number).sum(axis=0) for number in range(len(TIERS))], axis=-1)
    shares = counts / draws
    base = appraised.placement.rule_tier
    table = pd.DataFrame(shares, index=evidence.departments, columns=list(TIERS))
    table.insert(0, "rule_tier", np.array(TIERS)[base])
    table.insert(1, "kept", shares[np.arange(size), base])
    return table


def acceptability(
    appraised: Appraisal,
    draws: int = 10_000,
    *,
    seed: int,
    concentration: float = 100.0,
    envelope: Mapping[str, Sequence[float]] = ENVELOPE,
) -> pd.DataFrame:
    """Give `tier_acceptability` around the rulebook's weights and over the published envelope.

    Parameters
    ----------
    appraised : Appraisal
    draws : int
        Of each of the two.
    seed : int
    concentration : float
        As for `dirichlet_weights`.
    envelope : mapping of str to (low, high)
        As for `envelope_weights`.

    Returns
    -------
    DataFrame
        Index `scheme` (``around``, ``envelope``) and `department`; columns as `tier_acceptability`.
    """
    around, over = (np.random.default_rng([seed, scheme]) for scheme in range(2))
    tables = {
        "around": tier_acceptability(
            appraised, dirichlet_weights(appraised.rules, draws, around, concentration), around
        ),
        "envelope": tier_acceptability(appraised, envelope_weights(appraised.rules, draws, over, envelope), over),
    }
    return pd.concat(tables, names=["scheme"])
