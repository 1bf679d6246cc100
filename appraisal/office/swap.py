"""Put a new folder in the place of an old one: a reader finds the old or the new, never a mixture."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
# What a system or a file system answers that cannot exchange two names.
CANNOT = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def put_in_place(new: Path, place: Path) -> None:
    """Rename the folder `new` to `place`; what stood there is gone afterwards.

    On Linux the two names are exchanged in one step. Elsewhere the old folder is set aside first, so for a moment a
    reader may find none; `recover` puts it back if the run ends just there.

    Parameters
    ----------
    new, place : Path
        In the same folder, so that no file is moved.

    Raises
    ------
    OSError
        If a name cannot be changed; `place` is then what it was.
    """
    for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
        _written_through(folder)
    if not place.exists():
        new.rename(place)
    elif _exchange(new, place):
        shutil.rmtree(new, ignore_errors=True)
    else:
        aside = _aside(place)
        place.rename(aside)
        try:
            new.rename(place)
        except OSError:
            aside.rename(place)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _through(place.parent)


def recover(place: Path) -> None:
    """Put back what a run that was killed between two renames had set aside."""
    aside = _aside(place)
    if aside.is_dir():
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(place)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.previous")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where that is not to be had."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if renameat2 is None:
        return False
    if renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _written_through(folder: Path) -> None:
    """Have every file of a folder on the disk before its name changes: a power cut must not leave empty files."""
    for path in folder.iterdir():
        # What may not be written was not written now.
        if path.is_file() and os.access(path, os.W_OK):
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    _through(folder)


def _through(folder: Path) -> None:
    if sys.platform == "win32":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
