"""What holds of every year, whatever its tables: order of rows, form of tables, names, a higher score, draws."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from appraisal.errors import RulingError
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Ballots, appraise, appraise_draws
from appraisal.tables import Year, load_year
from tests.oracle import TooManyOrdersError
from tests.random_years import random_year, ruled
from tests.years import counted, rulebook, small_tables, write_year

TABLES = (
    "departments",
    "bands",
    "panel_ballots",
    "leader_ballots",
    "social_ballots",
    "social_counts",
    "deductions",
    "problems",
    "rulings",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Year:
    return load_year(write_year(tmp_path_factory.mktemp("base")))


def years_with_rulings(seed: str, base: Year, count: int) -> list[Year]:
    """Random years with rulings, most of which have a result."""
    rng, years = random.Random(seed), []
    while len(years) < count:
        year = random_year(rng, base)
        try:
            years.append(replace(year, rulings=ruled(rng, year)))
        except TooManyOrdersError:
            continue
    return years


def scorecard_of(year: Year) -> pd.DataFrame | list[str]:
    """The scorecard by department, or why there is none."""
    try:
        return appraise(year).scorecard.sort_index()
    except RulingError as refusal:
        return sorted(problem.code for problem in refusal.problems)


def assert_same(one, other) -> None:
    if isinstance(one, list) or isinstance(other, list):
        assert one == other
    else:
        pd.testing.assert_frame_equal(one, other)


# Order of rows, form of tables, names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(3))
def test_the_order_of_rows_is_irrelevant(base, batch):
    for number, year in enumerate(years_with_rulings(f"rows {batch}", base, 8)):
        shuffled = {
            name: table.sample(frac=1, random_state=number)
            for name in TABLES
            if (table := getattr(year, name)) is not None
        }
        assert_same(scorecard_of(replace(year, **shuffled)), scorecard_of(year))


def test_seat_rulings_fit_in_any_order_of_rows(tmp_path):
    """L02 is admonished out of advanced; L03 takes its seat, L05 that of L03."""
    tables = small_tables()
    tables["problems"] = tables["problems"].assign(department="L02")
    text = rulebook({"tiers.admonished.rear": "0.9"})
    rows = [("seat", "L03", "advanced", "…", "…", "2004-01-05"), ("seat", "L05", "good", "…", "…", "2004-01-05")]
    columns = tables["rulings"].columns
    cards = []
    for order in (rows, rows[::-1]):
        tables["rulings"] = pd.DataFrame(order, columns=columns)
        cards.append(appraise(load_year(write_year(tmp_path / str(len(cards)), tables, text))).scorecard)
    assert_same(*cards)
    assert cards[0].loc[["L02", "L03", "L05"], "rule_tier"].tolist() == ["admonished", "advanced", "good"]


@pytest.mark.parametrize(
    "written",
    [
        {"format": "xlsx"},
        {"wide": ("panel_ballots", "leader_ballots", "social_ballots")},
        {"format": "xlsx", "wide": ("panel_ballots", "social_ballots"), "heads": "zh-Hant"},
        {"heads": "zh-Hans", "encoding": "gb18030"},
        {"encoding": "utf-8-sig", "wide": ("leader_ballots",)},
    ],
)
def test_the_form_of_the_tables_is_irrelevant(base, tmp_path, written):
    assert_same(scorecard_of(load_year(write_year(tmp_path, **written))), scorecard_of(base))


def test_counts_of_answers_say_what_the_forms_say(base, tmp_path):
    tables = small_tables()
    tables["social_counts"] = counted(tables.pop("social_ballots"))
    text = rulebook({"social.returned": "10"})
    assert_same(scorecard_of(load_year(write_year(tmp_path, tables, text))), scorecard_of(base))


def test_rows_of_a_file_may_stand_in_any_order(base, tmp_path):
    tables = {name: table.sample(frac=1, random_state=7) for name, table in small_tables().items()}
    assert_same(scorecard_of(load_year(write_year(tmp_path, tables))), scorecard_of(base))


def renamed(year: Year, rng: random.Random) -> tuple[Year, dict[str, str]]:
    """Other codes and names for departments, groups and items, in another order of the alphabet."""
    codes = sorted(year.departments["department"])
    new = dict(zip(codes, rng.sample([f"單位{number}" for number in range(len(codes))], len(codes)), strict=True))
    groups = dict(zip(year.rules.groups, rng.sample(["甲", "乙", "丙"], len(year.rules.groups)), strict=True))
    items = {item: f"新{item}" for item in year.rules.item_marks}
    incidents = {incident: f"#{incident}" if incident else "" for incident in year.deductions["incident"]}
    words = {"department": new, "group": groups, "item": items, "incident": incidents}
    tables = {}
    for name in TABLES:
        if (table := getattr(year, name)) is not None:
            known = {column: table[column].map(words[column]) for column in words if column in table}
            tables[name] = table.assign(**known)
    tables["departments"] = tables["departments"].assign(
        name=[f"{code}局" for code in tables["departments"]["department"]]
    )
    rules = year.rules.replace(
        {
            "groups": {groups[code]: label for code, label in year.rules.groups.items()},
            "items": {
                component: {items[item]: marks for item, marks in table.items()}
                for component, table in year.rules.items.items()
            },
            "labels.items": {items[item]: "項" for item in items},
            "competition.outside": [new[code] for code in year.rules.competition.outside],
        }
    )
    return replace(year, rules=rules, **tables), new


@pytest.mark.parametrize("batch", range(3))
def test_renaming_is_irrelevant(base, batch):
    rng = random.Random(batch)
    for year in years_with_rulings(f"names {batch}", base, 8):
        other, new = renamed(year, rng)
        one, two = scorecard_of(year), scorecard_of(other)
        if not isinstance(one, list):
            one = one.rename(index=new).sort_index().drop(columns=["name", "group"])
            two = two.drop(columns=["name", "group"])
        assert_same(one, two)


# A higher score -------------------------------------------------------------------------------------------------------


def raised(year: Year, code: str, rng: random.Random) -> Year:
    """The same year, in which somebody said better of the department, or less was deducted."""
    table = rng.choice(("panel_ballots", "leader_ballots", "social", "deductions"))
    rules = year.rules
    if table in ("panel_ballots", "leader_ballots"):
        ballots = getattr(year, table).copy()
        own = ballots.index[(ballots["department"] == code) & ballots["score"].notna()]
        if table == "panel_ballots":
            full = ballots["item"].map({item: float(marks) for item, marks in rules.item_marks.items()})
        else:
            full = pd.Series(100.0, index=ballots.index)
        chosen = rng.sample(list(own), rng.randint(1, len(own)))
        part = rng.choice((0.05, 0.3, 1))
        ballots.loc[chosen, "score"] += ((full - ballots["score"]) * part).round(3)[chosen]
        return replace(year, **{table: ballots})
    if table == "social":
        points = {rating: float(value) for rating, value in rules.social.points.items()}
        top = max(points, key=points.get)
        if year.social_counts is not None:
            counts = year.social_counts.copy()
            own = counts[(counts["department"] == code) & counts["rating"].isin(points)].index
            lower = min(own, key=lambda row: points[counts.loc[row, "rating"]])
            counts.loc[lower, "rating"] = top
            counts = counts.groupby(["department", "rating"], as_index=False, sort=False)["count"].sum()
            return replace(year, social_counts=counts)
        ballots = year.social_ballots.copy()
        own = ballots.index[(ballots["department"] == code) & ballots["rating"].isin(points)]
        ballots.loc[rng.sample(list(own), rng.randint(1, len(own))), "rating"] = top
        return replace(year, social_ballots=ballots)
    rows = year.deductions.index[year.deductions["department"] == code]
    return replace(year, deductions=year.deductions.drop(rng.sample(list(rows), rng.randint(0, len(rows)))))


@pytest.mark.parametrize("batch", range(4))
@pytest.mark.parametrize("scale", ["raw", "z"])
def test_raising_a_score_never_lowers_the_tier(base, batch, scale):
    rng = random.Random(f"{scale} {batch}")
    compared = 0
    for year in years_with_rulings(f"higher {scale} {batch}", base, 8):
        mismatch = "cut" if year.rules.tiers.on_quota_mismatch == "stop" else year.rules.tiers.on_quota_mismatch
        changes = {"tiers.best.wildcard_scale": scale, "tiers.on_quota_mismatch": mismatch}
        year = replace(year, rules=year.rules.replace(changes))
        before = scorecard_of(year)
        if isinstance(before, list):
            continue
        codes = list(before.index[before["rank"].notna()])
        for code in rng.sample(codes, min(4, len(codes))):
            after = scorecard_of(raised(year, code, rng))
            if isinstance(after, list):
                continue
            compared += 1
            tiers = [TIERS.index(card.loc[code, "rule_tier"]) for card in (before, after)]
            assert tiers[1] <= tiers[0], f"{code}: {before.loc[code].to_dict()} then {after.loc[code].to_dict()}"
            assert after.loc[code, "rank"] <= before.loc[code, "rank"]
    assert compared


# Draws ----------------------------------------------------------------------------------------------------------------


def ones(evidence, *draws: int) -> Ballots:
    counts = (len(evidence.panel), evidence.leaders.ballots, evidence.social.ballots)
    return Ballots(*(np.ones((*draws, count)) for count in counts))


@pytest.mark.parametrize("batch", range(3))
def test_draws_without_noise_are_the_official_result(base, batch):
    """Under any coin: an order that mattered would have been ruled on."""
    rng = np.random.default_rng(batch)
    for year in years_with_rulings(f"draws {batch}", base, 8):
        try:
            official = appraise(year)
        except RulingError:
            continue
        evidence = official.evidence
        size = evidence.departments.size
        order = rng.permuted(np.broadcast_to(np.arange(size), (6, size)), axis=-1)
        drawn = appraise_draws(evidence, year.rules, ones(evidence, 6), order)
        assert (drawn.rule_tier == official.placement.rule_tier).all()
        weights = np.array([[float(weight)] * 6 for weight in year.rules.weights.values()])
        assert (
            appraise_draws(evidence, year.rules, ones(evidence, 6), order, weights).rule_tier == drawn.rule_tier
        ).all()


@pytest.mark.parametrize("batch", range(3))
def test_a_withdrawn_department_is_never_best(base, batch):
    """Neither officially nor in a draw, whatever the ballots; and no draw stops."""
    rng = np.random.default_rng(batch)
    for year in years_with_rulings(f"withdrawn {batch}", base, 8):
        withdrew = year.rulings.loc[year.rulings["kind"] == "withdraw", "department"]
        try:
            official = appraise(year)
        except RulingError:
            continue
        assert "best" not in set(official.scorecard.loc[withdrew, "rule_tier"])
        evidence = official.evidence
        # At least one of each ballot, so that nobody is left without a score.
        drawn = Ballots(
            *(rng.integers(1, 4, (40, count.shape[-1])).astype(float) for count in vars(ones(evidence)).values())
        )
        size = evidence.departments.size
        order = rng.permuted(np.broadcast_to(np.arange(size), (40, size)), axis=-1)
        tiers = appraise_draws(evidence, year.rules, drawn, order).rule_tier
        assert (tiers[:, evidence.departments.get_indexer(withdrew)] != TIERS.index("best")).all()


def test_one_draw_at_a_time_is_the_same_as_all_at_once(base):
    rng = np.random.default_rng(1)
    for year in years_with_rulings("chunks", base, 8):
        try:
            evidence = appraise(year).evidence
        except RulingError:
            continue
        drawn = Ballots(
            *(rng.integers(1, 4, (2, 3, count.shape[-1])).astype(float) for count in vars(ones(evidence)).values())
        )
        size = evidence.departments.size
        order = rng.permuted(np.broadcast_to(np.arange(size), (2, 3, size)), axis=-1)
        together = appraise_draws(evidence, year.rules, drawn, order)
        for draw in np.ndindex(2, 3):
            one = Ballots(*(counts[draw] for counts in vars(drawn).values()))
            alone = appraise_draws(evidence, year.rules, one, order[draw])
            assert (alone.rule_tier == together.rule_tier[draw]).all()
            assert (alone.open_seats == together.open_seats[draw]).all()


@pytest.mark.parametrize("statistic", ["mean", "median", "trimmed_mean"])
def test_a_resample_is_the_year_with_its_ballots_written_so_often(base, statistic):
    rng = np.random.default_rng(5)
    rules = base.rules.replace({"panel.statistic": statistic, "panel.trim": 1, "tiers.on_quota_mismatch": "keep_pool"})
    year = replace(base, rules=rules)
    evidence = appraise(year).evidence
    drawn = Ballots(*(rng.integers(1, 4, count.shape).astype(float) for count in vars(ones(evidence)).values()))
    tables = {}
    for name, counts in zip(("panel_ballots", "leader_ballots", "social_ballots"), vars(drawn).values(), strict=True):
        table = getattr(year, name)
        times = dict(zip(pd.unique(table["ballot"]), counts.astype(int), strict=True))
        copies = [
            table.assign(ballot=table["ballot"] + f"-{copy}")[table["ballot"].map(times) > copy] for copy in range(3)
        ]
        tables[name] = pd.concat(copies, ignore_index=True)
    rewritten = appraise(replace(year, **tables)).placement
    resampled = appraise_draws(evidence, rules, drawn, np.arange(evidence.departments.size))
    assert (resampled.rule_tier == rewritten.rule_tier).all()
