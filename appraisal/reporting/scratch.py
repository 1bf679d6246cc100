"""A folder for what lies between: closed to others, gone afterwards, or taken away by the next run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "appraisal-"
IN_USE = ".in_use"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder among the temporary files; those that killed runs left there are taken away first.

    Short in name, as sockets in it need: a reports folder may lie too deep, or where no sockets can be.
    """
    take_left_away()
    place, lock = _made()
    try:
        yield place
    finally:
        lock.release()
        shutil.rmtree(place, ignore_errors=True)


def _made() -> tuple[Path, FileLock]:
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = FileLock(place / IN_USE)
        # Another run may see the folder before its lock is held, and take it for one that was left.
        with suppress(Timeout, OSError):
            lock.acquire(timeout=0)
            if (place / IN_USE).is_file():
                return place, lock
            lock.release()


def take_left_away() -> None:
    """Take away, among the temporary files, each folder whose run is no more: the system opened its lock.

    A folder of somebody else, or without such a lock, is none of them.
    """
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(Timeout, OSError):
            if _is_own(place) and (place / IN_USE).is_file():
                with FileLock(place / IN_USE).acquire(timeout=0):
                    shutil.rmtree(place, ignore_errors=True)
                shutil.rmtree(place, ignore_errors=True)  # a lock that is held cannot be removed everywhere


def _is_own(place: Path) -> bool:
    owner = place.lstat().st_uid
    return place.is_dir() and not place.is_symlink() and owner == getattr(os, "getuid", lambda: owner)()
