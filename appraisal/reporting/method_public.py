"""The two pages that may be handed out: six questions of a critic, answered with figures and without a department."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from appraisal.analysis import calibration
from appraisal.analysis.agreement import panel_agreement
from appraisal.analysis.bands import one_step_changes, share_deciding
from appraisal.analysis.coverage import panel_coverage, process_counts, social_response
from appraisal.analysis.flags import Flags
from appraisal.analysis.groups import severity_adjusted, wildcard_scales
from appraisal.analysis.margins import inside_groups
from appraisal.analysis.noise import composite_noise
from appraisal.analysis.nonresponse import missing_forms, non_response
from appraisal.analysis.process import homeless
from appraisal.analysis.repeatability import Repeats, tier_chances
from appraisal.analysis.resampling import STEADINESS, Resamples, line_share, steadiness
from appraisal.analysis.rulebooks import sweep_rulebooks, tiers_kept
from appraisal.analysis.spot_checks import wrong_items_bound
from appraisal.analysis.spread import component_spread
from appraisal.analysis.weight_changes import weight_flips
from appraisal.analysis.weights import ENVELOPE, acceptability
from appraisal.reporting import layout
from appraisal.reporting.layout import Piece
from appraisal.reporting.method import share
from appraisal.reporting.repeatability import STEP, world_name
from appraisal.reporting.rule_words import listed_rules, source_of
from appraisal.reporting.sensitivity_charts import points_moved
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Say

# Of the bound on bands that differ, and of the other weights under which a tier stays.
LEVEL = 0.95
# What all members of a panel share, on trial.
SHARED = "agreed"
FORM_TESTS = ("straight_lines", "near_duplicates")
RECUSALS = ("recusal_head", "recusal_home", "recusal_outside")


def _say(appraised: Appraisal) -> Say:
    return layout.words_of(appraised).under("method_public")


def _section(title: str, *paragraphs: list[str]) -> Piece:
    """Head a question, and answer it."""
    return layout.pieces([layout.heading(title), *(layout.paragraph(*said) for said in paragraphs if said)])


def _span(values: pd.Series, say: Say, form: str = "{:.2f}") -> str:
    low, high = form.format(values.min()), form.format(values.max())
    return low if low == high else say("span", low=low, high=high)


def opening(appraised: Appraisal) -> Piece:
    """What the two pages are."""
    say = _say(appraised)
    made_up = [say("synthetic")] if appraised.rules.synthetic else []
    return layout.paragraph(say("lead", day=calibration.recorded().day), *made_up, kind="handout")


def jurors(appraised: Appraisal, resamples: Resamples, repeats: Repeats, flags: Flags) -> Piece:
    """Are so many jurors enough: to tell departments apart, and to hold a line."""
    say = _say(appraised)
    ballots = panel_coverage(appraised)["ballots"]
    agreed = panel_agreement(appraised, flags.settings).dropna(subset="enough")
    if agreed.empty:
        said = [say("jurors.untested")]
    else:
        reliability = {scale: _span(own["3,k"], say) for scale, own in agreed.groupby("scale")}
        bands = agreed[agreed["scale"] == "bands"]
        enough = _span(bands["enough"], say, "{}")
        said = [say("jurors.reliability", wanted=flags.settings.reliability, enough=enough, **reliability)]
        said.append(say(f"jurors.{'enough' if (bands['enough'] <= bands['jurors']).all() else 'short'}"))
    record = calibration.recorded()
    tried = _tried(calibration.nearest_setting(record, int(ballots.min())))
    called = line_share(appraised, resamples)["share"].map(steadiness)
    counts = {word: int((called == word).sum()) for word in ("firm", "fair", "edge")}
    limits = {f"{word}_limit": share(least) for word, least in STEADINESS.items()}
    anew = share(STEP * round(tier_chances(appraised, repeats)["anew"].mean() / STEP))
    values = counts | limits | tried | {"anew": anew, "lines": len(called), "draws": f"{resamples.draws:,}"}
    return _section(say("jurors.title", jurors=_span(ballots, say, "{}")), said, [say("jurors.lines", **values)])


def _tried(setting: str) -> dict[str, str]:
    """Mean chance of new raters that was said in a world of known truth, and what came true."""
    table = calibration.recorded().reliability
    own = table[(table["setting"] == setting) & (table["kind"] == "tier") & (table["said"] == table["truth"])]
    row = own.set_index("said").loc["anew"]
    return {"said": share(row["mean"]), "came": share(row["came_true"])}


def talked(appraised: Appraisal, flags: Flags) -> Piece:
    """They discussed with one another: what bands decide, what shared error would do, what was read again."""
    say, words = _say(appraised), layout.words_of(appraised)
    changes = one_step_changes(appraised)
    record = calibration.recorded()
    held = record.coverage.set_index("setting").loc[SHARED, "equal"]
    trial = {"world": world_name(record, SHARED, words), "level": share(calibration.COVERAGE), "held": share(held)}
    bands = say("talked.bands", changes=f"{len(changes):,}", share=share(share_deciding(changes)))
    shared = say("talked.shared", **trial, **_tried(SHARED))
    said = []
    sample = wrong_items_bound(appraised, LEVEL)
    if sample.loc["items", "sampled"]:
        items = sample.loc["items", ["wrong", "whole", "bound"]].astype(int).rename({"wrong": "differ"})
        read = {"items": int(sample.loc["items", "sampled"]), "departments": int(sample.loc["departments", "sampled"])}
        said.append(say("talked.sample", level=share(LEVEL), **items, **read))
    if len(appraised.year.jurors):
        compared = len(appraised.year.jurors) - (without := len(homeless(appraised.year)))
        found = int(flags.families["found"].reindex(RECUSALS).sum())
        said += [say("talked.recusal", jurors=compared, recusal=found)] if compared else []
        said += [say("talked.no_home", without=without)] if without else []
        said.append(say("talked.unjoined"))
    return layout.pieces([_section(say("talked.title"), [bands], [shared]), _trial(appraised), layout.paragraph(*said)])


def _trial(appraised: Appraisal) -> Piece:
    """Every world of known truth: what was said of new raters and what came true, and whether rank sets held."""
    say, words, record = _say(appraised), layout.words_of(appraised), calibration.recorded()
    rows = pd.DataFrame(
        [
            {
                "world": world_name(record, str(row.setting), words),
                **_tried(str(row.setting)),
                "equal": share(row.equal),
                "spread": share(row.spread),
            }
            for row in record.coverage.itertuples()
        ]
    )
    heads = {name: say(f"trial.{name}") for name in rows}
    numbers = [heads[name] for name in rows if name != "world"]
    level, lang = calibration.COVERAGE, appraised.rules.lang
    error = f"{100 * (level * (1 - level) / record.years) ** 0.5:.0f}"
    return layout.table(
        rows.rename(columns=heads), caption=say("trial.caption"), synthetic=True, numbers=numbers, lang=lang
    ) + layout.paragraph(say("trial.note", level=share(level), years=record.years, error=error), kind="note")


def forms(appraised: Appraisal, flags: Flags) -> Piece:
    """Who got the forms: what is known of it, and what those that did not come back could do."""
    say, year = _say(appraised), appraised.year
    response = social_response(year)
    left_out = response["left_out"] / max(response["valid"] + response["left_out"], 1)
    shares = {"rate": share(response["rate"]), "left_out": share(left_out)}
    who, said = _who(appraised, say, **response | shares), []
    if missing := missing_forms(year):
        found = non_response(appraised)
        turned = {
            "flips": int(found.lines["flips"].sum()),
            "within": int((found.lines["tipping"] <= found.lines["as_many_high"]).sum()),
        }
        part = min(missing, found.returned // 2)
        said.append(say("forms.missing", missing=missing, lines=len(found.lines), part=part, **turned))
    sources = composite_noise(appraised).sources
    error = sources.loc[sources["source"] == "social", "difference"].mean()
    said.append(say("forms.error", weight=f"{float(appraised.rules.weights['social']):g}", error=f"{error:.2f}"))
    if (tested := flags.families["found"].reindex(FORM_TESTS)).notna().any():
        said.append(say("forms.tests", found=int(tested.sum())))
    return _section(say("forms.title", issued=response["issued"]), [who], said)


def _who(appraised: Appraisal, say: Say, **response: object) -> str:
    if appraised.year.returned is None:
        return say("forms.unknown", **response)
    said = say("forms.who", **response)
    return said if missing_forms(appraised.year) else said + say("forms.all_returned")


def panels(appraised: Appraisal, flags: Flags) -> Piece:
    """Why panels are compared at all: how little of it there is, and how severe they are against each other."""
    say, rules = _say(appraised), appraised.rules
    first = appraised.placement.first
    wildcards = int(appraised.placement.wildcard.sum())
    seats = {"best": int(first.sum()), "own": int(first.sum()) - wildcards, "wildcards": wildcards}
    within = [say("panels.within", **seats) if wildcards else say("panels.none")]
    within += [say("panels.order")] if rules.notice.order == "composite" else []
    said = []
    severity = flags.families.loc["panel_severity"]
    if pd.notna(severity["smallest"]):
        smallest = f"{severity['smallest']:.1f}"
        said.append(say("panels.severity", panels=len(rules.groups), found=severity["found"], smallest=smallest))
    if wildcards:
        scales = wildcard_scales(appraised)
        winners = scales[scales["seat"]].groupby("scale")["department"].agg(frozenset)
        said.append(say(f"panels.{'same' if len(set(winners)) == 1 else 'other'}"))
    said.append(say("panels.adjusted", moved=int(severity_adjusted(appraised)["moved"].sum())))
    said.append(say("panels.unknowable"))
    return _section(say("panels.title", panels=len(rules.groups)), within, said)


def weights(appraised: Appraisal, draws: int) -> Piece:
    """Why these weights: where they come from, and what others would change."""
    say, rules = _say(appraised), appraised.rules
    join = say("join")
    listed = [
        say("weights.one", source=rules.label("components", name), points=f"{float(points):g}")
        for name, points in rules.weights.items()
    ]
    published = [
        say("weights.range", source=rules.label("components", name), low=f"{low:g}", high=f"{high:g}")
        for name, (low, high) in ENVELOPE.items()
    ]
    kind, basis = source_of(rules.basis_of("weights"))
    now = say("weights.now", weights=join.join(listed), total=f"{float(sum(rules.weights.values())):g}")
    origin = say(f"weights.{'assumed' if kind == 'assumed' else 'said'}", envelope=join.join(published), basis=basis)
    others = [*_other_weights(appraised, draws, say), say("weights.choice")]
    return _section(say("weights.title"), [now, origin], others)


def _other_weights(appraised: Appraisal, draws: int, say: Say) -> Iterator[str]:
    kept = acceptability(appraised, draws, seed=appraised.rules.seed).loc["envelope", "kept"]
    always = int((kept >= LEVEL).sum())
    values = {
        "draws": f"{draws:,}",
        "of": len(kept),
        "always": always,
        "steady": share(LEVEL),
        "kept": share(kept.mean()),
    }
    yield say("weights.other", **values)
    change = inside_groups(weight_flips(appraised).lines)["change"].dropna()
    level, moved = int((change == 0).sum()), change[change > 0]
    if level:
        yield say("weights.level", level=level, lines=len(change))
    if len(moved):
        least, middle = (points_moved(points, 1) for points in (moved.min(), moved.median()))
        yield say(f"weights.{'least_other' if level else 'least'}", least=least, middle=middle)
    table = component_spread(appraised.scorecard, appraised.rules)
    furthest = table["effective"].sub(table["nominal"]).abs().idxmax()
    own = {name: share(table.loc[furthest, name]) for name in ("nominal", "effective")}
    yield say("weights.effect", component=appraised.rules.label("components", str(furthest)), **own)
    sweep = sweep_rulebooks(appraised)
    if sweep.questions:
        tiers = tiers_kept(sweep)
        same = int((tiers["kept"] == tiers["of"]).sum())
        yield say("weights.rulebooks", questions=len(sweep.questions), count=f"{len(sweep.rulebooks):,}", kept=same)


def unseen(appraised: Appraisal, flags: Flags) -> Piece:
    """What none of this can see."""
    say, record = _say(appraised), calibration.recorded()
    process = process_counts(appraised.year)
    sources = [source_of(basis)[0] for _key, _value, basis in listed_rules(appraised.rules)]
    looked = flags.families[["comparisons", "found", "by_chance"]].sum()
    sizes = {name: f"{int(looked[name]):,}" for name in ("comparisons", "found")}
    sizes |= {"by_chance": f"{looked['by_chance']:.1f}", "families": str(len(flags.families))}
    smallest = flags.families["smallest"].get("severity", float("nan"))
    small = "small" if pd.notna(smallest) else "small_untested"
    worst = record.reliability[record.reliability["setting"] == calibration.worst_setting(record, "anew")]
    worst = worst[(worst["kind"] == "tier") & (worst["said"] == "anew")]
    said = [
        say("unseen.work"),
        say("unseen.targets"),
        say("unseen.shared"),
        say("unseen.unreported", deductions=process["deductions"], verified=process["verified"]),
        say(f"unseen.{small}", severity=share(smallest), power=share(flags.settings.power), **sizes),
        say("unseen.assumed", total=len(sources), assumed=sources.count("assumed")),
        say(
            "unseen.worlds",
            settings=len(record.coverage),
            years=record.years,
            error=share(worst["error"].iloc[0]),
        ),
    ]
    closing = layout.paragraph(say("closing"), kind="note")
    return layout.pieces([layout.heading(say("unseen.title")), layout.points(said), closing])
