"""How a benchmark is measured, and the one table that says it."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Row:
    """One line of the table: a figure, what is wanted of it, and the two times behind it."""

    measure: str
    figure: str
    wanted: str
    ours: str
    beside: str


def best(*tasks: Callable[[], object], runs: int) -> list[float]:
    """Least processor seconds of each task; they take turns, so that what else loads the machine meets them all."""
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(runs):
        for task, times in zip(tasks, taken, strict=True):
            start = time.process_time()
            task()
            times.append(time.process_time() - start)
    return [min(times) for times in taken]


def ratio(measure: str, ours: float, beside: float, at_most: float | None = None) -> Row:
    """How many times as long as what stands beside it."""
    wanted = "" if at_most is None else f"≤ {at_most:g} ×"
    return Row(measure, f"{ours / beside:.2f} ×", wanted, seconds(ours), seconds(beside))


def times_faster(measure: str, ours: float, beside: float, at_least: float) -> Row:
    """How many times faster than what stands beside it."""
    return Row(measure, f"{beside / ours:,.0f} × faster", f"≥ {at_least:g} ×", seconds(ours), seconds(beside))


def growth(measure: str, small: tuple[int, float], large: tuple[int, float], at_most: float | None = None) -> Row:
    """Exponent of the growth from one size to another; sizes with their seconds."""
    exponent = math.log(large[1] / small[1]) / math.log(large[0] / small[0])
    wanted = "" if at_most is None else f"≤ {at_most:g}"
    sides = (f"{seconds(taken)} at {size:,}" for size, taken in (large, small))
    return Row(measure, f"exponent {exponent:.2f}", wanted, *sides)


def seconds(taken: float) -> str:
    """Three figures, in the unit that fits."""
    unit, scale = next(((u, s) for u, s in (("s", 1.0), ("ms", 1e3)) if taken * s >= 1), ("µs", 1e6))
    return f"{taken * scale:.3g} {unit}"


def peak_memory(statement: str) -> float:
    """Megabytes that a process of its own needed at most, with Python and all libraries."""
    said = f"{statement}\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    run = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(run.stdout.split()[-1]) / 1024


HOW = (
    "Written by `make bench`, or a part of it by `run.py --only PART`: one thread, the least processor time of several "
    "runs in turn. Each line says on which day, at which commit and under which load it was measured."
)
HEADS = ("part", "measure", "figure", "wanted", "ours", "beside", "measured")


def lines_of(part: str, rows: list[Row]) -> list[str]:
    """Rows of the table as Markdown, with the part that measured them, the day and the commit."""
    when = f"{date.today().isoformat()}, {_commit()}, load {os.getloadavg()[0]:.1f}"
    return [f"| {' | '.join((part, *astuple(row), when))} |" for row in rows]


def measured_before(text: str) -> dict[str, list[str]]:
    """Lines of a table that was written, by their part."""
    lines: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith(f"| {HEADS[0]} |"):
            lines.setdefault(line.split(" | ")[0].removeprefix("| "), []).append(line)
    return lines


def written(parts: Mapping[str, list[str]], text: str) -> str:
    """Put the table down as Markdown: what is said of the figures, the machine, all lines."""
    table = [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|", *(line for part in parts.values() for line in part)]
    return "\n".join(["# Benchmarks", "", text.strip(), "", HOW, "", *machine(), "", *table, ""])


def machine() -> list[str]:
    """Say when, from which commit and on which machine, a line each."""
    import numpy as np

    cpuinfo = Path("/proc/cpuinfo")
    models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    model = models[0].split(":")[1].strip() if models else platform.processor()
    return [
        f"- {date.today().isoformat()}, commit {_commit()}",
        f"- {model}, {os.cpu_count()} cores; load when written {os.getloadavg()[0]:.1f}",
        f"- Python {platform.python_version()}, numpy {np.__version__}",
    ]


def _commit() -> str:
    changed = _git("status", "--porcelain", "--", "appraisal", "data", "tests/benchmarks/*.py")
    return f"{_git('rev-parse', '--short', 'HEAD')}{' with changes not committed' if changed else ''}"


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
