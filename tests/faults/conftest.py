"""What the tests of faults share: a small year, a tiny report, and the command as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import tiny
import years

from appraisal.office.fingerprint import file_digest

TINY = Path(tiny.__file__)


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the full counts are asked for: `make faults`."""
    return os.environ.get("FAULTS") == "full"


@dataclass
class Office:
    """A place with one small year, where reports are made by a process of their own; `version` is the last good one."""

    root: Path
    version: str = ""

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def place(self) -> Path:
        return self.reports / "2003"

    def start(
        self, *words: object, strike: str = "", env: Mapping[str, str] | None = None, **options
    ) -> subprocess.Popen:
        """Start a command; its temporary files are in the office, so that whatever is left there can be told."""
        (self.root / "tmp").mkdir(exist_ok=True)
        own = {"TMPDIR": str(self.root / "tmp"), "PYTHONPATH": os.pathsep.join(sys.path)} | dict(env or {})
        command = [sys.executable, TINY, self.root / "notebooks", *(["--strike", strike] if strike else []), *words]
        return subprocess.Popen(
            list(map(str, command)),
            cwd=self.root,
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def report(self, *words: object, **options) -> tuple[int, str]:
        """Run `appraisal report 2003` to its end: exit code, and all it said."""
        process = self.start("report", 2003, *words, **options)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return process.returncode, out + err

    def change(self, number: int) -> None:
        """Change an input, so that there is something to publish."""
        tables = years.small_tables()
        tables["deductions"].loc[0, "points"] = 0.5 + number / 1000
        years.write_year(self.data / "2003", tables)

    def published(self) -> str:
        """Version of the set that is published; the set is whole or the test fails."""
        manifest = json.loads((self.place / "manifest.json").read_text("utf-8"))
        for name, digest in manifest["outputs"].items():
            assert file_digest(self.place / name) == digest, name
        names = {path.name for path in self.place.iterdir()} - {"failed"}
        assert names == {*manifest["outputs"], "manifest.json"}
        for page in ("annual_report.html", "working_report.html"):
            assert manifest["version"] in (self.place / page).read_text("utf-8")
        return manifest["version"]

    def left(self) -> list[str]:
        """Processes that belong to the office, once those that are ending have ended."""
        end = time.monotonic() + 30
        while (found := self._processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def scratch(self) -> list[str]:
        """Folders for what lies between that are still there."""
        return [path.name for path in (self.root / "tmp").glob("appraisal-*")]

    def _processes(self) -> list[str]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.root) in command:
                found.append(command)
        return found


@pytest.fixture
def office(tmp_path) -> Office:
    """A small year and a tiny report, nothing published yet."""
    made = Office(tmp_path)
    made.change(0)
    tiny.write_notebook(tmp_path / "notebooks")
    return made
