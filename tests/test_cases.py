"""The worked cases of `tests/cases`: each is written as a year folder, loaded, appraised and compared to the letter."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from years import GROUPS, counted, rulebook, small_tables, write_year

from appraisal.errors import AppraisalError
from appraisal.reading.contracts import CONTRACTS
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.scoring.decisions import Decision
from appraisal.tables import load_year

FOLDER = Path(__file__).parent / "cases"
RULES = FOLDER / "rulebook.toml"
GROUP_OF = {letter: group for group, (letter, _name) in GROUPS.items()}
TIER_OF = {"最佳": "best", "先進": "advanced", "良好": "good", "一般": "ordinary", "誡勉": "admonished", "-": None}
# Head left of the bar → what everyone has where the column is left out.
GIVEN = {"考評": "", "領導": "8", "共性": "20", "爭先": "4", "社評": "18"}
EXPECTED = {
    "綜合": "composite",
    "名次": "rank",
    "等次": "tier",
    "規則等次": "rule_tier",
    "考評": "functional_panel",
    "領導": "leaders",
    "職能": "functional",
    "共性": "common",
    "爭先": "excellence",
    "社評": "social",
    "扣分": "deducted",
}
COMPONENTS = {"functional": "考評", "common": "共性", "excellence": "爭先"}
KEYS = {
    *("title", "story", "english", "scores", "rules", "rulings", "deductions", "problems", "panel", "leaders", "forms"),
    *("counts", "tiers", "decisions", "stop", "rows", "says"),
}
FORMS = 20
# Code of a decision → its step, and what it names.
TOLD = {
    "tie_by_key": ("rank", "composite place key first second pair"),
    "tie_by_ruling": ("rank", "composite place key first second pair"),
    "tie_shared": ("rank", "composite place"),
    "contest": ("best", "place scale scores winners"),
    "contest_again": ("best", "place scale scores winners"),
    "withdrew": ("withdrawal", "reason approved_by"),
    "moved_up": ("withdrawal", "backfill"),
    "seats_empty": ("withdrawal", "count backfill"),
    "cut": ("quota", ""),
    "pool_short": ("quota", "tier quota seats"),
    "pool_kept": ("quota", "tier quota seats"),
    "not_candidate": ("admonition", "composite social problem"),
    "keeps_window": ("admonition", "composite social problem"),
    "spared": ("admonition", "composite social problem reason approved_by"),
    "admonished": ("admonition", "composite social problem"),
    "seated": ("seat", "reason approved_by tier"),
    "open": ("seat", "tier count"),
    "committee": ("committee", "reason approved_by rules tier"),
}


@dataclass(frozen=True)
class Case:
    """One case: what is given, and what must come out.

    Parameters
    ----------
    file, number : str, int
        Where it stands.
    said : mapping
        As written, with what the theme says for all of its cases.
    """

    file: str
    number: int
    said: Mapping

    def __str__(self) -> str:
        return f"{self.file}-{self.number:02}"

    def sheet(self) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
        """Department → head → text, left of the bar and right of it."""
        head, *rows = (line for line in self.said["scores"].splitlines() if line.strip())
        _code, *left = head.partition("|")[0].split()
        right = head.partition("|")[2].split()
        given, expected = {}, {}
        for row in rows:
            code, *points = row.partition("|")[0].split()
            given[code] = dict(zip(left, points, strict=True))
            expected[code] = dict(zip(right, row.partition("|")[2].split(), strict=True))
        if unknown := {*left} - {*GIVEN} | {*right} - {*EXPECTED}:
            raise ValueError(f"{self}: {unknown}")
        return given, expected


def cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.toml")):
        if path == RULES:
            continue
        theme = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
        for number, case in enumerate(theme["case"], 1):
            said = {"scores": theme.get("scores"), **case, "rules": theme.get("rules", {}) | case.get("rules", {})}
            yield Case(path.stem, number, said)


ALL = list(cases())


def toml(value: object) -> str:
    """A value as the rulebook writes it; decimals are still text here."""
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)


# Writing the year -----------------------------------------------------------------------------------------------------


def write(case: Case, folder: Path) -> Path:
    """The case as an office would hand it in."""
    text = rulebook({key: toml(value) for key, value in case.said["rules"].items()}, RULES.read_text(encoding="utf-8"))
    return write_year(folder, year_tables(case, tomllib.loads(text)["items"]), text)


def year_tables(case: Case, items: Mapping[str, Mapping[str, float]]) -> dict[str, pd.DataFrame]:
    given, _expected = case.sheet()
    # A dash stands where the ballots themselves are written out.
    points = {
        code: {head: float(row.get(head, GIVEN[head]).replace("-", "0")) for head in GIVEN}
        for code, row in given.items()
    }
    members = {group: [code for code in points if code[0] == letter] for letter, group in GROUP_OF.items()}
    sizes = {group: len(codes) for group, codes in members.items() if codes}
    tables = small_tables(sizes, jurors=1, leaders=1)
    weight = {component: {"functional": 40, "common": 25, "excellence": 5}[component] for component in items}
    # Several items of a component share its points by their full marks.
    scores = {
        (code, item): points[code][COMPONENTS[component]] * marks / weight[component]
        for code in points
        for component, own in items.items()
        for item, marks in own.items()
    }
    written = case.said.get("panel", {})
    jurors = max([5, *(len(ballots) for own in written.values() for ballots in own.values())])
    rated = case.said.get("leaders", {})
    leaders = max([3, *map(len, rated.values())])
    forms = {code: answers(case, code, row["社評"]) for code, row in points.items()}
    tables |= {
        "bands": [(code, item, "any") for code, item in scores],
        "self_assessments": [(code, item, score, "") for (code, item), score in scores.items()],
        "panel_ballots": [
            (f"p-{GROUP_OF[code[0]]}-{juror}", code, item, score)
            for (code, item), usual in scores.items()
            for juror, score in enumerate(written.get(code, {}).get(item, [round(usual, 6)] * jurors))
        ],
        "leader_ballots": [
            (f"l-{leader}", code, rating)
            for code, row in points.items()
            for leader, rating in enumerate(rated.get(code, [round(row["領導"] * 10, 6)] * leaders))
        ],
        "social_ballots": [(f"s-{form}", code, said) for code, own in forms.items() for form, said in enumerate(own)],
        "deductions": [deduction(row, day) for day, row in enumerate(case.said.get("deductions", []), 1)],
        "problems": [(code, "2003-10-08", "tracking", "…") for code in case.said.get("problems", [])],
        "rulings": [(*row.split(), "經研究決定", "領導小組", "2004-01-05") for row in case.said.get("rulings", [])],
        "spot_checks": [(code, "key_works", "ok", "") for code in points],
        "queries": [],
    }
    tables = {
        name: pd.DataFrame(rows, columns=[column.name for column in CONTRACTS[name].columns if not column.optional])
        for name, rows in tables.items()
    }
    if case.said.get("counts"):
        tables["social_counts"] = counted(tables.pop("social_ballots"))
    return tables


def answers(case: Case, code: str, points: float) -> list[str]:
    """What the forms say of a department, one by one."""
    if own := case.said.get("forms", {}).get(code):
        return [rating for rating, count in own.items() for _ in range(count)]
    if points != int(points):
        raise ValueError(f"{case}: {code} {points}: whole points, or write the forms")
    return ["很滿意"] * int(points) + ["不滿意"] * (FORMS - int(points))


def deduction(row: str, day: int) -> tuple:
    code, points, source, verified, incident = row.split()
    named = "" if incident == "-" else incident
    truth = {"查實": True, "未查實": False}[verified]
    return (code, "work_style", f"2003-05-{day:02}", source, float(points), truth, named, f"第{day}筆")


# Comparing ------------------------------------------------------------------------------------------------------------


def differences(case: Case, result: Appraisal) -> Iterator[str]:
    """Every place where the result is not what the case says, a line each."""
    _given, expected = case.sheet()
    expected = {code: {EXPECTED[head]: text for head, text in row.items()} for code, row in expected.items()}
    if listed := case.said.get("tiers"):
        for tier, codes in listed.items():
            for code in codes.split():
                expected[code]["tier"] = tier
    for code, row in expected.items():
        row.setdefault("rule_tier", row["tier"])
        for column, text in row.items():
            got = result.scorecard.loc[code, column]
            if column in ("tier", "rule_tier"):
                wanted, got = TIER_OF[text], None if pd.isna(got) else str(got)
            else:
                wanted, got = None if text == "-" else float(text), None if pd.isna(got) else float(got)
            if wanted != got:
                yield f"{code} {column}: {wanted} expected, {got} found"
    if {*expected} != {*result.scorecard.index}:
        yield f"departments: {[*expected]} expected, {[*result.scorecard.index]} found"
    yield from parts_that_disagree(result)
    yield from different_decisions(case, result.decisions)
    for decision in result.decisions:
        if wrong := untrue(decision, result):
            yield f"decision “{decision.code} {' '.join(decision.departments)}”: {wrong} untrue of {dict(decision.facts)}"


def parts_that_disagree(result: Appraisal) -> Iterator[str]:
    """Parts of a result that are not what its scorecard shows of the departments in competition."""
    card = result.scorecard.loc[result.evidence.departments]
    parts = {
        "composite": result.points.rounded["composite"],
        "deducted": result.points.rounded["deducted"],
        "rule_tier": np.array(TIERS)[result.placement.rule_tier],
        "tier": np.array(TIERS)[result.placement.tier],
    }
    for column, values in parts.items():
        if card[column].tolist() != values.tolist():
            yield f"{column}: {card[column].tolist()} on the scorecard, {values.tolist()} in its part"
    if (result.standing.place < card["rank"]).any():
        yield "a place before the rank"


def untrue(decision: Decision, result: Appraisal) -> list[str]:
    """What a decision says that the scorecard, the rules or the table of rulings do not."""
    facts, card, codes = dict(decision.facts), result.scorecard, list(decision.departments)
    step, named = TOLD[decision.code]
    told = {"key", "first", "second", "pair"} if "pair" in facts else set()
    true = {"step": decision.step == step, "facts": {*facts} - told == {*named.split()} - told}
    if "place" in facts and step == "rank":
        ranks = card.loc[codes, "rank"].tolist()
        shared = decision.code == "tie_shared"
        true["place"] = ranks[0] == ranks[1] <= facts["place"] if shared else ranks[1] == facts["place"] + 1
        true["composite"] = card.loc[codes, "composite"].tolist() == [facts["composite"]] * 2
    if step == "best":
        true["place"] = facts["place"] == result.rules.tiers.best.ranks[1] + 1
        true["scores"] = sorted(facts["scores"], reverse=True) == list(facts["scores"])
        if facts["scale"] == "raw":
            true["raw"] = card.loc[codes, "composite"].tolist() == list(facts["scores"])
    if told:
        key = {"least_deducted": "deducted"}.get(facts["key"], facts["key"])
        values = [facts["first"], facts["second"]]
        places = range(1, len(card) + 1)
        true["key"] = (
            values == sorted({*values} & {*places})
            if key == "ruling"
            else values == card.loc[list(facts["pair"]), key].tolist()
        )
        true["pair"] = codes[: len(facts["pair"])] == list(facts["pair"]) or step == "best"
    said = {"reason": "經研究決定", "approved_by": "領導小組", "backfill": result.rules.tiers.best.backfill}
    true |= {key: facts[key] == value for key, value in said.items() if key in facts}
    if step == "committee":
        true["tiers"] = card.loc[codes, ["rule_tier", "tier"]].to_numpy().tolist() == [[facts["rules"], facts["tier"]]]
    if step == "admonition":
        true["clauses"] = all(isinstance(facts[clause], bool) for clause in ("composite", "social", "problem"))
    return [name for name, holds in true.items() if not holds]


def different_decisions(case: Case, decisions: Iterable[Decision]) -> Iterator[str]:
    found = [one for one in decisions if one.code != "not_candidate" or "problems" in case.said]
    for wanted in case.said.get("decisions", []):
        match = next((one for one in found if says(one, wanted)), None)
        if match is None:
            yield f"decision “{wanted}” expected, not found"
        else:
            found.remove(match)
    for one in found:
        yield f"decision “{one.code} {' '.join(one.departments)} {dict(one.facts)}” found, not expected"


def says(decision: Decision, wanted: str) -> bool:
    code, *rest = wanted.split()
    named = [word for word in rest if "=" not in word]
    facts = [word.split("=") for word in rest if "=" in word]
    departments = list(decision.departments)
    if code == "tie_shared":
        departments.sort()
    told = named in (["*"], departments)
    return decision.code == code and told and all(plain(decision.facts[key]) == value for key, value in facts)


def plain(fact: object) -> str:
    if isinstance(fact, tuple):
        return "|".join(map(plain, fact))
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return fact if isinstance(fact, str) else f"{fact:.10g}"


def different_stop(case: Case, stop: AppraisalError) -> Iterator[str]:
    codes, text = [problem.code for problem in stop.problems], str(stop)
    if sorted(codes) != sorted(case.said["stop"]):
        yield f"stop {case.said['stop']} expected, {codes} found"
    rows = [line for line in text.splitlines() if line.startswith("tie,")]
    wanted = case.said.get("rows", [])
    if len(rows) != len(wanted) or not all(any(row.startswith(start) for row in rows) for start in wanted):
        yield f"rows to add {wanted} expected, {rows} found"
    # A department is named by its name, not by its code.
    names = {code: f"{GROUPS[GROUP_OF[code[0]]][1]}{code[1:]}局" for code in case.sheet()[0]}
    for phrase in (names.get(said, said) for said in case.said.get("says", [])):
        if phrase not in text:
            yield f"“{phrase}” is missing in the message"


def told(case: Case, lines: Iterable[str]) -> str:
    story = f"{case.file}.toml 第{case.number}例《{case.said['title']}》\n{case.said['story'].strip()}"
    return "\n".join((story, *(f"  ✗ {line}" for line in lines)))


def check(case: Case, folder: Path) -> list[str]:
    """What differs, as lines; none if all is as the case says."""
    write(case, folder)
    try:
        result = appraise(load_year(folder))
    except AppraisalError as stop:
        if "stop" in case.said:
            return [*different_stop(case, stop), *([f"message:\n{stop}"] if [*different_stop(case, stop)] else [])]
        return [f"a result expected, but the run stopped:\n{stop}"]
    if "stop" in case.said:
        return [f"stop {case.said['stop']} expected, but there is a result"]
    return list(differences(case, result))


@pytest.mark.parametrize("case", ALL, ids=str)
def test_case(case, tmp_path):
    lines = check(case, tmp_path / "2003")
    if lines:
        pytest.fail(told(case, lines), pytrace=False)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_case_is_whole(case):
    """A case tells a story, knows only keys that are read, and says for every department what comes out, or the stop."""
    assert not {*case.said} - KEYS
    assert case.said["story"].strip()
    assert case.said["english"].strip()
    _given, expected = case.sheet()
    if "stop" in case.said:
        assert case.said["stop"]
        return
    listed = " ".join(case.said.get("tiers", {}).values()).split()
    assert sorted(listed) == (sorted(expected) if listed else [])
    for row in expected.values():
        assert {"綜合", "名次"} <= {*row}
        assert ("等次" in row) != bool(listed)


def test_titles_are_distinct():
    titles = [case.said["title"] for case in ALL]
    assert len({*titles}) == len(titles)


def test_a_wrong_case_fails(tmp_path):
    """The runner tells a wrong number, a wrong tier, a decision too many and a result where a stop was expected."""
    case = next(case for case in ALL if case.said.get("decisions") and "等次" in case.said["scores"])
    given, expected = case.sheet()
    code = next(iter(expected))
    result = appraise(load_year(write(case, tmp_path / "2003")))

    def wrong(**cells: str) -> list[str]:
        heads = f"部門 {' '.join(given[code])} | {' '.join(expected[code])}"
        rows = [
            f"{one} {' '.join(given[one].values())} | {' '.join((row | (cells if one == code else {})).values())}"
            for one, row in expected.items()
        ]
        changed = Case(case.file, case.number, case.said | {"scores": "\n".join((heads, *rows))})
        return list(differences(changed, result))

    assert wrong() == []
    assert len(wrong(綜合="1")) == 1
    assert len(wrong(名次="9")) == 1
    assert len(wrong(等次="誡勉")) == 2
    without = Case(case.file, case.number, case.said | {"decisions": []})
    assert len(list(differences(without, result))) == len(case.said["decisions"])
    stopped = Case(case.file, case.number, case.said | {"stop": ["rulings.tie_open"]})
    assert len(check(stopped, tmp_path / "2003")) == 1
