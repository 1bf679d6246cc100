"""Cutoffs, weights and ballots as an analyst turns them: choices in, what they would give out, as pieces of a page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

import pandas as pd

from appraisal.analysis.suppositions import Supposed, suppose
from appraisal.errors import AppraisalError, ChoicesError, Problem
from appraisal.exploring.choices import CutoffChoices, official_choices
from appraisal.exploring.jurors import ballots_of, called
from appraisal.reporting import exploring_charts, layout
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

HUNDREDTH = Decimal("0.01")
MOVED = ("name", "group", "rank", "rule_tier", "tier")


def scaled_weights(weights: Mapping[str, float]) -> dict[str, Decimal]:
    """Scale weights so that they add up to 100, in hundredths; what rounding leaves goes to the largest remainders.

    Raises
    ------
    ZeroDivisionError
        If all are 0.

    Examples
    --------
    >>> {source: str(weight) for source, weight in scaled_weights({"a": 1.0, "b": 1.0, "c": 1.0}).items()}
    {'a': '33.34', 'b': '33.33', 'c': '33.33'}
    """
    exact = {source: Decimal(repr(float(weight))) for source, weight in weights.items()}
    total = sum(exact.values())
    if not total:
        raise ZeroDivisionError("all weights are 0")
    parts = {source: 100 * weight / total for source, weight in exact.items()}
    scaled = {source: part.quantize(HUNDREDTH, ROUND_FLOOR) for source, part in parts.items()}
    missing = int((100 - sum(scaled.values())) / HUNDREDTH)
    for source in sorted(parts, key=lambda source: scaled[source] - parts[source])[:missing]:
        scaled[source] += HUNDREDTH
    return scaled


def rules_of(choices: CutoffChoices, rules: Rulebook) -> Rulebook:
    """Make the rulebook that the choices suppose.

    Raises
    ------
    RulebookError
        If they do not fit together.
    ChoicesError
        If all weights are 0, or the weights are of other sources.
    """
    own = official_choices(rules)
    if set(choices.weights) != set(rules.weights):
        said = {"said": ", ".join(choices.weights)}
        raise ChoicesError([Problem("choices.not_there", "[weights]", values=said)], rules.lang)
    if not any(choices.weights.values()):
        raise ChoicesError([Problem("choices.weights", "[weights]")], rules.lang)
    changes: dict[str, object] = {
        "tiers.best.ranks": (1, choices.best),
        "tiers.advanced.ranks": (1, choices.advanced),
        "tiers.good.ranks": (choices.advanced + 1, choices.good),
        "tiers.best.wildcards": choices.wildcards,
        "tiers.best.backfill": choices.backfill,
        "tiers.best.wildcard_scale": choices.wildcard_scale,
        "weights": scaled_weights(choices.weights),
    }
    if choices.share != own.share:
        # A share that binds nothing would move nobody.
        share = Decimal(repr(choices.share)) / 100
        changes |= {"tiers.advanced.share": share, "tiers.good.share": share, "tiers.on_quota_mismatch": "cut"}
    return rules.replace(changes)


def outcome(appraised: Appraisal, choices: CutoffChoices) -> Supposed:
    """Run the whole rule under the choices.

    Raises
    ------
    AppraisalError
        If the choices do not fit together, or leave a department without a score.
    """
    return suppose_without(appraised, rules_of(choices, appraised.rules), choices.left_out)


def suppose_without(appraised: Appraisal, rules: Rulebook, left_out: tuple[str, ...]) -> Supposed:
    """Run the whole rule under some rules and without the ballots of some jurors.

    Raises
    ------
    ChoicesError
        If the year has no such juror, or a department would be left without a score.
    """
    supposed = suppose(appraised, rules, ballots_of(appraised, left_out))
    if supposed is None:
        raise ChoicesError([Problem("choices.nobody_left", "left_out")], appraised.rules.lang)
    return supposed


def refusal(fault: AppraisalError, lang: str) -> str:
    """Say in one line why choices are not allowed."""
    words = catalogue(lang)
    said = []
    for problem in fault.problems:
        # A good window that ends before it starts is told by its key: its code is that of any wrong value.
        name = "good" if problem.key == "tiers.good.ranks" else problem.code.rpartition(".")[2]
        key = f"exploring.refused.{name}"
        said.append(words.say(key, **problem.values) if words.has(key) else problem.say(lang))
    return words.say("exploring.refused.line", why=words.say("exploring.refused.join").join(dict.fromkeys(said)))


def told(choices: CutoffChoices, appraised: Appraisal) -> str:
    """Say in one line what the choices change; every picture and sheet carries it."""
    rules, words = appraised.rules, layout.words_of(appraised)
    own = official_choices(rules)
    said = [
        words.say(f"exploring.told.{name}", value=f"{value:g}")
        for name in ("best", "advanced", "good", "wildcards", "share")
        if (value := getattr(choices, name)) != getattr(own, name)
    ]
    said += [
        words.say(f"exploring.told.{name}", value=words.say(f"exploring.{name}.{value}"))
        for name in ("backfill", "wildcard_scale")
        if (value := getattr(choices, name)) != getattr(own, name)
    ]
    if choices.weights != own.weights:
        said.append(words.say("exploring.told.weights", weights=weights_told(choices.weights, rules)))
    said += left_out_told(choices.left_out, appraised)
    return words.say("exploring.told.join").join(said) or words.say("exploring.told.nothing")


def weights_told(weights: Mapping[str, float], rules: Rulebook) -> str:
    """Say the weights, scaled to 100, source by source."""
    scaled = scaled_weights(weights)
    parts = (f"{rules.label('components', source)}{weight.normalize():f}" for source, weight in scaled.items())
    return catalogue(rules.lang).say("report.join").join(parts)


def left_out_told(left_out: tuple[str, ...], appraised: Appraisal) -> list[str]:
    """Say which jurors do not count: one sentence or none."""
    words = layout.words_of(appraised)
    names = words.say("report.join").join(called(juror, appraised) for juror in left_out)
    return [words.say("exploring.told.left_out", jurors=names)] if left_out else []


def tiers_piece(appraised: Appraisal, supposed: Supposed, said: str) -> Piece:
    """How many stand in each tier, and who stands in another."""
    words = layout.words_of(appraised)
    counts = supposed.scorecard["tier"].value_counts()
    official = supposed.scorecard["rule_tier"].value_counts()
    figures = {
        words.say(f"charts.tiers.{tier}"): words.say(
            "exploring.cutoffs.count", count=counts.get(tier, 0), official=official.get(tier, 0)
        )
        for tier in TIERS
    }
    moved = supposed.moved
    head = words.say("exploring.cutoffs.moved", count=len(moved))
    shown = [layout.key_figures(figures), layout.paragraph(head, kind="lead")]
    if len(moved):
        shown.append(moves_table(appraised, moved, words.say("exploring.cutoffs.moves"), said))
    return layout.pieces(shown)


def moves_table(appraised: Appraisal, moved: pd.DataFrame, caption: str, said: str) -> Piece:
    """Who stands in another tier, from the top down."""
    words, rules = layout.words_of(appraised), appraised.rules
    rows = moved.assign(
        _tier=moved["tier"].map({tier: place for place, tier in enumerate(TIERS)}),
        group=moved["group"].map(lambda group: rules.label("groups", group)),
    ).sort_values(["_tier", "group", "rank"], kind="stable")
    heads = {name: words.say(f"exploring.cutoffs.{name}") for name in MOVED}
    tiers = {tier: words.say(f"charts.tiers.{tier}") for tier in TIERS}
    return layout.table(
        rows[list(MOVED)].rename(columns=heads),
        caption=marked(caption, said, words),
        badges={heads["rule_tier"]: tiers, heads["tier"]: tiers},
        **layout.look(appraised),
    )


def lines_piece(appraised: Appraisal, supposed: Supposed, said: str) -> Piece:
    """The lines as supposed, with who stands on their sides."""
    words, rules = layout.words_of(appraised), appraised.rules
    names = appraised.scorecard["name"]
    lines = supposed.lines
    group = lines["group"].map(lambda code: rules.label("groups", code), na_action="ignore")
    shown = {
        "group": group.fillna(words.say("exploring.cutoffs.contest")),
        "tier": [
            words.say("exploring.cutoffs.between", above=row.above, below=row.below)
            if row.above != row.below
            else words.say("exploring.cutoffs.next", place=row.above)
            for row in lines.itertuples()
        ],
        "upper": lines["upper"].map(names),
        "lower": lines["lower"].map(names),
        "gap": lines["gap"],
    }
    frame = lines.assign(**shown)[list(shown)]
    frame.columns = [words.say(f"exploring.cutoffs.line_{name}") for name in shown]
    return layout.table(
        frame,
        caption=marked(words.say("exploring.cutoffs.lines"), said, words),
        digits=rules.rounding.digits,
        **layout.look(appraised),
    )


def chart_piece(appraised: Appraisal, supposed: Supposed, group: str, said: str) -> Piece:
    """One group in the order supposed, those who stand in another tier set off."""
    words, rules = layout.words_of(appraised), appraised.rules
    scores = supposed.scorecard[supposed.scorecard["group"] == group]
    lines = supposed.lines[(supposed.lines["group"] == group) & (supposed.lines["scale"] == "raw")]
    axes = exploring_charts.plot_supposed_scores(
        scores, lines, marked("", said, words), digits=rules.rounding.digits, lang=rules.lang
    )
    label = rules.label("groups", group)
    moved = len(scores[scores["tier"] != scores["rule_tier"]])
    return layout.chart(
        axes,
        alt=words.say("exploring.cutoffs.chart_alt", group=label, size=len(scores), moved=moved),
        caption=words.say("exploring.cutoffs.chart", group=label),
        **layout.look(appraised),
    )


def marked(caption: str, said: str, words: Words) -> str:
    """Put the mark of an exploration and its choices to a caption."""
    return words.say("exploring.marked", caption=caption, mark=words.say("exploring.mark"), choices=said).strip()
