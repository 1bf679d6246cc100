"""What the stages are asked in their order, of years that no file holds: who competes at all, then who ties on a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from years import RULEBOOK, small_tables

from appraisal.errors import Problem, RulingError
from appraisal.reading.contracts import CONTRACTS
from appraisal.rulebook import Rulebook, read_rulebook
from appraisal.scoring.appraise import appraise
from appraisal.tables import Year

CODES = ["S01", "S02", "S03", "S04", "S05", "S06"]


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Rulebook:
    """Of a group one is best; advanced goes up to place 2, good up to place 4."""
    path = tmp_path_factory.mktemp("rules") / "rulebook.toml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return read_rulebook(path).replace({"tiers.on_quota_mismatch": "keep_pool", "tiers.best.wildcards": 0})


def year_of(rules: Rulebook, panel: Mapping[str, float]) -> Year:
    """A year of one group, in which only the panel tells the departments apart."""
    alike = {"led": dict.fromkeys(panel, 80.0), "social": dict.fromkeys(panel, "很滿意")}
    tables = small_tables({"service": len(panel)}, panel=panel, jurors=1, leaders=1, forms=1, **alike)
    tables["deductions"] = tables["deductions"].iloc[:0].astype({"verified": bool, "points": float})
    said: dict[str, object] = {field.name: tables.get(field.name, pd.DataFrame()) for field in fields(Year)}
    said |= {"folder": Path(), "rules": rules, "social_counts": None, "returned": 1, "remarks": (), "files": ()}
    return Year(**said | {"places": {name: f"{name}.csv" for name in CONTRACTS}, "heads": {}})


def test_whether_anybody_competes_is_asked_first(rules):
    year = year_of(rules.replace({"competition.outside": CODES}), dict.fromkeys(CODES, 0.9))
    with pytest.raises(RulingError) as caught:
        appraise(year)
    assert caught.value.problems == (Problem("rulebook.nobody", "rulebook.toml", key="competition.outside"),)
    assert caught.value.lang == "en"


@pytest.mark.parametrize("first", range(1, 6))
def test_a_tie_is_asked_about_where_a_window_ends_also_the_last(rules, first):
    """The lines are 1|2, best, 2|3, advanced, and 4|5, good; behind it no order gives a tier."""
    panel = {code: 0.96 - 0.01 * place for place, code in enumerate(CODES)}
    tied = CODES[first - 1 : first + 1]
    year = year_of(rules, panel | dict.fromkeys(tied, panel[tied[0]]))
    if first in (3, 5):
        ranks = appraise(year).scorecard["rank"]
        assert ranks[tied].tolist() == [first, first]
        return
    with pytest.raises(RulingError) as caught:
        appraise(year)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("rulings.tie_open", "rulings.csv")
    assert [row.split(",")[1] for row in problem.values["rows"].splitlines()] == tied
