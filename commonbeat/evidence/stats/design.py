"""A design: frozen options and one verb, `fit`, which answers with an effect or refuses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

import numpy as np

from .effect import Effect, Result
from .panel import Panel
from .phrase import N_
from .refusal import CannotEstimate, Precondition, Refusal


class Situation(StrEnum):
    """What a department has in its hands; each design says which one it is for."""

    MANY_AREAS = "many-areas"
    STAGGERED = "staggered"
    FEW_AREAS = "few-areas"
    ONE_AREA = "one-area"
    FOUR_TOTALS = "four-totals"
    DISPLACEMENT = "displacement"
    NO_CONTROL = "no-control"

    @property
    def label(self) -> str:
        """In words, marked for translation."""
        return _SITUATIONS[self]


_SITUATIONS = {
    Situation.MANY_AREAS: N_("Many areas, one start"),
    Situation.STAGGERED: N_("Areas that start at different times"),
    Situation.FEW_AREAS: N_("Several small areas, many others to compare with"),
    Situation.ONE_AREA: N_("One area, several others to compare with"),
    Situation.FOUR_TOTALS: N_("Only totals before and after are known"),
    Situation.DISPLACEMENT: N_("Crime may have moved around the corner"),
    Situation.NO_CONTROL: N_("Nothing to compare with"),
}


@dataclass(frozen=True)
class Design(ABC):
    """What all designs share. A subclass is a frozen dataclass of options, registered with `@register`.

    The constructor only holds options; `fit` checks the preconditions, puts the units in order (so that neither
    the estimate nor what is drawn at random depends on the order of rows) and calls `estimate`.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    """Marked for translation, like `question` and `compares`."""
    question: ClassVar[str]
    """The question that it answers, in plain words."""
    compares: ClassVar[str]
    """What the treated places are compared with."""
    situations: ClassVar[tuple[Situation, ...]]
    causal: ClassVar[bool] = True

    @abstractmethod
    def preconditions(self) -> tuple[Precondition, ...]:
        """What must hold; may depend on the options."""

    @abstractmethod
    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The answer for a panel that meets the preconditions. May raise CannotEstimate. Call `fit` instead."""

    def fit(self, panel: Panel, rng: np.random.Generator) -> Result:
        """An effect, or a refusal that says what is missing. Equal panels and generators give equal results."""
        found = (precondition.shortfall(panel) for precondition in self.preconditions())
        shortfalls = tuple(shortfall for shortfall in found if shortfall is not None)
        if shortfalls:
            return Refusal(self.slug, shortfalls)
        try:
            effect = self.estimate(panel.in_order(), rng)
        except CannotEstimate as impossible:
            return Refusal(self.slug, (impossible.shortfall,))
        return replace(effect, start=panel.periods[panel.starts[0]]) if panel.starts else effect

    def options(self) -> dict[str, Any]:
        """The options by name, as JSON can hold them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


DESIGNS: dict[str, type[Design]] = {}
"""Every design by slug, in the order in which `commonbeat.evidence.stats` imports them."""
D = TypeVar("D", bound=type[Design])


def register(design: D) -> D:
    """Add a design to the registry: the battery of tests and the generated table then find it."""
    if DESIGNS.setdefault(design.slug, design) is not design:
        raise ValueError(f"Two designs are called “{design.slug}”.")
    return design


def designs() -> Iterator[type[Design]]:
    """Every registered design."""
    return iter(tuple(DESIGNS.values()))


def design(slug: str, **options: Any) -> Design:
    """A design by name with its options, as a stored study needs it."""
    if slug not in DESIGNS:
        raise LookupError(f"There is no design “{slug}”. Designs: {', '.join(DESIGNS)}.")
    return DESIGNS[slug](**options)
