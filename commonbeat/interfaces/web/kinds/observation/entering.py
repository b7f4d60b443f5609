"""Noting an observation on a phone, in the street, in under a minute."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.cases.danger import Alarm, alarms_of, together
from commonbeat.community.agency import zone
from commonbeat.community.places import places
from commonbeat.core.fields import Invalid, Problem
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk.hand_off import IN_DANGER, danger_record, hand_off_form, is_urgent
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.one_page import client_id_of, keep_photos
from commonbeat.kinds.observation.actions import FIELDS, note_observation
from commonbeat.kinds.observation.kind import STAFF

OBSERVERS = tuple(sorted(STAFF))


@staff(*OBSERVERS)
def new(request: HttpRequest) -> HttpResponse:
    """The form; sending it opens the observation. What was typed, and photos, stay when something is wrong."""
    if request.method != "POST":
        return _show(request, _form(), hand_off_form(required=False))
    photos, unkept = keep_photos(request)
    form = _form(request.POST)
    alarm = _alarm(form)
    handed = hand_off_form(request.POST, required=is_urgent(alarm))
    fine, at = [form.is_valid(), handed.is_valid(), not unkept.problems], timezone.now()
    kept: dict[str, Any] = {"photos": photos, "urgent": is_urgent(alarm)}
    try:
        if "handed" in handed.errors:
            raise Invalid([Problem("", IN_DANGER), *unkept.problems])
        if not all(fine):
            raise unkept
        danger = danger_record(alarm, handed.cleaned_data, zone=zone(), at=at)
        opened = note_observation(
            form.cleaned_data, uploads=tuple(photos), danger=danger, actor=actor_of(request), at=at,
            language=get_language() or "en", client_id=client_id_of(request),
        )  # fmt: skip
    except Invalid as refused:
        form.add_problems(refused)
        return _show(request, form, handed, status=422, **kept)
    messages.success(request, gettext("Noted. It stands on the register of hazards."))
    return HttpResponseRedirect(f"/desk/{opened.case.reference}/")


def _form(data: Any = None) -> FieldsForm:
    sources = {"area": [(area.pk, area.name) for area in places().serving]}
    return form_for(FIELDS, language=get_language() or "en", data=data, sources=sources)


def _alarm(form: FieldsForm) -> Alarm | None:
    text = str(form.typed().get("text") or "")
    return together(alarms_of(None, text=text, answers={}, language=get_language() or "en"))


def _show(
    request: HttpRequest, form: FieldsForm, handed: FieldsForm, *, photos: list[str] | None = None,
    urgent: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "hand_off": handed, "urgent": urgent, "kept_photos": photos or [], "section": "enter_report",
        "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/observation/new.html", context, status=status)
