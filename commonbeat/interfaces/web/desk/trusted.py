"""Trusted contacts of an area on the desk: who they are, adding one, and all that happens to one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases import trusted
from commonbeat.cases.trusted_rows import TrustedContact
from commonbeat.community.agency import local_day
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.csv_files import private_table
from commonbeat.interfaces.web.forms import FieldsForm, form_for, say
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.journal.verbs import log_access


def listed(area_id: int, *, actor: Actor, at: Any) -> list[dict[str, Any]] | None:
    """The contacts of an area for its page, without how to reach them; None for whoever may not read them."""
    rows = trusted.contacts_of(area_id, actor=actor, at=at)
    if rows is None:
        return None
    today = local_day(at)
    return [
        {
            "pk": row.pk, "name": row.person.name, "organisation": row.organisation, "role": row.role,
            "confirmed": row.confirmed_on, "due": trusted.is_due(row, today=today),
        }
        for row in rows
    ]  # fmt: skip


def _area(request: HttpRequest, pk: int) -> Area:
    area = places().areas.get(pk)
    if area is None or not trusted.may_keep(actor_of(request), pk, at=timezone.now()):
        raise Http404
    return area


@staff(*trusted.KEEPERS)
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add somebody who agreed."""
    area, at = _area(request, pk), timezone.now()
    form = _form(data=request.POST if request.method == "POST" else None, initial={"agreed_on": local_day(at)})
    if request.method == "POST" and form.is_valid():
        try:
            row = trusted.add_contact(
                form.cleaned_data, area_id=pk, actor=actor_of(request), at=at, client_id=client_id_of(request)
            )
            return HttpResponseRedirect(reverse("trusted_contact", kwargs={"number": row.pk}))
        except Invalid as refused:
            form.add_problems(refused)
    context = {
        "form": form, "area": area, "section": "area_briefings", "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/trusted/new.html", context, status=422 if form.errors else 200)


def _form(*, data: Any = None, initial: Any = None) -> FieldsForm:
    return form_for(trusted.FIELDS, language=get_language() or "en", data=data, initial=initial)


@staff(*trusted.KEEPERS)
@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, number: int) -> HttpResponse:
    """One contact with how to reach them; looking is logged. Change, confirm, end, or take the last deed back."""
    actor, at = actor_of(request), timezone.now()
    row = TrustedContact.objects.select_related("person", "area").filter(pk=number, person__shredded_at=None).first()
    undone = row and trusted.last_deed(row, actor=actor, at=at)
    if row is None or not trusted.may_keep(actor, row.area_id, at=at) or (row.ended_at and not undone):
        raise Http404
    form = _form(data=request.POST if request.POST.get("deed") == "change" else None, initial=trusted.values_of(row))
    problem = ""
    if request.method == "POST":
        try:
            if _do(request, row, form, actor=actor, at=at):
                return HttpResponseRedirect(reverse("trusted_contact", kwargs={"number": number}))
        except Invalid as refused:
            form.add_problems(refused) if form.is_bound else None
            problem = "" if form.is_bound else " ".join(say(one) for one in refused.problems)
    else:
        log_access(trusted.SUBJECT, row.pk, "opened", actor=actor, at=at)
    context = {
        "row": row, "person": row.person, "form": form, "problem": problem, "section": "area_briefings",
        "due": trusted.is_due(row, today=local_day(at)), "may_undo": undone is not None, "open": bool(form.errors),
    }  # fmt: skip
    return render(request, "pages/desk/trusted/one.html", context, status=422 if form.errors or problem else 200)


def _do(request: HttpRequest, row: TrustedContact, form: FieldsForm, *, actor: Actor, at: Any) -> bool:
    """Do what was asked; False where the form has to be corrected. Raises `Invalid`."""
    match request.POST.get("deed"):
        case "change":
            if not form.is_valid():
                return False
            trusted.change_contact(row, form.cleaned_data, actor=actor, at=at)
            messages.success(request, gettext("Saved."))
        case "confirm":
            trusted.confirm_contact(row, actor=actor, at=at)
            messages.success(request, gettext("Noted: they still agree."))
        case "end":
            trusted.end_contact(row, actor=actor, at=at)
            messages.success(request, gettext("Off the list. What is known of them is erased tonight."))
        case "undo":
            trusted.undo_contact(row, actor=actor, at=at)
            messages.success(request, gettext("Taken back."))
        case _:
            raise Http404
    return True


@staff(*trusted.KEEPERS)
@never_cache
@require_safe
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """The contacts of an area to take away, which is logged."""
    area, actor, at = _area(request, pk), actor_of(request), timezone.now()
    rows = trusted.contacts_of(pk, actor=actor, at=at)
    names = ("name", "organisation", "role", "phone", "email", "reach", "agreed_on", "confirmed_on")
    told = (trusted.values_of(row) for row in rows or ())
    answer = private_table(f"contacts-{area.code}", [names, *([str(one[name]) for name in names] for one in told)])
    log_access("area", pk, "exported", actor=actor, at=at, reason="trusted contacts")
    return answer
