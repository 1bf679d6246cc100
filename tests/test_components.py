"""Points of each source, against `statistics` and fractions, ballot by ballot."""

from __future__ import annotations

import statistics
from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse import csr_array

from appraisal.scoring.components import mean_rating, mean_score, merged_items, panel_share, trimmed_mean_score
from appraisal.scoring.evidence import Ratings

RNG = np.random.default_rng(20031231)


def ballots_of(shape: tuple[int, ...], gaps: float) -> np.ndarray:
    """Scores in hundredths, some missing, each column with one at least."""
    scores = RNG.integers(600, 1001, shape) / 100
    scores[RNG.random(shape) < gaps] = np.nan
    scores[0] = np.where(np.isnan(scores).all(axis=0), 7.5, scores[0])
    return scores


def cast(scores: np.ndarray, counts: np.ndarray) -> list[Fraction]:
    """Every score as often as its ballot counts."""
    return [
        Fraction(str(score))
        for score, count in zip(scores.tolist(), counts.tolist(), strict=True)
        if score == score
        for _time in range(int(count))
    ]


def each(function, scores: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """`function` of the cast scores of each department and item."""
    flat = [function(cast(column, counts)) for column in scores.reshape(len(scores), -1).T]
    return np.array([np.nan if value is None else float(value) for value in flat]).reshape(scores.shape[1:])


def trimmed(trim: int):
    def mean(values: list[Fraction]) -> Fraction | None:
        kept = sorted(values)[trim : len(values) - trim]
        return statistics.mean(kept) if kept else None

    return mean


def median(values: list[Fraction]) -> Fraction | None:
    return statistics.median(values) if values else None


@pytest.mark.parametrize("ballots", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("gaps", [0, 0.3])
def test_every_statistic_is_that_of_the_cast_scores(ballots, gaps):
    scores = ballots_of((ballots, 4, 3), gaps)
    ones = np.ones(ballots)
    np.testing.assert_allclose(mean_score(scores, ones), each(trimmed(0), scores, ones), rtol=1e-14)
    np.testing.assert_allclose(trimmed_mean_score(scores, ones, 0), each(trimmed(0), scores, ones), rtol=1e-14)
    np.testing.assert_allclose(trimmed_mean_score(scores, ones, np.inf), each(median, scores, ones), rtol=1e-14)


@pytest.mark.parametrize("trim", [1, 2, 3])
def test_a_trimmed_mean_leaves_out_as_many_at_each_end(trim):
    scores = ballots_of((9, 5, 2), 0)
    scores[:2, 1] = np.nan
    np.testing.assert_allclose(
        trimmed_mean_score(scores, np.ones(9), trim), each(trimmed(trim), scores, np.ones(9)), rtol=1e-14
    )


@pytest.mark.parametrize("statistic", ["mean", "trimmed", "median"])
def test_a_resample_is_the_same_ballots_written_so_often(statistic):
    scores = ballots_of((9, 4, 2), 0.1)
    counts = RNG.multinomial(9, np.full(9, 1 / 9), size=(3, 4)).astype(float)
    # Of the trimmed mean each department and item keeps at least one ballot.
    counts[..., :3] += 1
    scores[:3] = np.nan_to_num(scores[:3], nan=8.25)
    of_array, of_list = {
        "mean": (lambda: mean_score(scores, counts), trimmed(0)),
        "trimmed": (lambda: trimmed_mean_score(scores, counts, 1), trimmed(1)),
        "median": (lambda: trimmed_mean_score(scores, counts, np.inf), median),
    }[statistic]
    expected = np.array([[each(of_list, scores, one) for one in row] for row in counts])
    assert expected.shape == (3, 4, 4, 2)
    np.testing.assert_allclose(of_array(), expected, rtol=1e-13)


def test_items_of_a_component_are_added_up_only_where_all_are_scored_by_the_same_ballots():
    scores = ballots_of((9, 4, 5), 0.0)
    scores[4, 2] = np.nan
    merged, starts = merged_items(scores, [0, 2, 3])
    expected = np.stack([scores[..., :2].sum(axis=-1), scores[..., 2], scores[..., 3:].sum(axis=-1)], axis=-1)
    np.testing.assert_array_equal(merged, expected)
    assert list(starts) == [0, 1, 2]
    counts = RNG.multinomial(9, np.full(9, 1 / 9), size=20).astype(float)
    each = mean_score(scores, counts)
    np.testing.assert_allclose(
        mean_score(merged, counts), np.add.reduceat(each, [0, 2, 3], axis=-1), rtol=1e-13, equal_nan=True
    )
    scores[0, 0, 4] = np.nan
    unlike, starts = merged_items(scores, [0, 2, 3])
    assert unlike is scores
    assert list(starts) == [0, 2, 3]


def test_a_ballot_that_counts_nothing_is_as_if_it_were_not_there():
    scores = ballots_of((6, 3, 2), 0.1)
    without = np.array([1.0, 1, 0, 1, 1, 1])
    for statistic in (
        mean_score,
        lambda s, b: trimmed_mean_score(s, b, 1),
        lambda s, b: trimmed_mean_score(s, b, np.inf),
    ):
        np.testing.assert_allclose(
            statistic(scores, without), statistic(np.delete(scores, 2, axis=0), np.ones(5)), rtol=1e-14
        )


def test_the_order_of_ballots_is_irrelevant():
    scores = ballots_of((7, 5, 3), 0.2)
    shuffled = scores[RNG.permutation(7)]
    ones = np.ones(7)
    np.testing.assert_allclose(mean_score(scores, ones), mean_score(shuffled, ones), rtol=1e-14)
    for trim in (1, np.inf):
        np.testing.assert_array_equal(
            np.round(trimmed_mean_score(scores, ones, trim), 12), np.round(trimmed_mean_score(shuffled, ones, trim), 12)
        )


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_a_mean_rating_counts_valid_ratings_alone(shape):
    rated = RNG.random((8, 5)) < 0.8
    rated[0] = True
    points = np.where(rated, RNG.choice([0.0, 60, 80, 100], (8, 5)), 0)
    ballots = np.ones((*shape, 8)) + RNG.integers(0, 3, (*shape, 8))
    expected = np.empty((*shape, 5))
    for draw in np.ndindex(*shape):
        for department in range(5):
            column = np.where(rated[:, department], points[:, department], np.nan)
            expected[*draw, department] = float(statistics.mean(cast(column, ballots[draw])))
    dense = Ratings(points, rated.astype(float))
    sparse = Ratings(csr_array(points), csr_array(rated.astype(float)))
    np.testing.assert_allclose(mean_rating(dense, ballots), expected, rtol=1e-14)
    np.testing.assert_allclose(mean_rating(sparse, ballots), expected, rtol=1e-14)


def test_where_no_ballot_counts_there_is_no_score():
    """Neither a warning of numpy nor a number."""
    scores = np.array([[[9.0, 8.0]], [[7.0, np.nan]]])
    for statistic in (
        mean_score,
        lambda s, b: trimmed_mean_score(s, b, 0),
        lambda s, b: trimmed_mean_score(s, b, np.inf),
    ):
        assert np.isnan(statistic(scores, np.array([0.0, 1.0]))).tolist() == [[False, True]]
        assert np.isnan(statistic(scores, np.zeros(2))).all()


def test_a_department_that_nobody_rated_has_no_mean():
    nobody = Ratings(np.array([[80.0, 0.0]]), np.array([[1.0, 0.0]]))
    assert np.isnan(mean_rating(nobody, np.ones(1))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("points", "deducted", "floor", "left"),
    [
        (20, 0, 0, 20),
        (20, 2.5, 0, 17.5),
        (1, 2.5, 0, 0),
        (20, 2.5, 18, 18),
        # The floor is where deductions stop; it gives nobody points.
        (10, 0, 18, 10),
        (10, 2.5, 18, 10),
    ],
)
def test_deductions_come_off_before_weighting_and_stop_at_the_floor(points, deducted, floor, left):
    share = panel_share(np.array([[points / 2, points / 2]]), np.array([10.0, 15.0]), np.array([deducted]), floor)
    assert share.tolist() == [left / 25]


def test_a_component_is_the_sum_of_its_items_over_the_sum_of_their_marks():
    scores = np.array([[[12.0, 3.0], [6.0, 4.0]]])
    assert panel_share(scores, np.array([15.0, 5.0])).tolist() == [[0.75, 0.5]]


def test_sums_of_whole_ratings_are_kept_small_and_means_exact():
    """float32 holds the sums; a mean of thirds in it would be wrong in the 6th decimal."""
    ratings = Ratings(np.array([[100.0], [80.0], [80.0]], dtype=np.float32), np.ones((3, 1), dtype=np.float32))
    for made in (ratings, Ratings(csr_array(ratings.total), csr_array(ratings.count))):
        mean = mean_rating(made, np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0]]))
        assert mean.dtype == np.float64
        assert mean.tolist() == [[260 / 3], [80.0]]
