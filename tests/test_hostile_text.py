"""Text that would run, hide or break a page, in every column of every table that takes text: shown as text, never run."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest
import told
import years

from appraisal.reading.contracts import CONTRACTS

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://example.invalid","x")',
    "市\u202eevil\u202c局",
    "{{7*7}}{% raw %}",
    r"$\LaTeX$ $\frac{1}{2}$",
    "長" * 300,
    "𠀀\U0001f600",
)
COLUMNS = [
    (name, column.name)
    for name, contract in CONTRACTS.items()
    for column in contract.columns
    if column.kind in ("text", "name")
]


class Read(HTMLParser):
    """Elements, attributes that would run, and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.running: list[str] = []
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.running += [name for name, _value in attrs if name.startswith("on")]
        self.addresses |= {
            value.split(",")[0][:20] for name, value in attrs if name in ("src", "href") and value[0] != "#"
        }

    def handle_data(self, data):
        self.text += data


def optional_tables() -> dict[str, pd.DataFrame]:
    """Rows of the tables that a small year leaves empty or out."""
    rulings = [("withdraw", "S01", "best", "", "", "2004-01-10")]
    appeals = [("S02", "work_style", "2004-01-12", "", "dismissed", "", "2004-01-14")]
    return {
        "rulings": pd.DataFrame(rulings, columns=["kind", "department", "value", "reason", "approved_by", "date"]),
        "appeals": pd.DataFrame(
            appeals, columns=["department", "item", "received", "claim", "decision", "decided_by", "date"]
        ),
    }


def test_every_column_of_text_is_filled():
    tables = years.small_tables() | optional_tables()
    left = [(name, column) for name, column in COLUMNS if name not in tables or not len(tables[name])]
    assert left == []


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Both editions of a small year all of whose texts are hostile, each with a sign of its column."""
    tables = years.small_tables() | optional_tables()
    tables["departments"] = tables["departments"].assign(name_hans="", name_en="")
    for number, (name, column) in enumerate(COLUMNS):
        if name in tables and column in tables[name] and len(tables[name]):
            rows = range(len(tables[name]))
            texts = [f"{HOSTILE[(number + row) % len(HOSTILE)]}{name[:2]}{column[:2]}{row}" for row in rows]
            tables[name] = tables[name].assign(**{column: texts})
    folder = tmp_path_factory.mktemp("hostile") / "2003"
    years.write_year(folder, tables, years.rulebook({"title": repr(HOSTILE[1]), "lang": '"zh-Hant"'}))
    return {edition: Read(page) for edition, page in told.pages(folder, "").items()}


@pytest.mark.parametrize("edition", ["annual_report", "working_report"])
def test_nothing_hostile_runs_or_asks_for_anything(read, edition):
    page = read[edition]
    assert not {"script", "iframe", "object", "embed", "form", "base", "link", "svg"} & page.tags
    assert page.running == []
    assert page.addresses <= {"data:image/svg+xml"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_shown_as_it_was_entered(read, text):
    assert any(text in page.text for page in read.values())
    assert not any(f"49{'{%'}" in page.text for page in read.values())
