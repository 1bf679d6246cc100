"""How far a year folder is filled in, and what of its problems only says that something is not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appraisal.errors import Problem
from appraisal.reading.columns import Table
from appraisal.reading.contracts import CONTRACTS, SOCIAL
from appraisal.reading.coverage import Tables, ratings_given, scores, social_ratings, unbanded
from appraisal.reading.sheets import Remark
from appraisal.rulebook import Rulebook

# Codes of problems that somebody mends by filling in, not by correcting.
OPEN = frozenset(
    {
        "blank",
        "coverage.few_scores",
        "coverage.no_band",
        "coverage.no_leader",
        "coverage.no_rating",
        "rulings.tie_open",
        "sheet.missing",
        "sheet.social_none",
        "table.missing",
        "table.no_rows",
        "table.none",
        "table.social_none",
    }
)


@dataclass(frozen=True)
class Progress:
    """How far one table is.

    Parameters
    ----------
    table : str
    place : str
        How messages name it; blank where it is not there or cannot be read.
    rows : int
    ready, departments : int or None
        Departments that have there all that the rules need, of how many; None where the table is not asked that.
    """

    table: str
    place: str = ""
    rows: int = 0
    ready: int | None = None
    departments: int | None = None


def is_open(problem: Problem) -> bool:
    """Tell whether a problem is something not there yet, rather than something wrong.

    Examples
    --------
    >>> is_open(Problem("table.missing", "bands.csv")), is_open(Problem("cell.percent", "bands.csv"))
    (True, False)
    """
    return str(problem.values.get("of", problem.code)) in OPEN


def not_complete(problems: Iterable[Problem]) -> bool:
    """Tell whether problems, remarks aside, say no more than that something is not there yet."""
    return all(is_open(problem) for problem in problems if not isinstance(problem, Remark))


def progress(tables: Mapping[str, Table], rules: Rulebook) -> list[Progress]:
    """Say of each table how far it is, in the order of the contract.

    Parameters
    ----------
    tables : mapping of str to Table
        Those that could be read.
    rules : Rulebook
    """
    year = Tables(tables, rules)
    ready = dict(_ready(year)) if "departments" in year and year.departments else {}
    other = {SOCIAL[0]: SOCIAL[1], SOCIAL[1]: SOCIAL[0]}
    found = []
    for name, contract in CONTRACTS.items():
        if name in year:
            place, rows = year[name].found.place, len(year[name].found.rows)
            counts = (int(ready[name].sum()), len(year.departments)) if name in ready else (None, None)
            found.append(Progress(name, place, rows, *counts))
        elif contract.needed != "no" and other.get(name) not in tables and name != SOCIAL[1]:
            found.append(Progress(name))
    return found


def _ready(year: Tables) -> Iterator[tuple[str, Any]]:
    """For each table that is asked, which departments have all that is needed; (D,)."""
    if "self_assessments" in year:
        yield "self_assessments", np.all(scores(year, year["self_assessments"]) > 0, axis=1)
    if "bands" in year:
        yield "bands", ~np.any(unbanded(year), axis=1)
    if "panel_ballots" in year:
        yield "panel_ballots", np.all(scores(year, year["panel_ballots"]) >= year.rules.panel.min_ballots, axis=1)
    if "leader_ballots" in year:
        yield "leader_ballots", ratings_given(year, year["leader_ballots"]) > 0
    for name in SOCIAL:
        if name in year:
            yield name, social_ratings(year, year[name]) > 0
    if "inspections" in year:
        yield "inspections", _visited(year, year["inspections"])


def _visited(year: Tables, table: Table) -> NDArray[np.bool_]:
    """Tell which departments were visited in every round."""
    rounds = table["round"]
    seen = np.zeros((len(year.departments), len(rounds.values)), dtype=bool)
    those = (table["department"].codes >= 0) & (rounds.codes >= 0)
    seen[table["department"].codes[those], rounds.codes[those]] = True
    return seen.sum(axis=1) >= year.rules.inspections.rounds
