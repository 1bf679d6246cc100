"""Social answers by department: too many 不了解, counts that do not fit the forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import beta, betabinom

from appraisal.analysis.flags import Family, Settings, first_threshold
from appraisal.scoring.appraise import Appraisal
from appraisal.tables import Year

Ints = NDArray[np.int64]
# The highest twentieth is only taken to be high, so that the odd ones do not make room for themselves.
KEPT = 0.95


def answer_counts(year: Year) -> pd.DataFrame:
    """Forms with each answer, department by department, from forms or from counts alike.

    Returns
    -------
    DataFrame
        Index `department`; a column an answer: the valid ones, the best first, then those left out but said.
    """
    table, ratings = year.social_answers, year.rules.social.answers
    counts = year.social_times.groupby([table["department"], table["rating"]]).sum().unstack(fill_value=0)
    return counts.reindex(index=year.departments["department"], columns=ratings, fill_value=0)


def unknown_answers(year: Year) -> pd.DataFrame:
    """Hold each department's answers that count for nothing (不了解) against how far departments differ in them.

    Departments are known to different degrees: the counts are taken as beta-binomial (Skellam 1948), fitted by maximum
    likelihood with the highest twentieth censored.

    Parameters
    ----------
    year : Year

    Returns
    -------
    DataFrame
        A row a department: `department`, `group`, `answers` (that say something), `unknown`, `share`, `median` (share
        of all departments), `p` (so many or more).
    """
    counts = answer_counts(year)
    valid = counts[[rating for rating in counts if rating in year.rules.social.points]].sum(axis=1).to_numpy()
    answers = counts.sum(axis=1).to_numpy()
    unknown, share = answers - valid, np.divide(answers - valid, answers, where=answers > 0, out=np.zeros(len(answers)))
    p = np.ones(len(answers))
    if unknown.any():
        p = betabinom.sf(unknown - 1, answers, *beta_law(unknown, answers))
    return pd.DataFrame(
        {
            "department": counts.index,
            "group": year.departments["group"].to_numpy(),
            "answers": answers,
            "unknown": unknown,
            "share": share,
            "median": np.median(share),
            "p": p,
        }
    )


def beta_law(times: Ints, of: Ints) -> tuple[float, float]:
    """Shapes of the beta law behind counts, by maximum likelihood with the highest twentieth censored.

    Parameters
    ----------
    times, of : (D,) int arrays
    """
    share = times / of
    limit = np.quantile(share, KEPT)
    low = share <= limit
    middle = float(np.clip(np.median(share), 1e-4, 1 - 1e-4))

    def shapes(law: NDArray[np.float64]) -> tuple[float, float]:
        mean, total = float(expit(law[0])), float(np.exp(np.clip(law[1], -2, 14)))
        return mean * total, (1 - mean) * total

    def unlikely(law: NDArray[np.float64]) -> float:
        a, b = shapes(law)
        seen = betabinom.logpmf(times[low], of[low], a, b).sum()
        return -float(seen + betabinom.logsf(np.floor(limit * of[~low]), of[~low], a, b).sum())

    start = np.array([logit(middle), np.log(20.0)])
    return shapes(minimize(unlikely, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3}).x)


def counts_against_forms(year: Year) -> pd.DataFrame:
    """Departments with more answers than forms were returned, or were issued where nobody says how many came back.

    Returns
    -------
    DataFrame
        A row a department: `department`, `answers`, `forms` (the most there can be), `flag`.
    """
    answers = answer_counts(year).sum(axis=1)
    forms = year.rules.social.issued if year.returned is None else year.returned
    return pd.DataFrame(
        {
            "department": answers.index,
            "answers": answers.to_numpy(),
            "forms": forms,
            "flag": answers.to_numpy() > forms,
        }
    )


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """不了解 by department, answers against forms."""
    year = appraised.year
    unknown = unknown_answers(year)
    unknown = unknown.assign(statistic=unknown["share"])
    smallest = np.nan
    if unknown["unknown"].any():
        law = beta_law(unknown["unknown"].to_numpy(), unknown["answers"].to_numpy())
        of = int(unknown["answers"].median())
        threshold = first_threshold(len(unknown), "bh", settings)
        count = int(betabinom.isf(threshold, of, *law))
        # A department of this share has so many in nine years of ten.
        smallest = _share_for(count + 1, of, settings.power)
    against = counts_against_forms(year)
    return [
        Family(
            "unknown_answers",
            unknown.assign(**{name: [f"{share:.0%}" for share in unknown[name]] for name in ("share", "median")}),
            "bh",
            values=("share", "median"),
            smallest=smallest,
            unit="share",
        ),
        Family("more_answers", against.assign(statistic=against["answers"]), "fact", values=("answers", "forms")),
    ]


def _share_for(count: int, of: int, power: float) -> float:
    """Share at which a binomial count reaches `count` with the chance `power`."""
    return float(beta.ppf(power, count, max(of - count + 1, 1)))
