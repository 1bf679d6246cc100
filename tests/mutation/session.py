"""A pytest plugin that runs each mutant in a fork of a process which has collected the tests already."""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from mutants import Mutant
from mutmut.state import state

# Seconds of tests that a mutant meets at most, in the order in which pyproject.toml names them.
SECONDS = 8.0
# A mutant that needs more never ends: seconds of processor time, bytes of memory.
PATIENCE = 30
MEMORY = 6 * 2**30


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Parameters
    ----------
    killer : str or None
        The test that failed, or how the process ended; "" where all tests passed, None where none reach the function.
    seconds : float
        Of processor time.
    """

    killer: str | None
    seconds: float


class MutationSession:
    """Instead of running the tests: learn which reach what, then let every mutant meet those that reach it.

    Parameters
    ----------
    mutants : iterable of Mutant
    workers : int
        Processes at a time.
    minutes : float
        After which no other mutant begins.
    told : callable
        Is given each mutant and its verdict.
    """

    def __init__(
        self, mutants: Iterable[Mutant], workers: int, minutes: float, told: Callable[[Mutant, Verdict], None]
    ) -> None:
        self.mutants = list(mutants)
        self.workers = workers
        self.until = time.monotonic() + 60 * minutes
        self.told = told
        self._running: dict[int, tuple[Mutant, Path]] = {}
        # Function → tests that reach it; what killed the last of its mutants comes first.
        self._met_by: dict[str, list[str]] = {}
        self._items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        self._items = {item.nodeid: item for item in session.items}
        self._learn()
        gc.freeze()
        for mutant in self.mutants:
            if time.monotonic() > self.until:
                break
            if mutant.reached not in self._met_by:
                self.told(mutant, Verdict(None, 0.0))
                continue
            if len(self._running) == self.workers:
                self._wait()
            self._start(mutant)
        while self._running:
            self._wait()
        return True

    def _learn(self) -> None:
        """Run all tests as they are, in as many processes as there may be."""
        with tempfile.TemporaryDirectory(prefix="mutation-") as made:
            folder, tests = Path(made), list(self._items.values())
            for worker in range(self.workers):
                part = tests[worker :: self.workers]
                _fork(folder / str(worker), "stats", partial(_reach, part, folder / f"reached-{worker}"))
            ended = [os.wait()[1] for _worker in range(self.workers)]
            if any(ended):
                failed = [file.read_text() for file in folder.glob("*/failed")]
                raise pytest.UsageError(f"these fail without a mutant: {', '.join(failed)}")
            reached: dict[str, tuple[float, list[str]]] = {}
            for file in folder.glob("reached-*"):
                reached |= json.loads(file.read_text())
        for test in self._items:
            seconds, functions = reached[test]
            for function in functions:
                met = self._met_by.setdefault(function, [])
                if not met or sum(reached[other][0] for other in met) + seconds <= SECONDS:
                    met.append(test)

    def _start(self, mutant: Mutant) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mutation-"))
        tests = [self._items[test] for test in self._met_by[mutant.reached]]
        self._running[_fork(folder, mutant.name, partial(_pass, tests), limited=True)] = (mutant, folder)

    def _wait(self) -> None:
        child, status, usage = os.wait3(0)
        mutant, folder = self._running.pop(child)
        failed = folder / "failed"
        killer = failed.read_text() if failed.exists() else f"ended with {status}" if status else ""
        shutil.rmtree(folder, ignore_errors=True)
        self.told(mutant, Verdict(killer, usage.ru_utime + usage.ru_stime))
        if killer in self._items:
            met = self._met_by[mutant.reached]
            met.remove(killer)
            met.insert(0, killer)


def _fork(folder: Path, mutant: str, tests: Callable[[], bool], *, limited: bool = False) -> int:
    """Run tests in a process of its own, which knows of the mutant and has a folder for what it writes."""
    folder.mkdir(exist_ok=True)
    if child := os.fork():
        return child
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.environ |= {"MUTANT_UNDER_TEST": mutant, "PYTEST_DEBUG_TEMPROOT": str(folder)}
        if limited:
            resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(0 if tests() else 1)
    finally:
        os._exit(2)


def _pass(tests: Iterable[pytest.Item]) -> bool:
    """Run tests up to the first that fails, and leave its name in the folder of the process."""
    tests = list(tests)
    for test, following in zip(tests, [*tests[1:], None], strict=True):
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if test.session.testsfailed:
            Path(os.environ["PYTEST_DEBUG_TEMPROOT"], "failed").write_text(test.nodeid)
            return False
    return True


def _reach(tests: Iterable[pytest.Item], to: Path) -> bool:
    """Run each test by itself and write down its seconds and the functions that it called."""
    reached: dict[str, tuple[float, list[str]]] = {}
    for test in tests:
        start = time.process_time()
        if not _pass([test]):
            return False
        reached[test.nodeid] = (time.process_time() - start, sorted(state()._stats))
        state()._stats.clear()
    to.write_text(json.dumps(reached))
    return True
