"""The colours and signs of tiers and groups: one source for every chart, table and page.

Tiers get darker the higher they are, so that they keep their order in grey print; each has a sign of its own besides,
so that nobody needs to tell colours apart. The hues are far from each other under red-green and blue-yellow blindness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType


@dataclass(frozen=True)
class TierLook:
    """How one tier looks everywhere.

    Parameters
    ----------
    colour, dark : str
        Colour on paper, and the one on the dark page.
    sign : str
        Character before the tier's name in tables.
    marker : str
        The same sign as matplotlib calls it.
    hollow : bool
        Whether only the sign's outline is drawn.
    scale : float
        Area of the mark against the others, so that all weigh the same to the eye.
    """

    colour: str
    dark: str
    sign: str
    marker: str
    hollow: bool = False
    scale: float = 1.0


TIERS = {
    "best": TierLook("#0B3A5E", "#8FC4EC", "◆", "D"),
    "advanced": TierLook("#2B7A8C", "#63BFCB", "●", "o"),
    "good": TierLook("#6FAE93", "#8FD0B2", "■", "s"),
    "ordinary": TierLook("#77797C", "#A9ADB2", "○", "o", hollow=True, scale=0.8),
    "admonished": TierLook("#B4461E", "#F2936B", "▼", "v", scale=1.5),
}
UNRANKED = TierLook("#9A9A9A", "#8A8A8A", "–", "_")

GROUPS = ("#4C5FA8", "#A8752A", "#3F7D5A", "#8A4F7D", "#5B6B73", "#9C5B45")
MARKERS = ("o", "s", "^", "D", "v", "P")

# The satisfied end is dark, the dissatisfied end warm, answers that count for nothing grey.
WARM, GREY, PALE = "#D08A5B", "#C9C9C4", "#E3E3DF"
RATINGS = ("#0F5C6E", "#4E97A3", "#A5CBCB", WARM, GREY, PALE)

INK = "#22262B"
SOFT_INK = "#5A6068"
RULE = "#C9CCD0"
PAPER = "#FFFFFF"
ACCENT = "#9B1C23"

# How charts look, as matplotlib names it; the font is for canvas.py to add.
CHART_STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a name with dollar signs is a name
    "axes.unicode_minus": True,
    "axes.edgecolor": SOFT_INK,
    "axes.labelcolor": SOFT_INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "xtick.color": SOFT_INK,
    "xtick.labelsize": 8.5,
    "xtick.major.size": 3,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.labelsize": 9,
    "ytick.major.size": 0,
    "grid.color": "#E6E7E9",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 1.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "svg.fonttype": "path",  # a machine without Chinese fonts draws outlines, not boxes
    "svg.hashsalt": "appraisal",
}


def tier_look(tier: object) -> TierLook:
    """Look of a tier; a department outside the competition has none and gets a plain dash.

    Examples
    --------
    >>> tier_look("best").sign
    '◆'
    """
    return TIERS.get(str(tier), UNRANKED)


def group_colours(groups: Iterable[str]) -> dict[str, str]:
    """Colour of each group, by its place in the rulebook.

    Examples
    --------
    >>> group_colours(["service", "economic"])
    {'service': '#4C5FA8', 'economic': '#A8752A'}
    """
    return dict(zip(groups, cycle(GROUPS)))


def group_markers(groups: Iterable[str]) -> dict[str, str]:
    """Mark of each group, as matplotlib calls it, by its place in the rulebook: nobody needs to tell colours apart.

    Examples
    --------
    >>> group_markers(["service", "economic"])
    {'service': 'o', 'economic': 's'}
    """
    return dict(zip(groups, cycle(MARKERS)))
