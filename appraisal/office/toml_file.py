"""The office's own records in a year folder, as TOML that a person can read: a list of entries, appended to."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from appraisal.errors import FolderError, Problem
from appraisal.office.swap import write_whole

Entry = TypeVar("Entry")
BARE = re.compile(r"[A-Za-z0-9_-]+")


def write(path: Path, name: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write entries as an array of tables `name`, whole or not at all; a mapping in an entry becomes its own table."""
    lines = [f"# {path.name}: written by `appraisal`; each entry stays, the last one is valid.", ""]
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
            yield f"{key if BARE.fullmatch(key) else _text(key)} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    # A JSON string is a TOML one, the delete character aside.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
