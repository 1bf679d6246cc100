"""Many places below one root, each with its years: names, commands, reports, index."""

from __future__ import annotations

import json
import sys

import pytest
import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.errors import FolderError
from appraisal.folders import PlaceYear, is_place, place_years, year_folder
from appraisal.office import publish

HOSTILE = [
    "", ".", "..", "a/b", "a\\b", "/etc", "~root", "-p", " 成都", "成都 ", "成都.", "成都\n", "成都\0", "a\u202eb",
    "a\u200bb", "c:", "a*", "2003", "２００３", "index.html", ".git", "x" * 81,
]  # fmt: skip


@pytest.fixture
def root(tmp_path, place):
    """成都 2003 and 2004, 綿陽 2003, and a place whose only year cannot be read."""
    for name, year in (("成都", 2003), ("成都", 2004), ("綿陽", 2003)):
        rules = years.rulebook({"year": str(year)})
        years.write_year(tmp_path / "root" / name / str(year), years.small_tables(), rules)
    years.write_year(tmp_path / "root" / "Bad & co" / "2003", {}, "")
    return tmp_path / "root"


def run(root, *words):
    asked = ["--reports", str(root.parent / "reports")] if words[0] in ("report", "status", "verify") else []
    return CliRunner().invoke(main, [*map(str, words), "--data", str(root), *asked])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_no_place(root, name):
    assert not is_place(name)
    if name:
        with pytest.raises(FolderError):
            year_folder(f"{name}/2003", root)


@pytest.mark.parametrize(
    "name", ["成都", "錦江區", "Zürich", "Алматы", "Saint-Denis (93)", "القاهرة", "St. Gallen", "3區"]
)
def test_a_plain_name_of_any_script_is_a_place(name):
    assert is_place(name)


def test_every_year_of_every_place_is_made_and_one_that_fails_stops_no_other(root):
    result = run(root, "report", "--all")
    assert result.exit_code == 1
    assert "4 of 4 years" in result.stderr
    assert "4 years: 3 done, 1 failed Bad & co/2003" in result.stderr
    reports = root.parent / "reports"
    for name in ("成都/2003", "成都/2004", "綿陽/2003"):
        assert (reports / name / "annual_report.html").is_file()
    page = (reports / "index.html").read_text("utf-8")
    assert 'href="%E6%88%90%E9%83%BD/2004/annual_report.html"' in page
    assert "Bad &amp; co" in page
    status = run(root, "status").stdout
    assert "成都/2004  published (draft)" in status
    assert "Bad & co/2003  not complete" in status
    verified = run(root, "verify", "成都/2003")
    assert "inputs: unchanged" in verified.stdout


def test_a_year_is_that_of_every_place_or_of_one(root):
    assert run(root, "report", "2004", "綿陽/2003").exit_code == 0
    made = {path.relative_to(root.parent / "reports").as_posix() for path in (root.parent / "reports").glob("*/2*")}
    assert made == {"成都/2004", "綿陽/2003"}
    assert run(root, "report", "2005").exit_code == 1
    assert run(root, "report", "../2003").exit_code == 2


def test_places_have_years_before_them(root, monkeypatch):
    seen = []
    monkeypatch.setattr(
        publish, "imprint", lambda snapshot, real=publish.imprint: seen.append(snapshot) or real(snapshot)
    )
    run(root, "report", "成都/2004")
    assert list(seen[0].office) == ["2003"]  # the earlier year of the same place


def test_check_tells_of_each_and_of_one(root):
    result = run(root, "check", "--all")
    assert result.exit_code == 1
    assert "成都/2004: ready to score" in result.stdout
    told = json.loads(run(root, "check", "--all", "--json").stdout)
    assert told["綿陽/2003"]["state"] == "ready"
    assert told["Bad & co/2003"]["state"] == "wrong"
    assert run(root, "check", "成都/2003").exit_code == 0
    assert run(root, "check", "2003").exit_code == 1
    assert run(root, "check").exit_code == run(root, "check", "2003", "--all").exit_code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a name that this system does not have")
def test_a_folder_that_may_not_be_called_so_is_said_and_stops_no_other(root):
    years.write_year(root / "a\u202eb" / "2003")
    assert [problem.code for problem in place_years(root)[1]] == ["folder.no_place"]
    result = run(root, "report", "--all")
    assert result.exit_code == 1
    assert "'a\\u202eb': is no name of a place" in result.stderr
    assert (root.parent / "reports" / "成都" / "2003").is_dir()
    assert "'a\\u202eb'" in run(root, "status").stderr


def test_years_of_the_root_itself_and_of_places_stand_together(root):
    years.write_year(root / "2003")
    (root / ".cache" / "2003").mkdir(parents=True)
    found, problems = place_years(root)
    assert found[:2] == [PlaceYear("", 2003), PlaceYear("Bad & co", 2003)]
    assert problems == []
    assert run(root, "check", "2003").exit_code == 0
    result = run(root, "report", "2003")
    assert [path.name for path in (root.parent / "reports").glob("2*")] == ["2003"], result.output


def test_another_year_of_a_place_is_begun(root):
    result = run(root, "new", "成都/2005")
    assert result.exit_code == 0, result.output
    assert (root / "成都" / "2005" / "rulebook.toml").is_file()
    assert run(root, "new", "長沙/2005").exit_code == 1
