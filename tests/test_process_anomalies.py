"""Sections beside the matters for review: marks where the numbers stand, no word that judges, no score of a ballot."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from told import NEVER

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.counts import funnel_limits
from appraisal.reporting import anomaly_charts, process_anomalies
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

LABELS = {"service": "甲", "economic": "乙"}


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year("data/2003"))


def text_of(piece) -> str:
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'src="[^"]*"', "", piece.html)))


def test_a_funnel_has_a_mark_where_each_cell_stands():
    cells = pd.DataFrame(
        {"group": ["service", "economic"], "source": ["一", "二"], "expected": [2.0, 5.0], "ratio": [1.5, 0.4]}
    )
    expected = np.array([1.0, 3.0, 6.0])
    (low, high), (low_far, high_far) = funnel_limits(expected, 0.95), funnel_limits(expected, 0.998)
    limits = pd.DataFrame({"expected": expected, "low": low, "high": high, "low_far": low_far, "high_far": high_far})
    ax = anomaly_charts.plot_funnel(cells, limits, labels=LABELS)
    marks = np.vstack([marks.get_offsets() for marks in ax.collections])
    assert marks.tolist() == [[2.0, 1.5], [5.0, 0.4]]
    assert {text.get_text() for text in ax.texts} == {"一", "二"}
    assert (low_far <= low).all()
    assert (high <= high_far).all()


def test_limits_of_agreement_are_drawn_where_they_are():
    pairs = pd.DataFrame(
        {"name": ["a", "b"], "group": ["service", "economic"], "mean": [80.0, 90.0], "difference": [-5.0, -3.0]}
    )
    ax = anomaly_charts.plot_agreement(pairs, {"bias": -4.0, "low": -6.8, "high": -1.2}, labels=LABELS)
    assert [line.get_ydata()[0] for line in ax.lines] == [-4.0, -6.8, -1.2]


def test_the_bridge_has_an_interval_for_each_panel():
    rows = pd.DataFrame({"label": ["甲", "乙"], "severity": [0.0, -0.4], "low": [-0.5, -0.9], "high": [0.5, 0.1]})
    ax = anomaly_charts.plot_bridge(rows)
    spans = [path[:, 0].tolist() for lines in ax.collections[:1] for path in lines.get_segments()]
    assert spans == [[-0.5, 0.5], [-0.9, 0.1]]


def test_the_sections_say_what_the_year_has_and_judge_nobody(appraised):
    found = find_flags(appraised)
    said = text_of(process_anomalies.deductions(appraised))
    said += text_of(process_anomalies.contrasts(appraised, found)) + text_of(process_anomalies.groups(appraised))
    for label in appraised.rules.groups.values():
        assert label in said
    assert "僅供參考" in said
    words = [phrase for key, phrase in catalogue("zh-Hant").phrases.items() if key.startswith("anomalies")]
    assert not re.search(NEVER["zh-Hant"], said + "".join(words))
