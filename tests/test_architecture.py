"""The storeys of the package, and whether its imports keep to them.

The package is read in the order the data flows. A module imports from the storeys above its own and, inside
its own storey, what the table says. Change the table and the code in one commit, and say why.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "appraisal"

# Storeys from top to bottom: room → module → modules of the same storey that it may import.
# The room "" is the top level of the package. ABOVE = those that stand above it in the storey, ALL = all of them.
ABOVE = "above"
ALL = "all"
STOREYS: tuple[tuple[str, dict[str, str]], ...] = (
    # what comes in
    (
        "",
        {
            "words": "",  # catalogues of the languages, script folding
            "errors": ABOVE,  # what a user can mend, said in the reader's language
            "folders": ABOVE,  # where a year's folder is
            "files": "words errors",  # a file written whole or not at all
            "sections": ABOVE,  # what each key of a rulebook may say
            "rulebook": ABOVE,  # the year's rules as frozen, checked objects
            "supervision": ABOVE,  # the sample drawn for reading again: made up by office, checked by analysis
        },
    ),
    # the files of a year folder, read: a chain from the bytes to the contract
    (
        "reading",
        {
            "sheets": ABOVE,  # a table as found: text cells with their places
            "delimited": ABOVE,  # CSV → sheets
            "vocabulary": ABOVE,  # codes and the words that may stand for them
            "workbook": ABOVE,  # xlsx → sheets
            "readers": ABOVE,  # one text → one value, and what it was read as
            "cells": ABOVE,  # a column of texts → a column of values
            "contracts": ABOVE,  # what each table holds
            "inventory": ABOVE,  # which file is which table
            "columns": ABOVE,  # heads → columns, wide → long
            "coverage": ABOVE,  # what is missing where something should stand
            "rulings": ABOVE,  # decisions that fit the year
            "frames": ABOVE,  # sheets → values → typed frames
            "checks": ABOVE,  # rules between tables
            "progress": ABOVE,  # how far a year is filled in
        },
    ),
    (
        "",
        {
            "tables": ABOVE,  # load_year: the only one that knows the order
            "translated": ABOVE,  # the same year in another language
        },
    ),
    # the thin core, pure functions: the four stages know nothing of each other, `appraise` alone their order
    (
        "scoring",
        {
            "evidence": "",  # a year's tables as arrays
            "components": "evidence",
            "composite": "",  # the weighted sum, and the rounding
            "order": "",  # a chain of keys made one, and what each place takes
            "ranking": "order",
            "scales": "composite",  # what wildcards and cuts compare groups by
            "ties": "",  # who is tied, and whether it lies on a line
            "tiers": "evidence order",
            "points": "evidence components composite",  # ballots → points
            "official": "evidence tiers",  # what stops the official case
            "decisions": "evidence order ranking tiers",  # what needed a rule beyond the rank, explained
            "appraise": ALL,
        },
    ),
    # how sure, how strange: one question a file
    (
        "analysis",
        {
            "small_counts": "",  # counts of answers too small to show
            "coverage": "small_counts",  # what came in, of what should have
            "spread": "",
            "margins": "",  # the ten lines and who stands on their sides
            "gate": "",  # the base case is the scorecard, or nothing goes on
            "noise": "gate",  # covariance of the composites, as the ballots imply it
            "rank_bounds": "noise",  # ranks that estimates leave possible: the method
            "rank_sets": "gate noise rank_bounds",  # which ranks a department may truly have
            "resampling": "gate margins",  # how sure is each place
            "repeatability": "gate margins noise resampling",  # would unlimited raters, would a new panel, say the same
            "calibration": "",  # how often what is said came true: the measure, the figures on record
            "sweep": "gate",  # cutoffs moved
            "omission": "gate",  # one left out
            "weights": "gate",  # other weights, drawn
            "weight_changes": "gate margins weights",  # the nearest that flip a line
            "drivers": "gate margins resampling weights",  # which source makes the ranks vary
            "what_ifs": "",  # a year under another rulebook
            "rulebooks": "gate what_ifs",  # other answers to what a notice leaves open
            "comparison": "gate margins what_ifs",  # two rulebooks side by side
            "consequences": "gate",  # which tiers change when something is left out
            "flags": "consequences",  # what stands out of all comparisons
            "succession": "",  # which department is which in another year
            "years": "flags gate outliers panels succession",  # change from year to year
            "changes": "",  # between two states of one year
            "dossier": "answers bands margins small_counts",  # one department against its group
            "suppositions": "gate margins",  # other rules, or without some ballots, one by one
            "variants": "gate margins",  # departments under other votes, in the place of the real ones
            "least_changes": "margins variants",  # of the composite or one component, until a line flips
            "bands": "variants",  # one step of a band decision
            "spot_checks": "bands margins variants",  # how many may be wrong, and what so many would do
            "form_sets": "variants",  # the fewest forms, solved
            "nonresponse": "variants",  # what the forms that did not come back could do
            "removal": "bands form_sets variants",  # a gap in ballots
            "outliers": "",  # Rosner's, and who stands apart
            "panels": "bands flags",  # scores as places in their bands
            "raters": "consequences flags outliers panels",  # habits of jurors
            "leanings": "consequences flags outliers panels",  # jurors and departments
            "agreement": "flags panels",  # how far jurors agree, how many would do
            "deviations": "",  # who departs from what the others show
            "counts": "",  # what is expected of a count, and its exact tails
            "self_assessment": "deviations flags",  # claims against verified points
            "contrast": "consequences deviations flags resampling",  # leaders against panel, public against the rest
            "deductions": "consequences counts flags",  # sources, incidents, dates
            "process": "bands consequences flags",  # coverage and recusal, facts
            "groups": "consequences flags panels",  # panels against each other
            "forms": "consequences deviations flags",  # social forms one by one
            "answers": "flags",  # social answers by department
            "anomalies": ABOVE,  # all tests that flag, in one place
        },
    ),
    # what readers see
    (
        "reporting",
        {
            "fonts": "",  # the package's fonts, and what of them a page needs
            "fonts.make": "fonts",  # cut them anew, by hand
            "palette": "",  # colours
            "writing": "fonts palette",  # many short texts of a chart as one artist
            "canvas": "fonts palette writing",  # what every chart is drawn on
            "charts": "canvas fonts palette writing",  # table → axes, computes nothing
            "sensitivity_charts": "canvas fonts palette writing",
            "narrative": "",  # sentences computed from results
            "imprint": "",  # what every file of a published set says of itself
            "outlines": "canvas fonts writing",  # a chart as the text of a drawing
            "layout": "palette canvas outlines",  # what a notebook cell shows
            "rule_words": "",  # keys, values and bases of the rules in words
            "record": "charts layout narrative rule_words",  # sections: what the result rests on
            "annual": "canvas charts layout narrative record",  # sections: the result
            "robustness": "layout narrative rule_words",  # sections: true ranks, weights, other rulebooks, wrong bands
            "lines": "layout narrative sensitivity_charts",  # sections: the ten lines, and what would turn each
            "sensitivity": "canvas sensitivity_charts layout narrative",  # sections: how sure the places are
            "drivers": "fonts layout sensitivity_charts",  # sections: what makes the ranks near a line vary
            "year_charts": "canvas palette",
            "years": "layout year_charts",  # sections: from an earlier year to this one
            "nonresponse": "layout narrative",  # sections: forms that did not come back
            "repeatability": "layout narrative",  # sections: what resamples, unlimited raters, a new panel would say
            "anomalies": "layout",  # sections: matters for review
            "anomaly_charts": "canvas layout palette",
            "dossiers": "anomalies layout narrative",  # sections: one fold a department
            "process_anomalies": "anomaly_charts layout",  # sections: deductions, two kinds of judges, groups
            "method": "layout rule_words",  # sections: every formula with its source, assumptions and limits
            # sections: a critic answered, without a department
            "method_public": "layout method repeatability rule_words sensitivity_charts",
            "scratch": "",  # a folder for what lies between, which the next run takes away if this one is killed
            "packed": "",  # office files without the moment of their making
            "notebook": "packed scratch",  # runs a notebook
            "reconcile": "layout narrative",  # the page held to the scorecard
            "page": "fonts palette layout notebook",  # makes the HTML file
            "compared": "narrative rule_words",  # two rulebooks side by side, as text
            "exploring_charts": "canvas charts fonts layout palette",  # drawn at once, with the mark of an exploration
            "changed": "layout rule_words",  # two states of a year, on one page
            "overview": "layout",  # all years, on one page
            "typeset": "packed",  # paragraphs set as an official document
            "notice": "imprint narrative typeset",  # the draft of the notice
            "edited": "packed",  # a Word file as people have edited it
            "notice_text": "edited",  # lists, counts and withdrawals in a text
            "notice_check": "edited narrative notice_text",  # held against the result
            "one_page": "layout page",  # a page that no notebook made
            "checklist": "edited imprint layout notice_check one_page",  # what the check found, to be signed
            "why": "imprint layout narrative one_page",  # one department
            "sheet_cells": "packed",  # cells, heads and columns of a workbook
            "recomputed": "sheet_cells",  # the ranks once more, by formulas
            "workbooks": "imprint narrative packed record recomputed sheet_cells",  # the result as workbooks
            "figures": "narrative",  # lines and panels of a year, for the overview
            "documents": "imprint narrative notice workbooks",
            "working_files": "figures imprint workbooks",  # what the notebook of the report writes beside its pages
            "place_charts": "canvas palette",
            "places": "layout narrative place_charts",  # sections: many places and years
            "checked": "",  # what a check found, as lines
            "marked": "checked packed",  # and at the cells of a copy
        },
    ),
    # what analysts turn, and what never reaches a result: choices in, pieces of a page out; computes nothing
    (
        "exploring",
        {
            "choices": "",  # what is chosen, saved and opened again
            "unsaved": "",  # notebooks are saved without what they show
            "jurors": "",  # what a juror is called
            "cutoffs": ABOVE,  # what choices of cutoffs, weights and ballots give
            "dossier": "cutoffs jurors",  # one department
            "anomalies": "choices cutoffs",  # the flags chosen
            "sheet": "choices",  # the tiers as a workbook
            "desk": "choices cutoffs jurors",  # controls, files and the frame, as widgets
            "turning": ABOVE,  # the desk of explore_cutoffs
            "looking": ABOVE,  # the desk of explore_anomalies
        },
    ),
    # around the year
    (
        "office",
        {
            "fingerprint": "",  # digests, and the version code
            "swap": "",  # a folder or file put in the place of another in one step
            "lock": "",  # one run at a time
            "secrecy": "",  # what may not leave the year folder, taken out of messages
            "snapshot": "fingerprint",  # what a set would be made from, now
            "versions": "fingerprint snapshot swap",  # published results, each with its inputs under seal
            "toml_file": "swap",  # the office's own records
            "seal": "fingerprint snapshot toml_file",  # before the ballots arrive
            "confirmation": "snapshot toml_file versions",  # after the committee decided
            "first_page": "confirmation seal snapshot versions",  # what a set says of itself
            "failures": "swap",  # the last run that failed
            "manifest": "fingerprint snapshot",  # what a set was made from
            "keepsakes": "failures fingerprint manifest",  # what people put beside a set
            "differences": "snapshot swap versions",  # two versions side by side
            "publish": ABOVE,  # make a set and put it in place
            "checkup": "carried versions",  # is a year ready
            "report": ABOVE,  # one run for one year
            "verify": ABOVE,  # a published set held to its manifest
            "status": ABOVE,  # how each year stands
            "method": "failures first_page lock secrecy snapshot",  # the pages on the method
            "collected": "snapshot status",  # what many places have published
            "doctor": "snapshot versions",  # can this machine make a report
            "schedule": "",  # what makes the report each morning
            "carried": "toml_file",  # a rulebook carried over to another year
            "blank_tables": "",  # its tables before anything stands in them
            "blank_book": "blank_tables",  # as a workbook with lists, limits and notes
            "template": ABOVE,  # an empty year
            "world": "",  # a made-up world whose truth is known
            "opinions": "world",  # what its panels, leaders and citizens put on paper
            "records": "world opinions",  # its tables
            "simulate": "publish world opinions records",
            "succession": "records simulate world",  # one that follows another
            "reconstruct": "world opinions records simulate succession",  # one that ends as a notice says
            "wide_workbook": "",  # tables as one workbook with wide sheets
            "made_year": "records reconstruct simulate succession wide_workbook",  # whichever of these a folder asks for
            "batch": "",  # many years in one go
            "cluster": "batch fingerprint snapshot",  # the same on other machines
        },
    ),
    # the commands: dispatch, compute nothing
    (
        "cli",
        {
            "options": "",  # what they share
            "preparing": "options",
            "scoring": "options",
            "making": "options",
            "publishing": "options",
            "running": "options",
            "documents": "options",
        },
    ),
    ("", {"cli": ALL, "__main__": ALL}),
)
STAGES = ("components", "composite", "ranking", "tiers")
MOST_LINES = 330
MOST_LINES_OF_A_FUNCTION = 50  # what a screen shows, its docstring left out


def modules_of(package: Path) -> dict[str, Path]:
    """Dotted name below the package → file; a package's ``__init__`` stands under the package's own name."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports_of(name: str, file: Path, package: str, modules: dict[str, Path]) -> set[str]:
    """Dotted names below the package of the modules that a file imports, wherever in the file."""
    home = [package, *name.split(".")] if name else [package]
    if file.name != "__init__.py":
        home = home[:-1]
    targets = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            targets += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = home[: len(home) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            targets += [f"{base}.{alias.name}" for alias in node.names]
    inside = set()
    for target in targets:
        if target != package and not target.startswith(package + "."):
            continue
        below = target[len(package) + 1 :]
        while below and below not in modules:  # `from module import name`: the module is what is imported
            below = below.rpartition(".")[0]
        inside.add(below)
    return inside - {name}


def long_functions(file: Path) -> list[tuple[str, int]]:
    """Functions that do not fit on a screen, and their lines."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            documented = first.end_lineno - first.lineno + 1 if told else 0
            count = node.end_lineno - node.lineno + 1 - documented
            found += [(node.name, count)] * (count > MOST_LINES_OF_A_FUNCTION)
    return found


def placed() -> dict[str, tuple[int, str]]:
    """Dotted name → number of its storey, its room."""
    return {
        f"{room}.{module}" if room else module: (number, room)
        for number, (room, table) in enumerate(STOREYS)
        for module in table
    }


def allowed(module: str, other: str, storey: int) -> bool:
    """Whether the table's last column lets one module of a storey import another."""
    table = STOREYS[storey][1]
    order, inside = list(table), table[module]
    return inside == ALL or other in (order[: order.index(module)] if inside == ABOVE else inside.split())


def violations(package: Path) -> list[str]:
    """Every way in which the tree departs from the table, one sentence each."""
    modules, table, said = modules_of(package), placed(), []
    for name, file in modules.items():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            said.append(f"{name}: {lines} lines, more than {MOST_LINES}: it may hold two things")
        said += [f"{name}.{function} has {count} lines, more than a screen" for function, count in long_functions(file)]
        imports = imports_of(name, file, package.name, modules) - {""}
        if file.name == "__init__.py" and name not in table:
            room = name or package.name
            said += [f"{room}: a package's __init__ imports {other}" for other in sorted(imports)]
            continue
        if name not in table:
            said.append(f"{name}: stands in no storey of the table")
            continue
        storey, room = table[name]
        own = name.removeprefix(f"{room}.")
        for other in sorted(imports):
            if modules[other].name == "__init__.py" and other not in table:
                said.append(f"{name} imports the room {other}, not a module of it")
            elif other not in table:
                said.append(f"{name} imports {other}, which stands in no storey of the table")
            elif table[other][0] > storey:
                said.append(f"{name} imports {other} from a storey below its own")
            elif table[other][0] == storey and not allowed(own, other.removeprefix(f"{room}."), storey):
                said.append(f"{name} imports {other}, which its storey does not allow")
    return said


def test_imports_keep_to_the_storeys():
    assert violations(PACKAGE) == []


def test_the_four_stages_do_not_know_each_other():
    stages = next(table for room, table in STOREYS if room == "scoring")
    for stage in STAGES:
        assert not set(stages[stage].split()) & set(STAGES), stage
    assert [name for name, inside in stages.items() if inside == ALL] == ["appraise"]


# The checks above must be able to fail: small trees, each with one fault.
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"errors.py": "from appraisal.words import catalogue"}, None),
        ({"cli.py": "from appraisal.scoring import appraise\nfrom appraisal.office import world"}, None),
        ({"words.py": "from appraisal import __version__\nimport json"}, None),
        ({"words.py": "from appraisal.errors import Problem"}, "words imports errors"),
        ({"words.py": "from . import errors"}, "words imports errors"),
        ({"words.py": "def later():\n    import appraisal.cli"}, "words imports cli from a storey below"),
        ({"scoring/tiers.py": "from appraisal.scoring import ranking"}, "tiers imports scoring.ranking"),
        ({"scoring/tiers.py": "from .ranking import ranks"}, "tiers imports scoring.ranking"),
        ({"scoring/tiers.py": "from ..office.world import x"}, "imports office.world from a storey below"),
        ({"scoring/tiers.py": "from appraisal.scoring import nothing"}, "imports the room scoring"),
        ({"scoring/__init__.py": "from appraisal.scoring.ranking import ranks"}, "__init__ imports"),
        ({"utils.py": ""}, "utils: stands in no storey"),
        ({"words.py": "\n" * (MOST_LINES + 1)}, "more than"),
        ({"words.py": "def long():\n" + "    a = 1\n" * MOST_LINES_OF_A_FUNCTION}, "words.long has 51 lines"),
        ({"words.py": 'def told():\n    """Tell.\n' + "\n" * 60 + '    """'}, None),
    ],
)
def test_a_departure_is_found(tmp_path, files, said):
    package = tmp_path / "appraisal"
    names = ["", "scoring.", "office."]
    tree = {f"{name.replace('.', '/')}__init__.py": "" for name in names}
    present = ["words", "errors", "cli", "scoring/ranking", "scoring/appraise", "office/world"]
    tree |= {f"{name}.py": "" for name in present} | files
    for path, text in tree.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text, encoding="utf-8")
    found = violations(package)
    if said is None:
        assert found == []
    else:
        assert len(found) == 1
        assert said in found[0]
