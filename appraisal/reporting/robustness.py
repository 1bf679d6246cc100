"""Sections for those who work on the result: ranks that may be true, other weights, other rulebooks, wrong bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from appraisal.analysis.bands import deciding_changes, one_step_changes
from appraisal.analysis.margins import cutoff_lines, inside_groups
from appraisal.analysis.rank_sets import rank_sets, top_sets
from appraisal.analysis.rulebooks import OWN, RulebookSweep, departures, single_answers, sweep_rulebooks, tiers_kept
from appraisal.analysis.spot_checks import wrong_at_random, wrong_at_worst, wrong_items_bound
from appraisal.analysis.weights import ENVELOPE, acceptability
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.rule_words import rule_name, rule_value
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

COVERAGE = 0.95
# Wrong bands placed at random: shares are then known to some 1 %.
PLACINGS = 1_000
# Below this share of the weights a department is listed: above it 100 % would be shown.
STEADY = 0.995


def true_ranks(appraised: Appraisal, draws: int) -> Piece:
    """Who may truly stand above each line, and who surely does, all statements together."""
    words, rules = layout.words_of(appraised), appraised.rules
    lines = inside_groups(cutoff_lines(appraised)).sort_values("above", kind="stable")
    sets = rank_sets(appraised, seed=rules.seed, coverage=COVERAGE, draws=draws)
    tops, names = top_sets(sets, lines), appraised.scorecard["name"]
    rows = []
    for (group, k), own in tops.groupby(["group", "k"], sort=False):
        others = own[own["may"] & (own["rank"] > k)]
        rows.append(
            {
                "line": words.say("robustness.ranks.first", group=rules.label("groups", str(group)), k=k),
                "surely": int(own["surely"].sum()),
                "may": int(own["may"].sum()),
                "names": words.say("report.join").join(names[others["department"]]),
            }
        )
    widths = sets["simultaneous_high"] - sets["simultaneous_low"]
    widest = widths.idxmax()
    return layout.pieces(
        [
            layout.heading(words.say("robustness.ranks.title"), level=3),
            layout.paragraph(
                words.say("robustness.ranks.lead", level=f"{COVERAGE:.0%}", draws=draws, seed=rules.seed),
                words.say(
                    "robustness.ranks.widest",
                    name=names[widest],
                    low=sets.loc[widest, "simultaneous_low"],
                    high=sets.loc[widest, "simultaneous_high"],
                    rank=sets.loc[widest, "rank"],
                ),
            ),
            layout.table(
                layout.headed(pd.DataFrame(rows), words.under("robustness.ranks")),
                caption=words.say("robustness.ranks.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("robustness.sets.lead", level=f"{COVERAGE:.0%}")),
            *(_sets_of(group, sets, appraised, words) for group in rules.groups),
        ]
    )


def _sets_of(group: str, sets: pd.DataFrame, appraised: Appraisal, words: Words) -> Piece:
    """The two rank sets of each department of a group, by rank."""
    own = sets[sets["group"] == group].sort_values("rank", kind="stable")
    shown = pd.DataFrame({"rank": own["rank"], "name": appraised.scorecard.loc[own.index, "name"]})
    for kind in ("marginal", "simultaneous"):
        ends = own[[f"{kind}_low", f"{kind}_high"]].itertuples(index=False)
        shown[kind] = [words.say("rules.values.range", low=low, high=high) for low, high in ends]
    return layout.table(
        layout.headed(shown, words.under("robustness.sets")),
        caption=words.say("robustness.sets.caption", group=appraised.rules.label("groups", group)),
        numbers=[words.say(f"robustness.sets.{kind}") for kind in ("marginal", "simultaneous")],
        **layout.look(appraised),
    )


def other_weights(
    appraised: Appraisal, draws: int, concentration: float, envelope: Mapping[str, Sequence[float]] = ENVELOPE
) -> Piece:
    """The share of other weights under which each department keeps its tier.

    Parameters
    ----------
    appraised : Appraisal
    draws : int
    concentration : float
        As for `dirichlet_weights`.
    envelope : mapping of str to (low, high)
        As for `envelope_weights`.
    """
    words, rules = layout.words_of(appraised), appraised.rules
    table = acceptability(appraised, draws, seed=rules.seed, concentration=concentration, envelope=envelope)
    kept = table["kept"].unstack("scheme")
    kept = kept.loc[appraised.evidence.departments][["around", "envelope"]]
    moved = kept[(kept < STEADY).any(axis=1)].sort_values("around", kind="stable")
    shown = _named(appraised, moved.index)
    for scheme in moved:
        shown[str(scheme)] = moved[scheme].map("{:.0%}".format)
    published = {source: tuple(ends) for source, ends in envelope.items()} == ENVELOPE
    ranges = [
        words.say(
            "robustness.weights.range", source=rules.label("components", source), low=f"{low:g}", high=f"{high:g}"
        )
        for source, (low, high) in envelope.items()
    ]
    return layout.pieces(
        [
            layout.heading(words.say("robustness.weights.title"), level=3),
            layout.paragraph(
                words.say(
                    "robustness.weights.lead",
                    draws=draws,
                    seed=rules.seed,
                    concentration=f"{concentration:g}",
                    ranges=words.say("report.join").join(ranges),
                ),
                words.say("robustness.weights.published") if published else "",
                words.say("robustness.weights.kept", count=len(kept) - len(moved), of=len(kept), share=f"{STEADY:.1%}"),
            ),
            _table_of_tiers(
                appraised,
                layout.headed(shown, words.under("robustness.weights")),
                words,
                "weights",
                ("around", "envelope"),
            ),
        ]
    )


def other_rulebooks(appraised: Appraisal) -> Piece:
    """In how many of the rulebooks that can be defended each department keeps its tier, and which answer moves it."""
    words, rules = layout.words_of(appraised), appraised.rules
    sweep = sweep_rulebooks(appraised)
    kept, alone = tiers_kept(sweep), single_answers(sweep)
    moved = kept[kept["kept"] < kept["of"]].sort_values("kept", kind="stable")
    shown = _named(appraised, moved.index)
    shown["same"] = [words.say("robustness.rulebooks.of", kept=row.kept, of=row.of) for row in moved.itertuples()]
    shown["alone"] = [
        _answers(alone[alone["department"] == code], rules, words) or _jointly(sweep, str(code), rules, words)
        for code in moved.index
    ]
    asked = [
        words.say(
            "robustness.rulebooks.question",
            question=rule_name(question.name, rules),
            answers=words.say("report.join").join(_answer(answer, rules) for answer in question.answers),
        )
        for question in sweep.questions
    ]
    return layout.pieces(
        [
            layout.heading(words.say("robustness.rulebooks.title"), level=3),
            layout.paragraph(
                words.say("robustness.rulebooks.lead", count=len(sweep.rulebooks), questions=len(sweep.questions)),
                words.say("robustness.rulebooks.kept", count=len(kept) - len(moved), of=len(kept)),
                _by_order(sweep, words),
            ),
            layout.points(asked),
            _table_of_tiers(
                appraised, layout.headed(shown, words.under("robustness.rulebooks")), words, "rulebooks", ("same",)
            ),
        ]
    )


def wrong_bands(appraised: Appraisal) -> Piece:
    """What so many wrong band decisions as the sample cannot exclude would do, placed at random and at worst."""
    words, rules = layout.words_of(appraised), appraised.rules
    head = layout.heading(words.say("robustness.bands.title"), level=3)
    if not len(appraised.year.spot_checks):
        return head + layout.paragraph(words.say("robustness.bands.none"))
    bound = wrong_items_bound(appraised, COVERAGE).loc["items"]
    wrong = int(bound["bound"])
    chance = wrong_at_random(appraised, wrong, PLACINGS, rules.seed)
    few, middle, many = (int(np.quantile(chance.moved, share, method="inverted_cdf")) for share in (0.05, 0.5, 0.95))
    worst = wrong_at_worst(appraised, wrong)
    sample = {name: int(bound[name]) for name in ("sampled", "wrong", "whole", "bound")}
    said = "robustness.bands.worst" if worst["exact"] else "robustness.bands.worst_about"
    return head + layout.paragraph(
        words.say("robustness.bands.sample", level=f"{COVERAGE:.0%}", **sample),
        words.say("robustness.bands.random", draws=PLACINGS, seed=rules.seed, few=few, middle=middle, many=many),
        words.say(said, lines=worst["lines"], flipped=worst["flipped"], moved=worst["moved_at_least"]),
        words.say("robustness.bands.note"),
    )


def deciding_bands(appraised: Appraisal) -> Piece:
    """For each department the single band decisions, one step up or down, that would change its own tier."""
    words, rules = layout.words_of(appraised), appraised.rules
    changes = deciding_changes(one_step_changes(appraised))
    head = layout.heading(words.say("robustness.deciding.title"), level=3)
    if not len(changes):
        return head + layout.paragraph(words.say("robustness.deciding.none"))
    # The ladder of bands goes by their limits; a step up reads ＋, a step down −.
    up = changes["to"].map(rules.bands) > changes["band"].map(rules.bands)
    tiers = [words.say(f"charts.tiers.{tier}") for tier in changes["tier_then"]]
    told = [
        words.say(f"robustness.deciding.{'up' if higher else 'down'}", tier=tier)
        for higher, tier in zip(up, tiers, strict=True)
    ]
    by_item = changes.assign(told=told).pivot_table(
        index="department", columns="item", values="told", aggfunc=" ".join, sort=False
    )
    listed = by_item.reindex(appraised.evidence.departments.intersection(by_item.index, sort=False))
    shown = _named(appraised, listed.index)
    headed = layout.headed(shown, words.under("robustness.deciding"))
    for item in rules.item_marks:
        if item in listed:
            headed[rules.label("items", item)] = listed[item].fillna("")
    return layout.pieces(
        [
            head,
            layout.paragraph(words.say("robustness.deciding.lead", count=len(shown), of=appraised.evidence.group.size)),
            _table_of_tiers(appraised, headed, words, "deciding", ()),
        ]
    )


def _named(appraised: Appraisal, codes: pd.Index) -> pd.DataFrame:
    """Name and tier by the rules of some departments."""
    return appraised.scorecard.loc[codes, ["name", "rule_tier"]].rename(columns={"rule_tier": "tier"})


def _table_of_tiers(
    appraised: Appraisal, shown: pd.DataFrame, words: Words, section: str, numbers: tuple[str, ...]
) -> Piece:
    return layout.table(
        shown,
        caption=words.say(f"robustness.{section}.caption"),
        badges={words.say(f"robustness.{section}.tier"): layout.tier_labels(words)},
        numbers=[words.say(f"robustness.{section}.{name}") for name in numbers],
        **layout.look(appraised),
    )


def _answers(alone: pd.DataFrame, rules: Rulebook, words: Words) -> str:
    """The single answers that move a department, question by question."""
    told = [
        words.say(
            "robustness.rulebooks.answer",
            question=rule_name(str(question), rules),
            answers=words.say("report.join").join(_answer(answer, rules) for answer in own["answer"]),
        )
        for question, own in alone.groupby("question", sort=False)
    ]
    return words.say("robustness.rulebooks.join").join(told)


def _jointly(sweep: RulebookSweep, department: str, rules: Rulebook, words: Words) -> str:
    """The fewest answers that move a department together, where none does alone."""
    own, nearest = sweep.rulebooks.iloc[OWN], departures(sweep, department).iloc[0]
    told = [
        words.say("robustness.rulebooks.answer", question=rule_name(name, rules), answers=_answer(nearest[name], rules))
        for name in (question.name for question in sweep.questions)
        if nearest[name] != own[name]
    ]
    return words.say(
        "robustness.rulebooks.jointly", count=len(told), answers=words.say("robustness.rulebooks.join").join(told)
    )


def _answer(name: str, rules: Rulebook) -> str:
    return " ".join(rule_value("answer", part, rules) for part in name.split())


def _by_order(sweep: RulebookSweep, words: Words) -> str:
    count = int(sweep.rulebooks["by_order"].sum())
    return words.say("robustness.rulebooks.by_order", count=count) if count else ""
