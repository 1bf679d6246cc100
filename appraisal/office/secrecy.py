"""What may not leave the year folder, taken out of messages and of notebooks that failed."""

from __future__ import annotations

import re
from collections.abc import Callable

from appraisal.reading.contracts import CONTRACTS
from appraisal.tables import Year

TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")
WORDS = re.compile(r"""[^\s'"“”‘’()\[\]{}<>,;:=，。；：、（）「」]+""")
SCORES = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])")
HIDDEN = "▪▪▪"


def concealer(year: Year) -> Callable[[str], str]:
    """Give a function that takes ballot tokens, names of jurors and anything like a score out of a text.

    Parameters
    ----------
    year : Year
        Whose tokens and names they are.
    """
    tables = (getattr(year, name) for name, contract in CONTRACTS.items() if contract.secret)
    secrets = {token for table in tables if table is not None for token in table["ballot"].unique()}
    secrets |= set(year.jurors["juror"])
    spaced = [secret for secret in secrets if not WORDS.fullmatch(secret)]

    def conceal(text: str) -> str:
        text = TERMINAL_CODES.sub("", text)
        for secret in spaced:
            text = text.replace(secret, HIDDEN)
        text = WORDS.sub(lambda found: HIDDEN if found[0] in secrets else found[0], text)
        return SCORES.sub(HIDDEN, text)

    return conceal
