"""Ties that decide: which departments, equal in every key, would change a tier by another order of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Places = NDArray[np.intp]
# All orders of a tie of five are 120; of a longer one, each two are tried side by side at every place.
ALL_ORDERS_UP_TO = 5
# Orders that the rule is run under at a time: bounds memory.
CHUNK = 10_000


def ties_on_lines(
    keys: NDArray[np.float64],
    scale_keys: NDArray[np.float64],
    group: Places,
    in_reach: Places,
    tiers_under: Callable[[Places], NDArray[np.int8]],
) -> list[Places]:
    """Find the ties on a line: another order of the members gives some department another tier.

    The rule itself is asked: it is run under other orders of the departments that no key separates. Two members belong
    together if exchanging them, next to each other, changes a tier; a tie that straddles a line belongs together whole.

    Parameters
    ----------
    keys : (K, D) array
        Composite and chain, without any ruling.
    scale_keys : (K, D) array
        Wildcard scale and chain: what departments of different groups are compared by.
    group : (D,) array
    in_reach : array
        Positions of the departments whose order may matter.
    tiers_under : callable
        (P, D) orders, lower first, to the (P, D) tiers that the rule gives under each.

    Returns
    -------
    list of arrays
        Positions of the members of each tie on a line.

    Examples
    --------
    >>> keys = np.array([[-9.0, -8.0, -8.0, -7.0, -7.0]])
    >>> def best_two(order):
    ...     return np.argsort(np.lexsort((order, np.broadcast_to(keys[0], order.shape)), axis=-1), axis=-1) >= 2
    >>> [tie.tolist() for tie in ties_on_lines(keys, keys, np.zeros(5, int), np.arange(5), best_two)]
    [[1, 2]]
    """
    in_group = [in_reach[same] for same in _equal(np.vstack([group, keys])[:, in_reach])]
    over_groups = [in_reach[same] for same in _equal(scale_keys[:, in_reach])]
    pairs: list[Places] = []
    for tied in _together([*in_group, *over_groups], group.size):
        deciding = _deciding_pairs(tied, group.size, tiers_under)
        touched = set(deciding.ravel().tolist())
        pairs += [*deciding, *(members for members in in_group if touched & set(members.tolist()))]
    return _together(pairs, group.size)


def _equal(keys: NDArray[np.float64]) -> list[Places]:
    """Sets of two and more departments whose keys are all equal."""
    _, label, count = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    return [np.flatnonzero(label.ravel() == same) for same in np.flatnonzero(count > 1)]


def _together(sets: list[Places], size: int) -> list[Places]:
    """Join sets that share a member."""
    if not sets:
        return []
    starts = np.concatenate([np.repeat(members[0], members.size) for members in sets])
    ends = np.concatenate(sets)
    _, label = connected_components(coo_array((np.ones(ends.size), (starts, ends)), shape=(size, size)))
    return [np.flatnonzero(label == joined) for joined in np.unique(label[ends])]


def _deciding_pairs(tied: Places, size: int, tiers_under: Callable[[Places], NDArray[np.int8]]) -> Places:
    """Pairs whose exchange, next to each other, changes a tier: an (N, 2) array."""
    arrangements, at = _arrangements(tied)
    pair = at[:, None] + np.arange(2)
    exchanged = arrangements.copy()
    np.put_along_axis(exchanged, pair, np.take_along_axis(arrangements, pair[:, ::-1], axis=1), axis=1)
    found = [np.empty((0, 2), dtype=np.intp)]
    # Other ties stand in either order meanwhile.
    for others in (np.arange(size), np.arange(size)[::-1]):
        for start in range(0, len(at), CHUNK):
            rows = slice(start, start + CHUNK)
            before = tiers_under(_orders(arrangements[rows], tied, others))
            after = tiers_under(_orders(exchanged[rows], tied, others))
            changed = (before != after).any(axis=-1)
            found.append(np.take_along_axis(arrangements[rows], pair[rows], axis=1)[changed])
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _arrangements(tied: Places) -> tuple[Places, Places]:
    """Orders of the tied, and where in each stand the two that are to be exchanged."""
    if tied.size <= ALL_ORDERS_UP_TO:
        every = np.array(list(permutations(tied.tolist())))
        return np.repeat(every, tied.size - 1, axis=0), np.tile(np.arange(tied.size - 1), len(every))
    # Every two side by side, with none, one, two, … of the others before them.
    orders: list[list[int]] = []
    at: list[int] = []
    for pair in combinations(tied.tolist(), 2):
        rest = [member for member in tied.tolist() if member not in pair]
        for others in (rest, rest[::-1]):
            orders += [[*others[:before], *pair, *others[before:]] for before in range(tied.size - 1)]
            at += range(tied.size - 1)
    return np.array(orders), np.array(at)


def _orders(arrangements: Places, tied: Places, others: Places) -> Places:
    """Turn who stands 1st, 2nd, … among the tied into an order of all departments."""
    orders = np.tile(others, (len(arrangements), 1))
    np.put_along_axis(orders, arrangements, np.broadcast_to(np.sort(others[tied]), arrangements.shape), axis=-1)
    return orders
