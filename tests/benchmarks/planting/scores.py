"""Anomalies planted in a made-up year, so that it is known what the tests should find.

Each kind is planted on a juror of its own, so that places do not overlap. A planted year is for measuring the tests; no
year folder of the project is made from one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from appraisal.office.opinions import Opinions, cast, writable_steps
from appraisal.office.simulate import Draft, SimulatedYear, draw_year, numbered_year
from appraisal.office.world import Chance, Sizes, World, stream
from appraisal.rulebook import Rulebook

# Kind → the effect planted unless told: what the number is stands at the function of the kind.
EFFECTS = {
    "severity": 0.7,
    "inconsistency": 1.6,
    "central": 0.6,
    "halo": 3.5,
    "heaping": 0.25,
    "favour": 1.2,
    "score": 1.0,
    "together": 0.85,
}


@dataclass(frozen=True)
class PlantedYear:
    """A made-up year, and what was planted in it.

    Parameters
    ----------
    year : SimulatedYear
    planted : DataFrame
        One row an anomaly and juror: `kind`, `ballot` (token), `department` and `item` where it has them, else blank;
        `effect`, the mean change of the scores it is about in widths of the band, NaN where a kind shifts no mean.
    """

    year: SimulatedYear
    planted: pd.DataFrame


@dataclass(frozen=True)
class _Place:
    """Where one anomaly goes: group, juror, the juror who is followed, department and item by position."""

    kind: str
    group: int
    juror: int
    other: int
    department: int
    item: int


def planted_year(
    rules: Rulebook,
    effects: Mapping[str, float] = EFFECTS,
    attempt: int = 0,
) -> PlantedYear:
    """Make up a year and plant anomalies in it.

    Parameters
    ----------
    rules : Rulebook
    effects : mapping of str to float
        Kinds that are planted, once each, and how strongly.
    attempt : int
        Another year of the same seed.
    """
    sizes, world = Sizes(), World()
    draft = draw_year(rules, sizes, world, attempt)
    random = stream(rules.seed, rules.year, attempt, "planted")
    places = _places(draft, list(effects), random)
    drawn = draft.drawn
    for place in places:
        drawn = _leaned(drawn, place, effects[place.kind], draft, rules, random)
    opinions = cast(drawn, draft.bands, rules, world)
    for place in places:
        opinions = _written(opinions, place, effects[place.kind], draft, rules, random)
    planted = replace(draft, drawn=drawn, opinions=opinions)
    year = numbered_year(planted, rules, sizes, world)
    clean = cast(draft.drawn, draft.bands, rules, world)
    rows = [row for place in places for row in _truth(place, draft, clean, opinions, year, rules)]
    return PlantedYear(year, pd.DataFrame(rows, columns=["kind", "ballot", "department", "item", "effect"]))


def _places(draft: Draft, kinds: list[str], random: np.random.Generator) -> list[_Place]:
    """Deal the kinds out: no juror carries two."""
    group, jurors = draft.drawn.group, len(draft.opinions.scores)
    groups = np.unique(group)
    seats = {int(number): random.permutation(jurors).tolist() for number in groups}
    places = []
    for turn, kind in enumerate(random.permutation(kinds)):
        number = int(groups[turn % len(groups)])
        department = int(random.choice(np.flatnonzero(group == number)))
        juror = seats[number].pop()
        other = seats[number].pop() if kind == "together" else juror
        places.append(
            _Place(str(kind), number, juror, other, department, int(random.integers(draft.opinions.scores.shape[1])))
        )
    return places


def _leaned(
    drawn: Chance, place: _Place, effect: float, draft: Draft, rules: Rulebook, random: np.random.Generator
) -> Chance:
    """Kinds that lie in how a juror sees.

    ``severity``: widths of the band, down or up at random. ``favour``: widths of the band, towards its farther end.
    ``inconsistency`` and ``halo``: times the usual spread of single scores, and of a juror between departments.
    ``together``: the correlation of what the two jurors see beside the truth.
    """
    members = draft.drawn.group == place.group
    step, first, last = writable_steps(draft.bands, rules)
    severity, halo, lapse = drawn.severity.copy(), drawn.halo.copy(), drawn.lapse.copy()
    sign = random.choice([-1.0, 1.0])
    match place.kind:
        case "severity":
            # From the middle of the panel: what it is by nature and what is planted do not cancel.
            severity[place.group, place.juror] = sign * effect
        case "inconsistency":
            lapse[place.juror][:, members] *= effect
        case "halo":
            halo[place.juror, members] *= effect
        case "favour":
            middle = ((draft.opinions.scores / step - first) / (last - first))[:, :, place.department].mean()
            halo[place.juror, place.department] += np.sign(0.5 - middle) * effect
        case "together":
            rest = np.sqrt(1 - effect**2)
            halo[place.juror, members] = effect * halo[place.other, members] + rest * halo[place.juror, members]
            followed = lapse[place.other][:, members]
            lapse[place.juror][:, members] = effect * followed + rest * lapse[place.juror][:, members]
        case _:
            return drawn
    return replace(drawn, severity=severity, halo=halo, lapse=lapse)


def _written(
    opinions: Opinions, place: _Place, effect: float, draft: Draft, rules: Rulebook, random: np.random.Generator
) -> Opinions:
    """Kinds that lie in what a juror writes.

    ``central``: share of the way by which all scores move to the juror's own middle of the band. ``heaping``: share of
    the scores that go to the nearer end of the band. ``score``: share of the band by which one score, the one with the
    most room, moves towards the farther end.
    """
    if place.kind not in ("central", "heaping", "score"):
        return opinions
    members = np.flatnonzero(draft.drawn.group == place.group)
    step, first, last = writable_steps(draft.bands[:, members], rules)
    scores = opinions.scores.copy()
    steps = np.rint(scores[place.juror][:, members] / step)
    where = (steps - first) / (last - first)
    match place.kind:
        case "central":
            where = where.mean() + (1 - effect) * (where - where.mean())
        case "heaping":
            chosen = random.random(where.shape) < effect
            where = np.where(chosen, np.rint(where), where)
        case "score":
            usual = ((opinions.scores[:, :, members] / step - first) / (last - first)).mean(axis=0)
            at = np.unravel_index(np.argmax(np.abs(usual - 0.5)), usual.shape)
            where[at] = np.clip(where[at] - np.sign(usual[at] - 0.5) * effect, 0, 1)
    steps = np.rint(first + where * (last - first))
    scores[place.juror][:, members] = steps / np.rint(1 / step)
    return replace(opinions, scores=scores)


def _truth(
    place: _Place, draft: Draft, clean: Opinions, opinions: Opinions, year: SimulatedYear, rules: Rulebook
) -> list[tuple[Any, ...]]:
    """One row a juror; its token is that of the ballot which says what the juror wrote."""
    listed = year.truth.index
    quality = year.truth["quality"].to_numpy()
    code_of = {float(value): code for value, code in zip(quality, listed, strict=True)}
    codes = np.array([code_of[float(value)] for value in draft.drawn.quality])
    members = np.flatnonzero(draft.drawn.group == place.group)
    items = list(rules.item_marks)
    ballots = year.tables["panel_ballots"]
    own = ballots[ballots["department"].isin(codes[members])]
    wide = own.pivot(index="ballot", columns=["department", "item"], values="score")
    keys = [(codes[at], item) for at in members for item in items]
    step, first, last = writable_steps(draft.bands, rules)
    moved = (opinions.scores - clean.scores) / ((last - first) * step)
    rows = []
    for juror in dict.fromkeys((place.juror, place.other)):
        written = opinions.scores[juror][:, members].T.ravel()
        token = wide.index[np.flatnonzero((wide[keys].to_numpy() == written).all(axis=1))[0]]
        change = moved[juror][:, members]
        department = item = ""
        effect = float("nan")
        if place.kind == "severity":
            effect = float(change.mean())
        elif place.kind == "favour":
            department, effect = str(codes[place.department]), float(moved[juror][:, place.department].mean())
        elif place.kind == "score":
            at = np.unravel_index(np.argmax(np.abs(change)), change.shape)
            department, item, effect = str(codes[members[at[1]]]), items[at[0]], float(change[at])
        rows.append((place.kind, token, department, item, effect))
    return rows
