"""Taking something at the counter, on the telephone or from a letter, on the form that residents have themselves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.cases.actions import Opened
from commonbeat.cases.danger import together
from commonbeat.cases.models import Case
from commonbeat.community.agency import setting, zone
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.registry import Registry
from commonbeat.interfaces.access import actor_of, may_open
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.hand_off import IN_DANGER, danger_record, hand_off_form, is_urgent
from commonbeat.interfaces.web.forms import FieldsForm
from commonbeat.interfaces.web.one_page import OnePage, answers_in_words, client_id_of, keep_photos


@dataclass(frozen=True)
class Counter:
    """A form of its own for taking something at the counter: its route, and what it is called there."""

    slug: str
    label: str


COUNTERS: Registry[Counter] = Registry("counter")


def counters_of(actor: Actor) -> list[tuple[str, str]]:
    """The forms that this person may open, as addresses with words."""
    return [(reverse(one.slug), gettext(one.label)) for one in COUNTERS if may_open(actor, one.slug)]


def take_at_counter(request: HttpRequest, page: OnePage, *, folder: str) -> HttpResponse:
    """The form; sending it opens the case and shows the slip for whoever came, with their own copy."""
    if request.method != "POST":
        return _show(request, page, page.form(staff=True), hand_off_form(required=False), folder=folder)
    photos, unkept = keep_photos(request)
    form = page.form(request.POST, staff=True)
    alarm = together(page.alarms(form))
    handed = hand_off_form(request.POST, required=is_urgent(alarm))
    fine = [form.is_valid(), handed.is_valid(), not unkept.problems]
    try:
        if "handed" in handed.errors:
            raise Invalid([Problem("danger", IN_DANGER), *unkept.problems])
        if not all(fine):
            raise unkept
        at = timezone.now()
        danger = danger_record(alarm, handed.cleaned_data, zone=zone(), at=at)
        opened = page.open(
            form, uploads=tuple(photos), danger=danger, client_id=client_id_of(request), actor=actor_of(request)
        )
    except Invalid as refused:
        _place(form, handed, refused)
        return _show(request, page, form, handed, folder=folder, photos=photos, urgent=is_urgent(alarm), status=422)
    return _slip(request, opened, folder=folder)


def _place(form: FieldsForm, handed: FieldsForm, refused: Invalid) -> None:
    """Problems beside their question: the hand-off's or the page's."""
    of_hand_off = [problem for problem in refused.problems if problem.code in handed.fields]
    handed.add_problems(Invalid(of_hand_off))
    form.add_problems(Invalid([problem for problem in refused.problems if problem not in of_hand_off]))


def _show(
    request: HttpRequest, page: OnePage, form: FieldsForm, handed: FieldsForm, *, folder: str,
    photos: list[str] | None = None, urgent: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "parts": page.parts(form), "hand_off": handed, "urgent": urgent, "kept_photos": photos or [],
        "client_id": client_id_of(request) or uuid.uuid4(), "most_mb": setting("max_photo_mb"),
        "section": "enter_report",
    }  # fmt: skip
    return render(request, f"pages/desk/{folder}/new.html", context, status=status)


def _slip(request: HttpRequest, opened: Opened, *, folder: str) -> HttpResponse:
    """The receipt to print and hand over; the code is shown this once. Whoever took it may not see it again."""
    shown, case = say.words(at=timezone.now()), opened.case
    context: dict[str, Any] = {
        "case": case, "reference": case.reference, "code": opened.code, "replayed": opened.replayed,
        "opened": shown.local(case.opened_at), "statement": case.text, "where": case.address,
        "answers": answers_in_words(case, language=get_language() or "en"), "site_url": settings.SITE_URL,
        "visible": Case.objects.visible_to(actor_of(request)).filter(pk=case.pk).exists(), "section": "enter_report",
    }  # fmt: skip
    answer = render(request, f"pages/desk/{folder}/slip.html", context, status=200 if opened.replayed else 201)
    answer["Cache-Control"] = "no-store"
    return answer
