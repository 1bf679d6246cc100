"""The tables of a made-up year, written into its folder: as a notice says, as a successor of another, or numbered."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from appraisal.errors import FolderError, Problem
from appraisal.folders import earlier_folder
from appraisal.office.reconstruct import NOTICE, read_notice, reconstruct_year
from appraisal.office.records import RULING_COLUMNS
from appraisal.office.simulate import SimulatedYear, simulate_year, write_tables
from appraisal.office.succession import COLUMNS, DECIDED, SUCCESSION, read_columns, succeed_year
from appraisal.office.wide_workbook import tables_workbook
from appraisal.reading.inventory import WORKBOOK, table_files
from appraisal.rulebook import FILE, Rulebook, read_rulebook
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year


def write_year(folder: Path, *, workbook: bool = False) -> tuple[Path, ...]:
    """Make up the tables of a year folder from its rulebook, and from `notice.csv` or `succession.csv` if it has one.

    Parameters
    ----------
    folder : Path
        With `rulebook.toml`; tables that would be written are written anew if they are there.
    workbook : bool
        Whether they become one workbook with wide sheets.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    AppraisalError
        If the rulebook is wrong or does not say that the year is synthetic, what the year is made from cannot be read
        or reached, or a file is there that no table may stand beside; then nothing is written.
    """
    rules = read_rulebook(folder / FILE)
    if rules.data != "synthetic":
        raise FolderError([Problem("simulate.real", FILE, key="data", values={"said": rules.data})])
    counted = rules.social.returned is not None and (folder / SUCCESSION).exists()
    stale = {"social_ballots.csv" if counted else "social_counts.csv"} | (set() if workbook else {WORKBOOK})
    beside = [path for path in table_files(folder) if path.name in stale or (workbook and path.name != WORKBOOK)]
    if beside:
        raise FolderError([Problem("simulate.beside", path.name) for path in beside])
    made = _made(folder, rules)
    if not workbook:
        return write_tables(made.tables, folder)
    written = folder / WORKBOOK
    written.write_bytes(tables_workbook(made.tables, rules))
    return (written,)


def _made(folder: Path, rules: Rulebook) -> SimulatedYear:
    if (folder / NOTICE).exists():
        return reconstruct_year(rules, read_notice(folder / NOTICE))
    if not (folder / SUCCESSION).exists():
        return simulate_year(rules)
    before = earlier_folder(folder)
    return succeed_year(
        rules,
        read_columns(folder / SUCCESSION, COLUMNS),
        _decided(folder / DECIDED),
        None if before is None else appraise(load_year(before)),
    )


def _decided(path: Path) -> pd.DataFrame | None:
    return read_columns(path, RULING_COLUMNS) if path.exists() else None
