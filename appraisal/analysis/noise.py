"""How far the composites would move with other ballots of the same kind: their covariance and standard errors.

A department's composite is the sum of three means over independent sets of ballots, so its covariance is a sum too::

    Cov(C_d, C_e) = panel + leaders + social

**Panel and leaders**, few ballots that each rate many departments. What ballot b gives department d, in points of the
composite, is taken as ``y_bd = mu_d + beta_b + epsilon_bd``: a ballot's own strictness, and a residual of ballot ×
department. With n_d ballots on d and n_de on both d and e, means over ballots have ::

    Cov(d, e) = sigma_beta² n_de / (n_d n_e)  +  sigma_epsilon² / n_d  where d = e

Where every ballot rates all departments the strictness drops out of each difference. A sample covariance of D
departments from J ballots has rank J - 1 and would find pairs that never differ; so the two variances are pooled, over
the departments of a panel and over all departments for leaders. With S the sample covariance (divisor J - 1), v the
mean of its diagonal and c the mean off it: ``sigma_beta² = c``, ``sigma_epsilon² = v - c``, which is the residual mean
square of the two-way table on (J - 1)(D - 1) degrees of freedom. That divisor is the correction that a small panel
needs (a bootstrap of J ballots understates variances by the factor (J - 1) / J); what the few degrees of freedom leave
open in the pooled variances themselves is met by t instead of normal critical values.

Pooling asks that the residuals of all departments spread alike. With 5 to 30 normal jurors simultaneous 95 % rank sets
of 32 equal departments held in 0.94 to 0.96 of 400 worlds each; where that spread varied by department (log-normal,
0.3), in 0.93 with 9 jurors and 0.89 with 5. Error that all jurors share about a department cannot be seen in the
ballots and is in no figure here.

S comes from the engine itself, by leaving each ballot out in turn: ``S_de / J = (J - 1) / J · sum_b (C_-b,d - C_d)
(C_-b,e - C_e)``, exact for means, deductions and all, and consistent for a trimmed mean (Efron and Stein 1981). For
medians it is not: there random halves of each panel are left out (Shao and Wu 1989), ``S / J = (J - h) / h · mean over
halves``, h = J // 2. With 9 normal ballots the variance of a difference then comes out too large, by some 5 to 8 %
(trimmed by one) and 14 to 21 % (median).

**Social forms**, many, each rating many departments. With x_fd the points of form f on d and m_fd one where valid, the
mean is a ratio of sums, and (Cochran 1977, chapter 6) ::

    Cov(d, e) = F / (F - 1) · sum_f u_fd u_fe,   u_fd = weight / 100 · (x_fd - m_fd mean_d) / n_d

which keeps that one form rates both. Counted forms no longer tell who rated both: departments are then independent.
Ballots are taken as drawn from unlimited like ones: no finite-population correction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.scoring.appraise import Appraisal, Ballots, every_ballot_once, place_points, score
from appraisal.scoring.composite import HALF
from appraisal.scoring.evidence import Evidence, dense

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# By ballots cast for a department: what makes a sum of products of moves a covariance.
Worth = Callable[[NDArray[np.int64]], Floats]

# Random halves for medians: the pooled variance is then known to some 2 %.
HALVES = 1_000
# Scores that the engine weighs at a time: bounds memory.
CELLS = 10_000_000


@dataclass(frozen=True)
class Noise:
    """What the ballots leave open in the composites of the departments in competition.

    Parameters
    ----------
    departments : Index of str, length D
    group : (D,) int array
        Position in `Rulebook.groups`.
    parts : dict of str to (D, D) array
        Covariance of the exact composites by source: `panel`, `leaders`, `social`; points squared.
    sources : DataFrame
        One row a `source` and `group`: `ballots`; `freedom` of its variance; `own` and `shared`, the standard
        deviations sigma_epsilon and sigma_beta of one ballot (missing for forms; missing also where the ballots are
        too few to tell, which then count as no noise); `difference`, the standard error that the source gives a
        difference inside the group (root of the mean over pairs). In points of the composite.
    freedom : float
        Degrees of freedom of a difference inside a group (Satterthwaite 1946), the least of all groups.
    """

    departments: pd.Index
    group: NDArray[np.intp]
    parts: Mapping[str, Floats]
    sources: pd.DataFrame
    freedom: float

    @property
    def covariance(self) -> Floats:
        """(D, D) covariance of the exact composites, points squared."""
        return np.sum(list(self.parts.values()), axis=0)


def composite_noise(appraised: Appraisal) -> Noise:
    """Estimate the covariance that panel ballots, leaders and forms imply; the module says how.

    Parameters
    ----------
    appraised : Appraisal

    Raises
    ------
    ReconciliationError
        If with every ballot the tiers are not those of the scorecard.
    """
    evidence, rules, group = appraised.evidence, appraised.rules, appraised.evidence.group
    size, present = group.size, np.unique(group)
    gate.hold(appraised, place_points(score(evidence, rules), evidence, rules, np.arange(size)).rule_tier, "noise")
    parts = {source: np.zeros((size, size)) for source in ("panel", "leaders", "social")}
    rows = []

    scored: Mask = np.asarray(~np.isnan(evidence.panel).all(axis=2))
    moves = _panel_moves(appraised, scored)
    worth = _worth_of_a_half if rules.panel.statistic == "median" else _worth_of_one
    for position in present:
        members = np.flatnonzero(group == position)
        own = scored[:, members].any(axis=1)
        cast = scored[np.ix_(own, members)]
        parts["panel"][np.ix_(members, members)], *variances = _crossed(moves[:, members], cast, worth)
        rows.append(("panel", position, int(own.sum()), *variances))

    rated = dense(evidence.leaders.count) > 0
    everyone = every_ballot_once(evidence)
    without = Ballots(everyone.panel, 1 - np.eye(evidence.leaders.ballots), everyone.social)
    moves = score(evidence, rules, without).exact["composite"] - appraised.points.exact["composite"]
    parts["leaders"], *variances = _crossed(moves, rated, _worth_of_one)
    rows += [("leaders", position, int(rated.any(axis=1).sum()), *variances) for position in present]

    parts["social"], forms = _forms(evidence, float(rules.weights["social"]) / 100)
    rows += [("social", position, forms, forms - 1.0, np.nan, np.nan) for position in present]

    columns = ["source", "group", "ballots", "freedom", "own", "shared"]
    sources = pd.DataFrame(rows, columns=columns)
    variance = [
        _mean_square(parts[source], group == position)
        for source, position in zip(sources["source"], sources["group"], strict=True)
    ]
    sources["difference"] = np.sqrt(variance)
    freedom = _freedom(sources)
    sources["group"] = np.array(list(rules.groups))[sources["group"]]
    return Noise(evidence.departments, group, parts, sources, freedom)


def pair_errors(covariance: Floats) -> Floats:
    """Give the standard error of each pair's difference.

    Parameters
    ----------
    covariance : (D, D) array

    Returns
    -------
    (D, D) array
        Exactly 0 where the difference is known but for the error of float64.

    Examples
    --------
    >>> pair_errors(np.array([[9.0, 9.0, 0.0], [9.0, 9.0, 0.0], [0.0, 0.0, 16.0]])).tolist()
    [[0.0, 0.0, 5.0], [0.0, 0.0, 5.0], [5.0, 5.0, 0.0]]
    """
    variance = covariance.diagonal()
    both = variance[:, None] + variance
    between = both - 2 * covariance
    return np.sqrt(np.where(between > 1e-12 * both, between, 0.0))


def line_errors(lines: pd.DataFrame, noise: Noise) -> pd.DataFrame:
    """Set the gap at each line against its standard error.

    Parameters
    ----------
    lines : DataFrame
        With `upper`, `lower` (departments) and `gap` (points), as `analysis.margins.cutoff_lines` gives.
    noise : Noise

    Returns
    -------
    DataFrame
        The lines, with `error`, the standard error of the difference in points, and `errors_apart` = gap ÷ error,
        infinite where nothing is open and missing where there is no gap either.
    """
    error = pair_errors(noise.covariance)[
        noise.departments.get_indexer(lines["upper"]), noise.departments.get_indexer(lines["lower"])
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return lines.assign(error=error, errors_apart=lines["gap"].to_numpy(dtype=float) / error)


def _panel_moves(appraised: Appraisal, scored: Mask) -> Floats:
    """(R, D) moves of the composites as panel ballots are left out."""
    evidence, rules = appraised.evidence, appraised.rules
    everyone = every_ballot_once(evidence)
    kept = _halves(evidence.group, scored) if rules.panel.statistic == "median" else 1 - np.eye(len(scored))
    step = max(1, CELLS // max(evidence.panel.size, 1))
    composites = [
        score(evidence, rules, Ballots(kept[at : at + step], everyone.leaders, everyone.social)).exact["composite"]
        for at in range(0, len(kept), step)
    ]
    return np.concatenate(composites) - appraised.points.exact["composite"]


def _worth_of_one(cast: NDArray[np.int64]) -> Floats:
    return (cast - 1) / cast


def _worth_of_a_half(cast: NDArray[np.int64]) -> Floats:
    return (cast - cast // 2) / (cast // 2) / HALVES


def _halves(group: NDArray[np.intp], scored: Mask) -> Floats:
    """Random sets of ballots without half of each panel; always the same ones."""
    rng = np.random.default_rng(0)
    kept = np.ones((HALVES, len(scored)))
    for position in np.unique(group):
        own = np.flatnonzero(scored[:, group == position].any(axis=1))
        first = np.argsort(rng.random((HALVES, own.size)), axis=1)[:, : own.size // 2]
        np.put_along_axis(kept, own[first], 0.0, axis=1)
    return kept


def _crossed(moves: Floats, scored: Mask, worth: Worth) -> tuple[Floats, float, float, float]:
    """Covariance of means over crossed ballots, its degrees of freedom, own and shared standard deviation.

    Parameters
    ----------
    moves : (R, D) array
        Of the composites, as ballots are left out.
    scored : (J, D) bool array
        Which ballot rates which department.
    worth : Worth
    """
    moves = np.where(np.abs(moves) < HALF, 0.0, moves)  # what float64 leaves of no move
    cast = scored.sum(axis=0)
    overlap = scored.T.astype(float) @ scored / np.outer(cast, cast)
    known = (cast > 1) & np.isfinite(moves).all(axis=0)
    apart = moves[:, known] * np.sqrt(worth(cast[known]))
    covariance, count = apart.T @ apart, int(known.sum())
    if not count:
        return np.zeros_like(overlap), 0.0, np.nan, np.nan
    total = (covariance.diagonal() * cast[known]).mean()
    common, off = overlap[np.ix_(known, known)], ~np.eye(count, dtype=bool)
    together = common[off].sum()
    shared = covariance[off].sum() / together if together > 0 else 0.0
    own = max(total - shared, 0.0)
    shared = max(shared, 0.0)  # a negative estimate is chance; it stands in `own`, which differences rest on
    ballots = int(scored[:, known].any(axis=1).sum())
    freedom = scored[:, known].sum() - count - (ballots - 1 if count > 1 else 0)
    return shared * overlap + np.diag(own / cast), float(max(freedom, 1)), float(np.sqrt(own)), float(np.sqrt(shared))


def _forms(evidence: Evidence, weight: float) -> tuple[Floats, int]:
    """Covariance of the social points, and the forms behind it (the fewest of a department, where counted)."""
    total, count = evidence.social.total, evidence.social.count
    valid = np.asarray(count.sum(axis=0, dtype=float)).ravel()
    mean = np.asarray(total.sum(axis=0, dtype=float)).ravel() / valid
    if (answer_of := evidence.social.answer_of) is not None:
        given, times = (np.asarray(rows.sum(axis=1)).ravel() for rows in (total, count))
        squares = np.bincount(answer_of, (given - times * mean[answer_of]) ** 2 / times, valid.size)
        return np.diag(weight**2 * squares / (valid * np.maximum(valid - 1, 1))), int(valid.min())
    forms = evidence.social.ballots
    influence = (total - count * mean) * (weight / valid)
    return dense(influence.T @ influence) * (forms / max(forms - 1, 1)), forms


def _mean_square(part: Floats, members: Mask) -> float:
    """Mean over the pairs of a group of the variance of their difference; 0 where there is no pair."""
    size = int(members.sum())
    if size < 2:
        return 0.0
    own = part[np.ix_(members, members)]
    # What float64 leaves of no difference may lie below 0.
    return max(float(2 * (own.trace() - own.sum() / size) / (size - 1)), 0.0)


def _freedom(sources: pd.DataFrame) -> float:
    variance = sources["difference"] ** 2
    by_group = sources["group"].to_numpy()
    squared = variance.groupby(by_group).sum() ** 2
    spent = (variance**2 / sources["freedom"].clip(lower=1)).groupby(by_group).sum()
    return float((squared[spent > 0] / spent[spent > 0]).min()) if (spent > 0).any() else np.inf
