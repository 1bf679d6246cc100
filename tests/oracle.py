"""The whole rule a second time, from the year folder's text alone: slow, plain and exact.

Departments one by one, `fractions.Fraction` throughout, no array, nothing shared with `appraisal.scoring`. It exists so
that a misreading there has to be made twice to go unseen. Ties on a line are found by their definition: every order of
the departments that any comparison finds equal is tried.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

TIERS = ("best", "advanced", "good", "ordinary", "admonished")
Tiers = dict[str, str]
Refusal = tuple[str, ...]


class TooManyOrdersError(Exception):
    """More orders of equal departments than it is sensible to try."""


@dataclass(frozen=True)
class Outcome:
    """What the rules make of a year.

    Parameters
    ----------
    scorecard : dict
        Department → column → value; numbers are fractions already rounded, blanks None.
    refusals : frozenset
        Why there may be no scorecard: ("tie", department …), ("untied", department), ("quota",), (kind, department).
    ties : frozenset
        Members of each tie that is on a line.
    open_seats : dict
        Tier → seats still open after the last seat ruling.
    unsettled : bool
        Whether the letter leaves open if a ruling fits: an order that nobody has to decide decides it.
    """

    scorecard: dict[str, dict[str, object]]
    refusals: frozenset[Refusal]
    ties: frozenset[frozenset[str]]
    open_seats: dict[str, int]
    unsettled: bool


def exact(number: object) -> Fraction:
    """The number as it was written."""
    return Fraction(str(number))


def rows_of(table) -> list[dict[str, object]]:
    columns = [table[name].tolist() for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def blank(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell


def half_up(value: Fraction, digits: int) -> Fraction:
    """Round, an exact half away from zero."""
    whole = math.floor(abs(value) * 10**digits + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**digits)


def half_even(value: Fraction, digits: int) -> Fraction:
    return Fraction(round(value * 10**digits), 10**digits)


def rounded(value: Fraction, rules) -> Fraction:
    """The one rounding of components and composite."""
    return {"half_up": half_up, "half_even": half_even}[rules.rounding.mode](value, rules.rounding.digits)


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def statistic(scores: list[Fraction], rules) -> Fraction:
    """One score of a list of ballots."""
    ordered = sorted(scores)
    if rules.panel.statistic == "median":
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if rules.panel.statistic == "trimmed_mean":
        ordered = ordered[rules.panel.trim : len(ordered) - rules.panel.trim]
    return mean(ordered)


# Points ---------------------------------------------------------------------------------------------------------------


def points_of_all(year, rules) -> dict[str, dict[str, Fraction]]:
    """Department → every exact number that ranking, tie chain and scales need."""
    scores = defaultdict(list)
    for row in rows_of(year.panel_ballots):
        if not blank(row["score"]):
            scores[row["department"], row["item"]].append(exact(row["score"]))
    led = defaultdict(list)
    for row in rows_of(year.leader_ballots):
        if not blank(row["score"]):
            led[row["department"]].append(exact(row["score"]))
    ratings = _ratings(year, rules)
    deductions = rows_of(year.deductions)
    points = {}
    for department in year.departments["department"]:
        lost = deducted([row for row in deductions if row["department"] == department])
        one: dict[str, Fraction] = {"deducted": lost}
        before = Fraction(0)
        for component, items in rules.items.items():
            name = "functional_panel" if component == "functional" else component
            weight = Fraction(rules.weights[name])
            marks = sum(Fraction(full) for full in items.values())
            total = sum(statistic(scores[department, item], rules) for item in items)
            before += total / marks * weight
            if component == "common":
                # Deductions stop at the floor; what was below it without them stays.
                total = max(total - lost, min(total, Fraction(rules.deductions.floor)))
            one[name] = total / marks * weight
        one["leaders"] = mean(led[department]) / 100 * Fraction(rules.weights["leaders"])
        one["social"] = mean(ratings[department]) / 100 * Fraction(rules.weights["social"])
        one["functional"] = one["functional_panel"] + one["leaders"]
        one["composite"] = sum(one[component] for component in rules.components)
        one["panel before deductions"] = before
        one["leaders and social"] = one["leaders"] + one["social"]
        points[department] = one
    return points


def _ratings(year, rules) -> dict[str, list[Fraction]]:
    ratings = defaultdict(list)
    if getattr(year, "social_counts", None) is not None:
        said = [(r["department"], r["rating"], int(r["count"])) for r in rows_of(year.social_counts)]
    else:
        said = [(r["department"], r["rating"], 1) for r in rows_of(year.social_ballots)]
    for department, rating, count in said:
        if not blank(rating) and rating in rules.social.points:
            ratings[department] += [Fraction(rules.social.points[rating])] * count
    return ratings


def deducted(rows: list[dict[str, object]]) -> Fraction:
    """Points of one department's verified deductions; of one incident the largest."""
    alone, incidents = Fraction(0), defaultdict(list)
    for row in rows:
        if not row["verified"]:
            continue
        if blank(row["incident"]):
            alone += exact(row["points"])
        else:
            incidents[row["incident"]].append(exact(row["points"]))
    return alone + sum(max(rows) for rows in incidents.values())


# Scales ---------------------------------------------------------------------------------------------------------------


def scale_of(points, groups: Mapping[str, list[str]], rules) -> dict[str, Fraction]:
    """Department → its place on the scale that compares groups."""
    which = rules.tiers.best.wildcard_scale
    everyone = [d for members in groups.values() for d in members]
    if which == "raw":
        return {d: rounded(points[d]["composite"], rules) for d in everyone}
    if which == "z":
        return {d: score for members in groups.values() for d, score in _z(points, members).items()}
    panel = {d: points[d]["panel before deductions"] for d in everyone}
    others = {d: points[d]["leaders and social"] for d in everyone}
    above = below = Fraction(0)
    for members in groups.values():
        for d in members:
            apart = others[d] - mean([others[m] for m in members])
            above += apart * (panel[d] - mean([panel[m] for m in members]))
            below += apart * apart
    slope = above / below if below else Fraction(0)
    scale = {}
    for members in groups.values():
        for d in members:
            harsh = mean([panel[m] for m in members]) - mean(list(panel.values()))
            better = mean([others[m] for m in members]) - mean(list(others.values()))
            scale[d] = half_up(points[d]["composite"] - harsh + slope * better, 4)
    return scale


def _z(points, members: list[str]) -> dict[str, Fraction]:
    composite = {d: points[d]["composite"] for d in members}
    middle = mean(list(composite.values()))
    variance = mean([(value - middle) ** 2 for value in composite.values()])
    return {d: _ratio_to_root(value - middle, variance) for d, value in composite.items()}


def _ratio_to_root(top: Fraction, square: Fraction) -> Fraction:
    """``top / sqrt(square)`` half up to 4 decimals, in whole numbers; 0 if `square` is 0."""
    if not square:
        return Fraction(0)
    # floor(x + 1/2) of x = sqrt(q) is (floor(sqrt(4 q)) + 1) // 2.
    twice = math.isqrt(math.floor(4 * top * top * 10**8 / square))
    whole = (twice + 1) // 2
    return Fraction(whole if top >= 0 else -whole, 10**4)


# The eight steps ------------------------------------------------------------------------------------------------------


def numbered(keys: Mapping[str, tuple[Fraction, ...]]) -> dict[str, int]:
    """The same order in small numbers, equal where the keys are equal: quicker to sort by, ten thousand times."""
    number = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    return {d: number[key] for d, key in keys.items()}


class Steps:
    """The eight steps for any order of equal departments."""

    def __init__(self, year, rules, points=None) -> None:
        self.rules = rules
        self.points = points or points_of_all(year, rules)
        self.group_of = {r["department"]: r["group"] for r in rows_of(year.departments)}
        outside = set(rules.competition.outside)
        self.groups = {
            group: [d for d, g in self.group_of.items() if g == group and d not in outside] for group in rules.groups
        }
        self.groups = {group: members for group, members in self.groups.items() if members}
        self.everyone = [d for members in self.groups.values() for d in members]
        self.shown = {d: {name: rounded(value, rules) for name, value in self.points[d].items()} for d in self.points}
        self.scale = scale_of(self.points, self.groups, rules)
        chain = {d: tuple(self._link(d, key) for key in rules.ties.keys) for d in self.everyone}
        # Smaller is better in both, so that sorting puts the best first.
        self.rank_key = numbered({d: (-self.shown[d]["composite"], *chain[d]) for d in self.everyone})
        self.contest_key = numbered({d: (-self.scale[d], *chain[d]) for d in self.everyone})
        self.problems = set(year.problems["department"])
        self.rulings = defaultdict(dict)
        for row in rows_of(year.rulings):
            self.rulings[row["kind"]][row["department"]] = str(row["value"])
        self.candidates = self._candidates()

    def _link(self, department: str, key: str) -> Fraction:
        if key == "least_deducted":
            return self.shown[department]["deducted"]
        return -self.shown[department][key]

    # 1
    def places(self, order: Mapping[str, int]) -> dict[str, list[str]]:
        return {
            group: sorted(members, key=lambda d: (self.rank_key[d], order[d])) for group, members in self.groups.items()
        }

    def _contest(self, departments, order) -> list[str]:
        return sorted(departments, key=lambda d: (self.contest_key[d], order[d]))

    # 2
    def _window_and_wildcards(self, places, allowed, order) -> set[str]:
        """Fill window and wildcards from `places`, by those in `allowed` alone."""
        best = self.rules.tiers.best
        last = best.ranks[1]
        window = {d for listed in places.values() for d in listed[:last] if d in allowed}
        following = [listed[last] for listed in places.values() if len(listed) > last and listed[last] in allowed]
        return window | set(self._contest(following, order)[: best.wildcards])

    # 3
    def _best_after(self, gone: set[str], places, order) -> set[str]:
        """Who is best when the departments of `gone` do not take part in it."""
        rules = self.rules
        in_advanced = {d for listed in places.values() for d in listed[: rules.tiers.advanced.ranks[1]]}
        first = self._window_and_wildcards(places, in_advanced, order)
        if rules.tiers.best.backfill == "within_group":
            without = {group: [d for d in listed if d not in gone] for group, listed in places.items()}
            return self._window_and_wildcards(without, in_advanced, order)
        best = first - gone
        seats = len(first & gone)
        if rules.tiers.best.backfill == "none":
            return best
        if rules.tiers.best.backfill == "next_fourth":
            last = rules.tiers.best.ranks[1]
            pool = {listed[last] for listed in places.values() if len(listed) > last}
        else:
            pool = in_advanced
        pool = (pool & in_advanced) - best - gone
        return best | set(self._contest(pool, order)[:seats])

    def tiers(self, order: Mapping[str, int]) -> tuple[Tiers, frozenset[Refusal], dict[str, int]]:
        """Tier of each department in competition by steps 1 to 7, the rulings that do not fit, and seats still open."""
        rules = self.rules
        wrong: set[Refusal] = set()
        places = self.places(order)
        first = self._best_after(set(), places, order)
        asked = set(self.rulings["withdraw"])
        gone = set()
        for d in asked:
            if d in self.group_of and d in first | self._best_after((asked - {d}) & set(self.everyone), places, order):
                gone.add(d)
            else:
                wrong.add(("withdraw", d))
        best = self._best_after(gone, places, order)
        empty = len(first) - len(best)
        # 4
        advanced_to, good_to = rules.tiers.advanced.ranks[1], rules.tiers.good.ranks[1]
        in_advanced = {d for listed in places.values() for d in listed[:advanced_to]}
        in_good = {d for listed in places.values() for d in listed[advanced_to:good_to]}
        # 5
        in_advanced, in_good, mismatch = self._quota(in_advanced, in_good, best | gone, order)
        if mismatch and rules.tiers.on_quota_mismatch == "stop":
            wrong.add(("quota",))
        tiers = {
            d: "best" if d in best else "advanced" if d in in_advanced else "good" if d in in_good else "ordinary"
            for d in self.everyone
        }
        open_seats = {"best": empty, "advanced": 0, "good": 0, "ordinary": 0}
        self._admonish(tiers, open_seats, wrong)
        self._seat(tiers, open_seats, gone, wrong)
        return tiers, frozenset(wrong), open_seats

    # 5
    def _quota(self, in_advanced, in_good, safe, order):
        rules = self.rules
        quota = {
            tier: int(half_up(Fraction(getattr(rules.tiers, tier).share) * len(self.everyone), 0))
            for tier in ("advanced", "good")
        }
        mismatch = len(in_advanced) != quota["advanced"] or len(in_good) != quota["good"]
        if not mismatch or rules.tiers.on_quota_mismatch != "cut":
            return in_advanced, in_good, mismatch
        lost = self._lowest(in_advanced - safe, len(in_advanced) - quota["advanced"], order)
        in_good = in_good | lost
        return (
            in_advanced - lost,
            in_good - self._lowest(in_good, len(in_good) - quota["good"], order),
            mismatch,
        )

    def _lowest(self, pool, many: int, order) -> set[str]:
        return set(self._contest(pool, order)[::-1][: max(many, 0)])

    # 6
    def _candidates(self) -> set[str]:
        admonished = self.rules.tiers.admonished
        found = set()
        for members in self.groups.values():
            many = max(1, int(half_up(Fraction(admonished.rear) * len(members), 0)))
            rear = {}
            for name in ("composite", "social"):
                values = sorted(self.shown[d][name] for d in members)
                rear[name] = {d for d in members if self.shown[d][name] <= values[min(many, len(values)) - 1]}
            found |= {
                d for d in rear["composite"] & rear["social"] if d in self.problems or not admonished.needs_problem
            }
        return found

    def _admonish(self, tiers, open_seats, wrong) -> None:
        said = self.rulings["admonish"]
        wrong |= {("admonish", d) for d, value in said.items() if yes(value) and d not in self.candidates}
        for d in self.candidates:
            if d in said and not yes(said[d]):
                continue
            if tiers[d] != "ordinary":
                if not self.rules.tiers.admonished.bar:
                    continue
                open_seats[tiers[d]] += 1
            tiers[d] = "admonished"

    # 7
    def _seat(self, tiers, open_seats, gone, wrong) -> None:
        # A seat opens only below the one that was taken, so from the top down each ruling finds what others opened.
        for tier in ("best", "advanced", "good"):
            takers = [d for d, value in self.rulings["seat"].items() if value == tier]
            fitting = [
                d
                for d in takers
                if d in tiers
                and TIERS.index(tiers[d]) > TIERS.index(tier)
                and tiers[d] != "admonished"
                and not (tier == "best" and d in gone)
            ]
            wrong |= {("seat", d) for d in set(takers) - set(fitting)}
            wrong |= {("seat", d) for d in fitting[open_seats[tier] :]}
            for d in fitting[: open_seats[tier]]:
                open_seats[tiers[d]] += 1
                open_seats[tier] -= 1
                tiers[d] = tier


def yes(value: str) -> bool:
    return value.lower() in ("yes", "true", "1", "是")


# Ties -----------------------------------------------------------------------------------------------------------------


def orders(classes: list[list[str]], most: int) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Every order of the members of each class."""
    if math.prod(math.factorial(len(members)) for members in classes) > most:
        raise TooManyOrdersError
    return itertools.product(*(itertools.permutations(members) for members in classes))


def joined(pairs: set[frozenset[str]]) -> list[list[str]]:
    """Departments joined by pairs, in connected sets."""
    sets: list[set[str]] = []
    for pair in pairs:
        touching = [one for one in sets if one & pair]
        sets = [one for one in sets if one not in touching] + [set(pair).union(*touching)]
    return [sorted(one) for one in sorted(sets, key=min)]


def equal_pairs(steps: Steps) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    """Pairs equal in all inside a group, and pairs equal in a contest of which both can be part."""
    inside = {
        frozenset(pair)
        for members in steps.groups.values()
        for pair in itertools.combinations(members, 2)
        if steps.rank_key[pair[0]] == steps.rank_key[pair[1]]
    }
    tiers = steps.rules.tiers
    reach = tiers.good.ranks[1] if tiers.on_quota_mismatch == "cut" else tiers.advanced.ranks[1]
    contestants = [
        d
        for members in steps.groups.values()
        for d in members
        if sum(steps.rank_key[other] < steps.rank_key[d] for other in members) < reach
    ]
    contest = {
        frozenset(pair)
        for pair in itertools.combinations(contestants, 2)
        if steps.contest_key[pair[0]] == steps.contest_key[pair[1]]
    }
    return inside, contest


def ties_on_a_line(steps: Steps, most: int):
    """Members of each tie on a line, and every order with its result.

    Two equal departments stand on a line together if there is an order of all equal departments in which the two are
    neighbours and change a tier of anybody by changing places. What hangs together so is one tie, and a tie inside a
    group that is touched is part of it as a whole.
    """
    inside, contest = equal_pairs(steps)
    classes = joined(inside | contest)
    results = {}
    for order in orders(classes, most):
        position = dict.fromkeys(steps.everyone, 0)
        position.update({d: place for members in order for place, d in enumerate(members)})
        results[order] = steps.tiers(position)
    matter: set[frozenset[str]] = set()
    for order, (tiers, *_rest) in results.items():
        for which, members in enumerate(order):
            for first in range(len(members) - 1):
                swapped = (*members[:first], members[first + 1], members[first], *members[first + 2 :])
                pair = frozenset(members[first : first + 2])
                if pair not in matter and results[(*order[:which], swapped, *order[which + 1 :])][0] != tiers:
                    matter.add(pair)
    touched = set().union(*matter)
    whole = {
        pair
        for class_ in joined(inside)
        if touched & set(class_)
        for pair in map(frozenset, itertools.pairwise(class_))
    }
    return [frozenset(members) for members in joined(matter | whole)], inside, results


def assess(year, rules=None, most: int = 800, points=None) -> Outcome:
    """Score a year.

    Parameters
    ----------
    year : Year
        Its tables.
    rules : Rulebook, optional
        Other rules than the year's own.
    most : int
        Orders of equal departments that are tried; more raise `TooManyOrdersError`.
    points : dict, optional
        What `points_of_all` gave for these ballots and rules.
    """
    rules = rules or year.rules
    steps = Steps(year, rules, points)
    ties, inside, results = ties_on_a_line(steps, most)
    said = steps.rulings["tie"]
    refusals: set[Refusal] = set()
    settled = set()
    for members in ties:
        values = sorted(said.get(d, "") for d in members)
        if values == sorted(str(place + 1) for place in range(len(members))):
            settled |= members
        else:
            refusals.add(("tie", *sorted(members)))
    refusals |= {("untied", d) for d in said if not any(d in members for members in ties)}

    def as_ruled(order) -> bool:
        """Whether the order is what the rulings say, wherever they have a say."""
        return all(
            not (a in settled and b in settled and any({a, b} <= tie for tie in ties)) or int(said[a]) < int(said[b])
            for members in order
            for a, b in itertools.combinations(members, 2)
        )

    fitting = [result for order, result in results.items() if as_ruled(order)]
    refusals |= frozenset.intersection(*(wrong for _tiers, wrong, _open in fitting))
    unsettled = len({wrong for _tiers, wrong, _open in fitting}) > 1
    tiers, _wrong, open_seats = fitting[0]
    if not refusals:
        assert all(other == tiers for other, *_rest in fitting), "an order that matters was left undecided"
    scorecard = _scorecard(year, steps, tiers, inside, settled)
    return Outcome(scorecard, frozenset(refusals), frozenset(ties), open_seats, unsettled)


def _scorecard(year, steps: Steps, tiers: Tiers, inside, settled) -> dict[str, dict[str, object]]:
    scorecard = {}
    said = steps.rulings["tie"]
    for row in rows_of(year.departments):
        d = row["department"]
        card = {"name": row["name"], "group": row["group"], "rank": None, "rule_tier": None, "tier": None}
        card |= {name: value for name, value in steps.shown[d].items() if " " not in name}
        if d in tiers:
            others = [o for o in steps.groups[row["group"]] if o != d]
            card["rank"] = 1 + sum(
                steps.rank_key[o] < steps.rank_key[d]
                or (frozenset((o, d)) in inside and d in settled and int(said[o]) < int(said[d]))
                for o in others
            )
            card["rule_tier"] = tiers[d]
            card["tier"] = steps.rulings["committee"].get(d, tiers[d])
        scorecard[d] = card
    return scorecard
