"""The result as workbooks: scorecard, lines and rules to filter, and the ranks computed again by formulas."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from appraisal.analysis.flags import Flags
from appraisal.analysis.margins import CONTEST, cutoff_lines
from appraisal.analysis.resampling import Resamples, tier_share
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.narrative import in_order
from appraisal.reporting.packed import packed_anew
from appraisal.reporting.recomputed import add_recomputed
from appraisal.reporting.record import rules_table
from appraisal.reporting.sheet_cells import head, number_format, put, widen
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue


def results_workbook(appraised: Appraisal, imprint: Imprint) -> bytes:
    """Give the result as a workbook: 說明, 得分表, 界線, 規則, 複算; the same appraisal gives the same bytes.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
        Year, state and version, which its first sheet says.
    """
    book = Workbook()
    _about(book.worksheets[0], appraised, imprint, ("scorecard", "lines", "rules", "recomputed"))
    _result_sheets(book, appraised)
    add_recomputed(book.create_sheet(_sheet("recomputed", appraised)), appraised)
    return _saved(book)


def working_workbook(appraised: Appraisal, imprint: Imprint, resamples: Resamples, flags: Flags) -> bytes:
    """Give the workbook of the working edition: the result with shares of tiers and flags; never for leadership.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
    resamples : Resamples
    flags : Flags
        Both those of the report: what stands here is what stands there.
    """
    book = Workbook()
    _about(
        book.worksheets[0], appraised, imprint, ("scorecard", "lines", "rules", "shares", "tests", "flags"), resamples
    )
    _result_sheets(book, appraised)
    _fill(book.create_sheet(_sheet("shares", appraised)), _shares(appraised, resamples), number="0.0%")
    _fill(book.create_sheet(_sheet("tests", appraised)), _tests(appraised, flags), number="0.00")
    _fill(book.create_sheet(_sheet("flags", appraised)), _flags(appraised, flags), number="0.0000")
    return _saved(book)


def _shares(appraised: Appraisal, resamples: Resamples) -> pd.DataFrame:
    words, shares = catalogue(appraised.rules.lang), tier_share(appraised, resamples)
    order = [code for code in in_order(appraised).index if code in shares.index]
    return pd.DataFrame(
        {
            words.say("results.heads.department"): order,
            words.say("results.heads.name"): appraised.scorecard.loc[order, "name"].tolist(),
            **{words.say(f"report.tiers.{tier}"): shares.loc[order, tier].tolist() for tier in TIERS},
            words.say("results.shares.own"): shares.loc[order, "tier_share"].tolist(),
        }
    )


def _tests(appraised: Appraisal, flags: Flags) -> pd.DataFrame:
    """How hard was looked: each test with its comparisons, what chance alone would flag, and what was found."""
    words, counts = catalogue(appraised.rules.lang), ["comparisons", "by_chance", "found", "tiers"]
    table = flags.families[counts].rename(columns={name: words.say(f"results.flags.{name}") for name in counts})
    table.insert(0, words.say("results.flags.family"), [_test(name, words) for name in table.index])
    return table.reset_index(drop=True)


def _flags(appraised: Appraisal, flags: Flags) -> pd.DataFrame:
    """What was found: about whom, and how many tiers hang on it; no juror, no form, no figure of a single ballot."""
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    found, names = flags.flags, appraised.scorecard["name"]
    columns = {
        "family": [_test(family, words) for family in found["family"]],
        "group": [rules.label("groups", group) if group in rules.groups else "" for group in found["group"]],
        "department": [names.get(department, "") for department in found["department"]],
        "item": [rules.label("items", item) if item in rules.labels.items else "" for item in found["item"]],
        "q": found["q"].astype(float).tolist(),
        "tiers": [len(moves) if isinstance(moves, tuple) else 0 for moves in found["moved"]],
    }
    return pd.DataFrame({words.say(f"results.flags.{name}"): values for name, values in columns.items()})


def _test(family: str, words: Words) -> str:
    return words.say(f"anomalies.tests.{family}.title")


def scorecard_workbook(table: pd.DataFrame) -> bytes:
    """Give one table, as it stands, as a workbook of one sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "scorecard"
    _fill(sheet, table, number="General")
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    # A program that opens the file computes at once; a stored value that nobody computed would be a claim.
    book.calculation.fullCalcOnLoad = True
    saved = io.BytesIO()
    book.save(saved)
    return packed_anew(saved.getvalue())


def _sheet(name: str, appraised: Appraisal) -> str:
    return catalogue(appraised.rules.lang).say(f"results.sheets.{name}")


def _about(
    sheet: Worksheet, appraised: Appraisal, imprint: Imprint, sheets: Sequence[str], working: Resamples | None = None
) -> None:
    words = catalogue(appraised.rules.lang)
    made_with = {"draws": working.draws, "seed": working.seed} if working else {}
    sheet.title = _sheet("about", appraised)
    say = words.say
    rows = [
        (say("results.about.title", title=appraised.rules.title), ""),
        (say("results.about.year"), str(imprint.year)),
        (say("results.about.state"), say(f"office.marks.{imprint.state}")),
        (say("results.about.version"), imprint.version),
        (say("results.about.data"), say(f"report.provenance.{appraised.rules.data}")),
        *([(say("results.about.edition"), say("results.about.working"))] if working else []),
        *((say(f"results.sheets.{name}"), say(f"results.about.{name}", **made_with)) for name in sheets),
    ]
    for row, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            put(sheet, row, column, text)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 72


def _result_sheets(book: Workbook, appraised: Appraisal) -> None:
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    number = number_format(rules.rounding.digits)
    scores = in_order(appraised).reset_index()
    scores["group"] = [rules.label("groups", group) for group in scores["group"]]
    for tier in ("rule_tier", "tier"):
        scores[tier] = [words.say(f"charts.tiers.{'none' if pd.isna(code) else code}") for code in scores[tier]]
    for name, table in (("scorecard", scores), ("lines", _lines(appraised))):
        _fill(book.create_sheet(_sheet(name, appraised)), table.rename(columns=_heads(table, appraised)), number=number)
    _fill(book.create_sheet(_sheet("rules", appraised)), rules_table(rules), number=number)


def _lines(appraised: Appraisal) -> pd.DataFrame:
    """The lines in words: the windows of each group, and the contest of the next places."""
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    lines, names = cutoff_lines(appraised), appraised.scorecard["name"]
    contest = lines["tier"] == CONTEST
    return pd.DataFrame(
        {
            "group": [
                words.say("report.groups.contest") if between else rules.label("groups", group)
                for group, between in zip(lines["group"], contest, strict=True)
            ],
            "line": [
                "" if between else words.say(f"report.tiers.{tier}")
                for tier, between in zip(lines["tier"], contest, strict=True)
            ],
            **{side: lines[side].tolist() for side in ("above", "below")},
            **{side: lines[side].map(names).tolist() for side in ("upper", "lower")},
            "gap": lines["gap"].tolist(),
        }
    )


def _heads(table: pd.DataFrame, appraised: Appraisal) -> dict[str, str]:
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    return {
        column: words.say(f"results.heads.{column}")
        if words.has(f"results.heads.{column}")
        else rules.label("components", column)
        for column in table.columns
    }


def _fill(sheet: Worksheet, table: pd.DataFrame, *, number: str) -> None:
    """Write a table with its heads frozen, a filter on each, and columns wide enough to read."""
    rows = [list(table.columns), *table.itertuples(index=False, name=None)]
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            put(sheet, row, column, value, number)
    head(sheet, 1, len(table.columns), len(rows))
    for column in range(1, len(table.columns) + 1):
        widen(sheet, column, (row[column - 1] for row in rows))
