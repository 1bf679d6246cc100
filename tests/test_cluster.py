"""The same reports on a cluster as here: a scheduler and two workers apart, on loopback, one of which is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
import years

import appraisal
from appraisal.errors import RunError
from appraisal.folders import PlaceYear
from appraisal.office import cluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PLACES = ("成都", "St. Gallen")
# A manifest tells when a set was made and by which command.
OWN = ("manifest.json",)
# In place of documents that take most of the time and are tested elsewhere.
DOCUMENTS = """

def write_documents(appraised, imprint, folder):
    (folder / "results.csv").write_bytes(_csv(results_table(appraised), appraised))
"""


class Office:
    """A root of places, and a package of its own whose report is a few cells."""

    def __init__(self, root: Path) -> None:
        self.root, self.data = root, root / "data"
        package = Path(appraisal.__file__).parent
        shutil.copytree(package, root / "installed" / "appraisal", ignore=shutil.ignore_patterns("__pycache__"))
        documents = root / "installed" / "appraisal" / "reporting" / "documents.py"
        documents.write_text(documents.read_text("utf-8") + DOCUMENTS, encoding="utf-8")
        tiny.write_notebook(root / "installed" / "notebooks")
        for number, place in enumerate(PLACES):
            tables = years.small_tables(4)
            tables["leader_ballots"].loc[number, "score"] -= 1
            rules = {"tiers.on_quota_mismatch": '"keep_pool"', "seed": str(number)}
            years.write_year(self.data / place / "2003", tables, years.rulebook(rules))

    def start(self, *words: object) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": str(self.root / "installed"), "PYTHONUTF8": "1"}
        return subprocess.Popen(
            [sys.executable, "-m", *map(str, words)], cwd=self.root, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def report(self, name: str, *words: object) -> subprocess.Popen[str]:
        reports = ("--data", "data", "--reports", name)
        return self.start("appraisal", "report", "--all", *reports, *words)

    def made(self, name: str) -> dict[str, bytes]:
        files = (path for path in (self.root / name).rglob("*") if path.is_file())
        return {
            path.relative_to(self.root / name).as_posix(): path.read_bytes()
            for path in files
            if path.name not in OWN and not path.name.startswith(".") and path.parent != self.root / name
        }


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def alone(office) -> dict[str, bytes]:
    run = office.report("alone")
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert "2 years: 2 done, 0 failed" in said
    return office.made("alone")


@pytest.fixture(scope="module")
def workers(office) -> Iterator[tuple[Path, list[subprocess.Popen[str]]]]:
    """A scheduler's file, and two workers of it; one test kills one of them, after the others."""
    file = office.root / "scheduler.json"
    scheduler = office.start(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file
    )
    until(file.is_file)
    once = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", file)
    started = [office.start("distributed.cli.dask_worker", *once) for _ in range(2)]
    yield file, started
    for one in (*started, scheduler):
        one.kill()
        one.communicate()


def until(happened) -> None:
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("did not happen within minutes")


def test_several_processes_and_a_cluster_give_the_same_bytes_as_one(office, alone, workers):
    file, _ = workers
    assert {name.split("/")[0] for name in alone} == set(PLACES)
    assert len({alone[f"{place}/2003/results.csv"] for place in PLACES}) == len(PLACES)
    address = json.loads(file.read_text("utf-8"))["address"]
    runs = {"several": ("--jobs", 2), "cluster": ("--cluster", address)}
    for name, words in runs.items():
        run = office.report(name, *words)
        out, said = run.communicate(timeout=300)
        assert run.returncode == 0, said
        assert "2 of 2 years" in said
        assert len(out.splitlines()) == 2 * len(PLACES)  # the pages of both editions
        assert office.made(name) == alone
    # Not the command of a worker's process, but one that makes the report of this year again.
    manifest = json.loads((office.root / "cluster" / PLACES[1] / "2003" / "manifest.json").read_text("utf-8"))
    data, reports = (office.root / name for name in ("data", "cluster"))
    assert manifest["command"] == f"appraisal report 'St. Gallen/2003' --data {data} --reports {reports}"


def test_a_worker_that_is_killed_loses_no_report(office, alone, workers):
    file, (struck, _) = workers
    run = office.report("struck", "--cluster", file)
    # It is killed while reports are under way: the folder of an unfinished set is there.
    until(lambda: any((office.root / "struck").glob("*/.2003.unfinished-*")))
    os.kill(struck.pid, signal.SIGKILL)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert "2 years: 2 done, 0 failed" in said
    assert office.made("struck") == alone


def test_a_worker_with_another_package_makes_nothing():
    said = cluster.on_worker(lambda year: True, PlaceYear("成都", 2003), "another digest", "en")
    assert not said.good
    assert said.err.startswith("成都/2003: the package or the notebook of the worker")


def test_without_dask_one_line_says_what_to_install(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = place.run("report", 2003, "--cluster", "tcp://127.0.0.1:1")
    assert result.exit_code == 1
    assert result.stderr == "--cluster: needs Dask, which is not installed: pip install appraisal[cluster]\n"
    assert place.run("report", 2003, "--cluster", "x", "--jobs", 2).exit_code == 2


@pytest.mark.parametrize("said", ["tcp://127.0.0.1:1", "no/such/file.json"])
def test_where_no_scheduler_is_one_line_says_so(said):
    with pytest.raises(RunError, match="no scheduler of Dask answers there"):
        list(cluster.each_year_on_cluster(bool, [PlaceYear("", 2003)], said, patience=0.5))
