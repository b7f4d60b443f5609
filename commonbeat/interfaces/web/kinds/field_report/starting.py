"""Beginning a field report on a phone; what is work of sworn officers is refused and leads to a call for them."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.community.agency import zone
from commonbeat.community.places import places
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.kinds.field_report.actions import FIELDS, start_report
from commonbeat.kinds.field_report.guard import is_sworn, reasons
from commonbeat.kinds.field_report.kind import CALL_FIELDS, WRITERS
from commonbeat.kinds.field_report.sorts import offered

BEGINNERS = tuple(sorted(WRITERS))
CALL = tuple(field for field in CALL_FIELDS if field.code != "signs")


@staff(*BEGINNERS)
def new(request: HttpRequest) -> HttpResponse:
    """The form; where sworn officers are needed it asks to call them, and begins with that call."""
    actor, at = actor_of(request), timezone.now()
    if request.method != "POST":
        now = {"happened_at": f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}"}
        return _show(request, _form(initial=now), None)
    form = _form(data=request.POST)
    typed = form.typed()
    why = [] if is_sworn(actor.user_id) else reasons(str(typed.get("sort") or ""), typed.get("signs") or ())
    calling = bool(why) and request.POST.get("call") == "1"
    call = form_for(CALL, language=get_language() or "en", data=request.POST, prefix="c") if calling else None
    fine = [form.is_valid(), call is None or call.is_valid()]
    try:
        if not all(fine):
            raise Invalid([])
        opened = start_report(
            form.cleaned_data, call=call.cleaned_data if call else None, actor=actor, at=at,
            language=get_language() or "en", client_id=client_id_of(request),
        )  # fmt: skip
    except Invalid as refused:
        own = [problem for problem in refused.problems if call and problem.code in call.fields]
        if call:
            call.add_problems(Invalid(own))
        form.add_problems(Invalid([problem for problem in refused.problems if problem not in own]))
        return _show(request, form, call or (_call_form() if why else None), why=why, status=422)
    return HttpResponseRedirect(f"/desk/{opened.case.reference}/")


def _form(*, data: Any = None, initial: Any = None) -> FieldsForm:
    sources: dict[str, Any] = {
        "area": [(area.pk, area.name) for area in places().serving],
        "field_report_sort": [
            (gettext("What you may take"), [(one.key, gettext(one.label)) for one in offered(sworn=False)]),
            (gettext("For sworn officers only"), [(one.key, gettext(one.label)) for one in offered(sworn=True)]),
        ],
    }  # fmt: skip
    return form_for(FIELDS, language=get_language() or "en", data=data, sources=sources, initial=initial)


def _call_form() -> FieldsForm:
    return form_for(CALL, language=get_language() or "en", prefix="c")


def _show(
    request: HttpRequest, form: FieldsForm, call: FieldsForm | None, *, why: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "call": call, "why": [gettext(one) for one in why], "section": "enter_report",
        "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/field_report/new.html", context, status=status)
