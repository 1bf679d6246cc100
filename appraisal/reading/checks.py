"""Rules between cells, rows and tables: what no text can be asked by itself.

They work on the places of values (`cells.Cells.codes`), row by row only where something is wrong. A rule whose tables
are missing or unusable is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.columns import Table
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.coverage import Tables, missing
from appraisal.reading.sheets import WITHHELD, Remark, first_of_each, in_rows
from appraisal.reading.vocabulary import shown, tidy
from appraisal.rulebook import FILE, Rulebook
from appraisal.words import fold

# Combinations of values that are counted in a table of their own rather than looked up one by one.
TABLE_SIZE = 4_000_000
# Tables whose days lie in the year itself.
OF_THE_YEAR = ("deductions", "inspections", "problems")


def check(tables: Mapping[str, Table], rules: Rulebook) -> list[Problem]:
    """Ask all rules between rows and tables.

    Parameters
    ----------
    tables : mapping of str to Table
        Those that could be read.
    rules : Rulebook

    Returns
    -------
    list of Problem
        What is wrong, and remarks on what is missing.
    """
    year = Tables(tables, rules)
    problems = [problem for table in tables.values() for problem in _duplicates(table)]
    problems += _tokens(year)
    # Where no code of a department could be read, that is said, and nothing more can be asked.
    if "departments" not in year or not year.departments:
        return problems
    problems += first_of_each(_names(year["departments"]))
    problems += _days_of_other_years(year)
    if "deductions" in year:
        problems += first_of_each(_incidents(year))
    problems += _outside_competition(year)
    for name in ("self_assessments", "panel_ballots"):
        if name in year:
            problems += _limits(year, name, banded=name == "panel_ballots")
    if "panel_ballots" in year:
        problems += first_of_each(_two_groups(year, year["panel_ballots"]))
    return problems + missing(year)


def _combined(table: Table, columns: tuple[str, ...]) -> tuple[NDArray[np.int64], int]:
    """One number for the values of several columns of each row, and how many numbers there may be."""
    combined, size = np.zeros(len(table.found.rows), dtype=np.int64), 1
    for name in columns:
        values = len(table[name].values) + 1
        if size * values > np.iinfo(np.int64).max:
            combined, those = pd.factorize(combined)
            size = len(those)
        combined *= values
        combined += table[name].codes
        combined += 1
        size *= values
    return combined, size


def _duplicates(table: Table) -> list[Problem]:
    found = table.found
    key = found.contract.key or tuple(table.cells)
    combined, size = _combined(table, key)
    # A refused cell is blank here, and one that is to be filled in may be: both would make rows equal that are not.
    filled = {column.name for column in found.contract.columns if not column.blank}
    asked = ~np.logical_or.reduce([table[name].refused | (table[name].blank & (name in filled)) for name in key])
    codes = combined if asked.all() else combined[asked]
    if size <= max(TABLE_SIZE, 4 * len(codes)):
        there = np.zeros(size, dtype=bool)
        there[codes] = True
        if np.count_nonzero(there) == len(codes):
            return []
    again = np.flatnonzero(asked)[pd.Series(codes).duplicated().to_numpy()]
    columns = ", ".join(found.columns[name].head for name in key)

    def say(row: int) -> Mapping[str, object]:
        earlier = found.rows[asked & (combined == combined[row])][0]
        return {"row": int(earlier), "columns": columns}

    return in_rows("row.twice" if found.contract.key else "row.same", found.place, found.rows, again, None, say)


def _names(departments: Table) -> Iterator[Problem]:
    """A name may stand for a code, so it must be one department's."""
    found, code = departments.found, departments["department"]
    owner: dict[str, tuple[str, int]] = {code: (code, 0) for code in code.values}
    for column in ("name", "name_hans", "name_en"):
        if column not in departments.cells:
            continue
        name = departments[column]
        for row in np.flatnonzero((code.codes >= 0) & (name.codes >= 0)):
            mine, said = code.values[code.codes[row]], name.values[name.codes[row]]
            other, where = owner.setdefault(said, (mine, int(found.rows[row])))
            if other != mine:
                values = {"said": shown(said), "other": other, "row": where}
                problem = "department.name_twice" if where else "department.name_is_code"
                yield Problem(problem, found.place, int(found.rows[row]), found.columns[column].head, values)


def _outside_competition(year: Tables) -> Iterator[Problem]:
    for code in year.rules.competition.outside:
        if code not in year.departments:
            yield Problem("department.outside", FILE, key="competition.outside", values={"said": code})


def _limits(year: Tables, name: str, *, banded: bool) -> Iterator[Problem]:
    """Hold scores to their band, else to the item's full marks: as the decimals that were written."""
    table = year[name]
    rules, cell, score = year.rules, year.cells(table), table["score"]
    codes = [*rules.bands] if banded else []
    # After the bands: the limits where there is none, and where it was refused.
    limits = [
        [*(rules.band_range(item, band) for band in codes), *[(Decimal(0), marks)] * 2]
        for item, marks in rules.item_marks.items()
    ]
    low, high = np.moveaxis(np.array(limits, dtype=float), 2, 0)
    band = year.bands[cell] if banded else np.zeros(len(cell), dtype=np.intp)
    item = table["item"].codes
    limit = item * low.shape[1] + band
    value = np.array([*map(float, score.values), np.nan])[score.codes]
    lowest, highest = low.ravel()[limit], high.ravel()[limit]
    outside = (cell >= 0) & ((value < lowest) | (value > highest))
    # Floats keep the order of decimals; only where they reach a limit do the decimals decide.
    reached = np.flatnonzero((cell >= 0) & ((value == lowest) | (value == highest)))
    shape = (len(score.values), *low.shape)
    places, cases = pd.factorize(np.ravel_multi_index((score.codes[reached], item[reached], band[reached]), shape))
    beyond = [
        not limits[i][b][0] <= score.values[s] <= limits[i][b][1]
        for s, i, b in np.transpose(np.unravel_index(cases, shape)).tolist()
    ]
    outside[reached] = np.array(beyond, dtype=bool)[places]

    def say(row: int) -> Mapping[str, object]:
        least, most = limits[item[row]][band[row]]
        told = WITHHELD if CONTRACTS[name].secret else f"{score.values[score.codes[row]]:f}"
        label = rules.label("items", year.items[item[row]])
        values = {"said": told, "item": label, "low": f"{least:f}", "high": f"{most:f}"}
        return values | ({"band": rules.label("bands", codes[band[row]])} if band[row] < len(codes) else {})

    found, column = table.found, table.found.columns["score"]
    for code, those in (("cell.outside_band", band < len(codes)), ("cell.outside_marks", band >= len(codes))):
        yield from in_rows(code, found.place, found.rows, np.flatnonzero(outside & those), column, say)


def _two_groups(year: Tables, table: Table) -> Iterator[Problem]:
    """One panel ballot is one juror's scores for one group."""
    ballot, department = table["ballot"].codes, table["department"].codes
    group = np.append(year.group, -1)[department]
    those = np.flatnonzero((ballot >= 0) & (group >= 0))
    groups = tuple(year.rules.groups.values())
    first = np.full(len(table["ballot"].values), -1)
    first[ballot[those[::-1]]] = group[those[::-1]]
    other = those[group[those] != first[ballot[those]]]
    for row in other[np.sort(np.unique(ballot[other], return_index=True)[1])]:
        values = {"group": groups[group[row]], "first": groups[first[ballot[row]]]}
        yield Problem("ballot.two_groups", table.found.place, int(table.found.rows[row]), values=values)


def _tokens(year: Tables) -> Iterator[Problem]:
    """A token is opaque: a juror's name on a ballot would tell who gave it."""
    if "jurors" not in year:
        return
    roster = {fold(tidy(name)).casefold() for name in year["jurors"]["juror"].values}
    for name, contract in CONTRACTS.items():
        if contract.secret and name in year:
            table = year[name]
            named = np.array([fold(token).casefold() in roster for token in table["ballot"].values] + [False])
            those = np.flatnonzero(named[table["ballot"].codes])
            first = those[np.sort(np.unique(table["ballot"].codes[those], return_index=True)[1])]
            column = table.found.columns["ballot"]
            yield from in_rows("ballot.juror", table.found.place, table.found.rows, first, column, lambda _row: {})


def _days_of_other_years(year: Tables) -> Iterator[Problem]:
    """What happened in the year bears one of its days; in January a hand writes the new year, or still the old one."""
    for name in OF_THE_YEAR:
        if name not in year:
            continue
        table = year[name]
        other = np.array([day.year != year.rules.year for day in table["date"].values] + [False])
        if (those := np.flatnonzero(other[table["date"].codes])).size:
            said = {"count": len(those), "year": year.rules.year}
            row = int(table.found.rows[those[0]])
            yield Remark("cell.other_year", table.found.place, row, table.found.columns["date"].head, said)


def _incidents(year: Tables) -> Iterator[Problem]:
    """The rows of one incident are one department's."""
    deductions = year["deductions"]
    incident, department = deductions["incident"], deductions["department"].codes
    first: dict[int, int] = {}
    for row in np.flatnonzero((incident.codes >= 0) & (department >= 0)):
        other = first.setdefault(int(incident.codes[row]), int(row))
        if department[row] != department[other]:
            yield Problem(
                "row.incident",
                deductions.found.place,
                int(deductions.found.rows[row]),
                deductions.found.columns["incident"].head,
                {
                    "said": shown(incident.values[incident.codes[row]]),
                    "row": int(deductions.found.rows[other]),
                    "other": year.names[department[other]],
                },
            )
