"""The rules in words: what a key is called, what a value says, and where it comes from."""

from __future__ import annotations

from typing import Any

from appraisal.rulebook import WITHOUT_BASIS, Rulebook
from appraisal.words import catalogue


def listed_rules(rules: Rulebook) -> list[tuple[str, object, str]]:
    """Every value that is a rule, as `Rulebook.values` gives it: its key, itself and its basis.

    What the office has not filled in yet under ``[notice]`` is none. An empty list elsewhere is one, such as that no
    department is outside the competition.
    """
    return [
        (key, value, basis)
        for key, value, basis in rules.values()
        if not (key.startswith("notice.") and value in ("", ()))
    ]


def source_of(basis: str) -> tuple[str, str]:
    """Tell apart what the notice says, what was decided and what is assumed, and the rest of the basis.

    Examples
    --------
    >>> source_of("notice 2.1"), source_of("decided: minutes of 3 March"), source_of("assumed: as the year before")
    (('notice', '2.1'), ('decided', 'minutes of 3 March'), ('assumed', 'as the year before'))
    """
    for kind in ("assumed", "decided"):
        if basis.startswith(f"{kind}:"):
            return kind, basis.removeprefix(f"{kind}:").strip()
    return "notice", basis.removeprefix("notice").lstrip(" ：:")


def rule_name(key: str, rules: Rulebook) -> str:
    """Name of a rule; under a table of codes, the table's name and the code's label; of what is no rule, its key.

    A component that the rulebook no longer has, as an earlier version may, is called by its code.
    """
    words = catalogue(rules.lang)
    if key.partition(".")[0] in WITHOUT_BASIS:
        return key
    if words.has(f"rules.keys.{key}"):
        return words.say(f"rules.keys.{key}")
    table, _, code = key.rpartition(".")
    if table == "groups":
        return words.say("rules.keys.groups")
    parent, _, component = table.partition(".")
    if parent == "items" and component:
        name = words.say("rules.keys.items_of", component=_label(component, rules))
    else:
        name = words.say(f"rules.keys.{table if words.has(f'rules.keys.{table}') else parent}")
    return words.say("rules.keys.of", table=name, code=_label(code, rules))


def _label(code: str, rules: Rulebook) -> str:
    for kind in ("components", "items", "bands", "sources"):
        if code in getattr(rules.labels, kind):
            return rules.label(kind, code)
    return rules.label("ratings", code)


def rule_value(key: str, value: Any, rules: Rulebook) -> str:
    """Write the value of a rule: ranges, lists and codes in words."""
    words = catalogue(rules.lang)
    if key.endswith(".ranks") or key.startswith("bands."):
        return words.say("rules.values.range", low=value[0], high=value[1])
    if isinstance(value, tuple | list):
        return words.say("report.join").join(rule_value("", entry, rules) for entry in value) or words.say(
            "report.none"
        )
    if value == "":
        return words.say("rules.values.blank") if not key else ""
    label = (
        rules.label("groups", key.removeprefix("groups.")) if key.startswith("groups.") else _label(str(value), rules)
    )
    return words.say(f"rules.values.{value}") if words.has(f"rules.values.{value}") else label
