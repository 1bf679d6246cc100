"""Draw the README's picture of the process, ``process.svg``: ``make pictures``, or ``python docs/process.py``.

The few Chinese characters it holds travel inside it, so that it reads the same on a machine without a Chinese font.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from appraisal.reporting.fonts import SANS, font_face

WIDTH, HEIGHT = 1180, 490
INK, FAINT, RED, BLUE = "#1f2933", "#52606d", "#8a1c22", "#1c3f55"
PAPER, TINT, EDGE = "#f4f3ef", "#e8eef2", "#9aa5b1"

INPUTS = (
    ("自查、檔位", "self-check; bands set by each panel"),
    ("考評票", "anonymous ballots, inside the bands"),
    ("市領導評鑒", "the city leaders' ratings"),
    ("扣分", "verified daily deductions"),
    ("社會評議", "questionnaires"),
    ("明查暗訪、抽閱、復核", "inspections, re-reading, queries"),
    ("突出問題、決定", "problems on record, rulings"),
)
STAGES = (
    ("分項得分", "components", "panel, leaders, deductions, social"),
    ("綜合考評得分", "composite", "weighted, and rounded once"),
    ("名次", "ranking", "in each group; ties by a chain of keys"),
    ("等次", "tiers", "windows, wildcard, withdrawal, quota …"),
)
OUTPUTS = (
    ("得分表  scorecard", "one row a department, one column a source"),
    ("呈閱本  annual_report.html", "for leadership: result, lines, counts of matters"),
    ("內部工作稿  working_report.html", "for the office: all but ballots and jurors"),
    ("通報、複算  notice.docx, results.xlsx", "the draft; formulas that compute it again"),
    ("說明  why", "one department, no other department's score"),
)


def text(x: float, y: float, words: str, size: float = 14, colour: str = INK, anchor: str = "start") -> str:
    """A line of words; the larger ones are the notice's."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, edge: str = EDGE) -> str:
    """A box with a thin edge."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="{fill}" stroke="{edge}"/>'


def line(path: str, colour: str = FAINT, more: str = "") -> str:
    """A thin line along a path."""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{more}/>'


def drawn() -> list[str]:
    """All elements of the picture, column by column."""
    head = ' marker-end="url(#head)"'
    parts = [
        text(20, 28, "data/<year>/", 15, RED),
        text(395, 28, "appraisal/", 15, RED),
        text(800, 28, "reports/<year>/", 15, RED),
    ]
    for place, (said, meant) in enumerate(INPUTS):
        y = 46 + 48 * place
        parts += [box(20, y, 290, 42, PAPER), text(32, y + 18, said), text(32, y + 35, meant, 12, FAINT)]
    parts += [box(20, 396, 290, 56, "#fff", RED), text(32, 419, "年度規則  rulebook.toml", 14, RED)]
    parts += [text(32, 438, "every rule, and where it comes from", 12, FAINT)]
    parts += [line("M316 46h8v330h-8", EDGE), line("M324 69H391", FAINT, head), line("M310 424H355V93", RED)]
    for place, (said, code, meant) in enumerate(STAGES):
        y = 46 + 84 * place
        parts += [
            box(395, y, 310, 62, TINT, BLUE),
            text(409, y + 26, said, 16, BLUE),
            text(691, y + 26, code, 13, BLUE, "end"),
        ]
        parts += [text(409, y + 48, meant, 12, FAINT), line(f"M355 {y + 47}H391", RED, head)]
        parts += [line(f"M550 {y + 62}V{y + 82}", FAINT, head)]
    parts += [box(395, 382, 310, 76, "#fff"), text(409, 405, "敏感性、複核  analysis")]
    parts += [text(409, 425, "ballots redrawn, cutoffs moved, one left out;", 12, FAINT)]
    parts += [text(409, 443, "starts from the scorecard, changes nothing", 12, FAINT)]
    for place, (said, meant) in enumerate(OUTPUTS):
        y = 46 + 60 * place
        parts += [box(800, y, 360, 50, PAPER), text(814, y + 21, said), text(814, y + 40, meant, 12, FAINT)]
    parts += [line("M792 46h-8v290h8", EDGE), line("M705 329H745V190H782", FAINT, head)]
    parts += [line("M705 420H765V250H782", FAINT, head + ' stroke-dasharray="5 4"'), line("M980 338V378", FAINT, head)]
    parts += [box(800, 382, 360, 76, "#fff", RED), text(814, 405, "市委常委會討論確認  confirm", 14, RED)]
    parts += [text(814, 425, "a draft until then; after it every change is refused", 12, FAINT)]
    return [*parts, text(814, 443, "until the year is reopened, with a reason", 12, FAINT)]


def process_svg() -> str:
    """The picture as a file that stands alone."""
    parts = drawn()
    face = font_face(SANS, "".join(parts))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
            f' width="{WIDTH}" height="{HEIGHT}" role="img">',
            "<title>Tables and rulebook become points, composite, ranks and tiers, and these the report</title>",
            f"<style>{face} text{{font-family:'{SANS}',sans-serif}}</style>",
            '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">',
            f'<path d="M0 0L10 5L0 10z" fill="{FAINT}"/></marker>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    (Path(__file__).parent / "process.svg").write_text(process_svg(), encoding="utf-8")
