"""The draft of the notice (通報): its paragraphs, in the structure of the notice on 2003, in words of our own.

Only facts of the year and of ``[notice]``; what the office has not said yet is a marked blank, never invented.
"""

from __future__ import annotations

from collections.abc import Iterator

from appraisal.analysis import coverage
from appraisal.reporting.imprint import Imprint
from appraisal.reporting.narrative import LISTED, lists_by_tier
from appraisal.reporting.typeset import Text, official_document
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Say, catalogue


def notice_document(appraised: Appraisal, imprint: Imprint) -> bytes:
    """Give the draft of the notice as a docx.

    Parameters
    ----------
    appraised : Appraisal
    imprint : Imprint
        Year, state and version; each page carries them.
    """
    words, say = catalogue(appraised.rules.lang), _say(appraised)
    return official_document(
        notice_paragraphs(appraised, imprint.state),
        title=say("title", title=appraised.rules.title),
        head="　".join(imprint.own_marks(words.lang)),
        page=words.phrases["notice.page"],
    )


def notice_paragraphs(appraised: Appraisal, state: str) -> list[Text]:
    """Write the notice.

    Parameters
    ----------
    appraised : Appraisal
    state : {"draft", "confirmed"}

    Returns
    -------
    list of Text
    """
    say, notice, title = _say(appraised), appraised.rules.notice, appraised.rules.title
    blank = say("blank")
    addressees = say("join_addressees").join(notice.addressees) or blank
    return [
        Text("title", say("title", title=title)),
        Text("number", notice.number or blank),
        Text("addressees", say("addressees", addressees=addressees)),
        Text("body", say(f"opening.{state}", title=title)),
        *_principles(appraised, say),
        *_conduct(appraised, say),
        *_rules(appraised, say),
        *_result(appraised, say),
        Text("body", ""),
        Text("signature", notice.issuer or blank),
        Text("signature", notice.date or blank),
    ]


def _say(appraised: Appraisal) -> Say:
    return catalogue(appraised.rules.lang).under("notice")


def _principles(appraised: Appraisal, say: Say) -> Iterator[Text]:
    rules = appraised.rules
    yield Text("heading", say("principles.title"))
    emphases = say("join_emphases").join(
        say("principles.emphasis", number=say(f"numbers.{number}") if number < 10 else number, emphasis=emphasis)
        for number, emphasis in enumerate(rules.notice.emphases, start=1)
    )
    sentences = [
        say(
            "principles.documents",
            year=rules.year,
            documents=say("join").join(rules.notice.documents) or say("blank"),
        ),
        say("principles.emphases", emphases=emphases or say("blank")),
    ]
    if "excellence" in rules.items:
        scales = [rules.label("items", item) for item in rules.items["excellence"]]
        sentences.append(
            say(
                "principles.scales",
                component=rules.label("components", "excellence"),
                scales=say("join").join(scales),
                count=len(scales),
            )
        )
    yield Text("body", "".join(sentences))


def _conduct(appraised: Appraisal, say: Say) -> Iterator[Text]:
    """What was done, counted from the year's tables."""
    rules, evidence = appraised.rules, appraised.evidence
    process, response = coverage.process_counts(appraised.year), coverage.social_response(appraised.year)
    groups = [rules.label("groups", group) for group in rules.groups]
    sources = [rules.label("sources", source) for source in rules.deductions.sources]
    label = {name: rules.label("components", name) for name in ("functional", "common")}
    yield Text("heading", say("conduct.title"))
    yield Text("body", say("conduct.steps"))
    yield Text(
        "body",
        say(
            "conduct.panels",
            groups=say("join").join(groups),
            count=len(groups),
            ballots=int(coverage.panel_coverage(appraised)["ballots"].sum()),
        )
        # A rule, not a count; where the roster has a head, it cannot be said to have been kept.
        + ("" if appraised.year.jurors["head"].any() else say("conduct.heads"))
        + say("conduct.leaders", ballots=evidence.leaders.ballots, functional=label["functional"]),
    )
    yield Text(
        "body",
        say(
            "conduct.inspections",
            rounds=rules.inspections.rounds,
            departments=process["departments"],
            inspected=process["inspected"],
            sources=say("join").join(sources),
            count=len(sources),
            common=label["common"],
        )
        + (say("conduct.spot_checks", spot_checks=process["spot_checks"]) if process["spot_checks"] else ""),
    )
    known = appraised.year.returned is not None
    yield Text(
        "body",
        say(
            "conduct.social",
            issued=response["issued"],
            returned=response["returned"] if known else say("blank"),
            rate=f"{response['rate']:.2%}" if known else say("blank"),
        ),
    )


def _rules(appraised: Appraisal, say: Say) -> Iterator[Text]:
    tiers, words = appraised.rules.tiers, catalogue(appraised.rules.lang)
    best = tiers.best.ranks[1]
    yield Text("heading", say("rules.title"))
    yield Text("body", say("rules.lead"))
    yield Text(
        "body",
        say(
            "rules.best_wildcard" if tiers.best.wildcards else "rules.best",
            last=best,
            next=best + 1,
            wildcards=tiers.best.wildcards,
            scale=words.say(f"decisions.scales.{tiers.best.wildcard_scale}"),
        ),
        lead=say("rules.best_head"),
    )
    for tier in ("advanced", "good"):
        window = getattr(tiers, tier)
        first, last = window.ranks
        yield Text(
            "body",
            say(f"rules.{tier}", share=f"{float(window.share) * 100:g}%", first=first, last=last),
            lead=say(f"rules.{tier}_head"),
        )
    clauses = "rules.admonished" if tiers.admonished.needs_problem else "rules.admonished_without_problem"
    yield Text("body", say(clauses), lead=say("rules.admonished_head"))
    yield Text("body", say("rules.ordinary"))


def _result(appraised: Appraisal, say: Say) -> Iterator[Text]:
    lists, names = lists_by_tier(appraised), appraised.scorecard["name"]
    yield Text("heading", say("result.title"))
    for tier in LISTED:
        yield Text("body", _names(lists[tier], tier, say), lead=say(f"result.{tier}_head"))
        if tier == "best":
            for decision in appraised.decisions:
                if decision.code == "withdrew":
                    facts = {key: decision.facts[key] or say("blank") for key in ("reason", "approved_by")}
                    department = names[decision.departments[0]]
                    yield Text("body", say("result.withdrew", department=department, **facts))
    for decision in appraised.decisions:
        if decision.code == "open":
            tier = catalogue(appraised.rules.lang).say(f"report.tiers.{decision.facts['tier']}")
            yield Text("body", say("result.open", tier=tier, count=decision.facts["count"]))
    yield Text("body", say("result.ordinary", count=len(lists["ordinary"])))
    outside = names[appraised.scorecard["rank"].isna()]
    if len(outside):
        yield Text("body", say("result.outside", names=say("join").join(outside)))


def _names(names: list[str], tier: str, say: Say) -> str:
    if not names:
        return say("result.none")
    # One admonished department is named as the notice names it, without a count.
    if tier == "admonished" and len(names) == 1:
        return say("result.name", department=names[0])
    return say("result.names", names=say("join").join(names), count=len(names))
