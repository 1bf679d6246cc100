"""The part of the section on the cutoffs that says what would turn each line: bands, ballots, forms, weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.bands import fewest_decisions, one_step_changes, share_deciding
from appraisal.analysis.margins import cutoff_lines, in_points
from appraisal.analysis.noise import composite_noise, line_errors
from appraisal.analysis.removal import ballots_to_flip
from appraisal.analysis.spot_checks import wrong_items_bound
from appraisal.analysis.weight_changes import weight_flips
from appraisal.reporting import layout, narrative, sensitivity_charts
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

PAIR = ["upper", "lower"]


def line_changes(appraised: Appraisal) -> Piece:
    """The least that would turn each line, one row a line."""
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    lines = line_errors(in_points(cutoff_lines(appraised)), composite_noise(appraised))
    if not len(lines):
        return layout.pieces([])
    named = [narrative.line_name(row, rules) for row in lines.itertuples()]
    weights = _weight_changes(appraised, lines)
    shown = pd.DataFrame(
        {
            "line": named,
            "gap": lines["gap"].map(f"{{:.{rules.rounding.digits}f}}".format),
            "errors": lines["errors_apart"].map("{:.1f}".format),
            "bands": _of_lines(lines, fewest_decisions(appraised), "decisions", words),
            **_ballots(appraised, lines, words),
            "weights": _or_never(weights, words),
        }
    )
    shown.columns = [words.say(f"sensitivity.changes.{name}") for name in shown.columns]
    changes = one_step_changes(appraised)
    said = [words.say("sensitivity.changes.bands_said", count=len(changes), share=f"{share_deciding(changes):.0%}")]
    if len(appraised.year.spot_checks):
        # The sample is drawn by department, so departments are what it is exact about.
        drawn = wrong_items_bound(appraised).loc["departments"]
        counts = {name: int(drawn[name]) for name in ("sampled", "wrong", "whole", "bound")}
        said.append(words.say("sensitivity.changes.spot_checks", **counts))
    return layout.pieces(
        [
            layout.heading(words.say("sensitivity.changes.title"), level=3),
            layout.paragraph(words.say("sensitivity.changes.lead")),
            layout.table(
                shown,
                caption=words.say("sensitivity.changes.caption"),
                synthetic=rules.data == "synthetic",
                lang=rules.lang,
            ),
            layout.paragraph(*said),
            _weights_chart(appraised, pd.DataFrame({"line": named, "change": weights}), words),
            layout.paragraph(words.say("sensitivity.changes.note"), kind="note"),
        ]
    )


def _ballots(appraised: Appraisal, lines: pd.DataFrame, words: Words) -> dict[str, list[str]]:
    found = ballots_to_flip(appraised)
    columns = {}
    for kind, name in (("social", "forms"), ("panel", "panel")):
        for way in ("removed", "changed"):
            rows = found[(found["ballots"] == kind) & (found["way"] == way)]
            columns[f"{name}_{way}"] = _of_lines(lines, rows, "fewest", words)
    return columns


def _of_lines(lines: pd.DataFrame, found: pd.DataFrame, column: str, words: Words) -> list[str]:
    """One count a line, in the order of the lines; a bound is marked as one, a line that nothing turns says so."""
    rows = lines[PAIR].merge(found[[*PAIR, column, "exact"]], on=PAIR, how="left", validate="one_to_one")
    return [
        words.say("sensitivity.changes.never")
        if pd.isna(count)
        else f"{count:.0f}"
        if exact
        else words.say("sensitivity.changes.bound", count=f"{count:.0f}")
        for count, exact in zip(rows[column], rows["exact"], strict=True)
    ]


def _weight_changes(appraised: Appraisal, lines: pd.DataFrame) -> NDArray[np.float64]:
    found = weight_flips(appraised).lines
    return lines[PAIR].merge(found[[*PAIR, "change"]], on=PAIR, how="left", validate="one_to_one")["change"].to_numpy()


def _or_never(changes: NDArray[np.float64], words: Words) -> list[str]:
    return [words.say("sensitivity.changes.never") if np.isnan(change) else f"{change:.2f}" for change in changes]


def _weights_chart(appraised: Appraisal, changes: pd.DataFrame, words: Words) -> Piece:
    rules = appraised.rules
    if changes["change"].isna().all():
        return layout.pieces([])
    least = changes.loc[changes["change"].idxmin()]
    told = words.say("sensitivity.changes.weights_least", line=least["line"], change=f"{least['change']:.2f}")
    return layout.pieces(
        [
            layout.chart(
                sensitivity_charts.plot_weight_changes(changes, lang=rules.lang),
                alt=words.say("sensitivity.changes.weights_alt", least=told),
                caption=words.say("sensitivity.changes.weights_caption"),
                synthetic=rules.data == "synthetic",
                lang=rules.lang,
            ),
            layout.paragraph(words.say("sensitivity.changes.weights_how", least=told), kind="note"),
        ]
    )
