"""The contract of the year folder: what is read, however the office keeps it."""

from __future__ import annotations

import pandas as pd
import pytest

from appraisal.errors import RulebookError, TableError
from appraisal.reading.contracts import CONTRACTS
from appraisal.rulebook import read_rulebook
from appraisal.tables import load_tables, load_year
from tests.years import RULEBOOK, counted, rulebook, small_tables, write_year

WIDE = ("panel_ballots", "leader_ballots", "social_ballots")


def contents(year) -> dict[str, pd.DataFrame]:
    """The tables without what depends on how they were kept: order and numbers of rows."""
    frames = {name: getattr(year, name) for name in CONTRACTS}
    return {
        name: frame.sort_values(list(frame.columns)).reset_index(drop=True)
        for name, frame in frames.items()
        if frame is not None
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return contents(load_year(write_year(tmp_path_factory.mktemp("plain"))))


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("wide", [(), WIDE])
@pytest.mark.parametrize("heads", ["en", "zh-Hant", "zh-Hans"])
def test_formats_never_matter(tmp_path, plain, format, wide, heads):
    year = load_year(write_year(tmp_path, format=format, wide=wide, heads=heads))
    assert year.remarks == ()
    for name, frame in contents(year).items():
        pd.testing.assert_frame_equal(frame, plain[name])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("heads", ["zh-Hant", "zh-Hans"])
def test_encodings_never_matter(tmp_path, plain, encoding, heads):
    for name, frame in contents(load_year(write_year(tmp_path, heads=heads, encoding=encoding))).items():
        pd.testing.assert_frame_equal(frame, plain[name])


def test_order_of_rows_and_columns_never_matters(tmp_path, plain):
    tables = {name: rows.iloc[::-1, ::-1] for name, rows in small_tables().items()}
    for name, frame in contents(load_year(write_year(tmp_path, tables))).items():
        pd.testing.assert_frame_equal(frame[plain[name].columns], plain[name])


def test_types_and_rows(tmp_path):
    year = load_year(write_year(tmp_path))
    assert year.panel_ballots.index[[0, -1]].tolist() == [2, 631]
    assert {name: str(kind) for name, kind in year.deductions.dtypes.items()} == {
        "department": "str",
        "item": "str",
        "date": "datetime64[s]",
        "source": "str",
        "points": "float64",
        "verified": "bool",
        "incident": "str",
        "note": "str",
    }
    assert str(year.inspections["round"].dtype) == "int64"
    assert list(year.rulings.columns) == ["kind", "department", "value", "reason", "approved_by", "date"]
    assert year.social_counts is None
    assert year.appeals.empty
    assert list(year.appeals.columns) == [column.name for column in CONTRACTS["appeals"].columns]
    assert [file.name for file in year.files][:2] == ["rulebook.toml", "bands.csv"]


def test_rows_of_a_wide_sheet_keep_their_number(tmp_path):
    year = load_year(write_year(tmp_path, wide=["panel_ballots"]))
    assert year.panel_ballots.index[:8].tolist() == [2] * 7 + [3]


def test_labels_names_and_words_stand_for_codes(tmp_path, plain):
    rules = read_rulebook(write_year(tmp_path) / "rulebook.toml")
    tables = small_tables()
    tables["rulings"] = pd.DataFrame(
        [
            ["退出", "綜合01局", "最佳辦事單位", "", "", ""],
            ["committee", "S02", "先進", "…", "…", "2004-01-10"],
            ["並列", "S03", "１", "", "", ""],
            ["誡勉", "L06", "否", "", "", ""],
            ["补位", "S04", "良好", "", "", ""],
        ],
        columns=tables["rulings"].columns,
    )
    names = tables["departments"].set_index("department")["name"]
    for table, kind, column in (
        ("departments", "groups", "group"),
        ("bands", "items", "item"),
        ("bands", "bands", "band"),
        ("panel_ballots", "items", "item"),
        ("deductions", "sources", "source"),
    ):
        tables[table][column] = [rules.label(kind, code) for code in tables[table][column]]
    for table in ("bands", "leader_ballots", "deductions"):
        tables[table]["department"] = tables[table]["department"].map(names)
    tables["jurors"]["home"] = "綜合01局"
    year = load_year(write_year(tmp_path, tables, heads="zh-Hant"))
    found = contents(year)
    for name in ("departments", "bands", "panel_ballots", "leader_ballots", "deductions"):
        pd.testing.assert_frame_equal(found[name], plain[name])
    assert year.rulings["value"].tolist() == ["best", "advanced", "1", "no", "good"]
    assert year.rulings["kind"].tolist() == ["withdraw", "committee", "tie", "admonish", "seat"]
    assert year.rulings["department"].tolist() == ["S01", "S02", "S03", "L06", "S04"]
    assert set(year.jurors["home"]) == {"S01"}


def test_labels_of_a_translation_stand_for_codes(tmp_path):
    tables = small_tables()
    tables["bands"]["band"] = tables["bands"]["band"].replace("good", "Very well")
    rules = rulebook({"translations.en.bands.good": '"Very well"'}, RULEBOOK.replace('"en"', '"zh-Hant"'))
    assert "good" in set(load_year(write_year(tmp_path, tables, rules)).bands["band"])


def test_departments_head_wide_columns_by_name(tmp_path, plain):
    tables = small_tables()
    for table in ("leader_ballots", "social_ballots"):
        names = tables["departments"].set_index("department")["name"]
        tables[table]["department"] = tables[table]["department"].map(names)
    found = contents(load_year(write_year(tmp_path, tables, wide=["leader_ballots", "social_ballots"])))
    for table in ("leader_ballots", "social_ballots"):
        pd.testing.assert_frame_equal(found[table], plain[table])


def test_codes_like_na_and_007(tmp_path):
    tables = {name: rows.replace({"S01": "NA", "S02": "007", "S03": "TRUE"}) for name, rows in small_tables().items()}
    for format in ("csv", "xlsx"):
        year = load_year(write_year(tmp_path, tables, format=format))
        assert year.departments["department"].tolist()[:3] == ["NA", "007", "TRUE"]
        assert {"NA", "007", "TRUE"} <= set(year.panel_ballots["department"])


def test_what_was_read_as_something_else_is_listed(tmp_path):
    tables = small_tables()
    tables["panel_ballots"] = tables["panel_ballots"].astype(object)
    tables["panel_ballots"].loc[5, "score"] = "　１．４７ "
    tables["panel_ballots"].loc[6, "ballot"] += " "
    tables["deductions"] = tables["deductions"].astype(object)
    tables["deductions"].loc[:1, "date"] = "2003年12月5日"
    tables["deductions"].loc[1, "points"] = "1.50 "
    tables["bands"].loc[3, "band"] = " excellent"
    tables["bands"] = tables["bands"].rename(columns={"band": "band "})
    tables["inspections"]["備註"], tables["inspections"]["序號"] = "…", range(36)
    year = load_year(write_year(tmp_path, tables))
    assert [str(remark) for remark in year.remarks] == [
        "bands.csv, row 1: “band ” was read as band (cells: 1)",
        "bands.csv, row 5, column band: “ excellent” was read as excellent (cells: 1)",
        "panel_ballots.csv, row 7, column score: was read without spaces at the ends, full-width characters or "
        "thousands commas (cells: 1, from this row on)",
        "panel_ballots.csv, row 8, column ballot: was read without spaces at the ends, full-width characters or "
        "thousands commas (cells: 1, from this row on)",
        "deductions.csv, row 2, column date: “2003年12月5日” was read as 2003-12-05 (cells: 2)",
        "deductions.csv, row 3, column points: “1.50 ” was read as 1.50 (cells: 1)",
        "inspections.csv, row 1: columns that this table does not have were ignored: 備註, 序號",
    ]
    assert year.panel_ballots.loc[7, "score"] == 1.47
    assert year.panel_ballots.loc[8, "ballot"] == "p-service-0"


def test_an_incident_is_one_however_its_code_was_typed(tmp_path):
    tables = small_tables()
    tables["deductions"].loc[[0, 1], "department"] = "S03"
    tables["deductions"].loc[[0, 1, 2], "incident"] = ["X1", "Ｘ１ ", ""]
    year = load_year(write_year(tmp_path, tables))
    assert year.deductions["incident"].tolist()[:3] == ["X1", "X1", ""]
    assert [str(remark) for remark in year.remarks] == [
        "deductions.csv, row 3, column incident: “Ｘ１ ” was read as X1 (cells: 1)"
    ]


def test_names_are_shown_as_entered(tmp_path):
    tables = small_tables()
    tables["departments"].loc[0, "name"] = "　南通（海關）１ "
    year = load_year(write_year(tmp_path, tables))
    assert year.departments.loc[2, "name"] == "南通（海關）１"


def test_counts_say_what_ballots_say(tmp_path):
    tables = small_tables()
    tables["social_counts"] = counted(tables.pop("social_ballots"))
    year = load_year(write_year(tmp_path, tables))
    assert year.social_ballots is None
    assert str(year.social_counts["count"].dtype) == "int64"
    assert year.returned is None
    assert load_year(write_year(tmp_path, tables, rulebook({"social.returned": "9"}))).returned == 9


def test_other_rules_than_the_folder_s_own(tmp_path):
    write_year(tmp_path)
    rules = read_rulebook(tmp_path / "rulebook.toml").replace({"panel.min_ballots": 4})
    (tmp_path / "rulebook.toml").unlink()
    year = load_year(tmp_path, rules=rules)
    assert year.rules is rules
    assert "rulebook.toml" not in [file.name for file in year.files]


def test_the_rulebook_is_the_first_of_the_files(tmp_path):
    year = load_year(str(write_year(tmp_path)))
    files = year.files
    assert year.folder == tmp_path
    assert year.places["bands"] == "bands.csv"
    assert year.heads["bands"] == {name: name for name in ("department", "item", "band")}
    assert files[0] == tmp_path / "rulebook.toml"
    assert {file.stem for file in files[1:]} == {*small_tables()}


def test_a_table_that_is_wrong_or_missing_is_told_in_the_language_of_the_year(tmp_path):
    for lang, called in (("zh-Hans", "缺少"), ("en", "missing")):
        write_year(tmp_path, rulebook=rulebook({"lang": f'"{lang}"'}))
        (tmp_path / "bands.csv").unlink()
        with pytest.raises(TableError) as caught:
            load_year(tmp_path)
        assert caught.value.lang == lang
        assert called in str(caught.value)


# Some tables of a year that may lack the others ------------------------------------------------------------------------


def of_some(folder, *names: str) -> list[str]:
    """What reading some tables says, line by line."""
    with pytest.raises(TableError) as caught:
        load_tables(folder, iter(names))
    assert caught.value.lang == "zh-Hans"
    return [problem.say("en") for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path):
    """A folder with departments and jurors alone, the latter kept as an office would, in simplified script."""
    tables = {name: rows for name, rows in small_tables().items() if name in ("departments", "jurors", "deductions")}
    return write_year(tmp_path / "2003", tables, rulebook({"lang": '"zh-Hans"'}))


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_some_tables_are_read_as_in_a_whole_year(tmp_path, format):
    year = load_year(write_year(tmp_path, format=format))
    names = ["departments", "jurors", "panel_ballots", "social_ballots"]
    rules, frames = load_tables(tmp_path, names)
    assert rules == year.rules
    assert list(frames) == names
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, getattr(year, name))


def test_what_was_not_asked_for_may_be_missing_or_wrong(folder):
    (folder / "deductions.csv").write_bytes("部門,扣分".encode("utf-16"))
    (folder / "bands.csv").write_text("nothing\n", encoding="utf-8")
    _rules, frames = load_tables(folder, ["departments", "jurors"])
    assert {name: len(frame) for name, frame in frames.items()} == {"departments": 18, "jurors": 15}


def test_a_table_that_was_asked_for_must_be_there(folder):
    missing = "is missing; it must be there even without rows"
    assert of_some(folder, "departments", "queries", "bands") == [f"bands.csv: {missing}", f"queries.csv: {missing}"]
    assert of_some(folder, "departments", "appeals") == [f"appeals.csv: {missing}"]


def test_what_is_wrong_in_a_table_that_was_asked_for_is_told_with_its_rows_in_order(folder):
    jurors = (folder / "jurors.csv").read_text(encoding="utf-8").splitlines()
    jurors[2], jurors[4] = jurors[2].replace("service", "servixe"), f"{jurors[4].rpartition(',')[0]},perhaps"
    (folder / "jurors.csv").write_text("\n".join(jurors) + "\n", encoding="utf-8")
    found = of_some(folder, "departments", "jurors")
    assert [line.partition(":")[0] for line in found] == [
        "jurors.csv, row 3, column group",
        "jurors.csv, row 5, column head",
    ]


def test_an_unreadable_table_that_was_asked_for_is_told(folder):
    (folder / "jurors.csv").write_bytes("姓名,組別".encode("utf-16"))
    (told,) = of_some(folder, "departments", "jurors")
    assert told.startswith("jurors.csv: ")


def test_a_rulebook_that_is_wrong_is_told_with_the_files_that_cannot_be_read(tmp_path):
    write_year(tmp_path, rulebook=rulebook({"lang": '"zh-Hans"', "panel.trim": None}))
    (tmp_path / "jurors.csv").write_bytes("姓名,組別".encode("utf-16"))
    (tmp_path / "bands.csv").unlink()
    with pytest.raises(RulebookError) as caught:
        load_year(tmp_path)
    assert caught.value.lang == "zh-Hans"
    assert [problem.file for problem in caught.value.problems] == ["rulebook.toml", "jurors.csv", "bands.csv"]
    assert caught.value.problems[-1].values["zh"] == "档位"
