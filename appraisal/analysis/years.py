"""From an earlier year to a later one: tiers, ranks and what moved them, panels, and what stands out of the changes.

The change of a department's rank is split into three parts that add up to it exactly: its own scores (points over full
marks, source by source, after panel and forms were made into one score each), the rules (weights, rounding, chain of
the ties and rulings on them), and the others of its group. Each part is its Shapley value (Shapley 1953): the mean of
what it changes over every order in which the three can change. The eight ranks that this needs all come from `score`
and `shared_ranks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr

from appraisal.analysis import gate
from appraisal.analysis.flags import Settings
from appraisal.analysis.outliers import generalised_esd
from appraisal.analysis.panels import panels
from appraisal.analysis.succession import succession
from appraisal.reading.contracts import CONTRACTS
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, ranking_keys, score
from appraisal.scoring.ranking import shared_ranks

Floats = NDArray[np.float64]
PARTS = ("own", "rules", "others")
# Not ranked in that year: new, merged from others, gone, or outside competition.
ABSENT = "absent"
# A department in so many may stand out of the changes of its group; fewer departments are not tested.
STANDING_OUT, LEAST = 10, 8
BALLOTS = tuple(name for name, contract in CONTRACTS.items() if contract.secret)


def tier_moves(earlier: Appraisal, later: Appraisal) -> pd.DataFrame:
    """Count the departments by their tier in both years, by the same code.

    Returns
    -------
    DataFrame
        Index: tier of the earlier year, columns: of the later; `TIERS`, then `ABSENT`.
    """
    tiers = pd.DataFrame({"before": earlier.scorecard["tier"], "after": later.scorecard["tier"]}).fillna(ABSENT)
    kinds = [*TIERS, ABSENT]
    return pd.crosstab(tiers["before"], tiers["after"]).reindex(index=kinds, columns=kinds, fill_value=0)


def same_sources(earlier: Appraisal, later: Appraisal) -> bool:
    """Whether the composites of both years come from the same sources, so that a rank can be split."""
    return set(earlier.rules.weights) == set(later.rules.weights)


def ranked_twice(earlier: Appraisal, later: Appraisal) -> pd.Index:
    """Departments of the same code and group that are ranked in both years, in the order of the later."""
    linked = succession(earlier.scorecard, later.scorecard)
    same = linked.index[linked["kind"] == "same"]
    ranked = earlier.scorecard["rank"].reindex(same).notna() & later.scorecard["rank"].reindex(same).notna()
    return same[ranked.to_numpy()]


def split_rank_changes(earlier: Appraisal, later: Appraisal) -> pd.DataFrame:
    """Split the change of each department's rank into its own scores, the rules and the others of its group.

    Parameters
    ----------
    earlier, later : Appraisal
        Of `same_sources`.

    Returns
    -------
    DataFrame
        Index `department`: those of `ranked_twice`. Columns `group`, `before`, `after` (ranks), `change` (after less
        before; below 0 is a rise) and `PARTS`, each a `Fraction`; they add up to `change`.

    Raises
    ------
    ReconciliationError
        If nothing or everything changed does not give the ranks of the scorecards.
    """
    years = (earlier, later)
    # Year of the scores → year of the rules → the keys that rank, the lower first.
    chains = [[_chain(scores, rules.rules) for rules in years] for scores in years]
    rulings = [pd.Series(year.evidence.rulings.tie, index=year.evidence.departments) for year in years]
    departments = ranked_twice(earlier, later)
    ranks = {changed: pd.Series(0, index=departments) for changed in product((0, 1), repeat=len(PARTS))}
    for code in departments:
        group = later.scorecard.loc[code, "group"]
        for (own, rules, others), found in ranks.items():
            rivals = _rivals(years[others], str(group), code)
            codes = years[others].evidence.departments[rivals]
            at = years[own].evidence.departments.get_loc(code)
            keys = np.c_[chains[own][rules][:, at], chains[others][rules][:, rivals]]
            ruled = rulings[rules].reindex([code, *codes], fill_value=0).to_numpy()
            found[code] = shared_ranks(np.vstack([keys, ruled]), np.zeros(keys.shape[1], dtype=np.intp))[0]
    nothing, everything = ranks[0, 0, 0], ranks[1, 1, 1]
    gate.hold_ranks(earlier, nothing, "years")
    gate.hold_ranks(later, everything, "years")
    table = pd.DataFrame(
        {
            "group": later.scorecard.loc[departments, "group"],
            "before": nothing,
            "after": everything,
            "change": everything - nothing,
        }
    )
    parts = [shapley({changed: int(found[code]) for changed, found in ranks.items()}) for code in departments]
    for number, part in enumerate(PARTS):
        table[part] = pd.Series([own[number] for own in parts], index=departments, dtype=object)
    return table.rename_axis("department")


def shapley(values: Mapping[tuple[int, ...], int]) -> tuple[Fraction, ...]:
    """Split a change among what changed: the mean over all orders of what each changes in its turn.

    Parameters
    ----------
    values : mapping
        Value by what has changed: a 0 or 1 for each part.

    Examples
    --------
    >>> [str(part) for part in shapley({(0, 0): 5, (1, 0): 3, (0, 1): 5, (1, 1): 2})]
    ['-5/2', '-1/2']
    """
    count = len(next(iter(values)))
    orders = list(permutations(range(count)))
    parts = [Fraction(0)] * count
    for order in orders:
        changed = [0] * count
        for part in order:
            before = values[tuple(changed)]
            changed[part] = 1
            parts[part] += Fraction(values[tuple(changed)] - before, len(orders))
    return tuple(parts)


def _chain(year: Appraisal, rules: Rulebook) -> Floats:
    """Keys of one year's departments under weights, rounding and chain of a rulebook, ``(K, D)``."""
    sections = {"rounding": rules.rounding.model_dump(), "ties": rules.ties.model_dump()}
    under = year.rules.replace({"weights": dict(rules.weights), **sections})
    return np.vstack(ranking_keys(score(year.evidence, under), year.evidence, under)[0])


def _rivals(year: Appraisal, group: str, code: str) -> NDArray[np.intp]:
    own = (year.evidence.group == list(year.rules.groups).index(group)) & (year.evidence.departments != code)
    return np.flatnonzero(own)


def rank_stability(earlier: Appraisal, later: Appraisal) -> pd.DataFrame:
    """Say how alike the ranks of both years are, in each group, among the departments that are ranked in both.

    Returns
    -------
    DataFrame
        Index `group`; columns `departments`, `kendall` (tau-b), `spearman`, missing under three departments, and
        `moved` (median of the ranks that a department moved, up or down).
    """
    both = ranked_twice(earlier, later)
    ranks = pd.DataFrame({"group": later.scorecard.loc[both, "group"]})
    ranks["before"] = earlier.scorecard.loc[both, "rank"].astype(int)
    ranks["after"] = later.scorecard.loc[both, "rank"].astype(int)
    rows = {}
    for group in later.rules.groups:
        own = ranks[ranks["group"] == group]
        enough = len(own) >= 3
        rows[group] = {
            "departments": len(own),
            "kendall": float(kendalltau(own["before"], own["after"]).statistic) if enough else np.nan,
            "spearman": float(spearmanr(own["before"], own["after"]).statistic) if enough else np.nan,
            "moved": float((own["after"] - own["before"]).abs().median()) if len(own) else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def panel_severity(years: Iterable[Appraisal]) -> pd.DataFrame:
    """Say where in the bands each panel scored, year by year: low is severe.

    A band's height is the panel's own decision and not compared; the place inside the band is what the ballots decide.

    Parameters
    ----------
    years : iterable of Appraisal
        A panel smaller than `Settings` says is left out.

    Returns
    -------
    DataFrame
        Columns `year`, `group`, `jurors`, `place` (mean, 0 the lower end of the band and 1 the upper), `spread`
        (standard deviation of the jurors' severities, in widths of the band).
    """
    rows = [
        (
            year.rules.year,
            panel.group,
            len(panel.ballots),
            float(np.nanmean(panel.place)),
            float(panel.severity.std(ddof=1)),
        )
        for year in years
        for panel in panels(year, Settings())
    ]
    return pd.DataFrame(rows, columns=["year", "group", "jurors", "place", "spread"])


def change_outliers(earlier: Appraisal, later: Appraisal) -> pd.DataFrame:
    """Find the departments whose standing in the group changed by more than the others' did.

    Standing is the composite in standard deviations of its group, which other weights do not shift; outliers are
    Rosner's (1983) at the level 5 %, at most one department in `STANDING_OUT` of a group.

    Returns
    -------
    DataFrame
        Index `department`, those of `ranked_twice`; columns `group`, `before`, `after`, `change` (in standard
        deviations), `stands_out`. A group of fewer than `LEAST` departments has none that stands out.
    """
    both = ranked_twice(earlier, later)
    table = pd.DataFrame({"group": later.scorecard.loc[both, "group"]}, index=both)
    table["before"], table["after"] = _standing(earlier).loc[both], _standing(later).loc[both]
    table["change"] = table["after"] - table["before"]
    table["stands_out"] = False
    for _group, own in table.groupby("group"):
        if len(own) >= LEAST:
            found = generalised_esd(own["change"].to_numpy(), max(len(own) // STANDING_OUT, 1), 0.05)
            table.loc[own.index[found], "stands_out"] = True
    return table


def _standing(year: Appraisal) -> pd.Series:
    ranked = year.scorecard.dropna(subset="rank")
    by_group = ranked.groupby("group")["composite"]
    spread = by_group.transform("std", ddof=0)
    return ((ranked["composite"] - by_group.transform("mean")) / spread.where(spread > 0)).fillna(0.0)


def tokens_seen_twice(earlier: Appraisal, later: Appraisal) -> int:
    """Count the ballot tokens that stand in both years; a token is drawn for one ballot of one year."""

    def tokens(year: Appraisal) -> set[str]:
        tables = [table for name in BALLOTS if (table := getattr(year.year, name)) is not None]
        return {token for table in tables for token in table["ballot"].unique()}

    return len(tokens(earlier) & tokens(later))
