"""The result as files for further use: what stands in them, that a spreadsheet computes the same, that text stays text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import years
from office_suite import converted

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.resampling import resample, tier_share
from appraisal.reporting.documents import write_documents
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.packed import writable
from appraisal.reporting.recomputed import FIRST
from appraisal.reporting.workbooks import results_workbook, working_workbook
from appraisal.reporting.working_files import write_working_files
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

DATA = Path(__file__).parents[1] / "data" / "2003"
IMPRINT = Imprint(2003, "draft", "K7M29RTX", synthetic=True)
FILES = {"results.csv", "results.xlsx", "working_figures.json", "working_results.xlsx", "notice.docx"}
HOSTILE = ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "@SUM(1) {{7*7}} $\\LaTeX$ \u202e"]


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(DATA))


def small_year(folder, changes=None, **tables):
    rulebook = years.rulebook({"lang": '"zh-Hant"'} | (changes or {}))
    return appraise(load_year(years.write_year(folder / "2003", years.small_tables() | tables, rulebook)))


def written(appraised, folder, draws):
    write_documents(appraised, IMPRINT, folder)
    published = {"folder": str(folder), "state": IMPRINT.state, "version": IMPRINT.version}
    write_working_files(appraised, resample(appraised, draws), find_flags(appraised), published)


def opened(content, **how):
    return openpyxl.load_workbook(io.BytesIO(content), **how)


def test_the_same_bytes_in_two_folders(appraised, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written(appraised, tmp_path / name, draws=50)
    assert {path.name for path in (tmp_path / "one").iterdir()} == FILES
    for name in FILES:
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        if name.endswith((".xlsx", ".docx")):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_sheets_have_frozen_heads_and_filters_and_say_what_they_are(appraised):
    book = opened(results_workbook(appraised, IMPRINT))
    assert book.sheetnames == ["說明", "得分表", "界線", "規則", "複算"]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes in ("C2", "C3")
        assert sheet.auto_filter.ref
    about = {row[0]: row[1] for row in book["說明"].iter_rows(values_only=True)}
    assert about["版本"] == "K7M29RTX"
    assert about["數據性質"] == "合成數據"
    assert book["界線"].max_row == 11
    assert book["得分表"].max_row == 97


def test_leadership_has_no_share_and_the_office_has_the_reports_own(appraised):
    resamples = resample(appraised, 50)
    assert not any("份額" in name or "留意" in name for name in opened(results_workbook(appraised, IMPRINT)).sheetnames)
    book = opened(working_workbook(appraised, IMPRINT, resamples, find_flags(appraised)))
    rows = list(book["重抽樣份額"].iter_rows(min_row=2, values_only=True))
    shares = tier_share(appraised, resamples)
    assert {row[0]: row[-1] for row in rows} == shares["tier_share"].to_dict()
    about = {row[0]: row[1] for row in book["說明"].iter_rows(values_only=True)}
    assert about["重抽樣份額"].startswith(f"重抽樣（50次，種子{appraised.rules.seed}）")
    assert book["檢驗"].max_row > 20
    assert not any("考評員" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "內部工作稿" in [cell.value for row in book["說明"].iter_rows() for cell in row]


def test_a_flag_is_listed_without_juror(tmp_path):
    tables = years.small_tables()
    tables["jurors"].loc[0, "head"] = True
    tables["inspections"] = tables["inspections"].iloc[1:]
    small = small_year(tmp_path, jurors=tables["jurors"], inspections=tables["inspections"])
    book = opened(working_workbook(small, IMPRINT, resample(small, 20), find_flags(small)))
    rows = [row[:3] for row in book["留意事項"].iter_rows(min_row=2, values_only=True)]
    assert len(rows) >= 2
    assert any(row[2] == "綜合01局" for row in rows)
    assert not any(tables["jurors"]["juror"].isin([str(value)]).any() for row in rows for value in row)


def test_text_that_would_run_is_text(tmp_path):
    tables = years.small_tables()
    tables["departments"].loc[:2, "name"] = HOSTILE
    small = small_year(tmp_path, departments=tables["departments"])
    (tmp_path / "set").mkdir()
    written(small, tmp_path / "set", draws=20)
    for name in ("results.xlsx", "working_results.xlsx"):
        book = openpyxl.load_workbook(tmp_path / "set" / name)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value in HOSTILE]
        assert {cell.value for cell in cells} == set(HOSTILE)
        assert {cell.data_type for cell in cells} == {"s"}
    names = pd.read_csv(tmp_path / "set" / "results.csv")["name"].tolist()
    assert names[:3] == [HOSTILE[0], "'" + HOSTILE[1], "'" + HOSTILE[2]]


def test_what_xml_refuses_has_a_mark():
    assert writable("a\x00b\x1fc\ud800\uffffd\te\n") == "a\ufffdb\ufffdc\ufffd\ufffdd\te\n"


@pytest.mark.needs_program("libreoffice")
def test_a_spreadsheet_computes_the_same_and_finds_a_difference(program, appraised, tmp_path):
    """Also with ties, a withdrawal, an admonition, another rounding; and one wrong figure is seen, so it can fail."""
    tied = {"panel": {"S05": 0.8, "S06": 0.8}, "led": {"S05": 80, "S06": 80}, "social": {"S05": "滿意", "S06": "滿意"}}
    no_deduction = years.small_tables()["deductions"].iloc[:0]
    withdrawn = years.small_tables()["rulings"].reindex([0])
    withdrawn.loc[0] = ("withdraw", "E01", "best", "r", "b", "")
    cases = {
        "2003": appraised,
        "ties": small_year(tmp_path / "a", **years.small_tables(**tied) | {"deductions": no_deduction}),
        "rules": small_year(
            tmp_path / "b",
            {"rounding.mode": '"half_even"', "rounding.digits": "1", "ties.keys": '["least_deducted", "leaders"]'},
            rulings=withdrawn,
        ),
    }
    files = []
    for name, case in cases.items():
        files.append(tmp_path / f"{name}.xlsx")
        files[-1].write_bytes(results_workbook(case, IMPRINT))
    wrong = openpyxl.load_workbook(files[0])
    wrong["複算"].cell(FIRST, 4).value += 1
    wrong.save(tmp_path / "wrong.xlsx")
    *right, other = converted(program("libreoffice"), [*files, tmp_path / "wrong.xlsx"], "xlsx", tmp_path / "out")
    for file, case in zip(right, cases.values(), strict=True):
        rows, count = computed(file)
        assert len(rows) == len(case.evidence.departments)
        assert set(rows["核對"]) == {"一致"}
        assert count == 0
        assert rows["重算綜合得分"].tolist() == case.scorecard.loc[rows["部門代碼"], "composite"].tolist()
        assert rows["重算名次"].tolist() == case.scorecard.loc[rows["部門代碼"], "rank"].tolist()
    assert computed(right[1])[0]["重算並列數"].max() == 2
    rows, count = computed(other)
    assert rows["核對"].iloc[0] == "不一致"
    assert count >= 1


def computed(file):
    sheet = openpyxl.load_workbook(file, data_only=True)["複算"]
    rows = list(sheet.iter_rows(min_row=FIRST - 1, values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0]), sheet["B1"].value
