"""The section on the cutoffs: how far ranks and tiers move with the ballots, the lines and one ballot fewer."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.omission import without_ballots, without_parts
from appraisal.analysis.resampling import Resamples, rank_intervals, tier_share
from appraisal.analysis.sweep import EDGES, cutoff_sweep, sweep_steps, swept_values
from appraisal.reporting import layout, sensitivity_charts
from appraisal.reporting.canvas import readable_parts
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

LEVEL = 0.95


def ranks(appraised: Appraisal, resamples: Resamples) -> Piece:
    """The places that each department takes under redrawn ballots, a chart a group."""
    words, rules = layout.words_of(appraised), appraised.rules
    table = _ranked(appraised).join(rank_intervals(appraised, resamples, LEVEL), validate="one_to_one")
    pieces = [layout.heading(words.say("sensitivity.ranks.title"), level=3)]
    lines = cutoff_lines(appraised)
    for group, own in table.groupby("group", sort=False):
        edges = lines.loc[lines["group"] == group, "above"].tolist()
        for label, rows in readable_parts(own, rules.label("groups", str(group)), lang=rules.lang):
            widest = rows.loc[(rows["high"] - rows["low"]).idxmax()]
            values = {"name": widest["name"], "rank": widest["rank"], "low": widest["low"], "high": widest["high"]}
            told = words.say("sensitivity.ranks.widest", **values)
            pieces += [
                layout.chart(
                    sensitivity_charts.plot_rank_intervals(rows, edges, lang=rules.lang),
                    alt=words.say("sensitivity.ranks.alt", group=label, widest=told),
                    caption=words.say("sensitivity.ranks.caption", group=label, level=f"{LEVEL:.0%}"),
                    **layout.look(appraised),
                ),
                layout.paragraph(words.say("sensitivity.ranks.how", **values), kind="note"),
            ]
    return layout.pieces(pieces)


def tier_shares(appraised: Appraisal, resamples: Resamples) -> Piece:
    """The share of the resamples in which each department is in each tier, a chart a group."""
    words, rules = layout.words_of(appraised), appraised.rules
    table = _ranked(appraised).join(tier_share(appraised, resamples), validate="one_to_one")
    pieces = [layout.heading(words.say("sensitivity.shares.title"), level=3)]
    for group, own in table.groupby("group", sort=False):
        for label, rows in readable_parts(own, rules.label("groups", str(group)), lang=rules.lang):
            least = rows.loc[rows["tier_share"].idxmin()]
            values = {"name": least["name"], "share": f"{least['tier_share']:.0%}"}
            told = words.say("sensitivity.shares.least", **values)
            pieces += [
                layout.chart(
                    sensitivity_charts.plot_tier_shares(rows, lang=rules.lang),
                    alt=words.say("sensitivity.shares.alt", group=label, least=told),
                    caption=words.say("sensitivity.shares.caption", group=label),
                    **layout.look(appraised),
                ),
                layout.paragraph(
                    words.say("sensitivity.shares.how", tier=words.say(f"charts.tiers.{least['tier']}"), **values),
                    kind="note",
                ),
            ]
    return layout.pieces(pieces)


def sweep(appraised: Appraisal) -> Piece:
    """Each cutoff moved alone: how many move at each value, and who at the first step to either side."""
    words = layout.words_of(appraised)
    moves, values = cutoff_sweep(appraised), swept_values(appraised.rules)
    # A cutoff that the others leave no other value is not moved.
    values = values[values.groupby("cutoff")["value"].transform("size") > 1]
    counts = moves.groupby(["cutoff", "value"]).size().rename("moved").reset_index()
    shown = values.merge(counts, on=["cutoff", "value"], how="left", validate="one_to_one").fillna({"moved": 0})
    shown["moved"] = shown["moved"].astype(int)
    # A share reads as per cent.
    shown["value"] = shown["value"].where(shown["cutoff"] != "share", (100 * shown["value"]).round())
    labels = _cutoffs(words)
    axes = sensitivity_charts.plot_cutoff_sweep(
        shown.assign(cutoff=shown["cutoff"].map(labels), official=shown["own"]), lang=appraised.rules.lang
    )
    steps = _steps(appraised, moves, values)
    own = values.loc[values["own"], ["cutoff", "value"]].rename(columns={"value": "nearer"})
    nearest = steps.merge(own, on=["cutoff", "nearer"], validate="many_to_one")
    return layout.pieces(
        [
            layout.heading(words.say("sensitivity.sweep.title"), level=3),
            layout.chart(
                axes,
                alt=words.say("sensitivity.sweep.alt"),
                caption=words.say("sensitivity.sweep.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("sensitivity.sweep.how"), *_read_aloud(appraised, moves, values), kind="note"),
            _steps_table(appraised, nearest, "sensitivity.sweep.table"),
        ]
    )


def sweep_in_steps(appraised: Appraisal) -> Piece:
    """Each cutoff moved step by step as far as it is swept, and who moves at each step."""
    words = layout.words_of(appraised)
    steps = _steps(appraised, cutoff_sweep(appraised), swept_values(appraised.rules))
    return layout.pieces(
        [
            layout.heading(words.say("sensitivity.sweep.steps_title"), level=3),
            layout.paragraph(words.say("sensitivity.sweep.steps_lead")),
            _steps_table(appraised, steps, "sensitivity.sweep.steps_table"),
        ]
    )


def _cutoffs(words: Words) -> dict[str, str]:
    return {cutoff: words.say(f"sensitivity.sweep.{cutoff}") for cutoff in (*EDGES, "wildcards", "share")}


def _value(cutoff: str, value: float) -> str:
    return f"{100 * value:.0f}" if cutoff == "share" else f"{value:g}"


def _steps(appraised: Appraisal, moves: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """One row a step: cutoff, from which value to which, names that rise and names that fall."""
    base = appraised.scorecard.loc[appraised.evidence.departments, "rule_tier"]
    rows = []
    for (cutoff, nearer, value), own in sweep_steps(moves, values, base).groupby(
        ["cutoff", "nearer", "value"], sort=False
    ):
        rows.append((cutoff, nearer, value, *_risen_and_fallen(appraised, own, "before", "after")))
    return pd.DataFrame(rows, columns=["cutoff", "nearer", "value", "up", "down"])


def _risen_and_fallen(appraised: Appraisal, moved: pd.DataFrame, before: str, after: str) -> Iterator[str]:
    """Names of those whose tier in the column `after` is better than in `before`, then of the others."""
    names, join = appraised.scorecard["name"], layout.words_of(appraised).say("report.join")
    rises = moved[after].map(TIERS.index) < moved[before].map(TIERS.index)
    return (join.join(names[moved.loc[which, "department"]]) for which in (rises, ~rises))


def _steps_table(appraised: Appraisal, steps: pd.DataFrame, caption: str) -> Piece:
    words = layout.words_of(appraised)
    ways = [
        words.say("sensitivity.sweep.from_to", nearer=_value(cutoff, nearer), value=_value(cutoff, value))
        for cutoff, nearer, value in steps[["cutoff", "nearer", "value"]].itertuples(index=False)
    ]
    shown = steps[["cutoff", "value", "up", "down"]].assign(cutoff=steps["cutoff"].map(_cutoffs(words)), value=ways)
    headed = layout.headed(shown, words.under("sensitivity.sweep"))
    return layout.table(headed, caption=words.say(caption), **layout.look(appraised))


def _read_aloud(appraised: Appraisal, moves: pd.DataFrame, values: pd.DataFrame) -> Iterator[str]:
    """The first cutoff whose next value moves anybody: how many move, and who."""
    words, names = layout.words_of(appraised), appraised.scorecard["name"]
    share = values.loc[values["own"] & (values["cutoff"] == "share"), "value"]
    # At its own value, too: elsewhere the windows give more than the share, and a larger one cuts less.
    larger = (moves["cutoff"] == "share") & (moves["value"] >= share.max())
    if len(share) and not larger.any():
        yield words.say("sensitivity.sweep.larger_share", share=_value("share", share.iloc[0]))
    for cutoff, tried in values.groupby("cutoff", sort=False):
        own = tried.loc[tried["own"], "value"].iloc[0]
        other = tried.loc[tried["value"] > own, "value"].min()
        moved = moves[(moves["cutoff"] == cutoff) & (moves["value"] == other)]["department"]
        if len(moved):
            yield words.say(
                "sensitivity.sweep.step",
                cutoff=_cutoffs(words)[str(cutoff)],
                official=_value(str(cutoff), own),
                other=_value(str(cutoff), other),
                count=len(moved),
                names=words.say("report.join").join(names[moved]),
            )
            return


def omission(appraised: Appraisal) -> Piece:
    """One ballot fewer: who would change the tier, by how many of the ballots."""
    words = layout.words_of(appraised)
    rows = without_ballots(appraised)
    head = layout.heading(words.say("sensitivity.omission.title"), level=3)
    if not len(rows):
        return head + layout.paragraph(words.say("sensitivity.omission.none"))
    tiers = layout.tier_labels(words)
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
                **layout.look(appraised),
            ),
        ]
    )


def parts(appraised: Appraisal) -> Piece:
    """Each source of points left out, then each item: who would change the tier."""
    words, rules = layout.words_of(appraised), appraised.rules
    rows = []
    for part, own in without_parts(appraised).groupby("part", sort=False):
        kind = own["kind"].iloc[0]
        moved = _risen_and_fallen(appraised, own, "rule_tier", "tier")
        rows.append((rules.label(f"{kind}s", str(part)), len(own), *moved))
    heads = [words.say(f"sensitivity.parts.{name}") for name in ("part", "count", "up", "down")]
    return layout.pieces(
        [
            layout.heading(words.say("sensitivity.parts.title"), level=3),
            layout.paragraph(words.say("sensitivity.parts.lead")),
            layout.table(
                pd.DataFrame(rows, columns=heads),
                caption=words.say("sensitivity.parts.caption"),
                **layout.look(appraised),
            ),
        ]
    )


def _ranked(appraised: Appraisal) -> pd.DataFrame:
    """Departments in competition; the tier is what the rules give, which sensitivity is about."""
    scorecard = appraised.scorecard[appraised.scorecard["rank"].notna()]
    return scorecard[["name", "group", "rank"]].assign(tier=scorecard["rule_tier"])
