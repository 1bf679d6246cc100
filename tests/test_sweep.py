"""Cutoffs moved, one left out: small years whose answer can be worked out on paper."""

from __future__ import annotations

import pytest
import years

from appraisal.analysis.omission import without_ballots, without_parts
from appraisal.analysis.sweep import cutoff_sweep, sweep_steps, swept_values
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year


def appraised(folder, tables=None, changes=None):
    return appraise(load_year(years.write_year(folder, tables, years.rulebook(changes or {}))))


@pytest.fixture(scope="module")
def wide_windows(tmp_path_factory):
    """Twelve departments a group in order; best 1–3 and a wildcard, advanced 1–5, good 6–10."""
    changes = {
        "tiers.best.ranks": "[1, 3]",
        "tiers.advanced.ranks": "[1, 5]",
        "tiers.good.ranks": "[6, 10]",
        "tiers.on_quota_mismatch": '"keep_pool"',
    }
    return appraised(tmp_path_factory.mktemp("year"), years.small_tables(12), changes)


def moved(sweep, cutoff, value) -> dict[str, tuple[str, str]]:
    rows = sweep[(sweep["cutoff"] == cutoff) & (sweep["value"] == value)]
    return {row.department: (row.rule_tier, row.tier) for row in rows.itertuples()}


def test_an_edge_moved_by_one_moves_one_of_each_group(wide_windows):
    sweep = cutoff_sweep(wide_windows)
    # 1–3 and the best fourth, S04, become 1–4 and the best fifth, S05
    up = moved(sweep, "best", 4)
    assert set(up) == {"E04", "L04", "S05"}
    assert set(up.values()) == {("advanced", "best")}
    assert moved(sweep, "good", 11) == {f"{group}11": ("ordinary", "good") for group in "SEL"}
    assert moved(sweep, "advanced", 6) == {f"{group}06": ("good", "advanced") for group in "SEL"}


def test_the_official_values_move_nobody_and_are_marked(wide_windows):
    sweep, values = cutoff_sweep(wide_windows), swept_values(wide_windows.rules)
    official = values[values["official"]]
    assert set(zip(official["cutoff"], official["value"], strict=True)) == {
        ("best", 3),
        ("advanced", 5),
        ("good", 10),
        ("wildcards", 1),
    }
    for row in official.itertuples():
        assert moved(sweep, row.cutoff, row.value) == {}


def test_wildcards_are_swept_from_none_to_one_a_group(wide_windows):
    sweep = cutoff_sweep(wide_windows)
    assert list(moved(sweep, "wildcards", 0).values()) == [("best", "advanced")]
    assert len(moved(sweep, "wildcards", 3)) == 2


def test_a_smaller_share_cuts_the_lowest(wide_windows):
    # 36 in competition: 0.25 is 9 of the 15 places in a window, so six of advanced lose theirs
    rows = moved(cutoff_sweep(wide_windows), "share", 0.25)
    assert sum(tiers[0] == "advanced" for tiers in rows.values()) == 5
    assert all(tier in ("good", "ordinary") for _, tier in rows.values())


def test_one_juror_who_decides_is_counted_and_not_named(tmp_path):
    """Five jurors; four see S02 and S03 as equal, one gives S02 more: without that one the 2|3 line ties."""
    equal = dict.fromkeys(years.ITEMS, None)
    tables = years.small_tables(
        panel={"S02": 0.9, "S03": 0.9}, led={"S02": 85, "S03": 85.1}, social={"S02": "滿意", "S03": "滿意"}
    )
    tables["deductions"] = tables["deductions"][:0]
    ballots = tables["panel_ballots"]
    first = ballots["ballot"][0]
    ballots.loc[
        (ballots["ballot"] == first) & (ballots["department"] == "S02") & (ballots["item"] == "work_style"), "score"
    ] = 23.0
    result = appraised(tmp_path, tables)
    rows = without_ballots(result).query("source == 'panel'").set_index("department")
    assert rows.loc["S02", ["rule_tier", "tier", "ballots", "of"]].tolist() == ["advanced", "good", 1, 5]
    assert rows.loc["S03", ["rule_tier", "tier", "ballots", "of"]].tolist() == ["good", "advanced", 1, 5]
    assert not set(equal) & set(rows.columns)
    assert "ballot" not in rows.columns


def test_without_the_source_that_decides_the_order_turns(tmp_path):
    """S02 leads S03 by the leaders alone; the panel sees it the other way round."""
    tables = years.small_tables(
        panel={"S02": 0.89, "S03": 0.90}, led={"S02": 99, "S03": 80}, social={"S02": "滿意", "S03": "滿意"}
    )
    tables["deductions"] = tables["deductions"][:0]
    rows = without_parts(appraised(tmp_path, tables))
    turned = rows[rows["department"].isin(["S02", "S03"])].groupby("part")["department"].apply(set)
    assert turned["leaders"] == {"S02", "S03"}
    assert "functional_panel" not in turned


def test_an_edge_that_lies_beyond_the_usual_ones_is_swept_around_its_own(wide_windows):
    windows = {"best": (1, 3), "advanced": (1, 40), "good": (41, 60)}
    rules = wide_windows.rules.replace({f"tiers.{tier}.ranks": ranks for tier, ranks in windows.items()})
    values = swept_values(rules)
    for tier, (_first, own) in windows.items():
        tried = values[values["cutoff"] == tier]
        assert tried.loc[tried["own"], "value"].tolist() == [own]
    assert values.loc[values["cutoff"] == "advanced", "value"].tolist() == list(range(36, 45))


def test_steps_lead_away_from_the_own_value_and_add_up_to_the_sweep(wide_windows):
    sweep, values = cutoff_sweep(wide_windows), swept_values(wide_windows.rules)
    base = wide_windows.scorecard["rule_tier"]
    steps = sweep_steps(sweep, values, base)
    edge = steps[(steps["cutoff"] == "advanced") & steps["value"].between(6, 9)]
    assert edge["nearer"].tolist() == (edge["value"] - 1).tolist()
    for value, own in edge.groupby("value"):
        assert set(own["department"]) == {f"{group}{value:02.0f}" for group in "SEL"}
    # Going down, each step starts where the one before ended.
    good = steps[(steps["cutoff"] == "good") & (steps["value"] < 10)]
    assert all(good["nearer"] - good["value"] == 1)
    for (cutoff, value), end in sweep.groupby(["cutoff", "value"]):
        tiers = base.copy()
        own = values.loc[(values["cutoff"] == cutoff) & values["own"], "value"]
        if own.empty or cutoff == "share":
            continue
        between = steps[(steps["cutoff"] == cutoff) & ((steps["value"] - value) * (steps["value"] - own.iloc[0]) <= 0)]
        for step in between.sort_values("value", ascending=value > own.iloc[0], kind="stable").itertuples():
            assert tiers[step.department] == step.before
            tiers[step.department] = step.after
        assert dict(tiers[tiers != base]) == dict(zip(end["department"], end["tier"], strict=True))
