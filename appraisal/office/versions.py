"""Versions of a year: each published result keeps its inputs, its values and its rules in one sealed zip.

They stand in ``.versions/`` of the year folder, since they hold the ballots: nothing of them is published.
"""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from appraisal.errors import FolderError, Problem, RunError
from appraisal.files import write_whole
from appraisal.folders import RULEBOOK
from appraisal.office.fingerprint import file_digest
from appraisal.office.snapshot import Snapshot, Values
from appraisal.reporting.scratch import scratch_folder

FOLDER = ".versions"
INDEX = "index.json"
RESULT = "result.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the day zip counts from: the same inputs are the same bytes


@dataclass(frozen=True)
class Version:
    """One published result.

    Parameters
    ----------
    version : str
        Its eight characters.
    published : str
        When, as the clock of the machine said: ISO 8601, UTC.
    archive : str
        Digest of its sealed zip, ``<version>.zip``.
    result : str
        Digest of its values.
    inputs : dict of str to str
        Digest of each input by name.
    """

    version: str
    published: str
    archive: str
    result: str
    inputs: dict[str, str]


def published_versions(folder: Path) -> tuple[Version, ...]:
    """All published results of a year folder, the first one first.

    Raises
    ------
    FolderError
        If the list cannot be read.
    """
    index = folder / FOLDER / INDEX
    if not index.is_file():
        return ()
    try:
        return tuple(Version(**entry) for entry in json.loads(index.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise FolderError([Problem("office.index", f"{FOLDER}/{INDEX}", values={"fault": fault})]) from fault


def version_before(versions: tuple[Version, ...], version: str) -> Version | None:
    """The version that was published before `version` first was; the last one if it never was.

    The same set made again is so compared with the same one as the first time.

    Examples
    --------
    >>> first, second = (Version(code, "", "", "", {}) for code in ("23456789", "9876HKMR"))
    >>> [version_before((first, second), code).version for code in ("9876HKMR", "TWXY2345")]
    ['23456789', '9876HKMR']
    >>> version_before((first, second), "23456789") is None
    True
    """
    names = [entry.version for entry in versions]
    earlier = versions[: names.index(version)] if version in names else versions
    return earlier[-1] if earlier else None


def seal_inputs(snapshot: Snapshot) -> Path:
    """Write the sealed zip of a snapshot; the same inputs and values give the same bytes.

    Raises
    ------
    RunError
        If a file is no more what was appraised.
    """
    archive = snapshot.folder / FOLDER / f"{snapshot.version}.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as sealed:
        for path in sorted(snapshot.appraised.year.files, key=lambda path: path.name):
            _add(sealed, path.name, path.read_bytes())
        values = json.dumps(snapshot.values, ensure_ascii=False, indent=1, sort_keys=True)
        _add(sealed, RESULT, values.encode())
    snapshot.check_inputs()
    write_whole(archive, packed.getvalue())
    return archive


def _add(sealed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o444 << 16
    entry.create_system = 3  # else the system that packs is written down
    sealed.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def record(folder: Path, version: Version) -> None:
    """Add a version to the list, unless it is there."""
    versions = published_versions(folder)
    if version.version not in [entry.version for entry in versions]:
        entries = [asdict(entry) for entry in (*versions, version)]
        written = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
        write_whole(folder / FOLDER / INDEX, written.encode())


def find(folder: Path, version: str) -> Version:
    """Look a version up by its eight characters, in capitals or not.

    Raises
    ------
    RunError
        If there is none.
    """
    versions = published_versions(folder)
    for entry in versions:
        if entry.version == version.upper():
            return entry
    said = {"version": version, "known": ", ".join(entry.version for entry in versions) or "–"}
    raise RunError([Problem("office.no_version", folder.name, values=said)])


def archive_of(folder: Path, version: Version) -> Path:
    """The sealed zip of a version, as it was sealed.

    Raises
    ------
    RunError
        If it is gone or is not what was sealed.
    """
    archive = folder / FOLDER / f"{version.version}.zip"
    if not archive.is_file() or file_digest(archive) != version.archive:
        raise RunError([Problem("office.broken_seal", f"{FOLDER}/{archive.name}")])
    return archive


def year_of(folder: Path, version: Version) -> int:
    """Year that the rulebook of a version says: another one where a folder was copied with its versions.

    Raises
    ------
    RunError
        If its zip is gone or is not what was sealed.
    """
    with zipfile.ZipFile(archive_of(folder, version)) as sealed:
        return int(tomllib.loads(sealed.read(RULEBOOK).decode("utf-8-sig"))["year"])


def values_of(folder: Path, version: Version) -> Values:
    """The result of a version, as it was published."""
    with zipfile.ZipFile(archive_of(folder, version)) as sealed:
        return json.loads(sealed.read(RESULT))


@contextmanager
def unpacked(folder: Path, version: Version) -> Iterator[Path]:
    """Give the inputs of a version as a year folder, for as long as they are looked at."""
    with scratch_folder() as place, zipfile.ZipFile(archive_of(folder, version)) as sealed:
        year = place / folder.name
        year.mkdir()
        for name in version.inputs:
            (year / name).write_bytes(sealed.read(name))
        yield year
