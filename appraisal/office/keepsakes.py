"""What people put beside the published files, or made of them: a new set must not throw it away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from appraisal.office import manifest
from appraisal.office.failures import FOLDER
from appraisal.office.fingerprint import file_digest


def carry_over(place: Path, files: Path, outputs: Mapping[str, str]) -> list[str]:
    """Copy into a new set what in the old one is not the machine's.

    Parameters
    ----------
    place : Path
        The folder of the old set.
    files : Path
        The folder of the new one.
    outputs : mapping of str to str
        Digest of each file that was published, by name: such a file is copied only when someone has changed it, as
        ``<stem>.edited.<suffix>``.

    Returns
    -------
    list of str
        Names of the copies of changed files.
    """
    edited = []
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.name in (FOLDER, manifest.FILE):
            continue
        if path.name not in outputs:
            if not (files / path.name).exists():
                _copy(path, files / path.name)
        elif path.is_file() and file_digest(path) != outputs[path.name]:
            copy = next(name for name in _names(path) if not (place / name).exists() and not (files / name).exists())
            _copy(path, files / copy)
            edited.append(copy)
    return edited


def _names(path: Path) -> Iterator[str]:
    yield f"{path.stem}.edited{path.suffix}"
    number = 2
    while True:
        yield f"{path.stem}.edited-{number}{path.suffix}"
        number += 1


def _copy(path: Path, to: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, to, symlinks=True)
    else:
        shutil.copy2(path, to, follow_symlinks=False)
