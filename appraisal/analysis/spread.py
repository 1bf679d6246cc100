"""How the scores spread: by group, and how much each component really decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.rulebook import Rulebook


def group_summary(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Summarise the composite of each group, departments in competition only.

    Parameters
    ----------
    scorecard : DataFrame
        As `appraise` gives it.

    Returns
    -------
    DataFrame
        Index `group`; columns `count`, `mean`, `deviation` (ddof 1), `low`, `quartile_1`, `median`, `quartile_3` and
        `high`, in points.
    """
    composite = scorecard.loc[scorecard["rank"].notna()].groupby("group", sort=False)["composite"]
    return pd.DataFrame(
        {
            "count": composite.size(),
            "mean": composite.mean(),
            "deviation": composite.std(),
            "low": composite.min(),
            "quartile_1": composite.quantile(0.25),
            "median": composite.median(),
            "quartile_3": composite.quantile(0.75),
            "high": composite.max(),
        }
    )


def component_spread(scorecard: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    """Set the nominal weight of each component against what it does to the ranks.

    A component in which all departments stand close decides less than its weight says. Inside the groups, where ranks
    are made: ``effective`` is the covariance of the component with the composite as a share of the composite's
    variance, so that the shares add up to 1 (the covariance decomposition of composite indicators; OECD/JRC Handbook
    2008, step 7, and Paruolo, Saisana and Saltelli 2013 on nominal against effective weights).

    Parameters
    ----------
    scorecard : DataFrame
        As `appraise` gives it.
    rules : Rulebook

    Returns
    -------
    DataFrame
        Index `component`; `points` (full marks), `nominal` and `effective` (shares of 1), `deviation` (within groups,
        in points), `rank_correlation` (of the ranks inside the groups by the component and by the composite).
    """
    ranked = scorecard[scorecard["rank"].notna()]
    components = list(rules.components)
    values = ranked[[*components, "composite"]]
    within = values - values.groupby(ranked["group"]).transform("mean")
    covariance = within[components].mul(within["composite"], axis=0).sum()
    ranks = values.groupby(ranked["group"]).rank()
    ranks -= ranks.groupby(ranked["group"]).transform("mean")
    freedom = max(len(ranked) - ranked["group"].nunique(), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = ranks[components].mul(ranks["composite"], axis=0).sum() / np.sqrt(
            (ranks[components] ** 2).sum() * (ranks["composite"] ** 2).sum()
        )
        effective = covariance / (within["composite"] ** 2).sum()
    full_marks = pd.Series({component: float(rules.full_marks[component]) for component in components})
    return pd.DataFrame(
        {
            "points": full_marks,
            "nominal": full_marks / full_marks.sum(),
            "effective": effective,
            "deviation": np.sqrt((within[components] ** 2).sum() / freedom),
            "rank_correlation": correlation,
        }
    ).rename_axis("component")
