"""Anomalies planted in the tables of a made-up year: claims, contrasts, deductions, coverage, rosters, forms, a panel.

`plant` does it for single jurors, before anything is written; here it is done to what was written. Places do not
overlap: each kind has departments, sources and forms of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from appraisal.office.opinions import score_step
from appraisal.office.simulate import SimulatedYear, simulate_year
from appraisal.office.world import Sizes, World, stream
from appraisal.rulebook import Rulebook

# Kind → the effect planted unless told; what the number is stands at the function of the kind. Facts have none.
EFFECTS = {
    "self_assessment": 7.0,
    "leaders_contrast": 13.0,
    "social_contrast": 0.5,
    "source_by_group": 10.0,
    "unverified": 0.8,
    "late_in_year": 0.7,
    "same_incident": 1.0,
    "rounds_missing": 1.0,
    "sample_differs": 1.0,
    "open_queries": 1.0,
    "recusal_head": 1.0,
    "recusal_home": 1.0,
    "recusal_outside": 1.0,
    "panel_severity": 0.3,
    "straight_lines": 1.0,
    "near_duplicates": 0.9,
    "unknown_answers": 0.5,
}
# Forms of each kind that are planted.
FORMS = 3
# What a planted row may be known by; blank where it is not.
KNOWN_BY = ("group", "department", "source", "form", "again")


@dataclass
class _Sheet:
    """A made-up year being changed: its tables, and places not used yet.

    Parameters
    ----------
    tables : dict of str to DataFrame
    rules : Rulebook
    random : Generator
    departments, sources, forms : list
        Codes; codes; positions of forms.
    planted : list of dict
        What was done.
    """

    tables: dict[str, pd.DataFrame]
    rules: Rulebook
    random: np.random.Generator
    departments: list[str]
    sources: list[str]
    forms: list[int]
    planted: list[dict[str, object]]

    def note(self, kind: str, effect: float, **known: object) -> None:
        """Write down what was planted where."""
        self.planted.append({"kind": kind, "effect": effect} | dict.fromkeys(KNOWN_BY, "") | known)

    def group_of(self, department: str) -> str:
        """Group of a department."""
        listed = self.tables["departments"].set_index("department")["group"]
        return str(listed[department])


def planted_records(
    rules: Rulebook,
    effects: Mapping[str, float] | None = None,
    sizes: Sizes | None = None,
    world: World | None = None,
    attempt: int = 0,
) -> tuple[SimulatedYear, pd.DataFrame]:
    """Make up a year and plant anomalies in its tables.

    Parameters
    ----------
    rules : Rulebook
    effects : mapping of str to float, optional
        Kinds that are planted and how strongly; `EFFECTS` unless told.
    sizes, world : optional
        As for `simulate_year`.
    attempt : int
        Another year of the same seed.

    Returns
    -------
    year : SimulatedYear
    planted : DataFrame
        One row an anomaly: `kind` (the family that should find it), `effect`, and what it is known by (`KNOWN_BY`).
    """
    year = simulate_year(rules, sizes, world, attempt)
    random = stream(rules.seed, rules.year, attempt, "planted records")
    tables = {name: table.copy() for name, table in year.tables.items()}
    sheet = _Sheet(
        tables=tables,
        rules=rules,
        random=random,
        departments=random.permutation(tables["departments"]["department"]).tolist(),
        sources=random.permutation(rules.deductions.sources).tolist(),
        forms=random.permutation(len(tables["social_ballots"])).tolist(),
        planted=[],
    )
    for kind, effect in (EFFECTS if effects is None else effects).items():
        PLANT[kind](sheet, kind, effect)
    tables["deductions"] = tables["deductions"].sort_values(["date", "department", "points"], ignore_index=True)
    return SimulatedYear(tables, year.truth), pd.DataFrame(sheet.planted, columns=["kind", "effect", *KNOWN_BY])


def _claims(sheet: _Sheet, kind: str, effect: float) -> None:
    """Points of 100 that a department claims more, where it has room for them."""
    table, marks = sheet.tables["self_assessments"], sheet.rules.item_marks
    full = table["item"].map({item: float(whole) for item, whole in marks.items()})
    claimed = table["score"].groupby(table["department"]).sum() / float(sum(marks.values()))
    department = next(code for code in sheet.departments if 100 * claimed[code] <= 100 - effect)
    sheet.departments.remove(department)
    own = table["department"] == department
    step = table["item"].map({item: float(score_step(sheet.rules, item)) for item in marks})
    raised = np.minimum(np.rint((table["score"] + effect / 100 * full) / step) * step, full).round(6)
    sheet.tables["self_assessments"] = table.assign(score=np.where(own, raised, table["score"]))
    before = 100 * table.loc[own, "score"].sum() / full[own].sum()
    sheet.note(kind, 100 * raised[own].sum() / full[own].sum() - before, department=department)


def _leaders(sheet: _Sheet, kind: str, effect: float) -> None:
    """Points of 100 by which every leader rates a department lower."""
    table, department = sheet.tables["leader_ballots"], sheet.departments.pop()
    own = table["department"] == department
    lower = np.maximum(table["score"] - round(effect), 0)
    sheet.tables["leader_ballots"] = table.assign(score=np.where(own, lower, table["score"]))
    sheet.note(kind, float(round(effect)), department=department)


def _public(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of the forms that say one step less of a department; the effect noted is in points of 100."""
    table, department = sheet.tables["social_ballots"], sheet.departments.pop()
    points = {word: float(value) for word, value in sheet.rules.social.points.items()}
    ladder = sheet.rules.social.scale
    lower = dict(zip(ladder, [*ladder[1:], ladder[-1]], strict=True))
    said = table[department]
    changed = said.where(sheet.random.random(len(said)) >= effect, said.map(lower).fillna(said))
    table[department] = changed
    fall = said.map(points).mean() - changed.map(points).mean()
    sheet.note(kind, float(fall), department=department)


def _source(sheet: _Sheet, kind: str, effect: float) -> None:
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


def _incident(sheet: _Sheet, kind: str, effect: float) -> None:
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


def _unverified(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of one source's rows that are not verified."""
    rows, source = sheet.tables["deductions"], sheet.sources.pop()
    chosen = (rows["source"] == source) & (sheet.random.random(len(rows)) < effect)
    sheet.tables["deductions"] = rows.assign(verified=rows["verified"].mask(chosen, "no"))
    sheet.note(kind, effect, source=sheet.rules.label("sources", source))


def _late(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of one source's rows that are dated in December."""
    rows, source = sheet.tables["deductions"], sheet.sources.pop()
    chosen = (rows["source"] == source) & (sheet.random.random(len(rows)) < effect)
    days = np.datetime64(f"{sheet.rules.year}-12-01") + sheet.random.integers(0, 31, len(rows))
    sheet.tables["deductions"] = rows.assign(date=rows["date"].mask(chosen, pd.Series(days, index=rows.index)))
    sheet.note(kind, effect, source=sheet.rules.label("sources", source))


def _round(sheet: _Sheet, kind: str, effect: float) -> None:
    """A department that one round does not visit."""
    rows, department = sheet.tables["inspections"], sheet.departments.pop()
    first = rows.index[rows["department"] == department][0]
    sheet.tables["inspections"] = rows.drop(index=first)
    sheet.note(kind, effect, department=department)


def _sample(sheet: _Sheet, kind: str, effect: float) -> None:
    """A drawn department that is not read again; another is read in its place."""
    rows = sheet.tables["spot_checks"]
    department = next(code for code in sheet.departments if code in set(rows["department"]))
    sheet.departments.remove(department)
    instead = next(code for code in sheet.departments if code not in set(rows["department"]))
    sheet.departments.remove(instead)
    sheet.tables["spot_checks"] = rows.assign(department=rows["department"].replace(department, instead))
    sheet.note(kind, effect, department=department)
    sheet.note(kind, effect, department=instead)


def _query(sheet: _Sheet, kind: str, effect: float) -> None:
    """A query that is not settled."""
    rows = sheet.tables["queries"].reset_index(drop=True)
    if len(rows):
        at = int(sheet.random.integers(len(rows)))
        rows.loc[at, "settled"] = pd.NaT
        sheet.tables["queries"] = rows
        sheet.note(kind, effect, department=rows.loc[at, "department"])


def _roster(sheet: _Sheet, kind: str, effect: float) -> None:
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


def _panel(sheet: _Sheet, kind: str, effect: float) -> None:
    """Widths of the band by which a whole panel scores lower; the effect noted is in points of the composite."""
    rules, table = sheet.rules, sheet.tables["panel_ballots"]
    group = str(sheet.random.choice(list(rules.groups)))
    members = sheet.tables["departments"]
    own = table["department"].isin(members.loc[members["group"] == group, "department"])
    band = sheet.tables["bands"].set_index(["department", "item"])["band"]
    keys = pd.MultiIndex.from_frame(table[["department", "item"]])
    ends = {(item, b): tuple(map(float, rules.band_range(item, b))) for item in rules.item_marks for b in rules.bands}
    low, high = np.array([ends[item, b] for item, b in zip(table["item"], band[keys], strict=True)]).T
    step = table["item"].map({item: float(score_step(rules, item)) for item in rules.item_marks}).to_numpy()
    lowered = np.rint((table["score"] - effect * (high - low)) / step) * step
    lowered = np.maximum(lowered, np.ceil(low / step - 1e-9) * step).round(6)
    scores = np.where(own, lowered, table["score"])
    worth = {
        item: float(rules.weights["functional_panel" if part == "functional" else part]) / float(sum(items.values()))
        for part, items in rules.items.items()
        for item in items
    }
    fall = ((table["score"] - scores) * table["item"].map(worth))[own].sum()
    scored = table.loc[own, ["ballot", "department"]].drop_duplicates().shape[0]
    sheet.tables["panel_ballots"] = table.assign(score=scores)
    sheet.note(kind, float(fall / scored), group=group)


def _straight(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of the departments of which some forms say the same: one form each answer, from the best."""
    table = sheet.tables["social_ballots"]
    ladder = sheet.rules.social.scale
    for turn in range(FORMS):
        at = sheet.forms.pop()
        alike = sheet.random.random(table.shape[1] - 1) < effect
        table.iloc[at, 1 + np.flatnonzero(alike)] = ladder[turn % 2]
        sheet.note(kind, effect, form=at + 1)


def _copies(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of the answers of a form that some others repeat."""
    table = sheet.tables["social_ballots"]
    for _turn in range(FORMS):
        first, second = sorted((sheet.forms.pop(), sheet.forms.pop()))
        same = 1 + np.flatnonzero(sheet.random.random(table.shape[1] - 1) < effect)
        table.iloc[second, same] = table.iloc[first, same]
        sheet.note(kind, effect, form=first + 1, again=second + 1)


def _unknown(sheet: _Sheet, kind: str, effect: float) -> None:
    """Share of the forms that do not know a department."""
    table, department = sheet.tables["social_ballots"], sheet.departments.pop()
    word = next(word for word in sheet.rules.social.left_out if word)
    said = table[department]
    known = said != word
    need = (effect - (~known).mean()) / max(known.mean(), 1e-9)
    table[department] = said.mask(known & (sheet.random.random(len(said)) < need), word)
    sheet.note(kind, float((table[department] == word).mean()), department=department)


PLANT: dict[str, Callable[[_Sheet, str, float], None]] = {
    "self_assessment": _claims,
    "leaders_contrast": _leaders,
    "social_contrast": _public,
    "source_by_group": _source,
    "same_incident": _incident,
    "unverified": _unverified,
    "late_in_year": _late,
    "rounds_missing": _round,
    "sample_differs": _sample,
    "open_queries": _query,
    "recusal_head": _roster,
    "recusal_home": _roster,
    "recusal_outside": _roster,
    "panel_severity": _panel,
    "straight_lines": _straight,
    "near_duplicates": _copies,
    "unknown_answers": _unknown,
}
