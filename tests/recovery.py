"""An attack on the secrecy of the panel ballots, by arithmetic: whoever has all that is published tries to solve for them.

A mean with and without one ballot gives that ballot. So the attacker looks, beside every official number of a
department, for a number that is the same thing without one ballot, or a ballot's own points; also in the gap of two
departments. A single number of two digits may be that by accident; many in a column or a row, or one of more digits,
may not. The attacker knows the year folder only through what is published; the truth serves to tell whether a guess
would have been right.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import numpy as np
import openpyxl
from scipy.stats import binom

from appraisal.scoring.appraise import Ballots, every_ballot_once, score

# A guess counts as knowledge when it would come out by accident less often than this, over everything that is tried.
ACCIDENT = 1e-4
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?![\w.])")


@dataclass(frozen=True)
class Record:
    """A row or a sentence that is published: where it stands, its cells."""

    where: str
    cells: tuple[str, ...]


def published(folder: Path) -> Iterator[Record]:
    """Every row and sentence of the pages and tables in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".html":
            yield from page_records(path.read_text(encoding="utf-8"), path.name)
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from (Record(path.name, tuple(row)) for row in csv.reader(file))
        elif path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path, data_only=True):
                for row in sheet.iter_rows(values_only=True):
                    yield Record(f"{path.name}:{sheet.title}", tuple("" if c is None else str(c) for c in row))


def page_records(page: str, name: str) -> Iterator[Record]:
    """Rows of tables, and what stands in paragraphs, lists, captions and alternative texts."""

    def text(markup: str) -> str:
        return unescape(re.sub(r"<[^>]+>", "", markup)).strip()

    page = re.sub(r'src="[^"]*"', "", page)
    for number, table in enumerate(re.findall(r"<table.*?</table>", page, re.DOTALL)):
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
            yield Record(f"{name}:table {number}", tuple(map(text, re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL))))
    for words in re.findall(r"<(?:p|li|dd|figcaption)\b.*?</(?:p|li|dd|figcaption)>", page, re.DOTALL):
        yield Record(f"{name}:text", (text(words),))
    for words in re.findall(r'alt="([^"]*)"', page):
        yield Record(f"{name}:text", (unescape(words),))


@dataclass(frozen=True)
class Secrets:
    """What the attacker is after: official values, and each as it would be with one ballot less or of it alone.

    Parameters
    ----------
    names : list of str, length D
    official : dict of str to (D,) array
    alone : dict of str to (D, 2 B) array
        By each ballot left out, then by each ballot alone; NaN where it did not score the department.
    """

    names: list[str]
    official: dict[str, np.ndarray]
    alone: dict[str, np.ndarray]


def secrets_of(appraised) -> Secrets:
    """Solve for what must not be told."""
    evidence, rules = appraised.evidence, appraised.rules
    once = every_ballot_once(evidence)
    count = len(once.panel)
    scored = ~np.isnan(evidence.panel).all(axis=2)
    official = {
        name: value for name, value in appraised.points.exact.items() if name not in ("leaders", "social", "panel")
    }
    cases = np.vstack([once.panel - np.eye(count), np.eye(count)])
    with np.errstate(invalid="ignore", divide="ignore"):
        without = score(evidence, rules, Ballots(cases, once.leaders, once.social)).exact
    mask = np.vstack([scored, scored]).T
    alone = {
        name: np.where(mask, np.broadcast_to(without[name], (2 * count, mask.shape[0])).T, np.nan) for name in official
    }
    return Secrets([str(name) for name in appraised.scorecard.loc[evidence.departments, "name"]], official, alone)


def guesses(record: Record, secrets: Secrets) -> Iterator[tuple[int, str, bool, float]]:
    """For each number of a record that may be a secret: its column, the number, whether it is one, chance of accident."""
    whole = "\n".join(record.cells)
    found = [at for at, name in enumerate(secrets.names) if name in whole]
    # Names inside longer names are not meant.
    found = [a for a in found if not any(a != b and secrets.names[a] in secrets.names[b] for b in found)]
    if not 1 <= len(found) <= 2:
        return
    first, last = found[0], found[-1]
    for column, cell in enumerate(record.cells):
        for said in NUMBER.findall(cell):
            digits = len(said.partition(".")[2])
            if digits < 2:
                continue
            value, grain = float(said.replace("−", "-")), 10.0**-digits
            for name, official in secrets.official.items():
                truth = {first: secrets.alone[name][first], last: secrets.alone[name][last]}
                centre = [official[at] for at in truth]
                if len(found) == 2:
                    truth = {-1: np.abs(secrets.alone[name][first] - official[last])}
                    truth[-2] = np.abs(official[first] - secrets.alone[name][last])
                    truth[-3] = np.abs(secrets.alone[name][first] - secrets.alone[name][last])
                    centre = [abs(official[first] - official[last])]
                if any(abs(value - own) <= grain / 2 + 1e-9 for own in centre):
                    continue
                secret = np.concatenate([own[np.isfinite(own)] for own in truth.values()])
                if not secret.size or not secret.min() - grain <= value <= secret.max() + grain:
                    continue
                hit = bool((np.abs(secret - value) <= grain / 2 + 1e-9).any())
                places = np.unique(np.rint(secret / grain)).size
                room = (secret.max() - secret.min()) / grain + 1
                yield column, name, hit, min(places / room, 1.0)


def recovered(records: list[Record], secrets: Secrets, words: set[str] = frozenset()) -> list[str]:
    """What the attacker would know: a sentence for each place that gives a ballot away.

    Parameters
    ----------
    records : list of Record
    secrets : Secrets
    words : set of str
        Texts that may stand nowhere: ballot tokens.
    """
    said = [
        f"{record.where}: a ballot's token" for record in records if any(w in c for w in words for c in record.cells)
    ]
    tried: dict[tuple, list[tuple[bool, float]]] = defaultdict(list)
    for at, record in enumerate(records):
        for column, name, hit, chance in guesses(record, secrets):
            tried["one", at, column, name].append((hit, chance))
            tried["row", at, name].append((hit, chance))
            if len(record.cells) > 1:
                tried["column", record.where, column, name].append((hit, chance))
    for key, several in tried.items():
        hits, chance = sum(hit for hit, _ in several), float(np.mean([chance for _, chance in several]))
        if hits and binom.sf(hits - 1, len(several), chance) < ACCIDENT / len(tried):
            where = key[1] if key[0] == "column" else records[key[1]].where
            said.append(f"{where}: {hits} of {len(several)} numbers of a {key[0]} are {key[-1]} by a single ballot")
    return said
