"""Many years in one go: one that fails, or whose process is ended, stops no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import click
import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from appraisal.office.batch import Run, each_year
from appraisal.reporting.notebook import run_notebook

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


def asleep(year: int, folder: Path) -> bool:
    """Run a notebook whose kernel notes its own process and that of the worker, and then sleeps."""
    cells = ['year = 0\nfolder = ""', NOTED, "import time\ntime.sleep(100)"]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(metadata={"kernelspec": spec}, cells=[new_code_cell(cell) for cell in cells])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, folder / f"{year}.ipynb")
    run_notebook(folder / f"{year}.ipynb", folder / "out.ipynb", {"year": year, "folder": str(folder)})
    return True


NOTED = """
import os
from pathlib import Path
unfinished = Path(folder) / f"{year}.writing"
unfinished.write_text(f"{os.getpid()} {os.getppid()}")
unfinished.rename(unfinished.with_suffix(".processes"))
"""
# A shell that starts the tests in the background has them, and all they start, pass over SIGINT.
BATCH = """
import signal
import sys
from functools import partial
from pathlib import Path
from test_batch import asleep
from appraisal.office.batch import each_year
signal.signal(signal.SIGINT, signal.default_int_handler)
list(each_year(partial(asleep, folder=Path(sys.argv[1])), (2003, 2004), jobs=2))
"""


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


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("sign", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_workers_and_kernels_end_with_the_process_that_started_them(tmp_path, sign):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    with subprocess.Popen([sys.executable, "-c", BATCH, tmp_path], env=environment, stderr=subprocess.DEVNULL) as batch:
        noted = _until(lambda: len(found := sorted(tmp_path.glob("*.processes"))) == 2 and found)
        started = [psutil.Process(int(one)) for file in noted for one in file.read_text("utf-8").split()]
        assert all(process.is_running() for process in started)
        os.kill(batch.pid, getattr(signal, sign))
        batch.wait(timeout=60)
    _until(lambda: not any(process.is_running() for process in started))


def _until(happened):
    for _ in range(600):
        if found := happened():
            return found
        time.sleep(0.05)
    raise AssertionError("did not happen within half a minute")


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
