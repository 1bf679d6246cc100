"""Commands about what runs by itself and where: schedule, doctor."""

from __future__ import annotations

import getpass
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from appraisal.cli.options import YearName, data_option, reports_option, says_what_to_mend
from appraisal.files import write_file
from appraisal.folders import PlaceYear, data_folder, data_language
from appraisal.words import catalogue

# What the installation that prints the schedule rests on, if it is not the plain one.
CARRIED = ("PYTHONPATH",)
# Cron's and systemd's files end a value with the line; no mark of a shell belongs into an address.
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+(@[A-Za-z0-9.-]+)?", re.ASCII)


class Parts(click.ParamType[tuple[int, int]]):
    """Two numbers with a mark between them: a day 01-05, an hour 06:30."""

    def __init__(self, name: str, mark: str, largest: tuple[int, int], least: int) -> None:
        self.name, self._mark, self._largest, self._least = name, mark, largest, least

    def convert(  # noqa: RET503  (click's fail never returns)
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, int]:
        """Refuse what is no such pair."""
        if isinstance(value, tuple):
            return value
        if found := re.fullmatch(f"([0-9]{{2}}){self._mark}([0-9]{{2}})", value, re.ASCII):
            first, second = int(found[1]), int(found[2])
            if self._least <= first <= self._largest[0] and self._least <= second <= self._largest[1]:
                return first, second
        self.fail(f"{value!r} is no {self.name}", param, context)


DAY, HOUR = Parts("day such as 01-05", "-", (12, 31), 1), Parts("time such as 06:30", ":", (23, 59), 0)


@click.command()
@click.argument("years", metavar="[YEAR]...", type=YearName(), nargs=-1)
@click.option("--crontab", is_flag=True, help="Lines of a crontab instead of units of systemd.")
@data_option
@reports_option
@click.option("--from", "first", type=DAY, default="01-05", show_default=True, help="First morning.")
@click.option("--until", "last", type=DAY, default="03-31", show_default=True, help="Last morning.")
@click.option("--at", "hour", type=HOUR, default="06:30", show_default=True)
@click.option("--mail", default="", help="Whom cron tells of a run that failed; else the crontab's owner.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files into this folder.")
@says_what_to_mend
def schedule(
    years: tuple[PlaceYear, ...],
    crontab: bool,
    data: Path | None,
    reports: Path,
    first: tuple[int, int],
    last: tuple[int, int],
    hour: tuple[int, int],
    mail: str,
    out: Path | None,
) -> None:
    """Print what makes the report of each YEAR, else of every one, each morning of a season if it is ready."""
    from appraisal.office.schedule import NAME, Run, Season, crontab_lines, systemd_units

    place = data_folder(data).resolve()
    command = [sys.executable, "-m", "appraisal", "report", "--when-ready"]
    run = Run(
        command=[*command, "--data", str(place), "--reports", str(reports.resolve()), *map(str, years)],
        environment={"PYTHONUTF8": "1"} | {name: os.environ[name] for name in CARRIED if os.environ.get(name)},
        folder=place.parent,
        reports=reports.resolve(),
        user=getpass.getuser(),
        lang=data_language(place),
    )
    said = (*run.command, str(run.folder), *run.environment.values())
    if any(not text.isprintable() for text in said):
        raise click.UsageError("a path with a line end or a control character cannot be scheduled")
    mail = mail or run.user
    if not ADDRESS.fullmatch(mail):
        raise click.BadParameter(f"{mail!r} is no address", param_hint="--mail")
    season = Season(first, last, *hour)
    files = {f"{NAME}.crontab": crontab_lines(run, season, mail)} if crontab else systemd_units(run, season)
    for name, text in files.items():
        if out is None:
            click.echo(text if crontab else f"# /etc/systemd/system/{name}\n{text}", nl=not crontab)
        else:
            out.mkdir(parents=True, exist_ok=True)
            write_file(out / name, text.encode())
            click.echo(out / name)


@click.command()
@data_option
@reports_option
@says_what_to_mend
def doctor(data: Path | None, reports: Path) -> None:
    """Try what a report needs on this machine; exit code 1 if a report could not be made."""
    from appraisal.office.doctor import examine

    folder = data_folder(data)
    words = catalogue(data_language(folder))
    findings = examine(folder, reports, words.lang)
    click.echo(words.say("doctor.title"))
    for found in findings:
        mark, name = words.say(f"doctor.marks.{found.state}"), words.say(f"doctor.names.{found.name}")
        click.echo(words.say("doctor.line", mark=mark, name=name, said=found.said))
    if any(found.state == "bad" for found in findings):
        sys.exit(1)
