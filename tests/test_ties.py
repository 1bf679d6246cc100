"""Which ties are on a line, against the definition: every order of all equal departments, tried."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest

from appraisal.scoring import ties
from appraisal.scoring.ties import ties_on_lines


def rule(keys: np.ndarray, group: np.ndarray, window: int, wildcards: int):
    """Best of each group by window, then `wildcards` of the next places over all groups, by the same keys."""

    def tiers_of(order: np.ndarray) -> np.ndarray:
        in_order = sorted(range(group.size), key=lambda d: (*keys[:, d], order[d]))
        tiers = np.zeros(group.size, dtype=np.int8)
        following = []
        for g in np.unique(group):
            members = [d for d in in_order if group[d] == g]
            tiers[members[:window]] = 1
            following += members[window : window + 1]
        tiers[[d for d in in_order if d in following][:wildcards]] = 1
        return tiers

    return lambda orders: np.array([tiers_of(order) for order in np.atleast_2d(orders)])


def by_definition(keys: np.ndarray, group: np.ndarray, tiers_under) -> list[list[int]]:
    everyone = range(group.size)
    equal = [{o for o in everyone if (keys[:, o] == keys[:, d]).all()} for d in everyone]
    classes = sorted({tuple(sorted(members)) for members in equal if len(members) > 1})
    results = {}
    for order in product(*(permutations(members) for members in classes)):
        position = np.zeros(group.size, int)
        for members in order:
            position[list(members)] = range(len(members))
        results[order] = tuple(tiers_under(position)[0].tolist())
    joined = []
    for order, tiers in results.items():
        for which, members in enumerate(order):
            for at in range(len(members) - 1):
                other = (*members[:at], members[at + 1], members[at], *members[at + 2 :])
                if results[(*order[:which], other, *order[which + 1 :])] != tiers:
                    joined.append(set(members[at : at + 2]))
    touched = set().union(*joined)
    for a, b in combinations(everyone, 2):
        if group[a] == group[b] and b in equal[a] and touched & {d for d in equal[a] if group[d] == group[a]}:
            joined.append({a, b})
    ties: list[set[int]] = []
    for pair in joined:
        ties = [tie for tie in ties if not tie & pair] + [pair.union(*(tie for tie in ties if tie & pair))]
    return sorted(sorted(tie) for tie in ties)


@pytest.mark.parametrize("seed", range(40))
def test_ties_are_those_of_the_definition(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    # Orders are tried all at once, or a few at a time.
    monkeypatch.setattr(ties, "CHUNK", [10_000, 7][seed % 2])
    count = int(rng.integers(4, 10))
    group = rng.integers(0, 3, count)
    # Few enough of each value that all their orders can be tried.
    sizes = rng.choice([[2, 2, 3], [4, 2], [5], [3, 3], [6], [1, 3, 1, 2]][seed % 6], 4).cumsum()
    keys = -rng.permutation(np.searchsorted(sizes, np.arange(count), side="right")[None], axis=1).astype(float)
    tiers_under = rule(keys, group, window=int(rng.integers(1, 3)), wildcards=int(rng.integers(0, 3)))
    found = ties_on_lines(keys, keys, group, np.arange(group.size), tiers_under)
    assert sorted(tie.tolist() for tie in found) == by_definition(keys, group, tiers_under)


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4, 5], [0, 2, 4, 1, 3, 5], [0, 3, 1, 4, 2, 5], [5, 2, 0, 4, 1, 3]])
def test_two_at_a_line_are_found_among_six_that_are_equal(rows):
    """Three pairs of one composite, a pair a group: 1|2 runs through the first group's alone."""
    group = np.array([0, 0, 1, 1, 2, 2, 1, 2])[[*rows, 6, 7]]
    keys = -np.array([[80.0, 80, 80, 80, 80, 80, 90, 90]])
    found = ties_on_lines(keys, keys, group, np.arange(group.size), rule(keys, group, window=1, wildcards=0))
    assert [sorted(rows[d] for d in tie) for tie in found] == [[0, 1]]


def test_whether_one_tie_decides_may_hang_on_the_order_of_another():
    """0, 1, 2 tie at the line of their group; only if 1 is outside, 3 and 4 compare for what is left."""
    group = np.array([0, 0, 0, 1, 1])
    keys = -np.array([[80.0, 80, 80, 70, 70]])

    def tiers_under(orders: np.ndarray) -> np.ndarray:
        tiers = []
        for order in np.atleast_2d(orders):
            middle = sorted((0, 1, 2), key=lambda d: order[d])[1]
            first = min((3, 4), key=lambda d: order[d])
            tiers.append(
                [middle == 0, middle == 1, middle == 2, middle == 1 and first == 3, middle == 1 and first == 4]
            )
        return np.array(tiers)

    found = [tie.tolist() for tie in ties_on_lines(keys, keys, group, np.arange(group.size), tiers_under)]
    assert found == by_definition(keys, group, tiers_under) == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize("other", [(2, 3), (3, 2)])
def test_a_tie_may_decide_in_one_of_the_two_orders_of_another(other):
    """Who is first in the one group and `other` in the next: only together they give a tier."""
    keys, group = np.array([[0.0, 0, 1, 1]]), np.array([0, 0, 1, 1])

    def tiers_under(orders: np.ndarray) -> np.ndarray:
        first, last = other
        return np.array([[at[0] < at[1] and at[first] < at[last], 0, 0, 0] for at in np.atleast_2d(orders)])

    found = ties_on_lines(keys, keys, group, np.arange(4), tiers_under)
    assert [tie.tolist() for tie in found] == [[0, 1], [2, 3]]


def test_of_five_that_are_equal_every_order_is_tried():
    """The tier of the first hangs on one single order of the others."""
    keys, wanted = np.zeros((1, 5)), [3, 0, 4, 2, 1]

    def tiers_under(orders: np.ndarray) -> np.ndarray:
        hit = (np.argsort(np.atleast_2d(orders), axis=-1) == wanted).all(axis=-1)
        return np.column_stack([hit, np.zeros((len(hit), 4))]).astype(np.int8)

    for order in permutations(range(5)):
        wanted[:] = order
        # Of different groups: only who decides belongs together.
        found = ties_on_lines(np.arange(5.0)[None], keys, np.arange(5), np.arange(5), tiers_under)
        assert [tie.tolist() for tie in found] == [[0, 1, 2, 3, 4]]


def six(decide) -> list[list[int]]:
    """Ties among six of six groups, alike on the scale; `decide` says a tier from the positions of the six."""
    keys = np.zeros((1, 6))

    def tiers_under(orders: np.ndarray) -> np.ndarray:
        return np.array([[int(decide(order)), 0, 0, 0, 0, 0] for order in np.atleast_2d(orders)])

    return [tie.tolist() for tie in ties_on_lines(keys, keys, np.arange(6), np.arange(6), tiers_under)]


@pytest.mark.parametrize("pair", list(combinations(range(6), 2)))
def test_of_six_that_are_equal_every_two_are_tried_side_by_side(pair):
    assert six(lambda at: at[pair[0]] < at[pair[1]]) == [list(pair)]


@pytest.mark.parametrize("others", [(2, 5), (5, 2)])
def test_two_are_tried_with_the_others_in_either_order(others):
    """0 and 1 decide only where the others stand so, and these only where 0 is ahead of 1."""
    assert six(lambda at: at[0] < at[1] and at[others[0]] < at[others[1]]) == [[0, 1], [2, 5]]


def test_without_equal_departments_nothing_is_asked():
    keys = -np.array([[90.0, 80, 70]])
    assert ties_on_lines(keys, keys, np.zeros(3, int), np.arange(3), rule(keys, np.zeros(3, int), 1, 1)) == []
