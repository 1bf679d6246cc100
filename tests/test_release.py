"""What is released: one version said everywhere, and the same code whether from a checkout or from a wheel."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import appraisal
from appraisal.office.fingerprint import code_digest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_changelog_begins_with_this_version():
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    released = [head for head in heads if head != "[Unreleased]"]
    assert heads[-len(released) :] == released  # what is not released yet stands first
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in released)
    assert released[0].startswith(f"[{appraisal.__version__}] - ")


def test_the_wheel_carries_the_notebooks_where_the_package_looks_for_them(tmp_path, monkeypatch):
    inside = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]["notebooks"]
    package = tmp_path / "appraisal"
    package.mkdir()
    (package / "__init__.py").write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(appraisal, "__file__", str(package / "__init__.py"))
    notebook = ROOT / "notebooks" / "annual_report.ipynb"
    in_a_checkout = code_digest(notebook)
    shutil.copytree(ROOT / "notebooks", tmp_path / inside)
    assert code_digest(tmp_path / inside / notebook.name) == in_a_checkout
    (package / "__init__.py").write_text("2\n", encoding="utf-8")
    assert code_digest(notebook) != in_a_checkout
