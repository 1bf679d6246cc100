"""Small years drawn at random, full of ties, gaps and rulings: what the oracle and the scoring are held together on."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from appraisal.rulebook import Rulebook
from appraisal.tables import Year
from tests.oracle import TIERS, assess, points_of_all

GROUPS = {"service": "S", "economic": "E", "enforcement": "L"}
VALID = ("很滿意", "滿意", "基本滿意", "不滿意")
LEFT_OUT = ("不了解", "")
# Component → item → full marks, and weights that fit; halves of the last digit are frequent in all of them.
SCHEMES = (
    (
        {"functional": {"a": "14", "b": "10"}, "common": {"c": "25"}, "excellence": {"d": "2", "e": "1.5"}},
        {"functional_panel": "38", "leaders": "12", "common": "25", "excellence": "5", "social": "20"},
    ),
    (
        {"functional": {"a": "16"}, "common": {"c": "8", "d": "8"}},
        {"functional_panel": "37.5", "leaders": "12.5", "common": "25", "social": "25"},
    ),
    (
        {"functional": {"a": "10"}, "common": {"c": "10"}, "innovation": {"d": "4", "e": "1"}},
        {"functional_panel": "40", "leaders": "0", "common": "20", "innovation": "10", "social": "30"},
    ),
    (
        {"functional": {"a": "7"}, "common": {"c": "3"}, "excellence": {"d": "1"}},
        {"functional_panel": "30.5", "leaders": "9.5", "common": "33", "excellence": "7", "social": "20"},
    ),
)


def decimals(table: dict) -> dict:
    """The same numbers as a rulebook holds them."""
    return {key: decimals(value) if isinstance(value, dict) else Decimal(value) for key, value in table.items()}


def random_rules(rng: random.Random, base: Rulebook) -> Rulebook:
    """A rulebook that differs from `base` in every value that decides something."""
    items, weights = map(decimals, rng.choice(SCHEMES))
    names = {name for part in items.values() for name in part}
    trim = rng.choice((0, 0, 1))
    best = rng.choice((1, 1, 2))
    wildcards = rng.choice((0, 1, 1, 1, 2, 3))
    advanced = best + (wildcards > 0) + rng.choice((0, 1, 1, 2))
    keys = ["least_deducted", "functional", *weights]
    return base.replace(
        {
            "items": items,
            "weights": weights,
            "labels.items": dict.fromkeys(names, "項"),
            "labels.components": {**base.labels.components, "innovation": "創新"},
            "labels.bands": {"any": "檔"},
            "bands": {"any": (Decimal(0), Decimal(1))},
            "panel.statistic": "trimmed_mean" if trim else rng.choice(("mean", "mean", "median", "trimmed_mean")),
            "panel.trim": trim,
            "panel.min_ballots": 2 * trim + 1,
            "social.points": dict(
                zip(
                    VALID, map(Decimal, rng.choice(("100 80 60 0", "100 75 50 25", "90 87.5 1 0")).split()), strict=True
                )
            ),
            "deductions.floor": Decimal(rng.choice(("0", "0", "1.5"))),
            "rounding.digits": rng.choice((0, 0, 1, 1, 2, 2, 3, 4)),
            "rounding.mode": rng.choice(("half_up", "half_even")),
            "ties.keys": rng.sample(keys, rng.choice((0, 1, 2, 3))),
            "tiers.on_quota_mismatch": rng.choice(("stop", "cut", "cut", "keep_pool", "keep_pool")),
            "tiers.best": {
                "ranks": (1, best),
                "wildcards": wildcards,
                "wildcard_scale": rng.choice(("raw", "z", "anchored")),
                "backfill": rng.choice(("within_group", "next_fourth", "highest_remaining", "none")),
            },
            "tiers.advanced": {"ranks": (1, advanced), "share": Decimal(rng.choice(("0.25", "0.33", "0.5")))},
            "tiers.good": {
                "ranks": (advanced + 1, advanced + rng.choice((1, 2))),
                "share": Decimal(rng.choice(("0.25", "0.33", "0.1"))),
            },
            "tiers.admonished": {
                "rear": Decimal(rng.choice(("0.1", "0.25", "0.5"))),
                "needs_problem": rng.random() < 0.7,
                "bar": rng.random() < 0.5,
            },
        }
    )


def _listed(rows: list[tuple], columns: str, **dtypes: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split()).astype(dtypes)


def random_year(rng: random.Random, base: Year, largest: int = 6) -> Year:
    """Tables and rules in place of those of `base`, no ruling yet; `largest` is the size of the largest group."""
    rules = random_rules(rng, base.rules)
    departments = [
        (f"{letter}{place:02}", f"{letter}{place:02}局", group, place == 1)
        for group, letter in GROUPS.items()
        for place in range(1, rng.randint(1, largest) + 1)
    ]
    rng.shuffle(departments)
    codes = [row[0] for row in departments]
    jurors, leaders, forms = rng.randint(2 * rules.panel.trim + 1, 5), rng.randint(1, 3), rng.randint(1, 6)
    grid = rng.choice((2, 4, 8, 10, 100))
    gaps = rng.choice((0, 0, 0.15))
    sheets: dict[str, dict] = {}
    for code in codes:
        if sheets and rng.random() < 0.35:
            sheets[code] = sheets[rng.choice(sorted(sheets))]
        else:
            sheets[code] = _sheet(rng, rules, jurors, leaders, forms, grid, gaps)
        if rng.random() < 0.2:
            sheets[code] = _shuffled(rng, sheets[code])
    group_of = {row[0]: row[2] for row in departments}
    if rng.random() < 0.25:
        _flatten(rng, sheets, group_of, rng.choice((("led", "social"), ("panel", "led", "social", "lost"))))
    outside = [code for code in codes if rng.random() < 0.1] if rng.random() < 0.4 else []
    rules = rules.replace({"competition.outside": outside})
    panel = [
        (f"p{group_of[code]}{juror}", code, item, score)
        for code in codes
        for item, scores in sheets[code]["panel"].items()
        for juror, score in enumerate(scores)
    ]
    led = [(f"l{leader}", code, score) for code in codes for leader, score in enumerate(sheets[code]["led"])]
    rated = [(f"s{form}", code, rating) for code in codes for form, rating in enumerate(sheets[code]["social"])]
    lost = [
        (code, item, "2003-05-06", "inspection", points, verified, f"{code}{incident}" if incident else "", str(row))
        for code in codes
        for row, (item, points, verified, incident) in enumerate(sheets[code]["lost"])
    ]
    problems = [(code, "2003-05-06", "inspection", "…") for code in codes if rng.random() < 0.5]
    for rows in (panel, led, rated, lost):
        rng.shuffle(rows)
    panel_ballots = _listed(panel, "ballot department item score", score="float64")
    if rng.random() < 0.5:
        panel_ballots = panel_ballots[panel_ballots["score"].notna()]
    social = _listed(rated, "ballot department rating", rating="str")
    counts = None
    if rng.random() < 0.3:
        counts = social.groupby(["department", "rating"], sort=False).size().reset_index(name="count")
    return replace(
        base,
        rules=rules,
        departments=_listed(departments, "department name group leading_group"),
        bands=_listed([(code, item, "any") for code in codes for item in rules.item_marks], "department item band"),
        panel_ballots=panel_ballots,
        leader_ballots=_listed(led, "ballot department score", score="float64"),
        social_ballots=social if counts is None else None,
        social_counts=counts,
        deductions=_listed(
            lost, "department item date source points verified incident note", points="float64", verified="bool"
        ),
        problems=_listed(problems, "department date source problem"),
        rulings=rulings_of([]),
    )


def _sheet(rng, rules, jurors, leaders, forms, grid, gaps) -> dict:
    """What all said of one department."""
    panel = {}
    for item, marks in rules.item_marks.items():
        scores = [float(Decimal(rng.randint(grid // 2, grid)) / grid * marks) for _juror in range(jurors)]
        most = jurors - 2 * rules.panel.trim - 1
        for juror in rng.sample(range(jurors), sum(rng.random() < gaps for _one in range(most))):
            scores[juror] = float("nan")
        panel[item] = scores
    ratings = [rng.choice(VALID), *(rng.choice((*VALID, *VALID, *LEFT_OUT)) for _form in range(forms - 1))]
    common = sorted(rules.items["common"])
    return {
        "panel": panel,
        "led": [
            float(rng.randint(0, grid) * 100 / grid) if grid < 9 else rng.randint(600, 1000) / 10
            for _l in range(leaders)
        ],
        "social": rng.sample(ratings, len(ratings)),
        "lost": [
            (rng.choice(common), rng.choice((0.5, 0.125, 1, 9)), rng.random() < 0.7, rng.choice(("", "x", "y")))
            for _row in range(rng.choice((0, 0, 1, 2, 4)))
        ],
    }


def _flatten(rng, sheets: dict[str, dict], group_of: dict[str, str], parts: tuple[str, ...]) -> None:
    """Let each group be of one mind about all its departments: no spread, where a float may still see one."""
    first: dict[str, dict] = {}
    for code, sheet in sheets.items():
        model = _shuffled(rng, first.setdefault(group_of[code], sheet))
        sheets[code] = {**sheet, **{part: model[part] for part in parts}}


def _shuffled(rng, sheet: dict) -> dict:
    """The same said by others: equal in all, though not ballot by ballot."""
    return {
        "panel": {item: rng.sample(scores, len(scores)) for item, scores in sheet["panel"].items()},
        "led": rng.sample(sheet["led"], len(sheet["led"])),
        "social": rng.sample(sheet["social"], len(sheet["social"])),
        "lost": sheet["lost"],
    }


def rulings_of(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Rulings of (kind, department, value)."""
    return _listed(
        [(kind, code, value, "…", "…", "2004-01-05") for kind, code, value in rows],
        "kind department value reason approved_by date",
        value="str",
    )


def ruled(rng: random.Random, year: Year) -> pd.DataFrame:
    """Rulings of all kinds, most of which fit: the oracle is asked what there is to rule on."""
    points = points_of_all(year, year.rules)
    tier = {code: card["rule_tier"] for code, card in assess(year, points=points).scorecard.items()}
    codes = sorted(code for code in tier if tier[code])
    if not codes:
        return rulings_of([])
    listed = []
    if rng.random() < 0.5:
        chance = {"best": 0.35, "advanced": 0.08}
        listed += [("withdraw", code, "best") for code in codes if rng.random() < chance.get(tier[code], 0.005)]
    if rng.random() < 0.3:
        chosen = rng.sample(codes, min(2, len(codes)))
        listed += [("admonish", code, "yes" if rng.random() < 0.1 else "no") for code in chosen]
    if rng.random() < 0.2:
        listed += [("committee", rng.choice(codes), rng.choice(TIERS))]
    if rng.random() < 0.6:
        looked_at = assess(replace(year, rulings=rulings_of(listed)), points=points)
        tier = {code: card["rule_tier"] for code, card in looked_at.scorecard.items()}
        free = {place: seats for place, seats in looked_at.open_seats.items() if seats and place != "ordinary"}
        for place in TIERS[:3]:
            takers = [c for c in codes if TIERS.index(place) < TIERS.index(tier[c]) < 4 or rng.random() < 0.01]
            if place in free and takers:
                taker = rng.choice(takers)
                listed.append(("seat", taker, place))
                codes = [code for code in codes if code != taker]
                if rng.random() < 0.5:
                    free[tier[taker]] = 1
    ties = assess(replace(year, rulings=rulings_of(listed)), points=points).ties
    for members in sorted(map(sorted, ties)):
        values = rng.sample(range(1, len(members) + 1), len(members))
        if rng.random() < 0.1:
            values[0] = rng.choice((0, 1, len(values) + 1))
        listed += [("tie", code, str(value)) for code, value in zip(members, values, strict=True)]
    untied = sorted({*tier} - {code for members in ties for code in members})
    if rng.random() < 0.03 and untied:
        listed += [("tie", rng.choice(untied), "1")]
    rng.shuffle(listed)
    return rulings_of(listed)
