"""Years of which something is missing, none, or left to be decided: no sentence and no table about nothing."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.resampling import resample
from appraisal.reporting import annual, anomalies, lines, record, sensitivity
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.years import rulebook, small_tables, write_year

OPTIONAL = ("deductions", "inspections", "problems", "rulings", "jurors", "spot_checks", "queries")


def appraised_of(folder, tables, lang="zh-Hant", **changes):
    return appraise(load_year(write_year(folder, tables, rulebook({"lang": f'"{lang}"'} | changes))))


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="[^"]*"', "", piece.html)))


def first_page(appraised) -> str:
    return text_of(annual.first_page(appraised, resample(appraised, 60), find_flags(appraised)))


@pytest.fixture(scope="module", params=["zh-Hant", "en"])
def bare(request, tmp_path_factory):
    """A year whose every table that may have no rows has none."""
    tables = small_tables()
    tables |= {name: tables[name].iloc[:0] for name in OPTIONAL}
    return appraised_of(tmp_path_factory.mktemp("bare") / "2003", tables, request.param)


def test_what_is_not_on_record_is_said_once_and_not_counted(bare):
    (listed,) = re.findall(r"<ul>(.*?)</ul>", record.response(bare).html, re.DOTALL)
    sentences = [unescape(sentence) for sentence in re.findall(r"<li>(.*?)</li>", listed)]
    assert len(sentences) == 7
    assert [said for said in sentences[1:] if re.search(r"(?<![\d.])0(?![\d.])", said)] == []
    assert {"沒有日常考核扣分記錄。", "No deductions on record."} & set(sentences)


def test_tests_that_compared_nothing_are_named_below_the_table_and_are_no_row_of_it(bare):
    found = find_flags(bare)
    shown = anomalies.counts(bare, found).html
    rows = re.findall(r"<tr>(.*?)</tr>", shown, re.DOTALL)[1:]
    made = found.families[found.families["comparisons"] > 0]
    assert 0 < len(rows) == len(made) < len(found.families)
    (below,) = re.findall(r'</table></div>\s*<p class="note">(.*?)</p>', shown)
    assert len(re.split("、|, ", below.partition("：")[2] or below.partition(": ")[2])) == len(found.families) - len(
        made
    )


def test_departments_that_nobody_inspected_are_told_on_the_first_page(bare):
    said = first_page(bare)
    assert "18個部門沒有一個各輪均有記錄。" in said or "none of 18 departments is on record as inspected" in said


def test_windows_that_end_together_have_one_line(tmp_path):
    appraised = appraised_of(
        tmp_path,
        small_tables(4),
        **{
            "tiers.best.ranks": "[1, 1]",
            "tiers.best.wildcards": "0",
            "tiers.advanced.ranks": "[1, 1]",
            "tiers.good.ranks": "[2, 2]",
            "tiers.on_quota_mismatch": '"keep_pool"',
        },
    )
    assert cutoff_lines(appraised)["tier"].tolist() == ["best", "good"] * 3
    assert lines.ten_lines(appraised, resample(appraised, 60)).html.count('<th scope="row">') == 6
    # Best and the wildcards have no room to move; the first cutoff that has is read aloud.
    swept = sensitivity.sweep(appraised)
    assert "例如先進名次止於1改為2" in text_of(swept)


def test_an_open_seat_is_the_first_thing_to_be_read_below_the_result(tmp_path):
    tables = small_tables()
    tables["problems"] = pd.DataFrame([("S06", "2003-10-08", "tracking", "…")], columns=tables["problems"].columns)
    appraised = appraised_of(
        tmp_path, tables, **{"tiers.good.ranks": "[3, 6]", "tiers.on_quota_mismatch": '"keep_pool"'}
    )
    said = first_page(appraised)
    assert re.search(r"要點\s*良好有1個席位空缺，待領導小組決定。", said)
    assert "沒有部門列為一般部門。" in said
    assert "餘下的0個" not in said


def test_an_order_that_decides_no_tier_is_counted_for_the_leadership_and_told_to_the_office(tmp_path):
    # S05 and S06 are ordinary either way; between S02 and S03 stands a line, and a ruling says who is ahead.
    same = {"S02": 0.9, "S03": 0.9, "S05": 0.82, "S06": 0.82}
    led = {code: 100 * share for code, share in same.items()}
    tables = small_tables(panel=same, led=led, social=dict.fromkeys(same, "滿意"))
    tables["deductions"] = tables["deductions"].iloc[:0]
    tables["rulings"] = pd.DataFrame(
        [("tie", "S02", "1", "", "", ""), ("tie", "S03", "2", "", "", "")], columns=tables["rulings"].columns
    )
    appraised = appraised_of(tmp_path, tables)
    counted, told = text_of(annual.decisions(appraised)), text_of(annual.details_of_decisions(appraised))
    assert "綜合02局與綜合03局" in counted
    assert "另有1處同組相鄰部門綜合考評得分相同" in counted
    assert "綜合05局與綜合06局" not in counted
    assert "綜合05局與綜合06局" in told
    assert "綜合02局與綜合03局" not in told
