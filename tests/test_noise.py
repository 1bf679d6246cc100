"""Covariance and standard errors of the composites: two-way tables by hand, forms by hand, unbiased in simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import years

from appraisal.analysis import noise as module
from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.noise import composite_noise, line_errors, pair_errors
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year


@pytest.fixture(scope="module")
def bundled():
    return appraise(load_year(Path(__file__).parents[1] / "data" / "2003"))


def small_year(folder, tables=None, changes=None):
    rules = years.rulebook({"tiers.on_quota_mismatch": '"keep_pool"'} | (changes or {}))
    return load_year(years.write_year(folder, tables or years.small_tables(), rules))


def moves_of_means(given):
    """Moves of the means of (J, D) marks, NaN where none, as each row is left out."""
    rest = [np.nanmean(np.delete(given, row, axis=0), axis=0) for row in range(len(given))]
    return np.array(rest) - np.nanmean(given, axis=0)


def crossed(given):
    return module._crossed(moves_of_means(given), ~np.isnan(given), module._worth_of_one)


def test_two_ballots_on_two_departments():
    # Means .5 and .5; all residuals ± .5, so their sum of squares is 1 on one degree of freedom. Ballots are equally strict.
    covariance, freedom, own, shared = crossed(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert covariance == pytest.approx(np.eye(2) / 2)
    assert (freedom, own, shared) == (1, pytest.approx(1), 0)
    # The two give differences of 1 and -1: a variance of 2, over two ballots.
    assert pair_errors(covariance)[0, 1] == pytest.approx(1)


def test_a_strict_ballot_moves_all_and_no_difference():
    given = np.array([[9.0, 8.0, 7.0], [6.0, 5.0, 4.0], [8.0, 7.0, 6.0]])
    covariance, freedom, own, shared = crossed(given)
    # Strictness 9, 6, 8 has a variance of 7/3; over three ballots 7/9.
    assert covariance == pytest.approx(np.full((3, 3), 7 / 9))
    assert (freedom, own, shared) == (4, pytest.approx(0, abs=1e-12), pytest.approx(np.sqrt(7 / 3)))
    assert np.array_equal(pair_errors(covariance), np.zeros((3, 3)))


def test_shrout_and_fleiss_1979():
    # 6 targets by 4 judges; their analysis of variance: judges' mean square 32.49 on 3, residual 1.02 on 15.
    given = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
    ).T
    _covariance, freedom, own, shared = crossed(given)
    assert freedom == 15
    assert own**2 == pytest.approx(1.02, abs=0.005)
    assert shared**2 == pytest.approx((32.49 - 1.02) / 6, abs=0.005)


def test_one_department_has_the_variance_of_its_mean():
    given = np.array([[1.0], [2.0], [6.0]])
    covariance, freedom, own, shared = crossed(given)
    assert covariance == pytest.approx(np.array([[7 / 3]]))
    assert (freedom, own, shared) == (2, pytest.approx(np.sqrt(7)), 0)


def test_ballots_too_few_to_tell_count_as_no_noise():
    covariance, freedom, own, shared = module._crossed(
        np.full((1, 2), np.nan), np.ones((1, 2), bool), module._worth_of_one
    )
    assert np.array_equal(covariance, np.zeros((2, 2)))
    assert freedom == 0
    assert np.isnan([own, shared]).all()


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_error_of_a_difference_is_right_on_average(missing):
    rng = np.random.default_rng(1)
    ballots, size, worlds = 9, 8, 600
    errors, apart = [], []
    for _ in range(worlds):
        given = rng.normal(size=(ballots, 1)) + 0.5 * rng.normal(size=(ballots, size))
        away = rng.random((ballots, size)) < missing
        away[:5] = False
        given[away] = np.nan
        covariance, *_rest = crossed(given)
        errors.append(pair_errors(covariance)[0, 1] ** 2)
        apart.append(np.nanmean(given[:, 0]) - np.nanmean(given[:, 1]))
    # A variance from 600 worlds is known to some 6 %.
    assert np.mean(errors) == pytest.approx(np.var(apart), rel=0.15)


def test_panel_and_leaders_are_the_two_way_tables_of_the_bundled_year(bundled):
    noise, evidence, weights = composite_noise(bundled), bundled.evidence, bundled.rules.weights
    sources = noise.sources.set_index(["source", "group"])
    marks = bundled.rules.full_marks
    scale = np.concatenate(
        [
            np.full(len(items), float(marks[c]) / sum(map(float, items.values())))
            for c, items in bundled.rules.items.items()
        ]
    )
    scale[: len(bundled.rules.items["functional"])] *= float(weights["functional_panel"]) / float(marks["functional"])
    points = (evidence.panel * scale).sum(axis=2)
    tables = {("panel", g): points[:, evidence.group == at] for at, g in enumerate(bundled.rules.groups)}
    leaders = evidence.leaders.total.astype(float) * float(weights["leaders"]) / 100
    tables |= {("leaders", g): leaders for g in bundled.rules.groups}
    for key, table in tables.items():
        table = table[~np.isnan(table).all(axis=1)]
        residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
        own = (residual**2).sum() / freedom
        strictness = table.mean(axis=1).var(ddof=1) - own / table.shape[1]
        assert sources.loc[key, "ballots"] == len(table)
        assert sources.loc[key, "freedom"] == freedom
        assert sources.loc[key, "own"] ** 2 == pytest.approx(own)
        assert sources.loc[key, "shared"] ** 2 == pytest.approx(strictness)
        assert sources.loc[key, "difference"] ** 2 == pytest.approx(2 * own / len(table))
    across = evidence.group[:, None] != evidence.group
    assert not noise.parts["panel"][across].any()


def test_forms_that_rate_every_department_have_the_plain_covariance(tmp_path):
    rng = np.random.default_rng(4)
    tables = years.small_tables()
    tables["social_ballots"]["rating"] = rng.choice(list(years.RATINGS), len(tables["social_ballots"]))
    appraised = appraise(small_year(tmp_path, tables))
    noise = composite_noise(appraised)
    worth = {rating: float(points) for rating, points in appraised.rules.social.points.items()}
    wide = tables["social_ballots"].assign(points=tables["social_ballots"]["rating"].map(worth))
    wide = wide.pivot(index="ballot", columns="department", values="points")[list(noise.departments)]
    assert noise.parts["social"] == pytest.approx(0.2**2 * wide.cov().to_numpy() / len(wide))


def test_a_form_that_says_nothing_of_a_department_is_no_evidence_of_it(tmp_path):
    tables = years.small_tables(departments=2, social={"S01": ["很滿意", "滿意", "不了解", "很滿意", *["滿意"] * 6]})
    noise = composite_noise(appraise(small_year(tmp_path, tables)))
    # Nine answers, two of 100 and seven of 80: the mean is 760/9 and the squares add up to 2 (140/9)² + 7 (40/9)².
    squares = 2 * (140 / 9) ** 2 + 7 * (40 / 9) ** 2
    at = noise.departments.get_loc("S01")
    assert noise.parts["social"][at, at] == pytest.approx(0.2**2 * squares / 9**2 * 10 / 9)


def test_counted_forms_are_independent(tmp_path):
    tables = years.small_tables(social={"S01": ["很滿意", "滿意", "基本滿意", "很滿意", *["滿意"] * 6]})
    counted = {name: rows for name, rows in tables.items() if name != "social_ballots"}
    counted["social_counts"] = years.counted(tables["social_ballots"])
    one = composite_noise(appraise(small_year(tmp_path / "a", tables)))
    other = composite_noise(appraise(small_year(tmp_path / "b", counted, {"social.returned": "10"})))
    assert other.parts["social"] == pytest.approx(np.diag(one.parts["social"].diagonal()))
    assert (other.sources.loc[other.sources["source"] == "social", "freedom"] == 9).all()


def test_sparse_forms_are_the_same_forms(bundled):
    from scipy.sparse import csr_array

    social = bundled.evidence.social
    sparse = replace(social, total=csr_array(social.total), count=csr_array(social.count))
    wanted, forms = module._forms(bundled.evidence, 0.2)
    found, same = module._forms(replace(bundled.evidence, social=sparse), 0.2)
    assert found == pytest.approx(wanted)
    assert (forms, same) == (726, 726)


def test_a_department_outside_competition_has_no_part(tmp_path):
    inside = appraise(small_year(tmp_path, changes={"competition.outside": '["S03"]'}))
    noise = composite_noise(inside)
    assert "S03" not in noise.departments
    assert noise.covariance.shape == (17, 17)


def test_other_statistics_are_less_sure_of_normal_scores_than_the_mean(bundled):
    base = composite_noise(bundled).parts["panel"].diagonal()
    unruled = replace(bundled.year, rulings=bundled.year.rulings.iloc[:0])  # who withdrew would not be best by medians
    for statistic, least in (("trimmed_mean", 0.9), ("median", 1.0)):
        rules = bundled.rules.replace({"panel.statistic": statistic, "panel.trim": 1})
        what_if = appraise(unruled, rules)
        ratio = (composite_noise(what_if).parts["panel"].diagonal() / base).mean()
        assert least < ratio < 1.9, statistic
        assert np.array_equal(composite_noise(what_if).covariance, composite_noise(what_if).covariance)


def test_the_covariance_leaves_every_sum_of_composites_open(bundled):
    assert np.linalg.eigvalsh(composite_noise(bundled).covariance).min() > 0


def test_lines_stand_so_many_errors_apart(bundled):
    noise = composite_noise(bundled)
    lines = line_errors(cutoff_lines(bundled), noise)
    assert (lines["errors_apart"] * lines["error"]).to_numpy() == pytest.approx(lines["gap"].to_numpy())
    first = lines.iloc[0]
    a, b = (noise.departments.get_loc(first[side]) for side in ("upper", "lower"))
    c = noise.covariance
    assert first["error"] ** 2 == pytest.approx(c[a, a] + c[b, b] - 2 * c[a, b])


def test_where_all_ballots_agree_nothing_is_open(tmp_path):
    shares = {
        f"{letter}0{place}": 1 - place / 50 - at / 500 for at, letter in enumerate("SEL") for place in range(1, 7)
    }
    led = {code: 100 * share for code, share in shares.items()}
    appraised = appraise(
        small_year(tmp_path, years.small_tables(panel=shares, led=led, social=dict.fromkeys(shares, "滿意")))
    )
    noise = composite_noise(appraised)
    assert not noise.covariance.any()
    assert noise.freedom == np.inf
    lines = pd.DataFrame({"upper": ["S01", "S02"], "lower": ["S02", "S02"], "gap": [1.0, 0.0]})
    assert line_errors(lines, noise)["errors_apart"].tolist()[0] == np.inf
    assert line_errors(lines, noise)["errors_apart"].isna().tolist() == [False, True]
