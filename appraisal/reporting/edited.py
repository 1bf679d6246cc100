"""Read a Word file as people have edited it: the text that would be printed once its tracked changes are accepted."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from appraisal.errors import FolderError, Problem
from appraisal.reporting.packed import writable

# Taken out by whoever accepts the changes, or never printed as text.
DELETED = {qn(f"w:{name}") for name in ("del", "moveFrom", "delText", "instrText", "delInstrText")}
REVISED = {qn(f"w:{name}") for name in ("del", "ins", "moveFrom", "moveTo")}
# Word writes a text box twice, the second time for old programs.
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PARAGRAPH, RUN, TEXT, ROW = qn("w:p"), qn("w:r"), qn("w:t"), qn("w:tr")
BREAKS = {qn("w:br"), qn("w:cr"), qn("w:tab")}
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


@dataclass(frozen=True)
class Edited:
    """A Word file, read.

    Parameters
    ----------
    lines : tuple of str
        Its paragraphs, those of tables and text boxes where they stand, as `plain` gives them; none empty.
    revisions, hidden, comments : int
        Tracked changes not yet accepted, runs that are not printed, comments.
    """

    lines: tuple[str, ...]
    revisions: int
    hidden: int
    comments: int


def plain(text: str) -> str:
    """Give a text as names are compared: without spaces and marks nobody sees, full-width signs half-width.

    Examples
    --------
    >>> plain("共１０個，　市委 辦公室：")
    '共10個,市委辦公室:'
    """
    return "".join(unicodedata.normalize("NFKC", writable(text).translate(INVISIBLE)).split())


def read_edited(path: Path) -> Edited:
    """Read a Word file.

    Raises
    ------
    FolderError
        If it is no docx.
    """
    try:
        document = Document(str(path))
    except (PackageNotFoundError, OSError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as fault:
        raise FolderError([Problem("documents.no_docx", str(path), values={"fault": fault})]) from None
    body = document.element.body
    said = ("".join(_text(paragraph)) for paragraph in body.iter(PARAGRAPH) if not _left_out(paragraph))
    return Edited(
        lines=tuple(line for line in map(plain, "\n".join(_joined(body, said)).splitlines()) if line),
        revisions=sum(1 for node in body.iter() if node.tag in REVISED),
        hidden=sum(1 for run in body.iter(RUN) if _hidden(run)),
        comments=len({node.get(qn("w:id")) for node in body.iter(qn("w:commentReference"))}),
    )


def _joined(body: Any, said: Iterator[str]) -> Iterator[str]:
    """Put paragraphs together whose mark between them is deleted."""
    held = ""
    for paragraph, text in zip((p for p in body.iter(PARAGRAPH) if not _left_out(p)), said, strict=True):
        held += text
        mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}")
        if mark is None:
            yield held
            held = ""
    yield held


def _text(paragraph: Any) -> Iterator[str]:
    """The text of a paragraph, its text boxes aside, which are paragraphs of their own."""
    for node in paragraph.iter(TEXT, qn("w:sym"), qn("w:noBreakHyphen"), *BREAKS):
        if _left_out(node, paragraph) or next(node.iterancestors(PARAGRAPH)) is not paragraph:
            continue
        if node.tag in BREAKS:
            # A page or column break may fall inside a name; the end of a line set by hand as well.
            yield ""
        elif node.tag == TEXT:
            yield node.text or ""
        else:
            yield "-"


def _left_out(node: Any, until: Any = None) -> bool:
    for above in node.iterancestors():
        if above is until:
            return False
        if above.tag in DELETED or above.tag == FALLBACK or (above.tag == RUN and _hidden(above)):
            return True
        if above.tag == ROW and above.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
            return True
    return False


def _hidden(run: Any) -> bool:
    mark = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false", "off")
