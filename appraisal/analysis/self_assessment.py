"""Self-assessment against verified points: who claims more than others of the same verified points do."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis.deviations import robust_line, robust_z
from appraisal.analysis.flags import Family, Settings, smallest_effect
from appraisal.scoring.appraise import Appraisal


def percent(points: pd.Series) -> list[str]:
    """Points of 100 as they are read."""
    return [f"{value:.1f}%" for value in points]


def self_against_verified(appraised: Appraisal) -> pd.DataFrame:
    """Set what each department claims against what the panel gives, and against what others of its points claim.

    Mean inflation says nothing of anybody: most claim a little more. Differential inflation does: the residual of the
    claims on the verified points, by a line that the odd ones do not bend (Theil 1950, Sen 1968). Beside it the
    distance of the plain inflation from its group's median (Iglewicz and Hoaglin 1993).

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        A row a department in competition: `department`, `group`; `claimed` and `verified` (of 100, over the items that
        it scored itself), `inflation` (their difference), `within_group` (its robust z), `expected` (claim of others
        of such points), `deviation` (claimed less expected), `z`, `p` (so far above, one-sided). Missing where a
        department has no self-assessment. `attrs`: `slope`, `scale` (points of 100), `freedom`.
    """
    evidence, items = appraised.evidence, list(appraised.rules.item_marks)
    marks = np.array([float(full) for full in appraised.rules.item_marks.values()])
    claims = appraised.year.self_assessments.set_index(["department", "item"])["score"].unstack()
    claims = claims.reindex(index=evidence.departments, columns=items).to_numpy(dtype=float)
    counted = ~np.isnan(claims)
    given = np.nansum(evidence.panel, axis=0) / np.maximum((~np.isnan(evidence.panel)).sum(axis=0), 1)
    full = np.where(counted.any(axis=1), counted @ marks, np.nan)
    claimed = 100 * np.nansum(claims, axis=1) / full
    verified = 100 * np.where(counted, given, 0.0).sum(axis=1) / full
    fit = robust_line(claimed, verified, evidence.group)
    table = pd.DataFrame(
        {
            "department": evidence.departments,
            "group": np.array(list(appraised.rules.groups))[evidence.group],
            "claimed": claimed,
            "verified": verified,
            "inflation": claimed - verified,
            "within_group": robust_z(claimed - verified, evidence.group),
            "expected": fit.expected,
            "deviation": fit.residual,
            "z": fit.z,
            "p": fit.above(),
        }
    )
    table.attrs.update(slope=fit.slope, scale=fit.scale, freedom=fit.freedom)
    return table


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Differential inflation, department by department. Claims count for nothing, so no tier hangs on one."""
    table = self_against_verified(appraised)
    made = int(table["p"].notna().sum())
    smallest = smallest_effect(table.attrs["scale"], made, settings, freedom=table.attrs["freedom"], sides=1)
    return [
        Family(
            "self_assessment",
            table.assign(
                statistic=table["z"], **{name: percent(table[name]) for name in ("claimed", "verified", "expected")}
            ),
            "bh",
            values=("claimed", "verified", "expected", "deviation"),
            smallest=smallest,
            unit="points_of_100",
        )
    ]
