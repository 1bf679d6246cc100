"""Commands before there is anything to publish: new, check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appraisal.cli.options import (
    YearName,
    YearNumber,
    data_option,
    must_end_in,
    out_option,
    says_what_to_mend,
    year_argument,
)
from appraisal.files import told_if_not_written, write_file
from appraisal.folders import PlaceYear, all_years, data_folder, data_language, written_language, year_folder
from appraisal.words import LANGUAGES, catalogue

if TYPE_CHECKING:
    from appraisal.reporting.checked import Checkup

# Folder of the year folder that nothing is read from.
MARKED = "marked"
EXIT = {"ready": 0, "wrong": 1, "not_complete": 3}


@click.command()
@year_argument
@data_option
@click.option("--from", "start", type=YearNumber(), help="Carry departments and rulebook over from this year.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of heads, notes and labels; else the rulebook's.")
@click.option("--workbook", is_flag=True, help="One tables.xlsx with lists, limits and notes instead of CSV files.")
@click.option("--wide", is_flag=True, help="Ballots with one column for each item; with --from, for each department.")
@says_what_to_mend
def new(year: PlaceYear, data: Path | None, start: int | None, lang: str | None, workbook: bool, wide: bool) -> None:
    """Make the folder of YEAR: the rulebook of the last year carried over, and tables to be filled in."""
    from appraisal.office.template import new_year

    made = new_year(
        year.year, data_folder(data_folder(data) / year.place), start=start, lang=lang, workbook=workbook, wide=wide
    )
    words = catalogue(written_language(made[0].parent))
    for path in made:
        click.echo(words.say("template.made", file=path))
    click.echo(words.say("template.next", year=year, rulebook=made[0].name))


@click.command()
@click.argument("year", type=YearName(), required=False)
@data_option
@click.option("--all", "every", is_flag=True, help="Every year that there is, of every place: a line each.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for a program.")
@click.option("--mark", is_flag=True, help="Write a copy of the tables with what is to be mended marked at its cell.")
@out_option("Where that copy, which holds every ballot, goes; else marked/tables-YEAR-marked.xlsx in the year folder.")
@says_what_to_mend
def check(year: PlaceYear | None, data: Path | None, every: bool, as_json: bool, mark: bool, out: Path | None) -> None:
    """Say everything that is wrong with a year, that is not there yet, or was read as something else.

    Exit codes: 0 ready to score, 1 something is wrong, 3 nothing is wrong and something is not there yet.
    """
    from appraisal.office.checkup import check_year
    from appraisal.reporting import checked

    if every == (year is not None):
        raise click.UsageError("Give a YEAR or --all.")
    if year is None:
        if mark or out is not None:
            raise click.UsageError("--mark and --out are for one YEAR.")
        _check_all(data_folder(data), as_json)
        return
    must_end_in(out, ".xlsx")
    folder = year_folder(year, data)
    found = check_year(folder)
    if as_json:
        click.echo(checked.as_json(found))
    else:
        for line in checked.remark_lines(found):
            click.echo(line)
        for line in checked.problem_lines(found):
            click.echo(line, err=True)
        for line in checked.summary_lines(found):
            click.echo(line)
    if mark or out is not None:
        _write_marked(folder, found, out)
    sys.exit(EXIT[found.state])


def _check_all(root: Path, as_json: bool) -> None:
    """Check each year of a root; where any is wrong the exit code is 1, else 3 where any is not complete."""
    from appraisal.office.checkup import check_year
    from appraisal.reporting import checked

    years, problems = all_years(root)
    lang = data_language(root)
    found = {str(year): check_year(year.below(root)) for year in years}
    if as_json:
        click.echo(checked.all_as_json(found))
    else:
        for name, one in found.items():
            click.echo(checked.state_line(one, name))
    for problem in problems:
        click.echo(problem.say(lang), err=True)
    codes = {EXIT[one.state] for one in found.values()} | ({1} if problems else set())
    sys.exit(1 if 1 in codes else max(codes, default=0))


def _write_marked(folder: Path, found: Checkup, out: Path | None) -> None:
    from appraisal.reporting.marked import marked_workbook

    words = catalogue(found.lang)
    if out is not None and out.resolve().parent == folder.resolve():
        raise click.BadParameter(f"{out} would lie among the tables of the year", param_hint="--out")
    marked = marked_workbook(folder, found)
    for name in marked.left_out:
        click.echo(words.say("check.left_out", file=name), err=True)
    if marked.workbook is None:
        click.echo(words.say("check.nothing_to_mark" if marked.count is None else "check.nothing_marked"), err=True)
        return
    if out is None:  # it holds the ballots, which stay where the tables are
        out = folder / MARKED / f"tables-{folder.name}-marked.xlsx"
        with told_if_not_written(out, lang=found.lang):
            out.parent.mkdir(exist_ok=True)
    write_file(out, marked.workbook)
    click.echo(words.say("check.marked", file=out, count=marked.count), err=True)
