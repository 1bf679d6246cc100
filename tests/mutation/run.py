"""Change the rules and the reading in one place at a time, and see which changes no test notices: ``make mutation``.

``python tests/mutation/run.py [--workers N] [--minutes N] [WORD …]`` tries the modules whose path holds one of the words, or
all. Who lives is printed, and of all modules the figures are written down in tests/benchmarks/MUTATION.md. What was killed
is not tried again while its function stays as it is; `make clean` forgets. What the minutes leave, the next run begins
with; with none only the figures are written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from mutants import Mutant, make_copy
from mutmut.configuration import config
from report import table, written
from session import MutationSession, Verdict

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".mutants"
KEPT = WORK / "verdicts.json"
RESULTS = ROOT / "tests" / "benchmarks" / "MUTATION.md"
# Tried in turn: every so-manieth of all first, so that a run which is broken off has looked everywhere.
STRIDE = 8


def main() -> None:
    """Make the mutants, try them, say what became of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*", default=[""])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=55)
    asked = parser.parse_args()
    os.chdir(ROOT)

    mutants = make_copy(ROOT, WORK / "copy", asked.words)
    wanted = [mutant for first in range(STRIDE) for mutant in mutants[first::STRIDE]]
    kept: dict[str, tuple[str | None, float]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    # Those that no run has come to are tried before those that live.
    wanted = sorted((one for one in wanted if not kept.get(_key(one), ("",))[0]), key=lambda one: _key(one) in kept)
    print(f"{len(mutants):,} mutants, {len(wanted):,} to try", flush=True)

    def told(mutant: Mutant, verdict: Verdict) -> None:
        kept[_key(mutant)] = (verdict.killer, verdict.seconds)
        if not verdict.killer:
            print(f"{mutant.name}\n    - {mutant.before}\n    + {mutant.after}", flush=True)
            KEPT.write_text(json.dumps(kept), encoding="utf-8")

    session = MutationSession(wanted, asked.workers, asked.minutes, told)
    try:
        if wanted and asked.minutes:
            _run(session)
    finally:
        KEPT.write_text(json.dumps(kept), encoding="utf-8")
    verdicts = {mutant.name: Verdict(*kept[_key(mutant)]) for mutant in mutants if _key(mutant) in kept}
    print(table(mutants, verdicts))
    if asked.words == [""]:
        RESULTS.write_text(written(mutants, verdicts, ROOT), encoding="utf-8")


def _key(mutant: Mutant) -> str:
    """What a verdict is about: the function as changed, wherever it stands in its module."""
    return f"{mutant.module} {hashlib.sha256(mutant.text.encode()).hexdigest()}"


def _run(session: MutationSession) -> None:
    os.chdir(WORK / "copy")
    # Before the project itself, which the environment knows of.
    sys.path.insert(0, str(WORK / "copy"))
    options = ["-q", "--capture=no", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "--rootdir=."]
    if code := pytest.main([*options, *config().pytest_add_cli_args_test_selection], plugins=[session]):
        sys.exit(int(code))


if __name__ == "__main__":
    main()
