"""Anomalies planted in the tables of a made-up year: claims, contrasts, deductions, coverage, rosters, forms, a panel.

`scores` does it for single jurors, before anything is written; here it is done to what was written. Places do not
overlap: each kind has departments, sources and forms of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from benchmarks.planting import ballots, records
from benchmarks.planting.sheet import KNOWN_BY, Sheet

from appraisal.office.simulate import SimulatedYear, simulate_year
from appraisal.office.world import stream
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
PLANT: dict[str, Callable[[Sheet, str, float], None]] = {
    "self_assessment": ballots.claims,
    "leaders_contrast": ballots.leaders,
    "social_contrast": ballots.public,
    "source_by_group": records.source_by_group,
    "same_incident": records.same_incident,
    "unverified": records.unverified,
    "late_in_year": records.late_in_year,
    "rounds_missing": records.rounds_missing,
    "sample_differs": records.sample_differs,
    "open_queries": records.open_query,
    "recusal_head": records.roster,
    "recusal_home": records.roster,
    "recusal_outside": records.roster,
    "panel_severity": ballots.panel,
    "straight_lines": ballots.straight_lines,
    "near_duplicates": ballots.near_duplicates,
    "unknown_answers": ballots.unknown_answers,
}


def planted_records(
    rules: Rulebook,
    effects: Mapping[str, float] = EFFECTS,
    attempt: int = 0,
) -> tuple[SimulatedYear, pd.DataFrame]:
    """Make up a year and plant anomalies in its tables.

    Parameters
    ----------
    rules : Rulebook
    effects : mapping of str to float
        Kinds that are planted and how strongly.
    attempt : int
        Another year of the same seed.

    Returns
    -------
    year : SimulatedYear
    planted : DataFrame
        One row an anomaly: `kind` (the family that should find it), `effect`, and what it is known by (`KNOWN_BY`).
    """
    year = simulate_year(rules, attempt=attempt)
    random = stream(rules.seed, rules.year, attempt, "planted records")
    tables = {name: table.copy() for name, table in year.tables.items()}
    sheet = Sheet(
        tables=tables,
        rules=rules,
        random=random,
        departments=random.permutation(tables["departments"]["department"]).tolist(),
        sources=random.permutation(rules.deductions.sources).tolist(),
        forms=random.permutation(len(tables["social_ballots"])).tolist(),
        planted=[],
    )
    for kind, effect in effects.items():
        PLANT[kind](sheet, kind, effect)
    tables["deductions"] = tables["deductions"].sort_values(["date", "department", "points"], ignore_index=True)
    return SimulatedYear(tables, year.truth), pd.DataFrame(sheet.planted, columns=["kind", "effect", *KNOWN_BY])
