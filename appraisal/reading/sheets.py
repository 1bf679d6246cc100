"""A table as it was found: a grid of texts below a row of heads, before anyone asks what they mean.

A column keeps its distinct texts once, and for each row the place of its text among them. Whatever is asked of a cell
later is asked of each distinct text, so that six million cells cost little more than the few thousand texts they hold.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import MORE, Problem
from appraisal.words import fold

FIRST_BODY_ROW = 2  # as a spreadsheet counts: the heads are row 1
TOTAL = fold("合計")
# Day 0 of spreadsheets; a workbook may say otherwise.
EPOCH = datetime.date(1899, 12, 30)
# What a cell of a workbook is beside its text, as a first character that no text has (Unicode's noncharacters):
# a formula without a stored value, a spreadsheet's error, a number that the spreadsheet shows as a date.
NO_VALUE, ERROR, DATE = "\ufdd0", "\ufdd1", "\ufdd2"
# Of one kind in one table so many problems are said; further ones are counted: nobody mends a thousand one by one.
NAMED = 20
# Stands in a message for what a ballot says.
WITHHELD = "…"


@dataclass(frozen=True)
class Remark(Problem):
    """Something worth saying that nobody need mend.

    Parameters
    ----------
    kind : {"warning", "read_as"}
        ``read_as``: what was read as something else than it says.
    """

    kind: str = "warning"


Found = TypeVar("Found", bound=Problem)


def first_of_each(problems: Iterable[Found]) -> list[Found]:
    """The first problems of each kind in each place, and how many more there are.

    Examples
    --------
    >>> many = first_of_each(Problem("blank", "bands.csv", row, "band") for row in range(2, 30))
    >>> len(many), str(many[-1])
    (21, 'bands.csv, row 21: and 8 more problems of this kind')
    """
    said: dict[tuple[object, ...], list[Found]] = {}
    more: Counter[tuple[object, ...]] = Counter()
    kept: list[tuple[object, ...]] = []
    for problem in problems:
        kind: tuple[object, ...] = (
            problem.file,
            problem.values.get("of", problem.code),
            getattr(problem, "kind", None),
        )
        those = said.setdefault(kind, [])
        if problem.code != MORE and len(those) < NAMED:
            those.append(problem)
            kept.append(kind)
        else:
            more[kind] += problem.count
    left = {kind: iter(those) for kind, those in said.items()}
    found: list[Found] = []
    for kind, last in zip(kept, _last(kept), strict=True):
        found.append(next(left[kind]))
        if last and more[kind]:
            found.append(and_more(found[-1], more[kind]))
    return found


def _last(kinds: Sequence[object]) -> list[bool]:
    """Tell of each whether it is the last of its kind."""
    place = {kind: number for number, kind in enumerate(kinds)}
    return [place[kind] == number for number, kind in enumerate(kinds)]


def and_more(last: Found, count: int) -> Found:
    """Say after the last problem that is named how many more of its kind there are."""
    return replace(last, code=MORE, column=None, key=None, values={"count": count, "of": last.code})


@dataclass(frozen=True)
class TextColumn:
    """One column as it was found.

    Parameters
    ----------
    head : str
        As it stands in row 1.
    codes : (N,) int array
        For each row, the place of its text in `texts`.
    texts : tuple of str
        Distinct texts.
    heads : (N,) object array, optional
        Head of each cell, where cells of several columns were put below each other.
    """

    head: str
    codes: NDArray[np.integer]
    texts: tuple[str, ...]
    heads: NDArray[np.object_] | None = None

    @classmethod
    def of(cls, head: str, cells: Sequence[str]) -> TextColumn:
        """Make a column of these cells.

        Examples
        --------
        >>> TextColumn.of("band", ["good", "fair", "good"]).texts
        ('good', 'fair')
        """
        codes, texts = pd.factorize(np.array(cells, dtype=object))
        return cls(head, codes, tuple(texts))

    def blank(self) -> NDArray[np.bool_]:
        """Tell for each row whether its cell is blank."""
        return np.array([not text.strip() for text in self.texts], dtype=bool)[self.codes]

    def kept(self, rows: NDArray[np.bool_]) -> TextColumn:
        """The column of these rows, with the texts that they use."""
        codes = self.codes[rows]
        used = np.bincount(codes, minlength=len(self.texts)) > 0
        place = np.cumsum(used) - 1
        return replace(
            self, codes=place[codes], texts=tuple(text for text, here in zip(self.texts, used, strict=True) if here)
        )


@dataclass(frozen=True)
class Sheet:
    """A table as it was found.

    Parameters
    ----------
    name : str
        Of the file without its ending, or of the sheet.
    place : str
        How messages name it: ``bands.csv``, or ``tables.xlsx, sheet 檔位``.
    rows : (N,) int array
        Number of each row as a spreadsheet counts it.
    columns : tuple of TextColumn
    epoch : date
        Day 0 of bare numbers that may have been dates.
    """

    name: str
    place: str
    rows: NDArray[np.int64]
    columns: tuple[TextColumn, ...]
    epoch: datetime.date = EPOCH


def sheet_of(
    name: str, place: str, columns: Iterable[TextColumn], epoch: datetime.date = EPOCH
) -> tuple[Sheet, list[Problem]]:
    """Make a sheet of all its rows below the heads; without blank rows and a last row 合計.

    Parameters
    ----------
    columns : iterable of TextColumn, N rows each
        At least one; row 2 of the file first.

    Returns
    -------
    Sheet
    list of Problem
        The remark that a row 合計 was left out.
    """
    columns = tuple(columns)
    blanks = [column.blank() for column in columns]
    rows = np.flatnonzero(~np.logical_and.reduce(blanks))
    remarks: list[Problem] = []
    if rows.size and _is_total(columns, blanks, rows[-1]):
        remarks.append(Remark("total", place, int(rows[-1]) + FIRST_BODY_ROW, kind="read_as"))
        rows = rows[:-1]
    kept = np.zeros(len(columns[0].codes), dtype=bool)
    kept[rows] = True
    if not kept.all():
        columns = tuple(column.kept(kept) for column in columns)
    return Sheet(name, place, rows.astype(np.int64) + FIRST_BODY_ROW, columns, epoch), remarks


def _is_total(columns: tuple[TextColumn, ...], blanks: list[NDArray[np.bool_]], row: int) -> bool:
    # Offices number their rows and put 合計 where they find room, often spaced out: 合　計.
    first = next(column for column, blank in zip(columns, blanks, strict=True) if not blank[row])
    return fold("".join(first.texts[first.codes[row]].split())) == TOTAL


def melted(sheet: Sheet, across: TextColumn, value: str, which: Sequence[int]) -> Sheet:
    """Put the columns `which` of a wide sheet below each other, row by row.

    Parameters
    ----------
    sheet : Sheet, N rows
    across : TextColumn of K cells
        What stands at the head of each of the K columns.
    value : str
        Head for their cells.
    which : sequence of K int
        Places of these columns in the sheet; the others are repeated beside them.

    Returns
    -------
    Sheet of N × K rows
    """
    count = len(which)
    columns = [sheet.columns[place] for place in which]
    texts = tuple(dict.fromkeys(text for column in columns for text in column.texts))
    place = {text: number for number, text in enumerate(texts)}
    cells = np.empty((len(sheet.rows), count), dtype=np.int64)
    for number, column in enumerate(columns):
        cells[:, number] = np.array([place[text] for text in column.texts], dtype=np.int64)[column.codes]
    heads = np.tile(np.array([column.head for column in columns], dtype=object), len(sheet.rows))
    others = [
        replace(column, codes=np.repeat(column.codes, count))
        for number, column in enumerate(sheet.columns)
        if number not in set(which)
    ]
    return replace(
        sheet,
        rows=np.repeat(sheet.rows, count),
        columns=(
            *others,
            replace(across, codes=np.tile(across.codes, len(sheet.rows))),
            TextColumn(value, cells.ravel(), texts, heads),
        ),
    )


def in_rows(
    code: str,
    place: str,
    rows: NDArray[np.int64],
    those: NDArray[np.intp],
    column: TextColumn | None,
    say: Callable[[int], Mapping[str, object]],
) -> list[Problem]:
    """One kind of problem in several rows: the first of them by their numbers, the others counted.

    Parameters
    ----------
    code, place : str
    rows : (N,) int array
        Number of each row.
    those : int array
        Places of the rows with the problem, in their order.
    column : TextColumn, optional
    say : callable
        Given the place of a row, what the problem's phrase names.
    """

    def head(row: int) -> str | None:
        return None if column is None else column.head if column.heads is None else column.heads[row]

    if column is None or column.heads is None:
        # A row of a wide sheet stands there once for each of its scores, and is mended once.
        those = those[np.diff(rows[those], prepend=0) != 0]
    problems = [Problem(code, place, int(rows[row]), head(row), say(row)) for row in those[:NAMED].tolist()]
    return problems + ([and_more(problems[-1], len(those) - NAMED)] if len(those) > NAMED else [])
