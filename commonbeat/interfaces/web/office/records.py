"""Records: how long they are kept, what is due, disposal by two people, holds, and requests of persons."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from commonbeat.cases import disposal
from commonbeat.cases.safeguards import Disposal, Hold
from commonbeat.community.agency import setting
from commonbeat.community.models import Person
from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import reference
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.office.forms.retention import days_name
from commonbeat.interfaces.web.office.forms.shared import language_choices
from commonbeat.publishing import person_requests

KEEPERS = (Role.ADMIN, Role.RECORDS, Role.SUPERVISOR, Role.STANDARDS)
MOST = 200


def _set_here(rule: disposal.Rule) -> str:
    return _("Set by this department: %(basis)s (declared: %(declared)s)") % {
        "basis": rule.reason, "declared": days_name(rule.declared),
    }  # fmt: skip


def _words(refused: Invalid) -> str:
    return " ".join(say(problem) for problem in refused.problems)


@staff(*KEEPERS)
def retention(request: HttpRequest) -> HttpResponse:
    """The schedule, what is due, what waits for a second person, and holds."""
    actor, now = actor_of(request), timezone.now()
    schedule = [
        {
            "cells": [
                {"text": _(r.kind)},
                {"text": _(r.outcome) if r.outcome else _("Every other outcome"), "label": _("Outcome")},
                {"text": days_name(r.days), "label": _("Kept for")},
                {"text": _set_here(r) if r.by_agency else _(r.reason), "label": _("Why")},
            ]
        }
        for r in disposal.schedule()
    ]
    due = list(disposal.due_for_disposal(actor=actor, at=now).select_related("category")[: MOST + 1])
    context = {
        "schedule": schedule,
        "may_set": may_open(actor, "office_retentionrule_list"),
        "due": due[:MOST],
        "more": len(due) > MOST,
        "section": "office",
        "days": setting("person_days"),
        "proposals": disposal.proposals(actor=actor),
        "user_id": request.user.pk,
        "holds": disposal.open_holds(actor=actor),
        "stones": [(reference(s.case_number), s) for s in disposal.tombstones(actor=actor)[:20]],
        "columns": [
            {"label": _("Kind")},
            {"label": _("Outcome")},
            {"label": _("Kept for")},
            {"label": _("Why")},
        ],
    }
    return render(request, "pages/office/retention.html", context)


@staff(*KEEPERS)
@require_POST
def retention_do(request: HttpRequest) -> HttpResponse:
    """Propose, approve or decline disposal; place or lift a hold."""
    known = {"actor": actor_of(request), "at": timezone.now()}
    try:
        messages.success(request, _deed(request, known))
    except Invalid as refused:
        messages.error(request, _words(refused))
    return redirect("office_retention")


def _deed(request: HttpRequest, known: dict[str, Any]) -> str:
    data = request.POST
    row = data.get("row", "")
    number = int(row) if row.isdigit() else 0
    match data.get("deed"):
        case "propose":
            numbers = [int(n) for n in data.getlist("case") if n.isdigit()]
            made = disposal.propose(numbers, reason=data.get("reason", ""), **known)
            return _("%(count)s cases wait for a second person.") % {"count": len(made)}
        case "approve":
            stone = disposal.approve(get_object_or_404(Disposal, pk=number), **known)
            return _("%(case)s is destroyed. What stays is that it was.") % {"case": reference(stone.case_number)}
        case "decline":
            disposal.decline(get_object_or_404(Disposal, pk=number), **known)
            return _("The proposal is taken back; the case stays.")
        case "hold":
            case = disposal.find_case(data.get("reference", ""), actor=known["actor"])
            disposal.place_hold(case, reason=data.get("reason", ""), **known)
            return _("%(case)s is held. Nothing of it can be destroyed.") % {"case": case.reference}
        case "lift":
            disposal.lift_hold(get_object_or_404(Hold, pk=number), **known)
            return _("The hold is lifted.")
    raise Http404


class PersonSearch(forms.Form):
    """Whom a request is about, and how we know that it is theirs."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone number"), required=False, max_length=40)
    reason = forms.CharField(
        label=gettext_lazy("How they proved who they are"),
        max_length=400,
        help_text=gettext_lazy("Kept in the access log with your name."),
    )
    use_required_attribute = False


class PersonCorrection(forms.Form):
    """What somebody's details should be."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone number"), required=False, max_length=40)
    address = forms.CharField(label=gettext_lazy("Address for letters"), required=False, max_length=300)
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]


PERSON_ROLES = (Role.ADMIN, Role.RECORDS, Role.STANDARDS)


@never_cache
@staff(*PERSON_ROLES)
def persons(request: HttpRequest) -> HttpResponse:
    """Find what is held on somebody; then export, correct or erase. Searches are POSTs: no address names anybody."""
    form = PersonSearch(request.POST or None)
    now = timezone.now()
    if request.method != "POST" or not form.is_valid():
        return _persons_page(request, form)
    data = form.cleaned_data
    try:
        held = person_requests.find(
            email=data["email"],
            phone=data["phone"],
            reason=data["reason"],
            actor=actor_of(request),
            at=now,  # type: ignore[attr-defined]
        )
        done = _on_person(request, held, data, at=now)
    except Invalid as refused:
        form.add_error(None, _words(refused))
        return _persons_page(request, form)
    return done or _persons_page(request, form, held=held)


def _on_person(
    request: HttpRequest, held: person_requests.Held, data: dict[str, Any], *, at: dt.datetime
) -> HttpResponse | None:
    actor = actor_of(request)
    match request.POST.get("deed"):
        case "export":
            body = orjson.dumps(person_requests.export(held, actor=actor, at=at), option=orjson.OPT_INDENT_2)
            answer = HttpResponse(body, content_type="application/json")
            answer["Content-Disposition"] = 'attachment; filename="what-we-hold.json"'
            return answer
        case "erase":
            count = person_requests.erase(
                held, words=request.POST.get("words") == "on", reason=data["reason"], actor=actor, at=at
            )
            messages.success(
                request,
                _("Erased: %(count)s entries about a person. That there were reports stays.") % {"count": count},
            )
            return redirect("office_persons")
        case "correct":
            number = request.POST.get("person", "")
            person = next((p for p in held.persons if str(p.pk) == number), None)
            correction = PersonCorrection(request.POST, prefix=f"p{number}")
            if person is None:
                raise Http404
            if not correction.is_valid():
                return None
            person_requests.correct(person, correction.cleaned_data, actor=actor, at=at)
            messages.success(request, _("Corrected."))
            return redirect("office_persons")
    return None


def _persons_page(
    request: HttpRequest, form: PersonSearch, *, held: person_requests.Held | None = None
) -> HttpResponse:
    def correction(person: Person) -> PersonCorrection:
        prefix = f"p{person.pk}"
        sent = request.POST if request.POST.get("person") == str(person.pk) else None
        start = {name: getattr(person, name) for name in person_requests.CORRECTABLE}
        return PersonCorrection(sent, prefix=prefix, initial=start)

    people = (
        [(p, correction(p), [part for part in held.parts if part.person_id == p.pk]) for p in held.persons]
        if held
        else []
    )
    context = {"form": form, "held": held, "people": people, "section": "office"}
    return render(request, "pages/office/persons.html", context, status=422 if form.errors else 200)
