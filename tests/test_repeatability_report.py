"""The section on repeating a tier: three things told apart, nothing finer than 5 %, figures from the record alone."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import nbformat
import pytest
from told import NEVER

from appraisal.analysis.calibration import MOST_ERROR, recorded
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.repeatability import repeat, tier_chances
from appraisal.analysis.resampling import resample, tier_share
from appraisal.reporting.repeatability import _to_step, checked, repeatability
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

ROOT = Path(__file__).parents[1]
WORDS = catalogue("zh-Hant")


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(ROOT / "data" / "2003"))


@pytest.fixture(scope="module")
def resamples(appraised):
    return resample(appraised, 300)


@pytest.fixture(scope="module")
def repeats(appraised):
    return repeat(appraised, 300)


@pytest.fixture(scope="module")
def piece(appraised, resamples, repeats):
    return repeatability(appraised, resamples, repeats)


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", piece.html))


def tables_of(piece) -> list[list[list[str]]]:
    """Rows of cells of each table, heads first."""
    return [
        [
            [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table)
        ]
        for table in re.findall(r"<table>(.*?)</table>", piece.html, flags=re.DOTALL)
    ]


def test_the_three_are_told_apart_by_name(piece):
    said = text_of(piece)
    assert "含義不同，不可互相代替" in said
    for name in ("甲：重抽樣中仍在本等次的比例", "乙：同類評議人不限人數時給出同一等次的機會", "丙：換一批人數相同的"):
        assert name in said
    assert not re.search(NEVER["zh-Hant"], said)


def test_the_gap_of_a_contest_in_no_points_is_told_with_its_scale(appraised, resamples, repeats, piece):
    assert [row[1] for row in tables_of(piece)[1][1:]] == [f"{gap:.2f}" for gap in cutoff_lines(appraised)["gap"]]
    rules = appraised.rules.replace({"tiers.best.wildcard_scale": "z", "rounding.digits": 1})
    other = appraise(replace(appraised.year, rules=rules))
    lines = repeatability(other, resample(other, 50), repeat(other, 50))
    *inside, contest = [row[1] for row in tables_of(lines)[1][1:]]
    assert all(re.fullmatch(r"\d\.\d", gap) for gap in inside)
    gap = cutoff_lines(other)["gap"].iloc[-1]
    assert contest == f"{gap:.4f}（組內標準分）"


def test_each_department_has_its_share_and_its_chance(piece, appraised, resamples, repeats):
    shares, chances = tier_share(appraised, resamples)["tier_share"], tier_chances(appraised, repeats)["anew"]
    names = appraised.scorecard["name"]
    rows = {row[1]: row for table in tables_of(piece)[2:5] for row in table[1:]}
    assert len(rows) == 96
    for code in names.index:
        *_before, share, anew = rows[names[code]]
        assert share == f"{shares[code]:.0%}"
        assert anew == _to_step(chances[code], WORDS)


def test_a_chance_is_no_finer_than_a_twentieth_and_never_certain():
    said = [_to_step(number / 1000, WORDS) for number in range(1001)]
    assert len(set(said)) == 21
    assert (said[0], said[25], said[26], said[974], said[976], said[1000]) == (
        "5%以下", "5%以下", "5%", "95%", "95%以上", "95%以上",
    )  # fmt: skip
    assert _to_step(0.42, WORDS) == "40%"


def test_tiers_add_up(piece, repeats, appraised):
    *tiers, whole = tables_of(piece)[0][1:]
    assert sum(int(row[1]) for row in tiers) == int(whole[1]) == 96
    for column in (3, 4):
        assert sum(float(row[column]) for row in tiers) == pytest.approx(float(whole[column]), abs=0.31)
    assert float(whole[4]) == pytest.approx(tier_chances(appraised, repeats)["anew"].sum(), abs=0.051)


def test_each_of_the_ten_lines_is_there(piece):
    assert len(tables_of(piece)[1]) == 1 + 10


def test_the_figures_are_those_on_record(appraised):
    record = recorded()
    table = record.reliability.copy()
    own = (table["setting"] == "jurors_9") & (table["kind"] == "tier")
    table.loc[own, ["mean", "came_true", "error", "worst"]] = 0.61, 0.59, 0.0123, 0.0456
    table.loc[~own, ["error", "worst"]] = 0.0
    table.loc[(table["setting"] == "tails") & (table["kind"] == "tier"), "error"] = MOST_ERROR + 0.004
    piece = checked(appraised, replace(record, reliability=table, years=77))
    rows = tables_of(piece)[0][1:]
    assert [row[0] for row in rows] == ["每組9人"] * 3 + ["每組9人，偏差和差距有厚尾"] * 3
    assert rows[1][1:2] + rows[1][3:6] == ["丙", "61%", "59%", "1.2%"]
    assert rows[1][6] == "4.6%"
    assert "模擬77個" in text_of(piece)
    assert "所有未達到要求的情形" in text_of(piece)


def test_where_all_is_as_asked_the_worst_is_shown(appraised):
    record = recorded()
    table = record.reliability.assign(worst=0.0, error=0.01)
    table.loc[(table["setting"] == "heaped") & (table["kind"] == "tier"), "error"] = 0.02
    piece = checked(appraised, replace(record, reliability=table))
    assert "各種情形都達到要求" in text_of(piece)
    assert [row[0] for row in tables_of(piece)[0][1:]][3:] == ["每組9人，三成分數落在檔位兩端"] * 3


def test_rank_sets_that_hold_too_seldom_are_said(appraised):
    record = recorded()
    coverage = record.coverage.assign(years=400, equal=0.95, spread=0.99)
    assert "低於95%而不能以模擬次數有限解釋的情形" not in text_of(
        checked(appraised, replace(record, coverage=coverage))
    )
    coverage.loc[coverage["setting"] == "jurors_5", "equal"] = 0.9
    said = text_of(checked(appraised, replace(record, coverage=coverage)))
    assert "低於95%而不能以模擬次數有限解釋的情形：每組5人，真實得分全部相等時為90.0%" in said
    assert "約有±2個百分點的誤差" in said  # 2 √(0.95 · 0.05 / 400) = 0.022


def test_only_the_working_edition_has_it():
    notebook = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if "repeatability(appraised" in cell.source]
    assert [cell.metadata.get("tags") for cell in cells] == [["working"]]
