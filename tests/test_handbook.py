"""The handbook is true: its lesson carried out as printed, its messages the catalogue's, its commands and codes the program's."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from appraisal.cli import main
from appraisal.reading.contracts import CONTRACTS
from appraisal.rulebook import read_rulebook
from appraisal.words import catalogue

ROOT = Path(__file__).parents[1]
HANDBOOK = (ROOT / "docs" / "handbook.zh-Hans.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", HANDBOOK, re.MULTILINE | re.DOTALL))


def words_alone(text: str) -> str:
    """A line or a page without what only sets it out."""
    return " ".join(text.split())


def page_text(page: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the lesson is written for a Linux shell")
def test_the_lesson_comes_out_as_it_says(tmp_path):
    """Its blocks of commands one after the other, each held to the block of what comes out below it."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    lesson, last = SECTIONS["十分钟练习"], ""
    told = {"commands": 0, "lines": 0, "sentences": 0}
    for language, block, sentence in re.findall(
        r"^```(sh|text)\n(.*?)^```$|^> ([^\n]*)$", lesson, re.MULTILINE | re.DOTALL
    ):
        if language == "sh":
            ran = subprocess.run(
                ["bash", "-c", block], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
            )
            last = words_alone(ran.stdout + "\n" + ran.stderr)
            assert "Traceback" not in last
            told["commands"] += len(re.findall(r"^appraisal ", block, re.MULTILINE))
        elif language == "text":
            missing = [line for line in block.splitlines() if words_alone(line) not in last]
            assert missing == [], last
            told["lines"] += len(block.splitlines())
        else:
            assert sentence in page_text(tmp_path / "lesson" / "reports" / "2003" / "annual_report.html")
            told["sentences"] += 1
    assert not (tmp_path / "lesson").exists()
    assert all(told.values()), told


def test_every_kind_of_message_has_its_remedy():
    """A new kind of message needs a row: its phrase as the catalogue has it, what to do, its key."""
    phrases = {
        key.removeprefix("problems."): re.sub(r"\{\w+\}", "…", phrase.split("\n")[0])
        for key, phrase in catalogue("zh-Hans").phrases.items()
        if key.startswith("problems.") and not key.startswith("problems.place.")
    }
    said = {}
    for row in re.findall(r"^\| (.*) \|$", SECTIONS["讯息与处理"], re.MULTILINE):
        messages, remedy, keys = (cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row))
        if keys != "键":
            assert remedy.strip()
            named = re.findall(r"`(.*?)`", keys)
            assert set(named).isdisjoint(said)
            said |= dict(zip(named, messages.split("<br>"), strict=True))
    assert said == phrases


def test_every_kind_of_line_is_explained():
    phrases = catalogue("zh-Hans").phrases
    kinds = [phrase for key, phrase in phrases.items() if key.startswith("check.kinds.")]
    assert [kind for kind in kinds if f"**{kind}**" not in SECTIONS["讯息与处理"]] == []


def test_january_names_commands_that_there_are():
    """All but those that only who keeps the program needs."""
    named = set(re.findall(r"`appraisal ([a-z-]+)", SECTIONS["一月：谁在什么时候做什么"]))
    assert named == set(main.commands) - {"simulate"}


def test_the_glossary_has_the_codes_of_the_program():
    codes = set(re.findall(r"`(.*?)`", SECTIONS["词汇"]))
    rules = read_rulebook(ROOT / "data" / "2003" / "rulebook.toml")
    tiers = {"best", "advanced", "good", "ordinary", "admonished"}
    rulings = {"withdraw", "tie", "admonish", "seat", "committee"}
    asked = tiers | rulings | set(rules.groups) | set(rules.components) | set(rules.items["excellence"])
    assert asked | (set(CONTRACTS) - {"departments"}) <= codes
