"""One run for one year: alone, only if there is anything to do, and its failure kept beside the last good set."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appraisal.errors import FolderError, Problem, RunError
from appraisal.files import told_if_not_written
from appraisal.office import swap, versions
from appraisal.office.checkup import rulebook_remarks
from appraisal.office.confirmation import check_confirmed, in_force
from appraisal.office.failures import FOLDER as FAILED
from appraisal.office.failures import keep_failure
from appraisal.office.lock import held
from appraisal.office.manifest import Manifest, is_current, read_manifest
from appraisal.office.publish import PAGE, now, publish, version_of
from appraisal.office.snapshot import Snapshot, notebook, take
from appraisal.reporting.notebook import Progress, check_parameters
from appraisal.reporting.scratch import take_left_away

LOCK = "lock"
RESERVED = ("year", "data", "lang", "published")


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Parameters
    ----------
    page : Path
        The leadership edition.
    version : str
    fresh : bool
        Whether it was made; otherwise what is published is up to date.
    clock : str
        When the last version was published, if the clock of the machine stands before that; otherwise blank.
    remarks : tuple of Problem
        What of the rulebook nobody has gone through yet: it was carried over, and no page says so.
    pages : tuple of Path
        Every page of the set, the leadership edition first.
    gone : tuple of str
        Names of the pages of the last set that this one does not have, such as those in another language.
    """

    page: Path
    version: str
    fresh: bool
    clock: str = ""
    remarks: tuple[Problem, ...] = ()
    pages: tuple[Path, ...] = ()
    gone: tuple[str, ...] = ()


def report(
    folder: Path,
    reports: Path,
    *,
    force: bool = False,
    parameters: Mapping[str, Any] | None = None,
    languages: Collection[str] = (),
    command: str = "",
    progress: Progress | None = None,
    waiting: Callable[[], None] | None = None,
) -> Outcome:
    """Publish a year unless what is published is up to date.

    Parameters
    ----------
    folder : Path
        The year folder.
    reports : Path
        Where reports go.
    force : bool
        Whether to make it although it is up to date.
    parameters : mapping, optional
        For the notebook, beside year and place.
    languages : collection of str
        In which the pages are told beside the year's own.
    command : str
        By which a user makes the report again: for its manifest.
    progress : callable, optional
        Called with the number of cells done and of all.
    waiting : callable, optional
        Called once if another run of this year is under way.

    Raises
    ------
    AppraisalError
        If nothing could be published; the last good set stays, and a run that failed is kept under its ``failed/``.
    """
    can_be_given(parameters or {})
    place = reports / folder.name
    with (
        told_if_not_written(reports, "folder.not_written"),
        held(reports / f".{folder.name}.{LOCK}", waiting=waiting),
        held(folder / versions.FOLDER / LOCK, waiting=waiting),
    ):
        swap.recover(place)
        _sweep(reports, folder.name)
        snapshot = take(folder, parameters, languages)
        return _report(snapshot, reports, force=force, command=command, progress=progress)


def can_be_given(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that the notebook does not have, or that the year gives: a slip, and no failure of any year.

    Raises
    ------
    RunError
        With the names.
    """
    if not parameters:
        return
    if taken := [name for name in parameters if name in RESERVED]:
        raise RunError([Problem("office.reserved", notebook().name, values={"name": name}) for name in taken])
    check_parameters(notebook(), parameters, RESERVED)


def _report(snapshot: Snapshot, reports: Path, *, force: bool, command: str, progress: Progress | None) -> Outcome:
    place = reports / snapshot.folder.name
    check_confirmed(snapshot)
    remarks = tuple(rulebook_remarks(snapshot.folder, snapshot.appraised.rules))
    last = read_manifest(place)
    if last and not force and _up_to_date(last, snapshot, place):
        _complete_versions(last, snapshot)
        shutil.rmtree(place / FAILED, ignore_errors=True)
        return Outcome(place / PAGE, last.version, fresh=False, remarks=remarks)
    earlier = versions.published_versions(snapshot.folder)
    try:
        manifest = publish(snapshot, reports, command=command, progress=progress)
    except (RunError, FolderError) as error:
        with suppress(OSError):  # the disk may be what failed
            keep_failure(place, error, now(), snapshot.appraised.rules.lang)
        raise
    clock = earlier[-1].published if earlier and manifest.published < earlier[-1].published else ""
    pages = _pages(manifest)
    return Outcome(
        place / PAGE,
        manifest.version,
        fresh=True,
        clock=clock,
        remarks=remarks,
        pages=tuple(place / name for name in pages),
        gone=tuple(name for name in _pages(last) if name not in pages) if last else (),
    )


def _pages(manifest: Manifest) -> list[str]:
    """Names of the pages of a set, the leadership edition first."""
    return sorted((name for name in manifest.outputs if name.endswith(".html")), key=lambda name: (name != PAGE, name))


def _up_to_date(manifest: Manifest, snapshot: Snapshot, place: Path) -> bool:
    return set(snapshot.languages) <= set(manifest.languages) and is_current(
        manifest,
        place,
        inputs=snapshot.inputs,
        office=snapshot.office,
        version=snapshot.version,
        confirmed=in_force(snapshot.folder) is not None,
    )


def _complete_versions(manifest: Manifest, snapshot: Snapshot) -> None:
    """Add a published set to the list of versions if a run was killed just before that."""
    known = versions.published_versions(snapshot.folder)
    archive = snapshot.folder / versions.FOLDER / f"{manifest.version}.zip"
    if manifest.version not in [entry.version for entry in known] and archive.is_file():
        versions.record(snapshot.folder, version_of(manifest, archive))


def _sweep(reports: Path, year: str) -> None:
    """Take away what a killed run had not finished."""
    take_left_away()
    for left in reports.glob(f".{year}.unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)
