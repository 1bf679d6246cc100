"""Disk full, no right to write, a folder gone, a clock set back, two at once: said in a line, the last set stays.

The notebook is left out: what is tested is what happens around it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import pytest
import tiny

from appraisal.errors import AppraisalError
from appraisal.office import publish
from appraisal.office.lock import held
from appraisal.office.report import report

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and users of POSIX")


@pytest.fixture
def good(office, monkeypatch):
    """An office with one good set, and something to publish since."""
    monkeypatch.setattr(publish, "make_set", tiny.set_without_notebook)
    report(office.data / "2003", office.reports)
    office.version = office.published()
    office.change(1)
    return office


def refused(office) -> str:
    with pytest.raises(AppraisalError) as raised:
        report(office.data / "2003", office.reports)
    assert office.published() == office.version
    return str(raised.value)


@needs_posix
def test_a_full_disk(good):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may be larger: the system refuses to write as it does when a disk is full.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))
    try:
        said = refused(good)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be written: File too large" in said


@needs_posix
@pytest.mark.parametrize("closed", ["reports", "data/2003/.versions"])
def test_a_folder_that_may_not_be_written(good, closed):
    place = Path(tempfile.mkdtemp(prefix="appraisal-test-"))  # others than its owner cannot enter pytest's own
    try:
        moved = type(good)(shutil.copytree(good.root, place / "office"), good.version)
        for path in (place, *place.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        for path in (moved.root / closed, *(moved.root / closed).rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        root = os.geteuid() == 0
        if root:  # who may write anywhere
            os.seteuid(65534)
        try:
            said = refused(moved)
        finally:
            if root:
                os.seteuid(0)
        assert "cannot be written: Permission denied" in said
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o777)
        shutil.rmtree(place)


@pytest.mark.parametrize("gone", ["data", "reports"])
def test_a_folder_taken_away_during_the_run(good, monkeypatch, gone):
    kept = good.root / "kept"

    def made(*words, **options):
        tiny.set_without_notebook(*words, **options)
        (good.root / gone).rename(kept)

    monkeypatch.setattr(publish, "make_set", made)
    with pytest.raises(AppraisalError, match="cannot be written"):
        report(good.data / "2003", good.reports)
    if (good.root / gone).exists():
        shutil.rmtree(good.root / gone)  # where a failure of the run was kept
    kept.rename(good.root / gone)
    assert good.published() == good.version


def test_a_table_that_changes_during_the_run(good, monkeypatch):
    def made(*words, **options):
        tiny.set_without_notebook(*words, **options)
        good.change(2)

    monkeypatch.setattr(publish, "make_set", made)
    assert "2003: files changed while the report was made: deductions.csv" in refused(good)
    assert (good.place / "failed" / "failure.json").is_file()


def test_a_table_that_cannot_be_read(good):
    (good.data / "2003" / "bands.csv").unlink()
    (good.data / "2003" / "bands.csv").mkdir()
    assert "bands.csv: is missing" in refused(good)


def test_a_clock_set_back_is_said_and_changes_nothing_else(good):
    index = good.data / "2003" / ".versions" / "index.json"
    entries = json.loads(index.read_text("utf-8"))
    entries[-1]["published"] = "2999-01-01T00:00:00+00:00"
    index.write_text(json.dumps(entries), encoding="utf-8")
    outcome = report(good.data / "2003", good.reports)
    assert outcome.clock == "2999-01-01T00:00:00+00:00"
    assert good.published() == outcome.version != good.version


def test_two_at_once_both_end_well(good, monkeypatch):
    begun, waited = threading.Event(), threading.Event()

    def made(*words, **options):
        tiny.set_without_notebook(*words, **options)
        begun.set()
        assert waited.wait(60)

    monkeypatch.setattr(publish, "make_set", made)
    outcomes = []
    first = threading.Thread(target=lambda: outcomes.append(report(good.data / "2003", good.reports)))
    first.start()
    assert begun.wait(60)
    second = report(good.data / "2003", good.reports, waiting=waited.set)
    first.join(60)
    assert [outcome.fresh for outcome in outcomes] == [True]
    assert not second.fresh
    assert good.published() == second.version == outcomes[0].version


def test_a_run_that_waits_too_long_says_so(tmp_path):
    late = held(tmp_path / "lock", patience=0.1)
    with held(tmp_path / "lock"), pytest.raises(AppraisalError, match="lock: another run holds this lock"), late:
        pytest.fail("held twice")


def test_two_processes_at_once(good, full):
    if not full:
        pytest.skip("by `make faults`")
    runs = [good.start("report", 2003) for _ in range(2)]
    told = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert sum("is up to date" in out for out, _err in told) == 1
    assert any("another run is under way" in err for _out, err in told)
    assert good.published() != good.version
    assert good.left() == []
