"""The section of dossiers: one fold a department, drawn in HTML and style sheets alone; the working edition has it.

What is computed stands in `analysis.dossier`; of ballots a dossier shows quartiles, to a tenth of their band.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

import numpy as np
import pandas as pd

from appraisal.analysis import dossier
from appraisal.analysis.flags import Flags
from appraisal.analysis.resampling import Resamples, tier_share
from appraisal.reporting import anomalies, layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

# In a strip the group's median stands in the middle, and a distance between its quartiles is so much of the width.
SPREAD = 20
STEP = 10  # per cent of a band: finer places could be read back into a score


def dossiers(appraised: Appraisal, resamples: Resamples, found: Flags) -> Piece:
    """Give every department in competition a fold with its points, items, answers, lines, shares and flags."""
    words, rules = layout.words_of(appraised), appraised.rules
    components, items = _components(appraised), _items(appraised)
    answers = _by_department(dossier.answer_shares(appraised))
    shares = tier_share(appraised, resamples)[list(TIERS)].to_dict("index")
    told = {
        "lines": _lines(appraised, words),
        "deductions": _deductions(appraised, words),
        "flags": _flags(appraised, found),
    }
    shown = [
        layout.heading(words.say("dossiers.title")),
        layout.paragraph(words.say("dossiers.lead"), kind="note on-screen"),
        layout.paragraph(words.say("dossiers.printed"), kind="note on-paper"),
    ]
    ranked = appraised.scorecard[appraised.scorecard["rank"].notna()].sort_values("rank", kind="stable")
    for group in rules.groups:
        members = ranked[ranked["group"] == group]
        if len(members):
            shown.append(layout.heading(rules.label("groups", group), level=3))
        for code, name, rank, tier in members[["name", "rank", "tier"]].itertuples(name=None):
            said = {kind: sentences.get(code, ()) for kind, sentences in told.items()}
            parts = [
                _table(components[code], "components", appraised, numbers=("points", "full", "median")),
                _table(items[code], "items", appraised, numbers=("band", "apart")),
                _facts(appraised, shares[code], answers[code], said),
            ]
            summary = words.say("dossiers.summary", rank=rank, name=name)
            shown.append(layout.fold(summary, layout.tier_badge(tier, _tier(tier, words)), parts))
    return layout.pieces(shown)


def _tier(tier: str, words: Words) -> str:
    return words.say(f"charts.tiers.{tier}")


def _by_department(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(code): rows for code, rows in table.groupby("department", sort=False)}


def _components(appraised: Appraisal) -> dict[str, pd.DataFrame]:
    """Points by component: a strip with the group's quartiles and the department's own mark."""
    words, rules = layout.words_of(appraised), appraised.rules
    standing = dossier.component_standing(appraised).reset_index("component")
    apart = standing["quartile_3"] - standing["quartile_1"]

    def place(column: str) -> pd.Series:
        return 50 + SPREAD * (standing[column] - standing["median"]) / apart.where(apart > 0, 1)

    strips = zip(place("quartile_1"), place("quartile_3"), place("points"), strict=True)
    labels = {
        name: words.say("charts.scores.composite") if name == "composite" else rules.label("components", name)
        for name in standing["component"].unique()
    }
    table = {
        "component": standing["component"].map(labels),
        "points": [narrative.points(value, rules) for value in standing["points"]],
        "full": [f"{value:g}" for value in standing["full"]],
        "median": [narrative.points(value, rules) for value in standing["median"]],
        "place": standing["rank"],
        "strip": [_strip(*places) for places in strips],
    }
    return _by_department(pd.DataFrame(table, index=standing.index))


def _items(appraised: Appraisal) -> dict[str, pd.DataFrame]:
    """Items: the band as a strip, the middle half of the ballots in it, verified points and the own score."""
    rules, spread = appraised.rules, dossier.item_spread(appraised).reset_index("item")
    low, high = spread["low"], spread["high"]

    def inside(column: str) -> pd.Series:
        return (100 * (spread[column] - low) / (high - low) / STEP).round() * STEP

    strips = zip(inside("quartile_1"), inside("quartile_3"), inside("verified"), strict=True)
    apart = spread["self_score"] - spread["verified"]
    table = {
        "item": [rules.label("items", item) for item in spread["item"]],
        "band": [_ends(least, most) for least, most in zip(low, high, strict=True)],
        "verified": spread["verified"],
        "self": spread["self_score"],
        "apart": ["" if np.isnan(value) else layout.number(value, "+.2f") for value in apart],
        "strip": [_strip(*places) for places in strips],
    }
    return _by_department(pd.DataFrame(table, index=spread.index))


def _ends(low: float, high: float) -> str:
    """Write the ends of a band with the digits that both need, at least two, so that none is told that is refused.

    Examples
    --------
    >>> _ends(1.425, 1.5), _ends(0.9 * 3, 3.0)
    ('1.425–1.500', '2.70–3.00')
    """
    digits = max(2, *(len(f"{end:.9f}".rstrip("0").partition(".")[2]) for end in (low, high)))
    return f"{low:.{digits}f}–{high:.{digits}f}"


def _table(table: pd.DataFrame, part: str, appraised: Appraisal, numbers: tuple[str, ...]) -> Piece:
    words = layout.words_of(appraised)
    heads = {name: words.say(f"dossiers.{part}.{name}") for name in table.columns}
    return layout.table(
        table.rename(columns=heads),
        caption=words.say(f"dossiers.{part}.caption"),
        digits=2,
        numbers=[heads[name] for name in numbers],
        **layout.look(appraised),
    )


def _facts(
    appraised: Appraisal, shares: Mapping[str, float], answers: pd.DataFrame, said: Mapping[str, Iterable[str]]
) -> Piece:
    """What is told in a line or two: lines, shares, answers, deductions, flags."""
    words, rules = layout.words_of(appraised), appraised.rules
    reached = [tier for tier in TIERS if shares[tier] > 0]
    join = words.say("report.join")
    ratings = [
        " / ".join(rules.label("ratings", rating) or "–" for rating in ratings) for ratings in answers["answers"]
    ]
    lines = {name: Piece("<br>".join(map(escape, sentences)) or layout.BLANK) for name, sentences in said.items()}
    facts = {
        "lines": lines["lines"],
        "shares": _shares_bar({_tier(tier, words): shares[tier] for tier in reached}, join, reached),
        "answers": _shares_bar(dict(zip(ratings, answers["own"], strict=True)), join),
        "group_answers": _shares_bar(dict(zip(ratings, answers["group"], strict=True)), join),
        "deductions": lines["deductions"],
        "flags": lines["flags"],
    }
    return layout.facts({words.say(f"dossiers.facts.{name}"): fact for name, fact in facts.items()})


def _strip(low: float, high: float, mark: float) -> Piece:
    """Draw a box and a stroke on a strip; places in per cent of its width, what lies outside stands at its end.

    Examples
    --------
    >>> _strip(40, 60, 104).html
    '<span class="strip" aria-hidden="true"><i style="left:40%;width:20%"></i><b style="left:98%"></b></span>'
    """
    box = "" if pd.isna(low) else f'<i style="left:{low:.0f}%;width:{max(high - low, 1):.0f}%"></i>'
    stroke = f'<b style="left:{min(max(mark, 0), 98):.0f}%"></b>'
    return Piece(f'<span class="strip" aria-hidden="true">{box}{stroke}</span>')


def _shares_bar(shares: Mapping[str, float], join: str, tiers: Iterable[str] = ()) -> Piece:
    """Draw shares of 1 as one divided bar, in the colours of `tiers` if they are such, and tell them below it."""
    looks = [f' class="{escape(tier)}"' for tier in tiers] or [""] * len(shares)
    parts = zip(looks, shares.values(), strict=True)
    bar = "".join(f'<i{look} style="width:{share:.0%}"></i>' for look, share in parts)
    told = join.join(f"{name} {share:.0%}" for name, share in shares.items())
    return Piece(f'<span class="bar" aria-hidden="true">{bar}</span>{escape(told)}')


def _lines(appraised: Appraisal, words: Words) -> dict[str, list[str]]:
    """How far each department stands from its lines, a sentence each."""
    said: dict[str, list[str]] = {}
    digits, names = appraised.rules.rounding.digits, appraised.scorecard["name"].to_dict()
    for row in dossier.line_margins(appraised).reset_index().itertuples():
        margin = layout.number(row.margin, f"+.{digits}f")
        line = words.say("dossiers.line", above=row.above, below=row.below, margin=margin, name=names[row.opposite])
        said.setdefault(str(row.department), []).append(line)
    return said


def _flags(appraised: Appraisal, found: Flags) -> dict[str, list[str]]:
    """What stands out of each department, a sentence each."""
    said: dict[str, list[str]] = {}
    for flag in found.flags.to_dict("records"):
        if flag["department"]:
            said.setdefault(flag["department"], []).append(anomalies.sentence(appraised, flag))
    return said


def _deductions(appraised: Appraisal, words: Words) -> dict[str, list[str]]:
    """What was deducted from each department, a sentence each."""
    said: dict[str, list[str]] = {}
    for row in dossier.own_deductions(appraised).itertuples():
        line = words.say(
            "dossiers.deduction" if row.verified else "dossiers.unverified",
            date=row.date.strftime("%Y-%m-%d"),
            source=appraised.rules.label("sources", row.source),
            points=f"{row.points:g}",
        )
        said.setdefault(str(row.Index), []).append(line)
    return said
