"""The last gate: a page that says anything else of a department than the scorecard is not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from appraisal.errors import ReconciliationError
from appraisal.reporting.reconcile import OFFICIAL, hold_page, read_page
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue
from tests.years import rulebook, small_tables, write_year

FOLDER = Path(__file__).parents[1] / "data" / "2003"


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(FOLDER))


@pytest.fixture(scope="module", params=["annual_report.html", "working_report.html"])
def page(request, report_2003):
    return report_2003.with_name(request.param).read_text(encoding="utf-8")


def test_both_editions_say_what_the_scorecard_says(appraised, page):
    hold_page(appraised, page, "page.html")


def test_the_reader_sees_what_there_is_to_hold(appraised, report_2003):
    heads = [catalogue("zh-Hant").say(phrase) for phrase in OFFICIAL]
    shown = read_page(report_2003.with_name("working_report.html").read_text(encoding="utf-8"), heads)
    names = set(appraised.scorecard["name"])
    told = [row for table in shown.tables for row in table if names & set(row.cells)]
    assert len(told) > 3 * 96
    assert {tier: len(listed) for tier, listed in shown.lists.items()} == {
        "best": 10, "advanced": 14, "good": 24, "admonished": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("edition", "there", "instead", "said"),
    [
        ("working", ">92.06</td><td><span", ">92.07</td><td><span", "市委辦公室, 綜合得分：頁面為92.07，得分表為92.06"),
        ("working", '">16.53<', '">16.35<', "市政府辦公室, 社會評議：頁面為16.35，得分表為16.53"),
        ("annual", "<li>市教育局</li>", "<li>市農業局</li>", "良好部門：頁面為市農業局、"),
        ("annual", "<li>市民政局</li>", "", "誡勉單位：頁面為，得分表為市民政局"),
        ("annual", '>市教育局</td><td class="number">0.01<', '>市教育局</td><td class="number">0.10<', "頁面為0.10，得分表為0.01"),
    ],
)  # fmt: skip
def test_one_figure_that_differs_is_named_with_both_values(appraised, report_2003, edition, there, instead, said):
    page = report_2003.with_name(f"{edition}_report.html").read_text(encoding="utf-8")
    assert there in page
    with pytest.raises(ReconciliationError) as caught:
        hold_page(appraised, page.replace(there, instead, 1), "page.html")
    assert said in str(caught.value)
    assert all(line.startswith("page.html：") for line in str(caught.value).splitlines())


def test_a_badge_of_another_tier_is_seen(tmp_path):
    small = appraise(load_year(write_year(tmp_path, small_tables(), rulebook({"lang": '"zh-Hant"'}))))
    name = small.scorecard["name"].iloc[0]
    row = '<tr><th scope="row">{}</th><td><span class="tier {}"><span class="sign">◆</span>x</span></td></tr>'
    table = "<table><thead><tr><th>部門</th><th>等次</th></tr></thead><tbody>{}</tbody></table>"
    hold_page(small, table.format(row.format(name, small.scorecard["tier"].iloc[0])), "page.html")
    with pytest.raises(ReconciliationError, match="頁面為good"):
        hold_page(small, table.format(row.format(name, "good")), "page.html")


def test_a_department_outside_competition_has_no_rank(tmp_path):
    changes = {"competition.outside": '["S06"]', "lang": '"zh-Hant"', "tiers.on_quota_mismatch": '"keep_pool"'}
    small = appraise(load_year(write_year(tmp_path, small_tables(), rulebook(changes))))
    name = small.scorecard.loc["S06", "name"]
    table = "<table><tr><th>部門</th><th>名次</th></tr><tr><td>{}</td><td>{}</td></tr></table>"
    hold_page(small, table.format(name, "—"), "page.html")
    with pytest.raises(ReconciliationError, match="頁面為6，得分表為—"):
        hold_page(small, table.format(name, "6"), "page.html")
