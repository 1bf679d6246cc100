"""The same year in another language: the words of the rulebook and the names of departments, where they are given."""

from __future__ import annotations

from dataclasses import replace

from appraisal.rulebook import Rulebook
from appraisal.sections import Translation
from appraisal.tables import Year

# Names are taken from the table, never converted: a converter makes 老幹部局 of 老干部局.
NAMES = {"zh-Hans": "name_hans", "en": "name_en"}


def translated(year: Year, lang: str) -> Year:
    """Give a year in the words of another language.

    Parameters
    ----------
    year : Year
    lang : str
        One of `words.LANGUAGES`; the year's own, or ``""``, leaves everything as it is.

    Returns
    -------
    Year
        With the words of ``[translations.<lang>]`` and the departments' names in that language, where there are such;
        everything else is as the year says it.
    """
    if lang in ("", year.rules.lang):
        return year
    departments, column = year.departments, NAMES.get(lang, "name")
    if column in departments:
        given = departments[column].where(departments[column] != "", departments["name"])
        departments = departments.assign(name=given)
    return replace(year, rules=translated_rules(year.rules, lang), departments=departments)


def translated_rules(rules: Rulebook, lang: str) -> Rulebook:
    """Give the same rules in the words of another language."""
    given = rules.translations.get(lang, Translation())
    title = {"title": given.title} if given.title else {}
    return rules.replace({"lang": lang, "basis": {**rules.basis, **given.basis}, **title})
