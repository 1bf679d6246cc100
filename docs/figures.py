"""Write the figures that the README quotes from the benchmark files into it, between their two marks.

``python docs/figures.py``, which `make bench`, `make calibration` and `make anomalies` do at their end;
``tests/test_readme.py`` holds the README to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
START, END = "<!-- figures -->\n", "<!-- end of figures -->"
RELIABLE = "How reliable: (b) and (c), departments and their tiers"
READ_AS = "How reliable: (a), read as (b) or (c), which it is not, departments and their tiers"
SETS = "Do 95% simultaneous rank sets hold all true ranks?"
SHARED = "9 jurors, 0.3 of their noise shared"
TABLES = "Planted: tables (claims, contrasts, deductions, process, groups, forms)"


def row(name: str, section: str, *said: str) -> dict[str, str]:
    """Find the first row below a heading, or anywhere for a blank one, in which these cells stand side by side.

    Raises
    ------
    LookupError
        Where there is none.
    """
    head: list[str] = []
    below = not section
    for line in (ROOT / "tests" / "benchmarks" / f"{name}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            below = section in ("", line.lstrip("# "))
        cells = [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif below and any(tuple(cells[at : at + len(said)]) == said for at in range(len(cells))):
            return dict(zip(head, cells, strict=True))
    raise LookupError(f"{name}.md, {section}: no row {', '.join(said)}")


def chances() -> Iterator[tuple[str, str, str]]:
    """What the report says beside what came true."""
    for question, section, world, chance in (
        ("a new panel of nine repeats a department's tier", RELIABLE, "9 jurors", "(c) new panel"),
        (
            "the same, where nine jurors share 0.3 of their noise, which no ballot shows",
            RELIABLE,
            SHARED,
            "(c) new panel",
        ),
        ("the share of redraws, read as that chance, which it is not", READ_AS, "9 jurors", "(a) share of resamples"),
    ):
        found = row("CALIBRATION", section, world, chance, "(c) new panel")
        yield question, f"said {found['mean chance']} on average", f"{found['came true']} came true"
    for question, world in (
        ("the 95 % rank sets hold all true ranks, in the hardest case, departments all alike", "9 jurors"),
        ("the same, where nine jurors share 0.3 of their noise", SHARED),
    ):
        yield question, "said 0.95", f"{row('CALIBRATION', SETS, world)['equal departments']} came true"


def finds() -> Iterator[tuple[str, str, str]]:
    """What is found of what was planted, and how many of the flags were false."""
    for kind, question in (
        ("severity", "a juror whose scores all lie 0.7 of a band lower or higher"),
        ("favour", "a juror who favours one department"),
        ("score", "a single score at the wrong end of its band"),
    ):
        found = row("ANOMALIES", "Planted: jurors", kind)
        clean = row("ANOMALIES", "Clean years", kind)["years with a flag"]
        yield (
            question,
            "false: 0.05 or fewer",
            f"{found['found']} found, {found['false']} false; flags in {clean} of clean years",
        )
    found = row("ANOMALIES", TABLES, "near_duplicates")
    yield (
        "forms of which nine tenths are copied",
        "false: 0.05 or fewer",
        f"{found['recall']} found, {found['false']} false",
    )


def speeds() -> Iterator[tuple[str, str, str]]:
    """How long it takes."""
    province = "100,000 departments, folder → scorecard ÷ `read_csv` and `groupby().mean()` of the ballots"
    for question, measure in (
        (
            "the 2003 rule on 10,000 draws, beside one sort of the same numbers",
            "the 2003 rule ÷ `np.argsort`: 10,000 draws × 96 departments",
        ),
        ("100,000 departments, folder to scorecard, beside reading and averaging their ballots", province),
        (
            "a slider of the explore notebook moved, until tiers and lines stand",
            "explore: a slider moved, tiers and lines",
        ),
    ):
        found = row("RESULTS", "", measure)
        yield question, f"wanted {found['wanted']}", found["figure"]
    found = row("MUTATION", "", "scoring/")
    yield "slips planted in the rules that the project's own tests notice", f"wanted {found['wanted']}", found["share"]
    asked, _whole, lost = row("PROVINCE", "", "reports asked for, made whole, lost")["figure"].split(", ")
    yield f"{asked} reports of 100 places, by two processes", "wanted: none lost", f"{lost} lost"
    found = row("PROVINCE", "", "8")
    yield (
        "13 cities × 8 counties × 20 years of some 30 departments, by 8 workers with a core each, computed",
        "",
        f"{found['hours']} hours, {found['memory of all workers and kernels']}",
    )


def quoted() -> str:
    """The table, as Markdown."""
    lines = ["| asked | said, or wanted | measured |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in (*chances(), *finds(), *speeds()))]) + "\n"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(START)
    readme.write_text(before + START + quoted() + END + rest.split(END)[1], encoding="utf-8")
