"""A chart as the text of a drawing: outlines alone, nothing that draws nothing, ready for a ``data:`` address."""

from __future__ import annotations

import io
import re
from functools import cache

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from appraisal.reporting.canvas import styled

UNSAID = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def outlined(figure: Figure) -> str:
    """Draw a figure as what follows ``data:image/svg+xml,``; the same figure gives the same text."""
    drawn = io.StringIO()
    with styled():
        # Past `savefig`, which draws a chart that lays itself out a first time into nothing.
        FigureCanvasSVG(figure).print_svg(drawn, metadata=UNSAID)  # type: ignore[no-untyped-call]
    return _address(_slim(drawn.getvalue()))


def _address(svg: str) -> str:
    """Write a drawing as the rest of a ``data:`` address: a third shorter than base64, as most of it is digits."""
    quoted = svg.replace("'", "&apos;").replace('"', "'")
    return re.sub(r"[%#<>]|(?<=url)\(", lambda found: f"%{ord(found[0]):02X}", quoted)


def _slim(svg: str) -> str:
    """Leave out of a drawing what draws nothing: the document type, comments, line ends, long names, fine digits."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"Appraisal(Sans|Serif)-Regular-", "g", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><")
    svg = re.sub(r'(<path id="[^"]*" d=")([^"]*)(" transform="scale\()0\.015625\)', _coarse, svg)
    # Hundredths of a point in paths and places; scales stay as they are.
    places = r'(?<= [dxy]=")[^"]*|(?<=translate\()[^)]*'
    return re.sub(places, lambda place: re.sub(r"(\.\d\d)\d+| (?=[-A-Za-z])|(?<=[A-Za-z]) ", _kept, place[0]), svg)


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""


def _coarse(outline: re.Match[str]) -> str:
    """Write the outline of a character in whole 625ths of its height, which no screen or printer tells from 5000ths."""
    return f"{outline[1]}{_coarse_path(outline[2])}{outline[3]}0.125)"


@cache
def _coarse_path(path: str) -> str:
    """One and the same character stands in many charts."""
    return re.sub(r"-?\d+(\.\d+)?", lambda number: f"{round(float(number[0]) / 8):d}", path)
