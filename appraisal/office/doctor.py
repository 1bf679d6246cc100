"""Can this machine make a report: each thing that a run needs, tried; on one screen."""

from __future__ import annotations

import datetime
import importlib.metadata
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import appraisal
from appraisal.errors import AppraisalError
from appraisal.office import versions
from appraisal.office.snapshot import notebooks_folder
from appraisal.reporting.scratch import scratch_folder
from appraisal.words import FALLBACK, catalogue

LOCK = "requirements.lock"
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;]+)")
NEEDED = 500 * 2**20  # bytes: a set, its version and what lies between
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "msedge", "chrome")
BROWSER_FILES = (r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe", "/Applications/Safari.app")
LEAST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    Parameters
    ----------
    name : str
        Key of its word under ``doctor.names``.
    state : str
        ``good``, ``note`` (a report can be made) or ``bad``.
    said : str
        What was found.
    """

    name: str
    state: str
    said: str


def examine(data: Path, reports: Path, lang: str = FALLBACK) -> list[Finding]:
    """Try everything that a run needs; what a trial itself stumbles over is a bad finding.

    Parameters
    ----------
    data, reports : Path
        Folder of the years, and folder that reports go to.
    lang : str
        Of what was found.
    """
    trials: dict[str, Callable[[], Finding]] = {
        "python": _python,
        "versions": lambda: _versions(lang),
        "font": lambda: _font(lang),
        "rights": lambda: _rights(data, reports),
        "disk": lambda: _disk(reports),
        "clock": lambda: _clock(data),
        "kernel": _kernel,
        "browser": _browser,
    }
    return [_tried(name, trial, lang) for name, trial in trials.items()]


def _tried(name: str, trial: Callable[[], Finding], lang: str) -> Finding:
    try:
        return trial()
    except AppraisalError as error:
        return Finding(name, "bad", error.problems[0].say(lang))
    except (OSError, ValueError, RuntimeError, ImportError) as fault:
        return Finding(name, "bad", str(fault).splitlines()[0] if str(fault) else type(fault).__name__)


def _python() -> Finding:
    good = sys.version_info >= LEAST_PYTHON
    return Finding("python", "good" if good else "bad", f"{sys.version.split()[0]}, {sys.executable}")


def _versions(lang: str) -> Finding:
    places = [folder / LOCK for folder in (Path(appraisal.__file__).parents[1], notebooks_folder().parent, Path.cwd())]
    lock = next((place for place in places if place.is_file()), None)
    if lock is None:
        return Finding("versions", "note", catalogue(lang).say("doctor.said.no_lock", lock=LOCK))
    differing = list(_differing(lock.read_text("utf-8")))
    return Finding("versions", "note" if differing else "good", ", ".join(differing[:5]) or LOCK)


def _differing(lock: str) -> Iterator[str]:
    pinned: dict[str, set[str]] = {}
    for found in map(PIN.match, lock.splitlines()):
        if found:
            pinned.setdefault(found[1], set()).add(found[2])
    for name, allowed in pinned.items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # of an extra that is not installed here
        if installed not in allowed:
            yield f"{name} {installed} ≠ {'/'.join(sorted(allowed))}"


def _font(lang: str) -> Finding:
    from appraisal.reporting import fonts

    drawn = len(fonts.drawn_characters())
    said = catalogue(lang).say("doctor.said.font", font=fonts.SANS, count=drawn)
    return Finding("font", "good" if drawn else "bad", said)


def _rights(data: Path, reports: Path) -> Finding:
    for folder in (data, reports):
        with tempfile.TemporaryFile(dir=_nearest(folder)):
            pass
    return Finding("rights", "good", f"{data}, {reports}")


def _disk(reports: Path) -> Finding:
    free = shutil.disk_usage(_nearest(reports)).free
    return Finding("disk", "good" if free >= NEEDED else "bad", f"{free // 2**20} MB")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the one above it in which it would be made."""
    return next(place for place in (folder, *folder.resolve().parents) if place.is_dir())


def _clock(data: Path) -> Finding:
    now = datetime.datetime.now(datetime.UTC)
    # A clock that stands before the files of the package, or a published version, was set back or lost its battery.
    latest = datetime.datetime.fromtimestamp(Path(appraisal.__file__).stat().st_mtime, datetime.UTC)
    published = [
        datetime.datetime.fromisoformat(entry.published)
        for folder in (data.iterdir() if data.is_dir() else ())
        if folder.is_dir()
        for entry in versions.published_versions(folder)
    ]
    late = max([latest, *published])
    return Finding("clock", "good" if now >= late else "bad", now.isoformat(timespec="minutes"))


def _kernel() -> Finding:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from appraisal.reporting.notebook import run_notebook

    with scratch_folder() as place:
        notebook = place / "trial.ipynb"
        spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(new_notebook(cells=[new_code_cell("6 * 7")], metadata={"kernelspec": spec}), notebook)
        executed = run_notebook(notebook, place / "out.ipynb", {})
    good = "42" in str(executed.cells[-1].outputs)
    return Finding("kernel", "good" if good else "bad", "6 × 7 = 42" if good else "")


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    found = found or next((file for file in BROWSER_FILES if Path(file).exists()), "")
    return Finding("browser", "good" if found else "note", found or "–")
