"""How well the tests find what was planted, and how often they speak of nothing: `make anomalies`.

Made-up years of 2003's size go the whole way: written as a year folder, read, appraised, tested. The results stand in
ANOMALIES.md beside this file. A set of kinds that can be planted together is one entry of `SETS`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks import process_anomalies
from benchmarks.planting import scores
from benchmarks.trying import RULEBOOK, read, until_enough, where_it_passes

from appraisal.analysis import leanings, raters
from appraisal.analysis.anomalies import TESTS
from appraisal.analysis.flags import Family, Flags, Settings, judge
from appraisal.rulebook import Rulebook, read_rulebook
from appraisal.scoring.appraise import Appraisal

REPORT = Path(__file__).with_name("ANOMALIES.md")
PLACES = ("department", "item", "group", "form", "line")

Tests = tuple[Callable[[Appraisal, Settings], Iterable[Family]], ...]


@dataclass(frozen=True)
class Kinds:
    """Kinds that are planted together, in places that do not overlap.

    Parameters
    ----------
    plant : callable
        ``plant(rules, effects, attempt=n)`` gives a `PlantedYear`; `planted` has `kind`, `effect`, and of `ballot` and
        `PLACES` what there is to say.
    effects : mapping
        Effect at which false discoveries and recall are measured.
    curves : mapping
        Effects at which recall is measured, rising; between two of them that of 0.9 is interpolated.
    tests : tuple of callable
    """

    plant: Callable[..., scores.PlantedYear]
    effects: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]]
    tests: Tests


SETS = {
    "jurors": Kinds(
        scores.planted_year,
        scores.EFFECTS,
        {
            "severity": (0.3, 0.4, 0.5, 0.6, 0.7, 0.9),
            "inconsistency": (1.2, 1.3, 1.4, 1.5, 1.6, 1.8),
            "central": (0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
            "halo": (2.0, 2.5, 3.0, 3.5, 4.0, 5.0),
            "heaping": (0.05, 0.10, 0.15, 0.20, 0.25, 0.35),
            "favour": (0.4, 0.5, 0.6, 0.8, 1.0, 1.2),
            "score": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
            "together": (0.6, 0.7, 0.75, 0.8, 0.85, 0.95),
        },
        (raters.tests, leanings.tests),
    ),
}


@dataclass(frozen=True)
class Tried:
    """One year: flags by family (``right`` place and kind, another ``kind`` there, ``wrong``), and what was planted."""

    families: pd.DataFrame
    planted: pd.DataFrame


def try_year(kinds: Kinds, effects: Mapping[str, float], attempt: int) -> Tried | None:
    """Plant, read, appraise and test one year."""
    rules: Rulebook = read_rulebook(RULEBOOK)
    planted = kinds.plant(rules, effects, attempt=attempt)
    appraised = read(planted.year.tables)
    if appraised is None:
        return None
    settings = Settings()
    families = [family for own in kinds.tests for family in own(appraised, settings)]
    found = judge(appraised, families, settings)
    flags = pd.DataFrame(list(matched(appraised, found, planted.planted)), columns=["family", "row", "match"])
    counts = flags.groupby(["family", "match"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=found.families.index, columns=["right", "kind", "wrong"], fill_value=0)
    hit = planted.planted.index.isin([row for row in flags["row"] if row is not None])
    return Tried(counts, planted.planted.assign(found=hit))


def matched(appraised: Appraisal, found: Flags, planted: pd.DataFrame) -> Iterator[tuple[str, int | None, str]]:
    """Hold each flag against what was planted: family, row of `planted`, and whether it is right."""
    tokens = pd.factorize(appraised.year.panel_ballots["ballot"])[1]
    for flag, omission in zip(found.flags.to_dict("records"), found.omissions, strict=True):
        ballots = {tokens[at] for at in (*omission.panel, *(ballot for ballot, _ in omission.scores))}
        named = planted.get("ballot", pd.Series("", planted.index))
        there = named.isin(ballots) | (named == "")
        for place in PLACES:
            if place in planted:
                there &= planted[place].astype(str).isin(["", str(flag[place])])
        right = planted[there & (planted["kind"] == flag["family"])]
        # A pair is right only where both of its ballots are.
        if len(right) and ballots <= {*named[right.index], *(ballots if (named[right.index] == "").all() else ())}:
            for row in right.index:
                yield flag["family"], row, "right" if row == right.index[0] else "again"
        else:
            on_juror = bool(ballots) and named.isin(ballots).any()
            yield flag["family"], None, "kind" if on_juror or there.any() else "wrong"


def try_years(kinds: Kinds, effects: Mapping[str, float], years: int, workers: int, first: int) -> list[Tried]:
    """Try so many years; one with a tie to be ruled is replaced by the next."""
    return until_enough(partial(try_year, kinds, dict(effects)), years, workers, first)


def rates(tried: list[Tried]) -> pd.DataFrame:
    """Mean over the years, by family.

    `flags`; `false`: share of the flags that are of another kind or in another place than planted; `elsewhere`: share
    where nothing of any kind was planted; `any`: share of the years with a flag.
    """
    rows = {}
    for family in tried[0].families.index:
        counts = pd.DataFrame([own.families.loc[family] for own in tried])
        flags = counts.sum(axis=1)
        some = flags.clip(lower=1)
        rows[family] = {
            "flags": flags.mean(),
            "false": ((counts["wrong"] + counts["kind"]) / some).mean(),
            "elsewhere": (counts["wrong"] / some).mean(),
            "any": (flags > 0).mean(),
        }
    return pd.DataFrame(rows).T


def recall(tried: list[Tried]) -> pd.DataFrame:
    """Share found, and mean change of the scores in widths of the band, by kind."""
    planted = pd.concat([own.planted for own in tried])
    return planted.assign(effect=planted["effect"].abs()).groupby("kind")[["found", "effect"]].mean()


def curves(kinds: Kinds, years: int, workers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Recall, and mean change of the scores, at each effect of a set; its kinds are planted together."""
    found, change = {}, {}
    for turn in range(max(map(len, kinds.curves.values()))):
        effects = {kind: values[min(turn, len(values) - 1)] for kind, values in kinds.curves.items()}
        measured = recall(try_years(kinds, effects, years, workers, first=10_000 * (turn + 2)))
        found[turn], change[turn] = measured["found"], measured["effect"]
    return pd.DataFrame(found), pd.DataFrame(change)


def clean_years(years: int, workers: int) -> pd.DataFrame:
    """Rates of every test of the package in years where nothing is planted."""
    everything = replace(SETS["jurors"], tests=TESTS)
    return rates(try_years(everything, {}, years, workers, first=1))


def report(years: int, curve_years: int, workers: int) -> str:
    """Measure everything and write it up."""
    clean = clean_years(years, workers)
    lines = [
        "# Anomalies planted and found",
        "",
        f"Written by `make anomalies`: {years} made-up years of 2003's size for each of the first two tables of a set,",
        f"{curve_years} for each point of a curve. Every year is written, read, appraised and tested as a real one is.",
        "",
        "## Clean years",
        "",
        "Nothing is planted: flags a year, and the share of years in which a family has any flag (nominal: at most 5 %",
        "for a family with p values; a fact of a clean year is a true one).",
        "",
        table(clean[["flags", "any"]].rename(columns={"any": "years with a flag"})),
    ]
    for name, kinds in SETS.items():
        tried = try_years(kinds, kinds.effects, years, workers, first=5_000)
        found, planted = recall(tried), rates(tried).loc[list(kinds.effects)]
        shown = planted[["flags", "false", "elsewhere"]].join(found)
        shown.insert(0, "planted", pd.Series(kinds.effects))
        shares, change = curves(kinds, curve_years, workers)
        passes = pd.DataFrame(
            {
                "planted effect": [where_it_passes(kinds.curves[kind], shares.loc[kind]) for kind in kinds.curves],
                "mean change of the scores there": [
                    where_it_passes(change.loc[kind], shares.loc[kind]) for kind in kinds.curves
                ],
            },
            index=list(kinds.curves),
        )
        curve = pd.DataFrame(
            {
                kind: [f"{at:g}: {share:.2f}" for at, share in zip(values, shares.loc[kind], strict=True)]
                for kind, values in kinds.curves.items()
            }
        ).T
        curve.columns = [f"effect {turn + 1}: recall" for turn in curve.columns]
        lines += [
            "",
            f"## Planted: {name}",
            "",
            "`planted`: the effect, in the unit of `planting/scores.py`. `false`: false-discovery rate, a flag",
            "counting as true only in the planted place and for the planted kind. `elsewhere`: the part of it where",
            "nothing of any kind was planted. `found`: recall. `effect`: mean change of the scores that it is about, in",
            "widths of the band, after the band has held scores back.",
            "",
            table(shown),
            "",
            "Effect at which recall passes 0.9:",
            "",
            table(passes),
            "",
            "Recall along the curve:",
            "",
            table(curve),
        ]
    return "\n".join([*lines, "", NOTES.strip(), ""])


NOTES = """
## What the effects are

A band is the range that the panel set for a department and item; effects are in its widths, before the band holds scores
back. `severity` 0.7: a juror whose scores all lie 0.7 lower, or higher, than the panel's; half of them then stand at the end
of the band. `inconsistency` 1.6: single scores spread 1.6 times as usual. `central` 0.6: every score moves 0.6 of the way to
the juror's own middle. `halo` 3.5: what a juror thinks of a department as a whole spreads 3.5 times as usual. `heaping` 0.25:
a quarter of the scores goes to the nearer end of the band. `favour` 1.2: one juror gives one department nearly the farther
end of every band. `score` 1: one score at the opposite end of its band. `together` 0.85: what two jurors see beside the truth
correlates by 0.85.

## Where a kind cannot reach it

`score`: single scores spread by 0.14 of a band's width (`World.lapse`), and 2,016 of them are compared in a panel, so that
only a slip of some nine tenths of the band stands apart from chance (`smallest` in the report's table of families, 0.90 for
2003). A band leaves that room only where all others stand near its other end: it is planted there, and even so a slip over the
whole band comes to some nine tenths, and is not found in nine years of ten. A slip beyond the band is refused when the tables
are read. Each score is measured by the same juror's others, without itself; what is left is the limit of the panel's size.

`favour`: it is planted towards the farther end of the band. Towards the nearer end less than half of the band is left, which
is about the smallest effect that this panel shows (`smallest`, 0.46 for 2003).
"""


def table(frame: pd.DataFrame) -> str:
    """A table of Markdown; a missing number is a dash."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return "–" if np.isnan(value) else f"{value:.3f}"
        return str(value)

    head = ["", *map(str, frame.columns)]
    rows = [[str(name), *map(cell, row)] for name, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--years", type=int, default=200)
    asked.add_argument("--curve-years", type=int, default=60)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args()
    asked_for = (options.years, options.curve_years, options.workers)
    lines = [report(*asked_for), *process_anomalies.report(*asked_for)]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
