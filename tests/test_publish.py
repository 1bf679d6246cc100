"""Publication: two editions of one run, only what is new, a failure kept without a secret, and what people left."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import nbformat
import pytest
import tiny
import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.errors import AppraisalError, RunError
from appraisal.office import manifest, publish, snapshot, swap
from appraisal.office.fingerprint import ALPHABET, version_code
from appraisal.office.manifest import git_state, read_manifest
from appraisal.office.report import report
from appraisal.office.secrecy import HIDDEN, concealer
from appraisal.reporting import page
from appraisal.tables import load_year


@pytest.fixture
def folder(tmp_path) -> Path:
    """A small year."""
    return years.write_year(tmp_path / "data" / "2003")


@pytest.fixture
def quick(monkeypatch):
    """Pages without a notebook: what is tested is what happens around them."""
    monkeypatch.setattr(publish, "make_set", tiny.set_without_notebook)
    monkeypatch.setattr(page, "_fonts", lambda html: "")


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Write the tiny notebook, with more cells at its end, as the one that is run."""
    monkeypatch.setattr(page, "_fonts", lambda html: "")

    def written(*cells: str) -> None:
        made = tiny.write_notebook(tmp_path / "notebooks", *cells)
        monkeypatch.setattr(snapshot, "notebooks_folder", lambda: made)

    return written


def change(folder: Path, points: float) -> None:
    tables = years.small_tables()
    tables["deductions"].loc[0, "points"] = points
    years.write_year(folder, tables)


def names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


def test_one_notebook_two_editions_and_a_failure_keeps_them(folder, notebook, tmp_path):
    notebook()
    reports = tmp_path / "reports"
    outcome = report(folder, reports, parameters={"draws": 10})
    place = outcome.page.parent
    leadership, working = ((place / f"{name}.html").read_text("utf-8") for name in ("annual_report", "working_report"))
    assert "for both: " in leadership
    assert "for both: " in working
    assert ("for leadership alone" in leadership, "for the office alone" in leadership) == (True, False)
    assert ("for leadership alone" in working, "for the office alone" in working) == (False, True)
    assert all(outcome.version in text for text in (leadership, working))

    secret = "考評service0 gave p-service-0 13.72"
    notebook(f"raise ValueError({secret!r})")
    with pytest.raises(RunError, match="stopped with ValueError") as raised:
        report(folder, reports, parameters={"draws": 10})
    failed = {path.name: path.read_text("utf-8") for path in (place / "failed").iterdir()}
    assert set(failed) == {"annual_report.failed.ipynb", "failure.json"}
    kept = nbformat.reads(failed["annual_report.failed.ipynb"], as_version=4)
    assert [cell.cell_type == "code" and len(cell.outputs) for cell in kept.cells][-1] == 1
    assert not any(cell.get("outputs") for cell in kept.cells[:-1])
    told = [str(raised.value), failed["failure.json"], *(output.evalue for output in kept.cells[-1].outputs)]
    for text in told:
        assert HIDDEN in text
        assert not any(word in text for word in ("考評service0", "p-service-0", "13.72"))
    assert (place / "annual_report.html").read_text("utf-8") == leadership

    notebook()
    report(folder, reports, parameters={"draws": 10}, force=True)
    assert not (place / "failed").exists()


def test_what_is_up_to_date_is_left_alone(folder, quick, tmp_path):
    reports = tmp_path / "reports"
    first = report(folder, reports)
    assert first.fresh
    stamp = first.page.stat().st_mtime_ns
    assert not report(folder, reports).fresh
    assert first.page.stat().st_mtime_ns == stamp
    assert report(folder, reports, force=True).fresh
    change(folder, 0.75)
    second = report(folder, reports)
    assert second.fresh
    assert second.version != first.version
    again = report(folder, reports, parameters={"draws": 3})
    assert again.version not in (first.version, second.version)


def test_values_that_nobody_confirmed_are_said_whether_the_report_is_made_or_up_to_date(folder, quick, tmp_path):
    rules = years.rulebook({}).replace("seed = 20031231", "seed = 20031231  # confirm: a fact of this year")
    years.write_year(folder, None, rules)
    asked = ["report", "2003", "--data", str(folder.parent), "--reports", str(tmp_path / "reports")]
    for _made in range(2):
        result = CliRunner().invoke(main, asked)
        assert result.exit_code == 0, result.output
        assert "2003: rulebook.toml, row 5: from this row on 1 values are still marked" in result.stderr


def test_every_page_is_named_and_one_that_the_last_set_had_too(folder, quick, tmp_path):
    reports = tmp_path / "reports"
    asked = ["report", "2003", "--force", "--data", str(folder.parent), "--reports", str(reports)]
    first = CliRunner().invoke(main, [*asked, "--lang", "zh-Hans"])
    told = ["annual_report.html", "annual_report.zh-Hans.html", "working_report.html", "working_report.zh-Hans.html"]
    assert first.stdout.splitlines() == [str(reports / "2003" / name) for name in told]
    assert "last set" not in first.stderr
    second = CliRunner().invoke(main, asked)
    assert second.stdout.splitlines() == [str(reports / "2003" / name) for name in told[::2]]
    assert "does not have: annual_report.zh-Hans.html, working_report.zh-Hans.html;" in second.stderr
    assert "last set" not in CliRunner().invoke(main, asked).stderr


def test_code_and_notebook_are_part_of_the_version(folder, quick, tmp_path, monkeypatch):
    first = report(folder, tmp_path / "reports")
    monkeypatch.setattr(snapshot, "code_digest", lambda notebook: "another")
    second = report(folder, tmp_path / "reports")
    assert second.fresh
    assert second.version != first.version


def test_a_version_code_can_be_read_over_a_telephone():
    codes = {version_code({"a.csv": str(number)}, "code", {}) for number in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in codes)
    assert not set(ALPHABET) & set("01OILUVBDEPCGZSNFJA")


def test_what_people_made_of_the_files_is_kept(folder, quick, tmp_path):
    place = report(folder, tmp_path / "reports").page.parent
    (place / "annual_report.html").write_text("with a correction", encoding="utf-8")
    (place / "minutes.txt").write_text("ours", encoding="utf-8")
    (place / "minutes.txt").chmod(0o444)
    (place / "nowhere").symlink_to(place / "gone")
    outcome = report(folder, tmp_path / "reports")
    assert outcome.fresh
    assert (place / "annual_report.edited.html").read_text("utf-8") == "with a correction"
    assert (place / "minutes.txt").read_text("utf-8") == "ours"
    assert outcome.version in (place / "annual_report.html").read_text("utf-8")
    assert not report(folder, tmp_path / "reports").fresh


def test_the_manifest_says_what_it_was_made_of(folder, quick, tmp_path):
    place = report(folder, tmp_path / "reports", parameters={"draws": 7}).page.parent
    written = json.loads((place / "manifest.json").read_text("utf-8"))
    assert set(written["inputs"]) == {path.name for path in folder.iterdir() if path.is_file()}
    assert set(written["outputs"]) == names(place) - {"manifest.json"}
    assert written["seed"] == 20031231
    assert written["parameters"] == {"draws": 7}
    assert {"pandas", "numpy", "papermill"} <= set(written["libraries"])
    assert str(tmp_path) not in json.dumps(written | {"command": ""})


def test_a_package_below_another_repository_has_no_commit(tmp_path, monkeypatch):
    assert git_state(tmp_path) is None
    monkeypatch.setattr(manifest.shutil, "which", lambda name: None)
    assert git_state(Path(manifest.__file__).parent) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"year": 2003}'])
def test_a_broken_manifest_is_said(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(AppraisalError, match="manifest of the published set cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2003", "-p", "yaer", "2004"], "yaer is no parameter of this notebook; it has draws\n"),
        (["--all", "--jobs", "2", "-p", "yaer", "2004"], "yaer is no parameter of this notebook"),
        (["2003", "-p", "year", "2004"], "year is given by the year that is asked for"),
        (["2003", "-p", "data", "/etc"], "data is given by the year"),
        (["2003", "-p", "x=1;print(7777);y", "1"], "cannot be a parameter"),
        (["2003", "-p", "draws"], "requires 2 arguments"),
    ],
)
def test_a_parameter_that_there_is_not_is_a_slip_and_no_failure_of_the_year(folder, notebook, tmp_path, words, said):
    notebook()
    reports = tmp_path / "reports"
    asked = ["report", "--data", folder.parent, "--reports", reports, *words]
    result = CliRunner().invoke(main, [str(word) for word in asked])
    assert result.exit_code == 2
    assert said in result.stderr
    assert not reports.exists()


def test_one_year_that_fails_does_not_keep_the_others_from_it(folder, quick, tmp_path):
    years.write_year(tmp_path / "data" / "2004", None, years.rulebook({"year": "2004"}))
    (folder / "bands.csv").unlink()
    asked = ["report", "2003", "2004", "--data", folder.parent, "--reports", tmp_path / "reports"]
    result = CliRunner().invoke(main, [str(word) for word in asked])
    assert result.exit_code == 1
    assert "bands.csv: is missing" in result.stderr
    assert (tmp_path / "reports" / "2004" / "annual_report.html").is_file()
    assert "2004/annual_report.html" in (tmp_path / "reports" / "index.html").read_text("utf-8")


@pytest.fixture
def two_folders(tmp_path) -> tuple[Path, Path]:
    for name in ("new", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    return tmp_path / "new", tmp_path / "place"


@pytest.mark.parametrize("exchange", [True, False], ids=["one step", "two renames"])
def test_a_folder_takes_the_place_of_another(two_folders, monkeypatch, exchange):
    new, place = two_folders
    if not exchange:
        monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    swap.put_in_place(new, place)
    assert (place / "file").read_text("utf-8") == "new"
    assert names(place.parent) == {"place"}


def test_two_renames_of_which_the_second_fails_leave_the_old(two_folders, monkeypatch):
    new, place = two_folders
    rename = Path.rename

    def fails(one, other):
        if one == new:
            raise PermissionError(13, "a reader holds it open")
        return rename(one, other)

    monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(PermissionError):
        swap.put_in_place(new, place)
    assert (place / "file").read_text("utf-8") == "place"


def test_a_run_killed_between_two_renames_is_put_right(two_folders):
    _new, place = two_folders
    place.rename(place.with_name(".place.previous"))
    swap.recover(place)
    assert (place / "file").read_text("utf-8") == "place"
    assert not place.with_name(".place.previous").exists()


def test_what_is_concealed(folder):
    conceal = concealer(load_year(folder))
    assert (
        conceal("ballot p-service-0: 12.5 of row 7, shape (3, 4)")
        == f"ballot {HIDDEN}: {HIDDEN} of row 7, shape (3, 4)"
    )
    assert conceal("\x1b[31m考評service0\x1b[0m") == HIDDEN


def test_no_token_and_no_name_leaves_the_year_folder(report_2003, tmp_path):
    """Every file of a published set of the bundled year, packed ones opened."""
    from appraisal.office.status import write_index

    reports = report_2003.parents[1]
    data = Path(__file__).parents[1] / "data"
    year = load_year(data / "2003")
    secrets = set(year.jurors["juror"])
    for table in (year.panel_ballots, year.leader_ballots, year.social_ballots):
        secrets |= set(table["ballot"])
    assert len(secrets) > 700
    write_index(data, reports)
    texts = {}
    for path in reports.rglob("*"):
        if path.is_file() and path.stat().st_size:
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    texts |= {
                        f"{path.name}/{name}": packed.read(name).decode(errors="replace") for name in packed.namelist()
                    }
            else:
                texts[path.name] = path.read_text("utf-8")
    assert {"annual_report.html", "working_report.html", "results.csv", "manifest.json", "index.html"} <= set(texts)
    found = [(name, secret) for name, text in texts.items() for secret in secrets if secret in text]
    assert found == []
