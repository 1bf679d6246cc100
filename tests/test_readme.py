"""The README is true: what it quotes, what it links to, what it says stands where."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import years

from appraisal.reporting.rule_words import rule_name
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What tools ask for at the top level; everything else there is in the README's tree.
TOOLS = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
    "LICENSE",
    "Makefile",
    "README.md",
    "pyproject.toml",
}


def told(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def script(name: str):
    """A script of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_quoted_figures_are_those_of_the_benchmark_files():
    """Where a benchmark was written anew: ``python docs/figures.py``."""
    figures = script("figures")
    readme = told(ROOT / "README.md")
    assert readme.split(figures.START)[1].split(figures.END)[0] == figures.quoted()


def test_a_figure_that_is_not_there_is_not_made_up():
    figures = script("figures")
    with pytest.raises(LookupError, match="no row 8 jurors"):
        figures.row("CALIBRATION", figures.SETS, "8 jurors")


def test_the_picture_of_the_process_is_the_one_that_is_drawn():
    """What it says is held, not the font inside it, which another version of the font tools may pack otherwise."""
    kept, drawn = (
        re.sub(r"<style>.*?</style>", "", svg)
        for svg in (told(ROOT / "docs" / "process.svg"), script("process").process_svg())
    )
    assert kept == drawn


def test_screenshots_stay_small():
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs").glob("*.png")}
    assert set(sizes) == {"report.png", "explore.png"}
    assert max(sizes.values()) < 200_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = told(page)
    links = [image or link for link, image in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text)]
    assert [link for link in links if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a link of a page leads to a file that is there, and to a heading of it."""
    file, _, heading = link.partition("#")
    target = page.parent / file if file else page
    if not heading:
        return target.exists()
    lines = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


def test_the_tree_names_what_stands_at_the_top_level():
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if kept.returncode:
        pytest.skip("not a checkout")
    top = {path.split("/")[0] for path in kept.stdout.split("\n") if path}
    tree = told(ROOT / "README.md").split("## What stands where")[1].split("```")[1]
    named = set(re.findall(r"^([\w.-]+)", tree, re.MULTILINE))
    assert named - {"reports"} == top - TOOLS


def test_a_component_is_a_few_lines_of_the_rulebook_and_no_program(tmp_path):
    """What "Add a component" says, done to the small year: its points, its words, its rules follow from the rulebook."""
    added = {
        "items.innovation.new_measures": "10",
        "weights.innovation": "5",
        "weights.social": "15",
        "labels.components.innovation": '"Innovation"',
        "labels.items.new_measures": '"New measures"',
        "basis.items": '"assumed: tried"',
    }
    tables = years.small_tables()
    for name, number in (("bands", "band"), ("self_assessments", "score"), ("panel_ballots", "score")):
        rows = tables[name]
        more = rows[rows["item"] == rows["item"].iloc[0]].assign(item="new_measures")
        more[number] = "good" if number == "band" else 9
        tables[name] = pd.concat([rows, more], ignore_index=True)
    year = load_year(years.write_year(tmp_path / "2003", tables, years.rulebook(added)))
    scorecard = appraise(year).scorecard
    assert (scorecard["innovation"] == 4.5).all()
    assert rule_name("items.innovation.new_measures", year.rules).endswith("New measures")
    assert "Innovation" in rule_name("items.innovation.new_measures", year.rules)
