"""Two versions of a year, or a version and the year folder as it is, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appraisal.analysis.changes import Changes, Values, between
from appraisal.errors import Problem, RunError
from appraisal.files import write_file
from appraisal.office.snapshot import result_values
from appraisal.office.versions import find, published_versions, unpacked, values_of
from appraisal.reporting.changed import changed_piece
from appraisal.reporting.one_page import one_page
from appraisal.scoring.appraise import appraise
from appraisal.tables import Year, load_year
from appraisal.words import catalogue


@dataclass(frozen=True)
class Differences:
    """What changed from one state to another.

    Parameters
    ----------
    before, after : str
        Version of each; blank for the year folder as it is.
    year : Year
        The later one.
    changes : Changes
    """

    before: str
    after: str
    year: Year
    changes: Changes

    @property
    def title(self) -> str:
        """What is compared with what."""
        words, rules = catalogue(self.year.rules.lang), self.year.rules
        after = words.say("changes.version", code=self.after) if self.after else words.say("changes.now")
        return words.say("changes.title", year=rules.year, before=self.before, after=after)


def differences(folder: Path, before: str = "", after: str = "") -> Differences:
    """Compare two versions.

    Parameters
    ----------
    folder : Path
        The year folder.
    before : str
        Code of a version; else the last published one.
    after : str
        Code of a version; else the year folder as it is.

    Raises
    ------
    AppraisalError
        If there is no such version, or what is there now cannot be appraised.
    """
    versions = published_versions(folder)
    if not before and not versions:
        raise RunError([Problem("office.never_published", folder.name, values={"year": folder.name})])
    before = find(folder, before or versions[-1].version).version
    with _state(folder, before) as (first, was), _state(folder, after) as (second, now):
        changes = between(first, second, was, now)
        return Differences(before, after.upper(), second, changes)


@contextmanager
def _state(folder: Path, version: str) -> Iterator[tuple[Year, Values]]:
    """A state of the year and its result: of a version as it was published."""
    if not version:
        appraised = appraise(load_year(folder))
        yield appraised.year, result_values(appraised)
        return
    entry = find(folder, version)
    with unpacked(folder, entry) as place:
        yield load_year(place), values_of(folder, entry)


def page_of(found: Differences, path: Path) -> None:
    """Write what changed as one A4 page.

    Raises
    ------
    FolderError
        If it cannot be written.
    """
    rules = found.year.rules
    shown = changed_piece(found.changes, found.year)
    page = one_page(shown, title=found.title, subtitle=rules.title, lang=rules.lang, marks=())
    write_file(path, page.encode())
