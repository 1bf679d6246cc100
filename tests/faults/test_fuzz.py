"""Malformed year folders: each is a valid year or a message that names the file; no traceback, no hang, no flood.

In full 5,000 of them; `make test` has some, other ones than those that were looked at while the reader was written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import years
from faults import malformed

TRIER = Path(malformed.__file__)
EACH = 50


def tried(first: int, count: int) -> dict:
    """Try so many seeds in a process of their own, whose memory is bounded."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, TRIER, str(first), str(count)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the processor and of memory")
def test_a_malformed_year_is_read_or_refused(full):
    firsts = range(0, 5_000, EACH) if full else [20_000]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda first: tried(first, EACH if full else 30), firsts))
    assert [fault for result in results for fault in result["faults"]] == []
    assert sum(result["came"].get("refused", 0) for result in results) > sum(
        result["came"].get("valid", 0) for result in results
    )


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the processor and of memory")
def test_a_table_of_a_million_cells_is_not_marked_for_minutes():
    assert tried(2_270, 1)["faults"] == []


def test_what_must_not_be_is_found(tmp_path, monkeypatch):
    folder = years.write_year(tmp_path / "2003")
    assert malformed.tried(folder, marked=True) == "valid"
    monkeypatch.setattr(malformed, "load_year", lambda _folder: {}["x"])
    with pytest.raises(KeyError):
        malformed.tried(folder, marked=False)
