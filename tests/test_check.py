"""`appraisal check`: wrong, not there yet and ready told apart, in the year's language, on every terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import openpyxl
import pytest
import years
from click.testing import CliRunner, Result

from appraisal.cli import main
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.progress import OPEN
from appraisal.reporting import marked
from appraisal.words import catalogue


def run(folder, *words: object) -> Result:
    return CliRunner().invoke(main, ["check", "2003", "--data", str(folder.parent), *map(str, words)])


@pytest.fixture
def folder(tmp_path):
    return years.write_year(tmp_path / "data" / "2003")


def zh(changes=()) -> str:
    return years.rulebook({"lang": '"zh-Hant"', **dict(changes)})


def test_a_half_filled_year_is_not_complete(folder):
    tables = years.small_tables()
    tables["bands"] = tables["bands"][tables["bands"]["department"] != "S03"]
    tables["leader_ballots"] = tables["leader_ballots"].iloc[:0]
    del tables["queries"]
    years.write_year(folder, tables)
    result = run(folder)
    assert result.exit_code == 3, result.output
    assert "bands: rows: 119; 17 of 18 departments" in result.stdout
    assert "queries: not there yet" in result.stdout
    assert "2003: not complete; nothing is wrong, 3 to fill in" in result.stdout
    assert "not there yet: bands.csv: department 綜合03局 has no band for" in result.stderr


def test_one_wrong_cell_makes_it_wrong(folder):
    tables = years.small_tables()
    tables["bands"] = tables["bands"].iloc[1:]
    tables["leader_ballots"] = tables["leader_ballots"].astype(object)
    tables["leader_ballots"].loc[0, "score"] = "91%"
    years.write_year(folder, tables)
    result = run(folder)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("wrong: leader_ballots.csv, row 2, column score: “…”")
    assert "2003: 1 to mend, 1 to fill in" in result.stdout


def test_many_blank_cells_and_the_rest_of_them_are_not_there_yet(folder):
    tables = years.small_tables()
    tables["bands"]["band"] = ""
    years.write_year(folder, tables)
    assert run(folder).exit_code == 3


def test_a_missing_ruling_is_not_there_yet_and_its_rows_are_printed(folder):
    tables = years.small_tables(
        panel={"S02": 0.9, "S03": 0.9}, led={"S02": 80, "S03": 80}, social={"S02": "滿意", "S03": "滿意"}
    )
    tables["deductions"] = tables["deductions"].iloc[:0]
    years.write_year(folder, tables)
    result = run(folder)
    assert result.exit_code == 3, result.output
    assert "\ntie,S02,〔1–2〕," in result.stderr


def test_the_language_is_the_year_s_even_where_the_rulebook_is_broken(folder):
    (folder / "rulebook.toml").write_text(zh(), encoding="utf-8")
    assert "2003年度：資料齊全，可以計分" in run(folder).stdout
    (folder / "rulebook.toml").write_text(zh({"weights.social": "21"}), encoding="utf-8")
    assert run(folder).stderr.startswith("須更正：rulebook.toml")
    (folder / "rulebook.toml").write_text(zh() + "[[[", encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 1
    assert "2003年度：須更正1處" in result.stdout


def test_json_has_each_place_apart(folder):
    tables = years.small_tables()
    tables["bands"].loc[0, "band"] = "優等"
    years.write_year(folder, tables)
    result = run(folder, "--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["state"] == "wrong"
    (problem,) = said["problems"]
    assert (problem["kind"], problem["code"], problem["file"], problem["row"], problem["column"]) == (
        "wrong",
        "cell.unknown",
        "bands.csv",
        2,
        "band",
    )
    assert {"table": "bands", "there": True, "rows": 126, "ready": 18, "departments": 18} in said["tables"]


@pytest.mark.parametrize(("format", "heads"), [("csv", "en"), ("xlsx", "zh-Hans")])
def test_a_marked_copy_has_the_message_at_the_cell(folder, tmp_path, format, heads):
    tables = years.small_tables()
    tables["bands"].loc[3, "band"] = "優等"
    years.write_year(folder, tables, format=format, heads=heads)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    out = tmp_path / "marked.xlsx"
    assert run(folder, "--mark", "--out", out).exit_code == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    book = openpyxl.load_workbook(out)
    noted = [(sheet.title, cell.coordinate) for sheet in book for row in sheet for cell in row if cell.comment]
    assert noted == [("bands" if format == "csv" else "档位", "C5")]
    cell = book[noted[0][0]]["C5"]
    assert cell.value == "優等"
    assert cell.fill.fgColor.rgb == "FFF4B183"
    assert "“優等” is not one of" in cell.comment.text


def test_a_marked_copy_may_not_lie_in_the_year_folder(folder):
    assert run(folder, "--mark", "--out", folder / "marked.xlsx").exit_code == 2
    assert not (folder / "marked.xlsx").exists()


def test_the_marked_copy_stays_in_the_year_folder_and_is_no_table_there(folder, tmp_path, monkeypatch):
    """It holds every ballot: none may come to lie in whatever folder somebody works in."""
    tables = years.small_tables()
    tables["bands"].loc[3, "band"] = "優等"
    years.write_year(folder, tables)
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    result = run(folder, "--mark")
    assert str(folder / "marked" / "tables-2003-marked.xlsx") in result.stderr
    assert "with every ballot" in result.stderr
    assert "noted: 1" in result.stderr
    assert list((tmp_path / "desk").iterdir()) == []
    assert (folder / "marked" / "tables-2003-marked.xlsx").is_file()
    assert run(folder).output == "".join(line for line in result.output.splitlines(True) if "marked.xlsx" not in line)


def test_where_no_cell_is_to_be_marked_no_copy_is_written(folder):
    result = run(folder, "--mark")
    assert (result.exit_code, result.stderr) == (0, "no cell is to be marked; no copy was written\n")
    assert not (folder / "marked").exists()


def test_nothing_to_mark_is_said(folder):
    years.write_year(folder, {})
    (folder / "tables.xlsx").write_bytes(b"no zip")
    result = run(folder, "--mark")
    assert result.exit_code == 1
    assert "there are no tables that could be copied" in result.stderr


def test_a_table_left_out_of_the_marked_copy_is_named(folder, tmp_path, monkeypatch):
    tables = years.small_tables()
    tables["bands"].loc[3, "band"] = "優等"
    years.write_year(folder, tables)
    monkeypatch.setattr(marked, "MOST_CELLS", 1000)
    result = run(folder, "--out", tmp_path / "marked.xlsx")
    assert "panel_ballots.csv is not in the marked copy" in result.stderr
    assert "departments.csv" not in result.stderr
    assert "panel_ballots" not in openpyxl.load_workbook(tmp_path / "marked.xlsx").sheetnames


@pytest.mark.parametrize("encoding", ["latin-1", "gb2312", "ascii"])
def test_a_terminal_that_cannot_print_a_character_gets_a_substitute(folder, encoding):
    tables = years.small_tables()
    tables["bands"].loc[0, "band"] = "é臺"
    years.write_year(folder, tables, zh())
    said = subprocess.run(
        [sys.executable, "-m", "appraisal", "check", "2003", "--data", folder.parent],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=False,
    )
    assert said.returncode == 1
    assert b"Traceback" not in said.stderr
    assert b"bands.csv" in said.stderr


def test_a_ballot_token_of_an_earlier_year_is_counted_and_never_said(folder):
    tables = years.small_tables()
    kept = tables["leader_ballots"]["ballot"][0]
    for name in ("panel_ballots", "leader_ballots", "social_ballots"):
        tables[name]["ballot"] = [f"later-{token}" if token != kept else token for token in tables[name]["ballot"]]
    years.write_year(folder.parent / "2004", tables, years.rulebook({"year": 2004}))
    result = CliRunner().invoke(main, ["check", "2004", "--data", str(folder.parent)])
    assert result.exit_code == 0, result.output
    row = int(tables["leader_ballots"].index[tables["leader_ballots"]["ballot"] == kept][0]) + 2
    said = [line for line in result.stdout.splitlines() if "stand in 2003, too" in line]
    assert len(said) == 1
    assert said[0].startswith(f"warning: leader_ballots.csv, row {row}, column ballot: from this row on 1 ballot token")
    assert kept not in result.output
    (folder / "rulebook.toml").write_text("no rulebook", "utf-8")
    assert CliRunner().invoke(main, ["check", "2004", "--data", str(folder.parent)]).exit_code == 0


def test_a_column_of_rubbish_is_said_in_a_few_lines_with_the_count_of_the_rest(folder):
    tables = years.small_tables()
    for name in ("leader_ballots", "social_ballots"):
        tables[name] = tables[name].astype(object)
    tables["leader_ballots"]["score"] = [f"x{row}" for row in range(len(tables["leader_ballots"]))]
    tables["leader_ballots"]["ballot"] = ""
    tables["social_ballots"]["rating"] = [f"{row}?" for row in range(len(tables["social_ballots"]))]
    years.write_year(folder, tables)
    ratings, answers = len(tables["leader_ballots"]), len(tables["social_ballots"])
    result = run(folder)
    lines = result.stderr.splitlines()
    assert len(lines) == 3 * 21
    assert f"wrong: leader_ballots.csv, row 21: and {ratings - 20} more problems of this kind" in lines
    assert f"not there yet: leader_ballots.csv, row 21: and {ratings - 20} more problems of this kind" in lines
    assert result.stdout.splitlines()[-1] == f"2003: {ratings + answers} to mend, {ratings} to fill in"
    told = json.loads(run(folder, "--json").stdout)["problems"]
    assert sum(entry["count"] for entry in told) == 2 * ratings + answers
    assert [entry["of"] for entry in told if entry["code"] == "more"] == ["blank", "cell.not_number", "cell.unknown"]


def test_every_open_code_is_a_phrase_and_every_table_a_name():
    assert all(catalogue("en").has(f"problems.{code}") for code in OPEN)
    assert len({contract.zh for contract in CONTRACTS.values()}) == len(CONTRACTS)


def test_a_character_that_the_font_does_not_draw_is_named_with_its_cell(folder):
    tables = years.small_tables()
    tables["departments"].loc[2, "name"] = "市𠀀局"
    years.write_year(folder, tables)
    result = run(folder)
    assert result.exit_code == 0, result.output
    (said,) = [line for line in (result.stdout + result.stderr).splitlines() if "font" in line]
    assert "departments.csv, row 4, column name: has characters that the report's font does not draw: 𠀀;" in said


def test_a_year_whose_departments_have_no_code_is_said(folder):
    tables = years.small_tables()
    tables["departments"]["department"] = ""
    years.write_year(folder, tables)
    result = run(folder)
    assert result.exit_code == 1, result.output
    assert "departments.csv, row 2, column department: is blank" in result.stderr
