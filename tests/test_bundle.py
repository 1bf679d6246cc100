"""What is carried to an office without a network: which wheels, by which digests, by which script."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("bundle", ROOT / ".ci" / "bundle.py")
bundle = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bundle)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
HERE = {"python_version": "3.11", "python_full_version": "3.11.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "extra": ""}  # fmt: skip


def pinned(system: str, *extras: str) -> dict[str, str]:
    return bundle.pins(LOCK, PROJECT, extras, bundle.SYSTEMS[system][1] | HERE)


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_all_that_the_lab_needs_and_nothing_else(system):
    found = pinned(system, "lab")
    assert {"pandas", "papermill", "jupyterlab", "ipywidgets", "tornado", "lxml"} <= set(found)
    assert not {"pytest", "hypothesis", "dask", "playwright"} & set(found)
    assert set(pinned(system)) < set(found)


def test_each_system_has_what_only_it_needs():
    only = {
        system: set(pinned(system, "lab")) - set(pinned(other, "lab"))
        for system, other in (("linux", "windows"), ("windows", "linux"))
    }
    assert "pexpect" in only["linux"]
    assert "colorama" in only["windows"]


def test_digests_are_those_of_the_wheels(tmp_path):
    (tmp_path / "a_b-1.0-py3-none-any.whl").write_bytes(b"x")
    assert bundle.requirements(tmp_path) == f"a_b==1.0 --hash=sha256:{hashlib.sha256(b'x').hexdigest()}\n"


def test_the_scripts_ask_nothing_of_a_network(tmp_path):
    for script in (bundle.INSTALL_SH, bundle.INSTALL_CMD):
        said = script.format(major=3, minor=11)
        assert "--no-index" in said
        assert "--require-hashes" in said
    (tmp_path / "install.sh").write_text(bundle.INSTALL_SH.format(major=3, minor=11), encoding="utf-8")
    subprocess.run(["sh", "-n", tmp_path / "install.sh"], check=True)
