"""Merge a chain of keys into one: sorting, without a rule of its own."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Behind every department.
NOWHERE = np.iinfo(np.int64).max


def one_key(keys: Sequence[Floats] | Floats, last: Ints) -> Ints:
    """Merge a chain of keys into one that orders alike and never ties.

    As one number in mixed radix where 64 bits hold it; else by sorting, which takes several times as long.

    Parameters
    ----------
    keys : K arrays (..., D) or (D,)
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
    shape = np.broadcast_shapes(last.shape, *(key.shape for key in keys))
    if not prod(shape):
        return np.zeros(shape, dtype=np.int64)
    lowest = [key.min() for key in keys]
    spans = [int(key.max() - low) + 1 for key, low in zip(keys, lowest, strict=True)]
    count = prod(spans) * shape[-1]
    if count >= NOWHERE:
        return inverse(np.lexsort([np.broadcast_to(key, shape) for key in (last, *keys[::-1])], axis=-1))
    # float64, in which the keys come, holds whole numbers to 2^53. From the last key up: what is the same in all draws
    # is merged once, before what is not.
    number = np.float64 if count <= 2**53 else np.int64
    merged, radix = last.astype(number), shape[-1]
    for key, low, span in zip(keys[::-1], lowest[::-1], spans[::-1], strict=True):
        if span > 1:
            digit = (key - low).astype(number, copy=False)
            digit *= radix
            merged = np.add(merged, digit, out=digit if digit.shape == shape else None)
            radix *= span
    return np.broadcast_to(merged.astype(np.int64, copy=False), shape)


def inverse(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Turn who comes 1st, 2nd, … into the position of each: ``(..., D)``."""
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(order.shape[-1]), order.shape), axis=-1)
    return place
