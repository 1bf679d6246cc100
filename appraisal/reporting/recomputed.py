"""The sheet 複算: composite, rank, ties and window tier once more, by the formulas of a spreadsheet, row by row.

An auditor follows them cell by cell without this package. They start from the unrounded points of each source, round
once, rank by composite and chain, and compare with what the appraisal gave. Nothing is read back from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from appraisal.reporting.sheet_cells import head, number_format, put, widen
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.composite import HALF
from appraisal.words import catalogue

FIRST = 3  # row 1 says how many rows differ, row 2 heads
EXACT_DIGITS = 12


@dataclass(frozen=True)
class Columns:
    """Where each quantity stands: name to letter."""

    letters: Mapping[str, str]
    last: int

    def at(self, name: str, row: int) -> str:
        """One cell."""
        return f"${self.letters[name]}{row}"

    def all(self, name: str) -> str:
        """The whole column."""
        letter = self.letters[name]
        return f"${letter}${FIRST}:${letter}${self.last}"


def add_recomputed(sheet: Worksheet, appraised: Appraisal) -> None:
    """Write the sheet.

    Parameters
    ----------
    sheet : Worksheet
        Empty.
    appraised : Appraisal
    """
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    heads = _heads(appraised)
    columns = Columns(
        {name: get_column_letter(number) for number, name in enumerate(heads, start=1)},
        FIRST + len(appraised.evidence.departments) - 1,
    )
    number = number_format(rules.rounding.digits)
    places = {name: place for place, name in enumerate(heads, start=1)}
    for name, text in heads.items():
        put(sheet, FIRST - 1, places[name], text)
    given, order = _given(appraised), _in_order(appraised)
    for row, position in enumerate(order, start=FIRST):
        for name, values in given.items():
            shown = number_format(EXACT_DIGITS) if name.startswith("exact.") else number
            put(sheet, row, places[name], values[position], shown)
        for name, formula in _formulas(columns, row, rules).items():
            cell = sheet.cell(row, places[name], formula)
            cell.number_format = number if name == "composite" or name.startswith("rounded.") else "General"
    head(sheet, FIRST - 1, len(heads), columns.last)
    for column, text in enumerate(heads.values(), start=1):
        widen(sheet, column, [text[:9]])
    widen(sheet, 2, given["name"])
    put(sheet, 1, 1, words.say("results.recomputed.summary"))
    other = words.say("results.recomputed.other")
    sheet["B1"] = f"=COUNTIF({columns.all('agrees')},{_text(other)})"
    sheet["A1"].font = sheet["B1"].font = Font(bold=True)
    marked = CellIsRule(operator="equal", formula=[_text(other)], fill=PatternFill(bgColor="F4C7C3"))
    sheet.conditional_formatting.add(columns.all("agrees").replace("$", ""), marked)


def _keys(rules: Rulebook) -> list[str]:
    """The chain behind the composite, and the ruling that is its last key."""
    return [*("deducted" if key == "least_deducted" else key for key in rules.ties.keys), "ruling"]


def _heads(appraised: Appraisal) -> dict[str, str]:
    rules, words = appraised.rules, catalogue(appraised.rules.lang)

    def say(key: str, **values: str) -> str:
        return words.say(f"results.{key}", **values)

    def label(key: str) -> str:
        return say("heads.deducted") if key == "deducted" else rules.label("components", key)

    heads = {name: say(f"heads.{name}") for name in ("department", "name", "group")}
    heads |= {f"exact.{source}": say("recomputed.exact", label=label(source)) for source in rules.weights}
    heads["exact.deducted"] = say("recomputed.exact", label=label("deducted"))
    heads["ruling"] = say("recomputed.ruling")
    heads["composite"] = say("recomputed.composite")
    for key in _keys(rules)[:-1]:
        heads[f"rounded.{key}"] = say("recomputed.rounded", label=label(key))
    for name in ("rank", "ties", "window"):
        heads[name] = say(f"recomputed.{name}")
    for name in ("composite", "rank", "ties", "tier"):
        heads[f"official_{name}"] = say(f"recomputed.official_{name}")
    return heads | {name: say(f"recomputed.{name}") for name in ("beyond", "agrees")}


def _in_order(appraised: Appraisal) -> np.ndarray:
    return np.lexsort((appraised.standing.key, appraised.evidence.group))


def _given(appraised: Appraisal) -> dict[str, list[Any]]:
    """What stands in the sheet as values: the points before rounding, and what the appraisal gave."""
    rules, words, evidence = appraised.rules, catalogue(appraised.rules.lang), appraised.evidence
    own = appraised.scorecard.loc[evidence.departments]
    ties = own.groupby(["group", "rank"])["name"].transform("size")
    exact = {source: appraised.points.exact[source] for source in rules.weights} | {"deducted": evidence.deducted}
    return {
        "department": own.index.tolist(),
        "name": own["name"].tolist(),
        "group": [rules.label("groups", group) for group in own["group"]],
        **{f"exact.{name}": np.round(values, EXACT_DIGITS).tolist() for name, values in exact.items()},
        "ruling": evidence.rulings.tie.tolist(),
        "official_composite": own["composite"].tolist(),
        "official_rank": own["rank"].tolist(),
        "official_ties": ties.tolist(),
        "official_tier": [words.say(f"report.tiers.{tier}") for tier in own["rule_tier"]],
        "beyond": _beyond(appraised),
    }


def _beyond(appraised: Appraisal) -> list[str]:
    """Which rule beside the window gave a department its tier; nothing where none did."""
    words, placement, codes = catalogue(appraised.rules.lang), appraised.placement, appraised.evidence.departments
    seated = codes.isin([d.departments[0] for d in appraised.decisions if d.code == "seated"])
    admonished = placement.candidate & ~placement.kept & ~appraised.evidence.rulings.spare
    masks = {
        "seated": seated,
        "admonished": admonished,
        "cut": placement.lost,
        "withdrawn": placement.withdrawn,
        "moved_up": placement.best & ~placement.first,
        "wildcard": placement.wildcard,
    }
    rules = [words.say(f"results.beyond.{name}") for name in masks]
    return np.select([np.asarray(mask) for mask in masks.values()], rules, "").tolist()


def _formulas(columns: Columns, row: int, rules: Rulebook) -> dict[str, str]:
    words, at = catalogue(rules.lang), columns.at
    sources = "+".join(at(f"exact.{source}", row) for source in rules.weights)
    formulas = {"composite": _rounded(f"({sources})", rules)}
    parts = {"functional": ("functional_panel", "leaders")}
    for key in _keys(rules)[:-1]:
        exact = "+".join(at(f"exact.{source}", row) for source in parts.get(key, (key,)))
        formulas[f"rounded.{key}"] = _rounded(f"({exact})", rules)
    same = f"({columns.all('group')}={at('group', row)})"
    ahead, alike = _ahead(columns, row, rules)
    tiers = {tier: _text(words.say(f"report.tiers.{tier}")) for tier in (*rules.tiers.windows, "ordinary")}
    rank, ends = at("rank", row), {tier: last for tier, (_first, last) in rules.tiers.windows.items()}
    agrees = "AND({})".format(
        ",".join(
            [
                *(f"{at(name, row)}={at(f'official_{name}', row)}" for name in ("composite", "rank", "ties")),
                f'OR({at("beyond", row)}<>"",{at("window", row)}={at("official_tier", row)})',
            ]
        )
    )
    same_text, other_text = (_text(words.say(f"results.recomputed.{word}")) for word in ("same", "other"))
    return {name: f"={formula}" for name, formula in formulas.items()} | {
        "rank": f"=1+SUMPRODUCT({same}*{ahead})",
        "ties": f"=SUMPRODUCT({same}*{alike})",
        "window": f"=IF({rank}<={ends['best']},{tiers['best']},IF({rank}<={ends['advanced']},{tiers['advanced']},"
        f"IF({rank}<={ends['good']},{tiers['good']},{tiers['ordinary']})))",
        "agrees": f"=IF({agrees},{same_text},{other_text})",
    }


def _ahead(columns: Columns, row: int, rules: Rulebook) -> tuple[str, str]:
    """Who comes before a department by the chain, and who is alike in all of it: sums of 0 and 1 over the rows."""
    keys = [("composite", ">")]
    for key in _keys(rules):
        name = key if key == "ruling" else f"rounded.{key}"
        keys.append((name, "<" if key in ("deducted", "ruling") else ">"))
    ahead = "0"
    alike = []
    for name, sign in reversed(keys):
        every, own = columns.all(name), columns.at(name, row)
        ahead = f"(({every}{sign}{own})+({every}={own})*{ahead})"
        alike.append(f"({every}={own})")
    return ahead, "*".join(reversed(alike))


def _rounded(points: str, rules: Rulebook) -> str:
    """Round once as `to_ticks` does: what stands within `HALF` of a half is a half."""
    scale = 10**rules.rounding.digits
    up = f"({points}*{scale}+0.5+{HALF:.10f})"
    whole = f"INT({up})"
    if rules.rounding.mode == "half_even":
        whole = f"({whole}-IF(AND({up}-{whole}<={2 * HALF:.10f},MOD({whole},2)=1),1,0))"
    return f"{whole}/{scale}"


def _text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
