"""The made-up years after 2003: what they hold, that they can be made again, and their reviewed results."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.resampling import resample
from appraisal.analysis.succession import succession
from appraisal.errors import FolderError
from appraisal.office.made_year import write_year
from appraisal.office.succession import SUCCESSION
from appraisal.reporting.annual import first_page
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

DATA, GOLDEN = Path(__file__).parents[1] / "data", Path(__file__).parent / "golden"
YEARS = (2004, 2005)
MOST_BYTES = 600_000


@pytest.fixture(scope="module")
def appraised():
    return {year: appraise(load_year(DATA / str(year))) for year in (2003, *YEARS)}


@pytest.mark.parametrize("year", YEARS)
def test_the_result_is_the_reviewed_one(appraised, year):
    golden = pd.read_csv(GOLDEN / f"{year}.csv", index_col="department")
    scorecard = appraised[year].scorecard
    assert scorecard.index.tolist() == golden.index.tolist()
    for column in ("group", "rank", "rule_tier", "tier"):
        assert scorecard[column].tolist() == golden[column].tolist(), column


@pytest.mark.parametrize(("year", "workbook"), [(2004, False), (2005, True)])
def test_the_tables_are_made_again_to_the_byte(tmp_path, year, workbook):
    for number in (year - 1, year):
        shutil.copytree(DATA / str(number), tmp_path / str(number), ignore=shutil.ignore_patterns(".*"))
    written = write_year(tmp_path / str(year), workbook=workbook)
    assert written
    for path in written:
        assert path.read_bytes() == (DATA / str(year) / path.name).read_bytes(), path.name


@pytest.mark.parametrize("year", YEARS)
def test_a_year_stays_small_and_says_what_it_is(appraised, year):
    rules = appraised[year].rules
    assert rules.data == "synthetic"
    assert all(basis.startswith("assumed") for _key, _value, basis in rules.values())
    files = [path for path in (DATA / str(year)).iterdir() if not path.name.startswith(".")]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_the_years_bring_what_real_years_bring(appraised):
    kinds = [succession(appraised[year - 1].scorecard, appraised[year].scorecard) for year in YEARS]
    for table in kinds:
        assert set(table["kind"]) == {"same", "moved", "merged", "new", "gone"}
        assert table["renamed"].any()
    third, fourth = (appraised[year] for year in YEARS)
    assert third.scorecard["group"].value_counts().tolist() == [33, 30, 29]
    assert third.rules.panel.statistic == "trimmed_mean"
    assert (third.rules.tiers.on_quota_mismatch, fourth.rules.tiers.on_quota_mismatch) == ("keep_pool", "cut")
    assert third.year.rulings["kind"].tolist() == ["withdraw", "withdraw"]
    assert sorted(fourth.year.rulings["kind"]) == ["committee", "tie", "tie"]
    assert fourth.rules.lang == "zh-Hans"


@pytest.mark.parametrize("year", YEARS)
def test_rulings_and_problems_are_about_nobody_that_the_notice_names(appraised, year):
    about = [*appraised[year].year.rulings["department"], *appraised[year].year.problems["department"]]
    assert all(code.startswith(("unnamed", "new")) for code in about)


@pytest.mark.parametrize(("year", "told"), [(2003, "取自公開通報"), (2004, "不出自任何通報"), (2005, "不出自任何通报")])
def test_the_first_page_says_where_the_tiers_are_from(appraised, year, told):
    own = appraised[year]
    assert told in first_page(own, resample(own, 20), find_flags(own)).html


def test_nothing_is_written_beside_a_workbook(tmp_path):
    shutil.copytree(DATA / "2005", tmp_path / "2005", ignore=shutil.ignore_patterns(".*"))
    with pytest.raises(FolderError, match=r"tables\.xlsx"):
        write_year(tmp_path / "2005")


def test_a_succession_without_a_column_is_told(tmp_path):
    shutil.copytree(DATA / "2004", tmp_path / "2004", ignore=shutil.ignore_patterns(".*"))
    path = tmp_path / "2004" / SUCCESSION
    path.write_text(path.read_text("utf-8").replace("on_record", "recorded", 1), encoding="utf-8")
    with pytest.raises(FolderError, match="on_record"):
        write_year(tmp_path / "2004")
