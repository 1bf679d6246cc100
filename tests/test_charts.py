"""Charts as the artists they are made of: how many, where, which colours and words; and that every glyph is drawn."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import warnings
from html import unescape
from itertools import cycle
from urllib.parse import unquote

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from appraisal.reporting import charts, layout, outlines
from appraisal.reporting.canvas import readable_parts
from appraisal.reporting.outlines import GRID
from appraisal.reporting.palette import TIERS, group_colours
from appraisal.reporting.writing import width_of

LABELS = {"service": "綜合服務部門", "economic": "經濟管理部門", "enforcement": "執法監察部門"}
TIER_BY_RANK = ["best"] * 3 + ["advanced"] * 5 + ["good"] * 8 + ["ordinary"] * 15 + ["admonished"]


@pytest.fixture(autouse=True)
def every_glyph_is_drawn(caplog):
    """A glyph that no font has is a warning, a family that is not found is only logged: both fail the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def scores_of(group: str, size: int = 32) -> pd.DataFrame:
    composite = 91 - 0.2 * np.arange(size)
    return pd.DataFrame(
        {
            "name": [f"市{number}局〔老干部〕臺灣" for number in range(1, size + 1)],
            "group": group,
            "composite": composite,
            "rank": pd.array(range(1, size + 1), dtype="Int64"),
            "tier": [tier for tier, _ in zip(cycle(TIER_BY_RANK), range(size), strict=False)],
        },
        index=pd.Index([f"{group}{number}" for number in range(1, size + 1)], name="department"),
    )


LINES = pd.DataFrame({"above": [3, 8, 16], "below": [4, 9, 17], "gap": [0.05, 0.2, 1.234]})


def tier_marks(ax) -> dict[str, object]:
    return {
        marks.get_label(): marks for marks in ax.collections if len(marks.get_offsets()) and marks.get_label()[0] != "_"
    }


def said(ax) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def written(ax) -> list[list[str]]:
    """Texts of each column that stands beside the rows: ranks, names, and what a chart adds."""
    return [column.texts for column in ax.artists]


def drawn(axes, **more) -> str:
    return layout.chart(axes, alt="圖", synthetic=True, **more).html


def test_each_department_is_one_mark_at_its_score_in_its_row():
    scores = scores_of("service")
    ax = charts.plot_score_distribution(scores.sample(frac=1, random_state=1), LINES)
    points = np.vstack([marks.get_offsets() for marks in tier_marks(ax).values()])
    points = points[np.argsort(points[:, 1])]
    assert points[:, 1].tolist() == list(range(32))
    np.testing.assert_allclose(points[:, 0], scores["composite"])
    ranks, names, _scores = written(ax)
    assert names == scores["name"].tolist()
    assert [int(rank) for rank in ranks] == list(range(1, 33))
    assert all(column.places[:, 1].tolist() == list(range(32)) for column in ax.artists)
    assert ax.yaxis_inverted()


def test_marks_have_the_colour_and_sign_of_their_tier():
    ax = charts.plot_score_distribution(scores_of("service"), LINES)
    words = charts.catalogue("zh-Hant")
    found = tier_marks(ax)
    assert list(found) == [words.say(f"charts.tiers.{tier}") for tier in TIERS]
    for tier, look in TIERS.items():
        marks = found[words.say(f"charts.tiers.{tier}")]
        assert len(marks.get_offsets()) == TIER_BY_RANK.count(tier)
        shown = marks.get_edgecolor() if look.hollow else marks.get_facecolor()
        assert to_hex(shown[0]).upper() == look.colour
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(found)


def test_lines_stand_between_the_places_and_say_their_gap():
    ax = charts.plot_score_distribution(scores_of("service"), LINES)
    lines = [line for line in ax.lines if len(set(line.get_ydata())) == 1]
    assert [line.get_ydata()[0] for line in lines] == [2.5, 7.5, 15.5]
    for gap in ("0.05", "0.20", "1.23"):
        assert gap in said(ax)
    assert "第16｜17名" in said(ax)


def test_scores_are_written_with_the_digits_of_the_rulebook():
    ax = charts.plot_score_distribution(scores_of("service", 4), LINES[:0], digits=3)
    assert written(ax)[-1] == ["91.000", "90.800", "90.600", "90.400"]


def test_a_department_outside_the_competition_is_not_in_the_ranked_chart():
    scores = scores_of("service", 5)
    scores.loc["service5", ["rank", "tier"]] = pd.NA
    ax = charts.plot_score_distribution(scores, LINES[:0])
    assert [len(column) for column in written(ax)] == [4, 4, 4]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_groups_of_any_size_are_drawn(size):
    lines = LINES[LINES["below"] <= size]
    assert "data:image/svg+xml," in drawn(charts.plot_score_distribution(scores_of("service", size), lines))


@pytest.mark.parametrize(
    ("size", "ranks"),
    [(32, [(1, 32)]), (50, [(1, 50)]), (100, [(1, 50), (51, 100)]), (101, [(1, 33), (34, 67), (68, 101)])],
)
def test_a_large_group_is_cut_into_charts_that_tell_their_ranks_and_go_on_a_page(size, ranks):
    lines = pd.DataFrame({"above": [9, 50], "below": [10, 51], "gap": [0.05, 0.2]})
    parts = list(readable_parts(scores_of("service", size), "綜合服務部門"))
    assert [tuple(rows["rank"].iloc[[0, -1]]) for _named, rows in parts] == ranks
    told = [f"綜合服務部門第{first}至第{last}名" for first, last in ranks] if len(ranks) > 1 else ["綜合服務部門"]
    assert [named for named, _rows in parts] == told
    for (_named, rows), (first, last) in zip(parts, ranks, strict=True):
        own = lines[lines["above"].between(first, last)]
        ax = charts.plot_score_distribution(rows, own)
        width, height = ax.figure.get_size_inches()
        assert height * 172 / width < 215  # mm of a page 172 mm wide and 257 mm high
        drawn_lines = [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1]
        assert drawn_lines == [above - first + 0.5 for above in own["above"]]


def three_groups() -> tuple[pd.DataFrame, pd.DataFrame]:
    scores = pd.concat([scores_of(group) for group in LABELS])
    composite = scores.groupby("group", sort=False)["composite"]
    quantiles = {"low": 0, "quartile_1": 0.25, "median": 0.5, "quartile_3": 0.75, "high": 1}
    return scores, pd.DataFrame({name: composite.quantile(share) for name, share in quantiles.items()})


def test_groups_stand_under_one_another_with_box_and_every_department():
    scores, summary = three_groups()
    ax = charts.plot_group_distributions(scores, summary, labels=LABELS)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(LABELS.values())
    marks = [found for found in ax.collections if len(found.get_offsets())]
    assert sum(len(found.get_offsets()) for found in marks) == 96
    assert [to_hex(box.get_facecolor()).upper() for box in ax.patches] == list(group_colours(LABELS).values())
    assert len(ax.get_legend().get_texts()) == len(TIERS)
    assert said(ax).count("87.90") == 3


@pytest.mark.parametrize("apart", [0.2, 0.02, 0.0])
def test_many_marks_of_a_group_keep_clear_of_the_group_above(apart):
    scores = pd.concat([scores_of(group, 100) for group in LABELS])
    scores["composite"] = 91 - apart * scores["rank"].astype(float)
    summary = pd.DataFrame(
        {name: dict.fromkeys(LABELS, 90.0) for name in ("low", "quartile_1", "median", "quartile_3", "high")}
    )
    ax = charts.plot_group_distributions(scores, summary, labels=LABELS)
    heights = np.concatenate([marks.get_offsets()[:, 1] for marks in tier_marks(ax).values()])
    assert len(heights) == 300
    assert all(((heights > place - 0.6) & (heights < place)).sum() == 100 for place in range(3))
    assert ax.figure.get_figheight() < 8.5


def test_marks_of_one_value_do_not_cover_each_other():
    scores, summary = three_groups()
    scores["composite"] = 88.0
    ax = charts.plot_group_distributions(scores, summary, labels=LABELS)
    points = np.vstack([found.get_offsets() for found in ax.collections if len(found.get_offsets())])
    assert len(np.unique(points.round(6), axis=0)) == 96


def test_components_have_two_bars_with_their_shares():
    shares = pd.DataFrame({"nominal": [0.5, 0.5], "effective": [1.043, -0.043]}, index=["functional", "common"])
    ax = charts.plot_component_spread(shares, labels={"functional": "職能目標", "common": "共性目標"})
    nominal, effective = ([bar.get_width() for bar in bars] for bars in ax.containers)
    assert nominal == [0.5, 0.5]
    assert effective == [1.043, -0.043]
    assert "104.3%" in said(ax)
    assert ax.get_xlim()[0] < -0.043
    assert [label.get_text() for label in ax.get_yticklabels()] == ["職能目標", "共性目標"]


def test_answers_are_stacked_to_the_whole():
    shares = pd.DataFrame(
        [[0.5, 0.47, 0.03], [0.2, 0.5, 0.3]], index=["service", "economic"], columns=["很滿意", "滿意", "不滿意"]
    )
    ax = charts.plot_response(shares, labels=LABELS)
    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[-1]]
    assert ends == pytest.approx([1, 1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(shares.columns)
    assert "3%" not in said(ax).split("\n")  # too narrow to be written in


def test_axes_given_are_the_axes_drawn_on():
    from matplotlib.figure import Figure

    given = Figure().subplots()
    assert charts.plot_score_distribution(scores_of("service", 4), LINES[:0], ax=given) is given


def test_synthetic_data_is_marked_across_the_axes_and_on_a_tag():
    ax = charts.plot_score_distribution(scores_of("service"), LINES)
    assert "合成數據" not in said(ax)
    drawn(ax)
    assert said(ax).count("合成數據") >= 3
    real = charts.plot_score_distribution(scores_of("service", 4), LINES[:0])
    layout.chart(real, alt="圖", synthetic=False)
    assert "合成數據" not in said(real)


def test_a_name_is_text_and_never_mathematics_or_markup():
    scores = scores_of("service", 3)
    scores["name"] = ["$\\frac{1}{2}$", "<script>alert(1)</script>", '"><img onerror=x>']
    ax = charts.plot_score_distribution(scores, LINES[:0])
    assert "data:image/svg+xml," in drawn(ax, caption='<b>"')
    assert written(ax)[1][0] == "$\\frac{1}{2}$"


def test_a_character_of_no_font_is_a_box_and_stops_nothing():
    scores = scores_of("service", 3)
    scores["name"] = ["市𠀀局", "市委\u2007老干部局", "emoji\n🀀"]
    ax = charts.plot_score_distribution(scores, LINES[:0])
    assert "圖中的□" in drawn(ax)
    assert written(ax)[1] == ["市□局", "市委 老干部局", "emoji □"]


def test_texts_beside_the_rows_keep_clear_of_the_axes_and_of_each_other():
    ax = charts.plot_score_distribution(scores_of("service"), LINES)
    drawn(ax)
    ranks, names, scores = (column.get_window_extent() for column in ax.artists)
    inside = ax.get_window_extent()
    assert 0 < names.x0 < names.x1 < ranks.x0 < ranks.x1 < inside.x0
    assert inside.x1 < scores.x0 < scores.x1 < ax.figure.bbox.x1


def test_a_label_with_a_character_of_no_font_is_boxed_and_said_below_the_chart():
    scores = pd.DataFrame({"很滿意": [0.5, 0.4], "滿意": [0.5, 0.6]}, index=["one", "two"])
    shown = drawn(charts.plot_response(scores, labels={"one": "𠀀組", "two": "乙組"}), caption="說明")
    assert "<figcaption>說明 圖中的□代替" in shown
    assert "圖中的□" not in drawn(charts.plot_response(scores, labels={"one": "甲組", "two": "乙組"}), caption="說明")


def test_a_chart_is_the_same_bytes_twice_and_leaves_the_style_of_others_alone():
    before = dict(mpl.rcParams)
    scores = scores_of("service")
    once, twice = (drawn(charts.plot_score_distribution(scores, LINES)) for _ in range(2))
    assert once == twice
    assert dict(mpl.rcParams) == before


def test_each_text_is_outlined_once_and_every_reference_has_its_target():
    svg = unquote(unescape(drawn(charts.plot_score_distribution(scores_of("service"), LINES))))
    targets = re.findall(r"id='([gt][0-9a-f]+)'", svg)
    assert len(targets) == len(set(targets))
    assert set(re.findall(r"href='#([gt][0-9a-f]+)'", svg)) == set(targets)
    assert svg.count("href='#t") == 3 * 32 + 6 + 1 + 3 + 5 + 4  # rows, scale, lines, legend, 合成數據
    assert outlines._line("1 1") == (("12", 0), ("12", round(GRID * (width_of("1") + width_of(" ")))))


def test_a_chart_carries_its_alternative_text_escaped():
    ax = charts.plot_score_distribution(scores_of("service", 3), LINES[:0])
    html = layout.chart(ax, alt='第3與第4名"差"<0.1', synthetic=False, caption="a < b").html
    assert 'alt="第3與第4名&quot;差&quot;&lt;0.1"' in html
    assert "<figcaption>a &lt; b</figcaption>" in html


def test_a_fresh_machine_that_lists_its_fonts_writes_nothing_to_stderr(tmp_path):
    """Whichever module of the room comes first, the filter stands before matplotlib looks for fonts."""
    said = (
        "import sys, logging; assert 'matplotlib' not in sys.modules; import appraisal.reporting.{}; "
        "logging.getLogger('matplotlib.font_manager').warning('building the font cache')"
    )
    for module in ("charts", "sensitivity_charts", "layout"):
        run = subprocess.run([sys.executable, "-c", said.format(module)], env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
                             capture_output=True, text=True, check=True)  # fmt: skip
        assert run.stderr == ""
