"""A pytest plugin that runs each mutant in a fork of a process which has collected the tests already."""

from __future__ import annotations

import gc
import json
import math
import os
import re
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from mutants import Mutant
from reach import Reach, known, learn

# Processor time of the tests that a mutant meets, at most: when it is tried first, and once more if it lived.
SECONDS, AGAIN = 2.0, 8.0
# A test that needs more never ends: so many times what it takes without a mutant, and so many seconds more; the seconds
# by the clock that all of a mutant's tests have, for one that waits; bytes of memory.
TIMES, MORE = 5, 2
BY_THE_CLOCK = 300
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
    again : iterable of Mutant
        Tried before, and lived.
    workers : int
        Processes at a time.
    minutes : float
        After which no other mutant begins.
    told : callable
        Is given each mutant and its verdict; says whether it should be tried once more.
    kept : Path
        File of what is known of the tests.
    """

    def __init__(
        self,
        mutants: Iterable[Mutant],
        again: Iterable[Mutant],
        workers: int,
        minutes: float,
        told: Callable[[Mutant, Verdict], bool],
        kept: Path,
    ) -> None:
        self.mutants = list(mutants)
        self.again = list(again)
        self.workers = workers
        self.until = time.monotonic() + 60 * minutes
        self.told = told
        self.kept = kept
        self._running: dict[int, tuple[Mutant, Path]] = {}
        self.reach = Reach()
        self._items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        # Each mutant has the doctest of its function, too: one is enough.
        self._items = {item.nodeid: item for item in session.items if not re.search(r"__mutmut_\d", item.nodeid)}
        self._learn()
        gc.freeze()
        lived = self._try(self.mutants, SECONDS)
        # Some met all tests that there are for them.
        self.again += [mutant for mutant in lived if not self.reach.exhausted(mutant, SECONDS)]
        self._try(self.again, AGAIN)
        return True

    def _try(self, mutants: Iterable[Mutant], seconds: float) -> list[Mutant]:
        """Let each meet its tests; gives back those that should be tried once more."""
        lived: list[Mutant] = []
        for mutant in mutants:
            if time.monotonic() > self.until:
                break
            if len(self._running) == self.workers:
                lived += self._wait()
            if tests := self.reach.meets(mutant, seconds):
                self._start(mutant, tests)
            else:
                self.told(mutant, Verdict(None, 0.0))
        while self._running:
            lived += self._wait()
        return lived

    def _learn(self) -> None:
        """Run all tests of which nothing is known as they are, in as many processes as there may be."""
        learnt = known(self.kept, self._items)
        tests = [item for test, item in self._items.items() if test not in learnt]
        with tempfile.TemporaryDirectory(prefix="mutation-") as made:
            folder = Path(made)
            parts = [part for worker in range(self.workers) if (part := tests[worker :: self.workers])]
            for worker, part in enumerate(parts):
                _fork(folder / str(worker), "", partial(learn, part, _pass, folder / f"reached-{worker}"))
            ended = [os.wait()[1] for _part in parts]
            if any(ended):
                failed = [file.read_text() for file in folder.glob("*/failed")]
                raise pytest.UsageError(f"these fail without a mutant: {', '.join(failed)}")
            for file in folder.glob("reached-*"):
                learnt |= json.loads(file.read_text())
        self.kept.write_text(json.dumps(learnt), encoding="utf-8")
        self.reach.add(learnt)

    def _start(self, mutant: Mutant, tests: Iterable[str]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mutation-"))
        limits = [math.ceil(TIMES * self.reach.seconds[test]) + MORE for test in tests]
        run = partial(_pass, [self._items[test] for test in tests], limits)
        self._running[_fork(folder, mutant.name, run)] = (mutant, folder)

    def _wait(self) -> list[Mutant]:
        child, status, usage = os.wait3(0)
        mutant, folder = self._running.pop(child)
        failed = folder / "failed"
        killer = failed.read_text() if failed.exists() else f"ended with {status}" if status else ""
        shutil.rmtree(folder, ignore_errors=True)
        if killer in self._items:
            self.reach.kills[mutant.reached][killer] += 1
        return [mutant] if self.told(mutant, Verdict(killer, usage.ru_utime + usage.ru_stime)) else []


def _fork(folder: Path, mutant: str, tests: Callable[[], bool]) -> int:
    """Run tests in a process of its own, which knows of the mutant and has a folder for what it writes."""
    folder.mkdir(exist_ok=True)
    if child := os.fork():
        return child
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.environ |= {"MUTANT_UNDER_TEST": mutant, "PYTEST_DEBUG_TEMPROOT": str(folder)}
        os._exit(0 if tests() else 1)
    finally:
        os._exit(2)


def _pass(tests: Sequence[pytest.Item], limits: Sequence[int] = ()) -> bool:
    """Run tests up to the first that fails, and leave its name in the folder of the process.

    Parameters
    ----------
    tests : sequence of pytest.Item
    limits : sequence of int, optional
        Seconds of processor time that each may take.
    """
    if limits:
        signal.alarm(BY_THE_CLOCK)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for number, test in enumerate(tests):
        following = tests[number + 1] if number + 1 < len(tests) else None
        if limits:
            until = math.ceil(time.process_time()) + limits[number]
            resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if test.session.testsfailed:
            Path(os.environ["PYTEST_DEBUG_TEMPROOT"], "failed").write_text(test.nodeid)
            return False
    return True
