"""Counts of answers too small to show."""

from __future__ import annotations

from collections.abc import Sequence

# Fewest forms of one answer that are shown: fewer are merged with the next.
LEAST_SHOWN = 5
# Two answers in one sum would be told apart by the points that are published; of three the points leave a choice.
LEAST_MERGED = 3


def merged_counts(counts: Sequence[int]) -> list[tuple[tuple[int, ...], int]]:
    """Merge answers that few gave with the next, so that no cell, total or published point gives it back.

    Parameters
    ----------
    counts : sequence of int
        Forms with each answer, in the order of the answers.

    Returns
    -------
    list of (positions, count)
        The answers put together, in order, and their forms; fewer than `LEAST_SHOWN`, 0 too, never stand alone. With
        fewer in all, one entry.

    Examples
    --------
    >>> merged_counts([300, 200, 60, 3, 40])
    [((0,), 300), ((1,), 200), ((2, 3, 4), 103)]
    >>> merged_counts([300, 200, 60, 40, 3])
    [((0,), 300), ((1,), 200), ((2, 3, 4), 103)]
    >>> merged_counts([300, 0, 40])
    [((0, 1, 2), 340)]
    """
    merged: list[tuple[tuple[int, ...], int]] = []
    waiting: tuple[int, ...] = ()
    held = 0

    def enough() -> bool:
        return held >= LEAST_SHOWN and (len(waiting) == 1 or len(waiting) >= LEAST_MERGED)

    for position, count in enumerate(counts):
        waiting, held = (*waiting, position), held + int(count)
        if enough():
            merged.append((waiting, held))
            waiting, held = (), 0
    while waiting and merged:
        # What is left over joins the one before it, until the sum can be shown.
        positions, count = merged.pop()
        waiting, held = (*positions, *waiting), count + held
        if enough():
            merged.append((waiting, held))
            waiting, held = (), 0
    return [(waiting, held)] if waiting else merged
