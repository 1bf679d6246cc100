"""Charts of how sure the places are: a ready table in, matplotlib axes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from appraisal.reporting import fonts
from appraisal.reporting.canvas import (
    axes_of,
    in_style,
    legend_above,
    readable_on,
    rows_height,
    tier_marks,
)
from appraisal.reporting.palette import INK, PAPER, RULE, SOFT_INK, TIERS, tier_look
from appraisal.reporting.writing import Writing, write_names, write_rows
from appraisal.words import catalogue


@in_style
def plot_rank_intervals(
    ranks: pd.DataFrame, lines: Sequence[int], *, lang: str = "zh-Hant", ax: Axes | None = None
) -> Axes:
    """Draw for each department of a group the places it takes under redrawn ballots, and the lines between tiers.

    Parameters
    ----------
    ranks : DataFrame
        One group, or successive ranks of it: columns ``name``, ``rank``, ``tier``, ``low`` and ``high`` (the better
        and the worse end).
    lines : sequence of int
        Last rank above each line.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw; else a figure as wide as the page, with a row for each department.
    """
    words = catalogue(lang)
    shown = ranks.sort_values("rank", kind="stable")
    count = len(shown)
    ax = ax or axes_of(height=1.25 + rows_height(count))
    places = np.arange(count)
    for line in lines:
        ax.axvline(line + 0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 2.5)), zorder=1)
    colours = [tier_look(tier).colour for tier in shown["tier"]]
    ax.hlines(places, shown["low"], shown["high"], colors=colours, linewidth=3.2, alpha=0.4, zorder=2)
    tier_marks(ax, shown["rank"].to_numpy(float), places, shown["tier"], lang)
    write_names(ax, shown["name"], shown["rank"])
    ax.set_ylim(count - 0.4, -0.6)
    taken = shown[["low", "high", "rank"]].to_numpy(float)
    ax.set_xlim(taken.min() - 0.8, taken.max() + 0.8)
    ax.set_xlabel(words.say("charts.sensitivity.places"))
    ax.grid(axis="x")
    legend_above(ax)
    return ax


@in_style
def plot_tier_shares(shares: pd.DataFrame, *, lang: str = "zh-Hant", ax: Axes | None = None) -> Axes:
    """Shade, department by department, the share of redrawn years in each tier.

    Parameters
    ----------
    shares : DataFrame
        One group, or successive ranks of it: columns ``name``, ``rank``, ``tier`` and one for each tier, shares of 1.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw; else a figure as wide as the page, with a row for each department.
    """
    words = catalogue(lang)
    shown = shares.sort_values("rank", kind="stable")
    count = len(shown)
    ax = ax or axes_of(height=1.0 + rows_height(count))
    own = np.array([shown["tier"] == tier for tier in TIERS])
    held = np.array([shown[tier] for tier in TIERS], float)
    colours = np.array([to_rgb(tier_look(tier).colour) for tier in TIERS])
    shades = 1 - held[..., None] * (1 - colours[:, None])
    corners = np.array([[-0.47, -0.45], [0.47, -0.45], [0.47, 0.45], [-0.47, 0.45]])
    for among, edge, width, above in ((~own, PAPER, 0.3, 2), (own, INK, 0.9, 3)):
        cells = np.argwhere(among)[:, None] + corners
        ax.add_collection(
            PolyCollection(cells, facecolors=shades[among], edgecolors=edge, linewidths=width, zorder=above)
        )
    said = held >= 0.005
    columns, rows = np.nonzero(said)
    figures = Writing(
        [f"{share:.0%}" for share in held[said]], columns, rows, ax.transData, start=0.5, size=8,
        colours=[readable_on(tuple(shade)) for shade in shades[said]],
    )  # fmt: skip
    figures.set_in_layout(False)  # inside their cells
    ax.add_artist(figures)
    write_names(ax, shown["name"], shown["rank"])
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_xlim(-0.5, len(TIERS) - 0.5)
    ax.set_xticks(range(len(TIERS)), [words.say(f"charts.tiers.{tier}") for tier in TIERS])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines["bottom"].set_visible(False)
    return ax


def points_moved(change: float, digits: int = 2) -> str:
    """Write points of weight; what is not nothing is not written as nothing."""
    least = 10.0**-digits
    return "0" if change == 0 else f"{change:.{digits}f}" if change >= least / 2 else f"<{least:.{digits}f}"


@in_style
def plot_weight_changes(changes: pd.DataFrame, *, lang: str = "zh-Hant", ax: Axes | None = None) -> Axes:
    """Draw for each line how many points of weight would have to move for its pair to change order.

    Parameters
    ----------
    changes : DataFrame
        Columns ``line`` (in the words to be read) and ``change`` in points of 100, missing where no weights do it; from
        the top in this order.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    places, change = np.arange(len(changes)), changes["change"].to_numpy(float)
    ax = ax or axes_of(height=0.8 + 0.27 * max(len(changes), 3))
    ax.barh(places, np.nan_to_num(change), height=0.62, color=tier_look("advanced").colour, zorder=2)
    for place, value in zip(places, change, strict=True):
        said = words.say("charts.sensitivity.no_weights") if np.isnan(value) else points_moved(value)
        ax.annotate(said, (np.nan_to_num(value), place), xytext=(4, 0), textcoords="offset points", va="center",
                    fontsize=8.5, color=INK)  # fmt: skip
    ax.set_yticks(places, changes["line"])
    ax.set_ylim(len(changes) - 0.4, -0.6)
    ax.set_xlim(0, max(1.12 * np.nanmax(change, initial=0.0), 1.0))
    ax.set_xlabel(words.say("charts.sensitivity.weights"))
    ax.grid(axis="x")
    return ax


@in_style
def plot_cutoff_sweep(moves: pd.DataFrame, *, lang: str = "zh-Hant", ax: Axes | None = None) -> Axes:
    """Draw how many departments change the tier at each value of each cutoff.

    Parameters
    ----------
    moves : DataFrame
        Columns ``cutoff`` (in the words to be read), ``value``, ``official`` and ``moved`` (departments); in the order
        in which cutoffs are to stand, from the top.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    cutoffs = list(dict.fromkeys(moves["cutoff"]))
    ax = ax or axes_of(height=0.9 + 0.75 * len(cutoffs))
    colour = tier_look("advanced").colour
    most = max(int(moves["moved"].max()), 1)
    row = moves["cutoff"].map({cutoff: place for place, cutoff in enumerate(cutoffs)}).to_numpy(float)
    column = _from_official(moves)
    height = 0.62 * moves["moved"].to_numpy(float) / most
    ax.bar(column, height, bottom=-row, width=0.78, color=colour, zorder=2)
    counts = [str(moved) if moved else "" for moved in moves["moved"]]
    values = [f"{value:g}" for value in moves["value"]]
    ax.add_artist(Writing(counts, column, height - row, ax.transData, start=0.5, shift=(0, 6), size=7.5))
    ax.add_artist(
        Writing(values, column, -row, ax.transData, start=0.5, shift=(0, -7), size=8,
                colours=[INK if official else SOFT_INK for official in moves["official"]])
    )  # fmt: skip
    # Between the rows, so that it does not run through the official values.
    rows = -np.arange(len(cutoffs))
    ax.vlines(np.zeros(len(rows)), rows, rows + 0.75, color=INK, linewidth=0.6, linestyle=(0, (4, 2.5)), zorder=1)
    ax.set_yticks([-place for place in range(len(cutoffs))], cutoffs, fontsize=9)
    ax.set_ylim(-len(cutoffs) + 0.6, 0.95)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel(words.say("charts.sensitivity.sweep"))
    return ax


def _from_official(moves: pd.DataFrame) -> np.ndarray:
    """How many steps each value of a cutoff stands from the official one, or from the first where none is official."""
    step = moves.groupby("cutoff", sort=False).cumcount()
    official = step[moves["official"]].groupby(moves["cutoff"]).first()
    return (step - moves["cutoff"].map(official).fillna(0)).to_numpy(float)


@in_style
def plot_drivers(
    shares: pd.DataFrame, *, labels: Mapping[str, str], lang: str = "zh-Hant", ax: Axes | None = None
) -> Axes:
    """Draw which source makes each rank vary: a row a department, a lane a source, both shares with their intervals.

    Parameters
    ----------
    shares : DataFrame
        Columns ``section`` (in the words to be read, over the rows that share it), ``row`` (words), ``input`` and the
        shares ``first``, ``first_low``, ``first_high``, ``total``, ``total_low``, ``total_high``; in the order in which
        the rows are to stand, from the top.
    labels : mapping
        Input to its words, in the order of the lanes.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw; else a figure as wide as the page, as high as the rows.
    """
    words = catalogue(lang)
    places, ticks = _rows_under_sections(shares)
    ax = ax or axes_of(height=1.2 + 0.25 * (len(ticks) + 1))
    # A share is at most 1; an interval's end beyond that is the draws' chance alone.
    most = min(max(float(np.ceil(shares["total_high"].max() * 10) / 10), 0.1), 1.0)
    lanes = {source: lane * 1.12 * most for lane, source in enumerate(labels)}
    colour = tier_look("advanced").colour
    at = np.array([places[row] for row in zip(shares["section"], shares["row"], strict=True)])
    left = shares["input"].map(lanes).to_numpy(float)
    first, total = ([shares[f"{share}{end}"].clip(0.0, most) + left for end in ("", "_low", "_high")]
                    for share in ("first", "total"))  # fmt: skip
    ax.barh(at - 0.13, first[0] - left, left=left, height=0.42, color=colour, label=words.say("drivers.chart.first"))
    ax.hlines(at - 0.13, *first[1:], color=INK, linewidth=1, zorder=3)
    ax.hlines(at + 0.26, *total[1:], color=SOFT_INK, linewidth=1, zorder=3)
    ax.scatter(total[0], at + 0.26, s=16, facecolors=PAPER, edgecolors=INK, linewidths=0.9, zorder=4,
               label=words.say("drivers.chart.total"))  # fmt: skip
    marks = [mark for mark in np.arange(0, most + 0.01, 0.25 if most > 0.3 else 0.1) if mark <= most]
    for source, start in lanes.items():
        ax.text(start, -1.0, labels[source], ha="left", va="center", fontsize=9, color=INK)
    begins = np.array(list(lanes.values()))
    scale = np.add.outer(begins, marks)
    ax.vlines(begins, -0.5, len(ticks) - 0.4, color=SOFT_INK, linewidth=0.6, zorder=1)
    ax.vlines(scale[:, 1:].ravel(), -0.5, len(ticks) - 0.4, color=RULE, linewidth=0.5, zorder=0)
    write_rows(ax, ticks)
    ax.set_ylim(len(ticks) - 0.4, -1.5)
    # A mark at the very end of a lane would run into the next lane's first.
    said = [f"{mark:.0%}" if mark < 0.92 * most else "" for mark in marks] * len(lanes)
    ax.set_xticks([])
    ax.add_artist(
        Writing(said, scale.ravel(), 0, ax.get_xaxis_transform(), start=0.5, shift=(0, -8), size=7.5, colours=SOFT_INK)
    )
    ax.set_xlim(-0.01 * most, max(lanes.values()) + 1.02 * most)
    ax.spines["bottom"].set_visible(False)
    legend_above(ax)
    return ax


def _rows_under_sections(shares: pd.DataFrame) -> tuple[dict[tuple[str, str], int], list[str]]:
    """Place of each row from the top, and what stands beside the places: a section's words over its rows."""
    places: dict[tuple[str, str], int] = {}
    ticks: list[str] = []
    for section, own in shares.groupby("section", sort=False):
        ticks.append(fonts.charted(str(section)))
        for row in own["row"].unique():
            places[str(section), row] = len(ticks)
            ticks.append(row)
    return places, ticks
