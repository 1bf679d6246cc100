"""Text that would run, hide or break a page or a document, in every column of every table that takes text: never run."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
import told
import years

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.resampling import resample
from appraisal.reading.contracts import CONTRACTS
from appraisal.reporting.documents import write_documents
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.working_files import write_working_files
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

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
        self.source = page
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
def folder(tmp_path_factory):
    """A small year all of whose texts are hostile, each with a sign of its column."""
    tables = years.small_tables() | optional_tables()
    tables["departments"] = tables["departments"].assign(name_hans="", name_en="")
    for number, (name, column) in enumerate(COLUMNS):
        if name in tables and column in tables[name] and len(tables[name]):
            rows = range(len(tables[name]))
            texts = [f"{HOSTILE[(number + row) % len(HOSTILE)]}{name[:2]}{column[:2]}{row}" for row in rows]
            tables[name] = tables[name].assign(**{column: texts})
    folder = tmp_path_factory.mktemp("hostile") / "2003"
    changes = {
        "title": repr(HOSTILE[1]),
        "lang": '"zh-Hant"',
        "notice.issuer": repr(HOSTILE[2]),
        "basis.notice": '"assumed: a test"',
    }
    return years.write_year(folder, tables, years.rulebook(changes))


@pytest.fixture(scope="module")
def read(folder):
    """Both editions."""
    return {edition: Read(page) for edition, page in told.pages(folder, "").items()}


@pytest.fixture(scope="module")
def documents(folder, tmp_path_factory):
    """Folder of the files for further use."""
    place = tmp_path_factory.mktemp("documents")
    appraised = appraise(load_year(folder))
    write_documents(appraised, Imprint(2003, "draft", "K7M29RTX", synthetic=True), place)
    published = {"folder": place, "state": "draft", "version": "K7M29RTX"}
    write_working_files(appraised, resample(appraised, 40), find_flags(appraised), published)
    return place


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


@pytest.mark.parametrize("edition", ["annual_report", "working_report"])
def test_a_drawing_holds_outlines_and_nothing_that_runs(read, edition):
    drawings = [
        unquote(unescape(found)) for found in re.findall(r'src="data:image/svg\+xml,([^"]*)"', read[edition].source)
    ]
    assert len(drawings) > 5
    for drawing in drawings:
        elements = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawing).iter()}
        assert elements <= {"svg", "defs", "style", "g", "path", "use", "clipPath", "pattern", "rect"}
        assert not re.search(r"alert|onerror|HYPERLINK|example\.invalid", drawing)


@pytest.mark.parametrize("name", ["results.xlsx", "working_results.xlsx"])
def test_a_workbook_has_no_formula_and_no_link_of_the_tables(documents, name):
    book = openpyxl.load_workbook(documents / name)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [cell for cell in cells if cell.data_type == "f"]
    assert {cell.parent.title for cell in formulas} <= {"複算"}
    assert [cell.value for cell in formulas if re.search("HYPERLINK|WEBSERVICE|script|alert", str(cell.value))] == []
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []
    texts = {str(cell.value) for cell in cells if cell.data_type == "s"}
    assert all(any(text in shown for shown in texts) for text in HOSTILE)
    assert "externalLink" not in " ".join(zipfile.ZipFile(documents / name).namelist())


def test_the_notice_shows_every_name_as_text_and_has_no_field_or_link(documents):
    with zipfile.ZipFile(documents / "notice.docx") as packed:
        parts = {
            name: packed.read(name).decode("utf-8") for name in packed.namelist() if name.endswith((".xml", ".rels"))
        }
    assert [name for name, part in parts.items() if 'TargetMode="External"' in part] == []
    body = parts["word/document.xml"]
    assert not re.search(r"<(script|img)|w:hyperlink|w:object|HYPERLINK[^<]*</w:instrText", body)
    shown = "".join(ElementTree.fromstring(body).itertext())
    assert all(text in shown for text in HOSTILE)


def test_a_csv_begins_no_cell_with_what_a_spreadsheet_would_run(documents):
    table = pd.read_csv(documents / "results.csv", dtype=str, keep_default_na=False)
    assert not table.map(lambda text: text.startswith(("=", "@", "\t", "\r"))).any(axis=None)
    names = " ".join(table.iloc[:, 1]) + " ".join(table.iloc[:, 0])
    assert all(text in names for text in HOSTILE)
