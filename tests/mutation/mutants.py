"""A copy of the project in which the functions of some modules hold their mutants too, as mutmut makes them."""

from __future__ import annotations

import ast
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.data import LineSpan
from mutmut.mutation.file_mutation import mutate_file_contents

COPIED = ("appraisal", "tests", "data", "notebooks", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """One function with one change.

    Parameters
    ----------
    name : str
        What mutmut calls it: setting MUTANT_UNDER_TEST to this puts it in the place of the function.
    module : str
        Path of the module inside the package.
    text : str
        The whole function as changed: what a verdict is about.
    before, after : str
        The lines that the change takes away, and those that it puts there.
    lines : tuple of int
        Of the copied module: the statement, as it was, in which the change begins. What does not come here never meets it.
    whole : tuple of int
        The first line of the function, as it was, and the last.
    """

    name: str
    module: str
    text: str
    before: str
    after: str
    lines: tuple[int, ...]
    whole: tuple[int, int]

    @property
    def reached(self) -> str:
        """The function, as mutmut records that a test called it."""
        return self.name.rpartition("__mutmut_")[0]

    @property
    def function(self) -> str:
        """The function, as its module calls it."""
        return self.reached.rpartition(".")[2].removeprefix("x").replace("ǁ", ".").lstrip("_.")


def make_copy(root: Path, copy: Path, modules: Iterable[str]) -> list[Mutant]:
    """Copy the project from `root`, with mutants in the modules whose path holds one of `modules`."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".versions"))
        else:
            shutil.copy(root / name, copy / name)
    paths = [path.relative_to(copy) for path in sorted((copy / "appraisal").rglob("*.py"))]
    wanted = [path for path in paths if config().should_mutate(path) and any(part in str(path) for part in modules)]
    with ProcessPoolExecutor() as pool:
        return [mutant for made in pool.map(_put_in, wanted, [copy] * len(wanted)) for mutant in made]


def _put_in(module: Path, copy: Path) -> list[Mutant]:
    path = copy / module
    mutated = mutate_file_contents(str(module), path.read_text(encoding="utf-8"))
    path.write_text(mutated.code, encoding="utf-8")
    lines = mutated.code.splitlines()
    return list(_mutants(module, mutated.mutant_names, mutated.line_span_by_function_name, lines))


def _mutants(
    module: Path, names: Sequence[str], spans: Mapping[str, LineSpan], lines: Sequence[str]
) -> Iterator[Mutant]:
    def body(name: str) -> list[str]:
        return [line.replace(name, "") for line in lines[spans[name].start - 1 : spans[name].end]]

    dotted = ".".join(module.with_suffix("").parts)
    for name in names:
        unchanged = re.sub(r"__mutmut_\d+$", "__mutmut_orig", name)
        span = spans[unchanged]
        original, changed = body(unchanged), body(name)
        first, before, after = _changed(original, changed)
        statement = tuple(span.start + line for line in _statement(lines[span.start - 1 : span.end], first))
        within = str(module.relative_to("appraisal"))
        text = "\n".join(changed)
        yield Mutant(f"{dotted}.{name}", within, text, before, after, statement, (span.start, span.end))


def _changed(original: list[str], mutated: list[str]) -> tuple[int, str, str]:
    """The first line in which two lists differ; what is left of both without what they begin and end with alike."""
    same = min(len(original), len(mutated))
    first = next((n for n in range(same) if original[n] != mutated[n]), same)
    shorter = same - first
    last = next((n for n in range(shorter) if original[-1 - n] != mutated[-1 - n]), shorter)
    return first, *(" ".join(map(str.strip, text[first : len(text) - last])) for text in (original, mutated))


def _statement(function: Sequence[str], line: int) -> list[int]:
    """Lines of the innermost statement at a line, without those inside it; the whole function at its head."""
    (whole,) = ast.parse(textwrap.dedent("\n".join(function))).body
    *_outer, innermost = [whole, *(n for n in _statements(whole) if n.lineno <= line + 1 <= n.end_lineno)]
    if innermost is whole:
        return list(range(len(function)))
    inside = [node for node in _statements(innermost) if node is not innermost]
    deeper = {number for node in inside for number in range(node.lineno, node.end_lineno + 1)}
    return [number - 1 for number in range(innermost.lineno, innermost.end_lineno + 1) if number not in deeper]


def _statements(tree: ast.AST) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
