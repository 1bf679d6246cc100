"""The section of dossiers: one fold a department, drawn in HTML and style sheets alone; the working edition has it.

What is computed stands in `analysis.dossier`; of ballots a dossier shows quartiles, to a tenth of their band.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

import numpy as np
import pandas as pd

from appraisal.analysis import dossier
from appraisal.analysis.answers import answer_counts
from appraisal.analysis.flags import Flags
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.resampling import Resamples, tier_share
from appraisal.reporting import anomalies, layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

# In a strip the group's median stands in the middle, and a distance between its quartiles is so much of the width.
SPREAD = 20
STEP = 10  # per cent of a band: finer places could be read back into a score


def dossiers(appraised: Appraisal, resamples: Resamples, found: Flags) -> Piece:
    """Give every department in competition a fold with its points, items, answers, lines, shares and flags."""
    words, rules = catalogue(appraised.rules.lang), appraised.rules
    shares = tier_share(appraised, resamples)
    flagged = dict(iter(pd.DataFrame(found.flags).groupby("department")))
    shown = [layout.heading(words.say("dossiers.title")), layout.paragraph(words.say("dossiers.lead"), kind="note")]
    ranked = appraised.scorecard[appraised.scorecard["rank"].notna()].sort_values("rank", kind="stable")
    counted, lines = answer_counts(appraised.year), cutoff_lines(appraised)
    for group in rules.groups:
        members = ranked[ranked["group"] == group]
        if len(members):
            shown.append(layout.heading(rules.label("groups", group), level=3))
        quartiles = dossier.group_quartiles(appraised, group)
        for department, row in members.iterrows():
            code = str(department)
            told = {
                "lines": _lines(appraised, dossier.line_margins(appraised, code, lines), words),
                "deductions": _deductions(appraised, code, words),
                "flags": _flags(appraised, flagged.get(department)),
            }
            parts = [
                _components(appraised, dossier.component_standing(appraised, code, quartiles)),
                _items(appraised, code),
                _facts(appraised, shares.loc[code], dossier.answer_shares(appraised, code, counted), told),
            ]
            summary = words.say("dossiers.summary", rank=row["rank"], name=row["name"])
            shown.append(layout.fold(summary, layout.tier_badge(row["tier"], _tier(row["tier"], words)), parts))
    return layout.pieces(shown)


def _tier(tier: str, words: Words) -> str:
    return words.say(f"charts.tiers.{tier}")


def _components(appraised: Appraisal, standing: pd.DataFrame) -> Piece:
    """Points by component: a strip with the group's quartiles and the department's own mark."""
    words, rules = catalogue(appraised.rules.lang), appraised.rules
    apart = standing["quartile_3"].to_numpy() - standing["quartile_1"].to_numpy()
    median, width = standing["median"].to_numpy(), np.where(apart > 0, apart, 1)

    def place(column: str) -> np.ndarray:
        return 50 + SPREAD * (standing[column].to_numpy() - median) / width

    strips = [
        layout.strip(low, high, mark)
        for low, high, mark in zip(place("quartile_1"), place("quartile_3"), place("points"), strict=True)
    ]
    names = [
        words.say("charts.scores.composite") if name == "composite" else rules.label("components", str(name))
        for name in standing.index
    ]
    table = pd.DataFrame(
        {
            "component": names,
            "points": [narrative.points(value, rules) for value in standing["points"]],
            "full": [f"{value:g}" for value in standing["full"]],
            "median": [narrative.points(value, rules) for value in standing["median"]],
            "place": standing["rank"].tolist(),
            "strip": strips,
        }
    )
    return _table(table, "components", appraised, numbers=("points", "full", "median"))


def _items(appraised: Appraisal, department: str) -> Piece:
    """Items: the band as a strip, the middle half of the ballots in it, verified points and the own score."""
    rules, spread = appraised.rules, dossier.item_spread(appraised, department)

    low, high = spread["low"].to_numpy(), spread["high"].to_numpy()

    def inside(column: str) -> np.ndarray:
        share = 100 * (spread[column].to_numpy() - low) / (high - low)
        return (share / STEP).round() * STEP

    strips = [
        layout.strip(*places)
        for places in zip(inside("quartile_1"), inside("quartile_3"), inside("verified"), strict=True)
    ]
    apart = spread["self_score"].to_numpy() - spread["verified"].to_numpy()
    table = pd.DataFrame(
        {
            "item": [rules.label("items", str(item)) for item in spread.index],
            "band": [f"{least:.2f}–{most:.2f}" for least, most in zip(low, high, strict=True)],
            "verified": spread["verified"].tolist(),
            "self": spread["self_score"].tolist(),
            "apart": ["" if np.isnan(value) else f"{value:+.2f}".replace("-", "\N{MINUS SIGN}") for value in apart],
            "strip": strips,
        }
    )
    return _table(table, "items", appraised, numbers=("band", "apart"))


def _table(table: pd.DataFrame, part: str, appraised: Appraisal, numbers: tuple[str, ...]) -> Piece:
    words, rules = catalogue(appraised.rules.lang), appraised.rules
    heads = {name: words.say(f"dossiers.{part}.{name}") for name in table.columns}
    return layout.table(
        table.rename(columns=heads),
        caption=words.say(f"dossiers.{part}.caption"),
        digits=2,
        numbers=[heads[name] for name in numbers],
        synthetic=rules.data == "synthetic",
        lang=rules.lang,
    )


def _facts(appraised: Appraisal, shares: pd.Series, answers: pd.DataFrame, told: Mapping[str, Iterator[str]]) -> Piece:
    """What is told in a line or two: lines, shares, answers, deductions, flags."""
    words, rules = catalogue(appraised.rules.lang), appraised.rules
    reached = [tier for tier in TIERS if shares[tier] > 0]
    join = words.say("report.join")
    ratings = [" / ".join(rules.label("ratings", rating) or "–" for rating in ratings) for ratings in answers.index]
    lines = {name: Piece("<br>".join(map(escape, said)) or layout.BLANK) for name, said in told.items()}
    facts = {
        "lines": lines["lines"],
        "shares": layout.shares_bar({_tier(tier, words): shares[tier] for tier in reached}, join, reached),
        "answers": layout.shares_bar(dict(zip(ratings, answers["department"], strict=True)), join),
        "group_answers": layout.shares_bar(dict(zip(ratings, answers["group"], strict=True)), join),
        "deductions": lines["deductions"],
        "flags": lines["flags"],
    }
    return layout.facts({words.say(f"dossiers.facts.{name}"): fact for name, fact in facts.items()})


def _lines(appraised: Appraisal, margins: pd.DataFrame, words: Words) -> Iterator[str]:
    for row in margins.itertuples():
        yield words.say(
            "dossiers.line",
            above=row.above,
            below=row.below,
            margin=f"{row.margin:+.{appraised.rules.rounding.digits}f}".replace("-", "\N{MINUS SIGN}"),
            name=appraised.scorecard["name"][row.opposite],
        )


def _flags(appraised: Appraisal, flags: pd.DataFrame | None) -> Iterator[str]:
    for flag in flags.to_dict("records") if flags is not None else ():
        yield anomalies.sentence(appraised, flag)


def _deductions(appraised: Appraisal, department: str, words: Words) -> Iterator[str]:
    for row in dossier.own_deductions(appraised, department).itertuples():
        yield words.say(
            "dossiers.deduction" if row.verified else "dossiers.unverified",
            date=row.date.strftime("%Y-%m-%d"),
            source=appraised.rules.label("sources", row.source),
            points=f"{row.points:g}",
        )
