"""A province of small made-up places, run to its end: none lost, memory flat, seconds a report, what more would cost.

``make province``; writes PROVINCE.md. It takes half an hour on two cores; ``--places 5`` tries it.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
import psutil

from appraisal.folders import place_years
from appraisal.office.manifest import changed_outputs, read_manifest
from appraisal.office.simulate import simulate_year, write_tables
from appraisal.office.world import Sizes
from appraisal.rulebook import FILE, read_rulebook

# What `make province` runs; a smaller run says that it is a trial.
PLACES, PLACE_YEARS = 100, 3
RECORD = Path(__file__).with_name("PROVINCE.md")
FIRST_YEAR = 2003
# Departments of each of the three groups, in turn: 24 to 36 in all.
GROUPS = (8, 9, 10, 11, 12)
# Windows that suit groups so small; what does not fit the quota is kept, since nobody is there to be asked.
CHANGED = {
    "ranks = [1, 3]": "ranks = [1, 1]",
    "ranks = [1, 8]": "ranks = [1, 2]",
    "ranks = [9, 16]": "ranks = [3, 4]",
    'on_quota_mismatch = "stop"': 'on_quota_mismatch = "keep_pool"',
}
# Fewer draws than an office would take: what is tried here is the batch.
FEW_DRAWS = {"draws": 1000, "driver_draws": 256}
# What a report of an office costs is taken from some with the notebook's own draws: two years of a place of each size.
COSTED_YEARS = 2
EVERY = 0.5  # seconds between two looks at memory
# The command, which ends with this process, were it killed.
COMMAND = """
import sys
from appraisal.cli import main
from appraisal.office.batch import end_with
end_with(int(sys.argv.pop(1)))
main()
"""
# A province as the README asks: cities × counties, years.
CITIES, COUNTIES, YEARS = 13, 8, 20
MB = 1e6


@dataclass(frozen=True)
class Look:
    """One look at the processes of the batch: reports that are done, memory of the largest worker and kernel."""

    done: int
    worker: float
    kernel: float


@dataclass(frozen=True)
class Run:
    """What was measured of a batch."""

    places: int
    years: int
    jobs: int
    made: int
    wall: float
    processor: float
    looks: Sequence[Look]

    @property
    def reports(self) -> int:
        """How many were asked for."""
        return self.places * self.years

    @property
    def each(self) -> str:
        """Seconds of a report, by the clock and of a processor."""
        return f"{self.wall * self.jobs / self.made:.1f}, {self.processor / self.made:.1f}"


def write_province(root: Path, places: int, years: int) -> None:
    """Make up the years of each place, every one with a seed of its own."""
    text = (measure.ROOT / "data" / str(FIRST_YEAR) / FILE).read_text("utf-8")
    for place in range(places):
        size = Sizes(departments=GROUPS[place % len(GROUPS)], jurors=7, leaders=8, forms=150, problems=2)
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            folder = root / f"縣{place + 1:03}" / str(year)
            folder.mkdir(parents=True)
            own = {f"year = {FIRST_YEAR}": f"year = {year}", "seed = 20031231": f"seed = {year}{place:04}"}
            said = text
            for before, after in (own | CHANGED).items():
                if before not in said:
                    raise ValueError(f"the rulebook of {FIRST_YEAR} does not say {before!r}")
                said = said.replace(before, after, 1)
            (folder / FILE).write_text(said, encoding="utf-8")
            write_tables(simulate_year(read_rulebook(folder / FILE), size).tables, folder)


def run_batch(root: Path, places: int, years: int, jobs: int, parameters: Mapping[str, int]) -> Run:
    """Make the province up below `root`, run the command and look at its processes until it ends."""
    data, reports = root / "data", root / "reports"
    write_province(data, places, years)
    given = [word for name, value in parameters.items() for word in ("-p", name, str(value))]
    asked = ["report", "--all", "--jobs", jobs, "--data", data, "--reports", reports, *given]
    before, start = _processor(), time.monotonic()
    batch = subprocess.Popen([sys.executable, "-c", COMMAND, str(os.getpid()), *map(str, asked)])
    looks = list(_looks(batch, reports))
    taken, spent = time.monotonic() - start, _processor() - before
    return Run(places, years, jobs, _whole(reports), taken, spent, looks)


def _looks(batch: subprocess.Popen[bytes], reports: Path) -> Iterator[Look]:
    main = psutil.Process(batch.pid)
    while batch.poll() is None:
        workers = [_memory(process) for process in _children(main)]
        kernels = [_memory(kernel) for process in _children(main) for kernel in _children(process)]
        done = sum(1 for _ in reports.glob("*/2*/manifest.json"))
        yield Look(done, max(workers, default=0.0), max(kernels, default=0.0))
        time.sleep(EVERY)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def _memory(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:  # it ended meanwhile
        return 0.0


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _whole(reports: Path) -> int:
    """How many sets are there as their manifests say."""
    places = [year.below(reports) for year in place_years(reports)[0]]
    manifests = [(place, read_manifest(place)) for place in places]
    return sum(1 for place, manifest in manifests if manifest and not changed_outputs(place, manifest.outputs))


def thirds(run: Run) -> list[tuple[float, float]]:
    """Largest worker and largest kernel while each third of the reports was made, in bytes."""
    parts: list[list[Look]] = [[], [], []]
    for look in run.looks:
        parts[min(3 * look.done // run.reports, 2)].append(look)
    return [(max(look.worker for look in part), max(look.kernel for look in part)) for part in parts if part]


def cost(run: Run) -> float:
    """Processor hours of a province at the processor seconds that this run took a report."""
    return run.processor / run.made * CITIES * COUNTIES * YEARS / 3600


def record(run: Run, costed: Run) -> str:
    """Put the run, and that of the costs, down as Markdown."""
    sizes = f"{3 * min(GROUPS)} to {3 * max(GROUPS)}"
    said = ", ".join(f"{name} {value}" for name, value in FEW_DRAWS.items())
    lines = [
        "# A province", "", "Written by `make province`: `appraisal report --all` over places that are made up, run to its end.",
        "", *measure.machine(), f"- {run.places} places × {run.years} years, {sizes} departments in three groups, {said},"
        f" {run.jobs} jobs", "", "| measured | figure |", "|---|---|",
        f"| reports asked for, made whole, lost | {run.reports}, {run.made}, {run.reports - run.made} |",
        f"| minutes from begin to end | {run.wall / 60:.1f} |",
        f"| seconds of a report, by the clock and of a processor | {run.each} |",
        f"| the same with the draws of an office, of {costed.made} reports | {costed.each} |",
    ]  # fmt: skip
    for number, (worker, kernel) in enumerate(thirds(run), start=1):
        lines.append(
            f"| third {number} of the reports: largest worker, largest kernel | {worker / MB:.0f} MB, {kernel / MB:.0f} MB |"
        )
    if run.reports < PLACES * PLACE_YEARS:
        lines += ["", f"A trial: the whole is {PLACES} places × {PLACE_YEARS} years."]
    lines += ["", *costs(costed)]
    return "\n".join([*lines, ""])


def costs(run: Run) -> list[str]:
    """Say what a province costs, computed from what was measured of some reports."""
    reports, hours = CITIES * COUNTIES * YEARS, cost(run)
    largest = sum(max(kind) for kind in zip(*thirds(run), strict=True)) / MB
    return [
        f"Computed from these figures: {CITIES} cities × {COUNTIES} counties × {YEARS} years = {reports:,} reports of this"
        f" size, with the draws of an office, take {hours:.1f} hours of a processor; with a core for each worker:",
        "",
        "| workers | hours | memory of all workers and kernels |",
        "|---|---|---|",
        *(f"| {workers} | {hours / workers:.1f} | {workers * largest / 1000:.1f} GB |" for workers in (2, 8, 32)),
    ]


def main() -> None:
    """Make the province up, run it and write it down."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--places", type=int, default=PLACES)
    asked.add_argument("--years", type=int, default=PLACE_YEARS)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--out", type=Path, default=RECORD)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="province-") as place:
        run = run_batch(Path(place) / "whole", given.places, given.years, given.jobs, FEW_DRAWS)
        costed = run_batch(Path(place) / "costed", len(GROUPS), COSTED_YEARS, given.jobs, {})
    given.out.write_text(record(run, costed), encoding="utf-8")
    print(record(run, costed))
    sys.exit(run.made != run.reports)


if __name__ == "__main__":
    main()
