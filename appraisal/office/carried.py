"""A rulebook carried over to another year: what only the old year says is emptied, the rest marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from appraisal.office.toml_file import toml_key, toml_value
from appraisal.rulebook import Rulebook
from appraisal.words import LANGUAGES, Words, catalogue

# What the old year decided for itself alone, and what the new one begins with.
EMPTIED = {"notice.number": "", "notice.date": "", "notice.documents": (), "notice.emphases": ()}
# Values that are one year's facts: they stand there since a rulebook is not whole without them.
OF_THE_YEAR = ("year", "title", "data", "seed", "competition.outside", "social.issued", *EMPTIED)
# What says that a year is made up, as in 2005年度考核（合成年度）.
SYNTHETIC = re.compile("合成(?:年度|數據|数据)|synthetic|made[- ]up", re.IGNORECASE)
SYNTHETIC_MARK = re.compile(rf"\s*[(（〔][^()（）〔〕]*(?:{SYNTHETIC.pattern})[^()（）〔〕]*[)）〕]", re.IGNORECASE)
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
    carried = words.say("template.basis.carried", year=rules.year)
    basis = {key: carried if SYNTHETIC.search(text) else text for key, text in rules.basis.items()}
    basis["seed"] = words.say("template.basis.seed")
    basis["social.issued"] = carried
    changes: dict[str, object] = {
        "year": year,
        "title": _retitled(translated or rules.title, rules.year, year),
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
    rebased = {key for key, text in basis.items() if rules.basis.get(key) != text}
    changes |= {f"translations.{of}": table for of, table in _translations(rules, year, rebased).items()}
    changed = rules.replace(changes)
    return changed.replace(_relabelled(changed, lang, rules.lang)) if lang != rules.lang else changed


def _retitled(title: str, before: int, year: int) -> str:
    """Give the title of another year, without a mark that says the year is made up."""
    return SYNTHETIC_MARK.sub("", title).replace(str(before), str(year)).strip()


def _translations(rules: Rulebook, year: int, rebased: Collection[str]) -> dict[str, dict[str, Any]]:
    """The words in other languages: the title as the new year has it, and no basis that was said of another one."""
    tables = {lang: given.model_dump(exclude_unset=True) for lang, given in rules.translations.items()}
    for table in tables.values():
        if "title" in table:
            table["title"] = _retitled(table["title"], rules.year, year)
        if "basis" in table:
            table["basis"] = {
                key: text for key, text in table["basis"].items() if key not in rebased and not SYNTHETIC.search(text)
            }
    return tables


def says_synthetic(rules: Rulebook) -> list[str]:
    """Keys whose words say that the year is made up: title and basis, in the other languages, too."""
    said = {"title": rules.title} | {f"basis.{key}": text for key, text in rules.basis.items()}
    for lang, given in rules.translations.items():
        said |= {f"translations.{lang}.title": given.title}
        said |= {f"translations.{lang}.basis.{key}": text for key, text in given.basis.items()}
    return [key for key, text in said.items() if SYNTHETIC.search(text)]


def _relabelled(rules: Rulebook, lang: str, old: str) -> dict[str, object]:
    """Labels in another language, where they are translated; those of before become translations into `old`."""
    before = {"groups": dict(rules.groups)} | {kind: dict(getattr(rules.labels, kind)) for kind in LABELLED}
    now = {kind: {code: rules.label(kind, code, lang) for code in labels} for kind, labels in before.items()}
    translations = {other: table for other, table in rules.translations.items() if other != lang}
    return {
        "groups": now["groups"],
        "labels": {kind: now[kind] for kind in LABELLED},
        "translations": translations | {old: before},
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
