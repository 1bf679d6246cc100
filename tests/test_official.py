"""What stops the official case: every problem whole, with its row, its column and all that the message names."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from years import rulebook, small_tables, write_year

from appraisal.errors import Problem, RulingError
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year

ALIKE = {"E02": 0.9, "E03": 0.9}
COMPETING = ["S", "E", "L"]


def appraised(folder, rulings=(), rules=None, **points) -> Appraisal:
    """A year of six departments a group, in Chinese, with these rulings."""
    tables = small_tables(**points)
    rows = [(*row.split(), "經研究決定", "領導小組", "2004-01-05") for row in rulings]
    tables["rulings"] = pd.DataFrame(rows, columns=tables["rulings"].columns)
    text = rulebook({"lang": '"zh-Hant"', **(rules or {})})
    return appraise(load_year(write_year(folder, tables, text)))


def stopped(folder, *args, **options) -> list[Problem]:
    with pytest.raises(RulingError) as caught:
        appraised(folder, *args, **options)
    assert caught.value.lang == "zh-Hant"
    return list(caught.value.problems)


def test_nobody_in_competition(tmp_path):
    everyone = [f"{letter}{place:02}" for letter in COMPETING for place in range(1, 7)]
    found = stopped(tmp_path, rules={"competition.outside": str(everyone)})
    assert found == [Problem("rulebook.nobody", "rulebook.toml", key="competition.outside")]


def test_a_ruling_on_who_is_not_ranked_a_ruling_on_no_tie_and_two_quotas(tmp_path):
    """17 compete: 0.6 × 17 = 10.2, 10 seats of advanced against 3 × 2; 0.1 × 17 = 1.7, 2 of good against 3 × 2."""
    rules = {"competition.outside": '["S06"]', "tiers.advanced.share": "0.6", "tiers.good.share": "0.1"}
    quota = {"size": 17, "seats": 6}
    assert stopped(tmp_path, ["withdraw S01 best", "withdraw S06 best", "tie L02 1"], rules) == [
        Problem("rulings.outside", "rulings.csv", 3, "department", {"department": "綜合06局"}),
        Problem("rulings.tie_of_none", "rulings.csv", 4, "department", {"department": "執法02局"}),
        *(
            Problem("rulings.quota", "rulebook.toml", values=quota | said, key="tiers.on_quota_mismatch")
            for said in (
                {"tier": "先進", "share": "60", "quota": 10},
                {"tier": "良好", "share": "10", "quota": 2},
            )
        ),
    ]


@pytest.mark.parametrize(
    ("rulings", "code"),
    [([], "rulings.tie_open"), (["tie E02 2"], "rulings.tie_given_wrongly"), (["tie E02 2", "tie E03 1"], None)],
)
def test_a_tie_on_a_line_asks_for_the_order_of_its_members(tmp_path, rulings, code):
    """E02 and E03 on the line 2|3: 0.9 × 68 + 80 % of 12 + 20 = 90.8."""
    points = {"panel": ALIKE, "led": dict.fromkeys(ALIKE, 80), "social": dict.fromkeys(ALIKE, "很滿意")}
    if code is None:
        placed = appraised(tmp_path, rulings, **points).scorecard.loc[[*ALIKE], ["rank", "tier"]]
        assert placed.to_numpy().tolist() == [[3, "good"], [2, "advanced"]]
        return
    rows = [f"tie,{department},〔1–2〕,〔reason〕,〔approved_by〕,〔date〕" for department in ALIKE]
    values = {"names": "經濟02局、經濟03局", "composite": "90.8", "last": 2, "rows": "\n".join(rows)}
    assert stopped(tmp_path, rulings, **points) == [Problem(code, "rulings.csv", values=values)]


def test_a_tie_is_open_down_to_the_last_line_and_not_behind_it(tmp_path):
    """S05 and S06 behind the last window need no order; with E04 and E05 the line 4|5 runs through them."""
    tied = {"E04": 0.85, "E05": 0.85, "S05": 0.65, "S06": 0.65}
    points = {"panel": tied, "led": dict.fromkeys(tied, 80), "social": dict.fromkeys(tied, "很滿意")}
    assert [(one.code, one.values["names"]) for one in stopped(tmp_path, **points)] == [
        ("rulings.tie_open", "經濟04局、經濟05局")
    ]


def test_an_open_tie_is_told_behind_one_that_is_ruled(tmp_path):
    tied = {**ALIKE, "L02": 0.91, "L03": 0.91}
    points = {"panel": tied, "led": dict.fromkeys(tied, 80), "social": dict.fromkeys(tied, "很滿意")}
    found = stopped(tmp_path, ["tie E02 1", "tie E03 2"], **points)
    assert [(one.code, one.values["names"]) for one in found] == [("rulings.tie_open", "執法02局、執法03局")]


def test_a_tie_is_told_with_the_digits_of_the_rules_that_are_tried(tmp_path):
    """Rules with no digit at all, tried on a year whose own have two: 90.8 is 91."""
    points = {"panel": ALIKE, "led": dict.fromkeys(ALIKE, 80), "social": dict.fromkeys(ALIKE, "很滿意")}
    year = appraised(tmp_path, ["tie E02 2", "tie E03 1"], **points).year
    with pytest.raises(RulingError) as caught:
        appraise(replace(year, rulings=year.rulings.iloc[:0]), year.rules.replace({"rounding.digits": 0}))
    assert "91" in [problem.values.get("composite") for problem in caught.value.problems]


def test_under_an_open_tie_no_other_ruling_is_judged(tmp_path):
    points = {"panel": ALIKE, "led": dict.fromkeys(ALIKE, 80), "social": dict.fromkeys(ALIKE, "很滿意")}
    assert [one.code for one in stopped(tmp_path, ["withdraw L04 best"], **points)] == ["rulings.tie_open"]


def test_rulings_that_do_not_fit(tmp_path):
    """E05 never was best, S06 is no candidate (L06 has the problem on record), and no seat is open for two."""
    rulings = ["withdraw E05 best", "admonish S06 yes", "admonish S05 no", "seat S05 good", "seat E05 advanced"]
    assert stopped(tmp_path, rulings) == [
        Problem("rulings.withdraw_of_none", "rulings.csv", 2, "department", {"department": "經濟05局"}),
        Problem("rulings.admonish_of_none", "rulings.csv", 3, "department", {"department": "綜合06局"}),
        *(
            Problem("rulings.seat_of_none", "rulings.csv", row, "value", {"department": who, "tier": tier, "open": "0"})
            for row, who, tier in ((5, "綜合05局", "良好"), (6, "經濟05局", "先進"))
        ),
    ]


def test_a_seat_that_is_open_is_named_where_another_was_asked_for(tmp_path):
    """Nobody follows the two who withdraw from best: E03 takes one seat, for L05 there is none of advanced."""
    rulings = ["withdraw S01 best", "withdraw L01 best", "seat E03 best", "seat L05 advanced"]
    found = stopped(tmp_path, rulings, {"tiers.best.backfill": '"none"'})
    values = {"department": "執法05局", "tier": "先進", "open": "最佳 1, 良好 1"}
    assert found == [Problem("rulings.seat_of_none", "rulings.csv", 5, "value", values)]
