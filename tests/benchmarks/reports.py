"""One whole report against its floor, many in a batch, and where the time of one goes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import ROOT, Row, growth, ratio, seconds

from appraisal.office.made_year import write_year

ALONE = Path(__file__).with_name("alone.py")
RUNS = 2  # of a process; the least counts
YEARS = 20
FEW_YEARS = 5
SHOWN = 12  # sections of the profile


def report() -> list[Row]:
    """The report of 2003, and the next in the same process, against a notebook that only imports."""
    ours, floor = [], []
    for _ in range(RUNS):  # in turn, so that what else loads the machine meets both
        floor.append(_alone("floor", 2))
        ours.append(_alone("report", 2))
    first, following = (min(run["seconds"][at] for run in ours) for at in (0, 1))
    floor_first, floor_following = (min(run["seconds"][at] for run in floor) for at in (0, 1))
    megabytes = {name: max(run["megabytes"][name] for run in ours) for name in ("own", "kernel")}
    return [
        ratio("report of 2003, both editions and all files ÷ its floor", first, floor_first, 4),
        ratio("… the next in the same process ÷ the floor's own next", following, floor_following, 4.5),
        Row(
            "… peak memory: the process, and its notebook's",
            " and ".join(f"{megabytes[name]:.0f} MB" for name in megabytes),
            "",
            "",
            "",
        ),
    ]


def sections() -> list[Row]:
    """Where the notebook of the report spends its time: the sections that take most."""
    taken = _alone("sections", 1)["said"][0]
    whole = sum(taken.values())
    most = sorted(taken, key=taken.__getitem__, reverse=True)
    rows = [
        Row(f"… of it: {head}", f"{taken[head] / whole:.1%}", "", seconds(taken[head]), "") for head in most[:SHOWN]
    ]
    rest = sum(taken[head] for head in most[SHOWN:])
    return [
        Row("the report's notebook, its cells alone", "100 %", "", seconds(whole), ""),
        *rows,
        Row(f"… of it: {len(most) - SHOWN} other sections", f"{rest / whole:.1%}", "", seconds(rest), ""),
    ]


def batch() -> list[Row]:
    """Twenty made-up years: one process after all, and two at a time by the command itself, on the clock."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        years = _write_years(data, YEARS)
        start = time.monotonic()
        one = _alone("batch", YEARS, data)["seconds"]
        alone = time.monotonic() - start
        start = time.monotonic()
        command = [sys.executable, "-m", "appraisal", "report", *map(str, years), "--force", "--jobs", "2"]
        subprocess.run([*command, "--data", data, "--reports", data / "two"], cwd=ROOT, check=True, capture_output=True)
        two = time.monotonic() - start
    load = os.getloadavg()[0]
    return [
        growth("a batch: growth with years", (FEW_YEARS, sum(one[:FEW_YEARS])), (YEARS, sum(one)), 1.05),
        Row(
            f"{YEARS} years on 2 cores against 1, by the clock (means little where others work: load {load:.1f})",
            f"efficiency {alone / two / 2:.2f}", "≥ 0.85", seconds(two), seconds(alone),
        ),
    ]  # fmt: skip


def _write_years(data: Path, years: int) -> list[int]:
    """Make up years that end with 2003: its rules, each with a seed of its own."""
    rulebook = (ROOT / "data" / "2003" / "rulebook.toml").read_text(encoding="utf-8")
    numbers = [2003 - before for before in reversed(range(years))]
    for year in numbers:
        (data / str(year)).mkdir()
        own = re.sub(r"(?m)^seed = \d+", f"seed = {year}1231", re.sub(r"(?m)^year = \d+", f"year = {year}", rulebook))
        (data / str(year) / "rulebook.toml").write_text(own, encoding="utf-8")
        write_year(data / str(year))
    return numbers


def _alone(task: str, runs: int, *place: Path) -> dict[str, Any]:
    """What `alone.py` says of a task."""
    command = [sys.executable, ALONE, task, str(runs), *place]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


ALL = (report, sections, batch)
