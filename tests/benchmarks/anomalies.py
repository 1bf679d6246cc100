"""How well the tests find what was planted, and how often they speak of nothing: `make anomalies`.

Made-up years of 2003's size go the whole way: written as a year folder, read, appraised, tested. The result is
ANOMALIES.md beside this file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.flags import Flags, Settings
from appraisal.errors import AppraisalError
from appraisal.office.plant import planted_year
from appraisal.office.simulate import write_tables
from appraisal.rulebook import read_rulebook
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year

RULEBOOK = Path(__file__).parents[2] / "data" / "2003" / "rulebook.toml"
REPORT = Path(__file__).with_name("ANOMALIES.md")
# Effects at which recall is measured, kind by kind; between two of them the effect of 0.9 is interpolated.
CURVES = {
    "severity": (0.3, 0.4, 0.5, 0.6, 0.7, 0.9),
    "inconsistency": (1.2, 1.3, 1.4, 1.5, 1.6, 1.8),
    "central": (0.2, 0.3, 0.4, 0.5, 0.6, 0.8),
    "halo": (2.0, 2.5, 3.0, 3.5, 4.0, 5.0),
    "heaping": (0.05, 0.10, 0.15, 0.20, 0.25, 0.35),
    "favour": (0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
    "score": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "together": (0.6, 0.7, 0.75, 0.8, 0.85, 0.95),
}


@dataclass(frozen=True)
class Tried:
    """One year: flags by family (right place and kind, right juror only, elsewhere), and what was planted."""

    families: pd.DataFrame
    planted: pd.DataFrame


def try_year(effects: Mapping[str, float], attempt: int) -> Tried | None:
    """Plant, read, appraise and test one year; None where a tie would need a ruling first."""
    rules = read_rulebook(RULEBOOK)
    planted = planted_year(rules, effects, attempt=attempt)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_tables(planted.year.tables, folder)
        shutil.copy(RULEBOOK, folder)
        try:
            appraised = appraise(load_year(folder))
        except AppraisalError:
            return None
    found = find_flags(appraised, Settings())
    flags = pd.DataFrame(list(matched(appraised, found, planted.planted)), columns=["family", "row", "match"])
    counts = flags.groupby(["family", "match"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=found.families.index, columns=["right", "juror", "wrong"], fill_value=0)
    hit = planted.planted.index.isin([row for row in flags["row"] if row is not None])
    return Tried(counts, planted.planted.assign(found=hit))


def matched(appraised: Appraisal, found: Flags, planted: pd.DataFrame) -> Iterator[tuple[str, int | None, str]]:
    """Hold each flag against what was planted: family, row of `planted`, and whether it is right."""
    tokens = pd.factorize(appraised.year.panel_ballots["ballot"])[1]
    for flag, omission in zip(found.flags.itertuples(), found.omissions, strict=True):
        ballots = {tokens[at] for at in (*omission.panel, *(ballot for ballot, _ in omission.scores))}
        own = planted[planted["ballot"].isin(ballots)]
        right = own[
            (own["kind"] == flag.family)
            & own["department"].isin(["", flag.department])
            & own["item"].isin(["", flag.item])
        ]
        if len(right) and ballots <= set(own["ballot"]):
            for row in right.index:
                yield flag.family, row, "right" if row == right.index[0] else "again"
        else:
            yield flag.family, None, "juror" if len(own) else "wrong"


def try_years(effects: Mapping[str, float], years: int, workers: int, first: int = 1000) -> list[Tried]:
    """Try so many years; one with a tie to be ruled is replaced by the next."""
    tried: list[Tried] = []
    with ProcessPoolExecutor(workers) as pool:
        while len(tried) < years:
            attempts = range(first, first + years - len(tried))
            tried += [own for own in pool.map(partial(try_year, dict(effects)), attempts) if own is not None]
            first = attempts.stop
    return tried


def rates(tried: list[Tried]) -> pd.DataFrame:
    """Mean over the years: flags, share that is elsewhere, share of another kind or elsewhere, years with any flag."""
    rows = {}
    for family in tried[0].families.index:
        counts = pd.DataFrame([own.families.loc[family] for own in tried])
        all_flags = counts.sum(axis=1)
        some = all_flags.clip(lower=1)
        rows[family] = {
            "flags": all_flags.mean(),
            "elsewhere": (counts["wrong"] / some).mean(),
            "other kind": ((counts["wrong"] + counts["juror"]) / some).mean(),
            "any": (all_flags > 0).mean(),
        }
    return pd.DataFrame(rows).T


def recall(tried: list[Tried]) -> pd.DataFrame:
    """Share found and mean change of the scores, by kind."""
    planted = pd.concat([own.planted for own in tried])
    return planted.assign(effect=planted["effect"].abs()).groupby("kind")[["found", "effect"]].mean()


def curves(years: int, workers: int) -> pd.DataFrame:
    """Recall at each effect of `CURVES`; all kinds are planted together, each at its n-th effect."""
    columns = {}
    for turn in range(max(map(len, CURVES.values()))):
        effects = {kind: values[turn] for kind, values in CURVES.items()}
        columns[turn] = recall(try_years(effects, years, workers, first=10_000 * (turn + 1)))["found"]
    return pd.DataFrame(columns)


def where_recall_passes(kind: str, found: pd.Series, wanted: float = 0.9) -> float | None:
    """Effect at which recall first passes, interpolated between two that were tried."""
    effects = CURVES[kind]
    for turn, (effect, share) in enumerate(zip(effects, found, strict=True)):
        if share >= wanted:
            if turn == 0:
                return effect
            before = found.iloc[turn - 1]
            return effects[turn - 1] + (effect - effects[turn - 1]) * (wanted - before) / (share - before)
    return None
