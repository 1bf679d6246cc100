"""Rules, seed, departments and roster, sealed before the ballots arrive, so that anyone can see what changed after."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from appraisal.analysis.changes import changed_rules, written
from appraisal.errors import Problem, RunError
from appraisal.office import toml_file
from appraisal.office.fingerprint import file_digest, short_code, values_digest
from appraisal.office.snapshot import SEAL
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.inventory import take_inventory
from appraisal.rulebook import FILE, Rulebook
from appraisal.tables import Year, load_tables

SEALED = ("departments", "jurors")
BALLOTS = tuple(name for name, contract in CONTRACTS.items() if contract.secret or name == "social_counts")


@dataclass(frozen=True)
class Seal:
    """What was sealed.

    Parameters
    ----------
    date : str
        ISO 8601.
    code : str
        Eight characters, for the minutes.
    ballots : bool
        Whether ballots were there already.
    reason : str
        Why an earlier seal was replaced; blank for the first.
    rulebook, departments, roster : str
        Digests: of the file; of what the two tables say, whatever file they stand in.
    seed : int
    rules : mapping of str to str
        Every value of the rulebook by its key.
    listed : mapping of str to str
        Department to its name, group and membership.
    """

    date: str
    code: str
    ballots: bool
    reason: str
    rulebook: str
    seed: int
    departments: str
    roster: str
    rules: Mapping[str, str]
    listed: Mapping[str, str]


@dataclass(frozen=True)
class ChangedSince:
    """What changed after the seal.

    Parameters
    ----------
    rules : DataFrame
        `key`, `before`, `after`.
    departments : DataFrame
        The same, by department.
    roster : bool
        Whether the roster is another.
    """

    rules: pd.DataFrame
    departments: pd.DataFrame
    roster: bool

    def __bool__(self) -> bool:
        return bool(len(self.rules) or len(self.departments) or self.roster)


def seal(folder: Path, *, date: datetime.date, reason: str = "") -> Seal:
    """Seal a year folder.

    Parameters
    ----------
    folder : Path
        The year folder; of its tables only departments and roster need be there.
    date : date
    reason : str
        Why; needed when there is a seal already.

    Raises
    ------
    AppraisalError
        If rulebook, departments or roster are wrong, or there is a seal and no reason to replace it.
    """
    earlier = seals(folder)
    if earlier and not reason:
        said = {"date": earlier[-1].date, "code": earlier[-1].code}
        raise RunError([Problem("office.sealed_already", SEAL, values=said)])
    rules, tables = load_tables(folder, SEALED)
    made = _seal(rules, file_digest(folder / FILE), tables, date.isoformat(), reason, ballots=_has_ballots(folder))
    toml_file.write(folder / SEAL, "seals", [vars(entry) for entry in (*earlier, made)])
    return made


def seals(folder: Path) -> tuple[Seal, ...]:
    """All seals of a year folder, the valid one last."""
    return tuple(toml_file.read(folder / SEAL, "seals", Seal))


def without_roster(sealed: Seal) -> bool:
    """Whether no juror was on the roster: then it can only change after the seal."""
    return sealed.roster == values_digest([])


def changed_since(sealed: Seal, year: Year) -> ChangedSince:
    """Compare a seal with the year as it is."""
    tables = {name: getattr(year, name) for name in SEALED}
    return ChangedSince(
        rules=changed_rules(sealed.rules, written(year.rules)),
        departments=changed_rules(sealed.listed, _listed(tables["departments"])),
        roster=sealed.roster != _roster(tables["jurors"]),
    )


def _seal(
    rules: Rulebook, rulebook: str, tables: Mapping[str, pd.DataFrame], date: str, reason: str, *, ballots: bool
) -> Seal:
    listed, roster = _listed(tables["departments"]), _roster(tables["jurors"])
    departments = values_digest(listed)
    code = short_code(values_digest([rulebook, rules.seed, departments, roster]))
    return Seal(date, code, ballots, reason, rulebook, rules.seed, departments, roster, written(rules), listed)


def _listed(departments: pd.DataFrame) -> dict[str, str]:
    return {
        row.department: f"{row.name}, {row.group}, {'yes' if row.leading_group else 'no'}"
        for row in departments[["department", "name", "group", "leading_group"]].itertuples(index=False)
    }


def _roster(jurors: pd.DataFrame) -> str:
    # Names are people's: only their digest is kept, and the order of rows says nothing.
    rows: list[list[Any]] = [[str(value) for value in row] for row in jurors.itertuples(index=False)]
    return values_digest(sorted(rows))


def _has_ballots(folder: Path) -> bool:
    """Whether a table of ballots has a row, read or not."""
    inventory, _problems = take_inventory(folder, "en")
    return any(len(inventory.sheets[name].rows) for name in BALLOTS if name in inventory.sheets)
