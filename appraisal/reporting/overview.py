"""All years on one page: how each stands, its version, its files, and what went wrong last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import pandas as pd

from appraisal.folders import PlaceYear
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.words import Words, catalogue


@dataclass(frozen=True)
class YearState:
    """How a year stands.

    Parameters
    ----------
    year : PlaceYear
    state : str
        ``not_complete``, ``draft`` (complete, not published), ``stale`` (published, and something changed since),
        ``published``, ``confirmed``, or ``failed``: the last run failed.
    version, published, confirmed : str
        Code of what is published; when it was, and when it was confirmed, ISO 8601. Blank where there is none.
    pages : tuple of str
        Names of the published files.
    wrong, open : int
        How many things are to be mended and to be filled in before the year is complete, as `check` counts them.
    failed : str
        When the last run failed; blank if it did not.
    messages : tuple of str
        What it said.
    """

    year: PlaceYear
    state: str
    version: str
    published: str
    confirmed: str
    pages: tuple[str, ...]
    wrong: int
    open: int
    failed: str
    messages: tuple[str, ...]


def overview_piece(states: Sequence[YearState], lang: str) -> Piece:
    """Show how the years stand as a table; the files are links beside it."""
    words = catalogue(lang)
    if not states:
        return layout.paragraph(words.say("status.none"))
    rows = [
        {
            "place": state.year.place,
            "year": str(state.year.year),
            "state": words.say(f"status.states.{state.state}"),
            "version": state.version,
            "published": _moment(state.published),
            "confirmed": state.confirmed,
            "files": Piece("<br>".join(_link(state.year, name) for name in state.pages)) if state.pages else "",
        }
        for state in states
    ]
    table = pd.DataFrame(rows)
    if not any(table["place"]):
        table = table.drop(columns="place")
    pieces = [
        layout.table(
            layout.headed(table, words.under("status.heads")),
            caption=words.say("status.caption"),
            synthetic=False,
            lang=lang,
        )
    ]
    for state in states:
        if state.failed:
            pieces.append(layout.heading(words.say("status.failed", year=state.year, when=_moment(state.failed)), 4))
            pieces.append(layout.points(state.messages))
        elif state.wrong or state.open:
            pieces.append(layout.paragraph(_not_complete(state, words), kind="note"))
    return layout.pieces(pieces)


def method_links(pages: Iterable[str], lang: str) -> Piece:
    """Lead to the pages on the method, by their names: a place's folder, the edition, the language if another one."""
    words, links = catalogue(lang), []
    for page in pages:
        place, _, name = page.rpartition("/")
        edition, _, told = name.removesuffix(".html").partition(".")
        title = f"{place} {catalogue(told or lang).say(f'{edition}.title')}".strip()
        links.append(f'<a href="{escape(quote(page), quote=True)}">{escape(title)}</a>')
    return Piece(f"<p>{escape(words.say('method.links'))}{' · '.join(links)}</p>" if links else "")


def overview_link(page: str, lang: str) -> Piece:
    """Lead to the office's page over all places and years, by its name; nothing where there is none."""
    words = catalogue(lang)
    title = words.say("status.overview", title=words.say("places.title"))
    return Piece(f'<p><a href="{escape(quote(page), quote=True)}">{escape(title)}</a></p>' if page else "")


def overview_text(states: Sequence[YearState], lang: str) -> Iterator[str]:
    """Tell how the years stand, a line each, with what went wrong below."""
    words = catalogue(lang)
    for state in states:
        parts = [
            str(state.year),
            words.say(f"status.states.{state.state}"),
            state.version,
            _moment(state.published),
            state.confirmed,
        ]
        yield "  ".join(part for part in parts if part)
        if state.failed:
            yield f"    {words.say('status.failed', year=state.year, when=_moment(state.failed))}"
            yield from (f"    {message}" for message in state.messages)
        elif state.wrong or state.open:
            yield f"    {_not_complete(state, words)}"


def _not_complete(state: YearState, words: Words) -> str:
    """What is between a year and its report, in the words and numbers of `check`, which lists it."""
    stands = "wrong" if state.wrong else "not_complete"
    said = words.say(f"check.states.{stands}", year=state.year, wrong=state.wrong, open=state.open)
    return words.say("status.not_complete", stands=said, year=state.year)


def _moment(written: str) -> str:
    """A moment as people read it, to the minute, UTC.

    Examples
    --------
    >>> _moment("2026-11-24T22:03:34+00:00")
    '2026-11-24 22:03 UTC'
    """
    return f"{written[:10]} {written[11:16]} UTC" if written else ""


def _link(year: PlaceYear, name: str) -> str:
    return f'<a href="{escape(quote(str(year)), quote=True)}/{escape(quote(name), quote=True)}">{escape(name)}</a>'
