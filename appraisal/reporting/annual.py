"""The sections of the annual report: each takes the appraisal and shows one part of the page.

Numbers come from `scoring` and `analysis`, sentences from `narrative` and the catalogue; here they are laid out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis import margins, spread
from appraisal.analysis.flags import Flags
from appraisal.analysis.resampling import Resamples
from appraisal.reporting import charts, layout, narrative
from appraisal.reporting.canvas import readable_parts
from appraisal.reporting.layout import Piece
from appraisal.scoring.appraise import Appraisal
from appraisal.scoring.decisions import Decision

# Names that go on the first page as they are usually set.
MANY = 90
# Who is near to admonition is a matter for those who work on the result.
NOT_ALL_CLAUSES = ("not_candidate",)


def first_page(appraised: Appraisal, resamples: Resamples, flags: Flags) -> Piece:
    """What a reader should know in a minute: the result as the notice tells it, and what this year's figures say."""
    words = layout.words_of(appraised)
    synthetic = appraised.rules.synthetic
    # A year whose rulebook rests on no notice has its tiers from none either.
    noticed = any(basis.startswith("notice") for _key, _value, basis in appraised.rules.values())
    told = words.say("report.synthetic_lead" if noticed else "report.synthetic_throughout")
    lead = [layout.paragraph(told, kind="note")] if synthetic else []
    return layout.pieces(
        [
            *lead,
            result(appraised),
            layout.heading(words.say("report.opening.title")),
            layout.points(narrative.findings(appraised, resamples, flags)),
            layout.page_end(),
        ]
    )


def result(appraised: Appraisal) -> Piece:
    """The tiers in the words and the order of the notice."""
    words = layout.words_of(appraised)
    lists = narrative.lists_by_tier(appraised)
    notes = narrative.withdrawal_sentences(appraised)
    tiers = [
        layout.tier_list(
            tier,
            lists[tier],
            label=words.say(
                "report.result.item",
                numeral=words.say(f"report.numerals.{number}"),
                tier=words.say(f"report.tiers.{tier}"),
            ),
            count=words.say("report.result.count", count=len(lists[tier])),
            note="".join(notes if tier == "best" else []) or ("" if lists[tier] else words.say("report.none")),
            dense=sum(len(lists[listed]) for listed in narrative.LISTED) > MANY,
        )
        for number, tier in enumerate(narrative.LISTED, start=1)
    ]
    return layout.pieces(
        [
            layout.heading(words.say("report.result.title")),
            *tiers,
            layout.paragraph(
                words.say(
                    "report.result.others" if lists["ordinary"] else "report.result.no_others",
                    count=len(lists["ordinary"]),
                )
            ),
            layout.paragraph(words.say(f"report.result.order_{appraised.rules.notice.order}"), kind="note"),
        ]
    )


def group_distributions(appraised: Appraisal) -> Piece:
    """The groups side by side."""
    words, rules = layout.words_of(appraised), appraised.rules
    summary = spread.group_summary(appraised.scorecard)
    medians = "".join(
        words.say(
            "report.groups.compare_median",
            group=rules.label("groups", group),
            median=narrative.points(row["median"], rules),
            deviation=narrative.points(row["deviation"], rules),
        )
        for group, row in summary.iterrows()
    )
    labels = {group: rules.label("groups", group) for group in summary.index}
    alt = words.say("report.groups.compare_alt", labels=words.say("report.join").join(labels.values()), medians=medians)
    axes = charts.plot_group_distributions(
        appraised.scorecard, summary, labels=labels, digits=rules.rounding.digits, lang=rules.lang
    )
    named = summary.rename(index=labels).reset_index(names="group")
    named.columns = [words.say(f"report.groups.{'departments' if name == 'count' else name}") for name in named.columns]
    return layout.pieces(
        [
            layout.heading(words.say("report.groups.title")),
            layout.chart(axes, alt=alt, caption=words.say("report.groups.compare_caption"), **layout.look(appraised)),
            layout.paragraph(words.say("report.groups.compare_how"), _widest_group(appraised, summary), kind="note"),
            layout.table(
                named,
                caption=words.say("report.groups.summary"),
                digits=rules.rounding.digits,
                **layout.look(appraised),
            ),
        ]
    )


def _widest_group(appraised: Appraisal, summary: pd.DataFrame) -> str:
    rules, widest = appraised.rules, (summary["high"] - summary["low"]).idxmax()
    low, high = summary.loc[widest, ["low", "high"]]
    return layout.words_of(appraised).say(
        "report.groups.compare_widest",
        group=rules.label("groups", str(widest)),
        low=narrative.points(low, rules),
        high=narrative.points(high, rules),
        apart=narrative.points(high - low, rules),
    )


def group_scores(appraised: Appraisal) -> Piece:
    """Each group: its departments in order, with the lines that cut them into tiers."""
    lines = margins.cutoff_lines(appraised)
    return layout.pieces(
        _group(appraised, group, lines[lines["group"] == group])
        for group in appraised.rules.groups
        if (appraised.scorecard["group"] == group).any()
    )


def _group(appraised: Appraisal, group: str, lines: pd.DataFrame) -> Piece:
    words, label = layout.words_of(appraised), appraised.rules.label("groups", group)
    members = appraised.scorecard[appraised.scorecard["group"] == group]
    unranked = words.say("report.join").join(members.loc[members["rank"].isna(), "name"])
    outside = [layout.paragraph(words.say("report.groups.outside", names=unranked))] if unranked else []
    return layout.pieces([layout.heading(label, level=3), *_score_charts(appraised, group, lines), *outside])


def _score_charts(appraised: Appraisal, group: str, lines: pd.DataFrame) -> Iterator[Piece]:
    """The charts of one group: one, or several if it is large, each headed by its ranks."""
    words, rules, label = layout.words_of(appraised), appraised.rules, appraised.rules.label("groups", group)
    ranked = appraised.scorecard[(appraised.scorecard["group"] == group) & appraised.scorecard["rank"].notna()]
    for named, rows in readable_parts(ranked, label, lang=rules.lang):
        if named != label:
            yield layout.heading(named, level=4)
        own = lines[lines["above"].between(rows["rank"].min(), rows["rank"].max())]
        told = "".join(
            words.say(
                "report.groups.chart_line", above=row.above, below=row.below, gap=narrative.points(row.gap, rules)
            )
            for row in own.itertuples()
        )
        yield layout.chart(
            charts.plot_score_distribution(rows, own, digits=rules.rounding.digits, lang=rules.lang),
            alt=words.say("report.groups.chart_alt", group=named, size=len(rows), lines=told),
            caption=words.say("report.groups.chart_caption" if len(own) else "report.groups.chart_only", group=named),
            **layout.look(appraised),
        )
        yield layout.paragraph(
            words.say("report.groups.how", line=narrative.row_or_line(appraised, rows, own)), kind="note"
        )


def scorecards(appraised: Appraisal) -> Piece:
    """The points of every department by component, a table a group."""
    words, lines = layout.words_of(appraised), margins.cutoff_lines(appraised)
    tables = [
        _scorecard_table(appraised, members.sort_values("rank", kind="stable"), lines[lines["group"] == group])
        for group, members in appraised.scorecard.groupby("group", sort=False)
    ]
    return layout.pieces([layout.heading(words.say("report.groups.scorecards"), level=3), *tables])


def _scorecard_table(appraised: Appraisal, members: pd.DataFrame, lines: pd.DataFrame) -> Piece:
    words, rules = layout.words_of(appraised), appraised.rules
    columns = {
        "name": words.say("report.groups.name"),
        "rank": words.say("report.groups.rank"),
        **{component: rules.label("components", component) for component in rules.components},
        "composite": words.say("report.groups.composite"),
        "tier": words.say("report.groups.tier"),
    }
    group = rules.label("groups", members["group"].iloc[0])
    return layout.table(
        members[list(columns)].rename(columns=columns),
        caption=words.say("report.groups.scorecard", group=group),
        digits=rules.rounding.digits,
        badges={columns["tier"]: layout.tier_labels(words)},
        lines_after=lines["above"],
        **layout.look(appraised),
    )


def weights(appraised: Appraisal) -> Piece:
    """How each component spreads, and how much it really decides."""
    words, rules = layout.words_of(appraised), appraised.rules
    shares = spread.component_spread(appraised.scorecard, rules)
    labels = {component: rules.label("components", component) for component in shares.index}
    told = "".join(
        words.say(
            "report.weights.alt_component",
            component=labels[component],
            nominal=f"{row['nominal']:.1%}",
            effective=f"{row['effective']:.1%}",
        )
        for component, row in shares.iterrows()
    )
    table = shares.rename(index=labels).reset_index(names="component")
    for share in ("nominal", "effective"):
        table[share] = table[share].map("{:.1%}".format)
    axes = charts.plot_component_spread(shares, labels=labels, lang=rules.lang)
    return layout.pieces(
        [
            layout.heading(words.say("report.weights.title")),
            layout.paragraph(words.say("report.weights.lead")),
            layout.chart(
                axes,
                alt=words.say("report.weights.alt", components=told),
                caption=words.say("report.weights.caption"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("report.weights.how"), narrative.deciding_component(appraised), kind="note"),
            layout.table(
                layout.headed(table, words.under("report.weights")),
                caption=words.say("report.weights.table"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("report.weights.note"), kind="note"),
        ]
    )


def decisions(appraised: Appraisal) -> Piece:
    """Each decision that needed a rule beyond the rank; those that only order departments of one tier are counted."""
    words = layout.words_of(appraised)
    ordering = _ordering(appraised)
    told = narrative.decision_sentences(
        appraised,
        [
            decision
            for decision in appraised.decisions
            if decision.code not in NOT_ALL_CLAUSES and decision not in ordering
        ],
    )
    if ordering:
        told.append(words.say("report.decisions.ordering_count", count=len(ordering)))
    return layout.pieces(
        [
            layout.heading(words.say("report.decisions.title")),
            layout.paragraph(words.say("report.decisions.lead")),
            layout.points(told or [words.say("decisions.none")]),
        ]
    )


def details_of_decisions(appraised: Appraisal) -> Piece:
    """Who met some clauses of admonition and not all, and which key ordered departments of one composite and tier."""
    words = layout.words_of(appraised)
    clauses = [decision for decision in appraised.decisions if decision.code in NOT_ALL_CLAUSES]
    parts = {"clauses": clauses, "ordering": _ordering(appraised)}
    return layout.pieces(
        layout.heading(words.say(f"report.decisions.{part}"), level=3)
        + layout.points(narrative.decision_sentences(appraised, those))
        for part, those in parts.items()
        if those
    )


def _ordering(appraised: Appraisal) -> list[Decision]:
    return [decision for decision in appraised.decisions if narrative.only_orders(decision, appraised)]
