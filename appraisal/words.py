"""The words that readers see: one catalogue a language, and the folding of the two scripts.

A catalogue is a folder of TOML files under ``catalogues/<lang>/``, one file a topic; the key of a phrase is the topic
and its path in the file, ``problems.outside_band``. Nothing else in the package holds words for readers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

LANGUAGES = ("zh-Hant", "zh-Hans", "en")
# Where the language of a year is not known, as in a message about a rulebook that cannot be read.
FALLBACK = "en"
# The phrases below some key: its last part and the values give the sentence.
Say = Callable[..., str]


@dataclass(frozen=True)
class Words:
    """The phrases of one language.

    Parameters
    ----------
    lang : str
        One of ``LANGUAGES``.
    phrases : Mapping of str to str
        Dotted key to a phrase with named placeholders, as `str.format` reads them.
    """

    lang: str
    phrases: Mapping[str, str]

    def say(self, key: str, /, **values: object) -> str:
        """Fill in the phrase `key`; a key that is not there, or a value that is missing, is a ``KeyError``.

        Examples
        --------
        >>> catalogue("en").say("problems.place.row", row=214)
        'row 214'
        """
        return self.phrases[key].format(**values)

    def under(self, prefix: str) -> Say:
        """Give ``say`` for the phrases below `prefix`.

        Examples
        --------
        >>> catalogue("en").under("problems.place")("row", row=214)
        'row 214'
        """
        return lambda key, **values: self.say(f"{prefix}.{key}", **values)

    def has(self, key: str) -> bool:
        """Whether the catalogue has the phrase `key`."""
        return key in self.phrases

    def placeholders(self, key: str) -> frozenset[str]:
        """Names of the values that the phrase `key` asks for."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.phrases[key]) if name)


@cache
def catalogue(lang: str) -> Words:
    """Read the catalogue of `lang`.

    Parameters
    ----------
    lang : str
        One of ``LANGUAGES``.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no catalogue {lang!r}; there are {', '.join(LANGUAGES)}")
    return Words(lang, dict(_phrases(lang)))


def _phrases(lang: str) -> Iterator[tuple[str, str]]:
    folder = files("appraisal") / "catalogues" / lang
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield from _flat(tomllib.loads(file.read_text("utf-8")), file.name.removesuffix(".toml"))


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}.{key}")
        else:
            yield f"{prefix}.{key}", str(value)


@cache
def _simplified() -> dict[int, str]:
    text = (files("appraisal") / "catalogues" / "script.txt").read_text("utf-8")
    pairs = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {ord(pair[0]): pair[1] for pair in pairs}


def fold(text: str) -> str:
    """Fold traditional characters onto their simplified forms, so that both scripts compare equal.

    By a fixed table of characters, never by similarity. For comparing only: what is shown stays as it was entered.

    Examples
    --------
    >>> fold("綜合服務部門") == fold("综合服务部门")
    True
    """
    return text.translate(_simplified())
