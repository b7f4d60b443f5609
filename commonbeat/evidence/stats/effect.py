"""What a design found: the estimate with everything that a reader needs to judge it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from .phrase import N_, Phrase, Translate, Value, as_written
from .refusal import Refusal

if TYPE_CHECKING:
    import altair

Interval: TypeAlias = tuple[float, float]


class Scale(StrEnum):
    """What an estimate is counted in."""

    RATIO = "ratio"
    """Rate with the programme divided by the rate expected without it; 1 is no difference."""
    DIFFERENCE = "difference"
    """With minus without, in units of the outcome; 0 is no difference."""
    POINTS = "points"
    """With minus without, of a share of people, in percentage points."""
    SCORE = "score"
    """With minus without, of a mean answer, in points of its scale."""

    @property
    def nothing(self) -> float:
        """The value that means “no difference”."""
        return 1.0 if self is Scale.RATIO else 0.0


class State(StrEnum):
    """How a check came out."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOTE = "note"
    """Something to know that cannot pass or fail."""


@dataclass(frozen=True)
class Check:
    """One question about whether the estimate can be believed, and its answer in a sentence."""

    slug: str
    state: State
    meaning: Phrase
    p: float | None = None


@dataclass(frozen=True)
class Sizes:
    """How much stands behind an estimate. Outcomes are totals of the treated units."""

    treated: int
    compared: int
    dropped: int
    """Units that were left out because they cannot tell anything (no event in any period)."""
    periods_before: int
    periods_after: int
    before: float
    after: float


@dataclass(frozen=True)
class Series:
    """Numbers by period (or by distance, or by ring), with an interval where there is one."""

    slug: str
    label: Phrase
    axis: str
    """Series of one axis are drawn into one picture: "outcome", "effect", "rings" …"""
    at: tuple[str, ...]
    values: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Effect:
    """The answer of a design. `low` and `high` may be infinite; everything else is finite."""

    design: str
    options: dict[str, Any]
    """What the design was told, so that the same can be done again."""
    data: str
    """The fingerprint of the panel."""
    estimand: Phrase
    """What the number is, in one plain sentence."""
    scale: Scale
    estimate: float
    interval: Interval
    p: float
    sizes: Sizes
    outcome: str
    """The outcome in the plural (“burglaries”)."""
    level: float = 0.95
    events: float | None = None
    """The same effect as a total over all treated units and periods: with minus without the programme."""
    events_interval: Interval | None = None
    base_rate: float | None = None
    """Outcome per person (or other unit of the population) and period that was expected without the programme."""
    causal: bool = True
    """False where the design compares with the past alone."""
    start: str = ""
    """The first treated period; `Design.fit` writes it down."""
    series: tuple[Series, ...] = ()
    checks: tuple[Check, ...] = ()
    extra: dict[str, float] = field(default_factory=dict)
    """Other numbers of the design by name (standard error, dispersion, weights …)."""

    @property
    def percent(self) -> float | None:
        """The effect in percent of what was expected without the programme, where the scale is a ratio."""
        return 100 * (self.estimate - 1) if self.scale is Scale.RATIO else None

    @property
    def percent_interval(self) -> Interval | None:
        """The interval of `percent`."""
        low, high = self.interval
        return (100 * (low - 1), 100 * (high - 1)) if self.scale is Scale.RATIO else None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves “no difference” out."""
        return not self.interval[0] <= self.scale.nothing <= self.interval[1]

    def check(self, slug: str) -> Check:
        """The check of that name."""
        for check in self.checks:
            if check.slug == slug:
                return check
        raise LookupError(f"There is no check “{slug}”. Checks: {', '.join(c.slug for c in self.checks)}.")

    def sentence(self, translate: Translate = as_written) -> str:
        """What was found, as a chief can read it aloud."""
        said = self.phrase.said(translate)
        return said[:1].upper() + said[1:]

    @property
    def phrase(self) -> Phrase:
        """What `sentence` says, to be stored and said in another language later."""
        return _sentence(self)

    def plot(self, axis: str | None = None, translate: Translate = as_written) -> altair.TopLevelMixin:
        """The series of one axis (the first one, unless told) as an Altair chart."""
        from .plot import chart

        return chart(self, axis, translate)

    def to_json(self) -> str:
        """Everything, as JSON text; numbers keep their full precision."""
        return json.dumps(_finite(asdict(self) | {"sort": "effect"}), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Effect:
        """What `to_json` wrote."""
        return cls._from_dict(json.loads(text, object_hook=_infinite))

    @classmethod
    def _from_dict(cls, stored: dict[str, Any]) -> Effect:
        told = {name: value for name, value in stored.items() if name != "sort"}
        told |= {
            "estimand": Phrase.from_dict(stored["estimand"]),
            "scale": Scale(stored["scale"]),
            "interval": _interval(stored["interval"]),
            "events_interval": _interval(stored["events_interval"]) if stored["events_interval"] else None,
            "sizes": Sizes(**stored["sizes"]),
            "series": tuple(_series(s) for s in stored["series"]),
            "checks": tuple(_check(c) for c in stored["checks"]),
        }
        return cls(**told)


Result: TypeAlias = "Effect | Refusal"


def from_json(text: str) -> Result:
    """An effect or a refusal, whichever was stored."""
    stored = json.loads(text)
    return Refusal.from_json(text) if stored["sort"] == "refusal" else Effect.from_json(text)


def _sentence(effect: Effect) -> Phrase:
    low, high = effect.percent_interval or effect.interval
    change = effect.percent if effect.percent is not None else effect.estimate
    # Written towards zero from the side of the estimate: "between 4 % and 21 % lower" instead of "−21 to −4".
    near, far = sorted((abs(low), abs(high)))
    values: dict[str, Value] = {
        "outcome": effect.outcome,
        "size": abs(change),
        "near": near,
        "far": far,
        "low": low,
        "high": high,
        "level": 100 * effect.level,
    }
    return Phrase(_TEMPLATES[effect.scale, effect.causal, effect.clear and (change > 0) - (change < 0)], values)


_TEMPLATES: dict[tuple[Scale, bool, int], str] = {
    (Scale.RATIO, True, -1): N_(
        "{outcome}: {size:.0f} % lower than expected without the programme "
        "({level:.0f} % interval: {near:.0f} % to {far:.0f} % lower)."
    ),
    (Scale.RATIO, True, 1): N_(
        "{outcome}: {size:.0f} % higher than expected without the programme "
        "({level:.0f} % interval: {near:.0f} % to {far:.0f} % higher)."
    ),
    (Scale.RATIO, True, 0): N_(
        "{outcome}: no clear difference from what was expected without the programme; anything between "
        "{low:+z.0f} % and {high:+z.0f} % fits these numbers."
    ),
    (Scale.RATIO, False, -1): N_(
        "{outcome}: {size:.0f} % lower than the trend before ({level:.0f} % interval: {near:.0f} % to {far:.0f} % "
        "lower). Nothing was compared with other places, so this does not show that the programme did it."
    ),
    (Scale.RATIO, False, 1): N_(
        "{outcome}: {size:.0f} % higher than the trend before ({level:.0f} % interval: {near:.0f} % to {far:.0f} % "
        "higher). Nothing was compared with other places, so this does not show that the programme did it."
    ),
    (Scale.RATIO, False, 0): N_(
        "{outcome}: no clear difference from the trend before; anything between {low:+z.0f} % and {high:+z.0f} % fits "
        "these numbers. Nothing was compared with other places."
    ),
    (Scale.DIFFERENCE, True, -1): N_(
        "{outcome}: {size:.3g} fewer than expected without the programme "
        "({level:.0f} % interval: {near:.3g} to {far:.3g} fewer)."
    ),
    (Scale.DIFFERENCE, True, 1): N_(
        "{outcome}: {size:.3g} more than expected without the programme "
        "({level:.0f} % interval: {near:.3g} to {far:.3g} more)."
    ),
    (Scale.DIFFERENCE, True, 0): N_(
        "{outcome}: no clear difference from what was expected without the programme; anything between "
        "{low:+.3g} and {high:+.3g} fits these numbers."
    ),
    (Scale.POINTS, True, -1): N_(
        "{outcome}: {size:.1f} percentage points lower than expected without the programme "
        "({level:.0f} % interval: {near:.1f} to {far:.1f} lower)."
    ),
    (Scale.POINTS, True, 1): N_(
        "{outcome}: {size:.1f} percentage points higher than expected without the programme "
        "({level:.0f} % interval: {near:.1f} to {far:.1f} higher)."
    ),
    (Scale.POINTS, True, 0): N_(
        "{outcome}: no clear difference from what was expected without the programme; anything between "
        "{low:+z.1f} and {high:+z.1f} percentage points fits these answers."
    ),
    (Scale.SCORE, True, -1): N_(
        "{outcome}: {size:.2f} lower on the scale than expected without the programme "
        "({level:.0f} % interval: {near:.2f} to {far:.2f} lower)."
    ),
    (Scale.SCORE, True, 1): N_(
        "{outcome}: {size:.2f} higher on the scale than expected without the programme "
        "({level:.0f} % interval: {near:.2f} to {far:.2f} higher)."
    ),
    (Scale.SCORE, True, 0): N_(
        "{outcome}: no clear difference from what was expected without the programme; anything between "
        "{low:+z.2f} and {high:+z.2f} on the scale fits these answers."
    ),
    (Scale.DIFFERENCE, False, -1): N_(
        "{outcome}: {size:.3g} fewer than before ({level:.0f} % interval: {near:.3g} to {far:.3g} fewer). Nothing was "
        "compared with other places, so this does not show that the programme did it."
    ),
    (Scale.DIFFERENCE, False, 1): N_(
        "{outcome}: {size:.3g} more than before ({level:.0f} % interval: {near:.3g} to {far:.3g} more). Nothing was "
        "compared with other places, so this does not show that the programme did it."
    ),
    (Scale.DIFFERENCE, False, 0): N_(
        "{outcome}: no clear difference from before; anything between {low:+.3g} and {high:+.3g} fits these numbers. "
        "Nothing was compared with other places."
    ),
}


def _finite(value: Any) -> Any:
    """JSON has no infinity: write it as an object that `_infinite` reads."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return {"number": str(value)} if isinstance(value, float) and math.isinf(value) else value


def _infinite(stored: dict[str, Any]) -> Any:
    return float(stored["number"]) if stored.keys() == {"number"} else stored


def _interval(stored: list[Any]) -> Interval:
    return float(stored[0]), float(stored[1])


def _numbers(stored: list[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in stored)


def _series(stored: dict[str, Any]) -> Series:
    return Series(
        stored["slug"], Phrase.from_dict(stored["label"]), stored["axis"], tuple(stored["at"]),
        _numbers(stored["values"]), _numbers(stored["low"]), _numbers(stored["high"]),
    )  # fmt: skip


def _check(stored: dict[str, Any]) -> Check:
    return Check(stored["slug"], State(stored["state"]), Phrase.from_dict(stored["meaning"]), stored["p"])
