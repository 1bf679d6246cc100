"""Deductions: a source and a group that go together, one incident twice, rows unverified, dates at the year's end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, hypergeom

from appraisal.analysis.consequences import Omission
from appraisal.analysis.counts import excesses, expected_count, quotient, ratio_interval, smallest_ratio, smallest_share
from appraisal.analysis.flags import Family, Settings, first_threshold
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.evidence import gather
from appraisal.tables import Year

Floats = NDArray[np.float64]
# The source that comes of visits; what others report needs none.
VISITING = "inspection"


def source_by_group(year: Year) -> pd.DataFrame:
    """Set the verified deductions of each source in each group against what the others would lead to expect.

    Counts are taken as Poisson with a rate of the source, a rate of the group and an exposure: for the source that
    comes of visits the visits, for the others the departments (Breslow and Day 1987, ch. 2: rates of persons at
    risk). Given how many each source and each group has, a cell against all others follows Fisher's noncentral
    hypergeometric law with the odds of the exposures, so no rate needs an estimate.

    Parameters
    ----------
    year : Year

    Returns
    -------
    DataFrame
        A row a group and source, in the order of the rulebook: `group`, `source`, `rows`, `exposure`, `expected` (by
        the other cells), `ratio` (rows ÷ expected), `low` and `high` (exact 95 % interval of the ratio, Garwood 1936),
        `p` (as many or more, one-sided).
    """
    rules = year.rules
    groups, sources = list(rules.groups), list(rules.deductions.sources)
    group = year.departments.set_index("department")["group"]
    rows = year.deductions[year.deductions["verified"]]
    counts = _crossed(rows["department"].map(group), rows["source"], groups, sources)
    departments = group.value_counts().reindex(groups, fill_value=0).to_numpy(dtype=float)
    visits = year.inspections["department"].map(group).value_counts().reindex(groups, fill_value=0).to_numpy(float)
    share = np.column_stack([_share(visits if source == VISITING else departments) for source in sources])
    expected = np.array(
        [[expected_count(counts, share, g, s) for s in range(len(sources))] for g in range(len(groups))]
    )
    p = excesses(counts, share)
    low, high = ratio_interval(counts, expected)
    where = pd.MultiIndex.from_product([groups, sources], names=["group", "source"])
    exposure = np.column_stack([visits if source == VISITING else departments for source in sources])
    columns = {
        "rows": counts,
        "exposure": exposure,
        "expected": expected,
        "ratio": quotient(counts, expected),
        "low": low,
        "high": high,
        "p": p,
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=where).reset_index()


def same_incident(year: Year, days: int) -> pd.DataFrame:
    """Pair verified deductions that look like one incident counted twice.

    Two rows of one department, from two sources, with the same points, not more than some days apart, and no incident
    that says they are one. A comparison is a pair of rows that may both count.

    Parameters
    ----------
    year : Year
    days : int

    Returns
    -------
    DataFrame
        A row a pair that may both count: `department`, `row` and `row_again` (of the file), `points`, `source`,
        `source_again`, `days` apart, `flag`. `attrs["by_chance"]`: pairs that would be flagged if dates, sources and
        points were dealt out at random.
    """
    rows = year.deductions[year.deductions["verified"]].rename_axis(index="row").reset_index()
    kept = rows[["row", "department", "source", "points", "date", "incident"]]
    pairs = kept.merge(kept, on="department", suffixes=("", "_again"))
    told = (pairs["incident"] == pairs["incident_again"]) & (pairs["incident"] != "")
    pairs = pairs[(pairs["row"] < pairs["row_again"]) & ~told].reset_index(drop=True)
    apart = (pairs["date_again"] - pairs["date"]).abs().dt.days
    alike = (pairs["source"] != pairs["source_again"]) & (pairs["points"] == pairs["points_again"])
    table = pairs[["department", "row", "row_again", "points", "source", "source_again"]].assign(
        days=apart, flag=(apart <= days) & alike
    )
    table.attrs["by_chance"] = len(pairs) * _alike_by_chance(rows, days)
    return table


def _alike_by_chance(rows: pd.DataFrame, days: int) -> float:
    """Chance that two rows drawn at random are near in date, alike in points and of different sources."""
    count = len(rows)
    if count < 2:
        return 0.0
    date = np.sort(rows["date"].to_numpy(dtype="datetime64[D]").astype("int64"))
    near = (np.searchsorted(date, date + days, side="right") - np.arange(count) - 1).sum()

    def same(column: str) -> float:
        times = rows[column].value_counts().to_numpy()
        return float((times * (times - 1)).sum() / (count * (count - 1)))

    return float(near / (count * (count - 1) / 2) * same("points") * (1 - same("source")))


def unverified_by_source(year: Year) -> pd.DataFrame:
    """Count each source's rows that are not verified, against the other sources (Fisher's exact test, one-sided).

    Returns
    -------
    DataFrame
        A row a source: `source`, `rows`, `unverified`, `share`, `others` (their share), `p`.
    """
    rows, sources = year.deductions, list(year.rules.deductions.sources)
    of_source = rows["source"].value_counts().reindex(sources, fill_value=0).to_numpy()
    open_rows = rows.loc[~rows["verified"], "source"].value_counts().reindex(sources, fill_value=0).to_numpy()
    p = hypergeom.sf(open_rows - 1, len(rows), open_rows.sum(), of_source)
    return pd.DataFrame(
        {
            "source": sources,
            "rows": of_source,
            "unverified": open_rows,
            "share": quotient(open_rows, of_source),
            "others": quotient(open_rows.sum() - open_rows, len(rows) - of_source),
            "p": p,
        }
    )


def late_in_year(year: Year, days: int) -> pd.DataFrame:
    """Count each source's deductions in the last days of the year, against an even year (exact binomial test).

    Parameters
    ----------
    year : Year
    days : int
        How many the last ones are.

    Returns
    -------
    DataFrame
        A row a source: `source`, `rows`, `late`, `expected`, `p` (so many or more, one-sided).
    """
    rows, sources = year.deductions, list(year.rules.deductions.sources)
    length = len(pd.date_range(f"{year.rules.year}-01-01", f"{year.rules.year}-12-31"))
    left = _days_left(rows, year.rules.year)
    inside = rows[(left >= 0) & (left < length)]
    of_source = inside["source"].value_counts().reindex(sources, fill_value=0).to_numpy()
    late = rows.loc[(left >= 0) & (left < days), "source"].value_counts().reindex(sources, fill_value=0).to_numpy()
    share = days / length
    return pd.DataFrame(
        {
            "source": sources,
            "rows": of_source,
            "late": late,
            "expected": of_source * share,
            "p": binom.sf(late - 1, of_source, share),
        }
    )


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Sources and groups, one incident twice, unverified rows, the end of the year.

    What hangs on a flag are the tiers if its rows did not count; of unverified rows, which do not, if they did.
    """
    return [
        _sources_by_group(appraised, settings),
        _incidents_twice(appraised, settings),
        _unverified(appraised, settings),
        _late(appraised, settings),
    ]


def _named(table: pd.DataFrame, rules: Rulebook) -> pd.DataFrame:
    return table.assign(source=[rules.label("sources", source) for source in table["source"]])


def _sources_by_group(appraised: Appraisal, settings: Settings) -> Family:
    year, rules, rows = appraised.year, appraised.rules, appraised.year.deductions
    crossed = source_by_group(year)
    group = rows["department"].map(year.departments.set_index("department")["group"])

    def omission(at: int) -> Omission:
        cell = (rows["source"] == crossed.loc[at, "source"]) & (group == crossed.loc[at, "group"])
        return _with_rows(appraised, rows[~cell])

    return Family(
        "source_by_group",
        _named(crossed, rules).assign(statistic=crossed["ratio"]),
        "bh",
        values=("source", "rows", "expected", "ratio"),
        omission=omission,
        smallest=smallest_ratio(
            float(crossed["expected"].median()),
            (len(rules.groups), len(rules.deductions.sources)),
            first_threshold(len(crossed), "bh", settings),
            settings.power,
        ),
        unit="ratio",
    )


def _incidents_twice(appraised: Appraisal, settings: Settings) -> Family:
    rules, rows = appraised.rules, appraised.year.deductions
    pairs = same_incident(appraised.year, settings.incident_days)
    return Family(
        "same_incident",
        _named(pairs, rules).assign(
            source_again=[rules.label("sources", source) for source in pairs["source_again"]],
            statistic=pairs["days"],
        ),
        "fact",
        values=("row", "row_again", "points", "days", "source", "source_again"),
        omission=lambda at: _with_rows(appraised, rows.drop(index=pairs.loc[at, "row_again"])),
        by_chance=pairs.attrs["by_chance"],
    )


def _unverified(appraised: Appraisal, settings: Settings) -> Family:
    rows = appraised.year.deductions
    unverified = unverified_by_source(appraised.year)
    usual = float((~rows["verified"]).mean()) if len(rows) else 0.0
    of_source = int(unverified["rows"].median())
    return Family(
        "unverified",
        _named(unverified, appraised.rules).assign(
            statistic=unverified["share"], others=[f"{share:.0%}" for share in unverified["others"]]
        ),
        "bh",
        values=("source", "rows", "unverified", "others"),
        omission=lambda at: _with_rows(
            appraised, rows.assign(verified=rows["verified"] | (rows["source"] == unverified.loc[at, "source"]))
        ),
        smallest=smallest_share(of_source, usual, first_threshold(len(unverified), "bh", settings), settings.power),
        unit="share",
    )


def _late(appraised: Appraisal, settings: Settings) -> Family:
    rules, rows = appraised.rules, appraised.year.deductions
    late = late_in_year(appraised.year, settings.late_days)

    def omission(at: int) -> Omission:
        early = _days_left(rows, rules.year) >= settings.late_days
        return _with_rows(appraised, rows[(rows["source"] != late.loc[at, "source"]) | early])

    return Family(
        "late_in_year",
        _named(late, rules).assign(statistic=late["late"]),
        "bh",
        values=("source", "rows", "late", "expected"),
        omission=omission,
        smallest=smallest_share(
            int(late["rows"].median()),
            settings.late_days / 365,
            first_threshold(len(late), "bh", settings),
            settings.power,
        ),
        unit="share",
    )


def _with_rows(appraised: Appraisal, rows: pd.DataFrame) -> Omission:
    """The deductions that would count by other rows, of the departments for which that is something else."""
    evidence = appraised.evidence
    other = gather(replace(appraised.year, deductions=rows), appraised.rules)
    then = other.deducted[other.departments.get_indexer(evidence.departments)]
    changed = np.flatnonzero(then != evidence.deducted)
    return Omission(deducted=tuple((int(at), float(then[at])) for at in changed))


def _days_left(rows: pd.DataFrame, year: int) -> NDArray[np.int64]:
    ends = np.datetime64(f"{year}-12-31")
    return (ends - rows["date"].to_numpy(dtype="datetime64[D]")).astype("int64")


def _crossed(group: pd.Series, source: pd.Series, groups: list[str], sources: list[str]) -> NDArray[np.int64]:
    counts = np.zeros((len(groups), len(sources)), dtype=np.int64)
    np.add.at(counts, (pd.Index(groups).get_indexer(group), pd.Index(sources).get_indexer(source)), 1)
    return counts


def _share(exposure: Floats) -> Floats:
    return exposure / exposure.sum() if exposure.sum() else np.zeros_like(exposure)
