"""What every file of a published set says of itself: the year, its state, the edition, the version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from appraisal.words import catalogue

State = Literal["draft", "confirmed"]


@dataclass(frozen=True)
class Edition:
    """One of the pages made from one executed notebook.

    Parameters
    ----------
    name : str
        Stem of its file, and its key in the catalogue.
    leave_out : str
        Tag of the cells that it does not show; they are absent from its file.
    contents : bool
        Whether its print begins with a page of contents: of dozens of pages it has to.
    """

    name: str
    leave_out: str
    contents: bool = False


LEADERSHIP = Edition("annual_report", leave_out="working")
WORKING = Edition("working_report", leave_out="leadership", contents=True)
EDITIONS = (LEADERSHIP, WORKING)
# Of the notebook on the method: the formulas for those who ask how, two pages for everybody.
METHOD = Edition("method", leave_out="public", contents=True)
PUBLIC = Edition("method_public", leave_out="formulas")


@dataclass(frozen=True)
class Imprint:
    """What a published set says of itself; nothing in it depends on the day or the place of the run.

    Parameters
    ----------
    year : int
    state : {"draft", "confirmed"}
    version : str
        Eight characters for inputs, rules and code: two people compare printouts by telephone.
    synthetic : bool
        Whether the data are made up.
    remarks : tuple of str
        Sentences that the first page begins with: what was confirmed, sealed, changed since.
    cautions : tuple of str
        The same of the working edition alone: what has no explanation on record.
    """

    year: int
    state: State
    version: str
    synthetic: bool
    remarks: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    def first_page(self, edition: Edition) -> tuple[str, ...]:
        """Sentences that the first page of an edition begins with."""
        return (*self.remarks, *(self.cautions if edition == WORKING else ()))

    def marks(self, edition: Edition, lang: str) -> list[str]:
        """What each page carries, in the words of `lang`.

        Examples
        --------
        >>> Imprint(2003, "draft", "K7M29RTX", synthetic=False).marks(WORKING, "en")
        ['2003', 'draft', 'internal working paper', 'version K7M29RTX']
        """
        *before, version = self.own_marks(lang)
        return [*before, catalogue(lang).say(f"office.marks.{edition.name}"), version]

    def own_marks(self, lang: str) -> list[str]:
        """What a file carries that belongs to no edition.

        Examples
        --------
        >>> Imprint(2003, "draft", "K7M29RTX", synthetic=False).own_marks("en")
        ['2003', 'draft', 'version K7M29RTX']
        """
        words = catalogue(lang)
        return [
            *([words.say("charts.synthetic")] if self.synthetic else []),
            words.say("office.marks.year", year=self.year),
            words.say(f"office.marks.{self.state}"),
            words.say("office.marks.version", code=self.version),
        ]
