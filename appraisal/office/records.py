"""The tables of a made-up year, one function a table.

Rows are listed by date, by token or by department code, so that no table tells by its order who was judged how. No
record may read as if it had happened: their words say that they are synthetic.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.office.opinions import BLANK, UNKNOWN, score_step
from appraisal.office.world import Chance, Floats, Ints, World
from appraisal.rulebook import Rulebook
from appraisal.words import Say, catalogue

# Letters and digits that nobody confuses.
TOKEN = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  (the letters of ballot numbers, no password)
TOKEN_LENGTH = 16
RULING_COLUMNS = ("kind", "department", "value", "reason", "approved_by", "date")
APPEAL_COLUMNS = ("department", "item", "received", "claim", "decision", "decided_by", "date")
# Deductions of a year: points and how often each is given, share verified, one row in so many reported twice.
POINTS, OFTEN = (0.2, 0.3, 0.5, 1.0), (0.4, 0.3, 0.2, 0.1)
VERIFIED = 0.85
REPORTED_TWICE = 20
# How fewer a department has that is one standard deviation better (a rate ratio, as a logarithm).
BETTER = -0.35
# What departments claim beyond the truth: mean, between departments, between items, in shares of full marks.
INFLATION = (0.015, 0.008, 0.008)
QUERIED = 0.02
DISCREPANT = 0.02

Random = np.random.Generator


def deductions(drawn: Chance, rules: Rulebook, world: World, random: Random) -> pd.DataFrame:
    """Draw the deductions by position; `counts` is false where unverified or where the incident has a larger row.

    Returns
    -------
    DataFrame
        Columns `position`, `date`, `source`, `points`, `verified`, `incident`, `counts`.
    """
    rate = np.exp(BETTER * drawn.quality)
    position = np.repeat(np.arange(len(rate)), random.poisson(world.deductions * rate / rate.mean()))
    count = len(position)
    source = random.integers(len(rules.deductions.sources), size=count)
    date = _days(rules.year, "02-10", "12-12", count, random)
    points = random.choice(POINTS, count, p=OFTEN)
    verified = random.random(count) < VERIFIED
    # A second source reports the same incident a week later with the least points: the incident counts once.
    twice = np.flatnonzero(verified & (points > POINTS[0]))[::REPORTED_TWICE]
    incident = np.full(count, "", dtype=object)
    incident[twice] = [f"incident{number:02}" for number in range(1, len(twice) + 1)]
    again = (source[twice] + 1) % len(rules.deductions.sources)
    rows = pd.DataFrame(
        {
            "position": np.concatenate([position, position[twice]]),
            "date": np.concatenate([date, np.busday_offset(date[twice], 5)]),
            "source": np.array(rules.deductions.sources)[np.concatenate([source, again])],
            "points": np.concatenate([points, np.full(len(twice), POINTS[0])]),
            "verified": np.concatenate([verified, verified[twice]]),
            "incident": np.concatenate([incident, incident[twice]]),
            "counts": np.concatenate([verified, np.zeros(len(twice), dtype=bool)]),
        }
    )
    # By chance a source reports the same twice on one day; nobody could tell the two rows apart: only one is entered.
    return rows.drop_duplicates(ignore_index=True)


def deduction_rows(drawn: pd.DataFrame, departments: pd.Series, rules: Rulebook) -> pd.DataFrame:
    """Write the deductions down; `departments` gives the code of each position."""
    named = drawn.assign(
        department=departments.to_numpy()[drawn["position"]],
        item=next(iter(rules.items["common"])),
        verified=yes_no(drawn["verified"]),
        note=_words(rules)("record.note"),
    )
    columns = ["department", "item", "date", "source", "points", "verified", "incident", "note"]
    return named.sort_values(["date", "department", "points"], ignore_index=True)[columns]


def self_assessments(every: pd.DataFrame, merit: Floats, rules: Rulebook, random: Random) -> pd.DataFrame:
    """What departments claim: a little more than the truth, some more than others, never more than full marks.

    Parameters
    ----------
    every : DataFrame
        Columns `department`, `item`: each pair once, items in the order of the rulebook.
    merit : (I, D) array
        True merit as a share of full marks.
    rules : Rulebook
    random : Generator
    """
    mean, between, within = INFLATION
    items, departments = merit.shape
    inflation = mean + between * random.standard_normal(departments)
    claimed = np.minimum(merit + inflation + within * random.standard_normal((items, departments)), 1.0)
    scores = np.empty_like(claimed)
    for row, (item, marks) in enumerate(rules.item_marks.items()):
        steps = float(1 / score_step(rules, item))
        scores[row] = np.rint(claimed[row] * float(marks) * steps) / steps
    return every.assign(score=scores.T.ravel(), evidence=_words(rules)("record.evidence"))


def panel_ballots(scores: Floats, listed: pd.DataFrame, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Write the ballots of all panels, scores ``(J, I, D)``, by token; a ballot scores the departments of one group."""
    jurors, items, _ = scores.shape
    ballots = []
    for group in rules.groups:
        members = (listed["group"] == group).to_numpy()
        codes = listed.loc[members, "department"].to_numpy()
        ballots.append(
            pd.DataFrame(
                {
                    "ballot": np.repeat(_tokens(jurors, random), items * len(codes)),
                    "department": np.tile(np.repeat(codes, items), jurors),
                    "item": np.tile(list(rules.item_marks), jurors * len(codes)),
                    "score": scores[:, :, members].transpose(0, 2, 1).ravel(),
                }
            )
        )
    return pd.concat(ballots).sort_values("ballot", kind="stable", ignore_index=True)


def leader_ballots(ratings: Floats, listed: pd.DataFrame, random: Random) -> pd.DataFrame:
    """Write the leaders' ratings, ``(L, D)``, by token."""
    leaders, departments = ratings.shape
    ballots = {
        "ballot": np.repeat(_tokens(leaders, random), departments),
        "department": np.tile(listed["department"].to_numpy(), leaders),
        "score": ratings.astype(int).ravel(),
    }
    return pd.DataFrame(ballots).sort_values("ballot", kind="stable", ignore_index=True)


def social_ballots(answers: Ints, listed: pd.DataFrame, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Write the forms, ``(F, D)``, by token: a column a department, the answer in words."""
    words = dict(enumerate(rules.social.scale))
    words |= {UNKNOWN: next((word for word in rules.social.left_out if word), ""), BLANK: ""}
    forms = pd.DataFrame(np.vectorize(words.__getitem__, otypes=[object])(answers), columns=listed["department"])
    forms.insert(0, "ballot", _tokens(len(answers), random))
    return forms.sort_values("ballot", ignore_index=True)


def inspections(listed: pd.DataFrame, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Every department once in each round; the rounds share the months March to November."""
    rounds = rules.inspections.rounds
    days = pd.bdate_range(f"{rules.year}-03-03", f"{rules.year}-11-28")
    visits = pd.DataFrame(
        {
            "round": np.repeat(np.arange(1, rounds + 1), len(listed)),
            "department": np.tile(listed["department"].to_numpy(), rounds),
        }
    )
    in_round = random.random(len(visits)) + visits["round"] - 1
    visits["date"] = days[(in_round * len(days) / max(rounds, 1)).astype(int)]
    return visits.sort_values(["round", "date", "department"], ignore_index=True)


def problems(departments: list[str], rules: Rulebook, random: Random) -> pd.DataFrame:
    """A prominent problem on record for each of `departments`."""
    rows = {
        "department": sorted(departments),
        "date": _days(rules.year, "02-10", "12-12", len(departments), random),
        "source": random.choice(rules.deductions.sources, len(departments)),
        "problem": _words(rules)("record.note"),
    }
    return pd.DataFrame(rows).sort_values(["date", "department"], ignore_index=True)


def jurors(listed: pd.DataFrame, panel: int, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Rosters: each juror from a leading-group unit, none its head (notice §二), and, assumed, of another group."""
    rosters = []
    for group in rules.groups:
        homes = listed.loc[listed["leading_group"] & (listed["group"] != group), "department"].to_numpy()
        drawn = random.choice(homes, panel, replace=len(homes) < panel) if len(homes) else [""] * panel
        rosters.append(pd.DataFrame({"group": group, "home": drawn, "head": "no"}))
    roster = pd.concat(rosters, ignore_index=True)
    say = _words(rules)
    roster.insert(0, "juror", [say("juror.name", number=number) for number in range(1, len(roster) + 1)])
    return roster


def spot_checks(sample: pd.DataFrame, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Give what the supervision group found in `sample`, columns `department` and `item`."""
    wrong = random.random(len(sample)) < DISCREPANT
    note = _words(rules)("record.discrepancy")
    return sample.assign(result=np.where(wrong, "discrepancy", "ok"), note=np.where(wrong, note, ""))


def queries(every: pd.DataFrame, rules: Rulebook, random: Random) -> pd.DataFrame:
    """Points that liaison officers checked in a department; all settled within a week."""
    asked = every[random.random(len(every)) < QUERIED]
    raised = _days(rules.year, "12-15", "12-24", len(asked), random)
    settled = np.busday_offset(raised, random.integers(1, 6, len(asked)))
    say = _words(rules)
    rows = asked.assign(
        raised=raised, question=say("record.question"), settled=settled, resolution=say("record.resolution")
    )
    return rows.sort_values(["raised", "department", "item"], ignore_index=True)


def rulings(withdrawn: list[str], rules: Rulebook) -> pd.DataFrame:
    """Write a withdrawal from best for each of `withdrawn`; no date is made up for a decision that was really taken."""
    say = _words(rules)
    rows = [
        ("withdraw", department, "best", say("ruling.reason"), say("ruling.approved_by"), "")
        for department in withdrawn
    ]
    return pd.DataFrame(rows, columns=list(RULING_COLUMNS))


def yes_no(answers: pd.Series) -> pd.Series:
    """Truth values as the tables write them."""
    return answers.map({True: "yes", False: "no"})


def _words(rules: Rulebook) -> Say:
    return catalogue(rules.lang).under("simulate")


def _days(year: int, first: str, last: str, count: int, random: Random) -> NDArray[np.datetime64]:
    """Draw working days between two days of the year, both included."""
    start = np.busday_offset(f"{year}-{first}", 0, roll="forward")
    return np.busday_offset(start, random.integers(np.busday_count(start, f"{year}-{last}") + 1, size=count))


def _tokens(count: int, random: Random) -> list[str]:
    return ["".join(token) for token in random.choice(list(TOKEN), (count, TOKEN_LENGTH))]
