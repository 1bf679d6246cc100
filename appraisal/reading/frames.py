"""Sheets become tables of values, and these typed frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading import coverage, readers, rulings
from appraisal.reading.cells import Cells, read_cells
from appraisal.reading.columns import Table, find_columns
from appraisal.reading.contracts import CONTRACTS, FIXED, JUDGING, Contract, fixed_word
from appraisal.reading.inventory import Inventory
from appraisal.reading.readers import Reader
from appraisal.reading.sheets import Sheet
from appraisal.reading.vocabulary import Vocabulary
from appraisal.rulebook import Rulebook
from appraisal.words import catalogue

WHOLE = ("count", "round")
FRACTIONAL = ("score", "percent_points", "points")
# Remarks on these do not repeat the text: there may be as many as rows.
FREE = ("text", "name", "token", "new_code")


def read_tables(inventory: Inventory, rules: Rulebook) -> tuple[dict[str, Table], list[Problem]]:
    """Read the cells of every table that is there, as far as they can be read, and say what is wrong with them."""
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
        words = {code: dict.fromkeys(rules.label(kind, code, lang) for lang in langs) for code in codes}
        blank = catalogue(rules.lang).say("rules.values.blank")  # a form without an answer is a rating, too
        return Vocabulary(codes, words, {code: rules.label(kind, code) or blank for code in codes})

    def fixed(kind: str) -> Vocabulary:
        words = FIXED[kind]
        return Vocabulary(words, words, {code: fixed_word(kind, code, rules.lang) for code in words})

    return {kind: fixed(kind) for kind in FIXED} | {
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
    found, problems = find_columns(sheet, contract, across, rules.lang)
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
        read["value"], those = rulings.read_values(found, read["kind"], rules.lang)
        problems += those
    return Table(found, read), problems


def _reader(kind: str, vocabulary: Vocabulary | None, sheet: Sheet, rules: Rulebook) -> Reader:
    if vocabulary is not None:
        return readers.word(vocabulary, "cell.unknown_department" if kind == "department" else "cell.unknown")
    match kind:
        case "score":
            return readers.number()
        case "percent_points":
            return readers.number(high=100)
        case "points":
            return readers.number(above=True)
        case "count":
            return readers.number(whole=True)
        case "round":
            return readers.number(1, rules.inspections.rounds, whole=True)
        case "date":
            return readers.day(sheet.epoch)
        # Without a table of departments nobody knows their codes: one problem, not one for each row.
        case "token" | "new_code" | "department" | "incident":
            return readers.token
        case _:
            return readers.text


def frame_of(table: Table | None, contract: Contract, rules: Rulebook) -> pd.DataFrame | None:
    """Give the table as a typed frame, without what was not scored; None for a table that need not be there."""
    if table is None:
        return None if contract.needed == "rows" else _no_rows(contract)
    kept = ~coverage.not_scored(table, rules)
    values = {
        column.name: _typed(table[column.name].values, table[column.name].codes, column.kind)
        for column in contract.columns
        if column.name in table.cells
    }
    frame = pd.DataFrame(values, index=pd.Index(table.found.rows, name="row"), copy=False)
    return frame if kept.all() else frame[kept]


def _no_rows(contract: Contract) -> pd.DataFrame:
    nothing = np.array([], dtype=np.intp)
    values = {column.name: _typed((), nothing, column.kind) for column in contract.columns}
    return pd.DataFrame(values, index=pd.Index([], dtype=np.int64, name="row"))


def _typed(distinct: Sequence[Any], codes: NDArray[np.intp], kind: str) -> Any:
    """The values of a column, each distinct one converted once; a last one stands for a blank cell."""
    values: Any
    if kind in FRACTIONAL:
        values = np.array([*map(float, distinct), np.nan])
    elif kind in WHOLE:
        values = np.array([*map(int, distinct), 0], dtype=np.int64)
    elif kind == "yes_no":
        values = np.array([*(value == "yes" for value in distinct), False])
    elif kind == "date":
        values = np.array([*distinct, None], dtype="datetime64[s]")
    else:
        values = pd.array([*map(str, distinct), ""], dtype="str")
    return values.take(codes)
