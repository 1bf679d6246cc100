"""Charts over many places and years: a ready table in, matplotlib axes out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from appraisal.reporting.canvas import axes_of, in_style, legend_above, readable_on
from appraisal.reporting.palette import ACCENT, GREY, INK, PALE, PAPER, RULE, TIERS, WARM, group_colours, group_markers

# Inches of a row, and of what stands around the rows.
ROW, AROUND = 0.24, 0.9
# Colour and sign of each state: what asks for a hand is warm, so that it is seen first.
STATES = {
    "confirmed": (TIERS["best"].colour, "◆"),
    "published": (TIERS["good"].colour, "■"),
    "stale": (WARM, "▲"),
    "draft": (PALE, "○"),
    "not_complete": (GREY, "–"),
    "failed": (TIERS["admonished"].colour, "×"),
}


@in_style
def plot_report_states(states: pd.DataFrame, *, labels: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """Show how each place's report of each year stands, a cell a year.

    Parameters
    ----------
    states : DataFrame
        Index: place; columns: year; codes of `STATES`, missing where a place has no such year.
    labels : mapping of str to str
        Code to its words.
    ax : Axes, optional
        Where to draw.
    """
    if ax is None:
        ax = axes_of(height=AROUND + ROW * len(states))
    codes = states.to_numpy(object)
    for code, (colour, sign) in STATES.items():
        rows, columns = np.nonzero(codes == code)
        if rows.size:
            ax.barh(rows, 0.94, 0.86, left=columns - 0.47, color=colour, label=f"{sign} {labels[code]}")
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                ax.text(column, row, sign, ha="center", va="center_baseline", fontsize=8, color=readable_on(colour))
    _cells_of(ax, states)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.4)
    return ax


@in_style
def plot_edge_lines(shares: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Show the share of each year's lines that stand on the edge, a cell a year, the darker the more.

    Parameters
    ----------
    shares : DataFrame
        Index: place; columns: year; shares of 1, missing where nothing is published.
    label : str
        What a cell says.
    ax : Axes, optional
        Where to draw.
    """
    if ax is None:
        ax = axes_of(height=AROUND + ROW * len(shares))
    strong = np.array(to_rgb(ACCENT))
    values = shares.to_numpy(float)
    for row, column in np.argwhere(np.isfinite(values)):
        share = values[row, column]
        red, green, blue = 1 - share * (1 - strong)
        ax.barh(row, 0.94, 0.86, left=column - 0.47, color=(red, green, blue), edgecolor=RULE, linewidth=0.5)
        ax.text(
            column, row, f"{share:.0%}", ha="center", va="center_baseline", fontsize=7.5,
            color=readable_on((red, green, blue)),
        )  # fmt: skip
    _cells_of(ax, shares)
    ax.text(0, 1.01, label, transform=ax.transAxes, fontsize=8.5, color=INK, va="bottom")
    return ax


@in_style
def plot_panel_places(panels: pd.DataFrame, *, middle: float, label: str, ax: Axes | None = None) -> Axes:
    """Show where in the bands the panels of each place scored: a mark a panel and year, the line the median of all.

    Parameters
    ----------
    panels : DataFrame
        Columns `where` (the place's name), `group` (its words), `place` (0 the lower end of the band, 1 the upper).
    middle : float
        Median over all places.
    label : str
        What the axis says.
    ax : Axes, optional
        Where to draw.
    """
    names = list(dict.fromkeys(panels["where"]))
    if ax is None:
        ax = axes_of(height=AROUND + ROW * len(names))
    rows = panels["where"].map(names.index).to_numpy()
    groups = panels["group"].unique()
    colours, markers = group_colours(groups), group_markers(groups)
    for number, (group, colour) in enumerate(colours.items()):
        own = (panels["group"] == group).to_numpy()
        shift = 0.22 * (number - (len(colours) - 1) / 2)  # marks of one place do not cover each other
        ax.scatter(
            panels.loc[own, "place"], rows[own] + shift, s=20, color=colour,
            marker=markers[group], edgecolors=PAPER, linewidths=0.4, label=group, zorder=3,
        )  # fmt: skip
    ax.axvline(middle, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlabel(label)
    ax.grid(axis="y")
    legend_above(ax)
    return ax


def _cells_of(ax: Axes, table: pd.DataFrame) -> None:
    """Years below, places on the left, the first on top."""
    ax.set_xticks(range(len(table.columns)), [str(year) for year in table.columns])
    ax.set_yticks(range(len(table)), [str(place) for place in table.index])
    ax.set_xlim(-0.5, len(table.columns) - 0.5)
    ax.set_ylim(len(table) - 0.5, -0.5)
