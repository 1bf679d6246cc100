"""The notebooks keep to their rules: parameters, headings and calls; no results, no programming.

What needs a definition, a loop or a branch is a function of the package with a test.
"""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
MOST_LINES = 8
PROGRAMMING = (
    (ast.FunctionDef, "def"),
    (ast.AsyncFunctionDef, "async def"),
    (ast.ClassDef, "class"),
    (ast.Lambda, "lambda"),
    (ast.For, "for"),
    (ast.AsyncFor, "async for"),
    (ast.While, "while"),
    (ast.If, "if"),
    (ast.IfExp, "if … else"),
    (ast.Match, "match"),
    (ast.Try, "try"),
    (ast.comprehension, "comprehension"),
)


def is_parameters(cell) -> bool:
    return cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", [])


def is_heading(cell) -> bool:
    return cell.cell_type == "markdown" and any(line.startswith("#") for line in cell.source.splitlines())


def only_imports(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)


def faults_of_cell(cell) -> list[str]:
    """What is wrong inside one code cell."""
    said = []
    if cell.outputs:
        said.append("has outputs")
    if cell.execution_count is not None:
        said.append("has an execution count")
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if not lines:
        said.append("is empty")
    if len(lines) > MOST_LINES:
        said.append(f"has {len(lines)} lines, more than {MOST_LINES}")
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        return [*said, f"is not plain Python: {error.msg}"]
    found = {word for node in ast.walk(tree) for kind, word in PROGRAMMING if isinstance(node, kind)}
    return said + [f"holds `{word}`" for word in sorted(found)]


def faults_of_notebook(notebook) -> list[str]:
    """Every rule that a notebook breaks, one sentence each."""
    said = []
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        said.append(f"is not a valid notebook: {error.message}")
    tagged = sum(is_parameters(cell) for cell in notebook.cells)
    if tagged != 1:
        said.append(f"has {tagged} cells tagged `parameters`, not one")
    heading = False  # a heading was read since the last call
    for number, cell in enumerate(notebook.cells, start=1):
        heading = heading or is_heading(cell)
        if cell.cell_type != "code":
            continue
        said += [f"cell {number} {fault}" for fault in faults_of_cell(cell)]
        try:
            exempt = is_parameters(cell) or only_imports(ast.parse(cell.source))
        except SyntaxError:
            exempt = True  # said above
        if not exempt:
            if not heading:
                said.append(f"cell {number} has no heading of its own before it")
            heading = False
    return said


def test_the_annual_report_is_among_them():
    assert "annual_report" in [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_to_the_rules(path):
    # as_version=NO_CONVERT: a notebook of an old format is a fault, not something to mend while reading
    assert faults_of_notebook(nbformat.read(path, as_version=nbformat.NO_CONVERT)) == []


def good_cells():
    return [
        new_markdown_cell("# 年度報告"),
        new_code_cell("year = 2003", metadata={"tags": ["parameters"]}),
        new_code_cell("from appraisal.tables import load_year"),
        new_markdown_cell("## 輸入"),
        new_code_cell("folder = load_year(year);"),
    ]


def test_a_good_notebook_has_no_fault():
    assert faults_of_notebook(new_notebook(cells=good_cells())) == []


def with_cell(source="1 + 1", heading=True, **more):
    title = [new_markdown_cell("## 結果")] if heading else []
    return [*good_cells(), *title, new_code_cell(source, **more)]


# The rules above must be able to fail: notebooks with one fault each.
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (good_cells()[:1] + good_cells()[2:], "has 0 cells tagged"),
        (with_cell("year = 1", metadata={"tags": ["parameters"]}), "has 2 cells tagged"),
        (with_cell(outputs=[new_output("stream", text="2")]), "has outputs"),
        (with_cell(execution_count=3), "has an execution count"),
        (with_cell(heading=False), "has no heading"),
        (with_cell("a = 1\n" * 9), "has 9 lines"),
        (with_cell(""), "is empty"),
        (with_cell("!ls"), "is not plain Python"),
        (with_cell("def f(): pass"), "`def`"),
        (with_cell("class C: pass"), "`class`"),
        (with_cell("for a in b: print(a)"), "`for`"),
        (with_cell("while False: pass"), "`while`"),
        (with_cell("if a: print(a)"), "`if`"),
        (with_cell("c = [a for a in b]"), "`comprehension`"),
        (with_cell("c = 1 if a else 2"), "`if … else`"),
    ],
)
def test_a_fault_is_found(cells, said):
    found = faults_of_notebook(new_notebook(cells=cells))
    assert [fault for fault in found if said in fault], found


def test_an_invalid_notebook_is_found():
    notebook = new_notebook(cells=good_cells())
    notebook.cells[0].metadata = "none"
    assert any("not a valid notebook" in fault for fault in faults_of_notebook(notebook))
