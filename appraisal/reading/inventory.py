"""Which files, or which sheets of the workbook, are the tables of a year folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appraisal.errors import Problem
from appraisal.reading.contracts import CONTRACTS, LISTS, SOCIAL, Contract, in_chinese
from appraisal.reading.delimited import read_delimited
from appraisal.reading.sheets import Remark, Sheet
from appraisal.reading.vocabulary import CLOSE_HEAD, nearest, tidy
from appraisal.reading.workbook import read_workbook
from appraisal.words import fold

WORKBOOK = "tables.xlsx"
# Other things of a year folder; files that begin with a dot, and the ~$ locks of open workbooks, are no one's business.
KNOWN = ("rulebook.toml", "readme.md", "notice.csv", "succession.csv", "decided.csv", "seal.toml", "confirmation.toml")
SPREADSHEETS = (".csv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et")
OLD = (".xls", ".et")
# The line by which a file of choices of an explore notebook is known, whatever its name.
EXPLORATION = 'kind = "exploration"'


@dataclass(frozen=True)
class Inventory:
    """The tables as they were found.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        By table; without those that could not be read.
    files : tuple of Path
        What was read.
    """

    sheets: Mapping[str, Sheet]
    files: tuple[Path, ...] = ()


def take_inventory(folder: Path, lang: str) -> tuple[Inventory, list[Problem]]:
    """Find and read the tables of a folder, cell by cell as text.

    Parameters
    ----------
    folder : Path
    lang : str
        Language of the word "sheet" in messages, and of the titles of sheets.

    Returns
    -------
    Inventory
    list of Problem
        Missing and unreadable tables; remarks on what was ignored.
    """
    try:
        files = _files(folder)
        choices = [Problem("choices.in_year_folder", file.relative_to(folder).as_posix()) for file in _choices(folder)]
    except OSError as fault:
        said = {"fault": fault.strerror or fault}
        return Inventory({}), [Problem("file.folder", folder.name, values=said)]
    workbook, tables = _tables_among(folder, files)
    strangers = [
        file.name for file in files if file not in (workbook, *tables.values()) and file.suffix.lower() in SPREADSHEETS
    ]
    read = (workbook,) if workbook else tuple(tables.values())
    if workbook and tables:
        said = {"files": ", ".join(file.name for file in tables.values())}
        both = Problem("file.both", WORKBOOK, values=said)
        return Inventory({}, (workbook, *tables.values())), [*choices, both]
    found, loose, problems = _in_workbook(workbook, lang) if workbook else _in_files(tables)
    candidates = {title: title for title in loose} if workbook else {Path(name).stem: name for name in strangers}
    absent = [] if found is None else _absent(found, candidates, "sheet" if workbook else "table", lang)
    named = {str(problem.values["near"]) for problem in absent if problem.values.get("near")}
    problems += [_stranger(name, incomplete=bool(absent) or not found) for name in strangers if name not in named]
    if ignored := [title for title in loose if title not in named]:
        problems.append(Remark("sheet.ignored", WORKBOOK, values={"sheets": ", ".join(ignored)}))
    if found is not None and not found and not named:
        absent = [Problem("table.none", folder.name)]
    sheets = {name: sheet for name, sheet in (found or {}).items() if sheet is not None}
    return Inventory(sheets, read), choices + problems + absent


def _choices(folder: Path) -> list[Path]:
    """Choices of explore notebooks, hidden and nested ones too: they must not come near what the result rests on."""
    return [
        file
        for file in sorted(folder.rglob("*.toml"))
        if file.is_file() and EXPLORATION.encode() in file.read_bytes().splitlines()
    ]


def table_files(folder: Path) -> tuple[Path, ...]:
    """The files that hold the tables of a folder, by their names alone; unread.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    workbook, tables = _tables_among(folder, _files(folder))
    return (*([workbook] if workbook else []), *tables.values())


def _files(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and not file.name.startswith((".", "~$")) and file.name.lower() not in KNOWN
    )


def _tables_among(folder: Path, files: list[Path]) -> tuple[Path | None, dict[str, Path]]:
    workbook = folder / WORKBOOK if folder / WORKBOOK in files else None
    return workbook, {file.stem: file for file in files if file.suffix == ".csv" and file.stem in CONTRACTS}


def _in_files(tables: Mapping[str, Path]) -> tuple[dict[str, Sheet | None], list[str], list[Problem]]:
    found: dict[str, Sheet | None] = {}
    problems: list[Problem] = []
    for name, file in tables.items():
        found[name], those = read_delimited(file)
        problems += those
    return found, [], problems


def _in_workbook(path: Path, lang: str) -> tuple[dict[str, Sheet | None] | None, list[str], list[Problem]]:
    titles, problems = read_workbook(path, lambda title: table_of(title) is not None, lang)
    if titles is None:
        return None, [], problems
    found: dict[str, Sheet | None] = {}
    first: dict[str, str] = {}
    loose: list[str] = []
    for title, sheet in titles.items():
        if (name := table_of(title)) is None:
            if not _is(title, LISTS):
                loose.append(title)
        elif name in first:
            problems.append(Problem("sheet.twice", path.name, values={"sheets": f"{first[name]}, {title}"}))
            found[name] = None
        else:
            first[name], found[name] = title, sheet
    return found, loose, problems


def table_of(title: str) -> str | None:
    """Table that a sheet of that title holds.

    Examples
    --------
    >>> table_of("社会评议"), table_of("bands"), table_of("Sheet1")
    ('social_ballots', 'bands', None)
    """
    return next((name for name, contract in CONTRACTS.items() if _is(title, contract)), None)


def _is(title: str, contract: Contract) -> bool:
    return fold(tidy(title)) in (contract.name, fold(contract.zh))


def _absent(found: Iterable[str], candidates: Mapping[str, str], kind: str, lang: str) -> list[Problem]:
    """Tables that ought to be there, each with the sheet or file that may be meant."""

    def problem(code: str, contract: Contract) -> Problem:
        near = nearest(contract.name, candidates, CLOSE_HEAD) or nearest(contract.zh, candidates, CLOSE_HEAD)
        said = {"table": contract.name, "zh": in_chinese(contract, lang), "near": candidates.get(near, "")}
        file = WORKBOOK if kind == "sheet" else f"{contract.name}.csv"
        return Problem(f"{kind}.{code}" + ("_near" if near else ""), file, values=said)

    needed = (contract for contract in CONTRACTS.values() if contract.needed != "no" and contract.name not in SOCIAL)
    problems = [problem("missing", contract) for contract in needed if contract.name not in found]
    if (count := sum(name in found for name in SOCIAL)) == 0:
        problems.append(problem("social_none", CONTRACTS[SOCIAL[0]]))
    elif count == len(SOCIAL):
        problems.append(Problem(f"{kind}.social_both", WORKBOOK if kind == "sheet" else f"{SOCIAL[0]}.csv"))
    return problems


def _stranger(name: str, *, incomplete: bool) -> Problem:
    """A spreadsheet file that is none of the tables."""
    stem, suffix = Path(name).stem, Path(name).suffix.lower()
    if suffix in OLD and (incomplete or stem == Path(WORKBOOK).stem or table_of(stem)):
        return Problem("file.old", name)
    if incomplete and (nearest(stem, (Path(WORKBOOK).stem,), CLOSE_HEAD) or table_of(stem)):
        return Problem("file.misnamed", name)
    return Remark("file.ignored", name)
