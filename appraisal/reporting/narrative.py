"""Sentences computed from results; every word is the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis import coverage, margins, spread
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.decisions import Decision
from appraisal.words import Words, catalogue


def lists_by_tier(appraised: Appraisal) -> dict[str, list[str]]:
    """Names of each tier in the order of the notice.

    By composite over all groups, or by group and rank, as ``notice.order`` says; departments of one composite by the
    chain's rank, then by their row.

    Returns
    -------
    dict
        Tier to names, best first, all five tiers.
    """
    scorecard = appraised.scorecard[appraised.scorecard["rank"].notna()]
    group = pd.Categorical(scorecard["group"], categories=list(appraised.rules.groups), ordered=True)
    by = ["composite", "rank"] if appraised.rules.notice.order == "composite" else ["order", "rank"]
    ordered = scorecard.assign(order=group).sort_values(by, ascending=[by[0] != "composite", True], kind="stable")
    return {tier: ordered.loc[ordered["tier"] == tier, "name"].tolist() for tier in TIERS}


def points(value: float, rules: Rulebook) -> str:
    """Write points with the digits that ranked."""
    return f"{float(value):.{rules.rounding.digits}f}"


def findings(appraised: Appraisal, narrow: float = 0.1) -> list[str]:
    """At most six sentences on what this year's result is.

    Parameters
    ----------
    appraised : Appraisal
    narrow : float
        A gap at a line is called narrow below this many points.
    """
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    lists, lines = lists_by_tier(appraised), margins.cutoff_lines(appraised)
    counts = {tier: len(names) for tier, names in lists.items()}
    said = [words.say("report.opening.result", size=sum(counts.values()), **counts)]
    if withdrawn := _names(appraised, "withdrew"):
        said.append(words.say("report.opening.withdrew", names="、".join(withdrawn)))
    if len(lines):
        said.append(_closest(appraised, lines, words))
        count = int((lines["gap"] < narrow).sum())
        said.append(words.say("report.opening.narrow", lines=len(lines), count=count, limit=f"{narrow:g}"))
    shares = spread.component_spread(appraised.scorecard, rules)
    most = shares["effective"].sub(shares["nominal"]).abs().idxmax()
    said.append(
        words.say(
            "report.opening.decides",
            component=rules.label("components", most),
            nominal=f"{shares.loc[most, 'nominal']:.0%}",
            effective=f"{shares.loc[most, 'effective']:.0%}",
        )
    )
    response = coverage.social_response(appraised.year)
    said.append(words.say("report.opening.response", **response | {"rate": f"{response['rate']:.0%}"}))
    if count := len(_names(appraised, "committee")):
        said[-1] = words.say("report.opening.committee", count=count)
    return said


def _names(appraised: Appraisal, code: str) -> list[str]:
    names = appraised.scorecard["name"]
    return [names[decision.departments[0]] for decision in appraised.decisions if decision.code == code]


def _closest(appraised: Appraisal, lines: pd.DataFrame, words: Words) -> str:
    line = lines.loc[lines["gap"].idxmin()]
    names = appraised.scorecard["name"]
    return words.say(
        "report.opening.closest_line" if line["gap"] else "report.opening.equal_line",
        group=appraised.rules.label("groups", line["group"]),
        above=line["above"],
        below=line["below"],
        upper=names[line["upper"]],
        lower=names[line["lower"]],
        gap=points(line["gap"], appraised.rules),
        lines=len(lines),
    )


def line_example(appraised: Appraisal, lines: pd.DataFrame) -> str:
    """Read one line of a chart aloud: the narrowest; nothing where there is no line."""
    if not len(lines):
        return ""
    line = lines.loc[lines["gap"].idxmin()]
    names = appraised.scorecard["name"]
    return catalogue(appraised.rules.lang).say(
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


def decision_sentences(appraised: Appraisal, lang: str | None = None) -> list[str]:
    """Tell each decision that needed a rule beyond the rank, a sentence each."""
    words = catalogue(lang or appraised.rules.lang)
    return [_sentence(decision, appraised, words) for decision in appraised.decisions]


def _sentence(decision: Decision, appraised: Appraisal, words: Words) -> str:
    names = appraised.scorecard["name"]
    values = {key: value for key, value in decision.facts.items() if isinstance(value, str | int)}
    match decision.code:
        case "tie_by_key" | "tie_by_ruling" | "tie_shared":
            return _tie(decision, appraised, words)
        case "contest":
            return _contest(decision, appraised, words)
        case "not_candidate" | "admonished" | "spared" | "keeps_window":
            values["clauses"] = words.say("decisions.clauses.join").join(_clauses(decision, words))
    if decision.departments:
        values["department"] = names[decision.departments[0]]
    for key in ("tier", "rules"):
        if key in values:
            values[key] = words.say(f"charts.tiers.{values[key]}")
    if "backfill" in values:
        values["backfill"] = words.say(f"decisions.backfills.{values['backfill']}")
    return words.say(f"decisions.{decision.code}", **values)


def _tie(decision: Decision, appraised: Appraisal, words: Words) -> str:
    rules = appraised.rules
    first, second = appraised.scorecard.loc[list(decision.departments), "name"]
    values = {
        "first": first,
        "second": second,
        "composite": points(decision.facts["composite"], rules),
    }
    if decision.code == "tie_by_key":
        key = str(decision.facts["key"])
        values["key"] = (
            words.say("decisions.keys.least_deducted") if key == "least_deducted" else rules.label("components", key)
        )
        values["first_value"] = points(decision.facts["first"], rules)
        values["second_value"] = points(decision.facts["second"], rules)
    return words.say(f"decisions.{decision.code}", **values)


def _contest(decision: Decision, appraised: Appraisal, words: Words) -> str:
    names = appraised.scorecard["name"]
    digits = appraised.rules.rounding.digits if decision.facts["scale"] == "raw" else 4
    contestants = [
        words.say("decisions.contestant", name=names[code], score=f"{score:.{digits}f}")
        for code, score in zip(decision.departments, decision.facts["scores"], strict=True)
    ]
    winners = [names[code] for code in decision.facts["winners"]]
    return words.say(
        "decisions.contest" if winners else "decisions.contest_none",
        place=decision.facts["place"],
        scale=words.say(f"decisions.scales.{decision.facts['scale']}"),
        winners="、".join(winners),
        contestants="、".join(contestants),
    )


def _clauses(decision: Decision, words: Words) -> Iterator[str]:
    for clause in ("composite", "social", "problem"):
        yield words.say(f"decisions.clauses.{clause}_{'yes' if decision.facts[clause] else 'no'}")
