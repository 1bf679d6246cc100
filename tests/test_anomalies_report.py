"""Matters for review on the page: nothing found is told with how hard it was looked, and no word judges."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pandas as pd
import pytest
from told import NEVER

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.consequences import Omission
from appraisal.analysis.flags import Family, Settings, judge
from appraisal.exploring.anomalies import chosen
from appraisal.exploring.choices import AnomalyChoices
from appraisal.reporting import anomalies
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

WORDS = catalogue("zh-Hant")


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year("data/2003"))


@pytest.fixture(scope="module")
def found(appraised):
    return find_flags(appraised)


def flagged(appraised, **columns):
    """One flag made by hand."""
    row = {"group": "service", "juror": "C", "statistic": 7.654321, "p": 1e-9, "effect": 0.4321, "direction": "low"}
    rows = pd.DataFrame([row | {"department": appraised.evidence.departments[0]}])
    omission = columns.pop("omission", lambda at: Omission(panel=(at,)))
    return judge(appraised, [Family(omission=omission, comparisons=rows, method="bh", **columns)], Settings())


def test_every_family_and_setting_has_its_words(found):
    for family in found.families.index:
        for word in ("title", "sentence", "harmless"):
            assert WORDS.has(f"anomalies.tests.{family}.{word}"), (family, word)
    for unit in set(found.families["unit"]) - {""}:
        assert WORDS.has(f"anomalies.units.{unit}"), unit
    for setting in fields(Settings):
        assert WORDS.has(f"anomalies.basis.{setting.name}"), setting.name
        assert WORDS.has(f"anomalies.names.{setting.name}"), setting.name


def test_nothing_in_the_words_judges():
    assert not [
        key
        for key, phrase in WORDS.phrases.items()
        if key.startswith("anomalies.") and re.search(NEVER["zh-Hant"], phrase)
    ]


def test_the_leadership_sees_counts_only(appraised):
    made = flagged(appraised, name="favour", values=("direction",))
    shown = anomalies.counts(appraised, made).html
    assert "提請複核事項" in shown
    assert appraised.scorecard["name"].iloc[0] not in shown
    assert "考評人員C" not in shown


def test_a_flag_is_told_without_its_statistic(appraised):
    made = flagged(appraised, name="favour", values=("direction",))
    shown = anomalies.flags(appraised, made).html
    assert "明顯低於" in shown
    assert "考評人員C" in shown
    assert not {"7.65", "0.43", "1e-09"} & set(re.findall(r"[\d.e-]+", shown))
    assert "≤0.001" in shown


def test_a_consequence_is_always_said(appraised):
    every = tuple(range(appraised.evidence.leaders.ballots))
    best = int((appraised.placement.rule_tier == 0).argmax())
    cases = {
        "本身不改變任何等次": None,
        "無從計算": lambda at: Omission(leaders=every),
        "由最佳辦事單位變為": lambda at: Omission(deducted=((best, 25.0),)),
    }
    for said, omission in cases.items():
        made = flagged(appraised, name="severity", values=("effect", "direction"), omission=omission)
        assert said in anomalies.flags(appraised, made).html


def test_what_leaving_out_a_leader_does_is_told_as_a_number(appraised):
    moved = (("x", "best", "advanced"), ("y", "advanced", "best"))
    flag = {"left_out": "leaders", "moved": moved}
    assert anomalies.consequence(appraised, flag) == "去掉該領導的評分後，有2個部門的等次改變"
    assert anomalies.consequence(appraised, flag | {"moved": ()}) == "不影響任何等次"


def test_jurors_without_a_home_are_told_and_the_heads_among_them(appraised):
    none, jurors = judge(appraised, [], Settings()), appraised.year.jurors
    of = f"{len(jurors)}人中"

    def shown(jurors):
        year = replace(appraised.year, jurors=jurors)
        return anomalies.counts(replace(appraised, year=year), none).html

    assert "未填所在部門" not in shown(jurors)
    some = jurors.assign(home=jurors["home"].where(jurors.index > jurors.index[2], ""), head=False)
    assert f"{of}3人未填所在部門" in shown(some)
    assert "登記為負責同志" not in shown(some)
    some.loc[some.index[0], "head"] = True
    assert "其中1人登記為負責同志" in shown(some)


def test_nothing_found_names_the_table_that_says_how_hard_it_was_looked(appraised, found):
    """Not by its place: on the page of the report it stands above, on a desk below."""
    none = judge(appraised, [], Settings())
    shown = anomalies.flags(appraised, none).html
    assert "本年度各項檢驗沒有提示" in shown
    assert f"見“{WORDS.say('anomalies.families.caption')}”一表" in shown
    assert "<caption>" + WORDS.say("anomalies.families.caption") in anomalies.families(appraised, found).html
    for key, phrase in WORDS.phrases.items():
        assert not (key.startswith("anomalies.") and re.search("[上下]表", phrase)), key


def test_nothing_among_those_chosen_is_not_nothing_at_all(appraised):
    made = flagged(appraised, name="favour", values=("direction",))
    other = chosen(made, AnomalyChoices(2003, "economic", "", "", 0.05))
    assert len(made.flags) == 1
    shown = anomalies.flags(appraised, other).html
    assert "所選的檢驗和類別沒有提示" in shown
    assert "本年度各項檢驗沒有提示" not in shown


def test_how_hard_each_test_looked_is_shown(appraised, found):
    shown = anomalies.families(appraised, found).html
    assert shown.count("<tr") == len(found.families) + 1
    assert "檔寬" in shown


def test_agreement_and_severity_are_shown_by_pseudonym(appraised, found):
    shown = anomalies.agreement(appraised, found).html
    assert "ICC(3,k)" in shown
    assert not set(appraised.year.panel_ballots["ballot"]) & set(re.findall(r"\w+", shown))
