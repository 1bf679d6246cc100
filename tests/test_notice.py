"""The draft of the notice: what it says, how it is set, and whether a copy that people edited still says the result."""

from __future__ import annotations

import copy
import io
import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import years
from click.testing import CliRunner
from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from office_suite import converted

from appraisal.cli import main
from appraisal.reporting.checklist import MOST, checklist_page, checklist_text, notice_checklist
from appraisal.reporting.edited import plain, read_edited
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.narrative import lists_by_tier
from appraisal.reporting.notice import notice_document, notice_paragraphs
from appraisal.reporting.notice_check import check_notice, notes
from appraisal.reporting.notice_text import number
from appraisal.reporting.typeset import Text, official_document
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import LANGUAGES, catalogue

DATA = Path(__file__).parents[1] / "data" / "2003"
IMPRINT = Imprint(2003, "draft", "K7M29RTX", synthetic=True)


@pytest.fixture(scope="module")
def appraised():
    return appraise(load_year(DATA))


@pytest.fixture(scope="module")
def notice(appraised):
    return notice_document(appraised, IMPRINT)


@pytest.fixture
def edited(notice, tmp_path, appraised):
    """``edited(change)``: the findings on a copy that `change` was done to, as sentences."""

    def findings(change):
        document = Document(io.BytesIO(notice))
        change(document)
        path = tmp_path / "edited.docx"
        document.save(str(path))
        words = catalogue(appraised.rules.lang)
        return [finding.say(words) for finding in check_notice(appraised, read_edited(path))]

    return findings


def replaced(old, new, *, times=1):
    """A change that puts `new` for `old` in the last paragraph that has it, as typing over it would."""

    def change(document):
        run = [run for paragraph in document.paragraphs for run in paragraph.runs if old in run.text][-1]
        run.text = run.text.replace(old, new, times)

    return change


def both(*changes):
    def change(document):
        for one in changes:
            one(document)

    return change


def without(text):
    def change(document):
        paragraph = next(paragraph for paragraph in document.paragraphs if text in paragraph.text)
        paragraph._p.getparent().remove(paragraph._p)

    return change


def test_it_has_the_parts_of_the_notice_and_the_facts_of_the_year(appraised):
    paragraphs = notice_paragraphs(appraised, "draft")
    text = "\n".join(paragraph.lead + paragraph.text for paragraph in paragraphs)
    assert [p.text for p in paragraphs if p.kind == "heading"] == [
        "一、考核評比的基本原則",
        "二、考評工作的實施",
        "三、考評等次產生的辦法",
        "四、考核結果",
    ]
    for tier, names in lists_by_tier(appraised).items():
        assert ("、".join(names) in text) == (tier != "ordinary")
    assert "發放評議表800張，收回726張，回收率為90.75%" in text
    assert "通辦發〔2003〕26號、通辦發〔2003〕38號、通辦發〔2003〕88號" in text
    assert "按照25%的比例" in text
    assert "其餘47個部門為一般部門" in text
    assert re.search("市級機關工委進入最佳辦事單位行列，考慮到自身工作的特殊性.*退出.*列為先進部門", text)


def test_nothing_is_said_of_a_sample_that_was_not_read_nor_that_heads_kept_away_where_one_is_on_the_roster(appraised):
    def text(**tables):
        year = replace(appraised.year, **tables)
        return "".join(paragraph.text for paragraph in notice_paragraphs(replace(appraised, year=year), "draft"))

    year, sample, heads = appraised.year, "隨機抽閱考評材料", "負責同志不參與打分"
    assert not year.jurors["head"].any()
    assert f"{sample}{len(year.spot_checks)}項" in text()
    assert heads in text()
    assert sample not in text(spot_checks=year.spot_checks.iloc[:0])
    assert heads not in text(jurors=year.jurors.assign(head=year.jurors.index == year.jurors.index[0], home=""))
    assert heads in text(jurors=year.jurors.iloc[:0])


def test_what_the_office_has_not_said_is_a_blank(appraised):
    paragraphs = notice_paragraphs(appraised, "draft")
    blank = [(p.kind, p.text) for p in paragraphs if "〔　〕" in p.text]
    kinds = ["number", "addressees", "body", "signature", "signature"]
    assert [kind for kind, _text in blank] == kinds
    notice = appraised.rules.notice.model_copy(
        update={
            "number": "通辦發〔2004〕2號",
            "addressees": ("市委各部委辦局", "市各人民團體"),
            "emphases": ("甲", "乙"),
        }
    )
    rules = appraised.rules.model_copy(update={"notice": notice})
    filled = notice_paragraphs(type(appraised)(**{**vars(appraised), "rules": rules}), "confirmed")
    text = "\n".join(paragraph.text for paragraph in filled)
    assert "通辦發〔2004〕2號\n市委各部委辦局，市各人民團體：" in text
    assert "一是甲；二是乙" in text
    assert "經市委常委會討論確認" in text


def test_the_same_bytes_whenever_it_is_made(notice, appraised):
    assert notice_document(appraised, IMPRINT) == notice
    with zipfile.ZipFile(io.BytesIO(notice)) as packed:
        assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in part.filename for part in packed.infolist())
        assert b"1980-01-01T00:00:00Z" in packed.read("docProps/core.xml")


def test_every_run_names_its_font_for_every_script(notice):
    document = Document(io.BytesIO(notice))
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    named = {tuple(run._r.rPr.rFonts.get(qn(f"w:{kind}")) for kind in ("eastAsia", "ascii", "hAnsi")) for run in runs}
    fonts = ("方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312")
    assert named == {(font,) * 3 for font in fonts}
    assert [run.font.size.pt for run in document.paragraphs[0].runs] == [22]
    table = next(p for p in document.part.package.iter_parts() if p.partname == "/word/fontTable.xml").blob.decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table


# Of ISO/IEC 29500-1, 17.3.1.26 and 17.3.2.28, what is used: Word may refuse a file in which the order is another.
ORDER = {
    "pPr": ["pStyle", "keepNext", "widowControl", "autoSpaceDE", "autoSpaceDN", "spacing", "ind", "jc", "rPr"],
    "rPr": ["rStyle", "rFonts", "vanish", "spacing", "sz", "szCs", "lang"],
}


@pytest.mark.parametrize("kind", ORDER)
def test_properties_stand_in_the_order_of_the_schema(notice, kind):
    document = Document(io.BytesIO(notice))
    roots = [document.element, document.styles["Normal"].element, document.sections[0].footer._element]
    found = [element for root in roots for element in root.iter(qn(f"w:{kind}"))]
    assert len(found) > 10
    for element in found:
        names = [child.tag.partition("}")[2] for child in element]
        assert names == sorted(names, key=ORDER[kind].index)


@pytest.mark.needs_program("libreoffice", "pdftotext")
def test_a_page_has_22_lines_of_28_characters(program, tmp_path):
    long = official_document([Text("body", "字" * 28 * 50)], title="", head="合成數據", page="— {page} —")
    (tmp_path / "long.docx").write_bytes(long)
    (printed,) = converted(program("libreoffice"), [tmp_path / "long.docx"], "pdf", tmp_path / "out")
    text = subprocess.run(
        [program("pdftotext"), "-raw", printed, "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [[line for line in page.splitlines() if "字" in line] for page in text.split("\f")]
    assert [len(page) for page in pages[:2]] == [22, 22]
    # The first line is drawn in by two.
    assert [len(line) for line in pages[0]] == [26] + [28] * 21
    assert {len(line) for line in pages[1]} == {28}


@pytest.mark.needs_program("libreoffice")
def test_opened_and_saved_by_an_office_suite_it_says_the_same(program, notice, appraised, tmp_path):
    (tmp_path / "notice.docx").write_bytes(notice)
    (saved,) = converted(program("libreoffice"), [tmp_path / "notice.docx"], "docx", tmp_path / "out")
    assert saved.read_bytes() != notice
    assert check_notice(appraised, read_edited(saved)) == []


def test_as_it_was_made_it_agrees(edited):
    assert edited(lambda document: None) == []


WRONG = {
    "a name moved": (
        both(replaced("市級機關工委、", ""), replaced("市教育局、", "市教育局、市級機關工委、")),
        ["市級機關工委列在良好部門，應為先進部門"],
    ),
    "a name doubled": (replaced("市財政局、", "市財政局、市財政局、"), ["市財政局列了2次：先進部門"]),
    "in two tiers": (replaced("市教育局、", "市教育局、市財政局、"), ["市財政局列了2次：先進部門、良好部門"]),
    "a name dropped": (replaced("市財政局、", ""), ["缺市財政局，應列在先進部門"]),
    "misspelt": (replaced("市廣播電視局", "市廣播電視台"), ["“市廣播電視台”與部門表的“市廣播電視局”不同"]),
    "a lost 局": (replaced("市統計局", "市統計"), ["“市統計”與部門表的“市統計局”不同"]),
    "a look-alike": (replaced("市委老干部局", "市委老千部局"), ["“市委老千部局”與部門表的“市委老干部局”不同"]),
    "the other script": (replaced("市財政局", "市财政局"), ["“市财政局”與部門表的“市財政局”字形不同"]),
    "a name inside another": (replaced("市公安局", "市公安局交警支隊"), ["“市公安局交警支隊”與部門表的“市公安局”不同"]),
    "someone unknown": (replaced("市公安局", "市公安局、太空總署駐滬處"), ["“太空總署駐滬處”不在部門表中（先進部門）"]),
    "a wrong count": (replaced("共24個", "共23個"), ["良好部門寫23個，應為24個"]),
    "a wrong count in words": (replaced("共24個", "共二十三個"), ["良好部門寫23個，應為24個"]),
    "a wrong count of the others": (replaced("其餘47個", "其餘46個"), ["一般部門寫46個，應為47個"]),
    "a wrong count in brackets": (replaced("先進部門分別是：", "先進部門（13個）："), ["先進部門寫13個，應為14個"]),
    "another order": (
        both(replaced("市財政局、", ""), replaced("市人事局、", "市人事局、市財政局、")),
        ["先進部門中市財政局應在市人事局之前"],
    ),
    "an ordinary one named": (
        replaced("市水利局", "市水利局、未列名部門05"),
        ["未列名部門05列在良好部門，應為一般部門"],
    ),
    "the withdrawal not told": (without("主動提出退出"), ["市級機關工委退出最佳辦事單位，文中未說明"]),
    "another withdrawal told": (
        replaced("市級機關工委進入最佳", "市教育局進入最佳"),
        ["市級機關工委退出最佳辦事單位，文中未說明", "文中說市教育局退出，結果中沒有"],
    ),
    "a list gone": (without("誡勉單位："), ["找不到誡勉單位的名單"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(edited, case):
    change, said = WRONG[case]
    found = edited(change)
    assert len(found) == len(said), found
    assert all(sentence.startswith(start) for sentence, start in zip(found, said, strict=True)), found


def split_runs(document):
    for paragraph in document.paragraphs:
        for run in list(paragraph.runs):
            for sign in reversed(run.text):
                piece = copy.deepcopy(run._r)
                piece.findall(qn("w:t"))[0].text = sign
                run._r.addnext(piece)
            run._r.getparent().remove(run._r)


def spaced(document):
    for run in (run for paragraph in document.paragraphs for run in paragraph.runs):
        run.text = run.text.replace("、", " 、　").replace("委員會", "委 員\u200b會").replace("共10個", "共１０個")
        run.text = run.text.replace("：", ":").replace("，", ",")


def in_a_table(document):
    paragraph = next(p for p in document.paragraphs if p.text.startswith("（二）先進部門分別是"))
    names = paragraph.text.partition("：")[2].partition("，")[0].split("、")
    table = document.add_table(rows=0, cols=3)
    for start in range(0, len(names), 3):
        for cell, name in zip(table.add_row().cells, names[start : start + 3], strict=False):
            cell.text = name
    paragraph.runs[0].text, paragraph.runs[1].text = "（二）先進部門（共14個）", ""
    paragraph._p.addnext(table._tbl)


def tracked(document):
    """A name taken out and put in again, neither accepted yet."""
    paragraph = next(p for p in document.paragraphs if "市財政局、" in p.text)
    run = paragraph.runs[-1]
    before, _, after = run.text.partition("市財政局、")
    run.text = before
    author = 'w:id="1" w:author="x" w:date="2004-01-05T00:00:00Z"'
    deleted = f"<w:del {nsdecls('w')} {author}><w:r><w:delText>市財稅局、</w:delText></w:r></w:del>"
    inserted = f"<w:ins {nsdecls('w')} {author}><w:r><w:t>市財政局、</w:t></w:r></w:ins>"
    rest = copy.deepcopy(run._r)
    rest.findall(qn("w:t"))[0].text = after
    for element in (rest, parse_xml(inserted), parse_xml(deleted)):
        run._r.addnext(element)


def page_break(document):
    run = next(p for p in document.paragraphs if "市財政局、" in p.text).runs[-1]
    before, _, after = run.text.partition("政局、")
    run.text = before
    run.add_break(WD_BREAK.PAGE)
    run.add_text("政局、" + after)


def hidden(document):
    paragraph = next(p for p in document.paragraphs if "先進部門分別是" in p.text)
    paragraph.add_run("市教育局").font.hidden = True


@pytest.mark.parametrize("change", [split_runs, spaced, in_a_table, tracked, page_break, hidden])
def test_how_it_was_edited_does_not_matter(edited, change):
    assert edited(change) == []


def test_a_deletion_not_yet_accepted_counts(edited):
    def change(document):
        tracked(document)
        for inserted in list(document.element.body.iter(qn("w:ins"))):
            inserted.getparent().remove(inserted)

    assert edited(change) == ["缺市財政局，應列在先進部門"]


def test_what_has_to_be_seen_to_is_noted(notice, appraised, tmp_path):
    document = Document(io.BytesIO(notice))
    tracked(document)
    hidden(document)
    document.save(str(tmp_path / "n.docx"))
    said = notes(appraised, read_edited(tmp_path / "n.docx"), "draft")
    assert said == [
        "有2處修訂尚未接受；按接受後的文字核對",
        "有1處隱藏文字，不打印，未核對",
        "有5處空白〔　〕尚未填寫",
        "考評結果尚未確認，為草稿",
    ]


@pytest.mark.parametrize(("text", "value"), [("24", 24), ("二十四", 24), ("十", 10), ("一百零三", 103), ("四十", 40)])
def test_numbers_in_words(text, value):
    assert number(text) == value


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sizes", [4, 6])
def test_other_years_and_languages_agree_with_themselves(tmp_path, lang, sizes):
    rulebook = years.rulebook({"lang": f'"{lang}"', "tiers.on_quota_mismatch": '"keep_pool"'})
    tables = years.small_tables(sizes)
    tables["departments"].loc[0, "name"] = '=HYPERLINK("x","局") <b>$\\LaTeX$ {0}'
    tables["departments"].loc[1, "name"] = "S01 Bureau, North"
    tables["departments"].loc[2, "name"] = "市\x0b一\x01局\u202e"
    tables["problems"] = tables["problems"].iloc[:0]
    small = appraise(load_year(years.write_year(tmp_path / "2003", tables, rulebook)))
    (tmp_path / "n.docx").write_bytes(notice_document(small, IMPRINT))
    assert check_notice(small, read_edited(tmp_path / "n.docx")) == []


def test_the_sheet_to_sign_holds_what_a_page_holds(appraised, notice, tmp_path):
    document = Document(io.BytesIO(notice))
    replaced("市", "巿", times=99)(document)
    paragraph = next(p for p in document.paragraphs if "良好部門分別是" in p.text)
    paragraph.runs[-1].text = paragraph.runs[-1].text.replace("局", "署")
    document.save(str(tmp_path / "n.docx"))
    sheet = notice_checklist(appraised, IMPRINT, tmp_path / "n.docx")
    text = checklist_text(sheet)
    assert len(sheet.findings) > MOST
    assert len(sheet.mend) == MOST + 1
    assert f"另有{len(sheet.findings) - MOST}處" in text
    assert all(word in text for word in ("核對人", "覆核人", "日期", "K7M29RTX", "不一致"))
    assert "<script" not in checklist_page(sheet)


@pytest.mark.needs_program("chromium", "pdftotext")
def test_the_sheet_to_sign_is_one_page_and_the_command_prints_it(program, notice, tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api")
    document = Document(io.BytesIO(notice))
    paragraph = next(p for p in document.paragraphs if "良好部門分別是" in p.text)
    paragraph.runs[-1].text = paragraph.runs[-1].text.replace("局", "署")
    document.save(str(tmp_path / "n.docx"))
    out = tmp_path / "sheet.html"
    words = ["notice-check", "2003", str(tmp_path / "n.docx"), "--data", str(DATA.parent), "--out", str(out)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "“市教育署”與部門表的“市教育局”不同" in result.stdout
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(out.as_uri())
        page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
        browser.close()
    printed = subprocess.run(
        [program("pdftotext"), tmp_path / "sheet.pdf", "-"], capture_output=True, check=True
    ).stdout
    assert printed.count(b"\f") == 1
    assert "核對人" in printed.decode()


def test_the_command_says_that_a_notice_agrees_or_cannot_be_read(notice, tmp_path):
    (tmp_path / "n.docx").write_bytes(notice)
    result = CliRunner().invoke(main, ["notice-check", "2003", str(tmp_path / "n.docx"), "--data", str(DATA.parent)])
    assert result.exit_code == 0, result.output
    assert "各項一致" in result.stdout
    (tmp_path / "n.docx").write_bytes(b"PK no")
    result = CliRunner().invoke(main, ["notice-check", "2003", str(tmp_path / "n.docx"), "--data", str(DATA.parent)])
    assert result.exit_code == 1
    assert "n.docx" in result.stderr
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)


def test_names_compare_without_what_nobody_sees():
    assert plain("市\u200b委 辦公室\u200e（１０）") == "市委辦公室(10)"
