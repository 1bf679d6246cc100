"""Exploring: choices give what the engine gives, carry their mark everywhere, and reach neither a result nor a ballot."""

from __future__ import annotations

import asyncio
import re
import sys
import tomllib
from dataclasses import replace
from functools import partial
from importlib.resources import files

import openpyxl
import pytest
import years
from desks import found, leaning_year, shown

from appraisal.analysis.consequences import Omission, tiers_moved
from appraisal.analysis.sweep import cutoff_sweep
from appraisal.errors import ChoicesError, RunError, TableError
from appraisal.exploring import cutoffs, jurors
from appraisal.exploring.choices import (
    AnomalyChoices,
    CutoffChoices,
    as_toml,
    official_choices,
    open_choices,
    save_choices,
)
from appraisal.exploring.desk import REST, Desk, widget_kit
from appraisal.exploring.sheet import save_sheet
from appraisal.exploring.turning import explore_cutoffs
from appraisal.exploring.unsaved import without_outputs
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import LANGUAGES, catalogue, fold


@pytest.fixture(scope="module")
def appraised(tmp_path_factory):
    return leaning_year(tmp_path_factory.mktemp("exploring") / "2003")


@pytest.fixture(scope="module")
def official(appraised):
    return official_choices(appraised.rules)


# What choices give


def test_choices_that_change_nothing_give_the_official_tiers(appraised, official):
    assert cutoffs.rules_of(official, appraised.rules) == appraised.rules
    supposed = cutoffs.outcome(appraised, official)
    assert supposed.moved.empty
    assert supposed.scorecard["composite"].equals(appraised.scorecard["composite"])


@pytest.mark.parametrize(
    ("change", "cutoff", "value"),
    [
        ({"best": 3}, "best", 3),
        ({"advanced": 6}, "advanced", 6),
        ({"good": 10}, "good", 10),
        ({"wildcards": 0}, "wildcards", 0),
        ({"share": 20.0}, "share", 0.2),
    ],
)
def test_a_cutoff_moved_moves_whom_the_sweep_names(appraised, official, change, cutoff, value):
    sweep = cutoff_sweep(appraised)
    rows = sweep[(sweep["cutoff"] == cutoff) & (sweep["value"] == value)]
    moved = cutoffs.outcome(appraised, replace(official, **change)).moved
    assert len(moved)
    assert moved["tier"].to_dict() == dict(zip(rows["department"], rows["tier"], strict=True))


def test_a_weight_moved_is_a_rulebook_with_that_weight(appraised, official):
    weights = dict.fromkeys(official.weights, 0.0) | {"social": 30.0, "leaders": 10.0}
    rules = cutoffs.rules_of(replace(official, weights=weights), appraised.rules)
    assert {source: float(weight) for source, weight in rules.weights.items() if weight} == {
        "social": 75,
        "leaders": 25,
    }
    supposed = cutoffs.outcome(appraised, replace(official, weights=weights))
    other = appraise(appraised.year, rules.replace({"tiers.on_quota_mismatch": "keep_pool"}))
    assert supposed.scorecard["composite"].equals(other.scorecard["composite"])


def test_a_juror_left_out_moves_whom_the_consequences_name(appraised, official):
    known = jurors.jurors(appraised)
    assert [name for name in known if name.startswith("service")] == [f"service {letter}" for letter in "ABCDE"]
    omissions = {name: Omission(panel=(ballot,)) for name, ballot in known.items()}
    moves = tiers_moved(appraised, omissions.values())
    assert any(moves[omission] for omission in omissions.values())
    for name, omission in omissions.items():
        moved = cutoffs.outcome(appraised, replace(official, left_out=(name,))).moved
        told = {department: then for department, _tier, then in moves[omission]}
        assert moved["tier"].to_dict() == told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"best": 4}, "不能這樣選：最佳連同增補名次止於第5名，超出先進的第4名。"),
        ({"good": 3}, "不能這樣選：良好名次的終點不能在先進名次的終點之前。"),
        ({"wildcards": 4}, "不能這樣選：增補席位最多3個，每個類別至多一個。"),
        ({"left_out": ("service A", "service B", "service C", "service D", "service E")}, "不能這樣選：略去這些考評員後，有部門再沒有得分。"),
        ({"left_out": ("service Z",)}, "service Z"),
        ({"weights": {}}, "本年度沒有"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_line(appraised, official, change, said):
    with pytest.raises((ChoicesError, cutoffs.AppraisalError)) as fault:
        cutoffs.outcome(appraised, replace(official, **change))
    line = cutoffs.refusal(fault.value, "zh-Hant")
    assert said in line
    assert "\n" not in line


def test_weights_that_are_all_nought_are_refused(appraised, official):
    with pytest.raises(ChoicesError) as fault:
        cutoffs.outcome(appraised, replace(official, weights=dict.fromkeys(official.weights, 0.0)))
    assert cutoffs.refusal(fault.value, "zh-Hant") == "不能這樣選：各項權重不能全為零。"


# Secrecy


def numbers(html: str) -> list[str]:
    return re.findall(r"\d+\.\d+", re.sub(r"<figure.*?</figure>|〔.*?〕", "", html, flags=re.DOTALL))


def test_without_a_ballot_only_tiers_are_others(appraised, official):
    whole = cutoffs.outcome(appraised, official)
    for name in jurors.jurors(appraised):
        without = cutoffs.outcome(appraised, replace(official, left_out=(name,)))
        assert without.scorecard.drop(columns="tier").equals(whole.scorecard.drop(columns="tier"))
        assert without.lines.equals(whole.lines)
        for piece in (cutoffs.lines_piece, cutoffs.tiers_piece):
            assert set(numbers(piece(appraised, without, "").html)) <= set(numbers(piece(appraised, whole, "").html))


def test_no_token_is_shown_or_saved(appraised, official, tmp_path):
    name = next(iter(jurors.jurors(appraised)))
    choices = replace(official, left_out=(name,))
    said = cutoffs.told(choices, appraised)
    shown = cutoffs.tiers_piece(appraised, cutoffs.outcome(appraised, choices), said).html
    tokens = set(appraised.year.panel_ballots["ballot"]) | set(appraised.year.jurors["juror"])
    for text in (said, shown, as_toml(choices)):
        assert not [token for token in tokens if token in text]


# The mark


def test_every_picture_carries_the_mark_and_its_choices(appraised, official):
    choices = replace(official, best=3)
    supposed, said = cutoffs.outcome(appraised, choices), cutoffs.told(choices, appraised)
    assert said == "最佳止於第3名"
    scores = supposed.scorecard[supposed.scorecard["group"] == "service"]
    axes = cutoffs.exploring_charts.plot_supposed_scores(scores, supposed.lines.iloc[:0], f"探索·非正式結果：{said}")
    texts = [text.get_text() for text in (*axes.figure.texts, *axes.texts) if text.get_gid() == "exploration"]
    assert f"探索·非正式結果：{said}" in texts
    assert "探索·非正式結果" in texts
    moved = [patch for patch in axes.patches if patch.get_gid() == "moved"]
    assert len(moved) == len(supposed.moved[supposed.moved["group"] == "service"]) == 2
    for piece in (cutoffs.tiers_piece, cutoffs.lines_piece):
        assert f"〔探索·非正式結果：{said}〕" in piece(appraised, supposed, said).html


def test_the_sheet_carries_mark_and_choices_and_no_number(appraised, official, tmp_path):
    choices = replace(official, best=3)
    supposed, said = cutoffs.outcome(appraised, choices), cutoffs.told(choices, appraised)
    sheet = openpyxl.load_workbook(save_sheet(appraised, supposed, said, tmp_path / "a" / "tiers.xlsx")).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "探索·非正式結果：最佳止於第3名"
    assert sheet.title == "探索·非正式結果"
    assert len(rows) == 3 + len(supposed.scorecard)
    assert all(isinstance(cell, str) for row in rows for cell in row if cell is not None)
    with pytest.raises(ChoicesError, match="只放結果所依據的材料"):
        save_sheet(appraised, supposed, said, appraised.year.folder / "tiers.xlsx")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_word_and_the_mark(lang):
    folder = files("appraisal") / "catalogues"
    own, model = (tomllib.loads((folder / code / "exploring.toml").read_text("utf-8")) for code in (lang, "zh-Hant"))
    assert {part: list(said) if isinstance(said, dict) else "" for part, said in own.items()} == {
        part: list(said) if isinstance(said, dict) else "" for part, said in model.items()
    }
    words, traditional = catalogue(lang), catalogue("zh-Hant")
    keys = [key for key in words.phrases if key.startswith("exploring.")]
    assert all(words.placeholders(key) == traditional.placeholders(key) for key in keys)
    assert fold("探索·非正式結果") in fold(words.say("exploring.mark"))


# Choices saved and opened


@pytest.mark.parametrize(
    "choices",
    [
        CutoffChoices(2003, "service", 3, 8, 16, 1, 25.0, "none", "z", {"social": 20.5, "a b": 1.0}, ("service A",)),
        AnomalyChoices(2003, "", "市“甲”局", "severity", 0.1, ()),
    ],
)
def test_choices_come_back_as_they_were_saved(choices, tmp_path):
    path = save_choices(choices, tmp_path / "deep" / "choices.toml")
    assert open_choices(path, type(choices)) == choices
    assert path.read_text(encoding="utf-8").startswith("# 探索·非正式結果\n")
    assert [file.name for file in path.parent.iterdir()] == ["choices.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["holds no choices"]),
        ('kind = "exploration"\nchoices = "CutoffChoices"', ["holds no choices"]),
        ("kind = ", ["cannot be read"]),
        ('kind = "exploration"\nchoices = "AnomalyChoices"\nyear = "2003"\nrate = true\nleft_out = [1]\nmore = 1\ngroup = ""\ntest = ""',
         ["key more: is no choice", "key year: says '2003'", "key rate: says True", "key left_out: says [1]", "key department: is missing"]),
    ],
)  # fmt: skip
def test_what_is_no_file_of_choices_is_refused_with_every_problem(text, said, tmp_path):
    path = tmp_path / "choices.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ChoicesError) as fault:
        open_choices(path, AnomalyChoices, "en")
    assert all(one in str(fault.value) for one in said)
    assert len(fault.value.problems) == len(said)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ChoicesError, match="cannot be read"):
        open_choices(tmp_path / "none.toml", AnomalyChoices, "en")


# The year folder


def test_choices_are_not_saved_into_a_year_folder(official, tmp_path):
    folder = years.write_year(tmp_path / "2003")
    (tmp_path / "elsewhere").symlink_to(folder)
    for place in (folder, folder / "deeper", tmp_path / "elsewhere"):
        with pytest.raises(ChoicesError, match="save it elsewhere"):
            save_choices(official, place / "choices.toml", "en")
    assert not list(folder.rglob("choices*"))


@pytest.mark.parametrize("name", ["choices.toml", ".hidden.toml", "deeper/choices.toml", "confirmation.toml"])
def test_choices_found_in_a_year_folder_are_an_error(official, tmp_path, name):
    folder = years.write_year(tmp_path / "2003")
    saved = save_choices(official, tmp_path / "saved.toml")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(saved.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(TableError) as fault:
        load_year(folder)
    assert str(fault.value).startswith(f"{name}: is a file of choices of an explore notebook")
    assert len(fault.value.problems) == 1


# The desk


def test_the_desk_follows_its_controls(appraised, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = explore_cutoffs(appraised)
    assert "等次改變的部門：0個" in shown(desk)
    found(desk, "最佳止於").value = 3
    assert "探索·非正式結果：最佳止於第3名" in shown(desk)
    assert "等次改變的部門：3個" in shown(desk)
    found(desk, "存選擇").click()
    found(desk, "存表格").click()
    found(desk, "最佳止於").value = 4
    assert "不能這樣選：最佳連同增補名次止於第5名" in shown(desk)
    assert "等次改變的部門：" not in shown(desk)
    found(desk, "恢復規則文件").click()
    assert "等次改變的部門：0個" in shown(desk)
    found(desk, "開啟選擇").click()
    assert "等次改變的部門：3個" in shown(desk)
    assert {file.name for file in (tmp_path / "explorations").iterdir()} == {"2003-cutoffs.toml", "2003-cutoffs.xlsx"}


def test_a_key_held_down_draws_once_when_it_rests():
    drawn = []
    desk = Desk({}, lambda: None, lambda _name: None)

    async def turned() -> None:
        for step in range(5):
            desk.at_rest("chart", partial(drawn.append, step))
        desk.at_rest("table", partial(drawn.append, "table"))
        assert drawn == []
        await asyncio.sleep(3 * REST)

    asyncio.run(turned())
    assert sorted(map(str, drawn)) == ["4", "table"]
    desk.at_rest("chart", partial(drawn.append, "at once"))
    assert drawn[-1] == "at once"


@pytest.mark.parametrize(
    ("said", "other"),
    [("best = 2", "best = 99"), ('"social" = 20.0', ""), ("year = 2003", "year = 2004"), ("none", "mine")],
)
def test_the_desk_refuses_what_it_cannot_stand_at(appraised, official, tmp_path, monkeypatch, said, other):
    monkeypatch.chdir(tmp_path)
    path = save_choices(replace(official, backfill="none"), "explorations/2003-cutoffs.toml")
    path.write_text(path.read_text(encoding="utf-8").replace(said, other), encoding="utf-8")
    desk = explore_cutoffs(appraised)
    found(desk, "開啟選擇").click()
    assert "不能這樣選" in shown(desk)
    assert "探索·非正式結果：與規則文件相同" in shown(desk)


def test_without_ipywidgets_it_says_what_is_missing(appraised, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(RunError, match="make lab"):
        explore_cutoffs(appraised)
    with pytest.raises(RunError, match="not installed"):
        widget_kit("en")


# What is saved of a notebook


def test_a_notebook_is_saved_without_what_it_shows():
    cell = {
        "cell_type": "code",
        "source": "1",
        "outputs": [{"data": 1}],
        "execution_count": 3,
        "metadata": {"execution": {}},
    }
    text = {"cell_type": "markdown", "source": "# a"}
    model = {
        "type": "notebook",
        "content": {"cells": [cell, dict(text)], "metadata": {"widgets": {}, "kernelspec": {}}},
    }
    without_outputs(model, path="a.ipynb", contents_manager=None)
    assert model["content"]["cells"] == [
        {"cell_type": "code", "source": "1", "outputs": [], "execution_count": None, "metadata": {}},
        text,
    ]
    assert model["content"]["metadata"] == {"kernelspec": {}}
    other = {"type": "file", "content": "outputs"}
    without_outputs(other, path="a.txt", contents_manager=None)
    assert other == {"type": "file", "content": "outputs"}
