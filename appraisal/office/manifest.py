"""``manifest.json``: what a published set was made from, by what, and what it consists of."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import appraisal
from appraisal.errors import FolderError, Problem
from appraisal.office.fingerprint import digests, file_digest
from appraisal.office.snapshot import Snapshot

FILE = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a published set says of its making.

    Parameters
    ----------
    year : int
    state : str
        ``draft`` or ``confirmed``.
    version : str
        Its eight characters.
    published : str
        When, by the machine's clock: ISO 8601, UTC.
    result : str
        Digest of the values of the result.
    inputs, office, outputs : dict of str to str
        Digest of each file by name: of rulebook and tables; of seal, confirmation and the earlier year
        that the report is compared with; of what was published.
    code : str
        Digest of package and notebook.
    package : str
        Version of the package.
    git : dict or None
        ``commit`` and whether ``clean``; None where the package stands in no repository of its own.
    python : str
    libraries : dict of str to str
        Version of every installed distribution.
    seed : int
    parameters : dict
        What the notebook was told beside year and place.
    command : str
        By which a user makes it again, wherever it was made; blank where no command made it.
    languages : list of str
        In which the pages are told beside the year's own.
    """

    year: int
    state: str
    version: str
    published: str
    result: str
    inputs: dict[str, str]
    office: dict[str, str]
    outputs: dict[str, str]
    code: str
    package: str
    git: dict[str, Any] | None
    python: str
    libraries: dict[str, str]
    seed: int
    parameters: dict[str, Any]
    command: str
    languages: list[str] = field(default_factory=list)


def make_manifest(snapshot: Snapshot, state: str, files: Path, published: str, command: str) -> Manifest:
    """Describe a set that stands in the folder `files`."""
    return Manifest(
        year=snapshot.appraised.rules.year,
        state=state,
        version=snapshot.version,
        published=published,
        result=snapshot.result,
        inputs=dict(snapshot.inputs),
        office=dict(snapshot.office),
        outputs=digests(sorted(path for path in files.iterdir() if path.is_file())),
        code=snapshot.code,
        package=appraisal.__version__,
        git=git_state(Path(appraisal.__file__).parent),
        python=platform.python_version(),
        libraries=libraries(),
        seed=snapshot.appraised.rules.seed,
        parameters=dict(snapshot.parameters),
        command=command,
        languages=list(snapshot.languages),
    )


def write_manifest(manifest: Manifest, files: Path) -> None:
    """Write the manifest into the folder of its set."""
    written = json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n"
    (files / FILE).write_text(written, encoding="utf-8", newline="\n")


def read_manifest(place: Path) -> Manifest | None:
    """Read the manifest of a published set; None where there is none.

    Raises
    ------
    FolderError
        If it cannot be read.
    """
    path = place / FILE
    if not path.is_file():
        return None
    try:
        return Manifest(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise FolderError([Problem("office.manifest", str(path), values={"fault": fault})]) from fault


def changed_outputs(place: Path, outputs: Mapping[str, str]) -> list[str]:
    """Names of the files of a published set that are gone, or not what was published."""
    return [name for name, digest in outputs.items() if not _is_still(place / name, digest)]


def _is_still(path: Path, digest: str) -> bool:
    return path.is_file() and file_digest(path) == digest


def is_current(
    manifest: Manifest,
    place: Path,
    *,
    inputs: Mapping[str, str],
    office: Mapping[str, str],
    version: str,
    confirmed: bool,
) -> bool:
    """Whether a published set is what a run would publish now.

    A confirmed year is current as long as its inputs are: an upgrade of the package never makes it stale.

    Parameters
    ----------
    manifest : Manifest
    place : Path
        Folder of the set.
    inputs, office : mapping of str to str
        Digests of the year folder as it is; see `Manifest`.
    version : str
        That a set would have now.
    confirmed : bool
        Whether a confirmation is in force.
    """
    same = manifest.inputs == inputs if confirmed and manifest.state == "confirmed" else manifest.version == version
    return same and manifest.office == office and not changed_outputs(place, manifest.outputs)


@cache
def libraries() -> dict[str, str]:
    """Version of every installed distribution beside this package, by name."""
    # The metadata of a distribution are read anew each time that they are asked for.
    found = {told["Name"]: told["Version"] for told in (found.metadata for found in distributions())}
    return {name: found[name] for name in sorted(found, key=str.lower) if name != "appraisal"}


def git_state(package: Path) -> dict[str, Any] | None:
    """Commit that the package's source is at, and whether nothing in it was changed; None without git."""
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*words: str) -> str | None:
        said = subprocess.run([git, "-C", str(package), *words], capture_output=True, text=True, check=False)
        return said.stdout.strip() if said.returncode == 0 else None

    # A package installed below some other repository is none of its files.
    commit = ask("rev-parse", "HEAD") if ask("ls-files", "--error-unmatch", "__init__.py") else None
    status = ask("status", "--porcelain") if commit else None
    return None if status is None else {"commit": commit, "clean": not status}
