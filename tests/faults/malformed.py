"""Malformed year folders from a seed: a small year whose bytes, cells, keys, rows and zip parts were tampered with.

``python malformed.py FIRST COUNT`` tries so many seeds and prints what came of them as JSON.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import years

from appraisal.errors import AppraisalError
from appraisal.office.checkup import check_year
from appraisal.reporting.checked import as_json, problem_lines, summary_lines
from appraisal.reporting.marked import marked_workbook
from appraisal.scoring.appraise import appraise
from appraisal.tables import load_year
from appraisal.words import LANGUAGES

SECONDS, MEMORY = 10, 2 * 2**30
FORMS: tuple[dict[str, Any], ...] = (
    {},
    {"heads": "zh-Hans", "encoding": "gb18030"},
    {"heads": "zh-Hant", "encoding": "utf-8-sig", "wide": ["panel_ballots", "leader_ballots"]},
    {"format": "xlsx", "heads": "zh-Hant"},
    {"format": "xlsx", "wide": ["panel_ballots", "social_ballots"]},
)
# fmt: off
CELLS = (
    "", " ", "　", "NaN", "inf", "-1", "1e5", "1e999999999", "9" * 5000, "0." + "3" * 400, "٣", "९", "−1", "１９．５", "1,2,3",
    ".", "+", "-0", "1_000", "0x10", "91%", "TRUE", "yes", "是", "否", "=1+1", "=cmd|' /C calc'!A0", "#REF!", "2003-02-30",
    "2003年13月1日", "0000-00-00", "99999-01-01", "37960", "20031205", "9" * 20, "\x00", "\x1b[31m", "\ufeff", "\u202e", "\ufdd0",
    "\ufdd1x", "\ufdd22003-01-01", "\ud7ff", "𠮷", "é", "'; DROP TABLE", "../../etc/passwd", "<b>&amp;", "{department}", "{0!r}", "%s",
    "合計", "部門", "S01", "s01", "綜合01局", "綜合02局", "service", "excellent", "優秀", "a\nb", "a\tb", '"', "x" * 40_000,
)
VALUES = (
    "true", "[]", "{}", "[[[]]]", '"x"', '""', "nan", "inf", "-inf", "1e999999", "1e-999999", "-1", "0", "3.5", "99999999999999999999999",
    "0x7fffffffffffffff", "2003-01-01", "1979-05-27T07:32:00Z", "07:32:00", "'''x'''", '[1, "a"]', "{a = 1}", "{a = {b = []}}", "[0.5]",
    "[1, 0]", "[0.2, 0.1]", "[1, 2, 3]", '["a", "a"]', '"../../en"', '"zh-Hant"', '"zh-Hans"', '"fr"', '"{x}"', '"real"', "0.1e-13", "[nan, 1]",
)
# fmt: on
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "big5", "cp950", "latin-1", "shift_jis", "utf-7", "cp037")
XML = (
    (b'r="A2"', b'r="XFD1048576"'),
    (b'r="B2"', b'r="B0"'),
    (b'r="B2"', b'r=""'),
    (b'r="C2"', b'r="ZZZZZZ2"'),
    (b'<row r="2"', b'<row r="1048576"'),
    (b'<row r="3"', b'<row r="99999999999"'),
    (b'<row r="3"', b'<row r="-1"'),
    (b'<row r="3"', b'<row r="x"'),
    (b'<row r="3"', b'<row hidden="1" r="3"'),
    (b"<v>", b"<v>1E400"),
    (b"<v>", b"<v>-"),
    (b"<v>", b"<v>99999999"),
    (b"<v>", b"<f>1+1</f><v>"),
    (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'),
    (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="?"/></mergeCells>'),
    (b"</sheetData>", b""),
    (b"<sheetData>", b"<sheetData><row/><row><c/></row>"),
    (b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><worksheet'),
    (b't="s"', b't="d"'),
    (b't="s"', b't="e"'),
    (b't="n"', b't="d"'),
    (b't="n"', b't="b"'),
    (b"<sst", b"<nothing"),
    (b"<si>", b""),
    (b"<cellXfs", b"<cellYfs"),
    (b'name="', b'name="../'),
    (b'Target="', b'Target="../../../etc/passwd'),
    (b'sheetId="2"', b'sheetId="1"'),
    (b'r:id="rId1"', b'r:id="rId99"'),
    (b"<cols", b'<cols><col min="1" max="99999999999" hidden="1"/></cols><cols'),
)
BOMB = 400 * 2**20
Files = dict[str, bytes]


@cache
def _year(form: int) -> tuple[tuple[str, bytes], ...]:
    place = Path(tempfile.mkdtemp())
    years.write_year(place / "2003", years.small_tables(jurors=5, forms=3), **FORMS[form])
    files = tuple((path.name, path.read_bytes()) for path in sorted((place / "2003").iterdir()))
    shutil.rmtree(place)
    return files


def malformed(folder: Path, seed: int) -> list[str]:
    """Write a malformed year and say what was done to it."""
    rng = random.Random(seed)
    files = dict(_year(rng.randrange(len(FORMS))))
    done = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice([*files, *["rulebook.toml"] * 4]) if files else "rulebook.toml"
        kinds = ANY + (TEXT if not name.endswith(".xlsx") else ZIP)
        kinds += CSV if name.endswith(".csv") else TOML if name.endswith(".toml") else ()
        kind = rng.choice(kinds)
        kind(files, name, rng)
        done.append(f"{kind.__name__} {name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return done


def bytes_changed(files: Files, name: str, rng: random.Random) -> None:
    content = bytearray(files.get(name, b""))
    for _ in range(rng.choice((1, 1, 3, 30))):
        place = rng.randrange(len(content) + 1)
        content[place : place + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
    files[name] = bytes(content)


def cut_off(files: Files, name: str, rng: random.Random) -> None:
    files[name] = files.get(name, b"")[: rng.randrange(len(files.get(name, b"")) + 1)]


def slice_repeated(files: Files, name: str, rng: random.Random) -> None:
    content = files.get(name, b"")
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    files[name] = content[:last] + content[first:last] * rng.randrange(1, 4) + content[last:]


def noise(files: Files, name: str, rng: random.Random) -> None:
    files[name] = rng.randbytes(rng.choice((0, 1, 100, 100_000)))


def taken_away(files: Files, name: str, rng: random.Random) -> None:
    files.pop(name, None)


def another_beside(files: Files, name: str, rng: random.Random) -> None:
    other = rng.choice(
        (
            "tables.xlsx",
            "tables.xls",
            "bands.CSV",
            "band.csv",
            "檔位.csv",
            "~$tables.xlsx",
            "x.toml",
            "social_counts.csv",
        )
    )
    files[other] = rng.choice((files.get(name, b""), b"", b'kind = "exploration"\n'))


def swapped(files: Files, name: str, rng: random.Random) -> None:
    other = rng.choice([*files, name])
    files[name], files[other] = files.get(other, b""), files.get(name, b"")


def encoded_otherwise(files: Files, name: str, rng: random.Random) -> None:
    text = files.get(name, b"").decode("utf-8", errors="replace")
    files[name] = text.encode(rng.choice(ENCODINGS), errors="replace")


def sign_put_in(files: Files, name: str, rng: random.Random) -> None:
    content = files.get(name, b"")
    sign = rng.choice(
        (b"\0", b'"', b"\r", b"\n", b"\xef\xbb\xbf", b",", b";", b"\x1a", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xa8")
    )
    for _ in range(rng.choice((1, 2, 20))):
        place = rng.randrange(len(content) + 1)
        content = content[:place] + sign + content[place:]
    files[name] = content


def _rows(files: Files, name: str) -> list[list[bytes]]:
    return [line.split(b",") for line in files.get(name, b"").splitlines()] or [[b""]]


def _put(files: Files, name: str, rows: list[list[bytes]], end: bytes = b"\n") -> None:
    files[name] = end.join(b",".join(row) for row in rows) + end


def cells_replaced(files: Files, name: str, rng: random.Random) -> None:
    rows = _rows(files, name)
    for _ in range(rng.choice((1, 1, 2, 40))):
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = rng.choice(CELLS).encode("utf-8", errors="surrogatepass")
    _put(files, name, rows, rng.choice((b"\n", b"\r\n", b"\r", b"\n\n")))


def heads_replaced(files: Files, name: str, rng: random.Random) -> None:
    rows = _rows(files, name)
    rows[0][rng.randrange(len(rows[0]))] = rng.choice((*CELLS, "item", "score", "department", "項目")).encode(
        errors="surrogatepass"
    )
    _put(files, name, rows)


def ragged(files: Files, name: str, rng: random.Random) -> None:
    rows = _rows(files, name)
    for _ in range(rng.choice((1, 5, 50))):
        row = rng.choice(rows)
        rng.choice(
            (row.clear, lambda r=row: r.append(b"x"), lambda r=row: r.insert(0, b""), lambda r=row: r and r.pop())
        )()
    _put(files, name, rows)


def rows_shuffled(files: Files, name: str, rng: random.Random) -> None:
    rows = _rows(files, name)
    rng.choice(
        (
            lambda: rng.shuffle(rows),
            lambda: rows.__delitem__(slice(1, None)),
            lambda: rows.extend(rows[1:]),
            lambda: rows.pop(0),
        )
    )()
    _put(files, name, rows)


def huge(files: Files, name: str, rng: random.Random) -> None:
    rows = _rows(files, name)
    match rng.randrange(4):
        case 0:
            rng.choice(rows)[:] = [b"x" * rng.choice((200_000, 5_000_000)), *rng.choice(rows)[1:]]
        case 1:
            rows = [row + [b"%d" % rng.randrange(9)] * 5_000 for row in rows]
        case 2:
            rows += [[b""] * len(rows[0])] * 200_000
        case 3:
            rows += [rng.choice(rows) for _ in range(50_000)]
    _put(files, name, rows)


def value_replaced(files: Files, name: str, rng: random.Random) -> None:
    lines = files.get(name, b"").decode("utf-8", errors="replace").splitlines() or [""]
    for _ in range(rng.choice((1, 1, 2, 10))):
        place = rng.randrange(len(lines))
        lines[place] = f"{lines[place].partition('=')[0]}= {rng.choice(VALUES)}"
    files[name] = "\n".join(lines).encode()


def lines_moved(files: Files, name: str, rng: random.Random) -> None:
    lines = files.get(name, b"").splitlines() or [b""]
    place = rng.randrange(len(lines))
    other = rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            lines[place] = lines[place].replace(b"[", b"[[").replace(b"]", b"]]")
        case 3:
            lines[place] = rng.choice(
                (b"[basis]", b"[groups]", b"x = 1", b'"" = 1', b"[tiers.best.more]", b"[labels]", b"groups.x.y = 1")
            )
        case 4:
            lines[place] = b'"\xe9\x83\xa8" = "' + rng.choice(CELLS).encode(errors="surrogatepass") + b'"'
    files[name] = b"\n".join(lines)


def deep(files: Files, name: str, rng: random.Random) -> None:
    files[name] = files.get(name, b"") + rng.choice(
        (
            b"\nx = " + b"[" * 20_000,
            b"\nx" + b".x" * 5_000 + b" = 1",
            b"\n[a" + b".a" * 5_000 + b"]",
            b"\nx = " + b"{a=" * 5_000,
            b"\n# " + b"x" * 10_000_000,
            b"\nx = " + b"9" * 100_000,
        )
    )


def _zip(files: Files, name: str, change: Callable[[str, bytes], bytes | None]) -> None:
    try:
        packed = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(files.get(name, b""))) as old,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in old.namelist():
                content = change(part, old.read(part))
                if content is not None:
                    new.writestr(part, content)
        files[name] = packed.getvalue()
    except Exception:  # noqa: BLE001  (tampered with before: no zip any more)
        files[name] = b"PK\x03\x04" + files.get(name, b"")[4:]


def part_changed(files: Files, name: str, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 3))):
        before, after = rng.choice(XML)
        count = rng.choice((1, 1, -1))
        _zip(files, name, lambda _part, content: content.replace(before, after, count))  # noqa: B023


def part_broken(files: Files, name: str, rng: random.Random) -> None:
    def change(part: str, content: bytes) -> bytes | None:
        match rng.randrange(12):
            case 0:
                return None
            case 1:
                return content[: rng.randrange(len(content) + 1)]
            case 2:
                place = rng.randrange(len(content) + 1)
                return content[:place] + rng.randbytes(3) + content[place + 2 :]
        return content

    _zip(files, name, change)


def bomb(files: Files, name: str, rng: random.Random) -> None:
    """A few hundred megabytes of one sign, of empty rows, of one text, or entities that multiply, in a small zip."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"a" * 10) for n in range(10))
    fill = rng.choice((b" ", b"<row/>", b"<row><c><v>1</v></c></row>", b"&e9;"))
    head = b"<!DOCTYPE w [" + entities + b"]><worksheet" if fill == b"&e9;" else b"<worksheet"
    size = rng.choice((2**22, 2**25, BOMB)) if fill != b"&e9;" else 10

    def change(part: str, content: bytes) -> bytes:
        if part != "xl/worksheets/sheet2.xml":
            return content
        content = content.replace(b"<worksheet", head, 1)
        return content.replace(b"<sheetData>", b"<sheetData>" + fill * (size // len(fill)), 1)

    _zip(files, name, change)


ANY = (bytes_changed, cut_off, slice_repeated, noise, taken_away, another_beside, swapped)
TEXT = (encoded_otherwise, sign_put_in)
CSV = (cells_replaced, cells_replaced, heads_replaced, ragged, rows_shuffled, huge)
TOML = (value_replaced, value_replaced, value_replaced, lines_moved, lines_moved, deep)
ZIP = (part_changed,) * 6 + (part_broken,) * 2 + (bomb,)


class TooLong(BaseException):
    """A case took longer than it may."""


@contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """Bound a step; of the processor, since the machine may be busy. Afterwards no bound is left."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def tried(folder: Path, *, marked: bool) -> str:
    """What came of a folder: ``valid``, ``ruling``, ``refused``; raises what no user should meet."""
    came, refused = "valid", None
    with bounded():
        try:
            appraise(load_year(folder))
        except AppraisalError as error:
            came, refused = "refused", error
    if refused is not None:
        assert refused.problems, "no problem named"
        for problem in refused.problems:
            assert problem.file.strip(), problem
            assert all(problem.file in problem.say(lang) for lang in LANGUAGES)
    if marked:
        with bounded():
            found = check_year(folder)
        assert (found.state == "ready") == (came == "valid"), (found.state, came)
        assert [*problem_lines(found), *summary_lines(found), as_json(found)]
        with bounded():
            marked_workbook(folder, found)
    return came


def run(first: int, count: int) -> dict[str, Any]:
    """Try so many seeds: what came of them, the longest, and what must not be."""
    import resource

    soft = 2 * MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (soft, soft))

    def late(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, late)
    came: Counter[str] = Counter()
    faults, longest = [], (0.0, 0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "2003"
        for seed in range(first, first + count):
            done = malformed(folder, seed)
            start = time.process_time()
            try:
                came[tried(folder, marked=seed % 5 == 0)] += 1
            except BaseException as fault:
                if isinstance(fault, KeyboardInterrupt):
                    raise
                where = fault.__traceback__
                while where and where.tb_next:
                    where = where.tb_next
                line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
                faults.append({"seed": seed, "done": done, "fault": repr(fault)[:300], "at": line})
                print(faults[-1], file=sys.stderr, flush=True)
            longest = max(longest, (time.process_time() - start, seed))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if most > MEMORY:
        faults.append({"seed": -1, "done": [], "fault": f"{most / 2**20:.0f} MB", "at": ""})
    return {"came": came, "longest": longest, "memory": most, "faults": faults}


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2])), ensure_ascii=False))
