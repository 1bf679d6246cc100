"""The dossier of a department and the flags chosen: numbers that can be worked out on paper, and nothing finer than a quartile."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import years
from desks import found, leaning_year, shown

from appraisal.analysis import dossier
from appraisal.analysis.flags import ABOUT, Flags, Settings, judge
from appraisal.analysis.resampling import resample
from appraisal.errors import ChoicesError, FolderError
from appraisal.exploring import anomalies, looking
from appraisal.exploring.choices import AnomalyChoices
from appraisal.exploring.dossier import dossier_piece, without_piece
from appraisal.reporting import dossiers
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year


@pytest.fixture(scope="module")
def appraised(tmp_path_factory):
    return leaning_year(tmp_path_factory.mktemp("looking") / "2003")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Six departments a group in order, S01 > S02 > …, each panel of five."""
    folder = tmp_path_factory.mktemp("dossier") / "2003"
    return appraise(load_year(years.write_year(folder, rulebook=years.rulebook({"lang": '"zh-Hant"'}))))


def test_components_stand_against_the_quartiles_of_the_group(plain):
    standing = dossier.component_standing(plain).loc["S03"]
    group = plain.scorecard[plain.scorecard["group"] == "service"]
    assert standing["rank"].to_dict() == dict.fromkeys(standing.index, 3) | {"common": standing.loc["common", "rank"]}
    for name, row in standing.iterrows():
        assert row["points"] == plain.scorecard.loc["S03", name]
        # six values: the third is the median's upper neighbour, the quartiles lie a quarter between neighbours
        ordered = sorted(group[name])
        assert row["median"] == pytest.approx((ordered[2] + ordered[3]) / 2)
        assert row["quartile_1"] == pytest.approx(ordered[1] + (ordered[2] - ordered[1]) / 4)
    assert standing["full"].to_dict()["composite"] == 100


def test_ballots_are_shown_as_quartiles_and_never_beyond(plain):
    spread = dossier.item_spread(plain).loc["S02"]
    scores = plain.year.panel_ballots
    own = scores[(scores["department"] == "S02") & (scores["item"] == "key_works")]["score"].to_numpy()
    row = spread.loc["key_works"]
    assert row["ballots"] == 5
    assert [row[name] for name in ("quartile_1", "median", "quartile_3")] == pytest.approx(np.sort(own)[1:4])
    assert row["verified"] == pytest.approx(own.mean())
    assert (
        row["self_score"]
        == plain.year.self_assessments.set_index(["department", "item"]).loc[("S02", "key_works"), "score"]
    )
    assert (spread["low"] <= spread["quartile_1"]).all()
    assert (spread["quartile_3"] <= spread["high"]).all()


def test_on_paper_it_is_said_where_dossiers_are_read(plain):
    none = judge(plain, [], Settings())
    html = dossiers.dossiers(plain, resample(plain, 20), none).html
    (screen,) = re.findall(r'<p class="note on-screen">(.*?)</p>', html)
    (paper,) = re.findall(r'<p class="note on-paper">(.*?)</p>', html)
    assert "點開即見" in screen
    assert paper == "部門檔案在屏幕上查看；打印時只印已點開的各份。"
    assert html.index(paper) < html.index('<details class="fold">')


def test_few_ballots_have_no_quartiles(tmp_path):
    tables = years.small_tables(jurors=4)
    rules = years.rulebook({"panel.min_ballots": "3"})
    few = appraise(load_year(years.write_year(tmp_path / "2003", tables, rules)))
    spread = dossier.item_spread(few).loc["S02"]
    assert spread[["quartile_1", "median", "quartile_3"]].isna().all(axis=None)


def test_each_line_is_as_far_as_the_department_beyond_it(plain):
    composite = plain.scorecard["composite"]
    margins = dossier.line_margins(plain).loc["S03"]
    assert margins["opposite"].to_dict() == {"best": "S01", "advanced": "S02", "good": "S05"}
    assert margins["margin"].to_dict() == pytest.approx(
        {"best": composite["S03"] - composite["S01"], "advanced": composite["S03"] - composite["S02"], "good": composite["S03"] - composite["S05"]}
    )  # fmt: skip


def test_answers_of_few_forms_are_put_together(plain):
    # S02's ten forms: nine with the best answer, one with the next
    shares = dossier.answer_shares(plain).loc[["S02"]]
    assert len(shares) == 1
    assert shares["own"].tolist() == [1.0]


def test_a_band_has_the_limits_that_a_check_of_its_scores_has(plain):
    """95 % of one and a half points are 1.425: 1.43 is not the least that is taken."""
    rules, spread = plain.rules, dossier.item_spread(plain)
    bands = plain.year.bands.set_index(["department", "item"])["band"]
    for (department, item), row in spread.iterrows():
        low, high = rules.band_range(item, bands[department, item])
        said = dossiers._ends(row["low"], row["high"])
        assert [Decimal(end) for end in said.split("–")] == [low, high]
        assert all(len(end.partition(".")[2]) >= 2 for end in said.split("–"))
    assert dossiers._items(plain)["S02"]["band"].tolist()[-2:] == ["1.320–1.425"] * 2


def test_deductions_are_told_by_date(plain):
    rows = dossier.own_deductions(plain).loc["S03"]
    assert rows["date"].dt.strftime("%m-%d").tolist() == ["06-11", "06-12"]
    assert rows["incident"].tolist() == ["a", "a"]


def test_a_dossier_marks_every_chart_and_table(plain):
    html = dossier_piece(plain, "S03").html
    assert html.count("<figure") == 3
    captions = re.findall(r"<caption>(.*?)</caption>", html)
    assert len(captions) == 2
    assert all("探索·非正式結果：綜合03局" in caption for caption in captions)
    assert "沒有扣分記錄" in dossier_piece(plain, "S05").html


def test_a_department_outside_competition_has_no_place(tmp_path):
    rules = years.rulebook(
        {"competition.outside": '["S06"]', "lang": '"zh-Hant"', "tiers.on_quota_mismatch": '"keep_pool"'}
    )
    outside = appraise(load_year(years.write_year(tmp_path / "2003", rulebook=rules)))
    assert "不參加評比" in dossier_piece(outside, "S06").html


def test_without_ballots_tiers_alone_are_told(appraised):
    assert "未略去任何評議票" in without_piece(appraised, ()).html
    html = without_piece(appraised, ("service A", "service B")).html
    assert not re.search(r"\d+\.\d", html)
    with pytest.raises(ChoicesError):
        without_piece(appraised, tuple(f"service {letter}" for letter in "ABCDE"))


# The flags chosen


def flags_of(rows: list[tuple[str, str]]) -> Flags:
    table = pd.DataFrame({name: [""] * len(rows) for name in ABOUT}, dtype=object)
    table["family"], table["group"] = [family for family, _group in rows], [group for _family, group in rows]
    families = pd.DataFrame({"family": ["severity", "rounds_missing"]}).set_index("family")
    return Flags(families, table, Settings(), tuple(range(len(rows))))


@pytest.mark.parametrize(
    ("group", "test", "kept"),
    [("", "", (0, 1, 2)), ("service", "", (0, 2)), ("", "severity", (0, 1)), ("economic", "severity", (1,))],
)
def test_flags_of_a_group_or_a_test_are_chosen(group, test, kept):
    found = flags_of([("severity", "service"), ("severity", "economic"), ("rounds_missing", "")])
    chosen = anomalies.chosen(found, AnomalyChoices(2003, group, "S01", test, 0.05))
    assert chosen.omissions == kept
    assert len(chosen.flags) == len(kept)


def test_the_desk_looks_at_a_year(appraised, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = looking.explore_anomalies(2003, appraised.year.folder.parent)
    assert "打分寬嚴" in shown(desk)
    assert "綜合01局：各項得分與本類別比較" in shown(desk)
    found(desk, "部門").value = "L05"
    assert "執法05局：各項得分與本類別比較" in shown(desk)
    found(desk, "略去考評員").value = ("service A",)
    found(desk, "檢驗").value = "severity"
    assert "探索·非正式結果：誤報率不超過0.05；打分寬嚴；略去綜合服務部門 A<" in shown(desk)
    assert "〔探索·非正式結果：誤報率不超過0.05；打分寬嚴〕</caption>" in shown(desk)
    found(desk, "存選擇").click()
    found(desk, "檢驗").value = ""
    found(desk, "部門").value = "S01"
    found(desk, "開啟選擇").click()
    assert found(desk, "檢驗").value == "severity"
    assert "執法05局：各項得分與本類別比較" in shown(desk)
    found(desk, "略去考評員").value = tuple(f"service {letter}" for letter in "ABCDE")
    assert "不能這樣選：略去這些考評員後，有部門再沒有得分。" in shown(desk)


def test_the_desk_speaks_the_language_of_its_year(tmp_path):
    years.write_year(tmp_path / "2003", rulebook=years.rulebook({"lang": '"en"'}))
    years.write_year(tmp_path / "2004", rulebook=years.rulebook({"lang": '"zh-Hant"', "year": "2004"}))
    (tmp_path / "2004" / "bands.csv").unlink()
    desk = looking.explore_anomalies(2003, tmp_path)
    assert found(desk, "Year").value == 2003
    found(desk, "Year").value = 2004
    assert "不能這樣選" in shown(desk)


def test_a_year_that_cannot_be_read_is_said_in_one_line(appraised, tmp_path):
    (tmp_path / "2003").symlink_to(appraised.year.folder)
    (tmp_path / "2004").mkdir()
    desk = looking.explore_anomalies(2003, tmp_path)
    found(desk, "年度").value = 2004
    assert 'role="alert"' in shown(desk)
    found(desk, "年度").value = 2003
    assert "打分寬嚴" in shown(desk)
    with pytest.raises(FolderError):
        looking.explore_anomalies(2005, tmp_path)
