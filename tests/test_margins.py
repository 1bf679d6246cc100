"""The ten lines: who stands on their sides, and the least change of one figure that flips a line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from appraisal.analysis.least_changes import least_changes
from appraisal.analysis.margins import CONTEST, cutoff_lines, in_points, inside_groups, lines_between
from appraisal.analysis.variants import would_be, would_rank
from appraisal.scoring.appraise import appraise, rounded_points
from appraisal.scoring.tiers import ADVANCED
from appraisal.tables import load_year
from tests.years import rulebook, small_tables, write_year


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


def test_ten_lines_stand_between_neighbours_of_the_scorecard(appraised):
    lines, card = cutoff_lines(appraised), appraised.scorecard
    assert lines["tier"].tolist() == ["best", "advanced", "good"] * 3 + [CONTEST]
    for line in lines[lines["tier"] != CONTEST].itertuples():
        assert (card.loc[line.upper, "rank"], card.loc[line.lower, "rank"]) == (line.above, line.below)
    assert lines["gap"].to_numpy() == pytest.approx(
        card.loc[lines["upper"], "composite"].to_numpy() - card.loc[lines["lower"], "composite"].to_numpy()
    )


def test_the_contest_stands_between_the_next_places(appraised):
    contest, card = cutoff_lines(appraised).iloc[-1], appraised.scorecard
    fourth = card[card["rank"] == 4].sort_values("composite", ascending=False)
    assert [contest["upper"], contest["lower"]] == fourth.index[:2].tolist()
    assert (contest["above"], contest["below"]) == (4, 4)


@pytest.mark.parametrize("scale", ["z", "anchored"])
def test_a_contest_on_another_scale_is_no_gap_in_points(appraised, scale):
    other = appraise(appraised.year, appraised.rules.replace({"tiers.best.wildcard_scale": scale}))
    lines = cutoff_lines(other)
    assert lines["scale"].tolist() == ["raw"] * 9 + [scale]
    assert CONTEST not in in_points(lines)["tier"].tolist()
    assert len(least_changes(other)) == 9


def test_without_wildcards_there_is_no_contest(appraised):
    rules = appraised.rules.replace({"tiers.best.wildcards": 0})
    assert CONTEST not in lines_between(appraised.points, appraised.evidence, rules)["tier"].tolist()


@pytest.mark.parametrize("line", range(10))
def test_the_least_change_is_that_of_every_tick_in_turn(appraised, line):
    """Brute force: each figure moved by one unit more each time until composite and chain turn the pair."""
    found, row = least_changes(appraised), cutoff_lines(appraised).iloc[line]
    evidence, rules, unit = appraised.evidence, appraised.rules, 10**appraised.points.digits
    pair = evidence.departments.get_indexer([row["upper"], row["lower"]])
    for figure in found.columns:
        least = []
        for side, way in ((1, 1), (0, -1)):
            for ticks in range(100):
                exact = {name: value[pair].copy() for name, value in appraised.points.exact.items()}
                for name in {figure, "composite"} | (
                    {"functional"} if figure in ("functional_panel", "leaders") else set()
                ):
                    exact[name][side] += way * ticks / unit
                variants = would_be(evidence, pair, np.empty((0, 2, evidence.panel.shape[2])))
                upper, lower = would_rank(rounded_points(exact, variants, rules), variants, rules)
                limit = float(rules.weights.get(figure, 100))
                if lower < upper and -1e-9 <= exact[figure][side] <= limit + 1e-9:
                    least.append(ticks / unit)
                    break
        assert found[figure].iloc[line] == pytest.approx(min(least)), figure


def test_a_figure_without_room_cannot_flip_a_line(tmp_path):
    # Everybody has full social marks, so that nobody can rise there; what is above can still fall.
    led = {f"{letter}0{place}": 90 - 5 * place - at for at, letter in enumerate("SEL") for place in range(1, 7)}
    panel = dict.fromkeys(led, 0.9)
    tables = small_tables(panel=panel, led=led, social=dict.fromkeys(led, "很滿意"))
    small = appraise(load_year(write_year(tmp_path, tables, rulebook({}))))
    found, lines = least_changes(small), cutoff_lines(small)
    best = found.iloc[0]
    gap = lines["gap"].iloc[0]
    # 1.1 points of composite; level, social is equal and the upper is 0.6 ahead in functional.
    assert gap == pytest.approx(1.1)
    assert best[["composite", "common"]].to_numpy() == pytest.approx(1.11)
    # What moves social, or functional by more than 0.6, turns the chain too.
    assert best[["social", "leaders"]].to_numpy() == pytest.approx(1.1)
    assert np.isfinite(best).all()


@pytest.mark.parametrize("scale", ["raw", "z", "anchored"])
@pytest.mark.parametrize(("advanced", "good"), [("0.25", "0.25"), ("0.2", "0.1"), ("0.14", "0.3"), ("0.1", "0")])
def test_where_shares_cut_the_lines_are_where_the_cut_left_the_tiers(appraised, scale, advanced, good):
    """Inside a group whoever is above a line has a better tier by places and shares; a tier ends once."""
    rules = appraised.rules.replace(
        {
            "tiers.on_quota_mismatch": "cut",
            "tiers.advanced.share": Decimal(advanced),
            "tiers.good.share": Decimal(good),
            "tiers.best.wildcard_scale": scale,
        }
    )
    other = appraise(appraised.year, rules)
    by_place = pd.Series(other.placement.by_place, index=other.evidence.departments)
    # The tier best ends with its window; the contest gives a seat beyond it, and who withdrew leaves one.
    held = by_place.clip(lower=ADVANCED)
    lines = inside_groups(cutoff_lines(other))
    ends = lines[lines["tier"] != "best"]
    assert (held[ends["upper"]].to_numpy() < held[ends["lower"]].to_numpy()).all()
    for group, own in other.scorecard[other.scorecard["rank"].notna()].groupby("group"):
        steps = held[own.sort_values("rank").index].to_numpy()
        assert (np.diff(steps) >= 0).all()
        mine = lines[lines["group"] == group]
        wanted = {rules.tiers.best.ranks[1], *(np.flatnonzero(np.diff(steps)) + 1).tolist()}
        assert set(mine["above"]) == wanted
