"""What somebody who takes an area over should know: who had it, what is open there, and what keeps coming back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import visible_promises
from commonbeat.community.agency import local_day
from commonbeat.community.cover import running
from commonbeat.community.models import AreaAssignment
from commonbeat.core.actor import Actor

LATELY = dt.timedelta(days=90)
ENOUGH = 3
"""So many of a category within `LATELY` keep coming back."""
MOST = 8


@dataclass(frozen=True, slots=True)
class Load:
    """Open cases, and those of them that are late."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Recurring:
    """A category that keeps coming back: how often lately, and in as many days before."""

    category_id: int
    lately: int
    before: int


def load_by_area(*, actor: Actor, at: dt.datetime) -> dict[int, Load]:
    """The open work of every area, as far as this actor may see it. One statement."""
    rows = Case.objects.visible_to(actor).open().filter(area_id__isnull=False).order_by()
    found = rows.values_list("area_id").annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return {area_id: Load(n, late) for area_id, n, late in found if area_id is not None}


def load_by_kind(area_id: int, *, actor: Actor, at: dt.datetime) -> dict[str, Load]:
    """The open work of an area by kind, as far as this actor may see it. One statement."""
    rows = Case.objects.visible_to(actor).open().filter(area_id=area_id).order_by()
    found = rows.values_list("kind").annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return {kind: Load(n, late) for kind, n, late in found.order_by("-n", "kind")}


def recurring(area_id: int, *, actor: Actor, at: dt.datetime) -> list[Recurring]:
    """Categories with the most cases of the last days, as far as this actor may see them. One statement."""
    rows = Case.objects.visible_to(actor).filter(
        area_id=area_id, category_id__isnull=False, opened_at__gte=at - 2 * LATELY
    )
    lately = Q(opened_at__gte=at - LATELY)
    found = (
        rows.order_by()
        .values("category_id")
        .annotate(lately=Count("pk", filter=lately), before=Count("pk", filter=~lately))
        .filter(lately__gte=ENOUGH)
        .order_by("-lately", "category_id")[:MOST]
    )
    return [Recurring(row["category_id"], row["lately"], row["before"]) for row in found]


def assigned(*, at: dt.datetime) -> Mapping[int, list[AreaAssignment]]:
    """Who looks after each area today. One statement."""
    rows = AreaAssignment.objects.filter(running(local_day(at)), user__is_active=True).select_related("user")
    found: dict[int, list[AreaAssignment]] = {}
    for row in rows.order_by("since", "pk"):
        found.setdefault(row.area_id, []).append(row)
    return found


def tenures(area_id: int) -> list[AreaAssignment]:
    """Everybody who looked after an area, the last first."""
    rows = AreaAssignment.objects.filter(area_id=area_id).select_related("user")
    return list(rows.order_by("-since", "-pk")[:20])


def promises_of(area_id: int, *, actor: Actor, at: dt.datetime) -> list[Promise]:
    """Open promises to people of an area that this actor may see, the first due first."""
    rows = visible_promises(actor, at=at).filter(state=Promise.State.OPEN)
    here = rows.filter(Q(area_id=area_id) | Q(area_id__isnull=True, case__area_id=area_id))
    return list(here.select_related("owner", "case").order_by("due_on", "pk")[:20])
