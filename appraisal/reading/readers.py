"""One text, one value: what a cell may look like, what it is read as, and why it is refused.

A reader takes one text and gives a `Reading`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from appraisal.reading.sheets import DATE, EPOCH
from appraisal.reading.vocabulary import Vocabulary, tidy
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
