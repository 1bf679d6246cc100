"""The sections that say what the result rests on: what came in, the rules in force, where everything came from."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from appraisal import __version__
from appraisal.analysis import coverage
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.rule_words import listed_rules, rule_name, rule_value, source_of
from appraisal.rulebook import Rulebook
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words, catalogue

LIBRARIES = ("pandas", "numpy", "scipy", "matplotlib", "papermill", "nbconvert", "pydantic")


def response(appraised: Appraisal) -> Piece:
    """What came in, of what should have."""
    # Here and not above: the table of the rules goes into a workbook, too, where nothing is drawn.
    from appraisal.reporting import charts

    words, rules = layout.words_of(appraised), appraised.rules
    labels = layout.group_labels(rules)
    answers = coverage.social_answers(appraised.year).rename(columns=lambda rating: rules.label("ratings", rating))
    panel = coverage.panel_coverage(appraised).rename(index=labels).reset_index(names="group")
    panel["share"] = panel["share"].map("{:.1%}".format)
    return layout.pieces(
        [
            layout.heading(words.say("report.response.title")),
            layout.points(_what_came_in(appraised)),
            layout.chart(
                charts.plot_response(answers, labels=labels, lang=rules.lang),
                alt=words.say("report.response.answers_alt", groups=_answers_told(answers, labels, words)),
                caption=words.say("report.response.answers"),
                **layout.look(appraised),
            ),
            layout.paragraph(words.say("report.response.how"), _most_satisfied(answers, labels, words), kind="note"),
            layout.table(
                layout.headed(panel, words.under("report.response")),
                caption=words.say("report.response.panel"),
                **layout.look(appraised),
            ),
        ]
    )


def _what_came_in(appraised: Appraisal) -> Iterator[str]:
    words, rules, year = layout.words_of(appraised), appraised.rules, appraised.year
    social, process = coverage.social_response(year), coverage.process_counts(year)
    yield words.say("report.response.social", **social | {"rate": f"{social['rate']:.2%}"})
    if social["rate"] < rules.social.warn_response:
        yield words.say("report.response.low", limit=f"{rules.social.warn_response:.0%}")
    yield words.say("report.response.leaders", ballots=appraised.evidence.leaders.ballots)
    yield words.say(f"report.response.{coverage.how_inspected(process)}", rounds=rules.inspections.rounds, **process)
    for part in ("deductions", "problems", "spot_checks", "queries"):
        yield words.say(f"report.response.{part if process[part] else f'no_{part}'}", **process)
    if process["appeals"]:
        yield words.say("report.response.appeals", **process)


def _answers_told(answers: pd.DataFrame, labels: Mapping[str, str], words: Words) -> str:
    return "".join(
        words.say(
            "report.response.answers_group",
            group=labels[str(group)],
            ratings=words.say("report.join").join(
                words.say("report.response.answers_rating", rating=rating, share=f"{share:.0%}")
                for rating, share in row.items()
            ),
        )
        for group, row in answers.iterrows()
    )


def _most_satisfied(answers: pd.DataFrame, labels: Mapping[str, str], words: Words) -> str:
    best = answers.columns[0]
    group = answers[best].idxmax()
    share = f"{answers.loc[group, best]:.0%}"
    return words.say("report.response.most", group=labels[str(group)], rating=best, share=share)


def rules_in_force(appraised: Appraisal) -> Piece:
    """Every rule, and whether the notice says it, the leading group decided it or we assumed it."""
    words, rules = layout.words_of(appraised), appraised.rules
    sources = [source_of(basis)[0] for _key, _value, basis in listed_rules(rules)]
    decided = sources.count("decided")
    told = [words.say("report.rules.counts_decided", decided=decided)] if decided else []
    return layout.pieces(
        [
            layout.heading(words.say("report.rules.title")),
            layout.paragraph(words.say("report.rules.lead")),
            layout.paragraph(
                words.say(
                    "report.rules.counts",
                    total=len(sources),
                    notice=sources.count("notice"),
                    assumed=sources.count("assumed"),
                ),
                *told,
            ),
            layout.table(
                rules_table(rules), caption=words.say("report.rules.caption"), synthetic=False, lang=rules.lang
            ),
        ]
    )


def rules_table(rules: Rulebook) -> pd.DataFrame:
    """Every rule of a rulebook with its name, its value, its source and its basis, in the words of its language."""
    words = catalogue(rules.lang)
    rows = pd.DataFrame(
        [
            (rule_name(key, rules), rule_value(key, value, rules), *source_of(basis))
            for key, value, basis in listed_rules(rules)
        ],
        columns=["key", "value", "source", "basis"],
    )
    rows["source"] = rows["source"].map(lambda source: words.say(f"report.rules.{source}"))
    return layout.headed(rows, words.under("report.rules"))


def provenance(appraised: Appraisal) -> Piece:
    """Digests of the inputs, versions and the seed: what gives this very page again."""
    words, year = layout.words_of(appraised), appraised.year
    libraries = words.say("report.join").join(f"{name} {version(name)}" for name in LIBRARIES)
    facts = {
        "data": words.say(f"report.provenance.{appraised.rules.data}"),
        "seed": str(appraised.rules.seed),
        "package": __version__,
        "python": platform.python_version(),
        "libraries": libraries,
    }
    digests = pd.DataFrame(_digests(year.files), columns=["file", "digest"])
    pieces = [
        layout.heading(words.say("report.provenance.title")),
        layout.paragraph(words.say("report.provenance.lead")),
        layout.details({words.say(f"report.provenance.{name}"): fact for name, fact in facts.items()}),
        layout.table(
            layout.headed(digests, words.under("report.provenance")),
            caption=words.say("report.provenance.inputs"),
            synthetic=False,
            lang=appraised.rules.lang,
        ),
    ]
    for kind in ("warning", "read_as"):
        remarks = [remark.say(appraised.rules.lang) for remark in year.remarks if remark.kind == kind]
        if remarks:
            pieces += [layout.heading(words.say(f"report.provenance.{kind}"), level=3), layout.points(remarks)]
    return layout.pieces(pieces)


def _digests(files: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    for path in files:
        with path.open("rb") as file:
            yield path.name, hashlib.file_digest(file, "sha256").hexdigest()
