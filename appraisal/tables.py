"""A year folder becomes a `Year`: every table read, checked and typed, or every problem said at once.

Why not pandera, which validates frames: it meets values only after they have types, where `007`, `91%`, `９O` and a
date that a spreadsheet made a number are already lost; it knows no near miss; and on the six million rows of a province
its checks alone took three times as long as reading the file (its import 0.7 s of every command). Here each distinct
text is looked at once, so the contract costs less than the reading.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from appraisal.errors import Problem, RulebookError, TableError
from appraisal.reading import checks, coverage
from appraisal.reading.columns import Table
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.frames import frame_of, read_tables
from appraisal.reading.inventory import Inventory, take_inventory
from appraisal.reading.sheets import Remark, first_of_each
from appraisal.rulebook import FILE, Rulebook, read_rulebook


@dataclass(frozen=True)
class Year:
    """The tables of one appraisal year, typed, and the rules that go with them.

    Frames have English columns: codes and words as str (blank is ``""``), yes and no as bool, scores and points as
    float64, counts and rounds as int64, days as datetime64 (blank is NaT). The index is the row of the file, the heads
    being row 1; a row of a wide sheet stands there once for each score. Rows without a score are left out.

    Parameters
    ----------
    folder : Path
    rules : Rulebook
    departments, … : DataFrame
        One for each table of `contracts`; of `social_ballots` and `social_counts` one is None. `appeals` has no row
        if there is no such table.
    returned : int or None
        Forms returned; None where only counts are known and the rulebook does not say.
    places : mapping
        Table to the file, or file and sheet, that it stands in: for messages.
    heads : mapping
        Table to its columns to their heads as the file has them: for messages.
    remarks : tuple of Remark
        What was read as something else, and warnings.
    files : tuple of Path
        All files that were read, the rulebook first.
    """

    folder: Path
    rules: Rulebook
    departments: pd.DataFrame
    self_assessments: pd.DataFrame
    bands: pd.DataFrame
    panel_ballots: pd.DataFrame
    leader_ballots: pd.DataFrame
    social_ballots: pd.DataFrame | None
    social_counts: pd.DataFrame | None
    deductions: pd.DataFrame
    inspections: pd.DataFrame
    problems: pd.DataFrame
    rulings: pd.DataFrame
    jurors: pd.DataFrame
    spot_checks: pd.DataFrame
    queries: pd.DataFrame
    appeals: pd.DataFrame
    returned: int | None
    places: Mapping[str, str]
    heads: Mapping[str, Mapping[str, str]]
    remarks: tuple[Remark, ...]
    files: tuple[Path, ...]

    @property
    def social_answers(self) -> pd.DataFrame:
        """The table of the social review that the year has: forms one by one, or counts."""
        answers = self.social_ballots if self.social_counts is None else self.social_counts
        if answers is None:
            raise LookupError("a year has social_ballots or social_counts")
        return answers

    @property
    def social_times(self) -> pd.Series:
        """Forms behind each row of `social_answers`."""
        answers = self.social_answers
        return answers["count"] if "count" in answers else pd.Series(1, index=answers.index)


@dataclass(frozen=True)
class Survey:
    """What stands in a year folder, whatever is wrong with it.

    `tables` are those that could be read; `problems` are all that is wrong or missing, and remarks, place by place.
    """

    rules: Rulebook
    tables: Mapping[str, Table]
    problems: tuple[Problem, ...]
    files: tuple[Path, ...]


def survey(folder: Path, rules: Rulebook | None = None) -> Survey:
    """Read a year folder and say all about it, without stopping at what is wrong.

    Raises
    ------
    RulebookError
        If the rulebook is not to be used; with what is wrong about the files of the tables, too.
    """
    if rules is None:
        try:
            rules = read_rulebook(folder / FILE)
        except RulebookError as fault:
            # What a cell may say stands in the rulebook; that a file cannot be read does not.
            _inventory, found = take_inventory(folder, fault.lang)
            raise RulebookError((*fault.problems, *_wrong(found)), fault.lang) from None
    inventory, problems = take_inventory(folder, rules.lang)
    tables, those = read_tables(inventory, rules)
    problems += those
    problems += checks.check(tables, rules)
    return Survey(rules, tables, tuple(first_of_each(_in_order(problems))), inventory.files)


def load_year(folder: Path | str, *, rules: Rulebook | None = None) -> Year:
    """Read a year folder.

    Parameters
    ----------
    folder : Path
        Holds `rulebook.toml` and the tables, as CSV or as one `tables.xlsx`.
    rules : Rulebook, optional
        Instead of the folder's own.

    Raises
    ------
    RulebookError
        If the rulebook is not to be used; with what is wrong about the files of the tables, too.
    TableError
        With every problem of all tables.
    """
    folder = Path(folder)
    own = () if rules else (folder / FILE,)
    found = survey(folder, rules)
    rules, tables = found.rules, found.tables
    if wrong := _wrong(found.problems):
        raise TableError(wrong, rules.lang)
    frames = {name: frame_of(tables.get(name), contract, rules) for name, contract in CONTRACTS.items()}
    return Year(
        folder=folder,
        rules=rules,
        **frames,
        returned=coverage.returned(tables, rules),
        places={name: table.found.place for name, table in tables.items()},
        heads={
            name: {column: cells.head for column, cells in table.found.columns.items()}
            for name, table in tables.items()
        },
        remarks=tuple(problem for problem in found.problems if isinstance(problem, Remark)),
        files=(*own, *found.files),
    )


def load_tables(folder: Path, names: Iterable[str]) -> tuple[Rulebook, dict[str, pd.DataFrame]]:
    """Read the rulebook and some tables of a year folder that may lack the others, each as in a `Year`.

    Raises
    ------
    RulebookError
        If the rulebook is not to be used.
    TableError
        With every problem of these tables.
    """
    rules, names = read_rulebook(folder / FILE), tuple(names)
    inventory, problems = take_inventory(folder, rules.lang)
    sheets = {name: inventory.sheets[name] for name in names if name in inventory.sheets}
    own = {f"{name}.csv" for name in names} | {sheet.place for sheet in sheets.values()}
    problems = [problem for problem in problems if problem.file in own]
    tables, those = read_tables(Inventory(sheets), rules)
    problems += those
    problems += [Problem("table.missing", f"{name}.csv") for name in names if name not in sheets and not problems]
    if wrong := _wrong(_in_order(problems)):
        raise TableError(wrong, rules.lang)
    frames = {name: frame_of(tables.get(name), CONTRACTS[name], rules) for name in names}
    return rules, {name: frame for name, frame in frames.items() if frame is not None}


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Put together what is to be mended in one place, in the order of its rows; what no row has comes last."""
    places = {place: number for number, place in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return sorted(problems, key=lambda problem: (places[problem.file], problem.row or sys.maxsize))


def _wrong(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if not isinstance(problem, Remark)]
