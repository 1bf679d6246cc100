"""Many short texts of a chart as one artist: names beside rows, figures in cells.

For each label of an axis matplotlib makes two texts and three lines and lays them out several times, which for the rows
of some hundred departments takes most of the time of a chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, Transform

from appraisal.reporting import fonts
from appraisal.reporting.palette import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME_SIZE = 9.0
GAP = 3.5  # points between the axes and what stands beside them
MIDDLE = 0.38  # of a character over its baseline, in its heights


class Writing(Artist):
    """Texts of one size, each at its place, all with the same side or their middle there.

    Parameters
    ----------
    texts : sequence of str
        One line each, of characters that the package's font draws.
    x, y : array-like
        Where they stand; the middle of their height is at `y`.
    transform : Transform
        What `x` and `y` are.
    start : float
        Share of a text's width that is left of its place: 0 it begins there, 0.5 is centred, 1 ends there.
    shift : tuple of float
        Points to the right and up from the place.
    size : float
        Points.
    colours : str or sequence of str
        Of all texts, or of each.
    """

    zorder = 4

    def __init__(
        self, texts: Sequence[str], x: np.typing.ArrayLike, y: np.typing.ArrayLike, transform: Transform, *,
        start: float = 0.0, shift: tuple[float, float] = (0.0, 0.0), size: float = NAME_SIZE,
        colours: str | Sequence[str] = INK,
    ) -> None:  # fmt: skip
        super().__init__()
        self.texts = list(texts)
        self.places = np.column_stack([np.broadcast_to(side, len(self.texts)) for side in (x, y)]).astype(float)
        self.start, self.shift, self.size = start, np.array(shift), size
        self.colours = [colours] * len(self.texts) if isinstance(colours, str) else list(colours)
        self.set_transform(transform)
        self.set_clip_on(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the texts one after another."""
        font, gc = _font(self.size), renderer.new_gc()
        height = renderer.get_canvas_width_height()[1] if renderer.flipy() else 0.0
        for (x, y), text, colour in zip(self._starts(), self.texts, self.colours, strict=True):
            if text:
                gc.set_foreground(colour)
                renderer.draw_text(gc, x, abs(height - y), text, font, 0)
        gc.restore()
        self.stale = False

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:  # noqa: ARG002 - as Artist has it
        """What all texts take together, in pixels."""
        if not self.texts:
            return Bbox.null()
        starts, height = self._starts(), self._pixels(self.size)
        ends = starts[:, 0] + height * self._widths()
        return Bbox.from_extents(
            starts[:, 0].min(), starts[:, 1].min() - 0.12 * height, ends.max(), starts[:, 1].max() + 0.88 * height
        )

    def _starts(self) -> np.ndarray:
        """Where the baseline of each text begins, in pixels."""
        places = self.get_transform().transform(self.places) + self._pixels(self.shift)
        before = self.start * self._widths()
        return places - self._pixels(self.size) * np.column_stack([before, np.full(len(before), MIDDLE)])

    def _widths(self) -> np.ndarray:
        return np.array([width_of(text) for text in self.texts])

    def _pixels(self, points: float | np.ndarray) -> float | np.ndarray:
        return points * cast("Figure", self.get_figure(root=True)).dpi / 72


def write_names(ax: Axes, names: Sequence[str], ranks: Sequence[object]) -> None:
    """Write the name and the rank of each row, from the top of the chart, in two columns left of the axes."""
    said = [str(rank) for rank in ranks]
    write_rows(ax, said)
    column = NAME_SIZE * max(map(width_of, said), default=0.0)
    write_rows(ax, [fonts.charted(name) for name in names], shift=-column - 0.5 * NAME_SIZE)


def write_rows(ax: Axes, texts: Sequence[str], *, shift: float = 0.0) -> None:
    """Write a text beside each row, in place of labels of the axis; they end `shift` points from the axes."""
    ax.set_yticks([])
    ax.add_artist(Writing(texts, 0, np.arange(len(texts)), ax.get_yaxis_transform(), start=1.0, shift=(shift - GAP, 0)))


def width_of(text: str) -> float:
    """How wide the charts' font draws a text, in heights of a character.

    Examples
    --------
    >>> width_of("考核")
    2.0
    """
    return measured(text)[0]


@cache
def measured(text: str) -> tuple[float, float, float]:
    """Width, height and descent of a text in the charts' font, in heights of a character: once for all charts."""
    width, height, descent = text_to_path.get_text_width_height_descent(text, _font(1.0), False)
    return round(float(width), 4), float(height), float(descent)


@cache
def _font(size: float) -> FontProperties:
    # By its file, so that nothing is searched for.
    return FontProperties(family=fonts.SANS, fname=fonts.FILES[fonts.SANS], size=size)
