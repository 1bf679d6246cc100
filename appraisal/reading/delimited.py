"""CSV files: which encoding, which cells, which rows are torn."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from functools import cache
from pathlib import Path

import pandas as pd

from appraisal.errors import Problem
from appraisal.reading.sheets import Sheet, TextColumn, first_of_each, sheet_of

# Longer marks first: that of UTF-32 begins like that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
PUNCTUATION = "　、。·…—‘’“”〈〉《》「」『』【】〔〕〇℃％（），：；？！"
OTHER_SEPARATORS = {";": ";", "\t": "Tab", "，": "，", "|": "|"}
# pandas takes a millisecond for each column, which is much for one that has a row.
MANY_COLUMNS = 2_000
# Enough to tell one encoding from another; the whole of a province's file would only take longer.
LOOKED_AT = 200_000
# Share of everyday characters: names have rare ones, and of bytes that are something else it is about a third.
LIKE_TEXT = 0.8


def read_delimited(path: Path) -> tuple[Sheet | None, list[Problem]]:
    """Read a CSV file as text.

    Parameters
    ----------
    path : Path
        UTF-8 with or without a byte-order mark, or GB18030.

    Returns
    -------
    Sheet or None
        None if the file is not to be read at all.
    list of Problem
        What is wrong, with its row; remarks.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        return None, [Problem("file.unreadable", path.name, values={"fault": fault.strerror or fault})]
    text = _decoded(raw, path.name)
    if isinstance(text, Problem):
        return None, [text]
    raw = raw if text is None else text.encode()
    # One after another, too: pandas would take them away, and have nothing left of a file of marks alone.
    while raw.startswith(codecs.BOM_UTF8):
        raw = raw.removeprefix(codecs.BOM_UTF8)
    # Blank lines at the end would pass for torn rows, and each cell be read on its own.
    raw = raw.rstrip(b"\r\n")
    if not raw or raw.isspace():
        return None, [Problem("file.empty", path.name)]
    try:
        heads = _heads(raw)
    except csv.Error as fault:
        return None, [Problem("file.torn", path.name, 1, values={"fault": fault})]
    if not any(head.strip() for head in heads):
        return None, [Problem("file.no_heads", path.name, 1)]
    if len(heads) == 1 and (named := [name for mark, name in OTHER_SEPARATORS.items() if mark in heads[0]]):
        return None, [Problem("file.separator", path.name, 1, values={"mark": named[0]})]
    columns = _columns(raw, len(heads)) if len(heads) <= MANY_COLUMNS else None
    if columns is None:
        columns, problems = _columns_one_by_one(raw.decode(), path.name)
        if problems:
            return None, problems
    return sheet_of(path.stem, path.name, columns)


def read_rows(path: Path) -> list[list[str]] | None:
    """Give the rows of a CSV file as they stand, ragged ones too; None if its encoding is none of the two."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    text = _decoded(raw, path.name)
    if isinstance(text, Problem):
        return None
    try:
        return list(csv.reader(io.StringIO(raw.decode("utf-8-sig") if text is None else text, newline="")))
    except csv.Error:
        return None


def _decoded(raw: bytes, file: str) -> str | Problem | None:
    """The text of a file, None where its bytes are UTF-8 as they stand, or why it has none."""
    for mark, encoding in MARKS.items():
        if raw.startswith(mark):
            return Problem("file.encoding", file, values={"encoding": encoding})
    if b"\0" in raw:
        return _with_nul(raw, file)
    if raw.isascii():
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        row = raw[: fault.start].count(b"\n") + 1
        return _damaged(raw, file, row) or _chinese(raw, file, row)
    return None


def _with_nul(raw: bytes, file: str) -> Problem:
    """Every comma and line end of UTF-16 has a zero byte, and so has 一 on the other side: what it says must tell."""
    for encoding in ("utf-16-le", "utf-16-be"):
        # Bytes, an even number of them: half a character at the end is none.
        text = raw[: min(LOOKED_AT, len(raw) // 2 * 2)].decode(encoding, errors="replace")
        known = sum(_is_text(character) if character.isascii() else character in _common() for character in text)
        if known > LIKE_TEXT * len(text):
            return Problem("file.encoding", file, values={"encoding": "UTF-16"})
    return Problem("file.nul", file, raw[: raw.index(b"\0")].count(b"\n") + 1)


def _is_text(character: str) -> bool:
    return character.isprintable() or character in "\t\r\n"


def _damaged(raw: bytes, file: str, row: int) -> Problem | None:
    """Tell a UTF-8 file with a few wrong bytes from one in another encoding: GB18030 would make a text of either."""
    text = raw.decode(errors="replace")
    wrong = text.count("\ufffd")
    right = sum(ord(character) >= 0x800 for character in text[:LOOKED_AT]) - text[:LOOKED_AT].count("\ufffd")
    return Problem("file.damaged", file, row, values={"count": wrong}) if right > wrong else None


def _chinese(raw: bytes, file: str, row: int) -> str | Problem:
    """GB18030 gives almost any bytes a meaning, so what it gives must look more like Chinese than Big5 does."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        # Every character of Big5 is one of GB18030, so this is no Big5 either.
        return Problem("file.no_encoding", file, row)
    try:
        other = raw.decode("cp950")
    except UnicodeDecodeError:
        return text
    return Problem("file.encoding", file, values={"encoding": "Big5"}) if _everyday(other) > _everyday(text) else text


def _everyday(text: str) -> int:
    return sum(character in _common() for character in text[:LOOKED_AT])


@cache
def _common() -> frozenset[str]:
    """Characters of everyday Chinese in both scripts: level 1 of GB 2312 and of Big5, with their punctuation."""
    level = bytes(byte for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for byte in (high, low))
    simplified = level.decode("gb2312", errors="ignore")
    lows = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    level = bytes(byte for high in range(0xA4, 0xC7) for low in lows for byte in (high, low))
    return frozenset(simplified + level.decode("big5", errors="ignore") + PUNCTUATION)


def _heads(raw: bytes) -> list[str]:
    text = raw[:LOOKED_AT].decode(errors="ignore")
    return next(csv.reader(io.StringIO(text, newline="")))


def _columns(raw: bytes, width: int) -> list[TextColumn] | None:
    """All cells at once, or None where a row is blank or torn."""
    # pandas drops quotation marks where none may stand, and a comma inside a cell makes up for one that is lacking.
    if b'"' in raw and not _is_regular(raw, width):
        return None
    given = {"header": None, "names": range(width), "index_col": False, "na_filter": False, "skip_blank_lines": False}
    # In one piece: pieces would each have categories of their own, to be made one afterwards, the longer the more.
    given["low_memory"] = False
    try:
        with warnings.catch_warnings():
            # pandas only warns where it leaves cells of a too long row out.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(io.BytesIO(raw), dtype="category", **given)
            if not all(column.cat.categories.dtype == "str" for _, column in cells.items()):
                # pandas takes categories that all look like numbers for numbers: 007 would be 7.
                cells = pd.read_csv(io.BytesIO(raw), dtype=str, **given).astype("category")
    except (ValueError, OverflowError, pd.errors.ParserWarning):
        return None
    if b'"' not in raw and raw.count(b",") != (width - 1) * len(cells):
        return None
    columns = []
    for column in (cells[number] for number in cells):
        texts = tuple(column.cat.categories.tolist())
        head, codes = int(column.cat.codes.iloc[0]), column.cat.codes.to_numpy()[1:]
        name = texts[head]
        if not (codes == head).any():
            codes, texts = codes - (codes > head), texts[:head] + texts[head + 1 :]
        columns.append(TextColumn(name, codes, texts))
    return columns


def _is_regular(raw: bytes, width: int) -> bool:
    """Whether every row has as many cells as there are heads, and quotation marks stand around whole cells alone."""
    lines = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
    try:
        return all(len(record) == width for record in csv.reader(lines, strict=True))
    except csv.Error:
        return False


def _columns_one_by_one(text: str, file: str) -> tuple[list[TextColumn], list[Problem]]:
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        return [], [Problem("file.torn", file, len(records) + 1, values={"fault": fault})]
    width = len(records[0])
    problems = [
        Problem("file.width", file, row, values={"count": len(record), "width": width})
        for row, record in enumerate(records, start=1)
        if len(record) != width and any(cell.strip() for cell in record)
    ]
    if problems:
        return [], first_of_each(problems)
    cells = zip(*((record + [""] * width)[:width] for record in records), strict=True)
    return [TextColumn.of(column[0], column[1:]) for column in cells], []
