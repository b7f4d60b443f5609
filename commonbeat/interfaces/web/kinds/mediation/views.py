"""Mediations on the desk besides their case page: taken, offered, settled on the spot; letters, the agreement."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonbeat.cases.actions import Opened, Report
from commonbeat.cases.identity import IdentityClosed, open_contact
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.story import NoSuchCase, find
from commonbeat.community.access import make_link
from commonbeat.community.agency import local_day
from commonbeat.community.models import OneTimeLink
from commonbeat.community.places import places
from commonbeat.core.actor import INSIDERS, WORKERS, Actor, Role
from commonbeat.core.fields import Field, Invalid
from commonbeat.core.qr import square
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.agreement import agreement_pdf, called
from commonbeat.interfaces.web.desk.case import read_story, show_story
from commonbeat.interfaces.web.desk.counter import take_at_counter
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.one_page import OnePage, client_id_of
from commonbeat.interfaces.web.papers import pdf_answer
from commonbeat.interfaces.web.public.mediation import MEDIATION
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.conference.deeds import refer
from commonbeat.kinds.conference.vocabulary import REFERRAL_FIELDS
from commonbeat.kinds.mediation.actions import QUICK_FIELDS, may_come_from, offer, settle_on_the_spot
from commonbeat.talks.agreeing import points_of
from commonbeat.talks.models import Side
from commonbeat.talks.sides import LINK

TAKERS = tuple(sorted(WORKERS | {Role.SUPERVISOR, Role.RECORDS, Role.ADMIN}))
INVITATIONS = {
    "mediation": "pages/desk/mediation/_invitation.html",
    "conference": "pages/desk/mediation/_invitation_conference.html",
}
"""The words of a letter to a side, by the kind of talks."""
LETTER_OPENS = dt.timedelta(days=60)
"""A letter takes longer than a mail, and waits on a table."""


@dataclass(frozen=True)
class FromCase(OnePage):
    """The form for somebody who reported another case: we know them, so it asks for no contact."""

    origin: Case | None = None

    def fields(self, *, staff: bool) -> tuple[Field, ...]:
        """What it is about, and who the other side is."""
        return (self.text, *KINDS[self.slug].intake.fields)

    def open(
        self, form: FieldsForm, *, uploads: tuple[str, ...], danger: Any, client_id: uuid.UUID | None, actor: Actor
    ) -> Opened:
        """Open it with the contact of who reported the other case. Raises `Invalid`."""
        assert self.origin is not None
        given = form.cleaned_data
        asked = {field.code for field in KINDS[self.slug].intake.fields}
        answers = {code: value for code, value in given.items() if code in asked}
        report = Report(text=str(given["text"]), answers=answers, danger=danger, uploads=uploads)
        return offer(self.origin, report, actor=actor, at=timezone.now(), client_id=client_id)


@staff(*TAKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take a request at the counter, or with `?from=` offer mediation to who reported another case."""
    origin = request.GET.get("from", "")
    if not origin:
        return take_at_counter(request, MEDIATION, folder="mediation")
    case = _case(request, origin)
    if not may_come_from(case):
        raise Http404
    return take_at_counter(request, FromCase(MEDIATION.slug, MEDIATION.text, origin=case), folder="mediation")


def _case(request: HttpRequest, reference: str) -> Case:
    try:
        return find(reference, actor=actor_of(request))
    except NoSuchCase:
        raise Http404 from None


@staff(*sorted(WORKERS))
@never_cache
@require_http_methods(["GET", "POST"])
def quick(request: HttpRequest) -> HttpResponse:
    """What was settled on the spot, in one form and under a minute."""
    sources = {"area": [(area.pk, area.name) for area in places().serving]}
    data = request.POST if request.method == "POST" else None
    form = form_for(QUICK_FIELDS, language=get_language() or "en", data=data, sources=sources)
    if data is not None and form.is_valid():
        try:
            case = settle_on_the_spot(
                form.cleaned_data, actor=actor_of(request), at=timezone.now(), client_id=client_id_of(request)
            )
            messages.success(request, gettext("It is recorded. Thank you for settling it."))
            return HttpResponseRedirect(f"/desk/{case.reference}/")
        except Invalid as refused:
            form.add_problems(refused)
    context = {"form": form, "client_id": client_id_of(request) or uuid.uuid4(), "section": "enter_report"}
    return render(request, "pages/desk/mediation/quick.html", context, status=422 if data is not None else 200)


@staff(*TAKERS)
@never_cache
@require_http_methods(["GET", "POST"])
def refer_conference(request: HttpRequest) -> HttpResponse:
    """Refer a matter to a restorative conference, from another case with `?from=` or without."""
    origin = _case(request, request.GET["from"]) if request.GET.get("from") else None
    if origin is not None and not may_come_from(origin):
        raise Http404
    sources = {"area": [(area.pk, area.name) for area in places().serving]}
    data = request.POST if request.method == "POST" else None
    form = form_for(REFERRAL_FIELDS, language=get_language() or "en", data=data, sources=sources)
    if data is not None and form.is_valid():
        try:
            opened = refer(
                form.cleaned_data, actor=actor_of(request), at=timezone.now(), origin=origin,
                client_id=client_id_of(request),
            )  # fmt: skip
            messages.success(request, _referred(opened.case))
            seen = Case.objects.visible_to(actor_of(request)).filter(pk=opened.case.pk).exists()
            return HttpResponseRedirect(f"/desk/{opened.case.reference}/" if seen else "/desk/")
        except Invalid as refused:
            form.add_problems(refused)
    context = {
        "form": form, "client_id": client_id_of(request) or uuid.uuid4(), "section": "enter_report",
        "origin": origin.reference if origin else "",
    }  # fmt: skip
    return render(request, "pages/desk/mediation/refer.html", context, status=422 if data is not None else 200)


def _referred(case: Case) -> str:
    return gettext("It is referred as %(reference)s. The coordinator has it.") % {"reference": case.reference}


@staff()
@never_cache
@require_safe
def agreement(request: HttpRequest, reference: str) -> HttpResponse:
    """What was agreed, to print and sign, in the language that the address names; that it was taken is logged."""
    case = _case(request, reference)
    if not points_of(case):
        raise Http404
    log_access("case", case.pk, "exported", actor=actor_of(request), at=timezone.now(), reason="agreement")
    made = agreement_pdf(case, language=request.GET.get("language") or case.language)
    return pdf_answer(made, f"{case.reference}-agreement")


@staff(*sorted(INSIDERS))
@never_cache
@require_POST
def letter(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The letter to one side, with a link of its own on paper; an earlier letter's link opens nothing any more."""
    case, at, actor = _case(request, reference), timezone.now(), actor_of(request)
    side = Side.objects.filter(case=case, pk=number).select_related("participant__person", "participant__user").first()
    if side is None or side.asked_at is None or not case.is_open:
        raise Http404
    try:
        person = open_contact(side.participant, actor=actor, at=at).person
    except IdentityClosed as closed:
        return show_story(request, read_story(request, reference), problem=gettext(str(closed)), status=403)
    language = side.language if translation.check_for_language(side.language) else "en"
    subject = ("participant", side.participant_id)
    OneTimeLink.objects.filter(
        purpose=LINK, subject_kind=subject[0], subject_id=subject[1], data__letter=True, revoked_at=None
    ).update(revoked_at=at)
    token = make_link(LINK, subject=subject, at=at, valid_for=LETTER_OPENS, data={"letter": True})
    address = f"{settings.SITE_URL}/talks/{token}/"
    user = side.participant.user
    with translation.override(language):
        context = {
            "case": case, "reference": case.reference, "language": language, "rtl": translation.get_language_bidi(),
            "name": user.name if user else person.name if person and not person.shredded_at else called(side),
            "address": person.address if person and not person.shredded_at else "", "about": case.detail("about", ""),
            "link": address,
            "qr": square(address, gettext("Code that opens your page")),
            "day": local_day(at), "case_url": f"/desk/{case.reference}/",
            "template": INVITATIONS[case.kind],
        }  # fmt: skip
    answer = render(request, "pages/desk/mediation/letter.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
