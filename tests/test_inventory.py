"""Which files of a year folder are its tables: what is found, what is missing, what lies beside them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from appraisal.errors import Problem
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.inventory import Inventory, table_files, take_inventory
from appraisal.reading.sheets import Remark

NEEDED = [name for name, contract in CONTRACTS.items() if contract.needed != "no" and name != "social_counts"]
CHOICES = '[x]\nkind = "exploration"\n'


def put(folder: Path, *files: str) -> Path:
    """Write files of one column and one row each."""
    for name in files:
        (folder / name).write_text("a\n1\n")
    return folder


def tables(*, without: str = "") -> list[str]:
    """Names of the files of a whole year, or of all but one table."""
    return [f"{name}.csv" for name in NEEDED if name != without]


def put_workbook(folder: Path, *titles: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in titles:
        sheet = book.create_sheet(title)
        sheet.append(["a"])
        sheet.append(["1"])
    book.save(folder / "tables.xlsx")
    return folder


def missing(name: str, near: str = "", *, file: str = "", zh: str = "", code: str = "missing") -> Problem:
    kind = "sheet" if file else "table"
    said = {"table": name, "zh": zh or CONTRACTS[name].zh, "near": near}
    return Problem(f"{kind}.{code}{'_near' if near else ''}", file or f"{name}.csv", values=said)


def told(folder: Path, lang: str = "en") -> list[Problem]:
    return take_inventory(folder, lang)[1]


# Found


def test_files_of_a_whole_year(tmp_path):
    put(tmp_path, *tables())
    inventory, problems = take_inventory(tmp_path, "en")
    assert problems == []
    assert inventory.files == tuple(tmp_path / name for name in sorted(tables()))
    assert {name: sheet.place for name, sheet in inventory.sheets.items()} == {name: f"{name}.csv" for name in NEEDED}


def test_a_workbook_of_a_whole_year(tmp_path):
    put_workbook(tmp_path, *NEEDED)
    inventory, problems = take_inventory(tmp_path, "en")
    assert problems == []
    assert inventory.files == (tmp_path / "tables.xlsx",)
    assert {name: sheet.name for name, sheet in inventory.sheets.items()} == {name: name for name in NEEDED}


def test_a_folder_that_cannot_be_read(tmp_path):
    inventory, problems = take_inventory(tmp_path / "1999", "en")
    assert inventory == Inventory({}, ())
    assert problems == [Problem("file.folder", "1999", values={"fault": "No such file or directory"})]


def test_a_workbook_beside_files(tmp_path):
    put_workbook(put(tmp_path, "bands.csv", "jurors.csv"), *NEEDED)
    (tmp_path / "choices.toml").write_text(CHOICES)
    inventory, problems = take_inventory(tmp_path, "en")
    assert inventory == Inventory({}, tuple(tmp_path / name for name in ("tables.xlsx", "bands.csv", "jurors.csv")))
    assert problems == [
        Problem("choices.in_year_folder", "choices.toml"),
        Problem("file.both", "tables.xlsx", values={"files": "bands.csv, jurors.csv"}),
    ]


def test_choices_of_an_exploration_are_found_wherever_they_lie(tmp_path):
    put(tmp_path, *tables())
    for place in (".hidden/of/mine.toml", "choices.toml", "nested/other.toml"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(CHOICES)
    (tmp_path / "notes.txt").write_text(CHOICES)
    (tmp_path / "rulebook.toml").write_text('title = "exploration"\n')
    (tmp_path / "folder.toml").mkdir()
    assert told(tmp_path) == [
        Problem("choices.in_year_folder", place)
        for place in (".hidden/of/mine.toml", "choices.toml", "nested/other.toml")
    ]


def test_every_file_that_cannot_be_read_is_told(tmp_path):
    put(tmp_path, *tables())
    for name in ("jurors", "bands"):
        (tmp_path / f"{name}.csv").write_bytes(b"")
    inventory, problems = take_inventory(tmp_path, "en")
    assert problems == [Problem("file.empty", "bands.csv"), Problem("file.empty", "jurors.csv")]
    assert set(NEEDED) - set(inventory.sheets) == {"bands", "jurors"}
    assert inventory.files == tuple(tmp_path / name for name in sorted(tables()))


def test_two_sheets_of_one_table_are_none(tmp_path):
    put_workbook(tmp_path, *NEEDED, "檔位", "決定", "选项", "lists", "档位")
    inventory, problems = take_inventory(tmp_path, "en")
    assert problems == [
        Problem("sheet.twice", "tables.xlsx", values={"sheets": said})
        for said in ("bands, 檔位", "rulings, 決定", "bands, 档位")
    ]
    assert set(NEEDED) - set(inventory.sheets) == {"bands", "rulings"}


def test_files_of_tables_by_their_names_alone(tmp_path):
    """Nothing in them is asked: neither whether they can be read, nor whether both a workbook and files may be there."""
    assert table_files(put(tmp_path, "seating.csv", "notice.csv", ".bands.csv", "~$tables.xlsx", "bands.xlsx")) == ()
    put(tmp_path, "jurors.csv", "bands.csv")
    assert table_files(tmp_path) == (tmp_path / "bands.csv", tmp_path / "jurors.csv")
    put(tmp_path, "tables.xlsx")
    assert table_files(tmp_path) == (tmp_path / "tables.xlsx", tmp_path / "bands.csv", tmp_path / "jurors.csv")


# Missing


@pytest.mark.parametrize(("lang", "zh"), [("en", "領導評鑒"), ("zh-Hant", "領導評鑒"), ("zh-Hans", "领导评鉴")])
def test_what_is_missing_is_named_in_the_script_of_the_year(tmp_path, lang, zh):
    put(tmp_path, *tables(without="leader_ballots"))
    assert told(tmp_path, lang) == [missing("leader_ballots", zh=zh)]
    (tmp_path / "book").mkdir()
    put_workbook(tmp_path / "book", *(name for name in NEEDED if name != "leader_ballots"))
    assert told(tmp_path / "book", lang) == [missing("leader_ballots", zh=zh, file="tables.xlsx")]


@pytest.mark.parametrize("near", ["ruling", "Rulings", "rul", "決定", "决定書稿"])
def test_a_file_that_may_be_meant_is_named_and_not_ignored(tmp_path, near):
    put(tmp_path, *tables(without="rulings"), f"{near}.csv", "seating.csv")
    assert told(tmp_path) == [Remark("file.ignored", "seating.csv"), missing("rulings", f"{near}.csv")]


@pytest.mark.parametrize("near", ["ruling", "rul", "決定書稿"])
def test_a_sheet_that_may_be_meant_is_named_and_not_ignored(tmp_path, near):
    put_workbook(tmp_path, *(name for name in NEEDED if name != "rulings"), near, "說明", "cover")
    assert told(tmp_path) == [
        Remark("sheet.ignored", "tables.xlsx", values={"sheets": "說明, cover"}),
        missing("rulings", near, file="tables.xlsx"),
    ]


def test_sheets_that_may_be_meant_are_no_files_that_may_be(tmp_path):
    """A workbook's missing sheet is never a file beside it."""
    put_workbook(put(tmp_path, "ruling.csv"), *(name for name in NEEDED if name != "rulings"))
    assert told(tmp_path) == [Remark("file.ignored", "ruling.csv"), missing("rulings", file="tables.xlsx")]


def test_neither_answers_nor_counts_of_the_public(tmp_path):
    files, book = tmp_path / "files", tmp_path / "book"
    files.mkdir()
    book.mkdir()
    put(files, *tables(without="social_ballots"))
    put_workbook(book, *(name for name in NEEDED if name != "social_ballots"))
    assert told(files) == [missing("social_ballots", code="social_none")]
    assert told(book) == [missing("social_ballots", code="social_none", file="tables.xlsx")]
    put(files, "social_ballot.csv")
    assert told(files) == [missing("social_ballots", "social_ballot.csv", code="social_none")]


def test_both_answers_and_counts_of_the_public(tmp_path):
    files, book = tmp_path / "files", tmp_path / "book"
    files.mkdir()
    book.mkdir()
    assert told(put(files, *tables(), "social_counts.csv")) == [Problem("table.social_both", "social_ballots.csv")]
    assert told(put_workbook(book, *NEEDED, "social_counts")) == [Problem("sheet.social_both", "tables.xlsx")]


def test_a_folder_without_tables(tmp_path):
    inventory, problems = take_inventory(put(tmp_path, "seating.csv"), "en")
    assert inventory == Inventory({}, ())
    assert problems == [Remark("file.ignored", "seating.csv"), Problem("table.none", tmp_path.name)]


def test_a_table_under_another_name_alone_is_no_folder_without_tables(tmp_path):
    problems = told(put(tmp_path, "ruling.csv"))
    assert missing("rulings", "ruling.csv") in problems
    assert len(problems) == len(NEEDED)


# Beside the tables


@pytest.mark.parametrize(
    "name", ["old.xls", "決算.et", "seating.csv", "Tables.xlsx", "table.xlsx", "departments.xlsx", "部門.csv"]
)
def test_beside_a_whole_year_other_spreadsheets_are_ignored(tmp_path, name):
    assert told(put(tmp_path, *tables(), name)) == [Remark("file.ignored", name)]


@pytest.mark.parametrize("name", ["tables.xls", "tables.ET", "bands.xls", "部门.et"])
def test_an_old_spreadsheet_named_as_a_table_is_told_even_beside_a_whole_year(tmp_path, name):
    assert told(put(tmp_path, *tables(), name)) == [Problem("file.old", name)]


@pytest.mark.parametrize("name", ["tables.xls", "rulings.xls", "results.et"])
def test_any_old_spreadsheet_is_told_where_a_table_is_missing(tmp_path, name):
    near = name if name == "rulings.xls" else ""
    told_of_it = [] if near else [Problem("file.old", name)]
    assert told(put(tmp_path, *tables(without="rulings"), name)) == [*told_of_it, missing("rulings", near)]


@pytest.mark.parametrize("name", ["Tables.xlsx", "table.xlsx", "tab.ods", "bands.xlsx", "部門.xlsm"])
def test_a_spreadsheet_that_may_be_meant_is_told_where_a_table_is_missing(tmp_path, name):
    assert told(put(tmp_path, *tables(without="rulings"), name)) == [
        Problem("file.misnamed", name),
        missing("rulings"),
    ]


def test_what_may_be_meant_is_told_where_the_workbook_cannot_be_read(tmp_path):
    (tmp_path / "tables.xlsx").write_bytes(b"no workbook")
    put(tmp_path, "old.xls", "table.xlsx", "seating.csv")
    inventory, problems = take_inventory(tmp_path, "en")
    assert inventory == Inventory({}, (tmp_path / "tables.xlsx",))
    assert [(problem.code, problem.file) for problem in problems] == [
        ("file.no_workbook", "tables.xlsx"),
        ("file.old", "old.xls"),
        ("file.ignored", "seating.csv"),
        ("file.misnamed", "table.xlsx"),
    ]
