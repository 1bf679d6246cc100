"""The choices of an explore notebook: frozen, saved as a small TOML, opened again, never read by a run.

`check`, `score` and `report` read the year folder only, and a file of choices inside one is an error there.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from appraisal.errors import ChoicesError, Problem
from appraisal.files import write_whole
from appraisal.reading.inventory import EXPLORATION
from appraisal.rulebook import FILE, Rulebook
from appraisal.words import catalogue


@dataclass(frozen=True)
class CutoffChoices:
    """What `explore_cutoffs` tries.

    Parameters
    ----------
    year : int
    group : str
        Shown in the chart.
    best, advanced, good : int
        Last rank of each window.
    wildcards : int
    share : float
        Of advanced and of good, in percent; another than the rulebook's cuts.
    backfill, wildcard_scale : str
    weights : mapping of str to float
        Source to its weight; they are scaled to add up to 100.
    left_out : tuple of str
        Jurors who do not count, each by group and place in the order of severity: ``service A``.
    """

    year: int
    group: str
    best: int
    advanced: int
    good: int
    wildcards: int
    share: float
    backfill: str
    wildcard_scale: str
    weights: dict[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnomalyChoices:
    """What `explore_anomalies` looks at.

    Parameters
    ----------
    year : int
    group : str
        ``""`` is all of them.
    department : str
        Whose dossier is open.
    test : str
        Family of the flags shown; ``""`` is all of them.
    rate : float
        False discoveries among the flags of a family, at most.
    left_out : tuple of str
        As in `CutoffChoices`.
    """

    year: int
    group: str
    department: str
    test: str
    rate: float
    left_out: tuple[str, ...] = ()


Choices = CutoffChoices | AnomalyChoices
Own = TypeVar("Own", bound=Choices)


def official_choices(rules: Rulebook) -> CutoffChoices:
    """The choices that change nothing."""
    tiers = rules.tiers
    return CutoffChoices(
        year=rules.year,
        group=next(iter(rules.groups)),
        best=tiers.best.ranks[1],
        advanced=tiers.advanced.ranks[1],
        good=tiers.good.ranks[1],
        wildcards=tiers.best.wildcards,
        share=float(100 * tiers.advanced.share),
        backfill=tiers.best.backfill,
        wildcard_scale=tiers.best.wildcard_scale,
        weights={source: float(weight) for source, weight in rules.weights.items()},
    )


def as_toml(choices: Choices, lang: str = "zh-Hant") -> str:
    """Write choices as TOML, under the mark of an exploration.

    Examples
    --------
    >>> print(as_toml(AnomalyChoices(2003, "service", "dangan", "", 0.05, ("service A",))))
    # 探索·非正式結果
    kind = "exploration"
    choices = "AnomalyChoices"
    year = 2003
    group = "service"
    department = "dangan"
    test = ""
    rate = 0.05
    left_out = ["service A"]
    """
    mark = catalogue(lang).say("exploring.mark")
    lines, tables = [f"# {mark}", EXPLORATION, f"choices = {json.dumps(type(choices).__name__)}"], []
    for key, value in asdict(choices).items():
        if isinstance(value, dict):
            tables += [f"[{key}]", *(f"{json.dumps(k, ensure_ascii=False)} = {v}" for k, v in value.items())]
        else:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *tables])


def save_choices(choices: Choices, path: Path | str, lang: str = "zh-Hant") -> Path:
    """Write choices to a file, in one step.

    Raises
    ------
    ChoicesError
        If the place is inside a year folder, or cannot be written.
    """
    return save_outside(path, (as_toml(choices, lang) + "\n").encode(), lang)


def save_outside(path: Path | str, content: bytes, lang: str = "zh-Hant") -> Path:
    """Write a file, in one step, anywhere but in a year folder, whatever links lead there.

    Raises
    ------
    ChoicesError
        If the place is inside a year folder, or cannot be written.
    """
    path = Path(path).expanduser()
    found = next((above for above in path.resolve().parents if (above / FILE).exists()), None)
    if found is not None:
        raise _refused("year_folder", path, lang, folder=found)
    try:
        write_whole(path, content)
    except OSError as fault:
        raise _refused("unwritable", path, lang, fault=fault.strerror or fault) from fault
    return path


def open_choices(path: Path | str, kind: type[Own], lang: str = "zh-Hant") -> Own:
    """Read choices that were saved.

    Raises
    ------
    ChoicesError
        If the file cannot be read, is of another notebook, or says what no such notebook can choose.
    """
    path = Path(path).expanduser()
    try:
        said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _refused("unreadable", path, lang, fault=getattr(fault, "strerror", None) or fault) from fault
    if said.pop("kind", "") != "exploration" or said.pop("choices", "") != kind.__name__:
        raise _refused("other", path, lang)
    if problems := _misfits(said, kind, path.name):
        raise ChoicesError(problems, lang)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    return kind(**values)


def _misfits(said: Mapping[str, Any], kind: type[Any], file: str) -> list[Problem]:
    samples: dict[str, tuple[type, ...]] = {
        "str": (str,), "int": (int,), "float": (float, int), "dict[str, float]": (dict,), "tuple[str, ...]": (list,),
    }  # fmt: skip
    problems = [Problem("choices.unknown", file, key=key) for key in said if key not in {f.name for f in fields(kind)}]
    for known in fields(kind):
        if known.name not in said:
            problems.append(Problem("choices.missing", file, key=known.name))
            continue
        value = said[known.name]
        fits = isinstance(value, samples[str(known.type)]) and not isinstance(value, bool)
        if fits and isinstance(value, list):
            fits = all(isinstance(one, str) for one in value)
        if fits and isinstance(value, dict):
            fits = all(isinstance(one, float | int) for one in value.values())
        if not fits:
            problems.append(Problem("choices.value", file, key=known.name, values={"said": repr(value)}))
    return problems


def _refused(code: str, path: Path, lang: str, **values: object) -> ChoicesError:
    return ChoicesError([Problem(f"choices.{code}", path.name, values=values)], lang)
