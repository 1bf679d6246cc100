"""Try the wheel where there is no checkout: installed for one Python, in an empty folder with only `data/` beside it.

``python .ci/try_wheel.py python3.13 [--wheel dist/…whl] [--year 2003]``; run by `make try-wheel` with the test
environment, whose own commands, which are the checkout's, must come to the same scorecard and published files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEXT = 2100  # a year that no folder of data has
# What of a manifest tells one result from another; the rest says where and when a set was made.
SAME = ("year", "state", "version", "result", "inputs", "code", "package", "seed", "parameters", "languages")


def newest(folder: Path) -> Path:
    """The wheel that was built last."""
    return max(folder.glob("appraisal-*.whl"), key=lambda path: path.stat().st_mtime)


def install(python: str, wheel: Path, place: Path) -> Path:
    """Make an environment with the wheel and what it depends on, at the lock's versions; give its Python."""
    subprocess.run([python, "-m", "venv", place], check=True)
    inside = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", ROOT / "requirements.lock", wheel], check=True)
    return inside


def appraised(command: Sequence[str | Path], folder: Path, year: int, source: Path | None = None) -> dict[str, object]:
    """Check, score, report and begin another year in a folder with only `data/` in it; give what came of it."""
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns(".*"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if source is not None:
        environment["PYTHONPATH"] = str(source)

    def run(*words: str) -> str:
        done = subprocess.run(
            [*command, *words], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    checked = run("check", str(year))
    run("score", str(year), "--out", "scorecard.csv")
    run("new", str(NEXT), "--from", str(year), "--workbook")
    run("report", str(year))
    published = folder / "reports" / str(year)
    manifest = json.loads((published / "manifest.json").read_text("utf-8"))
    # The pages name the Python and the libraries that made them, which the lock lets differ from Python to Python.
    made_with = [manifest["python"], *(f"{name} {version}" for name, version in manifest["libraries"].items())]
    outputs = {}
    for name in manifest["outputs"]:
        outputs[name] = (published / name).read_bytes()
        for said in made_with:
            outputs[name] = outputs[name].replace(said.encode(), b"")
    begun = sorted(path.name for path in (folder / "data" / str(NEXT)).iterdir())
    scorecard = (folder / "scorecard.csv").read_bytes()
    return {
        "checked": checked,
        "scorecard.csv": scorecard,
        "begun": begun,
        **{name: manifest[name] for name in SAME},
        **outputs,
    }


def try_wheel(python: str, wheel: Path, year: int) -> list[str]:
    """Names of what comes out otherwise from the wheel than from the checkout."""
    with tempfile.TemporaryDirectory(prefix="appraisal-wheel-") as place:
        inside = install(python, wheel, Path(place) / "environment")
        where = "import appraisal, sys; print(sys.version.split()[0], appraisal.__version__, appraisal.__file__)"
        subprocess.run([inside, "-c", where], cwd=place, check=True)
        alone = appraised([inside.with_name("appraisal")], Path(place) / "alone", year)
        checkout = appraised([sys.executable, "-m", "appraisal"], Path(place) / "checkout", year, ROOT)
    print(f"{wheel.name}: version {alone['version']}, result {alone['result']}; compared: {', '.join(alone)}")
    return [name for name in alone | checkout if alone.get(name) != checkout.get(name)]


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("python", help="the interpreter that the wheel is tried with")
    asked.add_argument("--wheel", type=Path, help="else the one that was built last")
    asked.add_argument("--year", type=int, default=2003)
    given = asked.parse_args()
    if found := try_wheel(given.python, (given.wheel or newest(ROOT / "dist")).resolve(), given.year):
        sys.exit(f"not as from the checkout: {', '.join(found)}")
    print("the same as from the checkout")
