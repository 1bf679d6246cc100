"""Whether the official case may go on: ties on a line, the quota, and rulings that do not fit stop it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import Problem, RulingError
from appraisal.reading.contracts import fixed_word
from appraisal.rulebook import FILE, TIERS, Rulebook
from appraisal.scoring.evidence import Evidence
from appraisal.scoring.tiers import Placement, Standing, quotas
from appraisal.tables import Year


def check_competition(rules: Rulebook, everyone: Evidence) -> None:
    """Stop where nobody is left to be ranked.

    Raises
    ------
    RulingError
    """
    if not everyone.competing.any():
        raise RulingError([Problem("rulebook.nobody", FILE, key="competition.outside")], rules.lang)


def check(
    year: Year,
    rules: Rulebook,
    evidence: Evidence,
    ties: list[NDArray[np.intp]],
    standing: Standing,
    placement: Placement,
) -> None:
    """Stop where the rules need a decision that nobody took, or were given one that does not fit.

    Parameters
    ----------
    year : Year
    rules : Rulebook
    evidence, standing, placement
        Of the departments in competition.
    ties : list of arrays
        Members of each tie on a line.

    Raises
    ------
    RulingError
        With every row to add or to mend.
    """
    problems = [
        *_outsiders(year, evidence),
        *_ties_open(year, rules, evidence, ties, standing),
        *quota_open(rules, standing.group),
    ]
    # Under an open tie who withdrew or is seated hangs on an order that nobody decided.
    problems = problems or list(_rulings_unfit(year, evidence, placement))
    if problems:
        raise RulingError(problems, rules.lang)


def _rulings(year: Year, kind: str) -> pd.DataFrame:
    return year.rulings[year.rulings["kind"] == kind]


def _problem(year: Year, code: str, row: int, department: str, column: str = "department", **values: str) -> Problem:
    said = {"department": _names(year)[department], **values}
    return Problem(f"rulings.{code}", year.places["rulings"], row, year.heads["rulings"][column], said)


def _names(year: Year) -> pd.Series:
    return year.departments.set_index("department")["name"]


def _outsiders(year: Year, evidence: Evidence) -> Iterator[Problem]:
    rows = year.rulings[~year.rulings["department"].isin(evidence.departments)]
    for row, department in rows["department"].items():
        yield _problem(year, "outside", row, department)


def _ties_open(
    year: Year, rules: Rulebook, evidence: Evidence, ties: list[NDArray[np.intp]], standing: Standing
) -> Iterator[Problem]:
    names = _names(year)
    for members in ties:
        given = evidence.rulings.tie[members]
        if sorted(given) == list(range(1, members.size + 1)):
            continue
        codes = evidence.departments[members]
        values = {
            "names": "、".join(names[codes]),
            "composite": f"{standing.composite[members[0]] / 10**rules.rounding.digits:g}",
            "last": members.size,
            "rows": "\n".join(f"tie,{code},〔1–{members.size}〕,〔reason〕,〔approved_by〕,〔date〕" for code in codes),
        }
        yield Problem(
            "rulings.tie_given_wrongly" if given.any() else "rulings.tie_open", year.places["rulings"], values=values
        )
    in_ties = evidence.departments[np.concatenate(ties)] if ties else []
    ruled = _rulings(year, "tie")
    for row, department in ruled.loc[~ruled["department"].isin(in_ties), "department"].items():
        yield _problem(year, "tie_of_none", row, department)


def quota_open(rules: Rulebook, group: NDArray[np.intp]) -> Iterator[Problem]:
    """Say where a share does not fit its window and the rulebook says to stop; `group` is of all who compete."""
    if rules.tiers.on_quota_mismatch != "stop":
        return
    for tier, (quota, seats) in quotas(group, rules.tiers).items():
        if quota != seats:
            values = {
                "tier": fixed_word("tier", tier, rules.lang),
                "share": f"{(getattr(rules.tiers, tier).share * 100).normalize():f}",
                "size": group.size,
                "quota": quota,
                "seats": seats,
            }
            yield Problem("rulings.quota", FILE, values=values, key="tiers.on_quota_mismatch")


def _rulings_unfit(year: Year, evidence: Evidence, placement: Placement) -> Iterator[Problem]:
    withdrawn = evidence.departments[placement.withdrawn]
    ruled = _rulings(year, "withdraw")
    for row, department in ruled.loc[~ruled["department"].isin(withdrawn), "department"].items():
        yield _problem(year, "withdraw_of_none", row, department)
    candidates = evidence.departments[placement.candidate]
    ruled = _rulings(year, "admonish")
    unfit = (ruled["value"] == "yes") & ~ruled["department"].isin(candidates)
    for row, department in ruled.loc[unfit, "department"].items():
        yield _problem(year, "admonish_of_none", row, department)
    seated = [evidence.departments[who] for who, _ in np.array(evidence.rulings.seats).reshape(-1, 2)[placement.filled]]
    ruled = _rulings(year, "seat")
    ruled = ruled[~ruled["department"].isin(seated)]
    word = partial(fixed_word, "tier", lang=year.rules.lang)
    seats = zip(TIERS, placement.open_seats, strict=False)
    open_seats = ", ".join(f"{word(tier)} {count}" for tier, count in seats if count)
    for row, department, tier in zip(ruled.index, ruled["department"], ruled["value"], strict=True):
        yield _problem(year, "seat_of_none", row, department, "value", tier=word(tier), open=open_seats or "0")
