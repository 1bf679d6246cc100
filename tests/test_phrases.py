"""Every phrase of the catalogues has somebody who says it.

A caller writes a key whole, its end after a prefix that it holds (``words.under("why")``), or leaves a part to a value:
``f"report.tiers.{tier}"``. Such a part counts if each of its words stands somewhere in the package, alone or joined by
an underscore; so a phrase of which only the words live on elsewhere is not found.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from appraisal.words import catalogue

ROOT = Path(__file__).parents[1]
OPEN = r"([\w.-]*)"
# Of a pattern at least a word beside a point is written out.
PATTERN = re.compile(rf"\w+\\\.|{re.escape(OPEN)}\\\.\w")
BY_VALUE = {"True", "False"}  # how a value that is yes or no names itself


def sources() -> list[str]:
    """Code of the package and of the notebooks, and the texts that the page's template names, as code."""
    books = [json.loads(path.read_text("utf-8"))["cells"] for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    cells = ["\n".join("".join(cell["source"]) for cell in book if cell["cell_type"] == "code") for book in books]
    templates = (path.read_text("utf-8") for path in sorted((ROOT / "appraisal").rglob("*.j2")))
    named = [repr(re.findall(r"""["']([\w.]+)["']""", template)) for template in templates]
    return [path.read_text("utf-8") for path in sorted((ROOT / "appraisal").rglob("*.py"))] + cells + named


def spoken(codes: list[str]) -> tuple[set[str], list[re.Pattern[str]], set[str]]:
    """Texts that stand in code whole, patterns of those with a part left open, and all words."""
    whole, patterns, words = set(), set(), set(BY_VALUE)
    for node in (node for code in codes for node in ast.walk(ast.parse(code))):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                node.value.value = ""  # a docstring says nothing
            case ast.Constant(value=str() as text):
                whole.add(text)
                words.update(re.findall(r"[\w-]+", text))
            case ast.JoinedStr(values=parts):
                pattern = "".join(re.escape(part.value) if isinstance(part, ast.Constant) else OPEN for part in parts)
                patterns.update({pattern} if PATTERN.match(pattern) else ())
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=str() as name):
                words.add(name)
    return whole, [re.compile(pattern) for pattern in patterns], words


def known(word: str, words: set[str]) -> bool:
    halves = ((word[:at], word[at + 1 :]) for at, sign in enumerate(word) if sign == "_")
    return word in words or word.isdigit() or any(a in words and {b, f"_{b}"} & words for a, b in halves)


def held(codes: list[str]) -> set[str]:
    """Prefixes that somebody holds: what is said under them is the end of a key."""
    calls = (node for code in codes for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    return {
        node.args[0].value
        for node in calls
        if isinstance(node.func, ast.Attribute) and node.func.attr == "under" and isinstance(node.args[0], ast.Constant)
    }


def unsaid(keys: list[str], codes: list[str]) -> list[str]:
    whole, patterns, words = spoken(codes)
    prefixes = held(codes)

    def said(key: str) -> bool:
        parts = key.split(".")
        under = [key.removeprefix(f"{prefix}.") for prefix in prefixes if key.startswith(f"{prefix}.")]
        for end in (*(".".join(parts[at:]) for at in range(max(1, len(parts) - 1))), *under):
            if end in whole:
                return True
            for found in (pattern.fullmatch(end) for pattern in patterns):
                if found and all(known(word, words) for part in found.groups() for word in part.split(".") if word):
                    return True
        return False

    return [key for key in keys if not said(key)]


@cache
def keys() -> list[str]:
    return sorted(catalogue("zh-Hant").phrases)


def test_every_phrase_is_said_somewhere():
    assert unsaid(keys(), sources()) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('say("report.result.title")', True),
        ('say("result.title")', True),
        ('say(f"report.{part}.title", "result")', True),
        ('say(f"report.{part}.title")', False),
        ('say(f"report.result.{name}")\n"""title"""', False),
        ('say("title")', False),
        ('say = words.under("report.result")\nsay("title")', True),
        ('say = words.under("report.notes")\nsay("title")', False),
    ],
)
def test_a_phrase_without_a_caller_is_found(code, said):
    assert unsaid(["report.result.title"], [code]) == ([] if said else ["report.result.title"])
