"""The dossier of one department, as pieces of a page."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes

from appraisal.analysis import dossier
from appraisal.exploring.cutoffs import left_out_told, marked, moves_table, suppose_without
from appraisal.reporting import exploring_charts, layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words


def dossier_piece(appraised: Appraisal, department: str) -> Piece:
    """Everything on one department: place, components, items, lines, answers, deductions."""
    words, row = layout.words_of(appraised), appraised.scorecard.loc[department]
    head = layout.heading(row["name"], 3)
    if pd.isna(row["rank"]):
        return head + layout.paragraph(words.say("exploring.dossier.outside", name=row["name"]))
    said = marked("", row["name"], words)
    return layout.pieces(
        [
            head,
            _place(appraised, row, words),
            _components(appraised, department, said),
            _lines(appraised, department),
            _items(appraised, department, said),
            _answers(appraised, department, said),
            _deductions(appraised, department),
        ]
    )


def without_piece(appraised: Appraisal, left_out: tuple[str, ...]) -> Piece:
    """Which tiers change without some ballots; no score and no rank goes with it.

    Raises
    ------
    ChoicesError
        As `suppose_without`.
    """
    words = layout.words_of(appraised)
    head = layout.heading(words.say("exploring.dossier.without"), 3)
    if not left_out:
        return head + layout.paragraph(words.say("exploring.dossier.without_none"))
    supposed = suppose_without(appraised, appraised.rules, left_out)
    said = left_out_told(left_out, appraised)[0]
    if supposed.moved.empty:
        return head + layout.paragraph(marked(words.say("exploring.dossier.without_nobody"), said, words))
    return head + moves_table(appraised, supposed.moved, words.say("exploring.cutoffs.moves"), said)


def _place(appraised: Appraisal, row: pd.Series, words: Words) -> Piece:
    told = words.say(
        "exploring.dossier.place",
        group=appraised.rules.label("groups", row["group"]),
        rank=row["rank"],
        composite=narrative.points(row["composite"], appraised.rules),
    )
    badge = layout.tier_badge(row["tier"], words.say(f"charts.tiers.{row['tier']}"))
    return Piece(layout.paragraph(told).html.replace("</p>", f"{badge.html}</p>"))


def _components(appraised: Appraisal, department: str, said: str) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    standing = dossier.component_standing(appraised).loc[department]
    labels = {name: rules.label("components", name) for name in standing.index if name != "composite"}
    labels["composite"] = words.say("charts.scores.composite")
    name = appraised.scorecard.loc[department, "name"]
    rows = (
        words.say(
            "exploring.dossier.component",
            component=labels[row.Index],
            points=narrative.points(row.points, rules),
            rank=row.rank,
        )
        for row in standing.itertuples()
    )
    axes = exploring_charts.plot_component_standing(
        standing, said, labels=labels, digits=rules.rounding.digits, lang=rules.lang
    )
    return _chart(axes, "components", name, rows, appraised)


def _items(appraised: Appraisal, department: str, said: str) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    spread = dossier.item_spread(appraised).loc[department]
    labels = {item: rules.label("items", item) for item in spread.index}
    rows = (
        words.say(
            "exploring.dossier.item", item=labels[row.Index], verified=f"{row.verified:.2f}", self=f"{row.self_score:g}"
        )
        for row in spread.itertuples()
    )
    axes = exploring_charts.plot_item_spread(spread, said, labels=labels, lang=rules.lang)
    return _chart(axes, "items", appraised.scorecard.loc[department, "name"], rows, appraised)


def _answers(appraised: Appraisal, department: str, said: str) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    shares = dossier.answer_shares(appraised).loc[[department]]
    shares = shares[["own", "group"]].set_axis(["＋".join(ratings) for ratings in shares["answers"]])
    labels = {"own": words.say("exploring.dossier.own"), "group": words.say("exploring.dossier.whole")}
    rows = (f"{answer}{share:.0%}" for answer, share in shares["own"].items())
    axes = exploring_charts.plot_answers(shares.T, said, labels=labels, lang=rules.lang)
    return _chart(axes, "answers", appraised.scorecard.loc[department, "name"], rows, appraised)


def _lines(appraised: Appraisal, department: str) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    name, margins = appraised.scorecard.loc[department, "name"], dossier.line_margins(appraised)
    margins = margins[margins.index.get_level_values("department") == department]
    between = [words.say("exploring.cutoffs.between", above=row.above, below=row.below) for row in margins.itertuples()]
    shown = pd.DataFrame(
        {
            words.say("exploring.dossier.line"): between,
            words.say("exploring.dossier.opposite"): margins["opposite"].map(appraised.scorecard["name"]).tolist(),
            words.say("exploring.dossier.margin"): margins["margin"].to_numpy(),
        }
    )
    caption = words.say("exploring.dossier.lines", name=name)
    return _table(shown, caption, name, appraised, digits=rules.rounding.digits)


def _deductions(appraised: Appraisal, department: str) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    name, rows = appraised.scorecard.loc[department, "name"], dossier.own_deductions(appraised)
    rows = rows[rows.index == department]
    caption = words.say("exploring.dossier.deductions", name=name)
    if rows.empty:
        return layout.paragraph(caption, "。", words.say("exploring.dossier.no_deductions"))
    answer = {True: words.say("report.yes"), False: words.say("report.no")}
    shown = rows.assign(
        date=rows["date"].dt.strftime("%Y-%m-%d"),
        source=rows["source"].map(lambda code: rules.label("sources", code)),
        verified=rows["verified"].map(answer),
    )
    shown.columns = [words.say(f"exploring.dossier.{column}") for column in shown.columns]
    return _table(shown, caption, name, appraised)


def _table(shown: pd.DataFrame, caption: str, name: str, appraised: Appraisal, digits: int = 2) -> Piece:
    words = layout.words_of(appraised)
    return layout.table(
        shown,
        caption=marked(caption, name, words),
        digits=digits,
        **layout.look(appraised),
    )


def _chart(axes: Axes, kind: str, name: str, rows: Iterable[str], appraised: Appraisal) -> Piece:
    words = layout.words_of(appraised)
    return layout.chart(
        axes,
        alt=words.say(f"exploring.dossier.{kind}_alt", name=name, rows=words.say("report.join").join(rows)),
        caption=words.say(f"exploring.dossier.{kind}", name=name),
        **layout.look(appraised),
    )
