"""The catalogues, and the folding of the scripts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import appraisal
from appraisal.words import LANGUAGES, catalogue, fold

PHRASE = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}")
# What click says of a misused command and of options is English, and so are the names of random streams.
CLICK_S_OWN = ("option", "out_option", "argument", "fail", "Parts")
STREAMS = ("stream", "random", "normal")


def english(code: str) -> list[str]:
    """Phrases in code that somebody could be shown: not what documents it, nor what is raised at programmers."""

    def shown(node: ast.AST) -> Iterator[str]:
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if isinstance(node, ast.Raise) or name in (*CLICK_S_OWN, *STREAMS):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PHRASE.search(node.value):
            yield node.value
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                yield from shown(child)

    return list(shown(ast.parse(code)))


def test_english_in_code_is_found():
    code = '"""It says so."""\nraise ValueError("no such thing")\nclick.echo(f"{year}: another run is under way")'
    assert english(code) == [": another run is under way"]


@pytest.mark.parametrize("room", ["cli", "office"])
def test_what_commands_say_stands_in_the_catalogues(room):
    files = sorted((Path(appraisal.__file__).parent / room).glob("*.py"))
    said = {file.name: english(file.read_text("utf-8")) for file in files}
    assert {name: phrases for name, phrases in said.items() if phrases} == {}
    # A language chosen in code is not the year's.
    fixed = [file.name for file in files if re.search(r"catalogue\([\"']", file.read_text("utf-8"))]
    assert fixed == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_phrase_can_be_filled_in(lang):
    words = catalogue(lang)
    for key in words.phrases:
        assert words.say(key, **dict.fromkeys(words.placeholders(key), "x"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_placeholders(lang):
    own, others = catalogue(lang), catalogue("zh-Hant")
    assert set(own.phrases) == set(others.phrases)
    differ = [key for key in own.phrases if own.placeholders(key) != others.placeholders(key)]
    assert differ == []


def test_the_simplified_catalogue_has_no_traditional_character():
    phrases = catalogue("zh-Hans").phrases
    assert {key: phrase for key, phrase in phrases.items() if fold(phrase) != phrase} == {}


def test_an_unknown_phrase_is_no_phrase():
    with pytest.raises(KeyError):
        catalogue("en").say("problems.nothing_of_the_kind")
    with pytest.raises(ValueError, match="no catalogue 'fr'"):
        catalogue("fr")


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [("綜合服務部門", "综合服务部门"), ("誡勉", "诫勉"), ("領導評鑒", "领导评鉴"), ("臺灣", "台湾"), ("得分", "得分")],
)
def test_both_scripts_fold_alike(traditional, simplified):
    assert fold(traditional) == fold(simplified)


def test_folding_never_joins_what_only_looks_alike():
    assert fold("優秀") != fold("優良")
    assert fold("己") != fold("已")


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant"])
def test_the_rulebook_has_one_name(lang):
    """The one that the messages and the handbook have."""
    phrases = catalogue(lang).phrases
    named = {name for phrase in phrases.values() for name in re.findall(r"规则(?:文件|手册|书|文档)", fold(phrase))}
    assert named == {"规则文件"}
