"""What panels, leaders and citizens put on paper, given the world as drawn.

Nothing seen falls when a department's quality rises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from appraisal.office.world import Chance, Floats, Ints, World, varied
from appraisal.rulebook import Rulebook

# Jurors write the coarsest of these steps, in points, that leaves them a choice inside every band of the item.
STEPS = (Decimal("0.05"), Decimal("0.01"), Decimal("0.001"))
CHOICES = 5
# Answers on a form that name no degree of satisfaction; the others are 0, 1, … from the best.
UNKNOWN, BLANK = -1, -2
# Raters that stand for unlimited ones: so many quantiles of so many drawn errors.
LIKE, SAMPLED = 400, 100_000


@dataclass(frozen=True)
class Opinions:
    """What panels, leaders and citizens put on paper.

    Parameters
    ----------
    scores : (J, I, D) float array
        Panel scores in points of the item's full marks.
    ratings : (L, D) float array
        Leaders' ratings out of 100.
    answers : (F, D) int array
        Position on the scale from the best, `UNKNOWN` or `BLANK`.
    """

    scores: Floats = field(repr=False)
    ratings: Floats = field(repr=False)
    answers: Ints = field(repr=False)


def merit(drawn: Chance, world: World) -> Floats:
    """True merit of each item and department, ``(I, D)``, as a share of full marks, at most 1."""
    latent = _latent(drawn.own_merit, drawn, world)
    return np.minimum(world.merit + drawn.ease[:, None] + world.merit_spread * latent, 1.0)


def bands_set(drawn: Chance, rules: Rulebook, world: World) -> Ints:
    """Band of each item and department after verification, ``(I, D)``, as position in `Rulebook.bands`."""
    lows = np.array([float(low) for low, _ in rules.bands.values()])
    order = np.argsort(lows)
    reached = np.searchsorted(lows[order], merit(drawn, world) + drawn.misjudged, side="right") - 1
    return order[np.maximum(reached, 0)]


def cast(drawn: Chance, bands: Ints, rules: Rulebook, world: World) -> Opinions:
    """Let panels, leaders and citizens judge.

    Parameters
    ----------
    drawn : Chance
    bands : (I, D) int array
        As `bands_set` gives them; a score never leaves its band.
    rules : Rulebook
    world : World
    """
    ratings = _view(drawn, world) + drawn.strictness[:, None] + drawn.doubt
    seen = _place(drawn, bands, rules, world) + _errors(drawn)
    return Opinions(
        scores=_scores(seen, bands, rules, drawn.tempted < world.heaped),
        ratings=_rated(ratings),
        answers=_answers(drawn, rules, world),
    )


def expected(drawn: Chance, bands: Ints, rules: Rulebook, world: World) -> tuple[Floats, Floats, Floats]:
    """What unlimited like jurors, leaders and citizens would give, the bands being as they are.

    Panel and leaders are averaged over `LIKE` raters that stand for all: the quantiles of their errors, the same for
    every department. Citizens' answers have a closed form.

    Parameters
    ----------
    drawn : Chance
    bands : (I, D) int array
        As `bands_set` gives them.
    rules : Rulebook
    world : World

    Returns
    -------
    tuple of arrays
        Panel scores ``(I, D)`` in points of the items; leaders' rating and social points ``(D,)`` out of 100.
    """
    errors = _quantiles((world.severity, world.halo, world.lapse), world.tails)
    seen = _place(drawn, bands, rules, world) + errors[:, None, None]
    free, heaped = (_scores(seen, bands, rules, np.full(seen.shape, end)).mean(axis=0) for end in (False, True))
    ratings = _view(drawn, world) + _quantiles((world.strictness, world.doubt), world.tails)[:, None]
    best_first = sorted((float(points) for points in rules.social.points.values()), reverse=True)
    missed = ndtr((_thresholds(rules, world)[:, None] - _standing(drawn, world)) / np.hypot(1, world.leniency))
    social = best_first[-1] - np.diff(best_first) @ (1 - missed)
    return (1 - world.heaped) * free + world.heaped * heaped, _rated(ratings).mean(axis=0), social


def score_step(rules: Rulebook, item: str) -> Decimal:
    """Step in which the jurors score an item, in points."""
    for step in STEPS:
        ranges = [rules.band_range(item, band) for band in rules.bands]
        if all(_last(high, step) - _first(low, step) >= CHOICES for low, high in ranges):
            return step
    return STEPS[-1]


def _latent(own: Floats, drawn: Chance, world: World) -> Floats:
    return np.sqrt(world.shared) * drawn.quality + np.sqrt(1 - world.shared) * own


def _view(drawn: Chance, world: World) -> Floats:
    return world.view + world.view_spread * _latent(drawn.own_view, drawn, world)


def _standing(drawn: Chance, world: World) -> Floats:
    return world.standing * _latent(drawn.own_standing, drawn, world)


def _thresholds(rules: Rulebook, world: World) -> Floats:
    """Least impression that earns each answer but the last, from the best answer down."""
    steps = len(rules.social.points) - 1
    at_most = binom.cdf(np.arange(steps), steps, world.dissatisfied)
    return -ndtri(at_most) * np.sqrt(1 + world.leniency**2 + world.standing**2)


def _ends(bands: Ints, rules: Rulebook) -> tuple[Floats, Floats]:
    ends = np.array([[float(low), float(high)] for low, high in rules.bands.values()])
    return ends[bands, 0], ends[bands, 1] - ends[bands, 0]


def _place(drawn: Chance, bands: Ints, rules: Rulebook, world: World) -> Floats:
    """Where in its band a juror without error would put a department, ``(I, D)``, in widths of the band."""
    low, width = _ends(bands, rules)
    return 0.5 + world.follow * (merit(drawn, world) - low - width / 2) / width


def _errors(drawn: Chance) -> Floats:
    return drawn.severity[drawn.group].T[:, None, :] + drawn.halo[:, None, :] + drawn.lapse


@cache
def _quantiles(spreads: tuple[float, ...], tails: float) -> Floats:
    """(LIKE,) errors that stand for those of unlimited raters."""
    random = np.random.default_rng(0)
    drawn = sum(spread * varied(random, random, tails, (SAMPLED,)) for spread in spreads)
    return np.quantile(drawn, (np.arange(LIKE) + 0.5) / LIKE)


def _rated(ratings: Floats) -> Floats:
    return np.clip(np.rint(ratings), 0, 100)


def _scores(seen: Floats, bands: Ints, rules: Rulebook, heaped: NDArray[np.bool_]) -> Floats:
    """Panel scores, ``(J, I, D)``, of what jurors see in widths of the band; some go to the nearer end of it."""
    low, width = _ends(bands, rules)
    marks = np.array([float(full) for full in rules.item_marks.values()])[:, None]
    step, first, last = writable_steps(bands, rules)
    points = (low + seen * width) * marks
    written = np.clip(np.rint(points / step), first, last)
    nearer = np.where(2 * written < first + last, first, last)
    # Whole steps over steps a point: the nearest float64 of the decimal that the juror writes.
    return np.where(heaped, nearer, written) / np.rint(1 / step)


def writable_steps(bands: Ints, rules: Rulebook) -> tuple[Floats, Floats, Floats]:
    """Step in which a juror scores, in points, and the lowest and highest score of each band in steps.

    Parameters
    ----------
    bands : (I, D) int array
    rules : Rulebook

    Returns
    -------
    step : (I, 1) array
    first, last : (I, D) arrays
    """
    steps = [score_step(rules, item) for item in rules.item_marks]
    first, last = np.empty(bands.shape), np.empty(bands.shape)
    for position, (item, step) in enumerate(zip(rules.item_marks, steps, strict=True)):
        ends = [rules.band_range(item, band) for band in rules.bands]
        first[position] = np.array([_first(lowest, step) for lowest, _ in ends])[bands[position]]
        last[position] = np.array([_last(highest, step) for _, highest in ends])[bands[position]]
    return np.array([float(step) for step in steps])[:, None], first, last


def _first(low: Decimal, step: Decimal) -> int:
    return int((low / step).to_integral_value(ROUND_CEILING))


def _last(high: Decimal, step: Decimal) -> int:
    return int((high / step).to_integral_value(ROUND_FLOOR))


def _answers(drawn: Chance, rules: Rulebook, world: World) -> Ints:
    impression = _standing(drawn, world) + drawn.leniency[:, None] + drawn.whim
    # The thresholds fall from the best answer down: as many as the impression misses is the place on the scale.
    answers = np.zeros(impression.shape, dtype=np.int64)
    for threshold in _thresholds(rules, world):
        answers += impression < threshold
    if any(rules.social.left_out):
        answers[drawn.heard < drawn.obscure] = UNKNOWN
    if "" in rules.social.left_out:
        answers[drawn.heard > 1 - world.blank] = BLANK
    return answers
