"""Charts: a ready table in, matplotlib axes out; nothing is computed here but where things stand on the paper."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from appraisal.reporting import fonts
from appraisal.reporting.canvas import (
    axes_of,
    in_style,
    legend_above,
    readable_on,
    rows_height,
    tier_marks,
)
from appraisal.reporting.palette import INK, PAPER, RATINGS, SOFT_INK, TIERS, group_colours
from appraisal.reporting.writing import GAP, Writing, write_names
from appraisal.words import catalogue

# Places along an axis where marks of nearly one value are stacked.
STACKS = 45


@in_style
def plot_score_distribution(
    scores: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    digits: int = 2,
    lang: str = "zh-Hant",
    ax: Axes | None = None,
) -> Axes:
    """Rank the departments of one group from the top down, each at its score, with the lines that cut them into tiers.

    Parameters
    ----------
    scores : DataFrame
        One group of the scorecard, or successive ranks of it: columns ``name``, ``composite`` in points, ``rank`` and
        ``tier``; a department without a rank is left out.
    lines : DataFrame
        One row a line: ``above`` and ``below``, the ranks on its two sides, and ``gap`` between them in points.
    digits : int
        Digits that scores are rounded to.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw; else a figure as wide as the page, with a row for each department.
    """
    words = catalogue(lang)
    ranked = scores[scores["rank"].notna()].sort_values(["rank", "composite"], ascending=[True, False])
    count = len(ranked)
    if ax is None:
        ax = axes_of(height=1.25 + rows_height(count))
    places = np.arange(count)
    points = ranked["composite"].to_numpy(float)
    low, high = (points.min(), points.max()) if count else (0.0, 1.0)
    margin = max(0.5, 0.08 * (high - low))
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(count - 0.4, -0.6)
    ax.hlines(places, low - margin, points, color="#DADDE0", linewidth=0.7, zorder=1)
    tier_marks(ax, points, places, ranked["tier"], lang)
    # Names on the left, scores on the right, as a table would have them.
    write_names(ax, ranked["name"], ranked["rank"])
    written = [f"{value:.{digits}f}" for value in points]
    ax.add_artist(Writing(written, 1, places, ax.get_yaxis_transform(), shift=(GAP, 0), size=8.5, colours=SOFT_INK))
    for line in lines.itertuples():
        place = (ranked["rank"] <= line.above).sum() - 0.5
        ax.axhline(place, color=INK, linewidth=0.8, linestyle=(0, (4, 2.5)), zorder=2)
        label = words.say("charts.scores.gap", above=line.above, below=line.below, gap=f"{line.gap:.{digits}f}")
        ax.annotate(
            label, (0, place), xycoords=("axes fraction", "data"), xytext=(3, 2), textcoords="offset points",
            fontsize=8.5, color=INK, va="bottom", zorder=4,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    ax.set_xlabel(words.say("charts.scores.composite"))
    legend_above(ax)
    return ax


@in_style
def plot_group_distributions(
    scores: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    digits: int = 2,
    lang: str = "zh-Hant",
    ax: Axes | None = None,
) -> Axes:
    """Draw the groups under one another on one scale: every department, and the box of the quartiles with the median.

    Parameters
    ----------
    scores : DataFrame
        The scorecard: columns ``group``, ``composite`` in points, ``tier``.
    summary : DataFrame
        Index: group. Columns ``low``, ``quartile_1``, ``median``, ``quartile_3``, ``high`` of the composite, in points.
    labels : mapping of str to str
        Group to its words, in the order of the rulebook.
    digits : int
        Digits that scores are rounded to.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    levels = {group: _stacked(scores.loc[scores["group"] == group, "composite"].to_numpy(float)) for group in labels}
    # Inches of a group: the marks over one another take 0.085 each and in all little more than half of it.
    most = max(int(own.max()) for own in levels.values())
    each = min(max(1.0, 0.16 * most), 2.4)
    step = min(0.085 / each, 0.54 / max(most, 1))
    if ax is None:
        ax = axes_of(height=1.1 + each * len(labels))
    heights = pd.Series(0.0, index=scores.index)
    for place, (group, colour) in enumerate(group_colours(labels).items()):
        own = scores["group"] == group
        box = summary.loc[group]
        ax.bxp(
            [{"whislo": box["low"], "q1": box["quartile_1"], "med": box["median"], "q3": box["quartile_3"],
              "whishi": box["high"], "fliers": []}],
            positions=[place + 0.2], widths=0.2, orientation="horizontal", showfliers=False, patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.28, "linewidth": 0.8},
            whiskerprops={"color": colour, "linewidth": 1.0}, capprops={"color": colour, "linewidth": 1.0},
            medianprops={"color": colour, "linewidth": 2.2},
        )  # fmt: skip
        ax.annotate(
            words.say("charts.scores.median", median=f"{box['median']:.{digits}f}"), (box["median"], place + 0.3),
            xytext=(0, -3), textcoords="offset points", ha="center", va="top", fontsize=8.5, color=SOFT_INK,
        )  # fmt: skip
        heights[own] = place - 0.04 - step * levels[group]
    # All groups at once, so that the legend has the tiers in their order.
    tier_marks(ax, scores["composite"].to_numpy(float), heights.to_numpy(), scores["tier"], lang, size=22)
    ax.set_yticks(range(len(labels)), [fonts.charted(label) for label in labels.values()], fontsize=9.5)
    ax.set_ylim(len(labels) - 0.42, -0.62)
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    ax.set_xlabel(words.say("charts.scores.composite"))
    legend_above(ax)
    return ax


@in_style
def plot_component_spread(
    shares: pd.DataFrame, *, labels: Mapping[str, str], lang: str = "zh-Hant", ax: Axes | None = None
) -> Axes:
    """Put each component's nominal weight beside the share of the differences between scores that it really makes.

    Parameters
    ----------
    shares : DataFrame
        Index: component. Columns ``nominal`` and ``effective``, shares of 1; an effective share can be below 0.
    labels : mapping of str to str
        Component to its words.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    if ax is None:
        ax = axes_of(height=0.95 + 0.62 * len(shares))
    places = np.arange(len(shares))
    looks: dict[str, dict[str, Any]] = {
        "nominal": {"facecolor": "#D5DBE0", "edgecolor": SOFT_INK, "hatch": "////", "linewidth": 0.6},
        "effective": {"facecolor": TIERS["advanced"].colour, "edgecolor": TIERS["advanced"].colour},
    }
    for offset, (column, look) in zip((-0.18, 0.18), looks.items(), strict=True):
        with mpl.rc_context({"hatch.linewidth": 0.4, "hatch.color": "#9AA3AB"}):
            bars = ax.barh(
                places + offset, shares[column], height=0.32, label=words.say(f"charts.weights.{column}"), **look
            )
        ax.bar_label(bars, [f"{share:.1%}" for share in shares[column]], padding=3, fontsize=8.5, color=INK)
    ax.axvline(0, color=SOFT_INK, linewidth=0.8)
    ax.set_yticks(places, [fonts.charted(labels[component]) for component in shares.index], fontsize=9.5)
    ax.invert_yaxis()
    ax.margins(x=0.1)
    ax.set_xlim(left=min(0.0, ax.get_xlim()[0] if shares["effective"].min() < 0 else 0.0))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    ax.set_xlabel(words.say("charts.weights.share"))
    legend_above(ax)
    return ax


@in_style
def plot_response(
    shares: pd.DataFrame, *, labels: Mapping[str, str], lang: str = "zh-Hant", ax: Axes | None = None
) -> Axes:
    """Stack the answers of the social review, a bar a group.

    Parameters
    ----------
    shares : DataFrame
        Index: group. One column a rating, the most satisfied first, in the words to be read; shares of 1.
    labels : mapping of str to str
        Group to its words.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    if ax is None:
        ax = axes_of(height=0.95 + 0.5 * len(shares))
    places = np.arange(len(shares))
    start = np.zeros(len(shares))
    for column, colour in zip(shares.columns, cycle(RATINGS), strict=False):
        values = shares[column].to_numpy(float)
        bars = ax.barh(
            places, values, left=start, height=0.56, color=colour, edgecolor=PAPER, linewidth=0.8, label=column
        )
        written = [f"{share:.0%}" if share >= 0.04 else "" for share in values]
        ax.bar_label(bars, written, label_type="center", fontsize=8.5, color=readable_on(colour))
        start = start + values
    ax.set_yticks(places, [fonts.charted(labels[group]) for group in shares.index], fontsize=9.5)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    ax.set_xlabel(words.say("charts.response.share"))
    legend_above(ax)
    return ax


def _stacked(values: np.ndarray) -> np.ndarray:
    """How many marks lie under each one when marks of nearly one value are stacked."""
    levels = np.zeros(len(values), dtype=int)
    if len(values) == 0 or np.ptp(values) == 0:
        return np.arange(len(values))
    cell = np.floor((values - values.min()) / np.ptp(values) * STACKS).astype(int)
    for own in np.unique(cell):
        levels[cell == own] = np.arange((cell == own).sum())
    return levels
