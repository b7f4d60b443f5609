"""What a look is asked and what it answers. Texts are worded here, in the reader's language, for page and file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from commonbeat.core.registry import Registry
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import SHARE, Measure
from commonbeat.evidence.models import IncidentSource
from commonbeat.evidence.observing import Observed, observed
from commonbeat.evidence.panels import RESIDENTS, CannotCount, denominator
from commonbeat.evidence.periods import Calendar

Spec = Mapping[str, Any]
"""A Vega-Lite picture, data included."""
PER = 1000
FEWEST_CASES = 10
"""A percentage of fewer cases would say more about chance than about the area."""
_YEAR = 12.0
_SLACK = dt.timedelta(days=3)
"""So many days without a row at an end of a month do not make it incomplete."""


class CannotLook(ValueError):
    """There is nothing to look at; the message says why and what would help."""


def whole_months(measure: Measure, months: Calendar) -> NDArray[np.bool_]:
    """By month: whether a measure is known from its first days to its last."""
    span = measure.days()
    if span is None:
        return np.ones(months.count, dtype=np.bool_)
    first, last = span
    starts = [months.first_day(index) for index in range(months.count + 1)]
    return np.array(
        [first - day <= _SLACK and after - last <= _SLACK + dt.timedelta(days=1) for day, after in pairwise(starts)]
    )


@dataclass(frozen=True)
class Ask:
    """A measure, a set of areas, a stretch of months, and whether to count per resident."""

    measure: Measure
    areas: AreaSet
    first: dt.date | None = None
    last: dt.date | None = None
    rate: bool = False

    @cached_property
    def seen(self) -> Observed:
        """What is stored. Raises `CannotLook`."""
        found = observed(self.measure, self.areas, first=self.first, last=self.last)
        if found is None or not found.events:
            raise CannotLook(_("Nothing is counted for this stretch of time yet. Choose other months or areas."))
        return found

    @property
    def is_share(self) -> bool:
        """True for measures in percent."""
        return self.measure.sort == SHARE

    @cached_property
    def source(self) -> IncidentSource:
        """The incidents behind the measure. Raises `CannotLook` where it has none."""
        row = IncidentSource.objects.filter(pk=self.measure.source).first() if self.measure.source else None
        if row is None or not row.content:
            raise CannotLook(_("This look needs incidents. The measure counts the product's own records."))
        return row

    @cached_property
    def residents(self) -> NDArray[np.float64]:
        """Residents by area in the middle of the stretch. Raises `CannotLook`."""
        middle = (self.seen.months.years[0] + self.seen.months.years[-1]) / 2
        try:
            return denominator(RESIDENTS, self.areas, (middle,))[:, 0]
        except CannotCount:
            raise CannotLook(
                _("Residents of these areas are not known. Upload populations, or look at counts.")
            ) from None

    @cached_property
    def totals(self) -> NDArray[np.float64]:
        """By area: events of the stretch; for a share, the share, unknown where too few cases stand behind it."""
        if not self.is_share:
            return self.seen.n.sum(axis=1)
        behind = self.seen.n.sum(axis=1)
        met = (self.seen.value * self.seen.n).sum(axis=1)
        return np.divide(met, behind, out=np.full(len(behind), np.nan), where=behind >= FEWEST_CASES)

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """By area, what is compared: events, events per 1,000 residents and year, or percent."""
        if self.is_share:
            return self.totals * 100
        if not self.rate:
            return self.totals
        years = self.seen.months.count / _YEAR
        people = self.residents
        return np.divide(self.totals * PER, people * years, out=np.full(len(people), np.nan), where=people > 0)

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """By month: whether it is known from its first days to its last; a month that has just begun is not."""
        return whole_months(self.measure, self.seen.months)

    @property
    def unit(self) -> str:
        """What the values are, in words."""
        noun = _(self.measure.noun)
        if self.is_share:
            return _("%(noun)s, percent") % {"noun": noun}
        return _("%(noun)s per 1,000 residents and year") % {"noun": noun} if self.rate else noun

    @property
    def period(self) -> str:
        """The stretch of months in words."""
        months = self.seen.months
        first, last = months.start, months.first_day(months.count - 1)
        return _("%(first)s to %(last)s") % {"first": date_format(first, "F Y"), "last": date_format(last, "F Y")}


@dataclass(frozen=True)
class Painted:
    """How areas are filled on a map: each area's class and what is said of it; each class's colour and words."""

    place: Sequence[int]
    said: Sequence[str]
    classes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """A look as page, file and sentence show it. `rows` hold plain values in the order of `columns`."""

    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    spec: Spec | None
    n: int
    period: str
    left_out: Sequence[str] = ()
    cautions: Sequence[str] = ()
    numbers: frozenset[int] = frozenset()
    """Which columns hold numbers."""
    most: int = 0
    """The page shows so many rows at first; files hold all."""
    painted: Painted | None = None
    """For looks that are a map."""
    worth_a_problem: Sequence[tuple[str, float, float]] = ()
    """Areas where somebody may want to start a problem: name, and latitude and longitude of a point inside."""


@dataclass(frozen=True)
class Look:
    """One way to look at a measure. `fits` says for which measures it can be."""

    slug: str
    title: str
    says: str
    show: Callable[[Ask], Shown]
    fits: Callable[[Measure], bool] = field(default=lambda measure: True)


LOOKS: Registry[Look] = Registry("look")


def make(slug: str, ask: Ask) -> Shown:
    """Look. Raises `CannotLook`."""
    return LOOKS[slug].show(ask)


def is_incidents(measure: Measure) -> bool:
    """For looks at points."""
    return measure.source is not None


def is_count(measure: Measure) -> bool:
    """For looks at numbers of events."""
    return measure.sort != SHARE


def number(value: float, decimals: int = 0) -> str:
    """A number as the reader's language writes it."""
    return str(number_format(round(float(value), decimals), decimal_pos=decimals, force_grouping=True))


def left_out(ask: Ask) -> list[str]:
    """What the numbers leave out, in words."""
    stored, told = ask.seen.refresh, []
    if ask.is_share and (few := int(np.isnan(ask.totals).sum())):
        words = ngettext(
            "%(n)s area has fewer than %(fewest)s cases and shows no percentage.",
            "%(n)s areas have fewer than %(fewest)s cases and show no percentage.", few,
        )  # fmt: skip
        told.append(words % {"n": number(few), "fewest": FEWEST_CASES})
    if stored.placeless:
        told.append(
            ngettext(
                "%(n)s of all times has no coordinates and lies in no area.",
                "%(n)s of all times have no coordinates and lie in no area.", stored.placeless,
            ) % {"n": number(stored.placeless)}
        )  # fmt: skip
    if stored.outside:
        told.append(
            ngettext(
                "%(n)s of all times lies outside every area.", "%(n)s of all times lie outside every area.",
                stored.outside,
            ) % {"n": number(stored.outside)}
        )  # fmt: skip
    return told


def cautions(ask: Ask) -> list[str]:
    """What a reader must know of the source before comparing."""
    if ask.measure.source is None:
        return []
    source, told = ask.source, []
    if source.snapped:
        told.append(_("Places were moved to a nearby anchor before they were published: small areas may be wrong."))
    if source.holes:
        holes = ", ".join(f"{first} – {last}" for first, last in source.holes[:3])
        told.append(_("The source has no rows for: %(holes)s. Low numbers there are missing data.") % {"holes": holes})
    told.append(_("Recorded incidents are not all incidents: trust in the police changes how many are reported."))
    return told
