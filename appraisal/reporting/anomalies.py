"""The section of matters for review: counts for the leadership; for the office each one, with reasons and consequence.

No score of a ballot stands here, and no statistic from which one could be worked out: levels are classes, jurors are
pseudonyms, leaders are counts.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from appraisal.analysis.agreement import panel_agreement
from appraisal.analysis.flags import Flags
from appraisal.analysis.process import homeless
from appraisal.analysis.raters import severity_table
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

LARGEST = 100  # of an effect told by its figure
FORMS = {
    "1,1": "single_other",
    "2,1": "single_sample",
    "3,1": "single_these",
    "1,k": "mean_other",
    "2,k": "mean_sample",
    "3,k": "mean_these",
}


def counts(appraised: Appraisal, found: Flags) -> Piece:
    """How many matters there are for review, by test, and how many departments' tiers hang on them."""
    words, families = layout.words_of(appraised), found.families
    numbers = {
        "comparisons": int(families["comparisons"].sum()),
        "found": len(found.flags),
        "touching": sum(bool(moves) for moves in found.flags["moved"]),
    }
    shown = pd.DataFrame(
        {
            "family": _titles(families, words),
            "comparisons": families["comparisons"],
            "found": families["found"],
            "smallest": _smallest(families, words),
            "tiers": families["tiers"],
        }
    )
    made = (families["comparisons"] > 0).to_numpy()
    left = words.say("report.join").join(_titles(families[~made], words))
    notes = [words.say("anomalies.counts_table.not_made", tests=left)] if left else []
    notes += recusal_unknown(appraised)
    return layout.pieces(
        [
            layout.heading(words.say("anomalies.title")),
            layout.paragraph(words.say("anomalies.lead")),
            layout.paragraph(words.say("anomalies.counts" if numbers["found"] else "anomalies.counts_none", **numbers)),
            layout.table(
                layout.headed(shown[made], words.under("anomalies.counts_table")),
                caption=words.say("anomalies.counts_table.caption"),
                **layout.look(appraised),
            ),
            *(layout.paragraph(said, kind="note") for said in notes),
        ]
    )


def recusal_unknown(appraised: Appraisal) -> list[str]:
    """Say how many jurors have no home on the roster, so that no rule of recusal could be held to them, if any."""
    words, without = layout.words_of(appraised), homeless(appraised.year)
    if without.empty:
        return []
    heads = int(without["head"].sum())
    told = {"without": len(without), "jurors": len(appraised.year.jurors)}
    said = [words.say("anomalies.recusal.no_home", **told)]
    return said + ([words.say("anomalies.recusal.heads", heads=heads)] if heads else [])


def families(appraised: Appraisal, found: Flags) -> Piece:
    """How hard each test looked, and the smallest effect that it would have found."""
    words, rows = layout.words_of(appraised), found.families
    shown = pd.DataFrame(
        {
            "family": _titles(rows, words),
            "comparisons": rows["comparisons"],
            "by_chance": ["" if np.isnan(number) else f"{number:.2f}" for number in rows["by_chance"]],
            "found": rows["found"],
            "smallest": _smallest(rows, words),
            "tiers": rows["tiers"],
        }
    )
    shown = layout.headed(shown, words.under("anomalies.families"))
    return layout.pieces(
        [
            layout.heading(words.say("anomalies.families.title"), level=3),
            layout.paragraph(words.say("anomalies.families.lead")),
            layout.table(shown, caption=words.say("anomalies.families.caption"), **layout.look(appraised)),
            layout.paragraph(words.say("anomalies.settings.title"), kind="note"),
            layout.points(_basis(found, words)),
        ]
    )


def _basis(found: Flags, words: Words) -> list[str]:
    return [
        words.say(
            "anomalies.settings.row",
            name=words.say(f"anomalies.names.{setting.name}"),
            value=f"{getattr(found.settings, setting.name):g}",
            basis=words.say(f"anomalies.basis.{setting.name}"),
        )
        for setting in fields(found.settings)
    ]


def flags(appraised: Appraisal, found: Flags) -> Piece:
    """Each matter for review: what, why, the harmless explanations, and what would change without it."""
    words = layout.words_of(appraised)
    head = layout.heading(words.say("anomalies.flags.title"), level=3)
    if not len(found.flags):
        # None of those chosen, where an analyst has chosen among them.
        none = "anomalies.flags.none_chosen" if found.families["found"].any() else "anomalies.flags.none"
        return head + layout.paragraph(words.say(none, table=words.say("anomalies.families.caption")))
    shown = pd.DataFrame(
        [
            (
                words.say(f"anomalies.tests.{flag['family']}.title"),
                sentence(appraised, flag),
                words.say(f"anomalies.tests.{flag['family']}.harmless"),
                consequence(appraised, flag),
                _level(flag["q"], found, words),
            )
            for flag in found.flags.to_dict("records")
        ],
        columns=["what", "sentence", "harmless", "consequence", "level"],
    )
    return layout.pieces(
        [
            head,
            layout.table(
                layout.headed(shown, words.under("anomalies.flags")),
                caption=words.say("anomalies.flags.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("anomalies.flags.juror_note"), kind="note"),
        ]
    )


def agreement(appraised: Appraisal, found: Flags) -> Piece:
    """How far jurors agree, how many would do, and how severe each is."""
    words, rules = layout.words_of(appraised), appraised.rules
    rows = panel_agreement(appraised, found.settings)
    head = layout.heading(words.say("anomalies.agreement.title"), level=3)
    if not len(rows):
        return layout.pieces([])
    rows = (
        rows.drop(columns="departments")
        .rename(columns=FORMS)
        .assign(
            group=[rules.label("groups", group) for group in rows["group"]],
            scale=[words.say(f"anomalies.agreement.{scale}") for scale in rows["scale"]],
        )
    )
    rows = layout.headed(rows, words.under("anomalies.agreement"))
    severity = severity_table(appraised, found.settings).reset_index()
    told = severity.assign(
        interval=[
            words.say(
                "anomalies.agreement.interval",
                severity=layout.number(own),
                low=layout.number(low),
                high=layout.number(high),
            )
            for own, low, high in severity[["severity", "low", "high"]].to_numpy()
        ]
    )
    jurors = told.pivot(index="juror", columns="group", values="interval")
    # The largest panel has every letter, in order.
    jurors = jurors.loc[severity["juror"].drop_duplicates().sort_values(key=lambda names: names.str.rjust(3))]
    jurors = jurors[[group for group in rules.groups if group in jurors]].reset_index()
    jurors.columns = [words.say("anomalies.agreement.juror"), *(rules.label("groups", g) for g in jurors.columns[1:])]
    return layout.pieces(
        [
            head,
            layout.paragraph(words.say("anomalies.agreement.lead", reliability=f"{found.settings.reliability:g}")),
            layout.table(rows, caption=words.say("anomalies.agreement.caption"), **layout.look(appraised)),
            layout.table(jurors, caption=words.say("anomalies.agreement.severity"), **layout.look(appraised)),
        ]
    )


def sentence(appraised: Appraisal, flag: dict[str, Any]) -> str:
    """What stands out, in one sentence of the catalogue.

    Parameters
    ----------
    appraised : Appraisal
    flag : dict
        A row of `Flags.flags`. A value that the test has a phrase for, such as a direction, is said by it.
    """
    words, rules, key = layout.words_of(appraised), appraised.rules, f"anomalies.tests.{flag['family']}"
    said = {name: flag[name] for name in ("juror", "form", "line")}
    said["department"] = appraised.scorecard["name"].get(flag["department"], flag["department"])
    said["group"] = rules.label("groups", flag["group"]) if flag["group"] else ""
    said["item"] = rules.label("items", flag["item"]) if flag["item"] else ""
    for name, value in flag["values"].items():
        if isinstance(value, float):
            said[name] = f"{value:.2f}"
        else:
            said[name] = words.say(f"{key}.{value}") if words.has(f"{key}.{value}") else str(value)
    return words.say(f"{key}.sentence", **said)


def consequence(appraised: Appraisal, flag: dict[str, Any]) -> str:
    """Which tiers change without it; of leaders only how many."""
    words = layout.words_of(appraised)
    moves, left_out = flag["moved"], flag["left_out"]
    if left_out == "nothing":
        return words.say("anomalies.consequence.alone")
    if left_out == "anonymous":
        return words.say("anomalies.consequence.anonymous")
    what = words.say(f"anomalies.left_out.{left_out}")
    if moves is None:
        return words.say("anomalies.consequence.unscored", what=what)
    if not moves:
        return words.say("anomalies.consequence.none")
    if left_out == "leaders":
        return words.say("anomalies.consequence.leaders", what=what, count=len(moves))
    told = [
        words.say(
            "anomalies.consequence.move",
            department=appraised.scorecard["name"][department],
            tier=words.say(f"charts.tiers.{tier}"),
            then=words.say(f"charts.tiers.{then}"),
        )
        for department, tier, then in moves
    ]
    return words.say("anomalies.consequence.moves", what=what, moves=words.say("report.join").join(told))


def _smallest(rows: pd.DataFrame, words: Words) -> list[str]:
    return [
        "" if np.isnan(row.smallest) else words.say(f"anomalies.units.{row.unit}", value=_at_most(row.smallest))
        for row in rows.itertuples()
    ]


def _at_most(smallest: float) -> str:
    """Too little to compare leaves effects so large that their figure would say nothing."""
    return f">{LARGEST}" if smallest > LARGEST else f"{smallest:.2f}"


def _titles(rows: pd.DataFrame, words: Words) -> list[str]:
    return [words.say(f"anomalies.tests.{family}.title") for family in rows.index]


def _level(q: float, found: Flags, words: Words) -> str:
    """A class, not a number: the number would give a residual back."""
    if np.isnan(q):
        return words.say("anomalies.levels.fact")
    if q <= 0.001:
        return words.say("anomalies.levels.thousandth")
    if q <= 0.01:
        return words.say("anomalies.levels.hundredth")
    return words.say("anomalies.levels.rate", rate=f"{found.settings.rate:g}")
