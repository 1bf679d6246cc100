"""Measure, print the table and write it: ``make bench``, or ``python tests/benchmarks/run.py --only PART`` for a part.

Each part is one function, whose name it has; a module lists its own in ``ALL``. What was not measured this time keeps its
lines, which say when they were.
"""

from __future__ import annotations

import argparse
import sys

import draws
import exploring
import large
import reports
from measure import ROOT, lines_of, measured_before, written

RESULTS = ROOT / "tests" / "benchmarks" / "RESULTS.md"
SAID = ROOT / "tests" / "benchmarks" / "REMAINS.md"


def main() -> None:
    """Run the named benchmarks, or all."""
    parts = {part.__name__: part for module in (reports, draws, large, exploring) for part in module.ALL}
    asked = argparse.ArgumentParser(description="Measure, and write RESULTS.md anew.")
    asked.add_argument("--only", nargs="+", choices=parts, default=list(parts), metavar="PART", help=", ".join(parts))
    only = asked.parse_args().only
    before = measured_before(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    lines = {}
    for name, part in parts.items():
        if name in only:
            print(f"{name} …", file=sys.stderr, flush=True)
            lines[name] = lines_of(name, part())
            print("\n".join(lines[name]), flush=True)
        else:
            lines[name] = before.get(name, [])
        # As soon as it is known: a later part may be interrupted.
        known = {each: lines.get(each, before.get(each, [])) for each in parts}
        RESULTS.write_text(written(known, SAID.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
