"""A page that no notebook made, on the template of the report: a sheet to sign, the page of one department."""

from __future__ import annotations

from collections.abc import Sequence

from nbformat.v4 import new_code_cell, new_notebook, new_output

from appraisal.reporting.layout import Piece
from appraisal.reporting.page import export_html


def one_page(shown: Piece, *, title: str, subtitle: str, lang: str, marks: Sequence[str]) -> str:
    """Give pieces as one HTML file with the fonts, the colours and the print rules of the report.

    Parameters
    ----------
    shown : Piece
        Without headings of level 2 and 3, which would ask for a table of contents.
    title, subtitle, lang, marks
        As `export_html` takes them.
    """
    cell = new_code_cell(
        "", outputs=[new_output("display_data", data={"text/html": f'<div class="sheet">{shown.html}</div>'})]
    )
    return export_html(new_notebook(cells=[cell]), title=title, subtitle=subtitle, lang=lang, marks=marks)
