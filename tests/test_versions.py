"""Versions of a year: sealed inputs, and what changed between two of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest
import years
from office_place import Place

from appraisal.analysis import changes as changed
from appraisal.errors import RunError
from appraisal.office import snapshot, versions
from appraisal.office.differences import differences, page_of
from appraisal.office.snapshot import take
from appraisal.tables import load_year


def test_inputs_are_under_seal_the_same_bytes_twice(place, tmp_path):
    first = place.report()
    other = Place(tmp_path / "elsewhere")
    other.report()
    archives = [where.folder / ".versions" / f"{first.version}.zip" for where in (place, other)]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as sealed:
        for path in place.folder.iterdir():
            if path.is_file():
                assert sealed.read(path.name) == path.read_bytes()
    archives[0].write_bytes(archives[1].read_bytes() + b" ")
    with pytest.raises(RunError, match="is not the zip that was sealed"):
        differences(place.folder)


def test_what_changed_is_told_row_by_row_ballots_as_counts(place):
    before = place.report()
    place.tables["deductions"].loc[0, "points"] = 4.5
    place.tables["bands"].loc[0, "band"] = "excellent"
    place.tables["problems"] = place.tables["problems"].iloc[:0]
    place.tables["leader_ballots"].loc[0, "score"] -= 1
    place.tables["jurors"].loc[0, "juror"] = "另一人"
    place.rules = {"weights.leaders": "11", "weights.social": "21"}
    place.write()
    found = differences(place.folder).changes
    rows = found.rows[["table", "row", "department", "column", "before", "after"]].to_numpy().tolist()
    assert ["deductions", 2, "S02", "points", "0.5", "4.5"] in rows
    assert [row[:4] + row[5:] for row in rows if row[0] == "problems"] == [["problems", 2, "L06", "", ""]]
    assert found.counts.to_numpy().tolist() == [["leader_ballots", "S01", 0, 0, 1], ["jurors", "", 1, 1, 0]]
    assert found.rules.to_numpy().tolist() == [["weights.leaders", "12", "11"], ["weights.social", "20", "21"]]
    result = place.run("diff", 2003)
    assert result.exit_code == 0, result.output
    assert before.version in result.stdout
    assert "leader_ballots: 0 rows added, 0 taken away, 1 changed." in result.stdout
    assert not re.search("另一人|考評service|l-0|p-", result.stdout)


def test_tables_and_columns_are_called_in_the_script_of_the_year(place):
    place.rules = {"lang": '"zh-Hans"'}
    place.write()
    place.report()
    place.tables["deductions"].loc[0, "verified"] = False
    place.tables["leader_ballots"].loc[0, "score"] -= 1
    place.write()
    told = place.run("diff", 2003).stdout
    assert "扣分第2行，查实" in told
    assert "领导评鉴：" in told


def test_who_moved_and_that_no_one_else_did(place):
    place.report()
    assert "No department moved in rank or tier." in place.run("diff", 2003).stdout
    place.rules = {"tiers.best.wildcards": "0"}
    place.write()
    moved = differences(place.folder).changes.moves
    assert moved[["tier_before", "tier_after"]].to_numpy().tolist() == [["best", "advanced"]]
    told = place.run("diff", 2003).stdout
    assert "No other department moved." in told
    assert moved.iloc[0]["name"] in told


def test_two_versions_by_their_codes(place):
    first = place.report().version
    place.rules = {"tiers.best.wildcards": "0"}
    place.write()
    second = place.report().version
    place.rules = {}
    place.write()
    assert len(differences(place.folder, first, second).changes.moves) == 1
    assert len(differences(place.folder, first.lower()).changes.moves) == 0
    assert place.run("diff", 2003, first, "22222222").exit_code == 1
    assert f"it has {first}, {second}" in place.run("diff", 2003, "22222222").stderr


def test_differences_are_one_page(place, program, tmp_path, monkeypatch):
    place.tables["departments"].loc[0, "name"] = "<script>alert(1)</script>"
    place.write()
    place.report()
    monkeypatch.undo()  # the page itself has its fonts
    # everything turned round: all move, and every table has more changed rows than a page holds
    codes = [f"{group}{number:02}" for group in "SEL" for number in range(1, 7)]
    place.tables = years.small_tables(panel={code: 0.62 + 0.06 * int(code[1:]) for code in codes})
    place.tables["departments"].loc[0, "name"] = '"><img src=x onerror=alert(1)>' * 5
    place.rules = {"tiers.admonished.needs_problem": "false"} | {
        f"basis.{key}": '"assumed: more"' for key in ("ties", "tiers", "seed")
    }
    place.write()
    out = tmp_path / "diff.html"
    page_of(differences(place.folder), out)
    page = out.read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    printed = tmp_path / "diff.pdf"
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={printed}", out.as_uri()]
    subprocess.run([program("chromium"), *words], check=True, capture_output=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) == 1


def test_a_report_that_changes_a_tier_says_so_every_time_it_is_made(place):
    first = place.report().version
    assert "Tiers that differ" not in place.first_page
    place.rules = {"tiers.best.wildcards": "0"}
    place.write()
    place.report()
    made = place.first_page
    assert f"Tiers that differ from the last published version {first}" in made
    place.report(force=True)
    assert place.first_page == made


def test_changes_without_a_reason_on_record_are_warnings_of_the_working_edition(place):
    place.report()
    place.tables["deductions"].loc[0, "points"] = 1.5  # S02
    place.tables["leader_ballots"].loc[3, "score"] -= 1  # S04
    place.tables["appeals"] = pd.DataFrame(
        [("S04", "", "2004-02-01", "…", "upheld", "", ""), ("S05", "key_works", "2004-02-01", "…", "upheld", "", "")],
        columns=["department", "item", "received", "claim", "decision", "decided_by", "date"],
    )
    place.write()
    place.report()
    assert "without an appeal, a ruling or a query on record: 綜合02局." in place.working_page
    assert "no row changed since the first publication" in place.working_page
    assert ": 綜合05局." in place.working_page
    assert "on record" not in place.first_page
    # a query settles it
    place.tables["queries"].loc[1] = ("S02", "work_style", "2004-02-01", "…", "2004-02-02", "…")
    place.write()
    place.report()
    assert "on record" not in place.working_page


def test_the_result_of_a_version_is_the_one_that_was_published(place, monkeypatch):
    place.report()
    (entry,) = versions.published_versions(place.folder)
    assert versions.values_of(place.folder, entry) == take(place.folder).values
    # Under a package that would give another result, the published one stays what it was.
    monkeypatch.setattr(snapshot, "result_values", lambda appraised: {})
    assert versions.values_of(place.folder, entry) != take(place.folder).values


def test_rows_without_a_key_are_compared_as_they_stand(tmp_path):
    tables = years.small_tables()
    before = load_year(years.write_year(tmp_path / "a" / "2003", tables))
    tables["deductions"] = tables["deductions"].iloc[::-1]
    after = load_year(years.write_year(tmp_path / "b" / "2003", tables))
    found = changed.between(before, after, {}, {})
    assert found.rows.empty
    assert found.moves.empty


def test_a_folder_copied_by_hand_is_told_of_the_versions_that_came_along(place):
    place.report()
    assert "holds versions" not in place.run("check", 2003).stdout
    copy = place.folder.with_name("2004")
    shutil.copytree(place.folder, copy)
    rulebook = copy / "rulebook.toml"
    rulebook.write_text(rulebook.read_text("utf-8").replace("year = 2003", "year = 2004"), encoding="utf-8")
    assert "warning: .versions: holds versions of 2003" in place.run("check", 2004).stdout
