"""The supervision group's random sample, drawn from a recorded seed so that anyone can redraw it."""

from __future__ import annotations

import hashlib

import pandas as pd

from appraisal.rulebook import Rulebook, count_of


def digest(seed: int, year: int, department: str) -> str:
    """SHA-256 of ``seed:year:department`` in UTF-8, as 64 hexadecimal digits.

    Examples
    --------
    The same by hand: ``printf %s 20031231:2003:weiban | sha256sum``.

    >>> digest(20031231, 2003, "weiban")
    'bc142d64c42041a6ed0e692a4a9d731379e2765c6fb1461bce444fc4ce9ad41b'
    """
    return hashlib.sha256(f"{seed}:{year}:{department}".encode()).hexdigest()


def draw(rules: Rulebook, departments: pd.DataFrame) -> pd.DataFrame:
    """Draw the departments whose material the supervision group reads again, all items of each.

    In each group the share of its size, half up and at least one: the departments with the smallest digests (notice
    §二: a random sample from all three panels). A department outside competition counts in no size and is not drawn.

    Parameters
    ----------
    rules : Rulebook
        Year, seed, groups, share, and who is outside competition.
    departments : DataFrame
        Columns `department`, `name`, `group`; the order of the rows does not matter.

    Returns
    -------
    DataFrame
        Columns `group`, `department`, `name`, `digest`: by group in the order of the rulebook, then by digest.
    """
    competing = departments.loc[
        ~departments["department"].isin(rules.competition.outside), ["group", "department", "name"]
    ]
    drawn = competing.assign(
        digest=[digest(rules.seed, rules.year, department) for department in competing["department"]]
    ).sort_values("digest")
    groups = (drawn[drawn["group"] == group] for group in rules.groups)
    return pd.concat(
        [group.head(max(1, count_of(rules.spot_checks.share, len(group)))) for group in groups],
        ignore_index=True,
    )
