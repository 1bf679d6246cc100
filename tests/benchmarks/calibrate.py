"""Try the analyses on years whose truth is known and put the figures on record: `make calibration`.

Writes `appraisal/analysis/calibration.toml`, which the report reads, and `CALIBRATION.md` beside this file.
"""

from __future__ import annotations

import argparse
import subprocess
from datetime import date
from pathlib import Path

import pandas as pd
from benchmarks.known_truth import SETTINGS, calibrate

from appraisal.analysis import calibration
from appraisal.analysis.calibration import COVERAGE, LEAST, MOST_ERROR, MOST_OFF, Calibration, recorded
from appraisal.rulebook import read_rulebook

ROOT = Path(__file__).parents[2]
RECORD = Path(calibration.__file__).with_suffix(".toml")
PAGE = Path(__file__).with_name("CALIBRATION.md")
WORLDS = {
    "agreed": "9 jurors, 0.3 of their noise shared",
    "heaped": "9 jurors, 0.3 of the scores at a band's end",
    "tails": "9 jurors, all errors and differences t with 3 degrees of freedom",
}
CHANCES = {"unlimited": "(b) unlimited raters", "anew": "(c) new panel", "share": "(a) share of resamples"}


def main() -> None:
    """Calibrate, write, and say where."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--years", type=int, default=200)
    asked.add_argument("--draws", type=int, default=500)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", type=int, default=20041231)
    given = asked.parse_args()
    rules = read_rulebook(ROOT / "data" / "2003" / "rulebook.toml").replace({"seed": given.seed})
    head = {"day": date.today(), "commit": commit(), "seed": given.seed, "years": given.years, "draws": given.draws}
    tried = []
    for name, setting in SETTINGS.items():
        tried.append(calibrate(rules, {name: setting}, given.years, given.draws, given.workers))
        print(name, flush=True)
    coverage, reliability = (pd.concat(tables, ignore_index=True) for tables in zip(*tried, strict=True))
    RECORD.write_text(toml(head, coverage=coverage, reliability=reliability), encoding="utf-8")
    PAGE.write_text(page(recorded()), encoding="utf-8")
    print(f"{RECORD.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


def commit() -> str:
    """Commit of the code, marked where files differ from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def toml(head: dict[str, object], **tables: pd.DataFrame) -> str:
    """Write numbers, words and a day as TOML."""

    def value(given: object) -> str:
        if isinstance(given, bool):
            return str(given).lower()
        return f'"{given}"' if isinstance(given, str) else str(given)

    lines = ["# Written by make calibration; the report quotes it.", *(f"{key} = {value(head[key])}" for key in head)]
    for name, table in tables.items():
        for row in table.to_dict("records"):
            lines += ["", f"[[{name}]]", *(f"{key} = {value(row[key])}" for key in row)]
    return "\n".join(lines) + "\n"


def page(record: Calibration) -> str:
    """The tables for people, one a question."""
    names = {
        name: WORLDS.get(name, f"{jurors} jurors") for name, jurors in record.coverage[["setting", "jurors"]].values
    }
    table = record.reliability.assign(world=record.reliability["setting"].map(names))
    parts = [
        "# Calibration in worlds whose truth is known",
        f"`make calibration`, {record.day}, code of commit {record.commit}, seed {record.seed}. {record.years} years of each"
        f" world, and as many with equal departments: 3 × 32 departments, 12 leaders, 726 forms, departments that"
        f" differ as in 2003. {record.draws} draws of each analysis.",
        "An error is the mean distance, over ten bins of chance weighed by cases, between chance and share that came"
        f" true; the worst bin is of those with {LEAST} cases or more. Asked: error at most {MOST_ERROR}, worst bin at most"
        f" {MOST_OFF}; **what falls short is bold**. What the report says of it stands in its section on repeatability.",
        f"## Do {COVERAGE:.0%} simultaneous rank sets hold all true ranks?",
        "Equal departments are the least favourable truth. The last column is of the bootstrap's rank intervals of the same level, which"
        " are no confidence sets: the share of departments whose true rank they hold. A bootstrap of J ballots has"
        " (J - 1) / J of the variance of their mean and is centred on the points as they came out.",
        markdown(
            ["world", "years", "equal departments", "2003's spread", "bootstrap's intervals"],
            [
                (names[row.setting], row.years, f"{row.equal:.3f}", f"{row.spread:.3f}", f"{row.intervals:.3f}")
                for row in record.coverage.itertuples()
            ],
        ),
    ]
    for kind, asked in (("tier", "departments and their tiers"), ("line", "lines and the order of their pairs")):
        for title, own in (("(b) and (c)", True), ("(a), read as (b) or (c), which it is not", False)):
            rows = table[(table["kind"] == kind) & ((table["said"] == table["truth"]) == own)]
            parts += [f"## How reliable: {title}, {asked}", markdown(*reliability_rows(rows))]
    return "\n\n".join(parts) + "\n"


def reliability_rows(rows: pd.DataFrame) -> tuple[list[str], list[tuple[object, ...]]]:
    """Head and rows of a table on reliability."""

    def marked(value: float, most: float) -> str:
        return f"**{value:.3f}**" if value > most else f"{value:.3f}"

    head = ["world", "chance", "held against", "cases", "mean chance", "came true", "error", "worst bin", "its cases"]
    return head, [
        (
            row.world,
            CHANCES[row.said],
            CHANCES[row.truth],
            row.cases,
            f"{row.mean:.3f}",
            f"{row.came_true:.3f}",
            marked(row.error, MOST_ERROR),
            marked(row.worst, MOST_OFF),
            row.worst_cases,
        )
        for row in rows.itertuples()
    ]


def markdown(head: list[str], rows: list[tuple[object, ...]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


if __name__ == "__main__":
    main()
