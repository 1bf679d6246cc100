"""Commands around the published report: seal, confirm, diff, verify, status, overview."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import click

from appraisal.cli.options import (
    Day,
    data_option,
    must_end_in,
    out_option,
    reports_option,
    says_what_to_mend,
    year_argument,
)
from appraisal.folders import PlaceYear, data_folder, place_years, written_language, year_folder
from appraisal.words import catalogue

date_option = click.option("--date", type=Day(), default=datetime.date.today, help="Day of it; else today.")


@click.command()
@year_argument
@data_option
@date_option
@click.option("--reason", default="", help="Why a sealed year is sealed again.")
@says_what_to_mend
def seal(year: PlaceYear, data: Path | None, date: datetime.date, reason: str) -> None:
    """Seal rulebook, seed, departments and roster before the ballots arrive; prints the code for the minutes."""
    from appraisal.office.seal import seal as sealed
    from appraisal.office.seal import without_roster

    folder = year_folder(year, data)
    made = sealed(folder, date=date, reason=reason)
    words = catalogue(written_language(folder))
    click.echo(words.say(f"running.seal.{'late' if made.ballots else 'before'}"), err=True)
    if without_roster(made):
        click.echo(words.say("running.seal.no_roster"), err=True)
    click.echo(made.code)


@click.command()
@year_argument
@data_option
@click.option("--by", required=True, help="Who decided, such as 市委常委會.")
@date_option
@click.option("--reopen", metavar="REASON", default="", help="Open a confirmed year again, with the reason.")
@says_what_to_mend
def confirm(year: PlaceYear, data: Path | None, by: str, date: datetime.date, reopen: str) -> None:
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
@out_option("Write one page to an .html file.")
@says_what_to_mend
def diff(year: PlaceYear, before: str, after: str, data: Path | None, out: Path | None) -> None:
    """Compare version A (else the last published) with version B (else the year folder): rows, rules, who moved."""
    from appraisal.office.differences import differences, page_of
    from appraisal.reporting.changed import changed_text

    must_end_in(out, ".html")
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
def verify(year: PlaceYear, data: Path | None, reports: Path) -> None:
    """Hold a published set to its manifest: inputs, result and files, each asked apart."""
    from appraisal.office.verify import verified_text
    from appraisal.office.verify import verify as verified

    found = verified(year_folder(year, data), reports / year.place)
    for line in verified_text(found):
        click.echo(line)
    if not found.good:
        sys.exit(1)


@click.command()
@data_option
@reports_option
@says_what_to_mend
def status(data: Path | None, reports: Path) -> None:
    """Say how each year of every place stands: not complete, ready, stale, published, confirmed, failed."""
    from appraisal.office.status import language, year_states
    from appraisal.reporting.overview import overview_text

    folder = data_folder(data)
    states = year_states(folder, reports)
    lang = language(folder, states)
    for line in overview_text(states, lang):
        click.echo(line)
    for problem in place_years(folder)[1]:
        click.echo(problem.say(lang), err=True)


@click.command()
@data_option
@reports_option
@says_what_to_mend
def overview(data: Path | None, reports: Path) -> None:
    """Write overview.html beside the reports: how they stand, thin lines, severe panels; for the office alone."""
    from appraisal.office.collected import write_overview
    from appraisal.office.status import write_index

    click.echo(write_overview(data_folder(data), reports))
    write_index(data_folder(data), reports)
