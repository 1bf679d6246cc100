"""A column of texts becomes a column of values, its reader asked once for each distinct text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.readers import BLANK, Reader, Reading
from appraisal.reading.sheets import DATE, ERROR, NO_VALUE, WITHHELD, Remark, TextColumn, first_of_each, in_rows
from appraisal.reading.vocabulary import Vocabulary, shown, tidy


@dataclass(frozen=True)
class Cells:
    """A column once it is read.

    Parameters
    ----------
    codes : (N,) int array
        For each row, the place of its value in `values`; -1 where the cell is blank or was refused.
    values : tuple
        Distinct values.
    blank, refused : (N,) bool array
    """

    codes: NDArray[np.intp]
    values: tuple[Any, ...]
    blank: NDArray[np.bool_]
    refused: NDArray[np.bool_]


def read_cells(
    column: TextColumn,
    reader: Reader,
    *,
    place: str,
    rows: NDArray[np.int64],
    blank: bool = False,
    secret: bool = False,
    judged: bool = False,
    vocabulary: Vocabulary | None = None,
) -> tuple[Cells, list[Problem]]:
    """Read a column.

    Parameters
    ----------
    column : TextColumn of N rows
    reader : callable
        Asked once for each distinct text that is not blank.
    place : str
        How messages name the table.
    rows : (N,) int array
        How messages name the rows.
    blank : bool
        Whether a cell may be blank.
    secret : bool
        Whether remarks keep the texts to themselves.
    judged : bool
        Whether the texts are what a ballot says: then no problem repeats one, its row is enough to find it.
    vocabulary : Vocabulary, optional
        Texts that it has as they stand need no reader. Its codes, in its order, are the values.

    Returns
    -------
    Cells
    list of Problem
        Cells that are refused, and remarks on those that were read as something else.
    """
    places = vocabulary.places if vocabulary else {}
    values: dict[Any, int] = {}
    codes = np.array([places.get(cell, -1) for cell in column.texts], dtype=np.intp)
    empty, refused, read_as = np.zeros((3, len(codes)), dtype=bool)
    readings: dict[int, Reading] = {}
    for code in np.flatnonzero(codes < 0).tolist():
        reading = readings[code] = _read(column.texts[code], reader)
        empty[code], refused[code], read_as[code] = reading is BLANK, bool(reading.refused), reading.read_as
        if reading.value is not None:
            codes[code] = places[reading.value] if vocabulary else values.setdefault(reading.value, len(values))
    problems = _refusals(column, readings, refused | (empty & (not blank)), place, rows, vocabulary, judged=judged)
    problems += _remarks(column, readings, read_as, place, rows, secret=secret)
    read = vocabulary.codes if vocabulary else tuple(values)
    # Most columns have neither; a table of nothing costs nothing.
    nowhere = np.zeros(len(column.codes), dtype=bool)
    blanks, refusals = (mask[column.codes] if mask.any() else nowhere for mask in (empty, refused))
    return Cells(codes[column.codes], read, blanks, refusals), problems


def _read(cell: str, reader: Reader) -> Reading:
    if cell == NO_VALUE:
        return Reading(refused="cell.no_value")
    if cell.startswith(ERROR):
        return Reading(refused="cell.error")
    return reader(cell) if tidy(cell) else BLANK


def _refusals(
    column: TextColumn,
    readings: Mapping[int, Reading],
    refused: NDArray[np.bool_],
    place: str,
    rows: NDArray[np.int64],
    vocabulary: Vocabulary | None,
    *,
    judged: bool,
) -> list[Problem]:
    """Of each kind of refusal the first rows."""

    def kind(code: int) -> str:
        refusal = readings[code].refused or "blank"
        # What a ballot's text resembles would tell it.
        return refusal.removesuffix("_near") if judged else refusal

    def say(row: int) -> Mapping[str, object]:
        code = int(column.codes[row])
        said = {"said": shown(column.texts[code].lstrip(ERROR + DATE)), **readings[code].said}
        if judged:
            said |= {"said": WITHHELD} | ({"allowed": vocabulary.listed()} if vocabulary else {})
        return said

    kinds: dict[str, int] = {}
    of_text = np.full(len(refused), -1)
    for code in np.flatnonzero(refused).tolist():
        of_text[code] = kinds.setdefault(kind(code), len(kinds))
    problems: list[Problem] = []
    for refusal, number in kinds.items():
        those = np.flatnonzero((of_text == number)[column.codes])
        problems += in_rows(refusal, place, rows, those, column, say)
    return problems


def _remarks(
    column: TextColumn,
    readings: Mapping[int, Reading],
    read_as: NDArray[np.bool_],
    place: str,
    rows: NDArray[np.int64],
    *,
    secret: bool,
) -> list[Remark]:
    those = np.flatnonzero(read_as[column.codes])
    # One line for all that is secret, one for a spreadsheet's own days: a line each would bury what people should see.
    days = [code for code, reading in readings.items() if column.texts[code] == f"{DATE}{reading.value}"]
    alike = np.where(secret | np.isin(column.codes[those], days), -1, column.codes[those])
    codes, first, counts = np.unique(alike, return_index=True, return_counts=True)

    def remark(number: int) -> Remark:
        code, said = int(codes[number]), dict[str, object](count=int(counts[number]))
        key = "read_as" if code >= 0 else "read_as_many" if secret else "read_as_days"
        said |= {"said": shown(column.texts[code]), "value": readings[code].value} if code >= 0 else {}
        return Remark(key, place, int(rows[those[first[number]]]), column.head, said, kind="read_as")

    return first_of_each(map(remark, np.argsort(first).tolist()))
