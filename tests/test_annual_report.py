"""The annual report of 2003 from the bundled data: what it names, what it never shows, and the same bytes twice."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import years
from test_notice_2003 import LISTS

from appraisal.errors import RunError
from appraisal.exploring.choices import official_choices, save_choices
from appraisal.exploring.cutoffs import outcome, told
from appraisal.exploring.sheet import save_sheet
from appraisal.office import snapshot
from appraisal.office.report import report
from appraisal.reporting import record
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "data" / "2003"


@pytest.fixture(scope="module")
def html(report_2003) -> str:
    return report_2003.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(html) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="data:[^"]*"|<style.*?</style>', "", html, flags=re.DOTALL)))


@pytest.mark.parametrize("tier", LISTS)
def test_each_tier_is_named_as_the_notice_names_it(html, tier):
    section = re.search(rf'<section class="tier-list {tier}">(.*?)</section>', html, re.DOTALL)[1]
    named = [unescape(name) for name in re.findall(r"<li>(.*?)</li>", section)]
    assert named == LISTS[tier].split("、")
    assert f"共{len(named)}個" in section


def test_the_withdrawal_is_told_as_the_notice_tells_it(text):
    assert "市級機關工委進入最佳辦事單位行列" in text
    assert "退出最佳辦事單位行列" in text


def test_it_says_that_scores_are_synthetic_beside_every_table_and_chart(html):
    captions = re.findall(r"<caption>(.*?)</caption>", html)
    assert [caption for caption in captions if "合成數據" not in caption] == ["規則逐項及其依據"]
    assert len(captions) > 5
    assert "全部得分、評議票、扣分和記錄均為合成數據" in html
    assert "草稿" in html


def test_each_edition_shows_its_cells_and_carries_year_state_and_version(report_2003, html):
    working = (report_2003.parent / "working_report.html").read_text(encoding="utf-8")
    code = re.search(r"版本 ([2-9HKMRTWXY]{8})<", html)[1]
    for page, edition in ((html, "呈閱本"), (working, "內部工作稿")):
        (paper,) = re.findall(r'@top-right\{content:"(.*?)"', page)
        for mark in ("合成數據", "2003年度", "草稿", edition, f"版本 {code}"):
            assert mark in paper
            assert f'<span class="mark">{mark}</span>' in page
    notebook = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4)
    assert {"working"} <= {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert "重抽樣中各等次的比例" in working
    assert "重抽樣中各等次的比例" not in html
    assert "內部工作稿" not in html


def test_facts_and_assumptions_are_told_apart(text):
    assert "通報沒有說明，由本項目假定" in text
    total, notice, assumed = map(int, re.search(r"規則共(\d+)項，其中取自通報(\d+)項，假定(\d+)項", text).groups())
    assert total == notice + assumed
    assert min(notice, assumed) > 10
    assert "由領導小組決定" not in text


def test_what_the_leading_group_decided_is_told_as_that(tmp_path):
    folder = shutil.copytree(ROOT / "data" / "2003", tmp_path / "2003")
    file = folder / "rulebook.toml"
    file.write_text(
        re.sub(r'(?m)^"weights" = ".*"$', '"weights" = "decided: 會議紀要第3號"', file.read_text("utf-8")), "utf-8"
    )
    appraised = appraise(load_year(folder))
    page = unescape(re.sub("<[^>]+>", " ", record.rules_in_force(appraised).html))
    total, *kinds, decided = map(
        int,
        re.search(r"規則共(\d+)項，其中取自通報(\d+)項，假定(\d+)項。標註“決定”的(\d+)項由領導小組決定", page).groups(),
    )
    assert decided == len(appraised.rules.weights)
    assert total == sum(kinds) + decided
    assert re.search(r"決定\s+會議紀要第3號", page)


def test_a_rule_that_names_nobody_is_listed_as_what_it_is(html):
    rules = html[html.index("規則逐項及其依據") :]
    (row,) = re.findall(r"<tr><th scope=\"row\">不參加評比的部門</th>(.*?)</tr>", rules)
    assert re.findall("<td>(.*?)</td>", row) == ["無", "假定", "通報未提不參加評比的部門"]


def test_each_edition_stays_within_thirty_charts_also_for_300_departments(report_2003, html):
    for page, by_department in ((html, 3), ((report_2003.parent / "working_report.html").read_text("utf-8"), 9)):
        # Each chart with a row a department becomes two; beside it stands the chart of an earlier year.
        assert page.count("data:image/svg+xml") + by_department + 1 <= 30


def test_no_ballot_token_and_no_juror_leaves_the_year_folder(html):
    secrets = set(pd.read_csv(FOLDER / "jurors.csv")["juror"])
    for table in ("panel_ballots", "leader_ballots", "social_ballots"):
        secrets |= set(pd.read_csv(FOLDER / f"{table}.csv", usecols=["ballot"])["ballot"])
    assert len(secrets) > 700
    assert not [secret for secret in secrets if secret in html]


def test_the_page_is_whole_without_scripts_or_network(html):
    assert "<script" not in html
    # the namespace of a drawing is a name, not an address to be asked
    assert set(re.findall(r"https?://[^\"' )]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_two_runs_in_two_folders_give_the_same_bytes_whatever_was_explored(report_2003, tmp_path):
    data = tmp_path / "elsewhere" / "data" / "2003"
    shutil.copytree(FOLDER, data)
    (data / "notice.csv").unlink()  # known to simulate alone
    appraised = appraise(load_year(data))
    choices = replace(official_choices(appraised.rules), best=4, left_out=("service A", "economic B"))
    for place in (data.parent, data.parents[1]):
        save_choices(choices, place / "explorations" / "choices.toml")
        save_sheet(
            appraised, outcome(appraised, choices), told(choices, appraised), place / "explorations" / "sheet.xlsx"
        )
    again = report(data, tmp_path / "reports").page
    assert again.read_bytes() == report_2003.read_bytes()
    for name in ("working_report.html", "results.csv", "results.xlsx", "working_results.xlsx", "notice.docx"):
        assert (again.parent / name).read_bytes() == (report_2003.parent / name).read_bytes()


def test_plain_papermill_runs_the_notebook(tmp_path):
    out = tmp_path / "out.ipynb"
    words = ["-m", "papermill", "notebooks/annual_report.ipynb", str(out), "-p", "year", "2003"]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    executed = nbformat.read(out, as_version=4)
    shown = "".join(
        output["data"].get("text/html", "") for cell in executed.cells for output in cell.get("outputs", [])
    )
    assert all(name in shown for names in LISTS.values() for name in names.split("、"))


def test_hostile_names_are_text(tmp_path):
    tables = years.small_tables()
    hostile = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$\\LaTeX$ {{7*7}} {0} %s"]
    tables["departments"].loc[:2, "name"] = hostile
    folder = years.write_year(tmp_path / "data" / "2003", tables, years.rulebook({"lang": '"zh-Hant"'}))
    page = report(folder, tmp_path / "reports").page.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert all(name in unescape(page) for name in hostile)


def test_a_run_that_fails_leaves_the_last_report_and_keeps_the_notebook(tmp_path, monkeypatch):
    folder = years.write_year(tmp_path / "data" / "2003")
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    broken = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4)
    broken.cells[-1].source = "1 / 0"
    nbformat.write(broken, notebooks / "annual_report.ipynb")
    monkeypatch.setattr(snapshot, "notebooks_folder", lambda: notebooks)
    place = tmp_path / "reports" / "2003"
    place.mkdir(parents=True)
    (place / "annual_report.html").write_text("the last good report", encoding="utf-8")
    with pytest.raises(RunError, match="ZeroDivisionError"):
        report(folder, tmp_path / "reports")
    assert (place / "annual_report.html").read_text(encoding="utf-8") == "the last good report"
    assert sorted(path.name for path in place.rglob("*")) == [
        "annual_report.failed.ipynb",
        "annual_report.html",
        "failed",
        "failure.json",
    ]


@pytest.mark.parametrize("outside", [["S03"], [f"S{place:02}" for place in range(1, 7)]], ids=["one", "a whole group"])
def test_departments_outside_competition_stop_no_report(tmp_path, outside):
    changes = {"lang": '"zh-Hant"', "competition.outside": str(outside), "tiers.on_quota_mismatch": '"keep_pool"'}
    folder = years.write_year(tmp_path / "data" / "2003", None, years.rulebook(changes))
    page = unescape(report(folder, tmp_path / "reports").page.read_text(encoding="utf-8"))
    assert all(f"綜合{code[1:]}局" in page for code in outside)


def test_a_ruling_without_reason_reads_well(tmp_path):
    tables = years.small_tables()
    tables["rulings"] = pd.DataFrame(
        [("withdraw", "S01", "best", "", "", ""), ("committee", "S05", "good", "", "", "")],
        columns=tables["rulings"].columns,
    )
    folder = years.write_year(tmp_path / "data" / "2003", tables, years.rulebook({"lang": '"zh-Hant"'}))
    page = unescape(report(folder, tmp_path / "reports").page.read_text(encoding="utf-8"))
    assert "綜合01局進入最佳辦事單位行列，退出最佳辦事單位行列，列為先進部門。" in page
    assert "綜合05局按規則應為一般，市委常委會決定為良好。" in page
