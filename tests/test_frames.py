"""Sheets in memory become typed frames: each kind of column, and every problem whole."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from years import rulebook

from appraisal.errors import Problem
from appraisal.reading.contracts import CONTRACTS
from appraisal.reading.frames import frame_of, read_tables
from appraisal.reading.inventory import Inventory
from appraisal.reading.sheets import Remark, Sheet, TextColumn, sheet_of
from appraisal.rulebook import Rulebook, read_rulebook

HEADS = {
    "departments": "department name group leading_group",
    "self_assessments": "department item score evidence",
    "bands": "department item band",
    "panel_ballots": "ballot department item score",
    "leader_ballots": "ballot department score",
    "social_ballots": "ballot department rating",
    "social_counts": "department rating count",
    "deductions": "department item date source points verified incident note",
    "inspections": "round department date",
    "problems": "department date source problem",
    "rulings": "kind department value reason approved_by date",
    "jurors": "juror group home head",
    "spot_checks": "department item result note",
    "queries": "department item raised question settled resolution",
}
DEPARTMENTS = ["A 市組織局 service yes", "B 乙局 economic no"]


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Rulebook:
    path = tmp_path_factory.mktemp("rules") / "rulebook.toml"
    text = rulebook({"lang": '"zh-Hant"'}) + '[translations.en.bands]\nexcellent = "Excellent"\n'
    path.write_text(text, encoding="utf-8")
    return read_rulebook(path)


def sheet(name: str, rows: list[str], epoch: datetime.date | None = None, heads: str = "") -> Sheet:
    """Rows as words between spaces, heads those of `HEADS` unless they are said; a lone dash is a blank cell."""
    cells = [[word.replace("-", "") if word == "-" else word for word in row.split()] for row in rows]
    named = (heads or HEADS[name]).split()
    columns = [TextColumn.of(head, [row[number] for row in cells]) for number, head in enumerate(named)]
    return sheet_of(name, f"{name}.csv", columns, *([epoch] if epoch else []))[0]


@pytest.fixture
def read(rules):
    def read(name: str, *rows: str, departments=DEPARTMENTS) -> tuple[pd.DataFrame | None, list[Problem]]:
        sheets = {name: sheet(name, list(rows))}
        if name != "departments" and departments:
            sheets["departments"] = sheet("departments", departments)
        tables, problems = read_tables(Inventory(sheets), rules)
        return frame_of(tables.get(name), CONTRACTS[name], rules), problems

    return read


def values(frame: pd.DataFrame) -> list[list]:
    return [
        [
            value.date().isoformat() if isinstance(value, pd.Timestamp) else None if pd.isna(value) else value
            for value in row
        ]
        for row in frame.itertuples(index=False)
    ]


@pytest.mark.parametrize(
    ("name", "row", "read_as", "dtypes"),
    [
        ("departments", "C 丙局 經濟管理部門 是", ["C", "丙局", "economic", True], "str str str bool"),
        ("self_assessments", "乙局 key_works 12.5 -", ["B", "key_works", 12.5, ""], "str str float64 str"),
        ("bands", "A 作風建設 優秀", ["A", "work_style", "excellent"], "str str str"),
        ("bands", "A work_style Excellent", ["A", "work_style", "excellent"], "str str str"),
        ("panel_ballots", "t A level 0.00", ["t", "A", "level", 0.0], "str str str float64"),
        ("leader_ballots", "t B 100", ["t", "B", 100.0], "str str float64"),
        ("social_ballots", "t B 不了解", ["t", "B", "不了解"], "str str str"),
        ("social_ballots", "t B -", ["t", "B", ""], "str str str"),
        # A blank that cannot be seen is one as well.
        ("social_ballots", "t B \u200b", ["t", "B", ""], "str str str"),
        ("social_counts", "B 滿意 3", ["B", "滿意", 3], "str str int64"),
        (
            "deductions",
            "A 作風建設 2003-12-05 跟蹤督查 0.5 否 - 備",
            ["A", "work_style", "2003-12-05", "tracking", 0.5, False, "", "備"],
            "str str datetime64[s] str float64 bool str str",
        ),
        ("inspections", "2 A 2003-12-05", [2, "A", "2003-12-05"], "int64 str datetime64[s]"),
        ("problems", "B 2003-12-05 complaint 事", ["B", "2003-12-05", "complaint", "事"], "str datetime64[s] str str"),
        (
            "rulings",
            "退出 A 最佳 因 會 -",
            ["withdraw", "A", "best", "因", "會", None],
            "str str str str str datetime64[s]",
        ),
        ("rulings", "tie A 2.0 - - -", ["tie", "A", "2", "", "", None], "str str str str str datetime64[s]"),
        ("rulings", "tie A 2 - - -", ["tie", "A", "2", "", "", None], "str str str str str datetime64[s]"),
        ("rulings", "誡勉 A 否 - - -", ["admonish", "A", "no", "", "", None], "str str str str str datetime64[s]"),
        ("jurors", "甲 service - 是", ["甲", "service", "", True], "str str str bool"),
        ("spot_checks", "A level 有出入 -", ["A", "level", "discrepancy", ""], "str str str str"),
        (
            "queries",
            "A level 2003-12-05 問 - -",
            ["A", "level", "2003-12-05", "問", None, ""],
            "str str datetime64[s] str datetime64[s] str",
        ),
    ],
)
def test_every_kind_of_column(read, name, row, read_as, dtypes):
    frame, problems = read(name, row)
    assert problems == []
    assert list(frame.columns) == HEADS[name].split()
    assert values(frame) == [read_as]
    assert [str(dtype) for dtype in frame.dtypes] == dtypes.split()
    assert (frame.index.name, frame.index.tolist()) == ("row", [2])


@pytest.mark.parametrize(
    ("name", "row", "code", "column", "said"),
    [
        ("bands", "Z level good", "cell.unknown_department", "department", {"said": "Z", "allowed": "A, B"}),
        ("bands", "市組識局 level good", "cell.unknown_department_near", "department", {"said": "市組識局", "near": "市組織局"}),
        ("bands", "市组织局 level good", "cell.unknown_department_near", "department", {"said": "市组织局", "near": "市組織局"}),
        ("bands", "A level goood", "cell.unknown_near", "band", {"said": "goood", "near": "good"}),
        (
            "bands",
            "A level 未定",
            "cell.unknown",
            "band",
            {"said": "未定", "allowed": "優秀, 良好, 一般, 較差"},
        ),
        # Deductions are of the items of `common` alone.
        ("deductions", "A level 2003-12-05 tracking 1 yes - -", "cell.unknown", "item", {"said": "level", "allowed": "作風建設"}),
        ("deductions", "A work_style 2003-12-05 tracking 0 yes - -", "cell.not_above", "points", {"said": "0", "low": 0}),
        ("deductions", "A work_style 37960 tracking 1 yes - -", "cell.number_as_day", "date", {"said": "37960", "day": datetime.date(2003, 12, 5)}),
        ("inspections", "3 A 2003-12-05", "cell.outside", "round", {"said": "3", "low": 1, "high": 2}),
        ("inspections", "1.5 A 2003-12-05", "cell.not_whole", "round", {"said": "1.5"}),
        ("social_counts", "B 滿意 0.5", "cell.not_whole", "count", {"said": "0.5"}),
        ("self_assessments", "A level -1 -", "cell.too_low", "score", {"said": "-1", "low": 0}),
        # What a ballot says is not repeated.
        ("leader_ballots", "t A 100.5", "cell.outside", "score", {"said": "…", "low": 0, "high": 100}),
        ("social_ballots", "t A 很滿", "cell.unknown", "rating", {"said": "…", "near": "很滿意", "allowed": "很滿意, 滿意, 基本滿意, 不滿意, 不了解, 空白"}),
        ("panel_ballots", "t A levels 1", "cell.unknown_near", "item", {"said": "levels", "near": "level"}),
        ("departments", "C 丙局 economic maybe", "cell.unknown", "leading_group", {"said": "maybe", "allowed": "是, 否"}),
        ("departments", "- 丙局 economic no", "blank", "department", {"said": ""}),
        ("rulings", "seat A 一般 - - -", "cell.unknown", "value", {"said": "一般", "allowed": "最佳, 先進, 良好"}),
        ("rulings", "tie A 0 - - -", "cell.too_low", "value", {"said": "0", "low": 1}),
        ("rulings", "tie A 1.5 - - -", "cell.not_whole", "value", {"said": "1.5"}),
        ("rulings", "committee A - - - -", "blank", "value", {"said": ""}),
    ],
)  # fmt: skip
def test_every_refusal_whole(read, name, row, code, column, said):
    _frame, problems = read(name, row)
    assert problems == [Problem(code, f"{name}.csv", 2, column, said)]


def test_a_name_of_two_departments_stands_for_neither(read):
    departments = ["A 同局 service yes", "B 同局 economic no", "C 丙局 service no"]
    _frame, problems = read("bands", "同局 level good", departments=departments)
    assert problems == [Problem("cell.ambiguous", "bands.csv", 2, "department", {"said": "同局", "codes": "A, B"})]


def test_names_of_departments_are_one_script_only_as_they_stand(read):
    """A label of the rulebook is one in both scripts, a department's name is not."""
    departments = ["A 组织局 service yes", "B 組織局 economic no"]
    frame, problems = read("bands", "組織局 level 优秀", departments=departments)
    assert (values(frame), problems) == ([["B", "level", "excellent"]], [])


def test_a_department_by_each_of_its_names(rules):
    heads = HEADS["departments"] + " name_hans name_en"
    departments = sheet("departments", ["A 市組織局 service yes 市组织局 Organisation"], heads=heads)
    names = ["A", "市組織局", "市组织局", "Organisation"]
    bands = sheet("bands", [f"{name} level good" for name in names])
    tables, problems = read_tables(Inventory({"departments": departments, "bands": bands}), rules)
    assert problems == []
    assert frame_of(tables["bands"], CONTRACTS["bands"], rules)["department"].tolist() == ["A"] * 4


@pytest.mark.parametrize(
    ("name", "row", "column", "value"),
    [
        ("departments", "Ｃ 丙局 service no", "department", "C"),
        ("leader_ballots", "ｔ A 90", "ballot", "t"),
        ("deductions", "A work_style 2003-12-05 tracking 1 yes ａ -", "incident", "a"),
        ("bands", "Ａ level good", "department", "A"),
    ],
)
def test_codes_that_no_list_knows_are_read_at_half_width(read, name, row, column, value):
    frame, remarks = read(name, row, departments=[] if name == "bands" else DEPARTMENTS)
    assert frame[column].tolist() == [value]
    assert [(remark.kind, remark.row, remark.column) for remark in remarks] == [("read_as", 2, column)]


@pytest.mark.parametrize(
    ("name", "row", "column", "value"),
    [("social_counts", "B 滿意 -", "count", 0), ("departments", "C 丙局 service -", "leading_group", False)],
)
def test_a_blank_cell_that_must_not_be_one_counts_for_nothing(read, name, row, column, value):
    frame, problems = read(name, row)
    assert frame[column].tolist() == [value]
    assert problems == [Problem("blank", f"{name}.csv", 2, column, {"said": ""})]


def test_wide_ballots_are_told_by_the_items_and_by_the_departments(rules):
    items = " ".join(rules.label("items", item) for item in rules.item_marks)
    sheets = {
        "departments": sheet("departments", DEPARTMENTS),
        "panel_ballots": sheet("panel_ballots", ["t A 1 2 3 4 5 6 7"], heads=f"ballot department {items}"),
        "leader_ballots": sheet("leader_ballots", ["t 90 80"], heads="ballot 市組織局 B"),
    }
    tables, problems = read_tables(Inventory(sheets), rules)
    assert problems == []
    frames = [frame_of(tables[name], CONTRACTS[name], rules) for name in ("panel_ballots", "leader_ballots")]
    assert list(map(values, frames)) == [
        [["t", "A", item, float(score)] for score, item in enumerate(rules.item_marks, 1)],
        [["t", "A", 90.0], ["t", "B", 80.0]],
    ]


def test_a_missing_column_is_named_in_the_script_of_the_year(rules):
    bands = sheet("bands", ["A level"], heads="department item")
    _tables, problems = read_tables(Inventory({"bands": bands}), rules.replace({"lang": "zh-Hans"}))
    assert problems == [Problem("column.missing", "bands.csv", 1, values={"column": "band", "zh": "档位", "near": ""})]


def test_what_rulings_say_is_read_by_their_kind(rules):
    rows = [
        "seat A best - - -",
        "committee B good - - -",
        "nonsense A best - - -",
        "seat B ordinary - - -",
        "tie B ２ - - -",
        "admonish A - - - -",
    ]
    sheets = {"departments": sheet("departments", DEPARTMENTS), "rulings": sheet("rulings", rows)}
    tables, problems = read_tables(Inventory(sheets), rules)
    kinds = {"said": "nonsense", "allowed": "退出, 並列, 誡勉, 補位, 常委會"}
    seats = {"said": "ordinary", "allowed": "最佳, 先進, 良好"}
    place = {"said": "２", "value": "2", "count": 1}
    assert problems == [
        Problem("cell.unknown", "rulings.csv", 4, "kind", kinds),
        Remark("read_as", "rulings.csv", 6, "value", place, kind="read_as"),
        Problem("blank", "rulings.csv", 7, "value", {"said": ""}),
        Problem("cell.unknown", "rulings.csv", 5, "value", seats),
    ]
    value = tables["rulings"]["value"]
    assert [value.values[code] if code >= 0 else int(code) for code in value.codes] == ["best", "good", -1, -1, "2", -1]
    assert value.blank.tolist() == [False, False, False, False, False, True]
    # Of a ruling whose kind is not known nothing else can be wrong.
    assert value.refused.tolist() == [False, False, True, True, False, False]
    frame = frame_of(tables["rulings"], CONTRACTS["rulings"], rules)
    assert frame["value"].tolist() == ["best", "good", "", "", "2", ""]


def test_without_departments_their_codes_are_taken_as_they_stand(read):
    frame, problems = read("bands", "Z level good", departments=[])
    assert (values(frame), problems) == ([["Z", "level", "good"]], [])


def test_a_table_that_must_have_rows_and_has_none(read):
    assert read("bands") == (None, [Problem("table.no_rows", "bands.csv")])
    frame, problems = read("inspections")
    assert problems == []
    assert (values(frame), list(frame.columns)) == ([], ["round", "department", "date"])
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "str", "datetime64[s]"]


def test_a_table_that_is_not_there_is_none_or_has_no_rows(rules):
    assert frame_of(None, CONTRACTS["bands"], rules) is None
    nothing = frame_of(None, CONTRACTS["appeals"], rules)
    assert list(nothing.columns) == [column.name for column in CONTRACTS["appeals"].columns]
    assert [str(nothing[name].dtype) for name in ("item", "received", "decision")] == ["str", "datetime64[s]", "str"]
    assert (nothing.index.name, str(nothing.index.dtype), len(nothing)) == ("row", "int64", 0)


def test_rows_without_a_score_are_left_out_with_their_number(read, rules):
    frame, problems = read("leader_ballots", "s A -", "t A 90", "t B -", "s B 80")
    assert problems == []
    assert frame.index.tolist() == [3, 5]
    assert frame["score"].tolist() == [90.0, 80.0]


def test_remarks_keep_what_ballots_say_to_themselves(read):
    _frame, problems = read("leader_ballots", "s A ９０", "t A 1,0", "t B ９１", "u B ９０")
    assert problems == [
        Problem("cell.not_number", "leader_ballots.csv", 3, "score", {"said": "…"}),
        Remark("read_as_many", "leader_ballots.csv", 2, "score", {"count": 3}, kind="read_as"),
    ]
    _frame, problems = read("self_assessments", "A level １ -", "B level １ -", "A key_works １２ -")
    assert problems == [
        Remark(
            "read_as",
            "self_assessments.csv",
            row,
            "score",
            {"count": count, "said": said, "value": value},
            kind="read_as",
        )
        for row, count, said, value in ((2, 2, "１", 1), (4, 1, "１２", 12))
    ]
