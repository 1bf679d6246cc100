"""Many years in one go: one that fails, or whose process is ended, stops no other."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import click
import pytest

from appraisal.office.batch import Run, each_year

YEARS = (2003, 2004, 2005)


def told(year: int, fails: int = 0, breaks: int = 0) -> bool:
    click.echo(f"{year} out")
    click.echo(f"{year} err", err=True)
    if year == breaks:
        raise ValueError("a ballot token")
    return year != fails


def struck(year: int, folder: Path, times: int) -> bool:
    """End its own process as the system would, the first so many times that 2004 is run."""
    mark = folder / f"{year}-{len(list(folder.iterdir()))}"
    if year == 2004 and len(list(folder.iterdir())) < times:
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return True


def test_in_this_process_a_year_that_fails_stops_no_other(capsys):
    runs = list(each_year(partial(told, fails=2003, breaks=2004), YEARS, jobs=1))
    assert [(run.year, run.good) for run in runs] == [(2003, False), (2004, False), (2005, True)]
    assert "ValueError" in runs[1].err
    assert "token" not in runs[1].err
    assert capsys.readouterr().out == "2003 out\n2004 out\n2005 out\n"


def test_in_processes_of_their_own_each_year_gives_what_it_printed():
    runs = {run.year: run for run in each_year(partial(told, fails=2003, breaks=2004), YEARS, jobs=2)}
    assert sorted(runs) == list(YEARS)
    assert runs[2003] == Run(2003, good=False, out="2003 out\n", err="2003 err\n")
    assert runs[2004].err.startswith("2004 err\n2004: a ValueError")
    assert runs[2005] == Run(2005, good=True, out="2005 out\n", err="2005 err\n")


@pytest.mark.parametrize(("times", "good"), [(1, True), (9, False)])
def test_a_process_that_is_ended_stops_no_other_year(tmp_path, times, good):
    runs = {run.year: run for run in each_year(partial(struck, folder=tmp_path, times=times), YEARS, jobs=2)}
    assert {year: run.good for year, run in runs.items()} == {2003: True, 2004: good, 2005: True}
    assert ("ended" in runs[2004].err) is not good


def test_the_command_sums_up_and_ends_with_1(place):
    (place.folder.parent / "2005").mkdir()
    (place.folder.parent / "2005" / "rulebook.toml").write_text("", encoding="utf-8")
    result = place.run("report", "--all")
    assert result.exit_code == 1
    assert "2 years: 1 done, 1 failed 2005" in result.stderr
    assert (place.reports / "2003" / "annual_report.html").is_file()
    assert place.run("report", 2003, "--all").exit_code == 2
    apart = place.run("report", 2003, 2005, "--jobs", 2)
    assert apart.exit_code == 1
    assert "2003: " in apart.stdout
    assert "2 of 2 years" in apart.stderr
