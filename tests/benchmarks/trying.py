"""Made-up years the whole way: written as a folder, read, appraised, as many as asked for, and where recall passes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from appraisal.errors import AppraisalError
from appraisal.office.simulate import write_tables
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year

RULEBOOK = Path(__file__).parents[2] / "data" / "2003" / "rulebook.toml"

Tried = TypeVar("Tried")


def read(tables: Mapping[str, pd.DataFrame]) -> Appraisal | None:
    """Write, read and appraise made-up tables; None where a tie would need a ruling first."""
    with tempfile.TemporaryDirectory() as place:
        write_tables(dict(tables), Path(place))
        shutil.copy(RULEBOOK, place)
        try:
            return appraise(load_year(place))
        except AppraisalError:
            return None


def until_enough(one: Callable[[int], Tried | None], years: int, workers: int, first: int) -> list[Tried]:
    """Try so many years, from this attempt on; one that gives nothing is replaced by the next."""
    tried: list[Tried] = []
    with ProcessPoolExecutor(workers) as pool:
        while len(tried) < years:
            attempts = range(first, first + years - len(tried))
            tried += [own for own in pool.map(one, attempts) if own is not None]
            first = attempts.stop
    return tried


def where_it_passes(at: Iterable[float], found: Iterable[float], wanted: float = 0.9) -> float:
    """Where recall first reaches what is wanted, interpolated; NaN where it never does."""
    before_at, before = np.nan, np.nan
    for here, share in zip(at, found, strict=True):
        if share >= wanted:
            return here if np.isnan(before) else before_at + (here - before_at) * (wanted - before) / (share - before)
        before_at, before = here, share
    return np.nan
