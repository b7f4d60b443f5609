"""Lists of activities: what is to come, what was, one's own, by area and words; for the desk and for residents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from django.db.models import Q, QuerySet

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.activities.models import Activity
from commonbeat.core.actor import Actor
from commonbeat.core.text import N_

VIEWS = {"coming": N_("Coming"), "past": N_("Past"), "mine": N_("Mine"), "open": N_("Record missing")}
NEWEST_FIRST = frozenset({"past", "mine", "open"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the desk's list, as its address has them."""

    view: str = "coming"
    kind: str = ""
    area: str = ""
    format: str = ""
    q: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Wanted:
        """From an address; what is unknown is left out."""
        area = given.get("area", "")
        return cls(
            view=given["view"] if given.get("view") in VIEWS else "coming",
            kind=given["kind"] if given.get("kind") in ACTIVITIES else "",
            area=area if area.isascii() and area.isdigit() and len(area) < 10 else "",
            format=given.get("format", "")[:30], q=given.get("q", "").replace("\x00", "").strip()[:100],
        )  # fmt: skip

    def address(self, **changes: str) -> dict[str, str]:
        """The same filters for an address, some of them changed."""
        return {name: value for name, value in asdict(replace(self, **changes)).items() if value}


def listed(wanted: Wanted, *, actor: Actor, at: dt.datetime) -> QuerySet[Activity]:
    """Exactly what the desk's list shows."""
    rows = Activity.objects.visible_to(actor)
    match wanted.view:
        case "coming":
            rows = rows.filter(ends_at__gt=at)
        case "past":
            rows = rows.filter(ends_at__lte=at)
        case "mine":
            rows = rows.filter(Q(host=actor.user_id) | Q(made_by=actor.user_id))
        case "open":
            rows = rows.filter(ends_at__lte=at, state=Activity.State.PLANNED)
    for name in ("kind", "format"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.area:
        rows = rows.filter(area_id=int(wanted.area))
    for word in wanted.q.split()[:6]:
        rows = rows.filter(Q(title__icontains=word) | Q(about__icontains=word) | Q(place__icontains=word))
    order = ("-starts_at", "-pk") if wanted.view in NEWEST_FIRST else ("starts_at", "pk")
    return rows.select_related("host", "area").order_by(*order)


def coming(*, at: dt.datetime, area: int | None = None) -> QuerySet[Activity]:
    """What residents can still come to, or would have: those called off say so. With `area`, also of the whole city."""
    rows = Activity.objects.shown().filter(ends_at__gt=at)
    if area is not None:
        rows = rows.filter(Q(area_id=area) | Q(area=None))
    return rows.select_related("area", "host").order_by("starts_at", "pk")


def past(*, at: dt.datetime, area: int | None = None) -> QuerySet[Activity]:
    """What was held or called off, the latest first."""
    rows = Activity.objects.shown().filter(ends_at__lte=at)
    if area is not None:
        rows = rows.filter(area_id=area)
    return rows.select_related("area", "host").order_by("-starts_at", "-pk")
