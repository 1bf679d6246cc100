"""The year's rules: `rulebook.toml` as a frozen, checked object.

Every number of the process is a value here, with a basis: the notice gives it, the leading group decided it or we
assumed it. A what-if is another rulebook, made by `Rulebook.replace`; no stage of the scoring has a flag for one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from appraisal.errors import Problem, RulebookError
from appraisal.folders import RULEBOOK, YEAR, written_language
from appraisal.sections import (
    Bands,
    Competition,
    Deductions,
    Inspections,
    Items,
    Labels,
    Language,
    NonEmpty,
    Notice,
    Panel,
    Rounding,
    Section,
    Social,
    SpotChecks,
    Tiers,
    Ties,
    Translation,
    Weights,
    shown_value,
)
from appraisal.words import FALLBACK, LANGUAGES

FILE = RULEBOOK
TIERS = ("best", "advanced", "good", "ordinary", "admonished")
FIXED_WEIGHTS = ("functional_panel", "leaders", "social")
# What identifies the year or puts words to a code is no rule, so it needs no basis.
WITHOUT_BASIS = ("year", "title", "lang", "data", "labels", "translations", "basis")
# Code of the phrase, dotted key, what the phrase names.
Contradiction = tuple[str, str, dict[str, object]]


class Rulebook(Section):
    """The rules of one year, every value exact as written.

    Made by `read_rulebook` or `replace`; both raise `RulebookError` with every problem they see.
    """

    year: Annotated[int, Field(ge=1900, le=2199, strict=True)]
    title: NonEmpty
    lang: Language
    data: Literal["synthetic", "real"]
    seed: Annotated[int, Field(ge=0, strict=True)]
    groups: Annotated[dict[str, NonEmpty], Field(min_length=1)]
    labels: Labels
    translations: dict[Language, Translation] = Field(default_factory=dict)
    competition: Competition
    weights: Weights
    items: Items
    bands: Bands
    panel: Panel
    social: Social
    deductions: Deductions
    inspections: Inspections
    spot_checks: SpotChecks
    rounding: Rounding
    ties: Ties
    tiers: Tiers
    notice: Notice = Notice()
    basis: dict[str, str]

    @property
    def synthetic(self) -> bool:
        """Whether the year's data are made up."""
        return self.data == "synthetic"

    @property
    def components(self) -> tuple[str, ...]:
        """Components of the composite, in the order readers see them; `functional` holds panel and leaders."""
        added = (component for component in self.items if component not in ("functional", "common", "excellence"))
        return ("functional", *(c for c in ("common", "excellence") if c in self.items), *added, "social")

    @property
    def full_marks(self) -> dict[str, Decimal]:
        """Points of the composite that each component can give; also of the two parts of `functional`."""
        parts = dict(self.weights)
        return {"functional": parts["functional_panel"] + parts["leaders"]} | parts

    @property
    def item_marks(self) -> dict[str, Decimal]:
        """Full marks of each item, in the order of the rulebook."""
        return {item: marks for items in self.items.values() for item, marks in items.items()}

    def band_range(self, item: str, band: str) -> tuple[Decimal, Decimal]:
        """Lowest and highest score of `item` inside `band`, in points of the item's full marks, both allowed."""
        low, high = self.bands[band]
        marks = self.item_marks[item]
        return low * marks, high * marks

    def label(self, kind: str, code: str, lang: str | None = None) -> str:
        """Word that readers see for `code`; `kind` is groups, components, items, bands, sources or ratings."""
        told = getattr(self.translations.get(lang or self.lang, Translation()), kind)
        if kind == "ratings":
            return str(told.get(code, code))
        own = self.groups if kind == "groups" else getattr(self.labels, kind)
        return str(told.get(code) or own[code])

    def basis_of(self, key: str) -> str:
        """Where the value of the dotted `key` comes from: its own basis, else its nearest parent's; "" if none."""
        while key not in self.basis and "." in key:
            key = key.rpartition(".")[0]
        return self.basis.get(key, "")

    def values(self) -> Iterator[tuple[str, object, str]]:
        """Give each value that needs a basis, as (dotted key, value, basis), in the order of the rulebook."""
        for key, value in _leaves(self.model_dump(exclude_unset=True, exclude=set(WITHOUT_BASIS))):
            yield key, value, self.basis_of(key)

    def entries(self) -> dict[str, object]:
        """Every value that the rulebook says, labels and bases too, by its dotted key."""
        return dict(_leaves(self.model_dump(exclude_unset=True)))

    def replace(self, changes: Mapping[str, object]) -> Rulebook:
        """Make another rulebook with other values: a what-if.

        Parameters
        ----------
        changes : mapping
            Dotted key to value, ``{"tiers.best.backfill": "none"}``; a whole table may be given by its key.

        Raises
        ------
        RulebookError
            If a key is unknown or the new values do not fit together.
        """
        values = self.model_dump(exclude_unset=True)
        for key, value in changes.items():
            *path, last = key.split(".")
            table = values
            for part in path:
                table = table.setdefault(part, {})
            table[last] = value
        return _checked(values, FILE)


def count_of(share: Decimal, size: int) -> int:
    """Whole number of departments that a share of `size` is, a half counting up.

    Examples
    --------
    >>> count_of(Decimal("0.25"), 94), count_of(Decimal("0.25"), 97), count_of(Decimal("0.1"), 32)
    (24, 24, 3)
    """
    return int((share * size).to_integral_value(ROUND_HALF_UP))


def read_rulebook(path: Path) -> Rulebook:
    """Read and check a rulebook.

    Parameters
    ----------
    path : Path
        The file `rulebook.toml` of a year folder, UTF-8.

    Raises
    ------
    RulebookError
        With every problem: key, what it says, what is allowed.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise RulebookError([Problem("rulebook.no_file", path.name)]) from None
    except (OSError, ValueError, RecursionError, ArithmeticError) as fault:
        unreadable = Problem("rulebook.unreadable", path.name, values={"fault": fault})
        raise RulebookError([unreadable], written_language(path.parent)) from None
    rules = _checked(values, path.name)
    folder = path.resolve().parent.name
    if YEAR.fullmatch(folder) and int(folder) != rules.year:
        said = {"said": rules.year, "folder": folder}
        raise RulebookError([Problem("rulebook.other_year", path.name, key="year", values=said)], rules.lang)
    return rules


def _checked(values: dict[str, Any], file: str) -> Rulebook:
    try:
        rules = Rulebook.model_validate(values)
    except ValidationError as fault:
        lang = said if (said := str(values.get("lang"))) in LANGUAGES else FALLBACK
        raise RulebookError((_problem(details, file) for details in fault.errors(include_url=False)), lang) from None
    if problems := [
        Problem(f"rulebook.{code}", file, key=key, values=said) for code, key, said in _contradictions(rules)
    ]:
        raise RulebookError(problems, rules.lang)
    return rules


def _problem(details: ErrorDetails, file: str) -> Problem:
    """Put one finding of pydantic into the words of the catalogue: key, what it says, what is allowed."""
    key = ".".join(str(part) for part in details["loc"] if part != "[key]")
    said = shown_value(details["input"])
    match details["type"]:
        case "missing":
            return Problem("rulebook.missing", file, key=key)
        case "extra_forbidden":
            near = _near(details["loc"])
            return Problem(
                "rulebook.unknown_near" if near else "rulebook.unknown", file, key=key, values={"near": near}
            )
        case "weights" | "band" | "overlap" as code:
            return Problem(f"rulebook.{code}", file, key=key, values=details["ctx"])
        case "literal_error":
            # 'a', 'b' or 'c': as a rulebook may write them, and without the word of a language.
            allowed = details["ctx"]["expected"].replace("' or '", "', '")
            return Problem("rulebook.value", file, key=key, values={"said": said, "allowed": allowed})
        case _:
            allowed = details["msg"].removeprefix("Input should be ")
            return Problem("rulebook.value", file, key=key, values={"said": said, "allowed": allowed})


def _near(loc: tuple[int | str, ...]) -> str:
    """The known key that an unknown one resembles, if there is one."""
    section: Any = Rulebook
    for part in loc[:-1]:
        # Under a table of tables, such as that of the languages, any key leads to the same section.
        section = get_args(section)[1] if get_origin(section) is dict else section.model_fields[str(part)].annotation
    close = difflib.get_close_matches(str(loc[-1]), section.model_fields, n=1)
    return close[0] if close else ""


def _contradictions(rules: Rulebook) -> Iterator[Contradiction]:
    """Where sections that are right by themselves do not fit together."""
    yield from _components_disagree(rules)
    yield from _items_and_keys_disagree(rules)
    yield from _labels_missing(rules)
    if rules.panel.min_ballots <= 2 * rules.panel.trim:
        yield "trim", "panel.trim", {"trim": rules.panel.trim, "least": rules.panel.min_ballots}
    if both := [rating for rating in rules.social.left_out if rating in rules.social.points]:
        yield "left_out", "social.left_out", {"ratings": "、".join(both)}
    if rules.social.returned is not None and rules.social.returned > rules.social.issued:
        yield "returned", "social.returned", {"said": rules.social.returned, "issued": rules.social.issued}
    yield from _windows_disagree(rules)
    yield from _basis_wrong(rules)


def _components_disagree(rules: Rulebook) -> Iterator[Contradiction]:
    for component in ("functional", "common"):
        if component not in rules.items:
            yield "missing", f"items.{component}", {}
    expected = (*FIXED_WEIGHTS, *(component for component in rules.items if component != "functional"))
    for component in expected:
        if component not in rules.weights:
            yield "missing", f"weights.{component}", {}
    for component in rules.weights:
        if component not in expected:
            yield "weightless", f"weights.{component}", {"component": component, "allowed": ", ".join(expected)}


def _items_and_keys_disagree(rules: Rulebook) -> Iterator[Contradiction]:
    seen: dict[str, str] = {}
    for component, items in rules.items.items():
        for item in items:
            if item in seen:
                yield "item_twice", f"items.{component}.{item}", {"item": item, "other": seen[item]}
            seen[item] = component
    if not {"functional_panel", "leaders"} <= set(rules.weights):
        return  # said already, and without them no component is known
    allowed = (*rules.full_marks, "least_deducted")
    for key in rules.ties.keys:
        if key not in allowed:
            yield "value", "ties.keys", {"said": repr(key), "allowed": ", ".join(allowed)}


def _labels_missing(rules: Rulebook) -> Iterator[Contradiction]:
    codes = {
        "components": tuple(dict.fromkeys(("functional", *rules.weights, *rules.items))),
        "items": tuple(rules.item_marks),
        "bands": tuple(rules.bands),
        "sources": rules.deductions.sources,
    }
    for kind, needed in codes.items():
        labels = getattr(rules.labels, kind)
        for code in needed:
            if code not in labels:
                yield "label", f"labels.{kind}.{code}", {"code": code}


def _windows_disagree(rules: Rulebook) -> Iterator[Contradiction]:
    best, advanced, good = rules.tiers.best, rules.tiers.advanced, rules.tiers.good
    if best.ranks[0] != 1:
        yield "starts", "tiers.best.ranks", {"said": best.ranks[0], "allowed": 1}
    if advanced.ranks[0] != 1:
        yield "starts", "tiers.advanced.ranks", {"said": advanced.ranks[0], "allowed": 1}
    if good.ranks[0] != advanced.ranks[1] + 1:
        yield "starts", "tiers.good.ranks", {"said": good.ranks[0], "allowed": advanced.ranks[1] + 1}
    if (last := best.ranks[1] + (best.wildcards > 0)) > advanced.ranks[1]:
        yield "best_outside", "tiers.best.ranks", {"last": last, "end": advanced.ranks[1]}
    if best.wildcards > len(rules.groups):
        yield "wildcards", "tiers.best.wildcards", {"said": best.wildcards, "groups": len(rules.groups)}


def _basis_wrong(rules: Rulebook) -> Iterator[Contradiction]:
    keys: set[str] = set()
    for key, _, basis in rules.values():
        keys.update(key.rsplit(".", depth)[0] for depth in range(key.count(".") + 1))
        if not basis:
            yield "no_basis", key, {}
    for key, basis in rules.basis.items():
        if key not in keys:
            yield "basis_of_nothing", f'basis."{key}"', {"key": key}
        if not basis.startswith(("notice", "decided:", "assumed:")):
            yield "basis_form", f'basis."{key}"', {"said": repr(basis)}


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
