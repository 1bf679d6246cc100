"""The year's tables as arrays: what the stages of the scoring work on.

Departments are the last axis everywhere, in the order of the table `departments`; ballots are the axis that a resample
weighs. pandas ends here and begins again with the scorecard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from appraisal.rulebook import TIERS, Rulebook
from appraisal.tables import Year

# A matrix of forms by departments with fewer cells filled than this is kept sparse: a province's forms would not fit.
SPARSE_BELOW = 0.05


@dataclass(frozen=True)
class Ratings:
    """Ratings by ballot and department, ready to be averaged under any weights of the ballots.

    Parameters
    ----------
    total : (B, D) array or sparse array
        Points given, 0 where nothing was.
    count : (B, D) array or sparse array
        Number of ratings behind `total`.
    answer_of : (B,) int array, or None
        Where forms are only counted, a row is one answer of one department, and its number stands in `count`: that
        department. None where a row is a ballot.
    """

    total: NDArray[np.float64] | csr_array
    count: NDArray[np.float64] | csr_array
    answer_of: NDArray[np.intp] | None = None

    @property
    def ballots(self) -> int:
        """Number of ballots B."""
        return self.total.shape[0]


@dataclass(frozen=True)
class Rulings:
    """Decisions of the leading group and the standing committee, by position of the department.

    Parameters
    ----------
    withdraw : (W,) int array
        Who leaves the tier best.
    tie : (D,) int array
        Place given inside a tie, 0 where none was.
    spare : (D,) bool array
        Candidates who are not to be admonished.
    seats, committee : tuple of (department, tier)
        Tiers as positions in `TIERS`, the best first: a seat that opens in turn is of a lower tier.
    """

    withdraw: NDArray[np.intp]
    tie: NDArray[np.int64]
    spare: NDArray[np.bool_]
    seats: tuple[tuple[int, int], ...]
    committee: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Evidence:
    """All that the rules look at.

    Parameters
    ----------
    departments : Index of str, length D
    group : (D,) int array
        Position in `Rulebook.groups`.
    competing : (D,) bool array
        In competition, that is ranked.
    panel : (B, D, I) float array
        Score on a panel ballot in points of the item's full marks, NaN where not scored.
    leaders, social : Ratings
        Out of 100.
    deducted : (D,) float array
        Deductions that count, in points of the items of `common`, before the floor.
    problem : (D,) bool array
        A prominent problem is on record.
    rulings : Rulings
    """

    departments: pd.Index
    group: NDArray[np.intp]
    competing: NDArray[np.bool_]
    panel: NDArray[np.float64]
    leaders: Ratings
    social: Ratings
    deducted: NDArray[np.float64]
    problem: NDArray[np.bool_]
    rulings: Rulings


def gather(year: Year, rules: Rulebook) -> Evidence:
    """Turn the tables of a year into arrays.

    Parameters
    ----------
    year : Year
        As `load_year` gives it.
    rules : Rulebook
        The year's own, or a what-if.
    """
    departments = pd.Index(year.departments["department"])
    return Evidence(
        departments=departments,
        group=pd.Index(list(rules.groups)).get_indexer(year.departments["group"]),
        competing=~departments.isin(rules.competition.outside),
        panel=_panel(year.panel_ballots, departments, list(rules.item_marks)),
        leaders=_leaders(year.leader_ballots, departments),
        social=_social(year, departments, rules),
        deducted=_deducted(year.deductions, departments),
        problem=departments.isin(year.problems["department"]),
        rulings=_rulings(year.rulings, departments),
    )


def _panel(ballots: pd.DataFrame, departments: pd.Index, items: list[str]) -> NDArray[np.float64]:
    ballot, tokens = pd.factorize(ballots["ballot"])
    scores = np.full((len(tokens), len(departments), len(items)), np.nan)
    place = (ballot, departments.get_indexer(ballots["department"]), pd.Index(items).get_indexer(ballots["item"]))
    scores[place] = ballots["score"]
    return scores


def _leaders(ballots: pd.DataFrame, departments: pd.Index) -> Ratings:
    ballot, tokens = pd.factorize(ballots["ballot"])
    department = departments.get_indexer(ballots["department"])
    return _ratings(ballot, department, ballots["score"].to_numpy(), (len(tokens), len(departments)))


def _social(year: Year, departments: pd.Index, rules: Rulebook) -> Ratings:
    """Forms one by one, or the answers of each department with their counts: the mean is the same."""
    points = {rating: float(value) for rating, value in rules.social.points.items()}
    answers = year.social_answers
    valid = answers[answers["rating"].isin(points)]
    if counted := year.social_counts is not None:
        valid = valid[valid["count"] > 0]
    value = valid["rating"].map(points).to_numpy(dtype=float)
    department = departments.get_indexer(valid["department"])
    if counted:
        shape = (len(valid), len(departments))
        return _ratings(np.arange(len(valid)), department, value, shape, valid["count"].to_numpy(dtype=float))
    ballot, tokens = pd.factorize(valid["ballot"])
    return _ratings(ballot, department, value, (len(tokens), len(departments)))


def _ratings(
    ballot: NDArray[np.intp],
    department: NDArray[np.intp],
    value: NDArray[np.float64],
    shape: tuple[int, int],
    counts: NDArray[np.float64] | None = None,
) -> Ratings:
    # float32 holds whole numbers to 2^24, so the sums of any resample are exact, at half the cost; of counts a resample
    # draws a share, which is not whole.
    whole = counts is None and bool((value == np.floor(value)).all()) and 100 * len(value) < 2**24
    kind = np.float32 if whole else np.float64
    times = np.ones(len(value)) if counts is None else counts
    total = csr_array((value * times, (ballot, department)), shape, dtype=kind)
    count = csr_array((times, (ballot, department)), shape, dtype=kind)
    answer_of = None if counts is None else department
    if len(value) < SPARSE_BELOW * shape[0] * shape[1]:
        return Ratings(total, count, answer_of)
    return Ratings(total.toarray(), count.toarray(), answer_of)


def dense(matrix: NDArray[np.float64] | csr_array) -> NDArray[np.float64]:
    """Give a matrix of `Ratings` as an array, whether or not it is kept sparse."""
    return np.asarray(matrix.toarray() if isinstance(matrix, csr_array) else matrix, dtype=float)


def counting_rows(deductions: pd.DataFrame) -> pd.DataFrame:
    """Of the verified rows (notice §二) of one incident the largest counts (assumed); a blank incident is its own."""
    verified = deductions[deductions["verified"]]
    blank = verified["incident"].isna() | (verified["incident"] == "")
    incident = verified["incident"].mask(blank, verified.index.astype("str"))
    own = pd.DataFrame({"department": verified["department"], "blank": blank, "incident": incident})
    largest = verified["points"].sort_values(ascending=False, kind="stable").index
    return verified.loc[own.loc[largest].drop_duplicates().sort_index().index]


def _deducted(deductions: pd.DataFrame, departments: pd.Index) -> NDArray[np.float64]:
    counted = counting_rows(deductions).groupby("department")["points"].sum()
    return counted.reindex(departments, fill_value=0.0).to_numpy(dtype=float)


def _rulings(rulings: pd.DataFrame, departments: pd.Index) -> Rulings:
    position = pd.Series(departments.get_indexer(rulings["department"]), index=rulings.index)

    def of(kind: str) -> tuple[NDArray[np.intp], pd.Series]:
        rows = rulings["kind"] == kind
        return position[rows].to_numpy(), rulings.loc[rows, "value"]

    def to_tiers(kind: str) -> tuple[tuple[int, int], ...]:
        who, tiers = of(kind)
        return tuple(sorted(zip(who.tolist(), map(TIERS.index, tiers), strict=True), key=lambda ruled: ruled[::-1]))

    tie = np.zeros(len(departments), dtype=np.int64)
    who, places = of("tie")
    tie[who] = places.astype(int)
    spare = np.zeros(len(departments), dtype=bool)
    who, answers = of("admonish")
    spare[who] = answers == "no"
    return Rulings(of("withdraw")[0], tie, spare, to_tiers("seat"), to_tiers("committee"))


def in_competition(evidence: Evidence) -> Evidence:
    """Leave out the departments that are appraised and not ranked: they count in no size, mean or quota."""
    if evidence.competing.all():
        return evidence
    keep = np.flatnonzero(evidence.competing)
    position = np.full(len(evidence.departments), -1)
    position[keep] = np.arange(keep.size)
    ruled = evidence.rulings

    def still(rulings: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple((int(position[who]), tier) for who, tier in rulings if position[who] >= 0)

    return Evidence(
        departments=evidence.departments[keep],
        group=evidence.group[keep],
        competing=evidence.competing[keep],
        panel=evidence.panel[:, keep],
        leaders=_of_departments(evidence.leaders, keep, position),
        social=_of_departments(evidence.social, keep, position),
        deducted=evidence.deducted[keep],
        problem=evidence.problem[keep],
        rulings=Rulings(
            withdraw=position[ruled.withdraw[position[ruled.withdraw] >= 0]],
            tie=ruled.tie[keep],
            spare=ruled.spare[keep],
            seats=still(ruled.seats),
            committee=still(ruled.committee),
        ),
    )


def _of_departments(ratings: Ratings, keep: NDArray[np.intp], position: NDArray[np.intp]) -> Ratings:
    """Leave out departments, and where forms are counted also their answers."""
    if ratings.answer_of is None:
        return Ratings(ratings.total[:, keep], ratings.count[:, keep])
    rows = np.flatnonzero(position[ratings.answer_of] >= 0)
    answer_of = position[ratings.answer_of[rows]]
    return Ratings(ratings.total[rows][:, keep], ratings.count[rows][:, keep], answer_of)
