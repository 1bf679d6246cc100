"""How each year stands, on a terminal and as ``index.html`` of the reports, which is written whole every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from appraisal.errors import AppraisalError, Problem
from appraisal.files import told_if_not_written, write_whole
from appraisal.folders import PlaceYear, place_years
from appraisal.office.confirmation import in_force
from appraisal.office.failures import last_failure
from appraisal.office.fingerprint import code_digest, version_code
from appraisal.office.lock import held
from appraisal.office.manifest import Manifest, is_current, read_manifest
from appraisal.office.snapshot import input_digests, notebook, office_digests, take
from appraisal.reading.progress import is_open
from appraisal.reporting.imprint import METHOD, PUBLIC
from appraisal.reporting.one_page import one_page
from appraisal.reporting.overview import YearState, method_links, overview_link, overview_piece
from appraisal.rulebook import FILE, read_rulebook
from appraisal.words import FALLBACK, catalogue

INDEX = "index.html"
# What `appraisal overview` writes.
OVERVIEW = "overview.html"
LOCK = ".index.lock"


def year_states(data: Path, reports: Path) -> list[YearState]:
    """How each year of a data folder, or of a reports folder, stands: by place, the latest year first."""
    roots = [root for root in (data, reports) if root.is_dir()]
    years = {year for root in roots for year in place_years(root)[0]}
    code = cache(lambda: code_digest(notebook()))
    return [
        _state(year, year.below(data), year.below(reports), code)
        for year in sorted(years, key=lambda year: (year.place, -year.year))
    ]


def write_index(data: Path, reports: Path) -> Path:
    """Write ``index.html`` anew from what is there.

    Raises
    ------
    FolderError
        If it cannot be written; the last one stays.
    """
    with told_if_not_written(reports / INDEX, "folder.not_written"), held(reports / LOCK):
        states = year_states(data, reports)
        lang = language(data, states)
        page = one_page(
            overview_piece(states, lang)
            + method_links(_method_pages(reports), lang)
            + overview_link(OVERVIEW if (reports / OVERVIEW).is_file() else "", lang),
            title=catalogue(lang).say("status.title"),
            subtitle="",
            lang=lang,
            marks=(),
        )
        write_whole(reports / INDEX, page.encode())
    return reports / INDEX


def _method_pages(reports: Path) -> list[str]:
    """Pages on the method that are there, of the places too, the formulas before the public part."""
    found = [*(reports.glob(f"{below}{edition.name}.*html") for below in ("", "*/") for edition in (METHOD, PUBLIC))]
    return [path.relative_to(reports).as_posix() for paths in found for path in sorted(paths)]


def language(data: Path, states: list[YearState]) -> str:
    """Language of the latest year whose rulebook can be read."""
    for state in states:
        try:
            return read_rulebook(state.year.below(data) / FILE).lang
        except AppraisalError:
            continue
    return FALLBACK


def _state(year: PlaceYear, folder: Path, place: Path, code: Callable[[], str]) -> YearState:
    failure = last_failure(place)
    problems: tuple[Problem, ...] = ()
    manifest = None
    try:
        manifest = read_manifest(place)
        state = _published(manifest, folder, place, code) if manifest else _ready(folder)
    except AppraisalError as error:
        state, problems = "not_complete", error.problems
    standing = in_force(folder) if folder.is_dir() else None
    return YearState(
        year=year,
        state="failed" if failure else state,
        version=manifest.version if manifest else "",
        published=manifest.published if manifest else "",
        confirmed=standing.date if standing else "",
        pages=tuple(name for name in manifest.outputs if (place / name).is_file()) if manifest else (),
        wrong=sum(problem.count for problem in problems if not is_open(problem)),
        open=sum(problem.count for problem in problems if is_open(problem)),
        failed=failure.when if failure else "",
        messages=failure.messages if failure else (),
    )


def _ready(folder: Path) -> str:
    """Draft, if the year could be published as it is; else the fault says what it waits for."""
    take(folder)
    return "draft"


def _published(manifest: Manifest, folder: Path, place: Path, code: Callable[[], str]) -> str:
    """Whether a published set is what its year folder and the installed package would give."""
    if not folder.is_dir():
        return "published"
    inputs, confirmed = input_digests(folder), in_force(folder) is not None
    current = is_current(
        manifest,
        place,
        inputs=inputs,
        office=office_digests(folder),
        version=version_code(inputs, code(), manifest.parameters),
        confirmed=confirmed,
    )
    if not current:
        return "stale"
    return "confirmed" if confirmed and manifest.state == "confirmed" else "published"
