"""Where a year's folder is: `data/<year>` of the working folder or of a folder above it."""

from __future__ import annotations

import re
from pathlib import Path

from appraisal.errors import FolderError, Problem
from appraisal.words import FALLBACK, LANGUAGES

YEAR = re.compile(r"[1-9][0-9]{3}", re.ASCII)
RULEBOOK = "rulebook.toml"
# Also in a rulebook that is no TOML: what is wrong with it is said in its own language.
LANG = re.compile(rf"""^\s*lang\s*=\s*["']({"|".join(LANGUAGES)})["']""".encode(), re.MULTILINE)


def year_folder(year: int | str, data: Path | str | None = None) -> Path:
    """Find the folder of an appraisal year.

    Parameters
    ----------
    year : int or str
        Four digits.
    data : Path or str, optional
        The folder that holds the years; else the nearest `data` of the working folder or a folder above it.

    Raises
    ------
    FolderError
        If `year` is no year, or there is no such folder.
    """
    if not YEAR.fullmatch(str(year)):
        raise FolderError([Problem("folder.no_year", str(year))])
    if data is None:
        above = (folder / "data" for folder in (Path.cwd(), *Path.cwd().parents))
        found = next((folder for folder in above if (folder / str(year)).is_dir()), Path("data"))
    else:
        found = Path(data)
    if not (found / str(year)).is_dir():
        raise FolderError([Problem("folder.not_there", str(found / str(year)))])
    return found / str(year)


def data_folder(data: Path | str | None = None) -> Path:
    """Find the folder that holds the years: `data`, else the nearest `data` of the working folder or one above it.

    Raises
    ------
    FolderError
        If there is none.
    """
    above = (folder / "data" for folder in (Path.cwd(), *Path.cwd().parents))
    found = next((folder for folder in above if folder.is_dir()), Path("data")) if data is None else Path(data)
    if not found.is_dir():
        raise FolderError([Problem("folder.not_there", str(found))])
    return found


def earlier_folder(folder: Path) -> Path | None:
    """Find the folder of the nearest earlier year beside a year's folder; None where there is none.

    Parameters
    ----------
    folder : Path
        Of a year.
    """
    folder = folder.resolve()
    if not YEAR.fullmatch(folder.name):
        return None
    years = [beside for beside in folder.parent.iterdir() if YEAR.fullmatch(beside.name) and beside.name < folder.name]
    return max((beside for beside in years if (beside / RULEBOOK).is_file()), default=None)


def written_language(folder: Path) -> str:
    """Language that the rulebook of a year folder names, whatever else is wrong with it; English if it names none."""
    try:
        said = LANG.search((folder / RULEBOOK).read_bytes())
    except OSError:
        return FALLBACK
    return said[1].decode() if said else FALLBACK


def data_language(data: Path) -> str:
    """Language that the rulebook of the latest year of a data folder names: where no year is asked for."""
    years = years_in(data) if data.is_dir() else ()
    return written_language(data / str(years[-1])) if years else FALLBACK


def years_in(data: Path) -> tuple[int, ...]:
    """Years of a data folder that have a rulebook, in their order."""
    found = (path.name for path in data.iterdir() if YEAR.fullmatch(path.name) and (path / RULEBOOK).is_file())
    return tuple(sorted(map(int, found)))
