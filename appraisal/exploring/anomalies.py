"""Flags as an analyst looks at them: of one group, one department, one test, at another rate; as pieces of a page."""

from __future__ import annotations

from dataclasses import replace

from appraisal.analysis.flags import Flags
from appraisal.exploring.choices import AnomalyChoices
from appraisal.exploring.cutoffs import left_out_told, marked
from appraisal.reporting import anomalies
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import catalogue


def flags_piece(appraised: Appraisal, found: Flags, choices: AnomalyChoices) -> Piece:
    """How hard each test looked, and the flags chosen; a flag found here is marked as found by search.

    Parameters
    ----------
    appraised : Appraisal
    found : Flags
        At the rate chosen; all of them: what was looked at does not shrink by looking at less of it.
    choices : AnomalyChoices
    """
    shown = chosen(found, choices)
    families = found.families.loc[[choices.test]] if choices.test else found.families
    told = anomalies_told(replace(choices, left_out=()), appraised)
    pieces = (anomalies.flags(appraised, shown), anomalies.families(appraised, replace(found, families=families)))
    words = catalogue(appraised.rules.lang)
    mark = marked("", told, words)
    return Piece("\n".join(piece.html.replace("</caption>", f"　{mark}</caption>") for piece in pieces))


def chosen(found: Flags, choices: AnomalyChoices) -> Flags:
    """Give the flags of one test and one group; those that name no group belong to every one."""
    rows = found.flags
    keep = rows["group"].isin([choices.group, ""]) if choices.group else rows["group"].notna()
    if choices.test:
        keep &= rows["family"] == choices.test
    omissions = tuple(omission for omission, kept in zip(found.omissions, keep, strict=True) if kept)
    return replace(found, flags=rows[keep].reset_index(drop=True), omissions=omissions)


def anomalies_told(choices: AnomalyChoices, appraised: Appraisal) -> str:
    """Say in one line what is looked at."""
    rules, words = appraised.rules, catalogue(appraised.rules.lang)
    said = [words.say("exploring.told.rate", rate=f"{choices.rate:g}")]
    if choices.group:
        said.append(words.say("exploring.told.group", group=rules.label("groups", choices.group)))
    if choices.test:
        said.append(words.say("exploring.told.test", test=words.say(f"anomalies.tests.{choices.test}.title")))
    said += left_out_told(choices.left_out, appraised)
    return words.say("exploring.told.join").join(said)
