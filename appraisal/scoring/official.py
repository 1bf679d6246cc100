"""Whether the official case may go on: ties on a line, the quota, and rulings that do not fit stop it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import Problem, RulingError
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
    problems = [*_outsiders(year, evidence), *_ties_open(year, evidence, ties, standing), *_quota_open(rules, standing)]
    # Under an open tie who withdrew or is seated hangs on an order that nobody decided.
    problems = problems or list(_rulings_unfit(year, evidence, placement))
    if problems:
        raise RulingError(problems, rules.lang)


def _rulings(year: Year, kind: str) -> pd.DataFrame:
    return year.rulings[year.rulings["kind"] == kind]


def _problem(year: Year, code: str, row: int, column: str, **values: object) -> Problem:
    return Problem(f"rulings.{code}", year.places["rulings"], row, column, values)


def _outsiders(year: Year, evidence: Evidence) -> Iterator[Problem]:
    rows = year.rulings[~year.rulings["department"].isin(evidence.departments)]
    for row, department in rows["department"].items():
        yield _problem(year, "outside", row, "department", department=department)


def _ties_open(year: Year, evidence: Evidence, ties: list[NDArray[np.intp]], standing: Standing) -> Iterator[Problem]:
    names = year.departments.set_index("department")["name"]
    for members in ties:
        given = evidence.rulings.tie[members]
        if sorted(given) == list(range(1, members.size + 1)):
            continue
        codes = evidence.departments[members]
        values = {
            "names": "、".join(names[codes]),
            "composite": f"{standing.composite[members[0]] / 10**year.rules.rounding.digits:g}",
            "last": members.size,
            "rows": "\n".join(f"tie,{code},〔1–{members.size}〕,〔reason〕,〔approved_by〕,〔date〕" for code in codes),
        }
        yield Problem(
            "rulings.tie_given_wrongly" if given.any() else "rulings.tie_open", year.places["rulings"], values=values
        )
    in_ties = evidence.departments[np.concatenate(ties)] if ties else []
    ruled = _rulings(year, "tie")
    for row, department in ruled.loc[~ruled["department"].isin(in_ties), "department"].items():
        yield _problem(year, "tie_of_none", row, "department", department=department)


def _quota_open(rules: Rulebook, standing: Standing) -> Iterator[Problem]:
    if rules.tiers.on_quota_mismatch != "stop":
        return
    for tier, (quota, seats) in quotas(standing, rules.tiers).items():
        if quota != seats:
            values = {
                "tier": tier,
                "share": f"{(getattr(rules.tiers, tier).share * 100).normalize():f}",
                "size": standing.group.size,
                "quota": quota,
                "seats": seats,
            }
            yield Problem("rulings.quota", FILE, values=values, key="tiers.on_quota_mismatch")


def _rulings_unfit(year: Year, evidence: Evidence, placement: Placement) -> Iterator[Problem]:
    withdrawn = evidence.departments[placement.withdrawn]
    ruled = _rulings(year, "withdraw")
    for row, department in ruled.loc[~ruled["department"].isin(withdrawn), "department"].items():
        yield _problem(year, "withdraw_of_none", row, "department", department=department)
    candidates = evidence.departments[placement.candidate]
    ruled = _rulings(year, "admonish")
    unfit = (ruled["value"] == "yes") & ~ruled["department"].isin(candidates)
    for row, department in ruled.loc[unfit, "department"].items():
        yield _problem(year, "admonish_of_none", row, "department", department=department)
    seated = [evidence.departments[who] for who, _ in np.array(evidence.rulings.seats).reshape(-1, 2)[placement.filled]]
    ruled = _rulings(year, "seat")
    ruled = ruled[~ruled["department"].isin(seated)]
    open_seats = ", ".join(f"{tier} {count}" for tier, count in zip(TIERS, placement.open_seats, strict=False) if count)
    for row, department, tier in zip(ruled.index, ruled["department"], ruled["value"], strict=True):
        yield _problem(year, "seat_of_none", row, "value", department=department, tier=tier, open=open_seats or "0")
