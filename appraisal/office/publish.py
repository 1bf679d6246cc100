"""From a year folder to the published set: run apart, checked, put in place in one step."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from appraisal.files import told_if_not_written
from appraisal.office import swap, versions
from appraisal.office.confirmation import check_confirmed
from appraisal.office.failures import FOLDER as FAILED
from appraisal.office.fingerprint import file_digest
from appraisal.office.first_page import imprint
from appraisal.office.keepsakes import carry_over
from appraisal.office.manifest import Manifest, make_manifest, read_manifest, write_manifest
from appraisal.office.secrecy import concealer
from appraisal.office.snapshot import Snapshot, notebook
from appraisal.reporting.documents import write_documents
from appraisal.reporting.imprint import EDITIONS, LEADERSHIP, Imprint
from appraisal.reporting.notebook import Progress, run_notebook
from appraisal.reporting.page import export_html
from appraisal.reporting.reconcile import hold_page
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue

PAGE = f"{LEADERSHIP.name}.html"


def publish(snapshot: Snapshot, reports: Path, *, command: str = "", progress: Progress | None = None) -> Manifest:
    """Publish all files of a year: two editions from one executed notebook, and the documents.

    The last good set stays until the new one is whole, and is replaced in one step.

    Parameters
    ----------
    snapshot : Snapshot
    reports : Path
        Where reports go; the set becomes the folder ``<reports>/<year>``.
    command : str
        By which a user makes the set again: for its manifest.
    progress : callable, optional
        Called with the number of cells done and of all.

    Raises
    ------
    RunError
        If the notebook did not run as it should, or a file of the year folder changed meanwhile.
    ConfirmedError
        If a confirmed year changed.
    FolderError
        If the set cannot be written.
    """
    check_confirmed(snapshot)
    place = reports / str(snapshot.appraised.rules.year)
    says = imprint(snapshot)
    with told_if_not_written(place, "folder.not_written"):
        reports.mkdir(parents=True, exist_ok=True)
        swap.recover(place)
        old = read_manifest(place)
        with tempfile.TemporaryDirectory(
            prefix=f".{place.name}.unfinished-", dir=reports, ignore_cleanup_errors=True
        ) as unfinished:
            files = Path(unfinished) / "set"
            files.mkdir()
            make_set(snapshot, says, files, failed=place / FAILED, progress=progress)
            manifest = make_manifest(snapshot, says.state, files, now(), command)
            write_manifest(manifest, files)
            carry_over(place, files, old.outputs if old else {})
            archive = versions.seal_inputs(snapshot)
            swap.put_in_place(files, place)
            versions.record(snapshot.folder, version_of(manifest, archive))
    return manifest


def now() -> str:
    """The moment by the machine's clock, as manifests, versions and failures write it: ISO 8601, UTC, whole seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def version_of(manifest: Manifest, archive: Path) -> versions.Version:
    """The entry of a published set in the list of versions."""
    return versions.Version(
        version=manifest.version,
        published=manifest.published,
        archive=file_digest(archive),
        result=manifest.result,
        inputs=manifest.inputs,
    )


def make_set(snapshot: Snapshot, says: Imprint, files: Path, *, failed: Path, progress: Progress | None = None) -> None:
    """Make the pages and documents of a year in the folder `files`; nothing in them depends on day or place.

    Parameters
    ----------
    snapshot : Snapshot
    says : Imprint
    files : Path
        An empty folder; the executed notebook goes beside it.
    failed : Path
        Where the notebook goes if it does not end well.
    progress : callable, optional

    Raises
    ------
    RunError
        If the notebook did not run as it should, or a file of the year folder changed meanwhile.
    """
    published = {"folder": str(files.resolve()), "state": says.state, "version": says.version}
    executed = _executed(snapshot, {"published": published}, files, failed, progress)
    write_pages(executed, snapshot.appraised, says, files)
    for lang in snapshot.languages:
        told = snapshot.told_in(lang)
        executed = _executed(told, {"lang": lang}, files, failed, progress)
        write_pages(executed, told.appraised, imprint(told), files, suffix=f".{lang}")
    write_documents(snapshot.appraised, says, files)
    snapshot.check_inputs()


def _executed(
    snapshot: Snapshot, more: Mapping[str, Any], files: Path, failed: Path, progress: Progress | None
) -> NotebookNode:
    """Run the notebook of a set beside the folder of the set; `more` says in which language, and what it writes."""
    return run_notebook(
        notebook(),
        files.with_name(notebook().name),
        {**snapshot.parameters, **snapshot.where, **more},
        failed=failed,
        conceal=concealer(snapshot.appraised.year),
        progress=progress,
    )


def write_pages(executed: NotebookNode, appraised: Appraisal, says: Imprint, files: Path, *, suffix: str = "") -> None:
    """Write each edition of an executed notebook into the folder `files`, if it shows what the scorecard says.

    Parameters
    ----------
    executed : NotebookNode
    appraised : Appraisal
    says : Imprint
    files : Path
    suffix : str
        Tells the files of one language from those of another.
    """
    rules = appraised.rules
    for edition in EDITIONS:
        page = export_html(
            executed,
            title=rules.title,
            subtitle=catalogue(rules.lang).say("report.subtitle"),
            lang=rules.lang,
            marks=says.marks(edition, rules.lang),
            remarks=says.first_page(edition),
            leave_out=[edition.leave_out],
            contents_printed=edition.contents,
        )
        name = f"{edition.name}{suffix}.html"
        hold_page(appraised, page, name)
        (files / name).write_text(page, encoding="utf-8", newline="\n")
