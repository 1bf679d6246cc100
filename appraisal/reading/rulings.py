"""What a ruling may say: its value depends on its kind."""

from __future__ import annotations

import numpy as np

from appraisal.errors import Problem
from appraisal.reading.cells import Cells, read_cells
from appraisal.reading.columns import Found
from appraisal.reading.contracts import FIXED, RULING_TIERS, YES_NO, fixed_word
from appraisal.reading.readers import Reader, Reading, number, word
from appraisal.reading.vocabulary import Vocabulary


def read_values(found: Found, kinds: Cells, lang: str) -> tuple[Cells, list[Problem]]:
    """Read the column `value` of the rulings.

    Parameters
    ----------
    found : Found
        The table of rulings.
    kinds : Cells
        Its column `kind`, read.
    lang : str
        In whose words messages list what is allowed.

    Returns
    -------
    Cells
        Codes of tiers, yes and no, places in a tie as text.
    list of Problem
    """
    column = found.columns["value"]
    values: dict[str, int] = {}
    codes = np.full(len(found.rows), -1)
    blank, refused = np.zeros((2, len(found.rows)), dtype=bool)
    problems: list[Problem] = []
    for place, kind in enumerate(kinds.values):
        those = np.flatnonzero(kinds.codes == place)
        if those.size:
            read, wrong = read_cells(
                column.kept(kinds.codes == place), _reader(kind, lang), place=found.place, rows=found.rows[those]
            )
            problems += wrong
            own = np.array([values.setdefault(value, len(values)) for value in read.values] + [-1])
            codes[those], blank[those], refused[those] = own[read.codes], read.blank, read.refused
    # What a ruling of an unknown kind says cannot be wrong as well.
    refused |= kinds.refused
    return Cells(codes, tuple(values), blank, refused), problems


def _reader(kind: str, lang: str) -> Reader:
    if kind == "tie":
        return _place_in_tie
    what, codes = ("yes_no", tuple(YES_NO)) if kind == "admonish" else ("tier", RULING_TIERS[kind])
    words = {code: FIXED[what][code] for code in codes}
    return word(Vocabulary(codes, words, {code: fixed_word(what, code, lang) for code in codes}))


def _place_in_tie(cell: str) -> Reading:
    reading = number(1, whole=True)(cell)
    return reading if reading.value is None else Reading(str(int(reading.value)), read_as=reading.read_as)
