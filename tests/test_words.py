"""The catalogues, and the folding of the scripts."""

from __future__ import annotations

import pytest

from appraisal.words import LANGUAGES, catalogue, fold


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_phrase_can_be_filled_in(lang):
    words = catalogue(lang)
    for key in words.phrases:
        assert words.say(key, **dict.fromkeys(words.placeholders(key), "x"))


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
