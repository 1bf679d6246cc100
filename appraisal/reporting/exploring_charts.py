"""Charts of the explore notebooks: a ready table in, matplotlib axes out, each with the mark of an exploration.

Axes stand at fixed places: to find places for every label would take as long as to draw them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from appraisal.reporting import fonts
from appraisal.reporting.canvas import ROW, WIDTH, in_style, legend_above, write_across
from appraisal.reporting.charts import plot_response, plot_score_distribution
from appraisal.reporting.layout import BLANK, number
from appraisal.reporting.palette import ACCENT, INK, PAPER, SOFT_INK, TIERS
from appraisal.words import catalogue

FOOT_LINE = 52  # full-width characters of a line below a chart
OWN: dict[str, Any] = {
    "marker": "D", "markersize": 6.5, "color": INK, "markeredgecolor": PAPER, "markeredgewidth": 0.6, "zorder": 4,
}  # fmt: skip


@in_style
def plot_supposed_scores(
    scores: pd.DataFrame, lines: pd.DataFrame, mark: str, *, digits: int = 2, lang: str = "zh-Hant"
) -> Axes:
    """Rank the departments of one group as supposed, and set off those whose tier is another than it is.

    Parameters
    ----------
    scores : DataFrame
        One group: columns ``name``, ``composite``, ``rank``, ``tier`` (as supposed) and ``rule_tier`` (as it is).
    lines : DataFrame
        As in `plot_score_distribution`.
    mark : str
        What the picture carries: that it is an exploration, and of which choices.
    digits : int
        Digits that scores are rounded to.
    lang : str
        Language of the words in the chart.
    """
    ax = fixed_axes(ROW * max(len(scores), 4), left=0.36, right=0.09, mark=mark, lang=lang)
    shown = scores.sort_values(["rank", "composite"], ascending=[True, False])
    plot_score_distribution(shown, lines, digits=digits, lang=lang, ax=ax)
    for place, row in enumerate(shown.itertuples()):
        if row.tier != row.rule_tier:
            colour = TIERS[row.tier].colour
            ax.axhspan(place - 0.45, place + 0.45, color=colour, alpha=0.16, linewidth=0, zorder=0, gid="moved")
    return ax


def fixed_axes(inches: float, *, left: float, right: float, mark: str, lang: str) -> Axes:
    """Axes of a height at a fixed place in a figure that carries the mark of an exploration.

    Parameters
    ----------
    inches : float
        Height of the axes.
    left, right : float
        Margins, shares of the width.
    mark : str
        Stands below, in as many lines as it takes.
    lang : str
        Language of the word across the axes.
    """
    foot = wrap(mark, FOOT_LINE)
    below, above = 0.5 + 0.17 * len(foot), 0.5
    height = inches + below + above
    figure = Figure(figsize=(WIDTH, height))
    ax = figure.add_axes((left, below / height, 1 - left - right, inches / height))
    for place, line in enumerate(reversed(foot)):
        figure.text(0.01, (0.05 + 0.17 * place) / height, line, fontsize=8.5, color=ACCENT, gid="exploration")
    word = catalogue(lang).say("exploring.mark")
    write_across(ax, word, inches, (0.4, 0.25), fontsize=22, color=ACCENT, alpha=0.1, gid="exploration")
    return ax


@in_style
def plot_component_standing(
    standing: pd.DataFrame, mark: str, *, labels: Mapping[str, str], digits: int = 2, lang: str = "zh-Hant"
) -> Axes:
    """Draw each component of a department, in parts of its full marks, against the quartiles of its group.

    Parameters
    ----------
    standing : DataFrame
        Index: component. Columns ``full``, ``points``, ``rank``, ``quartile_1``, ``median``, ``quartile_3``.
    mark : str
        What the picture carries.
    labels : mapping of str to str
        Component to its words.
    digits : int
        Digits of the points.
    lang : str
        Language of the words in the chart.
    """
    words, places = catalogue(lang), np.arange(len(standing))
    ax = fixed_axes(0.42 * len(standing), left=0.24, right=0.2, mark=mark, lang=lang)
    share = standing[["points", "quartile_1", "median", "quartile_3"]].div(standing["full"], axis=0)
    _boxes(ax, share, places, words.say("exploring.charts.group"))
    ax.plot(share["points"], places, linestyle="none", label=words.say("exploring.charts.own"), **OWN)
    _rows(ax, [labels[name] for name in standing.index])
    told = [
        words.say("exploring.charts.points", points=f"{row.points:.{digits}f}", full=f"{row.full:g}", rank=row.rank)
        for row in standing.itertuples()
    ]
    _told_on_the_right(ax, told)
    ax.set_xlabel(words.say("exploring.charts.share"))
    _legend_from_the_edge(ax)
    return ax


@in_style
def plot_item_spread(spread: pd.DataFrame, mark: str, *, labels: Mapping[str, str], lang: str = "zh-Hant") -> Axes:
    """Draw each item's ballots as quartiles inside the band, with the department's own score beside them.

    Parameters
    ----------
    spread : DataFrame
        Index: item. Columns ``full``, ``low``, ``high``, ``self_score``, ``verified``, ``quartile_1``, ``median``,
        ``quartile_3``, in points of the item.
    mark : str
        What the picture carries.
    labels : mapping of str to str
        Item to its words.
    lang : str
        Language of the words in the chart.
    """
    words, places = catalogue(lang), np.arange(len(spread))
    ax = fixed_axes(0.42 * len(spread), left=0.34, right=0.1, mark=mark, lang=lang)
    share = spread.div(spread["full"], axis=0)
    ax.barh(
        places, share["high"] - share["low"], left=share["low"], height=0.62, color="#EDEFF1",
        label=words.say("exploring.charts.band"), zorder=1,
    )  # fmt: skip
    _boxes(ax, share, places, words.say("exploring.charts.ballots"))
    ax.plot(share["verified"], places, linestyle="none", label=words.say("exploring.charts.verified"), **OWN)
    ax.plot(
        share["self_score"], places, linestyle="none", marker="x", markersize=6.5, markeredgewidth=1.6, color=ACCENT,
        label=words.say("exploring.charts.self"), zorder=4,
    )  # fmt: skip
    _rows(ax, [labels[item] for item in spread.index])
    differences = spread["self_score"] - spread["verified"]
    _told_on_the_right(ax, (number(own, "+.2f") if np.isfinite(own) else BLANK for own in differences))
    ax.set_xlabel(words.say("exploring.charts.spread"))
    _legend_from_the_edge(ax)
    return ax


@in_style
def plot_answers(shares: pd.DataFrame, mark: str, *, labels: Mapping[str, str], lang: str = "zh-Hant") -> Axes:
    """Stack the social answers of a department above those of its group.

    Parameters
    ----------
    shares : DataFrame
        As in `plot_response`: a row a bar, a column an answer.
    mark : str
        What the picture carries.
    labels : mapping of str to str
        Row to its words.
    lang : str
        Language of the words in the chart.
    """
    ax = fixed_axes(0.5 * len(shares), left=0.24, right=0.06, mark=mark, lang=lang)
    plot_response(shares, labels=labels, lang=lang, ax=ax)
    ax.set_xlabel(catalogue(lang).say("exploring.charts.answers"))
    _legend_from_the_edge(ax)
    return ax


def _legend_from_the_edge(ax: Axes) -> None:
    """Above the axes from the edge of the figure on: the right end is the tag's of synthetic data."""
    box = ax.get_position()
    legend_above(ax).set_bbox_to_anchor((-box.x0 / box.width, 1), transform=ax.transAxes)


def _boxes(ax: Axes, share: pd.DataFrame, places: np.ndarray, label: str) -> None:
    """From the lower quartile to the upper, the median a stroke across; never a whisker, which would be one ballot."""
    width = share["quartile_3"] - share["quartile_1"]
    colour = TIERS["advanced"].colour
    ax.barh(places, width, left=share["quartile_1"], height=0.34, color=colour, alpha=0.35, label=label, zorder=2)
    ax.vlines(share["median"], places - 0.17, places + 0.17, color=colour, linewidth=2, zorder=3)


def _rows(ax: Axes, labels: list[str]) -> None:
    ax.set_yticks(range(len(labels)), [fonts.charted(label) for label in labels])
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(axis="x")
    ax.margins(x=0.06)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))


def _told_on_the_right(ax: Axes, told: Iterable[str]) -> None:
    for place, text in enumerate(told):
        ax.annotate(
            text, (1, place), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=SOFT_INK,
        )  # fmt: skip
