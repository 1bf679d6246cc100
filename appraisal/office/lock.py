"""One run at a time, on every system; the system itself opens the lock of a run that was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from appraisal.errors import Problem, RunError

PATIENCE = 30 * 60.0  # seconds; a report takes well under one of them per year


@contextmanager
def held(file: Path, *, waiting: Callable[[], None] | None = None, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a lock while something is done.

    Parameters
    ----------
    file : Path
        The lock; it stays as an empty file, which blocks nobody.
    waiting : callable, optional
        Called once if another run holds it.
    patience : float
        Seconds to wait for the other run.

    Raises
    ------
    RunError
        If the other run holds it longer than that.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if waiting is not None:
            waiting()
        try:
            lock.acquire(timeout=patience, poll_interval=0.2)
        except Timeout as late:
            said = {"minutes": round(patience / 60)}
            raise RunError([Problem("office.busy", file.name, values=said)]) from late
    try:
        yield
    finally:
        lock.release()
