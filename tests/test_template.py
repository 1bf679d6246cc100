"""`appraisal new`: an empty year that people can fill in, in any office suite, and that loads as it was filled in."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest
import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.errors import AppraisalError
from appraisal.office.blank_tables import choices
from appraisal.office.carried import says_synthetic
from appraisal.office.checkup import check_year
from appraisal.office.template import new_year
from appraisal.reading.contracts import CONTRACTS, LISTS, SOCIAL, title
from appraisal.rulebook import read_rulebook
from appraisal.tables import load_year
from appraisal.words import LANGUAGES, catalogue


@pytest.fixture
def data(tmp_path):
    changes = {
        "lang": '"zh-Hant"',
        "social.returned": "9",
        "competition.outside": '["S06"]',
        "basis.social": '"notice 1"',
    }
    years.write_year(tmp_path / "data" / "2003", None, years.rulebook(changes))
    return tmp_path / "data"


def filled_in(folder, *, dates: bool = True):
    """Write the rows of a small year into the sheets, as an office would: by their heads, days as days."""
    rules = read_rulebook(folder / "rulebook.toml")
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    for name, rows in years.small_tables().items():
        if name == "departments":
            continue
        contract, sheet = CONTRACTS[name], book[title(CONTRACTS[name], rules.lang)]
        heads = [cell.value for cell in sheet[1]]
        words = {column.name: title(column, rules.lang) for column in contract.columns}
        if contract.wide and words[contract.wide[1]] not in heads:
            rows = years._widened(name, rows)
            names = {
                f"{g}{n:02}": f"{years.GROUPS[group][1]}{n:02}局"
                for group, (g, _) in years.GROUPS.items()
                for n in range(1, 7)
            }
            words |= names | {item: rules.label("items", item) for item in rules.item_marks}
        rows = rows.rename(columns=words)[heads]
        kinds = {words[column.name]: column.kind for column in contract.columns if column.name in words}
        for row in rows.to_dict("records"):
            sheet.append([_as_typed(value, kinds.get(head, "")) for head, value in row.items()])
    book.save(folder / "tables.xlsx")
    return folder


def _as_typed(value, kind):
    if kind == "date":
        return datetime.datetime.fromisoformat(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return None if value == "" else value


def frames(folder) -> dict[str, pd.DataFrame]:
    year = load_year(folder)
    found = {name: getattr(year, name) for name in CONTRACTS if getattr(year, name) is not None}
    return {name: frame.sort_values(list(frame.columns)).reset_index(drop=True) for name, frame in found.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


@pytest.mark.needs_program("libreoffice")
def test_filled_in_and_saved_by_libreoffice_it_loads_without_change(data, tmp_path, program):
    made = {}
    for year, wide in ((2004, False), (2005, True)):
        new_year(year, data, start=2003, workbook=True, wide=wide)
        made[year] = filled_in(data / str(year))
        same(frames(made[year]), frames(data / "2003") | {"appeals": frames(made[year])["appeals"]})
    books = [(folder / "tables.xlsx").rename(tmp_path / f"{year}.xlsx") for year, folder in made.items()]
    before = {book: openpyxl.load_workbook(book) for book in books}
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program("libreoffice"), profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*command, "--outdir", tmp_path / "saved", *books], check=True, capture_output=True, timeout=180)
    for book in books:
        saved = tmp_path / "saved" / book.name
        kept = openpyxl.load_workbook(saved)
        for sheet in before[book]:
            assert limits(kept[sheet.title]) == limits(sheet), sheet.title
        saved.rename(data / book.stem / "tables.xlsx")
        same(frames(data / book.stem), frames(data / "2003") | {"appeals": frames(data / book.stem)["appeals"]})
        assert not [remark for remark in load_year(data / book.stem).remarks if remark.code.startswith("sheet.")]


def limits(sheet) -> set[tuple[str, str]]:
    """Kind of each limit and the first column that it holds."""
    found = {
        str(area).split(":")[0].rstrip("0123456789"): rule.type
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
    }
    return set(found.items())


def test_every_column_is_the_contract_s_and_every_head_has_a_note(data):
    new_year(2004, data, start=2003, workbook=True)
    book = openpyxl.load_workbook(data / "2004" / "tables.xlsx")
    assert book.sheetnames == [title(CONTRACTS[name], "zh-Hant") for name in CONTRACTS if name != SOCIAL[1]] + [
        LISTS.zh
    ]
    assert book[LISTS.zh].sheet_state == "hidden"
    for name, contract in CONTRACTS.items():
        if name != SOCIAL[1]:
            cells = book[contract.zh][1]
            assert [cell.value for cell in cells] == [column.zh for column in contract.columns if not column.optional]
            assert all(cell.comment.text for cell in cells)


def test_lists_are_the_rulebook_s_words_and_limits_its_full_marks(data):
    new_year(2004, data, start=2003, workbook=True, wide=True)
    book = openpyxl.load_workbook(data / "2004" / "tables.xlsx")
    rules = read_rulebook(data / "2004" / "rulebook.toml")
    bands, ballots = book["檔位"], book["考評票"]
    by_column = {str(rule.sqref)[0]: rule for rule in bands.data_validations.dataValidation}
    assert by_column["A"].formula1 == "'部門'!$A$2:$A$1000"
    assert all(rule.showErrorMessage and rule.errorStyle == "stop" for rule in by_column.values())
    sheet, area = by_column["C"].formula1.replace("$", "").replace("'", "").split("!")
    assert (
        [cell.value for (cell,) in book[sheet][area]]
        == list(choices("band", rules))
        == ["優秀", "良好", "一般", "較差"]
    )
    most = {rule.formula2 for rule in ballots.data_validations.dataValidation if rule.type == "decimal"}
    assert {Decimal(text) for text in most} == set(rules.item_marks.values())


def test_what_only_the_old_year_can_say_is_not_carried_over(data):
    new_year(2004, data, start=2003)
    old, new = (read_rulebook(data / year / "rulebook.toml") for year in ("2003", "2004"))
    assert (new.year, new.title, new.data, new.seed, new.social.returned) == (
        2004,
        "2004年度考核",
        "real",
        20041231,
        None,
    )
    assert new.competition.outside == ("S06",)
    assert new.basis_of("social.issued").startswith("assumed: 沿用2003年度")
    changed = {"year", "title", "data", "seed", "social.returned", "basis.seed", "basis.social.issued"}
    different = {key for key in {**old.entries(), **new.entries()} if old.entries().get(key) != new.entries().get(key)}
    assert different == changed
    text = (data / "2004" / "rulebook.toml").read_text("utf-8")
    assert "seed = 20041231  # 待確認" in text
    assert "functional_panel = 38  # 待確認" in text
    assert "issued = 10  # 待確認" in text
    assert "warn_response = 0.80\n" in text  # by a notice


def test_without_a_year_to_carry_over_the_last_rulebook_serves_and_no_department(data):
    new_year(2004, data)
    new = read_rulebook(data / "2004" / "rulebook.toml")
    assert new.competition.outside == ()
    assert (data / "2004" / "departments.csv").read_bytes() == "部門代碼,部門名稱,組別,領導小組成員單位\r\n".encode(
        "utf-8-sig"
    )
    assert check_year(data / "2004").state == "not_complete"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("workbook", [False, True])
def test_a_new_year_is_not_complete_and_nothing_is_wrong_with_it(data, lang, workbook):
    new_year(2004, data, start=2003, lang=lang, workbook=workbook, wide=workbook)
    found = check_year(data / "2004")
    assert (found.state, found.lang) == ("not_complete", lang)
    assert {problem.code for problem in found.problems} == {"table.no_rows"}


def test_marks_that_nobody_took_away_are_counted_until_the_last_is_gone(data):
    new_year(2004, data, start=2003)
    folder, book = data / "2004", data / "2004" / "rulebook.toml"
    lines = book.read_text(encoding="utf-8").splitlines()
    marked = [row for row, line in enumerate(lines, start=1) if "# 待確認" in line]
    said = [(remark.code, remark.row, remark.values["count"]) for remark in check_year(folder).remarks]
    assert said == [("check.unconfirmed", marked[0], len(marked))]
    book.write_text("\n".join(line.split("  # 待確認")[0] for line in lines), encoding="utf-8")
    assert check_year(folder).remarks == ()


def test_a_made_up_year_does_not_make_the_next_one_say_that_it_is(tmp_path):
    said = '"assumed: 合成年度，由本項目設定"'
    changes = {
        "lang": '"zh-Hant"',
        "title": '"2003年度考核（合成年度）"',
        "basis.groups": said,
        "translations.en.title": '"Appraisal 2003 (synthetic year)"\nbasis.groups = "assumed: set for the synthetic year"'
        '\nbasis.seed = "assumed: drawn in 2003"',
    }
    years.write_year(tmp_path / "2003", None, years.rulebook(changes))
    for lang, named, carried in (
        (None, "2004年度考核", "assumed: 沿用2003年度的值，待確認"),
        ("en", "Appraisal 2004", "assumed: carried over from 2003, to be confirmed"),
    ):
        new_year(2004, tmp_path, start=2003, lang=lang)
        new = read_rulebook(tmp_path / "2004" / "rulebook.toml")
        assert (new.title, new.basis_of("groups"), says_synthetic(new)) == (named, carried, [])
        assert all(not given.basis for given in new.translations.values())
        shutil.rmtree(tmp_path / "2004")


def test_a_real_year_that_says_it_is_made_up_is_named(tmp_path):
    changes = {
        "data": '"real"',
        "title": '"2003年度考核（合成年度）"',
        "basis.groups": '"assumed: 合成年度，由本項目設定"',
        "basis.panel": '"assumed: 票如何合成得分由本項目設定"',
    }
    folder = years.write_year(tmp_path / "2003", None, years.rulebook(changes))
    (remark,) = check_year(folder).remarks
    assert (remark.code, remark.values["keys"]) == ("check.says_synthetic", "title, basis.groups")
    years.write_year(folder, None, years.rulebook(changes | {"data": '"synthetic"'}))
    assert check_year(folder).remarks == ()


def test_a_translated_title_becomes_the_title_of_the_new_year(tmp_path):
    titled = years.rulebook({"title": '"2003年度考核"', "translations.en.title": '"Appraisal 2003"'})
    years.write_year(tmp_path / "2003", None, titled)
    new_year(2004, tmp_path, start=2003, lang="en")
    assert read_rulebook(tmp_path / "2004" / "rulebook.toml").title == "Appraisal 2004"


def test_the_same_workbook_twice(data):
    for year in (2004, 2004):
        new_year(year, data, start=2003, workbook=True)
        made = (data / "2004").rename(data.parent / f"{len(list(data.parent.iterdir()))}")
    first, second = (path / "tables.xlsx" for path in sorted(data.parent.iterdir()) if (path / "tables.xlsx").exists())
    assert made.exists()
    assert first.read_bytes() == second.read_bytes()


def test_translated_labels_become_the_words_of_the_new_year(data):
    changes = {"translations.en.bands.good": '"Good"', "lang": '"zh-Hant"'}
    (data / "2003" / "rulebook.toml").write_text(years.rulebook(changes), encoding="utf-8")
    new_year(2004, data, start=2003, lang="en")
    new = read_rulebook(data / "2004" / "rulebook.toml")
    assert (new.label("bands", "good"), new.label("bands", "good", "zh-Hant")) == ("Good", "良好")


def test_a_year_that_is_there_is_never_written_over(data):
    before = (data / "2003" / "bands.csv").read_bytes()
    with pytest.raises(AppraisalError, match="已經存在"):
        new_year(2003, data, start=2003)
    assert (data / "2003" / "bands.csv").read_bytes() == before
    with pytest.raises(AppraisalError, match="no earlier year"):
        new_year(2001, data)
    assert sorted(path.name for path in data.iterdir()) == ["2003"]


@pytest.mark.parametrize(
    "words",
    [["２００４"], ["../2004"], ["2004", "--from", "../2003"], ["2004", "--lang", "../en"], ["2004", "--lang", "fr"]],
)
def test_hostile_words_are_refused(data, words):
    result = CliRunner().invoke(main, ["new", *words, "--data", str(data)])
    assert result.exit_code == 2
    assert sorted(path.name for path in data.iterdir()) == ["2003"]


def test_the_command_says_what_comes_next(data):
    result = CliRunner().invoke(main, ["new", "2004", "--from", "2003", "--workbook", "--data", str(data)])
    assert result.exit_code == 0, result.output
    assert "請確認 rulebook.toml 中已標記的值" in result.output


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_column_has_a_note_that_fits(lang):
    kinds = {column.kind for contract in CONTRACTS.values() for column in contract.columns}
    words = catalogue(lang)
    said = [f"template.notes.{kind}" for kind in kinds] + [key for key in words.phrases if ".notes_of." in key]
    assert all(len(words.say(key, most="100", rounds=2, year=2004)) <= 255 for key in said)


def test_notes_and_lists_are_of_their_table(data):
    new_year(2004, data, start=2003, workbook=True, wide=True)
    book = openpyxl.load_workbook(data / "2004" / "tables.xlsx")

    def note(sheet, head):
        return next(cell.comment.text for cell in book[sheet][1] if cell.value == head)

    assert (note("考評人員", "姓名"), note("部門", "部門名稱")) == ("考評人員的姓名。", "全稱。")
    assert "檔位" not in note("自查", "自評分")
    assert "須在檔位之內" in note("考評票", "部門重點工作")
    # As long as forms of 70,000 answers are.
    ends = {
        int(str(rule.sqref).rsplit(":")[-1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        for rule in book["社會評議"].data_validations.dataValidation
    }
    assert min(ends) >= 70_000


def test_what_a_killed_run_left_is_taken_away(data):
    left, others = data / ".2004.unfinished-abc", data / ".2004.mine"
    for folder in (left, others):
        folder.mkdir()
        (folder / "rulebook.toml").touch()
    new_year(2004, data)
    assert sorted(path.name for path in data.iterdir()) == [".2004.mine", "2003", "2004"]
