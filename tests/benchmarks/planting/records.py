"""Planted in what an office keeps: deductions, inspections, the sample read again, queries, rosters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from benchmarks.planting.sheet import Sheet


def source_by_group(sheet: Sheet, kind: str, effect: float) -> None:
    """Rate ratio of one source's verified deductions in one group."""
    rows, source = sheet.tables["deductions"], sheet.sources.pop()
    members = sheet.tables["departments"]
    group = str(sheet.random.choice(list(sheet.rules.groups)))
    codes = members.loc[members["group"] == group, "department"].to_numpy()
    usual = (rows["verified"] == "yes").sum() / len(sheet.rules.groups) / len(sheet.rules.deductions.sources)
    more = sheet.random.poisson((effect - 1) * usual)
    added = rows.sample(more, replace=True, random_state=int(sheet.random.integers(2**31))).assign(
        department=sheet.random.choice(codes, more), source=source, verified="yes", incident=""
    )
    added["date"] = rows["date"].sample(more, replace=True, random_state=int(sheet.random.integers(2**31))).to_numpy()
    sheet.tables["deductions"] = pd.concat([rows, added], ignore_index=True)
    sheet.note(kind, effect, group=group, source=sheet.rules.label("sources", source))


def same_incident(sheet: Sheet, kind: str, effect: float) -> None:
    """One incident that another source reports a day later, without saying that it is the same."""
    rows, sources = sheet.tables["deductions"], sheet.rules.deductions.sources
    single = rows[(rows["verified"] == "yes") & (rows["incident"] == "") & rows["department"].isin(sheet.departments)]
    told = single.sample(1, random_state=int(sheet.random.integers(2**31))).iloc[0]
    sheet.departments.remove(told["department"])
    again = told.copy()
    again["source"] = sources[(sources.index(told["source"]) + 1) % len(sources)]
    again["date"] = told["date"] + np.timedelta64(1, "D")
    sheet.tables["deductions"] = pd.concat([rows, again.to_frame().T.astype(rows.dtypes)], ignore_index=True)
    sheet.note(kind, effect, department=told["department"])


def unverified(sheet: Sheet, kind: str, effect: float) -> None:
    """Share of one source's rows that are not verified."""
    rows, source = sheet.tables["deductions"], sheet.sources.pop()
    chosen = (rows["source"] == source) & (sheet.random.random(len(rows)) < effect)
    sheet.tables["deductions"] = rows.assign(verified=rows["verified"].mask(chosen, "no"))
    sheet.note(kind, effect, source=sheet.rules.label("sources", source))


def late_in_year(sheet: Sheet, kind: str, effect: float) -> None:
    """Share of one source's rows that are dated in December."""
    rows, source = sheet.tables["deductions"], sheet.sources.pop()
    chosen = (rows["source"] == source) & (sheet.random.random(len(rows)) < effect)
    days = np.datetime64(f"{sheet.rules.year}-12-01") + sheet.random.integers(0, 31, len(rows))
    sheet.tables["deductions"] = rows.assign(date=rows["date"].mask(chosen, pd.Series(days, index=rows.index)))
    sheet.note(kind, effect, source=sheet.rules.label("sources", source))


def rounds_missing(sheet: Sheet, kind: str, effect: float) -> None:
    """A department that one round does not visit."""
    rows, department = sheet.tables["inspections"], sheet.departments.pop()
    first = rows.index[rows["department"] == department][0]
    sheet.tables["inspections"] = rows.drop(index=first)
    sheet.note(kind, effect, department=department)


def sample_differs(sheet: Sheet, kind: str, effect: float) -> None:
    """A drawn department that is not read again; another is read in its place."""
    rows = sheet.tables["spot_checks"]
    department = next(code for code in sheet.departments if code in set(rows["department"]))
    sheet.departments.remove(department)
    instead = next(code for code in sheet.departments if code not in set(rows["department"]))
    sheet.departments.remove(instead)
    sheet.tables["spot_checks"] = rows.assign(department=rows["department"].replace(department, instead))
    sheet.note(kind, effect, department=department)
    sheet.note(kind, effect, department=instead)


def open_query(sheet: Sheet, kind: str, effect: float) -> None:
    """A query that is not settled."""
    rows = sheet.tables["queries"].reset_index(drop=True)
    if len(rows):
        at = int(sheet.random.integers(len(rows)))
        rows.loc[at, "settled"] = pd.NaT
        sheet.tables["queries"] = rows
        sheet.note(kind, effect, department=rows.loc[at, "department"])


def roster(sheet: Sheet, kind: str, effect: float) -> None:
    """A head of a member unit, a juror of the own group, or one whose home is no member unit, on a roster."""
    jurors, members = sheet.tables["jurors"], sheet.tables["departments"]
    number = ("recusal_head", "recusal_home", "recusal_outside").index(kind)
    group = list(sheet.rules.groups)[number % len(sheet.rules.groups)]
    at = int(jurors.index[jurors["group"] == group][number])
    if kind == "recusal_head":
        jurors.loc[at, "head"] = "yes"
    else:
        inside = (members["group"] == group) == (kind == "recusal_home")
        leading = (members["leading_group"] == "yes") == (kind == "recusal_home")
        homes = members.loc[inside & leading, "department"]
        jurors.loc[at, "home"] = homes.iloc[int(sheet.random.integers(len(homes)))]
    sheet.note(kind, effect, group=group, department=jurors.loc[at, "home"])
