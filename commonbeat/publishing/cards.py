"""The public card of a case: written by steps, never by pages; its place is snapped and fuzzed (RULES 11)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, F, Sum

from commonbeat.cases.categories import Category, Known
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.community.keyring import secret
from commonbeat.community.rows import insert, new
from commonbeat.core.public_places import public_point
from commonbeat.publishing.models import PublicCase


def card_values(case: Case, known: Known | None) -> dict[str, object]:
    """What the card of a case says; the preview before publishing shows exactly this.

    Cards of sensitive matters are hidden: one line of a list, with its area and its day, would tell who reported.
    """
    point = _point(case.lat, case.long, known.row) if known else None
    delay = dt.timedelta(hours=known.row.public_delay_hours if known else 0)
    flow = KINDS[case.kind].workflow
    return {
        "reference": case.reference, "kind": case.kind, "category_id": case.category_id, "area_id": case.area_id,
        "closed": flow.state(case.state).closed, "state": case.state, "outcome": case.outcome,
        "lat": point[0] if point else None, "long": point[1] if point else None, "opened_at": case.opened_at,
        "changed_at": case.changed_at, "closed_at": case.closed_at, "expected_at": case.due_at,
        "agency": case.detail("agency_responsible", ""), "language": case.language,
        "visible_at": case.opened_at + delay, "hidden": known is None or known.row.sensitive,
    }  # fmt: skip


def _point(lat: float | None, long: float | None, category: Category) -> tuple[float, float] | None:
    """The blurred point of a place, where the category shows one."""
    if category.sensitive or not category.public_point or lat is None or long is None:
        return None
    return public_point(lat, long, precision_m=category.public_precision_m or None, salt=secret("public-places"))


SHOWS = frozenset({"sensitive", "public_point", "public_precision_m", "public_delay_hours"})
"""Fields of a category that decide what its cards show."""


def follow_category(category: Category, changed: frozenset[str], at: dt.datetime) -> None:
    """A category shows something else from now on: take back at once what may not be seen any more.

    Points blurred in the old way vanish now; a job makes the new ones, and catches cards that a process wrote while it
    still remembered the category as it was.
    """
    if changed.isdisjoint(SHOWS) or not PublicCase.objects.filter(category=category).exists():
        return
    show_as(category, points=changed == {"public_delay_hours"})
    from commonbeat.publishing.tasks import blur_anew

    blur_anew.configure(schedule_in={"seconds": 5}).defer(category_id=category.pk)


def show_as(category: Category, *, points: bool) -> None:
    """Hide or show the cards of a category as it says; without `points` theirs are taken away."""
    delay = dt.timedelta(hours=category.public_delay_hours)
    place = {} if points else {"lat": None, "long": None}
    PublicCase.objects.filter(category=category).update(
        hidden=category.sensitive, visible_at=F("opened_at") + delay, **place
    )


def blur_cards(category_id: int, *, chunk: int = 2000) -> int:
    """Make the points of a category's cards as it says today; returns how many cards there are."""
    category, last, done = Category.objects.get(pk=category_id), 0, 0
    show_as(category, points=True)
    while cards := list(
        PublicCase.objects.filter(category=category, pk__gt=last).select_related("case").order_by("pk")[:chunk]
    ):
        for card in cards:
            card.lat, card.long = _point(card.case.lat, card.case.long, category) or (None, None)
        PublicCase.objects.bulk_update(cards, ["lat", "long"], batch_size=500)
        last, done = cards[-1].pk, done + len(cards)
    return done


def project_case(case: Case, known: Known | None, *, at: dt.datetime) -> None:
    """Write the card of a case, if its kind has one and its category shows anything at all."""
    if not KINDS[case.kind].public or known is None:
        return
    values = card_values(case, known)
    if case.version == 1:
        insert(new(PublicCase, case_id=case.pk, **values))
        return
    if not PublicCase.objects.filter(pk=case.pk).update(**values):
        PublicCase.objects.create(case_id=case.pk, **values)


def cards_stamp(area_id: int | None = None) -> tuple[int, int]:
    """A value that differs after any change to the cards (of an area): count and sum of ever-growing versions."""
    rows = PublicCase.objects.all() if area_id is None else PublicCase.objects.filter(area_id=area_id)
    found = rows.aggregate(n=Count("pk"), total=Sum("version"))
    return found["n"], int(found["total"] or 0)
