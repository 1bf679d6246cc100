"""A made-up year that follows another: departments carry on, merge, move, come and go.

`succession.csv` in the year folder lists them; a department made of others carries their codes, joined by ``+``. What
a department is like follows in part from how it stood in the year before, everything else is drawn anew. Rulings are
decisions of people, so none is drawn: `decided.csv`, where there is one, becomes the table of rulings.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from appraisal.analysis.succession import parts_of
from appraisal.errors import FolderError, Problem
from appraisal.office.records import RULING_COLUMNS
from appraisal.office.simulate import SimulatedYear, judged, tables_of
from appraisal.office.world import Floats, Sizes, World, chance
from appraisal.reading.delimited import read_delimited
from appraisal.reading.sheets import Remark
from appraisal.rulebook import Rulebook, count_of
from appraisal.scoring.appraise import Appraisal

SUCCESSION, DECIDED = "succession.csv", "decided.csv"
COLUMNS = ("department", "name", "group", "leading_group", "on_record")
# Correlation of what a department is like with how it stood the year before.
PERSISTENCE = 0.8
# Share of the forms that comes back where the rulebook does not count them.
RETURNED = Decimal("0.9")


def read_columns(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a CSV file that a year is made from, as text.

    Parameters
    ----------
    path : Path
    columns : tuple of str
        Columns that must be there.

    Raises
    ------
    FolderError
        If it is no CSV file as tables are, or a column is missing.
    """
    sheet, problems = read_delimited(path)
    wrong = [problem for problem in problems if not isinstance(problem, Remark)]
    if sheet is None or wrong:
        raise FolderError(wrong)
    read = pd.DataFrame({column.head: np.array(column.texts, dtype=object)[column.codes] for column in sheet.columns})
    if absent := [column for column in columns if column not in read]:
        raise FolderError([Problem("simulate.no_column", path.name, 1, column) for column in absent])
    return read.astype("str")


def succeed_year(
    rules: Rulebook, succession: pd.DataFrame, decided: pd.DataFrame | None, earlier: Appraisal | None
) -> SimulatedYear:
    """Make up a year whose departments follow those of an earlier one.

    Parameters
    ----------
    rules : Rulebook
        With `social.returned` the forms are counted, not kept one by one.
    succession : DataFrame
        Columns of text `COLUMNS`: each department of the year; `on_record`: a problem is on record (yes/no).
    decided : DataFrame, optional
        The rulings, as the table has them.
    earlier : Appraisal, optional
        The year before; without one every department is as drawn.
    """
    place = succession.assign(number=succession["group"].map(list(rules.groups).index))
    departments = place.sort_values("number", kind="stable", ignore_index=True)
    sizes = Sizes(
        departments=tuple(int((succession["group"] == group).sum()) for group in rules.groups),
        forms=rules.social.returned or count_of(RETURNED, rules.social.issued),
    )
    world = World()
    drawn = chance(rules, sizes, world)
    drawn = replace(drawn, quality=_carried_on(drawn.quality, departments["department"], earlier))
    named = departments.assign(leading_group=departments["leading_group"] == "yes")
    on_record = departments.loc[departments["on_record"] == "yes", "department"].tolist()
    columns = ["department", "name", "group", "leading_group"]
    made = tables_of(judged(drawn, rules, world), named[columns], on_record, [], rules, world)
    tables = made.tables
    if decided is not None:
        tables["rulings"] = decided[list(RULING_COLUMNS)]
    if rules.social.returned is not None:
        forms = tables["social_ballots"].melt("ballot", var_name="department", value_name="rating")
        counted = forms.groupby(["department", "rating"], sort=False).size().reset_index(name="count")
        tables = {
            name if name != "social_ballots" else "social_counts": table if name != "social_ballots" else counted
            for name, table in tables.items()
        }
    return SimulatedYear(tables, made.truth)


def _carried_on(quality: Floats, departments: pd.Series, earlier: Appraisal | None) -> Floats:
    """Quality that follows in part from the standing in the year before, of the merged from the mean of their parts."""
    if earlier is None:
        return quality
    ranked = earlier.scorecard.dropna(subset="rank")
    by_group = ranked.groupby("group")["composite"]
    stood = (ranked["composite"] - by_group.transform("mean")) / by_group.transform("std", ddof=0)
    before = np.array(
        [
            stood.reindex([code] if code in stood else parts_of(code)).mean()  # missing where none was there
            for code in departments
        ]
    )
    carried = PERSISTENCE * before + np.sqrt(1 - PERSISTENCE**2) * quality
    return np.where(np.isnan(before), quality, carried)
