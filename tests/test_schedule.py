"""The scheduled report: what is printed is accepted by systemd and cron, and runs with an empty environment."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import years
from click.testing import CliRunner, Result

from appraisal.cli import main
from appraisal.office.schedule import Run, Season, crontab_lines, systemd_units


def run(*words: object) -> Result:
    return CliRunner().invoke(main, list(map(str, words)))


@pytest.fixture
def folder(tmp_path) -> Path:
    """A data folder, in a place whose name has all that shells and units read as signs."""
    place = tmp_path / "a b%d $HOME 'x' 市"
    years.write_year(place / "data" / "2003")
    return place


def scheduled(folder, *words: object) -> list[Path]:
    result = run(
        "schedule", "--data", folder / "data", "--reports", folder / "reports", "--out", folder / "out", *words
    )
    assert result.exit_code == 0, result.output
    return [Path(line) for line in result.output.splitlines()]


def test_systemd_accepts_the_units(folder, program, tmp_path):
    units = scheduled(folder)
    assert [path.name for path in units] == [
        "appraisal-report.service", "appraisal-report.timer", "appraisal-report-failed.service"
    ]  # fmt: skip
    plain = [path.rename(tmp_path / path.name) for path in units]
    said = subprocess.run([program("systemd-analyze"), "verify", *plain], capture_output=True, text=True, check=False)
    own = [line for line in (said.stdout + said.stderr).splitlines() if "appraisal" in line]
    assert (said.returncode, own) == (0, [])
    lines = [
        line.partition("=")[2] for line in plain[1].read_text("utf-8").splitlines() if line.startswith("OnCalendar")
    ]
    assert lines == ["*-01-05..31 06:30:00", "*-02-01..29 06:30:00", "*-03-01..31 06:30:00"]
    for line in lines:
        subprocess.run([program("systemd-analyze"), "calendar", line], check=True, capture_output=True)


def test_cron_accepts_the_lines(folder, program):
    (crontab,) = scheduled(
        folder, "--crontab", "--from", "12-20", "--until", "02-03", "--at", "05:00", "--mail", "a@b.example"
    )
    said = subprocess.run(
        [program("crontab"), "-n", crontab.name], cwd=crontab.parent, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    lines = crontab.read_text("utf-8").splitlines()
    assert "MAILTO=a@b.example" in lines
    assert [line.split()[:5] for line in lines if line.startswith("0 ")] == [
        ["0", "5", "20-31", "12", "*"], ["0", "5", "1-31", "1", "*"], ["0", "5", "1-3", "2", "*"]
    ]  # fmt: skip


def as_cron_would(crontab: Path) -> tuple[dict[str, str], str]:
    """What cron sets, and the command it gives to the shell."""
    lines = [line for line in crontab.read_text("utf-8").splitlines() if not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines if not line[0].isdigit())
    line = next(line for line in lines if line[0].isdigit())
    return variables, line.split(" ", 5)[5].replace("\\%", "%")


def empty_environment(variables: dict[str, str], command: str) -> subprocess.CompletedProcess:
    set_ = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.run(["env", "-i", *set_, "/bin/sh", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="a crontab")
def test_the_printed_command_publishes_with_an_empty_environment(folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    tiny.write_notebook(folder / "notebooks")
    (crontab,) = scheduled(folder, "--crontab")
    variables, command = as_cron_would(crontab)
    if os.environ.get("FAULTS") != "full":  # the report in a few cells; the whole one by `make faults`
        own = f"{shlex.quote(tiny.__file__)} {shlex.quote(str(folder / 'notebooks'))} report"
        assert command.count("-m appraisal report") == 1
        command = command.replace("-m appraisal report", own)
    done = empty_environment(variables, command)
    log = (folder / "reports" / ".report.log").read_text("utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    assert (folder / "reports" / "2003" / "annual_report.html").is_file()
    # A fault is seen: exit code, log, and something for cron to mail.
    years.write_year(folder / "data" / "2003", None, years.rulebook({"weights.social": "21"}))
    done = empty_environment(variables, command)
    assert done.returncode == 1
    assert "weights" in done.stdout
    assert (folder / "reports" / "2003" / "annual_report.html").is_file()


def test_what_is_not_complete_is_one_line_and_no_fault(folder):
    tables = years.small_tables()
    tables["bands"] = tables["bands"].iloc[:0]
    years.write_year(folder / "data" / "2003", tables)
    result = run("report", "--when-ready", "--data", folder / "data", "--reports", folder / "reports")
    assert result.exit_code == 0, result.output
    assert result.output == "2003: not complete (1 to fill in); nothing published\n"
    assert not (folder / "reports" / "2003").exists()
    assert run("report", 2003, "--data", folder / "data", "--reports", folder / "reports").exit_code == 1


def test_nothing_new_is_one_line(place):
    words = ("report", "--when-ready", "--data", place.folder.parent, "--reports", place.reports)
    first, second = run(*words), run(*words)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "is up to date" in second.output
    assert len(second.output.splitlines()) == 1


def test_what_is_wrong_is_a_fault_when_ready_too(folder):
    tables = years.small_tables()
    tables["bands"].loc[0, "band"] = "?"
    years.write_year(folder / "data" / "2003", tables)
    result = run("report", "--when-ready", 2003, "--data", folder / "data", "--reports", folder / "reports")
    assert result.exit_code == 1
    assert "bands.csv, row 2" in result.stderr


def test_without_a_year_there_is_nothing_to_do(tmp_path):
    result = run("report", "--when-ready", "--data", tmp_path, "--reports", tmp_path / "reports")
    assert (result.exit_code, result.output) == (0, "no year yet; nothing to do\n")
    assert run("report", "--data", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [["--from", "13-01"], ["--from", "1-5"], ["--at", "24:00"], ["--at", "6:30"], ["--mail", "a b"], ["--mail", "a\nMAILTO=b"], ["２００３"]],
)  # fmt: skip
def test_hostile_words_are_refused(folder, words):
    assert run("schedule", "--data", folder / "data", *words).exit_code == 2


def test_signs_of_units_and_shells_are_quoted():
    made = Run(["/x/py", "a b", '"', "$X", "%h", "\\"], {"A": "%"}, Path("/a%b"), Path("/r %"), "office")
    service = systemd_units(made, Season((1, 5), (3, 31), 6, 30))["appraisal-report.service"]
    assert 'ExecStart="/x/py" "a b" "\\"" "$$X" "%%h" "\\\\"' in service
    assert "WorkingDirectory=/a%%b" in service
    assert "'/r \\%'" in crontab_lines(made, Season((1, 5), (3, 31), 6, 30), "x")
