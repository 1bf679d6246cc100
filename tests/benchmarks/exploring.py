"""What an analyst waits for: a cutoff turned, a ballot left out, a department's dossier, all tests of a year."""

from __future__ import annotations

from dataclasses import replace

from draws import year_2003
from measure import Row, best, seconds

from appraisal.analysis.anomalies import find_flags
from appraisal.exploring.choices import official_choices
from appraisal.exploring.cutoffs import chart_piece, lines_piece, outcome, tiers_piece, told
from appraisal.exploring.dossier import dossier_piece, without_piece
from appraisal.exploring.jurors import jurors


def within(measure: str, taken: float, most: float) -> Row:
    """A time that a reader waits."""
    return Row(measure, seconds(taken), f"≤ {seconds(most)}", seconds(taken), "")


def turned() -> list[Row]:
    """A slider: the whole rule, who moves, the lines, the chart."""
    appraised = year_2003()
    choices = replace(official_choices(appraised.rules), best=4)

    def tables() -> None:
        supposed, said = outcome(appraised, choices), told(choices, appraised)
        tiers_piece(appraised, supposed, said)
        lines_piece(appraised, supposed, said)

    def chart() -> None:
        tables()
        chart_piece(appraised, outcome(appraised, choices), choices.group, told(choices, appraised))

    first, whole = best(tables, chart, runs=5)
    return [within("explore: a slider moved, tiers and lines", first, 1), within("… and the chart", whole, 1)]


def left_out() -> list[Row]:
    """One ballot left out, the new tiers shown."""
    appraised = year_2003()
    juror = next(iter(jurors(appraised)))
    (taken,) = best(lambda: without_piece(appraised, (juror,)), runs=5)
    return [within("explore: a ballot left out, the new tiers", taken, 0.3)]


def dossier() -> list[Row]:
    """The dossier of one department, three charts."""
    appraised = year_2003()
    (taken,) = best(lambda: dossier_piece(appraised, appraised.scorecard.index[0]), runs=5)
    return [within("explore: a department's dossier", taken, 1)]


def flags() -> list[Row]:
    """All tests of a year, with what hangs on each flag."""
    appraised = year_2003()
    (taken,) = best(lambda: find_flags(appraised), runs=3)
    return [within("all tests of a year of 2003's size", taken, 2)]


ALL = (turned, left_out, dossier, flags)
