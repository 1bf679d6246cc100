"""What has to be installed is said once: pyproject.toml, the lock, environment.yml and the README agree."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec
from rattler.exceptions import InvalidMatchSpecError

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

# Names that differ on conda-forge; all others are the same in both.
CONDA_NAMES = {
    "build": "python-build",
    "dask": "dask-core",
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "playwright": "playwright-python",
}
# What a script that is run by hand, never by a run of the appraisal, asks for in its own words.
BY_HAND = {"reporting/fonts/make.py": {"pylopdf-fonts-zh-cn"}}
# Distributions that come with a declared one as its public other half.
COMPANIONS = {"pydantic-core": "pydantic"}
# What conda has to be told and pip is told otherwise.
CONDA_ONLY = {"python", "pip"}
# What conda does not have, so that its pip brings it.
PIP_ONLY = {"axe-playwright-python"}


def declared() -> list[Requirement]:
    """All requirements of the core and of every extra."""
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for texts in [PROJECT["dependencies"], *extras] for text in texts]


def conda_lines() -> list[str]:
    return [line for line in CONDA["dependencies"] if isinstance(line, str)]


def as_conda(requirement: Requirement) -> str:
    """Say a requirement as a line of environment.yml."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    name = requirement.name + extras
    return f"{CONDA_NAMES.get(name, name)} {requirement.specifier}"


def locked() -> dict[str, list[str]]:
    """Package → the versions that the lock gives it (several where markers tell Pythons or systems apart)."""
    pins: dict[str, list[str]] = {}
    for line in LOCK.splitlines():
        if line and not line.startswith("#"):
            name, version = re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line).groups()
            pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


def test_conda_users_get_the_same():
    by_pip = [str(requirement) for requirement in declared() if requirement.name in PIP_ONLY]
    expected = {as_conda(requirement) for requirement in declared() if requirement.name not in PIP_ONLY}
    assert {line for line in conda_lines() if line.split()[0] not in CONDA_ONLY} == expected
    assert f"python {PROJECT['requires-python']}" in conda_lines()
    assert [line for line in CONDA["dependencies"] if not isinstance(line, str)] == [{"pip": ["-e .", *by_pip]}]


@pytest.mark.parametrize("line", conda_lines())
def test_a_line_is_what_conda_understands(line):
    spec = MatchSpec(line, strict=True)
    assert spec.name is not None


def test_what_conda_does_not_understand_is_found():
    with pytest.raises(InvalidMatchSpecError):
        MatchSpec("pandas >=>3", strict=True)


def test_every_requirement_has_a_lower_bound_and_no_upper():
    for requirement in declared():
        assert [clause.operator for clause in requirement.specifier] == [">="], requirement


def test_the_lock_answers_every_requirement():
    pins = locked()
    for requirement in declared():
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in requirements.lock: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_the_lock_names_no_place():
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", LOCK, re.MULTILINE)


def closure(name: str, extras: frozenset[str] = frozenset(), seen: set | None = None) -> set[str]:
    """Every installed distribution that one needs, itself included."""
    seen = set() if seen is None else seen
    if (name, extras) in seen:
        return {name}
    seen.add((name, extras))
    found = {name}
    for text in metadata.requires(name) or []:
        needed = Requirement(text)
        wanted = any(needed.marker is None or needed.marker.evaluate({"extra": extra}) for extra in extras or {""})
        if wanted:
            found |= closure(canonicalize_name(needed.name), frozenset(needed.extras), seen)
    return found


def test_the_core_is_free_of_jupyterlab():
    core = closure("appraisal")
    assert "papermill" in core
    assert not core & {"jupyterlab", "jupyterlab-server", "notebook", "rfc3987-syntax", "dask"}


def test_what_the_package_imports_is_declared():
    direct = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    optional = {canonicalize_name(requirement.name) for requirement in declared()}
    owners = metadata.packages_distributions()
    for file in (ROOT / "appraisal").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        at_import = set(tree.body)  # an extra may be imported inside a function that says what is missing
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            else:
                continue
            for name in {name.partition(".")[0] for name in names} - {"appraisal", *sys.stdlib_module_names}:
                found = {canonicalize_name(owner) for owner in owners.get(name, [name])}
                distributions = {COMPANIONS.get(owner, owner) for owner in found}
                allowed = direct if node in at_import else optional
                allowed = allowed | BY_HAND.get(file.relative_to(ROOT / "appraisal").as_posix(), set())
                assert distributions & allowed, f"{file.name} imports {name}, which is not declared"


def test_hooks_use_the_locked_versions():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    pinned = [Requirement(text) for hook in hooks for text in hook["additional_dependencies"]]
    assert {requirement.name for requirement in pinned} == {"ruff", "nbstripout"}
    for requirement in pinned:
        assert [str(requirement.specifier)] == [f"=={version}" for version in locked()[requirement.name]]


def system_packages(readme: str) -> set[str]:
    """The packages on the apt-get lines between the README's two marks, which .ci/run carries out."""
    between = readme.split("<!-- system programs -->")[1].split("<!-- end of system programs -->", maxsplit=1)[0]
    lines = [line for line in between.splitlines() if line.startswith("apt-get install")]
    return {word for line in lines for word in line.split()[2:] if not word.startswith("-")}


def test_the_readme_brings_every_system_program(packages):
    assert packages <= system_packages(README)


def test_the_readme_names_every_target_and_dependency():
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split()
    assert [target for target in targets if f"make {target}" not in README] == []
    assert set(re.findall(r"`make ([a-z]+(?:-[a-z]+)*)", README)) <= set(targets)
    rows = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    named = {name for row in rows for name in re.findall("`(.*?)`", row)}
    assert [requirement.name for requirement in declared() if requirement.name not in named] == []


def test_a_missing_program_is_a_skip_with_its_reason(program, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match=r"^needs program: chromium$"):
        program("chromium")
    (tmp_path / "chromium-browser").touch(mode=0o755)
    assert program("chromium") == str(tmp_path / "chromium-browser")
