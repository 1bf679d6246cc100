"""Coverage and recusal: each fact found where it is, nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from years import write_year

from appraisal.analysis import groups, process
from appraisal.analysis.bands import one_step_changes
from appraisal.analysis.flags import Settings, judge
from appraisal.reporting.anomalies import consequence
from appraisal.scoring.appraise import appraise
from appraisal.supervision import draw
from appraisal.tables import load_year

SETTINGS = Settings()


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year("data/2003"))


def flags_of(appraised, year, tests=process.tests):
    found = judge(appraised, tests(replace(appraised, year=year), SETTINGS), SETTINGS).flags
    return {name: rows.drop(columns="family") for name, rows in found.groupby("family")}


def test_the_bundled_year_keeps_to_the_process(appraised):
    assert flags_of(appraised, appraised.year) == {}


def test_a_department_that_a_round_did_not_visit(appraised):
    visits = appraised.year.inspections
    left = visits[(visits["department"] != "unnamed03") | (visits["round"] == 1)]
    found = flags_of(appraised, replace(appraised.year, inspections=left))
    assert list(found) == ["rounds_missing"]
    row = found["rounds_missing"].iloc[0]
    assert (row["department"], dict(row["values"]), row["moved"]) == ("unnamed03", {"round": 2}, ())


def test_what_was_read_again_against_the_draw(appraised):
    year, rows = appraised.year, appraised.year.spot_checks
    drawn = draw(year.rules, year.departments)["department"].tolist()
    short = rows[~((rows["department"] == drawn[0]) & (rows["item"] == "level"))]
    added = short.iloc[[0]].assign(department="unnamed40")
    assert "unnamed40" not in drawn
    found = flags_of(appraised, replace(year, spot_checks=pd.concat([short, added])))
    assert set(found["sample_differs"]["department"]) == {drawn[0], "unnamed40"}
    gone = flags_of(appraised, replace(year, spot_checks=rows[rows["department"] != drawn[1]]))
    assert gone["sample_differs"]["department"].tolist() == [drawn[1]]


def test_open_queries_and_the_band_that_hangs_on_them(appraised):
    year, queries = appraised.year, appraised.year.queries.copy()
    queries.loc[queries.index[2], "settled"] = pd.NaT
    row = flags_of(appraised, replace(year, queries=queries))["open_queries"].iloc[0]
    assert row["department"] == queries.iloc[2]["department"]
    assert row["left_out"] == "points"
    changes = one_step_changes(appraised)
    low = {band: ends[0] for band, ends in year.rules.bands.items()}
    own = changes[(changes["department"] == row["department"]) & (changes["item"] == row["item"])]
    down = own[own["to"].map(low) < own["band"].map(low)]
    assert len(row["moved"]) == int(down["changed"].sum())


@pytest.mark.parametrize(
    ("breach", "changes"),
    [
        ("head", {"head": True}),
        ("home", {"home": "weiban"}),
        ("outside", {"home": "unnamed30"}),
    ],
)
def test_breaches_of_recusal(appraised, breach, changes):
    year = appraised.year
    jurors = year.jurors.copy()
    for column, value in changes.items():
        jurors.loc[jurors.index[0], column] = value
    found = flags_of(appraised, replace(year, jurors=jurors))
    assert list(found) == [f"recusal_{breach}"]
    row = found[f"recusal_{breach}"].iloc[0]
    assert row["group"] == "service"
    assert row["values"]["row"] == 2
    assert row["juror"] == ""
    assert (row["left_out"], row["moved"]) == ("anonymous", None)  # no ballot can be told to be this juror's
    assert consequence(appraised, row) == "票為無記名，無從對應到人，不作計算"


def test_a_home_that_is_not_given_is_neither_a_breach_nor_a_comparison(appraised):
    year, jurors = appraised.year, appraised.year.jurors.assign(head=True)
    jurors.loc[jurors.index[3:], "home"] = ""
    families = process.tests(replace(appraised, year=replace(year, jurors=jurors)), SETTINGS)
    compared = {family.name: family.comparisons for family in families if family.name.startswith("recusal")}
    assert {name: len(rows) for name, rows in compared.items()} == dict.fromkeys(compared, 3)
    assert compared["recusal_head"]["row"].tolist() == jurors.index[:3].tolist()
    none = flags_of(appraised, replace(year, jurors=jurors.assign(home="")))
    assert none == {}


def test_severe_panels_against_weak_groups():
    """A panel that gives less is severe; a group that everybody gives less is weak."""
    appraised = appraise(load_year("data/2003"))
    evidence, group = appraised.evidence, appraised.evidence.group == 1
    base = groups.panel_severity(appraised)
    worth = groups._worth(appraised.rules)
    marks = np.array([float(full) for full in appraised.rules.item_marks.values()])

    def with_panel(change):
        panel = evidence.panel.copy()
        panel[:, group] += change * marks
        return replace(appraised, evidence=replace(evidence, panel=panel))

    severe = groups.panel_severity(with_panel(-0.02))
    shift = -0.02 * float(marks @ worth)
    assert severe["severity"][1] - base["severity"][1] == pytest.approx(shift)
    assert severe["severity"][0] == pytest.approx(base["severity"][0])
    assert severe["p"][1] < 0.01 < base["p"][1]
    slope = groups._pooled_slope(*groups.bridge_points(appraised)[:2], evidence.group)
    weak = with_panel(-0.01)
    leaders = replace(evidence.leaders, total=evidence.leaders.total - evidence.leaders.count * 2.0 * group)
    anchored = groups.panel_severity(replace(weak, evidence=replace(weak.evidence, leaders=leaders)))
    only_panel = groups.panel_severity(weak)
    assert anchored["severity"][1] - only_panel["severity"][1] == pytest.approx(slope * 0.24)


def test_the_contest_by_its_own_scale_is_the_official_one(appraised):
    contest = groups.wildcard_scales(appraised)
    assert contest.groupby("scale")["seat"].sum().to_dict() == {"raw": 1, "z": 1, "anchored": 1}
    for scale in ("raw", "z", "anchored"):
        other = appraise(
            appraised.year, appraised.rules.replace({"tiers.best.wildcard_scale": scale, "tiers.best.backfill": "none"})
        )
        said = next(d for d in other.decisions if d.code == "contest")
        seat = contest[(contest["scale"] == scale) & contest["seat"]]["department"].iloc[0]
        assert seat in said.departments[:1]


def test_adjusted_tiers_are_the_official_ones_where_panels_are_alike(tmp_path):
    appraised = appraise(load_year(write_year(tmp_path)))
    adjusted = groups.severity_adjusted(appraised)
    assert set(adjusted.columns) == {"group", "rule_tier", "tier", "moved"}
    assert (adjusted["rule_tier"] == appraised.scorecard["rule_tier"]).all()


def test_a_juror_who_left_a_department_out_neither_helps_nor_harms_it(appraised):
    """The severest ballot without one department: adjusted, that department keeps its place."""
    evidence, members = appraised.evidence, np.flatnonzero(appraised.evidence.group == 0)
    totals = evidence.panel[:, members].sum(axis=(1, 2))
    severest = int(np.nanargmin(np.where(np.isnan(totals), np.inf, totals)))
    panel = evidence.panel.copy()
    harsh = panel.copy()
    harsh[severest] *= 0.97
    missing = harsh.copy()
    missing[severest, members[5]] = np.nan
    both = [groups.severity_adjusted(replace(appraised, evidence=replace(evidence, panel=p))) for p in (harsh, missing)]
    assert both[0]["tier"].tolist() == both[1]["tier"].tolist()


def test_a_group_of_one_or_panels_without_spread_are_not_compared(tmp_path):
    appraised = appraise(load_year(write_year(tmp_path)))
    alike = replace(appraised, evidence=replace(appraised.evidence, panel=np.full_like(appraised.evidence.panel, 1.0)))
    assert groups.panel_severity(alike)["p"].isna().all()
    assert len(judge(alike, groups.tests(alike, SETTINGS), SETTINGS).flags) == 0
