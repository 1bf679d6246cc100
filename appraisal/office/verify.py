"""Is a published set still what it says it is: its inputs, its result, its files, each asked apart."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import appraisal
from appraisal.errors import Problem, RunError
from appraisal.folders import written_language
from appraisal.office.fingerprint import code_digest, values_digest
from appraisal.office.first_page import imprint, listed
from appraisal.office.manifest import Manifest, changed_outputs, libraries, read_manifest
from appraisal.office.publish import make_set
from appraisal.office.snapshot import (
    Snapshot,
    differing,
    input_digests,
    notebook,
    office_digests,
    result_values,
    take,
)
from appraisal.office.versions import find, unpacked
from appraisal.reporting.scratch import scratch_folder
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import catalogue


@dataclass(frozen=True)
class Verification:
    """What was found.

    Parameters
    ----------
    manifest : Manifest
    lang : str
        Language of the year.
    inputs : tuple of str
        Files of the year folder that are not those of the manifest.
    result : bool
        Whether the installed package gives the same values for the inputs of the manifest.
    files : tuple of str
        Published files that are gone or were changed since.
    not_comparable : tuple of str
        Why the set cannot be made again to the byte: what is not as the manifest says.
    differ : tuple of str
        Files that come out otherwise when made again under the versions of the manifest.
    """

    manifest: Manifest
    lang: str
    inputs: tuple[str, ...]
    result: bool
    files: tuple[str, ...]
    not_comparable: tuple[str, ...]
    differ: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether everything that could be asked is as it should be."""
        return self.result and not (self.inputs or self.files or self.differ)


def verify(folder: Path, reports: Path) -> Verification:
    """Hold a published set to its manifest.

    Parameters
    ----------
    folder : Path
        The year folder.
    reports : Path

    Raises
    ------
    AppraisalError
        If nothing was published, or the inputs changed and those of the manifest are not under seal.
    """
    place = reports / folder.name
    manifest = read_manifest(place)
    if manifest is None:
        raise RunError([Problem("office.never_published", folder.name, values={"year": folder.name})])
    changed = differing(manifest.inputs, input_digests(folder))
    lang = written_language(folder)
    not_comparable = tuple(_other_than(manifest, folder, lang, changed=bool(changed)))
    snapshot = None if changed else take(folder, manifest.parameters, manifest.languages)
    result = snapshot.result if snapshot else _result_of(folder, manifest)
    differ = _made_again(snapshot, manifest) if snapshot and not not_comparable else []
    return Verification(
        manifest=manifest,
        lang=lang,
        inputs=tuple(changed),
        result=result == manifest.result,
        files=tuple(changed_outputs(place, manifest.outputs)),
        not_comparable=not_comparable,
        differ=tuple(differ),
    )


def verified_text(found: Verification) -> Iterator[str]:
    """Say what was found, a line for each question."""
    words = catalogue(found.lang)
    yield words.say(f"office.verify.inputs_{'changed' if found.inputs else 'same'}", files=listed(found.inputs, words))
    yield words.say(f"office.verify.result_{'same' if found.result else 'other'}", package=appraisal.__version__)
    yield words.say(f"office.verify.published_{'changed' if found.files else 'same'}", files=listed(found.files, words))
    if found.not_comparable:
        yield words.say("office.verify.files_not_comparable", reasons=listed(found.not_comparable, words))
    else:
        yield words.say(
            f"office.verify.files_{'differ' if found.differ else 'same'}", files=listed(found.differ, words)
        )


def _other_than(manifest: Manifest, folder: Path, lang: str, *, changed: bool) -> Iterator[str]:
    """What is not as the manifest says: under it alone the same bytes can be expected."""
    if changed:
        yield catalogue(lang).say("office.verify.other_inputs")
    if manifest.office != office_digests(folder):
        yield catalogue(lang).say("office.verify.other_office")
    if (manifest.package, manifest.code) != (appraisal.__version__, code_digest(notebook())):
        yield f"appraisal {manifest.package} → {appraisal.__version__}"
    if manifest.python != platform.python_version():
        yield f"Python {manifest.python} → {platform.python_version()}"
    installed = libraries()
    for name in differing(manifest.libraries, installed):
        yield f"{name} {manifest.libraries.get(name, '–')} → {installed.get(name, '–')}"


def _result_of(folder: Path, manifest: Manifest) -> str:
    """Digest of what the installed package makes of the sealed inputs."""
    with unpacked(folder, find(folder, manifest.version)) as sealed:
        return values_digest(result_values(appraise(load_year(sealed))))


def _made_again(snapshot: Snapshot, manifest: Manifest) -> list[str]:
    """Names of the files that come out otherwise."""
    with scratch_folder() as place:
        files = place / "set"
        files.mkdir()
        make_set(snapshot, imprint(snapshot), files, failed=place)
        return changed_outputs(files, manifest.outputs)
