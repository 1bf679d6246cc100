"""Jurors as explore notebooks call them: by group and place in the panel's order of severity, never by a token."""

from __future__ import annotations

from collections.abc import Iterable

from appraisal.analysis.flags import Settings
from appraisal.analysis.panels import panels
from appraisal.errors import ChoicesError, Problem
from appraisal.scoring.appraise import Appraisal


def jurors(appraised: Appraisal) -> dict[str, int]:
    """Give the jurors of the panels that are large enough, group by group, the most severe first.

    Returns
    -------
    dict
        ``service A`` → position of the ballot in the evidence.
    """
    return {
        f"{panel.group} {letters}": int(ballot)
        for panel in panels(appraised, Settings())
        for letters, ballot in zip(panel.juror, panel.ballots, strict=True)
    }


def called(juror: str, appraised: Appraisal) -> str:
    """Words for a juror: 綜合服務部門 A."""
    group, _, letters = juror.rpartition(" ")
    return f"{appraised.rules.label('groups', group)} {letters}"


def ballots_of(appraised: Appraisal, left_out: Iterable[str]) -> tuple[int, ...]:
    """Give the positions of the ballots of some jurors.

    Raises
    ------
    ChoicesError
        If the year has no such juror.
    """
    known = jurors(appraised)
    if strangers := [juror for juror in left_out if juror not in known]:
        file = appraised.year.folder.name
        problems = [Problem("choices.not_there", file, key="left_out", values={"said": juror}) for juror in strangers]
        raise ChoicesError(problems, appraised.rules.lang)
    return tuple(known[juror] for juror in left_out)
