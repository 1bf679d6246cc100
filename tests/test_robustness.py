"""Sections on true ranks, other weights, other rulebooks and wrong bands: what they say is what the analysis gave."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from appraisal.analysis.bands import deciding_changes, one_step_changes
from appraisal.analysis.rank_sets import rank_sets
from appraisal.analysis.rulebooks import departures, sweep_rulebooks, tiers_kept
from appraisal.analysis.weights import ENVELOPE, acceptability
from appraisal.reporting import robustness, sensitivity_charts
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from tests.years import rulebook, small_tables, write_year


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


def rows_of(piece) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", piece.html, flags=re.DOTALL)[1:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", piece.html))


def test_who_may_stand_above_a_line_is_named(appraised):
    rows = rows_of(robustness.true_ranks(appraised, 2_000))
    sets = rank_sets(appraised, seed=appraised.rules.seed, draws=2_000)
    names = appraised.scorecard["name"]
    by_line = {row[0]: row[1:] for row in rows}
    own = sets[sets["group"] == "enforcement"]
    surely, may, others = by_line["執法監察部門前8名"]
    assert (int(surely), int(may)) == ((own["simultaneous_high"] <= 8).sum(), (own["simultaneous_low"] <= 8).sum())
    expected = own[(own["simultaneous_low"] <= 8) & (own["rank"] > 8)].index
    assert set(others.split("、")) == set(names[expected])
    each = {row[1]: (row[0], *row[2:]) for row in rows if len(row) == 4 and row[0].isdigit()}
    assert len(each) == 96
    first = own[own["rank"] == 8].iloc[0]
    ends = [f"{first[f'{kind}_low']}–{first[f'{kind}_high']}" for kind in ("marginal", "simultaneous")]
    assert each[names[first.name]] == ("8", *ends)


def test_other_weights_list_who_may_move_and_count_the_rest(appraised):
    piece = robustness.other_weights(appraised, 300, 100.0)
    kept = acceptability(appraised, 300, seed=appraised.rules.seed)["kept"].unstack("scheme")
    moved = kept[(kept < robustness.STEADY).any(axis=1)]
    names = appraised.scorecard["name"]
    assert {row[0] for row in rows_of(piece)} == set(names[moved.index])
    assert f"{96 - len(moved)}個在兩種變動下" in text_of(piece)
    assert "集中度100" in text_of(piece)
    assert "市領導評鑒5–20分、社會評議10–50分，其餘按比例" in text_of(piece)
    assert "給定範圍取自各地公開的方案" in text_of(piece)


def test_the_envelope_is_a_parameter_and_said(appraised):
    piece = robustness.other_weights(appraised, 50, 100.0, {"leaders": [12, 12]})
    assert "均勻取值（市領導評鑒12–12分，其餘按比例）" in text_of(piece)
    assert "公開的方案" not in text_of(piece)
    # The rulebook's own weights, in every draw: only who moves around them is listed.
    assert {row[3] for row in rows_of(piece)} == {"100%"}


def test_the_notebook_draws_from_the_envelope_of_the_analysis():
    notebook = nbformat.read(Path(__file__).parents[1] / "notebooks" / "annual_report.ipynb", as_version=4)
    (parameters,) = (cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    (line,) = (line for line in parameters.splitlines() if line.startswith("envelope = "))
    given = ast.literal_eval(line.partition(" = ")[2])
    assert {source: tuple(ends) for source, ends in given.items()} == ENVELOPE


def test_other_rulebooks_count_and_name_the_answer_that_moves(appraised):
    piece, kept = robustness.other_rulebooks(appraised), tiers_kept(sweep_rulebooks(appraised))
    by_name = {row[0]: row[1:] for row in rows_of(piece)}
    moved = kept[kept["kept"] < kept["of"]]
    assert set(by_name) == set(appraised.scorecard.loc[moved.index, "name"])
    _tier, same, alone = by_name["市委宣傳部"]
    assert same == f"{kept.loc['xuanchuanbu', 'kept']}／{kept.loc['xuanchuanbu', 'of']}"
    assert "不遞補" in alone
    *_same, together = by_name["市統計局"]
    nearest = departures(sweep_rulebooks(appraised), "tongji")
    assert nearest["changed"].iloc[0] == nearest["changed"].min() == 2
    assert re.fullmatch("至少2處同時改變，例如[^；]+取[^；、]+；[^；]+取[^；、]+", together)


def test_wrong_bands_say_sample_bound_and_worst(appraised):
    said = text_of(robustness.wrong_bands(appraised))
    assert "抽閱63項，1項有出入" in said
    assert "全部672項檔位中有出入的至多47項" in said
    assert "9條組內界線中至多有9條" in said


def test_each_band_that_decides_its_department_is_told_with_the_tier_then(appraised):
    rows = {row[0]: row[1:] for row in rows_of(robustness.deciding_bands(appraised))}
    changes = deciding_changes(one_step_changes(appraised))
    assert sum(cell.count("＋") + cell.count("−") for row in rows.values() for cell in row) == len(changes)
    short = {"best": "最佳辦事單位", "advanced": "先進", "good": "良好", "ordinary": "一般"}
    first, items = changes.iloc[0], [item for item in appraised.rules.item_marks if item in set(changes["item"])]
    cell = rows[appraised.scorecard.loc[first["department"], "name"]][1 + items.index(first["item"])]
    bands = ["poor", "fair", "good", "excellent"]
    sign = "＋" if bands.index(first["to"]) > bands.index(first["band"]) else "−"
    assert f"{sign}{short[first['tier_then']]}" in cell


def test_without_spot_checks_nothing_is_inferred(tmp_path):
    tables = small_tables()
    tables["spot_checks"] = tables["spot_checks"].iloc[:0]
    small = appraise(load_year(write_year(tmp_path, tables, rulebook({"lang": '"zh-Hant"'}))))
    assert "無從推算" in text_of(robustness.wrong_bands(small))


def test_a_bar_is_as_long_as_the_weights_that_move_and_none_says_so():
    ax = sensitivity_charts.plot_weight_changes(pd.DataFrame({"line": ["甲", "乙"], "change": [1.5, np.nan]}))
    assert [patch.get_width() for patch in ax.patches] == [1.5, 0.0]
    assert [text.get_text() for text in ax.texts] == ["1.50", "任何分值都不能"]
