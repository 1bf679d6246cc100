"""The page of one department: its own points, its rules, its distances, and nobody else's score."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
import years
from click.testing import CliRunner

from appraisal.analysis.margins import cutoff_lines
from appraisal.cli import main
from appraisal.errors import AppraisalError
from appraisal.reading.vocabulary import shown
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.why import find_department, rule_sentences, why_page, why_text
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import LANGUAGES

DATA = Path(__file__).parents[1] / "data"
IMPRINT = Imprint(2003, "draft", "K7M29RTX", synthetic=True)
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}} {0} $\\LaTeX$ \u202e" + "長" * 80]


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(DATA / "2003"))


def text_of(page):
    """The text of a page as a reader sees it."""
    body = page[page.index("<body>") :]
    return unescape(re.sub("<[^>]*>", "\n", body))


@pytest.mark.parametrize("department", ["jiguangongwei", "guangdian", "minzheng", "unnamed44"])
def test_no_other_department_stands_on_it(appraised, department):
    text = text_of(why_page(appraised, department, IMPRINT))
    scorecard = appraised.scorecard
    own = scorecard.loc[department]
    others = scorecard.drop(index=department)
    # A shorter name may stand inside the department's own.
    assert [name for name in others["name"] if name in text.replace(own["name"], "")] == []
    for component in (*appraised.rules.components, "composite"):
        assert f"{own[component]:.2f}" in text
    figures = set(re.findall(r"\d+\.\d\d(?!\d)", text))
    group = scorecard[(scorecard["group"] == own["group"])]
    parts = ["functional_panel", "leaders", *appraised.rules.components, "composite"]
    quartiles = {f"{group[part].quantile(share):.2f}" for part in parts for share in (0.25, 0.5, 0.75)}
    deductions = appraised.year.deductions
    deducted = {f"{points:.2f}" for points in deductions.loc[deductions["department"] == department, "points"]}
    allowed = {f"{own[part]:.2f}" for part in parts} | quartiles | deducted | {f"{own['deducted']:.2f}"}
    assert figures <= allowed
    for word in ("考評員", "穩固", "臨界", "份額"):
        assert word not in text


def test_a_distance_does_not_give_a_score_away(appraised):
    """Two years that differ in the score across the line by less than a step tell the department the same."""
    line = cutoff_lines(appraised).set_index(["group", "tier"]).loc[("service", "advanced")]
    text = text_of(why_page(appraised, line["upper"], IMPRINT))
    assert line["gap"] == pytest.approx(0.54)
    assert re.search(r"第8｜9名\s+線上\s+0\.5至1分", text)
    assert "0.54" not in text


@pytest.mark.parametrize(
    ("department", "said"),
    [
        ("jiguangongwei", "退出最佳辦事單位行列，列為先進部門"),
        ("nongye", "作為本組第4名參加各類別第4名的比較"),
        ("minzheng", "定為誡勉單位"),
        ("weiban", "屬最佳辦事單位的名次區間"),
        ("unnamed44", "不在前三個等次的名次區間之內"),
    ],
)
def test_each_rule_that_touched_it_is_told(appraised, department, said):
    assert any(said in sentence for sentence in rule_sentences(appraised, department))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_decision_has_its_words(tmp_path, lang):
    """A year with a tie by key and by ruling, a withdrawal, an admonition spared, a seat, a committee's word."""
    tables = years.small_tables(
        panel={"S02": 0.9, "S03": 0.9}, led={"S02": 90, "S03": 90}, social={"S02": "滿意", "S03": "滿意"}
    )
    tables["deductions"] = tables["deductions"].iloc[:0]
    rows = [
        ("tie", "S02", "1", "r", "b", ""),
        ("tie", "S03", "2", "r", "b", ""),
        ("withdraw", "S01", "best", "r", "b", ""),
        ("admonish", "L06", "no", "r", "b", ""),
        ("committee", "E05", "good", "r", "b", ""),
    ]
    tables["rulings"] = tables["rulings"].reindex(range(len(rows)))
    tables["rulings"].loc[:] = rows
    small = appraise(load_year(years.write_year(tmp_path / "2003", tables, years.rulebook({"lang": f'"{lang}"'}))))
    codes = {decision.code for decision in small.decisions}
    assert {"tie_by_ruling", "withdrew", "spared", "committee"} <= codes
    for department in small.scorecard.index:
        touched = [decision for decision in small.decisions if department in decision.departments]
        sentences = rule_sentences(small, department)
        assert len(sentences) == 1 + len(touched)
        assert why_text(small, department).endswith(sentences[-1] + "\n")


def test_a_small_group_has_no_quartiles(tmp_path):
    small = appraise(load_year(years.write_year(tmp_path / "2003", rulebook=years.rulebook({"lang": '"zh-Hant"'}))))
    text = text_of(why_page(small, "S02", IMPRINT))
    assert "中位數" not in text
    assert "本組部門少於8個" in text


def test_a_department_outside_competition_has_points_and_no_rank(tmp_path):
    changes = {"lang": '"zh-Hant"', "competition.outside": '["E01"]', "tiers.on_quota_mismatch": '"keep_pool"'}
    small = appraise(load_year(years.write_year(tmp_path / "2003", rulebook=years.rulebook(changes))))
    text = text_of(why_page(small, "E01", IMPRINT))
    assert "不參加評比" in text
    assert "本組沒有等次界線" in text


def test_a_department_is_found_by_code_or_exact_name_and_near_ones_are_named(appraised):
    assert find_department(appraised, "jiaoyu") == find_department(appraised, "市教育局") == "jiaoyu"
    with pytest.raises(AppraisalError, match="市教育局"):
        find_department(appraised, "市教育")
    with pytest.raises(AppraisalError, match="2003"):
        find_department(appraised, "x")


@pytest.fixture
def hostile(tmp_path):
    """A year in which the department S01 has hostile words wherever words may stand."""
    tables = years.small_tables(8)
    tables["departments"].loc[:2, "name"] = HOSTILE
    first = tables["deductions"].iloc[0].to_dict() | {"department": "S03", "points": 0.1}
    tables["deductions"] = pd.DataFrame(
        [first | {"note": HOSTILE[day % 3], "date": f"2003-05-{day:02}"} for day in range(1, 21)]
    )
    changes = {"lang": '"zh-Hant"', "tiers.on_quota_mismatch": '"keep_pool"'}
    return appraise(load_year(years.write_year(tmp_path / "2003", tables, years.rulebook(changes))))


def test_hostile_words_are_text(hostile):
    for number, department in enumerate(("S01", "S02", "S03")):
        page = why_page(hostile, department, IMPRINT)
        assert "<script" not in page
        assert "<img" not in page
        assert shown(HOSTILE[number]) in unescape(page)
        assert "\u202e" not in page


@pytest.mark.needs_program("chromium", "pdftotext")
def test_it_prints_on_one_page(program, appraised, hostile, tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api")
    pages = [why_page(appraised, department, IMPRINT) for department in ("unnamed44", "jiguangongwei")]
    pages.append(why_page(hostile, "S03", IMPRINT))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        tab = browser.new_context(viewport={"width": 360, "height": 700}).new_page()
        said = []
        tab.on("console", lambda message: said.append(message.text))
        for page in pages:
            (tmp_path / "why.html").write_text(page, encoding="utf-8")
            tab.goto((tmp_path / "why.html").as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= 360
            tab.pdf(path=tmp_path / "why.pdf", prefer_css_page_size=True)
            printed = subprocess.run([program("pdftotext"), tmp_path / "why.pdf", "-"], capture_output=True, check=True)
            assert printed.stdout.count(b"\f") == 1
        browser.close()
    assert said == []


def test_the_command_writes_the_page(tmp_path):
    out = tmp_path / "why.html"
    result = CliRunner().invoke(main, ["why", "2003", "市教育局", "--data", str(DATA), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "市教育局" in out.read_text(encoding="utf-8")
    result = CliRunner().invoke(main, ["why", "2003", "市教育", "--data", str(DATA)])
    assert result.exit_code == 1
    assert "市教育局" in result.output
