"""Place and rank inside each group, and what ties share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from appraisal.scoring.order import Floats, Ints, inverse, one_key


def places(key: Ints, group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Place of each department inside its group: 1, 2, 3, …, each once (process, step 11).

    Parameters
    ----------
    key : (..., D) int array
        As `one_key` gives it.
    group : (D,) array
    """
    place = np.empty(key.shape, dtype=np.intp)
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        place[..., members] = inverse(np.argsort(key[..., members], axis=-1)) + 1
    return place


def shared_ranks(keys: Floats, group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rank inside the group; departments equal in all keys share the better one.

    Parameters
    ----------
    keys : (K, D) array
        Lower comes first.
    group : (D,) array

    Examples
    --------
    >>> shared_ranks(np.array([[-9.0, -8.0, -8.0, -7.0]]), np.zeros(4, int)).tolist()
    [1, 2, 2, 4]
    """
    place = places(one_key(keys, np.arange(group.size)), group)
    _, alike = np.unique(np.vstack([group, keys]), axis=1, return_inverse=True)
    best = np.full(group.size, group.size)
    np.minimum.at(best, alike.ravel(), place)
    return best[alike.ravel()]
