"""What a gap means in ballots: the fewest whose removal, or whose worst valid change, flips a line.

A removed ballot counts for no department. A changed panel ballot gives the upper department of the pair the lowest
score of its bands and the lower one the highest, where it scored them; a changed form gives the upper the lowest answer
and the lower the highest, also where it had none. Nothing worse is valid, and every key of the chain moves one way, so
the fewest changes are changes of this kind. Panel ballots are few: all sets are tried. Forms are many, but of few
kinds: `form_sets` solves for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.bands import LINE, band_limits
from appraisal.analysis.form_sets import fewest_forms, form_types
from appraisal.analysis.variants import base_tiers, flips, lines_to_flip, moved, pair_positions, tiers_with, would_be
from appraisal.scoring.appraise import Appraisal, Ballots, Points, appraise_draws, every_ballot_once, score

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]
Tiers = NDArray[np.int8]
# The fewest, of how many, whether exact, and the tiers then.
Found = tuple[int | None, int, bool, Tiers | None]
# Sets of panel ballots that are tried, all sets of up to 14; and at a time.
SETS, CHUNK = 2**14, 2**11
WAYS = ("removed", "changed")


def ballots_to_flip(appraised: Appraisal) -> pd.DataFrame:
    """Find the fewest social forms, and the fewest panel ballots, that flip each line.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        Rows: each line × ``social``, ``panel`` × ``removed``, ``changed``. Columns `group`, `tier`, `upper`, `lower`,
        `gap`, `ballots`, `way`; `fewest`, missing where none flip it; `of`, the ballots there are; `exact`, else
        `fewest` is an upper bound (missing: none was found); `moved`, the departments whose tier changes by one such
        set, missing where it leaves a department without a score. With `social_counts` a form is one rating.

    Raises
    ------
    ReconciliationError
        If the base case is not the scorecard.
    """
    base, limits = base_tiers(appraised, "removal"), band_limits(appraised)
    rows = []
    for line in lines_to_flip(appraised).itertuples():
        pair = np.array(pair_positions(appraised, line))
        common = [getattr(line, name) for name in LINE]
        for way in WAYS:
            fewest, of, exact, tiers = _forms(appraised, pair, way)
            rows.append((*common, "social", way, fewest, of, exact, _moved(appraised, base, tiers)))
        for way in WAYS:
            fewest, of, exact, tiers = _panel(appraised, pair, way, limits)
            rows.append((*common, "panel", way, fewest, of, exact, _moved(appraised, base, tiers)))
    columns = [*LINE, "ballots", "way", "fewest", "of", "exact", "moved"]
    return pd.DataFrame(rows, columns=columns).astype({"fewest": "Int64", "of": "int64", "exact": bool})


def _moved(appraised: Appraisal, base: Tiers, tiers: Tiers | None) -> tuple[str, ...] | None:
    return None if tiers is None else moved(appraised, base, tiers)


def _without(appraised: Appraisal, ballots: Ballots) -> Tiers | None:
    """Tiers by the whole rule when some ballots do not count."""
    evidence, rules = appraised.evidence, appraised.rules
    if not np.isfinite(score(evidence, rules, ballots).exact["composite"]).all():
        return None
    return appraise_draws(evidence, rules, ballots, np.arange(len(evidence.departments))).rule_tier


def _pair_changed(appraised: Appraisal, pair: NDArray[np.intp], points: Points) -> Tiers:
    """Tiers by the whole rule when only the pair has other points, ``(2,)``."""
    return tiers_with(appraised, np.zeros(2, dtype=np.intp), pair, points, 1)[0]


def _forms(appraised: Appraisal, pair: NDArray[np.intp], way: str) -> Found:
    types = form_types(appraised, pair, way)
    fewest, exact, chosen = fewest_forms(appraised, pair, types)
    if fewest is None:
        return None, types.of, exact, appraised.placement.rule_tier
    if way == "removed" and types.of_form is not None:
        ballots = every_ballot_once(appraised.evidence)
        for number in np.flatnonzero(chosen):
            ballots.social[np.flatnonzero(types.of_form == number)[: chosen[number]]] = 0
        return fewest, types.of, exact, _without(appraised, ballots)
    points, _flipped = types.outcome(appraised, pair, chosen[None])
    return fewest, types.of, exact, _pair_changed(appraised, pair, points)


@dataclass(frozen=True)
class _Panel:
    """The ballots of a panel that scored a pair.

    Parameters
    ----------
    appraised : Appraisal
    pair : (2,) int array
    way : {"changed", "removed"}
    ballots : (B,) int array
        Their positions.
    said, instead : (B, 2, I) arrays
        What each says of the pair, and what it would say.
    """

    appraised: Appraisal
    pair: NDArray[np.intp]
    way: str
    ballots: NDArray[np.intp]
    said: Floats
    instead: Floats

    def outcome(self, masks: Masks) -> tuple[Points, Masks, Floats]:
        """Points of the pair under each set of ballots, whether it flips, and by how much the lower one leads."""
        # (B, 2, N, I): the pair under each set.
        votes = np.where(masks.T[:, None, :, None], self.instead[:, :, None], self.said[:, :, None])
        evidence, rules = self.appraised.evidence, self.appraised.rules
        shape = len(self.ballots), -1, self.said.shape[-1]
        variants = would_be(evidence, np.repeat(self.pair, len(masks)), votes.reshape(shape))
        points = score(variants, rules)
        upper, lower = points.exact["composite"].reshape(2, -1)
        return points, flips(points, variants, rules), lower - upper

    def valid(self, masks: Masks) -> Masks:
        """Those of the sets that leave the pair a score of every item."""
        left = (~masks if self.way == "removed" else np.ones_like(masks)).astype(int)
        scores: NDArray[np.int64] = left @ ~np.isnan(self.said).reshape(len(self.ballots), -1)
        return masks[scores.min(axis=1) > 0]

    def tiers(self, mask: Masks) -> Tiers | None:
        """Tiers by the whole rule under one set."""
        if self.way == "changed":
            return _pair_changed(self.appraised, self.pair, self.outcome(mask[None])[0])
        once = every_ballot_once(self.appraised.evidence)
        once.panel[self.ballots[mask]] = 0
        return _without(self.appraised, once)


def _panel_of(appraised: Appraisal, pair: NDArray[np.intp], way: str, limits: Floats) -> _Panel:
    said = appraised.evidence.panel[:, pair]
    ballots = np.flatnonzero(~np.isnan(said).all(axis=(1, 2)))
    said = said[ballots]
    if way == "removed":
        instead = np.full_like(said, np.nan)
    else:
        instead = np.where(np.isnan(said), np.nan, np.stack([limits[0, pair[0]], limits[1, pair[1]]]))
    return _Panel(appraised, pair, way, ballots, said, instead)


def _panel(appraised: Appraisal, pair: NDArray[np.intp], way: str, limits: Floats) -> Found:
    """Try sets of panel ballots, the smallest first; where they are too many, one after another, the worst first."""
    panel = _panel_of(appraised, pair, way, limits)
    of = len(panel.ballots)
    sizes = np.cumsum([comb(of, size) for size in range(1, of + 1)])
    every = int((sizes <= SETS).sum())  # up to this size all sets are tried
    for size in range(1, every + 1):
        for masks in map(panel.valid, _masks(of, size)):
            flipped = panel.outcome(masks)[1] if len(masks) else np.zeros(0, dtype=bool)
            if flipped.any():
                return size, of, True, panel.tiers(masks[np.argmax(flipped)])
    if every < of and (found := _one_after_another(panel)) is not None:
        return int(found.sum()), of, bool(found.sum() <= every + 1), panel.tiers(found)
    return None, of, every == of, appraised.placement.rule_tier


def _one_after_another(panel: _Panel) -> Masks | None:
    """Ballots that flip the pair, each the one that moves it most beside those before; None where none do."""
    mask = np.zeros(len(panel.ballots), dtype=bool)
    while not mask.all():
        rest = np.flatnonzero(~mask)
        masks = np.repeat(mask[None], rest.size, axis=0)
        masks[np.arange(rest.size), rest] = True
        masks = panel.valid(masks)
        if not len(masks):
            return None
        _points, flipped, lead = panel.outcome(masks)
        if flipped.any():
            return masks[np.argmax(flipped)]
        mask = masks[np.argmax(lead)]
    return None


def _masks(ballots: int, size: int) -> Iterator[Masks]:
    """All sets of so many ballots, ``(N, B)`` at a time."""
    sets = combinations(range(ballots), size)
    while chosen := list(islice(sets, CHUNK)):
        masks = np.zeros((len(chosen), ballots), dtype=bool)
        np.put_along_axis(masks, np.array(chosen), True, axis=1)
        yield masks
