"""The section that tells three things apart: the share of resamples, unlimited raters, a new panel; and their trial."""

from __future__ import annotations

import numpy as np
import pandas as pd

from appraisal.analysis import calibration
from appraisal.analysis.calibration import Calibration
from appraisal.analysis.coverage import panel_coverage
from appraisal.analysis.repeatability import Repeats, line_chances, tier_chances
from appraisal.analysis.resampling import Resamples, line_share, tier_share
from appraisal.reporting import layout, narrative
from appraisal.reporting.layout import Piece
from appraisal.rulebook import TIERS
from appraisal.scoring.appraise import Appraisal
from appraisal.words import Words

# A chance of a new panel is told no finer than this.
STEP = 0.05


def repeatability(appraised: Appraisal, resamples: Resamples, repeats: Repeats) -> Piece:
    """What the three are, how many departments of each tier they let stand, each line, each department, the trial."""
    words = layout.words_of(appraised)
    sizes = {"draws": repeats.draws, "seed": repeats.seed}
    chances = tier_chances(appraised, repeats).assign(share=tier_share(appraised, resamples)["tier_share"])
    return layout.pieces(
        [
            layout.heading(words.say("repeatability.title"), level=3),
            layout.paragraph(words.say("repeatability.lead"), kind="lead"),
            layout.points(words.say(f"repeatability.{name}_is") for name in ("share", "unlimited", "anew")),
            layout.paragraph(words.say("repeatability.model", **sizes), kind="note"),
            _by_tier(appraised, chances, words),
            _by_line(appraised, resamples, repeats, words),
            *_by_department(appraised, chances, words),
            checked(appraised),
        ]
    )


def checked(appraised: Appraisal, record: Calibration | None = None) -> Piece:
    """How often what is said came true where the truth is known: the year's like, and every world that falls short.

    Parameters
    ----------
    appraised : Appraisal
    record : Calibration, optional
        Else the figures on record.
    """
    record, words = record or calibration.recorded(), layout.words_of(appraised)
    nearest = calibration.nearest_setting(record, int(panel_coverage(appraised)["ballots"].min()))
    short = calibration.short_settings(record)
    others = short or [calibration.worst_setting(record, "anew")]
    how = words.say(
        "repeatability.checked.how",
        day=record.day,
        years=record.years,
        error=f"{calibration.MOST_ERROR:.0%}",
        off=f"{calibration.MOST_OFF:.0%}",
        least=calibration.LEAST,
        others=words.say(f"repeatability.checked.{'short' if short else 'worst'}"),
    )
    return layout.pieces(
        [
            layout.heading(words.say("repeatability.checked.title"), level=4),
            layout.paragraph(how),
            layout.table(
                _trial(record, list(dict.fromkeys([nearest, *others])), words),
                caption=words.say("repeatability.checked.caption"),
                synthetic=True,
                lang=appraised.rules.lang,
            ),
            layout.paragraph(_intervals(record, nearest, words), *_sets(record, nearest, words)),
        ]
    )


def _to_step(chance: float, words: Words) -> str:
    """A chance no finer than `STEP`, and never certain."""
    steps = round(chance / STEP)
    if steps in (0, round(1 / STEP)):
        return words.say(f"repeatability.departments.{'most' if steps else 'least'}")
    return f"{steps * STEP:.0%}"


def _by_tier(appraised: Appraisal, chances: pd.DataFrame, words: Words) -> Piece:
    by_tier = chances.groupby(appraised.scorecard.loc[chances.index, "rule_tier"])
    tiers = [tier for tier in TIERS if tier in by_tier.groups]
    rows = [(words.say(f"charts.tiers.{tier}"), by_tier.get_group(tier)) for tier in tiers]
    shown = pd.DataFrame(
        [
            (
                label,
                len(own),
                f"{own['share'].mean():.0%}",
                f"{own['unlimited'].sum():.1f}",
                f"{own['anew'].sum():.1f}",
            )
            for label, own in [*rows, (words.say("repeatability.tiers.all"), chances)]
        ],
        columns=["tier", "departments", "share_mean", "unlimited_count", "anew_count"],
    )
    return layout.table(
        layout.headed(shown, words.under("repeatability.head")),
        caption=words.say("repeatability.tiers.caption"),
        lines_after=(len(tiers),),
        **layout.look(appraised),
    )


def _by_line(appraised: Appraisal, resamples: Resamples, repeats: Repeats, words: Words) -> Piece:
    found = line_chances(appraised, repeats)
    head = words.under("repeatability.head")
    shown = pd.DataFrame(
        {
            "line": [narrative.line_name(line, appraised.rules) for line in found.itertuples()],
            "gap": [
                narrative.gap_on_scale(line.gap, line.scale, appraised.rules.rounding.digits, words)
                for line in found.itertuples()
            ],
            "share": line_share(appraised, resamples)["share"].map("{:.0%}".format),
            "anew": [_to_step(chance, words) for chance in found["anew"]],
        }
    )
    return layout.table(
        layout.headed(shown, head),
        caption=words.say("repeatability.lines.caption"),
        numbers=[head("gap")],
        **layout.look(appraised),
    )


def _by_department(appraised: Appraisal, chances: pd.DataFrame, words: Words) -> list[Piece]:
    """A table a group, by rank."""
    rules, tiers = appraised.rules, layout.tier_labels(words)
    scorecard = appraised.scorecard.loc[chances.index, ["name", "group", "rank", "rule_tier"]]
    shown = scorecard.join(chances, validate="one_to_one").sort_values("rank", kind="stable")
    tables = []
    for group in rules.groups:
        own = shown[shown["group"] == group]
        table = pd.DataFrame(
            {
                "rank": own["rank"],
                "name": own["name"],
                "tier": own["rule_tier"],
                "share": own["share"].map("{:.0%}".format),
                "anew": [_to_step(chance, words) for chance in own["anew"]],
            }
        )
        tables.append(
            layout.table(
                layout.headed(table, words.under("repeatability.head")),
                caption=words.say("repeatability.departments.caption", group=rules.label("groups", group)),
                badges={words.say("repeatability.head.tier"): tiers},
                **layout.look(appraised),
            )
        )
    return tables


def world_name(record: Calibration, setting: str, words: Words) -> str:
    """Name a setting of the trial: by its number of jurors where only that differs, else by what is odd in it."""
    row = record.coverage.set_index("setting").loc[setting]
    return words.say(f"repeatability.worlds.{'jurors' if row['model'] else setting}", jurors=row["jurors"])


def _trial(record: Calibration, settings: list[str], words: Words) -> pd.DataFrame:
    """What was said and what came true in some settings, of tiers."""
    table = record.reliability.query("kind == 'tier'").set_index(["setting", "said", "truth"])
    rows = [
        (setting, said, table.loc[(setting, said, truth)])
        for setting in settings
        for said, truth in (("unlimited", "unlimited"), ("anew", "anew"), ("share", "anew"))
    ]
    shown = pd.DataFrame(
        {
            "world": [world_name(record, setting, words) for setting, _said, _row in rows],
            "said": [words.say(f"repeatability.checked.{said}") for _setting, said, _row in rows],
            "cases": [int(row["cases"]) for _setting, _said, row in rows],
            "mean": [f"{row['mean']:.0%}" for _setting, _said, row in rows],
            "came_true": [f"{row['came_true']:.0%}" for _setting, _said, row in rows],
            "error": [f"{row['error']:.1%}" for _setting, _said, row in rows],
            "off": [_bin(row, words) for _setting, _said, row in rows],
        }
    )
    return layout.headed(shown, words.under("repeatability.checked"))


def _bin(row: pd.Series, words: Words) -> str:
    if not row["worst_cases"]:
        return words.say("repeatability.checked.no_bin")
    return f"{row['worst']:.1%}"


def _intervals(record: Calibration, nearest: str, words: Words) -> str:
    """What the rank intervals of resamples hold, which small panels make too short."""
    coverage = record.coverage.set_index("setting")
    lowest, jurors = str(coverage["intervals"].idxmin()), int(coverage.loc[nearest, "jurors"])
    return words.say(
        "repeatability.checked.intervals",
        level=f"{calibration.COVERAGE:.0%}",
        share=f"{coverage.loc[nearest, 'intervals']:.1%}",
        lowest=f"{coverage.loc[lowest, 'intervals']:.1%}",
        world=world_name(record, lowest, words),
        ratio=f"{jurors - 1}/{jurors}",
    )


def _sets(record: Calibration, nearest: str, words: Words) -> list[str]:
    """What the simultaneous rank sets hold, and where less than they should beyond what chance explains."""
    coverage, level = record.coverage.set_index("setting"), f"{calibration.COVERAGE:.0%}"

    def held(setting: str) -> dict[str, str]:
        return {name: f"{coverage.loc[setting, name]:.1%}" for name in ("equal", "spread")}

    # Two standard errors of a share of so many years.
    chance = 2 * np.sqrt(calibration.COVERAGE * (1 - calibration.COVERAGE) / coverage["years"])
    said = [words.say("repeatability.checked.sets", level=level, error=f"{100 * chance[nearest]:.0f}", **held(nearest))]
    short = coverage.index[coverage[["equal", "spread"]].min(axis=1) < calibration.COVERAGE - chance]
    if len(short):
        worlds = words.say("office.join").join(
            words.say("repeatability.checked.sets_short_one", world=world_name(record, setting, words), **held(setting))
            for setting in short
        )
        said.append(words.say("repeatability.checked.sets_short", level=level, worlds=worlds))
    return said
