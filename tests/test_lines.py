"""The ten lines as they are told: sides, gaps, words, and what would turn each; every figure that of the analysis."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from appraisal.analysis.least_changes import least_changes
from appraisal.analysis.resampling import line_share, resample
from appraisal.reporting import lines, method_public
from appraisal.reporting.sensitivity_charts import points_moved
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue
from tests.years import counted, rulebook, small_tables, write_year

WORDS = {"firm": "穩固", "fair": "較穩", "edge": "臨界"}


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


@pytest.fixture(scope="module")
def resamples(appraised):
    return resample(appraised, 400)


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="[^"]*"', "", piece.html)))


def rows_of(piece) -> dict[str, list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", piece.html, flags=re.DOTALL)[1:]
    cells = [
        [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in rows
    ]
    return {row[0]: row[1:] for row in cells}


def small(tmp_path, tables=None, **changes):
    return appraise(load_year(write_year(tmp_path, tables, rulebook({"lang": '"zh-Hant"'} | changes))))


def test_the_section_opens_by_saying_that_it_changes_no_result(appraised, resamples):
    said = text_of(lines.ten_lines(appraised, resamples))
    assert said.startswith("等次界線的敏感性\n本節說明名次和等次隨評議票、檔位、分值和規則如何變動，不改變任何結果。")
    assert "重抽400次（種子20031231）" in said
    assert not re.search("概率|機率|準確率|可能錯", said)


def test_each_line_has_its_sides_its_gap_its_share_and_one_word(appraised, resamples):
    rows, share = rows_of(lines.ten_lines(appraised, resamples)), line_share(appraised, resamples)
    assert len(rows) == 10
    names = appraised.scorecard["name"]
    for row, line in zip(rows.values(), share.itertuples(), strict=True):
        word = "firm" if line.share >= 0.95 else "fair" if line.share >= 0.75 else "edge"
        assert row[:3] == [names[line.upper], names[line.lower], f"{line.gap:.2f}"]
        assert row[-2:] == [f"{line.share:.0%}", WORDS[word]]
    assert rows["執法監察部門第8｜9名"][3:5] == ["1", "0.18"]
    assert "各組第4名的跨類別增補" in rows


def test_bands_are_told_with_the_sample_that_was_read_again(appraised, resamples):
    said = text_of(lines.ten_lines(appraised, resamples))
    assert "全部1263種調整中，33%會使某個部門的等次改變" in said
    assert "9個部門中1個有不一致" in said
    assert "全部96個部門中有不一致的至多39個" in said


def test_counted_forms_are_said_to_be_drawn_apart(tmp_path):
    tables = small_tables()
    tables["social_counts"] = counted(tables.pop("social_ballots"))
    year = small(tmp_path, tables, **{"social.returned": "10"})
    assert "各部門分別重抽" in text_of(lines.ten_lines(year, resample(year, 50)))


def test_a_line_that_no_weights_turn_says_so(tmp_path):
    year = small(tmp_path)
    rows = rows_of(lines.ten_lines(year, resample(year, 50)))
    # Inside the groups the upper is ahead in everything; in the contest they are level if social is all that counts.
    assert [row[4] for row in rows.values()] == ["不會"] * 9 + ["80.00"]


def test_a_contest_on_another_scale_has_its_own_digits_and_no_weights(appraised):
    other = appraise(appraised.year, appraised.rules.replace({"tiers.best.wildcard_scale": "z"}))
    contest = rows_of(lines.ten_lines(other, resample(other, 50)))["各組第4名的跨類別增補"]
    assert re.fullmatch(r"\d\.\d{4}", contest[2])
    assert contest[3:5] == ["—", "—"]


def test_the_chart_of_weights_leaves_out_a_contest_on_another_scale(appraised, monkeypatch):
    drawn, plot = [], lines.sensitivity_charts.plot_weight_changes
    monkeypatch.setattr(
        lines.sensitivity_charts,
        "plot_weight_changes",
        lambda table, **look: drawn.append(table) or plot(table, **look),
    )
    for scale, contests in (("raw", 1), ("z", 0)):
        lines.weights(appraise(appraised.year, appraised.rules.replace({"tiers.best.wildcard_scale": scale})))
        assert drawn[-1]["line"].str.contains("增補").sum() == contests
        assert drawn[-1]["change"].notna().all()


def test_the_chart_of_weights_is_read_aloud_on_the_line_that_least_turns(appraised):
    assert "執法監察部門第8｜9名所需最少，移動0.18分" in text_of(lines.weights(appraised))


def test_lines_whose_sides_are_level_before_rounding_need_no_weight(appraised):
    """With one digit two lines are told apart by a key alone, whose composites before it are the other way round."""
    rounded = appraise(appraised.year, appraised.rules.replace({"rounding.digits": 1}))
    piece = lines.weights(rounded)
    said = "{}、{}：兩側未取捨的得分已經相等或次序相反，無須移動分值。其餘界線中{}所需最少，移動0.46分"
    said = said.format("執法監察部門第8｜9名", "執法監察部門第16｜17名", "綜合服務部門第16｜17名")
    assert said in text_of(piece)
    assert said in unescape(" ".join(re.findall(r'alt="([^"]*)"', piece.html)))
    cells = [row[4] for row in rows_of(lines.ten_lines(rounded, resample(rounded, 50))).values()]
    assert [cell for cell in cells if cell.startswith("0")] == ["0.46", "0.80", "0", "0"]
    assert "分值為“0”" in text_of(lines.ten_lines(rounded, resample(rounded, 50)))
    assert "分值為“0”" not in text_of(lines.ten_lines(appraised, resample(appraised, 50)))
    public = "".join(method_public._other_weights(rounded, 20, method_public._say(rounded)))
    assert (
        "9條界線中2條兩側未取捨的得分已經相等或次序相反，無須移動分值。使其餘的一條兩側得分相等，最少移動0.5分"
        in public
    )


@pytest.mark.parametrize(
    ("change", "digits", "said"),
    [(0, 2, "0"), (0.004, 2, "<0.01"), (0.005001, 2, "0.01"), (0.04, 1, "<0.1"), (3, 1, "3.0")],
)
def test_what_is_little_is_not_told_as_nothing(change, digits, said):
    assert points_moved(change, digits) == said


@pytest.mark.parametrize(
    ("count", "exact", "said"),
    [(3, True, "3"), (3, False, "≤3"), (None, True, "不會"), (None, False, "未找到"), (None, None, "—")],
)
def test_a_bound_is_an_upper_one_and_what_was_not_found_is_no_never(appraised, count, exact, said):
    pairs = pd.DataFrame({"upper": ["a"], "lower": ["b"]})
    found = pairs.assign(fewest=pd.array([count], dtype="Int64"), exact=exact).iloc[: int(exact is not None)]
    assert lines._counts(pairs, found, "fewest", catalogue("zh-Hant")) == [said]


def test_a_gap_in_ballots_is_counted_for_each_line(appraised):
    rows = rows_of(lines.in_ballots(appraised))
    assert len(rows) == 10
    gap, _errors, *ballots = rows["執法監察部門第8｜9名"]
    assert gap == "0.01"
    assert len(ballots) == 4
    assert all(count.isdigit() for count in ballots)


def test_the_least_change_of_a_source_is_said_in_its_own_hundred(appraised):
    rows, changes = rows_of(lines.least(appraised)), least_changes(appraised)
    assert len(rows) == 10
    line = changes.iloc[7]
    composite, _panel, leaders, *_rest = rows["執法監察部門第8｜9名"]
    assert composite == f"{line['composite']:.2f}"
    assert leaders == f"{line['leaders'] / 12 * 100:.2f}"
