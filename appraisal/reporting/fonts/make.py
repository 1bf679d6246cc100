"""Make the two font files of the package from Noto Sans SC and Noto Serif SC.

``python -m appraisal.reporting.fonts.make``, run by hand when the set of characters should change. It needs
``pip install pylopdf-fonts-zh-cn``, a package that carries the two fonts whole and under the SIL Open Font License. The
README beside this file says what was done and why.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from fontTools import subset
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from appraisal.reporting.fonts import FEATURES, FILES, SANS, SERIF

LATIN_AND_SIGNS = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin
    (0x370, 0x3FF),  # Greek, for statistics
    (0x2000, 0x206F),  # punctuation
    (0x2070, 0x209F),  # super- and subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),  # ℃ №
    (0x2150, 0x218F),  # ⅓ Ⅷ
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2460, 0x24FF),  # ① ⑳
    (0x2500, 0x25FF),  # boxes and shapes
    (0x2600, 0x2667),  # ★ ♠
    (0x2713, 0x2718),  # ticks
    (0x3000, 0x30FF),  # 〔〕《》, kana
    (0x3200, 0x33FF),  # ㈠ ㎡
    (0xFF00, 0xFFEF),  # full-width forms
)


def characters() -> set[int]:
    """Code points of the package's fonts: GB2312, Big5 level 1, Latin and signs."""
    gb2312 = itertools.product(range(0xA1, 0xF8), range(0xA1, 0xFF))
    big5 = itertools.product(range(0xA1, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    text = "".join(bytes(pair).decode("gb2312", "ignore") for pair in gb2312)
    text += "".join(bytes(pair).decode("big5", "ignore") for pair in big5)
    signs = itertools.chain.from_iterable(range(first, last + 1) for first, last in LATIN_AND_SIGNS)
    return {ord(character) for character in text} | set(signs)


def rename(font: TTFont, family: str) -> None:
    """Give the subset its own name: a whole Noto on the same machine must never be drawn in its place."""
    postscript = family.replace(" ", "") + "-Regular"
    for record in font["name"].names:
        own = {1: family, 4: family, 3: f"{postscript}; subset of {record}", 6: postscript, 16: family}
        if record.nameID in own:
            record.string = own[record.nameID]
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FullName = cff.topDictIndex[0].FamilyName = family


def make(source: Path, family: str, target: Path) -> None:
    """Write the subset of one font; the same bytes on every run."""
    options = subset.Options(
        # Without hints and subroutines a page copies the outlines of its characters as they are.
        hinting=False,
        desubroutinize=True,
        layout_features=FEATURES,
        name_IDs=["*"],
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=[*subset.Options().drop_tables, "VORG", "vhea", "vmtx", "BASE"],
    )
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    rename(font, family)
    font.save(target)


def changed(source: Path, target: Path) -> list[str]:
    """Characters that the subset draws otherwise than the whole font, or as wide as it does not."""
    with TTFont(source, lazy=True) as whole, TTFont(target, lazy=True) as own:
        return [chr(code) for code in own.getBestCmap() if _drawn(whole, code) != _drawn(own, code)]


def _drawn(font: TTFont, code: int) -> tuple[list[object], int]:
    glyph, pen = font.getGlyphSet()[font.getBestCmap()[code]], RecordingPen()
    glyph.draw(pen)
    return pen.value, glyph.width


def main() -> None:
    """Write both files of the package; none may draw a character otherwise than its source."""
    import pylopdf_fonts_zh_cn as noto

    for source, family in ((noto.sans_path(), SANS), (noto.serif_path(), SERIF)):
        target = FILES[family]
        make(source, family, target)
        if other := changed(source, target):
            raise SystemExit(f"{target.name} draws otherwise than its source: {''.join(other)}")


if __name__ == "__main__":
    main()
