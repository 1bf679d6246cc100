"""Change the rules and the reading in one place at a time, and see which changes no test notices: ``make mutation``.

``python tests/mutation/run.py [--workers N] [--minutes N] [--tests TEST …] [WORD …]`` tries the modules whose path holds
one of the words, or all, against the tests named there, or those that pyproject.toml names. Who lives for no known reason is
printed, and of all modules the figures are written down in tests/benchmarks/MUTATION.md. What was killed is not tried again while its function
stays as it is; `make clean` forgets. What the minutes leave, the next run begins with; with none only the figures are
written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from mutants import Mutant, make_copy
from mutmut.configuration import config
from report import table, why_alike, written
from session import MutationSession, Verdict

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".mutants"
KEPT = WORK / "verdicts.jsonl"
RESULTS = ROOT / "tests" / "benchmarks" / "MUTATION.md"


def main() -> None:
    """Make the mutants, try them, say what became of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*", default=[""])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--tests", nargs="+", default=config().pytest_add_cli_args_test_selection)
    asked = parser.parse_args()
    os.chdir(ROOT)

    mutants = make_copy(ROOT, WORK / "copy", asked.words)
    kept = _kept()
    # In an order as good as drawn by lot, so that a run which is broken off has tried a fair sample.
    wanted = sorted((one for one in mutants if _key(one) not in kept), key=lambda one: _key(one).rpartition(" ")[2])
    again = [mutant for mutant in mutants if _key(mutant) in kept and not kept[_key(mutant)].killer]
    print(f"{len(mutants):,} mutants, {len(wanted):,} to try, {len(again):,} that lived", flush=True)

    def told(mutant: Mutant, verdict: Verdict) -> bool:
        kept[_key(mutant)] = verdict
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps([_key(mutant), verdict.killer, verdict.seconds]) + "\n")
        return not verdict.killer and not why_alike(mutant)

    session = MutationSession(wanted, again, asked.workers, asked.minutes, told, WORK / "reached.json")
    for mutant in mutants:
        if (verdict := kept.get(_key(mutant))) and verdict.killer:
            session.reach.kills[mutant.reached][verdict.killer] += 1
    if (wanted or again) and asked.minutes:
        _run(session, asked.tests)
    verdicts = {mutant.name: kept[_key(mutant)] for mutant in mutants if _key(mutant) in kept}
    for mutant in mutants:
        if mutant.name in verdicts and not verdicts[mutant.name].killer and not why_alike(mutant):
            print(f"{mutant.name}\n    - {mutant.before}\n    + {mutant.after}")
    print(table(mutants, verdicts))
    if asked.words == [""]:
        RESULTS.write_text(written(mutants, verdicts, ROOT), encoding="utf-8")


def _kept() -> dict[str, Verdict]:
    """What became of each mutant when it was tried last."""
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    return {key: Verdict(killer, seconds) for key, killer, seconds in map(json.loads, lines)}


def _key(mutant: Mutant) -> str:
    """What a verdict is about: the function as changed, wherever it stands in its module."""
    return f"{mutant.module} {hashlib.sha256(mutant.text.encode()).hexdigest()}"


def _run(session: MutationSession, tests: Iterable[str]) -> None:
    os.chdir(WORK / "copy")
    # Before the project itself, which the environment knows of.
    sys.path.insert(0, str(WORK / "copy"))
    options = ["-q", "--capture=no", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "--rootdir=."]
    if code := pytest.main([*options, *tests], plugins=[session]):
        sys.exit(int(code))


if __name__ == "__main__":
    main()
