"""A year with known truth: what it holds, that the seed alone decides it, and that the truth is what it says."""

from __future__ import annotations

import io
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from appraisal.errors import FolderError
from appraisal.office.made_year import write_year
from appraisal.office.opinions import bands_set, cast, expected, score_step
from appraisal.office.reconstruct import NOTICE, read_notice
from appraisal.office.simulate import as_year, simulate_year, write_tables
from appraisal.office.wide_workbook import tables_workbook
from appraisal.office.world import Sizes, World, chance
from appraisal.reading.contracts import CONTRACTS, title
from appraisal.rulebook import read_rulebook
from appraisal.scoring.appraise import score
from appraisal.scoring.evidence import gather
from appraisal.supervision import draw
from appraisal.tables import load_year

RULEBOOK = Path(__file__).parents[1] / "data" / "2003" / "rulebook.toml"
RULES = read_rulebook(RULEBOOK)
SMALL = Sizes(departments=(7, 5, 4), jurors=6, leaders=3, forms=40, problems=2)


@pytest.fixture(scope="module")
def simulated():
    return simulate_year(RULES)


@pytest.fixture(scope="module")
def tables(simulated):
    return simulated.tables


@pytest.fixture(scope="module")
def loaded(tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    write_tables(tables, folder)
    shutil.copy(RULEBOOK, folder)
    return load_year(folder)


def test_the_year_is_read_without_a_problem_or_a_remark(loaded):
    assert loaded.remarks == ()


def test_every_table_of_the_contract_is_there_with_its_columns(tables):
    assert set(tables) == set(CONTRACTS) - {"social_counts"}


def test_sizes(tables):
    assert tables["departments"].groupby("group").size().to_dict() == dict.fromkeys(RULES.groups, 32)
    assert tables["social_ballots"].shape == (726, 1 + 96)
    assert tables["leader_ballots"]["ballot"].nunique() == 12
    assert len(tables["panel_ballots"]) == 9 * 96 * len(RULES.item_marks)
    assert tables["jurors"].groupby("group").size().to_dict() == dict.fromkeys(RULES.groups, 9)
    assert len(tables["problems"]) == 5


def test_sizes_are_parameters():
    tables = simulate_year(RULES, SMALL).tables
    assert tables["departments"].groupby("group", sort=False).size().tolist() == [7, 5, 4]
    assert tables["social_ballots"].shape == (40, 1 + 16)
    assert len(tables["panel_ballots"]) == 6 * 16 * len(RULES.item_marks)
    assert len(tables["leader_ballots"]) == 3 * 16
    assert len(tables["problems"]) == 2


def test_the_seed_decides_everything(tables):
    for name, table in simulate_year(RULES).tables.items():
        pd.testing.assert_frame_equal(table, tables[name])
    for other in (simulate_year(RULES.replace({"seed": 1})), simulate_year(RULES, attempt=1)):
        assert not other.tables["panel_ballots"]["score"].equals(tables["panel_ballots"]["score"])
        assert not set(other.tables["panel_ballots"]["ballot"]) & set(tables["panel_ballots"]["ballot"])


def test_composites_spread_as_in_a_year(loaded):
    composite = score(gather(loaded, RULES), RULES).exact["composite"]
    assert composite.std() == pytest.approx(1.25, abs=0.25)
    deviations = [
        score(gather(replace(loaded, **frames), RULES), RULES).exact["composite"].std() for frames in _other_years(12)
    ]
    assert np.mean(deviations) == pytest.approx(1.25, abs=0.08)


def _other_years(count):
    """Frames as `load_year` would type them, without the way over files."""
    for attempt in range(1, count + 1):
        tables = simulate_year(RULES, attempt=attempt).tables
        yield {
            "departments": tables["departments"],
            "panel_ballots": tables["panel_ballots"],
            "leader_ballots": tables["leader_ballots"].astype({"score": float}),
            "social_ballots": tables["social_ballots"].melt("ballot", var_name="department", value_name="rating"),
            "deductions": tables["deductions"].assign(verified=tables["deductions"]["verified"] == "yes"),
            "problems": tables["problems"],
            "rulings": tables["rulings"],
        }


def test_social_ratings_are_left_skewed(loaded):
    points = loaded.social_ballots["rating"].map({word: float(value) for word, value in RULES.social.points.items()})
    assert points.skew() < -0.5
    shares = loaded.social_ballots["rating"].value_counts(normalize=True)
    assert 0 < shares[""] < shares["不了解"] < 0.15


def test_no_juror_scores_the_group_of_its_home(tables):
    departments = tables["departments"].set_index("department")
    homes = departments.loc[tables["jurors"]["home"]]
    assert (homes["group"].to_numpy() != tables["jurors"]["group"].to_numpy()).all()
    assert (homes["leading_group"] == "yes").all()
    assert (tables["jurors"]["head"] == "no").all()
    assert tables["jurors"]["juror"].is_unique


def test_tokens_are_opaque_and_ballots_listed_by_them(tables):
    ballots = [tables[name]["ballot"] for name in ("panel_ballots", "leader_ballots", "social_ballots")]
    tokens = pd.concat([ballot.drop_duplicates() for ballot in ballots])
    assert len(tokens) == 27 + 12 + 726
    assert tokens.is_unique
    assert (tokens.str.len() == 16).all()
    assert not set(tokens) & set(tables["jurors"]["juror"])
    assert all(ballot.is_monotonic_increasing for ballot in ballots)


def test_a_ballot_scores_one_group(tables):
    groups = tables["panel_ballots"]["department"].map(tables["departments"].set_index("department")["group"])
    assert groups.groupby(tables["panel_ballots"]["ballot"]).agg(lambda of_ballot: len(set(of_ballot))).eq(1).all()


def test_no_table_lists_departments_by_rank(tables):
    codes = tables["departments"]["department"]
    for group in RULES.groups:
        assert codes[tables["departments"]["group"] == group].is_monotonic_increasing


def test_the_spot_checks_are_those_of_the_draw_with_all_items(tables):
    drawn = draw(RULES, tables["departments"])["department"]
    checked = tables["spot_checks"].groupby("department")["item"].agg(set)
    assert set(checked.index) == set(drawn)
    assert all(items == set(RULES.item_marks) for items in checked)


def test_both_rounds_of_inspection_visit_everyone_once(tables):
    visits = tables["inspections"]
    assert visits.groupby("round")["department"].agg(["size", "nunique"]).to_numpy().tolist() == [[96, 96], [96, 96]]
    assert visits.loc[visits["round"] == 1, "date"].max() <= visits.loc[visits["round"] == 2, "date"].min()


def test_deductions_have_every_source_some_unverified_and_an_incident_told_twice(tables):
    rows = tables["deductions"]
    assert set(rows["source"]) == set(RULES.deductions.sources)
    assert 0 < (rows["verified"] == "no").mean() < 0.4
    twice = rows[rows["incident"] != ""].groupby("incident")
    assert 1 <= len(twice) <= 4
    assert twice["source"].agg(lambda sources: len(set(sources))).eq(2).all()
    assert twice["department"].agg(lambda departments: len(set(departments))).eq(1).all()


def test_no_two_rows_of_deductions_are_equal_however_many_there_are():
    busy = simulate_year(RULES, SMALL, World(deductions=200.0)).tables["deductions"]
    assert len(busy) > 1000
    assert not busy.duplicated().any()


def test_self_assessments_are_a_little_above_the_panel(tables):
    claimed = tables["self_assessments"].set_index(["department", "item"])["score"]
    marks = claimed.index.get_level_values("item").map({item: float(full) for item, full in RULES.item_marks.items()})
    given = tables["panel_ballots"].groupby(["department", "item"])["score"].mean().reindex(claimed.index)
    assert (claimed <= marks).all()
    assert 0.005 < ((claimed - given) / marks).mean() < 0.03


def test_no_record_reads_as_if_it_had_happened(tables):
    texts = [
        *(("deductions", "note"), ("problems", "problem"), ("queries", "question"), ("queries", "resolution")),
        *(("self_assessments", "evidence"),),
    ]
    for table, column in texts:
        assert tables[table][column].str.startswith("合成").all(), (table, column)
    assert tables["jurors"]["juror"].str.fullmatch(r"考評員\d\d").all()


def test_deductions_that_count_are_those_of_the_truth(simulated, loaded):
    evidence = gather(loaded, RULES)
    truth = simulated.truth.loc[evidence.departments, "deducted"]
    assert evidence.deducted == pytest.approx(truth.to_numpy())


def test_raters_without_number_would_give_the_truth():
    """Over many ballots the means come to what `truth` says: no rater and no rule in between is biased."""
    many = Sizes(departments=4, jurors=400, leaders=400, forms=4000)
    year = simulate_year(RULES, many)
    panel = year.tables["panel_ballots"].groupby(["department", "item"])["score"].mean().unstack()
    for item, marks in RULES.item_marks.items():
        difference = ((panel[item] - year.truth[item]) / float(marks)).abs()
        assert difference.median() < 0.001, item
        # Scores held back at the end of a band, which the truth leaves out.
        assert difference.max() < 0.005, item
    leaders = year.tables["leader_ballots"].groupby("department")["score"].mean()
    assert (leaders - year.truth["leaders"]).abs().max() < 1.0
    points = {word: float(value) for word, value in RULES.social.points.items()}
    social = year.tables["social_ballots"].set_index("ballot").apply(lambda answers: answers.map(points)).mean()
    assert (social - year.truth["social"]).abs().max() < 1.5


def test_nothing_seen_falls_when_quality_rises():
    world, drawn = World(), chance(RULES, SMALL, World())
    bands = bands_set(drawn, RULES, world)
    before = cast(drawn, bands, RULES, world)
    after = cast(replace(drawn, quality=drawn.quality + 0.5), bands, RULES, world)
    assert (after.scores >= before.scores).all()
    assert (after.ratings >= before.ratings).all()
    assert (after.answers <= before.answers).all()


def test_equal_departments_differ_by_noise_alone():
    equal = World(merit_spread=0.0, view_spread=0.0, standing=0.0, deductions=0.0, ease=0.0)
    truth = simulate_year(RULES, SMALL, equal).truth
    expected = [*RULES.item_marks, "leaders", "social"]
    assert np.ptp(truth[expected].to_numpy(), axis=0) == pytest.approx(np.zeros(len(expected)), abs=1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"bands": {"any": (0, 1)}, "labels.bands": {"any": "檔"}},
        {"social.points": {"好": 100, "中": 50, "差": 0}, "social.left_out": []},
        {"social.points": {"一": 100, "二": 75, "三": 50, "四": 25, "五": 0}, "social.left_out": ["不知"]},
        {"inspections.rounds": 0},
        {"lang": "en"},
    ],
    ids=["one band", "three answers", "five answers", "no rounds", "English"],
)
def test_other_rulebooks(changes, tmp_path, monkeypatch):
    rules = RULES.replace(changes)
    write_tables(simulate_year(rules, SMALL).tables, tmp_path)
    shutil.copy(RULEBOOK, tmp_path)
    monkeypatch.setattr("appraisal.tables.read_rulebook", lambda path: rules)
    assert load_year(tmp_path).departments.shape[0] == 16


def test_a_real_year_is_never_overwritten(tmp_path):
    (tmp_path / RULEBOOK.name).write_text(
        RULEBOOK.read_text(encoding="utf-8").replace('data = "synthetic"', 'data = "real"'), encoding="utf-8"
    )
    with pytest.raises(FolderError, match="synthetic"):
        write_year(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [RULEBOOK.name]


def test_a_notice_that_lacks_columns_is_said_and_nothing_written(tmp_path):
    shutil.copy(RULEBOOK, tmp_path)
    (tmp_path / NOTICE).write_text("department,name,group,tier,place\nd1,部門,service,best,1\n", encoding="utf-8")
    with pytest.raises(FolderError) as caught:
        write_year(tmp_path)
    assert str(caught.value).splitlines() == [
        f"notice.csv, row 1, column {column}: is missing; a year is only made up from a notice that has this column"
        for column in ("withdrew", "leading_group")
    ]
    assert {path.name for path in tmp_path.iterdir()} == {RULEBOOK.name, NOTICE}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("department,name\nd1,市委組織部門辦公室\n".encode("big5"), "is written in Big5"),
        (b"department,name\nd1,\xff\xff\n", "row 2: cannot be read as UTF-8 or GB18030"),
        (b"department,name\nd1\n", "row 2: has 1 cells where the heads are 2"),
        (b"", "is empty"),
    ],
)
def test_a_notice_that_cannot_be_read(tmp_path, content, message):
    (tmp_path / NOTICE).write_bytes(content)
    with pytest.raises(FolderError, match=message):
        read_notice(tmp_path / NOTICE)


def test_a_notice_is_read_as_tables_are(tmp_path):
    text = (RULEBOOK.parent / NOTICE).read_text(encoding="utf-8")
    (tmp_path / NOTICE).write_bytes(text.encode("gb18030"))
    notice = read_notice(tmp_path / NOTICE)
    pd.testing.assert_frame_equal(notice, pd.read_csv(RULEBOOK.parent / NOTICE, dtype="str", keep_default_na=False))


@pytest.mark.parametrize("name", ["tables.xlsx", "social_counts.csv"])
def test_no_year_is_made_up_beside_a_workbook_or_counts(tmp_path, name):
    shutil.copy(RULEBOOK, tmp_path)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(FolderError, match=f"{name}: is there, and the tables that are made up cannot stand beside it"):
        write_year(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {RULEBOOK.name, name}


@pytest.mark.parametrize(("lang", "answers"), [("zh-Hant", {"是", "否"}), ("en", {"yes", "no"})])
def test_a_made_up_workbook_says_yes_and_no_in_the_language_of_its_rulebook(lang, answers):
    rules = RULES.replace({"lang": lang})
    book = openpyxl.load_workbook(io.BytesIO(tables_workbook(simulate_year(rules, SMALL).tables, rules)))
    sheet = book[title(CONTRACTS["departments"], lang)]
    cells = pd.DataFrame(sheet.iter_rows(min_row=2, values_only=True), columns=[cell.value for cell in sheet[1]])
    head = next(title(column, lang) for column in CONTRACTS["departments"].columns if column.name == "leading_group")
    assert set(cells[head]) == answers


def test_tables_in_memory_are_as_read(simulated, loaded):
    read, held = gather(loaded, RULES), gather(as_year(simulated, RULES), RULES)
    assert held.departments.equals(read.departments)
    assert (held.problem == read.problem).all()
    for name, value in score(read, RULES).exact.items():
        assert score(held, RULES).exact[name] == pytest.approx(value, abs=1e-12)


def test_other_raters_judge_the_same_departments():
    first, again = (simulate_year(RULES, SMALL, raters=raters) for raters in (0, 1))
    pd.testing.assert_frame_equal(first.truth, again.truth)
    for kept in ("departments", "bands", "deductions", "problems"):
        pd.testing.assert_frame_equal(first.tables[kept], again.tables[kept])
    for judged in ("panel_ballots", "leader_ballots", "social_ballots"):
        assert not first.tables[judged].equals(again.tables[judged])


def judged(world, panels, sizes=SMALL):
    """What several sets of raters put on paper about the same departments, and what unlimited ones would give."""
    drawn = [chance(RULES, sizes, world, raters=raters) for raters in range(panels)]
    bands = bands_set(drawn[0], RULES, world)
    return [cast(each, bands, RULES, world) for each in drawn], expected(drawn[0], bands, RULES, world)


@pytest.mark.parametrize("world", [World(), World(agreed=0.3), World(heaped=0.3), World(tails=3)])
def test_the_truth_is_what_many_raters_come_to_in_every_world(world):
    """Also where scores heap or errors have long tails; what a panel agrees on averages out over panels."""
    panels = 400
    opinions, (scores, ratings, _social) = judged(world, panels)
    marks = np.array([float(full) for full in RULES.item_marks.values()])[:, None]
    for seen, true in (
        (np.array([each.scores.mean(axis=0) / marks for each in opinions]), scores / marks),
        (np.array([each.ratings.mean(axis=0) for each in opinions]), ratings),
    ):
        error = seen.std(axis=0) / np.sqrt(panels)
        assert (np.abs(seen.mean(axis=0) - true) < 5 * error + 1e-4).all()


def test_a_panel_agrees_as_told():
    """A mean of 6 jurors varies by 0.3 + 0.7 / 6 of one juror's variance instead of 1 / 6: 2.5 times."""

    def varies(world):
        opinions, _truth = judged(world, 60)
        return np.var([each.scores.mean(axis=0) for each in opinions], axis=0, ddof=1).sum()

    ratio = varies(World(severity=0, agreed=0.3)) / varies(World(severity=0))
    assert ratio == pytest.approx(2.5, rel=0.1)


def test_scores_heap_at_the_ends_of_bands_as_told():
    def at_an_end(world):
        drawn = chance(RULES, SMALL, world)
        bands = bands_set(drawn, RULES, world)
        scores, found = cast(drawn, bands, RULES, world).scores, []
        for number, item in enumerate(RULES.item_marks):
            step = score_step(RULES, item)
            for band, name in enumerate(RULES.bands):
                low, high = RULES.band_range(item, name)
                ends = [float(math.ceil(low / step) * step), float(math.floor(high / step) * step)]  # whole steps
                found += (
                    np.isclose(scores[:, number, bands[number] == band][..., None], ends).any(axis=-1).ravel().tolist()
                )
        return np.mean(found)

    before = at_an_end(World())
    assert at_an_end(World(heaped=0.3)) == pytest.approx(before + 0.3 * (1 - before), abs=0.04)
