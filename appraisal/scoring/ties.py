"""Ties that decide: which departments, equal in every key, would change a tier by another order of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Places = NDArray[np.intp]
# All orders of a tie of five are 120; a longer tie is tried in each rotation, so that everyone stands everywhere.
ALL_ORDERS_UP_TO = 5


def ties_on_lines(
    keys: NDArray[np.float64],
    scale_keys: NDArray[np.float64],
    group: Places,
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
    >>> [tie.tolist() for tie in ties_on_lines(keys, keys, np.zeros(5, int), best_two)]
    [[1, 2]]
    """
    in_group = _equal(np.vstack([group, keys]))
    pairs = []
    for tied in _together([*in_group, *_equal(scale_keys)], group.size):
        deciding = list(_deciding_pairs(tied, group.size, tiers_under))
        touched = {department for pair in deciding for department in pair}
        pairs += deciding + [members for members in in_group if touched & set(members.tolist())]
    return _together([np.asarray(pair) for pair in pairs], group.size)


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
    _, label = connected_components(coo_array((np.ones(ends.size), (starts, ends)), shape=(size, size)), directed=False)
    return [np.flatnonzero(label == joined) for joined in np.unique(label[ends])]


def _deciding_pairs(
    tied: Places, size: int, tiers_under: Callable[[Places], NDArray[np.int8]]
) -> Iterator[tuple[int, int]]:
    arrangements = _arrangements(tied)
    # Other ties stand in either order meanwhile.
    for others in (np.arange(size), np.arange(size)[::-1]):
        base = tiers_under(_orders(arrangements, tied, others))
        for first in range(tied.size - 1):
            exchanged = arrangements.copy()
            exchanged[:, [first, first + 1]] = exchanged[:, [first + 1, first]]
            changed = (tiers_under(_orders(exchanged, tied, others)) != base).any(axis=-1)
            for pair in np.unique(arrangements[changed, first : first + 2], axis=0):
                yield int(pair[0]), int(pair[1])


def _arrangements(tied: Places) -> Places:
    if tied.size <= ALL_ORDERS_UP_TO:
        return np.array(list(permutations(tied.tolist())))
    rotations = np.array([np.roll(tied, shift) for shift in range(tied.size)])
    return np.concatenate([rotations, rotations[:, ::-1]])


def _orders(arrangements: Places, tied: Places, others: Places) -> Places:
    """Turn who stands 1st, 2nd, … among the tied into an order of all departments."""
    orders = np.tile(others, (len(arrangements), 1))
    np.put_along_axis(orders, arrangements, np.broadcast_to(np.sort(others[tied]), arrangements.shape), axis=-1)
    return orders
