"""Planted in what people put on paper: claims, leaders' ratings, a panel's scores, social forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from benchmarks.planting.sheet import Sheet

from appraisal.office.opinions import score_step

# Forms of each kind that are planted.
FORMS = 3


def claims(sheet: Sheet, kind: str, effect: float) -> None:
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


def leaders(sheet: Sheet, kind: str, effect: float) -> None:
    """Points of 100 by which every leader rates a department lower."""
    table, department = sheet.tables["leader_ballots"], sheet.departments.pop()
    own = table["department"] == department
    lower = np.maximum(table["score"] - round(effect), 0)
    sheet.tables["leader_ballots"] = table.assign(score=np.where(own, lower, table["score"]))
    sheet.note(kind, float(round(effect)), department=department)


def public(sheet: Sheet, kind: str, effect: float) -> None:
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


def panel(sheet: Sheet, kind: str, effect: float) -> None:
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


def straight_lines(sheet: Sheet, kind: str, effect: float) -> None:
    """Share of the departments of which some forms say the same: one form each answer, from the best."""
    table = sheet.tables["social_ballots"]
    ladder = sheet.rules.social.scale
    for turn in range(FORMS):
        at = sheet.forms.pop()
        alike = sheet.random.random(table.shape[1] - 1) < effect
        table.iloc[at, 1 + np.flatnonzero(alike)] = ladder[turn % 2]
        sheet.note(kind, effect, form=at + 1)


def near_duplicates(sheet: Sheet, kind: str, effect: float) -> None:
    """Share of the answers of a form that some others repeat."""
    table = sheet.tables["social_ballots"]
    for _turn in range(FORMS):
        first, second = sorted((sheet.forms.pop(), sheet.forms.pop()))
        same = 1 + np.flatnonzero(sheet.random.random(table.shape[1] - 1) < effect)
        table.iloc[second, same] = table.iloc[first, same]
        sheet.note(kind, effect, form=first + 1, again=second + 1)


def unknown_answers(sheet: Sheet, kind: str, effect: float) -> None:
    """Share of the forms that do not know a department."""
    table, department = sheet.tables["social_ballots"], sheet.departments.pop()
    word = next(word for word in sheet.rules.social.left_out if word)
    said = table[department]
    known = said != word
    need = (effect - (~known).mean()) / max(known.mean(), 1e-9)
    table[department] = said.mask(known & (sheet.random.random(len(said)) < need), word)
    sheet.note(kind, float((table[department] == word).mean()), department=department)
