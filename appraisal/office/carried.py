"""A rulebook carried over to another year: what only the old year says is emptied, the rest marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appraisal.office.toml_file import toml_key, toml_value
from appraisal.rulebook import Rulebook
from appraisal.words import LANGUAGES, Words, catalogue

# What the old year decided for itself alone, and what the new one begins with.
EMPTIED = {"notice.number": "", "notice.date": "", "notice.documents": (), "notice.emphases": ()}
# Values that are one year's facts: they stand there since a rulebook is not whole without them.
OF_THE_YEAR = ("year", "title", "data", "seed", "competition.outside", "social.issued", *EMPTIED)
MARKS = ("template.rulebook.of_the_year", "template.rulebook.assumed")
LABELLED = ("components", "items", "bands", "sources")


def carried_over(rules: Rulebook, year: int, lang: str, *, departments: bool) -> Rulebook:
    """Give the rulebook of another year by the same rules.

    Parameters
    ----------
    rules : Rulebook
    year : int
        The other year.
    lang : str
        Its language. Where the rulebook has translations into it, they become the labels.
    departments : bool
        Whether the departments are carried over too; otherwise none can be outside competition.

    Returns
    -------
    Rulebook
        With a seed that follows from the year and is to be confirmed before it is sealed, and without what the notice
        of the old year says of that year: number, date, documents, forms returned.
    """
    words, said = catalogue(lang), rules.entries()
    translated = rules.translations[lang].title if lang in rules.translations else ""
    basis = dict(rules.basis)
    basis["seed"] = words.say("template.basis.seed")
    basis["social.issued"] = words.say("template.basis.carried", year=rules.year)
    changes: dict[str, object] = {
        "year": year,
        "title": (translated or rules.title).replace(str(rules.year), str(year)),
        "lang": lang,
        "data": "real",
        "seed": year * 10_000 + 1231,
        "basis": basis,
    }
    if "social.returned" in said:
        changes["social.returned"] = None
        basis["social.returned"] = basis["social.issued"]  # asked for where the key is, and never written
    changes |= {key: value for key, value in EMPTIED.items() if key in said}
    if not departments:
        changes["competition.outside"] = ()
    return rules.replace(changes | (_relabelled(rules, lang) if lang != rules.lang else {}))


def _relabelled(rules: Rulebook, lang: str) -> dict[str, object]:
    """Labels in another language, where they are translated; those of before become translations."""
    before = {"groups": dict(rules.groups)} | {kind: dict(getattr(rules.labels, kind)) for kind in LABELLED}
    now = {kind: {code: rules.label(kind, code, lang) for code in labels} for kind, labels in before.items()}
    translations = {other: table for other, table in rules.translations.items() if other != lang}
    return {
        "groups": now["groups"],
        "labels": {kind: now[kind] for kind in LABELLED},
        "translations": translations | {rules.lang: before},
    }


def rulebook_text(rules: Rulebook, start: int) -> str:
    """Write a rulebook, carried over from the year `start`, as TOML, with a mark at each value to be confirmed."""
    words = catalogue(rules.lang)
    head = words.say("template.rulebook.head", year=rules.year, start=start)
    lines = [
        *(f"# {line}" for line in head.splitlines()),
        *_tables(_written(rules), (), rules, words),
    ]
    return "\n".join(lines) + "\n"


def unconfirmed(text: str) -> list[int]:
    """Lines of a rulebook, from 1, whose value still has the mark of one that was carried over, in any language.

    Examples
    --------
    >>> unconfirmed("year = 2004  # confirm: a fact of this year")
    [1]
    """
    marks = tuple(f"# {catalogue(lang).say(key)}" for lang in LANGUAGES for key in MARKS)
    return [row for row, line in enumerate(text.splitlines(), start=1) if line.rstrip().endswith(marks)]


def _written(rules: Rulebook) -> dict[str, Any]:
    """What stands in the file: all that the rulebook says, without forms returned that nobody counted yet."""
    said = rules.model_dump(exclude_unset=True)
    if rules.social.returned is None:
        said["basis"].pop("social.returned", None)
    return said


def _tables(table: Mapping[str, Any], path: tuple[str, ...], rules: Rulebook, words: Words) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping) and value is not None}
    if path and (plain or not table):
        yield from ("", f"[{toml_key(*path)}]")
    for key, value in plain.items():
        mark = _mark(".".join((*path, key)), rules, words)
        yield f"{toml_key(key)} = {toml_value(value)}" + (f"  # {mark}" if mark else "")
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _tables(value, (*path, key), rules, words)


def _mark(key: str, rules: Rulebook, words: Words) -> str:
    if key in OF_THE_YEAR:
        return words.say("template.rulebook.of_the_year")
    if key.partition(".")[0] not in ("basis", "labels", "translations") and rules.basis_of(key).startswith("assumed"):
        return words.say("template.rulebook.assumed")
    return ""
