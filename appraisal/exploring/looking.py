"""The desk of `explore_anomalies`: flags, the dossier of one department, and tiers without some ballots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from appraisal.analysis.anomalies import find_flags
from appraisal.analysis.flags import Flags, Settings
from appraisal.exploring.anomalies import anomalies_told, flags_piece
from appraisal.exploring.choices import AnomalyChoices
from appraisal.exploring.desk import (
    Desk,
    beside,
    file_bar,
    framed,
    juror_list,
    juror_note,
    labelled,
    said_line,
    said_or_refused,
    texts_of,
    widget_kit,
)
from appraisal.exploring.dossier import dossier_piece, without_piece
from appraisal.folders import YEAR, written_language, year_folder
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year
from appraisal.words import catalogue

# False discoveries among the flags, at most: the usual rate, stricter ones, and ones for a wide look.
RATES = (0.01, 0.05, 0.10, 0.20, 0.50)
# Which parts of the screen follow which control.
FOLLOWS = {
    "group": ("flags",),
    "test": ("flags",),
    "rate": ("flags",),
    "department": ("dossier",),
    "left_out": ("without",),
}


def explore_anomalies(year: int, data: Path | str | None = None) -> Any:
    """Give the desk on which an analyst looks at flags and departments; nothing of it reaches a result.

    Parameters
    ----------
    year : int
        The year it opens with; the others of its folder can be chosen.
    data : Path or str, optional
        The folder that holds the years; else `data` of the working folder or of a folder above it.

    Returns
    -------
    ipywidgets.Widget

    Raises
    ------
    FolderError
        If there is no such year.
    RunError
        If ipywidgets is not installed.
    """
    opened = year_folder(year, data)
    folder, lang = opened.parent, written_language(opened)
    kit, words = widget_kit(lang), catalogue(lang)
    years = sorted(int(inside.name) for inside in folder.iterdir() if inside.is_dir() and YEAR.fullmatch(inside.name))
    choice = labelled(kit, "Dropdown", words.say("exploring.controls.year"), options=years, value=year)
    line, place = kit.HTML(), kit.VBox()

    def follow(_change: object) -> None:
        def show() -> None:
            appraised = appraise(load_year(folder / str(choice.value)))
            desk = _desk(appraised, kit)
            place.children = (framed(kit, [choice, line, desk], texts_of(appraised), appraised.rules.lang),)

        lang = written_language(folder / str(choice.value))
        if not said_or_refused(show, line, lang):
            place.children = (framed(kit, [choice, line], (), lang),)

    choice.observe(follow, "value")
    follow(None)
    return place


def _desk(appraised: Appraisal, kit: Any) -> Any:
    rules = appraised.rules
    flags = cache(lambda rate: find_flags(appraised, Settings(rate=rate)))
    controls = _controls(appraised, kit, flags(Settings().rate).families.index)
    parts = [name for part in ("without", "dossier", "flags") for name in (f"{part} refused", part)]
    screen = {name: kit.HTML() for name in ("said", *parts)}
    desk = Desk(
        controls,
        lambda: AnomalyChoices(year=rules.year, **{name: control.value for name, control in controls.items()}),
        lambda name: _follow(appraised, desk, screen, flags, name),
    )
    left = [
        *controls.values(),
        juror_note(kit, appraised),
        file_bar(kit, desk, f"{rules.year}-anomalies", appraised, _values),
    ]
    desk.watch()
    desk.follow("")
    above = beside(kit, left, [screen[name] for name in ("said", *parts[:4])])
    return kit.VBox([above, *(screen[name] for name in parts[4:])])


def _controls(appraised: Appraisal, kit: Any, families: Iterable[str]) -> dict[str, Any]:
    rules, words, scorecard = appraised.rules, catalogue(appraised.rules.lang), appraised.scorecard
    everything = (words.say("exploring.controls.all"), "")
    tests = [(words.say(f"anomalies.tests.{name}.title"), name) for name in families]
    ranked = scorecard.assign(_group=scorecard["group"].map(list(rules.groups).index)).sort_values(["_group", "rank"])
    departments = [(f"{rules.label('groups', row.group)}　{row.name}", row.Index) for row in ranked.itertuples()]

    def among(name: str, options: list[tuple[str, Any]], value: object) -> Any:
        return labelled(kit, "Dropdown", words.say(f"exploring.controls.{name}"), options=options, value=value)

    return {
        "department": among("department", departments, departments[0][1]),
        "left_out": juror_list(kit, appraised),
        "group": among("group", [everything, *((rules.label("groups", group), group) for group in rules.groups)], ""),
        "test": among("test", [everything, *tests], ""),
        "rate": among("rate", [(f"{rate:.0%}", rate) for rate in RATES], Settings().rate),
    }


def _values(choices: AnomalyChoices) -> dict[str, object]:
    return {name: getattr(choices, name) for name in ("department", "left_out", "group", "test", "rate")}


def _follow(
    appraised: Appraisal, desk: Desk, screen: Mapping[str, Any], flags: Callable[[float], Flags], name: str
) -> None:
    """Show anew what a control has to do with: tiers without a ballot at once, what is drawn when the controls rest."""
    choices, lang = desk.read(), appraised.rules.lang
    makes = {
        "without": lambda: without_piece(appraised, choices.left_out),
        "dossier": lambda: dossier_piece(appraised, choices.department),
        "flags": lambda: flags_piece(appraised, flags(choices.rate), choices),
    }
    wanted = [part for part in makes if name not in FOLLOWS or part in FOLLOWS[name]]
    screen["said"].value = said_line(anomalies_told(choices, appraised), lang)

    def show(part: str) -> None:
        def put() -> None:
            screen[part].value = makes[part]().html

        if not said_or_refused(put, screen[f"{part} refused"], lang):
            screen[part].value = ""

    for part in wanted:
        if part == "without":
            show(part)
        else:
            desk.at_rest(part, partial(show, part))
