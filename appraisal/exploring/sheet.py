"""The sheet of an exploration: tiers as they are and as supposed, under its mark and its choices; no score, no rank."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import Workbook

from appraisal.analysis.suppositions import Supposed
from appraisal.exploring.choices import save_outside
from appraisal.reporting.sheet_cells import put
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue


def save_sheet(appraised: Appraisal, supposed: Supposed, said: str, path: Path | str) -> Path:
    """Write the tiers of every department to a workbook.

    Parameters
    ----------
    appraised : Appraisal
    supposed : Supposed
    said : str
        What the choices change.
    path : Path or str

    Raises
    ------
    ChoicesError
        If the place is inside a year folder, or cannot be written.
    """
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = words.say("exploring.mark")
    rows = [[f"{words.say('exploring.mark')}：{said}"]]
    if rules.synthetic:
        rows.append([words.say("charts.synthetic")])
    rows.append([words.say(f"exploring.cutoffs.{name}") for name in ("name", "group", "rule_tier", "tier")])
    for row in supposed.scorecard.itertuples():
        tiers = (words.say(f"charts.tiers.{tier}") for tier in (row.rule_tier, row.tier))
        rows.append([row.name, rules.label("groups", row.group), *tiers])
    for number, texts in enumerate(rows, start=1):
        for column, text in enumerate(texts, start=1):
            put(sheet, number, column, text)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 18
    # Each sheet has its headers, which the types of openpyxl leave open.
    sheet.oddHeader.center.text = sheet["A1"].value  # type: ignore[union-attr]
    saved = io.BytesIO()
    book.save(saved)
    return save_outside(path, saved.getvalue(), rules.lang)
