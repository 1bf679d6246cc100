"""What each test reaches: how the few tests are known that a mutant need meet."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import process_time

import pytest
from coverage import Coverage
from mutants import Mutant

# Processor time that it takes to begin and end any test.
BESIDE = 0.01
# Test → the key of its file, its seconds, and the lines that it comes to by module.
Learnt = dict[str, tuple[str, float, dict[str, list[int]]]]


@dataclass
class Reach:
    """Which tests come to which line of the package, and how long they take.

    Parameters
    ----------
    seconds : mapping
        Test → processor time.
    at : mapping
        Module and line → the tests that come there.
    kills : mapping
        Function → how many of its mutants each test has killed.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    at: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    kills: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, learnt: Learnt) -> None:
        """Take in what is known of some tests."""
        for test, (_key, seconds, lines) in learnt.items():
            self.seconds[test] = seconds
            for module, numbers in lines.items():
                for number in numbers:
                    self.at[module, number].append(test)

    def meets(self, mutant: Mutant, seconds: float) -> list[str]:
        """The tests that come to the statement of a mutant, the likeliest to fail for their time first.

        Those are the ones that killed others in this function, and before any did those of its module's own file and those
        that come to lines of it to which few others come.

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
        own = f"tests/test_{Path(mutant.module).stem}.py"

        def worth(test: str) -> tuple[float, str]:
            return (kills[test] + few[test] + test.startswith(own)) / (self.seconds[test] + BESIDE), test

        chosen: list[str] = []
        for test in sorted(tests, key=worth, reverse=True):
            seconds -= self.seconds[test]
            if seconds >= 0 or not chosen:
                chosen.append(test)
        return chosen

    def exhausted(self, mutant: Mutant, seconds: float) -> bool:
        """Tell whether so many seconds are enough for all the tests that a mutant can meet."""
        tests = {test for line in mutant.lines for test in self.at.get((mutant.module, line), ())}
        return sum(self.seconds[test] for test in tests) <= seconds


def known(file: Path, tests: Iterable[str]) -> Learnt:
    """What an earlier run wrote down of these tests, if the package and their files are the same as then."""
    kept: Mapping = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {test: kept[test] for test in tests if test in kept and kept[test][0] == _key(test)}


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
    changed = [str(path) for path in package.rglob("*.py") if "__mutmut_orig" in path.read_text(encoding="utf-8")]
    coverage = Coverage(data_file=None, config_file=False, include=changed)
    learnt: Learnt = {}
    coverage.start()
    for test in tests:
        coverage.switch_context(test.nodeid)
        start = process_time()
        if not passes([test]):
            return False
        learnt[test.nodeid] = (_key(test.nodeid), process_time() - start, {})
    coverage.stop()
    data = coverage.get_data()
    for path in data.measured_files():
        module = str(Path(path).relative_to(package))
        for line, come in data.contexts_by_lineno(path).items():
            for test in come:
                learnt[test][2].setdefault(module, []).append(line)
    to.write_text(json.dumps(learnt))
    return True


@cache
def _key(test: str) -> str:
    """What it hangs on which lines a test comes to: the package with its mutants, the test's file, what all tests share."""
    own = Path(test.partition("::")[0])
    shared = [path for path in Path("tests").rglob("*") if path.is_file() and not path.name.startswith("test_")]
    files = sorted({own, *Path("appraisal").rglob("*.py"), *shared} - {*Path("tests").rglob("*.pyc")})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
