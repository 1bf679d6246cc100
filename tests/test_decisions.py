"""What is told of a year worked by hand: every decision whole, in the order of the steps.

Leaders give everyone 80 (9.6 points), the public the most (20), panels a share p of 68: 68 p + 29.6 points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import MappingProxyType

import pandas as pd
import pytest
from years import rulebook, small_tables, write_year

from appraisal.analysis.flags import Settings, judge
from appraisal.analysis.resampling import resample
from appraisal.reporting import narrative
from appraisal.scoring.appraise import appraise
from appraisal.scoring.decisions import Decision
from appraisal.tables import Year, load_year

# 94.2, 92.84, 90.8, 87.4, 84 · 93.52, 92.16, 90.8, 86.72, 84 · 94.88, 91.48, 90.8, 86.04, 83.32
SHARES = {"S": (0.95, 0.93, 0.90, 0.85, 0.80), "E": (0.94, 0.92, 0.90, 0.84, 0.80), "L": (0.96, 0.91, 0.90, 0.83, 0.79)}
ASKED = {"reason": "經研究決定", "approved_by": "領導小組"}
CONTEST = {"place": 2, "scale": "raw", "scores": (92.84, 92.16, 91.48), "winners": ("S02",)}
ALL = {"composite": True, "social": True, "problem": True}


def written(folder, shares: dict[str, tuple[float, ...]], led: Mapping[str, float] = MappingProxyType({})) -> Year:
    panel = {f"{letter}{place:02}": share for letter in shares for place, share in enumerate(shares[letter], 1)}
    tables = small_tables(5, panel=panel, led=dict.fromkeys(panel, 80) | led, social=dict.fromkeys(panel, "很滿意"))
    tables["deductions"] = tables["deductions"].iloc[:0]
    text = rulebook({"tiers.advanced.share": "0.4", "tiers.good.share": "0.4"})
    return load_year(write_year(folder, tables, text))


@pytest.fixture(scope="module")
def year(tmp_path_factory) -> Year:
    return written(tmp_path_factory.mktemp("decisions"), SHARES)


@pytest.fixture(scope="module")
def tied(tmp_path_factory) -> Year:
    """The second of E and of L are equal in all, behind that of S."""
    return written(tmp_path_factory.mktemp("tied"), SHARES | {"L": (0.96, 0.92, 0.90, 0.83, 0.79)})


def ruled(year: Year, *rulings: str) -> pd.DataFrame:
    rows = [(*row.split(), *ASKED.values(), pd.NaT) for row in rulings]
    return pd.DataFrame(rows, columns=year.rulings.columns, index=range(2, len(rows) + 2))


def decided(year: Year, step: str, *rulings: str, **changes: object) -> list[Decision]:
    """Decisions of a step under some rulings and rules."""
    rules = year.rules.replace({key.replace("__", "."): value for key, value in changes.items()})
    return [one for one in appraise(replace(year, rulings=ruled(year, *rulings)), rules).decisions if one.step == step]


@pytest.fixture
def told(year):
    return partial(decided, year)


def test_all_decisions_in_the_order_of_the_steps(year):
    """Nobody is left out of a plain year: the contest of the second places, and who stands at the rear."""
    rear = {"composite": True, "social": True, "problem": False}
    appraised = appraise(year)
    assert appraised.year is year
    assert appraised.rules is year.rules
    assert appraised.decisions == (
        Decision("best", "contest", ("S02", "E02", "L02"), CONTEST),
        Decision("admonition", "not_candidate", ("S05",), rear),
        Decision("admonition", "not_candidate", ("E05",), rear),
        Decision("admonition", "admonished", ("L05",), ALL),
    )


def test_who_withdraws_and_who_moves_up(told):
    """S02 has the place of S01 then, and the contest is once more between the others: S03 is not in advanced."""
    again = {"place": 2, "scale": "raw", "scores": (92.16, 91.48), "winners": ("E02",)}
    assert told("best", "withdraw S01 best") == [
        Decision("best", "contest", ("S02", "E02", "L02"), CONTEST),
        Decision("best", "contest_again", ("E02", "L02"), again),
    ]
    assert told("withdrawal", "withdraw S01 best") == [
        Decision("withdrawal", "withdrew", ("S01",), ASKED),
        Decision("withdrawal", "moved_up", ("E02",), {"backfill": "within_group"}),
    ]


def test_a_seat_that_nobody_fills(told):
    rules = {"tiers__best__backfill": "none"}
    assert told("best", "withdraw S01 best", **rules) == [Decision("best", "contest", ("S02", "E02", "L02"), CONTEST)]
    assert told("withdrawal", "withdraw S01 best", "withdraw S02 best", **rules) == [
        Decision("withdrawal", "withdrew", ("S01",), ASKED),
        Decision("withdrawal", "withdrew", ("S02",), ASKED),
        Decision("withdrawal", "seats_empty", (), {"count": 2, "backfill": "none"}),
    ]
    assert told("seat", "withdraw S01 best", **rules) == [
        Decision("seat", "open", (), {"tier": "best", "count": 1}),
    ]


@pytest.mark.parametrize("wildcards", [0, 1, 2, 3])
def test_as_many_win_the_contest_as_there_are_wildcards(told, wildcards):
    won = told("best", tiers__best__wildcards=wildcards)
    facts = CONTEST | {"winners": ("S02", "E02", "L02")[:wildcards]}
    assert won == ([Decision("best", "contest", ("S02", "E02", "L02"), facts)] if wildcards else [])


RULED = ("tie L02 1", "tie E02 2")
BY_RULING = {"key": "ruling", "first": 1.0, "second": 2.0, "pair": ("L02", "E02")}


@pytest.mark.parametrize(("wildcards", "rulings", "apart"), [(1, (), {}), (2, RULED, BY_RULING), (3, (), {})])
def test_a_contest_says_what_told_the_last_who_won_from_the_first_who_did_not(tied, wildcards, rulings, apart):
    (decision,) = decided(tied, "best", *rulings, tiers__best__wildcards=wildcards)
    contestants = ("S02", "L02", "E02") if rulings else ("S02", "E02", "L02")
    winners = contestants[:wildcards]
    assert decision.departments == contestants
    assert decision.facts == {"place": 2, "scale": "raw", "scores": (92.84, 92.16, 92.16), "winners": winners} | apart


def test_a_contest_held_again_says_what_told_its_first_from_its_second(tied):
    """S02 has the place of S01 then."""
    first, again = decided(tied, "best", *RULED, "withdraw S01 best")
    assert first.facts.keys() == CONTEST.keys()
    assert (again.code, again.departments) == ("contest_again", ("L02", "E02"))
    assert again.facts == {"place": 2, "scale": "raw", "scores": (92.16, 92.16), "winners": ("L02",)} | BY_RULING


@pytest.mark.parametrize(
    ("share", "led", "rulings", "said"),
    [
        (
            0.93,
            80,
            ("tie S02 1", "tie S03 2"),
            "equal in every key; the decision of the leading group tells them apart",
        ),
        (
            0.93,
            80,
            ("tie S03 1", "tie S02 2"),
            "equal in every key; the decision of the leading group tells them apart",
        ),
        (0.933, 78.3, (), "same composite; the keys for ties tell them apart"),
        (0.92, 80, (), "only 0.68 points lie between"),
    ],
)
def test_the_opening_says_what_told_the_sides_of_the_closest_line_apart(tmp_path, share, led, rulings, said):
    """A panel that gives 0.3 % more gives 0.204 points, which leaders who give 1.7 less of 100 take."""
    year = written(tmp_path, SHARES | {"S": (0.95, 0.93, share, 0.85, 0.80)}, {"S03": led})
    appraised = appraise(replace(year, rulings=ruled(year, *rulings)))
    found = judge(appraised, [], Settings())
    assert said in "".join(narrative.findings(appraised, resample(appraised, 20), found))


def test_a_contest_on_the_scale_of_the_rules(told):
    """S02 is 0.8055 standard deviations ahead of its group: the scale has four decimals, whatever the points have."""
    (decision,) = told("best", tiers__best__wildcard_scale="z", rounding__digits=1)
    assert decision.facts["scale"] == "z"
    # Shares from the mean of the group over the root of their mean square: 0.044 / 0.054626, 0.04 / 0.052154, 0.032 / 0.060465.
    assert decision.facts["scores"] == pytest.approx((0.8055, 0.7670, 0.5292), abs=1e-9)
    assert decision.departments == ("S02", "E02", "L02")


def test_third_places_that_share_their_points_have_no_key_between_them(told):
    """Of the thirds, alike in all keys, no order is told: it needs no decision where all of them win or none."""
    (decision,) = told("best", tiers__best__ranks=(1, 2), tiers__advanced__ranks=(1, 3), tiers__good__ranks=(4, 4),
                       tiers__best__wildcards=3, tiers__on_quota_mismatch="keep_pool")  # fmt: skip
    assert decision.departments == ("S03", "E03", "L03")
    assert decision.facts == {"place": 3, "scale": "raw", "scores": (90.8,) * 3, "winners": ("S03", "E03", "L03")}


@pytest.mark.parametrize(
    ("mismatch", "advanced", "good", "told_of"),
    [
        ("cut", "0.4", "0.4", []),
        ("keep_pool", "0.4", "0.4", []),
        ("keep_pool", "0.3", "0.5", [("advanced", 5, 6), ("good", 8, 6)]),
        ("cut", "0.4", "0.2", ["S04", "E04", "L04"]),
        ("cut", "0.4", "0.5", [("good", 8, 6)]),
        # Best hold four of the five seats, E02 the last; L02 goes to good, where the lowest goes.
        ("cut", "0.3", "0.4", ["L02", "L04"]),
    ],
)
def test_shares_against_windows(told, mismatch, advanced, good, told_of):
    """15 compete: 0.3 is 4.5, five seats; 0.4 six; 0.2 three; 0.5 is 7.5, eight."""
    changes = {"advanced": advanced, "good": good}
    found = told(
        "quota",
        tiers__on_quota_mismatch=mismatch,
        **{f"tiers__{tier}__share": Decimal(share) for tier, share in changes.items()},
    )
    code = "pool_kept" if mismatch == "keep_pool" else "pool_short"
    assert found == [
        Decision("quota", "cut", (of,), {})
        if isinstance(of, str)
        else Decision("quota", code, (), dict(zip(("tier", "quota", "seats"), of, strict=True)))
        for of in told_of
    ]


def test_who_is_spared(told):
    (*_others, last) = told("admonition", "admonish L05 no")
    assert last == Decision("admonition", "spared", ("L05",), ALL | ASKED)


def test_a_candidate_that_keeps_its_window(told):
    """With a window of good down to the fifth place L05 keeps it, or, where the rules bar it, leaves a seat."""
    rules = {"tiers__good__ranks": (3, 5), "tiers__on_quota_mismatch": "keep_pool"}
    assert told("admonition", tiers__admonished__bar=False, **rules)[-1] == Decision(
        "admonition", "keeps_window", ("L05",), ALL
    )
    assert told("admonition", **rules)[-1] == Decision("admonition", "admonished", ("L05",), ALL)
    assert told("seat", **rules) == [Decision("seat", "open", (), {"tier": "good", "count": 1})]


def test_seats_and_the_committees_word(told):
    rulings = ("withdraw S01 best", "seat E03 best", "committee E05 good", "committee S03 advanced")
    none = {"tiers__best__backfill": "none"}
    assert told("seat", *rulings, **none) == [
        Decision("seat", "seated", ("E03",), ASKED | {"tier": "best"}),
        Decision("seat", "open", (), {"tier": "good", "count": 1}),
    ]
    assert told("committee", *rulings, **none) == [
        Decision("committee", "committee", ("S03",), ASKED | {"rules": "good", "tier": "advanced"}),
        Decision("committee", "committee", ("E05",), ASKED | {"rules": "ordinary", "tier": "good"}),
    ]
