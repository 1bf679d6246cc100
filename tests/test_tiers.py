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
