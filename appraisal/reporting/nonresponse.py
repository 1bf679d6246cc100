"""The section on the forms that did not come back: what they could do to each line, and how far they must differ."""

from __future__ import annotations

from typing import Any

import pandas as pd

from appraisal.analysis.margins import cutoff_lines
from appraisal.analysis.nonresponse import NonResponse, missing_forms, non_response
from appraisal.reporting import layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

# Columns of the table of lines: gaps by their words, and what random parts differ by.
GAPS = {"gap": "report.lines.gap", "least_gap": "nonresponse.least_gap", "most_gap": "nonresponse.most_gap"}
CHANCE = ("halves", "halves_high", "as_many_high")


def nonresponse(appraised: Appraisal) -> Piece:
    """What the missing forms could do to each line, beside what random parts of the returned ones differ by."""
    words, rules = catalogue(appraised.rules.lang), appraised.rules
    look: dict[str, Any] = {"synthetic": rules.data == "synthetic", "lang": rules.lang}
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
            layout.table(
                _lines(found, named, words),
                caption=words.say("nonresponse.caption"),
                digits={words.say(f"nonresponse.{name}"): 1 for name in ("difference", *CHANCE)}
                | {words.say(name): rules.rounding.digits for name in GAPS.values()},
                **look,
            ),
            layout.table(
                _moved(appraised, found, named, words), caption=words.say("nonresponse.moved.caption"), **look
            ),
        ]
    )


def _told(appraised: Appraisal, found: NonResponse, words: Words) -> list[str]:
    lines, part = found.lines, min(found.missing, found.returned // 2)
    within = int((lines["tipping"] <= lines["as_many_high"]).sum())
    said = [
        words.say("nonresponse.flips", lines=len(lines), flips=int(lines["flips"].sum())),
        words.say("nonresponse.tipping"),
        words.say("nonresponse.chance", splits=found.splits, seed=found.seed, part=part),
    ]
    if appraised.year.social_counts is not None:
        said.append(words.say("nonresponse.counts"))
    said.append(words.say("nonresponse.within", lines=len(lines), count=within, part=part))
    if len(lines) < len(cutoff_lines(appraised)):
        said.append(words.say("nonresponse.left_out"))
    return said


def _lines(found: NonResponse, named: list[str], words: Words) -> pd.DataFrame:
    lines = found.lines
    shown = {words.say("report.lines.line"): named}
    shown |= {words.say(said): lines[name].to_numpy() for name, said in GAPS.items()}
    shown[words.say("nonresponse.flipped")] = [
        words.say(f"nonresponse.{'turned' if flips else 'kept'}") for flips in lines["flips"]
    ]
    shown[words.say("nonresponse.difference")] = lines["tipping"].to_numpy()
    return pd.DataFrame(shown | {words.say(f"nonresponse.{name}"): lines[name].to_numpy() for name in CHANCE})


def _moved(appraised: Appraisal, found: NonResponse, named: list[str], words: Words) -> pd.DataFrame:
    names, join = appraised.scorecard["name"], words.say("report.join")
    shown = {words.say("report.lines.line"): named}
    for way in ("least", "most"):
        shown[words.say(f"nonresponse.moved.{way}")] = [
            join.join(names[code] for code in moved) or words.say("nonresponse.moved.nobody")
            for moved in found.lines[f"moved_{way}"]
        ]
    return pd.DataFrame(shown)
