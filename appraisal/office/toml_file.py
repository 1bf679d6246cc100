"""The office's own records in a year folder, as TOML that a person can read: a list of entries, appended to."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from appraisal.errors import FolderError, Problem
from appraisal.files import write_whole
from appraisal.folders import written_language
from appraisal.words import catalogue

Entry = TypeVar("Entry")
BARE = re.compile(r"[A-Za-z0-9_-]+")


def write(path: Path, name: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write entries as an array of tables `name`, whole or not at all; a mapping in an entry becomes its own table."""
    lines = [f"# {catalogue(written_language(path.parent)).say('office.record', file=path.name)}", ""]
    for entry in entries:
        lines += [f"[[{name}]]", *_pairs(entry)]
        for key, table in entry.items():
            if isinstance(table, Mapping):
                lines += [f"[{name}.{key}]", *_pairs(table)]
        lines.append("")
    write_whole(path, "\n".join(lines).encode())


def read(path: Path, name: str, kind: type[Entry]) -> Iterator[Entry]:
    """Read the entries of such a file; none if there is no file.

    Raises
    ------
    FolderError
        If it cannot be read as what was written.
    """
    if not path.is_file():
        return
    try:
        for entry in tomllib.loads(path.read_text("utf-8-sig"))[name]:
            yield kind(**entry)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise FolderError([Problem("office.record", path.name, values={"fault": fault})]) from fault


def _pairs(entry: Mapping[str, Any]) -> Iterator[str]:
    for key, value in entry.items():
        if not isinstance(value, Mapping):
            yield f"{toml_key(key)} = {toml_value(value)}"


def toml_key(*path: str) -> str:
    """Give a key, or the parts of a dotted one, as TOML writes it.

    Examples
    --------
    >>> print(toml_key("labels", "items", "key works"))
    labels.items."key works"
    """
    return ".".join(part if BARE.fullmatch(part) else _text(part) for part in path)


def toml_value(value: Any) -> str:
    """Give a value as TOML writes it; numbers without an exponent, what is no number or list as text.

    Examples
    --------
    >>> print(toml_value((Decimal("0.10"), True, "a")))
    [0.10, true, "a"]
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    # A JSON string is a TOML one, the delete character aside.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
