"""The fonts of charts and pages: which characters they draw, and the few of them that one page embeds."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SANS = "Appraisal Sans"
SERIF = "Appraisal Serif"
LONGEST = 28  # Chinese characters of a name beside a chart
BOX = "□"  # stands in a chart for what the font does not draw
FEATURES = ["ccmp", "halt", "kern", "palt"]  # of a font, kept when characters are taken out of it
FILES = {
    SANS: Path(__file__).with_name("AppraisalSans.otf"),
    SERIF: Path(__file__).with_name("AppraisalSerif.otf"),
}


@cache
def drawn_characters(family: str = SANS) -> frozenset[str]:
    """Characters that a font of the package draws.

    Examples
    --------
    >>> set("〔2004〕號①Ⅷ市委老干部局臺灣") <= drawn_characters()
    True
    """
    from fontTools.ttLib import TTFont

    with TTFont(FILES[family], lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def undrawn(text: str) -> str:
    """The characters of a text that the package's font does not have, each once, in order.

    Examples
    --------
    >>> undrawn("市𠀀局𠀀")
    '𠀀'
    """
    return "".join(dict.fromkeys(c for c in text if c not in drawn_characters() and not c.isspace()))


def boxed(text: str) -> str:
    """Put a box, or a space for a space, for each character that the package's font does not have, as a chart draws it.

    Examples
    --------
    >>> boxed("市𠀀局"), boxed("市\N{FIGURE SPACE}局")
    ('市□局', '市 局')
    """
    missing = set(text) - drawn_characters() - {"\n"}
    return text.translate({ord(character): " " if character.isspace() else BOX for character in missing})


def charted(name: str) -> str:
    """Give a name as a chart can draw it beside its row: with boxes, and the end of a very long one left out.

    Examples
    --------
    >>> charted("市𠀀局"), len(charted("長" * 300))
    ('市□局', 28)
    """
    return boxed(shortened(name, LONGEST)).replace("\n", " ")


def drawn_width(text: str) -> float:
    """How wide a text is drawn, in Chinese characters; a Latin letter is about half of one.

    Examples
    --------
    >>> drawn_width("考核"), drawn_width("work")
    (2.0, 2.2)
    """
    return sum(0.55 if letter.isascii() else 1.0 for letter in text)


def shortened(text: str, widest: int) -> str:
    """Leave out the end of a text that is drawn wider than so many Chinese characters.

    Examples
    --------
    >>> shortened("考核結果", 4), shortened("考核結果通報", 4)
    ('考核結果', '考核結…')
    """
    if drawn_width(text) <= widest:
        return text
    while drawn_width(text) > widest - 1:
        text = text[:-1]
    return f"{text}…"


def font_face(family: str, characters: Iterable[str]) -> str:
    """Write the CSS rule that carries a font with just these characters, as a ``data:`` address.

    The same characters give the same bytes. A character that the font does not have is left to the reader's fonts.

    Parameters
    ----------
    family : str
        `SANS` or `SERIF`.
    characters : iterable of str
        What the page shows in this font; order and repetition do not matter.
    """
    encoded = base64.b64encode(_packed(family, "".join(sorted(set(characters))))).decode("ascii")
    return (
        f"@font-face{{font-family:'{family}';font-display:block;"
        f"src:url(data:font/woff;base64,{encoded}) format('woff')}}"
    )


@cache
def _packed(family: str, characters: str) -> bytes:
    # Here and not above: charts need the names and files of the fonts in every run, and never this slow import.
    from fontTools import subset

    options = subset.Options(
        hinting=True,  # nothing to take out: the package's fonts have no hints and no subroutines
        layout_features=FEATURES,
        name_IDs=[0, 1, 2, 4, 6, 13],  # the copyright and licence travel with every copy
        notdef_outline=True,
        recalc_timestamp=False,
    )
    packed = io.BytesIO()
    with subset.load_font(FILES[family], options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.flavor = "woff"  # a tenth larger than woff2, whose packing takes as long as all the rest five times
        font.save(packed)
    return packed.getvalue()
