"""Charts of the matters for review: a ready table in, matplotlib axes out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from appraisal.reporting.canvas import axes_of, in_style, legend_above
from appraisal.reporting.layout import number
from appraisal.reporting.palette import INK, SOFT_INK, group_colours, group_markers
from appraisal.words import catalogue


@in_style
def plot_funnel(
    cells: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    lang: str = "zh-Hant",
    ax: Axes | None = None,
) -> Axes:
    """Draw what was counted over what was expected, between the limits of chance.

    Parameters
    ----------
    cells : DataFrame
        Columns ``group``, ``source`` (in the words to be read), ``expected``, ``ratio``.
    limits : DataFrame
        Columns ``expected``, ``low``, ``high``, ``low_far``, ``high_far``, ascending.
    labels : mapping
        Group to its words.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    ax = ax or axes_of(height=3.6)
    for low, high, style in (("low", "high", (0, (4, 2.5))), ("low_far", "high_far", "-")):
        for side in (low, high):
            ax.plot(limits["expected"], limits[side], color=SOFT_INK, linewidth=0.8, linestyle=style, zorder=1)
    ax.axhline(1, color=INK, linewidth=0.8, zorder=1)
    _by_group(ax, cells, "expected", "ratio", labels, size=30)
    # Only the highest and the lowest are named: more names would lie on one another.
    for at in {cells["ratio"].idxmax(), cells["ratio"].idxmin()}:
        row = cells.loc[at]
        ax.annotate(row["source"], (row["expected"], row["ratio"]), xytext=(7, 3), textcoords="offset points",
                    fontsize=8, color=INK)  # fmt: skip
    ax.set_xlabel(words.say("anomalies_process.deductions.expected"))
    ax.set_ylabel(words.say("anomalies_process.deductions.ratio"))
    ax.set_ylim(bottom=-0.06 * max(float(cells["ratio"].max()), 2.0))
    ax.grid(axis="y")
    legend_above(ax)
    return ax


@in_style
def plot_agreement(
    pairs: pd.DataFrame,
    limits: Mapping[str, float],
    *,
    labels: Mapping[str, str],
    lang: str = "zh-Hant",
    ax: Axes | None = None,
) -> Axes:
    """Draw the difference of two kinds of judges over their mean, with the limits of agreement (Bland, Altman 1986).

    Parameters
    ----------
    pairs : DataFrame
        Columns ``name``, ``group``, ``mean``, ``difference``, points of 100.
    limits : mapping
        ``bias``, ``low``, ``high``.
    labels : mapping
        Group to its words.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    words = catalogue(lang)
    ax = ax or axes_of(height=3.6)
    _by_group(ax, pairs, "mean", "difference", labels, size=22)
    right = pairs["mean"].max() + 0.03 * np.ptp(pairs["mean"])
    for name, style in (("bias", "-"), ("low", (0, (4, 2.5))), ("high", (0, (4, 2.5)))):
        ax.axhline(limits[name], color=INK, linewidth=0.8, linestyle=style, zorder=1)
        ax.annotate(number(limits[name], ".1f"), (right, limits[name]), xytext=(0, 2),
                    textcoords="offset points", fontsize=8, va="bottom", color=INK)  # fmt: skip
    ax.set_xlim(pairs["mean"].min() - 0.05 * np.ptp(pairs["mean"]), right + 0.07 * np.ptp(pairs["mean"]))
    ax.set_xlabel(words.say("anomalies_process.contrast.mean"))
    ax.set_ylabel(words.say("anomalies_process.contrast.difference"))
    ax.grid(axis="y")
    legend_above(ax)
    return ax


@in_style
def plot_bridge(severity: pd.DataFrame, *, lang: str = "zh-Hant", ax: Axes | None = None) -> Axes:
    """Draw how severe each panel is by leaders and public, with its interval.

    Parameters
    ----------
    severity : DataFrame
        Columns ``label``, ``severity``, ``low``, ``high``, in points of the composite.
    lang : str
        Language of the words in the chart.
    ax : Axes, optional
        Where to draw.
    """
    ax = ax or axes_of(height=0.8 + 0.36 * len(severity))
    places = np.arange(len(severity))
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    ax.hlines(places, severity["low"], severity["high"], color=SOFT_INK, linewidth=1.6, zorder=2)
    ax.scatter(severity["severity"], places, s=30, color=INK, zorder=3)
    ax.set_yticks(places, severity["label"].tolist())
    ax.set_ylim(len(severity) - 0.4, -0.6)
    ax.set_xlabel(catalogue(lang).say("anomalies_process.groups.axis"))
    ax.grid(axis="x")
    return ax


def _by_group(ax: Axes, table: pd.DataFrame, x: str, y: str, labels: Mapping[str, str], *, size: float) -> None:
    """A mark for each row, in the colour and the shape of its group."""
    colours, markers = group_colours(labels), group_markers(labels)
    for group, label in labels.items():
        own = table[table["group"] == group]
        ax.scatter(own[x], own[y], s=size, color=colours[group], marker=markers[group], label=label, zorder=3)
