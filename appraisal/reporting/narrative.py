"""Sentences computed from results; every word is the catalogue's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from appraisal.analysis import coverage, margins, spread
from appraisal.analysis.bands import one_step_changes, share_deciding
from appraisal.analysis.flags import Flags
from appraisal.analysis.resampling import Resamples, line_share, steadiness
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.decisions import Decision
from appraisal.scoring.scales import scale_digits
from appraisal.words import Words, catalogue

# Lines on the edge that one sentence can name.
FEW = 3
# Tiers whose departments the notice names.
LISTED = tuple(tier for tier in TIERS if tier != "ordinary")


def in_order(appraised: Appraisal) -> pd.DataFrame:
    """The scorecard by group and rank; departments that are not ranked come last in their group."""
    group = pd.Categorical(appraised.scorecard["group"], categories=list(appraised.rules.groups), ordered=True)
    return appraised.scorecard.assign(order=group).sort_values(["order", "rank"], kind="stable").drop(columns="order")


def lists_by_tier(appraised: Appraisal) -> dict[str, list[str]]:
    """Names of each tier in the order of the notice.

    By composite over all groups, or by group and rank, as ``notice.order`` says; departments of one composite by the
    chain's rank, then by their row.

    Returns
    -------
    dict
        Tier to names, best first, all five tiers.
    """
    ordered = in_order(appraised)
    if appraised.rules.notice.order == "composite":
        ordered = appraised.scorecard.sort_values(["composite", "rank"], ascending=[False, True], kind="stable")
    return {tier: ordered.loc[ordered["tier"] == tier, "name"].tolist() for tier in TIERS}


def points(value: float, rules: Rulebook) -> str:
    """Write points with the digits that ranked."""
    return f"{float(value):.{rules.rounding.digits}f}"


def gap(line: Any, rules: Rulebook) -> str:
    """Write the gap of a row of `analysis.margins.cutoff_lines` with the digits of its scale."""
    return f"{line.gap:.{scale_digits(line.scale, rules.rounding.digits)}f}"


def gap_on_scale(gap: float, scale: str, digits: int, words: Words) -> str:
    """Write a gap with the digits of its scale; one that is no points of the composite is told with its scale.

    Parameters
    ----------
    gap : float
    scale : str
        As `analysis.margins.cutoff_lines` has it.
    digits : int
        Those that ranked.
    words : Words
    """
    written = f"{gap:.{scale_digits(scale, digits)}f}"
    if scale == "raw":
        return written
    return words.say("compare.on_scale", gap=written, scale=words.say(f"rules.values.{scale}"))


def key_name(key: str, rules: Rulebook) -> str:
    """Name a key of the chain that settles ties: a component, or the least deducted."""
    if key == "least_deducted":
        return catalogue(rules.lang).say("decisions.keys.least_deducted")
    return rules.label("components", key)


def line_name(line: Any, rules: Rulebook) -> str:
    """Name a line of `analysis.margins.cutoff_lines`, a row of it: its group and places, or the contest."""
    words = catalogue(rules.lang)
    if line.tier == margins.CONTEST:
        return words.say("report.lines.contest", place=line.above)
    return words.say("report.lines.at", group=rules.label("groups", line.group), above=line.above, below=line.below)


def findings(appraised: Appraisal, resamples: Resamples, flags: Flags) -> list[str]:
    """At most six sentences on what this year's result is.

    Parameters
    ----------
    appraised : Appraisal
    resamples : Resamples
        Of the same appraisal.
    flags : Flags
        Of the same appraisal.
    """
    words = catalogue(appraised.rules.lang)
    lines = line_share(appraised, resamples)
    said = []
    if len(near := margins.in_points(lines)):
        said.append(_closest(appraised, near, words))
    if len(lines):
        said.append(_steadiness(appraised, lines, resamples.draws, words))
    changes = one_step_changes(appraised)
    said.append(words.say("report.opening.bands", count=len(changes), share=f"{share_deciding(changes):.0%}"))
    said.append(_process(appraised, words))
    touched = {department for moved in flags.flags["moved"].dropna() for department, _tier, _then in moved}
    matters = "report.opening.matters" if len(flags.flags) else "report.opening.no_matters"
    said.append(words.say(matters, count=len(flags.flags), tiers=len(touched)))
    if ahead := _for_decision(appraised, words):
        return [ahead, *said]
    return [*said, deciding_component(appraised)]


def _for_decision(appraised: Appraisal, words: Words) -> str:
    """What is to be decided still, and what was decided otherwise than by the rules."""
    seats = [decision for decision in appraised.decisions if decision.code == "open"]
    still_open = "".join(decision_sentences(appraised, seats))
    committee = sum(decision.code == "committee" for decision in appraised.decisions)
    return still_open + (words.say("report.opening.committee", count=committee) if committee else "")


def _process(appraised: Appraisal, words: Words) -> str:
    """How many forms came back, and whether every department was inspected."""
    response, process = coverage.social_response(appraised.year), coverage.process_counts(appraised.year)
    counts = {name: process[name] for name in ("inspected", "departments")}
    rounds = appraised.rules.inspections.rounds
    return words.say("report.opening.forms", **response | {"rate": f"{response['rate']:.2%}"}) + words.say(
        f"report.opening.{coverage.how_inspected(process)}", **counts, rounds=rounds
    )


def _steadiness(appraised: Appraisal, lines: pd.DataFrame, draws: int, words: Words) -> str:
    """How many lines are firm, fairly firm and on the edge, and which those on the edge are, where they are few."""
    called = lines["share"].map(steadiness)
    counts = {word: int((called == word).sum()) for word in ("firm", "fair", "edge")}
    edge = [line_name(line, appraised.rules) for line in lines[called == "edge"].itertuples()]
    told = words.say("report.opening.steadiness", lines=len(lines), draws=draws, **counts)
    return told + (
        words.say("report.opening.on_edge", names=words.say("report.join").join(edge)) if 0 < len(edge) <= FEW else ""
    )


def deciding_component(appraised: Appraisal) -> str:
    """The component whose part in the differences is furthest from its nominal weight."""
    rules = appraised.rules
    shares = spread.component_spread(appraised.scorecard, rules)
    most = shares["effective"].sub(shares["nominal"]).abs().idxmax()
    return catalogue(rules.lang).say(
        "report.opening.decides",
        component=rules.label("components", str(most)),
        nominal=f"{shares.loc[most, 'nominal']:.0%}",
        effective=f"{shares.loc[most, 'effective']:.0%}",
    )


def _closest(appraised: Appraisal, lines: pd.DataFrame, words: Words) -> str:
    line = lines.loc[lines["gap"].idxmin()]
    names = appraised.scorecard["name"]
    return words.say(
        "report.opening.closest_line" if line["gap"] else _equal(appraised, line["upper"], line["lower"]),
        line=line_name(line, appraised.rules),
        upper=names[line["upper"]],
        lower=names[line["lower"]],
        gap=points(line["gap"], appraised.rules),
        lines=len(lines),
    )


def _equal(appraised: Appraisal, upper: str, lower: str) -> str:
    """Phrase for two sides of one composite, by what told them apart, if a decision says so of this very pair."""
    facts = [decision.facts for decision in appraised.decisions if decision.facts.get("pair") == (upper, lower)]
    if not facts:
        return "report.opening.equal_line"
    return "report.opening.equal_by_ruling" if facts[0]["key"] == "ruling" else "report.opening.equal_by_key"


def row_or_line(appraised: Appraisal, rows: pd.DataFrame, lines: pd.DataFrame) -> str:
    """Read the narrowest line of a chart aloud; its first row where it has no line.

    Parameters
    ----------
    appraised : Appraisal
    rows : DataFrame
        The chart's part of the scorecard, the best first.
    lines : DataFrame
        Its part of `analysis.margins.cutoff_lines`.
    """
    words, names = catalogue(appraised.rules.lang), appraised.scorecard["name"]
    if not len(lines):
        first = rows.iloc[0]
        score = points(first["composite"], appraised.rules)
        return words.say("report.groups.how_row", rank=first["rank"], name=first["name"], score=score)
    line = lines.loc[lines["gap"].idxmin()]
    return words.say(
        "report.groups.how_line",
        above=line["above"],
        below=line["below"],
        upper=names[line["upper"]],
        lower=names[line["lower"]],
        gap=points(line["gap"], appraised.rules),
    )


def withdrawal_sentences(appraised: Appraisal) -> list[str]:
    """Tell who left the tier best, and who moved up."""
    words = catalogue(appraised.rules.lang)
    return [_sentence(decision, appraised, words) for decision in appraised.decisions if decision.step == "withdrawal"]


def decision_sentences(appraised: Appraisal, decisions: Iterable[Decision] | None = None) -> list[str]:
    """Tell each decision that needed a rule beyond the rank, a sentence each.

    Parameters
    ----------
    appraised : Appraisal
    decisions : iterable of Decision, optional
        Some of its decisions; else all.
    """
    words = catalogue(appraised.rules.lang)
    told = appraised.decisions if decisions is None else decisions
    return [_sentence(decision, appraised, words) for decision in told]


def only_orders(decision: Decision, appraised: Appraisal) -> bool:
    """Say whether a decision only orders two departments of one composite, whose tier is the same either way.

    In the tiers above good an order also says who contests the next seat of best.
    """
    if decision.code not in ("tie_by_key", "tie_shared"):
        return False
    tiers = set(appraised.scorecard.loc[list(decision.departments), "rule_tier"])
    return tiers in ({"good"}, {"ordinary"})


def _sentence(decision: Decision, appraised: Appraisal, words: Words) -> str:
    match decision.code:
        case "tie_by_key" | "tie_by_ruling" | "tie_shared":
            return _tie(decision, appraised, words)
        case "contest" | "contest_again":
            return _contest(decision, appraised, words)
    values = decision_values(decision, words)
    if decision.departments:
        values["department"] = appraised.scorecard["name"][decision.departments[0]]
    return words.say(f"decisions.{decision.code}", **values)


def decision_values(decision: Decision, words: Words) -> dict[str, object]:
    """What the phrase of a decision about one department names, that department aside, in words."""
    values: dict[str, object] = {key: value for key, value in decision.facts.items() if isinstance(value, str | int)}
    if decision.step == "admonition":
        values["clauses"] = words.say("decisions.clauses.join").join(_clauses(decision, words))
    for part in ("reason", "approved_by"):
        if part in values:
            phrase = f"decisions.fragments.{decision.code}.{part}"
            values[part] = words.say(phrase, **{part: values[part]}) if values[part] else ""
    for key in ("tier", "rules"):
        if key in values:
            values[key] = words.say(f"charts.tiers.{values[key]}")
    if "backfill" in values:
        values["backfill"] = words.say(f"decisions.backfills.{values['backfill']}")
    return values


def _tie(decision: Decision, appraised: Appraisal, words: Words) -> str:
    first, second = appraised.scorecard.loc[list(decision.departments), "name"]
    values = {"first": first, "second": second, "composite": points(decision.facts["composite"], appraised.rules)}
    if decision.code == "tie_by_key":
        values |= _key(decision, appraised.rules)
    return words.say(f"decisions.{decision.code}", **values)


def _key(decision: Decision, rules: Rulebook) -> dict[str, str]:
    """The key that told two departments apart, and what each has of it."""
    return {
        "key": key_name(decision.facts["key"], rules),
        "first_value": points(decision.facts["first"], rules),
        "second_value": points(decision.facts["second"], rules),
    }


def _contest(decision: Decision, appraised: Appraisal, words: Words) -> str:
    names = appraised.scorecard["name"]
    digits = scale_digits(decision.facts["scale"], appraised.rules.rounding.digits)
    scale = words.say(f"decisions.scales.{decision.facts['scale']}")
    contestants = [
        words.say("decisions.contestant", name=names[code], score=f"{score:.{digits}f}")
        for code, score in zip(decision.departments, decision.facts["scores"], strict=True)
    ]
    winners = [names[code] for code in decision.facts["winners"]]
    said = words.say(
        f"decisions.{decision.code}" if winners else "decisions.contest_none",
        place=decision.facts["place"],
        scale=scale,
        winners=words.say("report.join").join(winners),
        contestants=words.say("report.join").join(contestants),
    )
    if "key" not in decision.facts:
        return said
    ahead, behind = (names[code] for code in decision.facts["pair"])
    if decision.facts["key"] == "ruling":
        return said + words.say("decisions.contest_by_ruling", first=ahead, second=behind, scale=scale)
    return said + words.say(
        "decisions.contest_by_key", first=ahead, second=behind, scale=scale, **_key(decision, appraised.rules)
    )


def _clauses(decision: Decision, words: Words) -> Iterator[str]:
    for clause in ("composite", "social", "problem"):
        yield words.say(f"decisions.clauses.{clause}_{'yes' if decision.facts[clause] else 'no'}")
