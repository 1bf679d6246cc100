"""The pages on the method: every formula, and two pages that may be handed out, made from one run of their notebook."""

from __future__ import annotations

from pathlib import Path

from appraisal.files import told_if_not_written, write_whole
from appraisal.office.failures import FOLDER as FAILED
from appraisal.office.first_page import imprint
from appraisal.office.lock import held
from appraisal.office.secrecy import concealer
from appraisal.office.snapshot import Snapshot, notebooks_folder
from appraisal.reporting.imprint import METHOD, PUBLIC
from appraisal.reporting.notebook import run_notebook
from appraisal.reporting.page import export_html
from appraisal.reporting.scratch import scratch_folder
from appraisal.words import catalogue

NOTEBOOK = "method.ipynb"
LOCK = ".method.lock"


def publish_method(snapshot: Snapshot, reports: Path) -> list[Path]:
    """Write ``method.html`` and ``method_public.html`` beside the years' sets, with the figures of one year.

    Nothing is written before every page is made; a run that fails leaves the pages as they are.
    The pages carry the version of the year, but belong to no set: no manifest names them, nothing verifies them.

    Parameters
    ----------
    snapshot : Snapshot
        The year folder, and in which languages the pages are told beside the year's own.
    reports : Path
        Where reports go.

    Returns
    -------
    list of Path
        The pages.

    Raises
    ------
    AppraisalError
        If the input has changed meanwhile, or the notebook did not run as it should.
    """
    pages: dict[str, str] = {}
    with (
        told_if_not_written(reports, "folder.not_written"),
        held(reports / LOCK),
        scratch_folder() as unfinished,
    ):
        for lang in ("", *snapshot.languages):
            pages |= _pages(snapshot.told_in(lang) if lang else snapshot, lang, unfinished, reports)
        snapshot.check_inputs()
        for name, page in pages.items():
            write_whole(reports / name, page.encode())
    return [reports / name for name in pages]


def _pages(snapshot: Snapshot, lang: str, unfinished: Path, reports: Path) -> dict[str, str]:
    """Name to page of both editions, in the year's own language or another one."""
    rules, words = snapshot.appraised.rules, catalogue(snapshot.appraised.rules.lang)
    executed = run_notebook(
        notebooks_folder() / NOTEBOOK,
        unfinished / NOTEBOOK,
        {**snapshot.parameters, **snapshot.where, **({"lang": lang} if lang else {})},
        failed=reports / snapshot.folder.name / FAILED,
        conceal=concealer(snapshot.appraised.year),
    )
    *before, version = imprint(snapshot).own_marks(rules.lang)
    return {
        f"{edition.name}{f'.{lang}' if lang else ''}.html": export_html(
            executed,
            title=words.say(f"{edition.name}.title"),
            subtitle=words.say(f"{edition.name}.subtitle", year=rules.year),
            lang=rules.lang,
            marks=[*before, words.say(f"{edition.name}.mark"), version],
            leave_out=[edition.leave_out],
            contents_printed=edition.contents,
        )
        for edition in (METHOD, PUBLIC)
    }
