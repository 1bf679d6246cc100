"""What the commands share: the year, the folders, and how a fault is said."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from appraisal.errors import AppraisalError
from appraisal.folders import YEAR


class YearNumber(click.ParamType):
    """Four digits."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        """Refuse what is no year as a slip of usage."""
        if not YEAR.fullmatch(str(value)):
            self.fail(f"{value!r} is no year; a year is four digits, such as 2003", param, context)
        return int(value)


class Day(click.ParamType):
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


def say_problems(error: AppraisalError) -> None:
    """Print every problem, a line each, on stderr."""
    for problem in error.problems:
        click.echo(problem.say(error.lang), err=True)


def says_what_to_mend(command: Callable[..., None]) -> Callable[..., None]:
    """Exit 1 with every problem, a line each, and no traceback."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except AppraisalError as error:
            say_problems(error)
            sys.exit(1)

    return told


year_argument = click.argument("year", type=YearNumber())
data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the years; else data/ of the working folder or a folder above it.",
)
reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Folder that reports go to.",
)
