"""What a check of a year folder found, as lines for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appraisal.errors import Problem
from appraisal.reading.contracts import CONTRACTS, title
from appraisal.reading.progress import Progress, is_open
from appraisal.reading.sheets import Remark
from appraisal.words import catalogue


@dataclass(frozen=True)
class Checkup:
    """What a check found.

    Parameters
    ----------
    year : int
    lang : str
        Language of the year.
    state : str
        ``ready``, ``not_complete`` (something is not there yet, nothing is wrong) or ``wrong``.
    problems : tuple of Problem
    remarks : tuple of Remark
        Warnings, and what was read as something else.
    progress : tuple of Progress
        Table by table; none where the rulebook cannot be used.
    """

    year: int
    lang: str
    state: str
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]
    progress: tuple[Progress, ...]


def remark_lines(found: Checkup) -> Iterator[str]:
    """Give what nobody need mend, a line each: first what was read as something else, then warnings."""
    words = catalogue(found.lang)
    for kind in ("read_as", "warning"):
        for remark in found.remarks:
            if remark.kind == kind:
                yield words.say("check.line", kind=words.say(f"check.kinds.{kind}"), message=remark.say(found.lang))


def problem_lines(found: Checkup) -> Iterator[str]:
    """Give what is wrong, then what is not there yet, a line each."""
    words = catalogue(found.lang)
    for kind, open_ in (("wrong", False), ("not_complete", True)):
        for problem in found.problems:
            if is_open(problem) == open_:
                yield words.say("check.line", kind=words.say(f"check.kinds.{kind}"), message=problem.say(found.lang))


def summary_lines(found: Checkup) -> Iterator[str]:
    """Say how far each table is, and how the year stands."""
    words = catalogue(found.lang)
    for table in found.progress:
        code = "absent" if not table.place else "rows" if table.ready is None else "departments"
        name = title(CONTRACTS[table.table], found.lang)
        said = {"rows": table.rows, "ready": table.ready, "departments": table.departments}
        yield words.say(f"check.tables.{code}", table=name, **said)
    yield state_line(found, str(found.year))


def state_line(found: Checkup, name: str) -> str:
    """Say how a year stands, which is called `name`."""
    open_ = sum(problem.count for problem in found.problems if is_open(problem))
    said = {"year": name, "open": open_, "wrong": sum(problem.count for problem in found.problems) - open_}
    return catalogue(found.lang).say(f"check.states.{found.state}", **said)


def as_json(found: Checkup) -> str:
    """Give a check as JSON: state, tables, and every problem and remark with its place apart.

    Of one kind in one table the first are listed, and an entry ``more`` says of what kind and how many more there are.
    """
    # Without a character that some terminal or pipe could not take.
    return json.dumps(_entries(found), indent=1)


def all_as_json(found: Mapping[str, Checkup]) -> str:
    """Give the checks of many years as JSON: their names, such as 成都/2003, to what `as_json` says of one."""
    return json.dumps({name: _entries(one) for name, one in found.items()}, indent=1)


def _entries(found: Checkup) -> dict[str, object]:

    def entries(problems: Sequence[Problem]) -> list[dict[str, object]]:
        return [
            {
                "kind": _kind(problem),
                "code": problem.code,
                "of": problem.values.get("of"),
                "count": problem.count,
                "file": problem.file,
                "row": problem.row,
                "column": problem.column,
                "key": problem.key,
                "message": problem.say(found.lang),
            }
            for problem in problems
        ]

    tables = [
        {"table": table.table, "there": bool(table.place), "rows": table.rows}
        | ({} if table.ready is None else {"ready": table.ready, "departments": table.departments})
        for table in found.progress
    ]
    return {
        "year": found.year,
        "state": found.state,
        "tables": tables,
        "problems": entries(found.problems),
        "remarks": entries(found.remarks),
    }


def _kind(problem: Problem) -> str:
    if isinstance(problem, Remark):
        return problem.kind
    return "not_complete" if is_open(problem) else "wrong"
