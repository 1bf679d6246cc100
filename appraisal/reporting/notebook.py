"""Run a notebook to its end or not at all, and make it the same bytes on every run."""

from __future__ import annotations

import keyword
import os
import sys
from calendar import timegm
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import papermill
import zmq
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets import default

from appraisal.errors import Problem, RunError
from appraisal.files import write_whole
from appraisal.reporting.packed import MOMENT
from appraisal.reporting.scratch import scratch_folder

# The order of a sum must not hang on how many processors there are; for matrices this small more threads only wait.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Hashes and dates are the two things a notebook would otherwise draw from the moment it runs in. The moment is the
# first that a zip can hold: from 3.14 on Python packs office files by it.
FIXED = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(timegm(MOMENT)), **ONE_THREAD}
PLAIN_VALUES = (str, bool, int, float, list, dict, type(None))

Progress = Callable[[int, int], None]


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    failed: Path | None = None,
    conceal: Callable[[str], str] = str,
    progress: Progress | None = None,
) -> NotebookNode:
    """Execute a notebook with this very interpreter and write it, cleaned, to `output`.

    Parameters
    ----------
    notebook : Path
        A notebook with a cell tagged ``parameters``.
    output : Path
        Where the executed notebook goes, in one step and only when everything went well. After a failure the notebook
        is kept as ``<stem>.failed.ipynb``, with what went wrong and without the results of the cells before.
    parameters : mapping
        Names that the notebook knows; text, numbers, yes/no, lists and dicts.
    failed : Path, optional
        Folder for a failed notebook; else that of `output`.
    conceal : callable
        Takes out of a text what may not be shown; what went wrong is said and kept only as it gives it back.
    progress : callable, optional
        Called with the number of cells done and the number of all, after each code cell.

    Returns
    -------
    NotebookNode
        What was written.

    Raises
    ------
    RunError
        If a parameter is unknown, a cell fails, is left out or writes to stderr, or the process dies.
    """
    check_parameters(notebook, parameters)
    with scratch_folder() as place:
        node, failure = _executed(notebook, place, parameters, conceal, progress)
    kept = (failed or output.parent) / f"{output.stem}.failed.ipynb"
    clean = clean_notebook(node)
    problems = list(_problems(node, notebook.name, kept, conceal))
    if failure is not None and not problems:
        values = {"cell": "?", "kind": type(failure).__name__, "message": conceal(str(failure)), "kept": kept}
        problems = [Problem("run.failed", notebook.name, values=values)]
    if problems:
        _write(_without_results(clean, conceal), kept)
        raise RunError(problems) from failure
    _write(clean, output)
    return clean


def _executed(
    notebook: Path,
    place: Path,
    parameters: Mapping[str, Any],
    conceal: Callable[[str], str],
    progress: Progress | None,
) -> tuple[NotebookNode, Exception | None]:
    """The notebook as far as it ran in a scratch folder, and what stopped it."""
    total = sum(cell.cell_type == "code" for cell in nbformat.read(notebook, as_version=4).cells)
    total += bool(parameters)  # papermill adds a cell for them
    done = iter(range(1, total + 1))
    executed, failure = place / "executed.ipynb", None
    try:
        papermill.execute_notebook(
            notebook,
            executed,
            dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=_kernel_manager(place),
            shutdown_kernel="immediate",
            record_timing=False,
            resources={"metadata": {"path": str(Path.cwd())}},
            on_cell_executed=lambda **_: progress and progress(next(done, total), total),
        )
    except (PapermillExecutionError, CellTimeoutError) as error:
        failure = error
    except DeadKernelError as error:
        said = {"message": conceal(str(error))}
        raise RunError([Problem("run.died", notebook.name, values=said)]) from error
    node = nbformat.read(executed, as_version=4)
    # papermill marks a failure by two more cells, which would shift the numbers that a message names
    node.cells = [cell for cell in node.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]
    return node, failure


def clean_notebook(node: NotebookNode) -> NotebookNode:
    """Leave out of an executed notebook what changes from run to run, or stands beside a richer form of itself.

    Papermill's and widgets' metadata go, cells are numbered, neighbouring streams become one, and ``text/plain`` goes
    where an output has a richer form: it repeats addresses of objects.

    Returns
    -------
    NotebookNode
        A new notebook; the argument stays as it is.
    """
    spec = node.metadata.get("kernelspec", {})
    clean = nbformat.v4.new_notebook(
        metadata={"kernelspec": dict(spec), "language_info": {"name": "python"}} if spec else {}
    )
    for number, cell in enumerate(node.cells, start=1):
        kept = {
            "id": f"cell-{number:03}",
            "cell_type": cell.cell_type,
            "metadata": {key: cell.metadata[key] for key in ("tags", "alt") if cell.metadata.get(key)},
            "source": cell.source,
        }
        if cell.cell_type == "code":
            kept |= {"execution_count": None, "outputs": list(_clean_outputs(cell.outputs))}
        # Not by nbformat's makers of cells and outputs: each holds what it made to the schema, as writing does once.
        clean.cells.append(nbformat.from_dict(kept))
    return clean


def _without_results(node: NotebookNode, conceal: Callable[[str], str]) -> NotebookNode:
    """What went wrong in a notebook, and nothing of what it had shown before."""
    for cell in node.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            if output.output_type == "error":
                said = {name: conceal(output[name]) for name in ("ename", "evalue")}
                kept.append(output | said | {"traceback": [conceal(line) for line in output.traceback]})
            elif output.output_type == "stream" and output.name == "stderr":
                kept.append(output | {"text": conceal(output.text)})
        cell.outputs = [nbformat.from_dict(output) for output in kept]
    return node


def _clean_outputs(outputs: list[NotebookNode]) -> Iterator[Mapping[str, Any]]:
    def stream(output: NotebookNode) -> str | None:
        return output.name if output.output_type == "stream" else None

    for name, run in groupby(outputs, key=stream):
        if name is not None:
            yield {"output_type": "stream", "name": name, "text": "".join(output.text for output in run)}
            continue
        for output in run:
            if output.output_type == "error":
                yield output
                continue
            data = dict(output.data)
            if len(data) > 1:
                data.pop("text/plain", None)
            yield {"output_type": "display_data", "data": data, "metadata": dict(output.metadata)}


def _problems(node: NotebookNode, file: str, kept: Path, conceal: Callable[[str], str]) -> Iterator[Problem]:
    """Everything of an executed notebook that forbids to publish it."""
    for number, cell in enumerate(node.cells, start=1):
        if cell.cell_type != "code":
            continue
        values: dict[str, object] = {"cell": number, "kept": kept}
        for output in cell.outputs:
            if output.output_type == "error":
                said = {"kind": output.ename, "message": conceal(output.evalue)}
                yield Problem("run.failed", file, values=values | said)
                return
        # sys.exit(0) in a cell is a success to papermill, with the later cells left out
        status = cell.metadata.get("papermill", {}).get("status", "pending")
        if status != "completed" and cell.source.strip():
            yield Problem("run.unfinished", file, values=values | {"status": status})
            return
        said_aloud = "".join(
            output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stderr"
        )
        if said_aloud:
            yield Problem("run.stderr", file, values=values | {"message": conceal(said_aloud.strip())})


def check_parameters(notebook: Path, parameters: Mapping[str, Any], reserved: Collection[str] = ()) -> None:
    """Refuse what papermill would only warn of (an unknown name) or run as code (a name that is none).

    Parameters
    ----------
    notebook : Path
    parameters : mapping
    reserved : collection of str
        Names that are not offered to a reader.

    Raises
    ------
    RunError
        With every name that cannot be given.
    """
    known = papermill.inspect_notebook(notebook)
    if parameters and not known:
        raise RunError([Problem("run.no_cell", notebook.name)])
    problems = []
    for name, value in parameters.items():
        if not name.isidentifier() or keyword.iskeyword(name):
            problems.append(Problem("run.not_a_name", notebook.name, values={"name": name}))
        elif name not in known:
            allowed = ", ".join(name for name in known if name not in reserved)
            problems.append(Problem("run.unknown_parameter", notebook.name, values={"name": name, "allowed": allowed}))
        elif type(value) not in PLAIN_VALUES:
            raise TypeError(f"parameter {name} is a {type(value).__name__}, which papermill would turn into text")
    if problems:
        raise RunError(problems)


def _kernel_manager(place: Path) -> type[AsyncKernelManager]:
    """A kernel of this interpreter, whatever kernelspecs the machine has, with all its files in `place`."""

    class OwnKernel(AsyncKernelManager):
        @default("connection_file")
        def _own_file(self) -> str:
            return str(place / "kernel.json")

        @default("transport")
        def _sockets_as_files(self) -> str:
            # No port that another program could take or read, and no warning about it.
            return "ipc" if zmq.has("ipc") and sys.platform != "win32" else "tcp"

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"]))

        # As AsyncKernelManager itself departs from its base.
        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            # An empty profile: no start-up file of the user may change a result.
            options["env"] = {**os.environ, **FIXED, "IPYTHONDIR": str(place / "ipython")}
            await super().start_kernel(**options)

    return OwnKernel


def _write(node: NotebookNode, path: Path) -> None:
    write_whole(path, (nbformat.writes(node) + "\n").encode())
