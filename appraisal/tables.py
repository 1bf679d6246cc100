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
from typing import Any

import numpy as np
import pandas as pd

from appraisal.errors import Problem, RulebookError, TableError
from appraisal.reading import cells, checks, coverage, rulings
from appraisal.reading.cells import Cells, Reader, read_cells
from appraisal.reading.columns import Table, find_columns
from appraisal.reading.contracts import CONTRACTS, DECISIONS, JUDGING, KINDS, RESULTS, YES_NO, Contract
from appraisal.reading.inventory import Inventory, take_inventory
from appraisal.reading.sheets import Remark, Sheet
from appraisal.reading.vocabulary import Vocabulary
from appraisal.rulebook import FILE, Rulebook, read_rulebook

# Kinds of columns whose texts are looked up in a list of codes.
FIXED = {"yes_no": YES_NO, "kind": KINDS, "result": RESULTS, "decision": DECISIONS}
WHOLE = ("count", "round")
FRACTIONAL = ("score", "percent_points", "points")
# Remarks on these do not repeat the text: there may be as many as rows.
FREE = ("text", "name", "token", "new_code")


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
    remarks: tuple[Remark, ...]
    files: tuple[Path, ...]

    @property
    def social_answers(self) -> pd.DataFrame:
        """The table of the social review that the year has: forms one by one, or counts."""
        answers = self.social_ballots if self.social_counts is None else self.social_counts
        if answers is None:
            raise LookupError("a year has social_ballots or social_counts")
        return answers


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
    tables, those = _read_tables(inventory, rules)
    problems += those
    problems += checks.check(tables, rules)
    return Survey(rules, tables, tuple(_in_order(problems)), inventory.files)


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
    frames = {name: _frame(tables.get(name), contract, rules) for name, contract in CONTRACTS.items()}
    return Year(
        folder=folder,
        rules=rules,
        **frames,
        returned=coverage.returned(tables, rules),
        places={name: table.found.place for name, table in tables.items()},
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
    tables, those = _read_tables(Inventory(sheets, inventory.files), rules)
    problems += those
    problems += [Problem("table.missing", f"{name}.csv") for name in names if name not in sheets and not problems]
    if wrong := _wrong(_in_order(problems)):
        raise TableError(wrong, rules.lang)
    frames = {name: _frame(tables.get(name), CONTRACTS[name], rules) for name in names}
    return rules, {name: frame for name, frame in frames.items() if frame is not None}


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Put together what is to be mended in one place, in the order of its rows; what no row has comes last."""
    places = {place: number for number, place in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return sorted(problems, key=lambda problem: (places[problem.file], problem.row or sys.maxsize))


def _wrong(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if not isinstance(problem, Remark)]


def _read_tables(inventory: Inventory, rules: Rulebook) -> tuple[dict[str, Table], list[Problem]]:
    vocabularies = _vocabularies(rules)
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for name, contract in CONTRACTS.items():
        if name in inventory.sheets:
            table, those = _read_table(inventory.sheets[name], contract, vocabularies, rules)
            problems += those
            if table is not None:
                tables[name] = table
        if name == "departments" and name in tables:
            vocabularies["department"] = _department_words(tables[name])
    return tables, problems


def _vocabularies(rules: Rulebook) -> dict[str, Vocabulary]:
    """What the cells of each kind may say: codes, and their labels in every language of the rulebook."""

    def labelled(kind: str, codes: Iterable[str]) -> Vocabulary:
        codes = tuple(codes)
        langs = (rules.lang, *rules.translations)
        return Vocabulary(
            codes, {code: dict.fromkeys(rules.label(kind, code, lang) for lang in langs) for code in codes}
        )

    fixed = {kind: Vocabulary(words, words) for kind, words in FIXED.items()}
    return fixed | {
        "group": labelled("groups", rules.groups),
        "item": labelled("items", rules.item_marks),
        "common_item": labelled("items", rules.items["common"]),
        "band": labelled("bands", rules.bands),
        "source": labelled("sources", rules.deductions.sources),
        "rating": labelled("ratings", (*rules.social.points, *rules.social.left_out)),
    }


def _department_words(departments: Table) -> Vocabulary:
    """Codes of the departments, and the exact names that may stand for them."""
    code = departments["department"]
    words: dict[str, list[str]] = {value: [] for value in code.values}
    for column in ("name", "name_hans", "name_en"):
        if column in departments.cells:
            name = departments[column]
            for row in np.flatnonzero((code.codes >= 0) & (name.codes >= 0)):
                words[code.values[code.codes[row]]].append(name.values[name.codes[row]])
    return Vocabulary(words, words, script=False)


def _read_table(
    sheet: Sheet, contract: Contract, vocabularies: Mapping[str, Vocabulary], rules: Rulebook
) -> tuple[Table | None, list[Problem]]:
    across = vocabularies.get(contract.wide[0]) if contract.wide else None
    found, problems = find_columns(sheet, contract, across)
    if found is None:
        return None, problems
    if contract.needed == "rows" and not len(found.rows):
        return None, [*problems, Problem("table.no_rows", found.place)]
    read: dict[str, Cells] = {}
    for column in contract.columns:
        if column.name not in found.columns or column.kind == "value":
            continue
        vocabulary = vocabularies.get(column.kind)
        read[column.name], those = read_cells(
            found.columns[column.name],
            _reader(column.kind, vocabulary, sheet, rules),
            place=found.place,
            rows=found.rows,
            blank=column.blank,
            secret=contract.secret or column.kind in FREE,
            judged=contract.secret and column.kind in JUDGING,
            vocabulary=vocabulary,
        )
        problems += those
    if contract.name == "rulings":
        read["value"], those = rulings.read_values(found, read["kind"])
        problems += those
    return Table(found, read), problems


def _reader(kind: str, vocabulary: Vocabulary | None, sheet: Sheet, rules: Rulebook) -> Reader:
    if vocabulary is not None:
        return cells.word(vocabulary, "cell.unknown_department" if kind == "department" else "cell.unknown")
    match kind:
        case "score":
            return cells.number()
        case "percent_points":
            return cells.number(high=100)
        case "points":
            return cells.number(above=True)
        case "count":
            return cells.number(whole=True)
        case "round":
            return cells.number(1, rules.inspections.rounds, whole=True)
        case "date":
            return cells.day(sheet.epoch)
        # Without a table of departments nobody knows their codes: one problem, not one for each row.
        case "token" | "new_code" | "department" | "incident":
            return cells.token
        case _:
            return cells.text


def _frame(table: Table | None, contract: Contract, rules: Rulebook) -> pd.DataFrame | None:
    if table is None:
        return None if contract.needed == "rows" else _no_rows(contract)
    columns = [column for column in contract.columns if column.name in table.cells]
    kept = ~coverage.not_scored(table, rules)
    values = {column.name: _typed(table[column.name], column.kind) for column in columns}
    frame = pd.DataFrame(values, index=pd.Index(table.found.rows, name="row"), copy=False)
    return frame if kept.all() else frame[kept]


def _no_rows(contract: Contract) -> pd.DataFrame:
    nothing = np.array([], dtype=np.intp)
    empty = Cells(nothing, (), nothing.astype(bool), nothing.astype(bool))
    values = {column.name: _typed(empty, column.kind) for column in contract.columns}
    return pd.DataFrame(values, index=pd.Index([], dtype=np.int64, name="row"))


def _typed(read: Cells, kind: str) -> Any:
    """The values of a column, each distinct one converted once; a last one stands for a blank cell."""
    values: Any
    if kind in FRACTIONAL:
        values = np.array([*map(float, read.values), np.nan])
    elif kind in WHOLE:
        values = np.array([*map(int, read.values), 0], dtype=np.int64)
    elif kind == "yes_no":
        values = np.array([*(value == "yes" for value in read.values), False])
    elif kind == "date":
        values = np.array([*read.values, None], dtype="datetime64[s]")
    else:
        values = pd.array(np.array([*map(str, read.values), ""], dtype=object), dtype="str")
    return values.take(read.codes)
