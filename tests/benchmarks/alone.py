"""A process of its own that does one thing several times and says what each took: ``alone.py floor 3``, ``… report 3``.

What a report is held against: a notebook that imports what the report's imports, and does nothing, run and exported.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What the notebook of the report has loaded of other packages once it has run.
LIBRARIES = (
    "fontTools.ttLib", "matplotlib.backends.backend_svg", "matplotlib.figure", "numpy", "openpyxl", "pandas",
    "pydantic", "scipy.optimize", "scipy.sparse.csgraph", "scipy.special", "scipy.stats",
)  # fmt: skip


def floor(place: Path, _run: int) -> None:
    """Run and export a notebook that only imports."""
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    plain = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"import {', '.join(LIBRARIES)}")])
    plain.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(plain, place / "plain.ipynb")
    papermill.execute_notebook(place / "plain.ipynb", place / "run.ipynb", progress_bar=False)
    page, _ = HTMLExporter().from_notebook_node(nbformat.read(place / "run.ipynb", as_version=4))
    (place / "page.html").write_text(page, encoding="utf-8")


def report(place: Path, _run: int) -> None:
    """Publish 2003: both editions and all files."""
    from appraisal.office.report import report as published

    if not (place / "2003").exists():
        shutil.copytree(ROOT / "data" / "2003", place / "2003", ignore=shutil.ignore_patterns(".*"))
    published(place / "2003", place / "reports", force=True)


def batch(place: Path, run: int) -> None:
    """Publish one made-up year after another, in one process."""
    from appraisal.office.report import report as published

    published(place / str(sorted(int(year.name) for year in place.glob("[0-9]*"))[run]), place / "reports", force=True)


def sections(_place: Path, _run: int) -> dict[str, float]:
    """Run the cells of the report's notebook here, each under its heading: processor seconds of each."""
    cells = json.loads((ROOT / "notebooks" / "annual_report.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    taken: dict[str, float] = {}
    head = ""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            head = source.splitlines()[0].lstrip("# ")
            continue
        start = time.process_time()
        exec(compile(ast.parse(source), head, "exec"), names)
        taken[head] = taken.get(head, 0.0) + time.process_time() - start
    return taken


TASKS = {task.__name__: task for task in (floor, report, batch, sections)}


def spent() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(task: str, runs: int, place: str | None = None) -> None:
    """Say in JSON what each run took, the first from the start of the process on, and the memory needed at most."""
    taken, said, began = [], [], 0.0
    with tempfile.TemporaryDirectory() as own:
        for run in range(runs):
            said.append(TASKS[task](Path(place or own), run))
            taken.append(spent() - began)
            began = spent()
    peak = {
        name: resource.getrusage(who).ru_maxrss / 1024
        for name, who in (("own", resource.RUSAGE_SELF), ("kernel", resource.RUSAGE_CHILDREN))
    }
    print(json.dumps({"seconds": taken, "said": said, "megabytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
