"""A chart as the text of a drawing: outlines alone, nothing that draws nothing, ready for a ``data:`` address."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from appraisal.reporting import fonts
from appraisal.reporting.canvas import styled
from appraisal.reporting.writing import measured

if TYPE_CHECKING:
    from matplotlib.transforms import Bbox

UNSAID = dict.fromkeys(("Creator", "Date", "Format", "Type"))
MARGIN = 3.0  # points around all that is drawn
# Outlines stand on a grid of 800 steps a character, which no screen or printer tells from finer ones.
STEPS = 8  # of a point, at the size of 100 points that matplotlib gives outlines in
GRID = 100 * STEPS
DRAWN = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}


def outlined(figure: Figure) -> str:
    """Draw a figure as what follows ``data:image/svg+xml,``; the same figure gives the same text."""
    drawn = io.StringIO()
    with styled():
        figure.set_dpi(72)
        renderer = Outlines(*figure.bbox.size, drawn, metadata=UNSAID)
        if figure.get_layout_engine() is not None:
            figure.set_layout_engine("none")
            _fit(figure, renderer)
        figure.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]
    return _address(_slim(drawn.getvalue()).replace("</svg>", f"{renderer.texts()}</svg>"))


def _fit(figure: Figure, renderer: RendererSVG) -> None:
    """Give the axes what room is left beside all that stands around them, measured once: matplotlib measures twice."""
    (ax,) = figure.axes
    width, height = figure.bbox.size
    inside, taken = ax.get_window_extent(renderer), cast("Bbox", ax.get_tightbbox(renderer, for_layout_only=True))
    left, bottom = inside.x0 - taken.x0 + MARGIN, inside.y0 - taken.y0 + MARGIN
    right, top = taken.x1 - inside.x1 + MARGIN, taken.y1 - inside.y1 + MARGIN
    ax.set_position((left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height))


class Outlines(RendererSVG):
    """Draws each text as a reference to its outlines, which are made once for all charts and written once in each."""

    def __init__(self, *size_and_file: Any, **more: Any) -> None:
        super().__init__(*size_and_file, **more)  # type: ignore[no-untyped-call]  # matplotlib's own has no annotations
        self._texts: dict[str, int] = {}

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any  # noqa: ARG002 - as matplotlib calls it
    ) -> tuple[float, float, float]:  # fmt: skip
        """Size of a text in points, measured once for all charts."""
        size = prop.get_size_in_points()
        width, height, descent = measured(s)
        return size * width, size * height, size * descent

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        *_: Any,
        **__: Any,
    ) -> None:
        """Refer to a text of the package's font, whatever `prop` says of another one."""
        number = self._texts.setdefault(s, len(self._texts))
        step = prop.get_size_in_points() / GRID
        turned = f" rotate({-angle:g})" if angle else ""
        alpha = gc.get_alpha()
        self.writer.element(  # type: ignore[no-untyped-call]
            "use",
            fill=to_hex(gc.get_rgb()),
            opacity=f"{alpha:g}" if alpha < 1 else "",
            transform=f"translate({x:f} {y:f}){turned} scale({step:.6f} {-step:.6f})",
            attrib={"xlink:href": f"#t{number}"},
        )

    def texts(self) -> str:
        """The outlines of all texts that were drawn."""
        lines = {number: _line(text) for text, number in self._texts.items()}
        used = sorted({glyph for line in lines.values() for glyph, _ in line})
        glyphs = "".join(f'<path id="g{glyph}" d="{_glyphs()[glyph]}"/>' for glyph in used)
        texts = "".join(f'<g id="t{number}">{"".join(map(_reference, line))}</g>' for number, line in lines.items())
        return f"<defs>{glyphs}{texts}</defs>"


def _reference(placed: tuple[str, int]) -> str:
    glyph, place = placed
    return f'<use x="{place}" xlink:href="#g{glyph}"/>'


@cache
def _glyphs() -> dict[str, str]:
    """Outline of each glyph that a chart has drawn so far."""
    return {}


@cache
def _line(text: str) -> tuple[tuple[str, int], ...]:
    """Glyphs of a text and where each begins, in steps of the grid; what each draws is kept for all texts."""
    font = get_font(fonts.FILES[fonts.SANS])
    font.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
    placed, drawn, _ = text_to_path.get_glyphs_with_font(font, text)
    short = {glyph: glyph.rpartition("-")[2] for glyph in drawn}
    for glyph, (points, codes) in drawn.items():
        if short[glyph] not in _glyphs():
            _glyphs()[short[glyph]] = _path(points, codes)
    return tuple((short[glyph], round(x * STEPS)) for glyph, x, *_ in placed if _glyphs()[short[glyph]])


def _path(points: np.ndarray, codes: np.ndarray) -> str:
    """The outline of a glyph as a drawing says it."""
    grid = Path(np.rint(points * STEPS), codes)
    parts = [
        DRAWN[code] + ("" if code == Path.CLOSEPOLY else " ".join(f"{value:.0f}" for value in ends))
        for ends, code in grid.iter_segments(simplify=False)
    ]
    return "".join(parts).replace(" -", "-")


def _address(svg: str) -> str:
    """Write a drawing as the rest of a ``data:`` address: a third shorter than base64, as most of it is digits."""
    quoted = svg.replace("'", "&apos;").replace('"', "'")
    return re.sub(r"[%#<>]|(?<=url)\(", lambda found: f"%{ord(found[0]):02X}", quoted)


def _slim(svg: str) -> str:
    """Leave out of a drawing what draws nothing: the document type, comments, line ends, fine digits."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*\n\s*", " ", svg).strip().replace("> <", "><")
    # Hundredths of a point in paths and places; scales stay as they are.
    places = r'(?<= [dxy]=")[^"]*|(?<=translate\()[^)]*'
    return re.sub(places, lambda place: re.sub(r"(\.\d\d)\d+| (?=[-A-Za-z])|(?<=[A-Za-z]) ", _kept, place[0]), svg)


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""
