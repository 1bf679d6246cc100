"""All tests of a year, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from appraisal.analysis import (
    answers,
    contrast,
    deductions,
    forms,
    groups,
    leanings,
    process,
    raters,
    self_assessment,
)
from appraisal.analysis.flags import Family, Flags, Settings, judge
from appraisal.scoring.appraise import Appraisal

# What tests there are: each gives its families.
TESTS: tuple[Callable[[Appraisal, Settings], Iterable[Family]], ...] = (
    raters.tests,
    leanings.tests,
    self_assessment.tests,
    contrast.tests,
    deductions.tests,
    process.tests,
    groups.tests,
    forms.tests,
    answers.tests,
)


def find_flags(appraised: Appraisal, settings: Settings | None = None) -> Flags:
    """Run every test on a year.

    Parameters
    ----------
    appraised : Appraisal
    settings : Settings, optional
        Other rates and thresholds than the usual ones.

    Raises
    ------
    ReconciliationError
        If with nothing left out the tiers are not those of the scorecard.
    """
    settings = settings or Settings()
    families = [family for tests in TESTS for family in tests(appraised, settings)]
    return judge(appraised, families, settings)
