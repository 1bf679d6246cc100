"""The sections of a rulebook: what each key may say, section by section."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from appraisal.words import LANGUAGES

# Far beyond any score; without a bound a slip such as 1e999999999 would be added up.
LARGEST, FINEST = 9, 12


def _number(value: object) -> Decimal:
    """TOML knows numbers; a text or a truth value that pydantic would convert is a slip of the writer."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number", "a number")
    number = Decimal(value)
    if number.is_finite() and (number.adjusted() >= LARGEST or -int(number.as_tuple().exponent) > FINEST):
        raise PydanticCustomError("number", f"a number below 10^{LARGEST} with at most {FINEST} decimals")
    return number


def _window(ranks: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= ranks[0] <= ranks[1]:
        raise PydanticCustomError("window", "two ranks, the better one first, from 1")
    return ranks


def _add_up(weights: dict[str, Decimal]) -> dict[str, Decimal]:
    if (total := sum(weights.values())) != 100:
        raise PydanticCustomError("weights", "", {"total": f"{total:f}"})
    return weights


def _apart(bands: dict[str, tuple[Decimal, Decimal]]) -> dict[str, tuple[Decimal, Decimal]]:
    for band, (low, high) in bands.items():
        if not 0 <= low < high <= 1:
            raise PydanticCustomError("band", "", {"band": band, "low": f"{low:f}", "high": f"{high:f}"})
    for (lower, (_, end)), (upper, (start, _)) in pairwise(sorted(bands.items(), key=lambda item: item[1])):
        if start < end:
            raise PydanticCustomError(
                "overlap", "", {"lower": lower, "upper": upper, "start": f"{start:f}", "end": f"{end:f}"}
            )
    return bands


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise PydanticCustomError("language", ", ".join(LANGUAGES))
    return lang


def _distinct(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(codes)) < len(codes):
        raise PydanticCustomError("distinct", "each entry once")
    return codes


def shown_value(value: object) -> str:
    """Give what a key says, or its beginning, as a message repeats it."""
    try:
        text = str(value) if isinstance(value, Decimal) else repr(value)
    except RecursionError:  # thousands of tables inside each other
        return "…"
    return text if len(text) <= 60 else text[:57] + "…"


Number = Annotated[Decimal, BeforeValidator(_number)]
Share = Annotated[Number, Field(ge=0, le=1)]
Ranks = Annotated[tuple[int, int], AfterValidator(_window)]
Codes = Annotated[tuple[str, ...], AfterValidator(_distinct)]
NonEmpty = Annotated[str, Field(min_length=1)]
Weights = Annotated[dict[str, Annotated[Number, Field(ge=0)]], AfterValidator(_add_up)]
Items = dict[str, Annotated[dict[str, Annotated[Number, Field(gt=0)]], Field(min_length=1)]]
Bands = Annotated[dict[str, tuple[Number, Number]], Field(min_length=1), AfterValidator(_apart)]
Language = Annotated[str, AfterValidator(_language)]


class Section(BaseModel):
    """A frozen table of the rulebook that knows all its keys."""

    # Lax only so that a TOML array is a tuple; numbers and truth values are held strict one by one.
    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(Section):
    """Words that readers see, code by code."""

    components: dict[str, NonEmpty]
    items: dict[str, NonEmpty]
    bands: dict[str, NonEmpty]
    sources: dict[str, NonEmpty]


class Translation(Section):
    """Words of the rulebook in another language, as far as they are given."""

    title: str = ""
    groups: dict[str, NonEmpty] = Field(default_factory=dict)
    components: dict[str, NonEmpty] = Field(default_factory=dict)
    items: dict[str, NonEmpty] = Field(default_factory=dict)
    bands: dict[str, NonEmpty] = Field(default_factory=dict)
    sources: dict[str, NonEmpty] = Field(default_factory=dict)
    ratings: dict[str, NonEmpty] = Field(default_factory=dict)
    basis: dict[str, NonEmpty] = Field(default_factory=dict)


class Competition(Section):
    """Who is appraised and not ranked."""

    outside: Codes


class Panel(Section):
    """How one list of ballots becomes one score."""

    statistic: Literal["mean", "median", "trimmed_mean"]
    trim: Annotated[int, Field(ge=0, strict=True)]
    min_ballots: Annotated[int, Field(ge=1, strict=True)]


class Social(Section):
    """The questionnaire: forms, answers and their points out of 100."""

    issued: Annotated[int, Field(ge=1, strict=True)]
    returned: Annotated[int, Field(ge=0, strict=True)] | None = None
    warn_response: Share
    left_out: Codes
    points: Annotated[dict[NonEmpty, Annotated[Number, Field(ge=0, le=100)]], Field(min_length=1)]

    @property
    def scale(self) -> list[str]:
        """Answers that count, the best first."""
        return sorted(self.points, key=self.points.__getitem__, reverse=True)

    @property
    def answers(self) -> list[str]:
        """All that a form can say, blank aside: the scale, then what counts for nothing."""
        return [*self.scale, *(rating for rating in self.left_out if rating)]


class Deductions(Section):
    """Where points may be deducted from, and how far down."""

    sources: Annotated[Codes, Field(min_length=1)]
    floor: Annotated[Number, Field(ge=0)]


class Inspections(Section):
    """Rounds that cover every department."""

    rounds: Annotated[int, Field(ge=0, strict=True)]


class SpotChecks(Section):
    """The supervision group's sample, as a share of each group's departments."""

    share: Share


class Rounding(Section):
    """The one rounding, before ranking."""

    digits: Annotated[int, Field(ge=0, le=4, strict=True)]
    mode: Literal["half_up", "half_even"]


class Ties(Section):
    """The chain of keys that settles equal composites."""

    keys: Codes


class Best(Section):
    """Window, wildcards and back-fill of the tier best."""

    ranks: Ranks
    wildcards: Annotated[int, Field(ge=0, strict=True)]
    wildcard_scale: Literal["raw", "z", "anchored"]
    backfill: Literal["within_group", "next_fourth", "highest_remaining", "none"]


class Window(Section):
    """A tier that is a window of ranks and a share of all in competition."""

    ranks: Ranks
    share: Share


class Admonished(Section):
    """The three clauses of admonition."""

    rear: Share
    needs_problem: Annotated[bool, Field(strict=True)]
    bar: Annotated[bool, Field(strict=True)]


class Tiers(Section):
    """How ranks become tiers."""

    on_quota_mismatch: Literal["stop", "cut", "keep_pool"]
    best: Best
    advanced: Window
    good: Window
    admonished: Admonished

    @property
    def windows(self) -> dict[str, tuple[int, int]]:
        """First and last rank of each tier that is a window of ranks, the best first."""
        return {"best": self.best.ranks, "advanced": self.advanced.ranks, "good": self.good.ranks}


class Notice(Section):
    """What the draft notice says beside the result."""

    order: Literal["composite", "group"] = "composite"
    number: str = ""
    issuer: str = ""
    date: str = ""
    addressees: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    emphases: tuple[str, ...] = ()
