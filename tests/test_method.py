"""The method: no analysis is missing, every formula is drawn, the public part names nobody and fits on two pages."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import nbformat
import pytest
import years
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook, new_output
from told import NEVER

from appraisal.analysis import process
from appraisal.analysis.flags import Settings, judge
from appraisal.cli import main
from appraisal.office.method import publish_method
from appraisal.office.snapshot import take
from appraisal.reporting import method_public
from appraisal.reporting.fonts import SERIF, drawn_characters, undrawn
from appraisal.reporting.imprint import METHOD, PUBLIC, Edition
from appraisal.reporting.method import carried, formula, methods
from appraisal.reporting.overview import method_links
from appraisal.reporting.page import export_html
from appraisal.reporting.record import rules_table
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.translated import translated
from appraisal.words import LANGUAGES, catalogue, fold

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "method.ipynb"
FEW = {"draws": 100}
QUESTIONS = 6


def cells_of(names: dict[str, object], tagged: Callable[[list[str]], bool] = lambda tags: True) -> list:
    """Outputs of the notebook's cells, run here in `names`, which say where the year is: no kernel, few draws."""
    cells, given = [], {**FEW, **names}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not tagged(tags):
            continue
        *before, last = ast.parse(cell.source).body
        shows = isinstance(last, ast.Expr)
        exec(compile(ast.Module(before if shows else [*before, last], []), "cell", "exec"), names)
        if "parameters" in tags:
            names |= given
        if shows:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            output = new_output("display_data", data={"text/html": shown.html})
            cells.append(new_code_cell("", metadata={"tags": tags}, outputs=[output]))
    return cells


def text_of(page: str) -> str:
    return unescape(re.sub("<[^>]*>", "\n", page[page.index("<body>") :]))


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, str]:
    reports = tmp_path_factory.mktemp("reports")
    pages = publish_method(take(ROOT / "data" / "2003", FEW), reports)
    assert sorted(path.name for path in reports.iterdir() if not path.name.startswith(".")) == [
        "method.html",
        "method_public.html",
    ]
    return {path.stem: path.read_text(encoding="utf-8") for path in pages}


def exported(cells: list, edition: Edition, lang: str) -> str:
    words = catalogue(lang)
    title, mark = (words.say(f"{edition.name}.{what}") for what in ("title", "mark"))
    node = new_notebook(cells=cells)
    return export_html(node, title=title, lang=lang, marks=[mark], leave_out=[edition.leave_out])


@pytest.fixture(scope="module")
def here() -> tuple[list, dict[str, object]]:
    """The cells of the same year, run in this process, and what they left behind."""
    names: dict[str, object] = {"year": 2003, "data": str(ROOT / "data")}
    return cells_of(names), names


@pytest.fixture(scope="module")
def public(published, here) -> dict[str, str]:
    """The public part by language; what stands in simplified script is as long as in traditional."""
    names = here[1] | {"appraised": appraise(translated(here[1]["appraised"].year, "en"))}
    english = exported(cells_of(names, lambda tags: "public" in tags), PUBLIC, "en")
    traditional = published["method_public"]
    return {"zh-Hant": traditional, "zh-Hans": fold(traditional), "en": english}


def test_the_public_part_counts_jurors_without_a_home_as_not_checked(here):
    appraised = here[1]["appraised"]
    jurors = appraised.year.jurors
    none = judge(appraised, process.tests(appraised, Settings()), Settings())
    said = {}
    for given in (len(jurors), 3, 0):
        year = replace(
            appraised.year, jurors=jurors.assign(home=[*jurors["home"][:given], *[""] * (len(jurors) - given)])
        )
        said[given] = text_of("<body>" + method_public.talked(replace(appraised, year=year), none).html)
    assert f"已填所在部門的{len(jurors)}人" in said[len(jurors)]
    assert "未填所在部門" not in said[len(jurors)]
    assert "已填所在部門的3人" in said[3]
    assert f"{len(jurors) - 3}人未填所在部門" in said[3]
    assert "逐條核對" not in said[0]
    assert f"{len(jurors)}人未填所在部門" in said[0]


def public_functions() -> list[str]:
    return [
        f"{room}.{path.stem}.{node.name}"
        for room in ("scoring", "analysis")
        for path in sorted((ROOT / "appraisal" / room).glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def test_every_public_function_of_scoring_and_analysis_is_named_once():
    """A new analysis has its formula, assumptions and source in `methods.toml`, or it is not done."""
    named = [*carried(), *(function for method in methods().values() for function in method.functions)]
    public = public_functions()
    assert [function for function in public if function not in named] == []
    assert [function for function in named if function not in public or named.count(function) > 1] == []


def test_every_method_is_shown_once_and_has_its_words():
    source = "\n".join(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
    assert re.findall(r'^entry\(\s*"(\w+)"', source, flags=re.MULTILINE) == list(methods())
    for lang in LANGUAGES:
        words = catalogue(lang)
        said = {key.split(".")[2] for key in words.phrases if key.startswith("method.entries.")}
        assert said == set(methods())


def test_every_rule_that_a_method_reads_is_one_of_the_rulebook():
    rules = load_year(ROOT / "data" / "2003").rules
    for method in methods().values():
        assert all(rules.basis_of(key) for key in method.rules), method.name
        assert method.rules or method.sources or method.name in ("lines", "sweep", "least_changes", "ballots")


@pytest.mark.parametrize("name", methods())
def test_a_formula_is_read_whole_and_drawn_by_the_fonts_of_the_page(name):
    for latex in methods()[name].formulas:
        html = formula(latex).html
        text = unescape(re.sub("<[^>]*>", "", html))
        # A command that the converter does not know is left as it is; a root needs a font for mathematics.
        assert "\\" not in text
        assert "<msqrt" not in html
        assert set(text) - {" "} <= drawn_characters(SERIF)


def test_a_formula_that_cannot_be_read_is_found():
    assert "\\" in unescape(re.sub("<[^>]*>", "", formula(r"x\inF").html))


def test_the_pages_say_nothing_that_the_other_one_should(published):
    assert published["method"].count("<math") == sum(len(method.formulas) for method in methods().values())
    assert "<math" not in published["method_public"]
    words = catalogue("zh-Hant")
    for question in ("talked", "weights", "unseen"):
        title = words.say(f"method_public.{question}.title")
        assert title in published["method_public"]
        assert title not in published["method"]


@pytest.mark.parametrize("edition", ["method", "method_public"])
def test_no_department_and_no_score_stands_on_a_page(published, edition):
    appraised = appraise(load_year(ROOT / "data" / "2003"))
    text = text_of(published[edition])
    assert [name for name in appraised.scorecard["name"] if name in text] == []
    if edition == "method_public":
        scores = {f"{value:.2f}" for value in appraised.scorecard["composite"]}
        assert set(re.findall(r"\d\d\.\d\d", text)) & scores == set()


def test_the_public_part_answers_six_questions_and_judges_nobody(public):
    for lang, page in public.items():
        text, phrases = text_of(page), catalogue(lang).phrases
        assert page.count("<h2 id=") == QUESTIONS + page.count('<h2 id="contents"')
        assert re.findall(NEVER[lang], text) == []
        assert [key for key in phrases if key.startswith("method") and re.search(NEVER[lang], phrases[key])] == []
        assert undrawn(text) == ""
        assert "{" not in text


def test_the_public_part_counts_the_rules_that_the_report_lists(public, here):
    listed = rules_table(here[1]["appraised"].rules)["來源"].tolist()
    total, assumed = map(int, re.search(r"規則共(\d+)項取值，(\d+)項是通報未說", text_of(public["zh-Hant"])).groups())
    assert (total, assumed) == (len(listed), listed.count("假定"))


def test_the_same_year_gives_the_same_page(published, here):
    """From a kernel of its own and from this process, whose hashes differ."""
    for edition in (METHOD, PUBLIC):
        page = exported(here[0], edition, "zh-Hant")
        body = page[page.index("<main") : page.index("</main>")]
        assert body in published[edition.name]


def test_a_small_year_with_counted_forms_has_its_public_part(tmp_path):
    """Panels too small to be tested, nobody knows how many forms came back; names and labels are text, or not there."""
    tables = years.small_tables()
    tables["departments"]["name"] = "Ω" + tables["departments"]["department"]
    tables["social_counts"] = years.counted(tables.pop("social_ballots"))
    changes = {"lang": '"zh-Hant"', "tiers.on_quota_mismatch": '"keep_pool"', "labels.components.social": '"<b>評"'}
    folder = years.write_year(tmp_path / "2003", tables, years.rulebook(changes))
    names = {"year": 2003, "data": str(folder.parent)}
    page = exported(cells_of(names, lambda tags: "formulas" not in tags), PUBLIC, "zh-Hant")
    assert "<b>評" not in page
    text = text_of(page)
    assert "<b>評" in text
    assert "Ω" not in text
    assert "nan" not in text
    assert "不記載交回多少" in text
    assert "不計算信度" in text


def test_nothing_is_asked_of_a_network(published, public):
    for page in [*published.values(), *public.values()]:
        asked = re.findall(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)|url\(\s*["']?([^"')]+)""", page)
        assert [a or b for a, b in asked if not (a or b).startswith(("data:", "#"))] == []
        assert "<script" not in page


@pytest.mark.needs_program("chromium", "pdftotext")
def test_it_prints_on_two_pages_and_the_formulas_are_drawn(program, published, public, tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        tab = browser.new_context(viewport={"width": 360, "height": 700}).new_page()
        said, asked = [], []
        tab.on("console", lambda message: said.append(message.text))
        tab.on("request", lambda request: asked.append(request.url))
        for lang, page in public.items():
            (tmp_path / "page.html").write_text(page, encoding="utf-8")
            tab.goto((tmp_path / "page.html").as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= 360
            tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
            printed = subprocess.run(
                [program("pdftotext"), tmp_path / "page.pdf", "-"], capture_output=True, check=True
            )
            assert printed.stdout.count(b"\f") == 2, lang
        (tmp_path / "page.html").write_text(published["method"], encoding="utf-8")
        tab.goto((tmp_path / "page.html").as_uri())
        drawn = tab.eval_on_selector_all("math", "all => all.map(m => m.getBoundingClientRect().height)")
        assert drawn
        assert min(drawn) > 12
        # Fractions stand one over the other: the browser knows MathML.
        tall = tab.eval_on_selector_all("mfrac", "all => all.map(m => m.getBoundingClientRect().height)")
        assert min(tall) > 1.2 * min(drawn)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        browser.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}


def test_the_index_leads_to_the_pages():
    html = method_links(["method.html", "method_public.en.html"], "zh-Hant").html
    assert '<a href="method.html">方法說明</a>' in html
    assert '<a href="method_public.en.html">Questions about the appraisal</a>' in html
    assert method_links([], "en").html == ""


def test_a_year_that_is_wrong_has_no_pages(tmp_path):
    tables = years.small_tables()
    tables["bands"] = tables["bands"].iloc[1:]
    years.write_year(tmp_path / "2003", tables, years.rulebook({}))
    reports = tmp_path / "reports"
    result = CliRunner().invoke(main, ["method", "2003", "--data", str(tmp_path), "--reports", str(reports)])
    assert result.exit_code == 1, result.output
    assert not list(reports.glob("*.html"))
