"""The rulebook: every value as written, every slip named with its key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import years

from appraisal.errors import RulebookError
from appraisal.rulebook import Rulebook, count_of, read_rulebook

RULES_2003 = Path(__file__).parents[1] / "data" / "2003" / "rulebook.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "rulebook.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        read_rulebook(written(folder, text))
    return str(caught.value).splitlines()


@pytest.fixture(scope="module")
def rules() -> Rulebook:
    return read_rulebook(RULES_2003)


def test_values_stand_as_written(rules):
    assert rules.band_range("key_works", "good") == (Decimal("12.32"), Decimal("13.30"))
    assert rules.full_marks["functional"] == 50
    assert rules.components == ("functional", "common", "excellence", "social")
    assert sum(rules.weights.values()) == 100


def test_every_value_has_a_basis_and_it_says_notice_or_assumed(rules):
    values = list(rules.values())
    assert len(values) > 50
    assert all(basis.startswith(("notice", "assumed:")) for _, _, basis in values)
    # what the notice leaves open is never said to be the notice's
    for key in (
        "weights.social",
        "tiers.best.backfill",
        "tiers.best.wildcard_scale",
        "tiers.admonished.rear",
        "panel.statistic",
        "rounding.digits",
        "ties.keys",
        "tiers.admonished.bar",
        "notice.order",
        "tiers.on_quota_mismatch",
    ):
        assert rules.basis_of(key).startswith("assumed:"), key
    for key in ("tiers.best.ranks", "tiers.advanced.share", "tiers.good.ranks", "inspections.rounds", "social.issued"):
        assert rules.basis_of(key).startswith("notice"), key


def test_basis_is_the_nearest(rules):
    assert rules.basis_of("tiers.best.backfill") != rules.basis_of("tiers.best.ranks") == rules.basis_of("tiers.best")
    assert rules.basis_of("colours.best") == ""


def test_a_what_if_is_another_rulebook(rules):
    other = rules.replace({"tiers.best.backfill": "none", "weights": rules.weights | {"social": 10, "leaders": 22}})
    assert other.tiers.best.backfill == "none"
    assert other.full_marks["functional"] == 60
    assert rules.tiers.best.backfill == "within_group"
    with pytest.raises(RulebookError, match=r"weights：合計為90"):
        rules.replace({"weights.social": 10})
    with pytest.raises(RulebookError, match=r"鍵 tiers.best.backfil：不是規則文件的鍵；是否為 backfill"):
        rules.replace({"tiers.best.backfil": "none"})


def test_an_added_component_needs_one_table_and_its_weight(tmp_path):
    text = years.rulebook(
        {
            "items.innovation.measures": "5",
            "weights.innovation": "5",
            "weights.common": "20",
            "labels.components.innovation": '"創新"',
            "labels.items.measures": '"創新舉措"',
        }
    )
    rules = read_rulebook(written(tmp_path, text))
    assert rules.components == ("functional", "common", "excellence", "innovation", "social")


WRONG = {
    "unknown key": ({"panel.trimm": "0"}, "key panel.trimm: is no key of the rulebook; did you mean trim?"),
    "unknown table": ({"colours.best": '"red"'}, "key colours: is no key of the rulebook"),
    "missing key": ({"panel.trim": None}, "key panel.trim: is missing"),
    "missing table": ({"competition.outside": None}, "key competition.outside: is missing"),
    "no default for data": ({"data": None}, "key data: is missing"),
    "choice": (
        {"panel.statistic": '"average"'},
        "key panel.statistic: says 'average'; allowed: 'mean', 'median', 'trimmed_mean'",
    ),
    "text for a number": ({"panel.trim": '"0"'}, "key panel.trim: says '0'; allowed: a valid integer"),
    "truth for a number": ({"weights.social": "true"}, "key weights.social: says True; allowed: a number"),
    "number for a truth": ({"tiers.admonished.bar": "1"}, "key tiers.admonished.bar: says 1; allowed: a valid boolean"),
    "nan": ({"tiers.good.share": "nan"}, "key tiers.good.share: says"),
    "negative weight": ({"weights.social": "-20"}, "key weights.social: says -20; allowed: greater than or equal to 0"),
    "weights": ({"weights.social": "21"}, "key weights: add up to 101; they must add up to 100"),
    "huge": ({"weights.social": "1e999999999"}, "key weights.social: says 1E+999999999; allowed: a number below 10^9"),
    "endless": ({"weights.social": "1e-999999999"}, "key weights.social: says 1E-999999999; allowed: a number below"),
    "weight of nothing": (
        {"weights.luck": "5", "weights.social": "15"},
        "key weights.luck: luck has no table of items; the keys here are functional_panel, leaders, social, common",
    ),
    "overlapping bands": (
        {"bands.good": "[0.79, 0.95]"},
        "key bands: good starts at 0.79, inside poor which ends at 0.80",
    ),
    "empty band": ({"bands.good": "[0.95, 0.88]"}, "key bands: good is [0.95, 0.88]"),
    "item twice": ({"items.common.level": "2"}, "key items.excellence.level: the item level also stands under common"),
    "full marks of 0": ({"items.excellence.level": "0"}, "key items.excellence.level: says 0; allowed: greater than 0"),
    "label": ({"labels.items.level": None}, "key labels.items.level: level has no label"),
    "basis": ({"basis.ties": None}, "key ties.keys: has no basis"),
    "basis of nothing": ({"basis.tiess": '"assumed: x"'}, "tiess is no key of this rulebook"),
    "basis form": ({"basis.ties": '"I think"'}, 'says \'I think\'; allowed: "notice …", "decided: …" or "assumed: …"'),
    "trim": ({"panel.trim": "3"}, "key panel.trim: leaves out 3 ballots at each end; min_ballots is 5"),
    "tie key": (
        {"ties.keys": '["luck"]'},
        "key ties.keys: says 'luck'; allowed: functional, functional_panel, leaders",
    ),
    "tie key twice": (
        {"ties.keys": '["social", "social"]'},
        "key ties.keys: says ['social', 'social']; allowed: each entry once",
    ),
    "left out with points": ({"social.left_out": '["滿意"]'}, "key social.left_out: 滿意 also has points"),
    "more returned than issued": (
        {"social.returned": "11"},
        "key social.returned: says 11 forms returned of 10 issued",
    ),
    "window upside down": ({"tiers.best.ranks": "[2, 1]"}, "key tiers.best.ranks: says [2, 1]; allowed: two ranks"),
    "gap between windows": (
        {"tiers.good.ranks": "[4, 5]"},
        "key tiers.good.ranks: starts at rank 4; it must start at 3",
    ),
    "best outside advanced": (
        {"tiers.best.ranks": "[1, 2]"},
        "key tiers.best.ranks: reaches rank 3 with the wildcards",
    ),
    "wildcards": ({"tiers.best.wildcards": "4"}, "key tiers.best.wildcards: says 4; at most one of each group"),
    "digits": ({"rounding.digits": "5"}, "key rounding.digits: says 5; allowed: less than or equal to 4"),
    "year": ({"year": '"2003"'}, "key year: says '2003'; allowed: a valid integer"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG.keys())
def test_each_slip_is_named_with_its_key(tmp_path, changes, message):
    found = problems_of(tmp_path, years.rulebook(changes))
    assert any(line.startswith("rulebook.toml, ") and message in line for line in found), found


# Changes → every line that is said, whole.
LINES = {
    "no panel's weight": (
        {"weights.functional_panel": None, "weights.social": "58"},
        ["key weights.functional_panel: is missing; every key of the rulebook is needed"],
    ),
    "no leaders' weight": (
        {"weights.leaders": None, "weights.social": "32"},
        ["key weights.leaders: is missing; every key of the rulebook is needed"],
    ),
    "windows that do not begin at 1": (
        {
            "tiers.best.ranks": "[2, 3]",
            "tiers.best.wildcards": "0",
            "tiers.advanced.ranks": "[2, 3]",
            "tiers.good.ranks": "[3, 4]",
        },
        [
            "key tiers.best.ranks: starts at rank 2; it must start at 1, so that no rank falls between or into two tiers",
            "key tiers.advanced.ranks: starts at rank 2; it must start at 1, so that no rank falls between or into two tiers",
            "key tiers.good.ranks: starts at rank 3; it must start at 4, so that no rank falls between or into two tiers",
        ],
    ),
    "labels of every kind": (
        {
            "labels.components.functional": None,
            "labels.components.social": None,
            "labels.items.level": None,
            "labels.bands.poor": None,
            "labels.sources.petition": None,
        },
        [
            "key labels.components.functional: functional has no label; readers need a word for every code",
            "key labels.components.social: social has no label; readers need a word for every code",
            "key labels.items.level: level has no label; readers need a word for every code",
            "key labels.bands.poor: poor has no label; readers need a word for every code",
            "key labels.sources.petition: petition has no label; readers need a word for every code",
        ],
    ),
    "a trim that leaves nobody": (
        {"panel.trim": "2", "panel.min_ballots": "4"},
        ["key panel.trim: leaves out 2 ballots at each end; min_ballots is 4 and must be more than twice that"],
    ),
    "a table like no other": ({"colours.best": '"red"'}, ["key colours: is no key of the rulebook"]),
    "two answers left out that have points": (
        {"social.left_out": '["滿意", "基本滿意"]'},
        ["key social.left_out: 滿意、基本滿意 also has points in social.points; a rating either counts or is left out"],
    ),
    "a language that is none": (
        {"translations.fr": "{}"},
        ["key translations.fr: says 'fr'; allowed: zh-Hant, zh-Hans, en"],
    ),
    "a key of a language's table": (
        {"translations.en.componentz": "{}"},
        ["key translations.en.componentz: is no key of the rulebook; did you mean components?"],
    ),
}


@pytest.mark.parametrize(("changes", "lines"), LINES.values(), ids=LINES.keys())
def test_slips_are_told_line_by_line(tmp_path, changes, lines):
    found = problems_of(tmp_path, years.rulebook(changes))
    assert found == [f"rulebook.toml, {line}" for line in lines]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (
            "[items.common]\nwork_style = 25\n",
            [
                "key items.common: is missing; every key of the rulebook is needed",
                "key weights.common: common has no table of items; the keys here are functional_panel, leaders, social, "
                "excellence",
            ],
        ),
        (
            "[items.functional]\nkey_works = 14\ndepartment_work = 14\nservice_environment = 10\n",
            ["key items.functional: is missing; every key of the rulebook is needed"],
        ),
    ],
)
def test_function_and_common_objectives_must_have_items(tmp_path, table, lines):
    assert table in years.RULEBOOK
    found = problems_of(tmp_path, years.RULEBOOK.replace(table, ""))
    assert found == [f"rulebook.toml, {line}" for line in lines]


def test_a_file_that_is_no_rulebook_is_told_in_the_language_it_seems_to_have(tmp_path):
    text = years.rulebook({"lang": '"zh-Hans"'}).replace("[weights]", "[weights")
    with pytest.raises(RulebookError) as caught:
        read_rulebook(written(tmp_path, text))
    assert caught.value.lang == "zh-Hans"


# What is just allowed.
FITS = {
    "the fewest ballots that a trim leaves": {"panel.trim": "2"},
    "all forms came back": {"social.returned": "10"},
    "best fills advanced": {"tiers.best.wildcards": "0", "tiers.best.ranks": "[1, 2]"},
    "a wildcard for each group": {"tiers.best.wildcards": "3"},
    "every key of the chain": {"ties.keys": '["functional_panel", "leaders", "excellence", "least_deducted"]'},
}


@pytest.mark.parametrize("changes", FITS.values(), ids=FITS.keys())
def test_what_is_just_allowed_is_taken(tmp_path, changes):
    assert read_rulebook(written(tmp_path, years.rulebook(changes)))


@pytest.mark.parametrize("basis", ["notice §二", "decided: 領導小組會議", "assumed: a test"])
def test_a_value_comes_from_the_notice_a_decision_or_an_assumption(rules, basis):
    assert rules.replace({"basis.panel": basis}).basis_of("panel.trim") == basis


def test_a_what_if_may_bring_a_table_that_was_not_there(tmp_path):
    rules = read_rulebook(written(tmp_path, years.RULEBOOK))
    other = rules.replace({"translations.en.bands.good": "Good", "notice.number": "7", "basis.notice": "assumed: x"})
    assert other.label("bands", "good", "en") == "Good"
    assert other.label("bands", "good") == "Good"  # the language of the year is en
    assert other.label("bands", "good", "zh-Hans") == "良好"
    assert other.label("bands", "fair", "en") == "一般"
    assert other.notice.number == "7"
    assert rules.translations == {}


def test_a_code_has_its_word(rules):
    assert rules.label("groups", "service") == "綜合服務部門"
    assert rules.label("components", "leaders") == "市領導評鑒"
    assert rules.label("ratings", "滿意") == "滿意"
    assert rules.label("ratings", "滿意", "en") == rules.translations["en"].ratings["滿意"] != "滿意"


def test_the_folder_names_the_year(tmp_path):
    folder = tmp_path / "2004"
    folder.mkdir()
    with pytest.raises(RulebookError) as caught:
        read_rulebook(written(folder, years.rulebook({"lang": '"zh-Hans"'})))
    assert caught.value.problems[0].say("en") == "rulebook.toml, key year: says 2003, in the folder of 2004"
    assert caught.value.lang == "zh-Hans"


@pytest.mark.parametrize(
    ("changes", "lang"),
    [({"lang": '"zh-Hans"'}, "zh-Hans"), ({"lang": '"fr"'}, "en"), ({"lang": None}, "en")],
)
@pytest.mark.parametrize("wrong", [{"panel.trim": None}, {"panel.trim": "3"}])
def test_slips_are_told_in_the_language_of_the_year_if_it_says_one(tmp_path, changes, lang, wrong):
    with pytest.raises(RulebookError) as caught:
        read_rulebook(written(tmp_path, years.rulebook(changes | wrong)))
    assert caught.value.lang == lang


def test_every_value_stands_once_in_the_order_of_the_rulebook(tmp_path):
    rules = read_rulebook(written(tmp_path, years.RULEBOOK))
    entries, values = rules.entries(), {key: value for key, value, _basis in rules.values()}
    assert list(entries)[:5] == ["year", "title", "lang", "data", "seed"]
    assert entries["labels.bands.good"] == "良好"
    assert entries["basis.ties"] == "assumed: a test"
    assert list(values)[:3] == ["seed", "groups.service", "groups.economic"]
    assert values["items.excellence.level"] == Decimal("1.5")
    left = [key for key in entries if key not in values]
    assert {key.partition(".")[0] for key in left} == {"year", "title", "lang", "data", "labels", "basis"}


def test_all_slips_are_told_at_once(tmp_path):
    found = problems_of(
        tmp_path,
        years.rulebook({"weights.social": "21", "bands.good": "[0.79, 0.95]", "panel.trim": None, "panel.trimm": "0"}),
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"year = 2003\nyear = 2004\n", "cannot be read as TOML"),
        ('title = "年度"'.encode("gb18030"), "cannot be read as TOML in UTF-8"),
        (b"\x00\xff", "cannot be read as TOML"),
        (b"[" * 5000, "cannot be read as TOML"),
        (b"seed = 1e999999999999999999999\n", "rulebook.toml"),
    ],
    ids=["key twice", "GB18030", "bytes", "deep", "huge"],
)
def test_a_file_that_is_no_rulebook_is_one_message(tmp_path, content, message):
    (tmp_path / "rulebook.toml").write_bytes(content)
    with pytest.raises(RulebookError, match=message):
        read_rulebook(tmp_path / "rulebook.toml")


def test_no_file_is_said(tmp_path):
    with pytest.raises(RulebookError, match=r"rulebook.toml: there is no rulebook in the year folder"):
        read_rulebook(tmp_path / "rulebook.toml")


def test_a_half_department_counts_up():
    assert [count_of(Decimal("0.25"), size) for size in (93, 94, 96, 97, 98)] == [23, 24, 24, 24, 25]
