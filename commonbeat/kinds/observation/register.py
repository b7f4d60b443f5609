"""The register of hazards: what stands now, filtered; near a place; and what has become more frequent lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, IntegerField, Q, QuerySet, Value
from django.db.models import When as If

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.queries import among
from commonbeat.community.agency import local_day, setting
from commonbeat.community.kept import Kept, keep
from commonbeat.core.actor import Actor
from commonbeat.core.geography import cells_within
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.kinds.observation.models import Hazard
from commonbeat.kinds.observation.vocabulary import CHARGES, HARMS, SORTS

SEVERITY = When(
    If(harm="high", then=Value(0)), If(harm="medium", then=Value(1)), default=Value(2), output_field=IntegerField()
)
LATELY = dt.timedelta(days=28)
ENOUGH = 3
"""So many of one sort in one area within four weeks are worth a look."""
NEAR_A_CASE = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the register shows. Every field is text as in the address; empty means no limit."""

    sort: str = ""
    harm: str = ""
    charge: str = ""
    area: str = ""
    state: str = ""
    due: str = ""
    near: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Wanted:
        """Filters from an address; what cannot be one is left out."""
        texts = {f.name: str(given.get(f.name) or "").replace("\x00", "").strip()[:60] for f in fields(cls)}
        known = {
            "sort": {c.key for c in SORTS}, "harm": {c.key for c in HARMS}, "charge": {c.key for c in CHARGES},
            "state": {"closed", "all"}, "due": {"late", "week"},
        }  # fmt: skip
        for name, keys in known.items():
            texts[name] = texts[name] if texts[name] in keys else ""
        if not (texts["area"].isascii() and texts["area"].isdigit() and len(texts["area"]) < 12):
            texts["area"] = ""
        return cls(**texts)

    def address(self) -> dict[str, str]:
        """The filters that are set, for a link."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name))}


def hazards(wanted: Wanted, *, actor: Actor, at: dt.datetime) -> QuerySet[Hazard]:
    """The hazards of a list, the worst and the longest unseen first."""
    seen = Case.objects.visible_to(actor).filter(kind="observation")
    rows = Hazard.objects.filter(case__in=seen.values("pk"))
    if wanted.state != "all":
        rows = rows.filter(case__closed_at__isnull=wanted.state != "closed")
    for name in ("sort", "harm", "charge"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.area:
        rows = rows.filter(case__area_id=int(wanted.area))
    today = local_day(at)
    if wanted.due:
        rows = rows.filter(recheck_on__lt=today if wanted.due == "late" else today + dt.timedelta(days=7))
    if wanted.near:
        rows = rows.filter(_near(wanted.near, actor))
    return rows.select_related("case", "case__assignee", "owner").order_by(SEVERITY, "seen_on", "pk")


def _near(reference: str, actor: Actor) -> Q:
    """Close to the place of a case that this actor may see; nothing for any other reference."""
    try:
        case = Case.objects.visible_to(actor).filter(pk=parse_reference(reference)).first()
    except BadReference:
        case = None
    around = _around(case) if case else None
    return around if around is not None else Q(pk__in=[])


def _around(case: Case) -> Q | None:
    """The condition for hazards near a case; in its area where it has no point. None where its place is sealed."""
    if KINDS[case.kind].sealed:
        return None
    if case.lat is not None and case.long is not None:
        cells = cells_within(case.lat, case.long, float(setting("nearby_metres")))
        return Q(among("case__cell", cells)) & ~Q(pk=case.pk)
    return (Q(case__area_id=case.area_id, harm="high") & ~Q(pk=case.pk)) if case.area_id else None


@dataclass(frozen=True, slots=True)
class Near:
    """A hazard near a case, as little of it as its panel says."""

    number: int
    sort: str
    harm: str
    seen_on: dt.date
    where: str


def near_case(case: Case, *, actor: Actor) -> list[Near]:
    """What stands near the place of a case, the worst first: whoever goes there should know. One statement."""
    if KINDS[case.kind].sealed:
        return []
    values: dict[Any, Any] = {_A_CASE: case.pk, _AN_AREA: case.area_id}
    pointed = case.lat is not None and case.long is not None
    if case.lat is not None and case.long is not None:
        values[tuple(_SOME_CELLS)] = cells_within(case.lat, case.long, float(setting("nearby_metres")))
    elif not case.area_id:
        return []
    return [Near(*row) for row in _near_statement(actor, pointed).run(values)]


_A_CASE, _AN_AREA, _SOME_CELLS = -141421, -141422, [-141423]
"""Stand for values that come with each run of a kept statement; no row has them."""


@lru_cache(maxsize=512)
def _near_statement(actor: Actor, pointed: bool) -> Kept:
    """The statement for hazards around a point, or for the worst of an area: it runs for every page of a case."""
    seen = Case.objects.visible_to(actor).open().filter(kind="observation")
    rows = Hazard.objects.filter(case__in=seen.values("pk")).exclude(pk=_A_CASE)
    here = Q(among("case__cell", _SOME_CELLS)) if pointed else Q(case__area_id=_AN_AREA, harm="high")
    rows = rows.filter(here).order_by(SEVERITY, "-seen_on", "pk")
    coming = (_A_CASE, _SOME_CELLS if pointed else _AN_AREA)
    return keep(rows.values_list("pk", "sort", "harm", "seen_on", "case__address")[:NEAR_A_CASE], by=coming)


def emerging(*, actor: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """Sorts and areas with at least `ENOUGH` new observations in four weeks, more than in the four weeks before."""
    seen = Case.objects.visible_to(actor).filter(kind="observation", opened_at__gte=at - 2 * LATELY)
    lately = Q(case__opened_at__gte=at - LATELY)
    rows = (
        Hazard.objects.filter(case__in=seen.values("pk"))
        .values("sort", "case__area_id")
        .annotate(now=Count("pk", filter=lately), before=Count("pk", filter=~lately))
        .filter(now__gte=ENOUGH)
        .order_by("-now", "sort")
    )
    return [dict(row) for row in rows if row["now"] > row["before"]]
