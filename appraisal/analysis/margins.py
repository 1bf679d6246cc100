"""The lines between the tiers: who stands on each side, and how far apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.ranking import places


def cutoff_lines(appraised: Appraisal) -> pd.DataFrame:
    """Give the lines inside the groups, and the pair on the sides of each.

    Parameters
    ----------
    appraised : Appraisal

    Returns
    -------
    DataFrame
        One row a line of a group that has departments on both sides: `group`, `tier` whose window ends there, `above`
        and `below` (the two places), `upper` and `lower` (the departments), `gap` between their composites in points.
    """
    tiers, standing = appraised.rules.tiers, appraised.standing
    place, composite = places(standing.key, standing.group), appraised.points.ticks["composite"]
    codes = np.asarray(appraised.evidence.departments)
    lines = []
    for position, group in enumerate(appraised.rules.groups):
        members = np.flatnonzero(standing.group == position)
        members = members[np.argsort(place[members])]
        for tier in ("best", "advanced", "good"):
            above = getattr(tiers, tier).ranks[1]
            if above >= members.size:
                continue
            upper, lower = members[above - 1 : above + 1]
            gap = (composite[upper] - composite[lower]) / 10**appraised.points.digits
            lines.append((group, tier, above, above + 1, codes[upper], codes[lower], gap))
    columns = ["group", "tier", "above", "below", "upper", "lower", "gap"]
    return pd.DataFrame(lines, columns=columns).astype({"gap": float})
