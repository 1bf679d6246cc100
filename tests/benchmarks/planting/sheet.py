"""The tables of a made-up year while anomalies are planted in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from appraisal.rulebook import Rulebook

# What a planted row may be known by; blank where it is not.
KNOWN_BY = ("group", "department", "source", "form", "again")


@dataclass
class Sheet:
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
