"""The fewest social forms that flip a pair: a small integer problem over the kinds of answers.

For a pair of departments a form is only what it says of the two, so the forms are of a few kinds, and a set of forms is
a number of each. Both means are ratios; once it is fixed how many forms of each class are taken (both rated, the upper
only, the lower only), the denominators are fixed, the lead of the lower department is a sum, and the largest comes from
the kinds that give most. Only within one unit of the last digit do rounding and chain decide: there all sets that come
near are looked at, and the rule is asked of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from appraisal.analysis.variants import FormKinds, rating_sums, under_answers
from appraisal.scoring.appraise import Appraisal, Points

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Combinations of class sizes at a time: bounds memory.
CHUNK = 50_000
# Searches for one number of forms, and sets kept in one; past that the answer is given as a bound.
SEARCHES, STATES = 500, 10_000
# In units of the last digit: what float64 may be off, and more; whether the pair flips is asked of the rule.
SLACK = 1e-6


@dataclass(frozen=True)
class FormTypes:
    """Kinds of forms as a pair of departments sees them, and what taking one does.

    Parameters
    ----------
    count : (T,) int array
        Forms of each kind.
    total, rated : (T, 2) arrays
        What one form adds to the points given to the upper and the lower, and to the number of ratings.
    base_total, base_rated : (2,) arrays
        Without any change.
    of : int
        Forms there are.
    of_form : (B,) int array, or None
        Kind of each ballot, −1 where it has none; None where there are only counts.
    """

    count: Ints
    total: Floats
    rated: Floats
    base_total: Floats
    base_rated: Floats
    of: int
    of_form: Ints | None

    def outcome(self, appraised: Appraisal, pair: NDArray[np.intp], taken: Ints) -> tuple[Points, NDArray[np.bool_]]:
        """Points ``(2 N,)`` of the upper and then the lower after taking ``(N, T)``, and whether the pair flips."""
        total, rated = self.base_total + taken @ self.total, self.base_rated + taken @ self.rated
        return under_answers(appraised, pair, total, rated)


def form_types(appraised: Appraisal, pair: NDArray[np.intp], way: str) -> FormTypes:
    """Say what taking a form of each kind does: what it says is removed, or changed to the worst for the upper one.

    A form that says nothing of a department may be changed too, also one that says nothing at all.

    Parameters
    ----------
    appraised : Appraisal
    pair : (2,) int array
        Positions of the upper and the lower department.
    way : {"removed", "changed"}
    """
    kinds = FormKinds.of(appraised, pair)
    base_total, base_rated = (sums[pair] for sums in rating_sums(appraised.evidence.social))
    points = [float(value) for value in appraised.rules.social.points.values()]
    said, extreme = np.hstack([kinds.total, kinds.rated]), np.array([min(points), max(points), 1.0, 1.0])
    effect = -said if way == "removed" else (extreme - said) * np.tile(kinds.covers, 2)
    useful = (effect != 0).any(axis=1) & (kinds.number > 0)
    of_form = None if kinds.of_form is None else np.where(useful, np.cumsum(useful) - 1, -1)[kinds.of_form]
    # A counted form is a rating: one that was not given cannot be removed.
    of = int(kinds.number.sum() if way == "changed" or of_form is not None else base_rated.sum())
    return FormTypes(kinds.number[useful], effect[useful, :2], effect[useful, 2:], base_total, base_rated, of, of_form)


def fewest_forms(appraised: Appraisal, pair: NDArray[np.intp], types: FormTypes) -> tuple[int | None, bool, Ints]:
    """Find the fewest forms that put the lower department first.

    Parameters
    ----------
    appraised : Appraisal
    pair : (2,) int array
        Positions of the upper and the lower department.
    types : FormTypes

    Returns
    -------
    fewest : int or None
        None where no forms do.
    exact : bool
        Else an upper bound.
    taken : (T,) int array
        Forms of each kind in one such set.
    """
    problem = Lead.of(appraised, pair, types)
    most, exact = int(types.count.sum()) if problem.unit else 0, True
    for size in range(problem.first_size(most), most + 1):
        close = []
        for combination in problem.combinations(size):
            lead, taken = problem.best(combination)
            near = np.flatnonzero(lead > -1 - SLACK)
            flipped = types.outcome(appraised, pair, taken[near])[1] if near.size else np.zeros(0, dtype=bool)
            if flipped.any():
                return size, exact, taken[near[np.argmax(flipped)]]
            close += list(combination[near])
        certain = len(close) <= SEARCHES
        for one in close[:SEARCHES]:
            sets, complete = problem.near(one)
            flipped = types.outcome(appraised, pair, sets)[1] if len(sets) else np.zeros(0, dtype=bool)
            if flipped.any():
                return size, exact, sets[np.argmax(flipped)]
            certain &= complete
        exact &= certain
    return None, exact, np.zeros_like(types.count)


@dataclass(frozen=True)
class Lead:
    """The lead of the lower department over the upper, in units of the last digit, as forms are taken.

    Parameters
    ----------
    types : FormTypes
    fixed : (2,) array
        Composite without social points.
    unit : float
        What one point out of 100 is worth.
    classes : (Q, 2) array
        What a form adds to the number of ratings.
    members : list of (.,) int arrays
        Kinds of each class.
    """

    types: FormTypes
    fixed: Floats
    unit: float
    classes: Floats
    members: list[NDArray[np.intp]]

    @classmethod
    def of(cls, appraised: Appraisal, pair: NDArray[np.intp], types: FormTypes) -> Lead:
        """Put the problem of a pair."""
        rules, points = appraised.rules, appraised.points
        scale = 10.0**points.digits
        classes, label = np.unique(types.rated, axis=0, return_inverse=True)
        members = [np.flatnonzero(label.ravel() == number) for number in range(len(classes))]
        fixed = (points.exact["composite"] - points.exact["social"])[pair] * scale
        unit = scale * float(rules.weights["social"]) / 100
        return cls(types, fixed, unit, classes, members)

    @property
    def sizes(self) -> Ints:
        """Forms of each class, ``(Q,)``."""
        return np.array([self.types.count[kinds].sum() for kinds in self.members], dtype=np.int64)

    def combinations(self, size: int) -> Iterator[Ints]:
        """How many forms of each class, adding up to `size`: ``(N, Q)`` at a time."""
        sizes = self.sizes
        if not sizes.size:
            return
        rest = int(np.argmax(sizes))
        others = [number for number in range(sizes.size) if number != rest]
        shape = tuple(min(size, int(sizes[number])) + 1 for number in others)
        for start in range(0, prod(shape), CHUNK):
            flat = np.arange(start, min(start + CHUNK, prod(shape)))
            chosen = np.zeros((flat.size, sizes.size), dtype=np.int64)
            if others:
                chosen[:, others] = np.stack(np.unravel_index(flat, shape), axis=1)
            chosen[:, rest] = size - chosen.sum(axis=1)
            fits = (chosen[:, rest] >= 0) & (chosen[:, rest] <= sizes[rest])
            fits &= ((self.types.base_rated + chosen @ self.classes) >= 1).all(axis=1)
            if fits.any():
                yield chosen[fits]

    def best(self, combination: Ints) -> tuple[Floats, Ints]:
        """Largest lead with so many of each class, ``(N,)``, and how many of each kind that takes, ``(N, T)``."""
        types = self.types
        rated = types.base_rated + combination @ self.classes
        worth = (self.unit / rated) * [-1.0, 1.0]
        taken = np.zeros((len(combination), types.count.size), dtype=np.int64)
        for number, kinds in enumerate(self.members):
            order = np.argsort(-(worth @ types.total[kinds].T), axis=1, kind="stable")
            there = types.count[kinds][order]
            before = np.cumsum(there, axis=1) - there
            some = np.clip(combination[:, [number]] - before, 0, there)
            taken[np.arange(len(combination))[:, None], kinds[order]] = some
        lead = self.fixed[1] - self.fixed[0] + (worth * (types.base_total + taken @ types.total)).sum(axis=1)
        return lead, taken

    def first_size(self, most: int) -> int:
        """Least number of forms with which the lower one may come first, or tie.

        The largest lead never falls with one more form while both keep two ratings: over all forms that are left, what
        taking one away does to the lead adds up to 0, so one of them does not lower it; and a change never lowers it.
        """

        def may(size: int) -> bool:
            return any((self.best(some)[0] > -1 - SLACK).any() for some in self.combinations(size))

        rising = min(most, int(self.types.base_rated.min()) - 2) if (self.classes < 0).any() else most
        low, high = 0, 1
        while high < rising and not may(high):
            low, high = high, 2 * high
        if high >= rising:
            high = rising
            if high <= low or not may(high):
                return max(rising, 0) + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if may(middle) else (middle, high)
        return high

    def near(self, combination: Ints) -> tuple[Ints, bool]:
        """All sets with so many of each class after which the lower one may come first, or tie.

        Kind by kind, keeping one of those that come to the same points, and none that the kinds still to come cannot
        bring near. ``(N, T)``, and whether these are all.
        """
        types, states = self.types, [(0.0, (0.0, 0.0), np.zeros(self.types.count.size, dtype=np.int64))]
        worth = (self.unit / (types.base_rated + combination @ self.classes)) * [-1.0, 1.0]
        value = types.total @ worth
        enough = -1 - SLACK - (self.fixed[1] - self.fixed[0] + worth @ types.base_total)
        orders = [kinds[np.argsort(-value[kinds], kind="stable")] for kinds in self.members]
        most = [_best_sums(value, types.count, kinds, int(of)) for kinds, of in zip(orders, combination, strict=True)]
        for number, kinds in enumerate(orders):
            later = sum(sums[-1] for sums in most[number + 1 :])
            level = {(int(combination[number]), points): (total, taken) for total, points, taken in states}
            for at, kind in enumerate(kinds):
                rest = later + _best_sums(value, types.count, kinds[at + 1 :], int(combination[number]))
                reached: dict[tuple[int, tuple[float, float]], tuple[float, Ints]] = {}
                for (left, points), (total, taken) in level.items():
                    for some in range(min(left, int(types.count[kind])) + 1):
                        if total + some * value[kind] + rest[left - some] < enough:
                            continue
                        upper, lower = points + some * types.total[kind]
                        more = taken.copy()
                        more[kind] = some
                        reached[left - some, (float(upper), float(lower))] = (total + some * value[kind], more)
                    if len(reached) > STATES:
                        return np.empty((0, types.count.size), dtype=np.int64), False
                level = reached
            states = [(total, points, taken) for (_left, points), (total, taken) in level.items()]
        return np.array([taken for _total, _points, taken in states]).reshape(-1, types.count.size), True


def _best_sums(value: Floats, count: Ints, kinds: NDArray[np.intp], most: int) -> Floats:
    """Largest sum of 0, 1, … `most` forms of these kinds, the best first; −∞ where there are not so many."""
    sums = np.full(most + 1, -np.inf)
    each = np.cumsum(np.append(0.0, np.repeat(value[kinds], np.minimum(count[kinds], most))))[: most + 1]
    sums[: each.size] = each
    return sums
