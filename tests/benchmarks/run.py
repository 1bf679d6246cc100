"""Measure, print the table and write it: ``make bench``, or ``python tests/benchmarks/run.py [name …]`` for some rows.

Each row is made by one function; a module lists its own in ``ALL``.
"""

from __future__ import annotations

import sys

import draws
import exploring
import large
from measure import ROOT, written

RESULTS = ROOT / "tests" / "benchmarks" / "RESULTS.md"


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all; only all of them are written down."""
    rows = []
    for benchmark in (*draws.ALL, *large.ALL, *exploring.ALL):
        if not names or benchmark.__name__ in names:
            print(f"{benchmark.__name__} …", file=sys.stderr, flush=True)
            rows += benchmark()
    table = written(rows)
    print(table)
    if not names:
        RESULTS.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
