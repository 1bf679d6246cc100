"""Sections of the overview of many places: how the reports stand, where lines are thin, where panels are severe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from appraisal.analysis.resampling import STEADINESS, steadiness
from appraisal.reporting import layout, narrative, place_charts
from appraisal.reporting.layout import Piece
from appraisal.words import Words, catalogue

# Places of one chart, and rows of a table of the thinnest or most severe.
OF_A_CHART, MOST = 30, 15
# States that ask for a hand, in the order of their haste.
WANTING = ("failed", "stale", "not_complete", "draft")

T = TypeVar("T")


@dataclass(frozen=True)
class Published:
    """What the published sets of many places and years say.

    Parameters
    ----------
    states : DataFrame
        Columns `where` (place; blank where years lie in the root itself), `year`, `state` as `YearState` has it.
    lines : DataFrame
        Columns `where`, `year`, `line`, `gap`, `scale`, `digits`, `share`.
    panels : DataFrame
        Columns `where`, `year`, `group`, `jurors`, `place`, `spread`.
    without : tuple of str
        Published years whose set has no figures that can be read, such as one of an earlier version.
    synthetic : bool
        Whether any of the years is made up.
    lang : str
    """

    states: pd.DataFrame
    lines: pd.DataFrame
    panels: pd.DataFrame
    without: tuple[str, ...]
    synthetic: bool
    lang: str

    @property
    def look(self) -> dict[str, Any]:
        """What every chart and table is told."""
        return {"synthetic": self.synthetic, "lang": self.lang}


def standing(published: Published) -> Piece:
    """How the reports stand: a cell a year, and by name each that is missing, stale or failed."""
    words, states = catalogue(published.lang), published.states
    shown = [layout.heading(words.say("places.standing.title"))]
    if states.empty:
        return layout.pieces([*shown, layout.paragraph(words.say("status.none"))])
    counts = states["state"].value_counts()
    labels = {code: words.say(f"status.states.{code}") for code in place_charts.STATES}
    told = words.say(
        "places.standing.told",
        places=states["where"].nunique(),
        years=len(states),
        counts=words.say("report.join").join(f"{labels[code]} {counts[code]}" for code in labels if code in counts),
    )
    shown.append(layout.paragraph(told, kind="lead"))
    grid = states.pivot(index="where", columns="year", values="state").rename(index=lambda place: _where(place, words))
    for part in _parts(grid):
        axes = place_charts.plot_report_states(part, labels=labels)
        shown.append(layout.chart(axes, alt=told, caption=words.say("places.standing.caption"), **published.look))
    wanting = [
        {"state": labels[code], "count": len(own), "years": _names(own, words)}
        for code in WANTING
        if len(own := states[states["state"] == code])
    ]
    if wanting:
        table = layout.headed(pd.DataFrame(wanting), words.under("places.head"))
        shown.append(layout.table(table, caption=words.say("places.standing.wanting"), **published.look))
    if published.without:
        said = words.say("places.without", years=words.say("report.join").join(published.without))
        shown.append(layout.paragraph(said, kind="note"))
    return layout.pieces(shown)


def thin_lines(published: Published) -> Piece:
    """Where lines are thin: the share of each year's lines on the edge, and the thinnest lines of all."""
    words, lines = catalogue(published.lang), published.lines
    shown = [layout.heading(words.say("places.lines.title"))]
    if lines.empty:
        return layout.pieces([*shown, layout.paragraph(words.say("places.nothing"))])
    edge = lines.assign(edge=lines["share"].map(steadiness) == "edge")
    told = words.say("places.lines.told", lines=len(lines), edge=int(edge["edge"].sum()), least=_per_cent("fair"))
    shown.append(layout.paragraph(told, kind="lead"))
    grid = edge.pivot_table(index="where", columns="year", values="edge", aggfunc="mean")
    for part in _parts(grid.rename(index=lambda place: _where(place, words))):
        axes = place_charts.plot_edge_lines(part, label=words.say("places.lines.cell"))
        shown.append(layout.chart(axes, alt=told, caption=words.say("places.lines.caption"), **published.look))
    thinnest = lines.sort_values(["share", "gap"], kind="stable").head(MOST)
    table = pd.DataFrame(
        {
            "where": [_where(place, words) for place in thinnest["where"]],
            "year": thinnest["year"].astype(str),
            "line": thinnest["line"],
            "gap": [narrative.gap_on_scale(line.gap, line.scale, line.digits, words) for line in thinnest.itertuples()],
            "share": [f"{share:.0%}" for share in thinnest["share"]],
        }
    )
    caption = words.say("places.lines.thinnest", count=len(table))
    numbers = [words.say(f"places.head.{name}") for name in ("gap", "share")]
    shown.append(
        layout.table(
            layout.headed(table, words.under("places.head")), caption=caption, numbers=numbers, **published.look
        )
    )
    shown.append(layout.paragraph(words.say("places.lines.how"), kind="note"))
    return layout.pieces(shown)


def severe_panels(published: Published) -> Piece:
    """Where panels scored low in their bands, beside the median of all; nothing is shown of a juror."""
    words, panels = catalogue(published.lang), published.panels
    shown = [layout.heading(words.say("places.panels.title"))]
    if panels.empty:
        return layout.pieces([*shown, layout.paragraph(words.say("places.nothing"))])
    middle = float(panels["place"].median())
    told = words.say("places.panels.told", panels=len(panels), middle=f"{middle:.2f}")
    named = panels.assign(where=[_where(place, words) for place in panels["where"]])
    shown.append(layout.paragraph(told, kind="lead"))
    for places in _chunks(list(dict.fromkeys(named["where"]))):
        own = named[named["where"].isin(places)]
        axes = place_charts.plot_panel_places(own, middle=middle, label=words.say("places.panels.axis"))
        shown.append(layout.chart(axes, alt=told, caption=words.say("places.panels.caption"), **published.look))
    low = named.sort_values("place", kind="stable").head(MOST)
    table = low[["where", "year", "group", "jurors", "place", "spread"]].assign(year=low["year"].astype(str))
    caption = words.say("places.panels.lowest", count=len(table))
    shown.append(layout.table(layout.headed(table, words.under("places.head")), caption=caption, **published.look))
    shown.append(layout.paragraph(words.say("places.panels.how"), kind="note"))
    return layout.pieces(shown)


def _where(place: str, words: Words) -> str:
    return place or words.say("places.root")


def _names(states: pd.DataFrame, words: Words) -> str:
    return words.say("report.join").join(
        f"{place}/{year}" if place else str(year) for place, year in zip(states["where"], states["year"], strict=True)
    )


def _per_cent(word: str) -> str:
    return f"{STEADINESS[word]:.0%}"


def _parts(grid: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for places in _chunks(list(grid.index)):
        yield grid.loc[places]


def _chunks(several: Sequence[T]) -> Iterator[list[T]]:
    """As few parts as a chart allows, of one length as near as may be."""
    parts = -(-len(several) // OF_A_CHART)
    for part in range(parts):
        yield list(several[part * len(several) // parts : (part + 1) * len(several) // parts])
