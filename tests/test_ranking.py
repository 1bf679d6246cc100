"""Ranks inside groups, against a plain sort of tuples."""

from __future__ import annotations

import numpy as np
import pytest

from appraisal.scoring.ranking import order_by, places_and_ranks

RNG = np.random.default_rng(8)


def plain(keys: np.ndarray, group: np.ndarray, last: np.ndarray) -> tuple[list[int], list[int]]:
    place, rank = [], []
    for d in range(group.size):
        own = tuple(keys[:, d])
        others = [o for o in range(group.size) if group[o] == group[d] and o != d]
        better = sum(tuple(keys[:, o]) < own for o in others)
        rank.append(1 + better)
        place.append(1 + better + sum(tuple(keys[:, o]) == own and last[o] < last[d] for o in others))
    return place, rank


@pytest.mark.parametrize("_case", range(30))
def test_places_and_ranks_are_those_of_a_plain_sort(_case):
    count = int(RNG.integers(1, 14))
    group = RNG.integers(0, 3, count)
    keys = RNG.integers(-3, 3, (int(RNG.integers(1, 4)), count)).astype(float)
    last = RNG.permutation(count)
    place, rank = places_and_ranks(keys, group, last)
    assert (place.tolist(), rank.tolist()) == plain(keys, group, last)


def test_each_draw_is_ranked_by_itself():
    group = np.array([1, 0, 1, 0, 1])
    keys = RNG.integers(-2, 2, (2, 4, 3, 5)).astype(float)
    last = RNG.permuted(np.broadcast_to(np.arange(5), (4, 3, 5)), axis=-1)
    place, rank = places_and_ranks(keys, group, last)
    for draw in np.ndindex(4, 3):
        one = plain(keys[:, *draw], group, last[draw])
        assert (place[draw].tolist(), rank[draw].tolist()) == one


def test_a_later_key_decides_only_where_the_earlier_tie():
    keys = np.array([[-90.0, -91.0, -90.0, -90.0], [-10.0, -1.0, -12.0, -10.0], [0.5, 9.0, 3.0, 0.0]])
    assert order_by(keys, np.arange(4)).tolist() == [1, 2, 3, 0]


def test_whom_no_key_separates_the_last_order_does_and_they_share_the_better_rank():
    keys = np.array([[-9.0, -8.0, -8.0, -7.0]])
    for last in (np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])):
        place, rank = places_and_ranks(keys, np.zeros(4, int), last)
        assert rank.tolist() == [1, 2, 2, 4]
        assert place.tolist() == (last + 1).tolist()
