"""What the analyses say of years whose truth is known, beside what is true and what a new panel finds.

Each trial makes up a year, appraises it, and asks the simulation for what no office knows: the result that unlimited
like raters would give, and the one that other jurors, leaders and citizens do give.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.analysis.calibration import COVERAGE, reliability
from appraisal.analysis.margins import cutoff_lines, pairs_in_order, pairs_of
from appraisal.analysis.rank_sets import rank_sets
from appraisal.analysis.repeatability import line_chances, repeat, tier_chances
from appraisal.analysis.resampling import line_share, rank_intervals, resample, tier_share
from appraisal.errors import RulingError
from appraisal.office.simulate import as_year, simulate_year
from appraisal.office.world import Sizes, World
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal, Points, appraise, score, stand
from appraisal.scoring.evidence import Evidence, Ratings, gather
from appraisal.scoring.tiers import place_in_tiers

# Differences that float64 leaves between equal truths.
EQUAL = 1e-9
# Chance and what it is held against: (b) and (c) against their own truth, (a) against both.
SAID = (("unlimited", "unlimited"), ("anew", "anew"), ("share", "unlimited"), ("share", "anew"))


@dataclass(frozen=True)
class Setting:
    """A kind of year to try the analyses on.

    Parameters
    ----------
    sizes : Sizes
    world : World
    """

    sizes: Sizes
    world: World

    @property
    def equal(self) -> Setting:
        """The same raters, and departments that are all equally good: the least favourable truth for rank sets."""
        nothing = dict.fromkeys(("merit_spread", "verification", "view_spread", "standing", "deductions"), 0.0)
        return replace(self, world=replace(self.world, **nothing))


# 2003's size with other panels, then worlds that are not the model of the analyses.
SETTINGS: Mapping[str, Setting] = {
    **{f"jurors_{jurors}": Setting(Sizes(jurors=jurors), World()) for jurors in (5, 7, 9, 15, 30)},
    "agreed": Setting(Sizes(), World(agreed=0.3)),
    "heaped": Setting(Sizes(), World(heaped=0.3)),
    "tails": Setting(Sizes(), World(tails=3)),
}


@dataclass(frozen=True)
class Trial:
    """What was said of one year, and what came true.

    Parameters
    ----------
    cases : DataFrame
        One row a department and a line: `kind` (``"tier"`` or ``"line"``), what was said, `share` (a), `unlimited` (b),
        `anew` (c), and whether it came true: `true_unlimited` and `true_anew`.
    covered : bool
        Whether all simultaneous rank sets hold the true ranks.
    intervals : float
        Share of the departments whose rank interval of the resamples holds a true rank.
    """

    cases: pd.DataFrame
    covered: bool
    intervals: float


def try_year(rules: Rulebook, setting: Setting, number: int, draws: int) -> Trial | None:
    """Try all analyses on one year; None where the year stops, as it asks for a ruling.

    Parameters
    ----------
    rules : Rulebook
        Of the years; its seed and `number` decide everything.
    setting : Setting
    number : int
        Which year.
    draws : int
        Of each analysis.
    """
    made = simulate_year(rules, setting.sizes, setting.world, number)
    try:
        appraised = appraise(as_year(made, rules))
    except RulingError:
        return None
    evidence, seed = appraised.evidence, rules.seed + number
    true = true_points(evidence, made.truth, rules)
    others = gather(as_year(simulate_year(rules, setting.sizes, setting.world, number, raters=1), rules), rules)
    resamples, repeats = resample(appraised, draws, seed), repeat(appraised, draws, seed)
    tiers = tier_chances(appraised, repeats).assign(kind="tier", share=tier_share(appraised, resamples)["tier_share"])
    lines = line_chances(appraised, repeats).assign(kind="line", share=line_share(appraised, resamples)["share"])
    for name, points in (("true_unlimited", true), ("true_anew", score(others, rules))):
        tiers[name], lines[name] = _come_true(points, appraised)
    columns = ["kind", "share", "unlimited", "anew", "true_unlimited", "true_anew"]
    best, last = true_ranks(true.exact["composite"], evidence.group)
    intervals = rank_intervals(appraised, resamples, COVERAGE)
    return Trial(
        cases=pd.concat([tiers[columns], lines[columns]], ignore_index=True),
        covered=_covered(appraised, true, seed, draws),
        intervals=float(((intervals["low"] <= last) & (best <= intervals["high"])).mean()),
    )


def sets_hold(rules: Rulebook, setting: Setting, number: int, draws: int) -> bool | None:
    """Whether all simultaneous rank sets of one year hold the true ranks; as `try_year`, and nothing else of it."""
    made = simulate_year(rules, setting.sizes, setting.world, number)
    try:
        appraised = appraise(as_year(made, rules))
    except RulingError:
        return None
    return _covered(appraised, true_points(appraised.evidence, made.truth, rules), rules.seed + number, draws)


def calibrate(
    rules: Rulebook, settings: Mapping[str, Setting], years: int, draws: int, workers: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Try many years of each setting; the same figures from any number of workers.

    Parameters
    ----------
    rules : Rulebook
    settings : mapping of str to Setting
    years : int
        Of each setting with its own spread of departments, and as many with equal ones.
    draws : int
        Of each analysis.
    workers : int
        Processes.

    Returns
    -------
    coverage : DataFrame
        One row a setting: `setting`, `jurors`, `model` (bool: the model's own world), `years` (tried to the end); the
        shares of years in which the simultaneous sets held, `equal` (departments all alike) and `spread` (as they
        differ); `intervals`, the share of departments whose true rank the rank intervals of resamples hold.
    reliability : DataFrame
        One row a setting, `kind`, chance `said` and `truth`: as `analysis.calibration.reliability` gives it.
    """
    coverage, reliable = [], []
    with ProcessPoolExecutor(workers) as pool:
        for name, setting in settings.items():
            tried = pool.map(partial(try_year, rules, setting, draws=draws), range(1, years + 1), chunksize=5)
            trials = [trial for trial in tried if trial is not None]
            equal = list(
                pool.map(partial(sets_hold, rules, setting.equal, draws=draws), range(1, years + 1), chunksize=5)
            )
            coverage.append(
                {
                    "setting": name,
                    "jurors": setting.sizes.jurors,
                    "model": setting.world == World(),
                    "years": len(trials),
                    "equal": float(np.mean([held for held in equal if held is not None])),
                    "spread": float(np.mean([trial.covered for trial in trials])),
                    "intervals": float(np.mean([trial.intervals for trial in trials])),
                }
            )
            for kind, cases in pd.concat([trial.cases for trial in trials]).groupby("kind", sort=False):
                for said, truth in SAID:
                    figures = reliability(cases[said].to_numpy(), cases[f"true_{truth}"].to_numpy(dtype=bool))
                    reliable.append({"setting": name, "kind": kind, "said": said, "truth": truth, **figures})
    return pd.DataFrame(coverage), pd.DataFrame(reliable)


def true_points(evidence: Evidence, truth: pd.DataFrame, rules: Rulebook) -> Points:
    """Points that unlimited like raters would give: the rules applied to one ballot of each kind that says the truth.

    Parameters
    ----------
    evidence : Evidence
        Gives deductions, problems and the order of the departments.
    truth : DataFrame
        As `SimulatedYear` holds it.
    rules : Rulebook
    """
    truth = truth.loc[evidence.departments]

    def one(column: str) -> Ratings:
        return Ratings(truth[column].to_numpy()[None], np.ones((1, len(truth))))

    scores = truth[list(rules.item_marks)].to_numpy()[None]
    return score(replace(evidence, panel=scores, leaders=one("leaders"), social=one("social")), rules)


def true_ranks(composite: NDArray[np.float64], group: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Best and last rank that each department truly has in its group; equals share all of theirs.

    Examples
    --------
    >>> true_ranks(np.array([3.0, 2.0, 2.0, 1.0]), np.zeros(4, int))
    (array([1, 2, 2, 4]), array([1, 3, 3, 4]))
    """
    same, apart = group[:, None] == group, composite - composite[:, None]
    return 1 + (same & (apart > EQUAL)).sum(axis=1), same.sum(axis=1) - (same & (apart < -EQUAL)).sum(axis=1)


def _come_true(points: Points, appraised: Appraisal) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether other points give each department its tier, and keep the pair of each line in its order."""
    evidence, rules = appraised.evidence, appraised.rules
    standing = stand(points, evidence, rules, np.arange(evidence.group.size))
    tier = place_in_tiers(standing, rules.tiers, evidence.rulings).rule_tier
    kept = pairs_in_order(pairs_of(cutoff_lines(appraised), evidence.departments), standing)
    return tier == appraised.placement.rule_tier, kept


def _covered(appraised: Appraisal, true: Points, seed: int, draws: int) -> bool:
    sets = rank_sets(appraised, seed=seed, coverage=COVERAGE, draws=draws)
    best, last = true_ranks(true.exact["composite"], appraised.evidence.group)
    return bool(((sets["simultaneous_low"] <= best) & (last <= sets["simultaneous_high"])).all())
