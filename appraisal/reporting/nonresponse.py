"""The section on the forms that did not come back: what they could do to each line, and how far they must differ."""

from __future__ import annotations

import pandas as pd

from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.nonresponse import NonResponse, missing_forms, non_response
from appraisal.reporting import layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words


def nonresponse(appraised: Appraisal) -> Piece:
    """What the missing forms could do to each line, beside what random parts of the returned ones differ by."""
    words, rules = layout.words_of(appraised), appraised.rules
    look = layout.look(appraised)
    head, missing = layout.heading(words.say("nonresponse.title"), level=3), missing_forms(appraised.year)
    if missing is None:
        return head + layout.paragraph(words.say("nonresponse.unknown"))
    counts = {"issued": rules.social.issued, "returned": appraised.year.returned, "missing": missing}
    if not missing:
        return head + layout.paragraph(words.say("nonresponse.all_returned", **counts))
    found = non_response(appraised)
    named = [narrative.line_name(row, rules) for row in found.lines.itertuples()]
    return layout.pieces(
        [
            head,
            layout.paragraph(words.say("nonresponse.lead", **counts)),
            layout.paragraph(*_told(appraised, found, words)),
            layout.paragraph(*_compared(appraised, found, words)),
            layout.table(
                _bounds(found, named, words),
                caption=words.say("nonresponse.bounds.caption"),
                digits=rules.rounding.digits,
                **look,
            ),
            layout.table(
                _points(found, named, words), caption=words.say("nonresponse.point.caption"), digits=1, **look
            ),
            layout.table(
                _moved(appraised, found, named, words), caption=words.say("nonresponse.moved.caption"), **look
            ),
        ]
    )


def _told(appraised: Appraisal, found: NonResponse, words: Words) -> list[str]:
    lines = found.lines
    said = [words.say("nonresponse.flips", lines=len(lines), flips=int(lines["flips"].sum()))]
    if len(lines) < len(cutoff_lines(appraised)):
        said.append(words.say("nonresponse.left_out"))
    return said


def _compared(appraised: Appraisal, found: NonResponse, words: Words) -> list[str]:
    lines, part = found.lines, min(found.missing, found.returned // 2)
    said = [words.say("nonresponse.how")]
    said.append(words.say("nonresponse.chance", splits=found.splits, seed=found.seed, part=part))
    if appraised.year.social_counts is not None:
        said.append(words.say("nonresponse.counts"))
    within = int((lines["tipping"] <= lines["as_many_high"]).sum())
    return [*said, words.say("nonresponse.within", lines=len(lines), count=within, part=part)]


def _bounds(found: NonResponse, named: list[str], words: Words) -> pd.DataFrame:
    lines = found.lines
    return pd.DataFrame(
        {
            words.say("report.lines.line"): named,
            words.say("report.lines.gap"): lines["gap"].to_numpy(),
            words.say("nonresponse.bounds.least"): lines["least_gap"].to_numpy(),
            words.say("nonresponse.bounds.most"): lines["most_gap"].to_numpy(),
            words.say("nonresponse.bounds.flipped"): [
                words.say(f"nonresponse.bounds.{'turned' if flips else 'kept'}") for flips in lines["flips"]
            ],
        }
    )


def _points(found: NonResponse, named: list[str], words: Words) -> pd.DataFrame:
    columns = ("tipping", "halves", "halves_high", "as_many_high")
    return pd.DataFrame(
        {words.say("report.lines.line"): named}
        | {words.say(f"nonresponse.point.{name}"): found.lines[name].to_numpy() for name in columns}
    )


def _moved(appraised: Appraisal, found: NonResponse, named: list[str], words: Words) -> pd.DataFrame:
    names, join = appraised.scorecard["name"], words.say("report.join")
    shown = {words.say("report.lines.line"): named}
    for way in ("least", "most"):
        shown[words.say(f"nonresponse.moved.{way}")] = [
            join.join(names[code] for code in moved) or words.say("nonresponse.moved.nobody")
            for moved in found.lines[f"moved_{way}"]
        ]
    return pd.DataFrame(shown)
