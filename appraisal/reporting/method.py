"""Sections of the method page: each formula once, with a live example, what it assumes, what it leaves out, its source.

What a method is (formulas, rules, citations, functions) stands in `methods.toml` beside this file, what is said of it
in the catalogues. The examples are computed by the notebook, which calls the package's own functions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from latex2mathml.converter import convert

from appraisal.analysis.nonresponse import missing_forms, non_response
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.rule_words import rule_name, source_of
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

DIGITS = 4
# Random parts of the returned forms: what is told of them here hangs on none.
SPLITS = 1


@dataclass(frozen=True)
class Method:
    """One method.

    Parameters
    ----------
    name : str
        Its words are ``method.entries.<name>``.
    part : str
        ``scoring``, ``sure`` or ``review``.
    formulas : tuple of str
        LaTeX.
    rules : tuple of str
        Keys of the rulebook that it reads.
    sources : tuple of str
        Full citations.
    functions : tuple of str
        Dotted names below the package of what carries it out.
    """

    name: str
    part: str
    formulas: tuple[str, ...]
    rules: tuple[str, ...]
    sources: tuple[str, ...]
    functions: tuple[str, ...]


@cache
def methods() -> dict[str, Method]:
    """Every method by its name, in the order of the page."""
    lists = ("formulas", "rules", "sources", "functions")
    return {
        row["name"]: Method(row["name"], row["part"], *(tuple(row[name]) for name in lists))
        for row in _file()["methods"]
    }


def carried() -> tuple[str, ...]:
    """Functions that carry the methods and have no formula of their own."""
    return tuple(_file()["carried"]["functions"])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("appraisal.reporting").joinpath("methods.toml").read_text(encoding="utf-8"))


def formula(latex: str) -> Piece:
    r"""Set a formula as MathML, which browsers draw and print without a script or a request.

    Examples
    --------
    >>> formula(r"n_g").html
    '<div class="formula"><math ... display="block"><mrow><msub><mi>n</mi><mi>g</mi></msub></mrow></math></div>'
    """
    return Piece(f'<div class="formula">{convert(latex, display="block")}</div>')


def opening(rules: Rulebook) -> Piece:
    """What the page is, and the letters of its formulas."""
    words = catalogue(rules.lang)
    return layout.pieces(
        [layout.paragraph(words.say("method.lead"), kind="lead"), layout.paragraph(words.say("method.symbols"))]
    )


def part(rules: Rulebook, name: str) -> Piece:
    """Head a part of the page."""
    return layout.heading(catalogue(rules.lang).say(f"method.parts.{name}"))


def entry(rules: Rulebook, name: str, **example: object) -> Piece:
    """Tell one method.

    Parameters
    ----------
    rules : Rulebook
        Of the year: its language, and where its values come from.
    name : str
        One of `methods`.
    **example : number, array or text
        What the worked example names, as the package computed it.
    """
    method, words = methods()[name], catalogue(rules.lang)
    values = {key: shown(value, words) for key, value in example.items()}

    def say(what: str) -> str:
        return words.say(f"method.entries.{name}.{what}", **values)

    told = {what: Piece(escape(say(what))) for what in ("example", "assumed", "beyond")}
    told |= {"rules": _lines([_basis(key, rules, words) for key in method.rules])} if method.rules else {}
    told |= {"sources": _lines(method.sources)} if method.sources else {}
    told["functions"] = _names(method.functions)
    return layout.pieces(
        [
            layout.heading(say("title"), level=3),
            layout.paragraph(say("says")),
            *map(formula, method.formulas),
            layout.facts({words.say(f"method.heads.{what}"): piece for what, piece in told.items()}),
        ]
    )


def without_formula(rules: Rulebook) -> Piece:
    """Name the functions that no method names."""
    lead = layout.paragraph(catalogue(rules.lang).say("method.carried.lead"))
    return layout.pieces([part(rules, "carried"), lead, Piece(f"<p>{_names(carried()).html}</p>")])


def shown(value: object, words: Words) -> str:
    """Write a number, or several, as an example shows them: no digit that says nothing.

    Examples
    --------
    >>> shown(np.array([0.30000000000000004, 2.0, -1.0]), catalogue("en"))
    '0.3, 2, −1'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray | pd.Series | Sequence):
        return words.say("method.number").join(shown(one, words) for one in np.asarray(value).ravel().tolist())
    if pd.isna(value):
        return layout.BLANK
    return layout.number(round(float(value), DIGITS), ".10g")  # type: ignore[arg-type]


def missing(appraised: Appraisal) -> dict[str, float]:
    """Totals of the forms that did not come back; NaN where it is not known how many did."""
    if missing_forms(appraised.year) is None:
        return dict.fromkeys(("issued", "returned", "missing", "lines", "flips", "least"), float("nan"))
    found = non_response(appraised, SPLITS)
    counts = {name: getattr(found, name) for name in ("issued", "returned", "missing")}
    least = round(float(found.lines["tipping"].min()), 1)
    return counts | {"lines": len(found.lines), "flips": int(found.lines["flips"].sum()), "least": least}


def share(value: float) -> str:
    """Write a share of 1 in whole per cent."""
    return layout.BLANK if pd.isna(value) else f"{value:.0%}"


def _basis(key: str, rules: Rulebook, words: Words) -> str:
    kind, basis = source_of(rules.basis_of(key))
    return words.say(f"method.rule.{kind}", name=rule_name(key, rules), basis=basis)


def _lines(sentences: Sequence[str]) -> Piece:
    return Piece("<br>".join(escape(sentence) for sentence in sentences))


def _names(functions: Sequence[str]) -> Piece:
    return Piece(" ".join(f"<code>{escape(name)}</code>" for name in functions))
