"""What keeps coming back: findings of the nightly look, dismissed with a reason or made a problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases.models import Case
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.forms import say as say_problem
from commonbeat.kinds.problem.alerts import dismiss, put_back, visible
from commonbeat.kinds.problem.models import Recurrence
from commonbeat.kinds.problem.shared_steps import STAFF

READERS = tuple(sorted(STAFF))
MOST, SHOWN, CASES = 100, 30, 12


@staff(*READERS)
@require_safe
def recurring(request: HttpRequest) -> HttpResponse:
    """The list."""
    return _show(request)


def _show(request: HttpRequest, *, wrong: int = 0, typed: str = "", error: str = "", status: int = 200) -> HttpResponse:
    actor, shown = actor_of(request), say.words(at=timezone.now())
    rows = visible(actor).select_related("area", "problem", "ended_by")
    is_open = list(rows.filter(state=Recurrence.State.OPEN).order_by("-n", "-pk")[:MOST])
    ended = list(rows.exclude(state=Recurrence.State.OPEN).order_by("-ended_at", "-pk")[:SHOWN])
    seen = _cases(is_open, actor)
    context = {
        "section": "recurring", "ended": [_ended(row, shown) for row in ended],
        "rows": [
            _row(row, seen, shown) | {"wrong": error if row.pk == wrong else "", "typed": typed} for row in is_open
        ],
        "weeks": int(setting("recurring_weeks")), "least": int(setting("recurring_at_place")),
        "metres": int(setting("recurring_metres")),
        "errors": [{"text": error, "href": f"#reason-{wrong}"}] if error else [],
    }  # fmt: skip
    return render(request, "pages/desk/problem/recurring.html", context, status=status)


def _cases(rows: Iterable[Recurrence], actor: Actor) -> Mapping[int, Case]:
    numbers = {number for row in rows for number in row.cases}
    found = Case.objects.visible_to(actor).filter(pk__in=numbers).only("pk", "category_id", "opened_at", "address")
    return {case.pk: case for case in found}


def _row(row: Recurrence, seen: Mapping[int, Case], shown: say.Words) -> dict[str, Any]:
    """One finding in words: where, how many of what since when, and what would be usual."""
    cases = sorted((seen[pk] for pk in row.cases if pk in seen), key=lambda case: case.opened_at, reverse=True)
    sorts = Counter(shown.category(case.category_id) for case in cases)
    usual = ""
    if row.expected is not None:
        usual = ngettext(
            "In the same weeks of %(years)s earlier year there were %(n)s.",
            "In the same weeks of %(years)s earlier years there were %(n)s on average.", row.years,
        ) % {"years": row.years, "n": f"{row.expected:.1f}"}  # fmt: skip
    return {
        "pk": row.pk, "id_text": str(row.pk), "where": where(row, shown), "n": row.n, "weeks": row.weeks,
        "usual": usual,
        "sorts": ", ".join(f"{name}: {n}" for name, n in sorts.most_common(5)) if not row.category_id else "",
        "found": shown.local(row.found_at), "more": max(0, len(cases) - CASES),
        "cases": [{"reference": case.reference, "opened": shown.local(case.opened_at),
                   "category": shown.category(case.category_id), "address": case.address} for case in cases[:CASES]],
    }  # fmt: skip


def where(row: Recurrence, shown: say.Words) -> str:
    """A place by its address, or a category in an area."""
    area = shown.area(row.area_id) or gettext("no area")
    if row.category_id:
        return gettext("%(category)s in %(area)s") % {"category": shown.category(row.category_id), "area": area}
    return ", ".join(filter(None, (row.address or gettext("A place without an address"), area)))


def _ended(row: Recurrence, shown: say.Words) -> dict[str, Any]:
    states = {
        Recurrence.State.DISMISSED: gettext("Dismissed"), Recurrence.State.PROBLEM: gettext("Became a problem"),
        Recurrence.State.PASSED: gettext("Did not come back"),
    }  # fmt: skip
    return {
        "pk": row.pk, "where": where(row, shown), "state": states[Recurrence.State(row.state)],
        "reason": row.reason, "who": row.ended_by.name if row.ended_by else "", "dismissed": row.state == "dismissed",
        "at": shown.local(row.ended_at) if row.ended_at else "",
        "problem": reference(row.problem_id) if row.problem_id else "",
    }  # fmt: skip


def found_for(request: HttpRequest, number: str) -> Recurrence | None:
    """The open finding that a page names, if this reader may see it."""
    if not (number.isascii() and number.isdigit() and len(number) < 15):
        return None
    return visible(actor_of(request)).filter(pk=int(number), state=Recurrence.State.OPEN).first()


@staff(*READERS)
@require_POST
def put_aside(request: HttpRequest, number: int) -> HttpResponse:
    """Dismiss a finding; without a reason the page comes back and asks for it."""
    row, reason = _find(request, number), request.POST.get("reason", "").replace("\x00", "")
    try:
        dismiss(row, reason=reason, actor=actor_of(request), at=timezone.now())
    except Invalid as refused:
        return _show(request, wrong=number, typed=reason, error=say_problem(refused.problems[0]), status=422)
    messages.success(request, gettext("Dismissed. Nobody hears of this place again within these weeks."))
    return HttpResponseRedirect(reverse("recurring"))


@staff(*READERS)
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Put a dismissed finding back on the list."""
    try:
        put_back(_find(request, number), actor=actor_of(request), at=timezone.now())
    except Invalid as refused:
        messages.error(request, say_problem(refused.problems[0]))
    return HttpResponseRedirect(reverse("recurring"))


def _find(request: HttpRequest, number: int) -> Recurrence:
    row = visible(actor_of(request)).filter(pk=number).first()
    if row is None:
        raise Http404
    return row


PAGES.add(Page("recurring", N_("What keeps coming back"), "recurring"))
