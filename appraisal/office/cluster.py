"""Many years on the workers of a Dask cluster, which find data and reports in the same folders as this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appraisal.errors import Problem, RunError
from appraisal.folders import PlaceYear
from appraisal.office.batch import Run, apart
from appraisal.office.fingerprint import code_digest
from appraisal.office.snapshot import notebook
from appraisal.words import FALLBACK, catalogue

if TYPE_CHECKING:
    from distributed import Client

# Seconds to wait for the scheduler, then for the first worker.
PATIENCE = 60
# What a run prints is kept by process: a worker of several threads makes one report at a time all the same.
ONE_AT_A_TIME = threading.Lock()


def each_year_on_cluster(
    run: Callable[[PlaceYear], bool],
    years: Sequence[PlaceYear],
    cluster: str,
    lang: str = FALLBACK,
    patience: float = PATIENCE,
) -> Iterator[Run]:
    """Run each year on a worker of a cluster.

    Parameters
    ----------
    run : callable
        Given a year, says whether it went well; of a module, so that a worker can import it.
    years : sequence of PlaceYear
    cluster : str
        Address of the scheduler, or the file that it wrote with ``--scheduler-file``.
    lang : str
        In which a fault of the program or of the cluster is told.
    patience : float
        Seconds to wait for the scheduler, then for the first worker.

    Yields
    ------
    Run
        As each ends. A year whose worker is lost is run again by another one, as often as the scheduler's
        ``allowed-failures`` says (3); a worker whose package or notebook differs from those here makes none.

    Raises
    ------
    RunError
        If Dask is not installed, or there is no scheduler or no worker.
    """
    try:
        from distributed import as_completed
    except ModuleNotFoundError as missing:
        raise RunError([Problem("cluster.not_installed", "--cluster")]) from missing
    with _client(cluster, patience) as client:
        code = code_digest(notebook())
        futures = {
            client.submit(on_worker, run, year, code, lang, key=f"report {year}", pure=False): year for year in years
        }
        for future in as_completed(futures, loop=client.loop):
            year = futures[future]
            yield (
                future.result() if future.status == "finished" else Run(year, good=False, err=_lost(future, year, lang))
            )
            future.release()  # what is done need not be done again if its worker is lost later


def on_worker(run: Callable[[PlaceYear], bool], year: PlaceYear, code: str, lang: str) -> Run:
    """Run a year in this worker, if package and notebook have the digest `code`; else its result could differ."""
    if code_digest(notebook()) != code:
        return Run(year, good=False, err=catalogue(lang).say("cluster.other_code", year=year) + "\n")
    with ONE_AT_A_TIME:
        return apart(run, year, lang)


def _client(cluster: str, patience: float) -> Client:
    from distributed import Client

    place: dict[str, Any] = {"scheduler_file": cluster} if Path(cluster).is_file() else {"address": cluster}
    try:
        client = Client(**place, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as fault:
        said = {"fault": str(fault) or type(fault).__name__}
        raise RunError([Problem("cluster.no_scheduler", cluster, values=said)]) from fault
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as fault:
        client.close()
        raise RunError([Problem("cluster.no_worker", cluster, values={"seconds": round(patience)})]) from fault
    return client


def _lost(future: Any, year: PlaceYear, lang: str) -> str:
    """A run that no worker brought to its end; told by the kind of the fault alone, as its words may hold anything."""
    fault = type(future.exception()).__name__ if future.status == "error" else future.status
    return catalogue(lang).say("cluster.lost", year=year, fault=fault) + "\n"
