"""Charts of how sure the places are: a ready table in, matplotlib axes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from appraisal.reporting import fonts
from appraisal.reporting.canvas import (
    FIGURE_SPACE,
    axes_of,
    in_style,
    legend_above,
    readable_on,
    rows_height,
    tier_marks,
)
from appraisal.reporting.palette import INK, PAPER, RULE, SOFT_INK, TIERS, tier_look
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
    names = zip(shown["name"], shown["rank"], strict=True)
    ax.set_yticks(places, [f"{fonts.charted(name)}  {rank:{FIGURE_SPACE}>2}" for name, rank in names])
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
    own = shown["tier"].to_numpy(object)
    for column, tier in enumerate(TIERS):
        colour = np.array(to_rgb(tier_look(tier).colour))
        held = shown[tier].to_numpy(float)
        shades = [tuple(1 - share * (1 - colour)) for share in held]
        for among, edge, width, above in ((own != tier, PAPER, 0.3, 2), (own == tier, INK, 0.9, 3)):
            rows = np.flatnonzero(among)
            ax.barh(rows, 0.94, left=column - 0.47, height=0.9, color=[shades[row] for row in rows],
                    edgecolor=edge, linewidth=width, zorder=above)  # fmt: skip
        for place in np.flatnonzero(held >= 0.005).tolist():
            # Inside its cell: nothing that the layout has to leave room for.
            ax.text(column, place, f"{held[place]:.0%}", ha="center", va="center", fontsize=8,
                    color=readable_on(shades[place]), zorder=4, in_layout=False)  # fmt: skip
    names = zip(shown["name"], shown["rank"], strict=True)
    ax.set_yticks(range(count), [f"{fonts.charted(name)}  {rank:{FIGURE_SPACE}>2}" for name, rank in names])
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_xlim(-0.5, len(TIERS) - 0.5)
    ax.set_xticks(range(len(TIERS)), [words.say(f"charts.tiers.{tier}") for tier in TIERS])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines["bottom"].set_visible(False)
    return ax


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
        said = words.say("charts.sensitivity.no_weights") if np.isnan(value) else f"{value:.2f}"
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
    for place, cutoff in enumerate(cutoffs):
        own = moves[moves["cutoff"] == cutoff].reset_index(drop=True)
        base = int(own.index[own["official"]][0]) if own["official"].any() else 0
        for at, row in own.iterrows():
            height = 0.62 * row["moved"] / most
            ax.bar(at - base, height, bottom=-place, width=0.78, color=colour, zorder=2)
            ax.text(at - base, height - place + 0.03, str(row["moved"]) if row["moved"] else "", ha="center",
                    va="bottom", fontsize=7.5, color=INK)  # fmt: skip
            ax.text(at - base, -place - 0.04, f"{row['value']:g}", ha="center", va="top", fontsize=8,
                    color=INK if row["official"] else SOFT_INK, zorder=3,
                    bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})  # fmt: skip
    ax.axvline(0, color=INK, linewidth=0.6, linestyle=(0, (4, 2.5)), zorder=1)
    ax.set_yticks([-place for place in range(len(cutoffs))], cutoffs, fontsize=9)
    ax.set_ylim(-len(cutoffs) + 0.6, 0.95)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel(words.say("charts.sensitivity.sweep"))
    return ax


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
    for row in shares.itertuples():
        at, left = places[row.section, row.row], lanes[row.input]
        first, low, high = (left + min(max(value, 0.0), most) for value in (row.first, row.first_low, row.first_high))
        ax.barh(at - 0.13, first - left, left=left, height=0.42, color=colour, label=words.say("drivers.chart.first"))
        ax.hlines(at - 0.13, low, high, color=INK, linewidth=1, zorder=3)
        total, low, high = (left + min(max(value, 0.0), most) for value in (row.total, row.total_low, row.total_high))
        ax.hlines(at + 0.26, low, high, color=SOFT_INK, linewidth=1, zorder=3)
        ax.scatter(total, at + 0.26, s=16, facecolors=PAPER, edgecolors=INK, linewidths=0.9, zorder=4,
                   label=words.say("drivers.chart.total"))  # fmt: skip
    marks = [mark for mark in np.arange(0, most + 0.01, 0.25 if most > 0.3 else 0.1) if mark <= most]
    for source, left in lanes.items():
        ax.text(left, -1.0, labels[source], ha="left", va="center", fontsize=9, color=INK)
        ax.vlines(left, -0.5, len(ticks) - 0.4, color=SOFT_INK, linewidth=0.6, zorder=1)
        ax.vlines([left + mark for mark in marks[1:]], -0.5, len(ticks) - 0.4, color=RULE, linewidth=0.5, zorder=0)
    ax.set_yticks(range(len(ticks)), ticks)
    ax.set_ylim(len(ticks) - 0.4, -1.5)
    # A mark at the very end of a lane would run into the next lane's first.
    said = {mark: f"{mark:.0%}" if mark < 0.92 * most else "" for mark in marks}
    ax.set_xticks(*zip(*((left + mark, said[mark]) for left in lanes.values() for mark in marks), strict=True))
    ax.set_xlim(-0.01 * most, max(lanes.values()) + 1.02 * most)
    ax.tick_params(axis="x", length=0, labelsize=7.5)
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
