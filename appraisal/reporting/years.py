"""The sections on an earlier year: who changed tier, what moved the ranks, the panels, what stands out.

Each shows nothing where no earlier year stands beside the year folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from appraisal.analysis import years
from appraisal.analysis.succession import KINDS, succession
from appraisal.errors import AppraisalError
from appraisal.folders import earlier_folder, earlier_folders
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.year_charts import plot_panel_severity, plot_tier_moves
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year
from appraisal.words import Words

NOTHING = Piece("")


@dataclass(frozen=True)
class Earlier:
    """The year before.

    Parameters
    ----------
    year : str
    appraised : Appraisal or None
        None where its folder gives no result; `appraisal check` says why.
    """

    year: str
    appraised: Appraisal | None


def earlier_year(appraised: Appraisal) -> Earlier | None:
    """Appraise the nearest earlier year beside a year's folder; None where there is none."""
    folder = earlier_folder(appraised.year.folder)
    if folder is None:
        return None
    try:
        return Earlier(folder.name, appraise(load_year(folder)))
    except AppraisalError:
        return Earlier(folder.name, None)


def moves(appraised: Appraisal, earlier: Earlier | None) -> Piece:
    """How many departments went from which tier to which."""
    words = layout.words_of(appraised)
    if earlier is None:
        return NOTHING
    title = layout.heading(words.say("years.title", year=earlier.year))
    if earlier.appraised is None:
        return title + layout.paragraph(words.say("years.no_result", year=earlier.year), kind="note")
    before, counts = earlier.appraised, years.tier_moves(earlier.appraised, appraised)
    span = (before.rules.year, appraised.rules.year)
    labels = layout.tier_labels(words) | {years.ABSENT: words.say("years.absent")}
    ranked = counts.loc[list(TIERS), list(TIERS)].to_numpy()
    stayed, better = int(ranked.trace()), int(sum(ranked.diagonal(-step).sum() for step in range(1, len(TIERS))))
    told = words.say(
        "years.moves.told",
        both=int(ranked.sum()),
        stayed=stayed,
        better=better,
        worse=int(ranked.sum()) - stayed - better,
        joined=int(counts.loc[years.ABSENT].sum()),
        left=int(counts[years.ABSENT].sum()),
    )
    return layout.pieces(
        [
            title,
            layout.paragraph(told),
            layout.chart(
                plot_tier_moves(counts, years=span, labels=labels),
                alt=told,
                caption=words.say("years.moves.caption", before=span[0], after=span[1]),
                **_look(appraised, before),
            ),
            layout.paragraph(words.say("years.moves.how"), kind="note"),
        ]
    )


def ranks(appraised: Appraisal, earlier: Earlier | None) -> Piece:
    """For each department of the same code and group the change of its rank, split; the others listed."""
    words = layout.words_of(appraised)
    if earlier is None or (before := earlier.appraised) is None:
        return NOTHING
    shown = [layout.heading(words.say("years.ranks.title"), level=3), layout.paragraph(words.say("years.ranks.how"))]
    if years.same_sources(before, appraised):
        split = years.split_rank_changes(before, appraised)
        shown += [_split_table(appraised, before, split, group, words) for group in appraised.rules.groups]
    else:
        shown.append(layout.paragraph(words.say("years.ranks.other_sources"), kind="note"))
    return layout.pieces([*shown, _succession(appraised, before, words)])


def stability(appraised: Appraisal, earlier: Earlier | None) -> Piece:
    """How alike the ranks are, where in the bands the panels scored, whose standing changed most, tokens seen twice."""
    words = layout.words_of(appraised)
    if earlier is None or (before := earlier.appraised) is None:
        return NOTHING
    look, groups = _look(appraised, before), layout.group_labels(appraised.rules)
    alike = years.rank_stability(before, appraised).reset_index()
    alike["group"] = alike["group"].map(groups)
    panels = years.panel_severity((before, appraised))
    panels["year"] = panels["year"].astype(str)
    panels["group"] = [groups.get(group, group) for group in panels["group"]]
    changed = years.change_outliers(before, appraised)
    out = changed[changed["stands_out"]].sort_values("change", kind="stable")
    out = out.assign(group=out["group"].map(groups)).drop(columns="stands_out")
    out.insert(0, "name", appraised.scorecard.loc[out.index, "name"])
    twice = years.tokens_seen_twice(before, appraised)
    return layout.pieces(
        [
            layout.heading(words.say("years.stability.title"), level=3),
            layout.table(
                layout.headed(alike, words.under("years.head")), caption=words.say("years.stability.caption"), **look
            ),
            layout.paragraph(words.say("years.stability.how"), kind="note"),
            layout.table(
                layout.headed(panels, words.under("years.head")), caption=words.say("years.panels.caption"), **look
            ),
            layout.paragraph(words.say("years.panels.how"), kind="note"),
            layout.table(
                layout.headed(out, words.under("years.head")), caption=words.say("years.outliers.caption"), **look
            )
            if len(out)
            else layout.paragraph(words.say("years.outliers.none")),
            layout.paragraph(words.say("years.outliers.how"), kind="note"),
            layout.paragraph(words.say("years.tokens.twice" if twice else "years.tokens.none", count=twice)),
        ]
    )


def severity(appraised: Appraisal) -> Piece:
    """Where in the bands the panels scored in every year there is, up to this one, as a chart and in figures."""
    words, groups = layout.words_of(appraised), layout.group_labels(appraised.rules)
    found, without = [], []
    for folder in earlier_folders(appraised.year.folder):
        try:
            found.append(appraise(load_year(folder)))
        except AppraisalError:
            without.append(folder.name)
    every = [*found, appraised]
    panels = years.panel_severity(every)
    title = layout.heading(words.say("years.severity.title"), level=3)
    if panels.empty:
        return title + layout.paragraph(words.say("years.severity.none"))
    look = _look(appraised, *found)
    panels["group"] = [groups.get(group, group) for group in panels["group"]]
    told = words.say("years.severity.told", panels=len(panels), years=panels["year"].nunique())
    axes = plot_panel_severity(panels, label=words.say("years.head.place"))
    table = layout.headed(panels.assign(year=panels["year"].astype(str)), words.under("years.head"))
    shown = [
        title,
        layout.chart(axes, alt=told, caption=words.say("years.severity.caption"), **look),
        layout.table(table, caption=words.say("years.panels.caption"), **look),
        layout.paragraph(words.say("years.panels.how"), kind="note"),
    ]
    if without:
        said = words.say("years.severity.without", years=words.say("report.join").join(without))
        shown.append(layout.paragraph(said, kind="note"))
    return layout.pieces(shown)


def signed(part: Fraction) -> str:
    """Write a part of a change with its sign, exact: sixths as a mixed fraction.

    Examples
    --------
    >>> [signed(Fraction(number, 6)) for number in (-15, 2, 0, 12)]
    ['−2 1/2', '+1/3', '0', '+2']
    """
    if not part:
        return "0"
    whole, rest = divmod(abs(part), 1)
    written = " ".join(str(piece) for piece in (whole, rest) if piece)
    return ("\N{MINUS SIGN}" if part < 0 else "+") + written


def _split_table(appraised: Appraisal, before: Appraisal, split: pd.DataFrame, group: str, words: Words) -> Piece:
    own = split[split["group"] == group].sort_values(["after", "before"], kind="stable")
    table = pd.DataFrame({"name": appraised.scorecard.loc[own.index, "name"]})
    table["rank_before"], table["rank_after"] = own["before"], own["after"]
    for column in ("change", *years.PARTS):
        table[column] = [signed(Fraction(part)) for part in own[column]]
    return layout.table(
        layout.headed(table, words.under("years.head")),
        caption=words.say("years.ranks.caption", group=appraised.rules.label("groups", group)),
        numbers=[words.say(f"years.head.{column}") for column in ("change", *years.PARTS)],
        **_look(appraised, before),
    )


def _succession(appraised: Appraisal, before: Appraisal, words: Words) -> Piece:
    linked = succession(before.scorecard, appraised.scorecard)
    others = linked[(linked["kind"] != "same") | linked["renamed"]]
    earlier_names, names = before.scorecard["name"], appraised.scorecard["name"]
    rows = [
        (
            words.say(f"years.kinds.{row.kind if row.kind != 'same' else 'renamed'}"),
            names.get(code, ""),
            words.say("report.join").join(earlier_names[part] for part in row.came_from),
        )
        for kind in KINDS
        for code, row in zip(others.index, others.itertuples(), strict=True)
        if row.kind == kind
    ]
    if not rows:
        return NOTHING
    table = pd.DataFrame(rows, columns=["kind", "name_after", "name_before"])
    return layout.table(
        layout.headed(table, words.under("years.head")),
        caption=words.say("years.succession.caption"),
        **_look(appraised, before),
    )


def _look(appraised: Appraisal, *others: Appraisal) -> dict[str, Any]:
    """What charts and tables of several years are told: made up if any of them is, in the words of the first."""
    return {"synthetic": any(year.rules.synthetic for year in (appraised, *others)), "lang": appraised.rules.lang}
