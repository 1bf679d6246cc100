"""Why a department is where it is: one page for one department, with nobody else's score on it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis.margins import cutoff_lines
from appraisal.errors import AppraisalError, Problem
from appraisal.reading.vocabulary import nearest, shown
from appraisal.reporting import layout, narrative
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.layout import Piece
from appraisal.reporting.one_page import one_page
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.decisions import Decision
from appraisal.scoring.evidence import counting_rows
from appraisal.words import Say

# Quartiles of fewer would be single scores, or nearly.
LEAST_OF_A_GROUP = 8
# Ends of the ranges in which a distance is told, in points.
STEPS = (0.1, 0.2, 0.5, 1, 2, 5)
# Deductions that the page holds, and signs of a note that its line does.
MOST_DEDUCTIONS = 8
NOTE = 30
PARTS = ("functional_panel", "leaders")


def find_department(appraised: Appraisal, said: str) -> str:
    """Give the code of a department that is called by its code or its exact name.

    Raises
    ------
    AppraisalError
        If there is none, with the one that comes near, or if several have the name.
    """
    names, year = appraised.scorecard["name"], appraised.rules.year
    found = [said] if said in names.index else names.index[names == said].tolist()
    if len(found) == 1:
        return found[0]
    near = nearest(said, [*names, *names.index])
    code = "two_departments" if found else "near_department" if near else "no_department"
    values = {"year": year, "near": near, "codes": ", ".join(found)}
    raise AppraisalError([Problem(f"documents.{code}", shown(said), values=values)], appraised.rules.lang)


def why_page(appraised: Appraisal, department: str, imprint: Imprint) -> str:
    """Give the page of a department as an HTML file that prints on one sheet of A4.

    Parameters
    ----------
    appraised : Appraisal
    department : str
        Its code.
    imprint : Imprint
        Year, state and version of the result.
    """
    rules, say = appraised.rules, _say(appraised)
    row = appraised.scorecard.loc[department]
    ranked = appraised.scorecard[appraised.scorecard["rank"].notna()]
    size = int((ranked["group"] == row["group"]).sum())
    where = say("outside" if pd.isna(row["rank"]) else "place", group=rules.label("groups", row["group"]), size=size)
    parts = [
        layout.paragraph(where),
        layout.key_figures(_figures(appraised, row, say)),
        _points(appraised, row, say),
        layout.heading(say("headings.rules"), level=4),
        layout.points(rule_sentences(appraised, department)),
        *_lines(appraised, department, say),
        *_deductions(appraised, department, say),
        layout.paragraph(say("scope"), kind="note"),
    ]
    return one_page(
        layout.pieces(parts),
        title=shown(row["name"]),
        subtitle=say("title", year=rules.year),
        lang=rules.lang,
        marks=imprint.own_marks(rules.lang),
    )


def why_text(appraised: Appraisal, department: str) -> str:
    """Tell the same in a few lines: points with full marks, rank and tier, each rule that touched the department."""
    rules, say = appraised.rules, _say(appraised)
    row = appraised.scorecard.loc[department]
    full = rules.full_marks | {"composite": 100}
    points = [
        f"　{label}　{narrative.points(row[name], rules)} / {float(full[name]):g}"
        for name, label in _labels(rules, say).items()
    ]
    figures = [f"{what}　{figure}" for what, figure in _figures(appraised, row, say).items()]
    return "\n".join([shown(row["name"]), *figures, *points, *rule_sentences(appraised, department)]) + "\n"


def _labels(rules: Rulebook, say: Say) -> dict[str, str]:
    """Components, the parts of the first, and the composite, as readers see them."""
    label = {}
    for component in rules.components:
        label[component] = rules.label("components", component)
        if component == "functional":
            label |= {part: say("part", label=rules.label("components", part)) for part in PARTS}
    return label | {"composite": say("composite")}


def _say(appraised: Appraisal) -> Say:
    return layout.words_of(appraised).under("why")


def _figures(appraised: Appraisal, row: pd.Series, say: Say) -> dict[str, str]:
    words, scorecard = layout.words_of(appraised), appraised.scorecard
    if pd.isna(row["rank"]):
        rank, tier = say("no_rank"), words.say("charts.tiers.none")
    else:
        same = (scorecard["group"] == row["group"]) & (scorecard["rank"] == row["rank"])
        rank = say("tied" if same.sum() > 1 else "rank", rank=row["rank"])
        tier = words.say(f"report.tiers.{row['tier']}")
    composite = say("figure_points", points=narrative.points(row["composite"], appraised.rules))
    return {say("figure_composite"): composite, say("figure_rank"): rank, say("figure_tier"): tier}


def _points(appraised: Appraisal, row: pd.Series, say: Say) -> Piece:
    """Points by component, with full marks and where the middle half of the group stands."""
    rules = appraised.rules
    label = _labels(rules, say)
    marks = {name: float(value) for name, value in rules.full_marks.items()} | {"composite": 100.0}
    finest = max(len(f"{value:g}".partition(".")[2]) for value in marks.values())
    table = pd.DataFrame(
        {
            "name_row": [label[name] for name in label],
            "points": [float(row[name]) for name in label],
            "marks": [marks[name] for name in label],
        }
    )
    members = appraised.scorecard[(appraised.scorecard["group"] == row["group"]) & appraised.scorecard["rank"].notna()]
    enough = len(members) >= LEAST_OF_A_GROUP
    if enough:
        for name, share in (("quartile_1", 0.25), ("median", 0.5), ("quartile_3", 0.75)):
            table[name] = [float(members[part].quantile(share)) for part in label]
    table.columns = [say(name) for name in table.columns]
    digits = dict.fromkeys(table.columns, rules.rounding.digits) | {say("marks"): finest}
    shown_table = layout.table(
        table,
        caption=say("table_group" if enough else "table"),
        digits=digits,
        **layout.look(appraised),
    )
    small = [] if enough else [layout.paragraph(say("group_small", least=LEAST_OF_A_GROUP), kind="note")]
    return layout.pieces([layout.heading(say("headings.points"), level=4), shown_table, *small])


def rule_sentences(appraised: Appraisal, department: str) -> list[str]:
    """Tell each rule that touched a department, without the name or the score of another.

    Parameters
    ----------
    appraised : Appraisal
    department : str
        Its code.
    """
    say = _say(appraised)
    row = appraised.scorecard.loc[department]
    if pd.isna(row["rank"]):
        return [say("outside", group=appraised.rules.label("groups", row["group"]))]
    touched = (decision for decision in appraised.decisions if department in decision.departments)
    return [_window(int(row["rank"]), appraised.rules, say), *(_told(d, department, appraised, say) for d in touched)]


def _window(rank: int, rules: Rulebook, say: Say) -> str:
    for tier, (first, last) in rules.tiers.windows.items():
        if rank <= last:
            return say(f"rules.{tier}_window", first=first, last=last)
    return say("rules.no_window", last=rules.tiers.good.ranks[1])


def _told(decision: Decision, department: str, appraised: Appraisal, say: Say) -> str:
    words, rules, facts = layout.words_of(appraised), appraised.rules, decision.facts
    side = "first" if decision.departments[0] == department else "second"
    match decision.code:
        case "tie_shared":
            return say("rules.tie_shared")
        case "tie_by_ruling":
            return say(f"rules.tie_by_ruling_{side}")
        case "tie_by_key":
            return say(f"rules.tie_by_key_{side}", key=narrative.key_name(facts["key"], rules))
        case "contest" | "contest_again":
            outcome = "won" if department in facts["winners"] else "lost"
            scale = words.say(f"decisions.scales.{facts['scale']}")
            return say(f"rules.{decision.code}_{outcome}", place=facts["place"], scale=scale)
    return say(f"rules.{decision.code}", **narrative.decision_values(decision, words))


def _lines(appraised: Appraisal, department: str, say: Say) -> Iterator[Piece]:
    """On which side of each line of its group, and how far from the nearest on the other side, in ranges.

    The distance itself would give the score of the department at the line, whose name the order of the notice tells;
    the middle of the line no less, to a department that stands at it.
    """
    row = appraised.scorecard.loc[department]
    lines = cutoff_lines(appraised)
    lines = lines[lines["group"] == row["group"]]
    yield layout.heading(say("headings.lines"), level=4)
    if pd.isna(row["rank"]) or not len(lines):
        yield layout.paragraph(say("lines.none"))
        return
    composite = appraised.scorecard["composite"]
    rows = []
    for line in lines.itertuples():
        above = row["rank"] <= line.above
        other = line.lower if above else line.upper
        rows.append(
            {
                "name": say("lines.place", above=line.above, below=line.below),
                "side": say("lines.above" if above else "lines.below"),
                "distance": distance_range(abs(float(row["composite"] - composite[other])), say),
            }
        )
    table = pd.DataFrame(rows)
    table.columns = [say(f"lines.{name}") for name in table.columns]
    yield layout.table(table, caption=say("lines.table"), **layout.look(appraised))
    yield layout.paragraph(say("lines.note"), kind="note")


def distance_range(points: float, say: Say) -> str:
    """Tell a distance by the range it lies in.

    Parameters
    ----------
    points : float
        Not negative.
    say : callable
        Gives the phrases under ``why``.
    """
    # Whole millionths: 0.3 − 0.2 is a tenth.
    reached = [step for step in STEPS if round(points, 6) >= step]
    if not reached:
        return say("lines.less", high=f"{STEPS[0]:g}")
    if reached[-1] == STEPS[-1]:
        return say("lines.more", low=f"{STEPS[-1]:g}")
    return say("lines.between", low=f"{reached[-1]:g}", high=f"{STEPS[len(reached)]:g}")


def _deductions(appraised: Appraisal, department: str, say: Say) -> Iterator[Piece]:
    rules = appraised.rules
    rows = appraised.year.deductions
    rows = rows[rows["department"] == department]
    verified = rows[rows["verified"]].sort_values("date", kind="stable")
    counted = counting_rows(verified)
    yield layout.heading(say("headings.deductions"), level=4)
    said = []
    if verified.empty:
        said.append(say("deductions.none"))
    else:
        first = verified.head(MOST_DEDUCTIONS)
        table = pd.DataFrame(
            {
                "date": first["date"].dt.strftime("%Y-%m-%d"),
                "source": [rules.label("sources", source) for source in first["source"]],
                "points": first["points"],
                "counted": [say("deductions.yes" if at in counted.index else "deductions.no") for at in first.index],
                "note": [f"{note[:NOTE]}…" if len(note) > NOTE else note for note in map(shown, first["note"])],
            }
        )
        table.columns = [say(f"deductions.{name}") for name in table.columns]
        items = rules.items["common"]
        label = rules.label("components", "common")
        caption = say("deductions.table", item=label, marks=f"{float(sum(items.values())):g}")
        yield layout.table(table, caption=caption, digits=rules.rounding.digits, **layout.look(appraised))
        if len(verified) > MOST_DEDUCTIONS:
            said.append(say("deductions.more", count=len(verified) - MOST_DEDUCTIONS))
        said.append(say("deductions.sum", points=narrative.points(counted["points"].sum(), rules)))
        said.append(say("deductions.floor", floor=f"{float(rules.deductions.floor):g}"))
    if len(rows) > len(verified):
        said.append(say("deductions.unverified", count=len(rows) - len(verified)))
    yield layout.paragraph(*said)
