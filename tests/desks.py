"""What tests of the explore notebooks share: a small year with jurors of their own minds, and eyes for a desk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import years

from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year

WINDOWS = {
    "lang": '"zh-Hant"',
    "tiers.best.ranks": "[1, 2]",
    "tiers.advanced.ranks": "[1, 4]",
    "tiers.good.ranks": "[5, 8]",
}


def leaning_year(folder: Path) -> Appraisal:
    """Twelve departments a group whose jurors lean towards departments, each in a way of its own."""
    tables = years.small_tables(12)
    ballots, rng = tables["panel_ballots"], np.random.default_rng(5)
    marks = ballots["item"].map(years.ITEMS)
    bands = tables["bands"].set_index(["department", "item"])["band"]
    low, high = np.array(
        [years.BANDS[bands[key]] for key in zip(ballots["department"], ballots["item"], strict=True)]
    ).T
    leaning = rng.normal(0, 0.012, len(ballots)) * marks
    ballots["score"] = (ballots["score"] + leaning).clip(low * marks, high * marks).round(4)
    return appraise(load_year(years.write_year(folder, tables, years.rulebook(WINDOWS))))


def shown(widget) -> str:
    """All that a desk shows in its texts."""
    own = getattr(widget, "value", "")
    return (own if isinstance(own, str) else "") + "".join(map(shown, getattr(widget, "children", ())))


def found(widget, label: str):
    """A control by its words."""
    inside = (found(child, label) for child in getattr(widget, "children", ()))
    return widget if getattr(widget, "description", None) == label else next(filter(None, inside), None)
