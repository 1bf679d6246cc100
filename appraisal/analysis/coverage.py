"""What came in, of what should have: forms, ballots, inspections, the sample read again, open points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from appraisal.analysis.small_counts import merged_counts
from appraisal.scoring.appraise import Appraisal
from appraisal.tables import Year


def social_response(year: Year) -> dict[str, int | float]:
    """Count the forms of the social review.

    Returns
    -------
    dict
        ``issued``, ``returned``, ``rate`` (returned ÷ issued, a share of 1), ``valid`` and ``left_out`` (ratings).
    """
    social = year.rules.social
    answers, times = year.social_answers, year.social_times
    valid = answers["rating"].isin(social.points)
    returned = year.returned or 0
    return {
        "issued": social.issued,
        "returned": returned,
        "rate": returned / social.issued,
        "valid": int(times[valid].sum()),
        "left_out": int(times[~valid].sum()),
    }


def social_answers(year: Year) -> pd.DataFrame:
    """Share of each valid rating in each group; ratings that few gave in some group are put together.

    Returns
    -------
    DataFrame
        Index `group` in the order of the rulebook, a column a rating (or several, joined by ＋) in the order of its
        points; shares of 1.
    """
    answers, times = year.social_answers, year.social_times
    group = answers["department"].map(year.departments.set_index("department")["group"])
    counts = times.groupby([group, answers["rating"]]).sum().unstack(fill_value=0)
    counts = counts.reindex(index=list(year.rules.groups), columns=year.rules.social.scale, fill_value=0)
    together = [list(positions) for positions, _count in merged_counts(counts.min(axis=0).tolist())]
    shown = {"＋".join(counts.columns[positions]): counts.iloc[:, positions].sum(axis=1) for positions in together}
    return pd.DataFrame(shown).div(counts.sum(axis=1), axis=0).rename_axis(index="group", columns=None)


def panel_coverage(appraised: Appraisal) -> pd.DataFrame:
    """Count the ballots of each panel, and the scores that stand on them.

    Returns
    -------
    DataFrame
        Index `group`; `departments`, `ballots`, `scores`, `expected` (every ballot scores every department and item)
        and `share` (of 1).
    """
    evidence = appraised.evidence
    scored = ~np.isnan(evidence.panel)
    rows = {}
    for position, group in enumerate(appraised.rules.groups):
        own = scored[:, evidence.group == position]
        ballots = int(own.any(axis=(1, 2)).sum())
        expected = ballots * own.shape[1] * own.shape[2]
        rows[group] = (own.shape[1], ballots, int(own.sum()), expected, own.sum() / max(expected, 1))
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["departments", "ballots", "scores", "expected", "share"]
    )
    return frame.rename_axis("group")


def process_counts(year: Year) -> dict[str, int]:
    """Count what the process left on record.

    Returns
    -------
    dict
        ``departments``; ``inspected`` (in every round); ``deductions`` and ``verified`` (rows); ``problems``
        (departments); ``spot_checks`` (items read again) and ``discrepancies``; ``queries`` and ``open_queries``;
        ``appeals``, of them ``upheld``, ``dismissed`` and ``open_appeals``.
    """
    decided = year.appeals["decision"].value_counts()
    visits = year.inspections.drop_duplicates(["department", "round"])
    visits = visits[visits["round"].between(1, year.rules.inspections.rounds)]
    inspected = visits.groupby("department").size().reindex(year.departments["department"], fill_value=0)
    return {
        "departments": len(year.departments),
        "inspected": int((inspected >= year.rules.inspections.rounds).sum()),
        "deductions": len(year.deductions),
        "verified": int(year.deductions["verified"].sum()),
        "problems": year.problems["department"].nunique(),
        "spot_checks": len(year.spot_checks),
        "discrepancies": int((year.spot_checks["result"] == "discrepancy").sum()),
        "queries": len(year.queries),
        "open_queries": int(year.queries["settled"].isna().sum()),
        "appeals": len(year.appeals),
        "upheld": int(decided.get("upheld", 0)),
        "dismissed": int(decided.get("dismissed", 0)),
        "open_appeals": int(decided.get("", 0)),
    }


def how_inspected(process: Mapping[str, int]) -> str:
    """Say whether every department was inspected in every round, some were, or none.

    Parameters
    ----------
    process : mapping
        As `process_counts` gives it.

    Returns
    -------
    {"inspected_all", "inspected", "no_inspected"}

    Examples
    --------
    >>> how_inspected({"departments": 96, "inspected": 96}), how_inspected({"departments": 96, "inspected": 0})
    ('inspected_all', 'no_inspected')
    """
    if process["inspected"] == process["departments"]:
        return "inspected_all"
    return "inspected" if process["inspected"] else "no_inspected"
