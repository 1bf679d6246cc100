"""The overview of many places: what each set tells it, what is collected, what the charts and the page show."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
import years
from click.testing import CliRunner

from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.resampling import line_share, resample
from appraisal.analysis.years import panel_severity
from appraisal.cli import main
from appraisal.office.collected import collect
from appraisal.reporting import place_charts, places
from appraisal.reporting.figures import FILE, working_figures
from appraisal.reporting.places import Published
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

SIZE = 8


@pytest.fixture(scope="module")
def appraised(tmp_path_factory):
    rules = years.rulebook({"tiers.on_quota_mismatch": '"keep_pool"'})
    return appraise(
        load_year(years.write_year(tmp_path_factory.mktemp("data") / "2003", years.small_tables(SIZE), rules))
    )


@pytest.fixture
def province(tmp_path, place, appraised):
    """成都 published with its figures, 綿陽 without them, 德陽 changed since, 廣元 never made."""
    root, reports = tmp_path / "root", tmp_path / "reports"
    for name in ("成都", "綿陽", "德陽", "廣元"):
        years.write_year(root / name / "2003")
    run(root, reports, "report", "成都/2003", "綿陽/2003", "德陽/2003")
    for name in ("成都", "德陽"):
        (reports / name / "2003" / FILE).write_bytes(working_figures(appraised, resample(appraised, 50)))
    with (root / "德陽" / "2003" / "deductions.csv").open("a", encoding="utf-8") as file:
        file.write("S05,work_style,2003-05-06,inspection,0.5,yes,,\n")
    return root, reports


def run(root, reports, *words):
    return CliRunner().invoke(main, [*words, "--data", str(root), "--reports", str(reports)])


def test_figures_are_those_of_the_lines_and_panels_and_name_nobody(appraised):
    resamples = resample(appraised, 50)
    written = working_figures(appraised, resamples)
    assert written == working_figures(appraised, resamples)
    said, lines = json.loads(written), line_share(appraised, resamples)
    assert [line["gap"] for line in said["lines"]] == lines["gap"].round(2).tolist()
    assert [line["share"] for line in said["lines"]] == lines["share"].round(4).tolist()
    assert [panel["place"] for panel in said["panels"]] == panel_severity([appraised])["place"].round(4).tolist()
    text = written.decode()
    secret = [*appraised.year.panel_ballots["ballot"], *appraised.year.jurors["juror"]]
    assert [word for word in {*secret, *appraised.scorecard["name"], *appraised.scorecard.index} if word in text] == []


def test_a_gap_on_another_scale_has_the_digits_of_that_scale(appraised):
    rules = appraised.rules.replace({"tiers.best.wildcard_scale": "anchored"})
    anchored = appraise(replace(appraised.year, rules=rules))
    (gap,) = cutoff_lines(anchored).query("scale == 'anchored'")["gap"]
    told = [line["gap"] for line in json.loads(working_figures(anchored, resample(anchored, 5)))["lines"]]
    assert round(gap, 4) in told
    assert round(gap, 2) not in told


def test_gaps_of_many_places_have_the_digits_of_their_year_and_those_in_no_points_their_scale():
    """A gap of nothing is told with its digits, too; a year of another place may rank with others."""
    rows = [("甲", 0.0, "raw", 2), ("甲", 0.2, "raw", 2), ("乙", 1.0, "raw", 1), ("乙", 0.057, "z", 1)]
    lines = pd.DataFrame(
        [(place, 2006, "1|2", gap, scale, digits, 0.5) for place, gap, scale, digits in rows],
        columns=["where", "year", "line", "gap", "scale", "digits", "share"],
    )
    shown = places.thin_lines(Published(pd.DataFrame(), lines, pd.DataFrame(), (), False, "en")).html
    cells = re.findall(r"<td[^>]*>(\d\.\d+[^<]*)</td>", shown)
    assert cells == ["0.00", "0.0570 (standard score within the group)", "0.20", "1.0"]


def test_a_panel_that_is_too_small_is_not_told(tmp_path):
    small = appraise(load_year(years.write_year(tmp_path / "2003")))
    assert json.loads(working_figures(small, resample(small, 20)))["panels"] == []


def test_what_is_published_is_collected(province):
    published = collect(*province)
    states = published.states.set_index("where")["state"].to_dict()
    assert states == {"成都": "published", "綿陽": "published", "德陽": "stale", "廣元": "draft"}
    assert set(published.lines["where"]) == set(published.panels["where"]) == {"成都", "德陽"}
    assert published.without == ("綿陽/2003",)
    assert published.synthetic


@pytest.mark.parametrize(
    "written", ['{"lines": [', "[]", '{"data": "real", "lines": [{"line": "", "gap": "wide"}], "panels": []}']
)
def test_a_damaged_file_of_figures_is_named(province, written):
    root, reports = province
    (reports / "成都" / "2003" / FILE).write_text(written, encoding="utf-8")
    published = collect(root, reports)
    assert set(published.without) == {"成都/2003", "綿陽/2003"}
    assert set(published.lines["where"]) == {"德陽"}


def test_the_sections_tell_what_wants_a_hand(province):
    published = collect(*province)
    shown = places.standing(published).html
    assert "德陽/2003" in shown
    assert "廣元/2003" in shown
    assert "綿陽/2003" in shown
    assert "成都/2003" not in shown
    assert "德陽" in places.thin_lines(published).html
    assert "德陽" in places.severe_panels(published).html


def test_nothing_published_is_said(tmp_path):
    (tmp_path / "root").mkdir()
    published = collect(tmp_path / "root", tmp_path / "reports")
    for section in (places.standing, places.thin_lines, places.severe_panels):
        assert "<table" not in section(published).html


def test_many_places_take_several_charts_of_one_height():
    grid = [f"縣{number:03}" for number in range(104)]
    parts = list(places._chunks(grid))
    assert [place for part in parts for place in part] == grid
    assert max(map(len, parts)) <= places.OF_A_CHART
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_charts_have_a_cell_a_year_and_a_mark_a_panel():
    states = pd.DataFrame({2003: ["stale", "published"], 2004: ["failed", None]}, index=["甲", "乙"])
    ax = place_charts.plot_report_states(states, labels={code: code for code in place_charts.STATES})
    assert len(ax.patches) == 3
    assert [text.get_text() for text in ax.get_yticklabels()] == ["甲", "乙"]
    assert len(ax.get_legend().get_texts()) == 3
    shares = pd.DataFrame({2003: [0.5, 0.0], 2004: [1.0, None]}, index=["甲", "乙"])
    ax = place_charts.plot_edge_lines(shares, label="")
    assert sorted(text.get_text() for text in ax.texts if text.get_text()) == ["0%", "100%", "50%"]
    panels = pd.DataFrame({"where": ["甲", "甲", "乙"], "group": ["a", "b", "a"], "place": [0.4, 0.5, 0.6]})
    ax = place_charts.plot_panel_places(panels, middle=0.5, label="")
    assert sum(len(marks.get_offsets()) for marks in ax.collections) == 3


def test_the_page_is_made_by_the_notebook(province, tmp_path):
    root, reports = province
    result = run(root, reports, "overview")
    assert result.exit_code == 0, result.output
    page = (reports / "overview.html").read_text("utf-8")
    assert "internal working paper" in page
    assert page.count("<svg") + page.count("data:image/svg") == 3
    assert "default-src 'none'" in page
    assert CliRunner().invoke(main, ["overview", "--data", str(tmp_path / "none")]).exit_code == 1
