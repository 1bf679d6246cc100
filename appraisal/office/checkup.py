"""Is a year ready: everything that is wrong, that is not there yet, and that is worth saying, at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from appraisal.errors import AppraisalError, RulebookError, RulingError
from appraisal.folders import RULEBOOK, earlier_folder, written_language
from appraisal.office import versions
from appraisal.office.carried import says_synthetic, unconfirmed
from appraisal.reading.contracts import CONTRACTS, fixed_word
from appraisal.reading.progress import not_complete, progress
from appraisal.reading.sheets import Remark, first_of_each
from appraisal.reporting import fonts
from appraisal.reporting.checked import Checkup
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import Survey, load_year, survey

BALLOTS = tuple(name for name, contract in CONTRACTS.items() if contract.secret)


def check_year(folder: Path) -> Checkup:
    """Check a year folder to its end; what is wrong is in what comes back.

    Parameters
    ----------
    folder : Path
        The year folder.
    """
    lang = written_language(folder)
    try:
        found = survey(folder)
    except RulebookError as fault:
        return Checkup(int(folder.name), lang, "wrong", fault.problems, (), ())
    problems = tuple(problem for problem in found.problems if not isinstance(problem, Remark))
    remarks = tuple(problem for problem in found.problems if isinstance(problem, Remark))
    remarks += (
        *rulebook_remarks(folder, found.rules),
        *_versions_of_another_year(folder),
        *_tokens_seen_before(folder, found),
    )
    if not problems:
        try:
            appraised = appraise(load_year(folder))
            remarks += (*_open_seats(appraised), *first_of_each(_undrawn(appraised)))
        except RulingError as fault:
            problems = fault.problems
    state = "wrong" if not not_complete(problems) else "not_complete" if problems else "ready"
    return Checkup(int(folder.name), lang, state, problems, remarks, tuple(progress(found.tables, found.rules)))


def waits(error: AppraisalError) -> bool:
    """Tell whether a year cannot be published only because something is not there yet."""
    return not_complete(error.problems)


def rulebook_remarks(folder: Path, rules: Rulebook) -> Iterator[Remark]:
    """What of a rulebook carried over nobody has gone through yet: values still marked, words of a made-up year."""
    if rows := unconfirmed((folder / RULEBOOK).read_text(encoding="utf-8-sig")):
        yield Remark("check.unconfirmed", RULEBOOK, rows[0], values={"count": len(rows)})
    if not rules.synthetic and (keys := says_synthetic(rules)):
        yield Remark("check.says_synthetic", RULEBOOK, values={"keys": ", ".join(keys)})


def _versions_of_another_year(folder: Path) -> Iterator[Remark]:
    """A folder that was copied by hand brings the versions of its year along, and `diff` would compare with them."""
    with suppress(AppraisalError):
        if known := versions.published_versions(folder):
            other = versions.year_of(folder, known[-1])
            if other != int(folder.name):
                yield Remark("check.versions", versions.FOLDER, values={"year": other, "folder": versions.FOLDER})


def _tokens_seen_before(folder: Path, found: Survey) -> Iterator[Remark]:
    """Ballots whose token stands in the nearest earlier year, too; their tokens are counted and never said."""
    before = earlier_folder(folder)
    ballots = [found.tables[name] for name in BALLOTS if name in found.tables]
    if before is None or not ballots:
        return
    try:
        earlier = survey(before).tables
    except RulebookError:
        return
    seen = {token for name in BALLOTS if name in earlier for token in earlier[name]["ballot"].values}
    for table in ballots:
        ballot = table["ballot"]
        twice = np.array([token in seen for token in ballot.values] + [False])
        if twice.any():
            row = int(table.found.rows[np.flatnonzero(twice[ballot.codes])[0]])
            said = {"count": int(twice.sum()), "year": before.name}
            yield Remark("check.tokens", table.found.place, row, table.found.columns["ballot"].head, said)


def _open_seats(appraised: Appraisal) -> Iterator[Remark]:
    """Seats that stay open for a ruling, each with the row that would fill it."""
    for decision in appraised.decisions:
        if (decision.step, decision.code) == ("seat", "open"):
            tier = decision.facts["tier"]
            said = {
                "tier": fixed_word("tier", tier, appraised.rules.lang),
                "code": tier,
                "count": decision.facts["count"],
            }
            yield Remark("check.open_seat", appraised.year.places["rulings"], values=said)


def _undrawn(appraised: Appraisal) -> Iterator[Remark]:
    """Cells that readers see with a character that the package's font does not draw; a roster is never shown."""
    for name, contract in CONTRACTS.items():
        table = getattr(appraised.year, name)
        if table is None or name == "jurors":
            continue
        for column in (of.name for of in contract.columns if of.kind in ("name", "text") and of.name in table):
            texts = table[column]
            missing = {text: fonts.undrawn(text) for text in texts.unique()}
            for row, text in texts[texts.isin([text for text in missing if missing[text]])].items():
                said = {"characters": missing[text]}
                yield Remark("cell.undrawn", appraised.year.places[name], row, appraised.year.heads[name][column], said)
