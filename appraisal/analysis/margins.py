"""The ten lines between the tiers: who stands on the sides of each, and how far apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal, Points, ranking_keys, stand
from appraisal.scoring.evidence import Evidence
from appraisal.scoring.scales import scale_digits
from appraisal.scoring.tiers import ADVANCED, GOOD, Standing, place_in_tiers

# What stands for a tier where the line is the contest of the next places.
CONTEST = "wildcard"
# Tiers that a share may cut.
CUT = {"good": GOOD, "advanced": ADVANCED}


def cutoff_lines(appraised: Appraisal) -> pd.DataFrame:
    """Give the lines of the official result: those inside each group, and the contest of the next places.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        As `lines_between`.
    """
    return lines_between(appraised.points, appraised.evidence, appraised.rules)


def lines_between(points: Points, evidence: Evidence, rules: Rulebook) -> pd.DataFrame:
    """Give the pairs on the sides of every line, also of a what-if.

    Parameters
    ----------
    points : Points
        Without draws; a tie is broken by the order of the rows.
    evidence : Evidence
    rules : Rulebook

    Returns
    -------
    DataFrame
        One row a line that has departments on both sides: `group` (missing for the contest), `tier` that ends there
        (the highest, if several end together; `CONTEST` for the contest), `above` and `below` (places; equal in the
        contest), `upper` and `lower` (departments), `gap` between them, `scale` it is on (``raw``: points of the
        composite). The tier best ends with its window; advanced and good end with theirs, or before, where a share
        cuts them.
    """
    standing = stand(points, evidence, rules, np.arange(evidence.group.size))
    by_place = place_in_tiers(standing, rules.tiers, evidence.rulings).by_place
    place, composite = standing.place, points.ticks["composite"]
    codes, best = np.asarray(evidence.departments), rules.tiers.best
    lines: list[tuple[object, ...]] = []
    for position, group in enumerate(rules.groups):
        members = np.flatnonzero(evidence.group == position)
        members = members[np.argsort(place[members])]
        reached = {tier: int((by_place[members] <= number).sum()) for tier, number in CUT.items()}
        # Tiers that end together have one line.
        ends = {place: tier for tier, place in (*reached.items(), ("best", best.ranks[1]))}
        for above, tier in sorted(ends.items()):
            if above < members.size:
                upper, lower = members[above - 1 : above + 1]
                gap = (composite[upper] - composite[lower]) / 10**points.digits
                lines.append((group, tier, above, above + 1, codes[upper], codes[lower], gap, "raw"))
    after = best.ranks[1] + 1
    contest = np.flatnonzero(place == after)
    if 0 < best.wildcards < contest.size:
        upper, lower = contest[np.argsort(standing.scale_key[contest])][best.wildcards - 1 : best.wildcards + 1]
        # Lower comes first on the scale of the contest.
        scale = ranking_keys(points, evidence, rules)[1]
        gap = (scale[lower] - scale[upper]) / 10 ** scale_digits(best.wildcard_scale, points.digits)
        lines.append((None, CONTEST, after, after, codes[upper], codes[lower], gap, best.wildcard_scale))
    columns = ["group", "tier", "above", "below", "upper", "lower", "gap", "scale"]
    return pd.DataFrame(lines, columns=columns).astype({"gap": float})


@dataclass(frozen=True)
class Pairs:
    """Who stands on the sides of each of L lines.

    Parameters
    ----------
    upper, lower : (L,) int array
        Positions of the departments.
    contest : (L,) bool array
        Compared on the scale of the contest, over groups.
    """

    upper: NDArray[np.intp]
    lower: NDArray[np.intp]
    contest: NDArray[np.bool_]


def pairs_of(lines: pd.DataFrame, departments: pd.Index) -> Pairs:
    """Find the pair of each line of `cutoff_lines` among the departments."""
    upper, lower = (departments.get_indexer(lines[side]) for side in ("upper", "lower"))
    return Pairs(upper, lower, (lines["tier"] == CONTEST).to_numpy())


def pairs_in_order(pairs: Pairs, standing: Standing) -> NDArray[np.bool_]:
    """Say whether each pair stands in its order, also in draws.

    Parameters
    ----------
    pairs : Pairs
    standing : Standing
        ``(..., D)``, of the same departments.

    Returns
    -------
    (..., L) array
        On the key inside groups, on the scale of the contest over them.
    """
    inside = standing.key[..., pairs.upper] < standing.key[..., pairs.lower]
    over_groups = standing.scale_key[..., pairs.upper] < standing.scale_key[..., pairs.lower]
    return np.where(pairs.contest, over_groups, inside)


def inside_groups(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines of the windows; their pairs are departments of their own, which the contest's are not."""
    return lines[lines["tier"] != CONTEST]


def in_points(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines whose gap is points of the composite; on another scale what others have moves the pair too."""
    return lines[lines["scale"] == "raw"]
