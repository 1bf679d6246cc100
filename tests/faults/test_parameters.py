"""Hostile words on the command line: a year, a language, a path, a parameter whose name is code; nothing of it runs."""

from __future__ import annotations

import pytest
import tiny
import years
from click.testing import CliRunner, Result

from appraisal.cli import main
from appraisal.errors import AppraisalError
from appraisal.folders import year_folder
from appraisal.office import snapshot

YEARS = [
    "../..",
    "../2003",
    "2003; rm -rf x",
    "２００３",
    "٢٠٠٣",
    "2003\n",
    " 2003",
    "+2003",
    "2e3",
    "02003",
    "",
    "2003/.",
    "$(id)",
]


@pytest.fixture
def root(tmp_path, monkeypatch):
    years.write_year(tmp_path / "data" / "2003")
    tiny.write_notebook(tmp_path / "notebooks")
    monkeypatch.setattr(snapshot, "notebooks_folder", lambda: tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, list(map(str, words)))
    assert isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("said", YEARS)
def test_what_is_no_year_is_refused(root, said):
    before = sorted(root.rglob("*"))
    for command in ("check", "report", "seal", "verify", "new", "schedule"):
        assert run(command, "--", said).exit_code == 2
    with pytest.raises(AppraisalError):
        year_folder(said, root / "data")
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    ["s=1;print(7777);t", "__import__('os').system('touch ran')", "draws\ndraws", "draws ", "ｄｒａｗｓ", "import", "1", "", "a.b", "year", "data"],
)  # fmt: skip
def test_a_parameter_s_name_that_is_code_is_refused_and_does_not_run(root, name):
    result = run("report", 2003, "-p", name, "1")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) >= 1
    assert not (root / "ran").exists()
    assert not (root / "reports" / "2003" / "annual_report.html").exists()


@pytest.mark.parametrize("lang", ["../../etc", "fr", "en\n", "zh", "zh-Hant/../en"])
def test_what_is_no_language_is_refused(root, lang):
    assert run("new", 2004, "--lang", lang).exit_code == 2
    (root / "data" / "2003" / "rulebook.toml").write_text(
        years.rulebook({"lang": repr(lang).replace("'", '"')}), "utf-8"
    )
    result = run("check", 2003)
    assert result.exit_code == 1
    assert "rulebook.toml, key lang" in result.stderr


@pytest.mark.parametrize("path", ["../nowhere", "$(touch ran)", "; touch ran", "data/2003/rulebook.toml", "~root"])
def test_a_path_is_a_path(root, path):
    assert run("report", 2003, "--data", path).exit_code in (1, 2)
    assert run("report", "--when-ready", "--data", path).exit_code in (1, 2)
    assert not (root / "ran").exists()
