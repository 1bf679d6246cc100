"""Secrecy is arithmetic: from all that is published nobody solves for a ballot; and the attack does find what leaks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from recovery import Record, page_records, published, recovered, secrets_of

from appraisal.reporting import layout
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

FOLDER = Path(__file__).parents[1] / "data" / "2003"


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(FOLDER))


@pytest.fixture(scope="module")
def secrets(appraised):
    return secrets_of(appraised)


@pytest.fixture(scope="module")
def tokens(appraised):
    year = appraised.year
    return {*year.panel_ballots["ballot"], *year.leader_ballots["ballot"], *year.social_ballots["ballot"].unique()}


@pytest.fixture(scope="module")
def records(report_2003):
    return list(published(report_2003.parent))


def test_everything_published_is_read(records, secrets):
    """Were nothing read, nothing would be found."""
    kinds = {record.where.partition(":")[0].rpartition(".")[2] for record in records}
    assert {"html", "csv", "xlsx"} <= kinds
    named = {name for record in records for name in secrets.names if name in record.cells}
    assert named == set(secrets.names)


def test_no_ballot_can_be_recovered_from_what_is_published(records, secrets, tokens):
    assert recovered(records, secrets, tokens) == []


def test_ballots_stand_in_the_order_of_their_tokens_and_not_of_the_roster(appraised, tokens):
    names = set(appraised.year.jurors["juror"])
    assert not names & tokens
    assert appraised.year.panel_ballots["ballot"].is_monotonic_increasing


def of_one_ballot(secrets, name, ballot=0):
    """Department → value without one ballot, where it scored."""
    values = secrets.alone[name][:, ballot]
    return {secrets.names[at]: values[at] for at in np.flatnonzero(np.isfinite(values))}


def leak(secrets, records, rows, tokens=frozenset()):
    """What is recovered when these rows are added to what is published, as a page would show them."""
    html = "".join(
        f"<table>{''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) + '</tr>' for row in rows)}</table>"
    )
    return recovered([*records, *page_records(html, "leak.html")], secrets, tokens)


def test_a_column_without_one_juror_is_caught(records, secrets):
    official = dict(zip(secrets.names, secrets.official["composite"], strict=True))
    rows = [(who, f"{official[who]:.2f}", f"{value:.2f}") for who, value in of_one_ballot(secrets, "composite").items()]
    assert any("leak.html" in said and "column" in said for said in leak(secrets, records, rows))


@pytest.mark.parametrize("component", ["functional", "common", "excellence"])
def test_a_component_without_one_juror_is_caught(secrets, component):
    rows = [(who, f"{value:.3f}") for who, value in of_one_ballot(secrets, component, 3).items()]
    assert any("leak.html" in said for said in leak(secrets, [], rows))


def test_the_spread_of_one_department_by_ballots_is_caught(secrets):
    alone = secrets.alone["composite"][5]
    own = alone[np.isfinite(alone)]
    rows = [(secrets.names[5], *(f"{value:.3f}" for value in np.sort(own[len(own) // 2 :])))]
    assert any("leak.html" in said and "row" in said for said in leak(secrets, [], rows))


def test_one_number_with_many_digits_is_caught(secrets):
    who, value = next(iter(of_one_ballot(secrets, "composite").items()))
    assert any("leak.html" in said for said in leak(secrets, [], [(who, f"{value:.9f}")]))


def test_gaps_without_one_ballot_are_caught(secrets):
    """A score could be worked out from the gap of two departments, too."""
    values = list(of_one_ballot(secrets, "composite", 1).items())
    rows = [(a, b, f"{abs(x - y):.4f}") for (a, x), (b, y) in pairwise(values)]
    assert any("leak.html" in said for said in leak(secrets, [], rows))


def test_a_token_is_caught(secrets, tokens):
    token = min(tokens)
    page = layout.paragraph(f"票號{token}。").html
    assert recovered([*page_records(page, "leak.html")], secrets, tokens) == ["leak.html:text: a ballot's token"]


def test_official_numbers_are_no_leak(secrets):
    rows = [Record("t", (who, f"{x:.2f}")) for who, x in zip(secrets.names, secrets.official["composite"], strict=True)]
    assert recovered(rows, secrets) == []
