"""Whether a notice, as people have edited it, says what the result is: every name, tier, count, order, withdrawal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from appraisal.reading.vocabulary import nearest
from appraisal.reporting.edited import Edited, plain
from appraisal.reporting.narrative import LISTED, lists_by_tier
from appraisal.reporting.notice_text import Lists, Read, counts_said, read_lists, withdrawals_said
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue, fold

ITEMS = ("tiers", "names", "counts", "order", "withdrawals")
# How alike a text and a name are for one to be a slip of the other.
CLOSE = 0.6


@dataclass(frozen=True)
class Finding:
    """One thing to mend in the notice.

    Parameters
    ----------
    item : str
        One of `ITEMS`.
    code : str
        Key of the phrase under ``notice.check.findings``.
    values : mapping
        What the phrase names; tiers by their codes.
    """

    item: str
    code: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def say(self, words: Words) -> str:
        """Give the finding as one sentence."""
        said = {
            key: _tiers_named(value, words) if key in ("tier", "said") else value for key, value in self.values.items()
        }
        return words.say(f"notice.check.findings.{self.code}", **said)


def _tiers_named(value: object, words: Words) -> object:
    tiers = value if isinstance(value, tuple) else (value,)
    if not set(tiers) <= set(TIERS):
        return value
    return words.say("notice.join").join(words.say(f"report.tiers.{tier}") for tier in tiers)


def check_notice(appraised: Appraisal, edited: Edited) -> list[Finding]:
    """Hold a notice against the result.

    Parameters
    ----------
    appraised : Appraisal
    edited : Edited
        As `read_edited` gives it.

    Returns
    -------
    list of Finding
        In the order of `ITEMS`; none if the notice agrees.
    """
    rules = appraised.rules
    names = {plain(name): name for name in appraised.scorecard["name"]}
    read = Read(catalogue(rules.lang), tuple(names))
    lists = read_lists(edited.lines, read)
    expected = {tier: [plain(name) for name in said] for tier, said in lists_by_tier(appraised).items()}
    misspelt = _misspelt(lists, expected, names)
    mended: Lists = {
        tier: [misspelt.get((tier, place), text) for place, text in enumerate(said)] for tier, said in lists.items()
    }
    return [
        *_tiers(mended, expected, names),
        *_spellings(lists, misspelt, names),
        *_counts(edited, read, expected),
        *_order(mended, expected, names),
        *_withdrawals(appraised, edited, read),
    ]


def _misspelt(lists: Lists, expected: Lists, names: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """Entries that are no name, and the name that each stands for: of its own tier and missing, if one is alike."""
    listed = {text for said in lists.values() for text in said}
    meant: dict[tuple[str, int], str] = {}
    for tier, said in lists.items():
        for place, text in enumerate(said):
            if text in names:
                continue
            taken = listed | set(meant.values())
            missing = [name for own in LISTED for name in expected[own] if name not in taken]
            here = [name for name in expected[tier] if name in missing]
            if near := nearest(text, here, CLOSE) or nearest(text, missing, CLOSE):
                meant[tier, place] = near
    return meant


def _tiers(lists: Lists, expected: Lists, names: Mapping[str, str]) -> Iterator[Finding]:
    """Every department exactly once, and in its tier."""
    own = {name: tier for tier, said in expected.items() for name in said}
    places: dict[str, list[str]] = {}
    for tier, said in lists.items():
        for text in said:
            places.setdefault(text, []).append(tier)
    for tier in LISTED:
        if expected[tier] and tier not in lists:
            yield Finding("tiers", "no_list", {"tier": tier})
    for text, tiers in places.items():
        if text in names:
            yield from _placed(names[text], tiers, own.get(text))
    for tier in LISTED:
        for name in expected[tier]:
            if name not in places and tier in lists:
                yield Finding("tiers", "missing", {"name": names[name], "tier": tier})


def _placed(name: str, tiers: list[str], own: str | None) -> Iterator[Finding]:
    """One department, under the tiers that it is listed in."""
    values = {"name": name, "said": tuple(dict.fromkeys(tiers)), "tier": own}
    if len(tiers) > 1:
        yield Finding("tiers", "twice", values | {"count": len(tiers)})
    if own is None:
        yield Finding("tiers", "outside", values)
    elif own == "ordinary":
        yield Finding("tiers", "named_ordinary", values)
    elif own not in tiers:
        yield Finding("tiers", "moved", values)


def _spellings(lists: Lists, misspelt: Mapping[tuple[str, int], str], names: Mapping[str, str]) -> Iterator[Finding]:
    """Names as the table of departments has them, character by character."""
    for tier, said in lists.items():
        for place, text in enumerate(said):
            if text in names:
                continue
            near = misspelt.get((tier, place)) or nearest(text, names, CLOSE)
            if not near:
                yield Finding("names", "unknown", {"said": text, "tier": tier})
                continue
            code = "script" if fold(text) == fold(near) else "misspelt"
            yield Finding("names", code, {"said": text, "name": names[near]})


def _counts(edited: Edited, read: Read, expected: Lists) -> Iterator[Finding]:
    found = {}
    for tier, count in counts_said(edited.lines, read):
        if count != len(expected[tier]):
            found[tier, count] = Finding("counts", "count", {"tier": tier, "said": count, "count": len(expected[tier])})
    yield from found.values()


def _order(lists: Lists, expected: Lists, names: Mapping[str, str]) -> Iterator[Finding]:
    for tier, said in lists.items():
        once = {name for name, times in Counter(said).items() if times == 1}
        right = [name for name in expected[tier] if name in once]
        have = [name for name in said if name in right]
        for first, there in zip(right, have, strict=True):
            if first != there:
                yield Finding("order", "order", {"tier": tier, "first": names[first], "second": names[there]})
                break


def _withdrawals(appraised: Appraisal, edited: Edited, read: Read) -> Iterator[Finding]:
    name = appraised.scorecard["name"]
    withdrew = {plain(name[d.departments[0]]) for d in appraised.decisions if d.code == "withdrew"}
    told = withdrawals_said(edited.lines, read)
    shown = {plain(one): one for one in name}
    for one in sorted(withdrew - told, key=list(shown).index):
        yield Finding("withdrawals", "not_told", {"name": shown[one]})
    for one in sorted(told - withdrew, key=list(shown).index):
        yield Finding("withdrawals", "told_wrongly", {"name": shown[one]})


def notes(appraised: Appraisal, edited: Edited, state: str) -> list[str]:
    """What is not wrong and has to be seen to: changes not accepted, hidden text, comments, blanks, the state."""
    words = catalogue(appraised.rules.lang)
    blank = plain(words.say("notice.blank"))
    counts = {
        "revisions": edited.revisions,
        "hidden": edited.hidden,
        "comments": edited.comments,
        "blanks": sum(len(re.findall(re.escape(blank), line)) for line in edited.lines),
    }
    said = [words.say(f"notice.check.notes.{kind}", count=count) for kind, count in counts.items() if count]
    return [*said, *([words.say("notice.check.notes.draft")] if state == "draft" else [])]
