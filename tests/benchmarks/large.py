"""A whole province in one folder: reading and appraising 100,000 departments."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measure import ROOT, Row, best, growth, ratio

from appraisal.office.simulate import write_tables
from appraisal.rulebook import read_rulebook
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

DEPARTMENTS, JURORS, LEADERS, FORMS = 100_000, 9, 12, 25
# Departments on one form: those of one place.
ON_A_FORM = 40
BAND = ("good", 0.88, 0.95)
RATINGS = {"很滿意": 100, "滿意": 80, "基本滿意": 60}


def load_and_appraise() -> list[Row]:
    """Folder → scorecard, against reading the three ballot files and a mean a department."""
    with tempfile.TemporaryDirectory() as place:
        small, large = Path(place) / "small", Path(place) / "large"
        for folder, departments in ((small, DEPARTMENTS // 10), (large, DEPARTMENTS)):
            write_year(folder, departments)
        read_small, read = (best(lambda at=at: load_year(at), runs=1)[0] for at in (small, large))
        years = [load_year(at) for at in (small, large)]
        score_small, score = (best(lambda year=year: appraise(year), runs=1)[0] for year in years)
        del years
        bare_small, bare = (best(lambda at=at: _means(at), runs=2)[0] for at in (small, large))
    named = f"{DEPARTMENTS:,} departments, folder → scorecard ÷ `read_csv` and `groupby().mean()` of the ballots"
    return [
        ratio(named, read + score, bare, 3),
        growth("load_year: growth with departments", (DEPARTMENTS // 10, read_small), (DEPARTMENTS, read), 1.05),
        growth("… what stands beside it: growth", (DEPARTMENTS // 10, bare_small), (DEPARTMENTS, bare)),
        growth("appraise: growth with departments", (DEPARTMENTS // 10, score_small), (DEPARTMENTS, score)),
    ]


def write_year(folder: Path, departments: int) -> None:
    """Write a year folder of three groups, one band for all, 9 jurors a panel, 12 leaders, 25 forms a department."""
    random = np.random.default_rng(departments)
    folder.mkdir()
    rulebook = (ROOT / "data" / "2003" / "rulebook.toml").read_text(encoding="utf-8")
    (folder / "rulebook.toml").write_text(
        rulebook.replace('on_quota_mismatch = "stop"', 'on_quota_mismatch = "keep_pool"'), encoding="utf-8"
    )
    rules = read_rulebook(folder / "rulebook.toml")
    groups, marks = list(rules.groups), {item: float(full) for item, full in rules.item_marks.items()}
    codes = np.array([f"d{number:06}" for number in range(departments)])
    position = np.arange(departments) % len(groups)
    every = pd.DataFrame({"department": np.repeat(codes, len(marks)), "item": np.tile(list(marks), departments)})
    full = np.tile(list(marks.values()), departments)
    band, low, high = BAND

    def scores() -> np.ndarray:
        # Downwards to hundredths, from a hundredth above the lower end: never outside the band.
        return np.floor(100 * full * random.uniform(low, high, full.size)) / 100

    def within(values: np.ndarray) -> np.ndarray:
        return np.maximum(values, np.ceil(100 * full * low - 1e-9) / 100)

    panel = pd.concat(
        every.assign(ballot=[f"p{juror}-{group}" for group in np.repeat(position, len(marks))], score=within(scores()))
        for juror in range(JURORS)
    )
    leaders = pd.DataFrame(
        {
            "ballot": np.repeat([f"l{leader:02}" for leader in range(LEADERS)], departments),
            "department": np.tile(codes, LEADERS),
            "score": random.integers(75, 100, LEADERS * departments),
        }
    )
    place = np.arange(departments) // ON_A_FORM
    forms = pd.DataFrame(
        {
            "ballot": [f"f{form}-{at}" for form in range(FORMS) for at in place],
            "department": np.tile(codes, FORMS),
            "rating": random.choice(list(RATINGS), FORMS * departments),
        }
    )
    visits = pd.DataFrame({"department": codes, "date": "2003-06-01"})
    tables = {
        "departments": pd.DataFrame(
            {"department": codes, "name": codes, "group": np.array(groups)[position], "leading_group": "no"}
        ),
        "self_assessments": every.assign(score=within(scores()), evidence=""),
        "bands": every.assign(band=band),
        "panel_ballots": panel[["ballot", "department", "item", "score"]],
        "leader_ballots": leaders,
        "social_ballots": forms,
        "inspections": pd.concat([visits.assign(round=number) for number in (1, 2)]),
    }
    empty = {
        path.stem: pd.read_csv(path, nrows=0)
        for path in (ROOT / "data" / "2003").glob("*.csv")
        if path.stem not in tables
    }
    write_tables(empty | tables, folder)


def _means(folder: Path) -> None:
    """Read the ballots and take a mean a department, without a check or a rule."""
    panel, leaders, social = (
        pd.read_csv(folder / f"{name}.csv") for name in ("panel_ballots", "leader_ballots", "social_ballots")
    )
    panel.groupby(["department", "item"])["score"].mean()
    leaders.groupby("department")["score"].mean()
    social.assign(points=social["rating"].map(RATINGS)).groupby("department")["points"].mean()


ALL = (load_and_appraise,)
