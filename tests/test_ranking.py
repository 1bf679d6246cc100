"""Ranks inside groups, against a plain sort of tuples."""

from __future__ import annotations

import numpy as np
import pytest

from appraisal.scoring import order, ranking
from appraisal.scoring.order import one_key
from appraisal.scoring.ranking import places, shared_ranks
from appraisal.scoring.tiers import Standing, closed_up

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


@pytest.fixture(params=["one number", "sorted"], autouse=True)
def way(request, monkeypatch):
    """Both ways to merge the keys and to rank by them: as one number, and by sorting where 64 bits do not hold it."""
    if request.param == "sorted":
        monkeypatch.setattr(order, "NOWHERE", 0)
        monkeypatch.setattr(ranking, "NOWHERE", 0)


@pytest.mark.parametrize("_case", range(30))
def test_places_and_ranks_are_those_of_a_plain_sort(_case):
    count = int(RNG.integers(1, 14))
    group = RNG.integers(0, 3, count)
    keys = RNG.integers(-3, 3, (int(RNG.integers(1, 4)), count)).astype(float)
    keys += np.array([[-9.0], [0.0], [9.0]])[: len(keys)]
    last = RNG.permutation(count)
    merged = one_key(keys, last)
    assert (merged >= 0).all()
    place = places(merged, group)
    assert (place.tolist(), shared_ranks(keys, group).tolist()) == plain(keys, group, last)


def test_each_draw_is_ranked_by_itself():
    group = np.array([1, 0, 1, 0, 1])
    keys = RNG.integers(-2, 2, (2, 4, 3, 5)).astype(float)
    last = RNG.permuted(np.broadcast_to(np.arange(5), (4, 3, 5)), axis=-1)
    place = places(one_key(keys, last), group)
    for draw in np.ndindex(4, 3):
        assert place[draw].tolist() == plain(keys[:, *draw], group, last[draw])[0]


def test_one_order_serves_many_draws_and_one_draw_many_orders():
    keys, lasts = RNG.integers(-2, 2, (2, 5)).astype(float), np.array([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]])
    both = one_key(keys[:, None], lasts)
    assert [np.argsort(row).tolist() for row in both] == [np.lexsort((last, *keys[::-1])).tolist() for last in lasts]
    draws = np.stack([keys, -keys], axis=1)
    assert np.argsort(one_key(draws, lasts[0])[1]).tolist() == np.lexsort((lasts[0], *-keys[::-1])).tolist()


def test_a_key_is_exact_where_float64_is_not():
    """Spans whose product lies between 2^53 and 2^63: the last key still decides."""
    keys = np.array([[0.0, 2.0**30, 2.0**30], [0.0, 2.0**26, 2.0**26]])
    assert np.argsort(one_key(keys, np.array([0, 2, 1]))).tolist() == [0, 2, 1]


@pytest.mark.parametrize("bits", range(47, 66))
def test_keys_whose_spans_fill_64_bits_and_more_are_merged_exactly(bits):
    """One key spans nearly all of it, the next two numbers; eight departments need three more bits."""
    wide = 2.0 ** min(bits - 1, 53) - np.array([0, 1, 1, 2, 2, 3, 3, 4])
    wide[-1] = 0.0
    middle = np.array([0.0, 1, 1, 0, 0, 1, 1, 2.0 ** max(bits - 54, 1) - 1])
    keys, last = np.array([wide, middle, middle[::-1] % 2]), np.array([0, 2, 1, 4, 3, 6, 5, 7])
    assert np.argsort(one_key(keys, last)).tolist() == np.lexsort((last, *keys[::-1])).tolist()


def test_no_draw_has_no_places():
    group = np.array([0, 1, 0])
    assert places(one_key(np.zeros((2, 0, 3)), np.arange(3)), group).shape == (0, 3)


@pytest.mark.parametrize("bits", range(50, 63))
def test_keys_are_ranked_exactly_up_to_the_last_bit(bits):
    """The numbers that carry group and position outgrow 64 bits on the way."""
    group = np.array([0, 1, 2, 0, 1, 2, 0])
    key = np.array([2**bits, 2**bits - 1, 3, 2**bits - 2, 2**bits, 2**bits - 3, 1])
    assert places(key, group).tolist() == [3, 1, 1, 2, 2, 2, 1]


def test_places_close_up_as_if_those_who_left_had_not_been_there():
    group = RNG.integers(0, 3, 12)
    key = RNG.permuted(np.broadcast_to(np.arange(12), (20, 12)), axis=-1)
    left = RNG.random(key.shape) < 0.3
    place = places(key, group)
    standing = Standing(group, key, key, place, key.astype(float), key.astype(float), np.zeros(12, bool))
    closed = closed_up(standing, left)
    for draw, gone in enumerate(left):
        stay = np.flatnonzero(~gone)
        assert closed[draw, stay].tolist() == places(key[draw, stay], group[stay]).tolist()
        assert (closed[draw, gone] > 12).all()


def test_a_later_key_decides_only_where_the_earlier_tie():
    keys = np.array([[-90.0, -91.0, -90.0, -90.0], [-10.0, -1.0, -12.0, -10.0], [0.5, 9.0, 3.0, 0.0]])
    assert np.argsort(one_key(keys * 2, np.arange(4))).tolist() == [1, 2, 3, 0]


def test_whom_no_key_separates_the_last_order_does_and_they_share_the_better_rank():
    keys = np.array([[-9.0, -8.0, -8.0, -7.0]])
    for last in (np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])):
        place = places(one_key(keys, last), np.zeros(4, int))
        assert shared_ranks(keys, np.zeros(4, int)).tolist() == [1, 2, 2, 4]
        assert place.tolist() == (last + 1).tolist()
