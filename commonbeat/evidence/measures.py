"""Measures: named, documented numbers per area and month, from incidents or from the product's own records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonbeat.core.registry import Registry
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.models import CountedMeasure
from commonbeat.evidence.periods import Calendar

COUNT, SHARE = "count", "share"


@dataclass(frozen=True)
class Counts:
    """A measure by area and month: the value, how many events stand behind it, and what lies in no area."""

    value: NDArray[np.float64]
    n: NDArray[np.float64]
    placeless: int = 0
    outside: int = 0


@dataclass(frozen=True)
class Measure:
    """One number that people may compare. `says` is what a reader must know: what counts and what does not.

    `span` tells the months that can be counted (None: nothing yet), `count` counts them for one set of areas, and
    `state` changes whenever counting again would give something else.
    """

    slug: str
    name: str
    says: str
    noun: str
    sort: str
    span: Callable[[], Calendar | None]
    count: Callable[[AreaSet, Calendar], Counts]
    state: Callable[[], str]
    days: Callable[[], tuple[dt.date, dt.date] | None] = field(default=lambda: None)
    """The first and the last day that are known: months beyond them are not complete."""
    serving_only: bool = False
    """The records behind it know only the area that concerns are filed under."""
    notice: str = ""
    source: int | None = None
    """The number of the source whose incidents it counts."""
    public: bool = False
    """Residents may see whole years of it, with small numbers hidden."""
    silent: str = ""
    """What it does not say, where that is easily misread."""


MEASURES: Registry[Measure] = Registry("measure")
"""Measures of the product's own records; those of incidents are rows that analysts make."""


class NoMeasure(LookupError):
    """There is no such measure."""


def measure(slug: str) -> Measure:
    """A measure by name, wherever it is kept. Raises `NoMeasure`."""
    if slug in MEASURES:
        return MEASURES[slug]
    row = CountedMeasure.objects.select_related("source").filter(slug=slug).first()
    if row is None:
        raise NoMeasure(f"There is no measure “{slug}”.")
    from commonbeat.evidence.incident_measures import from_row

    return from_row(row)


def measures() -> list[Measure]:
    """Every measure in use: incidents first, by name."""
    from commonbeat.evidence.incident_measures import from_row

    rows = CountedMeasure.objects.filter(retired_at=None, source__retired_at=None).select_related("source")
    return [*(from_row(row) for row in rows.order_by("name")), *MEASURES]
