"""What all tests share: system programs that some of them need, and the reason given where one is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

# No test opens a window; before anything imports matplotlib.
os.environ.setdefault("MPLBACKEND", "agg")

# Run by hand, by `make bench` and its like: no time decides a test.
collect_ignore = ["benchmarks", "mutation"]

# Name that a test asks for → the Debian packages that bring it, the names its executable may have.
PROGRAMS = {
    "chromium": ("chromium", "chromium chromium-browser google-chrome"),
    "libreoffice": ("libreoffice-calc libreoffice-writer", "soffice libreoffice"),
    "crontab": ("cron", "crontab"),
    "systemd-analyze": ("systemd", "systemd-analyze"),
    "pdftoppm": ("poppler-utils", "pdftoppm"),
    "pdftotext": ("poppler-utils", "pdftotext"),
}
# .ci/run looks for these words: there no test may be skipped for want of a program.
MISSING = "needs program: "


def require(name: str) -> str:
    """Path of a system program; skips the test, with the reason, where it is missing."""
    _packages, executables = PROGRAMS[name]
    for executable in executables.split():
        if path := shutil.which(executable):
            return path
    pytest.skip(MISSING + name)


def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs_program"):
        for name in marker.args:
            require(name)


@pytest.fixture(scope="session")
def program():
    """``program("chromium")`` is the path of a system program; the test is skipped where it is missing."""
    return require


@pytest.fixture(scope="session")
def lab() -> Path:
    """Folder of the programs of JupyterLab's own environment, which `make test` names; skips where it is missing."""
    found = os.environ.get("APPRAISAL_LAB", "")
    if not (Path(found) / "jupyter").exists():
        pytest.skip(f"{MISSING}jupyterlab, whose environment `make test` sets up and names by APPRAISAL_LAB")
    return Path(found)


@pytest.fixture(scope="session")
def packages():
    """The Debian packages that bring every program some test may ask for."""
    return {package for packages, _executables in PROGRAMS.values() for package in packages.split()}


@pytest.fixture(scope="session")
def report_2003(tmp_path_factory) -> Path:
    """The leadership edition of the bundled year, published once; the whole set stands beside it."""
    from appraisal.office.report import report

    # A copy: what a run keeps in a year folder is not for the sources.
    folder = tmp_path_factory.mktemp("data") / "2003"
    shutil.copytree(Path(__file__).parents[1] / "data" / "2003", folder, ignore=shutil.ignore_patterns(".*"))
    return report(folder, tmp_path_factory.mktemp("reports")).page


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A small year whose reports are made without a notebook and without fonts."""
    import tiny
    from office_place import Place

    from appraisal.office import publish
    from appraisal.reporting import page

    monkeypatch.setattr(publish, "make_set", tiny.set_without_notebook)
    monkeypatch.setattr(page, "_fonts", lambda html: "")
    return Place(tmp_path)
