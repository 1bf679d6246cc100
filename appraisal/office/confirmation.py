"""The standing committee's confirmation: from then on a result is final, until it is reopened with a reason."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appraisal.analysis.changes import between, tier_moves
from appraisal.errors import AppraisalError, Problem, RunError
from appraisal.office import toml_file
from appraisal.office.snapshot import CONFIRMATION, Snapshot, differing
from appraisal.office.versions import Version, find, published_versions, unpacked, values_of
from appraisal.rulebook import FILE
from appraisal.tables import load_year
from appraisal.words import catalogue


class ConfirmedError(AppraisalError):
    """The year is confirmed, and what is there now is not what was confirmed."""


@dataclass(frozen=True)
class Decision:
    """One entry of the history.

    Parameters
    ----------
    action : {"confirmed", "reopened"}
    by : str
        Who decided.
    date : str
        ISO 8601.
    reason : str
        Why it was reopened.
    version, rules, result : str
        Code of the version; digests of its rulebook and of its values.
    inputs : mapping of str to str
        Digest of each file by name.
    """

    action: Literal["confirmed", "reopened"]
    by: str
    date: str
    reason: str
    version: str
    rules: str
    result: str
    inputs: Mapping[str, str]


def history(folder: Path) -> tuple[Decision, ...]:
    """All confirmations and reopenings of a year folder, the valid one last."""
    return tuple(toml_file.read(folder / CONFIRMATION, "history", Decision))


def in_force(folder: Path) -> Decision | None:
    """The confirmation in force, if there is one."""
    decisions = history(folder)
    return decisions[-1] if decisions and decisions[-1].action == "confirmed" else None


def confirm(snapshot: Snapshot, *, by: str, date: datetime.date) -> Decision:
    """Confirm the result that was published last.

    Raises
    ------
    RunError
        If nothing was published, or what is there now is not what was published last, or the year is confirmed.
    """
    folder, lang = snapshot.folder, snapshot.appraised.rules.lang
    if standing := in_force(folder):
        said = {"date": standing.date, "version": standing.version}
        raise RunError([Problem("office.confirmed_already", CONFIRMATION, values=said)], lang)
    versions = published_versions(folder)
    if not versions or (versions[-1].inputs, versions[-1].result) != (dict(snapshot.inputs), snapshot.result):
        raise RunError([Problem("office.not_published", folder.name, values={"year": folder.name})], lang)
    made = _decision("confirmed", versions[-1], by=by, date=date)
    _append(folder, made)
    return made


def reopen(folder: Path, *, by: str, date: datetime.date, reason: str) -> Decision:
    """Open a confirmed year again, with a reason.

    Raises
    ------
    RunError
        If it is not confirmed.
    """
    standing = in_force(folder)
    if standing is None:
        raise RunError([Problem("office.not_confirmed", CONFIRMATION)])
    made = _decision("reopened", find(folder, standing.version), by=by, date=date, reason=reason)
    _append(folder, made)
    return made


def check_confirmed(snapshot: Snapshot) -> None:
    """Refuse a year whose inputs or result are not what was confirmed.

    Raises
    ------
    ConfirmedError
        With what changed: files, keys of the rulebook, tiers.
    """
    standing = in_force(snapshot.folder)
    if standing is None or (standing.result == snapshot.result and standing.inputs == snapshot.inputs):
        return
    said = {"year": snapshot.folder.name, "date": standing.date, "by": standing.by, "version": standing.version}
    head = Problem("office.confirmed", CONFIRMATION, values=said)
    raise ConfirmedError([head, *_changed(snapshot, standing)], snapshot.appraised.rules.lang)


def _changed(snapshot: Snapshot, standing: Decision) -> list[Problem]:
    """Files, keys and tiers that are not those confirmed."""
    files = differing(standing.inputs, snapshot.inputs)
    problems = [Problem("office.file_changed", name) for name in files]
    if not files:
        problems.append(Problem("office.result_changed", CONFIRMATION))
    try:
        version = find(snapshot.folder, standing.version)
        with unpacked(snapshot.folder, version) as before:
            earlier = load_year(before)
            changes = between(earlier, snapshot.appraised.year, values_of(snapshot.folder, version), snapshot.values)
    except AppraisalError as gone:  # without its sealed inputs only the files can be told
        return [*problems, *gone.problems]
    problems += [
        Problem("office.key_changed", FILE, key=row.key, values={"before": row.before, "after": row.after})
        for row in changes.rules.itertuples()
    ]
    words = catalogue(snapshot.appraised.rules.lang)
    for row in tier_moves(changes.moves).itertuples():
        before_after = {
            side: words.say(f"charts.tiers.{tier or 'none'}")
            for side, tier in (("before", row.tier_before), ("after", row.tier_after))
        }
        problems.append(Problem("office.tier_changed", row.name, values=before_after))
    return problems


def _decision(
    action: Literal["confirmed", "reopened"], version: Version, *, by: str, date: datetime.date, reason: str = ""
) -> Decision:
    return Decision(
        action=action,
        by=by,
        date=date.isoformat(),
        reason=reason,
        version=version.version,
        rules=version.inputs[FILE],
        result=version.result,
        inputs=version.inputs,
    )


def _append(folder: Path, made: Decision) -> None:
    toml_file.write(folder / CONFIRMATION, "history", [vars(entry) for entry in (*history(folder), made)])
