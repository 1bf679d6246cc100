"""Lists, counts and withdrawals found in the text of a notice, whoever arranged it and however.

Names are found whole, never inside another: at each place the longest name of the table that a sign, the end or another
name follows. What stands between signs and is no name is kept as it is, for whoever compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from appraisal.reporting.edited import plain
from appraisal.rulebook import TIERS
from appraisal.words import Words, fold

Lists = dict[str, list[str]]
SIGNS = "、,;:。.()[]《》“”\"'!?|/·•-—"
DIGITS = "零〇一二三四五六七八九"
NUMBER = f"(?:[0-9]+|[{DIGITS}兩十百]+)"
# What may number a head: (一), 1., ①.
NUMBERING = rf"(?:\(?[{DIGITS}十0-9]{{1,3}}[)、.]|\(?[ivx]{{1,4}}[).])?"
# Words that a head may have between the tier and its colon.
HEAD = 20


class Read:
    """What the reader of a notice knows: the names of the year, and the words of its language.

    Parameters
    ----------
    words : Words
    names : sequence of str
        Names of all departments as `plain` gives them.
    """

    def __init__(self, words: Words, names: Sequence[str]) -> None:
        self._words = words
        self.names = sorted(names, key=len, reverse=True)

    def said(self, key: str) -> list[str]:
        """Spellings of one expression in both scripts, longest first."""
        spellings = [plain(text) for text in self._words.say(f"notice.read.{key}").split("|")]
        return sorted(dict.fromkeys([*spellings, *map(fold, spellings)]), key=len, reverse=True)

    def pattern(self, key: str) -> str:
        """The same as a regular expression."""
        return f"(?:{'|'.join(map(re.escape, self.said(key)))})"

    @cached_property
    def tier(self) -> dict[str, str]:
        """Each spelling of a tier's label → its code, longest first; the label of the catalogue is one of them."""
        labels = {
            label: tier
            for tier in TIERS
            for label in (plain(self._words.say(f"report.tiers.{tier}")), *self.said(tier))
        }
        return dict(sorted(labels.items(), key=lambda entry: -len(entry[0])))

    @cached_property
    def label(self) -> str:
        """Any label of a tier, as a regular expression."""
        return f"(?:{'|'.join(map(re.escape, self.tier))})"

    @cached_property
    def head(self) -> re.Pattern[str]:
        """The beginning of a list: the label, then nothing, a count, or some words and a colon."""
        count = rf"(?:\(?,?{self.pattern('total')}?{NUMBER}{self.pattern('unit')}?\)?)?"
        return re.compile(rf"{NUMBERING}(?P<tier>{self.label})(?:{count}$|[^:。、]{{0,{HEAD}}}:)", re.IGNORECASE)

    def name_at(self, text: str, place: int) -> str:
        """The name that stands whole at a place of a text, or nothing."""
        for name in self.names:
            if text.startswith(name, place) and self._ends(text, place + len(name)):
                return name
        return ""

    def _ends(self, text: str, place: int) -> bool:
        return place >= len(text) or text[place] in SIGNS or any(text.startswith(name, place) for name in self.names)


def read_lists(lines: Iterable[str], read: Read) -> Lists:
    """Read the lists of the tiers.

    Parameters
    ----------
    lines : iterable of str
        Of the whole notice, as `plain` gives them.
    read : Read

    Returns
    -------
    dict
        Tier to the entries of its list in the order of the text: names, and what stands there instead of one.
    """
    lists: Lists = {}
    tier = ""
    for line in _results(tuple(lines), read):
        said = line
        if found := read.head.match(line):
            tier = read.tier[_spelling(found["tier"], read)]
            said = line[found.end() :]
            lists.setdefault(tier, [])
        if not tier or tier == "ordinary" or re.search(read.pattern("withdrew"), said):
            continue
        entries, ended = _entries(said, read)
        lists[tier] += entries
        tier = "" if ended else tier
    lists.pop("ordinary", None)
    return lists


def _spelling(text: str, read: Read) -> str:
    return next(label for label in read.tier if label.casefold() == text.casefold())


def _results(lines: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """The part after the heading of the results; all of it where nobody finds that heading."""
    heading = re.compile(rf"{NUMBERING}{read.pattern('results')}[:。]?$", re.IGNORECASE)
    at = [number for number, line in enumerate(lines) if heading.match(line)]
    return lines[at[-1] + 1 :] if at else lines


def _entries(text: str, read: Read) -> tuple[list[str], bool]:
    """The entries of a list up to the end of its sentence, and whether that was reached."""
    entries, place = [], 0
    while place < len(text):
        if name := read.name_at(text, place):
            entries.append(name)
            place += len(name)
            continue
        if text[place] in "。.":
            return entries, True
        if text[place] in SIGNS:
            place += 1
            continue
        end = next((at for at in range(place, len(text)) if text[at] in SIGNS), len(text))
        if _is_entry(text[place:end], read):
            entries.append(text[place:end])
        place = end
    return entries, False


def _is_entry(text: str, read: Read) -> bool:
    """Whether a text between two signs stands for a department: no count, no word that leads or ends a list."""
    count = rf"{read.pattern('total')}?{NUMBER}{read.pattern('unit')}?(?:{read.label})?"
    return not re.fullmatch(
        rf"{count}|{read.pattern('not_a_name')}|{NUMBERING}|{read.pattern('none')}", text, re.IGNORECASE
    )


def counts_said(lines: Iterable[str], read: Read) -> Iterator[tuple[str, int]]:
    """Each number of departments of a tier that the text says, anywhere in it."""
    unit, label = read.pattern("unit"), read.label
    count, tier, member = f"(?P<count>{NUMBER}){unit}", f"(?P<tier>{label})", f"(?:{read.pattern('member')})?"
    # 其餘14個單位為先進部門; 先進部門(14個); 14個先進部門.
    beside = [
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"{count}{member}{read.pattern('as')}{tier}",
            # Not 誡勉單位五個等次: what is counted ends with the count.
            rf"{tier}\(?{read.pattern('total')}?{count}{member}(?=$|[),:;、])",
            rf"{count}{tier}",
        )
    ]
    after = re.compile(rf"{read.pattern('total')}{count}", re.IGNORECASE)
    for sentence in _sentences(lines):
        aside = re.sub(rf"\((?![^()]*{unit})[^()]*\)", "", sentence)
        seen = set()
        for match in (match for pattern in beside for match in pattern.finditer(aside)):
            seen.add(match.start("count"))
            yield read.tier[_spelling(match["tier"], read)], number(match["count"])
        for match in after.finditer(aside):
            # The tier that a sum belongs to is the last one named: 良好部門…，共計24個.
            labels = re.findall(label, aside[: match.start()], re.IGNORECASE)
            if labels and match.start("count") not in seen:
                yield read.tier[_spelling(labels[-1], read)], number(match["count"])


def _sentences(lines: Iterable[str]) -> list[str]:
    return [part for part in re.split(r"。|\.(?![0-9])", "\n".join(lines).replace("\n", "")) if part]


def withdrawals_said(lines: Iterable[str], read: Read) -> set[str]:
    """Names of the departments that the text says have left the tier best."""
    told: set[str] = set()
    for line in lines:
        if not re.search(read.pattern("withdrew"), line, re.IGNORECASE):
            continue
        place = 0
        while place < len(line):
            # Here a verb follows the name: 市級機關工委進入…
            name = next((name for name in read.names if line.startswith(name, place)), "")
            told |= {name} if name else set()
            place += len(name) or 1
    return told


def number(text: str) -> int:
    """Read a whole number below a thousand, in figures or in words.

    Examples
    --------
    >>> [number(text) for text in ("24", "二十四", "十", "一百零三", "兩")]
    [24, 24, 10, 103, 2]
    """
    if text.isdigit() and text.isascii():
        return int(text)
    total, digit = 0, 0
    for sign in text.replace("〇", "零").replace("兩", "二"):
        if sign in "百十":
            total += (digit or 1) * (100 if sign == "百" else 10)
            digit = 0
        else:
            digit = DIGITS.replace("〇", "").index(sign)
    return total + digit
