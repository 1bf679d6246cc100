"""Every piece a page can have in a real Chromium with the network cut: nothing asked, all drawn, every width; on paper.

What is asked of both editions in every language stands in `test_languages_in_browser.py`.
"""

from __future__ import annotations

import re
import subprocess

import pandas as pd
import pytest
from chromium import fonts_of, opened, reached_by_keyboard
from nbformat.v4 import new_code_cell, new_notebook, new_output

from appraisal.reporting import charts, layout
from appraisal.reporting.page import export_html

TIERS = {"best": "最佳辦事單位", "advanced": "先進", "good": "良好", "ordinary": "一般", "admonished": "誡勉"}
HEADS = ["名次", "部門", "職能目標", "共性目標", "社會評議", "綜合考評得分", "等次"]


def scorecard() -> pd.DataFrame:
    tier = ["best"] * 3 + ["advanced"] * 5 + ["good"] * 8 + ["ordinary"] * 15 + ["admonished"]
    return pd.DataFrame(
        {
            "rank": pd.array(range(1, 33), dtype="Int64"),
            "name": [f"市經濟體制改革委員會第{number}辦公室" for number in range(1, 33)],
            "functional": [45.125] * 32,
            "common": [24.0] * 32,
            "social": [16.5] * 32,
            "composite": [91 - 0.1 * place for place in range(32)],
            "tier": tier,
        }
    )


@pytest.fixture(scope="module")
def made_up_page(tmp_path_factory):
    """Every piece a page can have, with long names."""
    scores = scorecard()
    lines = pd.DataFrame({"above": [3, 8, 16], "below": [4, 9, 17], "gap": [0.1, 0.1, 0.1]})
    heads = dict(zip(scores.columns, HEADS, strict=True))
    shown = layout.pieces(
        [
            layout.heading("考核結果〔2004〕"),
            layout.paragraph("第3與第4名僅差0.05分，執法監察組最近。", kind="lead"),
            layout.key_figures({"參加考核部門": "96", "社會評議回收率": "90.75%"}),
            *(layout.tier_list(tier, scores["name"][:9], label=label, count="共9個") for tier, label in TIERS.items()),
            layout.heading("各組得分"),
            layout.heading("綜合服務部門", 3),
            layout.chart(charts.plot_score_distribution(scores, lines), alt="得分", caption="得分", synthetic=True),
            layout.table(scores.rename(columns=heads), caption="得分表", synthetic=True, badges={"等次": TIERS}),
            layout.table(pd.concat([scores] * 3).rename(columns=heads), caption="全部部門", synthetic=True),
            layout.details({"panel_ballots.csv": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}),
        ]
    )
    cell = new_code_cell("", outputs=[new_output("display_data", data={"text/html": shown.html})])
    title = "2003年度市級機關作風建設和目標責任制考核報告"
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(export_html(new_notebook(cells=[cell]), title=title, marks=["合成數據"]), encoding="utf-8")
    return file


def test_no_request_and_no_message(browser, made_up_page):
    page = opened(browser, made_up_page)
    said = [line for line in page.said if not line.startswith("data:")]
    assert said == [made_up_page.as_uri()]


def test_every_character_is_drawn_by_the_fonts_of_the_page(browser, made_up_page):
    used, characters = fonts_of(opened(browser, made_up_page))
    assert used == {("Appraisal Sans", True), ("Appraisal Serif", True)}
    assert characters > 100


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_page_is_never_wider_than_the_screen(browser, made_up_page, width):
    page = opened(browser, made_up_page, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_are_drawn(browser, made_up_page):
    page = opened(browser, made_up_page)
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 600)")


def test_the_keyboard_reaches_contents_and_what_scrolls(browser, made_up_page):
    page = opened(browser, made_up_page, 360)
    reached = reached_by_keyboard(page)
    assert reached[0] == "skip"
    assert {"#s1", "#s2", "paper", "table"} <= set(reached)
    assert any(re.fullmatch(r"#s\d-1", str(name)) for name in reached)


@pytest.fixture(scope="session")
def working_2003(report_2003):
    return report_2003.with_name("working_report.html")


@pytest.fixture(scope="module", params=["made_up_page", "report_2003", "working_2003"])
def page_file(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, page_file, scheme):
    page = opened(browser, page_file, color_scheme=scheme)
    weak = page.evaluate(
        """() => {
          const light = text => {
            const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3)
              .map(value => value / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = light(getComputedStyle(document.body).backgroundColor);
          return [...document.querySelectorAll('body *')].filter(node =>
            !node.closest('[aria-hidden], .paper, .skip') && [...node.childNodes].some(c => c.nodeType == 3 && c.data.trim())
          ).filter(node => {
            const own = light(getComputedStyle(node).color);
            return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05) < 4.5;
          }).map(node => node.className + ': ' + node.textContent.slice(0, 20));
        }"""
    )
    assert weak == []


@pytest.mark.needs_program("pdftotext")
def test_on_paper_each_page_has_its_number_its_marks_and_no_cut_chart(browser, page_file, tmp_path, program):
    page = opened(browser, page_file)
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    out = subprocess.run(
        [program("pdftotext"), "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = out.rstrip("\f\n").split("\f")
    assert 4 <= len(pages) <= 90
    # every page with rows of a table has its head
    rows = [text for text in pages if len(re.findall(r"4\d\.\d\d +2\d\.\d\d +", text)) > 1]
    assert len(rows) >= (0 if "呈閱本" in out else 3)  # points by component stand in the working edition
    assert all("職能" in text for text in rows)
    for number, text in enumerate(pages, start=1):
        assert re.search(rf"—\s*{number}\s*—", text), text
        assert "合成數據" in text
        # Nor does it begin with what is to be read with the chart of the page before.
        assert not [line for line in text.splitlines() if line.strip()][1].startswith(("怎麼看這張圖", "相等。"))
    # The office's edition begins with a page of contents, that for leadership with the result.
    assert [number for number, text in enumerate(pages) if "目錄" in text] == ([0] if "內部工作稿" in out else [])
    height = page.evaluate(
        "(() => { const image = document.images[0]; return image.naturalHeight / image.naturalWidth })()"
    )
    assert height * 172 < 257  # mm: a chart for 32 departments goes on one page


@pytest.mark.needs_program("pdftotext")
def test_on_paper_a_fold_is_there_if_it_was_opened(browser, tmp_path, program):
    badge = layout.tier_badge("good", "良好")
    shown = layout.pieces(
        [
            layout.heading("部門檔案"),
            layout.paragraph("點開即見。", kind="note on-screen"),
            layout.paragraph("在屏幕上查看。", kind="note on-paper"),
            layout.heading("服務部門", 3),
            *(layout.fold(f"第{rank}名", badge, [layout.paragraph(f"得分{rank}")]) for rank in (1, 2)),
            layout.heading("其他", 3),
        ]
    )
    cell = new_code_cell("", outputs=[new_output("display_data", data={"text/html": shown.html})])
    file = tmp_path / "folds.html"
    file.write_text(export_html(new_notebook(cells=[cell]), title="考核"), encoding="utf-8")
    page = opened(browser, file)
    assert not page.get_by_text("在屏幕上查看。").is_visible()
    assert page.get_by_text("點開即見。").is_visible()

    def printed() -> set[str]:
        page.pdf(path=tmp_path / "folds.pdf", prefer_css_page_size=True)
        out = subprocess.run(
            [program("pdftotext"), tmp_path / "folds.pdf", "-"], capture_output=True, text=True, check=True
        )
        told = re.sub(r"\s", "", out.stdout.rpartition("部門檔案")[2])
        words = ("點開即見", "在屏幕上查看", "服務部門", "第1名", "得分1", "第2名", "得分2", "其他")
        return {word for word in words if word in told}

    assert printed() == {"在屏幕上查看", "其他"}
    page.locator("summary").first.click()
    assert printed() == {"點開即見", "在屏幕上查看", "服務部門", "第1名", "得分1", "其他"}


@pytest.mark.needs_program("pdftotext")
def test_the_leadership_edition_is_a_first_page_of_its_own_and_twelve_pages_at_most(
    browser, report_2003, tmp_path, program
):
    page = opened(browser, report_2003)
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    out = subprocess.run(
        [program("pdftotext"), "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    first, *others = out.rstrip("\f\n").split("\f")
    assert len(others) <= 11
    # The result in the order of the notice, then the findings; and the page ends with them.
    parts = ["考核結果", "最佳辦事單位", "先進部門", "良好部門", "誡勉單位", "一般部門", "要點"]
    places = [first.index(part) for part in parts]
    assert places == sorted(places)
    assert "各類別得分分佈" in others[0]
    assert "要點" not in others[0]
