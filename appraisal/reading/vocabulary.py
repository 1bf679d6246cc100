"""Codes and the words that may stand for them: in either script, never by similarity."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from appraisal.words import fold

WIDE = {ord("　"): " "} | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
NAMES_LISTED = 12
# How alike a text and the word that it may be meant for are: for cells; and for heads, sheets and files, which are few.
CLOSE, CLOSE_HEAD = 0.7, 0.6
# Words compared, over all searches of one vocabulary, to name what an unknown text resembles: some seconds' worth.
WORDS_COMPARED = 300_000


def tidy(text: str) -> str:
    """Take the spaces at the ends away, and make full-width digits, letters and signs half-width.

    Examples
    --------
    >>> tidy("　１９．５ ")
    '19.5'
    """
    if text.isascii():
        return text.strip()
    return text.strip("\u200b\ufeff").translate(WIDE).strip()


def shown(text: str) -> str:
    r"""Give a text so that a message stays one line.

    Examples
    --------
    >>> print(shown("one\ntwo"))
    one\ntwo
    """
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return text if len(text) <= 60 else text[:57] + "…"


def nearest(text: str, words: Iterable[str], close: float = CLOSE) -> str:
    """The word that `text` resembles most, whatever its script and capitals; ``""`` if none does.

    Examples
    --------
    >>> nearest("市委组织部", ["市委宣傳部", "市委組織部"])
    '市委組織部'
    """
    alike: dict[str, str] = {}
    for word in words:
        alike.setdefault(fold(tidy(word)).casefold(), word)
    found = difflib.get_close_matches(fold(tidy(text)).casefold(), alike, n=1, cutoff=close)
    return alike[found[0]] if found else ""


def listed(names: Sequence[object]) -> str:
    """Give names, or the first of them, as a message lists them."""
    more = ", …" if len(names) > NAMES_LISTED else ""
    return ", ".join(str(name) or "〔〕" for name in names[:NAMES_LISTED]) + more


class Vocabulary:
    """Codes, and the words that may stand for them.

    Parameters
    ----------
    codes : iterable of str
    words : mapping of str to iterable of str, optional
        Code → words that may stand for it. A word of two codes stands for neither; a code is never a word.
    told : mapping of str to str, optional
        Code → the word of the year's language, by which messages list what is allowed; else the code.
    script : bool
        Whether traditional and simplified script are one.

    Examples
    --------
    >>> bands = Vocabulary(["excellent", "good"], {"excellent": ["優秀"], "good": ["良好"]})
    >>> bands.find("优秀"), bands.find("優"), bands.near("goood")
    (('excellent',), (), 'good')
    """

    def __init__(
        self,
        codes: Iterable[str],
        words: Mapping[str, Iterable[str]] | None = None,
        told: Mapping[str, str] | None = None,
        *,
        script: bool = True,
    ) -> None:
        self.codes = tuple(codes)
        self._script = script
        self._told = told or {}
        self._meant: dict[str, tuple[str, ...]] = {code: (code,) for code in self.codes}
        for code, said in (words or {}).items():
            for word in said:
                meant = self._meant.get(word, ())
                if word.strip() and code not in meant and meant != (word,):
                    self._meant[word] = (*meant, code)
        self._left = WORDS_COMPARED

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Codes and words, as they stand, to the place of the one code that each stands for."""
        place = {code: number for number, code in enumerate(self.codes)}
        return {word: place[meant[0]] for word, meant in self._meant.items() if len(meant) == 1}

    @cached_property
    def _alike(self) -> Mapping[str, Mapping[str, None]]:
        alike: dict[str, dict[str, None]] = {}
        for word, meant in self._meant.items():
            alike.setdefault(self._key(word), {}).update(dict.fromkeys(meant))
        return alike

    def _key(self, text: str) -> str:
        return fold(tidy(text)) if self._script else tidy(text)

    def find(self, text: str) -> tuple[str, ...]:
        """The codes that `text` is or stands for: one, none, or several that share a word."""
        return self._meant.get(text) or tuple(self._alike.get(self._key(text), ()))

    def word(self, code: str) -> str:
        """The first word that stands for `code`, else the code."""
        return next((word for word, meant in self._meant.items() if meant == (code,) and word != code), code)

    def listed(self) -> str:
        """What readers write for the codes, or for the first of them, as a message lists what is allowed."""
        return listed([self._told.get(code, code) for code in self.codes])

    def near(self, text: str) -> str:
        """The word that `text` resembles, to be named, never to be taken; ``""`` if there is none."""
        if self._left <= 0:
            return ""
        self._left -= len(self._meant)
        return nearest(text, self._meant)
