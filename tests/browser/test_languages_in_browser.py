"""The pages of 2003 in the other two languages: what each edition says and never says, and how a browser shows it."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

import pytest
import told
from chromium import FOCUSABLE, fonts_of, opened, reached_by_keyboard

from appraisal.words import catalogue

FOLDER = Path(__file__).parents[2] / "data" / "2003"
EDITIONS = ("annual_report", "working_report")
# Headings, by their keys, of what the office alone may see.
WORKING = (
    "anomalies.agreement.title",
    "anomalies.families.title",
    "anomalies.flags.title",
    "dossiers.title",
    "drivers.title",
    "lines.ballots.title",
    "lines.least.title",
    "nonresponse.title",
    "repeatability.title",
    "report.decisions.clauses",
    "report.groups.scorecards",
    "report.provenance.title",
    "sensitivity.omission.title",
    "sensitivity.ranks.title",
    "sensitivity.shares.title",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("languages")
    for lang in ("zh-Hans", "en"):
        for edition, page in told.pages(FOLDER, lang).items():
            (folder / f"{edition}.{lang}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def page_of(written, report_2003):
    """The file of an edition in a language."""

    def page_of(edition: str, lang: str) -> Path:
        return report_2003.with_name(f"{edition}.html") if lang == "zh-Hant" else written / f"{edition}.{lang}.html"

    return page_of


@pytest.mark.parametrize("lang", told.NEVER)
def test_the_leadership_never_reads_a_word_that_judges(page_of, lang):
    source = re.sub(
        r'src="data:[^"]*"|<style.*?</style>', "", page_of("annual_report", lang).read_text("utf-8"), flags=re.DOTALL
    )
    assert len(source) > 15_000
    assert re.findall(f".{{0,30}}(?:{told.NEVER[lang]}).{{0,30}}", unescape(source), re.IGNORECASE) == []


@pytest.mark.parametrize("lang", told.NEVER)
def test_what_the_leadership_may_not_see_is_not_in_its_file(page_of, lang):
    leadership, working = (unescape(page_of(edition, lang).read_text("utf-8")) for edition in EDITIONS)
    words = catalogue(lang)
    juror = words.say("anomalies.agreement.juror")
    secrets = [f">{words.say(key)}</h" for key in WORKING] + ['<details class="fold"', f'<th scope="col">{juror}</th>']
    assert [secret for secret in secrets if secret not in working] == []
    assert [secret for secret in secrets if secret in leadership] == []


@pytest.mark.parametrize("lang", told.NEVER)
def test_each_edition_stays_under_three_megabytes_with_all_dossiers(page_of, lang):
    for edition in EDITIONS:
        assert page_of(edition, lang).stat().st_size < 3_000_000
    assert page_of("working_report", lang).read_text("utf-8").count('<details class="fold"') == 96


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_page_in_another_language_is_in_that_language(page_of, lang):
    source = page_of("annual_report", lang).read_text("utf-8")
    assert f'<html lang="{lang}">' in source
    title = {
        "zh-Hans": "2003年度市级机关作风建设和目标责任制考核",
        "en": "Appraisal of the municipal departments, 2003",
    }
    assert f"<h1>{title[lang]}</h1>" in source
    # Names are not converted.
    assert "市委老干部局" in source
    assert "很滿意" not in unescape(source)


@pytest.fixture(scope="module", params=[(edition, lang) for lang in told.NEVER for edition in EDITIONS], ids="-".join)
def shown(request, browser, written, report_2003):
    """A page of an edition in a language, opened once on a telephone for what follows; and its file."""
    edition, lang = request.param
    folder, name = (report_2003.parent, edition) if lang == "zh-Hant" else (written, f"{edition}.{lang}")
    page = opened(browser, folder / f"{name}.html", 360)
    yield page
    page.context.close()


def test_no_request_and_no_message(shown):
    assert [line for line in shown.said if not line.startswith("data:")] == [shown.url]


def test_the_page_is_never_wider_than_the_screen(shown):
    for width in (1440, 768, 360):
        shown.set_viewport_size({"width": width, "height": 900})
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        if width == 1440 and "annual_report" in shown.url:  # what a mayor reads at a desk shows every column
            cut = (
                "[...document.querySelectorAll('.table')].filter(table => table.scrollWidth > table.clientWidth).length"
            )
            assert shown.evaluate(cut) == 0
    assert shown.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 600)")


def test_the_keyboard_alone_reaches_everything_and_opens_a_dossier(shown):
    reached = reached_by_keyboard(shown)
    assert reached[0] == "skip"
    assert {"#s1", "#s2", "paper", "table"} <= set(reached)
    left = shown.locator(f"{FOCUSABLE}:not([data-reached])")
    assert [left.nth(at).evaluate("node => node.outerHTML.slice(0, 80)") for at in range(left.count())] == []
    if shown.locator("summary").count():
        shown.locator("summary").first.focus()
        shown.keyboard.press("Enter")
        assert shown.locator("details[open]").count() == 1


def test_every_character_is_drawn_by_the_fonts_of_the_page(shown):
    used, characters = fonts_of(shown)
    assert used == {("Appraisal Sans", True), ("Appraisal Serif", True)}
    assert characters > 200


def test_nothing_is_in_the_way_of_assistive_technology(shown):
    axe = pytest.importorskip("axe_playwright_python")
    # Every dossier is built like the first; ninety more make the engine slow and say nothing new.
    shown.evaluate("[...document.querySelectorAll('details.fold')].slice(3).forEach(fold => fold.remove())")
    shown.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = shown.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.needs_program("pdftotext")
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_on_paper_the_leadership_edition_is_a_first_page_of_its_own_and_twelve_at_most(
    browser, page_of, lang, tmp_path, program
):
    opened(browser, page_of("annual_report", lang)).pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    out = subprocess.run(
        [program("pdftotext"), "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    first, *others = out.rstrip("\f\n").split("\f")
    words = catalogue(lang)
    assert words.say("report.opening.title") in first
    assert words.say("report.groups.title") in others[0]
    assert len(others) <= 11
    # No page is empty but for its head and foot; on a page that a chart fills stand its caption and a note.
    assert min(len("".join(page.split())) for page in others) > 120
