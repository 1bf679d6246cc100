"""The pairs on the ten lines, also of a what-if: the windows of each group, and the contest of the next places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Points, ranking_keys, stand
from appraisal.scoring.evidence import Evidence
from appraisal.scoring.ranking import places
from appraisal.scoring.scales import SCALE_ROUNDING


def pairs_on_lines(points: Points, evidence: Evidence, rules: Rulebook) -> pd.DataFrame:
    """Give the pairs on the sides of every line, also of a what-if: of the windows, and of the contest.

    Parameters
    ----------
    points : Points
        Without draws; a tie is broken by the order of the rows.
    evidence : Evidence
    rules : Rulebook

    Returns
    -------
    DataFrame
        `group` (missing for the contest), `tier` (``wildcard`` for the contest), `above` and `below` (places), `upper`
        and `lower` (departments), `gap` between them, `scale` it is on (``raw``: points of the composite).
    """
    standing = stand(points, evidence, rules, np.arange(evidence.group.size))
    place, composite = places(standing.key, evidence.group), points.ticks["composite"]
    codes, best = np.asarray(evidence.departments), rules.tiers.best
    lines: list[tuple[object, ...]] = []
    for position, group in enumerate(rules.groups):
        members = np.flatnonzero(evidence.group == position)
        members = members[np.argsort(place[members])]
        for tier in ("best", "advanced", "good"):
            above = getattr(rules.tiers, tier).ranks[1]
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
        digits = points.digits if best.wildcard_scale == "raw" else SCALE_ROUNDING.digits
        gap = (scale[lower] - scale[upper]) / 10**digits
        lines.append((None, "wildcard", after, after, codes[upper], codes[lower], gap, best.wildcard_scale))
    columns = ["group", "tier", "above", "below", "upper", "lower", "gap", "scale"]
    return pd.DataFrame(lines, columns=columns).astype({"gap": float})
