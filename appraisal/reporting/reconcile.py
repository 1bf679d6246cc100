"""The last gate: what a finished page says of the departments is the scorecard, table by table, or nothing goes out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

import pandas as pd

from appraisal.analysis.margins import cutoff_lines
from appraisal.errors import Problem, ReconciliationError
from appraisal.reporting import narrative
from appraisal.reporting.layout import BLANK
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

# Phrases that head a column of official values → the columns of the scorecard that it may show.
OFFICIAL = {
    "report.groups.rank": ("rank",),
    "report.groups.composite": ("composite",),
    "report.groups.tier": ("tier", "rule_tier"),
    "repeatability.head.rank": ("rank",),
    "repeatability.head.tier": ("rule_tier",),
    "robustness.weights.tier": ("rule_tier",),
    "robustness.rulebooks.tier": ("rule_tier",),
    "robustness.deciding.tier": ("rule_tier",),
    "sensitivity.omission.rule_tier": ("rule_tier",),
}
GAPS = ("lines.ten.upper", "lines.ten.lower", "lines.ten.gap")
TABLE = re.compile("<table>.*?</table>", re.DOTALL)


@dataclass
class Row:
    """A row of a table: its cells as text, and the tiers that cells are badges of."""

    cells: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)


@dataclass
class Shown:
    """What a page shows: its tables, the heads first, and the names in each list of a tier."""

    tables: list[list[Row]] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Reads tables and lists of tiers as the page has them."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = Shown()
        self._text: list[str] | None = None
        self._list = self._tier = ""
        self._sign = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        classes = (dict(attributes).get("class") or "").split()
        match tag:
            case "table":
                self.shown.tables.append([])
            case "tr" if self.shown.tables:
                self.shown.tables[-1].append(Row())
            case "th" | "td" | "li":
                self._text, self._tier = [], ""
            case "section" if "tier-list" in classes:
                self._list = classes[-1]
                self.shown.lists[self._list] = []
            case "span" if "sign" in classes:
                self._sign = True
            case "span" if "tier" in classes:
                self._tier = classes[-1]

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._text or ()).strip()
        match tag:
            case "th" | "td" if self.shown.tables and self.shown.tables[-1]:
                self.shown.tables[-1][-1].cells.append(text)
                self.shown.tables[-1][-1].tiers.append(self._tier)
            case "li" if self._list:
                self.shown.lists[self._list].append(text)
            case "section":
                self._list = ""
            case "span":
                self._sign = False
        if tag in ("th", "td", "li"):
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._sign:
            self._text.append(data)


def read_page(page: str, heads: Collection[str]) -> Shown:
    """Read the tables of a page that have a column under one of `heads`, and its lists of tiers."""
    ends = tuple(f">{escape(head)}</th>" for head in heads)

    def kept(found: re.Match[str]) -> str:
        return found[0] if any(end in found[0] for end in ends) else ""

    reader = _Reader()
    # Python's parser takes microseconds for each tag, and dossiers are tens of thousands of them.
    reader.feed(TABLE.sub(kept, page))
    reader.close()
    return reader.shown


def hold_page(appraised: Appraisal, page: str, name: str) -> None:
    """Compare every official value that a page shows with the scorecard.

    Ranks, tiers, composites and components in every table that has a row for a department; the gaps of the lines; the
    lists of the tiers, whole and in order.

    Parameters
    ----------
    appraised : Appraisal
    page : str
        HTML.
    name : str
        Of the page, for the message.

    Raises
    ------
    ReconciliationError
        With both values of everything that differs.
    """
    words = catalogue(appraised.rules.lang)
    shown = read_page(page, [words.say(phrase) for phrase in (*OFFICIAL, *GAPS)])
    tables = [table for table in shown.tables if table]
    wrong = [
        *_lists(appraised, shown, words),
        *_departments(appraised, tables, words),
        *_gaps(appraised, tables, words),
    ]
    if wrong:
        problems = (
            Problem("gate.page", name, values={"what": what, "here": here, "scorecard": official})
            for what, here, official in wrong
        )
        raise ReconciliationError(problems, appraised.rules.lang)


# What is shown where, what the page says, what the scorecard says.
Differences = Iterator[tuple[str, str, str]]


def _lists(appraised: Appraisal, shown: Shown, words: Words) -> Differences:
    official = narrative.lists_by_tier(appraised)
    join = words.say("report.join")
    for tier, names in shown.lists.items():
        if names != official[tier]:
            yield words.say(f"report.tiers.{tier}"), join.join(names), join.join(official[tier])


def _departments(appraised: Appraisal, tables: list[list[Row]], words: Words) -> Differences:
    rules, scorecard = appraised.rules, appraised.scorecard.to_dict("index")
    by_name = {row["name"]: row for row in scorecard.values()}
    heads: dict[str, tuple[str, ...]] = {}
    for phrase, columns in OFFICIAL.items():  # one word may head columns of the tier before and after the committee
        heads[words.say(phrase)] = heads.get(words.say(phrase), ()) + columns
    components = {rules.label("components", part): (part,) for part in rules.components}
    for first, *rows in tables:
        known = heads | (components if words.say("report.groups.composite") in first.cells else {})
        official = {at: known[head] for at, head in enumerate(first.cells) if head in known}
        for row in rows:
            own = next((by_name[cell] for cell in row.cells if cell in by_name), None)
            if own is None:
                continue
            for at, columns in official.items():
                here = row.tiers[at] or row.cells[at]
                expected = [_as_shown(own[column], column, rules) for column in columns]
                if here not in expected:
                    yield f"{own['name']}, {first.cells[at]}", here, expected[0]


def _as_shown(value: Any, column: str, rules: Rulebook) -> str:
    if pd.isna(value):
        return BLANK
    return str(value) if column == "rank" or value in TIERS else narrative.points(value, rules)


def _gaps(appraised: Appraisal, tables: list[list[Row]], words: Words) -> Differences:
    heads = [words.say(phrase) for phrase in GAPS]
    names = appraised.scorecard["name"]
    official = {
        (names[line.upper], names[line.lower]): narrative.gap(line, appraised.rules)
        for line in cutoff_lines(appraised).itertuples()
    }
    for first, *rows in tables:
        if set(heads) <= set(first.cells):
            upper, lower, gap = map(first.cells.index, heads)
            for row in rows:
                pair = (row.cells[upper], row.cells[lower])
                if row.cells[gap] != official.get(pair):
                    yield words.say("report.join").join(pair), row.cells[gap], official.get(pair, BLANK)
