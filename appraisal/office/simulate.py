"""A year with known truth: every table of the year folder, made up from the seed of the rulebook.

`draw_year` makes what is judged, by position and without names; `tables_of` writes it down as tables once each
position has a department. Two steps, because `reconstruct` decides in between which department stands where.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from appraisal.office import records
from appraisal.office.opinions import Opinions, bands_set, cast, expected, merit
from appraisal.office.world import Chance, Floats, Ints, Sizes, World, chance, stream
from appraisal.rulebook import Rulebook
from appraisal.supervision import draw
from appraisal.tables import Year
from appraisal.words import catalogue

# One department in so many is a member unit of the leading group.
LEADING = 6


@dataclass(frozen=True)
class Draft:
    """A year by position, before departments have names.

    Parameters
    ----------
    drawn : Chance
    bands : (I, D) int array
        Position in `Rulebook.bands`.
    opinions : Opinions
    deductions : DataFrame
        As `records.deductions` draws them.
    attempt : int
        Which year of the same seed this is.
    """

    drawn: Chance
    bands: Ints
    opinions: Opinions
    deductions: pd.DataFrame
    attempt: int

    @property
    def deducted(self) -> Floats:
        """Points that count, ``(D,)``, on the scale of the items of `common`."""
        counted = self.deductions[self.deductions["counts"]]
        deducted = np.zeros(len(self.drawn.group))
        np.add.at(deducted, counted["position"].to_numpy(), counted["points"].to_numpy())
        return deducted


@dataclass(frozen=True)
class SimulatedYear:
    """The tables of a year, and the truth behind them.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As the year folder names them; `social_ballots` is wide.
    truth : DataFrame
        Index `department`; `quality`, and what unlimited like raters would give: a column an item in points, `leaders`
        and `social` out of 100, `deducted` the points that count. Nothing in it, or anywhere, joins jurors to ballots.
    """

    tables: dict[str, pd.DataFrame]
    truth: pd.DataFrame


def simulate_year(
    rules: Rulebook, sizes: Sizes | None = None, world: World | None = None, attempt: int = 0, raters: int = 0
) -> SimulatedYear:
    """Make up a year of departments that are only numbered.

    Parameters
    ----------
    rules : Rulebook
        Items, bands, answers, groups; its seed gives every random number.
    sizes, world : optional
        How much there is of everything, and how it varies; 2003's size and spread unless told.
    attempt : int
        Another year of the same seed.
    raters : int
        Other jurors, leaders and citizens, for the same departments of the same year.

    Examples
    --------
    >>> from appraisal.rulebook import read_rulebook
    >>> rules = read_rulebook(Path("data/2003/rulebook.toml"))
    >>> year = simulate_year(rules, Sizes(departments=4, forms=50, problems=1))
    >>> len(year.tables["departments"]), len(year.tables["social_ballots"]), len(year.tables["jurors"])
    (12, 50, 27)
    """
    sizes, world = sizes or Sizes(), world or World()
    return numbered_year(draw_year(rules, sizes, world, attempt, raters), rules, sizes, world)


def numbered_year(draft: Draft, rules: Rulebook, sizes: Sizes, world: World) -> SimulatedYear:
    """Number the departments of a draft at random, and write it down."""
    say = catalogue(rules.lang).say
    random = stream(rules.seed, rules.year, draft.attempt, "departments")
    positions = len(draft.drawn.group)
    numbers = 1 + random.permutation(positions)
    departments = pd.DataFrame(
        {
            "department": [f"d{number:03}" for number in numbers],
            "name": [say("simulate.department.name", number=number) for number in numbers],
            "group": np.array(list(rules.groups))[draft.drawn.group],
            "leading_group": random.permutation(np.arange(positions) % LEADING == 0),
        }
    )
    # The worse a department, the likelier that a problem is on record.
    likely = np.exp(-draft.drawn.quality)
    problems = random.choice(departments["department"], sizes.problems, replace=False, p=likely / likely.sum())
    return tables_of(draft, departments, problems.tolist(), [], rules, world)


def draw_year(rules: Rulebook, sizes: Sizes, world: World, attempt: int = 0, raters: int = 0) -> Draft:
    """Draw a year by position: what is true, which bands are set, what raters write, what is deducted."""
    return judged(chance(rules, sizes, world, attempt, raters), rules, world, attempt)


def judged(drawn: Chance, rules: Rulebook, world: World, attempt: int = 0) -> Draft:
    """Let a year whose chance is drawn be judged: which bands are set, what raters write, what is deducted."""
    bands = bands_set(drawn, rules, world)
    random = stream(rules.seed, rules.year, attempt, "deductions")
    deductions = records.deductions(drawn, rules, world, random)
    return Draft(drawn, bands, cast(drawn, bands, rules, world), deductions, attempt)


def tables_of(
    draft: Draft,
    departments: pd.DataFrame,
    problems: list[str],
    withdrawn: list[str],
    rules: Rulebook,
    world: World,
) -> SimulatedYear:
    """Write a draft down as the tables of a year folder.

    Parameters
    ----------
    draft : Draft
    departments : DataFrame
        Columns `department`, `name`, `group`, `leading_group` (bool); row = position. The tables list departments by
        group and code, so that no table tells who was ranked where.
    problems, withdrawn : list of str
        Codes of the departments with a prominent problem on record, and of those that withdrew from best.
    rules, world
        As the draft was made.
    """

    def random(purpose: str) -> np.random.Generator:
        return stream(rules.seed, rules.year, draft.attempt, purpose)

    place = departments.assign(group=departments["group"].map(list(rules.groups).index))
    order = place.sort_values(["group", "department"]).index.to_numpy()
    listed = departments.loc[order].reset_index(drop=True)
    items, opinions = list(rules.item_marks), draft.opinions
    codes = listed["department"].to_numpy()
    every = pd.DataFrame({"department": np.repeat(codes, len(items)), "item": np.tile(items, len(codes))})
    sample = every[every["department"].isin(draw(rules, listed)["department"])]
    tables = {
        "departments": listed.assign(leading_group=records.yes_no(listed["leading_group"])),
        "self_assessments": records.self_assessments(
            every, merit(draft.drawn, world)[:, order], rules, random("self-assessments")
        ),
        "bands": every.assign(band=np.array(list(rules.bands))[draft.bands[:, order].T.ravel()]),
        "panel_ballots": records.panel_ballots(opinions.scores[:, :, order], listed, rules, random("panel tokens")),
        "leader_ballots": records.leader_ballots(opinions.ratings[:, order], listed, random("leader tokens")),
        "social_ballots": records.social_ballots(opinions.answers[:, order], listed, rules, random("form tokens")),
        "deductions": records.deduction_rows(draft.deductions, departments["department"], rules),
        "inspections": records.inspections(listed, rules, random("inspections")),
        "problems": records.problems(problems, rules, random("problems")),
        "rulings": records.rulings(withdrawn, rules),
        "jurors": records.jurors(listed, len(opinions.scores), rules, random("jurors")),
        "spot_checks": records.spot_checks(sample, rules, random("spot checks")),
        "queries": records.queries(every, rules, random("queries")),
        "appeals": pd.DataFrame(columns=list(records.APPEAL_COLUMNS)),
    }
    panel, leaders, social = expected(draft.drawn, draft.bands, rules, world)
    truth = pd.DataFrame({"quality": draft.drawn.quality} | dict(zip(items, panel, strict=True)))
    truth = truth.assign(leaders=leaders, social=social, deducted=draft.deducted)
    return SimulatedYear(tables, truth.loc[order].set_axis(pd.Index(codes, name="department")))


def as_year(simulated: SimulatedYear, rules: Rulebook) -> Year:
    """Give the tables as `load_year` would read them, without a folder in between.

    Parameters
    ----------
    simulated : SimulatedYear
    rules : Rulebook
        As the year was made with.
    """
    tables = dict(simulated.tables)
    forms = tables["social_ballots"].melt("ballot", var_name="department", value_name="rating")
    deductions = tables["deductions"]
    tables |= {
        "departments": tables["departments"].assign(leading_group=tables["departments"]["leading_group"] == "yes"),
        "social_ballots": forms,
        "deductions": deductions.assign(verified=deductions["verified"] == "yes"),
    }
    return Year(
        folder=Path(),
        rules=rules,
        **tables,
        social_counts=None,
        returned=forms["ballot"].nunique(),
        places={name: f"{name}.csv" for name in tables},
        heads={name: {column: column for column in table} for name, table in tables.items()},
        remarks=(),
        files=(),
    )


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> tuple[Path, ...]:
    """Write each table as CSV, UTF-8 without a mark and with line feeds: the same bytes every time."""
    written = tuple(folder / f"{name}.csv" for name in tables)
    for path, table in zip(written, tables.values(), strict=True):
        table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d")
    return written
