"""The tables of a year before anything stands in them: heads, what a cell may hold, and the departments if known.

All of it follows from the contract and the rulebook; there is no other list of columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from appraisal.reading.contracts import CONTRACTS, FIXED, SOCIAL, Column, Contract, fixed_word, title
from appraisal.rulebook import Rulebook


@dataclass(frozen=True)
class Field:
    """One column of a blank table.

    Parameters
    ----------
    head : str
        In the language of the year; a label or a name where it heads one item or department of a wide table.
    column : Column
        What its cells are.
    item : str
        The one item that the cells are scores of, in a wide table; otherwise blank.
    """

    head: str
    column: Column
    item: str = ""


@dataclass(frozen=True)
class BlankTable:
    """One table: its contract, its columns, and the rows that it begins with."""

    contract: Contract
    fields: tuple[Field, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def blank_tables(rules: Rulebook, departments: pd.DataFrame | None, *, wide: bool) -> list[BlankTable]:
    """Give the tables of a year that nobody has filled in.

    Parameters
    ----------
    rules : Rulebook
        Of the year.
    departments : DataFrame or None
        The table of departments, if it is carried over.
    wide : bool
        Whether ballots have one column for each item or department; for departments that takes their names.
    """
    tables = []
    for contract in CONTRACTS.values():
        if contract.name == SOCIAL[1]:
            continue
        rows: tuple[tuple[str, ...], ...] = ()
        columns = [column for column in contract.columns if not column.optional]
        if contract.name == "departments" and departments is not None:
            columns = [
                c for c in contract.columns if c.name in departments and (not c.optional or any(departments[c.name]))
            ]
            rows = tuple(_department_rows(departments, columns, rules))
        fields = tuple(Field(title(column, rules.lang), column) for column in columns)
        tables.append(BlankTable(contract, _widened(contract, fields, rules, departments) if wide else fields, rows))
    return tables


def _widened(
    contract: Contract, fields: tuple[Field, ...], rules: Rulebook, departments: pd.DataFrame | None
) -> tuple[Field, ...]:
    if contract.wide is None or (contract.wide[0] == "department" and departments is None):
        return fields
    across, value = contract.wide
    kept = tuple(field for field in fields if field.column.name not in contract.wide)
    filled = next(field.column for field in fields if field.column.name == value)
    if across == "item":
        return kept + tuple(Field(rules.label("items", item), filled, item) for item in rules.item_marks)
    names = [] if departments is None else departments["name"].tolist()
    return kept + tuple(Field(name, filled) for name in names)


def _department_rows(
    departments: pd.DataFrame, columns: Sequence[Column], rules: Rulebook
) -> Iterator[tuple[str, ...]]:
    for row in departments.to_dict("records"):
        yield tuple(
            fixed_word("yes_no", "yes" if row[c.name] else "no", rules.lang)
            if c.kind == "yes_no"
            else rules.label("groups", row[c.name])
            if c.kind == "group"
            else str(row[c.name])
            for c in columns
        )


def choices(kind: str, rules: Rulebook) -> tuple[str, ...]:
    """Words that the cells of a kind may hold, as a drop-down lists them; none where they are free or departments."""
    match kind:
        case "yes_no" | "kind" | "result" | "decision":
            return tuple(fixed_word(kind, code, rules.lang) for code in FIXED[kind])
        case "group":
            return tuple(rules.label("groups", code) for code in rules.groups)
        case "item":
            return tuple(rules.label("items", code) for code in rules.item_marks)
        case "common_item":
            return tuple(rules.label("items", code) for code in rules.items["common"])
        case "band":
            return tuple(rules.label("bands", code) for code in rules.bands)
        case "source":
            return tuple(rules.label("sources", code) for code in rules.deductions.sources)
        case "rating":
            return tuple(rating for rating in (*rules.social.points, *rules.social.left_out) if rating.strip())
        case _:
            return ()


def as_csv(table: BlankTable) -> bytes:
    """Give a table as CSV that Chinese Excel opens as what it is: UTF-8 with a byte-order mark."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[field.head for field in table.fields], *table.rows])
    return text.getvalue().encode("utf-8-sig")
