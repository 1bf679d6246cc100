"""From an earlier year to a later one: parts of a change of rank that add up, hand-worked, and what the section shows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from appraisal.analysis import years
from appraisal.analysis.succession import succession
from appraisal.errors import ReconciliationError
from appraisal.office.snapshot import office_digests
from appraisal.reporting import years as section
from appraisal.reporting.year_charts import plot_panel_severity, plot_tier_moves
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.years import rulebook, small_tables, write_year

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def real():
    return {year: appraise(load_year(DATA / str(year))) for year in (2003, 2004, 2005)}


def small(folder, year, leaders=None, changes=None):
    """The small year, with other ratings of the leaders for some departments."""
    tables = small_tables()
    ballots = tables["leader_ballots"]
    for code, score in (leaders or {}).items():
        ballots.loc[ballots["department"] == code, "score"] = score
    return appraise(load_year(write_year(folder / str(year), tables, rulebook({"year": str(year)} | (changes or {})))))


def test_parts_add_up_to_the_change_of_every_department(real):
    for before, after in ((2003, 2004), (2004, 2005), (2005, 2003)):
        split = years.split_rank_changes(real[before], real[after])
        assert len(split) > 75
        assert (split[list(years.PARTS)].sum(axis=1) == split["change"]).all()
        assert all(isinstance(part, Fraction) for part in split[list(years.PARTS)].to_numpy().ravel())
        assert (split["after"] == real[after].scorecard.loc[split.index, "rank"]).all()


def test_the_same_year_twice_changes_nothing(real):
    split = years.split_rank_changes(real[2004], real[2004])
    assert not split[["change", *years.PARTS]].to_numpy().any()
    alike = years.rank_stability(real[2004], real[2004])
    assert alike["kendall"].tolist() == pytest.approx([1, 1, 1])
    assert not years.change_outliers(real[2004], real[2004])["stands_out"].any()


def test_a_department_that_alone_falls_falls_by_its_own_scores(tmp_path):
    # S01 … S06 rank in this order; leaders give S01 nothing in the later year, all else stays.
    before, after = small(tmp_path, 2003), small(tmp_path, 2004, {"S01": 0})
    split = years.split_rank_changes(before, after)
    rows = {code: [str(part) for part in split.loc[code, ["change", *years.PARTS]]] for code in ("S01", "S02", "E01")}
    fell = after.scorecard.loc["S01", "rank"] - 1
    assert fell > 0
    assert rows["S01"] == [str(fell), str(fell), "0", "0"]
    assert rows["S02"] == ["-1", "0", "0", "-1"]  # another one left its place
    assert rows["E01"] == ["0", "0", "0", "0"]  # another group


def test_two_that_change_places_share_the_change(tmp_path):
    """S01 falls under S02's old score, S02 rises over S01's old one: either alone is enough, so each part is a half."""
    before = small(tmp_path / "a", 2003, {"S01": 60, "S02": 70})
    assert before.scorecard.loc[["S01", "S02"], "composite"].tolist() == [93.84, 90.4]
    # Twelve points of the composite hang on the leaders: S01 alone falls to 86.64, S02 alone rises to 94.00.
    after = small(tmp_path / "b", 2004, {"S01": 0, "S02": 100})
    split = years.split_rank_changes(before, after)
    assert split.loc["S02", "change"] == -1
    assert split.loc["S02", "own"] == Fraction(-1, 2)
    assert split.loc["S02", "others"] == Fraction(-1, 2)


def test_other_weights_alone_are_the_rules(tmp_path):
    # Leaders disagree with the panels about S06; more weight for them raises it, and no score changed.
    ratings = {"S06": 100, "S01": 50, "S02": 50, "S03": 50, "S04": 50, "S05": 50}
    before = small(tmp_path / "a", 2003, ratings, {"weights.functional_panel": "49", "weights.leaders": "1"})
    after = small(tmp_path / "b", 2004, ratings, {"weights.functional_panel": "1", "weights.leaders": "49"})
    split = years.split_rank_changes(before, after)
    assert split.loc["S06", "change"] < 0
    assert (split["rules"] == split["change"]).all()
    assert not split[["own", "others"]].to_numpy().any()


def test_shapley_by_hand():
    # own alone 5 → 2, others alone 5 → 4, both → 2: own −5/2, others −1/2; the third changes nothing.
    values = {(0, 0): 5, (1, 0): 2, (0, 1): 4, (1, 1): 2}
    of_three = {(own, rules, others): values[own, others] for own in (0, 1) for rules in (0, 1) for others in (0, 1)}
    assert years.shapley(of_three) == (Fraction(-5, 2), Fraction(0), Fraction(-1, 2))


def test_a_base_case_that_is_not_the_scorecard_stops(real, monkeypatch):
    monkeypatch.setattr(years, "shared_ranks", lambda keys, group: np.ones(keys.shape[1], dtype=int))
    with pytest.raises(ReconciliationError):
        years.split_rank_changes(real[2004], real[2005])


def test_codes_say_what_became_of_a_department():
    earlier = pd.DataFrame({"name": list("abcdef"), "group": "g"}, index=list("abcdef"))
    later = pd.DataFrame(
        {"name": ["A", "b", "cd", "x", "y"], "group": ["g", "h", "g", "g", "g"]}, index=["a", "b", "c+d", "x+y", "z"]
    )
    found = succession(earlier, later)
    assert found["kind"].to_dict() == {
        "a": "same", "b": "moved", "c+d": "merged", "x+y": "new", "z": "new", "e": "gone", "f": "gone"
    }  # fmt: skip
    assert found.loc["c+d", "came_from"] == ("c", "d")
    assert found["renamed"].to_list() == [True, *[False] * 6]
    assert succession(later, later)["kind"].tolist() == ["same"] * 5


def test_the_two_scripts_are_one_name(real):
    found = succession(real[2004].scorecard, real[2005].scorecard)
    assert found.index[found["renamed"]].tolist() == ["unnamed30"]


def test_moves_count_every_department_once(real):
    moves = years.tier_moves(real[2004], real[2005])
    everyone = set(real[2004].scorecard.index) | set(real[2005].scorecard.index)
    assert moves.to_numpy().sum() == len(everyone)
    assert moves["best"].sum() == 10


def test_a_department_that_jumps_stands_out(real):
    score = real[2004].scorecard.copy()
    last = score[score["group"] == "service"]["composite"].idxmin()
    score.loc[last, "composite"] += 12
    jumped = years.change_outliers(real[2004], replace(real[2004], scorecard=score))
    assert jumped.index[jumped["stands_out"]].tolist() == [last]


def test_a_token_seen_in_two_years_is_counted_and_told(real, tmp_path):
    assert years.tokens_seen_twice(real[2003], real[2004]) == 0
    before, after = small(tmp_path, 2003), small(tmp_path, 2004)
    count = years.tokens_seen_twice(before, after)
    assert count > 0
    told = section.stability(after, section.Earlier("2003", before)).html
    assert f"{count} ballot tokens" in told
    token = before.year.leader_ballots["ballot"].iloc[0]
    assert token not in told


def test_nothing_is_shown_where_no_earlier_year_is(real, tmp_path):
    assert section.earlier_year(real[2003]) is None
    for show in (section.moves, section.ranks, section.stability):
        assert show(real[2003], None).html == ""


def test_an_earlier_year_that_gives_no_result_is_told_and_stops_nothing(tmp_path):
    later = small(tmp_path, 2004)
    (tmp_path / "2002").mkdir()
    (tmp_path / "2002" / "rulebook.toml").write_text("", encoding="utf-8")
    earlier = section.earlier_year(later)
    assert earlier == section.Earlier("2002", None)
    assert "2002" in section.moves(later, earlier).html
    assert section.ranks(later, earlier).html == ""


def test_the_section_names_everyone_and_leadership_sees_no_department(real):
    earlier = section.earlier_year(real[2005])
    assert earlier is not None
    ranks, moves = section.ranks(real[2005], earlier).html, section.moves(real[2005], earlier).html
    for name in real[2005].scorecard["name"]:
        assert name in ranks
        assert name not in moves
    assert "mark" in ranks


def test_a_report_is_stale_once_the_earlier_year_changed(tmp_path):
    for year in (2004, 2005):
        shutil.copytree(DATA / str(year), tmp_path / str(year), ignore=shutil.ignore_patterns(".*"))
    before = office_digests(tmp_path / "2005")
    with (tmp_path / "2004" / "bands.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert office_digests(tmp_path / "2005") != before
    assert office_digests(tmp_path / "2004") == {}


def test_the_chart_shows_every_number_and_every_flow(real):
    moves = years.tier_moves(real[2004], real[2005])
    labels = {tier: tier for tier in moves.index}
    ax = plot_tier_moves(moves, years=(2004, 2005), labels=labels)
    assert len(ax.patches) == (moves.to_numpy() > 0).sum() + (moves.sum() > 0).sum() + (moves.sum(axis=1) > 0).sum()
    written = " ".join(text.get_text() for text in ax.texts)
    for tier in moves.index[moves.sum(axis=1) > 0]:
        assert tier in written
        assert str(moves.loc[tier].sum()) in written


def test_panels_are_told_over_all_years(real, tmp_path):
    shown = section.severity(real[2005]).html
    panels = years.panel_severity(real.values())
    assert len(panels) == 9
    assert shown.count('<th scope="row">') == len(panels)
    assert shown.count("<img") == 1
    ax = plot_panel_severity(panels, label="")
    assert [line.get_xdata().tolist() for line in ax.get_lines()] == [[2003, 2004, 2005]] * 3
    first = panels[panels["group"] == panels["group"].iloc[0]]
    assert ax.get_lines()[0].get_ydata().tolist() == first["place"].tolist()


def test_a_year_without_a_result_is_left_out_of_the_panels_and_named(tmp_path):
    shutil.copytree(DATA / "2004", tmp_path / "2004", ignore=shutil.ignore_patterns(".*"))
    (tmp_path / "2002").mkdir()
    (tmp_path / "2002" / "rulebook.toml").write_text("", encoding="utf-8")
    shown = section.severity(appraise(load_year(tmp_path / "2004"))).html
    assert "未列入：2002" in shown
    assert shown.count('<th scope="row">') == 3


def test_panels_that_are_too_small_are_not_shown(tmp_path):
    assert "<img" not in section.severity(small(tmp_path, 2004)).html


def test_years_of_other_sources_are_not_split_and_the_reason_is_told(real, monkeypatch):
    monkeypatch.setattr(years, "same_sources", lambda earlier, later: False)
    told = section.ranks(real[2004], section.Earlier("2003", real[2003])).html
    assert "得分來源不同" in told
    assert "+1" not in told
