"""What each test reaches: how the few tests are known that a mutant need meet."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import pytest
from coverage import Coverage
from mutants import Mutant

# Processor time that it takes to begin and end any test.
BESIDE = 0.01


@dataclass
class Reach:
    """Which tests come to which line of the package, and how long they take.

    Parameters
    ----------
    seconds : mapping
        Test → processor time.
    at : mapping
        Path and line → the tests that come there.
    kills : mapping
        Function → how many of its mutants each test has killed.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    at: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    kills: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, file: Path) -> None:
        """Take in what one process has written down."""
        learnt = json.loads(file.read_text())
        self.seconds |= learnt["seconds"]
        for path, lines in learnt["lines"].items():
            for line, tests in lines.items():
                self.at[path, int(line)] += tests

    def meets(self, mutant: Mutant, seconds: float) -> list[str]:
        """The tests that come to the statement of a mutant, the likeliest to fail for their time first.

        Those are the ones that killed others in this function, and before any did those that come to lines of it to which
        few others come.

        Parameters
        ----------
        mutant : Mutant
        seconds : float
            That the tests take together, at most; the first is always among them.
        """
        tests = {test for line in mutant.lines for test in self.at.get((mutant.module, line), ())}
        kills, few = self.kills[mutant.reached], Counter[str]()
        for line in range(mutant.whole[0], mutant.whole[1] + 1):
            come = self.at.get((mutant.module, line), ())
            few.update(dict.fromkeys(come, 1 / max(1, len(come))))

        def worth(test: str) -> tuple[float, str]:
            return (kills[test] + few[test]) / (self.seconds[test] + BESIDE), test

        chosen: list[str] = []
        for test in sorted(tests, key=worth, reverse=True):
            seconds -= self.seconds[test]
            if seconds >= 0 or not chosen:
                chosen.append(test)
        return chosen


def learn(tests: Iterable[pytest.Item], passes: Callable[[Sequence[pytest.Item]], bool], to: Path) -> bool:
    """Run each test by itself and write down its seconds and the lines that it comes to.

    Parameters
    ----------
    tests : iterable of pytest.Item
    passes : callable
        Runs tests.
    to : Path
    """
    package = Path("appraisal").resolve()
    coverage = Coverage(data_file=None, config_file=False, include=[f"{package}/*"])
    seconds: dict[str, float] = {}
    coverage.start()
    for test in tests:
        coverage.switch_context(test.nodeid)
        start = process_time()
        if not passes([test]):
            return False
        seconds[test.nodeid] = process_time() - start
    coverage.stop()
    data = coverage.get_data()
    lines = {str(Path(path).relative_to(package)): data.contexts_by_lineno(path) for path in data.measured_files()}
    to.write_text(json.dumps({"seconds": seconds, "lines": lines}))
    return True
