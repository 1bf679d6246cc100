"""From ranks to tiers: the steps of the notice's third section, in the order in which they bind.

Every function takes draws on the leading axes and departments, only those in competition, on the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appraisal.rulebook import TIERS, count_of
from appraisal.scoring.evidence import Rulings
from appraisal.scoring.order import NOWHERE
from appraisal.sections import Tiers, Window

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Ints = NDArray[np.int64]
BEST, ADVANCED, GOOD, ORDINARY, ADMONISHED = range(len(TIERS))


@dataclass(frozen=True)
class Standing:
    """Where each department stands before any tier is given.

    Parameters
    ----------
    group : (D,) int array
    key : (..., D) int array
        Orders the departments by composite and chain, lower first, never equal.
    scale_key : (..., D) int array
        The same by wildcard scale and chain: what departments of different groups are compared by.
    place : (..., D) int array
        Place inside the group by `key`: 1, 2, 3, …
    composite, social : (..., D) float array
        Rounded, in units of the last digit.
    problem : (D,) bool array
        A prominent problem is on record.
    """

    group: Places
    key: Ints
    scale_key: Ints
    place: NDArray[np.int32]
    composite: NDArray[np.float64]
    social: NDArray[np.float64]
    problem: Mask


@dataclass(frozen=True)
class Placement:
    """What each step gave; masks are ``(..., D)``, tiers are positions in `TIERS`.

    Parameters
    ----------
    first : best by window and wildcard, before anyone withdrew
    wildcard : of these, best by the contest of the next places
    withdrawn : left the tier best
    best : best after the back-fill
    lost : in the window of advanced or good, and cut by the quota
    by_place : (..., D) tiers that places and shares alone give, before admonition and rulings on seats
    rear_composite, rear_social : the first two clauses of admonition
    candidate : all clauses hold
    kept : a candidate that keeps the tier of its window, where the rulebook does not bar it
    filled : (..., S) whether each seat ruling found its seat open
    open_seats : (..., 3) seats of best, advanced and good that nobody holds
    rule_tier, tier : (..., D) what the rules and their rulings give, and with the committee's word
    """

    first: Mask
    wildcard: Mask
    withdrawn: Mask
    best: Mask
    lost: Mask
    by_place: NDArray[np.int8]
    rear_composite: Mask
    rear_social: Mask
    candidate: Mask
    kept: Mask
    filled: Mask
    open_seats: NDArray[np.int64]
    rule_tier: NDArray[np.int8]
    tier: NDArray[np.int8]


def place_in_tiers(standing: Standing, tiers: Tiers, rulings: Rulings) -> Placement:
    """Give every department its tier (notice §三).

    A quota that does not fit reads ``stop`` as ``keep_pool``, and a ruling that does not fit is passed over: whether
    the official case may go on is asked by who calls.

    Parameters
    ----------
    standing : Standing
    tiers : Tiers
        Section ``[tiers]`` of the rulebook.
    rulings : Rulings
        By position among the departments in competition.
    """
    in_advanced = standing.place <= tiers.advanced.ranks[1]
    first, wildcard = _by_window_and_contest(standing, tiers, standing.place, in_advanced)
    withdrawn, best = _without_withdrawn(standing, tiers, rulings, first, in_advanced)
    tier = _by_windows(standing, tiers, best, in_advanced)
    after_quota = _cut(standing, tiers, tier, withdrawn) if tiers.on_quota_mismatch == "cut" else tier
    rear_composite, rear_social = _rear(standing, tiers)
    candidate = rear_composite & rear_social & (standing.problem | (not tiers.admonished.needs_problem))
    kept = candidate & (after_quota < ORDINARY) & (not tiers.admonished.bar)
    admonished = candidate & ~kept & ~rulings.spare
    open_seats = _left_open(first, best, after_quota, admonished)
    with_admonished = after_quota.copy()
    with_admonished[admonished] = ADMONISHED
    rule_tier, open_seats, filled = _seated(with_admonished, open_seats, withdrawn, rulings)
    decided = rule_tier.copy()
    for department, given in rulings.committee:
        decided[..., department] = given
    return Placement(
        first=first,
        wildcard=wildcard,
        withdrawn=withdrawn,
        best=best,
        lost=after_quota > tier,
        by_place=after_quota,
        rear_composite=rear_composite,
        rear_social=rear_social,
        candidate=candidate,
        kept=kept,
        filled=filled,
        open_seats=open_seats,
        rule_tier=rule_tier,
        tier=decided,
    )


def quotas(group: NDArray[np.intp], tiers: Tiers) -> dict[str, tuple[int, int]]:
    """For advanced (with best) and good: seats by the share, and seats by the window; `group` is of all who compete."""
    sizes = np.bincount(group)

    def seats(window: Window) -> int:
        low, high = window.ranks
        return int(np.clip(sizes - low + 1, 0, high - low + 1).sum())

    windows = {"advanced": tiers.advanced, "good": tiers.good}
    return {name: (count_of(w.share, group.size), seats(w)) for name, w in windows.items()}


def closed_up(standing: Standing, left: Mask) -> NDArray[np.int32]:
    """Places inside the groups once some have left them; theirs is behind all: ``(..., D)``."""
    place = standing.place.copy()
    for who in np.flatnonzero(left.reshape(-1, left.shape[-1]).any(axis=0)):
        behind = standing.place > standing.place[..., who, None]
        place -= behind & left[..., who, None] & (standing.group == standing.group[who])
    place[left] = np.iinfo(place.dtype).max
    return place


def _choose(standing: Standing, eligible: Mask, seats: int | Ints) -> Mask:
    """The first `seats` of the eligible over all groups, by the wildcard scale and the chain."""
    most = int(np.max(seats, initial=0))
    chosen = np.zeros_like(eligible)
    if most == 0:
        return chosen
    if most == 1:
        who = np.flatnonzero(eligible)
        draw, keys = who // chosen.shape[-1], standing.scale_key.reshape(-1)[who]
        first = np.where(np.broadcast_to(seats, chosen.shape[:-1]).reshape(-1) == 1, NOWHERE, -1)
        np.minimum.at(first, draw, keys)
        chosen.reshape(-1)[who[keys == first[draw]]] = True
        return chosen
    keys = np.where(eligible, standing.scale_key, NOWHERE)
    ascending = np.sort(keys, axis=-1)
    place = np.minimum(np.broadcast_to(seats, keys.shape[:-1]), keys.shape[-1])[..., None]
    last = np.take_along_axis(ascending, np.maximum(place - 1, 0), axis=-1)
    return eligible & (keys <= last) & (place > 0)


def _by_window_and_contest(
    standing: Standing, tiers: Tiers, place: NDArray[np.int32], in_advanced: Mask
) -> tuple[Mask, Mask]:
    """Fill the seats of best by places that may leave some out; only the advanced window can (notice §三(一))."""
    last = tiers.best.ranks[1]
    wildcard = _choose(standing, (place == last + 1) & in_advanced, tiers.best.wildcards)
    return (place <= last) & in_advanced | wildcard, wildcard


def _without_withdrawn(
    standing: Standing, tiers: Tiers, rulings: Rulings, first: Mask, in_advanced: Mask
) -> tuple[Mask, Mask]:
    """Who withdrew, and who is best then. A seat filled again may go to one who withdraws too."""
    named = np.zeros(first.shape[-1], dtype=bool)
    named[rulings.withdraw] = True
    withdrawn = first & named
    while True:
        best = _filled_again(standing, tiers, first, withdrawn, in_advanced)
        more = best & named
        if not more.any():
            return withdrawn, best
        withdrawn = withdrawn | more


def _filled_again(standing: Standing, tiers: Tiers, first: Mask, withdrawn: Mask, in_advanced: Mask) -> Mask:
    stay = first & ~withdrawn
    if tiers.best.backfill == "none" or not withdrawn.any():
        return stay
    if tiers.best.backfill == "within_group":
        return _by_window_and_contest(standing, tiers, closed_up(standing, withdrawn), in_advanced)[0]
    pool = ~first & ~withdrawn & in_advanced
    if tiers.best.backfill == "next_fourth":
        pool &= standing.place <= tiers.best.ranks[1] + 1
    return stay | _choose(standing, pool, (first & withdrawn).sum(axis=-1))


def _by_windows(standing: Standing, tiers: Tiers, best: Mask, in_advanced: Mask) -> NDArray[np.int8]:
    """Advanced and good by their windows; the withdrawn stay advanced (notice §三(二), (三))."""
    in_good = standing.place <= tiers.good.ranks[1]
    # Each window holds the better ones, so every window that a department is in lifts it by one tier.
    return (ORDINARY - in_good.view(np.int8) - in_advanced.view(np.int8) - best.view(np.int8)).astype(np.int8)


def _cut(standing: Standing, tiers: Tiers, tier: NDArray[np.int8], withdrawn: Mask) -> NDArray[np.int8]:
    """Hold the shares: best and withdrawn keep their seats, who loses in advanced joins the pool of good."""
    (advanced_quota, _), (good_quota, _) = quotas(standing.group, tiers).values()
    keep = (tier == BEST) | withdrawn
    advanced = _choose(standing, (tier == ADVANCED) & ~keep, np.maximum(advanced_quota - keep.sum(axis=-1), 0))
    pool = (tier < ORDINARY) & ~keep & ~advanced
    good = _choose(standing, pool, good_quota)
    return np.select([keep | advanced, good], [tier, np.int8(GOOD)], np.int8(ORDINARY))


def _left_open(first: Mask, best: Mask, tier: NDArray[np.int8], admonished: Mask) -> NDArray[np.int64]:
    """Seats of best, advanced and good that a back-fill left, or that the admonished leave: ``(..., 3)``."""
    open_seats = np.zeros((*tier.shape[:-1], ORDINARY), dtype=np.int64)
    open_seats[..., BEST] = first.sum(axis=-1) - best.sum(axis=-1)
    leaving = np.flatnonzero(admonished & (tier < ORDINARY))
    np.add.at(open_seats.reshape(-1, ORDINARY), (leaving // tier.shape[-1], tier.ravel()[leaving]), 1)
    return open_seats


def _rear(standing: Standing, tiers: Tiers) -> tuple[Mask, Mask]:
    """The lowest of each group by composite and by social, each by value alone; all that tie count (notice §三(四))."""
    group, sizes = standing.group, np.bincount(standing.group)
    counts = [max(1, min(count_of(tiers.admonished.rear, size), size)) for size in sizes.tolist()]
    # Who stands at the first place of the rear has its highest composite.
    at = np.flatnonzero(standing.place == (sizes - counts + 1).astype(standing.place.dtype)[group])
    composite = np.broadcast_to(standing.composite, standing.place.shape)
    highest = np.zeros((*composite.shape[:-1], sizes.size))
    highest.reshape(-1, sizes.size)[at // group.size, group[at % group.size]] = composite.reshape(-1)[at]
    # One sort for all groups: points are whole numbers, and each group is put beyond the one before.
    social = standing.social
    beyond = (social.max(initial=0.0) - social.min(initial=0.0) + 1) * np.arange(sizes.size)
    ascending = social + beyond[group]
    ascending.sort(axis=-1)
    cut = ascending[..., np.cumsum(sizes) - sizes + counts - 1] - beyond
    return composite <= highest[..., group], social <= cut[..., group]


def _seated(
    tier: NDArray[np.int8], open_seats: NDArray[np.int64], withdrawn: Mask, rulings: Rulings
) -> tuple[NDArray[np.int8], NDArray[np.int64], Mask]:
    """Give open seats by ruling, the best tier first; the seat that a department leaves opens in turn."""
    tier, open_seats = tier.copy(), open_seats.copy()
    filled = np.zeros((*tier.shape[:-1], len(rulings.seats)), dtype=bool)
    for ruling, (department, given) in enumerate(rulings.seats):
        held = tier[..., department].copy()
        fits = (open_seats[..., given] > 0) & (held > given) & (held != ADMONISHED)
        fits &= ~(withdrawn[..., department] & (given == BEST))
        for seat in range(ORDINARY):
            open_seats[..., seat] += (fits & (held == seat)).astype(int) - (fits & (seat == given)).astype(int)
        tier[..., department] = np.where(fits, given, held)
        filled[..., ruling] = fits
    return tier, open_seats, filled
