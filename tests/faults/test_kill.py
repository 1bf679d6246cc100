"""A run that is killed: the set is the old one or the new one, the next run succeeds, nothing is left behind."""

from __future__ import annotations

import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc")

# Where a kill would do most harm: module, function of it, before or after it did its work; and whether the set is then
# the new one.
POINTS = {
    "swap:_exchange:after": True,
    "publish:make_set:before": False,
    "versions:seal_inputs:after": False,
    "swap:_exchange:before": False,
    "versions:record:before": True,
}


def kill(office, strike: str, wait: float) -> None:
    """Start a run and have it killed at a point, or after so many seconds."""
    process = office.start("report", 2003, strike=strike)
    if not strike:
        time.sleep(wait)  # any moment will do: what is asked holds at each
        process.kill()
    process.communicate(timeout=120)
    if strike:
        assert process.returncode == -9


def test_a_killed_run(office, full):
    start = time.monotonic()
    assert office.report()[0] == 0
    whole = time.monotonic() - start
    known = office.published()
    spread = [(number + 1) / 101 for number in range(100)] if full else [0.5]
    moments = [*(list(POINTS) if full else list(POINTS)[:1]), *spread]
    for number, moment in enumerate(moments, start=1):
        office.change(number)
        strike = moment if isinstance(moment, str) else ""
        kill(office, strike, 0 if strike else whole * moment)
        after = office.published()
        if strike:
            assert (after != known) == POINTS[moment]
        assert office.left() == []
        code, said = office.report()
        assert code == 0, said
        assert office.published() != known
        known = office.published()
        assert office.scratch() == []
    assert sorted(path.name for path in office.reports.iterdir()) == [".2003.lock", ".index.lock", "2003", "index.html"]
