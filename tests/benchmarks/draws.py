"""Ten thousand draws: the rule, the whole bootstrap, rank sets, beside what else does such work."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from importlib.metadata import version

import numpy as np
import pandas as pd
from measure import ROOT, Row, best, growth, peak_memory, ratio, times_faster

from appraisal.analysis import resampling
from appraisal.analysis.noise import composite_noise
from appraisal.analysis.rank_bounds import rank_bounds
from appraisal.analysis.resampling import resample
from appraisal.scoring.appraise import Appraisal, appraise, place_points, rounded_points
from appraisal.scoring.evidence import Evidence
from appraisal.tables import load_year

DRAWS = 10_000
# What csranks 1.2 took for 96 units at 10,000 draws on two cores, in seconds: recorded, not run here.
CSRANKS = {"simultaneous": 21.0, "marginal": 31.0}
# Evaluations a second of scikit-criteria, evaluate and rank: recorded, not run here.
RECORDED = "520–745"


@cache
def year_2003() -> Appraisal:
    return appraise(load_year(ROOT / "data" / "2003"))


def rule() -> list[Row]:
    """Exact points → tiers, for 96 and for 10,000 departments, against sorting the composites."""
    rows, ratios = [], []
    for departments, draws in ((96, DRAWS), (10_000, 96)):
        evidence = _evidence(departments)
        points, order = _points(draws, departments), _orders(draws, departments)
        ours, sort = best(
            partial(_place, points, evidence, order),
            partial(np.argsort, points["composite"], axis=-1),
            runs=40,
        )
        ratios.append(ours / sort)
        wanted = 6.0 if departments == 96 else round(ratios[0], 2)
        named = f"the 2003 rule ÷ `np.argsort`: {draws:,} draws × {departments:,} departments"
        rows.append(ratio(named, ours, sort, wanted))
    return rows


def bootstrap() -> list[Row]:
    """Whole ballots drawn again, to the points and through the rule, against drawing, counting and multiplying alone."""
    appraised = year_2003()
    evidence = appraised.evidence
    points, order = _points(DRAWS, 96), _orders(DRAWS, 96)
    ours, to_points, bare, the_rule = best(
        lambda: resample(appraised, DRAWS),
        partial(_redrawn_points, evidence),
        _bare(evidence),
        partial(_place, points, evidence, order),
        runs=20,
    )
    (small,) = best(lambda: resample(appraised, DRAWS // 4), runs=15)
    (large,) = best(lambda: resample(appraised, DRAWS * 4), runs=5)
    peak = peak_memory(
        "from pathlib import Path\n"
        "from appraisal.tables import load_year\n"
        "from appraisal.scoring.appraise import appraise\n"
        "from appraisal.analysis.resampling import resample\n"
        f"resample(appraise(load_year(Path('data/2003'))), {DRAWS})"
    )
    named = f"ballot bootstrap, {DRAWS:,} draws"
    return [
        ratio(f"{named}: ballots drawn again → points of every department, ÷ bare form", to_points, bare, 1.6),
        ratio(f"{named}: the whole, through rounding, rule and tallies, ÷ bare form", ours, bare, 1.6),
        ratio("… what bounds the whole: bare form and the rule alone, ÷ bare form", bare + the_rule, bare),
        growth("ballot bootstrap: growth with draws", (DRAWS // 4, small), (DRAWS * 4, large), 1.05),
        Row("ballot bootstrap: peak memory of the process", f"{peak:.0f} MB", "< 500 MB", "", ""),
    ]


def decision_analysis() -> list[Row]:
    """One draw: the rule, against weighting and ranking as scikit-criteria does it, model alone and in a pipeline."""
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.invert_objectives import InvertMinimize
    from skcriteria.preprocessing.scalers import SumScaler

    appraised = year_2003()
    evidence, rules = appraised.evidence, appraised.rules
    points, order = _points(DRAWS, 96), _orders(DRAWS, 96)
    weights = [float(weight) for weight in rules.weights.values()]
    matrix = np.column_stack([points[source][0] for source in rules.weights])
    model = WeightedSumModel()
    pipeline = mkpipe(InvertMinimize(), SumScaler(target="both"), WeightedSumModel())

    def theirs(ranking) -> None:
        for _ in range(50):
            decision = skcriteria.mkdm(matrix, [max] * len(weights), weights=weights)
            assert len(ranking.evaluate(decision).rank_) == len(matrix)

    ours, *beside = best(
        lambda: _place(points, evidence, order), partial(theirs, model), partial(theirs, pipeline), runs=15
    )
    rows = []
    for kind, taken in zip(("weighted sum alone", "pipeline with scaler"), beside, strict=True):
        a_second = f"{50 / taken:,.0f} evaluations a second, {RECORDED} recorded"
        named = f"the 2003 rule, one of {DRAWS:,} draws, beside scikit-criteria {version('scikit-criteria')}: {kind}"
        rows.append(times_faster(f"{named} ({a_second})", ours / DRAWS, taken / 50, 500))
    return rows


def rank_sets() -> list[Row]:
    """Rank confidence sets of all 96 departments, against what csranks took elsewhere."""
    appraised = year_2003()
    noise, composite = composite_noise(appraised), appraised.points.rounded["composite"]
    rows = []
    for kind, wanted in (("simultaneous", 100), ("marginal", 50)):
        (ours,) = best(
            lambda simultaneous=kind == "simultaneous": rank_bounds(
                composite,
                noise.covariance,
                np.zeros_like(noise.group),
                seed=1,
                draws=DRAWS,
                simultaneous=simultaneous,
                freedom=noise.freedom,
            ),
            runs=5,
        )
        named = f"rank sets, {kind}, 96 units in one group, beside csranks (recorded)"
        rows.append(times_faster(named, ours, CSRANKS[kind], wanted))
    return rows


def _evidence(departments: int) -> Evidence:
    """That of 2003; for more departments, the same three groups and one withdrawal."""
    evidence = year_2003().evidence
    if departments == evidence.group.size:
        return evidence
    nobody = np.zeros(departments, dtype=bool)
    return replace(
        evidence,
        departments=pd.Index([f"d{number}" for number in range(departments)]),
        group=np.arange(departments) % 3,
        deducted=np.resize(evidence.deducted, departments),
        problem=np.resize(evidence.problem, departments),
        rulings=replace(evidence.rulings, tie=np.zeros(departments, dtype=np.int64), spare=nobody),
    )


def _points(draws: int, departments: int) -> dict[str, np.ndarray]:
    """Exact points around those of 2003."""
    random, rules = np.random.default_rng(1), year_2003().rules
    exact = {
        source: np.resize(year_2003().points.exact[source], departments) + random.normal(0, 0.3, (draws, departments))
        for source in rules.weights
    }
    composite = np.sum([exact[source] for source in rules.weights], axis=0)
    return exact | {"functional": exact["functional_panel"] + exact["leaders"], "composite": composite}


def _orders(draws: int, departments: int) -> np.ndarray:
    random = np.random.default_rng(2)
    return random.permuted(np.broadcast_to(np.arange(departments), (draws, departments)), axis=-1)


def _place(points: dict[str, np.ndarray], evidence: Evidence, order: np.ndarray) -> None:
    """In the chunks of the bootstrap."""
    rules, step = year_2003().rules, resampling.chunk(evidence.group.size)
    for start in range(0, len(order), step):
        part = slice(start, start + step)
        exact = {name: value[part] for name, value in points.items()}
        place_points(rounded_points(exact, evidence, rules), evidence, rules, order[part])


def _redrawn_points(evidence: Evidence) -> None:
    """What the bare form's products give, and rounded what ranks; in the same chunks."""
    random, step = np.random.default_rng(1), resampling.chunk(evidence.group.size)
    for start in range(0, DRAWS, step):
        resampling.redrawn_ballots(evidence, year_2003().rules, min(step, DRAWS - start), random)


def _bare(evidence: Evidence):
    """`integers`, `bincount` and the float32 products of the same ballots, in the same chunks."""
    panel = np.nan_to_num(evidence.panel)
    ends = np.cumsum([len(items) for items in year_2003().rules.items.values()])
    components = np.split(panel, ends[:-1], axis=-1)
    jurors = [component.sum(axis=-1).astype(np.float32) for component in components]
    ratings = [table.astype(np.float32) for r in (evidence.leaders, evidence.social) for table in (r.total, r.count)]
    panels = [own.size for own in resampling._panels(evidence)]
    step = resampling.chunk(evidence.group.size)

    def counts(random: np.random.Generator, draws: int, ballots: int) -> np.ndarray:
        drawn = random.integers(0, ballots, (draws, ballots)) + ballots * np.arange(draws)[:, None]
        return np.bincount(drawn.ravel(), minlength=draws * ballots).reshape(draws, ballots).astype(np.float32)

    def run() -> list[np.ndarray]:
        random, products = np.random.default_rng(1), []
        for draws in (min(step, DRAWS - start) for start in range(0, DRAWS, step)):
            panel = np.hstack([counts(random, draws, size) for size in panels])
            leaders, social = (counts(random, draws, r.ballots) for r in (evidence.leaders, evidence.social))
            cast = [*[panel] * len(jurors), leaders, leaders, social, social]
            products = [ballots @ table for ballots, table in zip(cast, [*jurors, *ratings], strict=True)]
        return products

    return run


ALL = (rule, bootstrap, decision_analysis, rank_sets)
