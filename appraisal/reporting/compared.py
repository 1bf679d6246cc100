"""Two rulebooks side by side, as text for a terminal; every part says that it is a supposition."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis.comparison import Comparison
from appraisal.analysis.margins import CONTEST
from appraisal.reporting import narrative
from appraisal.reporting.rule_words import rule_value
from appraisal.rulebook import Rulebook
from appraisal.tables import Year
from appraisal.words import Words, catalogue


def comparison_text(year: Year, compared: Comparison) -> Iterator[str]:
    """Tell a comparison, a part after the other: keys, who moves and by which key alone, the lines.

    Parameters
    ----------
    year : Year
    compared : Comparison
        As `compare` gives it.
    """
    words, names = catalogue(year.rules.lang), year.departments.set_index("department")["name"]
    yield words.say("compare.title", year=year.rules.year)
    if compared.keys.empty:
        yield words.say("compare.same")
        return
    if any(compared.by_order):
        yield words.say("compare.by_order")
    for problem in compared.stops:
        yield words.say("compare.stops", problem=problem.say(words.lang))
    yield _part(words, "keys", _keys(compared.keys, year.rules, words))
    if compared.moves.empty:
        yield words.say("compare.nobody")
    else:
        yield _part(words, "moves", _moves(compared.moves, names, words))
    yield _part(words, "lines", _lines(compared, year, names, words))


def _part(words: Words, part: str, table: pd.DataFrame) -> str:
    heads = {column: words.say(f"compare.{column}") for column in table.columns}
    with pd.option_context("display.unicode.east_asian_width", True, "display.max_colwidth", None):
        return f"\n{words.say(f'compare.{part}')}\n{table.rename(columns=heads).to_string(index=False, na_rep='')}"


def _keys(keys: pd.DataFrame, rules: Rulebook, words: Words) -> pd.DataFrame:
    """Keys as a rulebook writes them, and what each of the two says there in words."""
    said = {
        when: [
            words.say("compare.no_key") if value is None else rule_value(key, value, rules)
            for key, value in zip(keys["key"], keys[when], strict=True)
        ]
        for when in ("before", "after")
    }
    return keys.assign(**said)[["key", "before", "after", "basis_before", "basis_after"]]


def _moves(moves: pd.DataFrame, names: pd.Series, words: Words) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": names[moves.index].to_numpy(),
            "before": [words.say(f"charts.tiers.{tier}") for tier in moves["before"].fillna("none")],
            "after": [words.say(f"charts.tiers.{tier}") for tier in moves["after"].fillna("none")],
            "alone": [words.say("compare.join").join(keys) or words.say("compare.jointly") for keys in moves["alone"]],
        }
    )


def _lines(compared: Comparison, year: Year, names: pd.Series, words: Words) -> pd.DataFrame:
    shown = compared.lines.reset_index()
    contest = shown["tier"] == CONTEST
    shown["group"] = [
        words.say("compare.contest") if wildcard else year.rules.label("groups", group)
        for group, wildcard in zip(shown["group"], contest, strict=True)
    ]
    shown["tier"] = [
        "" if wildcard else words.say(f"charts.tiers.{tier}")
        for tier, wildcard in zip(shown["tier"], contest, strict=True)
    ]
    for side in ("upper_before", "lower_before", "upper_after", "lower_after"):
        shown[side] = shown[side].map(names)
    digits = year.rules.rounding.digits
    other = compared.keys.set_index("key")["after"].get("rounding.digits", digits)
    for when, own in (("before", digits), ("after", other)):
        both = zip(shown[f"gap_{when}"], shown[f"scale_{when}"], strict=True)
        shown[f"gap_{when}"] = [
            "" if pd.isna(gap) else narrative.gap_on_scale(gap, scale, own, words) for gap, scale in both
        ]
    columns = [f"{part}_{when}" for when in ("before", "after") for part in ("upper", "lower", "gap")]
    return shown[["group", "tier", *columns]]
