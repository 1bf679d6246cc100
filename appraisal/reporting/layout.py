"""What a notebook cell shows: headings, sentences, lists, tables and charts, each as escaped HTML.

Every piece shows the same in JupyterLab and on the page of the report; text from tables is text, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from appraisal.reporting.palette import tier_look
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Say, Words, catalogue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLANK = "—"
ROWS_OF_A_PAGE = 45  # a table of no more rows is kept on one printed page


@dataclass(frozen=True)
class Piece:
    """A piece of the page, ready to be shown.

    Parameters
    ----------
    html : str
        Markup in which everything that comes from data is escaped already.
    """

    html: str = field(repr=False)  # shown as it is, not told again as text

    def _repr_html_(self) -> str:
        return self.html

    def __add__(self, other: Piece) -> Piece:
        return Piece(f"{self.html}\n{other.html}")


def words_of(appraised: Appraisal) -> Words:
    """The catalogue of the language that a year is told in."""
    return catalogue(appraised.rules.lang)


def look(appraised: Appraisal) -> dict[str, Any]:
    """What every chart and table of a year is told: whether its data are made up, and the language."""
    return {"synthetic": appraised.rules.synthetic, "lang": appraised.rules.lang}


def group_labels(rules: Rulebook) -> dict[str, str]:
    """Words of each group, in the order of the rulebook."""
    return {group: rules.label("groups", group) for group in rules.groups}


def tier_labels(words: Words) -> dict[str, str]:
    """Words of each tier, the best first."""
    return {tier: words.say(f"charts.tiers.{tier}") for tier in TIERS}


def headed(frame: pd.DataFrame, say: Say) -> pd.DataFrame:
    """Give a table whose columns are called by their phrases, as `say` tells them."""
    return frame.set_axis([say(str(name)) for name in frame.columns], axis=1)


def number(value: float, form: str = ".2f") -> str:
    """Write a number with a minus sign where it is below zero, and none where it rounds to zero.

    Examples
    --------
    >>> number(-1.5), number(-0.001), number(0.5, "+.1f")
    ('−1.50', '0.00', '+0.5')
    """
    sign, plain = ("+", form[1:]) if form.startswith("+") else ("", form)
    return f"{value:{sign}z{plain}}".replace("-", "\N{MINUS SIGN}")


def pieces(several: Iterable[Piece]) -> Piece:
    """Put pieces under one another."""
    return Piece("\n".join(piece.html for piece in several))


def heading(text: str, level: int = 2) -> Piece:
    """Head a section (level 2) or a part of one (3), which the table of contents lists, or something smaller (4).

    Raises
    ------
    ValueError
        If the level is another one.

    Examples
    --------
    >>> heading("考核結果 <2003>").html
    '<h2>考核結果 &lt;2003&gt;</h2>'
    """
    if level not in (2, 3, 4):
        raise ValueError(f"level {level}: a heading inside the page has level 2, 3 or 4")
    return Piece(f"<h{level}>{escape(text)}</h{level}>")


def paragraph(*sentences: str, kind: str = "") -> Piece:
    """Write sentences as one paragraph.

    Parameters
    ----------
    *sentences : str
        Plain text.
    kind : str
        ``""``, ``"lead"`` for what a reader should see first, or ``"note"`` for small print.
    """
    return Piece(f"<p{_class(kind)}>{''.join(escape(sentence) for sentence in sentences)}</p>")


def points(sentences: Iterable[str], *, ordered: bool = False) -> Piece:
    """List sentences, one point each."""
    tag = "ol" if ordered else "ul"
    return Piece(f"<{tag}>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</{tag}>")


def page_end() -> Piece:
    """End a printed page here; nothing on screen."""
    return Piece('<div class="page-end"></div>')


def key_figures(figures: Mapping[str, str]) -> Piece:
    """Show a few figures large, in a row: what it is → the figure, as it is to be read."""
    items = "".join(f"<div><dt>{escape(what)}</dt><dd>{escape(figure)}</dd></div>" for what, figure in figures.items())
    return Piece(f'<dl class="figures">{items}</dl>')


def details(rows: Mapping[str, str]) -> Piece:
    """List facts as name and value, such as the provenance of a report."""
    return facts({name: Piece(escape(value)) for name, value in rows.items()})


def facts(rows: Mapping[str, Piece]) -> Piece:
    """List facts that are pieces: what each is → the piece."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{fact.html}</dd>" for name, fact in rows.items())
    return Piece(f'<dl class="details">{items}</dl>')


def fold(summary: str, mark: Piece, parts: Iterable[Piece]) -> Piece:
    """Put pieces into a fold that a reader opens; it works without a script."""
    shown = "".join(part.html for part in parts)
    return Piece(f'<details class="fold"><summary>{escape(summary)} {mark.html}</summary>{shown}</details>')


def tier_badge(tier: str, label: str) -> Piece:
    """Name a tier with its sign and colour, as charts draw it.

    Examples
    --------
    >>> tier_badge("best", "最佳辦事單位").html
    '<span class="tier best"><span class="sign" aria-hidden="true">◆</span>最佳辦事單位</span>'
    """
    sign = f'<span class="sign" aria-hidden="true">{tier_look(tier).sign}</span>'
    return Piece(f'<span class="tier {escape(tier)}">{sign}{escape(label)}</span>')


def tier_list(tier: str, names: Iterable[str], *, label: str, count: str, note: str = "", dense: bool = False) -> Piece:
    """Show the departments of one tier in the order given.

    Parameters
    ----------
    tier : str
        Code of the tier.
    names : iterable of str
        Names of the departments.
    label : str
        The tier's words.
    count : str
        How many, as it is to be read: 共10個.
    note : str
        A sentence below, such as who withdrew.
    dense : bool
        Whether the names are set small on paper, so that many go on one page.
    """
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    head = f'<h3 class="unlisted">{tier_badge(tier, label).html} <span class="count">{escape(count)}</span></h3>'
    kind = f"tier-list dense {tier}" if dense else f"tier-list {tier}"
    return Piece(f'<section class="{escape(kind)}">{head}<ul class="names">{items}</ul>{below}</section>')


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    synthetic: bool,
    digits: int | Mapping[str, int] = 2,
    badges: Mapping[str, Mapping[str, str]] | None = None,
    lines_after: Iterable[int] = (),
    numbers: Iterable[str] = (),
    lang: str = "zh-Hant",
) -> Piece:
    """Show a table: columns are the words to be read, the first one of text heads the rows, the index is left out.

    Parameters
    ----------
    frame : DataFrame
        Numbers stand right; a missing value is a dash; everything else is text.
    caption : str
        What the table shows.
    synthetic : bool
        Whether the caption carries 合成數據.
    digits : int or mapping of str to int
        Digits of the floats, of all columns or by column.
    badges : mapping of str to mapping
        Column to its tiers: code to words, shown as a badge.
    lines_after : iterable of int
        Rows, counted from 1, below which a line is drawn.
    numbers : iterable of str
        Columns of text that is read as numbers, such as 91% or ≤3; these stand right, too.
    lang : str
        Language of the words around the table.
    """
    words = catalogue(lang)
    badges = badges or {}
    numeric = set(numbers) | {
        column for column in frame.columns if is_numeric_dtype(frame[column]) and not is_bool_dtype(frame[column])
    }
    lined = set(lines_after)
    row_head = next((column for column in frame.columns if column not in numeric), None)
    shown = {
        column: _cells(frame[column], digits if isinstance(digits, int) else digits.get(column, 2), badges.get(column))
        for column in frame.columns
    }
    head = "".join(
        f'<th scope="col"{_class("number" if column in numeric else "")}>{escape(str(column))}</th>'
        for column in frame.columns
    )
    rows = []
    for place, cells in enumerate(zip(*shown.values(), strict=True), start=1):
        body = "".join(
            f'<th scope="row">{cell}</th>'
            if column == row_head
            else f"<td{_class('number' if column in numeric else '')}>{cell}</td>"
            for column, cell in zip(frame.columns, cells, strict=True)
        )
        rows.append(f"<tr{_class('line' if place in lined else '')}>{body}</tr>")
    mark = f' <span class="mark">{escape(words.say("charts.synthetic"))}</span>' if synthetic else ""
    label = escape(words.say("page.scroll", caption=caption), quote=True)
    kind = "table long" if len(frame) > ROWS_OF_A_PAGE else "table"
    return Piece(
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{label}"><table>'
        f"<caption>{escape(caption)}{mark}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def chart(axes: Axes, *, alt: str, synthetic: bool, caption: str = "", lang: str = "zh-Hant") -> Piece:
    """Show a chart as outlines, so that a machine without Chinese fonts draws it.

    Parameters
    ----------
    axes : Axes
        What a ``plot_…`` function gave back.
    alt : str
        What the chart says, for a reader who cannot see it.
    synthetic : bool
        Whether the chart carries 合成數據.
    caption : str
        What stands below the chart.
    lang : str
        Language of the words around the chart.
    """
    # Here and not above: what writes pages and tables draws nothing, and need not wait for matplotlib.
    from appraisal.reporting.canvas import box_undrawn, mark_synthetic
    from appraisal.reporting.outlines import outlined

    figure = cast("Figure", axes.get_figure(root=True))
    if synthetic:
        mark_synthetic(figure, lang=lang)
    if box_undrawn(figure):
        caption = f"{caption} {catalogue(lang).say('page.boxed')}".strip()
    encoded = escape(outlined(figure), quote=False)
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    label = escape(catalogue(lang).say("page.scroll", caption=caption or catalogue(lang).say("page.chart")), quote=True)
    return Piece(
        f'<figure class="chart"><div class="paper" role="region" tabindex="0" aria-label="{label}">'
        f'<img alt="{escape(alt, quote=True)}" width="{width}" height="{height}" '
        f'src="data:image/svg+xml,{encoded}"></div>{below}</figure>'
    )


def _cells(column: pd.Series, digits: int, badges: Mapping[str, str] | None) -> list[str]:
    def cell(value: Any) -> str:
        if isinstance(value, Piece):
            return value.html
        if pd.isna(value) or value == "":
            return BLANK
        if badges is not None:
            return tier_badge(str(value), badges[value]).html
        if isinstance(value, float):
            return number(value, f".{digits}f")
        return escape(str(value))

    return [cell(value) for value in column]


def _class(name: str) -> str:
    return f' class="{escape(name, quote=True)}"' if name else ""
