"""Other defensible rulebooks: in how many of them each department keeps its tier, and which choice moves it.

A notice leaves much open; every answer that can be defended gives a rulebook. A tie on a line never stops a what-if:
the order of the rows settles it, and the rulebook is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis import gate
from appraisal.analysis.what_ifs import both_orders, evidence_under
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, Points, score
from appraisal.scoring.evidence import Evidence
from appraisal.tables import Year

# Published schemes give leaders 5 to 20 points (basis of `weights` in the rulebook of 2003).
LEADERS = (5, 10, 15, 20)
SCALES = ("raw", "z", "anchored")
BACKFILLS = ("within_group", "next_fourth", "highest_remaining", "none")
# Digits and mode; with 4 digits next to nothing is rounded.
ROUNDINGS = ((2, "half_up"), (2, "half_even"), (1, "half_up"), (4, "half_up"))
OWN = 0


@dataclass(frozen=True)
class OpenQuestion:
    """One thing that a notice leaves open, and the answers that can be defended.

    Parameters
    ----------
    name : str
    basis : str
        Why it is open: the basis that the rulebook names for its own answer.
    answers : mapping of str to mapping
        Name of each answer → what it changes in the rulebook; the rulebook's own first, which changes nothing.
    """

    name: str
    basis: str
    answers: Mapping[str, Mapping[str, object]]


def open_questions(rules: Rulebook) -> tuple[OpenQuestion, ...]:
    """Give the grid: what the notice leaves open, as the rulebook says by a basis that begins with ``assumed``.

    The panel's statistic, the leaders' share of `functional`, the points of the social answers (the rulebook's; equal
    steps from 100 to 0; the share that is satisfied at all), the wildcard scale, the back-fill, the rounding.

    Parameters
    ----------
    rules : Rulebook
        What its notice answers is no question.
    """
    functional = rules.full_marks["functional"]
    leaders = {
        _number(share): {"weights.leaders": share, "weights.functional_panel": functional - share}
        for share in map(Decimal, LEADERS)
        if share <= functional
    }
    panel, own, best = rules.panel, rules.rounding, rules.tiers.best
    statistics: dict[str, Mapping[str, object]] = {name: {"panel.statistic": name} for name in ("mean", "median")}
    if panel.min_ballots > 2:
        statistics["trimmed_mean 1"] = {"panel.statistic": "trimmed_mean", "panel.trim": 1}
    statistic = f"trimmed_mean {panel.trim}" if panel.statistic == "trimmed_mean" else panel.statistic
    questions = (
        ("panel.statistic", statistic, statistics),
        ("weights.leaders", _number(rules.weights["leaders"]), leaders),
        ("social.points", _shown(rules.social.points), _social_scales(rules.social.scale)),
        ("tiers.best.wildcard_scale", best.wildcard_scale, {s: {"tiers.best.wildcard_scale": s} for s in SCALES}),
        ("tiers.best.backfill", best.backfill, {b: {"tiers.best.backfill": b} for b in BACKFILLS}),
        (
            "rounding.digits",
            f"{own.digits} {own.mode}",
            {f"{d} {mode}": {"rounding.digits": d, "rounding.mode": mode} for d, mode in ROUNDINGS},
        ),
    )
    return tuple(
        OpenQuestion(name, rules.basis_of(name), {said: {}} | {a: c for a, c in others.items() if a != said})
        for name, said, others in questions
        if rules.basis_of(name).startswith("assumed")
    )


def _social_scales(ratings: list[str]) -> dict[str, Mapping[str, object]]:
    """Other points for the answers, best answer first."""
    last = len(ratings) - 1
    if last < 1:
        return {}
    steps = {rating: round(Decimal(100 * (last - at)) / last, 2) for at, rating in enumerate(ratings)}
    satisfied = dict.fromkeys(ratings, Decimal(100)) | {ratings[-1]: Decimal(0)}
    return {_shown(scale): {"social.points": scale} for scale in (steps, satisfied)}


def _shown(points: Mapping[str, Decimal]) -> str:
    return "/".join(_number(value) for value in sorted(points.values(), reverse=True))


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


@dataclass(frozen=True)
class RulebookSweep:
    """What every rulebook of a grid gives.

    Parameters
    ----------
    questions : tuple of OpenQuestion
    rulebooks : DataFrame
        Index `rulebook`, 0 the year's own; a column a question with its answer, `changed` (answers that are not the
        year's own) and `by_order` (a tie on a line was settled by the order of the rows).
    tiers : DataFrame
        Index `rulebook`, a column a department: tier by the rules as a position in `TIERS`.
    """

    questions: tuple[OpenQuestion, ...]
    rulebooks: pd.DataFrame
    tiers: pd.DataFrame


def sweep_rulebooks(appraised: Appraisal, questions: tuple[OpenQuestion, ...] | None = None) -> RulebookSweep:
    """Run the whole rule under every combination of the answers.

    Parameters
    ----------
    appraised : Appraisal
        The base case.
    questions : tuple of OpenQuestion, optional
        Else `open_questions` of its rules.

    Raises
    ------
    RulebookError
        If an answer does not fit the rulebook.
    ReconciliationError
        If the year's own answers do not give the scorecard.
    """
    questions = open_questions(appraised.rules) if questions is None else questions
    answers, rulebooks = zip(*_grid(appraised.rules, questions), strict=True)
    tiers = _tiers_of(appraised.year, rulebooks)
    gate.hold(appraised, tiers[0, OWN], "other rulebooks")
    listed = pd.DataFrame(answers, columns=[question.name for question in questions], dtype="str")
    listed["changed"] = (listed != listed.iloc[OWN]).sum(axis=1)
    listed["by_order"] = (tiers[0] != tiers[1]).any(axis=-1)
    return RulebookSweep(
        questions,
        listed.rename_axis("rulebook"),
        pd.DataFrame(tiers[0], columns=appraised.evidence.departments).rename_axis("rulebook"),
    )


def _grid(rules: Rulebook, questions: tuple[OpenQuestion, ...]) -> Iterator[tuple[list[str], Rulebook]]:
    """Every combination of the answers, the year's own first; each section checked once beside the year's others."""
    checked: dict[str, object] = {}
    for chosen in product(*(question.answers.items() for question in questions)):
        changes: dict[str, dict[str, object]] = {}
        for _name, changed in chosen:
            for key, value in changed.items():
                changes.setdefault(key.partition(".")[0], {})[key] = value
        for section, values in changes.items():
            if repr(values) not in checked:
                checked[repr(values)] = getattr(rules.replace(values), section)
        sections = {section: checked[repr(values)] for section, values in changes.items()}
        yield [name for name, _changed in chosen], rules.model_copy(update=sections)


def _tiers_of(year: Year, rulebooks: Sequence[Rulebook]) -> NDArray[np.int8]:
    """Tiers under each rulebook with the rows in order and in reverse: ``(2, N, D)``.

    Rulebooks that differ only in how places become tiers share their points; those that agree in it are placed at once.
    """
    evidence: dict[str, Evidence] = {}
    points: dict[str, Points] = {}
    alike: dict[str, list[int]] = {}
    gives: list[str] = []
    told: dict[int, str] = {}

    def written(*sections: object) -> str:
        # Thousands of rulebooks share a handful of sections: each is written out once.
        return " ".join(told.get(id(section)) or told.setdefault(id(section), repr(section)) for section in sections)

    reads: dict[str, str] = {}
    for number, rules in enumerate(rulebooks):
        read = written(rules.groups, rules.competition, rules.items, rules.social)
        if read not in reads:
            reads[read] = evidence_under(year, rules, evidence)
        # Only an anchored scale asks for the panel's points before deductions.
        anchored = rules.tiers.best.wildcard_scale == "anchored"
        counted = written(rules.weights, rules.panel, rules.deductions, rules.rounding, rules.ties)
        gives.append(f"{reads[read]} {counted} {anchored}")
        if gives[-1] not in points:
            points[gives[-1]] = score(evidence[reads[read]], rules)
        alike.setdefault(written(rules.groups, rules.competition, rules.ties, rules.tiers), []).append(number)
    tiers = np.empty((2, len(rulebooks), len(next(iter(evidence.values())).departments)), dtype=np.int8)
    for numbers in alike.values():
        rules = rulebooks[numbers[0]]
        given = [points[gives[number]] for number in numbers]
        exact, ticks = (
            {name: np.stack([getattr(one, kind)[name] for one in given]) for name in getattr(given[0], kind)}
            for kind in ("exact", "ticks")
        )
        together = Points(exact, ticks, rules.rounding)
        tiers[:, numbers] = both_orders(together, evidence[evidence_under(year, rules, evidence)], rules)
    return tiers


def tiers_kept(sweep: RulebookSweep) -> pd.DataFrame:
    """Count in how many of the rulebooks each department keeps its tier.

    Returns
    -------
    DataFrame
        Index `department`; `rule_tier`, `kept` (rulebooks), `of` (all rulebooks), then rulebooks in each tier.
    """
    tiers = sweep.tiers.to_numpy()
    counts = np.stack([(tiers == number).sum(axis=0) for number in range(len(TIERS))], axis=-1)
    table = pd.DataFrame(counts, index=sweep.tiers.columns, columns=list(TIERS))
    table.insert(0, "rule_tier", np.array(TIERS)[tiers[OWN]])
    table.insert(1, "kept", (tiers == tiers[OWN]).sum(axis=0))
    table.insert(2, "of", len(tiers))
    return table


def departures(sweep: RulebookSweep, department: str) -> pd.DataFrame:
    """List the rulebooks in which a department does not keep its tier: columns of `rulebooks`, and `tier`."""
    tier = sweep.tiers[department]
    listed = sweep.rulebooks[tier != tier.iloc[OWN]]
    return listed.assign(tier=np.array(TIERS)[tier[listed.index]]).sort_values("changed", kind="stable")


def single_answers(sweep: RulebookSweep) -> pd.DataFrame:
    """Name who moves by one other answer alone.

    Returns
    -------
    DataFrame
        One row an answer and a department: `question`, `answer`, `department`, `rule_tier`, `tier`.
    """
    own, base, rows = sweep.rulebooks.iloc[OWN], sweep.tiers.iloc[OWN], []
    for number in np.flatnonzero(sweep.rulebooks["changed"] == 1):
        answers, tier = sweep.rulebooks.iloc[number], sweep.tiers.iloc[number]
        name = next(question.name for question in sweep.questions if answers[question.name] != own[question.name])
        rows += [
            (name, answers[name], department, TIERS[base[department]], TIERS[tier[department]])
            for department in tier.index[tier != base]
        ]
    return pd.DataFrame(rows, columns=["question", "answer", "department", "rule_tier", "tier"])
