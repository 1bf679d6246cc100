"""The section on the cutoffs and its charts: marks where the numbers stand, sentences that name this year's departments."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
import years

from appraisal.analysis.omission import without_parts
from appraisal.analysis.resampling import rank_intervals, resample, tier_share
from appraisal.analysis.sweep import cutoff_sweep, sweep_steps, swept_values
from appraisal.reporting import sensitivity, sensitivity_charts
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FOLDER_2003 = Path(__file__).parents[1] / "data" / "2003"


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(FOLDER_2003))


@pytest.fixture(scope="module")
def resamples(appraised):
    return resample(appraised, 400)


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="[^"]*"', "", piece.html)))


def test_a_bar_runs_from_the_better_to_the_worse_end():
    ranks = pd.DataFrame(
        {"name": ["甲", "乙"], "rank": [1, 2], "tier": ["best", "advanced"], "low": [1, 1], "high": [1, 4]},
        index=["a", "b"],
    )
    ax = sensitivity_charts.plot_rank_intervals(ranks, [1])
    bars = [
        tuple(path[:, 0]) for lines in ax.collections if hasattr(lines, "get_segments") for path in lines.get_segments()
    ]
    assert bars == [(1, 1), (1, 4)]
    assert [line.get_xdata()[0] for line in ax.lines] == [1.5]
    assert [column.texts for column in ax.artists] == [["1", "2"], ["甲", "乙"]]


def test_a_cell_says_its_share_and_the_own_tier_is_framed():
    shares = pd.DataFrame(
        {
            "name": ["甲"],
            "rank": [1],
            "tier": ["good"],
            "best": [0.0],
            "advanced": [0.25],
            "good": [0.75],
            "ordinary": [0.0],
            "admonished": [0.0],
        }
    )
    ax = sensitivity_charts.plot_tier_shares(shares)
    figures, _ranks, names = ax.artists
    assert (figures.texts, names.texts) == (["25%", "75%"], ["甲"])
    assert figures.places.tolist() == [[1, 0], [2, 0]]
    (framed,) = [cells for cells in ax.collections if cells.get_linewidth()[0] > 0.5]
    assert [path.vertices[:4, 0].mean() for path in framed.get_paths()] == [2]


def test_the_sweep_draws_a_bar_for_each_value_and_none_for_the_official():
    moves = pd.DataFrame({"cutoff": "最佳", "value": [2, 3, 4], "official": [False, True, False], "moved": [3, 0, 6]})
    ax = sensitivity_charts.plot_cutoff_sweep(moves)
    assert [patch.get_height() > 0 for patch in ax.patches] == [True, False, True]
    counts, values = ax.artists
    assert (counts.texts, values.texts) == (["3", "", "6"], ["2", "3", "4"])
    assert values.places.tolist() == [[-1, 0], [0, 0], [1, 0]]


def test_each_chart_is_read_aloud_on_a_department_of_this_year(appraised, resamples):
    intervals = rank_intervals(appraised, resamples)
    said = text_of(sensitivity.ranks(appraised, resamples))
    for _, own in appraised.scorecard.join(intervals).groupby("group"):
        widest = own.loc[(own["high"] - own["low"]).idxmax()]
        assert (
            f"例如{widest['name']}現列第{widest['rank']}名，重抽樣中在第{widest['low']}名至第{widest['high']}名之間"
            in said
        )
    shares = tier_share(appraised, resamples)["tier_share"]
    least = shares.idxmin()
    assert f"{appraised.scorecard.loc[least, 'name']}仍在本等次" in text_of(
        sensitivity.tier_shares(appraised, resamples)
    )


def test_the_sweep_names_who_moves_at_the_next_step(appraised):
    said = text_of(sensitivity.sweep(appraised))
    eighths = appraised.scorecard.query("rank == 9")["name"]
    assert "、".join(eighths) in said
    # The chart is read aloud on the first step up: who would be best, were the window one place longer.
    step = re.search(r"最佳名次止於3改為4，等次改變的有(\d)個：(.*?)。", said)
    moves = cutoff_sweep(appraised).query("cutoff == 'best' and value == 4")["department"]
    assert (int(step[1]), step[2].split("、")) == (len(moves), appraised.scorecard.loc[moves, "name"].tolist())


def test_one_ballot_fewer_gives_counts_and_no_score(appraised):
    said = text_of(sensitivity.omission(appraised))
    assert "只列張數" in said
    assert not re.search(r"\d\.\d", said)


def test_a_year_that_no_ballot_decides_says_so(tmp_path):
    year = load_year(years.write_year(tmp_path, None, years.rulebook({"lang": '"zh-Hant"'})))
    assert "沒有部門的等次改變" in text_of(sensitivity.omission(appraise(year)))


def test_every_step_of_the_sweep_names_who_moves(appraised):
    said = text_of(sensitivity.sweep_in_steps(appraised))
    steps = sweep_steps(cutoff_sweep(appraised), swept_values(appraised.rules), appraised.scorecard["rule_tier"])
    names = appraised.scorecard["name"]
    for (cutoff, nearer, value), own in steps.groupby(["cutoff", "nearer", "value"]):
        scale = 100 if cutoff == "share" else 1
        assert f"{scale * nearer:.0f}→{scale * value:.0f}" in said
        assert all(names[who] in said for who in own["department"])
    assert "25→24" in said


def test_a_part_left_out_names_who_moves(appraised):
    said, rows = text_of(sensitivity.parts(appraised)), without_parts(appraised)
    assert {appraised.rules.label("components", part) for part in rows.loc[rows["kind"] == "component", "part"]} == {
        "職能目標（考核小組）", "市領導評鑒", "共性目標（作風建設）", "爭先創優", "社會評議"
    }  # fmt: skip
    assert all(name in said for name in appraised.scorecard.loc[rows["department"], "name"])


def test_a_larger_share_is_said_to_move_nobody_only_where_it_does(appraised):
    assert "比例高於25%時沒有部門改變等次" in text_of(sensitivity.sweep(appraised))
    kept = {f"tiers.{tier}.share": Decimal("0.24") for tier in ("advanced", "good")}
    wider = appraise(appraised.year, appraised.rules.replace({"tiers.on_quota_mismatch": "keep_pool", **kept}))
    # The windows give 24, the share 23: to cut by 25 % takes back what to cut by 24 % does.
    assert "沒有部門改變等次" not in text_of(sensitivity.sweep(wider))
