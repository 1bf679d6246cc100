"""What changed between two states of a year, on one page or a terminal: rules, rows, ballots as counts, who moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from appraisal.analysis.changes import Changes
from appraisal.reading.contracts import CONTRACTS, title
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.rule_words import rule_name
from appraisal.tables import Year
from appraisal.words import Words, catalogue

# Rows of each table that fit on one A4 page together; of more the number is told.
MOST = {"rules": 6, "rows": 12, "moves": 12}
LONGEST = 40  # characters of a cell


@dataclass(frozen=True)
class Part:
    """One part of the page.

    Parameters
    ----------
    title : str
    said : str
        A sentence below the table, or instead of one.
    table : DataFrame or None
        Columns are the words to be read.
    """

    title: str
    said: str = ""
    table: pd.DataFrame | None = None


def changed_parts(changes: Changes, year: Year) -> Iterator[Part]:
    """Tell what changed, part by part, in the words of the year's language."""
    words = catalogue(year.rules.lang)
    rules = changes.rules.assign(key=[rule_name(key, year.rules) for key in changes.rules["key"]])
    yield _part("rules", rules, words)
    where = changes.rows[["table", "row", "column"]].itertuples(index=False)
    rows = changes.rows.assign(
        where=[
            words.say(
                "changes.where",
                table=title(CONTRACTS[at.table], words.lang),
                row=at.row,
                column=_column(at.table, at.column, words),
            )
            for at in where
        ]
    )
    yield _part("rows", rows[["where", "department", "before", "after"]], words)
    sums = changes.counts.groupby("table", sort=False)[["added", "removed", "changed"]].sum()
    counted = [
        words.say("changes.ballots.one", table=title(CONTRACTS[str(name)], words.lang), **row)
        for name, row in sums.iterrows()
    ]
    yield Part(words.say("changes.ballots.title"), "".join(counted) or words.say("changes.ballots.none"))
    moved = changes.moves.reset_index(drop=True)
    for side in ("tier_before", "tier_after"):
        moved[side] = [words.say(f"charts.tiers.{'none' if pd.isna(tier) else tier}") for tier in moved[side]]
    yield _part("moves", moved[["name", "rank_before", "rank_after", "tier_before", "tier_after"]], words)


def changed_text(changes: Changes, year: Year) -> Iterator[str]:
    """Tell what changed on a terminal, a part after the other."""
    for part in changed_parts(changes, year):
        shown = [part.title]
        if part.table is not None:
            with pd.option_context("display.unicode.east_asian_width", True, "display.max_colwidth", LONGEST):
                shown.append(part.table.to_string(index=False, na_rep="–"))
        yield "\n".join([*shown, *([part.said] if part.said else [])])


def changed_piece(changes: Changes, year: Year) -> Piece:
    """Tell what changed as one printed page."""
    pieces = []
    for part in changed_parts(changes, year):
        if part.table is None:
            pieces.append(layout.heading(part.title, level=4))
        else:
            pieces.append(layout.table(part.table, caption=part.title, synthetic=False, lang=year.rules.lang))
        if part.said:
            pieces.append(layout.paragraph(part.said))
    return layout.pieces(pieces)


def _part(name: str, table: pd.DataFrame, words: Words) -> Part:
    title = words.say(f"changes.{name}.title")
    if table.empty:
        return Part(title, words.say(f"changes.{name}.none"))
    more = len(table) - MOST[name]
    said = words.say("changes.more", count=more) if more > 0 else ""
    if name == "moves" and not said:
        said = words.say("changes.moves.others")
    heads = {column: words.say(f"changes.heads.{column}") for column in table.columns}
    return Part(title, said, table.head(MOST[name]).map(_short).rename(columns=heads))


def _short(value: object) -> object:
    return f"{value[: LONGEST - 1]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _column(table: str, column: str, words: Words) -> str:
    if not column:
        return words.say("changes.whole_row")
    found = next((own for own in CONTRACTS[table].columns if own.name == column), None)
    return title(found, words.lang) if found else column
