"""The tables as arrays: what becomes of each row, and that whoever is not in competition is as if never there."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse
from years import counted, small_tables, write_year

from appraisal.scoring import evidence as module
from appraisal.scoring.evidence import Ratings, Rulings, counting_rows, dense, gather, in_competition
from appraisal.tables import Year, load_year

OUTSIDE = ["S02", "E06"]
RULED = [
    ("withdraw", "E01", "best"),
    ("withdraw", "S01", "best"),
    ("withdraw", "S02", "best"),
    ("tie", "S03", "2"),
    ("tie", "S02", "1"),
    ("admonish", "L05", "no"),
    ("admonish", "L06", "yes"),
    ("seat", "L05", "good"),
    ("seat", "S01", "advanced"),
    ("seat", "E06", "best"),
    ("seat", "E02", "advanced"),
    ("seat", "S04", "good"),
    ("committee", "E03", "ordinary"),
    ("committee", "S05", "best"),
]


def year(folder, tables: dict[str, pd.DataFrame] | None = None) -> Year:
    return load_year(write_year(folder, tables))


def ruled(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    rows = [(*row, "經研究決定", "領導小組", "2004-01-05") for row in RULED]
    return tables | {"rulings": pd.DataFrame(rows, columns=tables["rulings"].columns)}


def held(array) -> np.ndarray:
    return array.toarray() if issparse(array) else array


def assert_alike(one: object, other: object) -> None:
    """Two parts of an evidence are the same, whatever arrays they are kept in."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, Ratings | Rulings):
            assert_alike(left, right)
        elif isinstance(left, pd.Index):
            assert left.equals(right)
            assert left.name == right.name == "department"
        elif isinstance(left, tuple) or left is None:
            assert left == right
        else:
            np.testing.assert_array_equal(held(left), held(right), err_msg=field.name)


@pytest.mark.parametrize("forms", ["one by one", "counted"])
@pytest.mark.parametrize("kept", ["whole", "sparse"])
def test_who_is_not_in_competition_is_as_if_never_there(tmp_path, monkeypatch, forms, kept):
    if kept == "sparse":
        monkeypatch.setattr(module, "SPARSE_BELOW", 2.0)
    tables = ruled(small_tables())
    if forms == "counted":
        tables["social_counts"] = counted(tables.pop("social_ballots"))
    made = year(tmp_path, tables)
    rules = made.rules.replace({"competition.outside": OUTSIDE})
    found = in_competition(gather(made, rules))
    assert issparse(found.social.total) == (kept == "sparse")
    tables = {name: getattr(made, name) for name in tables if "department" in tables[name]}
    never = replace(made, **{name: rows[~rows["department"].isin(OUTSIDE)] for name, rows in tables.items()})
    assert_alike(found, gather(never, rules.replace({"competition.outside": []})))
    assert found.competing.all()
    assert (found.social.answer_of is None) == (forms == "one by one")


def test_where_all_compete_nothing_is_copied(tmp_path):
    made = year(tmp_path)
    found = gather(made, made.rules)
    assert in_competition(found) is found


def test_rulings_stand_at_the_positions_of_their_departments(tmp_path):
    """18 departments, S01 … S06, E01 … E06, L01 … L06; seats and the committee's words by tier, the best first."""
    made = year(tmp_path, ruled(small_tables()))
    found = gather(made, made.rules).rulings
    assert found.withdraw.tolist() == [6, 0, 1]
    assert {int(at): int(found.tie[at]) for at in np.flatnonzero(found.tie)} == {1: 1, 2: 2}
    assert np.flatnonzero(found.spare).tolist() == [16]
    assert found.tie.dtype == np.int64
    assert found.seats == ((11, 0), (0, 1), (7, 1), (3, 2), (16, 2))
    assert found.committee == ((4, 0), (8, 3))


def test_ballots_stand_where_they_were_cast(tmp_path):
    tables = small_tables(jurors=6, panel={"S01": 0.98})
    rows = tables["panel_ballots"]
    tables["panel_ballots"] = rows[~((rows["department"] == "S02") & (rows["ballot"] == "p-service-4"))]
    made = year(tmp_path, tables)
    found = gather(made, made.rules)
    # Six jurors of each group score its six departments; S01 gets 0.98 of 14, of 1.5 and of the others between.
    assert found.panel.shape == (18, 18, 7)
    assert found.panel[0, 0, [0, 6]].tolist() == [13.72, 1.47]
    assert np.isnan(found.panel[4, 1]).all()
    assert np.isfinite(found.panel).sum() == (18 * 6 - 1) * 7
    assert found.leaders.ballots == 3
    assert found.leaders.total[:, 0].tolist() == [96.5, 97.5, 98.5]
    assert found.leaders.count.tolist() == np.ones((3, 18)).tolist()
    assert found.group.tolist() == [0] * 6 + [1] * 6 + [2] * 6
    assert np.flatnonzero(found.problem).tolist() == [17]
    assert found.deducted.tolist() == [0, 0.5, 1.0, *[0] * 15]


def test_answers_that_are_left_out_count_for_nothing(tmp_path):
    """Of ten forms on S03 three say 不了解 or nothing: seven count."""
    said = ["很滿意"] * 3 + ["滿意"] * 2 + ["不滿意"] * 2 + ["不了解"] * 2 + [""]
    tables = small_tables(social={"S03": said})
    made = year(tmp_path / "forms", tables)
    found = gather(made, made.rules).social
    assert found.total[:, 2].tolist() == [100, 100, 100, 80, 80, 0, 0, 0, 0, 0]
    assert found.count[:, 2].tolist() == [1] * 7 + [0] * 3
    # Halves and counts need more than whole numbers do.
    assert found.total.dtype == found.count.dtype == np.float32
    halves = made.rules.replace({"social.points": {**made.rules.social.points, "滿意": Decimal("80.5")}})
    assert gather(made, halves).social.total.dtype == gather(made, halves).social.count.dtype == np.float64
    counts = counted(tables.pop("social_ballots"))
    # An answer that nobody gave is no row of forms.
    counts.loc[len(counts)] = ["S03", "基本滿意", 0]
    made = year(tmp_path / "counts", tables | {"social_counts": counts})
    found = gather(made, made.rules).social
    own = found.answer_of == 2
    assert held(found.count)[own, 2].tolist() == [3, 2, 2]
    assert held(found.total)[own, 2].tolist() == [300, 160, 0]
    assert found.total.dtype == found.count.dtype == np.float64


@pytest.mark.parametrize(("departments", "sparse"), [(20, False), (21, True)])
def test_a_matrix_of_forms_is_sparse_where_fewer_than_one_in_twenty_cells_are_filled(tmp_path, departments, sparse):
    """Of 30 forms each has an answer on one department: 30 of 30 × 20 cells, or of 30 × 21."""
    made = year(tmp_path)
    codes = [f"D{number:02}" for number in range(departments)]
    on = [codes[form % departments] for form in range(30)]
    answers = pd.DataFrame({"ballot": map(str, range(30)), "department": on, "rating": "滿意"})
    listed = pd.DataFrame({"department": codes, "name": codes, "group": "service", "leading_group": False})
    led = pd.DataFrame({"ballot": "l", "department": codes, "score": 90.0})
    nobody = {name: getattr(made, name).iloc[:0] for name in ("panel_ballots", "deductions", "problems", "rulings")}
    made = replace(made, departments=listed, social_ballots=answers, leader_ballots=led, **nobody)
    social = gather(made, made.rules).social
    assert issparse(social.total) is issparse(social.count) is sparse
    for matrix, value in ((social.total, 80.0), (social.count, 1.0)):
        assert dense(matrix).tolist() == [[value * (code == one) for code in codes] for one in on]
        assert dense(matrix).dtype == np.float64


@pytest.mark.parametrize("kept", ["whole", "sparse"])
def test_a_department_that_nobody_rated_keeps_its_column(tmp_path, monkeypatch, kept):
    if kept == "sparse":
        monkeypatch.setattr(module, "SPARSE_BELOW", 2.0)
    made = year(tmp_path)
    rated = {name: getattr(made, name) for name in ("leader_ballots", "social_ballots")}
    made = replace(made, **{name: rows[rows["department"] == "S01"] for name, rows in rated.items()})
    found = gather(made, made.rules)
    for ratings in (found.leaders, found.social):
        assert ratings.total.shape == ratings.count.shape == (ratings.ballots, 18)


@pytest.mark.parametrize(("answers", "kind"), [(167_772, np.float32), (167_773, np.float64)])
def test_sums_of_ratings_are_kept_small_as_long_as_they_are_exact(tmp_path, answers, kind):
    """All of 100: 16,777,200 is below 2^24, up to which float32 holds every whole number; 16,777,300 is not."""
    made = year(tmp_path)
    form, department = np.divmod(np.arange(answers), 18)
    codes = made.departments["department"].to_numpy()[department]
    said = pd.DataFrame({"ballot": form, "department": codes, "rating": "很滿意"})
    social = gather(replace(made, social_ballots=said), made.rules).social
    assert social.total.dtype == social.count.dtype == kind
    assert dense(social.total).sum() == 100 * answers


def deductions(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["department", "points", "verified", "incident"], index=range(2, len(rows) + 2))


def test_of_one_incident_the_largest_verified_row_counts():
    rows = deductions(
        [
            ("A", 1.0, True, "x"),
            ("A", 2.0, True, "x"),  # the largest of x
            ("A", 2.0, True, "x"),  # as large, later
            ("A", 9.0, False, "x"),  # not verified
            ("B", 1.0, True, "x"),  # of another department
            ("A", 0.5, True, ""),  # without a name each is its own
            ("A", 0.5, True, ""),
            ("A", 0.5, True, None),
            ("A", 0.5, True, "7"),  # a name that reads like a row
        ]
    )
    # Of many as large the earliest.
    many = [("A", points, True, "x") for points in (1.0, 3.0, 2.0, 3.0, 1.0, 2.0, 3.0) * 100]
    assert counting_rows(deductions(many)).index.tolist() == [3]
    counting = counting_rows(rows)
    assert counting.index.tolist() == [3, 6, 7, 8, 9, 10]
    assert counting.columns.tolist() == rows.columns.tolist()
