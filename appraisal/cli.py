"""The commands. Each asks the package and says what it answered; nothing is computed here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import pandas as pd

from appraisal import __version__
from appraisal.errors import AppraisalError
from appraisal.folders import YEAR, year_folder
from appraisal.tables import load_year

# scipy, papermill and the charts load inside the commands that need them: `check` answers at once.


class YearNumber(click.ParamType):
    """Four digits."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        """Refuse what is no year as a slip of usage."""
        if not YEAR.fullmatch(str(value)):
            self.fail(f"{value!r} is no year; a year is four digits, such as 2003", param, context)
        return int(value)


def _says_what_to_mend(command: Callable[..., None]) -> Callable[..., None]:
    """Exit 1 with every problem, a line each, and no traceback."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except AppraisalError as error:
            for problem in error.problems:
                click.echo(problem.say(error.lang), err=True)
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="appraisal")
def main() -> None:
    """Appraise a city's departments for a year: check the tables, score them, publish the report.

    Exit codes: 0 done, 1 the input is wrong (the message says all of it), 2 usage.
    """


@main.command()
@year_argument
@data_option
@_says_what_to_mend
def check(year: int, data: Path | None) -> None:
    """Read the year folder and say every problem, and all that was read as something else."""
    from appraisal.scoring.appraise import appraise

    loaded = load_year(year_folder(year, data))
    for remark in loaded.remarks:
        click.echo(f"{remark.kind.replace('_', ' ')}: {remark.say()}")
    appraise(loaded)
    click.echo(f"{year}: {len(loaded.departments)} departments in {len(loaded.rules.groups)} groups; ready to score")


@main.command()
@year_argument
@data_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the scorecard to a .csv or .xlsx file."
)
@_says_what_to_mend
def score(year: int, data: Path | None, out: Path | None) -> None:
    """Score and rank the departments and place them in their tiers."""
    from appraisal.reporting.documents import SUFFIXES, results_table, write_results
    from appraisal.reporting.narrative import decision_sentences
    from appraisal.scoring.appraise import appraise

    if out is not None and out.suffix not in SUFFIXES:
        raise click.BadParameter(f"{out} must end in {' or '.join(SUFFIXES)}", param_hint="--out")
    appraised = appraise(load_year(year_folder(year, data)))
    if out is not None:
        write_results(appraised, out)
        click.echo(f"{out}: {len(appraised.scorecard)} departments")
        return
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(
            results_table(appraised).to_string(index=False, float_format=f"%.{appraised.rules.rounding.digits}f")
        )
    for sentence in decision_sentences(appraised):
        click.echo(sentence)


@main.command()
@year_argument
@data_option
@_says_what_to_mend
def draw(year: int, data: Path | None) -> None:
    """Draw the supervision group's sample of departments from the recorded seed."""
    from appraisal.supervision import draw as drawn

    loaded = load_year(year_folder(year, data))
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(drawn(loaded.rules, loaded.departments).to_string(index=False))


@main.command()
@year_argument
@data_option
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Another rulebook for the same tables.",
)
@_says_what_to_mend
def compare(year: int, data: Path | None, rules: Path) -> None:
    """Suppose another rulebook: which keys differ, who moves and by which key alone, the lines of both."""
    from appraisal.analysis.comparison import compare as compared
    from appraisal.reporting.compared import comparison_text
    from appraisal.rulebook import read_rulebook

    loaded = load_year(year_folder(year, data))
    for part in comparison_text(loaded, compared(loaded, loaded.rules, read_rulebook(rules))):
        click.echo(part)


@main.command()
@year_argument
@data_option
@reports_option
@_says_what_to_mend
def report(year: int, data: Path | None, reports: Path) -> None:
    """Publish the annual report."""
    from appraisal.office.publish import publish

    folder = year_folder(year, data)
    with click.progressbar(length=1, label=f"{year}", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        published = publish(folder, reports, progress=progress)
    click.echo(published)


@main.command()
@year_argument
@data_option
@_says_what_to_mend
def simulate(year: int, data: Path | None) -> None:
    """Make up the tables of a year whose rulebook says `data = "synthetic"`; those that are there are written anew."""
    from appraisal.office.reconstruct import write_year

    for path in write_year(year_folder(year, data)):
        click.echo(path)
