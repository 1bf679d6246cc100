"""The section on the cutoffs: how far ranks and tiers move with the ballots, the lines and one ballot fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from appraisal.analysis.omission import without_ballots
from appraisal.analysis.resampling import Resamples, rank_intervals, tier_share
from appraisal.analysis.sweep import cutoff_sweep, swept_values
from appraisal.reporting import layout, sensitivity_charts
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

LEVEL = 0.95


def _words(appraised: Appraisal) -> Words:
    return catalogue(appraised.rules.lang)


def _look(appraised: Appraisal) -> dict[str, Any]:
    return {"synthetic": appraised.rules.data == "synthetic", "lang": appraised.rules.lang}


def ranks(appraised: Appraisal, resamples: Resamples) -> Piece:
    """The places that each department takes under redrawn ballots, a chart a group."""
    words, rules = _words(appraised), appraised.rules
    table = _ranked(appraised).join(rank_intervals(appraised, resamples, LEVEL), validate="one_to_one")
    pieces = [layout.heading(words.say("sensitivity.ranks.title"), level=3)]
    edges = [getattr(rules.tiers, tier).ranks[1] for tier in ("best", "advanced", "good")]
    for group, own in table.groupby("group", sort=False):
        label = rules.label("groups", str(group))
        widest = own.loc[(own["high"] - own["low"]).idxmax()]
        values = {"name": widest["name"], "rank": widest["rank"], "low": widest["low"], "high": widest["high"]}
        axes = sensitivity_charts.plot_rank_intervals(own, edges, lang=rules.lang)
        told = words.say("sensitivity.ranks.widest", **values)
        pieces += [
            layout.chart(
                axes,
                alt=words.say("sensitivity.ranks.alt", group=label, widest=told),
                caption=words.say("sensitivity.ranks.caption", group=label, level=f"{LEVEL:.0%}"),
                **_look(appraised),
            ),
            layout.paragraph(words.say("sensitivity.ranks.how", **values), kind="note"),
        ]
    return layout.pieces(pieces)


def tier_shares(appraised: Appraisal, resamples: Resamples) -> Piece:
    """The share of the resamples in which each department is in each tier, a chart a group."""
    words, rules = _words(appraised), appraised.rules
    table = _ranked(appraised).join(tier_share(appraised, resamples), validate="one_to_one")
    pieces = [layout.heading(words.say("sensitivity.shares.title"), level=3)]
    for group, own in table.groupby("group", sort=False):
        label = rules.label("groups", str(group))
        least = own.loc[own["tier_share"].idxmin()]
        values = {"name": least["name"], "share": f"{least['tier_share']:.0%}"}
        pieces += [
            layout.chart(
                sensitivity_charts.plot_tier_shares(own, lang=rules.lang),
                alt=words.say(
                    "sensitivity.shares.alt", group=label, least=words.say("sensitivity.shares.least", **values)
                ),
                caption=words.say("sensitivity.shares.caption", group=label),
                **_look(appraised),
            ),
            layout.paragraph(
                words.say("sensitivity.shares.how", tier=words.say(f"charts.tiers.{least['tier']}"), **values),
                kind="note",
            ),
        ]
    return layout.pieces(pieces)


def sweep(appraised: Appraisal) -> Piece:
    """Each cutoff moved alone: how many move at each value, and who at the first step to either side."""
    words, rules = _words(appraised), appraised.rules
    moves, values = cutoff_sweep(appraised), swept_values(rules)
    counts = moves.groupby(["cutoff", "value"]).size().rename("moved").reset_index()
    shown = values.merge(counts, on=["cutoff", "value"], how="left", validate="one_to_one").fillna({"moved": 0})
    shown["moved"] = shown["moved"].astype(int)
    shown = shown[shown["cutoff"] != "share"]
    labels = {cutoff: words.say(f"sensitivity.sweep.{cutoff}") for cutoff in shown["cutoff"].unique()}
    steps = pd.DataFrame(list(_steps(appraised, moves, shown)), columns=["cutoff", "value", "up", "down"])
    steps["cutoff"] = steps["cutoff"].map(labels)
    steps.columns = [words.say(f"sensitivity.sweep.{name}") for name in steps.columns]
    read_aloud = [_step_read_aloud(appraised, moves, shown, labels)] if len(moves) else []
    axes = sensitivity_charts.plot_cutoff_sweep(shown.assign(cutoff=shown["cutoff"].map(labels)), lang=rules.lang)
    return layout.pieces(
        [
            layout.heading(words.say("sensitivity.sweep.title"), level=3),
            layout.chart(
                axes,
                alt=words.say("sensitivity.sweep.alt"),
                caption=words.say("sensitivity.sweep.caption"),
                **_look(appraised),
            ),
            layout.paragraph(words.say("sensitivity.sweep.how"), *read_aloud, kind="note"),
            layout.table(steps, caption=words.say("sensitivity.sweep.table"), **_look(appraised)),
        ]
    )


def _step_read_aloud(appraised: Appraisal, moves: pd.DataFrame, values: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The first cutoff at its next value: how many move, and who."""
    cutoff = values["cutoff"].iloc[0]
    own = values[values["cutoff"] == cutoff]
    official = own.loc[own["official"], "value"].iloc[0]
    other = own.loc[own["value"] > official, "value"].min()
    moved = moves[(moves["cutoff"] == cutoff) & (moves["value"] == other)]["department"]
    words = _words(appraised)
    return words.say(
        "sensitivity.sweep.step",
        cutoff=labels[cutoff],
        official=f"{official:g}",
        other=f"{other:g}",
        count=len(moved),
        names=words.say("report.join").join(appraised.scorecard.loc[moved, "name"]),
    )


def _steps(appraised: Appraisal, moves: pd.DataFrame, values: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """For the values next to the official one: cutoff, value, names that rise and names that fall."""
    names = appraised.scorecard["name"]
    for cutoff, own in values.groupby("cutoff", sort=False):
        own = own.reset_index(drop=True)
        official = own.index[own["official"]]
        for at in (official[0] - 1, official[0] + 1) if len(official) else ():
            if at not in own.index:
                continue
            value = own.loc[at, "value"]
            moved = moves[(moves["cutoff"] == cutoff) & (moves["value"] == value)]
            rises = moved["tier"].map(TIERS.index) < moved["rule_tier"].map(TIERS.index)
            listed = ["、".join(names[moved.loc[rows, "department"]]) for rows in (rises, ~rises)]
            yield str(cutoff), f"{value:g}", listed[0], listed[1]


def omission(appraised: Appraisal) -> Piece:
    """One ballot fewer: who would change the tier, by how many of the ballots."""
    words = _words(appraised)
    rows = without_ballots(appraised)
    head = layout.heading(words.say("sensitivity.omission.title"), level=3)
    if not len(rows):
        return head + layout.paragraph(words.say("sensitivity.omission.none"))
    tiers = {tier: words.say(f"charts.tiers.{tier}") for tier in TIERS}
    shown = rows.assign(
        source=rows["source"].map(lambda source: words.say(f"sensitivity.omission.{source}")),
        department=rows["department"].map(appraised.scorecard["name"]),
    )
    heads = {name: words.say(f"sensitivity.omission.{name}") for name in rows.columns if name != "ballots"}
    heads["ballots"] = words.say("sensitivity.omission.ballots_head")
    return layout.pieces(
        [
            head,
            layout.paragraph(words.say("sensitivity.omission.ballots")),
            layout.table(
                shown.rename(columns=heads),
                caption=words.say("sensitivity.omission.caption"),
                badges={heads["rule_tier"]: tiers, heads["tier"]: tiers},
                **_look(appraised),
            ),
        ]
    )


def _ranked(appraised: Appraisal) -> pd.DataFrame:
    """Departments in competition; the tier is what the rules give, which sensitivity is about."""
    scorecard = appraised.scorecard[appraised.scorecard["rank"].notna()]
    return scorecard[["name", "group", "rank"]].assign(tier=scorecard["rule_tier"])
