"""The blank tables as one workbook that Excel, WPS and LibreOffice keep people to: lists, limits and notes."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from appraisal.office.blank_tables import BlankTable, Field, choices
from appraisal.reading.contracts import LISTS, title
from appraisal.reporting.packed import packed_anew
from appraisal.reporting.sheet_cells import put, widen
from appraisal.rulebook import Rulebook
from appraisal.words import catalogue

# Rows that are held to lists and limits, more than a city's forms have answers; a table with more is read all the same.
LAST = 100_000
LISTED = ("group", "item", "common_item", "band", "source", "rating", "yes_no", "kind", "result", "decision")
# Kinds whose cells are text also where they look like numbers: 007 keeps its zeros.
AS_TEXT = ("token", "new_code", "department", "incident")
NOTE = {"width": 320, "height": 110}


def blank_workbook(tables: Sequence[BlankTable], rules: Rulebook) -> bytes:
    """Give the workbook; the same tables and rules give the same bytes.

    Parameters
    ----------
    tables : sequence of BlankTable
    rules : Rulebook
        Whose labels and full marks are the lists and limits.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = {table.contract.name: book.create_sheet(title(table.contract, rules.lang)) for table in tables}
    lists = _lists(book.create_sheet(title(LISTS, rules.lang)), rules)
    codes = f"'{sheets['departments'].title}'!$A$2:$A$1000"
    for table in tables:
        sheet = sheets[table.contract.name]
        for number, row in enumerate([tuple(field.head for field in table.fields), *table.rows], start=1):
            for column, text in enumerate(row, start=1):
                put(sheet, number, column, text)
        for column, field in enumerate(table.fields, start=1):
            _held(sheet, column, field, table, rules, lists | {"department": codes})
        sheet.freeze_panes = "A2"
    packed = io.BytesIO()
    book.save(packed)
    return packed_anew(packed.getvalue())


def _lists(sheet: Worksheet, rules: Rulebook) -> dict[str, str]:
    """Fill the sheet of words in, and give the range of each kind; beside the items stand their full marks."""
    sheet.sheet_state = "hidden"
    ranges, column = {}, 1
    for kind in LISTED:
        words = choices(kind, rules)
        sheet.cell(1, column, kind)
        for row, word in enumerate(words, start=2):
            put(sheet, row, column, word)
        letter = get_column_letter(column)
        ranges[kind] = f"'{sheet.title}'!${letter}$2:${letter}${len(words) + 1}"
        if kind == "item":
            column += 1
            for row, marks in enumerate(rules.item_marks.values(), start=2):
                put(sheet, row, column, float(marks))
            ranges["marks"] = f"'{sheet.title}'!${letter}$2:${get_column_letter(column)}${len(words) + 1}"
        column += 1
    return ranges


def _held(
    sheet: Worksheet, column: int, field: Field, table: BlankTable, rules: Rulebook, lists: dict[str, str]
) -> None:
    """Give a column its note, its width and what its cells are held to."""
    kind, letter, words = field.column.kind, get_column_letter(column), catalogue(rules.lang)
    head = sheet.cell(1, column)
    head.font = Font(bold=True)
    widen(sheet, column, [field.head, *(row[column - 1] for row in table.rows)])
    if kind in AS_TEXT:
        sheet.column_dimensions[letter].number_format = "@"
    if kind == "date":
        sheet.column_dimensions[letter].number_format = "yyyy-mm-dd"
    most = float(rules.item_marks[field.item]) if field.item else float(max(rules.item_marks.values()))
    own = f"{table.contract.name}.{field.column.name}"
    key = f"notes_of.{own}" if words.has(f"template.notes_of.{own}") else f"notes.{kind}"
    note = words.say(f"template.{key}", most=f"{most:g}", rounds=rules.inspections.rounds, year=rules.year)
    head.comment = Comment(note, "appraisal", **NOTE)
    if (rule := _rule(field, table, most, rules, lists)) is not None:
        rule.allow_blank, rule.showErrorMessage, rule.showInputMessage, rule.errorStyle = True, True, True, "stop"
        rule.error = rule.prompt = note[:255]
        rule.errorTitle = rule.promptTitle = field.head[:32]
        rule.add(f"{letter}2:{letter}{LAST}")
        sheet.add_data_validation(rule)


def _rule(
    field: Field, table: BlankTable, most: float, rules: Rulebook, lists: dict[str, str]
) -> DataValidation | None:
    kind = field.column.kind
    if kind in lists:
        return DataValidation("list", formula1=lists[kind])
    match kind:
        case "score":
            limit = f"{most:g}"
            if not field.item:
                item = next(number for number, other in enumerate(table.fields, start=1) if other.column.kind == "item")
                limit = f"IFERROR(VLOOKUP(${get_column_letter(item)}2,{lists['marks']},2,FALSE),{limit})"
            return DataValidation("decimal", operator="between", formula1="0", formula2=limit)
        case "percent_points":
            return DataValidation("decimal", operator="between", formula1="0", formula2="100")
        case "points":
            return DataValidation("decimal", operator="greaterThan", formula1="0")
        case "round":
            return DataValidation("whole", operator="between", formula1="1", formula2=str(rules.inspections.rounds))
        case "date":
            first, last = f"DATE({rules.year},1,1)", f"DATE({rules.year + 2},12,31)"
            return DataValidation("date", operator="between", formula1=first, formula2=last)
        case _:
            return None
