"""Complaints on the desk besides their case page: taken at the counter, the letter on paper, recommendations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases.identity import IdentityClosed, open_contact
from commonbeat.cases.models import Participant
from commonbeat.cases.story import NoSuchCase, find
from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import reference as reference_of
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.counter import take_at_counter
from commonbeat.interfaces.web.desk.enter import CLERKS
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.public.complaint import COMPLAINT, letter_words
from commonbeat.kinds.complaint import lessons
from commonbeat.kinds.complaint.lessons import ANSWERERS, ANSWERS, FIELDS, READERS, AnsweredMeanwhile
from commonbeat.kinds.complaint.letter import letter_of
from commonbeat.kinds.complaint.models import Recommendation
from commonbeat.kinds.complaint.vocabulary import label


@staff(*CLERKS, Role.STANDARDS)
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take a complaint from somebody at the counter. Whoever takes it does not see it again without the role."""
    return take_at_counter(request, COMPLAINT, folder="complaint")


@staff(Role.STANDARDS)
@never_cache
@require_safe
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter on paper, in the complainant's language. It names them, so that it was opened is logged."""
    try:
        case = find(reference, actor=actor_of(request))
    except NoSuchCase:
        raise Http404 from None
    found = letter_of(case)
    if found is None or case.kind != COMPLAINT.slug:
        raise Http404
    language = case.language if translation.check_for_language(case.language) else "en"
    with translation.override(language):
        context = letter_words(found) | {
            "case": case, "reference": case.reference, "language": language, "rtl": translation.get_language_bidi(),
            "recipient": _recipient(request, case.participants.filter(role="reporter").first()),
            "case_url": f"/desk/{case.reference}/",
        }  # fmt: skip
    return render(request, "pages/desk/complaint/letter.html", context)


def _recipient(request: HttpRequest, participant: Participant | None) -> str:
    if participant is None or participant.person is None:
        return ""
    try:
        person = open_contact(participant, actor=actor_of(request), at=timezone.now()).person
    except IdentityClosed:  # who asked not to be known gets the letter on their page
        return ""
    return person.name if person and not person.shredded_at else ""


@staff(*READERS)
@require_safe
def recommendations(request: HttpRequest) -> HttpResponse:
    """What complaints taught, and what became of it."""
    return _recommendations(request)


def _recommendations(request: HttpRequest, *, tried: FieldsForm | None = None, status: int = 200) -> HttpResponse:
    actor, shown = actor_of(request), say.words(at=timezone.now())
    may_answer = actor.has(*ANSWERERS)
    cases = set(_visible_cases(request))
    rows = [
        {
            "pk": row.pk, "about": row.about, "text": row.text, "made": shown.local(row.made_at),
            "version": row.version, "answer": gettext(label(ANSWERS, row.answer)) if row.answer else "",
            "answer_text": row.answer_text,
            "answered": _signed(row, shown),
            "reference": reference_of(row.case_id) if row.case_id in cases and row.case_id else "",
            "form": _form(row, tried) if may_answer else None, "tried": bool(tried and tried.prefix == f"r{row.pk}"),
        }
        for row in lessons.recommendations(actor=actor)
    ]  # fmt: skip
    context = {"rows": rows, "section": "recommendations"}
    return render(request, "pages/desk/complaint/recommendations.html", context, status=status)


def _visible_cases(request: HttpRequest) -> list[int]:
    from commonbeat.cases.models import Case

    rows = Case.objects.visible_to(actor_of(request)).filter(recommendations__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _signed(row: Recommendation, shown: say.Words) -> str:
    if row.answered_at is None:
        return ""
    return f"{row.answered_by.name if row.answered_by else ''}, {shown.local(row.answered_at)}"


def _form(row: Recommendation, tried: FieldsForm | None) -> FieldsForm:
    if tried is not None and tried.prefix == f"r{row.pk}":
        return tried
    initial = {"answer": row.answer, "text": row.answer_text}
    return form_for(FIELDS, language=get_language() or "en", prefix=f"r{row.pk}", initial=initial)


@staff(*ANSWERERS)
@require_http_methods(["POST"])
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Answer a recommendation; what was typed is kept when it cannot be taken."""
    actor: Any = actor_of(request)
    row = lessons.recommendations(actor=actor).filter(pk=number).first()
    if row is None:
        raise Http404
    form = form_for(FIELDS, data=request.POST, language=get_language() or "en", prefix=f"r{row.pk}")
    version = request.POST.get("version", "")
    if not form.is_valid():
        return _recommendations(request, tried=form, status=422)
    try:
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        lessons.answer(row, data=form.cleaned_data, version=seen, actor=actor, at=timezone.now())
    except Invalid as refused:
        form.add_problems(refused)
        return _recommendations(request, tried=form, status=422)
    except AnsweredMeanwhile:
        form.add_error(None, gettext("Somebody else answered meanwhile. Read it below, then send yours again."))
        return _recommendations(request, tried=form, status=409)
    messages.success(request, gettext("The answer is saved."))
    return HttpResponseRedirect(reverse("recommendations"))
