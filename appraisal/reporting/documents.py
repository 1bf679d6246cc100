"""The files of a year beside its pages: results for further use, the draft of the notice."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from appraisal.files import write_file
from appraisal.reporting import narrative
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.notice import notice_document
from appraisal.reporting.workbooks import results_workbook, scorecard_workbook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue

SUFFIXES = (".csv", ".xlsx")
# What a spreadsheet program takes for the beginning of a formula.
RUN = ("=", "+", "-", "@", "\t", "\r")


def results_table(appraised: Appraisal) -> pd.DataFrame:
    """Give the scorecard as a sheet to hand on: by group and rank, with a column `data` that says if it is synthetic.

    Returns
    -------
    DataFrame
        `department` first, then the columns of the scorecard, then `data`.
    """
    rules = appraised.rules
    synthetic = catalogue(rules.lang).say("charts.synthetic")
    return narrative.in_order(appraised).assign(data=synthetic if rules.synthetic else rules.data).reset_index()


def write_documents(appraised: Appraisal, imprint: Imprint, folder: Path) -> None:
    """Write the files of a published set that rest on the result alone; the same appraisal gives the same bytes.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
        Year, state and version, which each file says of itself.
    folder : Path
        Of the set; it is put in place as a whole.
    """
    said = {"year": imprint.year, "state": imprint.state, "version": imprint.version}
    files = {
        "results.csv": _csv(results_table(appraised).assign(**said), appraised),
        "results.xlsx": results_workbook(appraised, imprint),
        "notice.docx": notice_document(appraised, imprint),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


def write_results(appraised: Appraisal, path: Path) -> None:
    """Write the scorecard.

    Parameters
    ----------
    appraised : Appraisal
    path : Path
        Ends in one of `SUFFIXES`. A csv is UTF-8 with a byte-order mark, which Chinese spreadsheet programs need.
    """
    table = results_table(appraised)
    write_file(path, _csv(table, appraised) if path.suffix == ".csv" else scorecard_workbook(table))


def _csv(table: pd.DataFrame, appraised: Appraisal) -> bytes:
    digits = appraised.rules.rounding.digits
    text = table.map(lambda value: not_a_formula(value) if isinstance(value, str) else value)
    return text.to_csv(index=False, float_format=f"%.{digits}f", lineterminator="\n").encode("utf-8-sig")


def not_a_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program would run when it opens a csv.

    Examples
    --------
    >>> not_a_formula("=1+1"), not_a_formula("市教育局")
    ("'=1+1", '市教育局')
    """
    return f"'{text}" if text.startswith(RUN) else text
