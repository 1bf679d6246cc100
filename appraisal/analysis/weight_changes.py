"""The smallest change of weights that flips each line, and whose tier the whole rule then changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from appraisal.analysis import gate
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.weights import Floats, nominal_weights
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal, place_points, score, stand

# Points of weight below which two composites before rounding are as good as equal: what adding in another order leaves.
LEVEL = 1e-9
# Weights tried on each stretch between two changes of weights, and how often the stretch is narrowed.
STEPS, ROUNDS = 200, 3


def smallest_change(weights: Floats, advantage: Floats, least: float = 0.0) -> Floats | None:
    """Find the weights nearest to `weights` under which one department is `least` points ahead of another.

    Nearest is half the sum of the absolute changes: the points that are moved from one source to another. A linear
    programme (Ríos Insua and French 1991, European Journal of Operational Research 54, on the nearest weights under
    which another alternative is as good), solved by HiGHS.

    Parameters
    ----------
    weights : (S,) array
        Points, ≥ 0.
    advantage : (S,) array
        Share of the full marks by which it is ahead in each source.
    least : float
        Points; 0 asks for equal composites.

    Returns
    -------
    (S,) array or None
        None if no weights ≥ 0 of the same total do it.

    Examples
    --------
    >>> smallest_change(np.array([60.0, 40.0]), np.array([-0.2, 0.1])).round(6).tolist()
    [33.333333, 66.666667]
    >>> smallest_change(np.array([60.0, 40.0]), np.array([-0.2, -0.1])) is None
    True
    """
    now, scale = float(advantage @ weights), float(np.abs(advantage).max())
    if now >= least:
        return weights.copy()
    if scale == 0:
        return None
    # Points given and points taken, each ≥ 0; nothing can lose more than it has.
    both = np.concatenate([advantage, -advantage]) / scale
    size = weights.size
    found = linprog(
        np.repeat([1.0, 0.0], size),
        A_ub=-both[None],
        b_ub=[-(least - now) / scale],
        A_eq=np.repeat([1.0, -1.0], size)[None],
        b_eq=[0.0],
        bounds=[(0, None)] * size + [(0, float(weight)) for weight in weights],
        method="highs",
    )
    if found.status == 2:
        return None
    if not found.success:
        raise ArithmeticError(f"linear programme for weights {weights} and advantage {advantage}: {found.message}")
    return np.maximum(weights + found.x[:size] - found.x[size:], 0.0)


@dataclass(frozen=True)
class WeightFlips:
    """The smallest changes of weights that flip the lines.

    Parameters
    ----------
    lines : DataFrame
        Index `line`; columns of `cutoff_lines`, and `change` (points moved until the composites before rounding are
        equal; 0 where they are, or where the lower is ahead before rounding; missing if no weights do it), `ahead` (who
        stands first there by rounding and chain: ``upper``, ``lower`` or ``tie``), `flipped` (points moved until
        rounding and chain have turned the pair round), `least` (no smaller change can: before it the composites are
        further apart than rounding bridges) and `outcome`: ``flips``; ``kept`` (the composites meet, and rounding and
        chain never turn the pair); ``dominated`` (the upper is ahead in every source: no weights flip it);
        ``not_linear`` (a contest on a scale that is no weighted sum).
    weights : DataFrame
        Index `line` and `source`; `nominal`, `equal` and `flipped`: the weights before, at `change`, at `flipped`.
    moves : DataFrame
        `line`, `department`, `before`, `after`: whose tier by the whole rule is another one at `flipped`.
    """

    lines: pd.DataFrame
    weights: pd.DataFrame
    moves: pd.DataFrame


def weight_flips(appraised: Appraisal) -> WeightFlips:
    """Find the smallest change of weights that flips each line.

    `change` is exact, as the composite is before rounding. What flips a pair is the rounded composite and the chain;
    that point lies between `least` and `flipped`, which are at most some ticks of the composite apart.

    Raises
    ------
    ReconciliationError
        If the rulebook's own weights do not give the scorecard.
    """
    evidence, rules = appraised.evidence, appraised.rules
    nominal = nominal_weights(rules)
    gate.hold(appraised, _tiers(appraised, nominal), "smallest change of weights")
    # With weights of 1 the points are shares of the full marks, also where the rulebook gives no weight.
    unit = score(evidence, rules, weights=np.ones(nominal.size)).exact
    shares = np.stack([unit[source] for source in rules.weights])
    lines = cutoff_lines(appraised)
    at = evidence.departments.get_indexer
    found: list[tuple[float, str | None, float, float, str]] = []
    spread, moves = {}, []
    for line, (upper, lower, scale) in enumerate(
        zip(at(lines["upper"]), at(lines["lower"]), lines["scale"], strict=True)
    ):
        if scale != "raw":
            found.append((np.nan, None, np.nan, np.nan, "not_linear"))
            continue
        result, equal, flipped = _flip(appraised, nominal, shares[:, lower] - shares[:, upper], upper, lower)
        found.append(result)
        spread[line] = pd.DataFrame({"nominal": nominal, "equal": equal, "flipped": flipped}, index=list(rules.weights))
        if flipped is not None:
            moves += [(line, *move) for move in _moves(appraised, flipped)]
    columns = ["change", "ahead", "least", "flipped", "outcome"]
    lines[columns] = pd.DataFrame(found, columns=columns, index=lines.index)
    return WeightFlips(
        lines=lines.rename_axis("line"),
        weights=pd.concat(spread, names=["line", "source"]).astype(float) if spread else pd.DataFrame(),
        moves=pd.DataFrame(moves, columns=["line", "department", "before", "after"]),
    )


def _flip(
    appraised: Appraisal, nominal: Floats, advantage: Floats, upper: int, lower: int
) -> tuple[tuple[float, str | None, float, float, str], Floats | None, Floats | None]:
    tick = 10.0**-appraised.points.digits
    near = smallest_change(nominal, advantage, -tick)
    equal = smallest_change(nominal, advantage)
    beyond = smallest_change(nominal, advantage, 1.001 * tick)
    if near is None:
        return (np.nan, None, np.nan, np.nan, "dominated"), None, None
    furthest = nominal.sum() * (np.arange(nominal.size) == advantage.argmax())
    way = [nominal, near, *(place for place in (equal, furthest if beyond is None else beyond) if place is not None)]
    flipped = _first_flipped(appraised, np.array(way), upper, lower)
    outcome = "flips" if flipped is not None else "dominated" if equal is None else "kept"
    ahead = None
    if equal is not None:
        ahead = {1: "upper", 0: "tie", -1: "lower"}[int(_leads(appraised, equal[:, None], upper, lower)[0])]

    def moved(to: Floats | None) -> float:
        points = np.nan if to is None else float(np.abs(to - nominal).sum() / 2)
        return 0.0 if points < LEVEL else points

    return (moved(equal), ahead, moved(near), moved(flipped), outcome), equal, flipped


def _first_flipped(appraised: Appraisal, way: Floats, upper: int, lower: int) -> Floats | None:
    """Walk from knot to knot, ``(K, S)``, and give the first weights under which the lower stands before the upper."""
    for _ in range(ROUNDS):
        along = np.linspace(0, len(way) - 1, STEPS * (len(way) - 1) + 1)
        tried = np.stack([np.interp(along, np.arange(len(way)), source) for source in way.T])
        turned = np.flatnonzero(_leads(appraised, tried, upper, lower) < 0)
        if not turned.size:
            return None
        way = tried[:, max(turned[0] - 1, 0) : turned[0] + 1].T
    return way[-1]


def _leads(appraised: Appraisal, weights: Floats, upper: int, lower: int) -> np.ndarray:
    """Who stands first by rounded composite, chain and ruling: 1 the upper, −1 the lower, 0 neither; ``(draws,)``."""
    evidence, rules = appraised.evidence, appraised.rules
    rows = np.arange(evidence.group.size)
    # Who is first under one order of the rows and not under the reverse has no key before the other.
    orders = np.stack([rows, rows[::-1]])[:, None]
    key = stand(score(evidence, rules, weights=weights), evidence, rules, orders).key
    return np.sign(key[..., lower] - key[..., upper]).sum(axis=0) // 2


def _moves(appraised: Appraisal, weights: Floats) -> list[tuple[str, str, str]]:
    base, tier, codes = appraised.placement.rule_tier, _tiers(appraised, weights), appraised.evidence.departments
    return [(codes[who], TIERS[base[who]], TIERS[tier[who]]) for who in np.flatnonzero(tier != base)]


def _tiers(appraised: Appraisal, weights: Floats) -> np.ndarray:
    evidence, rules = appraised.evidence, appraised.rules
    points = score(evidence, rules, weights=weights)
    return place_points(points, evidence, rules, np.arange(evidence.group.size)).rule_tier
