"""The last run that failed: its message and its notebook, beside the last good set and never instead of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from appraisal.errors import AppraisalError
from appraisal.files import write_whole

FOLDER = "failed"
FILE = "failure.json"


@dataclass(frozen=True)
class Failure:
    """A run that published nothing.

    Parameters
    ----------
    when : str
        ISO 8601, UTC.
    messages : tuple of str
        Every problem, in the year's language.
    """

    when: str
    messages: tuple[str, ...]


def keep_failure(place: Path, error: AppraisalError, when: str, lang: str) -> None:
    """Keep what a failed run said, in the language `lang`, under ``failed/`` of the year's set; the set stays."""
    failure = Failure(when, tuple(problem.say(lang) for problem in error.problems))
    written = json.dumps(asdict(failure), ensure_ascii=False, indent=1) + "\n"
    write_whole(place / FOLDER / FILE, written.encode())


def last_failure(place: Path) -> Failure | None:
    """The failure since the last good set, if there was one."""
    path = place / FOLDER / FILE
    try:
        kept = json.loads(path.read_text("utf-8"))
        return Failure(str(kept["when"]), tuple(map(str, kept["messages"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
