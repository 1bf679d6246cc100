"""The supervision draw: whoever has the seed draws the same departments."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from appraisal.rulebook import read_rulebook
from appraisal.supervision import digest, draw

RULES = read_rulebook(Path(__file__).parents[1] / "data" / "2003" / "rulebook.toml")


def departments(*sizes: int) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"{group}{number:03}", f"部門{group}{number}", group)
            for group, size in zip(RULES.groups, sizes, strict=True)
            for number in range(size)
        ],
        columns=["department", "name", "group"],
    )


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((32, 32, 32), (3, 3, 3)), ((25, 24, 35), (3, 2, 4)), ((1, 4, 5), (1, 1, 1))],
    ids=["2003", "half goes up", "at least one"],
)
def test_each_group_gives_its_share(sizes, expected):
    drawn = draw(RULES, departments(*sizes))
    assert tuple(drawn.groupby("group", sort=False).size()) == expected
    assert list(drawn["group"].unique()) == list(RULES.groups)


def test_the_smallest_digests_are_drawn():
    everyone = departments(32, 32, 32)
    drawn = draw(RULES, everyone)
    for group in RULES.groups:
        codes = everyone.loc[everyone["group"] == group, "department"]
        expected = sorted(codes, key=lambda code: hashlib.sha256(f"20031231:2003:{code}".encode()).digest())
        assert drawn.loc[drawn["group"] == group, "department"].tolist() == expected[:3]


def test_the_order_of_the_rows_does_not_matter():
    everyone = departments(32, 20, 11)
    shuffled = everyone.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw(RULES, everyone), draw(RULES, shuffled))


def test_seed_and_year_each_give_another_sample():
    everyone = departments(32, 32, 32)
    samples = [
        tuple(draw(RULES.replace(changes), everyone)["department"]) for changes in ({}, {"seed": 1}, {"year": 2004})
    ]
    assert len(set(samples)) == 3


def test_a_department_outside_competition_is_neither_counted_nor_drawn():
    everyone = departments(25, 25, 25)
    first = draw(RULES, everyone)["department"].iloc[0]
    drawn = draw(RULES.replace({"competition.outside": (first,)}), everyone)
    assert first not in set(drawn["department"])
    assert tuple(drawn.groupby("group", sort=False).size()) == (2, 3, 3)


def test_a_code_is_hashed_as_utf8():
    assert digest(1, 2003, "民政") == hashlib.sha256("1:2003:民政".encode()).hexdigest()
