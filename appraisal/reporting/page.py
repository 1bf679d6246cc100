"""Make an executed notebook one HTML file: no code, no script, no request, its own fonts, fit for screen and A4."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any, ClassVar

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import Bool, List, Unicode, default

from appraisal.reporting import fonts, palette
from appraisal.words import Words, catalogue

TEMPLATES = Path(__file__).with_name("template")

# Numbers of sections and pages come from style sheets, which the text of the page does not show.
COUNTED = "…〇零一二三四五六七八九十百、（）().—– 0123456789"
FONTS_HERE = "/* fonts */"
LONGEST_HEAD = 36  # Chinese characters


@dataclass
class Section:
    """An entry of the table of contents."""

    id: str
    html: str
    parts: list[Section] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What the template fills in.

    Parameters
    ----------
    title, subtitle : str
        Plain text.
    marks : sequence of str
        What every page carries, on screen and on paper: 合成數據, year, state, edition, version code.
    remarks : sequence of str
        Sentences that the first page begins with.
    lang : str
        Language of the page.
    body : str
        The report as HTML.
    contents : list of Section
        Its headings.
    contents_printed : bool
        Whether they are a page of their own on paper.
    """

    title: str
    subtitle: str
    marks: Sequence[str]
    remarks: Sequence[str]
    lang: str
    body: str
    contents: list[Section]
    contents_printed: bool = False
    fonts_here: ClassVar[str] = FONTS_HERE  # taken by the fonts once it is known which characters the page shows

    @property
    def words(self) -> Words:
        """The words around the report."""
        return catalogue(self.lang)

    @property
    def colours(self) -> str:
        """The palette of the charts as variables of the style sheet."""
        paper = {"ink": palette.INK, "soft-ink": palette.SOFT_INK, "rule": palette.RULE, "accent": palette.ACCENT}
        variables = "".join(f"--{name}:{colour};" for name, colour in paper.items())
        light = "".join(f".{tier}{{--tier:{look.colour}}}" for tier, look in palette.TIERS.items())
        dark = "".join(f".{tier}{{--tier:{look.dark}}}" for tier, look in palette.TIERS.items())
        return f":root{{{variables}}}\n{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}"

    @property
    def print_rules(self) -> str:
        """Head and foot of each printed page."""
        number = self.words.say("page.page_number", page="\0").split("\0")
        # Of a longer title the end would run into the marks.
        head = fonts.shortened(self.title, LONGEST_HEAD)
        small = f"font:8pt '{fonts.SANS}',sans-serif;color:{palette.SOFT_INK};"
        return (
            "@page{size:A4;margin:20mm 19mm 20mm;"
            f"@top-left{{content:{_css_text(head)};{small}}}"
            f"@top-right{{content:{_css_text('　'.join(self.marks))};{small}color:{palette.ACCENT}}}"
            f"@bottom-center{{content:{_css_text(number[0])} counter(page) {_css_text(number[-1])};{small}}}}}"
        )


class ReportExporter(HTMLExporter):
    """A report as one HTML file.

    What the notebook shows is shown; its code, its prompts, its markdown (headings for those who read the notebook) and
    what it wrote to stderr are not. The words of the page are the notebook's own output, so that they come from the
    catalogue of the report's language.
    """

    export_from_notebook = "Appraisal report"

    title = Unicode("", help="Title of the page.").tag(config=True)
    subtitle = Unicode("", help="Line below the title.").tag(config=True)
    lang = Unicode("zh-Hant", help="Language of the page.").tag(config=True)
    marks = List(Unicode(), help="Words that every page carries, on screen and on paper.").tag(config=True)
    remarks = List(Unicode(), help="Sentences that the first page begins with.").tag(config=True)
    leave_out = List(Unicode(), help="Tags of the cells that this edition does not show.").tag(config=True)
    contents_printed = Bool(help="Whether the print begins with a page of contents.").tag(config=True)

    @default("template_name")
    def _template_name_default(self) -> str:
        return "appraisal"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    @default("exclude_markdown")
    def _exclude_markdown_default(self) -> bool:
        return True

    # Text comes back, as TemplateExporter has it: only its base speaks of a notebook.
    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **_kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Give the page of an executed notebook."""
        body, contents = _with_contents("\n".join(self._shown(nb)))
        title = self.title or (resources or {}).get("metadata", {}).get("name", "")
        page = Page(title, self.subtitle, self.marks, self.remarks, self.lang, body, contents, self.contents_printed)
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]  # nbconvert's own has no annotations
        resources["page"] = page
        # Past the steps of nbconvert: none of its preprocessors would see the body, and HTMLExporter parses and writes
        # the whole page again for alternative texts we have already.
        html = self.template.render(resources=resources).lstrip("\r\n")
        return html.replace(FONTS_HERE, _fonts(html), 1), resources

    def _shown(self, nb: NotebookNode) -> Iterator[str]:
        for cell in nb.cells:
            if set(cell.metadata.get("tags", [])) & set(self.leave_out):
                continue
            if cell.cell_type == "code":
                for output in cell.outputs:
                    yield from _output(output, cell.metadata.get("alt", ""))
            elif cell.cell_type == "markdown" and not self.exclude_markdown:
                yield self.markdown2html({"cell": cell}, cell.source)


def export_html(
    nb: NotebookNode,
    *,
    title: str,
    subtitle: str = "",
    lang: str = "zh-Hant",
    marks: Sequence[str] = (),
    remarks: Sequence[str] = (),
    leave_out: Collection[str] = (),
    contents_printed: bool = False,
) -> str:
    """Make an executed notebook one HTML file; the same notebook gives the same text.

    Parameters
    ----------
    nb : NotebookNode
        As `run_notebook` gives it.
    title, subtitle : str
        Plain text; the title also heads every printed page.
    lang : str
        Language of the page.
    marks : sequence of str
        Words that every page carries, on screen and on paper.
    remarks : sequence of str
        Sentences that the first page begins with.
    leave_out : collection of str
        Tags of cells that this edition does not show; they are absent from the file, not hidden.
    contents_printed : bool
        Whether the print begins with a page of contents; on screen they stand beside the text anyway.

    Returns
    -------
    str
    """
    exporter = ReportExporter(  # type: ignore[no-untyped-call]  # made by traitlets, without annotations
        title=title,
        subtitle=subtitle,
        lang=lang,
        marks=list(marks),
        remarks=list(remarks),
        leave_out=sorted(leave_out),
        contents_printed=contents_printed,
    )
    html, _ = exporter.from_notebook_node(nb)
    return html


def _output(output: NotebookNode, alt: str) -> Iterator[str]:
    """The richest form of one output."""
    if output.output_type == "stream":
        if output.name == "stdout":
            yield f"<pre>{escape(output.text)}</pre>"
        return
    if output.output_type == "error":
        return
    data = output.data
    for kind in ("image/svg+xml", "image/png"):
        if kind in data and "text/html" not in data:
            said = output.metadata.get(kind, {}).get("alt") or output.metadata.get("alt") or alt
            raw = data[kind] if kind == "image/png" else base64.b64encode(data[kind].encode()).decode("ascii")
            source = f"data:{kind};base64,{raw.replace(chr(10), '')}"
            image = f'<img alt="{escape(said, quote=True)}" src="{source}">'
            yield f'<figure class="chart"><div class="paper">{image}</div></figure>'
            return
    if "text/html" in data:
        yield data["text/html"]
    elif "text/plain" in data:
        yield f"<pre>{escape(data['text/plain'])}</pre>"


def _with_contents(body: str) -> tuple[str, list[Section]]:
    """Number the headings of a report, so that the table of contents can point at them."""
    contents: list[Section] = []

    def number(found: re.Match[str]) -> str:
        level, attributes, html = found["level"], found["attributes"], found["html"]
        if 'class="unlisted"' in attributes:
            return found[0]
        if level == "2" or not contents:
            contents.append(Section(f"s{len(contents) + 1}", html))
            name = contents[-1].id
        else:
            name = f"{contents[-1].id}-{len(contents[-1].parts) + 1}"
            contents[-1].parts.append(Section(name, html))
        return f'<h{level} id="{name}"{attributes}>{html}</h{level}>'

    pattern = r"<h(?P<level>[23])(?P<attributes>[^>]*)>(?P<html>.*?)</h(?P=level)>"
    return re.sub(pattern, number, body, flags=re.DOTALL), contents


def _fonts(html: str) -> str:
    """The fonts with the characters of the page: of headings and formulas in the serif, of everything in the sans."""
    text = re.sub(r'src="data:[^"]*"', "", html)
    headings = re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>|<dd>(.*?)</dd>|<math[^>]*>(.*?)</math>", text, flags=re.DOTALL)
    serif = unescape(" ".join(map("".join, headings)))
    return "\n".join(
        fonts.font_face(family, set(shown + COUNTED) & fonts.drawn_characters(family))
        for family, shown in ((fonts.SANS, unescape(text)), (fonts.SERIF, serif))
    )


def _css_text(text: str) -> str:
    r"""A text as a string of a style sheet; nothing in it can end the string, the rule or the element.

    Examples
    --------
    >>> print(_css_text('2003 "</style>"'))
    "2003 \22 \3c /style\3e \22 "
    """
    return '"' + re.sub(r'[\\"<>&\x00-\x1f\x7f]', lambda found: f"\\{ord(found[0]):x} ", text) + '"'
