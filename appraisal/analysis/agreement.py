"""How far the jurors of a panel agree, and how many would be enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.flags import Settings
from appraisal.analysis.panels import panels
from appraisal.scoring.appraise import Appraisal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VarianceParts:
    """Variance of targets, of judges and of what is left, in a crossed design of one score a cell.

    Parameters
    ----------
    targets, judges, residual : float
        Not below 0.
    """

    targets: float
    judges: float
    residual: float

    def reliability(self, judges: float) -> float:
        """Reliability of a mean of so many judges for telling targets apart (Brennan 2001, equation 2.40)."""
        total = self.targets + self.residual / judges
        return self.targets / total if total else np.nan

    def enough(self, reliability: float) -> int | None:
        """Fewest judges whose mean reaches a reliability; None where targets do not differ."""
        if not self.targets:
            return None
        wanted = reliability / (1 - reliability) * self.residual / self.targets
        return max(int(np.ceil(wanted - 1e-9)), 1)


def _mean_squares(ratings: Floats) -> tuple[float, float, float, float]:
    """Mean squares between targets, within targets, between judges, and of error."""
    targets, judges = ratings.shape
    centred = ratings - ratings.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    between = judges * (rows**2).sum() / (targets - 1)
    judged = targets * (columns**2).sum() / (judges - 1)
    within = ((centred - rows[:, None]) ** 2).sum() / (targets * (judges - 1))
    error = ((centred - rows[:, None] - columns) ** 2).sum() / ((targets - 1) * (judges - 1))
    return float(between), float(within), float(judged), float(error)


def intraclass(ratings: Floats) -> dict[str, float]:
    """Give the six intraclass correlations of Shrout and Fleiss (1979, Psychological Bulletin 86, 420–428).

    Parameters
    ----------
    ratings : (targets, judges) array
        No rating missing.

    Returns
    -------
    dict
        ``1,1``, ``2,1``, ``3,1`` of one judge and ``1,k``, ``2,k``, ``3,k`` of the mean; 1: each target has other
        judges, 2: judges are a sample, 3: these judges and no others.

    Examples
    --------
    Table 2 of the paper; its results stand in table 4.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> {form: round(value, 2) for form, value in intraclass(np.array(ratings, dtype=float)).items()}
    {'1,1': 0.17, '2,1': 0.29, '3,1': 0.71, '1,k': 0.44, '2,k': 0.62, '3,k': 0.91}
    """
    targets, judges = ratings.shape
    between, within, judged, error = _mean_squares(ratings)
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.float64(between - error)
        return {
            "1,1": float(np.float64(between - within) / (between + (judges - 1) * within)),
            "2,1": float(gain / (between + (judges - 1) * error + judges * (judged - error) / targets)),
            "3,1": float(gain / (between + (judges - 1) * error)),
            "1,k": float(np.float64(between - within) / between),
            "2,k": float(gain / (between + (judged - error) / targets)),
            "3,k": float(gain / between),
        }


def variance_parts(ratings: Floats) -> VarianceParts:
    """Estimate the parts of the variance from mean squares (Brennan 2001, section 2.1, a p × i design).

    Parameters
    ----------
    ratings : (targets, judges) array
        No rating missing.

    Examples
    --------
    The data of `intraclass`: the mean of four judges has the reliability ``3,k``.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> parts = variance_parts(np.array(ratings, dtype=float))
    >>> round(parts.reliability(4), 2), parts.enough(0.9)
    (0.91, 4)
    """
    targets, judges = ratings.shape
    between, _within, judged, error = _mean_squares(ratings)
    return VarianceParts(max((between - error) / judges, 0.0), max((judged - error) / targets, 0.0), error)


def krippendorff_alpha(ratings: Floats) -> float:
    """Give Krippendorff's α of interval data, 1 for perfect agreement and 0 for that of chance.

    Krippendorff 2004, Content Analysis, chapter 11, and 2011, Computing Krippendorff's alpha-reliability, whose names
    the steps have: the coincidences of values inside units, and the squared difference δ² of two values.

    Parameters
    ----------
    ratings : (observers, units) array
        NaN where not observed; a unit with one value says nothing.

    Examples
    --------
    >>> krippendorff_alpha(np.array([[1.0, 2, 3], [1, 2, 3]]))
    1.0
    """
    seen = ~np.isnan(ratings)
    values, code = np.unique(ratings[seen], return_inverse=True)
    counts = np.zeros((ratings.shape[1], len(values)))
    np.add.at(counts, (np.nonzero(seen)[1], code), 1)
    counts = counts[counts.sum(axis=1) > 1]
    pairs = (counts / (counts.sum(axis=1, keepdims=True) - 1)).T @ counts
    coincidences = pairs - np.diag((counts / (counts.sum(axis=1, keepdims=True) - 1)).sum(axis=0))
    marginal = coincidences.sum(axis=0)
    difference = (values[:, None] - values) ** 2
    expected = marginal @ difference @ marginal / (marginal.sum() - 1) if marginal.sum() > 1 else 0.0
    return float(1 - (coincidences * difference).sum() / expected) if expected else np.nan


def panel_agreement(appraised: Appraisal, settings: Settings) -> pd.DataFrame:
    """Say for each panel how far its jurors agree, on the points given and inside the bands.

    On points, agreement is partly that of the bands, which the panel set together before it voted. Inside the bands the
    mean place over the items is rated. Departments that a juror left out are left out.

    Parameters
    ----------
    appraised : Appraisal
    settings : Settings

    Returns
    -------
    DataFrame
        Rows: panel × ``points``, ``bands``. Columns `group`, `scale`, `jurors`, `departments`; the six forms of
        `intraclass`; `alpha` (interval); `enough`, the fewest jurors whose mean reaches `Settings.reliability`,
        missing where departments do not differ.
    """
    rows = []
    marks = sum(float(full) for full in appraised.rules.item_marks.values())
    for panel in panels(appraised, settings):
        points = appraised.evidence.panel[np.ix_(panel.ballots, panel.departments)].sum(axis=2) / marks
        for scale, scores in {"points": points, "bands": panel.place.mean(axis=2)}.items():
            ratings = scores[:, ~np.isnan(scores).any(axis=0)].T
            rows.append({"group": panel.group, "scale": scale, **_agreement(ratings, settings)})
    columns = ["group", "scale", "jurors", "departments", *intraclass(np.eye(2)), "alpha", "enough"]
    return pd.DataFrame(rows, columns=columns).astype({"enough": "Int64"})


def _agreement(ratings: Floats, settings: Settings) -> Mapping[str, float | int | None]:
    departments, jurors = ratings.shape
    sizes: dict[str, float | int | None] = {"jurors": jurors, "departments": departments}
    if departments < settings.least_departments:
        return sizes
    enough = variance_parts(ratings).enough(settings.reliability)
    return sizes | intraclass(ratings) | {"alpha": krippendorff_alpha(ratings.T), "enough": enough}
