"""Follow-ups on the desk besides their case page: one's own list, and opening one."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases.models import Case
from commonbeat.cases.story import NoSuchCase, find
from commonbeat.community.places import places
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.options import residents_languages
from commonbeat.interfaces.web.forms import FieldsForm, Options, form_for
from commonbeat.interfaces.web.kinds.problem.starting import countable
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.kinds.follow_up.deeds import TASK, may_call
from commonbeat.kinds.follow_up.kind import CARERS, FOLLOW_UP
from commonbeat.kinds.follow_up.opening import FIELDS, open_follow_up
from commonbeat.kinds.follow_up.vocabulary import CONSENT, label

MOST = 200


@staff(*sorted(CARERS))
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The open follow-ups that this person may see, the next call first. It names nobody."""
    shown = say.words(at=timezone.now())
    waiting = Q(tasks__sort=TASK, tasks__done_at=None)
    seen = Case.objects.visible_to(actor_of(request)).open().filter(kind=FOLLOW_UP.slug)
    rows: Any = seen.annotate(next_on=Min("tasks__due_at", filter=waiting)).select_related("follow_up", "assignee")
    items = [
        {
            "reference": case.reference, "opened": shown.local(case.opened_at), "area": shown.area(case.area_id),
            "state": say.state_label(case.kind, case.state), "tone": say.tone(case.kind, case.state),
            "who": case.assignee.name if case.assignee else "", "may_call": may_call(case.follow_up),
            "consent": gettext(label(CONSENT, case.follow_up.consent)) if case.follow_up.consent else "",
            "next": shown.local(case.next_on) if case.next_on else "",
            "late": bool(case.next_on and case.next_on < shown.at),
        }
        for case in rows.defer("search").order_by("next_on", "opened_at")[:MOST]
    ]  # fmt: skip
    return render(request, "pages/desk/follow_up/list.html", {"items": items, "section": "follow_ups"})


@staff(*sorted(CARERS))
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open one, alone or from a case that this person sees; what was typed stays when something is wrong."""
    origin = _origin(request)
    if request.method != "POST":
        return _show(request, _form(request, initial={"area": origin.area_id if origin else ""}), origin)
    form = _form(request, data=request.POST)
    if not form.is_valid():
        return _show(request, form, origin, status=422)
    try:
        opened = open_follow_up(
            form.cleaned_data, origin=origin, actor=actor_of(request), at=timezone.now(),
            client_id=client_id_of(request),
        )  # fmt: skip
    except Invalid as refused:
        form.add_problems(refused)
        return _show(request, form, origin, status=422)
    return HttpResponseRedirect(f"/desk/{opened.case.reference}/")


def _origin(request: HttpRequest) -> Case | None:
    """The case that it comes from, where this person sees it and it stands behind no wall."""
    try:
        case = find(request.POST.get("case") or request.GET.get("case", ""), actor=actor_of(request))
    except NoSuchCase:
        return None
    return case if countable(case) else None


def _form(request: HttpRequest, *, data: Any = None, initial: dict[str, Any] | None = None) -> FieldsForm:
    sources: dict[str, Options] = {
        "area": [(area.pk, area.name) for area in places().serving],
        "language": residents_languages(),
    }
    return form_for(FIELDS, language=get_language() or "en", data=data, sources=sources, initial=initial)


def _show(request: HttpRequest, form: FieldsForm, origin: Case | None, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "origin": origin.reference if origin else "", "section": "follow_ups",
        "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/follow_up/new.html", context, status=status)
