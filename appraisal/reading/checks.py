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
from appraisal.reading.sheets import WITHHELD, first_of, repeated
from appraisal.reading.vocabulary import shown, tidy
from appraisal.rulebook import FILE, Rulebook
from appraisal.words import fold

# Combinations of values that are counted in a table of their own rather than looked up one by one.
TABLE_SIZE = 4_000_000


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
    problems = [problem for table in tables.values() for problem in first_of(list(_duplicates(table)))]
    problems += _tokens(year)
    if "deductions" in year:
        problems += _incidents(year["deductions"])
    # Where no code of a department could be read, that is said, and nothing more can be asked.
    if "departments" not in year or not year.departments:
        return problems
    problems += _names(year["departments"])
    problems += _outside_competition(year)
    for name in ("self_assessments", "panel_ballots"):
        if name in year:
            problems += _limits(year, name, banded=name == "panel_ballots")
    if "panel_ballots" in year:
        problems += _two_groups(year, year["panel_ballots"])
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


def _duplicates(table: Table) -> Iterator[Problem]:
    found = table.found
    key = found.contract.key or tuple(table.cells)
    combined, size = _combined(table, key)
    # A refused cell is blank here, and would make rows equal that are not.
    asked = ~np.logical_or.reduce([table[name].refused for name in key])
    codes = combined if asked.all() else combined[asked]
    if size <= max(TABLE_SIZE, 4 * len(codes)):
        there = np.zeros(size, dtype=bool)
        there[codes] = True
        if np.count_nonzero(there) == len(codes):
            return
    again = np.flatnonzero(asked)[pd.Series(codes).duplicated().to_numpy()]
    repeats = np.isin(combined, combined[again])
    first = pd.Series(found.rows[repeats], index=combined[repeats]).groupby(level=0).first()
    columns = ", ".join(found.columns[name].head for name in key)
    code = "row.twice" if found.contract.key else "row.same"
    # All at once: a table pasted into itself has as many as rows.
    for row, earlier in zip(found.rows[again].tolist(), first.loc[combined[again]].tolist(), strict=True):
        yield Problem(code, found.place, row, values={"row": earlier, "columns": columns})


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
    # Floats keep the order of decimals; only where they reach a limit do the decimals decide.
    near = np.flatnonzero((cell >= 0) & ((value <= low.ravel()[limit]) | (value >= high.ravel()[limit])))
    shape = (len(score.values), *low.shape)
    places, cases = pd.factorize(np.ravel_multi_index((score.codes[near], item[near], band[near]), shape))
    for number, case in enumerate(np.transpose(np.unravel_index(cases, shape))):
        said, in_item, in_band = score.values[case[0]], int(case[1]), int(case[2])
        lowest, highest = limits[in_item][in_band]
        if not lowest <= said <= highest:
            told = WITHHELD if CONTRACTS[name].secret else f"{said:f}"
            values = {"said": told, "item": year.items[in_item], "low": f"{lowest:f}", "high": f"{highest:f}"}
            values |= {"band": codes[in_band]} if in_band < len(codes) else {}
            yield from repeated(
                "cell.outside_band" if in_band < len(codes) else "cell.outside_marks",
                table.found.place,
                table.found.rows,
                near[places == number],
                table.found.columns["score"],
                values,
            )


def _two_groups(year: Tables, table: Table) -> Iterator[Problem]:
    """One panel ballot is one juror's scores for one group."""
    ballot, department = table["ballot"].codes, table["department"].codes
    group = np.append(year.group, -1)[department]
    those = np.flatnonzero((ballot >= 0) & (group >= 0))
    groups = tuple(year.rules.groups)
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
            yield from repeated("ballot.juror", table.found.place, table.found.rows, first, column, {})


def _incidents(deductions: Table) -> Iterator[Problem]:
    """The rows of one incident are one department's."""
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
                    "other": deductions["department"].values[department[other]],
                },
            )
