"""The sheet to sign (核對單): what holding a notice against the result found, on one page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from appraisal.reporting import layout
from appraisal.reporting.edited import read_edited
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.notice_check import ITEMS, Finding, check_notice, notes
from appraisal.reporting.one_page import one_page
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

# Findings that one page holds; after mending them the notice is checked again anyway.
MOST = 14
SUFFIXES = (".html", ".txt")


@dataclass(frozen=True)
class Checklist:
    """What the sheet says.

    Parameters
    ----------
    file, digest : str
        Name of the notice, and the first digits of its SHA-256: which copy was checked.
    imprint : Imprint
        Of the result it was held against.
    findings : tuple of Finding
    notes : tuple of str
    lang : str
    """

    file: str
    digest: str
    imprint: Imprint
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    lang: str

    @property
    def words(self) -> Words:
        """The catalogue."""
        return catalogue(self.lang)

    def say(self, key: str, **values: object) -> str:
        """Give a phrase of the sheet."""
        return self.words.say(f"notice.check.{key}", **values)

    @property
    def outcome(self) -> str:
        """The answer in one sentence."""
        return self.say("differs", count=len(self.findings)) if self.findings else self.say("agrees")

    @property
    def items(self) -> list[tuple[str, str]]:
        """Each thing checked, and whether it agrees."""
        failed = {finding.item for finding in self.findings}
        return [(self.say(f"items.{item}"), self.say("failed" if item in failed else "passed")) for item in ITEMS]

    @property
    def mend(self) -> list[str]:
        """What is to be mended, as far as the page holds it."""
        said = [finding.say(self.words) for finding in self.findings[:MOST]]
        rest = len(self.findings) - MOST
        return [*said, *([self.say("more", count=rest)] if rest > 0 else [])]

    @property
    def source(self) -> dict[str, str]:
        """Which file was held against which result."""
        return {
            self.say("file"): self.file,
            self.say("digest"): self.digest,
            self.say("version"): "　".join(self.imprint.own_marks(self.lang)),
        }

    @property
    def signatures(self) -> list[str]:
        """Lines to sign on."""
        return [self.say(name) for name in ("checker", "reviewer", "day")]


def notice_checklist(appraised: Appraisal, imprint: Imprint, path: Path) -> Checklist:
    """Check a notice against the result.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
        Year, state and version of the result.
    path : Path
        The notice, a docx.

    Raises
    ------
    FolderError
        If the file is no docx.
    """
    edited = read_edited(path)
    return Checklist(
        file=path.name,
        digest=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        imprint=imprint,
        findings=tuple(check_notice(appraised, edited)),
        notes=tuple(notes(appraised, edited, imprint.state)),
        lang=appraised.rules.lang,
    )


def checklist_text(sheet: Checklist) -> str:
    """Give the sheet as plain text."""
    lines = [
        sheet.say("title"),
        sheet.say("subtitle", year=sheet.imprint.year, file=sheet.file),
        *(f"{name}：{value}" for name, value in sheet.source.items()),
        "",
        sheet.outcome,
        *(f"　{outcome}　{item}" for item, outcome in sheet.items),
        "",
        f"{sheet.say('found')}：",
        *_numbered(sheet.mend or [sheet.say("nothing")]),
        "",
        f"{sheet.say('remarks')}：",
        *_numbered(sheet.notes or [sheet.say("nothing")]),
        "",
        *sheet.signatures,
    ]
    return "\n".join(lines) + "\n"


def _numbered(said: Sequence[str]) -> list[str]:
    return [f"　{number}. {sentence}" for number, sentence in enumerate(said, start=1)]


def checklist_page(sheet: Checklist) -> str:
    """Give the sheet as an HTML file that prints on one page."""
    items = pd.DataFrame(sheet.items, columns=[sheet.say("item"), sheet.say("outcome")])
    shown = layout.pieces(
        [
            layout.paragraph(sheet.outcome, kind="lead"),
            layout.details(sheet.source),
            layout.table(items, caption=sheet.say("item"), synthetic=False, lang=sheet.lang),
            layout.heading(sheet.say("found"), level=4),
            layout.points(sheet.mend or [sheet.say("nothing")], ordered=bool(sheet.mend)),
            layout.heading(sheet.say("remarks"), level=4),
            layout.points(sheet.notes or [sheet.say("nothing")]),
            layout.paragraph("　".join(sheet.signatures)),
            layout.paragraph(sheet.say("lead"), kind="note"),
        ]
    )
    return one_page(
        shown,
        title=sheet.say("title"),
        subtitle=sheet.say("subtitle", year=sheet.imprint.year, file=sheet.file),
        lang=sheet.lang,
        marks=sheet.imprint.own_marks(sheet.lang),
    )
