"""The desk of `explore_cutoffs`: turn a cutoff, a weight, a back-fill, leave a juror out, and see who moves."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, get_args

from appraisal.analysis.suppositions import Supposed
from appraisal.analysis.sweep import EDGES, WILDCARDS
from appraisal.exploring.choices import CutoffChoices, official_choices
from appraisal.exploring.cutoffs import chart_piece, lines_piece, outcome, tiers_piece, told, weights_told
from appraisal.exploring.desk import (
    PLACE,
    Desk,
    beside,
    file_bar,
    framed,
    juror_list,
    juror_note,
    labelled,
    note_line,
    said_line,
    said_or_refused,
    texts_of,
    widget_kit,
)
from appraisal.exploring.sheet import save_sheet
from appraisal.scoring.appraise import Appraisal
from appraisal.sections import Best
from appraisal.words import catalogue

SHARES, MOST_WEIGHT, STEP = (15.0, 35.0), 60.0, 0.5


def explore_cutoffs(appraised: Appraisal) -> Any:
    """Give the desk on which an analyst turns cutoffs, weights and ballots; nothing of it reaches a result.

    Parameters
    ----------
    appraised : Appraisal
        The official result of a year.

    Returns
    -------
    ipywidgets.Widget

    Raises
    ------
    RunError
        If ipywidgets is not installed.
    """
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    kit = widget_kit(rules.lang)
    controls = _controls(appraised, kit)
    screen = {name: kit.HTML() for name in ("said", "refusal", "folded", "tiers", "chart", "lines")}
    desk = Desk(controls, lambda: _read(controls, rules.year), lambda _name: _follow(appraised, desk, screen))
    reset = kit.Button(description=words.say("exploring.controls.reset"))
    reset.on_click(lambda _button: desk.put(_values(official_choices(rules)), rules.lang))
    left = [
        *(controls[name] for name in controls if not name.startswith("weights.") and name != "left_out"),
        kit.HTML(f"<p>{escape(words.say('exploring.controls.weights'))}</p>"),
        *(control for name, control in controls.items() if name.startswith("weights.")),
        screen["folded"],
        controls["left_out"],
        juror_note(kit, appraised),
        reset,
        file_bar(kit, desk, f"{rules.year}-cutoffs", appraised, _values),
        _sheet_bar(kit, desk, appraised),
    ]
    desk.watch()
    desk.follow("")
    shown = [screen[name] for name in ("said", "refusal", "tiers", "chart", "lines")]
    return framed(kit, [beside(kit, left, shown)], texts_of(appraised), rules.lang)


def _controls(appraised: Appraisal, kit: Any) -> dict[str, Any]:
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    own = official_choices(rules)

    def label(name: str) -> str:
        return words.say(f"exploring.controls.{name}")

    def among(name: str) -> Any:
        options = [
            (words.say(f"exploring.{name}.{code}"), code) for code in get_args(Best.model_fields[name].annotation)
        ]
        return labelled(kit, "Dropdown", label(name), options=options, value=getattr(own, name))

    groups = [(rules.label("groups", group), group) for group in rules.groups]
    ends = {name: (min(EDGES[name][0], getattr(own, name)), max(EDGES[name][-1], getattr(own, name))) for name in EDGES}
    return {
        "group": labelled(kit, "Dropdown", label("group"), options=groups, value=own.group),
        **{
            name: labelled(kit, "IntSlider", label(name), value=getattr(own, name), min=low, max=high)
            for name, (low, high) in ends.items()
        },
        "wildcards": labelled(
            kit, "IntSlider", label("wildcards"), value=own.wildcards, min=0, max=max(WILDCARDS[-1], own.wildcards) + 1
        ),
        "share": labelled(
            kit, "FloatSlider", label("share"), value=own.share, step=1.0, readout_format=".1f",
            min=min(SHARES[0], own.share), max=max(SHARES[1], own.share),
        ),
        "backfill": among("backfill"),
        "wildcard_scale": among("wildcard_scale"),
        **{
            f"weights.{source}": labelled(
                kit, "FloatSlider", rules.label("components", source), value=weight, step=STEP, readout_format=".1f",
                min=0.0, max=max(MOST_WEIGHT, weight), tooltip=rules.label("components", source),
            )
            for source, weight in own.weights.items()
        },
        "left_out": juror_list(kit, appraised),
    }  # fmt: skip


def _read(controls: Mapping[str, Any], year: int) -> CutoffChoices:
    values = {name: control.value for name, control in controls.items()}
    weights = {name.removeprefix("weights."): values.pop(name) for name in list(values) if name.startswith("weights.")}
    return CutoffChoices(year=year, weights=weights, **values)


def _values(choices: CutoffChoices) -> dict[str, object]:
    named = ("group", "best", "advanced", "good", "wildcards", "share", "backfill", "wildcard_scale", "left_out")
    weights = {f"weights.{source}": weight for source, weight in choices.weights.items()}
    return {name: getattr(choices, name) for name in named} | weights


def _follow(appraised: Appraisal, desk: Desk, screen: Mapping[str, Any]) -> None:
    """Tiers at once, the chart when the controls rest."""
    choices, words = desk.read(), catalogue(appraised.rules.lang)

    def show() -> None:
        supposed, said = outcome(appraised, choices), told(choices, appraised)
        screen["said"].value = said_line(said, appraised.rules.lang)
        folded = words.say("exploring.controls.folded", weights=weights_told(choices.weights, appraised.rules))
        screen["folded"].value = f'<p class="note">{escape(folded)}</p>'
        screen["tiers"].value = tiers_piece(appraised, supposed, said).html
        screen["lines"].value = lines_piece(appraised, supposed, said).html
        desk.at_rest("chart", lambda: draw(supposed, said))

    def draw(supposed: Supposed, said: str) -> None:
        screen["chart"].value = chart_piece(appraised, supposed, choices.group, said).html

    if not said_or_refused(show, screen["refusal"], appraised.rules.lang):
        desk.at_rest("chart", lambda: None)
        for name in ("said", "folded", "tiers", "lines", "chart"):
            screen[name].value = ""


def _sheet_bar(kit: Any, desk: Desk, appraised: Appraisal) -> Any:
    """Save who stands in which tier as a workbook."""
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    button, line = kit.Button(description=words.say("exploring.controls.sheet")), kit.HTML()
    path = Path(PLACE) / f"{rules.year}-cutoffs.xlsx"

    def on_click(_button: object) -> None:
        def save() -> None:
            choices = desk.read()
            save_sheet(appraised, outcome(appraised, choices), told(choices, appraised), path)

        if said_or_refused(save, line, rules.lang):
            line.value = note_line(words.say("exploring.controls.saved", path=path))

    button.on_click(on_click)
    return kit.VBox([button, line])
