"""The public card of a case: written by steps, never by pages; its place is snapped and fuzzed (RULES 11)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Sum

from commonbeat.cases.categories import Known
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.community.keyring import secret
from commonbeat.community.rows import insert
from commonbeat.core.public_places import public_point
from commonbeat.publishing.models import PublicCase


def card_values(case: Case, known: Known | None) -> dict[str, object]:
    """What the card of a case says; the preview before publishing shows exactly this."""
    sensitive = known is None or known.row.sensitive or not known.row.public_point
    point = None
    if not sensitive and case.lat is not None and case.long is not None and known:
        point = public_point(
            case.lat, case.long, precision_m=known.row.public_precision_m or None, salt=secret("public-places")
        )
    delay = dt.timedelta(hours=known.row.public_delay_hours if known else 0)
    flow = KINDS[case.kind].workflow
    return {
        "reference": case.reference, "kind": case.kind, "category_id": case.category_id, "area_id": case.area_id,
        "closed": flow.state(case.state).closed, "state": case.state, "outcome": case.outcome,
        "lat": point[0] if point else None, "long": point[1] if point else None, "opened_at": case.opened_at,
        "changed_at": case.changed_at, "closed_at": case.closed_at, "expected_at": case.due_at,
        "agency": case.detail("agency_responsible", ""), "language": case.language,
        "visible_at": case.opened_at + delay,
    }  # fmt: skip


def project_case(case: Case, known: Known | None, *, at: dt.datetime) -> None:
    """Write the card of a case, if its kind has one and its category shows anything at all."""
    if not KINDS[case.kind].public or known is None:
        return
    values = card_values(case, known)
    if case.version == 1:
        insert(PublicCase(case_id=case.pk, **values))
        return
    if not PublicCase.objects.filter(pk=case.pk).update(**values):
        PublicCase.objects.create(case_id=case.pk, **values)


def cards_stamp(area_id: int | None = None) -> tuple[int, int]:
    """A value that differs after any change to the cards (of an area): count and sum of ever-growing versions."""
    rows = PublicCase.objects.all() if area_id is None else PublicCase.objects.filter(area_id=area_id)
    found = rows.aggregate(n=Count("pk"), total=Sum("version"))
    return found["n"], int(found["total"] or 0)
