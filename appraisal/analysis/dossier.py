"""One department against its group: points, ballots as quartiles, self-assessment, deductions, answers, lines.

For exploring: what stands here of ballots is never less than a quartile of a panel, never a single score.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.answers import answer_counts
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.small_counts import merged_counts
from appraisal.scoring.appraise import Appraisal, every_ballot_once, item_scores

QUARTILES = (0.25, 0.5, 0.75)
# With fewer ballots a quartile is as good as a ballot.
LEAST_BALLOTS = 5


def group_quartiles(appraised: Appraisal, group: str) -> pd.DataFrame:
    """Quartiles of each component over the departments of a group that are in competition.

    Returns
    -------
    DataFrame
        Index: `QUARTILES`; a column a component, the parts of `functional` and the composite too, in points.
    """
    scorecard = appraised.scorecard
    members = scorecard[(scorecard["group"] == group) & scorecard["rank"].notna()]
    return members[["functional_panel", "leaders", *appraised.rules.components, "composite"]].quantile(QUARTILES)


def component_standing(appraised: Appraisal, department: str, quartiles: pd.DataFrame | None = None) -> pd.DataFrame:
    """Set the points of each component against those of the group.

    Parameters
    ----------
    appraised : Appraisal
    department : str
        In competition.
    quartiles : DataFrame, optional
        The `group_quartiles` of its group, where many departments of it are asked for.

    Returns
    -------
    DataFrame
        Index `component`, the parts of `functional` and the composite too; `full` marks, `points`, `rank` in the group
        by it alone (ties share the better rank), `quartile_1`, `median`, `quartile_3` of the group, in points.
    """
    scorecard, rules = appraised.scorecard, appraised.rules
    group = scorecard["group"] == scorecard.loc[department, "group"]
    members = scorecard[group & scorecard["rank"].notna()]
    quartiles = group_quartiles(appraised, members["group"].iloc[0]) if quartiles is None else quartiles
    rows = []
    for name in quartiles:
        marks = 100.0 if name == "composite" else float(rules.full_marks[name])
        points = members[name].to_numpy()
        own = points[members.index.get_loc(department)]
        rows.append((name, marks, own, int((points > own).sum()) + 1, *quartiles[name]))
    columns = ["component", "full", "points", "rank", "quartile_1", "median", "quartile_3"]
    return pd.DataFrame(rows, columns=columns).set_index("component")


def item_spread(appraised: Appraisal, department: str) -> pd.DataFrame:
    """Set the ballots of each item, as quartiles, against its band and the department's own score.

    Returns
    -------
    DataFrame
        Index `item`; `full` marks, `low` and `high` of the band, `self_score` (missing where it gave none), `ballots`,
        `verified` (what the panel's scores come to), `quartile_1`, `median`, `quartile_3` (missing under
        `LEAST_BALLOTS` ballots), in points of the item.
    """
    year, rules, evidence = appraised.year, appraised.rules, appraised.evidence
    at, once = evidence.departments.get_loc(department), every_ballot_once(evidence).panel
    verified = [
        item_scores(evidence.panel[:, [at], [n], None], rules, once).item() for n in range(len(rules.item_marks))
    ]
    own = year.self_assessments[year.self_assessments["department"] == department].set_index("item")["score"]
    band = year.bands[year.bands["department"] == department].set_index("item")["band"]
    rows = []
    for number, (item, marks) in enumerate(rules.item_marks.items()):
        scores = evidence.panel[:, at, number]
        scores = scores[~np.isnan(scores)]
        enough = len(scores) >= LEAST_BALLOTS
        quartiles = np.quantile(scores, QUARTILES) if enough else [np.nan] * 3
        low, high = map(float, rules.band_range(item, band[item]))
        rows.append((item, float(marks), low, high, own.get(item, np.nan), len(scores), verified[number], *quartiles))
    columns = ["item", "full", "low", "high", "self_score", "ballots", "verified", "quartile_1", "median", "quartile_3"]
    return pd.DataFrame(rows, columns=columns).set_index("item")


def own_deductions(appraised: Appraisal, department: str) -> pd.DataFrame:
    """Rows of the table of deductions, by date: `date`, `source`, `points`, `verified`, `incident`, `note`."""
    rows = appraised.year.deductions
    columns = ["date", "source", "points", "verified", "incident", "note"]
    return rows.loc[rows["department"] == department, columns].sort_values("date", kind="stable", ignore_index=True)


def answer_shares(appraised: Appraisal, department: str, counted: pd.DataFrame | None = None) -> pd.DataFrame:
    """Share of each social answer, of the department and of its group; answers of few forms are put together.

    Parameters
    ----------
    appraised : Appraisal
    department : str
    counted : DataFrame, optional
        The `answer_counts` of the year, where many departments are asked for.

    Returns
    -------
    DataFrame
        Index `answers` (tuple of ratings, the best first, then those that count for nothing), columns `department` and
        `group`, shares of 1 of all answers.
    """
    scorecard = appraised.scorecard
    counted = answer_counts(appraised.year) if counted is None else counted
    group = scorecard.index[scorecard["group"] == scorecard.loc[department, "group"]]
    counts = {"department": counted.loc[department].to_numpy(), "group": counted.loc[group].to_numpy().sum(axis=0)}
    together = [positions for positions, _count in merged_counts(counts["department"].tolist())]
    shares = {
        name: [own[list(positions)].sum() / max(own.sum(), 1) for positions in together] for name, own in counts.items()
    }
    index = pd.Index(
        [tuple(counted.columns[at] for at in positions) for positions in together], name="answers", tupleize_cols=False
    )
    return pd.DataFrame(shares, index=index)


def line_margins(appraised: Appraisal, department: str, lines: pd.DataFrame | None = None) -> pd.DataFrame:
    """How far the department stands from each line of its group.

    Parameters
    ----------
    appraised : Appraisal
    department : str
    lines : DataFrame, optional
        The `cutoff_lines` of the year, where many departments are asked for.

    Returns
    -------
    DataFrame
        Index `tier` (whose window ends at the line); `above` and `below` (places), `opposite` (the department just
        beyond the line, seen from this one), `margin` in points of the composite, below 0 if it stands under the line.
    """
    place, composite = appraised.scorecard["rank"], appraised.scorecard["composite"]
    lines = cutoff_lines(appraised) if lines is None else lines
    rows = []
    for line in lines[lines["group"] == appraised.scorecard.loc[department, "group"]].itertuples():
        stands_above = place[department] <= place[line.upper] or department == line.upper
        other = line.lower if stands_above else line.upper
        rows.append((line.tier, line.above, line.below, other, composite[department] - composite[other]))
    columns = ["tier", "above", "below", "opposite", "margin"]
    return pd.DataFrame(rows, columns=columns).astype({"margin": float}).set_index("tier")
