"""Promises on the desk: one's own, those of whom one supervises, making one, and saying what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import (
    BACK_FIELDS,
    END_FIELDS,
    ENDINGS,
    FIELDS,
    REMINDER,
    WHERE,
    end_promise,
    last_end,
    make_promise,
    reopen_promise,
    report_back,
    unkept_of_people,
    visible_promises,
)
from commonbeat.cases.story import NoSuchCase, Story, find
from commonbeat.cases.todo import DOERS
from commonbeat.community.agency import local_day
from commonbeat.community.models import User
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.panels import ASIDE, PANELS, Panel
from commonbeat.interfaces.web.desk.raised import meeting_of
from commonbeat.interfaces.web.forms import FieldsForm, Options, form_for
from commonbeat.interfaces.web.forms import say as say_problem
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.publishing.minutes import promised_there

MOST = 200
WITH = ("owner", "case", "came_of__activity")
"""What a promise in a list names besides itself."""
_LABELS: dict[str, str] = {choice.key: choice.label for choice in (*WHERE, *ENDINGS)}


def show_promises(rows: Iterable[Promise], shown: say.Words) -> list[dict[str, Any]]:
    """Promises as list items."""
    today = local_day(shown.at)
    return [
        {
            "pk": row.pk, "text": row.text, "to": row.to, "where": gettext(_LABELS.get(row.where, row.where)),
            "due": row.due_on, "owner": row.owner.name, "open": row.state == "open", "reason": row.reason,
            "state": "" if row.state == "open" else gettext(_LABELS[row.state]), "kept": row.state == "kept",
            "late": row.state == "open" and row.due_on < today, "reported": row.reported,
            "reported_on": row.reported_on,
            "reference": row.case.reference if row.case else "", "area": shown.area(row.area_id),
            "meeting": meeting_link(row),
        }
        for row in rows
    ]  # fmt: skip


def meeting_link(row: Promise) -> dict[str, str] | None:
    """The meeting that a promise came of; the row has brought it along (`WITH`)."""
    came = getattr(row, "came_of", None)
    if came is None:
        return None
    return {"url": reverse("meeting", args=[came.activity_id]), "title": came.activity.title}


@staff(*DOERS)
@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """One's own promises, open ones first, and what whom one supervises did not keep."""
    actor, shown = actor_of(request), say.words(at=timezone.now())
    mine = visible_promises(actor, at=shown.at).filter(owner_id=actor.staff_id).select_related(*WITH)
    people = unkept_of_people(actor, at=shown.at).select_related(*WITH)
    context = {
        "open": show_promises(mine.filter(state="open").order_by("due_on", "pk")[:MOST], shown),
        "ended": show_promises(mine.exclude(state="open").order_by("-ended_at")[:MOST], shown),
        "people": show_promises(people[:MOST], shown), "section": "promises",
    }  # fmt: skip
    return render(request, "pages/desk/promises/list.html", context)


@staff(*DOERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write one down, of a case that this person sees or of none."""
    case, meeting = _case(request), meeting_of(request)
    if request.method != "POST":
        initial: dict[str, Any] = {"owner": actor_of(request).staff_id, "area": case.area_id if case else ""}
        if meeting:
            initial |= {"owner": meeting.host_id, "area": meeting.area_id or "", "where": "meeting",
                        "to": gettext("Those who came to “%(title)s”") % {"title": meeting.title}}  # fmt: skip
        return _form_page(request, case, _form(case, initial=initial))
    form = _form(case, data=request.POST)
    if not form.is_valid():
        return _form_page(request, case, form, status=422)
    how: dict[str, Any] = {"actor": actor_of(request), "at": timezone.now(), "client_id": client_id_of(request)}
    try:
        if meeting:
            promised_there(meeting, form.cleaned_data, **how)
        else:
            make_promise(form.cleaned_data, case=case, **how)
    except Invalid as refused:
        form.add_problems(refused)
        return _form_page(request, case, form, status=422)
    messages.success(request, gettext("The promise is written down. A task reminds of it on the day before."))
    if meeting:
        return HttpResponseRedirect(reverse("meeting", args=[meeting.pk]))
    return HttpResponseRedirect(f"/desk/{case.reference}/" if case else reverse("promises"))


def _case(request: HttpRequest) -> Case | None:
    given = request.POST.get("case") or request.GET.get("case", "")
    if not given:
        return None
    try:
        return find(given, actor=actor_of(request))
    except NoSuchCase:
        raise Http404 from None


def _form(case: Case | None, *, data: Any = None, initial: Mapping[str, Any] | None = None) -> FieldsForm:
    people = User.objects.active().filter(grants__role__in=DOERS, grants__until=None).distinct().order_by("name")
    sources: dict[str, Options] = {
        "owner": list(people.values_list("pk", "name")),
        "area": [(area.pk, area.name) for area in places().serving],
    }
    reported = case is not None and KINDS[case.kind].intake.reported
    fields = [item for item in FIELDS if reported or item.code != "for_reporter"]
    return form_for(fields, language=get_language() or "en", data=data, sources=sources, initial=initial)


def _form_page(request: HttpRequest, case: Case | None, form: FieldsForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "reference": case.reference if case else "", "section": "promises",
        "meeting": meeting_of(request),
        "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/promises/new.html", context, status=status)


@staff(*DOERS)
@require_http_methods(["GET", "POST"])
def promise(request: HttpRequest, number: int) -> HttpResponse:
    """One promise: say what became of it, then what they were told."""
    at, actor = timezone.now(), actor_of(request)
    row = visible_promises(actor, at=at).filter(pk=number).select_related(*WITH).first()
    if row is None:
        raise Http404
    fields = END_FIELDS if row.state == Promise.State.OPEN else BACK_FIELDS
    if request.method == "POST" and request.POST.get("deed") == "undo":
        return _take_back(request, row, actor=actor, at=at)
    data = request.POST if request.method == "POST" else None
    form = form_for(fields, language=get_language() or "en", data=data, initial={"reported": row.reported})
    if data is not None and form.is_valid():
        try:
            (end_promise if row.state == Promise.State.OPEN else report_back)(
                row, form.cleaned_data, actor=actor, at=at
            )
            if last_end(row, actor=actor, at=at):
                messages.success(request, gettext("Noted. For a few minutes you can take it back on its page."))
            return HttpResponseRedirect(reverse("promises"))
        except Invalid as refused:
            form.add_problems(refused)
    item = show_promises([row], say.words(at=at))[0]
    may_undo = last_end(row, actor=actor, at=at) is not None
    context = {"item": item, "form": form, "section": "promises", "may_undo": may_undo}
    return render(request, "pages/desk/promises/one.html", context, status=422 if form.errors else 200)


def _take_back(request: HttpRequest, row: Promise, *, actor: Actor, at: dt.datetime) -> HttpResponse:
    try:
        reopen_promise(row, actor=actor, at=at)
        messages.success(request, gettext("Taken back. The promise is open again."))
    except Invalid as refused:
        messages.error(request, " ".join(say_problem(problem) for problem in refused.problems))
    return HttpResponseRedirect(reverse("promise", args=[row.pk]))


def _of_case(story: Story, actor: Actor, shown: say.Words) -> Mapping[str, Any] | None:
    """What was promised on this case; sealed cases have none."""
    if KINDS[story.case.kind].sealed:
        return None
    if not any(task["sort"] == REMINDER for task in story.tasks):  # each promise of a case has left one
        return {"promises": []}
    rows = Promise.objects.filter(case=story.case).select_related(*WITH).order_by("due_on", "pk")
    return {"promises": show_promises(rows, shown)}


PAGES.add(Page("promises", N_("Promises"), "promises"))
PANELS.add(Panel("promises", "pages/desk/promises/panel.html", _of_case, readers=frozenset(DOERS), place=ASIDE))
