"""Commands that score and suppose: score, draw, compare, simulate."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from appraisal.cli.options import data_option, must_end_in, out_option, says_what_to_mend, year_argument
from appraisal.folders import PlaceYear, year_folder
from appraisal.tables import load_year
from appraisal.words import catalogue


@click.command()
@year_argument
@data_option
@out_option("Write the scorecard to a .csv or .xlsx file.")
@says_what_to_mend
def score(year: PlaceYear, data: Path | None, out: Path | None) -> None:
    """Score and rank the departments and place them in their tiers."""
    from appraisal.reporting.documents import SUFFIXES, results_table, write_results
    from appraisal.reporting.narrative import decision_sentences
    from appraisal.scoring.appraise import appraise

    must_end_in(out, *SUFFIXES)
    appraised = appraise(load_year(year_folder(year, data)))
    if out is not None:
        write_results(appraised, out)
        click.echo(catalogue(appraised.rules.lang).say("running.written", file=out, count=len(appraised.scorecard)))
        return
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(
            results_table(appraised).to_string(index=False, float_format=f"%.{appraised.rules.rounding.digits}f")
        )
    for sentence in decision_sentences(appraised):
        click.echo(sentence)


@click.command()
@year_argument
@data_option
@says_what_to_mend
def draw(year: PlaceYear, data: Path | None) -> None:
    """Draw the supervision group's sample of departments from the recorded seed."""
    from appraisal.reading.contracts import CONTRACTS, title
    from appraisal.supervision import draw as drawn
    from appraisal.tables import load_tables

    # Before the ballots arrive there is nothing else.
    rules, tables = load_tables(year_folder(year, data), ("departments",))
    drawn_ones = drawn(rules, tables["departments"])
    drawn_ones["group"] = [rules.label("groups", group) for group in drawn_ones["group"]]
    heads = {column.name: title(column, rules.lang) for column in CONTRACTS["departments"].columns}
    with pd.option_context("display.unicode.east_asian_width", True):
        click.echo(drawn_ones.rename(columns=heads | {"digest": "SHA-256"}).to_string(index=False))


@click.command()
@year_argument
@data_option
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Another rulebook for the same tables.",
)
@says_what_to_mend
def compare(year: PlaceYear, data: Path | None, rules: Path) -> None:
    """Suppose another rulebook: which keys differ, who moves and by which key alone, the lines of both."""
    from appraisal.analysis.comparison import compare as compared
    from appraisal.reporting.compared import comparison_text
    from appraisal.rulebook import read_rulebook

    loaded = load_year(year_folder(year, data))
    for part in comparison_text(loaded, compared(loaded, loaded.rules, read_rulebook(rules))):
        click.echo(part)


@click.command()
@year_argument
@data_option
@click.option("--workbook", is_flag=True, help="Write one workbook with wide sheets in place of CSV files.")
@says_what_to_mend
def simulate(year: PlaceYear, data: Path | None, workbook: bool) -> None:
    """Make up the tables of a year whose rulebook says `data = "synthetic"`; those that are there are written anew."""
    from appraisal.office.made_year import write_year

    for path in write_year(year_folder(year, data), workbook=workbook):
        click.echo(path)
