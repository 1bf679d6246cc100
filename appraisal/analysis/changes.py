"""What changed between two states of one year: rows, ballots as counts, rules, and who moved by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from appraisal.reading.contracts import CONTRACTS, Contract
from appraisal.rulebook import Rulebook
from appraisal.tables import Year

# Of these a change is told as counts alone: ballots are anonymous, a roster names its jurors.
COUNTED = tuple(name for name, contract in CONTRACTS.items() if contract.secret or name == "jurors")
# What settles or explains a change; a row of it needs no explanation itself.
EXPLAINING = ("appeals", "rulings", "queries")
ROW_COLUMNS = ["table", "row", "department", "column", "before", "after"]
COUNT_COLUMNS = ["table", "department", "added", "removed", "changed"]

Values = Mapping[str, Mapping[str, Any]]
Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Changes:
    """What changed.

    Parameters
    ----------
    rows : DataFrame
        One row a changed cell: `table`, `row` (as a spreadsheet counts it, of the later state, or of the earlier one
        where the row is gone), `department`, `column`, `before`, `after`; of a row added or taken away the column is
        blank and the whole row stands on one side.
    counts : DataFrame
        Of ballots and roster, one row a table and department: `added`, `removed`, `changed`.
    rules : DataFrame
        One row a differing key of the rulebook: `key`, `before`, `after`.
    moves : DataFrame
        Index `department`, who moved in rank or tier: `name`, `rank_before`, `rank_after`, `tier_before`, `tier_after`;
        missing where the department is not there or outside competition.
    """

    rows: pd.DataFrame
    counts: pd.DataFrame
    rules: pd.DataFrame
    moves: pd.DataFrame

    @property
    def departments(self) -> set[str]:
        """Departments with a changed row or ballot, what only explains aside."""
        rows = self.rows[~self.rows["table"].isin(EXPLAINING)]
        return (set(rows["department"]) | set(self.counts["department"])) - {""}


def between(before: Year, after: Year, was: Values, now: Values) -> Changes:
    """Say what changed from one state of a year to another.

    Parameters
    ----------
    before, after : Year
    was, now : mapping
        The result of each: department to `name`, `rank`, `tier`.
    """
    rows: list[tuple[Any, ...]] = []
    counts: list[tuple[Any, ...]] = []
    for name, contract in CONTRACTS.items():
        first, second = getattr(before, name), getattr(after, name)
        if first is None and second is None:
            continue
        first, second = (_texts(table, contract) for table in (first, second))
        if name in COUNTED:
            counts += _counted(first, second, contract)
        else:
            rows += _changed_rows(first, second, contract)
    return Changes(
        rows=pd.DataFrame(rows, columns=ROW_COLUMNS, dtype=object),
        counts=pd.DataFrame(counts, columns=COUNT_COLUMNS),
        rules=changed_rules(written(before.rules), written(after.rules)),
        moves=moves(was, now),
    )


def written(rules: Rulebook) -> dict[str, str]:
    """Every value of a rulebook as text, by its dotted key.

    A list is written with commas; a decimal as it stands in the file.
    """

    def said(value: object) -> str:
        if isinstance(value, tuple | list):
            return ", ".join(map(said, value))
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {key: said(value) for key, value in rules.entries().items()}


def changed_rules(before: Mapping[str, str], after: Mapping[str, str]) -> pd.DataFrame:
    """Keys whose values differ; a key that is not there has the value blank.

    Examples
    --------
    >>> changed_rules({"seed": "1", "year": "2003"}, {"seed": "2", "year": "2003"}).values.tolist()
    [['seed', '1', '2']]
    """
    rows = [
        (key, before.get(key, ""), after.get(key, ""))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    return pd.DataFrame(rows, columns=["key", "before", "after"], dtype=object)


def moves(was: Values, now: Values) -> pd.DataFrame:
    """Departments whose rank or tier differ between two results, in the order of the later one."""
    nothing: Mapping[str, Any] = {}
    rows = {
        department: (
            (now.get(department) or was[department])["name"],
            *(result.get(department, nothing).get("rank") for result in (was, now)),
            *(result.get(department, nothing).get("tier") for result in (was, now)),
        )
        for department in dict.fromkeys([*now, *was])
    }
    columns = ["name", "rank_before", "rank_after", "tier_before", "tier_after"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=object).rename_axis("department")
    table = table.astype({"rank_before": "Int64", "rank_after": "Int64"})
    return table[(table["rank_before"].fillna(0) != table["rank_after"].fillna(0)) | _other_tier(table)]


def tier_moves(moved: pd.DataFrame) -> pd.DataFrame:
    """Those of `moves` whose tier differs."""
    return moved[_other_tier(moved)]


def _other_tier(moved: pd.DataFrame) -> pd.Series:
    return moved["tier_before"].fillna("") != moved["tier_after"].fillna("")


def unexplained(changes: Changes, after: Year) -> list[str]:
    """Departments with a changed row since a state for which no appeal, new ruling or new query stands.

    Parameters
    ----------
    changes : Changes
        Since the first publication.
    after : Year
    """
    explained = set(after.appeals["department"])
    explained |= set(changes.rows.loc[changes.rows["table"].isin(EXPLAINING), "department"])
    return sorted(changes.departments - explained)


def without_effect(changes: Changes, after: Year) -> list[str]:
    """Departments whose appeal was upheld and of which no row has changed since a state."""
    upheld = after.appeals.loc[after.appeals["decision"] == "upheld", "department"]
    ruled = changes.rows.loc[changes.rows["table"] == "rulings", "department"]
    return sorted(set(upheld) - changes.departments - set(ruled))


def _texts(table: pd.DataFrame | None, contract: Contract) -> pd.DataFrame:
    """A table as texts, with its row numbers; empty if it is not there."""
    if table is None:
        return pd.DataFrame(columns=["row", *(column.name for column in contract.columns)], dtype=object)
    texts = {column: [_text(value) for value in table[column]] for column in table.columns}
    return pd.DataFrame({"row": table.index.to_numpy(), **texts})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _counted(first: pd.DataFrame, second: pd.DataFrame, contract: Contract) -> Iterator[tuple[Any, ...]]:
    """Counts by department of rows added, taken away and changed."""
    key = list(contract.key)
    rest = [column for column in second.columns if column not in ("row", *key)]
    both = first.merge(second, how="outer", on=key, suffixes=("_before", "_after"), indicator=True)
    differs = pd.Series(False, index=both.index)
    for column in rest:
        differs |= both[f"{column}_before"] != both[f"{column}_after"]
    where = both["department"] if "department" in both else pd.Series("", index=both.index)
    kinds = pd.DataFrame(
        {
            "added": both["_merge"] == "right_only",
            "removed": both["_merge"] == "left_only",
            "changed": (both["_merge"] == "both") & differs,
        }
    )
    sums = kinds.groupby(where).sum()
    for department, row in sums[sums.any(axis=1)].iterrows():
        yield contract.name, department, *(int(row[kind]) for kind in ("added", "removed", "changed"))


def _changed_rows(first: pd.DataFrame, second: pd.DataFrame, contract: Contract) -> Iterator[tuple[Any, ...]]:
    """The cells of keyed rows that differ; of other tables the rows that are only on one side."""
    columns = [column for column in dict.fromkeys([*second.columns, *first.columns]) if column != "row"]
    was, now = (_by_key(table, contract) for table in (first, second))
    if not contract.key:
        was, now = _paired(was, now)
    for key in dict.fromkeys([*now, *was]):
        old, new = was.get(key), now.get(key)
        row = new or old
        if row is None:
            continue
        at = (contract.name, row["row"], row.get("department", ""))
        if old is None or new is None:
            whole = ", ".join(str(row[column]) for column in columns if row.get(column))
            yield (*at, "", "", whole) if old is None else (*at, "", whole, "")
            continue
        for column in columns:
            if old.get(column, "") != new.get(column, ""):
                yield (*at, column, old.get(column, ""), new.get(column, ""))


def _paired(was: Rows, now: Rows) -> tuple[Rows, Rows]:
    """Of rows without a key: what is only on one side, a row that stands where one is gone taken for that one."""
    gone = {row["row"]: row for key, row in was.items() if key not in now}
    come = {row["row"]: row for key, row in now.items() if key not in was}
    return {(place,): row for place, row in gone.items()}, {(place,): row for place, row in come.items()}


def _by_key(table: pd.DataFrame, contract: Contract) -> Rows:
    """Rows by what tells them apart: their key, or everything they say and which time it is said."""
    columns = list(contract.key) or [column for column in table.columns if column != "row"]
    said: Counter[tuple[Any, ...]] = Counter()
    rows = {}
    for row in table.to_dict("records"):
        own = tuple(row[column] for column in columns)
        said[own] += 1
        rows[(*own, said[own])] = {str(column): value for column, value in row.items()}
    return rows
