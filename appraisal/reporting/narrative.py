"""Sentences computed from results; every word is the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.rulebook import TIERS
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


def decision_sentences(appraised: Appraisal, lang: str | None = None) -> list[str]:
    """Tell each decision that needed a rule beyond the rank, a sentence each."""
    words = catalogue(lang or appraised.rules.lang)
    return [_sentence(decision, appraised, words) for decision in appraised.decisions]


def _sentence(decision: Decision, appraised: Appraisal, words: Words) -> str:
    names = appraised.scorecard["name"]
    values = {key: value for key, value in decision.values.items() if isinstance(value, str | int)}
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
        "composite": _points(decision.values["composite"], rules.rounding.digits),
    }
    if decision.code == "tie_by_key":
        key = str(decision.values["key"])
        values["key"] = (
            words.say("decisions.keys.least_deducted") if key == "least_deducted" else rules.label("components", key)
        )
        values["first_value"] = _points(decision.values["first"], rules.rounding.digits)
        values["second_value"] = _points(decision.values["second"], rules.rounding.digits)
    return words.say(f"decisions.{decision.code}", **values)


def _contest(decision: Decision, appraised: Appraisal, words: Words) -> str:
    names = appraised.scorecard["name"]
    digits = appraised.rules.rounding.digits if decision.values["scale"] == "raw" else 4
    contestants = [
        words.say("decisions.contestant", name=names[code], score=_points(score, digits))
        for code, score in zip(decision.departments, decision.values["scores"], strict=True)
    ]
    winners = [names[code] for code in decision.values["winners"]]
    return words.say(
        "decisions.contest" if winners else "decisions.contest_none",
        place=decision.values["place"],
        scale=words.say(f"decisions.scales.{decision.values['scale']}"),
        winners="、".join(winners),
        contestants="、".join(contestants),
    )


def _clauses(decision: Decision, words: Words) -> Iterator[str]:
    for clause in ("composite", "social", "problem"):
        yield words.say(f"decisions.clauses.{clause}_{'yes' if decision.values[clause] else 'no'}")


def _points(value: object, digits: int) -> str:
    return f"{float(value):.{digits}f}"
