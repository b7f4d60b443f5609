"""The queue of field reports by what somebody has to do, and the protocol cards of every sort of incident."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.cases.models import Case
from commonbeat.core.actor import Role
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.kinds.field_report import words
from commonbeat.kinds.field_report.guard import is_sworn
from commonbeat.kinds.field_report.kind import DRAFT, READERS
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.sorts import sort_of, sorts

LISTERS = tuple(sorted(READERS))
MOST = 100


@staff(*LISTERS)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this person first, then the reports that they may see, the newest first."""
    actor, shown = actor_of(request), say.words(at=timezone.now())
    seen = Case.objects.visible_to(actor).filter(kind="field_report")
    rows = FieldReport.objects.filter(case__in=seen.values("pk")).select_related("case__assignee", "author")
    newest = [_row(report, shown) for report in rows.order_by("-case__changed_at")[:MOST]]
    mine = rows.filter(case__assignee_id=actor.staff_id, case__state__in=DRAFT).order_by("happened_at")
    parts: list[dict[str, Any]] = []
    if is_sworn(actor.user_id) and actor.has(Role.OFFICER, Role.SUPERVISOR):
        calling = rows.filter(case__state="calling").order_by("case__changed_at")
        parts.append({"title": gettext("Wait for a sworn officer"), "rows": [_row(r, shown) for r in calling[:MOST]]})
    parts.append({"title": gettext("Mine to finish"), "rows": [_row(report, shown) for report in mine[:MOST]]})
    if actor.has(Role.SUPERVISOR):
        waiting = rows.filter(case__state__in=("submitted", "supplemented")).exclude(author=actor.user_id)
        read = [_row(report, shown) for report in waiting.order_by("submitted_at")[:MOST]]
        parts.append({"title": gettext("Wait for your approval"), "rows": read})
    parts.append({"title": gettext("All that you may see"), "rows": newest})
    context = {"parts": parts, "section": "field_reports", "may_begin": may_open(actor, "field_report_new")}
    return render(request, "pages/desk/field_report/queue.html", context)


def _row(report: FieldReport, shown: say.Words) -> dict[str, Any]:
    case, sort = report.case, sort_of(report.sort)
    return {
        "reference": case.reference, "sort": gettext(sort.label) if sort else report.sort, "text": case.text,
        "area": shown.area(case.area_id), "state": say.state_label(case.kind, case.state),
        "tone": say.tone(case.kind, case.state), "who": case.assignee.name if case.assignee else "",
        "happened": shown.local(report.happened_at), "number": report.number,
    }  # fmt: skip


@staff(*LISTERS, Role.ADMIN)
@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """For every sort of incident: who takes it, what to do, and when to call sworn officers."""
    rows = [
        {
            "sort": gettext(one.label), "sworn": one.sworn, "lines": [gettext(line) for line in one.card],
            "call": gettext(one.call), "offence": words.offence_name(one.offence), "read": one.approved,
        }
        for one in sorts().values()
        if one.offered
    ]  # fmt: skip
    reports = may_open(actor_of(request), "field_reports")  # who keeps the cards does not read reports
    context = {"rows": rows, "section": "field_reports" if reports else "office", "reports": reports}
    return render(request, "pages/desk/field_report/cards.html", context)
