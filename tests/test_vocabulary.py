"""Words that stand for codes, and how messages give a text and a list of names."""

from __future__ import annotations

import pytest

from appraisal.reading import vocabulary
from appraisal.reading.vocabulary import NAMES_LISTED, Vocabulary, listed, shown, tidy


@pytest.mark.parametrize(
    ("text", "tidied"), [("X市", "X市"), ("市XX", "市XX"), ("　ＸＸ　", "XX"), ("\ufeff市\u200b", "市")]
)
def test_letters_at_the_ends_stay(text, tidied):
    assert tidy(text) == tidied


@pytest.mark.parametrize(
    ("text", "said"),
    [("a\\b'c\"", "a\\b'c\""), ("a\\\n", "a\\\\n"), ("x" * 60, "x" * 60), ("x" * 61, "x" * 57 + "…")],
)
def test_a_text_in_a_message(text, said):
    assert shown(text) == said


def test_many_names_in_a_message():
    names = [f"n{number}" for number in range(NAMES_LISTED + 1)]
    assert listed(names[:-1]) == ", ".join(names[:-1])
    assert listed(names) == ", ".join(names[:-1]) + ", …"
    assert listed(["a", ""]) == "a, 〔〕"


def test_a_word_as_it_stands_goes_before_the_same_in_the_other_script():
    names = Vocabulary(["A", "B"], {"A": ["組織局"], "B": ["组织局"]})
    assert [names.find(word) for word in ("組織局", "组织局", " 組織局")] == [("A",), ("B",), ("A", "B")]


def test_a_code_that_no_other_word_stands_for_is_its_own_word():
    items = Vocabulary(["level", "difficulty"], {"level": ["level", "層次高低"]})
    assert [items.word(code) for code in items.codes] == ["層次高低", "difficulty"]


@pytest.mark.parametrize(("compared", "named"), [(2, 1), (3, 2), (4, 2), (5, 3)])
def test_so_many_words_are_compared_and_no_more(monkeypatch, compared, named):
    """Of two words each search compares both; the last begins while any are left."""
    monkeypatch.setattr(vocabulary, "WORDS_COMPARED", compared)
    bands = Vocabulary(["good", "fair"])
    assert [bands.near("goood") for _search in range(4)] == ["good"] * named + [""] * (4 - named)
