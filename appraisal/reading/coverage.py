"""What ought to be there: a band and enough scores for every department and item, ratings for every department.

What the rules cannot do without is a problem; what they can is a warning that says how much is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.columns import Table
from appraisal.reading.contracts import SOCIAL
from appraisal.reading.sheets import Remark, first_of_each
from appraisal.reading.vocabulary import listed
from appraisal.rulebook import FILE, Rulebook

SCORES = ("score", "percent_points")


@dataclass(frozen=True)
class Tables:
    """The tables that could be read, and the axes on which they meet: D departments by I items.

    A cell that was refused counts as there, so that one slip is one message.

    Parameters
    ----------
    tables : mapping of str to Table
    rules : Rulebook
    """

    tables: Mapping[str, Table]
    rules: Rulebook

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    @cached_property
    def departments(self) -> tuple[str, ...]:
        """Codes of the departments."""
        return self["departments"]["department"].values

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the departments, as messages tell them; the code where a name cannot be read."""
        code, name = self["departments"]["department"].codes, self["departments"]["name"]
        names = dict(zip(code.tolist(), name.codes.tolist(), strict=True))
        return tuple(
            name.values[names[place]] if names[place] >= 0 else department
            for place, department in enumerate(self.departments)
        )

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Codes of the items."""
        return tuple(self.rules.item_marks)

    @cached_property
    def group(self) -> NDArray[np.intp]:
        """Place of each department's group, -1 where it is not known; (D,)."""
        group = np.full(len(self.departments), -1)
        code, groups = self["departments"]["department"].codes, self["departments"]["group"].codes
        group[code[code >= 0]] = groups[code >= 0]
        return group

    @cached_property
    def bands(self) -> NDArray[np.intp]:
        """Place of the band of each department and item, one more than the last where there is none; (D × I,).

        Two more than the last where it was refused.
        """
        none = len(self.rules.bands)
        bands = np.full(len(self.departments) * len(self.items), none)
        if "bands" in self:
            cell, band = self.cells(self["bands"]), self["bands"]["band"].codes
            bands[cell[cell >= 0]] = np.where(band >= 0, band, none + 1)[cell >= 0]
        return bands

    def cells(self, table: Table) -> NDArray[np.intp]:
        """Place of each row's department and item among the D × I, -1 where one of them is not known."""
        department, item = table["department"].codes, table["item"].codes
        cells = department * len(self.items)
        cells += item
        cells[(department < 0) | (item < 0)] = -1
        return cells

    def short(self, table: Table, lacking: NDArray[np.intp | np.bool_]) -> NDArray[np.bool_]:
        """Tell which are short of rows, (D, I), once rows with one unreadable key are counted as there.

        Where such rows are as many as what is lacking of the readable key, they are what is lacking.

        Parameters
        ----------
        table : Table
        lacking : (D, I) int or bool array
            Rows that are lacking.
        """
        department, item = table["department"].codes, table["item"].codes
        of_item = _counted(item[department < 0], len(self.items))
        lacking = np.where(lacking.sum(axis=0) > of_item, lacking, 0)
        of_department = _counted(department[item < 0], len(self.departments))
        return (lacking > 0) & (lacking.sum(axis=1) > of_department)[:, None]


def missing(year: Tables) -> list[Problem]:
    """Say what is missing.

    Parameters
    ----------
    year : Tables
        With a table of departments.

    Returns
    -------
    list of Problem
        What is needed and is not there, and remarks on what may be missing.
    """
    problems: list[Problem] = []
    if "bands" in year:
        problems += _bands(year)
    if "self_assessments" in year:
        problems += _self_assessments(year)
    if "panel_ballots" in year:
        problems += _panel(year)
    if "leader_ballots" in year:
        problems += _leaders(year)
    for name in SOCIAL:
        if name in year:
            problems += _social(year, year[name])
    return [*problems, *_response(year)]


def not_scored(table: Table, rules: Rulebook) -> NDArray[np.bool_]:
    """Tell for each row of a table whether it holds no score: blank, where a blank is no answer."""
    none = np.zeros(len(table.found.rows), dtype=bool)
    for column in table.found.contract.columns:
        if column.kind in SCORES or (column.kind == "rating" and "" not in rules.social.left_out):
            none |= table[column.name].blank
    return none


def returned(tables: Mapping[str, Table], rules: Rulebook) -> int | None:
    """Number of forms returned: distinct ballots, also of forms that answer nothing, or what the rulebook says."""
    if "social_ballots" in tables:
        return len(tables["social_ballots"]["ballot"].values)
    return rules.social.returned


def unbanded(year: Tables) -> NDArray[np.bool_]:
    """Tell which items of which departments have no band; (D, I)."""
    return (year.bands == len(year.rules.bands)).reshape(len(year.departments), -1)


def scores(year: Tables, table: Table) -> NDArray[np.intp]:
    """Scores that each item of each department has; (D, I)."""
    counted = _counted(year.cells(table)[~not_scored(table, year.rules)], len(year.bands))
    return counted.reshape(len(year.departments), -1)


def ratings_given(year: Tables, table: Table) -> NDArray[np.intp]:
    """Ratings of each department that are not blank; (D,)."""
    return _counted(table["department"].codes[~not_scored(table, year.rules)], len(year.departments))


def social_ratings(year: Tables, table: Table) -> NDArray[np.intp]:
    """Valid ratings of the social review of each department, or rows with some of them; (D,)."""
    valid = np.array([*(rating in year.rules.social.points for rating in table["rating"].values), False])
    # A rating that was refused may have been a valid one.
    valid = valid[table["rating"].codes] | table["rating"].refused
    if "count" in table.cells:
        none = np.array([*(count == 0 for count in table["count"].values), False])
        valid &= ~none[table["count"].codes]
    return _counted(table["department"].codes[valid], len(year.departments))


def _bands(year: Tables) -> Iterator[Problem]:
    none = year.short(year["bands"], unbanded(year))
    labels = np.array([year.rules.label("items", item) for item in year.items])
    lacking = [
        {"department": year.names[department], "items": listed(labels[none[department]].tolist())}
        for department in np.flatnonzero(none.any(axis=1))
    ]
    yield from first_of_each([Problem("coverage.no_band", year["bands"].found.place, values=said) for said in lacking])


def _self_assessments(year: Tables) -> Iterator[Problem]:
    table = year["self_assessments"]
    scored = scores(year, table) > 0
    yield from _incomplete(year, table, (~scored).sum(axis=1), scored.size)


def _panel(year: Tables) -> Iterator[Problem]:
    table = year["panel_ballots"]
    given = scores(year, table)
    least = year.rules.panel.min_ballots
    few = [
        {
            "department": year.names[department],
            "item": year.rules.label("items", year.items[item]),
            "count": given[department, item],
            "least": least,
        }
        for department, item in np.argwhere(year.short(table, np.maximum(least - given, 0)))
    ]
    yield from first_of_each([Problem("coverage.few_scores", table.found.place, values=said) for said in few])
    # A panel has as many ballots as ever scored one of its departments.
    panels = [_ballots(table, year.group == group) for group in range(len(year.rules.groups))]
    expected = np.array([*panels, 0])[year.group] * len(year.items)
    yield from _incomplete(year, table, expected - given.sum(axis=1), expected.sum())


def _ballots(table: Table, departments: NDArray[np.bool_]) -> int:
    ballot, department = table["ballot"].codes, table["department"].codes
    theirs = np.append(departments, False)[department] & (ballot >= 0)
    return int((_counted(ballot[theirs], len(table["ballot"].values)) > 0).sum())


def _leaders(year: Tables) -> Iterator[Problem]:
    table = year["leader_ballots"]
    ratings = ratings_given(year, table)
    yield from _without(year, table, "coverage.no_leader", ratings)
    ballots = len(table["ballot"].values)
    yield from _incomplete(year, table, ballots - ratings, ballots * len(ratings))


def _social(year: Tables, table: Table) -> Iterator[Problem]:
    ratings = social_ratings(year, table)
    yield from _without(year, table, "coverage.no_rating", ratings)
    if "ballot" in table.cells:
        ballots = len(table["ballot"].values)
        answers = ratings_given(year, table)
        yield from _incomplete(year, table, ballots - answers, ballots * len(answers))


def _response(year: Tables) -> Iterator[Problem]:
    forms, social = returned(year.tables, year.rules), year.rules.social
    if forms is None:
        return
    # Where neither table can be read, it is the rulebook that says how many came back.
    place = next((year[name].found.place for name in SOCIAL if name in year), FILE)
    said = {"returned": forms, "issued": social.issued, "least": f"{social.warn_response:.0%}"}
    if forms < social.warn_response * social.issued:
        yield Remark("coverage.response", place, values=said)
    elif forms > social.issued:
        yield Remark("coverage.returned", place, values=said)


def _without(year: Tables, table: Table, code: str, ratings: NDArray[np.intp]) -> list[Problem]:
    without = np.flatnonzero(ratings == 0)
    # Rows of a department that cannot be read may be theirs.
    if len(without) <= (table["department"].codes < 0).sum():
        return []
    names = [year.names[department] for department in without]
    return first_of_each([Problem(code, table.found.place, values={"department": name}) for name in names])


def _counted(codes: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """How often each place occurs; -1 is no place."""
    return np.bincount(codes[codes >= 0], minlength=size)


def _incomplete(year: Tables, table: Table, lacking: NDArray[np.intp], expected: int) -> Iterator[Problem]:
    """Warn, in one line for a table, how many scores are missing and where the most."""
    count = int(np.maximum(lacking, 0).sum())
    if count:
        order = np.argsort(-lacking, kind="stable")
        those = [f"{year.names[place]} ({lacking[place]})" for place in order[: (lacking > 0).sum()]]
        said = {"count": count, "expected": int(expected), "departments": listed(those)}
        yield Remark("coverage.incomplete", table.found.place, values=said)
