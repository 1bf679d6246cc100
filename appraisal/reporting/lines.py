"""Sections on the ten lines: how far apart their sides stand, how firm each is, and what would turn it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.bands import fewest_decisions, one_step_changes, share_deciding
from appraisal.analysis.least_changes import least_changes
from appraisal.analysis.margins import cutoff_lines, in_points
from appraisal.analysis.noise import composite_noise, line_errors
from appraisal.analysis.removal import ballots_to_flip
from appraisal.analysis.resampling import STEADINESS, Resamples, line_share, steadiness
from appraisal.analysis.spot_checks import wrong_items_bound
from appraisal.analysis.weight_changes import weight_flips
from appraisal.reporting import layout, narrative, sensitivity_charts
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

PAIR = ["upper", "lower"]
# Columns that hold names and words, not numbers.
NAMES = ("line", *PAIR, "word")


def _table(appraised: Appraisal, columns: dict[str, object], part: str) -> Piece:
    words = layout.words_of(appraised)
    heads = {name: words.say(f"lines.{part}.{name}") for name in columns}
    shown = pd.DataFrame({heads[name]: column for name, column in columns.items()})
    numbers = [head for name, head in heads.items() if name not in NAMES]
    return layout.table(shown, caption=words.say(f"lines.{part}.caption"), numbers=numbers, **layout.look(appraised))


def ten_lines(appraised: Appraisal, resamples: Resamples) -> Piece:
    """What this part of the report is, and each line: its sides, its gap, how firm it is, what would turn it."""
    words, rules = layout.words_of(appraised), appraised.rules
    found = line_share(appraised, resamples)
    names, weights = appraised.scorecard["name"], weight_flips(appraised).lines
    columns = {
        "line": [narrative.line_name(line, rules) for line in found.itertuples()],
        "upper": found["upper"].map(names),
        "lower": found["lower"].map(names),
        "gap": [narrative.gap(line, rules) for line in found.itertuples()],
        "bands": _counts(found, fewest_decisions(appraised), "decisions", words),
        "weights": [
            words.say("lines.not_asked") if outcome == "not_linear" else _change(change, words)
            for change, outcome in zip(weights["change"], weights["outcome"], strict=True)
        ],
        "share": found["share"].map("{:.0%}".format),
        "word": [words.say(f"lines.steadiness.{steadiness(share)}") for share in found["share"]],
    }
    said = [words.say("lines.method", draws=resamples.draws, seed=resamples.seed)]
    if appraised.year.social_counts is not None:
        said.append(words.say("lines.counts_independent"))
    if resamples.redrawn:
        said.append(words.say("lines.redrawn", count=resamples.redrawn))
    level = [words.say("lines.ten.level")] if (weights["change"] == 0).any() else []
    limits = {name: f"{least:.0%}" for name, least in STEADINESS.items()}
    return layout.pieces(
        [
            layout.heading(words.say("lines.title")),
            layout.paragraph(words.say("lines.lead"), kind="lead"),
            layout.paragraph(*said),
            _table(appraised, columns, "ten"),
            layout.paragraph(words.say("lines.ten.note", **limits), *level, kind="note"),
            layout.paragraph(*_decided_by_bands(appraised)),
        ]
    )


def _decided_by_bands(appraised: Appraisal) -> list[str]:
    words, changes = layout.words_of(appraised), one_step_changes(appraised)
    said = [words.say("lines.bands", count=len(changes), share=f"{share_deciding(changes):.0%}")]
    if len(appraised.year.spot_checks):
        # The sample is drawn by department, so departments are what it is exact about.
        drawn = wrong_items_bound(appraised).loc["departments"]
        counts = {name: int(drawn[name]) for name in ("sampled", "wrong", "whole", "bound")}
        said.append(words.say("lines.spot_checks", **counts))
    return said


def weights(appraised: Appraisal) -> Piece:
    """The points of weight that would have to move for each line to turn, as a chart."""
    words, found = layout.words_of(appraised), weight_flips(appraised).lines
    # A contest on a scale of its own was not asked; a bar of none would say that no weights turn it.
    found = found[found["outcome"] != "not_linear"]
    named = [narrative.line_name(line, appraised.rules) for line in found.itertuples()]
    changes = pd.DataFrame({"line": named, "change": found["change"]})
    if changes["change"].isna().all():
        return layout.pieces([])
    told = _least_weight(changes, words)
    axes = sensitivity_charts.plot_weight_changes(changes, lang=appraised.rules.lang)
    return layout.pieces(
        [
            layout.heading(words.say("lines.weights.title"), level=3),
            layout.chart(
                axes,
                alt=words.say("lines.weights.alt", least=told),
                caption=words.say("lines.weights.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("lines.weights.how"), told, kind="note"),
        ]
    )


def _least_weight(changes: pd.DataFrame, words: Words) -> str:
    """Read the bars aloud: lines that need no weight to move at all, and the shortest of the others."""
    level, others = changes[changes["change"] == 0], changes[changes["change"] > 0]
    said = ""
    if len(level):
        said = words.say("lines.weights.level", lines=words.say("report.join").join(level["line"]))
    if others.empty:
        return said
    least = others.loc[others["change"].idxmin()]
    change = sensitivity_charts.points_moved(least["change"])
    phrase = "lines.weights.least_other" if len(level) else "lines.weights.least"
    return said + words.say(phrase, line=least["line"], change=change)


def in_ballots(appraised: Appraisal) -> Piece:
    """What each gap means in standard errors and in ballots."""
    words, rules = layout.words_of(appraised), appraised.rules
    lines = line_errors(in_points(cutoff_lines(appraised)), composite_noise(appraised))
    if not len(lines):
        return layout.pieces([])
    columns: dict[str, object] = {
        "line": [narrative.line_name(line, rules) for line in lines.itertuples()],
        "gap": [narrative.gap(line, rules) for line in lines.itertuples()],
        "errors": lines["errors_apart"].map("{:.1f}".format),
    }
    found = ballots_to_flip(appraised)
    for kind, name in (("social", "forms"), ("panel", "panel")):
        for way in ("removed", "changed"):
            rows = found[(found["ballots"] == kind) & (found["way"] == way)]
            columns[f"{name}_{way}"] = _counts(lines, rows, "fewest", words)
    return layout.pieces(
        [
            layout.heading(words.say("lines.ballots.title"), level=3),
            layout.paragraph(words.say("lines.ballots.lead")),
            _table(appraised, columns, "ballots"),
            layout.paragraph(words.say("lines.ballots.note"), kind="note"),
        ]
    )


def least(appraised: Appraisal) -> Piece:
    """By how much one figure of one department would have to differ for each line to turn."""
    words, rules = layout.words_of(appraised), appraised.rules
    lines, changes = in_points(cutoff_lines(appraised)), least_changes(appraised)
    named = [narrative.line_name(line, rules) for line in lines.itertuples()]
    shown = pd.DataFrame({words.say("lines.least.line"): named})
    shown[words.say("lines.least.composite")] = changes["composite"].to_numpy()
    for source, weight in rules.weights.items():
        # In the source's own mean, out of 100, which is what panels, leaders and forms give.
        if weight:
            shown[rules.label("components", source)] = changes[source].to_numpy() / float(weight) * 100
    caption = words.say("lines.least.caption")
    return layout.pieces(
        [
            layout.heading(words.say("lines.least.title"), level=3),
            layout.paragraph(words.say("lines.least.lead")),
            layout.table(shown, caption=caption, digits=rules.rounding.digits, **layout.look(appraised)),
        ]
    )


def _counts(lines: pd.DataFrame, found: pd.DataFrame, column: str, words: Words) -> list[str]:
    """One count a line, in the order of the lines; a bound is marked as one, a line that nothing turns says so.

    A contest on a scale of its own has no row among those found: it is not asked.
    """
    rows = lines[PAIR].merge(found[[*PAIR, column, "exact"]], on=PAIR, how="left", validate="one_to_one")
    return [_count(count, exact, words) for count, exact in zip(rows[column], rows["exact"], strict=True)]


def _count(count: float, exact: float, words: Words) -> str:
    if pd.isna(exact):
        return words.say("lines.not_asked")
    if pd.isna(count):
        return words.say("lines.never" if exact else "lines.not_found")
    return f"{count:.0f}" if exact else words.say("lines.bound", count=f"{count:.0f}")


def _change(change: float, words: Words) -> str:
    return words.say("lines.never") if np.isnan(change) else sensitivity_charts.points_moved(change)
