"""Small years for tests: consistent tables that a test may edit, written as an office would write them.

Nothing here is drawn at random. The default year has three groups of six departments that place S01 > S02 > … in every
component; its windows fit its quotas, so it scores without a stop.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path

import openpyxl
import pandas as pd

from appraisal.reading.contracts import CONTRACTS
from appraisal.tables import Year, load_year
from appraisal.words import fold

GROUPS = {"service": ("S", "綜合"), "economic": ("E", "經濟"), "enforcement": ("L", "執法")}
ITEMS = {
    "key_works": 14,
    "department_work": 14,
    "service_environment": 10,
    "work_style": 25,
    "difficulty": 2,
    "level": 1.5,
    "contribution": 1.5,
}
BANDS = {"excellent": (0.95, 1.00), "good": (0.88, 0.95), "fair": (0.80, 0.88), "poor": (0.60, 0.80)}
RATINGS = ("很滿意", "滿意", "基本滿意", "不滿意")

RULEBOOK = """\
year = 2003
title = "2003年度考核"
lang = "en"
data = "synthetic"
seed = 20031231

[groups]
service = "綜合服務部門"
economic = "經濟管理部門"
enforcement = "執法監察部門"

[labels.components]
functional = "職能目標"
functional_panel = "職能目標考評"
leaders = "領導評鑒"
common = "共性目標"
excellence = "爭先創優"
social = "社會評議"
[labels.items]
key_works = "“雙超”目標和六大重點工作"
department_work = "部門重點工作"
service_environment = "最佳辦事環境"
work_style = "作風建設"
difficulty = "難易程度"
level = "層次高低"
contribution = "貢獻大小"
[labels.bands]
excellent = "優秀"
good = "良好"
fair = "一般"
poor = "較差"
[labels.sources]
inspection = "明查暗訪"
complaint = "舉報投訴"
petition = "信訪批轉"
tracking = "跟蹤督查"

[competition]
outside = []

[weights]
functional_panel = 38
leaders = 12
common = 25
excellence = 5
social = 20

[items.functional]
key_works = 14
department_work = 14
service_environment = 10
[items.common]
work_style = 25
[items.excellence]
difficulty = 2
level = 1.5
contribution = 1.5

[bands]
excellent = [0.95, 1.00]
good = [0.88, 0.95]
fair = [0.80, 0.88]
poor = [0.60, 0.80]

[panel]
statistic = "mean"
trim = 0
min_ballots = 5

[social]
issued = 10
warn_response = 0.80
left_out = ["不了解", ""]
[social.points]
"很滿意" = 100
"滿意" = 80
"基本滿意" = 60
"不滿意" = 0

[deductions]
sources = ["inspection", "complaint", "petition", "tracking"]
floor = 0

[inspections]
rounds = 2

[spot_checks]
share = 0.10

[rounding]
digits = 2
mode = "half_up"

[ties]
keys = ["social", "functional", "least_deducted"]

[tiers]
on_quota_mismatch = "stop"
[tiers.best]
ranks = [1, 1]
wildcards = 1
wildcard_scale = "raw"
backfill = "within_group"
[tiers.advanced]
ranks = [1, 2]
share = 0.33
[tiers.good]
ranks = [3, 4]
share = 0.33
[tiers.admonished]
rear = 0.10
needs_problem = true
bar = true

[basis]
groups = "assumed: a test"
competition = "assumed: a test"
weights = "assumed: a test"
items = "assumed: a test"
bands = "assumed: a test"
panel = "assumed: a test"
social = "assumed: a test"
deductions = "assumed: a test"
inspections = "assumed: a test"
spot_checks = "assumed: a test"
rounding = "assumed: a test"
ties = "assumed: a test"
tiers = "assumed: a test"
seed = "assumed: a test"
"""


def rulebook(changes: Mapping[str, str | None], text: str = RULEBOOK) -> str:
    """Give `text` with other values: ``{"tiers.best.ranks": "[1, 2]"}``; None takes the key out, a new key is added.

    Values are TOML as it would be written, so a text needs its quotes.
    """
    left = dict(changes)
    section, lines = "", []
    for line in text.splitlines():
        if line.startswith("["):
            lines += _additions(left, section)
            section = line.strip("[]")
        key = line.partition(" = ")[0].strip('"')
        dotted = f"{section}.{key}" if section else key
        if "=" in line and dotted in left:
            value = left.pop(dotted)
            line = f"{line.partition(' = ')[0]} = {value}" if value is not None else ""
        lines.append(line)
    lines += _additions(left, section)
    for dotted, value in left.items():
        table, _, key = dotted.rpartition(".")
        lines += [f"[{table}]", f'"{key}" = {value}']
    return "\n".join(lines) + "\n"


def _additions(left: dict[str, str | None], section: str) -> list[str]:
    inside = [dotted for dotted in left if dotted.rpartition(".")[0] == section]
    return [f'"{dotted.rpartition(".")[2]}" = {left.pop(dotted)}' for dotted in inside]


def small_tables(
    departments: int | Mapping[str, int] = 6,
    *,
    jurors: int = 5,
    leaders: int = 3,
    forms: int = 10,
    panel: Mapping[str, Mapping[str, float] | float] | None = None,
    led: Mapping[str, float] | None = None,
    social: Mapping[str, str | Iterable[str]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables of a small year, English heads and codes, to be edited and then written.

    Parameters
    ----------
    departments : int or mapping of group to int
        Departments of each group: S01 …, E01 …, L01 …; up to 20 of a group.
    jurors, leaders, forms : int
        Ballots of each panel, of leaders, forms returned.
    panel : mapping, optional
        Department → one share of the full marks of every item, or item → score in points; every juror gives just that,
        and bands follow.
    led : mapping, optional
        Department → what every leader gives, 0 to 100.
    social : mapping, optional
        Department → what every form says, or what the forms say one by one.
    """
    sizes = dict.fromkeys(GROUPS, departments) if isinstance(departments, int) else dict(departments)
    listed = [
        (f"{GROUPS[group][0]}{place:02}", f"{GROUPS[group][1]}{place:02}局", group, place)
        for group, size in sizes.items()
        for place in range(1, size + 1)
    ]
    shares = {code: _share(place, list(sizes).index(group), sizes[group]) for code, _name, group, place in listed}
    given = {code: _points(shares[code], (panel or {}).get(code)) for code in shares}
    exact = set(panel or {})
    codes = list(shares)
    group_of = {code: group for code, _name, group, _place in listed}
    place_of = {code: place for code, _name, _group, place in listed}

    def scores(code: str, item: str, juror: int) -> float:
        spread = 0 if code in exact else 0.004 * ITEMS[item] * (2 * juror / max(jurors - 1, 1) - 1)
        return round(given[code][item] + spread, 4)

    def answer(code: str, form: int) -> str:
        said = (social or {}).get(code)
        if said is not None:
            return said if isinstance(said, str) else tuple(said)[form]
        lower = place_of[code] - 1
        return RATINGS[lower // forms + (form < lower % forms)]

    tables = {
        "departments": [(code, name, group, code[1:] == "01") for code, name, group, _place in listed],
        "self_assessments": [
            (code, item, min(round(given[code][item] * 1.01, 4), marks), "")
            for code in codes
            for item, marks in ITEMS.items()
        ],
        "bands": [(code, item, band_of(given[code][item] / ITEMS[item])) for code in codes for item in ITEMS],
        "panel_ballots": [
            (f"p-{group}-{juror}", code, item, scores(code, item, juror))
            for group in sizes
            for juror in range(jurors)
            for code in codes
            if group_of[code] == group
            for item in ITEMS
        ],
        "leader_ballots": [
            (f"l-{leader}", code, (led or {}).get(code, round(100 * shares[code] + leader - leaders / 2, 2)))
            for leader in range(leaders)
            for code in codes
        ],
        "social_ballots": [(f"s-{form}", code, answer(code, form)) for form in range(forms) for code in codes],
        "deductions": [
            (codes[1], "work_style", "2003-05-06", "inspection", 0.5, True, "", ""),
            (codes[2], "work_style", "2003-06-11", "complaint", 0.5, True, "a", ""),
            (codes[2], "work_style", "2003-06-12", "petition", 1, True, "a", ""),
            (codes[3], "work_style", "2003-09-01", "tracking", 2, False, "", ""),
        ],
        "inspections": [(round_, code, f"2003-{4 * round_:02}-01") for round_ in (1, 2) for code in codes],
        "problems": [(codes[-1], "2003-10-08", "tracking", "…")],
        "rulings": [],
        "jurors": [(f"考評{group}{juror}", group, "", False) for group in sizes for juror in range(jurors)],
        "spot_checks": [(code, item, "ok", "") for code in codes if place_of[code] == 1 for item in ITEMS],
        "queries": [(codes[0], "key_works", "2003-12-20", "…", "2003-12-22", "…")],
    }
    return {
        name: pd.DataFrame(rows, columns=[c.name for c in CONTRACTS[name].columns if not c.optional])
        for name, rows in tables.items()
    }


def band_of(share: float) -> str:
    """Band of a share of the full marks; the better one at an end point."""
    return next(band for band, (low, _high) in BANDS.items() if round(share, 9) >= low)


def _share(place: int, group: int, size: int) -> float:
    share = 0.98 - 0.33 * (place - 1) / max(size, 2) - 0.001 * group
    for low, _high in BANDS.values():
        if abs(share - low) < 0.006:
            share = low + 0.006
    return share


def _points(share: float, wanted: Mapping[str, float] | float | None) -> dict[str, float]:
    if isinstance(wanted, Mapping):
        return {item: wanted.get(item, round(share * marks, 4)) for item, marks in ITEMS.items()}
    return {item: round((share if wanted is None else wanted) * marks, 4) for item, marks in ITEMS.items()}


def counted(answers: pd.DataFrame) -> pd.DataFrame:
    """`social_counts` that say the same as these `social_ballots`."""
    return answers.groupby(["department", "rating"], sort=False).size().reset_index(name="count")


def write_year(
    folder: Path,
    tables: Mapping[str, pd.DataFrame] | None = None,
    rulebook: str | None = RULEBOOK,
    *,
    format: str = "csv",
    wide: Iterable[str] = (),
    heads: str = "en",
    encoding: str = "utf-8",
) -> Path:
    """Write a year folder and give it back.

    Parameters
    ----------
    folder : Path
        Made if it is not there; tables of an earlier call are taken away first.
    tables : mapping, optional
        Table → its rows; without it those of `small_tables`.
    rulebook : str or None
        Text of the rulebook; None writes none.
    format : {"csv", "xlsx"}
    wide : iterable of str
        Of panel_ballots, leader_ballots, social_ballots: those to be written wide.
    heads : {"en", "zh-Hant", "zh-Hans"}
        Language of heads, sheet names and words such as yes and no.
    encoding : str
        Of CSV files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.csv"), *folder.glob("*.xlsx")):
        old.unlink()
    if rulebook is not None:
        (folder / "rulebook.toml").write_text(rulebook, encoding="utf-8")
    tables = small_tables() if tables is None else tables
    written = {
        name: _in_language(name, _widened(name, rows) if name in wide else rows, heads) for name, rows in tables.items()
    }
    if format == "csv":
        for name, rows in written.items():
            rows.to_csv(folder / f"{name}.csv", index=False, encoding=encoding)
        return folder
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in written.items():
        sheet = book.create_sheet(_script(CONTRACTS[name].zh, heads) if heads != "en" else name)
        sheet.append(list(rows.columns))
        for row in rows.itertuples(index=False):
            sheet.append([None if value == "" else value for value in row])
    book.save(folder / "tables.xlsx")
    return folder


def close_pair(folder: Path, changes: Mapping[str, object] | None = None, led: float = 90.0) -> Year:
    """A year in which only one line is open: S02 and S03 at the edge of advanced; everyone else is apart in all.

    S02 has 0.90 of every panel item, leaders 80; S03 0.86 of the functional items, 0.90 of the others, leaders `led`.
    Of the 50 points of `functional`, l from the leaders: S02 is (50 − l) × 0.04 − l × (led − 80) / 100 ahead, 0.32 with
    12 from the leaders and 90.
    """
    functional = ("key_works", "department_work", "service_environment")
    tables = small_tables(
        panel={"S02": 0.90, "S03": {item: (0.86 if item in functional else 0.90) * ITEMS[item] for item in ITEMS}},
        led={"S02": 80.0, "S03": led},
        social=dict.fromkeys(("S02", "S03"), ("很滿意",) * 9 + ("滿意",)),
    )
    tables["deductions"] = tables["deductions"].iloc[:0]
    return load_year(write_year(folder, tables, rulebook(changes or {})))


def unanimous_tables() -> dict[str, pd.DataFrame]:
    """Tables of a year in which all ballots of each source say the same of a department."""
    codes = [f"{letter}{place:02}" for letter in "SEL" for place in range(1, 7)]
    share = {code: 0.98 - 0.01 * int(code[1:]) - 0.001 * "SEL".index(code[0]) for code in codes}
    return small_tables(
        panel={code: {item: round(share[code] * marks, 4) for item, marks in ITEMS.items()} for code in codes},
        led={code: 100 * share[code] for code in codes},
        social=dict.fromkeys(codes, "滿意"),
    )


def _widened(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    contract = CONTRACTS[name]
    across, value = contract.wide
    keys = [column for column in rows.columns if column not in contract.wide]
    table = rows.pivot(index=keys, columns=across, values=value)
    return table[list(dict.fromkeys(rows[across]))].reset_index().rename_axis(columns=None).fillna("")


def _in_language(name: str, rows: pd.DataFrame, heads: str) -> pd.DataFrame:
    truth = {True: "yes", False: "no"} if heads == "en" else {True: "是", False: "否"}
    rows = rows.map(lambda value: truth[value] if isinstance(value, bool) else value)
    if heads == "en":
        return rows
    names = {column.name: _script(column.zh, heads) for column in CONTRACTS[name].columns}
    return rows.rename(columns=names)


def _script(text: str, heads: str) -> str:
    return fold(text) if heads == "zh-Hans" else text


def spreadsheet_date(text: str) -> datetime.datetime:
    """The day `text` as a spreadsheet holds it."""
    return datetime.datetime.fromisoformat(text)
