"""Merge a chain of keys into one, and find what each place takes: sorting, without a rule of its own."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Behind every department.
NOWHERE = np.iinfo(np.int64).max


def one_key(keys: Floats, last: Ints) -> Ints:
    """Merge a chain of keys into one that orders alike and never ties.

    As one number in mixed radix where 64 bits hold it; else by sorting, which takes several times as long.

    Parameters
    ----------
    keys : (K, ..., D) array
        Whole numbers; the first decides, the next only where it ties; lower comes first.
    last : (D,) or (..., D) int array
        Any order of the departments, 0 to D − 1, for those that tie in all keys.

    Returns
    -------
    (..., D) int array
        Lower comes first; below `NOWHERE`.

    Examples
    --------
    >>> np.argsort(one_key(np.array([[2.0, 1.0, 2.0], [5.0, 9.0, 4.0]]), np.arange(3))).tolist()
    [1, 2, 0]
    """
    shape = np.broadcast_shapes(keys.shape[1:], last.shape)
    lowest = [key.min(initial=0.0) for key in keys]
    spans = [int(key.max(initial=0.0) - low) + 1 for key, low in zip(keys, lowest, strict=True)]
    if prod(spans) * shape[-1] >= NOWHERE:
        return inverse(np.lexsort([np.broadcast_to(key, shape) for key in (last, *keys[::-1])], axis=-1))
    merged = np.zeros(keys.shape[1:], dtype=np.int64)
    for key, low, span in zip(keys, lowest, spans, strict=True):
        if span > 1:
            merged *= span
            merged += (key - low).astype(np.int64)
    return merged * shape[-1] + last


def ladder(key: Ints, group: NDArray[np.intp]) -> Ints:
    """Sort the keys of each group: what a department must reach for each place.

    Parameters
    ----------
    key : (..., D) int array
        As `one_key` gives it; `NOWHERE` takes a department out.
    group : (D,) array
        0, 1, …

    Returns
    -------
    (..., G, P) int array
        Key at place 1, 2, … P of the largest group; `NOWHERE` where there is nobody.

    Examples
    --------
    >>> rungs = ladder(np.array([7, 3, 5, 9]), np.array([0, 0, 1, 0]))
    >>> (rungs[..., 1] == [7, NOWHERE]).tolist()
    [True, True]
    """
    sizes = np.bincount(group)
    rungs = np.full((*key.shape[:-1], sizes.size, sizes.max(initial=0)), NOWHERE)
    for number, size in enumerate(sizes):
        rungs[..., number, :size] = np.sort(key[..., group == number], axis=-1)
    return rungs


def inverse(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Turn who comes 1st, 2nd, … into the position of each: ``(..., D)``."""
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(order.shape[-1]), order.shape), axis=-1)
    return place
