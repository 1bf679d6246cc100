"""The commands as a user calls them: what they print, their exit codes, and that nothing is published by half."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import years
from click.testing import CliRunner, Result

from appraisal.cli import main, making

DATA = Path(__file__).parents[1] / "data"
COLUMNS = [
    "department",
    "name",
    "group",
    "functional",
    "common",
    "excellence",
    "social",
    "composite",
    "rank",
    "rule_tier",
    "tier",
]


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def small(tmp_path) -> Path:
    """A data folder with one small year."""
    years.write_year(tmp_path / "data" / "2003")
    return tmp_path / "data"


def test_check_says_that_2003_is_ready():
    result = run("check", 2003, "--data", DATA)
    assert result.exit_code == 0, result.output
    assert "2003年度：資料齊全，可以計分" in result.output


def test_check_lists_what_was_read_as_something_else(small):
    path = small / "2003" / "rulings.csv"
    path.write_text(
        "kind,department,value,reason,approved_by,date\nwithdraw,S01,best,r,x,2003年12月5日\n", encoding="utf-8"
    )
    result = run("check", 2003, "--data", small)
    assert result.exit_code == 0, result.output
    assert "rulings.csv" in result.output
    assert "2003-12-05" in result.output


def test_score_prints_ranks_and_decisions(small):
    result = run("score", 2003, "--data", small)
    assert result.exit_code == 0, result.output
    assert "S01" in result.stdout
    assert "admonished" in result.stdout


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_score_writes_a_file_that_says_it_is_synthetic(tmp_path, small, suffix):
    out = tmp_path / f"scores{suffix}"
    result = run("score", 2003, "--data", small, "--out", out)
    assert result.exit_code == 0, result.output
    scores = pd.read_csv(out) if suffix == ".csv" else pd.read_excel(out, engine="openpyxl")
    assert set(COLUMNS) <= set(scores.columns)
    assert scores["department"].tolist()[:2] == ["S01", "S02"]
    assert (scores["data"] == "Synthetic data").all()


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path, small):
    tables = years.small_tables()
    tables["departments"].loc[0, "name"] = '=HYPERLINK("x")'
    years.write_year(small / "2003", tables)
    out = tmp_path / "scores.xlsx"
    assert run("score", 2003, "--data", small, "--out", out).exit_code == 0
    sheet = openpyxl.load_workbook(out)["scorecard"]
    cell = next(cell for cell in sheet["B"] if str(cell.value).startswith("=HYPERLINK"))
    assert cell.data_type == "s"


def test_draw_prints_the_sample():
    result = run("draw", 2003, "--data", DATA)
    assert result.exit_code == 0, result.output
    drawn = set(pd.read_csv(DATA / "2003" / "spot_checks.csv")["department"])
    assert all(department in result.output for department in drawn)


def test_draw_needs_no_ballots(small):
    """It is made before they arrive; its words are the year's."""
    for path in (small / "2003").glob("*.csv"):
        if path.stem != "departments":
            path.unlink()
    result = run("draw", 2003, "--data", small)
    assert result.exit_code == 0, result.output
    assert result.stdout.split()[:4] == ["group", "department", "name", "SHA-256"]
    assert "綜合服務部門" in result.stdout


def test_simulate_only_makes_up_a_year_that_says_so(small):
    rulebook = small / "2003" / "rulebook.toml"
    rulebook.write_text(rulebook.read_text("utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    before = (small / "2003" / "panel_ballots.csv").read_bytes()
    result = run("simulate", 2003, "--data", small)
    assert result.exit_code == 1
    assert "rulebook.toml, key data: says real" in result.stderr
    assert (small / "2003" / "panel_ballots.csv").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["score", "２００３"],
        ["score", "../2003"],
        ["report", "2003; rm"],
        ["score", "203"],
        ["score"],
        ["score", "2003", "--out", "scores.pdf"],
        ["nothing"],
    ],
)
def test_a_slip_of_usage_is_2(words):
    result = run(*words)
    assert result.exit_code == 2
    assert "Error" in result.stderr


def test_a_folder_that_is_not_there_is_1(tmp_path):
    result = run("score", 1999, "--data", tmp_path)
    assert result.exit_code == 1
    assert result.stderr.endswith("is not there; name the folder that holds the years with --data\n")


def test_the_year_is_looked_for_in_the_folders_above(small, monkeypatch):
    deep = small.parent / "notebooks" / "mine"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert run("check", 2003).exit_code == 0


BROKEN = {
    "missing table": lambda folder: (folder / "bands.csv").unlink(),
    "empty file": lambda folder: (folder / "bands.csv").write_bytes(b""),
    "utf-16": lambda folder: (folder / "bands.csv").write_text("department,item,band\n", encoding="utf-16"),
    "weights": lambda folder: (folder / "rulebook.toml").write_text(years.rulebook({"weights.social": "21"}), "utf-8"),
    "no basis": lambda folder: (folder / "rulebook.toml").write_text(years.rulebook({"basis.ties": None}), "utf-8"),
    "score": lambda folder: (folder / "leader_ballots.csv").write_text("ballot,department,score\nx,S01,9O\n", "utf-8"),
    "withdraw of none": lambda folder: (folder / "rulings.csv").write_text(
        "kind,department,value,reason,approved_by,date\nwithdraw,S05,best,r,x,2003-12-05\n", "utf-8"
    ),
    "quota": lambda folder: (folder / "rulebook.toml").write_text(years.rulebook({"tiers.good.share": "0.5"}), "utf-8"),
}


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("command", ["check", "score", "report"])
def test_wrong_input_is_1_without_a_traceback_and_publishes_nothing(small, tmp_path, command, break_it):
    break_it(small / "2003")
    reports = tmp_path / "reports"
    (reports / "2003").mkdir(parents=True)
    last = reports / "2003" / "annual_report.html"
    last.write_text("the last good report", encoding="utf-8")
    words = [command, 2003, "--data", small, *(["--reports", reports] if command == "report" else [])]
    result = run(*words)
    # A table that is not there yet is nothing wrong, and nothing that could be scored.
    waits = command == "check" and not (small / "2003" / "bands.csv").exists()
    assert result.exit_code == (3 if waits else 1)
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip()
    assert "Traceback" not in result.output
    assert last.read_text(encoding="utf-8") == "the last good report"
    assert [path.name for path in (reports / "2003").iterdir()] == ["annual_report.html"]


def test_the_installed_command_says_its_version():
    said = subprocess.run(
        [sys.executable, "-m", "appraisal", "--version"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"LANG": "C"},
    )
    assert said.stdout.startswith("appraisal, version ")


def test_a_rulebook_of_another_year_is_refused(small):
    (small / "2003" / "rulebook.toml").write_text(years.rulebook({"year": "2004"}), encoding="utf-8")
    for command in ("check", "score", "draw", "report"):
        result = run(command, 2003, "--data", small)
        assert result.exit_code == 1
        assert "rulebook.toml, key year: says 2004, in the folder of 2003" in result.stderr


@pytest.mark.parametrize("out", ["nowhere/scores.csv", "scores.csv/"])
def test_a_file_that_cannot_be_written_is_said(small, tmp_path, out):
    (tmp_path / "scores.csv").mkdir()
    result = run("score", 2003, "--data", small, "--out", tmp_path / out)
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip()


def test_a_year_without_competition_is_refused(small):
    everyone = [f"{group}{place:02}" for group in "SEL" for place in range(1, 7)]
    (small / "2003" / "rulebook.toml").write_text(years.rulebook({"competition.outside": str(everyone)}), "utf-8")
    result = run("score", 2003, "--data", small)
    assert result.exit_code == 1
    assert "key competition.outside: leaves no department in competition" in result.stderr


def test_compare_supposes_another_rulebook(small, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(years.rulebook({"tiers.best.wildcards": "0", "panel.min_ballots": "4"}), encoding="utf-8")
    result = run("compare", 2003, "--data", small, "--rules", other)
    assert result.exit_code == 0, result.output
    parts = result.stdout.split("\n\n")
    assert all("upposed" in part for part in parts)
    assert "tiers.best.wildcards" in parts[1]
    assert "panel.min_ballots" in parts[1]
    # the wildcard of the small year is E02 or its like: one department moves, by that key alone
    moved = parts[2].strip().splitlines()[2:]
    assert len(moved) == 1
    assert "Best" in moved[0]
    assert moved[0].endswith("tiers.best.wildcards")


def test_compare_says_values_in_words_and_none_as_the_program_has_it(small, tmp_path):
    rules = {"panel.statistic": '"trimmed_mean"', "panel.trim": "1", "competition.outside": '["S06"]'}
    (tmp_path / "other.toml").write_text(
        years.rulebook(rules | {"social.points.不了解": "50", "social.left_out": "[]"}), encoding="utf-8"
    )
    told = run("compare", 2003, "--data", small, "--rules", tmp_path / "other.toml").stdout.split("\n\n")[1]
    said = {line.split()[0]: line for line in told.splitlines()[2:]}
    assert "no such key" in said["social.points.不了解"]
    assert "mean without both ends" in said["panel.statistic"]
    assert re.search("trimmed_mean|None|[()']", told) is None


def test_compare_says_where_the_year_would_stop(small, tmp_path):
    """Six ranks of advanced are 33 % of the 18; of 50 % there would be 9 seats, and the rulebook says to stop."""
    other = tmp_path / "other.toml"
    other.write_text(years.rulebook({"tiers.advanced.share": "0.5"}), encoding="utf-8")
    told = run("compare", 2003, "--data", small, "--rules", other).stdout
    assert "In earnest the year would stop here" in told
    assert "a share of 50 % for advanced is 9 of 18 departments in competition" in told
    same = run("compare", 2003, "--data", small, "--rules", small / "2003" / "rulebook.toml").stdout
    assert "In earnest" not in same


def test_compare_with_the_same_rulebook_says_so(small):
    result = run("compare", 2003, "--data", small, "--rules", small / "2003" / "rulebook.toml")
    assert result.exit_code == 0, result.output
    assert "The two rulebooks are the same" in result.stdout


def test_compare_refuses_a_rulebook_that_is_none(small, tmp_path):
    (tmp_path / "other.toml").write_text("year = 1", encoding="utf-8")
    result = run("compare", 2003, "--data", small, "--rules", tmp_path / "other.toml")
    assert result.exit_code == 1
    assert "other.toml, key" in result.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2_000", 2000),
        ("true", True),
        ("abc", "abc"),
        ('{"leaders": [5, 20]}', {"leaders": [5, 20]}),
        ("{leaders", "{leaders"),
        ("2003-12-31", "2003-12-31"),
    ],
)
def test_a_parameter_is_read_as_what_it_is_written_as(text, value):
    assert making._value(text) == value


def test_compare_names_the_scale_of_a_gap_that_is_no_points(small, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(years.rulebook({"tiers.best.wildcard_scale": '"z"', "rounding.digits": "1"}), encoding="utf-8")
    result = run("compare", 2003, "--data", small, "--rules", other)
    assert result.exit_code == 0, result.output
    first, *_others, contest = result.stdout.split("\n\n")[-1].strip().splitlines()[2:]
    before, after = re.findall(r"-?\d+\.\d+", first)
    assert (len(before.partition(".")[2]), len(after.partition(".")[2])) == (2, 1)
    assert re.search(r"\d\.\d{4} \(\S.*\)$", contest)
