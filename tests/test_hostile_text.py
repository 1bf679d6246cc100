"""Text that would run, hide or break a page, in every column of every table that takes text: shown as text, never run."""

from __future__ import annotations

from html.parser import HTMLParser

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


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Both editions of a small year all of whose texts are hostile, each with a sign of its column."""
    tables = years.small_tables()
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
