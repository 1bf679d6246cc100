"""One text, one value: what a cell may look like, what it is read as, and why it is refused.

A reader takes one text and gives a `Reading`; `read_cells` asks it once for each distinct text of a column.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.sheets import DATE, EPOCH, ERROR, NO_VALUE, WITHHELD, Remark, TextColumn, first_of_each, in_rows
from appraisal.reading.vocabulary import Vocabulary, shown, tidy
from appraisal.sections import LARGEST

NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|[+-]?\.[0-9]+")
DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LIKELY_YEARS = range(1950, 2100)
# More decimals than a rulebook's: what a spreadsheet leaves of 0.1 + 0.2 − 0.3 has 31, at 15 digits.
FINEST = 32


class Reading(NamedTuple):
    """What one text is.

    Parameters
    ----------
    value : object
        None if the text is refused.
    refused : str
        Code of the problem, ``""`` if there is none.
    said : mapping
        What the problem's phrase names beside the text.
    read_as : bool
        Whether the text says it otherwise than the value would be written.
    """

    value: Any = None
    refused: str = ""
    said: Mapping[str, object] = MappingProxyType({})
    read_as: bool = False


Reader = Callable[[str], Reading]
BLANK = Reading()


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


def word(vocabulary: Vocabulary, unknown: str = "cell.unknown") -> Reader:
    """Make a reader of the codes of `vocabulary` and the words that may stand for them.

    Parameters
    ----------
    vocabulary : Vocabulary
    unknown : str
        Code of the problem with a text that is none of them; with ``_near`` where one resembles it.

    Examples
    --------
    >>> bands = word(Vocabulary(["good", "fair"], {"good": ["良好"], "fair": ["一般"]}))
    >>> bands("一般").value, bands("goood").said
    ('fair', {'near': 'good'})
    """
    # Once for all texts: a column may hold nothing else.
    neither = Reading(refused=unknown, said={"allowed": vocabulary.listed()})

    def read(cell: str) -> Reading:
        codes = vocabulary.find(cell)
        if len(codes) == 1:
            return Reading(codes[0], read_as=cell not in vocabulary.places and tidy(cell) != cell)
        if codes:
            return Reading(refused="cell.ambiguous", said={"codes": ", ".join(codes)})
        if near := vocabulary.near(cell):
            return Reading(refused=f"{unknown}_near", said={"near": near})
        return neither

    return read


def text(cell: str) -> Reading:
    """Read words that stay as they are entered, but for spaces at the ends."""
    value = cell.removeprefix(DATE).strip()
    return Reading(value, read_as=value != cell)


def token(cell: str) -> Reading:
    """Read a code that no list knows: a ballot's token, a department's own code, an incident."""
    value = tidy(cell.removeprefix(DATE))
    return Reading(value, read_as=value != cell)


def number(
    low: Decimal | int = 0, high: Decimal | int | None = None, *, above: bool = False, whole: bool = False
) -> Reader:
    """Make a reader of numbers, below 10^`LARGEST` and with at most `FINEST` decimals.

    Parameters
    ----------
    low, high : Decimal or int
        Smallest and largest that are allowed; without `high` there is no largest.
    above : bool
        Whether `low` itself is not allowed.
    whole : bool
        Whether only whole numbers are.

    Examples
    --------
    >>> number()("1,019.50").value
    Decimal('1019.50')
    >>> number()("9O").refused, number()("91%").refused, number()("-1").refused
    ('cell.not_number', 'cell.percent', 'cell.too_low')
    >>> number(whole=True)("1000000000").refused
    'cell.too_many_digits'
    """

    def read(cell: str) -> Reading:
        plain = tidy(cell)
        if not NUMBER.fullmatch(plain):
            percent = plain.endswith(("%", "‰")) and NUMBER.fullmatch(plain[:-1].rstrip())
            return Reading(refused="cell.percent" if percent else "cell.not_number")
        value = Decimal(plain.replace(",", ""))
        if value < low or (above and value == low):
            return Reading(refused="cell.not_above" if above else "cell.too_low", said={"low": low})
        if high is not None and value > high:
            return Reading(refused="cell.outside", said={"low": low, "high": high})
        if whole and value != value.to_integral_value():
            return Reading(refused="cell.not_whole")
        if value.adjusted() >= LARGEST or -int(value.as_tuple().exponent) > FINEST:
            return Reading(refused="cell.too_many_digits", said={"largest": LARGEST, "finest": FINEST})
        return Reading(value, read_as=plain != cell or "," in plain)

    return read


def day(epoch: datetime.date = EPOCH) -> Reader:
    """Make a reader of days.

    Parameters
    ----------
    epoch : date
        Day 0 of the spreadsheet, to say which day a bare number may have been.

    Examples
    --------
    >>> day()("2003年12月5日").value
    datetime.date(2003, 12, 5)
    >>> day()("37960").said
    {'day': datetime.date(2003, 12, 5)}
    """

    def read(cell: str) -> Reading:
        plain = tidy(cell.removeprefix(DATE))
        if found := DAY.fullmatch(plain):
            year, _mark, *parts = found.groups()
            month, day_of_month = (int(part) for part in parts if part)
            try:
                value = datetime.date(int(year), month, day_of_month)
            except ValueError:
                return Reading(refused="cell.no_such_day")
            return Reading(value, read_as=cell != plain or not ISO_DAY.fullmatch(plain))
        if NUMBER.fullmatch(plain):
            guess = _day_of_number(plain, epoch)
            return Reading(refused="cell.number_as_day" if guess else "cell.not_day", said={"day": guess})
        if DAY.match(plain):
            return Reading(refused="cell.time_of_day")
        return Reading(refused="cell.not_day")

    return read


def _day_of_number(plain: str, epoch: datetime.date) -> datetime.date | None:
    """The day that a bare number may have been: counted by a spreadsheet, or written 20031205."""
    try:
        if len(plain) == 8:
            guess = datetime.date.fromisoformat(plain)
        else:
            guess = epoch + datetime.timedelta(days=int(plain.partition(".")[0]))
    except (ValueError, OverflowError):
        return None
    return guess if guess.year in LIKELY_YEARS else None


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
    if secret and those.size:
        return [Remark("read_as_many", place, int(rows[those[0]]), column.head, {"count": len(those)}, kind="read_as")]
    codes, first, counts = np.unique(column.codes[those], return_index=True, return_counts=True)

    def said_of(number: int) -> dict[str, object]:
        said = shown(column.texts[codes[number]].lstrip(DATE))
        return {"said": said, "value": readings[int(codes[number])].value, "count": int(counts[number])}

    return first_of_each(
        Remark("read_as", place, int(rows[those[first[number]]]), column.head, said_of(number), kind="read_as")
        for number in np.argsort(first).tolist()
    )
