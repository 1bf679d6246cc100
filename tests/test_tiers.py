"""Ranks to tiers over many draws: each draw is placed by itself, none at all gives no tiers, and every seat is counted."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import numpy as np
import pytest

from appraisal.scoring.evidence import Rulings
from appraisal.scoring.order import one_key
from appraisal.scoring.ranking import places
from appraisal.scoring.tiers import (
    ADMONISHED,
    ADVANCED,
    BEST,
    GOOD,
    ORDINARY,
    Placement,
    Standing,
    place_in_tiers,
    quotas,
)
from appraisal.sections import Admonished, Best, Tiers, Window


def random_tiers(rng: np.random.Generator) -> Tiers:
    best = int(rng.integers(1, 3))
    advanced = best + int(rng.integers(0, 3))
    return Tiers(
        on_quota_mismatch=str(rng.choice(["stop", "cut", "keep_pool"])),
        best=Best(
            ranks=(1, best),
            wildcards=int(rng.integers(0, 4)),
            wildcard_scale="raw",
            backfill=str(rng.choice(["within_group", "next_fourth", "highest_remaining", "none"])),
        ),
        advanced=Window(ranks=(1, advanced), share=Decimal(str(rng.choice(["0.2", "0.3", "0.5"])))),
        good=Window(ranks=(advanced + 1, advanced + 2), share=Decimal(str(rng.choice(["0.1", "0.3", "0.5"])))),
        admonished=Admonished(
            rear=Decimal(str(rng.choice(["0.1", "0.3", "0.5"]))),
            needs_problem=bool(rng.random() < 0.5),
            bar=bool(rng.random() < 0.5),
        ),
    )


def changed(tiers: Tiers, **parts: object) -> Tiers:
    return tiers.model_copy(update=parts)


def random_standing(rng: np.random.Generator, *draws: int) -> Standing:
    """Up to 14 departments of three groups in as many draws; few values, so that many share the rear."""
    size = int(rng.integers(3, 15))
    group = np.concatenate([np.arange(3), rng.integers(0, 3, size - 3)])
    composite, social, scale = (-rng.integers(-40, 40, (*draws, size)).astype(float) for _ in range(3))
    social = np.sign(social) * (np.abs(social) % 4)
    order = rng.permuted(np.broadcast_to(np.arange(size), (*draws, size)), axis=-1)
    key = one_key([-composite], order)
    return Standing(
        group=group,
        key=key,
        scale_key=one_key([-scale], order),
        place=places(key, group),
        composite=composite,
        social=social,
        problem=rng.random(size) < 0.5,
    )


def random_rulings(rng: np.random.Generator, size: int) -> Rulings:
    def given(tiers: range) -> tuple[tuple[int, int], ...]:
        who = rng.permutation(size)[: int(rng.integers(0, 4))].tolist()
        return tuple(sorted(((d, int(rng.choice(tiers))) for d in who), key=lambda ruled: ruled[::-1]))

    return Rulings(
        withdraw=rng.permutation(size)[: int(rng.integers(0, 4))],
        tie=np.zeros(size, dtype=np.int64),
        spare=rng.random(size) < 0.3,
        seats=given(range(BEST, ORDINARY)),
        committee=given(range(BEST, ADMONISHED + 1)),
    )


@pytest.fixture(params=range(60))
def rng(request) -> np.random.Generator:
    return np.random.default_rng(request.param)


def one_of(standing: Standing, draw: tuple[int, ...]) -> Standing:
    drawn = ("key", "scale_key", "place", "composite", "social")
    return replace(standing, **{name: getattr(standing, name)[draw] for name in drawn})


def test_each_draw_is_placed_by_itself(rng):
    tiers, standing = random_tiers(rng), random_standing(rng, 2, 3)
    rulings = random_rulings(rng, standing.group.size)
    together = place_in_tiers(standing, tiers, rulings)
    for draw in np.ndindex(2, 3):
        alone = place_in_tiers(one_of(standing, draw), tiers, rulings)
        for field in fields(Placement):
            got, wanted = getattr(together, field.name)[draw], getattr(alone, field.name)
            assert got.tolist() == wanted.tolist(), field.name
            assert got.dtype == wanted.dtype


def test_no_draw_gives_no_tiers(rng):
    tiers, standing = random_tiers(rng), random_standing(rng, 0)
    rulings = random_rulings(rng, standing.group.size)
    placement = place_in_tiers(standing, tiers, rulings)
    assert placement.rule_tier.shape == placement.tier.shape == standing.key.shape
    assert placement.open_seats.shape == (0, 3)
    assert placement.open_seats.dtype == np.int64
    assert placement.filled.shape == (0, len(rulings.seats))


def test_the_rear_is_whoever_has_no_more_than_the_last_of_it(rng):
    """A half counts up, one of each group at least, and all that tie with the last."""
    tiers, standing = random_tiers(rng), random_standing(rng)
    placement = place_in_tiers(standing, tiers, random_rulings(rng, standing.group.size))
    for values, found in ((standing.composite, placement.rear_composite), (standing.social, placement.rear_social)):
        for group in range(3):
            own = values[standing.group == group]
            count = max(1, int(Decimal(own.size) * tiers.admonished.rear + Decimal("0.5")))
            assert found[standing.group == group].tolist() == (own <= sorted(own)[count - 1]).tolist()
    both = placement.rear_composite & placement.rear_social
    assert (placement.candidate == both & (standing.problem | (not tiers.admonished.needs_problem))).all()


def test_a_candidate_is_admonished_unless_spared_or_the_rules_let_it_keep_its_window(rng):
    tiers, standing = changed(random_tiers(rng), on_quota_mismatch="keep_pool"), random_standing(rng)
    rulings = replace(random_rulings(rng, standing.group.size), seats=())
    placement = place_in_tiers(standing, tiers, rulings)
    in_window = standing.place <= tiers.good.ranks[1]
    assert (placement.kept == placement.candidate & in_window & (not tiers.admonished.bar)).all()
    admonished = placement.candidate & ~placement.kept & ~rulings.spare
    assert (admonished == (placement.rule_tier == ADMONISHED)).all()


def test_a_cut_gives_the_seats_of_a_share_to_the_first_by_the_scale(rng):
    """Best and who withdrew keep theirs, who is cut from advanced may be good, and the rest goes to ordinary."""
    tiers, standing = changed(random_tiers(rng), on_quota_mismatch="cut"), random_standing(rng)
    rulings = replace(random_rulings(rng, standing.group.size), seats=())
    placement = place_in_tiers(standing, tiers, rulings)
    keep, first = placement.best | placement.withdrawn, np.argsort(standing.scale_key)
    (advanced, _), (good, _) = quotas(standing.group, tiers).values()
    window = [one for one in first if standing.place[one] <= tiers.advanced.ranks[1] and not keep[one]]
    seated = {int(one): ADVANCED for one in window[: max(advanced - keep.sum(), 0)]}
    left = [one for one in first if standing.place[one] <= tiers.good.ranks[1] and not keep[one] and one not in seated]
    seated |= {int(one): GOOD for one in left[:good]}
    for one in np.flatnonzero(placement.rule_tier != ADMONISHED):
        wanted = seated.get(int(one), ORDINARY)
        assert placement.rule_tier[one] == (BEST if placement.best[one] else ADVANCED if keep[one] else wanted)


def test_the_seat_of_who_withdrew_stays_empty_where_the_rules_fill_none(rng):
    tiers, standing = random_tiers(rng), random_standing(rng)
    tiers = changed(tiers, best=tiers.best.model_copy(update={"backfill": "none"}))
    named = rng.permutation(standing.group.size)[:3]
    placement = place_in_tiers(standing, tiers, replace(random_rulings(rng, standing.group.size), withdraw=named))
    assert (placement.best == placement.first & ~np.isin(np.arange(standing.group.size), named)).all()


def test_in_a_draw_in_which_nobody_leaves_a_seat_nobody_takes_one():
    """The first of the first draw withdraws, in the second it is second by its place and by the scale."""
    standing = Standing(
        group=np.zeros(4, dtype=np.intp),
        key=np.array([[0, 1, 2, 3], [1, 0, 2, 3]]),
        scale_key=np.array([[0, 1, 2, 3], [1, 0, 2, 3]]),
        place=np.array([[1, 2, 3, 4], [2, 1, 3, 4]], dtype=np.int32),
        composite=np.array([[90.0, 80, 70, 60], [80.0, 90, 70, 60]]),
        social=np.zeros(4),
        problem=np.zeros(4, dtype=bool),
    )
    tiers = changed(
        random_tiers(np.random.default_rng(0)),
        on_quota_mismatch="keep_pool",
        best=Best(ranks=(1, 1), wildcards=0, wildcard_scale="raw", backfill="highest_remaining"),
        advanced=Window(ranks=(1, 2), share=Decimal("0.5")),
        good=Window(ranks=(3, 3), share=Decimal("0.25")),
    )
    nobody = Rulings(np.zeros(1, dtype=np.intp), np.zeros(4, dtype=np.int64), np.zeros(4, dtype=bool), (), ())
    placement = place_in_tiers(standing, tiers, nobody)
    assert placement.first.tolist() == [[True, False, False, False], [False, True, False, False]]
    assert placement.best.tolist() == [[False, True, False, False], [False, True, False, False]]
    assert placement.withdrawn.tolist() == [[True, False, False, False], [False] * 4]


def test_wildcards_go_to_the_first_by_the_scale_among_the_next_places(rng):
    tiers, standing = random_tiers(rng), random_standing(rng)
    placement = place_in_tiers(standing, tiers, random_rulings(rng, standing.group.size))
    contestants = np.flatnonzero(standing.place == tiers.best.ranks[1] + 1)
    if tiers.best.ranks[1] == tiers.advanced.ranks[1]:
        contestants = contestants[:0]
    won = contestants[np.argsort(standing.scale_key[contestants])][: tiers.best.wildcards]
    assert np.flatnonzero(placement.wildcard).tolist() == sorted(won.tolist())
    assert (placement.first == (standing.place <= tiers.best.ranks[1]) | placement.wildcard).all()


def test_seats_of_a_window_are_as_many_as_its_groups_reach_down():
    """Groups of 1, 3, 5 and 9: of places 1 to 4 they hold 1, 3, 4 and 4, of places 5 to 7 none, none, 1 and 3."""
    group = np.repeat(np.arange(4), [1, 3, 5, 9])
    tiers = changed(
        random_tiers(np.random.default_rng(0)),
        advanced=Window(ranks=(1, 4), share=Decimal("0.5")),
        good=Window(ranks=(5, 7), share=Decimal("0.25")),
    )
    assert quotas(group, tiers) == {"advanced": (9, 12), "good": (5, 4)}


def test_every_seat_is_held_lost_or_open(rng):
    """No seat of best, advanced and good comes from nowhere, whoever withdrew, was admonished or was seated."""
    tiers, standing = random_tiers(rng), random_standing(rng)
    rulings = random_rulings(rng, standing.group.size)
    placement = place_in_tiers(standing, tiers, rulings)
    held = np.bincount(placement.rule_tier, minlength=ADMONISHED + 1)[:ORDINARY]
    seats = held + placement.open_seats
    first, best = placement.first.sum(), placement.best.sum()
    if tiers.on_quota_mismatch == "cut":
        (advanced, _), (good, _) = quotas(standing.group, tiers).values()
        assert seats[BEST] == first
        assert seats[ADVANCED] <= max(advanced, (placement.best | placement.withdrawn).sum()) - best
        assert seats[GOOD] <= good
    else:
        windows = [tiers.advanced.ranks[1], tiers.good.ranks[1]]
        to_advanced, to_good = np.minimum(np.bincount(standing.group)[:, None], windows).sum(axis=0)
        # A seat of best that stays empty is one more in advanced.
        assert seats.tolist() == [first, to_advanced - best, to_good - to_advanced]
        assert not placement.lost.any()
    assert not (placement.best & placement.withdrawn).any()
    assert all(
        placement.rule_tier[who] == tier for who, tier in np.array(rulings.seats).reshape(-1, 2)[placement.filled]
    )
    ruled = dict(rulings.committee)
    assert placement.tier.tolist() == [ruled.get(who, tier) for who, tier in enumerate(placement.rule_tier.tolist())]
