"""The rules, on the tables of `data/2003`, give what the notice says: 通辦發〔2004〕2號."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from appraisal.office.made_year import write_year
from appraisal.office.reconstruct import NOTICE, read_notice
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FOLDER = Path(__file__).parents[1] / "data" / "2003"

# §四, word for word.
LISTS = {
    "best": "市委辦公室、市紀律檢查委員會、市政府辦公室、市委組織部、市發展計劃委員會、市委宣傳部、南通海關、市對外貿易經濟合作局、"
    "市經濟貿易委員會、市交通局",
    "advanced": "市級機關工委、市農業局、市委統戰部、市財政局、市人事局、市委政法委、市公安局、市計劃生育委員會、市地稅局、"
    "市委臺灣工作辦公室、南通工商局、市國土資源局、市科學技術局、市廣播電視局",
    "good": "市教育局、市國稅局、市建設局、南通質量技術監督局、市委老干部局、市審計局、市人民檢察院、市信訪局、市婦女聯合會、"
    "市經濟體制改革委員會辦公室、市房產管理局、市物價局、市檔案局、市政府法制辦公室、市接待辦公室、市農業機械管理局、"
    "共青團南通市委員會、南通出入境檢驗檢疫局、市旅游局、市勞動和社會保障局、市衛生局、市統計局、市外事辦公室、市水利局",
    "admonished": "市民政局",
}


@pytest.fixture(scope="module")
def year():
    return load_year(FOLDER)


@pytest.fixture(scope="module")
def appraisal(year):
    return appraise(year)


@pytest.fixture(scope="module")
def scorecard(appraisal):
    return appraisal.scorecard


def names(scorecard: pd.DataFrame) -> list[str]:
    return scorecard.sort_values("composite", ascending=False)["name"].tolist()


@pytest.mark.parametrize(("tier", "count"), [("best", 10), ("advanced", 14), ("good", 24), ("admonished", 1)])
@pytest.mark.parametrize("column", ["rule_tier", "tier"])
def test_the_lists_of_the_notice_in_its_order(scorecard, tier, count, column):
    listed = scorecard[scorecard[column] == tier]
    assert names(listed) == LISTS[tier].split("、")
    assert len(listed) == count
    # The order hangs on no tie: no two of a list have the same composite.
    assert listed["composite"].is_unique


def test_all_others_are_ordinary(scorecard):
    ordinary = scorecard[scorecard["rule_tier"] == "ordinary"]
    assert sorted(ordinary["name"]) == [f"未列名部門{number:02}" for number in range(1, 48)]
    assert scorecard.groupby("group").size().tolist() == [32, 32, 32]


def test_nothing_in_the_tables_needed_a_remark(year):
    assert year.remarks == ()
    assert year.returned == 726


def test_the_withdrawn_had_qualified_and_someone_of_its_group_moved_up(appraisal, scorecard, year):
    withdrawn = year.rulings.query("kind == 'withdraw'")["department"].tolist()
    assert scorecard.loc[withdrawn, "name"].tolist() == ["市級機關工委"]
    first = scorecard.loc[appraisal.evidence.departments[appraisal.placement.first]]
    assert "市級機關工委" in set(first["name"])
    assert len(first) == 10
    moved_up = set(names(scorecard[scorecard["rule_tier"] == "best"])) - set(first["name"])
    assert moved_up == {"市委宣傳部"}
    assert scorecard.set_index("name").loc[["市級機關工委", "市委宣傳部"], "group"].tolist() == ["service", "service"]


def test_one_candidate_for_admonition(appraisal, scorecard, year):
    placement = appraisal.placement
    assert scorecard.loc[appraisal.evidence.departments[placement.candidate], "name"].tolist() == ["市民政局"]
    # Each clause alone holds for others too: none of them is idle.
    for clause in (placement.rear_composite, placement.rear_social, appraisal.evidence.problem):
        assert clause.sum() > 1
    on_record = scorecard.loc[year.problems["department"], "name"]
    assert all(name == "市民政局" or name.startswith("未列名部門") for name in on_record)


def test_no_line_hangs_on_a_tie(scorecard):
    for _, group in scorecard.groupby("group"):
        composite = group["composite"].sort_values(ascending=False).tolist()
        for last in (3, 4, 8, 16):
            assert composite[last - 1] > composite[last]


def test_composites_spread_as_in_a_year(scorecard):
    assert scorecard["composite"].std(ddof=0) == pytest.approx(1.25, abs=0.05)


@pytest.mark.parametrize("instead", [None, "nonsense"])
def test_the_scorecard_does_not_know_the_notice(scorecard, tmp_path, instead):
    copy = shutil.copytree(FOLDER, tmp_path / "2003", ignore=shutil.ignore_patterns(NOTICE))
    if instead is not None:
        (copy / NOTICE).write_text(instead, encoding="utf-8")
    pd.testing.assert_frame_equal(appraise(load_year(copy)).scorecard, scorecard)


def test_made_again_the_tables_have_the_same_bytes(tmp_path):
    for name in ("rulebook.toml", NOTICE):
        shutil.copy(FOLDER / name, tmp_path)
    written = write_year(tmp_path)
    assert {path.name for path in written} == {path.name for path in FOLDER.glob("*.csv")} - {NOTICE}
    for path in written:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_the_folder_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


def test_the_facts_of_the_notice_are_marked_as_facts():
    notice = read_notice(FOLDER / NOTICE)
    named = notice[notice["place"] != ""]
    for tier, listed in LISTS.items():
        assert named.loc[named["tier"] == tier, "name"].tolist() == listed.split("、")
    columns = {"name", "group", "tier", "place", "withdrew", "leading_group"}
    for fact, inferred in zip(named["fact"].str.split(), named["inferred"].str.split(), strict=True):
        assert {"name", "tier", "place"} <= set(fact)
        assert {"group", "leading_group"} <= set(inferred)
        assert set(fact) | set(inferred) <= columns
    unnamed = notice[notice["place"] == ""]
    assert (unnamed["fact"] == "").all()
    assert (unnamed["tier"] == "ordinary").all()
    assert unnamed["name"].str.startswith("未列名部門").all()
    assert notice["department"].is_unique
