"""Suppositions: the year under other rules, or without some panel ballots, as somebody tries them one by one.

A mean with and without one ballot gives that ballot. So points and ranks are always those of all ballots; what is left
out shows in tiers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from appraisal.analysis import gate
from appraisal.analysis.margins import lines_between
from appraisal.rulebook import TIERS, Rulebook
from appraisal.scoring.appraise import Appraisal, every_ballot_once, place_points, score, stand


@dataclass(frozen=True)
class Supposed:
    """What a supposition gives.

    Parameters
    ----------
    rules : Rulebook
        Those supposed.
    scorecard : DataFrame
        Departments in competition: `name`, `group`, `composite`, `rank` (place in the group; a tie by the order of the
        rows), all of every ballot; `rule_tier` as it is, `tier` as supposed.
    lines : DataFrame
        As `lines_between` gives it, of every ballot.
    """

    rules: Rulebook
    scorecard: pd.DataFrame
    lines: pd.DataFrame

    @property
    def moved(self) -> pd.DataFrame:
        """Rows of the scorecard whose tier is another than it is."""
        return self.scorecard[self.scorecard["tier"] != self.scorecard["rule_tier"]]


def suppose(appraised: Appraisal, rules: Rulebook, left_out: Sequence[int] = ()) -> Supposed | None:
    """Run the whole rule under other rules and without some panel ballots; a what-if, which never stops.

    Parameters
    ----------
    appraised : Appraisal
    rules : Rulebook
        With the items and groups of the year.
    left_out : sequence of int
        Positions of panel ballots in the evidence.

    Returns
    -------
    Supposed, or None where a department would be left without a score.

    Raises
    ------
    ReconciliationError
        If the rules as they are, with every ballot, do not give the scorecard.
    """
    evidence, rows = appraised.evidence, np.arange(len(appraised.evidence.departments))
    points = score(evidence, rules)
    counted = points
    if left_out:
        once = every_ballot_once(evidence)
        once.panel[list(left_out)] = 0.0
        counted = score(evidence, rules, once)
        if not np.isfinite(counted.exact["composite"]).all():
            return None
    tier = place_points(counted, evidence, rules, rows).rule_tier
    if rules == appraised.rules and not left_out:
        gate.hold(appraised, tier, "suppositions")
    scorecard = appraised.scorecard.loc[evidence.departments, ["name", "group"]].assign(
        composite=points.rounded["composite"],
        rank=pd.array(stand(points, evidence, rules, rows).place, dtype="Int64"),
        rule_tier=appraised.scorecard["rule_tier"],
        tier=pd.array(np.array(TIERS)[tier], dtype="str"),
    )
    return Supposed(rules, scorecard, lines_between(points, evidence, rules))
