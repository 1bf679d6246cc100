"""Social forms, one by one: one answer for everybody, two forms that are one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.stats import binom, norm

from appraisal.analysis.consequences import Omission
from appraisal.analysis.deviations import NORMAL
from appraisal.analysis.flags import Family, Settings, first_threshold
from appraisal.scoring.appraise import Appraisal
from appraisal.tables import Year

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
# Agreement is looked at closely from so many standard deviations above what is expected; nothing below is ever flagged.
FAR = 4.0
# Of the quadrature; its outermost lies some 13 standard deviations out.
NODES = 100


def answer_matrix(year: Year) -> tuple[Ints, pd.Index, list[str]]:
    """Answers by form and department.

    Parameters
    ----------
    year : Year
        With `social_ballots`.

    Returns
    -------
    answers : (F, D) int array
        Position in `ratings`, −1 where the form says nothing.
    forms : Index of str, length F
    ratings : list of str
        Valid ones, the best first, then those that are left out but said, such as 不了解.
    """
    table, ratings = year.social_answers, year.rules.social.answers
    departments = pd.Index(year.departments["department"])
    place, forms = pd.factorize(table["ballot"], sort=False)
    answers = np.full((len(forms), len(departments)), -1)
    answers[place, departments.get_indexer(table["department"])] = pd.Index(ratings).get_indexer(table["rating"])
    return answers, pd.Index(forms), ratings


def straight_lines(answers: Ints, ratings: int, least: int) -> pd.DataFrame:
    """Find forms that answer almost everything alike, against how far forms differ in leniency.

    Some citizens are lenient and some severe: the number of times that a form gives an answer is taken as binomial
    with a chance of its own, normal over the forms on the scale of the probit (the normal ogive of Lord and Novick
    1968). The form's most frequent answer is held to the tail of that law, times the number of answers. On
    straight-lining Krosnick (1991), on its measures Kim, Dykema, Stevenson, Black and Moberg (2019, Social Science
    Computer Review 37, 214–233).

    Parameters
    ----------
    answers : (F, D) int array
        −1 where the form says nothing.
    ratings : int
        Number of answers R.
    least : int
        Forms with fewer answers are not tested.

    Returns
    -------
    DataFrame
        A row a form: `answered`, `rating` (position of the most frequent), `same` (times), `share`, `p`.
    """
    times = np.stack([(answers == rating).sum(axis=1) for rating in range(ratings)], axis=1)
    answered = times.sum(axis=1)
    most = times.argmax(axis=1)
    same = times[np.arange(len(times)), most]
    tested = answered >= least
    p = np.full(len(times), np.nan)
    for rating in range(ratings):
        own = tested & (most == rating)
        if own.any():
            law = Leniency.of(times[tested, rating], answered[tested])
            p[own] = np.minimum(ratings * law.at_least(same[own], answered[own]), 1.0)
    share = np.divide(same, answered, out=np.full(len(times), np.nan), where=answered > 0)
    return pd.DataFrame({"answered": answered, "rating": most, "same": same, "share": share, "p": p})


@dataclass(frozen=True)
class Leniency:
    """How far forms differ in how often they give one answer: a normal law on the scale of the probit.

    Parameters
    ----------
    middle, spread : float
        Median and standard deviation of the probit of a form's chance to give the answer.
    """

    middle: float
    spread: float

    @classmethod
    def of(cls, times: Ints, of: Ints) -> Leniency:
        """Fit the law by median and median absolute deviation, so that odd forms do not make room for themselves.

        What the binomial alone scatters is taken off.

        Parameters
        ----------
        times, of : (F,) int arrays
            Times the answer was given, and answers given.

        Examples
        --------
        >>> Leniency.of(np.array([50] * 9), np.array([100] * 9))
        Leniency(middle=0.0, spread=0.0)
        """
        probit = norm.ppf((times + 0.5) / (of + 1))
        middle = float(np.median(probit))
        chance = norm.cdf(middle)
        scatter = chance * (1 - chance) / (np.median(of) * norm.pdf(middle) ** 2)
        spread = (NORMAL * np.median(np.abs(probit - middle))) ** 2 - scatter
        return cls(middle, float(np.sqrt(max(spread, 0.0))))

    def at_least(self, times: Ints, of: Ints) -> Floats:
        """Chance of so many or more, ``(F,)``, by Gauss–Hermite quadrature over the law."""
        node, weight = hermegauss(NODES)
        chance = norm.cdf(self.middle + self.spread * node)
        return binom.sf(times[:, None] - 1, of[:, None], chance) @ (weight / weight.sum())


def near_duplicates(answers: Ints, ratings: int, least: int) -> pd.DataFrame:
    """Find pairs of forms that agree more than the skew of the answers lets expect.

    Share of identical answers as Kuriakose and Robbins (2016, Statistical Journal of the IAOS 32, 283–291), but not
    against a fixed 85 %: forms of few popular answers agree by chance (Simmons, Mercer, Schwarzer and Kennedy 2016,
    same issue, 327–338). What is expected of a pair follows from how often each of the two gives each answer and how
    often each department gets it; the tail is that of the binomial of the mean chance, which no sum of unequal
    chances exceeds far above its mean (Hoeffding 1956).

    Parameters
    ----------
    answers : (F, D) int array
    ratings : int
    least : int
        Pairs with fewer departments answered by both are not tested.

    Returns
    -------
    DataFrame
        A row a pair that agrees more than expected by `FAR` standard deviations: `first`, `second` (positions),
        `both` (departments answered by both), `same`, `expected`, `p`. `attrs["comparisons"]`: pairs tested.
    """
    given = np.stack([answers == rating for rating in range(ratings)]).astype(np.float32)
    flat = np.moveaxis(given, 0, 1).reshape(len(answers), -1)
    there = given.sum(axis=0)
    both, same = there @ there.T, flat @ flat.T
    chance = _chances(given, there)
    expected = chance @ chance.T
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.clip(expected / both, 0, 1)
        far = (same - expected) / np.sqrt(np.maximum(expected * (1 - rate), 1e-9))
    tested = both >= least
    first, second = np.nonzero(np.triu(tested & (far > FAR), 1))
    at = (first, second)
    table = pd.DataFrame(
        {
            "first": first,
            "second": second,
            "both": both[at].astype(int),
            "same": same[at].astype(int),
            "expected": expected[at].astype(float),
            "p": binom.sf(same[at] - 1, both[at], np.minimum(rate[at].astype(float), 1 - 1e-9)),
        }
    )
    table.attrs["comparisons"] = int(np.triu(tested, 1).sum())
    return table


def _chances(given: Singles, there: Singles) -> Singles:
    """Chance of each answer on each form and department, 0 where the form says nothing: ``(F, R × D)``.

    In proportion to how often the form gives the answer and how often the department gets it.
    """
    own = given.sum(axis=2) / np.maximum(there.sum(axis=1), 1)
    of_department = given.sum(axis=1) / np.maximum(there.sum(axis=0), 1)
    whole = given.sum(axis=(1, 2)) / max(float(there.sum()), 1.0)
    lift = np.divide(of_department, whole[:, None], out=np.zeros_like(of_department), where=whole[:, None] > 0)
    chance = own[:, :, None] * lift[:, None, :]
    chance = np.divide(chance, chance.sum(axis=0), out=np.zeros_like(chance), where=chance.sum(axis=0) > 0)
    return np.moveaxis(chance * there, 0, 1).reshape(given.shape[1], -1)


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Straight lines and near duplicates, form by form; none where there are only counts.

    A form is called by its place in the table. What it says is not told: it is a ballot.
    """
    year = appraised.year
    if year.social_counts is not None:
        return []
    answers, forms, ratings = answer_matrix(year)
    least = int(np.ceil(settings.least_answered * answers.shape[1]))
    # Positions of the forms in the evidence, where those without a valid rating have none.
    valid = year.social_answers["rating"].isin(year.rules.social.points)
    ballots = pd.Index(year.social_answers.loc[valid, "ballot"].unique())
    lines = straight_lines(answers, len(ratings), least)
    numbers = np.arange(1, len(forms) + 1)
    lines = lines.assign(form=numbers, statistic=lines["share"])
    pairs = near_duplicates(answers, len(ratings), least)
    comparisons = pairs.attrs["comparisons"]
    pairs = pairs.assign(form=numbers[pairs["first"]], again=numbers[pairs["second"]], statistic=pairs["same"])

    def without(positions: NDArray[np.intp]) -> Omission:
        at = ballots.get_indexer(forms[positions])
        return Omission(social=tuple(at[at >= 0].tolist()))

    return [
        Family(
            "straight_lines",
            lines,
            "bh",
            omission=lambda row: without(np.array([row])),
            smallest=smallest_alike(answers, len(ratings), least, settings),
            unit="share",
        ),
        Family(
            "near_duplicates",
            pairs,
            "bh",
            values=("again", "both", "same", "expected"),
            omission=lambda row: without(pairs["second"].to_numpy()[[row]]),
            smallest=smallest_agreement(answers, comparisons, settings),
            unit="share",
            untold=comparisons - len(pairs),
        ),
    ]


def smallest_alike(answers: Ints, ratings: int, least: int, settings: Settings) -> float:
    """Share of answers alike at which a form would be flagged, whichever the answer; NaN where none would be."""
    threshold = first_threshold(int(((answers >= 0).sum(axis=1) >= least).sum()), "bh", settings)
    whole = answers.shape[1]
    shares = np.arange(whole // 2, whole + 1)
    worst = 0.0
    answered = (answers >= 0).sum(axis=1)
    for rating in range(ratings):
        law = Leniency.of((answers == rating).sum(axis=1)[answered >= least], answered[answered >= least])
        p = ratings * law.at_least(shares, np.full(shares.size, whole))
        worst = max(worst, float(shares[p <= threshold].min(initial=whole + 1)) / whole)
    return worst if worst <= 1 else float("nan")


def smallest_agreement(answers: Ints, comparisons: int, settings: Settings) -> float:
    """Share of departments on which two usual forms must agree to be flagged."""
    answered = answers >= 0
    own = np.stack([(answers == rating).sum(axis=1) for rating in range(answers.max(initial=0) + 1)], axis=1)
    share = own / np.maximum(answered.sum(axis=1), 1)[:, None]
    usual = float(np.median(share @ share.mean(axis=0)))
    whole = answers.shape[1]
    threshold = first_threshold(comparisons, "bh", settings)
    return (float(binom.isf(threshold, whole, usual)) + 1) / whole
