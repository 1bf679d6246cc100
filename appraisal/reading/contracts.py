"""What each table of the year folder holds: its columns, their heads in both languages, its key, and the fixed words.

This is the public contract that other offices write to, as data. A rule that needs more than one table stands in
`checks`; what a single text may look like stands in `readers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from appraisal.rulebook import TIERS
from appraisal.words import fold


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name, zh : str
        Its head in English and in Chinese; both are matched in either script.
    kind : str
        What its cells are; `frames` has a reader for each kind.
    blank : bool
        Whether a cell may be blank.
    optional : bool
        Whether the column may be left out.
    """

    name: str
    zh: str
    kind: str
    blank: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Contract:
    """One table.

    Parameters
    ----------
    name, zh : str
        Name of the file and of the sheet; Chinese name of the sheet.
    columns : tuple of Column
    key : tuple of str
        Columns that no two rows share; without one no two rows may say the same throughout.
    needed : str
        ``"rows"``: with at least one row; ``"table"``: the table, even without a row; ``"no"``: optional.
    wide : tuple of str, optional
        The column whose values may be heads instead, and the column whose values then fill those columns.
    secret : bool
        Whether what stands in it must not be repeated where others read it: ballots.
    """

    name: str
    zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    needed: str = "table"
    wide: tuple[str, str] | None = None
    secret: bool = False


def title(named: Column | Contract, lang: str) -> str:
    """Head of a column, or title of a sheet, in a language and its script; both scripts and English are read.

    Examples
    --------
    >>> [title(ITEM, lang) for lang in ("zh-Hant", "zh-Hans", "en", "fr")]
    ['項目', '项目', 'item', 'item']
    """
    return in_chinese(named, lang) if lang.startswith("zh") else named.name


def in_chinese(named: Column | Contract, lang: str) -> str:
    """Chinese head or title in the script of a language: the traditional one where that is not Chinese."""
    return fold(named.zh) if lang == "zh-Hans" else named.zh


# Kinds of columns that say how somebody judged.
JUDGING = ("score", "percent_points", "rating")
BALLOT = Column("ballot", "票號", "token")
DEPARTMENT = Column("department", "部門代碼", "department")
ITEM = Column("item", "項目", "item")
SOURCE = Column("source", "來源", "source")
DATE = Column("date", "日期", "date")
NOTE = Column("note", "備註", "text", blank=True)

_TABLES = (
    Contract(
        "departments",
        "部門",
        (
            Column("department", "部門代碼", "new_code"),
            Column("name", "部門名稱", "name"),
            Column("group", "組別", "group"),
            Column("leading_group", "領導小組成員單位", "yes_no"),
            Column("name_hans", "簡體名稱", "text", blank=True, optional=True),
            Column("name_en", "英文名稱", "text", blank=True, optional=True),
        ),
        key=("department",),
        needed="rows",
    ),
    Contract(
        "self_assessments",
        "自查",
        (
            DEPARTMENT,
            ITEM,
            Column("score", "自評分", "score", blank=True),
            Column("evidence", "材料", "text", blank=True),
        ),
        key=("department", "item"),
        needed="rows",
    ),
    Contract(
        "bands",
        "檔位",
        (DEPARTMENT, ITEM, Column("band", "檔位", "band")),
        key=("department", "item"),
        needed="rows",
    ),
    Contract(
        "panel_ballots",
        "考評票",
        (BALLOT, DEPARTMENT, ITEM, Column("score", "得分", "score", blank=True)),
        key=("ballot", "department", "item"),
        needed="rows",
        wide=("item", "score"),
        secret=True,
    ),
    Contract(
        "leader_ballots",
        "領導評鑒",
        (BALLOT, DEPARTMENT, Column("score", "評分", "percent_points", blank=True)),
        key=("ballot", "department"),
        needed="rows",
        wide=("department", "score"),
        secret=True,
    ),
    Contract(
        "social_ballots",
        "社會評議",
        (BALLOT, DEPARTMENT, Column("rating", "評價", "rating", blank=True)),
        key=("ballot", "department"),
        needed="rows",
        wide=("department", "rating"),
        secret=True,
    ),
    Contract(
        "social_counts",
        "社會評議匯總",
        (DEPARTMENT, Column("rating", "評價", "rating", blank=True), Column("count", "票數", "count")),
        key=("department", "rating"),
        needed="rows",
    ),
    Contract(
        "deductions",
        "扣分",
        (
            DEPARTMENT,
            Column("item", "項目", "common_item"),
            DATE,
            SOURCE,
            Column("points", "分值", "points"),
            Column("verified", "查實", "yes_no"),
            Column("incident", "事件", "incident", blank=True),
            NOTE,
        ),
    ),
    Contract("inspections", "明查暗訪", (Column("round", "輪次", "round"), DEPARTMENT, DATE)),
    Contract("problems", "突出問題", (DEPARTMENT, DATE, SOURCE, Column("problem", "問題", "text", blank=True))),
    Contract(
        "rulings",
        "決定",
        (
            Column("kind", "類別", "kind"),
            DEPARTMENT,
            # What it may say depends on the kind: `rulings.read_values`.
            Column("value", "內容", "value"),
            Column("reason", "理由", "text", blank=True),
            Column("approved_by", "批准", "text", blank=True),
            Column("date", "日期", "date", blank=True),
        ),
        key=("kind", "department"),
    ),
    Contract(
        "jurors",
        "考評人員",
        (
            Column("juror", "姓名", "name"),
            Column("group", "組別", "group"),
            Column("home", "所在部門", "department", blank=True),
            Column("head", "負責同志", "yes_no"),
        ),
        # Two people of one name happen, seldom from one department on one panel.
        key=("juror", "group", "home"),
    ),
    Contract(
        "spot_checks",
        "抽閱",
        (DEPARTMENT, ITEM, Column("result", "結果", "result"), NOTE),
        key=("department", "item"),
    ),
    Contract(
        "queries",
        "復核",
        (
            DEPARTMENT,
            ITEM,
            Column("raised", "提出", "date"),
            Column("question", "問題", "text", blank=True),
            Column("settled", "辦結", "date", blank=True),
            Column("resolution", "結果", "text", blank=True),
        ),
    ),
    Contract(
        "appeals",
        "申訴",
        (
            DEPARTMENT,
            # An appeal may be against the leaders' or the public's rating, which have no item.
            Column("item", "項目", "item", blank=True),
            Column("received", "收到", "date"),
            Column("claim", "申訴內容", "text", blank=True),
            Column("decision", "處理", "decision", blank=True),
            Column("decided_by", "處理人", "text", blank=True),
            Column("date", "日期", "date", blank=True),
        ),
        needed="no",
    ),
)
CONTRACTS = MappingProxyType({contract.name: contract for contract in _TABLES})

# The sheet of a blank workbook from which its drop-downs take their words; it is no table.
LISTS = Contract("lists", "選項", ())

# Exactly one of these two is there.
SOCIAL = ("social_ballots", "social_counts")

# Codes that no rulebook names, and the Chinese words that may stand for them.
YES_NO = {"yes": ("是",), "no": ("否",)}
KINDS = {
    "withdraw": ("退出",),
    "tie": ("並列",),
    "admonish": ("誡勉",),
    "seat": ("補位",),
    "committee": ("常委會",),
}
RESULTS = {"ok": ("無誤",), "discrepancy": ("有出入",)}
DECISIONS = {"upheld": ("成立",), "dismissed": ("駁回",)}
TIER_WORDS = dict(
    zip(
        TIERS,
        (
            ("最佳", "最佳辦事單位"),
            ("先進", "先進部門"),
            ("良好", "良好部門"),
            ("一般", "一般部門"),
            ("誡勉", "誡勉單位", "誡勉部門"),
        ),
        strict=True,
    )
)
# The same by the kind of the column; tiers are what the value of a ruling may be.
FIXED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "yes_no": YES_NO,
    "kind": KINDS,
    "result": RESULTS,
    "decision": DECISIONS,
    "tier": TIER_WORDS,
}
# Tiers that a ruling of a kind may name.
RULING_TIERS = {"withdraw": ("best",), "seat": ("best", "advanced", "good"), "committee": TIERS}


def fixed_word(kind: str, code: str, lang: str) -> str:
    """Word that readers of a language see for a code that no rulebook names.

    Examples
    --------
    >>> [fixed_word("decision", "dismissed", lang) for lang in ("zh-Hant", "zh-Hans", "en")]
    ['駁回', '驳回', 'dismissed']
    """
    word = FIXED[kind][code][0]
    return {"zh-Hant": word, "zh-Hans": fold(word)}.get(lang, code)
