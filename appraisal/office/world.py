"""A made-up world whose truth is known: how departments, jurors, leaders and citizens differ.

Everything random is drawn here, once, from the seed of the rulebook. What is then seen (`opinions`) is a function of
it, so that the same year can be had again with one department a little better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appraisal.rulebook import Rulebook

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything.

    Parameters
    ----------
    departments : int or tuple of int
        Of each group, or group by group.
    jurors : int
        Of each panel.
    leaders, forms : int
        Leaders who rate, forms that come back.
    problems : int
        Departments with a prominent problem on record.
    """

    departments: int | tuple[int, ...] = 32
    jurors: int = 9
    leaders: int = 12
    forms: int = 726
    problems: int = 5


@dataclass(frozen=True)
class World:
    """How departments, jurors, leaders and citizens differ; spreads are standard deviations.

    Parameters
    ----------
    shared : float
        Share of the variance of each latent (an item's merit, leaders' view, social standing) that is quality.
    merit, ease, merit_spread, verification : float
        Mean merit, spread between items and between departments, the error with which the band is set: shares of
        full marks.
    follow : float
        How far a ballot follows merit through the band; 1 would reach from end to end.
    severity, halo, lapse : float
        Jurors among themselves, a juror towards a department, a single score: in widths of the band.
    view, view_spread, strictness, doubt : float
        Leaders' mean rating and its spread, leaders among themselves, a single rating: out of 100.
    standing, leniency : float
        Departments and citizens among themselves, in units of the spread of a single answer.
    dissatisfied : float
        Chance in the binomial law of the answers over the steps of the scale: small is left-skewed.
    unknown, blank : float
        Mean shares of answers 不了解 and of blanks.
    deductions : float
        Mean number of deductions of a department.
    agreed : float
        Share of the variance of halo and lapse that all jurors of a panel have in common, as a panel that talks may.
    heaped : float
        Share of the panel's scores that go to the nearer end of the band.
    tails : float
        Degrees of freedom of Student's t, more than 2, that departments, jurors and leaders vary by, with the same
        spreads; infinite is normal.
    """

    shared: float = 0.30
    merit: float = 0.927
    ease: float = 0.014
    merit_spread: float = 0.0200
    verification: float = 0.006
    follow: float = 0.6
    severity: float = 0.10
    halo: float = 0.07
    lapse: float = 0.14
    view: float = 87.0
    view_spread: float = 2.0
    strictness: float = 2.5
    doubt: float = 4.0
    standing: float = 0.12
    leniency: float = 0.6
    dissatisfied: float = 0.27
    unknown: float = 0.08
    blank: float = 0.015
    deductions: float = 0.6
    agreed: float = 0.0
    heaped: float = 0.0
    tails: float = np.inf


@dataclass(frozen=True)
class Chance:
    """All that is random about departments (D), items (I), jurors (J a panel), leaders (L) and forms (F).

    Parameters
    ----------
    group : (D,) int array
        Position in `Rulebook.groups`.
    quality, own_view, own_standing : (D,) arrays
        What all latents of a department share; what leaders and citizens see beside it.
    ease : (I,) array; own_merit, misjudged : (I, D) arrays
        How easily an item is done, a department's own part in it, the error of its verification.
    severity : (G, J) array; halo : (J, D) array; lapse : (J, I, D) array
        A juror of a panel, towards a department, in one score: high is lenient.
    tempted : (J, I, D) array
        How near a score is to being put at an end of its band (uniform on 0 to 1).
    strictness : (L,) array; doubt : (L, D) array
        A leader, and one rating.
    leniency : (F,) array; whim, heard : (F, D) arrays; obscure : (D,) array
        A citizen, one answer, whether it is one (uniform on 0 to 1), and the department's share of 不了解.
    """

    group: Ints
    quality: Floats
    own_view: Floats
    own_standing: Floats
    ease: Floats
    own_merit: Floats
    misjudged: Floats
    severity: Floats
    halo: Floats
    lapse: Floats
    tempted: Floats
    strictness: Floats
    doubt: Floats
    leniency: Floats
    whim: Floats
    heard: Floats
    obscure: Floats


def stream(seed: int, year: int, attempt: int, purpose: str) -> np.random.Generator:
    """Random numbers for one purpose, so that more numbers for one leave the others as they are.

    Examples
    --------
    >>> [int(stream(1, 2003, 0, "tokens").integers(1000)) for _ in range(2)]
    [821, 821]
    """
    return np.random.default_rng([seed, year, attempt, *purpose.encode()])


def chance(rules: Rulebook, sizes: Sizes, world: World, attempt: int = 0, raters: int = 0) -> Chance:
    """Draw everything random, from the seed of the rulebook alone.

    Parameters
    ----------
    rules, sizes, world
    attempt : int
        Another year of the same seed.
    raters : int
        Other jurors, leaders and citizens, for the same departments of the same year.
    """
    group = np.repeat(np.arange(len(rules.groups)), sizes.departments)
    departments, items = len(group), len(rules.item_marks)

    def random(purpose: str) -> np.random.Generator:
        return stream(rules.seed, rules.year, attempt, purpose)

    def normal(purpose: str, *shape: int) -> Floats:
        return varied(random(purpose), random(f"{purpose} tails"), world.tails, shape)

    def rated(purpose: str) -> str:
        return purpose if not raters else f"{purpose} {raters}"

    def agreed(purpose: str, *shape: int) -> Floats:
        own, common = normal(rated(purpose), *shape), normal(rated(f"{purpose} agreed"), *shape[1:])
        return np.sqrt(1 - world.agreed) * own + np.sqrt(world.agreed) * common

    unknown = random("obscure").beta(2, 2 / world.unknown - 2, departments)
    return Chance(
        group=group,
        quality=normal("quality", departments),
        own_view=normal("own view", departments),
        own_standing=normal("own standing", departments),
        ease=world.ease * normal("ease", items),
        own_merit=normal("own merit", items, departments),
        misjudged=world.verification * normal("misjudged", items, departments),
        severity=world.severity * normal(rated("severity"), len(rules.groups), sizes.jurors),
        halo=world.halo * agreed("halo", sizes.jurors, departments),
        lapse=world.lapse * agreed("lapse", sizes.jurors, items, departments),
        tempted=random(rated("tempted")).random((sizes.jurors, items, departments)),
        strictness=world.strictness * normal(rated("strictness"), sizes.leaders),
        doubt=world.doubt * normal(rated("doubt"), sizes.leaders, departments),
        leniency=world.leniency * random(rated("leniency")).standard_normal(sizes.forms),
        whim=random(rated("whim")).standard_normal((sizes.forms, departments)),
        heard=random(rated("heard")).random((sizes.forms, departments)),
        obscure=unknown,
    )


def varied(random: np.random.Generator, spread: np.random.Generator, tails: float, shape: tuple[int, ...]) -> Floats:
    """Draw from Student's t of so many degrees of freedom, scaled to variance 1; infinite is normal."""
    normal = random.standard_normal(shape)
    return normal if np.isinf(tails) else normal * np.sqrt((tails - 2) / spread.chisquare(tails, shape))
