"""The gate: the base case of an analysis is the official result, or nothing goes on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.errors import Problem, ReconciliationError
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal


def hold(appraised: Appraisal, tiers: NDArray[np.int8], analysis: str) -> None:
    """Compare the base case of an analysis with the scorecard.

    A published national index was found with a third of its ranks different between its results and its own
    sensitivity annex: that is the accident this prevents.

    Parameters
    ----------
    appraised : Appraisal
    tiers : (D,) int array
        Tiers that the analysis gives where nothing is changed, as positions in `TIERS`.
    analysis : str
        Its name, for the message.

    Raises
    ------
    ReconciliationError
        With both values of every department that differs.
    """
    found = pd.Series(np.array(TIERS)[tiers], index=appraised.evidence.departments)
    _hold(appraised.scorecard["rule_tier"], found, analysis)


def hold_ranks(appraised: Appraisal, ranks: pd.Series, analysis: str) -> None:
    """Compare the ranks of an analysis in which nothing is supposed with the scorecard.

    Parameters
    ----------
    appraised : Appraisal
    ranks : Series
        Rank by the code of the department, of all or some that are ranked.
    analysis : str
        Its name, for the message.

    Raises
    ------
    ReconciliationError
        With both values of every department that differs.
    """
    _hold(appraised.scorecard["rank"], ranks, analysis)


def _hold(official: pd.Series, found: pd.Series, analysis: str) -> None:
    if wrong := [code for code in found.index if found[code] != official[code]]:
        raise ReconciliationError(
            Problem(
                "gate.differs",
                analysis,
                values={"department": code, "here": found[code], "scorecard": official[code]},
            )
            for code in wrong
        )
