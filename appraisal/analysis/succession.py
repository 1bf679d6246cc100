"""Which department of a year is which of an earlier year: the same, moved, merged, new or gone.

Codes link years. A department that was made of others carries their codes, joined by ``+``, and keeps that code.
"""

from __future__ import annotations

import pandas as pd

from appraisal.words import fold

JOINED = "+"
KINDS = ("same", "moved", "merged", "new", "gone")


def succession(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Tell for each department of two years what became of it.

    Parameters
    ----------
    earlier, later : DataFrame
        Index `department`; columns `name`, `group`.

    Returns
    -------
    DataFrame
        Index `department`: those of the later year in their order, then those that are gone. Columns `kind`, one of
        `KINDS`; `came_from`, a tuple of codes of the earlier year; `renamed`: the same code, another name, the two
        scripts taken as one.

    Examples
    --------
    >>> earlier = pd.DataFrame({"name": list("abcd"), "group": "g"}, index=list("abcd"))
    >>> later = pd.DataFrame({"name": ["a", "bc", "e"], "group": "g"}, index=["a", "b+c", "e"])
    >>> succession(earlier, later)["kind"].to_dict()
    {'a': 'same', 'b+c': 'merged', 'e': 'new', 'd': 'gone'}
    """
    rows = []
    for code in later.index:
        parts = (code,) if code in earlier.index else tuple(part for part in parts_of(code) if part in earlier.index)
        if code in earlier.index:
            kind = "same" if earlier.loc[code, "group"] == later.loc[code, "group"] else "moved"
            renamed = fold(str(earlier.loc[code, "name"])) != fold(str(later.loc[code, "name"]))
        else:
            kind, renamed = ("merged" if parts else "new"), False
        rows.append((code, kind, parts, renamed))
    went_on = {part for _code, _kind, parts, _renamed in rows for part in parts}
    rows += [(code, "gone", (code,), False) for code in earlier.index if code not in went_on]
    table = pd.DataFrame(rows, columns=["department", "kind", "came_from", "renamed"])
    return table.set_index("department")


def parts_of(code: str) -> tuple[str, ...]:
    """Codes of the departments that one was made of; none for a code that is no joined one.

    Examples
    --------
    >>> parts_of("d1+d2"), parts_of("d1")
    (('d1', 'd2'), ())
    """
    parts = tuple(code.split(JOINED))
    return parts if len(parts) > 1 else ()
