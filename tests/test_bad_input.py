"""Every kind of bad input: one clear message each, that names what is wrong and where."""

from __future__ import annotations

import codecs

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import Alignment

from appraisal.errors import RulebookError, TableError
from appraisal.tables import load_year
from tests.years import RULEBOOK, counted, rulebook, small_tables, write_year


def problems_of(folder) -> list[str]:
    with pytest.raises(TableError) as caught:
        load_year(folder)
    return str(caught.value).splitlines()


@pytest.fixture
def tables():
    return small_tables()


@pytest.fixture
def said(tmp_path, tables):
    """Write the tables as they were edited; what loading them says, line by line."""

    def say(**options):
        return problems_of(write_year(tmp_path / "2003", tables, options.pop("rules", RULEBOOK), **options))

    return say


def row_of(rows: pd.DataFrame, **where) -> int:
    """Place of the first row that says this; in the file it stands two lower."""
    match = pd.Series(True, index=rows.index)
    for column, value in where.items():
        match &= rows[column] == value
    return int(match.idxmax())


# Cells


@pytest.mark.parametrize(
    ("table", "column", "text", "message"),
    [
        ("panel_ballots", "score", "9O", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "NaN", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "Inf", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "1e1", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "13,5", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "٣", "“…” is not a number; write digits and at most one decimal point"),
        ("panel_ballots", "score", "91%", "“…” is a percentage; write the points themselves"),
        ("panel_ballots", "score", "９１％", "“…” is a percentage; write the points themselves"),
        ("panel_ballots", "score", "-1", "… is less than 0"),
        ("panel_ballots", "score", "12", "… is outside band 優秀 of item “雙超”目標和六大重點工作 (13.30–14.00)"),
        (
            "panel_ballots",
            "score",
            "13.299999999999999999",
            "… is outside band 優秀 of item “雙超”目標和六大重點工作 (13.30–14.00)",
        ),
        ("panel_ballots", "item", "key_work", "“key_work” is not known; did you mean “key_works”? write that"),
        (
            "panel_ballots",
            "item",
            "爬山",
            "“爬山” is not one of: “雙超”目標和六大重點工作, 部門重點工作, 最佳辦事環境, 作風建設, 難易程度, 層次高低, 貢獻大小",
        ),
        (
            "panel_ballots",
            "department",
            "Q77",
            "“Q77” is no department of this year, neither its code nor its exact name",
        ),
        (
            "panel_ballots",
            "department",
            "綜合01部",
            "“綜合01部” is no department of this year; did you mean “綜合01局”? write that",
        ),
        ("panel_ballots", "ballot", " ", "is blank; a value is needed"),
        ("departments", "group", "servce", "“servce” is not known; did you mean “service”? write that"),
        ("departments", "leading_group", "maybe", "“maybe” is not one of: yes, no"),
        ("self_assessments", "score", "15", "15 is outside the full marks of item “雙超”目標和六大重點工作 (0–14)"),
        ("bands", "band", "優等", "“優等” is not one of: 優秀, 良好, 一般, 較差"),
        ("bands", "band", "", "is blank; a value is needed"),
        ("leader_ballots", "score", "100.5", "… is outside 0–100"),
        ("social_ballots", "rating", "很滿意的", "“…” is not one of: 很滿意, 滿意, 基本滿意, 不滿意, 不了解, blank"),
        ("social_ballots", "rating", "ok", "“…” is not one of: 很滿意, 滿意, 基本滿意, 不滿意, 不了解, blank"),
        ("deductions", "points", "0", "0 is not more than 0"),
        (
            "deductions",
            "points",
            "9" * 400,
            "9" * 57 + "… has too many digits; write at most 9 before the decimal point and 32 after it",
        ),
        ("deductions", "item", "level", "“level” is not one of: 作風建設"),
        ("deductions", "source", "rumour", "“rumour” is not one of: 明查暗訪, 舉報投訴, 信訪批轉, 跟蹤督查"),
        ("deductions", "date", "37960", "37960: 2003-12-05? write that"),
        ("deductions", "date", "20031205", "20031205: 2003-12-05? write that"),
        ("deductions", "date", "5.12.2003", "“5.12.2003” is not a date; write it like 2003-12-05"),
        ("deductions", "date", "2003/12-5", "“2003/12-5” is not a date; write it like 2003-12-05"),
        ("deductions", "date", "2003-02-30", "“2003-02-30” is a day that does not exist"),
        ("deductions", "date", "2003-12-05 14:30", "“2003-12-05 14:30” says more than a day; write it like 2003-12-05"),
        ("inspections", "round", "3", "3 is outside 1–2"),
        ("inspections", "round", "1.5", "1.5 is not a whole number"),
        ("jurors", "group", "", "is blank; a value is needed"),
        ("spot_checks", "result", "fine", "“fine” is not one of: ok, discrepancy"),
    ],
)
def test_a_cell_that_is_wrong(tables, said, table, column, text, message):
    tables[table] = tables[table].astype(object)
    tables[table].loc[0, column] = text
    assert f"{table}.csv, row 2, column {column}: {message}" in said()


def test_a_slip_in_one_cell_is_one_message(tables, said):
    tables["panel_ballots"] = tables["panel_ballots"].astype(object)
    tables["panel_ballots"].loc[0, "score"] = "9O"
    assert len(said()) == 1


@pytest.mark.parametrize("text", ["nobody", ""])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("bands", "department"),
        ("bands", "item"),
        ("panel_ballots", "department"),
        ("panel_ballots", "item"),
        ("leader_ballots", "department"),
        ("social_ballots", "department"),
    ],
)
def test_a_slip_in_a_key_is_one_message(tables, said, table, column, text):
    if table in ("leader_ballots", "social_ballots"):
        tables[table] = tables[table].drop_duplicates("department")
    tables[table].loc[0, column] = text
    (line,) = said()
    assert line.startswith(f"{table}.csv, row 2, column {column}: ")


def test_a_slip_in_a_key_hides_no_other_band_that_is_missing(tables, said):
    bands = tables["bands"]
    bands.loc[row_of(bands, department="S03", item="level"), "department"] = "nobody"
    tables["bands"] = bands.drop(row_of(bands, department="S04", item="difficulty"))
    lines = said()
    assert len(lines) == 2
    assert lines[1] == "bands.csv: department 綜合04局 has no band for: 難易程度"


def test_a_score_outside_its_band_stands_in_its_row(tables, said):
    rows = tables["panel_ballots"]
    place = row_of(rows, department="E02", item="work_style")
    rows.loc[place, "score"] = 21.5
    assert said() == [
        f"panel_ballots.csv, row {place + 2}, column score: … is outside band 良好 of item 作風建設 (22.00–23.75)"
    ]


def test_ends_of_a_band_are_inside(tables, tmp_path):
    rows = tables["panel_ballots"]
    places = rows.index[(rows["department"] == "S01") & (rows["item"] == "key_works")]
    rows.loc[places[0], "score"], rows.loc[places[1], "score"] = 13.3, 14
    load_year(write_year(tmp_path, tables))


def test_many_rows_with_one_problem_are_counted(tables, said):
    tables["leader_ballots"] = tables["leader_ballots"].astype(object)
    tables["leader_ballots"].loc[:, "score"] = "x"
    lines = said()
    assert len(lines) == 21
    assert lines[20] == "leader_ballots.csv, row 21: and 34 more problems of this kind"


# Rows


def test_a_file_pasted_twice(tables, said):
    tables["bands"] = pd.concat([tables["bands"]] * 2)
    lines = said()
    assert lines[0] == "bands.csv, row 128: repeats row 2: the same department, item"
    assert lines[20:] == ["bands.csv, row 147: and 106 more problems of this kind"]


def test_a_row_twice(tables, said):
    for table in ("departments", "bands", "panel_ballots", "leader_ballots", "social_ballots"):
        tables[table] = pd.concat([tables[table], tables[table].iloc[[1]]], ignore_index=True)
    assert said() == [
        "departments.csv, row 20: repeats row 3: the same department",
        "bands.csv, row 128: repeats row 3: the same department, item",
        "panel_ballots.csv, row 632: repeats row 3: the same ballot, department, item",
        "leader_ballots.csv, row 56: repeats row 3: the same ballot, department",
        "social_ballots.csv, row 182: repeats row 3: the same ballot, department",
    ]


def test_a_deduction_twice(tables, said):
    tables["deductions"] = pd.concat([tables["deductions"]] * 2, ignore_index=True)
    assert said()[0] == (
        "deductions.csv, row 6: repeats row 2 throughout; take one away, or say in it what makes it another"
    )


def test_one_name_for_two_departments(tables, said):
    tables["departments"].loc[4, "name"] = tables["departments"].loc[2, "name"]
    assert said() == [
        "departments.csv, row 6, column name: “綜合03局” is also the name of S03 (row 4); "
        "a name may stand for one department only"
    ]


def test_a_name_that_is_another_department_s_code(tables, said):
    tables["departments"].loc[4, "name"] = "E01"
    assert said() == ["departments.csv, row 6, column name: “E01” is the code of another department"]


def test_an_incident_in_two_departments(tables, said):
    tables["deductions"].loc[3, "incident"] = "a"
    assert said() == [
        "deductions.csv, row 5, column incident: incident “a” is one of 綜合03局 in row 3; an incident is one department's"
    ]


def test_days_of_another_year_are_told(tables, tmp_path):
    tables["deductions"].loc[[1, 3], "date"] = ["2004-01-03", "2002-12-31"]
    tables["rulings"].loc[0] = ["admonish", "S06", "no", "…", "…", "2004-01-05"]  # decided after the year
    told = [str(one) for one in load_year(write_year(tmp_path, tables)).remarks if one.code == "cell.other_year"]
    assert told == ["deductions.csv, row 3, column date: is no day of 2003 (from this row on: 2); is it meant so?"]


def test_one_ballot_for_two_groups_and_no_token_is_repeated(tables, said):
    rows = tables["panel_ballots"]
    place = row_of(rows, department="E01")
    token = rows.loc[0, "ballot"]
    rows.loc[rows["ballot"] == rows.loc[place, "ballot"], "ballot"] = token
    lines = said()
    assert lines[0] == (
        f"panel_ballots.csv, row {place + 2}: this ballot scores a department of 經濟管理部門, "
        "but begins with one of 綜合服務部門; one ballot scores one group"
    )
    assert token not in "".join(lines)


def test_a_token_that_is_a_juror_s_name(tables, said):
    tables["panel_ballots"].loc[tables["panel_ballots"]["ballot"] == "p-service-0", "ballot"] = "李 四"
    tables["jurors"].loc[0, "juror"] = "李 四"
    assert said() == [
        "panel_ballots.csv, row 2, column ballot: this ballot is marked with the name of a juror on the roster; "
        "ballots are anonymous, so give it a token that says nothing"
    ]


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("withdraw", "advanced", "“advanced” is not one of: best"),
        ("tie", "0", "0 is less than 1"),
        (
            "tie",
            "9" * 30,
            "9" * 30 + " has too many digits; write at most 9 before the decimal point and 32 after it",
        ),
        ("tie", "first", "“first” is not a number; write digits and at most one decimal point"),
        ("admonish", "perhaps", "“perhaps” is not one of: yes, no"),
        ("seat", "ordinary", "“ordinary” is not one of: best, advanced, good"),
        ("committee", "excellent", "“excellent” is not one of: best, advanced, good, ordinary, admonished"),
        ("committee", "", "is blank; a value is needed"),
    ],
)
def test_what_a_ruling_may_say(tables, said, kind, value, message):
    tables["rulings"].loc[0] = [kind, "S01", value, "…", "…", "2004-01-10"]
    assert said() == [f"rulings.csv, row 2, column value: {message}"]


def test_a_ruling_of_an_unknown_kind(tables, said):
    tables["rulings"].loc[0] = ["withdrawal", "S01", "best", "…", "…", "2004-01-10"]
    assert said() == ["rulings.csv, row 2, column kind: “withdrawal” is not known; did you mean “withdraw”? write that"]


def test_two_rulings_of_a_kind_on_one_department(tables, said):
    for row, value in enumerate(("1", "2")):
        tables["rulings"].loc[row] = ["tie", "S01", value, "…", "…", "2004-01-10"]
    assert said() == ["rulings.csv, row 3: repeats row 2: the same kind, department"]


# What must be there


def test_too_few_scores(tables, said):
    rows = tables["panel_ballots"]
    tables["panel_ballots"] = rows.drop(row_of(rows, department="L02", item="level"))
    assert said() == ["panel_ballots.csv: department 執法02局, item 層次高低: 4 scores; at least 5 are needed"]


def test_a_blank_score_is_not_scored(tables, said):
    tables["panel_ballots"] = tables["panel_ballots"].astype(object)
    tables["panel_ballots"].loc[row_of(tables["panel_ballots"], department="L02", item="level"), "score"] = ""
    assert said() == ["panel_ballots.csv: department 執法02局, item 層次高低: 4 scores; at least 5 are needed"]


def test_departments_without_ratings(tables, said):
    tables["leader_ballots"] = tables["leader_ballots"][tables["leader_ballots"]["department"] != "S02"]
    tables["social_ballots"].loc[tables["social_ballots"]["department"] == "E05", "rating"] = "不了解"
    assert said() == [
        "leader_ballots.csv: department 綜合02局 has no leader's rating",
        "social_ballots.csv: department 經濟05局 has no valid rating of the social review",
    ]


def test_counts_of_nothing_are_no_rating(tables, said):
    tables["social_counts"] = counted(tables.pop("social_ballots"))
    tables["social_counts"].loc[tables["social_counts"]["department"] == "E05", "count"] = 0
    assert said() == ["social_counts.csv: department 經濟05局 has no valid rating of the social review"]


def test_a_count_beyond_any_number_of_forms(tables, said):
    tables["social_counts"] = counted(tables.pop("social_ballots")).astype(object)
    tables["social_counts"].loc[0, "count"] = "9" * 30
    assert said() == [
        f"social_counts.csv, row 2, column count: {'9' * 30} has too many digits; "
        "write at most 9 before the decimal point and 32 after it"
    ]


def test_a_department_without_a_band(tables, said):
    rows = tables["bands"]
    tables["bands"] = rows[(rows["department"] != "S03") | ~rows["item"].isin(["level", "difficulty"])]
    assert said() == ["bands.csv: department 綜合03局 has no band for: 難易程度, 層次高低"]


def test_outside_competition_must_be_a_department(said):
    assert said(rules=rulebook({"competition.outside": '["S01", "X99"]'})) == [
        "rulebook.toml, key competition.outside: “X99” is no department of this year"
    ]


# Columns


def test_a_missing_column(tables, said):
    del tables["bands"]["band"]
    assert said() == ["bands.csv, row 1: column band (檔位) is missing"]


def test_a_misspelt_column_is_named_never_taken(tables, said):
    tables["bands"] = tables["bands"].rename(columns={"band": "Band"})
    assert said() == ["bands.csv, row 1: column band (檔位) is missing; is it “Band”? rename it"]


def test_a_misspelt_optional_column(tables, said):
    tables["departments"]["name_hant"] = "…"
    assert said() == ["departments.csv, row 1: column name_hans (簡體名稱) is missing; is it “name_hant”? rename it"]


def test_a_column_in_both_languages(tables, said):
    tables["bands"]["檔位"] = "good"
    assert said() == ["bands.csv, row 1: column band is there twice"]


def test_a_title_above_the_heads(tmp_path, tables):
    write_year(tmp_path, tables)
    file = tmp_path / "bands.csv"
    file.write_text("2003年度檔位,,\n" + file.read_text("utf-8"), encoding="utf-8")
    assert problems_of(tmp_path) == [
        "bands.csv, row 2: here stand the heads; they must be row 1, so delete the rows above"
    ]


@pytest.mark.parametrize("above", ["\n", ",,\n"])
def test_a_blank_row_above_the_heads(tmp_path, above):
    file = write_year(tmp_path) / "bands.csv"
    file.write_text(above + file.read_text("utf-8"), encoding="utf-8")
    assert problems_of(tmp_path) == ["bands.csv, row 1: is blank; here the heads of the columns must stand"]


def test_a_wide_sheet_without_an_item(tmp_path, tables):
    write_year(tmp_path, tables, wide=["panel_ballots"])
    wide = pd.read_csv(tmp_path / "panel_ballots.csv").rename(columns={"level": "levels"})
    wide.drop(columns="difficulty").to_csv(tmp_path / "panel_ballots.csv", index=False)
    assert problems_of(tmp_path) == [
        "panel_ballots.csv, row 1: column difficulty (難易程度) is missing",
        "panel_ballots.csv, row 1: column level (層次高低) is missing; is it “levels”? rename it",
    ]


def test_a_wide_sheet_names_the_column_of_a_slip(tmp_path, tables):
    # Wide ballots are sorted: those of E01 come first.
    tables["panel_ballots"].loc[row_of(tables["panel_ballots"], department="E01", item="level"), "score"] = 9.5
    assert problems_of(write_year(tmp_path, tables, wide=["panel_ballots"], heads="zh-Hant")) == [
        "panel_ballots.csv, row 2, column level: … is outside band 優秀 of item 層次高低 (1.425–1.500)"
    ]


# Files


@pytest.mark.parametrize("table", ["departments", "rulings", "jurors", "panel_ballots"])
def test_a_missing_table(tables, said, table):
    del tables[table]
    assert f"{table}.csv: is missing; it must be there even without rows" in said()


def test_a_misnamed_table(tmp_path):
    (write_year(tmp_path) / "rulings.csv").rename(tmp_path / "ruling.csv")
    assert problems_of(tmp_path) == ["rulings.csv: is missing; is it “ruling.csv”? rename it"]


def test_a_table_by_its_chinese_name(tmp_path):
    (write_year(tmp_path) / "rulings.csv").rename(tmp_path / "決定.csv")
    assert problems_of(tmp_path) == ["rulings.csv: is missing; is it “決定.csv”? rename it"]


def test_neither_ballots_nor_counts(tables, said):
    del tables["social_ballots"]
    assert said() == ["social_ballots.csv: is missing, and social_counts.csv too; one of the two is needed"]


def test_both_ballots_and_counts(tables, said):
    tables["social_counts"] = counted(tables["social_ballots"])
    assert said() == ["social_ballots.csv: stands beside social_counts.csv; take one of them away"]


def test_an_empty_file_and_one_with_heads_alone(tmp_path):
    write_year(tmp_path)
    (tmp_path / "bands.csv").write_bytes(b"\xef\xbb\xbf\r\n")
    (tmp_path / "leader_ballots.csv").write_text("ballot,department,score\n", encoding="utf-8")
    assert problems_of(tmp_path) == [
        "bands.csv: is empty; a table has at least a row of heads",
        "leader_ballots.csv: has no rows; at least one is needed",
    ]


@pytest.mark.parametrize("encoding", ["big5", "cp950"])
def test_a_big5_file(tmp_path, encoding):
    write_year(tmp_path, heads="zh-Hant", encoding="utf-8")
    file = tmp_path / "departments.csv"
    file.write_bytes(file.read_text("utf-8").encode(encoding))
    assert problems_of(tmp_path)[0] == ("departments.csv: is written in Big5; save it as UTF-8 (in Excel: “CSV UTF-8”)")


def test_a_big5_file_with_english_heads(tmp_path):
    write_year(tmp_path)
    file = tmp_path / "social_ballots.csv"
    file.write_bytes(file.read_text("utf-8").encode("big5"))
    assert problems_of(tmp_path) == ["social_ballots.csv: is written in Big5; save it as UTF-8 (in Excel: “CSV UTF-8”)"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b""), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_a_utf_16_file(tmp_path, encoding, mark):
    write_year(tmp_path, heads="zh-Hant")
    file = tmp_path / "departments.csv"
    file.write_bytes(mark + file.read_text("utf-8").encode(encoding))
    assert problems_of(tmp_path)[0] == (
        "departments.csv: is written in UTF-16; save it as UTF-8 (in Excel: “CSV UTF-8”)"
    )


def test_a_damaged_utf_8_file(tmp_path):
    write_year(tmp_path)
    file = tmp_path / "departments.csv"
    raw = file.read_bytes()
    cut = raw.index("綜合03局".encode())
    file.write_bytes(raw[: cut + 1] + raw[cut + 2 :])
    assert problems_of(tmp_path)[0].startswith(
        "departments.csv, row 4: is written in UTF-8 but damaged: 1 characters from this row on"
    )


def test_a_row_with_a_cell_too_many_and_one_too_few(tmp_path):
    file = write_year(tmp_path) / "bands.csv"
    lines = file.read_text("utf-8").splitlines()
    lines[2] += ","
    lines[3] += ",x"
    lines[4] = lines[4].rpartition(",")[0]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert [line.partition(";")[0] for line in problems_of(tmp_path)] == [
        "bands.csv, row 3: has 4 cells where the heads are 3",
        "bands.csv, row 4: has 4 cells where the heads are 3",
        "bands.csv, row 5: has 2 cells where the heads are 3",
    ]


def test_a_quotation_mark_that_is_never_closed(tmp_path):
    file = write_year(tmp_path) / "bands.csv"
    file.write_text(file.read_text("utf-8").replace("S02,level", '"S02,level'), encoding="utf-8")
    assert problems_of(tmp_path)[0].startswith("bands.csv, row 14: quotation marks do not match")


@pytest.mark.parametrize(("separator", "named"), [(";", ";"), ("\t", "Tab"), ("，", "，")])
def test_other_separators(tmp_path, separator, named):
    file = write_year(tmp_path) / "bands.csv"
    file.write_text(file.read_text("utf-8").replace(",", separator), encoding="utf-8")
    assert problems_of(tmp_path)[0] == (
        f"bands.csv, row 1: its columns are separated by {named}; save it with commas (in Excel: “CSV UTF-8”)"
    )


def test_csv_and_workbook_both(tmp_path):
    write_year(tmp_path / "a", format="xlsx")
    write_year(tmp_path / "b")
    (tmp_path / "a" / "tables.xlsx").rename(tmp_path / "b" / "tables.xlsx")
    (line,) = problems_of(tmp_path / "b")
    assert line.startswith("tables.xlsx: stands beside bands.csv, deductions.csv, ")


def test_an_old_workbook(tmp_path):
    write_year(tmp_path, {})
    (tmp_path / "tables.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert "tables.xls: has the old format of spreadsheets; open it and save it as .xlsx" in problems_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing else", b"\xd0\xcf\x11\xe0", b"\0" * 5000])
def test_a_workbook_that_is_none(tmp_path, content):
    write_year(tmp_path, {})
    (tmp_path / "tables.xlsx").write_bytes(content)
    (line,) = problems_of(tmp_path)
    assert line.startswith("tables.xlsx: cannot be read as a workbook (")


def test_binary_rubbish(tmp_path):
    write_year(tmp_path)
    (tmp_path / "bands.csv").write_bytes(bytes(range(256)) * 9)
    (line,) = problems_of(tmp_path)
    assert line == "bands.csv, row 1: holds a zero byte, so it is no text; save the table as CSV again"


def test_an_empty_folder(tmp_path):
    assert problems_of(write_year(tmp_path / "2003", {})) == [
        "2003: holds no tables: neither CSV files such as departments.csv nor a workbook tables.xlsx"
    ]


# Workbooks


@pytest.fixture
def book(tmp_path):
    """Edit the sheets of a good workbook; what loading it says."""
    write_year(tmp_path, format="xlsx", heads="zh-Hant")
    file = tmp_path / "tables.xlsx"

    class Book:
        sheets = openpyxl.load_workbook(file)

        def said(self):
            self.sheets.save(file)
            return problems_of(tmp_path)

    return Book()


def test_a_workbook_without_a_sheet(book):
    del book.sheets["決定"]
    assert book.said() == ["tables.xlsx: the sheet 決定 (rulings) is missing; it must be there even without rows"]


def test_a_misnamed_sheet(book):
    book.sheets["考評票"].title = "考評選票"
    assert book.said() == [
        "tables.xlsx: the sheet 考評票 (panel_ballots) is missing; is it the sheet “考評選票”? rename it"
    ]


def test_two_sheets_of_one_table(book):
    book.sheets.create_sheet("bands").append(["department", "item", "band"])
    assert book.said() == ["tables.xlsx: two sheets hold the same table: 檔位, bands; take one of them away"]


def test_merged_cells(book):
    sheet = book.sheets["部門"]
    sheet.merge_cells("C2:C7")
    sheet["C2"].alignment = Alignment(vertical="center")
    assert book.said()[0] == (
        "tables.xlsx, sheet 部門, row 2: cells C2:C7 are merged; unmerge them and fill in each one"
    )


def test_a_formula_that_was_never_calculated(book):
    book.sheets["考評票"]["D5"] = "=10+1"
    assert book.said() == [
        "tables.xlsx, sheet 考評票, row 5, column 得分: holds a formula that was never calculated; "
        "open and save the workbook in a spreadsheet program, or write the value"
    ]


def test_an_error_of_a_spreadsheet(book):
    book.sheets["考評票"]["D5"] = "#N/A"
    assert book.said() == [
        "tables.xlsx, sheet 考評票, row 5, column 得分: holds the error … of a spreadsheet; write the value"
    ]


def test_a_number_shown_as_a_percentage(book):
    cell = book.sheets["領導評鑒"]["C4"]
    cell.value, cell.number_format = 0.91, "0%"
    assert book.said() == [
        "tables.xlsx, sheet 領導評鑒, row 4, column 評分: “…” is a percentage; write the points themselves"
    ]


def test_a_bare_number_where_a_date_is_due(book):
    book.sheets["扣分"]["C2"] = 37960
    assert book.said() == ["tables.xlsx, sheet 扣分, row 2, column 日期: 37960: 2003-12-05? write that"]


def test_a_code_that_a_spreadsheet_made_a_number(book):
    book.sheets["部門"]["A2"] = "007"
    book.sheets["檔位"]["A2"] = 7
    assert (
        "tables.xlsx, sheet 檔位, row 2, column 部門代碼: “7” is no department of this year, "
        "neither its code nor its exact name" in book.said()
    )


# All at once


def test_every_problem_of_every_table_at_once(tables, said):
    tables["panel_ballots"] = tables["panel_ballots"].astype(object)
    tables["panel_ballots"].loc[3, "score"] = "9O"
    tables["bands"].loc[7, "item"] = "nothing"
    tables["bands"] = tables["bands"].drop(row_of(tables["bands"], department="S03", item="level"))
    del tables["rulings"], tables["jurors"]["head"]
    tables["deductions"].loc[0, "points"] = -1.5
    lines = said()
    for line in (
        "panel_ballots.csv, row 5, column score: “…” is not a number",
        "bands.csv, row 9, column item: “nothing” is not one of",
        "rulings.csv: is missing",
        "jurors.csv, row 1: column head (負責同志) is missing",
        "deductions.csv, row 2, column points: -1.5 is not more than 0",
        "bands.csv: department 綜合03局 has no band for: 層次高低",
    ):
        assert any(said.startswith(line) for said in lines), line


def test_the_rulebook_s_problems_and_the_files_together(tmp_path, tables):
    del tables["rulings"]
    write_year(tmp_path, tables, rulebook({"weights.social": "19"}))
    with pytest.raises(RulebookError) as caught:
        load_year(tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("rulebook.toml, key weights: add up to 99")
    assert lines[1] == "rulings.csv: is missing; it must be there even without rows"


def test_no_rulebook(tmp_path):
    with pytest.raises(RulebookError, match=r"rulebook\.toml: there is no rulebook"):
        load_year(write_year(tmp_path, rulebook=None))


def test_ballots_by_department_without_departments(tmp_path):
    """Nobody can tell the heads of these sheets without the departments: that is one problem, not three."""
    write_year(tmp_path, wide=["leader_ballots", "social_ballots"])
    (tmp_path / "departments.csv").unlink()
    assert problems_of(tmp_path) == ["departments.csv: is missing; it must be there even without rows"]


def test_a_blank_cell_of_a_wide_row_is_said_once(tmp_path, tables):
    folder = write_year(tmp_path / "2003", tables, wide=["panel_ballots"])
    wide = pd.read_csv(folder / "panel_ballots.csv", dtype=str)
    wide.loc[0, "department"] = ""
    wide.to_csv(folder / "panel_ballots.csv", index=False)
    said = problems_of(folder)
    assert said.count("panel_ballots.csv, row 2, column department: is blank; a value is needed") == 1
    assert sum("is blank" in line for line in said) == 1


def test_a_year_in_simplified_script_is_told_in_it(tables, tmp_path):
    """By the words that its office writes, of the tables as of what a cell may say; no code, no other script."""
    tables["departments"]["leading_group"] = tables["departments"]["leading_group"].astype(object)
    tables["departments"].loc[0, "leading_group"] = "也许"
    tables["rulings"].loc[0] = ["withdraw", "S02", "good", "…", "…", "2004-01-05"]
    write_year(tmp_path, tables, rulebook({"lang": '"zh-Hans"'}), format="xlsx", heads="zh-Hans")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    del book["复核"]
    book.save(tmp_path / "tables.xlsx")
    with pytest.raises(TableError) as caught:
        load_year(tmp_path)
    assert str(caught.value).splitlines() == [
        "tables.xlsx：缺少工作表复核（queries）；即使没有记录也须有此表",
        "tables.xlsx 工作表部门，第2行，领导小组成员单位 栏：“也许”不在可填的值之中：是, 否",
        "tables.xlsx 工作表决定，第2行，内容 栏：“good”不在可填的值之中：最佳",
    ]
