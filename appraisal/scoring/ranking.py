"""Order inside each group: the composite, the chain of keys, and what ties share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def order_by(keys: Floats, last: NDArray[np.int64]) -> Places:
    """Order of the departments by a chain of keys.

    Parameters
    ----------
    keys : (K, ..., D) array
        The first decides, the next only where it ties; lower comes first.
    last : (D,) or (..., D) array
        Any order, for those that tie in all keys.

    Returns
    -------
    (..., D) array
        Position of the department that comes 1st, 2nd, …

    Examples
    --------
    >>> order_by(np.array([[2.0, 1.0, 2.0], [5.0, 9.0, 4.0]]), np.arange(3)).tolist()
    [1, 2, 0]
    """
    return np.lexsort((np.broadcast_to(last, keys.shape[1:]), *keys[::-1]), axis=-1)


def places_and_ranks(keys: Floats, group: Places, last: NDArray[np.int64]) -> tuple[Places, Places]:
    """Place and rank of each department inside its group (process, step 11).

    Parameters
    ----------
    keys : (K, ..., D) array
        Lower comes first.
    group : (D,) array
        Group of each department, 0, 1, ….
    last : (D,) or (..., D) array
        Order of those that tie in all keys.

    Returns
    -------
    place : (..., D) array
        1, 2, 3, … in each group, every place once.
    rank : (..., D) array
        As place, but departments equal in all keys share the better one: 1, 2, 2, 4.

    Examples
    --------
    >>> place, rank = places_and_ranks(np.array([[-9.0, -8.0, -8.0, -7.0]]), np.zeros(4, int), np.arange(4))
    >>> place.tolist(), rank.tolist()
    ([1, 2, 3, 4], [1, 2, 2, 4])
    """
    grouped = np.concatenate([np.broadcast_to(group, keys[:1].shape).astype(float), keys])
    order = order_by(grouped, last)
    ascending = np.take_along_axis(grouped, order[None], axis=-1)
    position = np.arange(group.size)
    first = np.searchsorted(np.sort(group), group)
    changes = np.ones(order.shape, dtype=bool)
    changes[..., 1:] = (ascending[..., 1:] != ascending[..., :-1]).any(axis=0)
    sharing = np.maximum.accumulate(np.where(changes, position, 0), axis=-1)
    place, rank = np.empty_like(order), np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(position, order.shape), axis=-1)
    np.put_along_axis(rank, order, sharing, axis=-1)
    return place - first + 1, rank - first + 1
