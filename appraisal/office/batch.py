"""Many years in one go: each run apart, so that one that fails, or whose process is ended, stops no other."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache

from appraisal.folders import PlaceYear
from appraisal.words import FALLBACK, catalogue

# Seconds between two looks of a worker at whether the process that started it is still there.
LOOK = 1.0


@dataclass(frozen=True)
class Run:
    """How the run of one year ended.

    Parameters
    ----------
    year : PlaceYear
    good : bool
    out, err : str
        What it printed in a process of its own; blank where it printed at once.
    """

    year: PlaceYear
    good: bool
    out: str = ""
    err: str = ""


def each_year(
    run: Callable[[PlaceYear], bool], years: Sequence[PlaceYear], jobs: int, lang: str = FALLBACK
) -> Iterator[Run]:
    """Run each year, several at a time.

    Parameters
    ----------
    run : callable
        Given a year, says whether it went well; of a module, so that another process can import it.
    years : sequence of PlaceYear
    jobs : int
        Processes at a time; 1 is this process, in turn.
    lang : str
        In which a fault of the program is told.

    Yields
    ------
    Run
        As each ends. A year whose process is ended from outside is run once more, alone.
    """
    if jobs == 1:
        for year in years:
            yield _guarded(run, year, lang)
        return
    # One year alone does not pay for it.
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left, several = list(years), Parallel(n_jobs=jobs, return_as="generator_unordered")
    try:
        for done in several(delayed(_in_worker)(os.getpid(), run, year, lang) for year in years):
            left.remove(done.year)
            yield done
    except TerminatedWorkerError:
        # Which process it was is not told: whatever is not done is run again.
        for year in left:
            yield _alone(run, year, lang)


def _alone(run: Callable[[PlaceYear], bool], year: PlaceYear, lang: str) -> Run:
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:  # with one job it would be this process
        (done,) = Parallel(n_jobs=2)([delayed(_in_worker)(os.getpid(), run, year, lang)])
    except TerminatedWorkerError:
        return Run(year, good=False, err=catalogue(lang).say("batch.ended", year=year) + "\n")
    return done


def _in_worker(parent: int, run: Callable[[PlaceYear], bool], year: PlaceYear, lang: str) -> Run:
    end_with(parent)
    return apart(run, year, lang)


@cache
def end_with(parent: int) -> None:
    """End this process as soon as `parent`, which started it, is gone, were it killed; a kernel does so by itself.

    Parameters
    ----------
    parent : int
        Process id. On Windows, where a process keeps the id of a parent that is gone, nothing is noticed.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)  # what a killed run leaves behind, the next one takes away

    threading.Thread(target=watch, daemon=True).start()


def apart(run: Callable[[PlaceYear], bool], year: PlaceYear, lang: str) -> Run:
    """Run a year in a process of its own and keep what it prints."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        done = _guarded(run, year, lang)
    return Run(year, done.good, out.getvalue(), err.getvalue() + done.err)


def _guarded(run: Callable[[PlaceYear], bool], year: PlaceYear, lang: str) -> Run:
    """Run a year; a fault of the program is told by its kind alone, as its words may hold what is secret."""
    try:
        return Run(year, run(year))
    except Exception as fault:  # noqa: BLE001  (whatever it is, the other years go on)
        said = catalogue(lang).say("batch.fault", year=year, fault=type(fault).__name__)
        return Run(year, good=False, err=said + "\n")
