"""Results as files for further use: the scorecard as csv or xlsx."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
from openpyxl.cell import Cell

from appraisal.errors import FolderError, Problem
from appraisal.reporting.imprint import Imprint
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue

SUFFIXES = (".csv", ".xlsx")


def results_table(appraised: Appraisal) -> pd.DataFrame:
    """Give the scorecard as a sheet to hand on: by group and rank, with a column `data` that says if it is synthetic.

    Returns
    -------
    DataFrame
        `department` first, then the columns of the scorecard, then `data`.
    """
    rules = appraised.rules
    group = pd.Categorical(appraised.scorecard["group"], categories=list(rules.groups), ordered=True)
    ordered = (
        appraised.scorecard.assign(order=group).sort_values(["order", "rank"], kind="stable").drop(columns="order")
    )
    synthetic = catalogue(rules.lang).say("charts.synthetic")
    return ordered.assign(data=synthetic if rules.data == "synthetic" else rules.data).reset_index()


def write_documents(appraised: Appraisal, imprint: Imprint, folder: Path) -> None:
    """Write all files of a published set beside its pages; the same appraisal gives the same bytes.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
        Year, state and version, which each file says of itself.
    folder : Path
        Of the set; it is put in place as a whole.
    """
    _write(appraised, folder / "results.csv", ".csv")


def write_results(appraised: Appraisal, path: Path) -> None:
    """Write the scorecard.

    Parameters
    ----------
    appraised : Appraisal
    path : Path
        Ends in one of `SUFFIXES`. A csv is UTF-8 with a byte-order mark, which Chinese spreadsheet programs need.
    """
    unfinished = path.with_name(f".{path.name}")
    try:
        _write(appraised, unfinished, path.suffix)
        os.replace(unfinished, path)
    except OSError as fault:
        raise FolderError([Problem("folder.file_not_written", str(path), values={"fault": fault.strerror})]) from fault


def _write(appraised: Appraisal, path: Path, suffix: str) -> None:
    table = results_table(appraised)
    if suffix == ".csv":
        digits = appraised.rules.rounding.digits
        table.to_csv(path, index=False, encoding="utf-8-sig", float_format=f"%.{digits}f", lineterminator="\n")
        return
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        table.to_excel(writer, sheet_name="scorecard", index=False, freeze_panes=(1, 2))
        for row in writer.sheets["scorecard"].iter_rows():
            for cell in row:
                _as_text(cell)


def _as_text(cell: Cell) -> None:
    # A name that begins with = would be run as a formula.
    if isinstance(cell.value, str):
        cell.data_type = "s"
