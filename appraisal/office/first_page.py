"""What the first page says before the result: confirmed or not, sealed or not, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from appraisal.analysis.changes import between, moves, tier_moves, unexplained, without_effect
from appraisal.office.confirmation import in_force
from appraisal.office.seal import changed_since, seals
from appraisal.office.snapshot import SEAL, Snapshot
from appraisal.office.versions import published_versions, unpacked, values_of, version_before
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.rule_words import rule_name
from appraisal.tables import Year, load_year
from appraisal.words import Words, catalogue

# What is listed by name; of more the number is told, so that the first page stays one page.
MOST = 8


def imprint(snapshot: Snapshot) -> Imprint:
    """Say what a set made of this year folder says of itself.

    It depends on the year folder and the code, never on the day or the place.
    """
    rules = snapshot.appraised.rules
    words, standing = catalogue(rules.lang), in_force(snapshot.folder)
    state = (
        words.say("office.state.confirmed", by=standing.by, date=standing.date, version=standing.version)
        if standing
        else words.say("office.state.draft")
    )
    return Imprint(
        year=rules.year,
        state="confirmed" if standing else "draft",
        version=snapshot.version,
        synthetic=rules.synthetic,
        remarks=(state, *_since_seal(snapshot, words), *_since_last(snapshot, words)),
        cautions=tuple(_cautions(snapshot, words)),
    )


def _since_seal(snapshot: Snapshot, words: Words) -> Iterator[str]:
    if SEAL not in snapshot.office:
        return
    sealed = seals(snapshot.folder)[-1]
    said = {"date": sealed.date, "code": sealed.code}
    yield words.say("office.seal.late" if sealed.ballots else "office.seal.before", **said)
    changed = changed_since(sealed, snapshot.appraised.year)
    if not changed:
        yield words.say("office.seal.unchanged")
        return
    items = [
        words.say(f"office.seal.{kind}", key=name(row.key), before=row.before or "–", after=row.after or "–")
        for kind, table, name in (
            ("rule", changed.rules, lambda key: rule_name(key, snapshot.appraised.rules)),
            ("department", changed.departments, str),
        )
        for row in table.itertuples()
    ]
    if changed.roster:
        items.append(words.say("office.seal.roster"))
    yield words.say("office.seal.changed", items=listed(items, words))


def _since_last(snapshot: Snapshot, words: Words) -> Iterator[str]:
    before = version_before(published_versions(snapshot.folder), snapshot.version)
    if before is None:
        return
    moved = tier_moves(moves(values_of(snapshot.folder, before), snapshot.values))
    if len(moved):
        items = [_tier_move(row, words) for row in moved.itertuples()]
        yield words.say("office.changed_tiers", version=before.version, items=listed(items, words))


def _tier_move(row: Any, words: Words) -> str:
    """Say that a department, a row of `moves`, moved from one tier to another."""
    before, after = (
        words.say(f"charts.tiers.{'none' if pd.isna(tier) else tier}") for tier in (row.tier_before, row.tier_after)
    )
    return words.say("office.tier_move", name=row.name, before=before, after=after)


def _cautions(snapshot: Snapshot, words: Words) -> Iterator[str]:
    """What changed since the first publication without an appeal, and appeals that changed nothing."""
    versions = published_versions(snapshot.folder)
    if not versions or versions[0].version == snapshot.version or versions[0].inputs == snapshot.inputs:
        return
    year = snapshot.appraised.year
    with unpacked(snapshot.folder, versions[0]) as first:
        changes = between(load_year(first), year, values_of(snapshot.folder, versions[0]), snapshot.values)
    for kind, departments in (
        ("unexplained", unexplained(changes, year)),
        ("without_effect", without_effect(changes, year)),
    ):
        if departments:
            said = {"version": versions[0].version, "items": listed(_names(departments, year), words)}
            yield words.say(f"office.cautions.{kind}", **said)


def _names(departments: Iterable[str], year: Year) -> list[str]:
    names = year.departments.set_index("department")["name"]
    return [str(names.get(department, department)) for department in departments]


def listed(items: Sequence[str], words: Words) -> str:
    """Join what is listed by name; of more than `MOST` the number is told."""
    told = words.say("office.join").join(items[:MOST])
    return told if len(items) <= MOST else words.say("office.and_more", items=told, count=len(items) - MOST)
