"""Sections beside the matters for review: deductions, two kinds of judges, the groups and their adjusted tiers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.contrast import CONTRASTS, agreement_limits, contrast_table
from appraisal.analysis.counts import funnel_limits
from appraisal.analysis.deductions import source_by_group
from appraisal.analysis.flags import Flags
from appraisal.analysis.groups import panel_severity, severity_adjusted, wildcard_scales
from appraisal.reporting import anomaly_charts, layout
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal

# A twentieth, and two in a thousand, lie outside by chance (Spiegelhalter 2005).
NEAR, FAR = 0.95, 0.998


def deductions(appraised: Appraisal) -> Piece:
    """Deductions by source and group, as a funnel."""
    words, rules, labels = layout.words_of(appraised), appraised.rules, layout.group_labels(appraised.rules)
    cells = source_by_group(appraised.year).dropna(subset=["ratio"])
    head = layout.heading(words.say("anomalies_process.deductions.title"), level=3)
    if not len(cells):
        return head + layout.paragraph(words.say("anomalies_process.deductions.none"))
    cells = cells.assign(source=[rules.label("sources", source) for source in cells["source"]])
    expected = np.linspace(max(0.6 * cells["expected"].min(), 0.5), 1.1 * cells["expected"].max(), 200)
    (low, high), (low_far, high_far) = funnel_limits(expected, NEAR), funnel_limits(expected, FAR)
    limits = pd.DataFrame({"expected": expected, "low": low, "high": high, "low_far": low_far, "high_far": high_far})
    most = cells.loc[cells["ratio"].idxmax()]
    said = words.say(
        "anomalies_process.deductions.most",
        group=labels[most["group"]],
        source=most["source"],
        rows=most["rows"],
        expected=f"{most['expected']:.1f}",
    )
    axes = anomaly_charts.plot_funnel(cells, limits, labels=labels, lang=rules.lang)
    return layout.pieces(
        [
            head,
            layout.chart(
                axes,
                alt=words.say("anomalies_process.deductions.alt", most=said),
                caption=words.say("anomalies_process.deductions.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("anomalies_process.deductions.how"), said, kind="note"),
        ]
    )


def contrasts(appraised: Appraisal, found: Flags) -> Piece:
    """Leaders against the panel, the public against the rest: how far they agree, and who differs most in rank."""
    words = layout.words_of(appraised)
    pieces = [
        layout.heading(words.say("anomalies_process.contrast.title"), level=3),
        layout.paragraph(words.say("anomalies_process.contrast.lead")),
    ]
    for contrast in CONTRASTS:
        pieces += _contrast(appraised, contrast, found.settings.draws)
    return layout.pieces(pieces)


def _contrast(appraised: Appraisal, contrast: str, draws: int) -> list[Piece]:
    words, look = layout.words_of(appraised), layout.look(appraised)
    table = contrast_table(appraised, contrast, draws)
    table = table.assign(name=appraised.scorecard.loc[table["department"], "name"].to_numpy())
    limits = agreement_limits(table["difference"].to_numpy())
    sides = words.say(f"anomalies_process.contrast.{contrast}")
    said = words.say(
        "anomalies_process.contrast.limits",
        sides=sides,
        **{name: layout.number(limits[name], ".1f") for name in ("bias", "low", "high")},
    )
    labels = layout.group_labels(appraised.rules)
    axes = anomaly_charts.plot_agreement(table, limits, labels=labels, lang=words.lang)
    widest = _widest(appraised, table)
    return [
        layout.chart(
            axes,
            alt=words.say("anomalies_process.contrast.alt", said=said),
            caption=words.say("anomalies_process.contrast.caption", sides=sides),
            **look,
        ),
        layout.paragraph(said, kind="note"),
        layout.table(widest, caption=words.say("anomalies_process.contrast.widest", sides=sides), **look),
    ]


def _widest(appraised: Appraisal, table: pd.DataFrame) -> pd.DataFrame:
    """The five departments whose two ranks lie farthest apart."""
    words, rules = layout.words_of(appraised), appraised.rules
    widest = table.loc[table["places"].abs().nlargest(5, keep="first").index]
    shown = pd.DataFrame(
        {
            "department": widest["name"],
            "group": [rules.label("groups", group) for group in widest["group"]],
            "own_rank": widest["own_rank"],
            "other_rank": widest["other_rank"],
            "interval": [
                words.say(
                    "anomalies_process.contrast.between",
                    low=layout.number(row.low, ".0f"),
                    high=layout.number(row.high, ".0f"),
                )
                for row in widest.itertuples()
            ],
        }
    )
    return layout.headed(shown, words.under("anomalies_process.contrast"))


def groups(appraised: Appraisal) -> Piece:
    """How severe the panels are by leaders and public, the contest on every scale, tiers with severity taken out."""
    words, rules = layout.words_of(appraised), appraised.rules
    severity = panel_severity(appraised)
    severity = severity.assign(label=[rules.label("groups", group) for group in severity["group"]])
    told = [
        words.say(
            "anomalies_process.groups.panel",
            group=row.label,
            severity=layout.number(row.severity),
            low=layout.number(row.low),
            high=layout.number(row.high),
        )
        for row in severity.itertuples()
    ]
    moves = _moves_without_severity(appraised)
    return layout.pieces(
        [
            layout.heading(words.say("anomalies_process.groups.title"), level=3),
            layout.paragraph(words.say("anomalies_process.groups.lead")),
            layout.chart(
                anomaly_charts.plot_bridge(severity, lang=rules.lang),
                alt=words.say("anomalies_process.groups.alt", panels="".join(told)),
                caption=words.say("anomalies_process.groups.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(*told, kind="note"),
            layout.table(
                _contest(appraised), caption=words.say("anomalies_process.groups.contest"), **layout.look(appraised)
            ),
            layout.paragraph(
                words.say("anomalies_process.groups.adjusted", moves=moves)
                if moves
                else words.say("anomalies_process.groups.adjusted_none")
            ),
        ]
    )


def _contest(appraised: Appraisal) -> pd.DataFrame:
    """Who contends for the next places, and who would have the seat, on each scale."""
    words, rules, contest = layout.words_of(appraised), appraised.rules, wildcard_scales(appraised)
    shown = pd.DataFrame(
        {
            "scale": [words.say(f"decisions.scales.{scale}") for scale in contest["scale"]],
            "group": [rules.label("groups", group) for group in contest["group"]],
            "department": appraised.scorecard.loc[contest["department"], "name"].to_numpy(),
            "seat": [words.say(f"anomalies_process.groups.{'yes' if seat else 'no'}") for seat in contest["seat"]],
        }
    )
    return layout.headed(shown, words.under("anomalies_process.groups"))


def _moves_without_severity(appraised: Appraisal) -> str:
    words, adjusted = layout.words_of(appraised), severity_adjusted(appraised)
    return words.say("report.join").join(
        words.say(
            "anomalies.consequence.move",
            department=appraised.scorecard["name"][code],
            tier=words.say(f"charts.tiers.{row['rule_tier']}"),
            then=words.say(f"charts.tiers.{row['tier']}"),
        )
        for code, row in adjusted[adjusted["moved"]].iterrows()
    )
