"""A published set held to its manifest, and how each year stands, on a terminal and on one page."""

from __future__ import annotations

import datetime
import re
from html import unescape

import pytest
import tiny
import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.errors import RunError
from appraisal.office import verify
from appraisal.office.confirmation import confirm
from appraisal.office.failures import keep_failure
from appraisal.office.snapshot import take
from appraisal.office.status import write_index

DAY = datetime.date(2004, 1, 15)


def test_inputs_result_and_files_are_asked_apart(place, monkeypatch):
    monkeypatch.setattr(verify, "make_set", tiny.set_without_notebook)
    assert place.run("verify", 2003).exit_code == 1
    place.report()
    result = place.run("verify", 2003)
    assert result.exit_code == 0, result.output
    assert "inputs: unchanged" in result.stdout
    assert "files made again: the same to the byte" in result.stdout
    with pytest.MonkeyPatch.context() as other:
        other.setattr(verify, "libraries", lambda: {"pandas": "9"})
        assert "not comparable; not as the manifest says:" in place.run("verify", 2003).stdout
    page = place.reports / "2003" / "annual_report.html"
    page.write_text(page.read_text("utf-8") + " ", encoding="utf-8")
    place.tables["leader_ballots"].loc[0, "score"] -= 1
    place.write()
    result = place.run("verify", 2003)
    assert result.exit_code == 1
    assert "inputs: changed since publication: leader_ballots.csv" in result.stdout
    assert "result: the same under" in result.stdout  # of the sealed inputs
    assert "changed or gone: annual_report.html" in result.stdout


def test_each_year_says_how_it_stands(place):
    assert place.state() == "draft"
    place.report()
    assert place.state() == "published"
    place.tables["deductions"].loc[0, "points"] = 1.5
    place.write()
    assert place.state() == "stale"
    place.report()
    confirm(take(place.folder), by="市委常委會", date=DAY)
    assert place.state() == "stale"
    place.report()
    assert place.state() == "confirmed"
    years.write_year(
        place.folder.parent / "2004", {"departments": place.tables["departments"]}, years.rulebook({"year": "2004"})
    )
    assert place.state() == "not_complete"
    keep_failure(place.reports / "2003", RunError([]), "2004-01-01T00:00:00+00:00", "en")
    result = place.run("status")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("2004  not complete")
    # In the words and numbers of `check`.
    stands = place.run("check", 2004).stdout.splitlines()[-1]
    assert "nothing is wrong" in stands
    assert lines[1] == f"    {stands}; `appraisal check 2004` lists them."
    assert any(line.startswith("2003  failed") for line in lines)


def test_the_index_is_safe_and_written_whole(place):
    place.report()
    keep_failure(place.reports / "2003", RunError([]), "2004-01-01T00:00:00+00:00", "en")
    kept = place.reports / "2003" / "failed" / "failure.json"
    kept.write_text('{"when": "2004-01-01T00:00:00+00:00", "messages": ["<script>alert(1)</script>"]}', "utf-8")
    page = write_index(place.folder.parent, place.reports).read_text("utf-8")
    assert "<script" not in page
    assert "<script>alert(1)</script>" in unescape(page)
    assert 'href="2003/annual_report.html"' in page
    assert "default-src 'none'" in page
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org\S*", "", page)


def test_the_index_leads_to_the_overview_where_there_is_one(place):
    place.report()
    assert "overview.html" not in write_index(place.folder.parent, place.reports).read_text("utf-8")
    (place.reports / "overview.html").touch()
    page = write_index(place.folder.parent, place.reports).read_text("utf-8")
    assert '<a href="overview.html">Places and years (for the office alone)</a>' in page


def test_the_years_are_looked_for_in_the_folders_above(place, monkeypatch):
    deep = place.folder.parents[1] / "notebooks"
    deep.mkdir()
    monkeypatch.chdir(deep)
    result = CliRunner().invoke(main, ["status", "--reports", str(place.reports)])
    assert result.stdout.startswith("2003  ready, not published")
    assert CliRunner().invoke(main, ["status", "--data", str(deep / "none")]).exit_code == 1
