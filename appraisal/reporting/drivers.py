"""The section on what makes the ranks near a line vary: panels, leaders, forms, weights."""

from __future__ import annotations

import pandas as pd

from appraisal.analysis.drivers import INPUTS, LEVEL, SHARES, Drivers
from appraisal.reporting import fonts, layout, sensitivity_charts
from appraisal.reporting.layout import Piece
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

# What is an output beside the ranks, in the order of the columns.
TIERS_CHANGED = ("changes", "changed")


def drivers(appraised: Appraisal, found: Drivers) -> Piece:
    """Which source makes the ranks near a line, and the tiers, vary: a chart of all shares, a table of the sources."""
    words, rules = layout.words_of(appraised), appraised.rules
    look = layout.look(appraised)
    ranks = found.shares[found.shares["output"] == "rank"].dropna()
    pieces = [
        layout.heading(words.say("drivers.title"), level=3),
        layout.paragraph(words.say("drivers.lead")),
        layout.paragraph(*_method(appraised, found, words)),
    ]
    if not len(ranks):
        return layout.pieces([*pieces, layout.paragraph(words.say("drivers.none", draws=found.draws))])
    most, most_said = ranks.loc[ranks["first"].idxmax()], _most(ranks, words)
    example = words.say(
        "drivers.how",
        level=f"{LEVEL:.0%}",
        name=appraised.scorecard.loc[most["department"], "name"],
        rank=appraised.scorecard.loc[most["department"], "rank"],
        source=words.say(f"drivers.inputs.{most['input']}"),
        share=f"{most['first']:.0%}",
    )
    return layout.pieces(
        [
            *pieces,
            layout.paragraph(most_said, _tiers(found, words)),
            layout.chart(
                sensitivity_charts.plot_drivers(
                    _rows(appraised, found, rules, words),
                    labels={source: words.say(f"drivers.inputs.{source}") for source in INPUTS},
                    lang=rules.lang,
                ),
                alt=words.say("drivers.alt", most=most_said),
                caption=words.say("drivers.caption"),
                **look,
            ),
            layout.paragraph(example, kind="note"),
            layout.table(
                _sources(found, words), caption=words.say("drivers.table.caption", level=f"{LEVEL:.0%}"), **look
            ),
        ]
    )


def _method(appraised: Appraisal, found: Drivers, words: Words) -> list[str]:
    said = [
        words.say(
            "drivers.method",
            draws=found.draws,
            runs=(2 + len(INPUTS)) * found.draws,
            seed=found.seed,
            concentration=f"{found.concentration:g}",
        )
    ]
    if appraised.year.social_counts is not None:
        said.append(words.say("drivers.counts"))
    if found.redrawn:
        said.append(words.say("drivers.redrawn", count=found.redrawn))
    return said


def _most(ranks: pd.DataFrame, words: Words) -> str:
    """For how many departments each source gives most by itself."""
    first = ranks.loc[ranks.groupby("department")["first"].idxmax(), "input"].value_counts()
    told = [
        words.say("drivers.most_one", source=words.say(f"drivers.inputs.{source}"), count=first[source])
        for source in INPUTS
        if source in first
    ]
    return words.say("drivers.most", count=int(first.sum()), sources=words.say("drivers.join").join(told))


def _tiers(found: Drivers, words: Words) -> str:
    """In how many of the draws some tier changes, and how many on average."""
    mean = found.outputs.set_index("output")["mean"]
    always, never = mean["changed"] == 1, mean["changed"] == 0
    said = "always" if always else "never" if never else "sometimes"
    return words.say(f"drivers.{said}", share=f"{mean['changed']:.1%}", mean=f"{mean['changes']:.1f}")


def _rows(appraised: Appraisal, found: Drivers, rules: Rulebook, words: Words) -> pd.DataFrame:
    """Shares of everything that varies, by group and rank, what became of the tiers last."""
    scorecard = appraised.scorecard[["name", "group", "rank"]]
    shares = found.shares.dropna().join(scorecard, on="department", validate="many_to_one")
    order = {group: place for place, group in enumerate(rules.groups)}
    shares = shares.assign(order=shares["group"].map(order).fillna(len(order)))
    shares = shares.sort_values(["order", "rank"], kind="stable")
    rows = [
        f"{fonts.charted(row.name)}  {row.rank}" if row.output == "rank" else words.say(f"drivers.chart.{row.output}")
        for row in shares[["output", "name", "rank"]].itertuples(index=False)
    ]
    sections = [
        words.say("drivers.chart.all") if pd.isna(group) else rules.label("groups", group) for group in shares["group"]
    ]
    return shares.assign(section=sections, row=rows)[["section", "row", "input", *SHARES]]


def _sources(found: Drivers, words: Words) -> pd.DataFrame:
    """A row a source: its mean share of the ranks, its shares of the tiers that change."""
    shares = found.shares.dropna()
    ranks = shares[shares["output"] == "rank"].groupby("input")[["first", "total"]].mean().loc[list(INPUTS)]
    shown = {"input": [words.say(f"drivers.inputs.{source}") for source in INPUTS]}
    shown |= {f"rank_{kind}": [f"{max(share, 0):.0%}" for share in ranks[kind]] for kind in ranks}
    for output in TIERS_CHANGED:
        own = shares[shares["output"] == output]
        for kind in ("first", "total") if len(own) else ():
            ends = own[[kind, f"{kind}_low", f"{kind}_high"]].clip(lower=0).map("{:.0%}".format)
            shown[f"{output}_{kind}"] = [
                words.say("drivers.table.cell", share=share, low=low, high=high)
                for share, low, high in ends.itertuples(index=False)
            ]
    return layout.headed(pd.DataFrame(shown), words.under("drivers.table"))
