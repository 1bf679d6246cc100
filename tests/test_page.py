"""A notebook runs wholly or not at all, and its page is whole: escaped, without requests, the same bytes twice."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from fontTools.ttLib import TTFont
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from appraisal.errors import RunError
from appraisal.reporting import fonts
from appraisal.reporting.notebook import clean_notebook, run_notebook
from appraisal.reporting.page import TEMPLATES, export_html

# No machine has a kernelspec of this name: the kernel must be the interpreter that runs the test.
SPEC = {"kernelspec": {"name": "nowhere-installed", "display_name": "Python", "language": "python"}}
HOSTILE = '<script>alert("1")</script>"><img src=http://example.invalid onerror=x>{{7*7}}</style>'

PIECES = f"""
import pandas as pd
from appraisal.reporting.layout import details, heading, key_figures, paragraph, points, table, tier_list

hostile = {HOSTILE!r}
frame = pd.DataFrame({{"名次": [1, 2], "部門": ["市委辦公室", hostile], "得分": [91.25, None]}})
frame["等次"] = ["best", "good"]
words = {{"best": "最佳辦事單位", "good": "良好"}}
"""
SHOWN = [
    'heading("考核結果")',
    "heading(hostile, 3)",
    'paragraph("第3與第4名僅差0.05分。", hostile, kind="lead")',
    "points([hostile])",
    "key_figures({hostile: hostile})",
    "details({hostile: hostile})",
    'tier_list("best", ["市委辦公室", hostile], label=hostile, count="共2個", note=hostile)',
    'table(frame, caption=hostile, synthetic=True, badges={"等次": words}, lines_after=[1])',
]
CHART = """
from appraisal.reporting import charts, layout
scores = frame.rename(columns={"部門": "name", "名次": "rank", "等次": "tier"}).assign(composite=[91.25, 90.0])
lines = pd.DataFrame({"above": [1], "below": [2], "gap": [1.25]})
layout.chart(charts.plot_score_distribution(scores, lines), alt=hostile, caption=hostile, synthetic=True)
"""


def notebook(folder: Path, *cells: str, name: str = "report.ipynb") -> Path:
    node = new_notebook(metadata=SPEC)
    node.cells = [new_code_cell("year = 2003  # of the appraisal", metadata={"tags": ["parameters"]})]
    for source in cells:
        node.cells += [new_markdown_cell("## For who reads the notebook"), new_code_cell(source)]
    nbformat.write(node, folder / name)
    return folder / name


def run(folder: Path, *cells: str, **parameters):
    return run_notebook(notebook(folder, *cells), folder / "out.ipynb", parameters)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("executed")
    return run(folder, PIECES, *SHOWN, CHART, year=2004), folder


@pytest.fixture(scope="module")
def html(executed):
    return export_html(executed[0], title=f"2003年度考核 {HOSTILE}", subtitle=HOSTILE, marks=["合成數據", HOSTILE])


class Elements(HTMLParser):
    """Tags, addresses and the visible text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.addresses, self.handlers, self.text, self._inside = [], [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._inside = tag
        self.addresses += [
            value for name, value in attrs if name in ("src", "href", "srcset", "action", "data", "poster")
        ]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        if self._inside != "style":
            self.text.append(data)


def test_a_parameter_reaches_the_notebook_and_the_same_interpreter_runs_it(tmp_path):
    node = run(tmp_path, "import os, sys\nprint(year, sys.prefix, os.environ['PYTHONHASHSEED'])", year=2004)
    import sys

    (text,) = (output.text for cell in node.cells for output in cell.get("outputs", []))
    assert text == f"2004 {sys.prefix} 0\n"
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4) == node
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ipynb", "report.ipynb"]


def test_the_moment_that_a_notebook_runs_in_is_one_that_a_zip_can_hold(tmp_path):
    """Python 3.14 packs by `SOURCE_DATE_EPOCH`, and a zip begins with 1980."""
    node = run(tmp_path, "import os, time\nprint(*time.gmtime(int(os.environ['SOURCE_DATE_EPOCH']))[:6])")
    (text,) = (output.text for cell in node.cells for output in cell.get("outputs", []))
    assert text == "1980 1 1 0 0 0\n"


def test_progress_is_told_cell_by_cell(tmp_path):
    told = []
    path = notebook(tmp_path, "1 + 1;")
    run_notebook(path, tmp_path / "out.ipynb", {"year": 1}, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_notebook_runs_in_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    path = notebook(tmp_path, "import os\nprint(os.getcwd())")
    monkeypatch.chdir(tmp_path / "elsewhere")
    node = run_notebook(path, tmp_path / "out.ipynb", {})
    assert node.cells[-1].outputs[0].text.strip() == str((tmp_path / "elsewhere").resolve())


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("1 / 0", "2"), "cell 4 stopped with ZeroDivisionError: division by zero"),
        (("import sys\nsys.exit(0)", "2"), "cell 4 stopped with SystemExit"),
        (("import warnings\nwarnings.warn('careful')",), "wrote to stderr"),
        (("import sys\nprint('careful', file=sys.stderr)",), "cell 4 wrote to stderr: careful"),
        (("raise ValueError('<b>')",), "ValueError: <b>"),
    ],
)
def test_a_notebook_that_does_not_end_well_gives_nothing(tmp_path, cells, said):
    with pytest.raises(RunError) as raised:
        run(tmp_path, *cells, year=1)
    assert said in str(raised.value)
    assert not (tmp_path / "out.ipynb").exists()
    kept = tmp_path / "out.failed.ipynb"
    assert str(kept) in str(raised.value)
    nbformat.validate(nbformat.read(kept, as_version=4))


@pytest.mark.filterwarnings("default")  # nbclient's own sockets, closed late when the process is gone
def test_a_process_that_dies_is_said(tmp_path):
    with pytest.raises(RunError, match="died"):
        run(tmp_path, "import os\nos._exit(3)", year=1)
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("yaer", "yaer is no parameter of this notebook; it has year"),
        ("s=1;print(7777);t", "cannot be a parameter"),
        ("class", "cannot be a parameter"),
    ],
)
def test_a_parameter_the_notebook_does_not_have_is_refused(tmp_path, name, said):
    with pytest.raises(RunError, match=re.escape(said)):
        run(tmp_path, "1", **{name: 1})
    assert not list(tmp_path.glob("out*"))


def test_a_value_that_papermill_would_turn_into_text_is_refused(tmp_path):
    with pytest.raises(TypeError, match="year is a PosixPath"):
        run(tmp_path, "1", year=Path("2003"))


def test_the_cleaned_notebook_is_the_same_bytes_from_two_runs_in_two_folders(executed, tmp_path):
    again = run(tmp_path, PIECES, *SHOWN, CHART, year=2004)
    assert (tmp_path / "out.ipynb").read_bytes() == (executed[1] / "out.ipynb").read_bytes()
    title = {"title": "2003年度", "marks": ["合成數據"]}
    assert export_html(again, **title) == export_html(executed[0], **title)


def test_cleaning_leaves_out_what_changes_and_what_stands_beside_richer_forms():
    rich = {"text/html": "<p>1</p>", "text/plain": "<object at 0x7f00>"}
    cell = new_code_cell("1", metadata={"papermill": {"duration": 1}, "tags": ["working"], "execution": {}})
    cell.outputs = [
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stdout", text="b"),
        new_output("execute_result", data=rich, execution_count=3),
        new_output("display_data", data={"text/plain": "2"}),
    ]
    node = new_notebook(cells=[cell], metadata=SPEC | {"papermill": {"path": "/somewhere"}, "widgets": {}})
    clean = clean_notebook(node)
    assert set(clean.metadata) == {"kernelspec", "language_info"}
    (kept,) = clean.cells
    assert kept.id == "cell-001"
    assert kept.metadata == {"tags": ["working"]}
    assert kept.execution_count is None
    assert [output.get("text") or output.data for output in kept.outputs] == [
        "ab",
        {"text/html": "<p>1</p>"},
        {"text/plain": "2"},
    ]
    nbformat.validate(clean)
    assert len(cell.outputs) == 4  # the argument stays as it was


def test_the_page_asks_no_network_and_runs_nothing(html):
    page = Elements(html)
    assert not {"script", "iframe", "object", "embed", "link", "base", "form", "svg"} & set(page.tags)
    assert page.handlers == []
    assert all(address.startswith(("data:", "#")) for address in page.addresses), page.addresses
    assert "@import" not in html
    assert re.findall(r"url\((?!data:)", html) == []
    assert "default-src 'none'" in html
    assert html.startswith("<!DOCTYPE html>")
    assert '<html lang="zh-Hant">' in html


def test_text_from_tables_is_text_everywhere(html):
    assert "<script" not in html
    assert "<img src=http" not in html
    assert "".join(Elements(html).text).count("{{7*7}}") >= 12
    assert html.count("</style>") == 1


def test_the_page_shows_results_and_no_code_prompts_or_notes(html):
    text = "".join(Elements(html).text)
    for words in ("考核結果", "市委辦公室", "91.25", "—", "◆最佳辦事單位", "共2個", "第3與第4名僅差0.05分。"):
        assert words in text, words
    for words in ("import pandas", "year = 2004", "In [", "For who reads the notebook", "object at 0x"):
        assert words not in html, words


def test_headings_are_in_the_contents_and_the_contents_point_at_them(html):
    assert re.findall(r'<h[23] id="(s[0-9-]+)"', html) == ["s1", "s1-1"]
    assert re.findall(r'href="#(s[0-9-]+)"', html) == ["s1", "s1-1"]


def test_every_page_carries_the_marks_on_screen_and_on_paper(html):
    body = html[html.index("<body>") :]
    assert '<span class="mark">合成數據</span>' in body
    assert re.search(r'@top-right\{content:"合成數據', html)
    assert "counter(page)" in html


def test_images_have_an_alternative_text(html):
    images = re.findall(r"<img [^>]*>", html)
    assert images
    assert all('alt="&lt;script' in image for image in images)


def embedded(html: str) -> dict[str, set[str]]:
    """Characters of each font that a page carries."""
    found = re.findall(r"font-family:'([^']+)';font-display:block;src:url\(data:font/woff;base64,([^)]+)\)", html)
    return {name: set(map(chr, TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap())) for name, data in found}


def test_the_page_carries_every_character_it_shows(html):
    carried = embedded(html)
    shown = {character for character in "".join(Elements(html).text) if not character.isspace()}
    assert shown <= carried[fonts.SANS]
    assert set("2003年度考核結果一、") <= carried[fonts.SERIF]
    assert "臺" not in carried[fonts.SANS]  # and none that it does not


def test_a_character_that_no_font_of_ours_has_is_left_to_the_reader(tmp_path):
    cell = new_code_cell("", outputs=[new_output("display_data", data={"text/html": "<p>𠀀局</p>"})])
    html = export_html(new_notebook(cells=[cell]), title="𠀀")
    assert "𠀀局" in html
    assert "局" in embedded(html)[fonts.SANS]


@pytest.mark.parametrize("family", fonts.FILES)
def test_a_page_can_copy_outlines_as_they_are(family):
    """No subroutine to resolve and no hint to take out, which would cost seconds in each report."""
    with TTFont(fonts.FILES[family], lazy=True) as font:
        top = font["CFF "].cff.topDictIndex[0]
        assert len(top.GlobalSubrs) == 0
        assert not any(hasattr(part.Private, "Subrs") or hasattr(part.Private, "BlueValues") for part in top.FDArray)
        hints = {"hstem", "vstem", "hstemhm", "vstemhm", "hintmask", "cntrmask"}
        for character in "考核結果2003Ag":
            drawn = top.CharStrings[font.getBestCmap()[ord(character)]]
            drawn.decompile()
            assert not hints & set(map(str, drawn.program))


def test_what_an_edition_leaves_out_is_absent():
    cells = [
        new_code_cell("", outputs=[new_output("stream", name="stdout", text="shared")]),
        new_code_cell("", outputs=[new_output("stream", name="stdout", text="secret")], metadata={"tags": ["working"]}),
        new_code_cell("", outputs=[new_output("stream", name="stderr", text="grumble")]),
    ]
    html = export_html(new_notebook(cells=cells), title="2003", leave_out={"working"})
    assert "shared" in html
    assert "secret" not in html
    assert "grumble" not in html
    assert "secret" in export_html(new_notebook(cells=cells), title="2003")


def test_only_a_page_in_chinese_counts_its_sections_in_chinese():
    """A catalogue of a language more needs no style sheet: its sections are 1., 2., 3."""
    rules = re.findall(
        r"^(.*) \{ content: (.*?);", (TEMPLATES / "appraisal" / "page.css").read_text("utf-8"), re.MULTILINE
    )
    counted = [(selector, "chinese" in content) for selector, content in rules if "counter(" in content]
    chinese = [selector.startswith(":lang(zh) ") for selector, _ in counted]
    assert [in_chinese for _, in_chinese in counted] == chinese
    assert sum(chinese) == 3 == len(counted) - sum(chinese)


def test_a_plain_image_takes_its_alternative_text_from_output_or_cell():
    data = {"image/png": "iVBORw0KGgo=\n"}
    cells = [
        new_code_cell("", outputs=[new_output("display_data", data=data, metadata={"alt": "<一>"})]),
        new_code_cell("", outputs=[new_output("display_data", data=data)], metadata={"alt": "二"}),
    ]
    html = export_html(new_notebook(cells=cells), title="2003")
    assert re.findall(r'alt="([^"]*)"', html) == ["&lt;一&gt;", "二"]


def test_plain_nbconvert_knows_the_exporter(executed, tmp_path):
    from nbconvert.exporters import get_exporter

    from appraisal.reporting.page import ReportExporter

    html, _ = ReportExporter().from_filename(str(executed[1] / "out.ipynb"))
    assert "<title>out</title>" in html
    assert get_exporter("appraisal.reporting.page.ReportExporter") is ReportExporter
