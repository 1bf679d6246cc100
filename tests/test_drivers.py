"""What drives it: published indices, shares known on paper, years in which one source alone decides, 2003."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, sobol_indices
from told import NEVER
from years import ITEMS, counted, rulebook, small_tables, write_year

from appraisal.analysis import drivers as module
from appraisal.analysis.drivers import INPUTS, SHARES, pick_freeze, share_variance, sobol_shares
from appraisal.analysis.margins import cutoff_lines
from appraisal.errors import ReconciliationError
from appraisal.reporting import drivers as section
from appraisal.reporting import sensitivity_charts
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FUNCTIONAL = ("key_works", "department_work", "service_environment")


@pytest.fixture(scope="module")
def appraised_2003():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


def pair_apart(folder, *, counts=False, **given):
    """A year in which all ballots agree: S02 and S03 are alike but for what is given, everyone else apart in all."""
    codes = [f"{letter}{place:02}" for letter in "SEL" for place in range(1, 7)]
    share = {code: 0.985 - 0.045 * int(code[1:]) - 0.001 * "SEL".index(code[0]) for code in codes}
    share |= {"S02": 0.87, "S03": 0.87}
    agreed = {
        "panel": share,
        "led": {code: 100 * share[code] for code in codes},
        "social": dict.fromkeys(codes, "滿意"),
    }
    tables = small_tables(**{name: said | given.get(name, {}) for name, said in agreed.items()})
    tables["deductions"] = tables["deductions"].iloc[:0]
    if counts:
        tables["social_counts"] = counted(tables.pop("social_ballots"))
    return appraise(load_year(write_year(folder, tables, rulebook({"social.returned": "10"} if counts else {}))))


def of(found, output, department=""):
    """Mean and deviation of one output, and its shares by input."""
    (row,) = found.outputs.query("output == @output and department == @department").itertuples()
    return row, found.shares.query("output == @output and department == @department").set_index("input")


# The indices


def ishigami(inputs):
    first, second, third = inputs
    return (np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first))[None]


def test_the_published_indices_of_ishigami_come_out():
    rng = np.random.default_rng(1)
    once, other = (list(rng.uniform(-np.pi, np.pi, (3, 2**14))) for _side in range(2))
    first, low, high, total, total_low, total_high = sobol_shares(
        *pick_freeze(ishigami, once, other), rng, resamples=100
    )[:, 0]
    assert first == pytest.approx([0.3139, 0.4424, 0], abs=0.03)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    # Six intervals of 95 %: one may miss, by a hair.
    for ends, known in (((low, high), [0.3139, 0.4424, 0]), ((total_low, total_high), [0.5576, 0.4424, 0.2437])):
        assert (ends[0] - 0.01 <= known).all()
        assert (known <= ends[1] + 0.01).all()
    assert (high - low < 0.1).all()


def test_whole_groups_of_numbers_share_an_additive_output_by_their_variances():
    """Sums of 4, 9 and 36 numbers of variance 1, the last halved: variances 4, 9 and 9 of 22."""
    rng = np.random.default_rng(2)
    once, other = ([rng.normal(size=(2**13, size)) for size in (4, 9, 36)] for _side in range(2))

    def outputs(inputs):
        small, middle, large = (group.sum(axis=1) for group in inputs)
        return np.stack([small + middle + large / 2, np.full_like(small, 3.0), middle])

    shares = sobol_shares(*pick_freeze(outputs, once, other), rng, resamples=50)
    known = np.array([4, 9, 9]) / 22
    assert shares[0, 0] == pytest.approx(known, abs=0.03)
    assert shares[3, 0] == pytest.approx(known, abs=0.03)
    assert np.isnan(shares[:, 1]).all(), "an output that does not vary has nothing to share"
    assert shares[0, 2] == pytest.approx([0, 1, 0], abs=0.03)
    assert shares[3, 2, [0, 2]].tolist() == [0, 0]


def test_inputs_that_work_only_together_have_a_total_and_nothing_of_their_own():
    rng = np.random.default_rng(3)
    once, other = ([rng.choice([-1.0, 1.0], 2**13) for _input in range(2)] for _side in range(2))
    shares = sobol_shares(*pick_freeze(lambda inputs: (inputs[0] * inputs[1])[None], once, other), rng, resamples=50)
    assert shares[0, 0] == pytest.approx([0, 0], abs=0.05)
    assert shares[3, 0] == pytest.approx([1, 1], abs=0.05)


def test_intervals_hold_the_known_share_about_as_often_as_they_say():
    known, rng, held = np.array([4, 9, 9]) / 22, np.random.default_rng(4), []
    for _repeat in range(40):
        once, other = ([rng.normal(0, sd, 256) for sd in (2, 3, 3)] for _side in range(2))
        shares = sobol_shares(*pick_freeze(lambda inputs: sum(inputs)[None], once, other), rng, resamples=100)
        held += [(shares[1, 0] <= known) & (known <= shares[2, 0]), (shares[4, 0] <= known) & (known <= shares[5, 0])]
    assert 0.88 <= np.mean(held) <= 0.99


def test_intervals_are_those_of_scipys_bootstrap_over_its_own_indices():
    """Whole numbers, as ranks are, one output that hardly varies, and one that does not in most resamples."""
    draw = np.random.default_rng(5)
    once, other = draw.integers(1, 9, (2, 3, 64)).astype(float)
    mixed = draw.integers(1, 9, (4, 3, 64)).astype(float)
    for side in (once, other, *mixed):
        side[1], side[2] = side[1] > 7, 0
    once[2, 5] = mixed[1, 2, 9] = 1

    def indices(drawn):
        found = sobol_indices(func={"f_A": once[:, drawn], "f_B": other[:, drawn], "f_AB": mixed[..., drawn]}, n=64)
        return np.stack([found.first_order, found.total_order])

    asked = {"vectorized": False, "n_resamples": 50, "confidence_level": 0.95, "method": "percentile"}
    ends = bootstrap((np.arange(64),), indices, **asked, rng=np.random.default_rng(6)).confidence_interval
    shares = sobol_shares(once, other, mixed, np.random.default_rng(6), resamples=50)
    assert shares[[0, 3]] == pytest.approx(indices(np.arange(64)))
    assert shares[[1, 4]] == pytest.approx(ends.low)
    assert shares[[2, 5]] == pytest.approx(ends.high)
    assert (ends.high > ends.low).sum() > 20


# Years in which one source decides


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("forms", {"social": {"S02": ("基本滿意",) + ("滿意",) * 9, "S03": ("滿意",) * 8 + ("基本滿意",) * 2}}),
        ("forms", {"social": {"S02": ("滿意",) * 9 + ("基本滿意",), "S03": ("滿意",) * 8 + ("基本滿意",) * 2},
                   "counts": True}),
        # Panel and leaders each agree, and not with each other: 38 × 0.04 against 12 × 0.10, as weights go.
        ("weights", {"panel": {"S03": {i: ITEMS[i] * (0.83 if i in FUNCTIONAL else 0.87) for i in ITEMS}},
                     "led": {"S03": 97.0}}),
    ],
)  # fmt: skip
def test_where_one_source_alone_decides_all_of_the_variance_is_its(tmp_path, source, given):
    found = share_variance(pair_apart(tmp_path, **given), 512)
    others = [name for name in INPUTS if name != source]
    for output in (("rank", "S02"), ("rank", "S03"), ("changed", "")):
        varied, shares = of(found, *output)
        assert varied.deviation > 0.1
        assert shares.loc[source, ["first", "total"]].to_numpy() == pytest.approx([1, 1], abs=0.2)
        assert (shares.loc[others, ["first", "total"]] == 0).all(axis=None)
    varied, shares = of(found, "rank", "E02")
    assert (varied.mean, varied.deviation) == (2, 0)
    assert shares[list(SHARES)].isna().all(axis=None)


def test_one_leader_of_two_and_the_weights_share_a_rank(tmp_path):
    """Weights that hardly vary give hardly anything; the leaders, who disagree, give the rest."""
    tables = small_tables(leaders=2, panel={"S02": 0.90, "S03": 0.90}, social=dict.fromkeys(("S02", "S03"), "滿意"))
    tables["deductions"] = tables["deductions"].iloc[:0]
    leaders = tables["leader_ballots"].set_index(["ballot", "department"])["score"].astype(float)
    first, second = leaders.index.get_level_values(0).unique()
    leaders[first, "S02"], leaders[first, "S03"] = 90, 80
    leaders[second, "S02"], leaders[second, "S03"] = 80, 89
    tables["leader_ballots"] = leaders.reset_index()
    found = share_variance(appraise(load_year(write_year(tmp_path, tables, rulebook({})))), 1024, concentration=1e6)
    varied, shares = of(found, "rank", "S02")
    assert varied.mean == pytest.approx(2.25, abs=0.06)  # turned in one draw of four
    assert shares.loc["leaders", ["first", "total"]].to_numpy() == pytest.approx([1, 1], abs=0.2)
    assert (shares.drop("leaders")[["first", "total"]] == 0).all(axis=None)


# 2003


def test_2003_shares_out_the_rank_of_everyone_near_a_line(appraised_2003):
    found = share_variance(appraised_2003, 256)
    lines = cutoff_lines(appraised_2003)
    ranks = found.shares[found.shares["output"] == "rank"]
    assert set(ranks["department"]) == {*lines["upper"], *lines["lower"]}
    assert (ranks["first_low"] <= ranks["first"]).all()
    assert (ranks["total"] <= ranks["total_high"]).all()
    assert (ranks["first"] < ranks["total_high"]).all()
    sums = ranks.groupby("department")[["first", "total"]].sum()
    assert (sums["first"] < 1.15).all()
    assert (sums["total"] > 0.85).all()
    assert (found.draws, found.seed, found.concentration) == (256, appraised_2003.rules.seed, 100.0)
    assert of(found, "changes")[0].mean > of(found, "changed")[0].mean


def test_the_less_the_weights_vary_the_less_is_theirs(appraised_2003):
    wide, narrow = (
        share_variance(appraised_2003, 128, concentration=concentration)
        .shares.groupby("input")["total"]
        .mean()["weights"]
        for concentration in (30, 3000)
    )
    assert wide > 0.4
    assert narrow < 0.1


def test_same_seed_same_numbers(appraised_2003):
    first, again, other = (share_variance(appraised_2003, 64, seed=seed) for seed in (7, 7, 8))
    assert first.shares.equals(again.shares)
    assert not first.shares.equals(other.shares)


def test_memory_is_bounded_by_chunks_that_are_put_together(appraised_2003, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 16)
    found = share_variance(appraised_2003, 64)
    assert found.shares["total"].between(-0.2, 1.5).sum() == found.shares["total"].notna().sum() > 70


@pytest.mark.parametrize("draws", [0, 1, 1000])
def test_draws_that_are_no_power_of_two_are_refused(appraised_2003, draws):
    with pytest.raises(ValueError, match=f"draws {draws}: .* power of 2"):
        share_variance(appraised_2003, draws)


def test_a_base_case_that_is_not_the_scorecard_stops(appraised_2003):
    scorecard = appraised_2003.scorecard.copy()
    scorecard.loc["minzheng", "rule_tier"] = "good"
    with pytest.raises(ReconciliationError, match="minzheng is admonished here and good on the scorecard"):
        share_variance(replace(appraised_2003, scorecard=scorecard), 16)


# What readers see


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="[^"]*"', "", piece.html)))


def test_the_section_records_what_it_rests_on_and_says_who_gives_most(appraised_2003):
    found = share_variance(appraised_2003, 64, concentration=50)
    said = text_of(section.drivers(appraised_2003, found))
    assert "本節不改變任何結果" in said
    assert "每組64次（種子20031231），逐個互換後重算，共384次" in said
    assert "集中度50" in said
    assert "每一次都有部門的等次與現行結果不同" in said
    assert not re.search(NEVER["zh-Hant"], said)
    ranks = found.shares[found.shares["output"] == "rank"]
    first = ranks.loc[ranks.groupby("department")["first"].idxmax(), "input"]
    assert f"，市領導的票{(first == 'leaders').sum()}個，" in said
    most = ranks.loc[ranks["first"].idxmax()]
    assert f"{appraised_2003.scorecard.loc[most['department'], 'name']}（現列第" in said
    assert f"單獨佔{most['first']:.0%}" in said


def test_a_year_in_which_no_rank_varies_says_so(tmp_path):
    appraised = pair_apart(tmp_path, panel={"S02": 0.895, "S03": 0.85}, led={"S02": 89.5, "S03": 85.0})
    found = share_variance(appraised, 32, concentration=1e9)
    assert found.shares["first"].isna().all()
    assert "the same in all 32 draws" in text_of(section.drivers(appraised, found))


def test_a_lane_a_source_with_a_bar_for_what_it_gives_alone_and_a_circle_for_all():
    shares = {"first": 0.2, "first_low": 0.1, "first_high": 0.3, "total": 0.5, "total_low": 0.4, "total_high": 0.6}
    nothing = dict.fromkeys(shares, -0.01)
    rows = [{"section": "綜合", "row": row, "input": source, **(shares if (row, source) == ("甲", "x") else nothing)}
            for row in ("甲", "乙") for source in ("x", "y")]  # fmt: skip
    ax = sensitivity_charts.plot_drivers(pd.DataFrame(rows), labels={"x": "票", "y": "分值"})
    assert [patch.get_width() for patch in ax.patches] == pytest.approx([0.2, 0, 0, 0])
    assert ax.artists[0].texts == ["綜合", "甲", "乙"]
    assert {"票", "分值"} <= {text.get_text() for text in ax.texts}
    circles = [tuple(lane.get_offsets()[0]) for lane in ax.collections if lane.get_label() == "連同共同作用的份額"]
    assert circles[0] == pytest.approx((0.5, 1.26))
    left = [patch.get_x() for patch in ax.patches]
    assert left[1] == left[3] > 0.6


def test_an_interval_beyond_all_ends_at_all_and_marks_stay_apart():
    shares = {"first": 0.2, "first_low": -0.1, "first_high": 0.5, "total": 0.9, "total_low": 0.4, "total_high": 2.4}
    rows = [{"section": "綜合", "row": "甲", "input": source, **shares} for source in "wxyz"]
    ax = sensitivity_charts.plot_drivers(pd.DataFrame(rows), labels=dict(zip("wxyz", "甲乙丙丁", strict=True)))
    assert ax.artists[1].texts == ["0%", "25%", "50%", "75%", ""] * 4
    ends = [path.vertices[:, 0].max() for lines in ax.collections for path in lines.get_paths()]
    assert max(ends) <= 3 * 1.12 + 1
