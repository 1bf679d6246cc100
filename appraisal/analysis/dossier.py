"""Each department against its group: points, ballots as quartiles, self-assessment, deductions, answers, lines.

What stands here of ballots is never less than a quartile of a panel, never a single score. All departments stand in one
table; ``.loc`` gives one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.answers import answer_counts
from appraisal.analysis.bands import band_limits
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.small_counts import merged_counts
from appraisal.scoring.appraise import Appraisal, every_ballot_once, item_scores

QUARTILES = {"quartile_1": 0.25, "median": 0.5, "quartile_3": 0.75}
# With fewer ballots a quartile is as good as a ballot.
LEAST_BALLOTS = 5


def component_standing(appraised: Appraisal) -> pd.DataFrame:
    """Set the points of each component of a department against those of its group.

    Returns
    -------
    DataFrame
        Index `department` (those in competition) and `component`, the parts of `functional` and the composite too;
        `full` marks, `points`, `rank` in the group by it alone (ties share the better rank), `quartile_1`, `median`,
        `quartile_3` of the group's departments in competition, in points.
    """
    scorecard, rules = appraised.scorecard, appraised.rules
    names = ["functional_panel", "leaders", *rules.components, "composite"]
    full = [100.0 if name == "composite" else float(rules.full_marks[name]) for name in names]
    groups = []
    for _group, members in scorecard[scorecard["rank"].notna()].groupby("group", sort=False):
        points = members[names]
        index = pd.MultiIndex.from_product([members.index, names], names=["department", "component"])
        places = points.rank(method="min", ascending=False).astype(int)
        quartiles = points.quantile(list(QUARTILES.values())).to_numpy()
        columns = {
            "full": np.tile(full, len(members)),
            "points": points.to_numpy().ravel(),
            "rank": places.to_numpy().ravel(),
            **{name: np.tile(own, len(members)) for name, own in zip(QUARTILES, quartiles, strict=True)},
        }
        groups.append(pd.DataFrame(columns, index=index))
    return pd.concat(groups)


def item_spread(appraised: Appraisal) -> pd.DataFrame:
    """Set the ballots of each item of a department, as quartiles, against its band and the department's own score.

    Returns
    -------
    DataFrame
        Index `department` and `item`; `full` marks, `low` and `high` of the band, `self_score` (missing where it gave
        none), `ballots`, `verified` (what the panel's scores come to), `quartile_1`, `median`, `quartile_3` (missing
        under `LEAST_BALLOTS` ballots), in points of the item.
    """
    year, rules, evidence = appraised.year, appraised.rules, appraised.evidence
    index = pd.MultiIndex.from_product([evidence.departments, rules.item_marks], names=["department", "item"])
    own = year.self_assessments.set_index(["department", "item"])["score"].reindex(index)
    low, high = band_limits(appraised)
    ballots = (~np.isnan(evidence.panel)).sum(axis=0)
    ordered = np.sort(evidence.panel, axis=0)  # what is not scored comes last
    quartiles = np.full((len(QUARTILES), *ballots.shape), np.nan)
    for count in np.unique(ballots[ballots >= LEAST_BALLOTS]):
        scored = ballots == count
        quartiles[:, scored] = np.quantile(ordered[:count, scored], list(QUARTILES.values()), axis=0)
    verified = item_scores(evidence.panel, rules, every_ballot_once(evidence).panel)
    return pd.DataFrame(
        {
            "full": np.tile([float(marks) for marks in rules.item_marks.values()], len(evidence.departments)),
            "low": low.ravel(),
            "high": high.ravel(),
            "self_score": own.to_numpy(dtype=float),
            "ballots": ballots.ravel(),
            "verified": verified.ravel(),
            **dict(zip(QUARTILES, quartiles.reshape(len(QUARTILES), -1), strict=True)),
        },
        index=index,
    )


def own_deductions(appraised: Appraisal) -> pd.DataFrame:
    """Rows of the table of deductions, by date.

    Returns
    -------
    DataFrame
        Index `department`; `date`, `source`, `points`, `verified`, `incident`, `note`.
    """
    columns = ["date", "source", "points", "verified", "incident", "note"]
    return appraised.year.deductions.sort_values("date", kind="stable").set_index("department")[columns]


def answer_shares(appraised: Appraisal) -> pd.DataFrame:
    """Share of each social answer, of a department and of its group; answers of few forms are put together.

    Returns
    -------
    DataFrame
        Index `department`; a row for `answers` (tuple of ratings, the best first, then those that count for nothing)
        with `own` and `group`, shares of 1 of all answers.
    """
    groups = appraised.scorecard["group"]
    counted = answer_counts(appraised.year).reindex(groups.index)
    whole = counted.groupby(groups).transform("sum").to_numpy()
    rows = []
    for code, own, others in zip(counted.index, counted.to_numpy(), whole, strict=True):
        for positions, count in merged_counts(own.tolist()):
            together = list(positions)
            answers = tuple(counted.columns[together])
            rows.append((code, answers, count / max(own.sum(), 1), others[together].sum() / max(others.sum(), 1)))
    return pd.DataFrame(rows, columns=["department", "answers", "own", "group"]).set_index("department")


def line_margins(appraised: Appraisal) -> pd.DataFrame:
    """How far each department in competition stands from each line of its group.

    Returns
    -------
    DataFrame
        Index `department` and `tier` (whose window ends at the line); `above` and `below` (places), `opposite` (the
        department just beyond the line, seen from this one), `margin` in points of the composite, below 0 if it stands
        under the line.
    """
    lines, scorecard = cutoff_lines(appraised), appraised.scorecard
    place, composite = scorecard["rank"].astype(float), scorecard["composite"]
    groups = []
    for group, members in scorecard[scorecard["rank"].notna()].groupby("group", sort=False):
        own = lines[lines["group"] == group]
        above = place[members.index].to_numpy()[:, None] <= place[own["upper"]].to_numpy()
        opposite = np.where(above, own["lower"], own["upper"])
        beyond = composite[opposite.ravel()].to_numpy().reshape(opposite.shape)
        columns = {
            **{name: np.tile(own[name], len(members)) for name in ("above", "below")},
            "opposite": opposite.ravel(),
            "margin": (members["composite"].to_numpy()[:, None] - beyond).ravel(),
        }
        index = pd.MultiIndex.from_product([members.index, own["tier"]], names=["department", "tier"])
        groups.append(pd.DataFrame(columns, index=index))
    return pd.concat(groups)
