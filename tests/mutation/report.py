"""What became of the mutants, as Markdown: by module, with the reason where a change changes nothing that could be told."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from mutants import Mutant
from session import AGAIN, SECONDS, Verdict

ALIKE = Path(__file__).with_name("alike.toml")
# Share of the mutants that are to be killed, by the beginning of the module's path.
WANTED = {"scoring/": 0.90, "rulebook.py": 0.80, "tables.py": 0.80, "reading/": 0.80}
HEAD = """\
# Mutation testing

Written by `make mutation`. mutmut changes one place of one function at a time: an operator, a number, a text, an argument
left out, an assignment, an arm of a condition; annotations, docstrings and messages of faults in the program itself stay.
Decorated functions (properties) and what stands outside functions are not changed. A mutant is killed when a test fails,
never ends or breaks off. It meets the tests that come to the statement which it changes, the likeliest to notice first:
{seconds:g} s of them at most, and {again:g} s once more if it lived; of the others nothing is known, so the shares are the least.
Killed ones are not tried again while their function stays. They are tried in an order as good as drawn by lot: where not all
of a module were, its share is that of a fair sample, and what was not tried yet the next run begins with.
"""


def table(mutants: Sequence[Mutant], verdicts: Mapping[str, Verdict]) -> str:
    """Count by module, and by what has a share that is wanted."""
    living = _living(mutants, verdicts)
    lines = ["| module | mutants | tried | killed | share | wanted | alike | open |", "|---|" + "---:|" * 7]
    for begin, wanted in WANTED.items():
        modules = sorted({mutant.module for mutant in mutants if mutant.module.startswith(begin)})
        for rows in [*([module] for module in modules), *([modules] if len(modules) > 1 else [])]:
            own = [mutant for mutant in mutants if mutant.module in rows]
            tried = sum(mutant.name in verdicts for mutant in own)
            lives = [living[mutant.name] for mutant in own if mutant.name in living]
            share = f"{1 - len(lives) / tried:.1%}" if tried else ""
            name, goal = (rows[0], "") if rows != modules else (f"**{begin}**", f"≥ {wanted:.0%}")
            figures = (
                f"{len(own):,}",
                f"{tried:,}",
                f"{tried - len(lives):,}",
                share,
                goal,
                sum(map(bool, lives)),
                lives.count(""),
            )
            lines.append(f"| {name} | {' | '.join(map(str, figures))} |")
    return "\n".join(lines)


def written(mutants: Sequence[Mutant], verdicts: Mapping[str, Verdict], root: Path) -> str:
    """Put everything down: the machine, the table, and who lives, with the reason where there is one."""
    spent = sum(verdict.seconds for verdict in verdicts.values()) / 60
    commit = _git(root, "rev-parse", "--short", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", "appraisal", "tests/*.py", "tests/cases")
    facts = [
        f"- {date.today().isoformat()}, commit {commit}{' with changes not committed' if changed else ''}",
        f"- mutmut {version('mutmut')}; {spent:.0f} minutes of one processor for the mutants tried",
    ]
    living = _living(mutants, verdicts)
    lives = [mutant for mutant in mutants if mutant.name in living]
    alike = ["## Alike", "", "These changes change nothing that a test could tell:", ""]
    for why in dict.fromkeys(filter(None, living.values())):
        places = dict.fromkeys(f"{m.module} `{m.function}`" for m in lives if living[m.name] == why)
        alike.append(f"- {why}: {list(living.values()).count(why)} in {', '.join(places)}")
    still = [f"- {m.module} `{m.function}`: `{m.before}` → `{m.after}`" for m in lives if not living[m.name]]
    still = ["## Open", "", "These live, and should not:" if still else "None lives without a reason.", "", *still]
    head = HEAD.format(seconds=SECONDS, again=AGAIN)
    return "\n".join([head, *facts, "", table(mutants, verdicts), "", *alike, "", *still, ""])


def why_alike(mutant: Mutant) -> str:
    """Why no test could tell a mutant; "" if that is not known."""
    change = f"{mutant.module} {mutant.function}: {mutant.before} → {mutant.after}"
    return next((entry["why"] for entry in _entries() if re.search(entry["change"], change)), "")


@cache
def _entries() -> list[dict[str, str]]:
    return tomllib.loads(ALIKE.read_text(encoding="utf-8"))["alike"]


def _living(mutants: Sequence[Mutant], verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Who was tried and lives, and why; "" if for no reason that is known."""
    tried = [mutant for mutant in mutants if mutant.name in verdicts]
    return {mutant.name: why_alike(mutant) for mutant in tried if not verdicts[mutant.name].killer}


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.strip()
