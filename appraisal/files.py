"""Files written whole or not at all, and what a reader is told where one cannot be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appraisal.errors import FolderError, Problem
from appraisal.words import FALLBACK


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and the folders above it, in one step: whoever reads it finds the old one or the new one.

    Raises
    ------
    OSError
        If it cannot be written, by the name of the file itself; what stood there stays.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave an empty file under the name
        unfinished.replace(path)
    except OSError as fault:
        fault.filename = str(path)
        raise


@contextmanager
def told_if_not_written(place: Path, code: str = "folder.file_not_written", lang: str = FALLBACK) -> Iterator[None]:
    """Turn the system's refusal to write into a message for a reader.

    Parameters
    ----------
    place : Path
        Named where the system does not say which file it was.
    code : str
        Of the problem: ``folder.not_written`` adds that the last report stays.
    lang : str
        Language of the message.

    Raises
    ------
    FolderError
        If something inside cannot be written.
    """
    try:
        yield
    except OSError as fault:
        said = {"fault": fault.strerror or fault}
        raise FolderError([Problem(code, str(fault.filename or place), values=said)], lang) from fault


def write_file(path: Path, content: bytes) -> None:
    """Write a file that a user asked for, whole or not at all, into a folder that is there.

    Raises
    ------
    FolderError
        If it cannot be written there.
    """
    with told_if_not_written(path):
        path.parent.stat()  # a folder that is not there was mistyped
        write_whole(path, content)
