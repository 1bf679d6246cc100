"""What a user can mend: each error lists every problem, with its place, what is there and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from appraisal.words import FALLBACK, catalogue

MORE = "more"


@dataclass(frozen=True)
class Problem:
    """One thing to mend, or one thing worth saying, with its place.

    Parameters
    ----------
    code : str
        Key of the phrase under ``problems`` in the catalogue.
    file : str
        Name of the file, of the sheet, or of whatever the place is counted in.
    row : int, optional
        Row as a spreadsheet counts it: the header is row 1.
    column : str, optional
        Column of a table.
    values : mapping
        What the phrase names: what is there, what is allowed.
    key : str, optional
        Dotted key of a rulebook.

    Examples
    --------
    >>> print(Problem("blank", "bands.csv", 7, "band"))
    bands.csv, row 7, column band: is blank; a value is needed
    """

    code: str
    file: str
    row: int | None = None
    column: str | None = None
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    key: str | None = None

    @property
    def count(self) -> int:
        """How many problems it stands for: the last of many says how many more there are."""
        return int(str(self.values["count"])) if self.code == MORE else 1

    def say(self, lang: str = FALLBACK) -> str:
        """Give the problem as one line in the language `lang`."""
        words = catalogue(lang)
        place = [self.file]
        if self.row is not None:
            place.append(words.say("problems.place.row", row=self.row))
        if self.column is not None:
            place.append(words.say("problems.place.column", column=self.column))
        if self.key is not None:
            place.append(words.say("problems.place.key", key=self.key))
        return words.say(
            "problems.place.line",
            place=words.say("problems.place.join").join(place),
            message=words.say(f"problems.{self.code}", **self.values),
        )

    def __str__(self) -> str:
        return self.say()


class AppraisalError(Exception):
    """Something that a user can mend; says every problem, a line each.

    Parameters
    ----------
    problems : iterable of Problem
        All that was found, in the order a reader would mend them.
    lang : str
        Language in which the error says itself.

    Examples
    --------
    >>> str(TableError([Problem("blank", "bands.csv", 7, "band")]))
    'bands.csv, row 7, column band: is blank; a value is needed'
    """

    def __init__(self, problems: Iterable[Problem], lang: str = FALLBACK) -> None:
        self.problems = tuple(problems)
        self.lang = lang
        super().__init__(self.problems, lang)

    @property
    def count(self) -> int:
        """How many things there are to mend."""
        return sum(problem.count for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(problem.say(self.lang) for problem in self.problems)


class FolderError(AppraisalError):
    """There is no such year folder, or it cannot be used."""


class RulebookError(AppraisalError):
    """The rulebook has a wrong, a missing or an unknown key."""


class TableError(AppraisalError):
    """The tables of the year folder have something to mend."""


class RulingError(AppraisalError):
    """The rules need a decision of the leading group that the table of rulings does not have, or has wrongly."""


class RunError(AppraisalError):
    """A notebook did not run to its end as it should; nothing was published."""


class ChoicesError(AppraisalError):
    """A file of choices of an explore notebook cannot be used, or may not lie where it would."""


class ReconciliationError(AppraisalError):
    """The base case of an analysis is not the official result; nothing may be published."""
