"""Coverage and recusal: what the process asks for and the tables do not show. Facts, so nothing here has a p value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.bands import band_decisions
from appraisal.analysis.consequences import ANONYMOUS, NOTHING, Omission
from appraisal.analysis.flags import Family, Settings
from appraisal.scoring.appraise import Appraisal
from appraisal.supervision import draw
from appraisal.tables import Year


def rounds_missing(year: Year) -> pd.DataFrame:
    """Departments that a round of inspection did not visit (notice §二: two rounds, all departments).

    Returns
    -------
    DataFrame
        A row a department and round: `department`, `round`, `flag`.
    """
    codes, rounds = year.departments["department"], range(1, year.rules.inspections.rounds + 1)
    asked = pd.MultiIndex.from_product([codes, rounds], names=["department", "round"])
    visits = pd.MultiIndex.from_frame(year.inspections[["department", "round"]])
    return asked.to_frame(index=False).assign(flag=~asked.isin(visits))


def sample_differs(year: Year) -> pd.DataFrame:
    """Hold what was read again to the recorded draw (a random sample: notice §二), department and item.

    Returns
    -------
    DataFrame
        A row a department drawn or read: `department`, `drawn`, `items` (of it read), `of`, `flag`: drawn and not read
        in full, or read without having been drawn.
    """
    drawn = set(draw(year.rules, year.departments)["department"])
    of = len(year.rules.item_marks)
    read = year.spot_checks.drop_duplicates(["department", "item"])["department"].value_counts()
    codes = [code for code in year.departments["department"] if code in drawn or code in read.index]
    items = read.reindex(codes, fill_value=0).to_numpy()
    inside = np.array([code in drawn for code in codes], dtype=bool)
    return pd.DataFrame(
        {"department": codes, "drawn": inside, "items": items, "of": of, "flag": ~inside | (items < of)}
    )


def open_queries(year: Year) -> pd.DataFrame:
    """Points that were raised with a department and are not settled (notice §二).

    Returns
    -------
    DataFrame
        A row a query: `row` (of the file), `department`, `item`, `flag`.
    """
    rows = year.queries
    return pd.DataFrame(
        {
            "row": rows.index.to_numpy(),
            "department": rows["department"].to_numpy(),
            "item": rows["item"].to_numpy(),
            "flag": rows["settled"].isna().to_numpy(),
        }
    )


def homeless(year: Year) -> pd.DataFrame:
    """Jurors whose home no roster gives: no rule of recusal that asks where they come from can be held to them."""
    return year.jurors[year.jurors["home"] == ""]


def recusal(year: Year, breach: str) -> pd.DataFrame:
    """Hold the rosters to the rules of recusal (notice §二; ``home`` is assumed).

    ``head`` is a head of a leading-group member unit, who does not score; ``home`` a juror of the group that the own
    panel scores; ``outside`` a juror whose home is no member unit of the leading group. A juror whose home is blank is
    no comparison (`homeless`). A roster names jurors and ballots do not: nothing here can be joined to a ballot.

    Parameters
    ----------
    year : Year
    breach : {"head", "home", "outside"}

    Returns
    -------
    DataFrame
        A row a juror with a home: `row` (of the file), `group` (of the panel), `department` (the home), `flag`.
    """
    departments = year.departments.set_index("department")
    jurors = year.jurors[year.jurors["home"] != ""]
    leading = jurors["home"].map(departments["leading_group"]).eq(True).to_numpy()
    match breach:
        case "head":
            flag = jurors["head"].to_numpy(dtype=bool) & leading
        case "home":
            flag = (jurors["home"].map(departments["group"]) == jurors["group"]).to_numpy(dtype=bool)
        case _:
            flag = ~leading
    return pd.DataFrame(
        {
            "row": jurors.index.to_numpy(),
            "group": jurors["group"].to_numpy(),
            "department": jurors["home"].to_numpy(),
            "flag": flag,
        }
    )


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:  # noqa: ARG001  (all tests are called alike)
    """All facts of coverage and recusal.

    What hangs on an open query are the tiers if its band were one step lower. A juror on a roster is no ballot, so
    what hangs on a breach cannot be told.
    """
    year = appraised.year
    queries, sample = open_queries(year), sample_differs(year)
    found: list[Family] = [
        Family("rounds_missing", rounds_missing(year), "fact", values=("round",)),
        Family(
            "sample_differs",
            sample.assign(state=np.where(sample["drawn"], "short", "added")),
            "fact",
            values=("state", "items", "of"),
        ),
        Family(
            "open_queries",
            queries,
            "fact",
            values=("row",),
            omission=lambda at: _band_lower(appraised, *queries.loc[at, ["department", "item"]]),
        ),
    ]
    for breach in ("head", "home", "outside"):
        roster = recusal(year, breach)
        found.append(Family(f"recusal_{breach}", roster, "fact", values=("row",), omission=lambda _at: ANONYMOUS))
    return found


def _band_lower(appraised: Appraisal, department: str, item: str) -> Omission:
    """Points if the band of a department and item were one step lower, every ballot at its place in the band."""
    decisions = band_decisions(appraised)
    at = appraised.evidence.departments.get_indexer([department])[0]
    position = decisions.items.index(item)
    if at < 0 or not decisions.can(-1)[at, position]:
        return NOTHING
    steps = np.zeros(decisions.band.shape, dtype=np.int8)
    steps[at, position] = -1
    return Omission(points=decisions.points_after(appraised, steps))
