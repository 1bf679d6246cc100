"""Digests of what a result depends on, and the short code that stands for them on every page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import appraisal

# Sixteen characters that neither look nor, read over a telephone, sound like one another: no 0 and O, 1 and I, and of
# the letters that rhyme (B C D E G P T V Z; A H J K; F L M N S X; Q U W) one or two that do not.
ALPHABET = "23456789HKMRTWXY"
LENGTH = 8
# Where a wheel has the notebooks: inside the package.
NOTEBOOKS = "notebooks"


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files by their names."""
    return {path.name: file_digest(path) for path in files}


def values_digest(values: object) -> str:
    """SHA-256 of plain values, whatever the order of their keys.

    Examples
    --------
    >>> values_digest({"a": 1, "b": 2}) == values_digest({"b": 2, "a": 1})
    True
    """
    written = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def code_digest(notebook: Path) -> str:
    """SHA-256 of all that the package is made of, and of a notebook: the same in a checkout and from a wheel."""
    package = Path(appraisal.__file__).parent
    files = {
        path.relative_to(package).as_posix(): file_digest(path)
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and NOTEBOOKS not in path.relative_to(package).parts
    }
    return values_digest(files | {f"{NOTEBOOKS}/{notebook.name}": file_digest(notebook)})


def short_code(digest: str) -> str:
    """Make a digest eight characters that can be read over a telephone.

    Examples
    --------
    >>> short_code("0123456789abcdef")
    '23456789'
    """
    return "".join(ALPHABET[int(digit, 16)] for digit in digest[:LENGTH])


def version_code(inputs: Mapping[str, str], code: str, parameters: Mapping[str, object]) -> str:
    """Give the version of a result.

    Parameters
    ----------
    inputs : mapping of str to str
        Name of each file of the year folder, the rulebook among them, to its digest.
    code : str
        Digest of package and notebook.
    parameters : mapping
        What the notebook was told beside year and place.

    Returns
    -------
    str
        Eight characters.
    """
    return short_code(values_digest({"inputs": dict(inputs), "code": code, "parameters": dict(parameters)}))
