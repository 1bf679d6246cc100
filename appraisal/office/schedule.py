"""The report of each morning of a season, as units of systemd or lines of a crontab with every path filled in."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from appraisal.words import FALLBACK, catalogue

NAME = "appraisal-report"
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LOG = ".report.log"


@dataclass(frozen=True)
class Season:
    """Days of the year, first and last included, as (month, day); it may run over the turn of the year.

    Parameters
    ----------
    first, last : (int, int)
    hour, minute : int
        Of each morning.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    hour: int
    minute: int

    def spans(self) -> Iterator[tuple[int, int, int]]:
        """Give month, first and last day of each month of the season.

        Examples
        --------
        >>> list(Season((12, 20), (2, 3), 6, 30).spans())
        [(12, 20, 31), (1, 1, 31), (2, 1, 3)]
        """
        over = self.last < self.first
        months = (self.last[0] - self.first[0]) % 12 if self.last[0] != self.first[0] else 12 * over
        for step in range(months + 1):
            month = (self.first[0] - 1 + step) % 12 + 1
            yield month, self.first[1] if step == 0 else 1, self.last[1] if step == months else LONGEST[month - 1]


@dataclass(frozen=True)
class Run:
    """What is run.

    Parameters
    ----------
    command : sequence of str
        Program, by its whole path, and its words.
    environment : mapping
        What it needs, whatever else is set or not.
    folder : Path
        Working folder.
    reports : Path
        Where reports go; the log of a crontab's runs is kept there.
    user : str
    lang : str
        Of what the files say to people.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    reports: Path
    user: str
    lang: str = FALLBACK


def systemd_units(run: Run, season: Season) -> dict[str, str]:
    """Give the units by the names of their files: a timer, what it starts, and what is started when that fails."""
    words = catalogue(run.lang)
    service = [
        "[Unit]",
        f"Description={words.say('schedule.service')}",
        f"OnFailure={NAME}-failed.service",
        "",
        "[Service]",
        "Type=oneshot",
        f"User={run.user}",
        f"WorkingDirectory={_specifiers(str(run.folder))}",
        # Where the user's home cannot be written, a library would say so on each run, and a report that says anything
        # is not published.
        f"CacheDirectory={NAME}",
        f"Environment=MPLCONFIGDIR=%C/{NAME}",
        *(f"Environment={_unit_word(f'{name}={value}')}" for name, value in run.environment.items()),
        f"ExecStart={' '.join(map(_unit_word, run.command))}",
        "TimeoutStartSec=2h",
    ]
    at = f"{season.hour:02}:{season.minute:02}:00"
    timer = [
        "[Unit]",
        f"Description={words.say('schedule.timer')}",
        "",
        "[Timer]",
        *(f"OnCalendar=*-{month:02}-{first:02}..{last:02} {at}" for month, first, last in season.spans()),
        # A machine that was off at that hour makes up for it.
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    said = _unit_word(words.say("schedule.failed", reports=run.reports))
    failed = [
        "[Unit]",
        f"Description={words.say('schedule.alarm')}",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart=/usr/bin/systemd-cat --identifier={NAME} --priority=err /bin/echo {said}",
    ]
    units = {f"{NAME}.service": service, f"{NAME}.timer": timer, f"{NAME}-failed.service": failed}
    return {name: "\n".join(lines) + "\n" for name, lines in units.items()}


def crontab_lines(run: Run, season: Season, mail: str) -> str:
    """Give the lines of a crontab; cron mails what a run says, so it says something only when it failed."""
    log = shlex.quote(str(run.reports / LOG))
    reports = shlex.quote(str(run.reports))
    command = (
        f"cd {shlex.quote(str(run.folder))} && mkdir -p {reports} && "
        f"{{ {shlex.join(run.command)} >>{log} 2>&1 || {{ tail -n 40 {log}; exit 1; }}; }}"
    )
    lines = [
        f"# {catalogue(run.lang).say('schedule.timer')}",
        f"MAILTO={mail}",
        "SHELL=/bin/sh",
        *(f"{name}={value}" for name, value in run.environment.items()),
        *(
            f"{season.minute} {season.hour} {first}-{last} {month} * " + command.replace("%", "\\%")
            for month, first, last in season.spans()
        ),
    ]
    return "\n".join(lines) + "\n"


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(text: str) -> str:
    """Quote one word for a unit, where % and $ would be filled in."""
    plain = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{plain}"'
