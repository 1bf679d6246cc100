"""Which column is which: heads in either language and script, and wide sheets put into their long form."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.cells import Cells
from appraisal.reading.contracts import Column, Contract, in_chinese
from appraisal.reading.sheets import Remark, Sheet, TextColumn, melted
from appraisal.reading.vocabulary import CLOSE_HEAD, Vocabulary, listed, nearest, shown, tidy
from appraisal.words import fold

# Offices like a title above the heads; they are looked for in so many rows.
TITLE_ROWS = 5


@dataclass(frozen=True)
class Found:
    """The columns of one table, long, before their cells are read.

    Parameters
    ----------
    contract : Contract
    place : str
        How messages name the table.
    rows : (N,) int array
        How messages name its rows.
    columns : mapping of str to TextColumn
        By their English names.
    """

    contract: Contract
    place: str
    rows: NDArray[np.int64]
    columns: Mapping[str, TextColumn]


@dataclass(frozen=True)
class Table:
    """One table once its cells are read.

    Parameters
    ----------
    found : Found
    cells : mapping of str to Cells
        By the English names of the columns.
    """

    found: Found
    cells: Mapping[str, Cells]

    def __getitem__(self, column: str) -> Cells:
        """The cells of a column."""
        return self.cells[column]


def find_columns(
    sheet: Sheet, contract: Contract, across: Vocabulary | None, lang: str
) -> tuple[Found | None, list[Problem]]:
    """Find a table's columns in a sheet.

    Parameters
    ----------
    sheet : Sheet
    contract : Contract
    across : Vocabulary, optional
        Codes and words that head the columns of the wide form.
    lang : str
        In whose script messages name a column in Chinese.

    Returns
    -------
    Found or None
        None if a column is missing or there twice.
    list of Problem
        What is wrong, and remarks on columns that were ignored.
    """
    names = [_name(column.head, contract) for column in sheet.columns]
    if contract.wide and not across and not set(contract.wide) & set(names):
        # Its heads may be departments, and the table of departments, as was said, cannot be used.
        return None, []
    wide = _wide(sheet, names, contract, across)
    taken = [name for name in (*names, *wide.values()) if name]
    problems = [
        Problem("column.twice", sheet.place, 1, values={"column": name})
        for name in dict.fromkeys(taken)
        if taken.count(name) > 1
    ]
    loose = [
        column
        for place, (name, column) in enumerate(zip(names, sheet.columns, strict=True))
        if not name and place not in wide
    ]
    filled = (contract.wide or ()) if wide else ()
    missing = [column for column in contract.columns if column.name not in (*names, *filled)]
    wanted = [column for column in missing if not column.optional]
    if len(wanted) > 1 and (row := _row_of_heads(sheet, contract)):
        return None, [Problem("column.below", sheet.place, row)]
    absent = _missing(missing, loose, sheet.place, lang)
    if across and filled:
        absent += _missing_across(across, filled[0], set(wide.values()), loose, sheet.place)
    problems += absent
    # Where nothing resembles a missing column, what is named is blank, as the head of a column without one.
    named = {str(problem.values["near"]) for problem in absent} - {""}
    problems += _ignored([column for column in loose if shown(column.head) not in named], sheet.place)
    if any(not isinstance(problem, Remark) for problem in problems):
        return None, problems
    problems += _heads_read_as(sheet, names, wide, across.places if across else {})
    sheet = replace(sheet, columns=tuple(replace(column, head=shown(tidy(column.head))) for column in sheet.columns))
    if filled:
        codes = TextColumn.of(filled[0], list(wide.values()))
        sheet = melted(sheet, codes, filled[1], list(wide))
        names = [_name(column.head, contract) for column in sheet.columns]
    columns = {name: column for name, column in zip(names, sheet.columns, strict=True) if name}
    return Found(contract, sheet.place, sheet.rows, columns), problems


def _wide(sheet: Sheet, names: Sequence[str], contract: Contract, across: Vocabulary | None) -> dict[int, str]:
    """Places of the columns of a wide sheet, and the code that each one's head stands for.

    Only a sheet that has neither of the two columns can be wide; whether it is, its other heads tell.
    """
    if not contract.wide or not across or set(contract.wide) & set(names):
        return {}
    found = {
        place: across.find(tidy(column.head))
        for place, (name, column) in enumerate(zip(names, sheet.columns, strict=True))
        if not name
    }
    return {place: codes[0] for place, codes in found.items() if len(codes) == 1}


def _name(head: str, contract: Contract) -> str:
    plain = tidy(head)
    return next((c.name for c in contract.columns if plain == c.name or fold(plain) == fold(c.zh)), "")


def _missing(missing: Sequence[Column], loose: Sequence[TextColumn], place: str, lang: str) -> list[Problem]:
    """Columns that are not there; an optional one only where a head resembles it."""
    words = {word: column.name for column in missing for word in (column.name, column.zh)}
    nears: dict[str, str] = {}
    for head in (column.head for column in loose):
        if head.strip() and (word := nearest(head, words, CLOSE_HEAD)):
            nears.setdefault(words[word], head)
    problems = []
    for column in missing:
        if column.name in nears or not column.optional:
            said = {"column": column.name, "zh": in_chinese(column, lang), "near": shown(nears.get(column.name, ""))}
            code = "column.missing_near" if column.name in nears else "column.missing"
            problems.append(Problem(code, place, 1, values=said))
    return problems


def _missing_across(
    across: Vocabulary, kind: str, there: set[str], loose: Sequence[TextColumn], place: str
) -> list[Problem]:
    """Columns of a wide sheet that are not there.

    A department without a column is a department without ratings, and `checks` says so; only a head that resembles it
    is named here. An item without a column would be said for every department.
    """
    absent = [code for code in across.codes if code not in there]
    heads = {column.head: across.near(column.head) for column in loose if column.head.strip()}
    nears = {across.find(word)[0]: head for head, word in heads.items() if word and len(across.find(word)) == 1}
    return [
        Problem(
            "column.missing_near" if code in nears else "column.missing",
            place,
            1,
            values={"column": code, "zh": across.word(code), "near": shown(nears.get(code, ""))},
        )
        for code in absent
        if code in nears or kind == "item"
    ]


def _row_of_heads(sheet: Sheet, contract: Contract) -> int:
    """Row below the first that holds heads; 0 if there is none."""
    for place in range(min(TITLE_ROWS, len(sheet.rows))):
        names = [_name(column.texts[column.codes[place]], contract) for column in sheet.columns]
        if sum(map(bool, names)) > 1:
            return int(sheet.rows[place])
    return 0


def _heads_read_as(sheet: Sheet, names: Sequence[str], wide: Mapping[int, str], known: Container[str]) -> list[Problem]:
    """Remarks on heads that are not read as they stand; the name of a department is, whatever its brackets."""
    return [
        Remark(
            "read_as",
            sheet.place,
            1,
            values={"said": shown(column.head), "value": shown(tidy(column.head)), "count": 1},
            kind="read_as",
        )
        for place, (column, name) in enumerate(zip(sheet.columns, names, strict=True))
        if (name or place in wide) and tidy(column.head) != column.head and column.head not in known
    ]


def _ignored(loose: Sequence[TextColumn], place: str) -> list[Problem]:
    heads = [shown(column.head) for column in loose if column.head.strip()]
    unnamed = sum(not column.head.strip() and not column.blank().all() for column in loose)
    remarks: list[Problem] = []
    if heads:
        remarks.append(Remark("column.ignored", place, 1, values={"columns": listed(heads)}))
    if unnamed:
        remarks.append(Remark("column.unnamed", place, 1, values={"count": unnamed}))
    return remarks
