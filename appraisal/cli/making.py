"""The command that makes reports: of one year or many, in this process, in several, or on a cluster."""

from __future__ import annotations

import json
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from appraisal.cli.options import (
    YearName,
    data_option,
    languages_option,
    reports_option,
    say_problems,
    says_what_to_mend,
    year_language,
)
from appraisal.errors import AppraisalError, Problem
from appraisal.folders import PlaceYear, all_years, data_folder, in_places, place_years, year_folder
from appraisal.words import Words, catalogue

LINES = 4  # a log tells the progress of a run in so many lines


@click.command()
@click.argument("years", metavar="YEAR...", type=YearName(), nargs=-1)
@data_option
@reports_option
@click.option("--force", is_flag=True, help="Make the report although it is up to date.")
@click.option("--all", "every", is_flag=True, help="Every year that there is, of every place.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Years made at a time.")
@click.option(
    "--cluster",
    metavar="SCHEDULER",
    default="",
    help="Make them on the workers of a Dask scheduler: its address, or the file that it wrote.",
)
@click.option(
    "--when-ready", is_flag=True, help="A year that is not complete yet is no fault; without YEAR, every year there is."
)
@click.option(
    "-p",
    "--parameter",
    "given",
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="A parameter of the notebook, such as: -p draws 2000.",
)
@languages_option("annual_report")
@says_what_to_mend
def report(
    years: tuple[PlaceYear, ...],
    data: Path | None,
    reports: Path,
    force: bool,
    every: bool,
    jobs: int,
    cluster: str,
    when_ready: bool,
    given: Any,
    languages: tuple[str, ...],
) -> None:
    """Publish the annual report of each YEAR that is not up to date; the last good one stays if a run fails.

    YEAR is 2003, or 成都/2003 where the years lie in folders of places; 2003 is then that year of every place.
    """
    if every and years:
        raise click.UsageError("Give each YEAR or --all, not both.")
    if cluster and jobs > 1:
        raise click.UsageError("Give --jobs or --cluster, not both.")
    if not (years or when_ready or every):
        raise click.UsageError("Missing argument 'YEAR...'.")
    lang = year_language(None, data)
    parameters = {name: _value(text) for name, text in given}
    _refused_if_mistyped(parameters, lang)
    asked, misnamed = _asked(years, data)
    for problem in misnamed:
        click.echo(problem.say(lang), err=True)
    if not asked:
        click.echo(catalogue(lang).say("schedule.no_year"))
        sys.exit(1 if misnamed else 0)
    said = {"parameters": parameters, "languages": languages, "force": force}
    live = jobs == 1 and not cluster
    if cluster:  # where a worker stands, paths are not those of here
        data, reports = data_folder(data).resolve(), reports.resolve()
    alone = _options(data, reports, given, languages)
    one = partial(_published, data=data, reports=reports, said=said, alone=alone, when_ready=when_ready, live=live)
    good = _all_made(one, asked, jobs, cluster, lang)
    if not _indexed(asked, data, reports) or not good or misnamed:
        sys.exit(1)


def _refused_if_mistyped(parameters: dict[str, Any], lang: str) -> None:
    """Refuse as a slip of usage, before any year is run, a parameter that the notebook does not have."""
    from appraisal.office.report import can_be_given

    try:
        can_be_given(parameters)
    except AppraisalError as error:
        raise click.UsageError("\n".join(problem.say(lang) for problem in error.problems)) from error


def _options(data: Path | None, reports: Path, given: Any, languages: tuple[str, ...]) -> list[str]:
    """Options by which a year's report is made again alone, whichever process of whichever machine makes it now."""
    words = [*(("--data", data) if data else ()), "--reports", reports]
    words += [word for parameter in given for word in ("-p", *parameter)]
    words += [word for lang in languages for word in ("--lang", lang)]
    return [str(word) for word in words]


def _asked(years: tuple[PlaceYear, ...], data: Path | None) -> tuple[tuple[PlaceYear, ...], list[Problem]]:
    """Give the years to be made, and what of the root cannot be: only of importance where every year is asked for."""
    if not years:
        there, misnamed = all_years(data_folder(data))
        return tuple(there), misnamed
    try:
        return in_places(years, place_years(data_folder(data))[0]), []
    except AppraisalError:  # each year says for itself that it is not there
        return tuple(dict.fromkeys(years)), []


def _all_made(
    one: Callable[[PlaceYear], bool], years: tuple[PlaceYear, ...], jobs: int, cluster: str, lang: str
) -> bool:
    """Make every report, tell how far it is and sum up; whether all went well."""
    from appraisal.office.batch import each_year
    from appraisal.office.cluster import each_year_on_cluster

    runs = each_year_on_cluster(one, years, cluster, lang) if cluster else each_year(one, years, jobs, lang)
    words, failed = catalogue(lang), set()
    for number, run in enumerate(runs, start=1):
        click.echo(run.out, nl=False)
        click.echo(run.err, nl=False, err=True)
        failed |= set() if run.good else {run.year}
        if len(years) > 1:
            click.echo(words.say("batch.progress", done=number, all=len(years)), err=True)
    if len(years) > 1:
        named = "".join(f" {year}" for year in sorted(failed))
        good = len(years) - len(failed)
        click.echo(words.say("batch.summary", all=len(years), good=good, failed=len(failed), years=named), err=True)
    return not failed


def _published(
    year: PlaceYear,
    data: Path | None,
    reports: Path,
    said: dict[str, Any],
    alone: list[str],
    when_ready: bool,
    live: bool,
) -> bool:
    from appraisal.office.checkup import waits
    from appraisal.office.report import report as run

    lang = year_language(year, data)
    words = catalogue(lang)
    try:
        with _progress(year, words) if live else nullcontext() as progress:
            outcome = run(
                year_folder(year, data),
                reports / year.place,
                **said,
                command=shlex.join(["appraisal", "report", str(year), *alone]),
                progress=progress,
                waiting=lambda: click.echo(words.say("running.report.waiting", year=year), err=True),
            )
    except AppraisalError as error:
        if when_ready and waits(error):
            click.echo(words.say("schedule.waits", year=year, open=error.count))
            return True
        say_problems(error, lang)
        return False
    for remark in outcome.remarks:
        click.echo(words.say("running.report.remark", year=year, message=remark.say(lang)), err=True)
    if outcome.clock:
        click.echo(words.say("running.report.clock", year=year, clock=outcome.clock), err=True)
    current = words.say("running.report.up_to_date", year=year, page=outcome.page, version=outcome.version)
    for line in outcome.pages if outcome.fresh else (current,):
        click.echo(line)
    if outcome.gone:
        click.echo(words.say("running.report.gone", year=year, pages=", ".join(outcome.gone)), err=True)
    return True


def _indexed(years: tuple[PlaceYear, ...], data: Path | None, reports: Path) -> bool:
    """Write the index of all years, after every run; nothing to write where none of them has a folder."""
    from appraisal.office.status import write_index

    for year in years:
        with suppress(AppraisalError):
            root = year.root_of(year_folder(year, data))
            break
    else:
        return True
    try:
        write_index(root, reports)
    except AppraisalError as error:
        say_problems(error, year_language(years[0], data))
        return False
    return True


@contextmanager
def _progress(year: PlaceYear, words: Words) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a few plain lines in a log."""
    if sys.stderr.isatty():
        with click.progressbar(length=1, label=f"{year}", file=sys.stderr) as bar:

            def draw(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            yield draw
        return

    def tell(done: int, total: int) -> None:
        if done * LINES // total > (done - 1) * LINES // total:
            click.echo(words.say("running.report.cells", year=year, done=done, total=total), err=True)

    yield tell


def _value(text: str) -> Any:
    """A list or table as JSON writes it, a number or yes/no as TOML does; everything else is text."""
    try:
        if text.startswith(("[", "{")):
            return json.loads(text)
        value = tomllib.loads(f"value = {text}")["value"]
    except (json.JSONDecodeError, tomllib.TOMLDecodeError):
        return text
    return value if isinstance(value, bool | int | float) else text
