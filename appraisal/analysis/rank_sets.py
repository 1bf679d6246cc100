"""Which ranks a department may truly have in its group, by the method of `rank_bounds`."""

from __future__ import annotations

import pandas as pd

from appraisal.analysis.noise import composite_noise
from appraisal.analysis.rank_bounds import rank_bounds
from appraisal.scoring.appraise import Appraisal


def rank_sets(appraised: Appraisal, *, seed: int, coverage: float = 0.95, draws: int = 10_000) -> pd.DataFrame:
    """Give the ranks that each department may truly have in its group.

    Parameters
    ----------
    appraised : Appraisal
    seed : int
        The same for the same numbers.
    coverage : float
        Confidence of the sets.
    draws : int
        Draws of the noise behind the critical values.

    Returns
    -------
    DataFrame
        Index `department`, those in competition; `group`, `rank` (official), `marginal_low` and `marginal_high` (best
        and last rank of the department's own set), `simultaneous_low` and `simultaneous_high` (all right together).

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    ValueError
        If there are too few draws.
    """
    noise = composite_noise(appraised)
    # What is shown ranks: two composites equal after rounding are a tie here too, and the official rank is in each set.
    composite = appraised.points.rounded["composite"]
    table = appraised.scorecard.loc[noise.departments, ["group", "rank"]].copy()
    for name in ("marginal", "simultaneous"):
        low, high = rank_bounds(
            composite,
            noise.covariance,
            noise.group,
            seed=seed,
            coverage=coverage,
            draws=draws,
            simultaneous=name == "simultaneous",
            freedom=noise.freedom,
        )
        table[f"{name}_low"], table[f"{name}_high"] = low, high
    return table


def top_sets(sets: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Say who may truly be among the first k of its group, and who surely is, all statements together.

    Parameters
    ----------
    sets : DataFrame
        As `rank_sets` gives it.
    lines : DataFrame
        `group` and `above`, the k of the group, a row each: such as the lines inside groups that `cutoff_lines` gives.

    Returns
    -------
    DataFrame
        One row a `k` and `department`: `group`, `rank`, `may` and `surely` (bool).

    Examples
    --------
    >>> sets = pd.DataFrame(
    ...     {"group": "a", "rank": [1, 2, 3], "simultaneous_low": [1, 1, 3], "simultaneous_high": [2, 2, 3]},
    ...     index=pd.Index(["x", "y", "z"], name="department"),
    ... )
    >>> lines = pd.DataFrame({"group": "a", "above": [1, 2]})
    >>> top_sets(sets, lines)[["k", "department", "may", "surely"]].values.tolist()
    [[1, 'x', True, False], [1, 'y', True, False], [1, 'z', False, False],
     [2, 'x', True, True], [2, 'y', True, True], [2, 'z', False, False]]
    """
    each = []
    for group, k in lines[["group", "above"]].itertuples(index=False):
        own = sets[sets["group"] == group]
        among = {"may": own["simultaneous_low"] <= k, "surely": own["simultaneous_high"] <= k}
        each.append(own[["group", "rank"]].assign(k=k, **among).reset_index())
    return pd.concat(each, ignore_index=True)[["k", "group", "department", "rank", "may", "surely"]]
