"""A made-up year that ends as a published notice says.

The notice gives names, tiers and the order of its lists, and no score. So years are drawn one after another from the
seed until one comes near. Its departments are named by their rank in the group; the composites that fall on the lists
are dealt again in the order of the lists, best, advanced, good; and where that is not the composite a department has,
its quality is moved until the same jurors, leaders and citizens give it. A year in which that is far, or in which the
lists would reach those below, is passed over. No ballot is written by hand, and every band stays as it was set.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from appraisal.errors import FolderError, Problem
from appraisal.office.opinions import cast
from appraisal.office.simulate import Draft, SimulatedYear, draw_year, tables_of
from appraisal.office.succession import read_columns
from appraisal.office.world import Floats, Ints, Sizes, World, stream
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import appraise_draws, every_ballot_once, score
from appraisal.scoring.evidence import Evidence, Ratings, Rulings
from appraisal.scoring.tiers import Placement

NOTICE = "notice.csv"
FACTS = ("department", "name", "group", "tier", "place", "withdrew", "leading_group")
# A composite steps over some values, as ballots do; aimed so far below what it is to be, in units of the last digit
# shown, it comes out right unless the step is unusually wide.
AIM = 0.49
# Quality is sought so far from where it was drawn, in standard deviations, in so many halvings.
REACH, HALVINGS = 4.0, 30
# Points by which any composite may be moved, in a year that is not passed over.
NEAR = 0.6
ATTEMPTS = 20_000


def read_notice(path: Path) -> pd.DataFrame:
    """Read the facts of a notice.

    Returns
    -------
    DataFrame
        Columns of text: `department`, `name`, `group`, `tier`, `place` in its list (blank for a department that the
        notice does not name), `withdrew` (the tier it left), `leading_group` (yes/no), and `fact` and `inferred`: the
        columns that the notice states, and those that we inferred.

    Raises
    ------
    FolderError
        If it is no CSV file as tables are, or a column that a year is made from is missing.
    """
    return read_columns(path, FACTS)


def reconstruct_year(rules: Rulebook, notice: pd.DataFrame) -> SimulatedYear:
    """Make up a year from which the rules produce the notice's result.

    Assumed, as the notice does not say it: who withdrew stood directly above the lowest of its group that is best.

    Parameters
    ----------
    rules : Rulebook
    notice : DataFrame
        As `read_notice` gives it; it also says how many departments each group has.

    Raises
    ------
    FolderError
        If no year of the seed comes near.
    """
    sizes = Sizes(departments=tuple((notice["group"] == group).sum() for group in rules.groups))
    world = World()
    listed, unit = _listed(notice), 10.0**-rules.rounding.digits
    order = notice.loc[listed, "group"].map(list(rules.groups).index).to_numpy()
    for attempt in range(ATTEMPTS):
        draft = draw_year(rules, sizes, world, attempt)
        composite = _composite(draft, rules)
        places = _in_turn(composite, draft.drawn.group, order)
        wanted = _dealt(composite, places, draft.drawn.group, unit)
        if wanted is None:
            continue
        draft = _moved(draft, places, wanted - AIM * unit, rules, world)
        rows = _named(draft, notice, listed, places, rules)
        if rows is None:
            continue
        departments = notice.loc[rows].reset_index(drop=True)
        problem = _on_record(draft, departments, rules, sizes)
        if _lands(draft, departments, problem, rules):
            named = departments[["department", "name", "group"]]
            named = named.assign(leading_group=departments["leading_group"] == "yes")
            withdrawn = departments.loc[departments["withdrew"] == "best", "department"]
            on_record = departments.loc[problem, "department"]
            return tables_of(draft, named, on_record.tolist(), withdrawn.tolist(), rules, world)
    raise FolderError([Problem("simulate.nowhere", NOTICE, values={"attempts": ATTEMPTS, "seed": rules.seed})])


def _listed(notice: pd.DataFrame) -> list[int]:
    """Rows of the notice from the first of best to the last of good, the withdrawn where it stood before."""
    named = notice[notice["place"] != ""].assign(place=lambda rows: rows["place"].astype(int))
    withdrew = named["withdrew"] == "best"
    stayed = named[~withdrew & named["tier"].isin(TIERS[:3])]
    stayed = stayed.assign(tier=stayed["tier"].map(TIERS.index)).sort_values(["tier", "place"])
    listed = stayed.index.tolist()
    for row in named.index[withdrew]:
        best_of_group = (stayed["tier"] == 0) & (stayed["group"] == notice["group"][row])
        listed.insert(listed.index(stayed.index[best_of_group][-1]), row)
    return listed


def _in_turn(composite: Floats, group: Ints, order: Ints) -> Ints:
    """Positions in the order of the lists: each time the next best of the group whose turn it is.

    Examples
    --------
    >>> _in_turn(np.array([90.0, 91, 80, 85]), np.array([0, 0, 1, 1]), np.array([0, 1, 0])).tolist()
    [1, 3, 0]
    """
    places = np.empty_like(order)
    for number in np.unique(order):
        members = np.flatnonzero(group == number)
        turns = order == number
        places[turns] = members[np.argsort(-composite[members])][: turns.sum()]
    return places


def _dealt(composite: Floats, places: Ints, group: Ints, unit: float) -> Floats | None:
    """Composite that each position is to have; None if one is far from what it was, or the lists reach those below."""
    dealt = np.rint(np.sort(composite[places])[::-1] / unit)
    for place in range(1, len(dealt)):
        dealt[place] = min(dealt[place], dealt[place - 1] - 1)
    wanted = composite.copy()
    wanted[places] = dealt * unit
    below = np.setdiff1d(np.arange(len(composite)), places)
    lowest = [wanted[places[group[places] == number]].min() for number in np.unique(group)]
    highest = [wanted[below[group[below] == number]].max() for number in np.unique(group)]
    if np.abs(wanted - composite).max() > NEAR or min(np.subtract(lowest, highest)) < 2 * unit:
        return None
    return wanted


def _moved(draft: Draft, places: Ints, wanted: Floats, rules: Rulebook, world: World) -> Draft:
    """Move the quality at `places` until the composite just reaches the wanted one, all else as drawn."""

    def with_quality(quality: Floats) -> Draft:
        moved = draft.drawn.quality.copy()
        moved[places] = quality[places]
        drawn = replace(draft.drawn, quality=moved)
        return replace(draft, drawn=drawn, opinions=cast(drawn, draft.bands, rules, world))

    low, high = draft.drawn.quality - REACH, draft.drawn.quality + REACH
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        reached = _composite(with_quality(middle), rules) >= wanted
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return with_quality(high)


def _named(draft: Draft, notice: pd.DataFrame, listed: list[int], places: Ints, rules: Rulebook) -> Ints | None:
    """Row of the notice at each position; None where nobody is at both rears of a group that has one admonished.

    Whom the notice does not name stands in no order at all.
    """
    nobody = np.zeros(len(draft.drawn.group), dtype=bool)
    at_rear = _at_both_rears(_placed(draft, nobody, [], rules))
    random = stream(rules.seed, rules.year, draft.attempt, "names")
    rows = np.full(len(nobody), -1)
    rows[places] = listed
    for row in notice.index[notice["tier"] == "admonished"]:
        of_group = draft.drawn.group == list(rules.groups).index(notice["group"][row])
        candidates = np.flatnonzero(at_rear & of_group & (rows < 0))
        if not len(candidates):
            return None
        rows[random.choice(candidates)] = row
    for number, group in enumerate(rules.groups):
        unnamed = notice.index[(notice["group"] == group) & (notice["place"] == "")]
        rows[(draft.drawn.group == number) & (rows < 0)] = random.permutation(unnamed)
    return rows


def _on_record(draft: Draft, departments: pd.DataFrame, rules: Rulebook, sizes: Sizes) -> np.ndarray:
    """Who has a problem on record: the admonished, and unnamed departments that are not at the rear on both."""
    problem = (departments["tier"] == "admonished").to_numpy(copy=True)
    at_rear = _at_both_rears(_placed(draft, problem, [], rules))
    others = np.flatnonzero((departments["place"] == "").to_numpy() & ~at_rear)
    random = stream(rules.seed, rules.year, draft.attempt, "on record")
    problem[random.choice(others, max(sizes.problems - problem.sum(), 0), replace=False)] = True
    return problem


def _lands(draft: Draft, departments: pd.DataFrame, problem: np.ndarray, rules: Rulebook) -> bool:
    """Whether the rules give every department the notice's tier, and every list the notice's order."""
    withdrawn = np.flatnonzero(departments["withdrew"] == "best")
    placement = _placed(draft, problem, withdrawn, rules)
    placed = departments.assign(
        rule_tier=np.array(TIERS)[placement.rule_tier],
        composite=score(_evidence(draft, problem, withdrawn, rules), rules).rounded["composite"],
    )
    named = placed[placed["place"] != ""].sort_values("composite", ascending=False)
    in_order = all(
        rows["place"].astype(int).is_monotonic_increasing and rows["composite"].is_unique
        for _, rows in named.groupby("tier")
    )
    return in_order and bool((placed["rule_tier"] == placed["tier"]).all())


def _composite(draft: Draft, rules: Rulebook) -> Floats:
    nobody = np.zeros(len(draft.drawn.group), dtype=bool)
    return score(_evidence(draft, nobody, [], rules), rules).exact["composite"].copy()


def _placed(draft: Draft, problem: np.ndarray, withdrawn: Ints | list[int], rules: Rulebook) -> Placement:
    evidence = _evidence(draft, problem, withdrawn, rules)
    return appraise_draws(evidence, rules, every_ballot_once(evidence), np.arange(len(problem)))


def _at_both_rears(placement: Placement) -> np.ndarray:
    return placement.rear_composite & placement.rear_social


def _evidence(draft: Draft, problem: np.ndarray, withdrawn: Ints | list[int], rules: Rulebook) -> Evidence:
    """What the rules look at, straight from the draft; a panel's jurors share the ballots of the other panels."""
    departments = len(problem)
    opinions = draft.opinions
    by_answer = np.array(sorted((float(points) for points in rules.social.points.values()), reverse=True))
    valid = opinions.answers >= 0
    nobody = np.zeros(departments, dtype=bool)
    return Evidence(
        departments=pd.RangeIndex(departments),
        group=draft.drawn.group,
        competing=~nobody,
        panel=opinions.scores.transpose(0, 2, 1),
        leaders=Ratings(opinions.ratings, np.ones_like(opinions.ratings)),
        social=Ratings(np.where(valid, by_answer[opinions.answers], 0.0), valid.astype(float)),
        deducted=draft.deducted,
        problem=problem,
        rulings=Rulings(
            withdraw=np.asarray(withdrawn, dtype=np.intp),
            tie=np.zeros(departments, dtype=np.int64),
            spare=nobody,
            seats=(),
            committee=(),
        ),
    )
