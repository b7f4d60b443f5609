"""The seam to studies: the panel of areas × periods that a request describes, and the fingerprint of what it reads."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonbeat.evidence.areas import AreaSet, NoAreas, area_set
from commonbeat.evidence.models import Denominator, IncidentSource
from commonbeat.evidence.periods import PERIOD_NAMES, BadPeriods, Calendar, Period

if TYPE_CHECKING:
    from commonbeat.evidence.stats.panel import Panel

RESIDENTS = "residents"
"""The denominator that every area may have: its residents, by year of a census or estimate."""


class CannotCount(ValueError):
    """The request cannot be answered; the message says why and what to change."""


@dataclass(frozen=True)
class PanelRequest:
    """What to count: incidents of a source, for one revision of areas, over a stretch of time.

    `outcome` limits to some of the source's categories. `areas` is `level@revision`. `population` is `residents`,
    the slug of another denominator, or None. `treated` says in which period (from 0) the programme began, by area.
    """

    source: str
    outcome: tuple[str, ...] | None
    areas: str
    start: dt.date
    periods: int
    period: str = Period.MONTH
    population: str | None = RESIDENTS
    treated: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CountedPanel:
    """A panel, and what was left out of it: rows without a place, and rows outside every area."""

    panel: Panel
    placeless: int
    outside: int


def build_panel(request: PanelRequest) -> Panel:
    """The panel. Raises `CannotCount`."""
    return count_panel(request).panel


def count_panel(request: PanelRequest) -> CountedPanel:
    """The panel with what was left out. Raises `CannotCount`."""
    from commonbeat.evidence.counting import count
    from commonbeat.evidence.stats.panel import Panel

    source, areas, periods = _read(request)
    counted = count(source.slug, source.content, areas, periods, request.outcome)
    panel = Panel(
        units=areas.codes,
        periods=periods.labels,
        outcome=counted.counts,
        treated=_treated(request, areas, periods),
        population=denominator(request.population, areas, periods.years) if request.population else None,
        coordinates=areas.coordinates(),
        outcome_name=source.noun,
        unit_name="areas",
        period_name=PERIOD_NAMES[periods.period],
    )
    return CountedPanel(panel, counted.placeless, counted.outside)


def data_fingerprint(request: PanelRequest) -> str:
    """A hash of everything the request reads: the points, the boundaries, the denominator. Raises `CannotCount`."""
    source, areas, periods = _read(request)
    digest = hashlib.sha256(source.content.encode() + areas.fingerprint.encode())
    digest.update(json.dumps([request.outcome, str(periods.start), periods.count, periods.period]).encode())
    if request.population:
        digest.update(denominator(request.population, areas, periods.years).tobytes())
    return digest.hexdigest()


def _read(request: PanelRequest) -> tuple[IncidentSource, AreaSet, Calendar]:
    source = IncidentSource.objects.filter(slug=request.source).first()
    if source is None:
        known = ", ".join(IncidentSource.objects.values_list("slug", flat=True)) or "none"
        raise CannotCount(f"There is no source “{request.source}”. Sources: {known}.")
    if source.deleted_at is not None:
        raise CannotCount(
            f"The incidents of “{source.name}” were deleted on {source.deleted_at.date().isoformat()}, so nothing can "
            f"be counted anew: {source.deleted_because}"
        )
    if not source.content:
        raise CannotCount(f"Nothing has been imported into “{source.name}” yet.")
    for category in request.outcome or ():
        if category not in source.categories:
            raise CannotCount(f"“{source.name}” has no category “{category}”.")
    try:
        periods = Calendar(request.start, request.periods, Period(request.period))
        areas = area_set(request.areas)
    except (BadPeriods, NoAreas) as refused:
        raise CannotCount(str(refused)) from refused
    if source.precision == "month" and periods.period in {Period.DAY, Period.WEEK}:
        raise CannotCount(f"“{source.name}” tells only the month of an incident. Count months or quarters.")
    return source, areas, periods


def _treated(request: PanelRequest, areas: AreaSet, periods: Calendar) -> NDArray[np.bool_]:
    mask = np.zeros((len(areas.rows), periods.count), dtype=np.bool_)
    index = {code: number for number, code in enumerate(areas.codes)}
    for code, first in request.treated.items():
        if code not in index:
            raise CannotCount(f"A programme runs in area “{code}”, which {areas.slug} does not have.")
        if not 0 <= first < periods.count:
            raise CannotCount(f"The programme of area “{code}” begins outside the panel.")
        mask[index[code], first:] = True
    return mask


def denominator(slug: str, areas: AreaSet, years: tuple[float, ...]) -> NDArray[np.float64]:
    """Residents or another denominator by area and moment: a straight line between known years, level beyond them.

    Raises `CannotCount` naming areas without a number.
    """
    known: dict[int, list[tuple[float, float]]] = {}
    if slug == RESIDENTS:
        known = {area.pk: sorted((float(y), float(n)) for y, n in area.population.items()) for area in areas.rows}
    else:
        rows: Any = Denominator.objects.filter(slug=slug, area__in=[area.pk for area in areas.rows])
        for pk, year, value in rows.order_by("year").values_list("area_id", "year", "value"):
            known.setdefault(pk, []).append((float(year), value))
    missing = [area.code for area in areas.rows if not known.get(area.pk)]
    if missing:
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        raise CannotCount(f"{len(missing)} areas have no number of {slug}: {some}. Import it, or count without.")
    lines = [np.array(known[area.pk]) for area in areas.rows]
    return np.array([np.interp(years, line[:, 0], line[:, 1]) for line in lines])
