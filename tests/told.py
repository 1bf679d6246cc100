"""The pages of a year in one language, from the notebook's own cells, run here: no kernel, few draws."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from appraisal.reporting.imprint import EDITIONS, Imprint
from appraisal.reporting.page import export_html
from appraisal.words import catalogue

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "annual_report.ipynb"
FEW = {"draws": 60, "driver_draws": 16}
# What judges people or promises certainty; the leadership edition never says it.
NEVER = {
    "zh-Hant": "異常|可疑|錯誤|不公|概率|機率|準確率",
    "zh-Hans": "异常|可疑|错误|不公|概率|机率|准确率",
    "en": "abnormal|anomal|suspicious|suspect|unfair|unjust|probabilit|accuracy|wrong|mistake",
}


def pages(folder: Path, lang: str) -> dict[str, str]:
    """Edition to its page, of the year in `folder`, in the words of `lang`; ``""`` is the year's own language."""
    names: dict[str, object] = {}
    cells = []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        *before, last = ast.parse(cell.source).body
        asks = isinstance(last, ast.Expr)
        exec(compile(ast.Module(before if asks else [*before, last], []), "cell", "exec"), names)
        if "parameters" in tags:
            names |= {**FEW, "year": int(folder.name), "data": str(folder.parent), "lang": lang}
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if asks else None
        if shown is not None:
            output = new_output("display_data", data={"text/html": shown.html})
            cells.append(new_code_cell("", metadata={"tags": tags}, outputs=[output]))
    rules = names["appraised"].rules
    says = Imprint(rules.year, "draft", "K7M29RTX", synthetic=rules.data == "synthetic")
    return {
        edition.name: export_html(
            new_notebook(cells=cells),
            title=rules.title,
            subtitle=catalogue(rules.lang).say("report.subtitle"),
            lang=rules.lang,
            marks=says.marks(edition, rules.lang),
            leave_out=[edition.leave_out],
        )
        for edition in EDITIONS
    }
