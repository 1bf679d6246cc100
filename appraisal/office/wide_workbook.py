"""The tables of a year as one workbook, as offices keep them: heads in words, labels for codes, wide ballots."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd
from openpyxl import Workbook

from appraisal.reading.contracts import CONTRACTS, FIXED, Contract, fixed_word, title
from appraisal.reporting.packed import packed_anew
from appraisal.rulebook import Rulebook


def tables_workbook(tables: Mapping[str, pd.DataFrame], rules: Rulebook) -> bytes:
    """Write tables as the sheets of a workbook: the same bytes every time.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As a made-up year has them; `social_ballots` is wide already.
    rules : Rulebook
        Its language heads the columns, its labels stand for the codes.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    names = tables["departments"].set_index("department")["name"].to_dict()
    for name, table in tables.items():
        contract = CONTRACTS[name]
        sheet = book.create_sheet(title(contract, rules.lang))
        laid = _wide(table, contract, names, rules)
        sheet.append(laid.columns.tolist())
        for row in laid.astype(object).itertuples(index=False):
            sheet.append([_cell(value) for value in row])
    saved = io.BytesIO()
    book.save(saved)
    return packed_anew(saved.getvalue())


def _wide(table: pd.DataFrame, contract: Contract, names: Mapping[str, str], rules: Rulebook) -> pd.DataFrame:
    """Put a table of ballots across, and heads and labels in place of names and codes."""
    if contract.wide and set(contract.wide) <= set(table.columns):
        across, value = contract.wide
        keys = [column for column in table.columns if column not in contract.wide]
        order = table[across].drop_duplicates()
        table = table.set_index([*keys, across])[value].unstack()[order.tolist()].reset_index()
    words = {column.name: title(column, rules.lang) for column in contract.columns}
    labels = {item: rules.label("items", item) for item in rules.item_marks}
    laid = table.copy()
    for column in contract.columns:
        if column.name in laid and (said := _labels(column.kind, rules)):
            laid[column.name] = laid[column.name].map(lambda code, said=said: said.get(code, code))
    laid.columns = [words.get(head, names.get(head, labels.get(head, head))) for head in laid.columns]
    return laid


def _labels(kind: str, rules: Rulebook) -> dict[str, str]:
    """Words for the codes of one kind of cell; none for those that stay as they are."""
    match kind:
        case "group":
            return dict(rules.groups)
        case "item" | "common_item":
            return {item: rules.label("items", item) for item in rules.item_marks}
        case "band":
            return {band: rules.label("bands", band) for band in rules.bands}
        case "source":
            return {source: rules.label("sources", source) for source in rules.deductions.sources}
        case "yes_no":
            return {code: fixed_word(kind, code, rules.lang) for code in FIXED[kind]}
        case _:
            return {}


def _cell(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if value == "" or pd.isna(value) else value
