"""Where a year's folder is: `data/<year>` or, of many places, `data/<place>/<year>`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from appraisal.errors import FolderError, Problem
from appraisal.words import FALLBACK, LANGUAGES

YEAR = re.compile(r"[1-9][0-9]{3}", re.ASCII)
RULEBOOK = "rulebook.toml"
# Also in a rulebook that is no TOML: what is wrong with it is said in its own language.
LANG = re.compile(rf"""^\s*lang\s*=\s*["']({"|".join(LANGUAGES)})["']""".encode(), re.MULTILINE)

# What a name would mean to some system that shares the folder, or to a command line.
MEANT, NOT_FIRST, NOT_LAST, LONGEST = frozenset('/\\:*?"<>|'), (".", "-", "~", " "), (".", " ", ".html"), 80


@dataclass(frozen=True, order=True)
class PlaceYear:
    """A year of a place.

    Parameters
    ----------
    place : str
        Plain name of the folder that holds the place's years; blank where a data folder holds the years itself.
    year : int

    Examples
    --------
    >>> str(PlaceYear("成都", 2003)), str(PlaceYear("", 2003))
    ('成都/2003', '2003')
    """

    place: str
    year: int

    def __str__(self) -> str:
        return f"{self.place}/{self.year}" if self.place else str(self.year)

    def below(self, root: Path) -> Path:
        """Folder of the year below a folder of data or reports."""
        return root / self.place / str(self.year)

    def root_of(self, folder: Path) -> Path:
        """Folder of data or reports that the year's folder lies below.

        Examples
        --------
        >>> PlaceYear("成都", 2003).root_of(Path("data/成都/2003")).name
        'data'
        """
        return folder.parents[1] if self.place else folder.parent


def place_year(said: PlaceYear | int | str) -> PlaceYear:
    """Read `2003` or `成都/2003`.

    Raises
    ------
    FolderError
        If the year is none, or the place is no plain folder name.

    Examples
    --------
    >>> place_year("成都/2003")
    PlaceYear(place='成都', year=2003)
    """
    if isinstance(said, PlaceYear):
        return said
    place, slash, year = str(said).rpartition("/")
    if not YEAR.fullmatch(year):
        raise FolderError([Problem("folder.no_year", str(said))])
    if slash and not is_place(place):
        raise FolderError([Problem("folder.no_place", ascii(place))])
    return PlaceYear(place, int(year))


def is_place(name: str) -> bool:
    """Whether a name, in any script, is a plain folder name on every system and no year.

    Examples
    --------
    >>> [is_place(name) for name in ("成都", "St. Gallen", "..", "a/b", "-p", "2003", "a\u202eb")]
    [True, True, False, False, False, False, False]
    """
    plain = name.isprintable() and not MEANT & set(name) and 0 < len(name) <= LONGEST
    return plain and not (name.startswith(NOT_FIRST) or name.lower().endswith(NOT_LAST) or name.isdigit())


def year_folder(year: PlaceYear | int | str, data: Path | str | None = None) -> Path:
    """Find the folder of an appraisal year.

    Parameters
    ----------
    year : PlaceYear, int or str
        Four digits; with the place before them where the years lie in folders of places: `成都/2003`.
    data : Path or str, optional
        The folder that holds the years; else the nearest `data` of the working folder or a folder above it.

    Returns
    -------
    Path

    Raises
    ------
    FolderError
        If `year` is no year, or there is no such folder.
    """
    return _found(data, place_year(year).below)


def data_folder(data: Path | str | None = None) -> Path:
    """Find the folder that holds the years: `data`, else the nearest `data` of the working folder or one above it.

    Raises
    ------
    FolderError
        If there is none.
    """
    return _found(data, lambda folder: folder)


def _found(data: Path | str | None, wanted: Callable[[Path], Path]) -> Path:
    """The folder wanted of `data`, else of the nearest `data`, here or above, that has it."""
    here = Path.cwd()
    roots = [*(folder / "data" for folder in (here, *here.parents)), Path("data")] if data is None else [Path(data)]
    tried = [wanted(root) for root in roots]
    found = next((folder for folder in tried if folder.is_dir()), None)
    if found is None:
        raise FolderError([Problem("folder.not_there", str(tried[-1]))])
    return found


def earlier_folder(folder: Path) -> Path | None:
    """Find the folder of the nearest earlier year beside a year's folder; None where there is none.

    Parameters
    ----------
    folder : Path
        Of a year.
    """
    return max(earlier_folders(folder), default=None)


def earlier_folders(folder: Path) -> list[Path]:
    """Find the folders of all earlier years beside a year's folder that have a rulebook, in their order."""
    folder = folder.resolve()
    if not YEAR.fullmatch(folder.name):
        return []
    years = [beside for beside in folder.parent.iterdir() if YEAR.fullmatch(beside.name) and beside.name < folder.name]
    return sorted(beside for beside in years if (beside / RULEBOOK).is_file())


def written_language(folder: Path) -> str:
    """Language that the rulebook of a year folder names, whatever else is wrong with it; English if it names none."""
    try:
        said = LANG.search((folder / RULEBOOK).read_bytes())
    except OSError:
        return FALLBACK
    return said[1].decode() if said else FALLBACK


def data_language(data: Path) -> str:
    """Language that the rulebook of the latest year of a data folder names: where no year is asked for."""
    years = all_years(data)[0] if data.is_dir() else []
    return written_language(max(years, key=lambda year: year.year).below(data)) if years else FALLBACK


def place_years(root: Path) -> tuple[list[PlaceYear], list[Problem]]:
    """Every folder of a year below a folder of data or reports: its own, then those of each place.

    Returns
    -------
    years : list of PlaceYear
    problems : list of Problem
        Folders below it that hold years and have a name that no place may have, or that cannot be read.
    """
    years, problems = [PlaceYear("", year) for year in _years(root)], []
    for name in sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if YEAR.fullmatch(name):
            continue
        try:
            own = _years(root / name)
        except OSError as fault:
            problems.append(Problem("file.folder", str(root / name), values={"fault": fault.strerror or fault}))
            continue
        if is_place(name):
            years += [PlaceYear(name, year) for year in own]
        elif own:
            problems.append(Problem("folder.no_place", ascii(name)))
    return years, problems


def _years(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.iterdir() if YEAR.fullmatch(path.name) and path.is_dir())


def all_years(root: Path) -> tuple[list[PlaceYear], list[Problem]]:
    """Those of `place_years` that have a rulebook; the problems as there."""
    years, problems = place_years(root)
    return [year for year in years if (year.below(root) / RULEBOOK).is_file()], problems


def in_places(asked: Iterable[PlaceYear], there: Iterable[PlaceYear]) -> tuple[PlaceYear, ...]:
    """Give each year that is asked for once; a bare year that only places have is that of every place.

    Examples
    --------
    >>> there = [PlaceYear("成都", 2003), PlaceYear("綿陽", 2003), PlaceYear("綿陽", 2004)]
    >>> [str(year) for year in in_places([PlaceYear("", 2003), PlaceYear("綿陽", 2004)], there)]
    ['成都/2003', '綿陽/2003', '綿陽/2004']
    """
    there, found = list(there), []
    for wanted in asked:
        every = [] if wanted.place or wanted in there else [one for one in there if one.year == wanted.year]
        found += every or [wanted]
    return tuple(dict.fromkeys(found))
