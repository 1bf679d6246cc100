"""A small year and its reports, published without a notebook: for tests of what happens around a report."""

from __future__ import annotations

from pathlib import Path

import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.office.report import report
from appraisal.office.status import year_states


class Place:
    """A small year and its reports."""

    def __init__(self, root: Path) -> None:
        self.folder, self.reports = root / "data" / "2003", root / "reports"
        self.tables = years.small_tables()
        self.rules: dict[str, str | None] = {}
        self.write()

    def write(self) -> None:
        years.write_year(self.folder, self.tables, years.rulebook(self.rules))

    def report(self, **options):
        return report(self.folder, self.reports, **options)

    @property
    def first_page(self) -> str:
        return (self.reports / "2003" / "annual_report.html").read_text("utf-8")

    @property
    def working_page(self) -> str:
        return (self.reports / "2003" / "working_report.html").read_text("utf-8")

    def run(self, *words: object):
        asked = [*words, "--data", self.folder.parent]
        if words[0] in ("report", "verify", "status"):
            asked += ["--reports", self.reports]
        return CliRunner().invoke(main, [str(word) for word in asked])

    def state(self) -> str:
        return year_states(self.folder.parent, self.reports)[0].state
