"""How often what the analyses say came true, in years whose truth is known: the measure, and the figures on record.

`make calibration` tries the analyses on made-up years (`tests/benchmarks/known_truth.py`) and writes the figures to
`calibration.toml` beside this file, with their date and size; the report quotes them from there.

Chances of three kinds are on trial, which `analysis.repeatability` tells apart: (a) ``share`` of the resamples, (b)
``unlimited`` raters, (c) a panel ``anew``. A chance is reliable if of the cases given 0.7 some 0.7 come true (Murphy
1973). Cases are put in ten bins of chance; in each, the share that came true is held against the mean chance. The mean
over bins, weighed by cases, is the calibration error; the worst bin is looked for among those with `LEAST` cases or
more.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Confidence of the rank sets that are on trial.
COVERAGE = 0.95
BINS, LEAST = 10, 100
# What is asked of (b) and (c): mean calibration error, and the worst bin.
MOST_ERROR, MOST_OFF = 0.03, 0.08


@dataclass(frozen=True)
class Calibration:
    """The figures on record.

    Parameters
    ----------
    day : date
    commit : str
        Of the code that was tried.
    seed, years, draws : int
        Of the made-up years; how many of each setting; draws of each analysis.
    coverage : DataFrame
        One row a setting: `setting`, `jurors` of a panel, `model` (bool: the world that the analyses assume), `years`
        (tried to the end), `equal` and `spread` (shares of the years in which all simultaneous rank sets held, of
        departments all alike and as they differ), `intervals` (share of the departments whose true rank the rank
        intervals of resamples hold).
    reliability : DataFrame
        One row a setting, `kind` (``tier``, ``line``), chance `said` and `truth` it is held against (``unlimited``,
        ``anew``), with what `reliability` gives.
    """

    day: date
    commit: str
    seed: int
    years: int
    draws: int
    coverage: pd.DataFrame
    reliability: pd.DataFrame


def recorded() -> Calibration:
    """Read the figures of the last `make calibration`."""
    figures = tomllib.loads(files("appraisal.analysis").joinpath("calibration.toml").read_text(encoding="utf-8"))
    tables = {name: pd.DataFrame(figures.pop(name)) for name in ("coverage", "reliability")}
    return Calibration(**figures, **tables)


def nearest_setting(calibration: Calibration, jurors: int) -> str:
    """The setting of the model's own world whose panels come nearest in size, the smaller of two."""
    own = calibration.coverage[calibration.coverage["model"]].sort_values("jurors")
    return str(own.loc[(own["jurors"] - jurors).abs().idxmin(), "setting"])


def worst_setting(calibration: Calibration, said: str) -> str:
    """The setting in which a chance of tiers, `unlimited` or `anew`, is farthest from what came true."""
    table = calibration.reliability
    own = table[(table["kind"] == "tier") & (table["said"] == said) & (table["truth"] == said)]
    return str(own.loc[own["error"].idxmax(), "setting"])


def short_settings(calibration: Calibration) -> list[str]:
    """The settings in which (b) or (c) of tiers is farther off than asked, in the order of the record."""
    table = calibration.reliability
    own = table[(table["kind"] == "tier") & (table["said"] == table["truth"])]
    return list(dict.fromkeys(own.loc[(own["error"] > MOST_ERROR) | (own["worst"] > MOST_OFF), "setting"]))


def reliability(said: NDArray[np.float64], came_true: NDArray[np.bool_]) -> dict[str, float | int]:
    """Hold chances against what came true.

    Parameters
    ----------
    said : (N,) array
        Chances, of 1.
    came_true : (N,) bool array

    Returns
    -------
    dict
        `cases`; `mean` chance and share that `came_true`; `error`, the mean calibration error; `worst`, the farthest
        that a bin of `LEAST` cases or more is off, and `worst_cases`, how many it holds (0 and 0 where none does).

    Examples
    --------
    Of 200 cases given 0.8, 150 come true.

    >>> reliability(np.full(200, 0.8), np.arange(200) < 150)
    {'cases': 200, 'mean': 0.8, 'came_true': 0.75, 'error': 0.05, 'worst': 0.05, 'worst_cases': 200}
    """
    binned = np.minimum((said * BINS).astype(int), BINS - 1)
    held = np.bincount(binned, minlength=BINS)
    # A hair of float64 is no difference.
    off = np.abs(np.round(np.bincount(binned, said - came_true, BINS), 9))
    each = np.divide(off, held, out=np.zeros(BINS), where=held > 0)
    worst = int(np.argmax(np.where(held >= LEAST, each, -1.0)))
    enough = held[worst] >= LEAST
    return {
        "cases": said.size,
        "mean": round(float(said.mean()), 9),
        "came_true": float(came_true.mean()),
        "error": float(off.sum() / said.size),
        "worst": float(each[worst]) if enough else 0.0,
        "worst_cases": int(held[worst]) if enough else 0,
    }
