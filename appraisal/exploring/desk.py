"""A desk of controls: what every explore notebook is made of, with ipywidgets behind it.

ipywidgets is asked for when a desk is made and not before: everything else works without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from traitlets import TraitError

from appraisal.errors import AppraisalError, ChoicesError, Problem, RunError
from appraisal.exploring.choices import open_choices, save_choices
from appraisal.exploring.cutoffs import refusal
from appraisal.exploring.jurors import called, jurors
from appraisal.reporting import fonts, palette
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue

WIDE, NARROW = "26rem", "10.5rem"
# Where choices go unless a name is given: below the working folder, never a year folder.
PLACE = "explorations"
REST = 0.1  # seconds


@dataclass(frozen=True)
class Desk:
    """Controls that give choices, and what follows from them.

    Parameters
    ----------
    controls : mapping of str to widget
        By the names of the choices; a weight by ``weights.<source>``.
    read : callable
        The choices that the controls stand at.
    follow : callable
        Shows what follows from them; is called after each change, with the name of the control.
    waiting : dict
        What is drawn once the controls rest, by the part of the screen.
    """

    controls: Mapping[str, Any]
    read: Callable[[], Any]
    follow: Callable[[str], None]
    waiting: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def watch(self) -> None:
        """Let what is shown follow the controls, from now on."""
        for control in self.controls.values():
            control.observe(self._changed, "value")

    def put(self, values: Mapping[str, object], lang: str) -> None:
        """Set all controls, and follow once.

        Raises
        ------
        ChoicesError
            If a control has no such value, or none is given; the controls stay as they were.
        """
        before = {name: control.value for name, control in self.controls.items()}
        for control in self.controls.values():
            control.unobserve(self._changed, "value")
        try:
            known = self.controls.keys() & values.keys()
            wrong = sorted(self.controls.keys() ^ values.keys())
            wrong += [name for name in values if name in known and not _stands_at(self.controls[name], values[name])]
            if wrong:
                for name, value in before.items():
                    self.controls[name].value = value
                said = [(name, {"said": repr(values.get(name, ""))}) for name in wrong]
                raise ChoicesError(
                    [Problem("choices.not_there", PLACE, key=name, values=one) for name, one in said], lang
                )
        finally:
            self.watch()
        self.follow("")

    def at_rest(self, part: str, draw: Callable[[], object]) -> None:
        """Draw a part of the screen when no control has been turned for a moment.

        A key held down would have a drawing wait in line for each step.
        Where no event loop runs there is nothing to wait for.
        """
        if part in self.waiting:
            self.waiting.pop(part).cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            draw()
        else:
            self.waiting[part] = loop.call_later(REST, draw)

    def _changed(self, change: Mapping[str, Any]) -> None:
        self.follow(next(name for name, control in self.controls.items() if control is change["owner"]))


def _stands_at(control: Any, value: object) -> bool:
    """Set a control; whether it stands there then: a slider stops at its end, a list knows no other entries."""
    try:
        control.value = value
    except TraitError:
        return False
    return control.value == value


def widget_kit(lang: str) -> Any:
    """Give ipywidgets.

    Raises
    ------
    RunError
        If it is not installed; says how it comes.
    """
    try:
        import ipywidgets
    except ImportError as fault:
        raise RunError([Problem("choices.no_widgets", "ipywidgets")], lang) from fault
    return ipywidgets


def said_or_refused(show: Callable[[], object], line: Any, lang: str) -> bool:
    """Run something, and put what forbids it into one line instead of a traceback; whether it went well."""
    try:
        show()
    except AppraisalError as fault:
        line.value = f'<p class="refusal" role="alert">{escape(refusal(fault, lang))}</p>'
        return False
    line.value = ""
    return True


def labelled(kit: Any, kind: str, label: str, **options: Any) -> Any:
    """Make a control with its words; a slider follows when it is let go, so that no drawing queues behind another."""
    if kind.endswith("Slider"):
        options["continuous_update"] = False
    return getattr(kit, kind)(description=label, layout={"width": WIDE}, style={"description_width": NARROW}, **options)


def juror_list(kit: Any, appraised: Appraisal) -> Any:
    """Make the control of the jurors who do not count."""
    label = catalogue(appraised.rules.lang).say("exploring.controls.left_out")
    named = [(called(juror, appraised), juror) for juror in jurors(appraised)]
    return labelled(kit, "SelectMultiple", label, options=named, value=(), rows=7)


def juror_note(kit: Any, appraised: Appraisal) -> Any:
    """What jurors are called, or why none can be left out."""
    name = "left_out_note" if jurors(appraised) else "left_out_none"
    said = catalogue(appraised.rules.lang).say(f"exploring.controls.{name}")
    return kit.HTML(f'<p class="note">{escape(said)}</p>')


def file_bar(
    kit: Any, desk: Desk, name: str, appraised: Appraisal, as_values: Callable[[Any], dict[str, object]]
) -> Any:
    """Save the choices, and open what was saved.

    Parameters
    ----------
    kit : module
    desk : Desk
    name : str
        Of the file that is proposed.
    appraised : Appraisal
    as_values : callable
        Choices → what each control is set to.
    """
    lang = appraised.rules.lang
    words = catalogue(lang)
    path = labelled(kit, "Text", words.say("exploring.controls.file"), value=f"{PLACE}/{name}.toml")
    path.continuous_update = False
    save, take = (kit.Button(description=words.say(f"exploring.controls.{what}")) for what in ("save", "open"))
    line = kit.HTML()

    def tell(what: str) -> None:
        line.value = note_line(words.say(f"exploring.controls.{what}", path=path.value))

    def on_save(_button: object) -> None:
        if said_or_refused(lambda: save_choices(desk.read(), path.value, lang), line, lang):
            tell("saved")

    def on_open(_button: object) -> None:
        def opened() -> None:
            choices = open_choices(path.value, type(desk.read()), lang)
            if choices.year != appraised.rules.year:
                said = {"said": choices.year}
                raise ChoicesError([Problem("choices.not_there", path.value, key="year", values=said)], lang)
            desk.put(as_values(choices), lang)

        if said_or_refused(opened, line, lang):
            tell("opened")

    save.on_click(on_save)
    take.on_click(on_open)
    return kit.VBox([path, kit.HBox([save, take]), line])


def beside(kit: Any, controls: Iterable[Any], shown: Iterable[Any]) -> Any:
    """Put controls to the left of what follows from them."""
    left, right = kit.VBox([*controls]), kit.VBox([*shown])
    left.add_class("controls")
    left.layout, right.layout = {"flex": "0 0 27rem"}, {"flex": "1 1 auto", "min_width": "0"}
    return kit.HBox([left, right])


def said_line(choices: str, lang: str) -> str:
    """What is tried, under the mark of an exploration, as a line of HTML that a screen reader tells when it changes."""
    words = catalogue(lang)
    said = words.say("exploring.said", mark=words.say("exploring.mark"), choices=choices)
    return f'<p class="exploration" role="status">{escape(said)}</p>'


def note_line(said: str) -> str:
    """A sentence as a line of HTML, told when it changes."""
    return f'<p class="note" role="status">{escape(said)}</p>'


def texts_of(appraised: Appraisal) -> list[str]:
    """Texts of a year that a desk may show."""
    labels = appraised.rules.labels.model_dump().values()
    return [
        *appraised.scorecard["name"],
        *appraised.rules.groups.values(),
        *(label for codes in labels for label in codes.values()),
        *appraised.rules.social.points,
        *appraised.rules.social.left_out,
        *appraised.year.deductions["note"],
    ]


def framed(kit: Any, parts: Iterable[Any], texts: Iterable[str], lang: str) -> Any:
    """Put a desk under the mark of an exploration, with the package's own font for its words.

    Parameters
    ----------
    kit : module
    parts : iterable of widget
    texts : iterable of str
        Whatever the desk may show beside the catalogue: names, labels.
    lang : str
    """
    words = catalogue(lang)
    shown = {character for text in (*texts, *words.phrases.values()) for character in text} & fonts.drawn_characters()
    tiers = "".join(f".appraisal .{tier}{{--tier:{look.colour}}}" for tier, look in palette.TIERS.items())
    rules = (files("appraisal.exploring") / "desk.css").read_text("utf-8")
    style = f"<style>{fonts.font_face(fonts.SANS, shown)}{rules}{tiers}</style>"
    lead = f'<p class="exploration">{escape(words.say("exploring.lead"))}</p>'
    box = kit.VBox([kit.HTML(style + lead), *parts])
    box.add_class("appraisal")
    return box
