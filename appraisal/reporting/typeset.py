"""Set paragraphs as an official document: page and type of GB/T 9704-2012, as a docx.

22 lines of 28 characters: between the margins lie 225 × 156 mm, a line is 28.95 pt, a character of 三號 (16 pt) less
0.25 pt. The grid of Word is left out: exact lines and spacing give the same page in every program.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from appraisal.reporting.packed import packed_anew, writable

# The names under which the fonts are installed, whatever the script of the document.
TITLE, BODY, HEADING, SUBHEADING = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
FOOT = "宋体"
# Who has not the font of the standard has the one of the system.
BEHIND = {TITLE: "宋体", BODY: "仿宋", HEADING: "SimHei", SUBHEADING: "楷体", FOOT: "SimSun"}
SIZE_2, SIZE_3, SIZE_4, SMALL = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 二號, 三號, 四號, 五號
LINE, SPACING = Pt(28.95), -5  # spacing in twentieths of a point
# Of a first line, in hundredths of a character: Word and LibreOffice keep it at two characters of any size.
INDENT = 200
FONT_TABLE = "/word/fontTable.xml"


@dataclass(frozen=True)
class Text:
    """One paragraph.

    Parameters
    ----------
    kind : {"title", "number", "addressees", "heading", "body", "signature"}
    text : str
    lead : str
        Set before the text in the font of subheadings.
    """

    kind: str
    text: str
    lead: str = ""


def official_document(paragraphs: Iterable[Text], *, title: str, head: str, page: str) -> bytes:
    """Set paragraphs as an official document; the same paragraphs give the same bytes.

    Parameters
    ----------
    paragraphs : iterable of Text
    title : str
        For the properties of the file.
    head : str
        Small print above each page: synthetic, draft, version.
    page : str
        Page number with ``{page}`` where the figure stands.
    """
    document = Document()
    _prepare(document, title)
    for paragraph in paragraphs:
        _SETTERS[paragraph.kind](document.add_paragraph(), paragraph)
    section = document.sections[0]
    _write(section.header.paragraphs[0], head, FOOT, SMALL, spacing=0)
    section.header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _number_pages(section.footer.paragraphs[0], page.split("{page}"))
    saved = io.BytesIO()
    document.save(saved)
    return packed_anew(saved.getvalue())


def _prepare(document: DocumentObject, title: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(20), Mm(25)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    normal = document.styles["Normal"]
    normal.font.size = SIZE_3
    _name_font(normal.element.get_or_add_rPr(), BODY)
    form = normal.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    # An orphan held back would make a page of 21 lines, a gap around figures a line of 27 characters.
    form.widow_control = False
    for gap in ("autoSpaceDE", "autoSpaceDN"):
        properties = normal.element.get_or_add_pPr()
        properties.find(qn("w:spacing")).addprevious(parse_xml(f'<w:{gap} {nsdecls("w")} w:val="0"/>'))
    document.core_properties.title = writable(title)
    document.core_properties.author = document.core_properties.comments = ""
    package = document.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:  # of the empty page that the library begins with
            package.rels.pop(name)
    for part in package.iter_parts():
        if part.partname == FONT_TABLE:
            part._blob = _font_table()


def _font_table() -> bytes:
    fonts = "".join(
        f"<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(behind)}/>"
        '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, behind in BEHIND.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{head}<w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()


def _title(paragraph: Paragraph, text: Text) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    # A line of 二號 and one free below: what follows stands on the lines of the page again.
    paragraph.paragraph_format.space_after = LINE
    _write(paragraph, text.text, TITLE, SIZE_2, spacing=0)


def _number(paragraph: Paragraph, text: Text) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = LINE
    _write(paragraph, text.text, BODY, SIZE_3)


def _addressees(paragraph: Paragraph, text: Text) -> None:
    _write(paragraph, text.text, BODY, SIZE_3)


def _heading(paragraph: Paragraph, text: Text) -> None:
    _indent(paragraph)
    paragraph.paragraph_format.keep_with_next = True
    _write(paragraph, text.text, HEADING, SIZE_3)


def _body(paragraph: Paragraph, text: Text) -> None:
    _indent(paragraph)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if text.lead:
        _write(paragraph, text.lead, SUBHEADING, SIZE_3)
    _write(paragraph, text.text, BODY, SIZE_3)


def _signature(paragraph: Paragraph, text: Text) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.right_indent = Pt(4 * SIZE_3.pt)
    _write(paragraph, text.text, BODY, SIZE_3)


_SETTERS = {
    "title": _title,
    "number": _number,
    "addressees": _addressees,
    "heading": _heading,
    "body": _body,
    "signature": _signature,
}


def _write(paragraph: Paragraph, text: str, font: str, size: Pt, *, spacing: int = SPACING) -> Run:
    run = paragraph.add_run(writable(text))
    run.font.size = size
    properties = run._r.get_or_add_rPr()
    _name_font(properties, font)
    if spacing:
        properties.append(parse_xml(f'<w:spacing {nsdecls("w")} w:val="{spacing}"/>'))
    _in_order(properties)
    return run


def _name_font(properties: BaseOxmlElement, font: str) -> None:
    """Name the font for each kind of character; Word takes Chinese ones from eastAsia alone."""
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{kind}"), font)
    # Quotation marks and dashes, which both scripts have, are full-width Chinese ones.
    fonts.set(qn("w:hint"), "eastAsia")


def _in_order(properties: BaseOxmlElement) -> None:
    """Put spacing before size: the schema fixes the order."""
    for size in properties.findall(qn("w:sz")):
        properties.remove(size)
        properties.append(size)


def _indent(paragraph: Paragraph) -> None:
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(INDENT))
    indent.set(qn("w:firstLine"), str(int(2 * (SIZE_3.pt * 20 + SPACING))))


def _number_pages(paragraph: Paragraph, around: Sequence[str]) -> None:
    """Write the number of the page between its dashes, 四號 宋體."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, around[0], FOOT, SIZE_4, spacing=0)
    figure = _write(paragraph, "", FOOT, SIZE_4, spacing=0)
    for kind in ("begin", None, "end"):
        element = (
            f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'
            if kind
            else f'<w:instrText {nsdecls("w")} xml:space="preserve"> PAGE </w:instrText>'
        )
        figure._r.append(parse_xml(element))
    _write(paragraph, around[-1], FOOT, SIZE_4, spacing=0)
