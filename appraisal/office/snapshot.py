"""What a set would be made from at this moment: the year as appraised, its digests, the code, the version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

import appraisal
from appraisal.errors import Problem, RunError
from appraisal.folders import earlier_folder
from appraisal.office.fingerprint import NOTEBOOKS, code_digest, digests, values_digest, version_code
from appraisal.reading.inventory import table_files
from appraisal.reporting.imprint import LEADERSHIP
from appraisal.rulebook import FILE
from appraisal.scoring.appraise import Appraisal, appraise
from appraisal.tables import load_year
from appraisal.translated import translated
from appraisal.words import LANGUAGES

# What the office itself keeps in the year folder: the first page depends on it, no result does. The same holds of the
# earlier year that a report is compared with.
SEAL = "seal.toml"
CONFIRMATION = "confirmation.toml"

Values = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Snapshot:
    """A year folder, appraised, with the digests of everything that decides what a set would be.

    Parameters
    ----------
    folder : Path
        The year folder.
    appraised : Appraisal
    inputs : mapping of str to str
        Digest of the rulebook and of each file of tables, by name.
    office : mapping of str to str
        Digest of the seal, of the confirmation and of the inputs of the nearest earlier year, where there are such.
    code : str
        Digest of package and notebook.
    parameters : mapping
        For the notebook, beside year and place.
    values : dict
        Department to its result: every column of the scorecard, numbers as they are shown.
    languages : tuple of str
        In which the pages are told beside the year's own.
    """

    folder: Path
    appraised: Appraisal
    inputs: Mapping[str, str]
    office: Mapping[str, str]
    code: str
    parameters: Mapping[str, Any]
    values: Values
    languages: tuple[str, ...] = ()

    def told_in(self, lang: str) -> Snapshot:
        """Give the same year in the words of another language."""
        if lang == self.appraised.rules.lang:
            return self
        appraised = appraise(translated(self.appraised.year, lang))
        return replace(self, appraised=appraised, values=result_values(appraised))

    @property
    def where(self) -> dict[str, Any]:
        """Year and place, as every notebook is told them."""
        return {"year": self.appraised.rules.year, "data": str(self.folder.parent.resolve())}

    @property
    def version(self) -> str:
        """The eight characters of inputs, rules and code."""
        return version_code(self.inputs, self.code, self.parameters)

    @property
    def result(self) -> str:
        """Digest of the values."""
        return values_digest(self.values)

    def check_inputs(self) -> None:
        """Refuse to go on if a file of the year folder is not what was appraised.

        Raises
        ------
        RunError
        """
        if changed := differing(self.inputs, input_digests(self.folder)):
            said = {"files": ", ".join(changed)}
            problem = Problem("office.changed_meanwhile", self.folder.name, values=said)
            raise RunError([problem], self.appraised.rules.lang)


def notebooks_folder() -> Path:
    """Folder of the notebooks: beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(appraisal.__file__).parent
    inside = package / NOTEBOOKS
    return inside if inside.is_dir() else package.parent / NOTEBOOKS


def notebook() -> Path:
    """The notebook that the editions are made from."""
    return notebooks_folder() / f"{LEADERSHIP.name}.ipynb"


def take(folder: Path, parameters: Mapping[str, Any] | None = None, languages: Iterable[str] = ()) -> Snapshot:
    """Load and appraise a year folder, and note what it is.

    Parameters
    ----------
    folder : Path
        The year folder.
    parameters : mapping, optional
        For the notebook, beside year and place.
    languages : iterable of str
        In which the pages are told, too.

    Raises
    ------
    AppraisalError
        If the input is wrong, or a ruling is missing.
    """
    appraised = appraise(load_year(folder))
    others = [lang for lang in LANGUAGES if lang in set(languages) - {appraised.rules.lang}]
    return Snapshot(
        folder=folder,
        appraised=appraised,
        inputs=digests(appraised.year.files),
        office=office_digests(folder),
        code=code_digest(notebook()),
        parameters=parameters or {},
        values=result_values(appraised),
        languages=tuple(others),
    )


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names of the files that are not the same on both sides.

    Examples
    --------
    >>> differing({"a.csv": "1", "b.csv": "2"}, {"a.csv": "1", "c.csv": "3"})
    ['b.csv', 'c.csv']
    """
    return [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]


def input_digests(folder: Path) -> dict[str, str]:
    """Digest of the rulebook and of each file of tables as they are now, by their names; nothing is read.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    return digests(path for path in (folder / FILE, *table_files(folder)) if path.is_file())


def office_digests(folder: Path) -> dict[str, str]:
    """Digest of seal and confirmation, where a year folder has them, and of the earlier year it is compared with."""
    own = digests(path for path in (folder / SEAL, folder / CONFIRMATION) if path.is_file())
    before = earlier_folder(folder)
    return own if before is None else own | {before.name: values_digest(input_digests(before))}


def result_values(appraised: Appraisal) -> Values:
    """Give the scorecard as plain values: points with the digits that ranked, ranks whole, what is missing as None."""
    digits = appraised.rules.rounding.digits

    def plain(value: Any) -> str | int | None:
        if pd.isna(value):
            return None
        return f"{value:.{digits}f}" if isinstance(value, float) else value if isinstance(value, str) else int(value)

    return {
        str(department): {str(column): plain(value) for column, value in row.items()}
        for department, row in appraised.scorecard.astype(object).iterrows()
    }
