"""What is carried to an office without a network: which wheels, by which digests, by which script."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("bundle", ROOT / ".ci" / "bundle.py")
bundle = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bundle)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def pinned(system: str, *extras: str) -> dict[str, str]:
    return bundle.pins(LOCK, PROJECT, extras, bundle.environment_of(system, "3.11"))


def wheel(place: Path, name: str, *asked: str) -> None:
    """Write a wheel that is nothing but its name and what it asks for."""
    distribution = "-".join(name.split("-")[:2])
    with zipfile.ZipFile(place / name, "w") as packed:
        packed.writestr(f"{distribution}.dist-info/METADATA", "\n".join(f"Requires-Dist: {text}" for text in asked))


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


def test_a_wheel_for_another_system_and_one_that_is_lacking_are_told(tmp_path):
    windows = bundle.environment_of("windows", "3.11")
    wheel(
        tmp_path,
        "a-1.0-cp311-cp311-win_amd64.whl",
        "b>=2",
        'colorama; sys_platform == "win32"',
        'pexpect; extra == "x"',
    )
    wheel(tmp_path, "b-2.1-py3-none-any.whl")
    wheel(tmp_path, "colorama-0.4-py2.py3-none-any.whl")
    assert bundle.unfit(tmp_path, "windows", windows) == []
    wheel(tmp_path, "b-1.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
    (tmp_path / "b-2.1-py3-none-any.whl").unlink()
    assert bundle.unfit(tmp_path, "windows", windows) == [
        "b-1.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl: not for windows",
        "a-1.0-cp311-cp311-win_amd64.whl: needs b>=2",
    ]


def test_the_script_for_windows_is_a_batch_file():
    lines = bundle.INSTALL_CMD.format(major=3, minor=11).split("\r\n")
    assert lines.pop() == ""
    assert all(line.isascii() and "\n" not in line for line in lines)
    # Each step but the last ends the script if it fails; quotation marks are pairs.
    assert all(
        line.endswith("|| exit /b 1") for line in lines if line.startswith(("%PYTHON%", ".venv")) and line != lines[-1]
    )
    assert all(line.count('"') % 2 == 0 for line in lines)


def test_the_scripts_ask_nothing_of_a_network(tmp_path):
    for script in (bundle.INSTALL_SH, bundle.INSTALL_CMD):
        said = script.format(major=3, minor=11)
        assert "--no-index" in said
        assert "--require-hashes" in said
    (tmp_path / "install.sh").write_text(bundle.INSTALL_SH.format(major=3, minor=11), encoding="utf-8")
    subprocess.run(["sh", "-n", tmp_path / "install.sh"], check=True)
