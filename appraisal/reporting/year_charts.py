"""Charts of what changed from year to year: a ready table in, matplotlib axes out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from appraisal.reporting.canvas import axes_of, in_style, legend_above, readable_on
from appraisal.reporting.palette import INK, group_colours, group_markers, tier_look

# Share of the height that stands between two tiers, and the width of their bars.
GAP, BAR = 0.035, 0.06
# A tier with a smaller share of all has its number beside its name.
SMALL = 0.04


@in_style
def plot_tier_moves(
    moves: pd.DataFrame, *, years: tuple[int, int], labels: Mapping[str, str], ax: Axes | None = None
) -> Axes:
    """Let departments flow from their tier of one year to that of another, in bands as thick as their number.

    Parameters
    ----------
    moves : DataFrame
        Index: tier of the earlier year; columns: of the later; numbers of departments.
    years : tuple of int
        The earlier and the later.
    labels : mapping of str to str
        Tier to its words.
    ax : Axes, optional
        Where to draw.
    """
    if ax is None:
        ax = axes_of(height=4.6)
    flows = moves.to_numpy(dtype=float)
    left, right = _stacked(flows.sum(axis=1)), _stacked(flows.sum(axis=0))
    for at, tiers, starts, sizes in (
        (0.0, moves.index, left, flows.sum(axis=1)),
        (1.0 - BAR, moves.columns, right, flows.sum(axis=0)),
    ):
        for tier, start, size in zip(tiers, starts, sizes, strict=True):
            if size:
                colour = tier_look(tier).colour
                ax.bar(at, size, BAR, bottom=start, align="edge", color=colour)
                small = size < SMALL * flows.sum()  # the number has no room in the bar
                if not small:
                    ax.text(
                        at + BAR / 2, start + size / 2, f"{size:.0f}", ha="center", va="center", fontsize=8,
                        color=readable_on(colour),
                    )  # fmt: skip
                outside = at - 0.015 if at == 0 else at + BAR + 0.015
                said = f"{labels[tier]} {size:.0f}" if small else labels[tier]
                ax.text(
                    outside, start + size / 2, said, ha="right" if at == 0 else "left", va="center",
                    fontsize=9, color=INK,
                )  # fmt: skip
    leaves, arrives = left.copy(), right.copy()
    for before, tier in enumerate(moves.index):
        for after in range(len(moves.columns)):
            size = flows[before, after]
            if size:
                ax.add_patch(_ribbon(leaves[before], arrives[after], size, tier_look(tier).colour))
                leaves[before] += size
                arrives[after] += size
    for at, year, side in ((0.0, years[0], "left"), (1.0, years[1], "right")):
        ax.text(at, -0.03 * flows.sum(), str(year), ha=side, va="bottom", fontsize=10, color=INK)
    ax.set_xlim(-0.2, 1.2)
    ax.set_ylim(flows.sum() * (1 + GAP * (len(moves) - 1)), -0.08 * flows.sum())
    ax.set_axis_off()
    return ax


@in_style
def plot_panel_severity(panels: pd.DataFrame, *, label: str, ax: Axes | None = None) -> Axes:
    """Draw where in the bands each panel scored, year by year; low is severe.

    Parameters
    ----------
    panels : DataFrame
        Columns `year`, `group` (its words), `place` (0 the lower end of the band, 1 the upper).
    label : str
        What the axis says.
    ax : Axes, optional
        Where to draw.
    """
    if ax is None:
        ax = axes_of(height=3.0)
    groups = panels["group"].unique()
    colours, markers = group_colours(groups), group_markers(groups)
    for group in groups:
        ordered = panels[panels["group"] == group].sort_values("year")
        ax.plot(
            ordered["year"], ordered["place"], color=colours[group], linewidth=1.4,
            marker=markers[group], markersize=5, label=group,
        )  # fmt: skip
    ax.set_xticks(sorted(panels["year"].unique()))
    ax.set_ylabel(label)
    ax.grid(axis="y")
    legend_above(ax)
    return ax


def _stacked(sizes: np.ndarray) -> np.ndarray:
    """Where each bar begins, from the top down; a tier that nobody is in takes no room."""
    room = np.where(sizes > 0, sizes + GAP * sizes.sum(), 0.0)
    return np.concatenate([[0.0], np.cumsum(room)[:-1]])


def _ribbon(start: float, end: float, size: float, colour: str) -> PathPatch:
    left, right, middle = BAR, 1 - BAR, 0.5
    corners = [
        (left, start), (middle, start), (middle, end), (right, end), (right, end + size),
        (middle, end + size), (middle, start + size), (left, start + size), (left, start),
    ]  # fmt: skip
    curve = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(corners, curve), facecolor=colour, alpha=0.38, linewidth=0)
