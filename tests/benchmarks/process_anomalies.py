"""How well the tests of claims, contrasts, deductions, process, groups and forms find what was planted in tables.

The second half of `make anomalies`: made-up years of 2003's size, written, read, appraised and tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from benchmarks.planting.sheet import KNOWN_BY
from benchmarks.planting.tables import EFFECTS, planted_records
from benchmarks.trying import RULEBOOK, read, until_enough, where_it_passes

from appraisal.analysis import answers, contrast, deductions, forms, groups, process, self_assessment
from appraisal.analysis.flags import Settings, judge
from appraisal.rulebook import read_rulebook

TESTS = (self_assessment, contrast, deductions, process, groups, forms, answers)
# Effects at which recall is measured; kinds that are facts have one size.
CURVES = {
    "self_assessment": (2.0, 3.0, 4.0, 5.0, 6.0, 7.0),
    "leaders_contrast": (6.0, 8.0, 10.0, 11.0, 12.0, 14.0),
    "social_contrast": (0.2, 0.3, 0.35, 0.4, 0.5, 0.6),
    "source_by_group": (4.0, 6.0, 7.0, 8.0, 10.0, 12.0),
    "unverified": (0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "late_in_year": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "panel_severity": (0.1, 0.2, 0.25, 0.3, 0.4, 0.5),
    "straight_lines": (0.9, 0.95, 0.97, 0.98, 0.99, 1.0),
    "near_duplicates": (0.3, 0.4, 0.5, 0.6, 0.7, 0.9),
    "unknown_answers": (0.25, 0.3, 0.35, 0.4, 0.45, 0.5),
}
UNITS = {
    "self_assessment": "points of 100 claimed more",
    "leaders_contrast": "points of 100 rated lower by every leader",
    "social_contrast": "points of 100 lower",
    "source_by_group": "rate ratio",
    "unverified": "share of the source's rows",
    "late_in_year": "share of the source's rows in December",
    "panel_severity": "points of the composite lower",
    "straight_lines": "share of the departments alike",
    "near_duplicates": "share of the answers copied",
    "unknown_answers": "share of the forms",
}


def try_records(effects: Mapping[str, float], attempt: int) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Plant, write, read, appraise and test one year; None where a tie would need a ruling first.

    Returns
    -------
    families : DataFrame
        Index `family`: flags that are `right` and `wrong`.
    planted : DataFrame
        As planted, with `found`.
    """
    rules = read_rulebook(RULEBOOK)
    year, planted = planted_records(rules, effects, attempt=attempt)
    appraised = read(year.tables)
    if appraised is None:
        return None
    settings = Settings()
    found = judge(appraised, [family for module in TESTS for family in module.tests(appraised, settings)], settings)
    hit, counts = set(), pd.DataFrame(0, index=found.families.index, columns=["right", "wrong"])
    for flag in found.flags.to_dict("records"):
        right = [row.Index for row in planted.itertuples() if row.kind == flag["family"] and _is(row, flag)]
        hit.update(right)
        counts.loc[flag["family"], "right" if right else "wrong"] += 1
    return counts, planted.assign(found=planted.index.isin(hit))


def _is(row: tuple, flag: dict) -> bool:
    """Whether a flag is what was planted: all that the planted is known by agrees."""
    said = {**flag, **flag["values"]}
    return all(getattr(row, name) == "" or str(getattr(row, name)) == str(said.get(name)) for name in KNOWN_BY)


def try_years(effects: Mapping[str, float], years: int, workers: int, first: int) -> list[tuple]:
    """Try so many years; one with a tie to be ruled is replaced by the next."""
    return until_enough(partial(try_records, dict(effects)), years, workers, first)


def rates(tried: list[tuple]) -> pd.DataFrame:
    """Mean over the years: flags, share that is false, years with any false one, recall and mean effect of the kind."""
    rows = {}
    planted = pd.concat([own for _counts, own in tried])
    for family in tried[0][0].index:
        counts = pd.DataFrame([counts.loc[family] for counts, _own in tried])
        every = counts.sum(axis=1)
        own = planted[planted["kind"] == family]
        rows[family] = {
            "planted": len(own) / len(tried),
            "effect": own["effect"].mean(),
            "recall": own["found"].mean(),
            "flags": every.mean(),
            "false": (counts["wrong"] / every.clip(lower=1)).mean(),
            "any false": (counts["wrong"] > 0).mean(),
        }
    return pd.DataFrame(rows).T


def curves(years: int, workers: int) -> pd.DataFrame:
    """Recall and mean effect at each of `CURVES`; all kinds together, each at its n-th effect."""
    columns = []
    for turn in range(max(map(len, CURVES.values()))):
        effects = {kind: values[turn] for kind, values in CURVES.items()}
        planted = pd.concat([own for _counts, own in try_years(effects, years, workers, 20_000 * (turn + 1))])
        columns.append(planted.groupby("kind")[["effect", "found"]].mean().assign(turn=turn))
    return pd.concat(columns)


def report(years: int, curve_years: int, workers: int) -> list[str]:
    """Sections of ANOMALIES.md on what is planted in tables, as lines of Markdown.

    Parameters
    ----------
    years, curve_years : int
        Years with every kind planted; years at each effect of `CURVES`.
    workers : int
    """
    found = rates(try_years(EFFECTS, years, workers, 1000))
    return written(found, curves(curve_years, workers), years, curve_years)


def written(found: pd.DataFrame, curve: pd.DataFrame, years: int, curve_years: int) -> list[str]:
    """Put what was measured into Markdown."""
    lines = [
        "## Planted: tables (claims, contrasts, deductions, process, groups, forms)",
        "",
        f"{years} years with every kind planted together, {curve_years} years at each size of effect. *Recall*: share of",
        "the planted that is flagged. *False*: mean over the years of the share of a family's flags that is elsewhere.",
        "*Found from*: effect at which recall passes 0.9, interpolated. Facts have one size. Clean years: see above.",
        "",
        "| kind | effect | unit | recall | false | found from |",
        "|---|---|---|---|---|---|",
    ]
    for kind in EFFECTS:
        row = found.loc[kind]
        steps = curve.loc[[kind]].sort_values("effect") if kind in CURVES else curve.iloc[:0]
        passes = where_it_passes(steps["effect"], steps["found"])
        effect, wanted = ("–", "–") if kind not in CURVES else (f"{row['effect']:.2f}", "not reached")
        wanted = wanted if np.isnan(passes) else f"{passes:.2f}"
        lines.append(
            f"| {kind} | {effect} | {UNITS.get(kind, 'fact')} | {row['recall']:.3f} | {row['false']:.3f} | {wanted} |"
        )
    lines += [
        "",
        "Recall by effect (mean of the effects as they came out):",
        "",
        "| kind | effect: recall |",
        "|---|---|",
    ]
    for kind in CURVES:
        steps = curve.loc[[kind]].sort_values("effect")
        said = ", ".join(f"{row.effect:.2f}: {row.found:.2f}" for row in steps.itertuples())
        lines.append(f"| {kind} | {said} |")
    return [*lines, "", NOTES.strip(), ""]


NOTES = """
`source_by_group` needs a rate ratio of some nine, as 50 or so verified deductions a year lie in twelve cells, four a cell, and
what is too much in a cell is too much in its row and column as well.
`straight_lines`: a form of one answer for all is always extreme where the answer is a middle one; a form of 很滿意 throughout
is what the most lenient citizens come near to, so that it is found only where it is nearly complete.
`leaders_contrast`, `social_contrast`: leaders, panel and public truly see departments differently (in the simulation a third
of the variance of each is common), and a difference must stand out from that. `self_assessment` is capped at full marks:
the effect that comes out is a little below the one planted. `panel_severity`: nine jurors and 32 departments leave a
standard error of some 0.3 points between two panels.
"""
