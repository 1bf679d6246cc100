"""A folder for what lies between: gone afterwards, and the next run takes away what a killed one left, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from appraisal.reporting.scratch import IN_USE, scratch_folder

KILLED = """
import os, signal
from appraisal.reporting.scratch import scratch_folder
with scratch_folder() as place:
    (place / "sealed.csv").write_text("…", "utf-8")
    print(place, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_empty_and_gone_afterwards_whatever_happens(temporary):
    def stumble() -> None:
        with scratch_folder() as place:
            assert [path.name for path in place.iterdir()] == [IN_USE]
            (place / "file").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert list(temporary.iterdir()) == []


def test_one_that_is_in_use_stays_and_so_does_what_others_left(temporary):
    others = temporary / "appraisal-notes"
    others.mkdir()
    (others / "note.txt").write_text("mine", "utf-8")
    with scratch_folder() as first, scratch_folder() as second:
        assert sorted(temporary.iterdir()) == sorted([first, second, others])
    assert list(temporary.iterdir()) == [others]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_what_a_killed_run_left_is_taken_away(temporary):
    environment = {"TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[1])}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True, check=False
    )
    left = Path(killed.stdout.strip())
    assert (left / "sealed.csv").is_file()
    with scratch_folder() as place:
        assert list(temporary.iterdir()) == [place]
