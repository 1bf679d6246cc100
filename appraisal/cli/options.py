"""What the commands share: the year, the folders, and how a fault is said."""

from __future__ import annotations

import datetime
import io
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click

from appraisal.errors import AppraisalError, FolderError
from appraisal.folders import (
    YEAR,
    PlaceYear,
    data_folder,
    data_language,
    place_year,
    written_language,
    year_folder,
)
from appraisal.words import FALLBACK, LANGUAGES


class YearName(click.ParamType[PlaceYear]):
    """Four digits, with a place before them where years lie in folders of places."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> PlaceYear:
        """Refuse what is no year, and what is no place, as a slip of usage."""
        try:
            return place_year(value)
        except FolderError as error:
            self.fail(str(error), param, context)


class YearNumber(click.ParamType[int]):
    """Four digits."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        """Refuse what is no year as a slip of usage."""
        if not YEAR.fullmatch(str(value)):
            self.fail(f"{value!r} is no year; a year is four digits, such as 2003", param, context)
        return int(value)


class Day(click.ParamType[datetime.date]):
    """A date as ISO 8601 writes it."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime.date:
        """Refuse what is no date as a slip of usage."""
        if isinstance(value, datetime.date):
            return value
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2004-01-15", param, context)


class Commands(click.Group):
    """Commands that say on every terminal what they have to say, listed in the order of a year."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Name them as they were added."""
        return sorted(super().list_commands(context), key=list(self.commands).index)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what each does, whole: a sentence cut short tells a newcomer nothing."""
        names = self.list_commands(context)
        rows = [(name, self.commands[name].get_short_help_str(limit=1_000)) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command; what the terminal, the log or the pipe cannot print is printed by its number."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **options)


def year_language(year: PlaceYear | None, data: Path | None) -> str:
    """Language of a year's rulebook, else of the latest year's; English where there is none."""
    with suppress(FolderError):
        if year is not None:
            return written_language(year_folder(year, data))
    with suppress(FolderError):
        return data_language(data_folder(data))
    return FALLBACK


def say_problems(error: AppraisalError, lang: str) -> None:
    """Print every problem, a line each, on stderr."""
    for problem in error.problems:
        click.echo(problem.say(lang), err=True)


def says_what_to_mend(command: Callable[..., None]) -> Callable[..., None]:
    """Exit 1 with every problem, a line each, and no traceback."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except AppraisalError as error:
            say_problems(error, year_language(options.get("year"), options.get("data")))
            sys.exit(1)

    return told


def must_end_in(out: Path | None, *suffixes: str) -> None:
    """Refuse as a slip of usage what ``--out`` names, if its ending is none that the command writes."""
    if out is not None and out.suffix not in suffixes:
        raise click.BadParameter(f"{out} must end in {' or '.join(suffixes)}", param_hint="--out")


year_argument = click.argument("year", type=YearName())
data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the years, or folders of places with theirs; else the nearest data/ above.",
)
reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder that reports go to.",
)


def out_option(says: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``--out``, the file that a command writes what it answers to."""
    return click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=says)


def languages_option(page: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``--lang``, as often as there are languages, of a command that writes `page` and ``page.<lang>.html``."""
    return click.option(
        "--lang",
        "languages",
        type=click.Choice(LANGUAGES),
        multiple=True,
        help=f"Tell the pages in this language, too: {page}.<lang>.html.",
    )
