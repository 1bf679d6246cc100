"""Commands that make or check one paper: why, notice-check, method."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from appraisal.cli.options import (
    data_option,
    languages_option,
    must_end_in,
    out_option,
    reports_option,
    says_what_to_mend,
    year_argument,
)
from appraisal.files import write_file
from appraisal.folders import PlaceYear, year_folder


@click.command()
@year_argument
@click.argument("department")
@data_option
@out_option("Write a page of one sheet of A4 to an .html file.")
@says_what_to_mend
def why(year: PlaceYear, department: str, data: Path | None, out: Path | None) -> None:
    """Tell why DEPARTMENT, a code or an exact name, is where it is; nothing of any other department."""
    from appraisal.office.first_page import imprint
    from appraisal.office.snapshot import take
    from appraisal.reporting.why import find_department, why_page, why_text

    must_end_in(out, ".html")
    snapshot = take(year_folder(year, data))
    code = find_department(snapshot.appraised, department)
    if out is None:
        click.echo(why_text(snapshot.appraised, code), nl=False)
        return
    write_file(out, why_page(snapshot.appraised, code, imprint(snapshot)).encode())
    click.echo(out)


@click.command("notice-check")
@year_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
@out_option("Write the sheet to sign to an .html or .txt file.")
@says_what_to_mend
def notice_check(year: PlaceYear, file: Path, data: Path | None, out: Path | None) -> None:
    """Hold the notice in FILE, a .docx that people have edited, against the result; exit code 1 if it differs."""
    from appraisal.office.first_page import imprint
    from appraisal.office.snapshot import take
    from appraisal.reporting.checklist import SUFFIXES, checklist_page, checklist_text, notice_checklist

    must_end_in(out, *SUFFIXES)
    snapshot = take(year_folder(year, data))
    sheet = notice_checklist(snapshot.appraised, imprint(snapshot), file)
    click.echo(checklist_text(sheet), nl=False)
    if out is not None:
        write_file(out, (checklist_page(sheet) if out.suffix == ".html" else checklist_text(sheet)).encode())
    if sheet.findings:
        sys.exit(1)


@click.command()
@year_argument
@data_option
@reports_option
@languages_option("method")
@says_what_to_mend
def method(year: PlaceYear, data: Path | None, reports: Path, languages: tuple[str, ...]) -> None:
    """Write every formula with its source and limits, and two public pages that answer a critic with YEAR's figures."""
    from appraisal.office.method import publish_method
    from appraisal.office.snapshot import take
    from appraisal.office.status import write_index

    folder = year_folder(year, data)
    for page in publish_method(take(folder, languages=languages), reports / year.place):
        click.echo(page)
    write_index(year.root_of(folder), reports)
