"""Make a zip that installs the appraisal on a machine without a network: wheels, their digests, a script.

``python .ci/bundle.py linux|windows [--python 3.11] [--out dist]``; run by `make bundle` with the test environment, whose
`packaging` reads the markers of the lock for the other system.
"""

# ruff: noqa: E501  (the lines of the scripts are as long as a shell's)
from __future__ import annotations

import argparse
import email
import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^#]+?))?\s+# via (?P<via>.*)")
# What pip calls the systems, oldest first, and how markers see them.
SYSTEMS = {
    "linux": (
        [f"manylinux{tag}_x86_64" for tag in ("2014", "_2_17", "_2_24", "_2_26", "_2_27", "_2_28", "_2_34")] + ["linux_x86_64"],
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    ),
    "windows": (
        ["win_amd64"],
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
    ),
}  # fmt: skip
CARRIED = ("notebooks", "data", "docs", "README.md", "LICENSE", "CHANGELOG.md", "requirements.lock")
INSTALL_SH = """\
#!/bin/sh
# Installs the appraisal into .venv beside this file, from the wheels beside it; nothing is asked of any network.
set -eu
cd "$(dirname "$0")"
PYTHON="${{PYTHON:-python3}}"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}) and "these wheels are for Python {major}.{minor}; name it: PYTHON=python{major}.{minor} ./install.sh")'
"$PYTHON" -m venv .venv
.venv/bin/python -m pip install --no-index --find-links wheels --require-hashes --disable-pip-version-check --quiet -r requirements.txt
.venv/bin/appraisal doctor
"""
INSTALL_CMD = """\
@echo off\r
rem Installs the appraisal into .venv beside this file, from the wheels beside it; nothing is asked of any network.\r
cd /d "%~dp0"\r
if not defined PYTHON set PYTHON=py -{major}.{minor}\r
%PYTHON% -c "import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}) and 'these wheels are for Python {major}.{minor}; name it: set PYTHON=C:\\...\\python.exe')" || exit /b 1\r
%PYTHON% -m venv .venv || exit /b 1\r
.venv\\Scripts\\python -m pip install --no-index --find-links wheels --require-hashes --disable-pip-version-check --quiet -r requirements.txt || exit /b 1\r
.venv\\Scripts\\appraisal doctor\r
"""


def pins(lock: str, project: dict, extras: tuple[str, ...], environment: dict[str, str]) -> dict[str, str]:
    """Package → version, of what the project with these extras needs on a system."""
    texts = [*project["dependencies"], *(text for extra in extras for text in project["optional-dependencies"][extra])]
    wanted = {canonicalize_name(Requirement(text).name) for text in texts}
    lines = [found for line in lock.splitlines() if (found := LINE.match(line))]
    here = [found for found in lines if not found["marker"] or Marker(found["marker"]).evaluate(environment)]
    grown = -1
    while grown != len(wanted):
        grown = len(wanted)
        for found in here:
            if any(canonicalize_name(other.split(" ")[0]) in wanted for other in found["via"].split(", ")):
                wanted.add(canonicalize_name(found["name"]))
    return {found["name"]: found["version"] for found in here if canonicalize_name(found["name"]) in wanted}


def requirements(wheels: Path) -> str:
    """Every wheel with its digest, as pip asks for them."""
    lines = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return "\n".join(lines) + "\n"


def unfit(wheels: Path, system: str, environment: dict[str, str]) -> list[str]:
    """Wheels that are not for the system, and what a wheel asks for that is not among them."""
    own = {"any", *SYSTEMS[system][0]}
    there, found = {}, []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version, _build, tags = parse_wheel_filename(wheel.name)
        there[name] = version
        found += (
            []
            if {part for tag in tags for part in tag.platform.split(".")} & own
            else [f"{wheel.name}: not for {system}"]
        )
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            (metadata,) = (
                name for name in packed.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
            )
            told = email.message_from_bytes(packed.read(metadata))
        for asked in map(Requirement, told.get_all("Requires-Dist") or []):
            if asked.marker and not asked.marker.evaluate(environment):
                continue
            version = there.get(canonicalize_name(asked.name))
            if version is None or not asked.specifier.contains(version, prereleases=True):
                found.append(f"{wheel.name}: needs {asked}")
    return found


def environment_of(system: str, python: str) -> dict[str, str]:
    """How markers see a system with a Python."""
    return SYSTEMS[system][1] | {"python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}  # fmt: skip


def bundle(system: str, python: str, out: Path) -> Path:
    """Make the zip of one system."""
    tags, environment = SYSTEMS[system][0], environment_of(system, python)
    place = out / f"appraisal-{system}-py{python}"
    shutil.rmtree(place, ignore_errors=True)
    (place / "wheels").mkdir(parents=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = pins((ROOT / "requirements.lock").read_text("utf-8"), project, ("lab",), environment)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version", python, "--dest", place / "wheels",
         *(word for tag in tags for word in ("--platform", tag)), *(f"{name}=={version}" for name, version in wanted.items())],
        check=True,
    )  # fmt: skip
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", place / "wheels", ROOT], check=True)
    if found := unfit(place / "wheels", system, environment):
        sys.exit("\n".join(found))
    major, minor = python.split(".")
    (place / "install.sh").write_text(INSTALL_SH.format(major=major, minor=minor), encoding="utf-8", newline="")
    (place / "install.sh").chmod(0o755)
    (place / "install.cmd").write_text(INSTALL_CMD.format(major=major, minor=minor), encoding="utf-8", newline="")
    (place / ("install.cmd" if system == "linux" else "install.sh")).unlink()
    (place / "requirements.txt").write_text(requirements(place / "wheels"), encoding="utf-8")
    for name in CARRIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        ignore = {"ignore": shutil.ignore_patterns(".*", "marked")} if source.is_dir() else {}
        copy(source, place / name, **ignore)
    return zipped(place)


def zipped(place: Path) -> Path:
    """Pack a folder, its scripts with the right to be run."""
    target = place.with_name(f"{place.name}.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(place.rglob("*")):
            if path.is_file():
                packed.write(path, f"{place.name}/{path.relative_to(place).as_posix()}")
    return target


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("system", choices=SYSTEMS)
    asked.add_argument("--python", default="{}.{}".format(*sys.version_info))
    asked.add_argument("--out", type=Path, default=ROOT / "dist")
    given = asked.parse_args()
    print(bundle(given.system, given.python, given.out))
