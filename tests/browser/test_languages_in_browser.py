"""The pages of 2003 in the other two languages: what each edition says and never says, and how a browser shows it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
import told
from chromium import opened

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


@pytest.mark.parametrize(
    ("edition", "lang"),
    [
        ("annual_report", "zh-Hant"),
        ("working_report", "zh-Hant"),
        ("annual_report", "zh-Hans"),
        ("annual_report", "en"),
        ("working_report", "en"),
    ],
)
def test_nothing_is_in_the_way_of_assistive_technology(browser, page_of, edition, lang):
    axe = pytest.importorskip("axe_playwright_python")
    page = opened(browser, page_of(edition, lang))
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_another_language_asks_nothing_and_fits_a_telephone(browser, page_of, edition, lang):
    file = page_of(edition, lang)
    page = opened(browser, file, 360)
    assert [line for line in page.said if not line.startswith("data:")] == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 600)")
