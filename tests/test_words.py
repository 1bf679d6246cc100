"""The catalogues, and the folding of the scripts."""

from __future__ import annotations

import pytest

from appraisal.words import LANGUAGES, catalogue, fold


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
