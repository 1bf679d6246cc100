"""What every chart is drawn on: the package's font, its style, the marks of tiers and the mark of synthetic data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

from appraisal.reporting import fonts
from appraisal.reporting.palette import ACCENT, CHART_STYLE, INK, PAPER, TIERS, tier_look
from appraisal.reporting.writing import Writing
from appraisal.words import catalogue

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

WIDTH = 7.1  # inches: the text width of an A4 page, so that 9 pt in a chart is 9 pt on paper

STYLE: dict[RcKeyType, Any] = CHART_STYLE | {"font.family": [fonts.SANS, "DejaVu Sans"]}

LONG_LEGEND = 30  # Chinese characters, marks included

MOST_ROWS = 50  # departments of one chart
ROW, ALL_ROWS = 0.215, 7.0  # inches of one row, and of all: heading, caption and note go on the same printed page

P = ParamSpec("P")


@cache
def _add_font() -> None:
    font_manager.fontManager.addfont(fonts.FILES[fonts.SANS])


@contextmanager
def styled() -> Iterator[None]:
    """Fonts and style of the report for what is drawn or saved inside."""
    _add_font()
    with mpl.rc_context(STYLE):
        yield


def in_style(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """Draw in the fonts and the style of the report."""

    @wraps(plot)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with styled():
            return plot(*args, **kwargs)

    return in_style


def mark_synthetic(figure: Figure, *, lang: str = "zh-Hant") -> None:
    """Write 合成數據 across each axes every few inches, and on a tag: a piece cut out of the chart still carries it."""
    word = catalogue(lang).say("charts.synthetic")
    with styled():
        for ax in figure.axes:
            height = figure.get_figheight() * ax.get_position().height
            write_across(
                ax, word, height, (0.6, 0.5), fontsize=30, color=INK, alpha=0.085, gid="synthetic", in_layout=False
            )
            above = ax.xaxis.get_ticks_position() == "top" or _long(ax.get_legend())
            ax.annotate(
                word, (1, 1), xycoords="axes fraction", xytext=(0, 24 if above else 8), textcoords="offset points",
                ha="right", va="bottom", fontsize=8.5, color=ACCENT, gid="synthetic",
                bbox={"boxstyle": "square,pad=0.35", "facecolor": PAPER, "edgecolor": ACCENT, "linewidth": 0.7},
            )  # fmt: skip


def write_across(ax: Axes, word: str, inches: float, place: tuple[float, float], **look: Any) -> None:
    """Write a word over axes of this height every few inches, at this place of each part of them."""
    repeats = max(1, round(inches / 2.6))
    across, down = place
    for part in range(repeats):
        ax.text(
            across, (part + down) / repeats, word, transform=ax.transAxes, ha="center", va="center", zorder=5, **look
        )  # fmt: skip


def _long(legend: Legend | None) -> bool:
    """Whether a legend above the axes would run into a tag at their end."""
    said = [text.get_text() for text in legend.get_texts()] if legend else []
    return sum(3 + fonts.drawn_width(text) for text in said) > LONG_LEGEND


def box_undrawn(figure: Figure) -> bool:
    """Put a box for each character that the package's font does not have; whether any box stands in the chart."""
    said: list[str] = []
    for artist in figure.findobj():
        if isinstance(artist, Writing):
            said += artist.texts
            artist.texts = [fonts.boxed(text) for text in artist.texts]
        elif isinstance(artist, Text):
            said.append(artist.get_text())
            artist.set_text(fonts.boxed(artist.get_text()))
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        labels = axis.get_major_formatter()
        if isinstance(labels, FixedFormatter):  # labels of ticks are set anew from here when the chart is drawn
            said += map(str, labels.seq)
            axis.set_major_formatter(FixedFormatter([fonts.boxed(str(label)) for label in labels.seq]))
    return any(fonts.BOX in fonts.boxed(text) for text in said)


def axes_of(height: float) -> Axes:
    """Axes in a figure of their own: no pyplot, so nothing is shown twice and nothing has to be closed."""
    return Figure(figsize=(WIDTH, height), layout="constrained").subplots()


def rows_height(count: int) -> float:
    """Height of the rows of a chart in inches: closer together where they would not go on a page.

    Examples
    --------
    >>> rows_height(32), rows_height(50)
    (6.88, 7.0)
    """
    return min(ROW * max(count, 4), ALL_ROWS)


def readable_parts(ranked: pd.DataFrame, label: str, *, lang: str = "zh-Hant") -> Iterator[tuple[str, pd.DataFrame]]:
    """Cut the departments of a group into as few parts of like size as can be read in a chart each.

    Parameters
    ----------
    ranked : DataFrame
        Column ``rank``, without blanks.
    label : str
        The group's words.
    lang : str
        Language of the words.

    Yields
    ------
    str
        The group's words, with the ranks from which to which if there are more parts than one.
    DataFrame
        The rows of the part, the best first.
    """
    ordered = ranked.sort_values("rank", kind="stable")
    parts = -(-len(ordered) // MOST_ROWS)
    for part in range(parts):
        rows = ordered.iloc[len(ordered) * part // parts : len(ordered) * (part + 1) // parts]
        first, last = rows["rank"].iloc[[0, -1]]
        named = catalogue(lang).say("charts.part", group=label, first=first, last=last)
        yield (named if parts > 1 else label), rows


def tier_marks(ax: Axes, x: np.ndarray, y: np.ndarray, tiers: pd.Series, lang: str, size: float = 34) -> None:
    """One mark a department, in the colour and sign of its tier; tiers in their order, as the legend takes them.

    Parameters
    ----------
    ax : Axes
    x, y : (D,) arrays
        Where each stands, as the axes have it.
    tiers : Series
        Tier of each, by its code; another value, or none, is a plain dash.
    lang : str
        Language of the legend.
    size : float
        Area of a mark in square points, before its tier's own scale.
    """
    words = catalogue(lang)
    known = tiers.where(tiers.isin(list(TIERS)), "none").to_numpy(object)
    for tier in [*TIERS, "none"]:
        own = known == tier
        if not own.any():
            continue
        look = tier_look(tier)
        # A dash has no inside to fill.
        inside: dict[str, Any] = {"color": look.colour} if look.marker == "_" else {
            "facecolors": PAPER if look.hollow else look.colour,
            "edgecolors": look.colour if look.hollow else PAPER,
        }  # fmt: skip
        ax.scatter(
            x[own], y[own], s=size * look.scale, marker=look.marker, label=words.say(f"charts.tiers.{tier}"),
            linewidths=1.2 if look.hollow else 0.5, zorder=3, **inside,
        )  # fmt: skip


def legend_above(ax: Axes) -> Legend:
    """Above the axes, on the left, each label once."""
    found: dict[str, Any] = {}
    for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
        found.setdefault(label, handle)
    return ax.legend(found.values(), found.keys(), loc="lower left", bbox_to_anchor=(0, 1), ncols=6, borderaxespad=0.4)


def readable_on(colour: str | tuple[float, float, float]) -> str:
    """Ink or paper, whichever can be read on a colour."""
    red, green, blue = mpl.colors.to_rgb(colour)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else PAPER
