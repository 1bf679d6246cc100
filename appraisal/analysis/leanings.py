"""Jurors and departments: one far off for one department, one score far off, jurors who move together.

What is looked at is what is left of a score after the cell (department and item) and the juror's severity.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm, t

from appraisal.analysis.consequences import Omission
from appraisal.analysis.flags import Family, Settings, first_threshold, smallest_effect
from appraisal.analysis.outliers import generalised_esd, smallest_outlier
from appraisal.analysis.panels import Panel, panels
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal

Floats = NDArray[np.float64]
# Scores that are looked for at most in one panel; Rosner 1983 shows the critical values good to ten.
MOST_SCORES = 10
# A juror's own spread is taken where one so large would come by chance this often.
WIDER = 0.01
COLUMNS = ("group", "department", "juror", "item")


def tests(appraised: Appraisal, settings: Settings) -> list[Family]:
    """Look at jurors and departments: `favour`, `score`, `together`."""
    found = panels(appraised, settings)
    codes = np.asarray(appraised.evidence.departments)
    return [
        favours(found, codes, settings),
        single_scores(found, codes, appraised.rules, settings),
        moving_together(found, settings, appraised.rules.seed),
    ]


def favours(found: tuple[Panel, ...], codes: NDArray[np.object_], settings: Settings) -> Family:
    """Find a juror who scores one department otherwise than all others do, and than the juror itself does elsewhere.

    Externally studentised residuals of juror × department (Cook and Weisberg 1982, section 2.2.1). The spread is the
    median of the panel's jurors, and the juror's own where that is larger than chance lets it be: an inconsistent juror
    favours nobody.
    """
    tables, errors = [], []
    for panel in found:
        jurors, departments = panel.leaning.shape
        deviate, error = _studentised(panel.leaning)
        errors.append(error)
        juror, department = np.nonzero(~np.isnan(panel.place).all(axis=2))
        own = deviate[juror, department]
        tables.append(
            pd.DataFrame(
                {
                    "group": panel.group,
                    "department": codes[panel.departments[department]],
                    "juror": np.array(panel.juror)[juror],
                    "statistic": own,
                    "p": 2 * t.sf(np.abs(own), (jurors - 1) * (departments - 1) / 2),
                    "direction": np.where(own < 0, "low", "high"),
                    "ballot": panel.ballots[juror],
                    "position": panel.departments[department],
                }
            )
        )
    rows = pd.concat(tables, ignore_index=True) if tables else _none(p=1.0, direction="")
    smallest = smallest_effect(float(np.mean(errors)), len(rows), settings) if errors else np.nan
    omission = partial(_own_scores, rows) if tables else None
    return Family("favour", rows, "bh", ("direction",), omission, smallest, "band")


def _studentised(leaning: Floats) -> tuple[Floats, float]:
    """Each residual over a spread without it; and the error of an effect, which shifts its own row and column too."""
    jurors, departments = leaning.shape
    square = leaning**2
    own = np.sqrt((square.sum(axis=1, keepdims=True) - square) / (departments - 2))
    usual = float(np.median(np.sqrt(square.sum(axis=1) / (departments - 1))))
    kept = (1 - 1 / jurors) * (1 - 1 / departments)
    wider = own > usual * np.sqrt(chi2.isf(WIDER, departments - 2) / (departments - 2))
    spread = np.maximum(np.where(wider, own, usual), 1e-9)
    return leaning / spread, usual / kept


def _own_scores(rows: pd.DataFrame, row: int) -> Omission:
    return Omission(scores=((int(rows["ballot"].iloc[row]), int(rows["position"].iloc[row])),))


def single_scores(found: tuple[Panel, ...], codes: NDArray[np.object_], rules: Rulebook, settings: Settings) -> Family:
    """Find single scores far off from all others: slips of the pen, above all.

    Rosner's generalised ESD (1983) in each panel, the rate shared among the panels, on the lapses over the spread of
    each juror's, the score itself left out: else a slip widens what it is measured by (externally studentised
    residuals, Cook and Weisberg 1982, section 2.2.1, brought to the normal scale by their law).
    """
    items, tables = np.array(list(rules.item_marks)), []
    for panel in found:
        deviate = _against_the_others(panel.lapse)
        place = np.argwhere(~np.isnan(deviate))
        values = deviate[tuple(place.T)]
        flag = np.zeros(len(values), dtype=bool)
        flag[generalised_esd(values, MOST_SCORES, settings.rate / len(found))] = True
        juror, department, item = place.T
        tables.append(
            pd.DataFrame(
                {
                    "group": panel.group,
                    "department": codes[panel.departments[department]],
                    "juror": np.array(panel.juror)[juror],
                    "item": items[item],
                    "statistic": values,
                    "flag": flag,
                    # Rosner's procedure bounds the rate of the whole panel; it gives no value for a single score.
                    "q": np.where(flag, settings.rate, 1.0),
                    "direction": np.where(values < 0, "low", "high"),
                    "ballot": panel.ballots[juror],
                    "position": panel.departments[department],
                }
            )
        )
    rows = pd.concat(tables, ignore_index=True) if tables else _none(flag=False, q=1.0, direction="")
    smallest = _smallest_score(found, settings) if tables else np.nan
    omission = partial(_own_scores, rows) if tables else None
    return Family("score", rows, "own", ("direction",), omission, smallest, "band")


def _against_the_others(lapse: Floats) -> Floats:
    """Each lapse over the spread of the same juror's others, as a normal deviate, ``(J, D, I)``."""
    freedom = (~np.isnan(lapse)).sum(axis=(1, 2), keepdims=True) - 1
    square = lapse**2
    others = (np.nansum(square, axis=(1, 2), keepdims=True) - square) / np.maximum(freedom, 1)
    ratio = np.abs(lapse) / np.sqrt(np.maximum(others, 1e-18))
    # The least number that has a deviate: beyond it all are equally far.
    return np.sign(lapse) * norm.isf(np.maximum(t.sf(ratio, np.maximum(freedom, 1)), np.finfo(float).tiny))


def _smallest_score(found: tuple[Panel, ...], settings: Settings) -> float:
    effects = []
    for panel in found:
        jurors, _departments, items = panel.lapse.shape
        spread = float(np.sqrt(np.nanmedian(np.nanmean(panel.lapse**2, axis=(1, 2)))))
        kept = (1 - 1 / jurors) * (1 - 1 / items) if items > 1 else 1 - 1 / jurors
        effects.append(spread / kept * smallest_outlier(panel.lapse.size, settings.rate / len(found), settings.power))
    return float(np.mean(effects))


def moving_together(found: tuple[Panel, ...], settings: Settings, seed: int) -> Family:
    """Find pairs of jurors whose leanings towards the departments move together.

    The correlation of two jurors' residuals, against what it is when each juror's residuals fall on the departments at
    random (a permutation test, Good 2005, Permutation, Parametric and Bootstrap Tests, chapter 3). The pairs of a panel
    are exchangeable then, so that all of them make up the null distribution. Correlations of one panel depend on one
    another negatively: its residuals add up to nothing in each department.
    """
    rows = []
    for panel in found:
        rng = np.random.default_rng([seed, panel.number, *b"together"])
        first, second = np.array(list(combinations(range(len(panel.ballots)), 2))).T
        leaning = _beside_merit(panel)
        seen = _correlations(leaning[None])[0, first, second]
        drawn = rng.permuted(np.repeat(leaning[None], settings.permutations, axis=0), axis=2)
        chance = np.sort(_correlations(drawn - drawn.mean(axis=1, keepdims=True))[:, first, second].ravel())
        above = len(chance) - np.searchsorted(chance, seen, side="left")
        p = (1 + above) / (1 + len(chance))
        names = np.array(panel.juror)
        for one, other, correlation, own in zip(first, second, seen, p, strict=True):
            pair = (names[one], names[other])
            both = (int(panel.ballots[one]), int(panel.ballots[other]))
            rows.append((panel.group, "+".join(pair), correlation, own, *pair, both))
    columns = ["group", "juror", "statistic", "p", "one", "other", "both"]
    table = pd.DataFrame(rows, columns=columns).astype({"statistic": float, "p": float})
    smallest = _smallest_correlation(found, len(rows), settings) if rows else np.nan
    return Family("together", table, "by", ("one", "other"), partial(_both, table), smallest, "correlation")


def _both(table: pd.DataFrame, row: int) -> Omission:
    return Omission(panel=table["both"].iloc[row])


def _beside_merit(panel: Panel) -> Floats:
    """Leanings without what follows the departments' merit: two jurors near the middle are no pair."""
    merit = np.nanmean(panel.cell, axis=1)
    merit -= merit.mean()
    slope = panel.leaning @ merit / max(merit @ merit, 1e-12)
    return panel.leaning - slope[:, None] * merit


def _correlations(leaning: Floats) -> Floats:
    """Correlations over the departments of the jurors' residuals, ``(N, J, D)`` → ``(N, J, J)``."""
    centred = leaning - leaning.mean(axis=2, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=2, keepdims=True))
    scaled = centred / np.maximum(length, 1e-12)
    return scaled @ scaled.transpose(0, 2, 1)


def _smallest_correlation(found: tuple[Panel, ...], pairs: int, settings: Settings) -> float:
    """By Fisher's z: correlations of chance are about −1 / (J − 1), with an error of 1 / √(D − 3)."""
    jurors, departments = np.mean([panel.leaning.shape for panel in found], axis=0)
    error = 1 / np.sqrt(departments - 3)
    reach = norm.isf(first_threshold(pairs, "by", settings)) + norm.ppf(settings.power)
    return float(np.tanh(np.arctanh(-1 / (jurors - 1)) + error * reach))


def _none(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in (*COLUMNS, "statistic")}).assign(**columns)
