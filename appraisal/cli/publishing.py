"""Commands around the published report: seal, report, confirm, diff, verify, status."""

from __future__ import annotations

import datetime
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from appraisal.cli.options import (
    Day,
    YearNumber,
    data_option,
    reports_option,
    say_problems,
    says_what_to_mend,
    year_argument,
    year_language,
)
from appraisal.errors import AppraisalError, FolderError
from appraisal.folders import data_folder, written_language, year_folder, years_in
from appraisal.words import LANGUAGES, Words, catalogue

LINES = 4  # a log tells the progress of a run in so many lines

date_option = click.option("--date", type=Day(), default=datetime.date.today, help="Day of it; else today.")


@click.command()
@year_argument
@data_option
@date_option
@click.option("--reason", default="", help="Why a sealed year is sealed again.")
@says_what_to_mend
def seal(year: int, data: Path | None, date: datetime.date, reason: str) -> None:
    """Seal rulebook, seed, departments and roster before the ballots arrive; prints the code for the minutes."""
    from appraisal.office.seal import seal as sealed

    folder = year_folder(year, data)
    made = sealed(folder, date=date, reason=reason)
    said = catalogue(written_language(folder)).say(f"running.seal.{'late' if made.ballots else 'before'}")
    click.echo(said, err=True)
    click.echo(made.code)


@click.command()
@click.argument("years", metavar="YEAR...", type=YearNumber(), nargs=-1)
@data_option
@reports_option
@click.option("--force", is_flag=True, help="Make the report although it is up to date.")
@click.option("--all", "every", is_flag=True, help="Every year that there is.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Years made at a time.")
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
@click.option(
    "--lang",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    help="Tell the pages in this language, too: annual_report.<lang>.html.",
)
@says_what_to_mend
def report(
    years: tuple[int, ...],
    data: Path | None,
    reports: Path,
    force: bool,
    every: bool,
    jobs: int,
    when_ready: bool,
    given: Any,
    languages: tuple[str, ...],
) -> None:
    """Publish the annual report of each YEAR that is not up to date; the last good one stays if a run fails."""
    from appraisal.office.batch import each_year

    if every and years:
        raise click.UsageError("Give each YEAR or --all, not both.")
    if not years:
        if not (when_ready or every):
            raise click.UsageError("Missing argument 'YEAR...'.")
        years = years_in(data_folder(data))
    lang = year_language(None, data)
    if not years:
        click.echo(catalogue(lang).say("schedule.no_year"))
        return
    said = {"parameters": {name: _value(text) for name, text in given}, "languages": languages, "force": force}
    live = jobs == 1
    one = partial(_published, data=data, reports=reports, said=said, when_ready=when_ready, live=live)
    years, words, failed = tuple(dict.fromkeys(years)), catalogue(lang), set()
    for number, run in enumerate(each_year(one, years, jobs, lang), start=1):
        click.echo(run.out, nl=False)
        click.echo(run.err, nl=False, err=True)
        failed |= set() if run.good else {run.year}
        if not live:
            click.echo(words.say("batch.progress", done=number, all=len(years)), err=True)
    if len(years) > 1:
        named = "".join(f" {year}" for year in sorted(failed))
        good = len(years) - len(failed)
        click.echo(words.say("batch.summary", all=len(years), good=good, failed=len(failed), years=named), err=True)
    if not _indexed(years, data, reports) or failed:
        sys.exit(1)


def _published(year: int, data: Path | None, reports: Path, said: dict[str, Any], when_ready: bool, live: bool) -> bool:
    from appraisal.office.checkup import waits
    from appraisal.office.report import report as run

    lang = year_language(year, data)
    words = catalogue(lang)
    try:
        with _progress(year, words) if live else nullcontext() as progress:
            outcome = run(
                year_folder(year, data),
                reports,
                **said,
                progress=progress,
                waiting=lambda: click.echo(words.say("running.report.waiting", year=year), err=True),
            )
    except AppraisalError as error:
        if when_ready and waits(error):
            click.echo(words.say("schedule.waits", year=year, open=len(error.problems)))
            return True
        say_problems(error, lang)
        return False
    if outcome.clock:
        click.echo(words.say("running.report.clock", year=year, clock=outcome.clock), err=True)
    current = words.say("running.report.up_to_date", year=year, page=outcome.page, version=outcome.version)
    click.echo(outcome.page if outcome.fresh else current)
    return True


def _indexed(years: tuple[int, ...], data: Path | None, reports: Path) -> bool:
    """Write the index of all years, after every run; nothing to write where none of them has a folder."""
    from appraisal.office.status import write_index

    for year in years:
        with suppress(FolderError):
            folder = year_folder(year, data)
            break
    else:
        return True
    try:
        write_index(folder.parent, reports)
    except AppraisalError as error:
        say_problems(error, year_language(years[0], data))
        return False
    return True


@contextmanager
def _progress(year: int, words: Words) -> Iterator[Callable[[int, int], None]]:
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


@click.command()
@year_argument
@data_option
@click.option("--by", required=True, help="Who decided, such as 市委常委會.")
@date_option
@click.option("--reopen", metavar="REASON", default="", help="Open a confirmed year again, with the reason.")
@says_what_to_mend
def confirm(year: int, data: Path | None, by: str, date: datetime.date, reopen: str) -> None:
    """Record that the standing committee confirmed what was published last."""
    from appraisal.office import confirmation
    from appraisal.office.snapshot import take

    folder = year_folder(year, data)
    if reopen:
        made = confirmation.reopen(folder, by=by, date=date, reason=reopen)
    else:
        made = confirmation.confirm(take(folder), by=by, date=date)
    words = catalogue(written_language(folder))
    click.echo(words.say(f"office.confirmation.{made.action}", year=year, version=made.version, date=made.date))


@click.command()
@year_argument
@click.argument("before", metavar="[A]", default="")
@click.argument("after", metavar="[B]", default="")
@data_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write one page to a .html file.")
@says_what_to_mend
def diff(year: int, before: str, after: str, data: Path | None, out: Path | None) -> None:
    """Compare version A (else the last published) with version B (else the year folder): rows, rules, who moved."""
    from appraisal.office.differences import differences, page_of
    from appraisal.reporting.changed import changed_text

    if out is not None and out.suffix != ".html":
        raise click.BadParameter(f"{out} must end in .html", param_hint="--out")
    found = differences(year_folder(year, data), before, after)
    if out is None:
        click.echo("\n\n".join([found.title, *changed_text(found.changes, found.year)]))
    else:
        page_of(found, out)
        click.echo(out)


@click.command()
@year_argument
@data_option
@reports_option
@says_what_to_mend
def verify(year: int, data: Path | None, reports: Path) -> None:
    """Hold a published set to its manifest: inputs, result and files, each asked apart."""
    from appraisal.office.verify import verified_text
    from appraisal.office.verify import verify as verified

    found = verified(year_folder(year, data), reports)
    for line in verified_text(found):
        click.echo(line)
    if not found.good:
        sys.exit(1)


@click.command()
@data_option
@reports_option
@says_what_to_mend
def status(data: Path | None, reports: Path) -> None:
    """Say how each year stands: not complete, ready, stale, published, confirmed, failed."""
    from appraisal.office.status import language, year_states
    from appraisal.reporting.overview import overview_text

    folder = data_folder(data)
    states = year_states(folder, reports)
    for line in overview_text(states, language(folder, states)):
        click.echo(line)
