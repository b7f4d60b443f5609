"""Entering a report for somebody at the counter, on the telephone or on paper: one page, by keyboard (F11)."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.cases import files
from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.categories import Known, categories
from commonbeat.cases.danger import Alarm, alarms_of, together
from commonbeat.cases.finding import find_categories
from commonbeat.cases.models import Case
from commonbeat.community.agency import current
from commonbeat.community.places import places
from commonbeat.core.actor import WORKERS, Actor, Role
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.hand_off import IN_DANGER, danger_record, hand_off_form, is_urgent
from commonbeat.interfaces.web.desk.options import category_choices, residents_languages
from commonbeat.interfaces.web.desk.work import repeat_words
from commonbeat.interfaces.web.forms import FieldsForm, form_for

CLERKS = (*WORKERS, Role.SUPERVISOR, Role.RECORDS, Role.ADMIN)
WAYS = ("phone", "counter", "paper", "text", "meeting")
TOLD = {"none": N_("No messages"), "email": N_("By e-mail"), "call": N_("By telephone")}
BAD_NUMBER = N_("Give the place as two numbers of degrees, for example 41.88 and -87.63, or leave both empty.")


def fields_of_page() -> tuple[Field, ...]:
    """The questions of the page, before the category's own."""
    return (
        Field("channel", N_("How it came in"), source="channel", required=True, initial="phone"),
        Field("category", N_("Category"), source="category", required=True),
        Field("text", N_("What happened"), "text", required=True, hint=N_("In the person's own words.")),
        Field("address", N_("Address or landmark")),
        Field("area", N_("Area"), source="area", hint=N_("Needed when there is no point on the map.")),
        Field("lat", N_("Latitude")),
        Field("long", N_("Longitude")),
        Field("name", N_("Name"), personal=True),
        Field("phone", N_("Telephone"), personal=True),
        Field("email", N_("E-mail address"), personal=True),
        Field("told_by", N_("How to tell them"), source="told_by", required=True, initial="none"),
        Field("language", N_("Their language"), source="language", required=True, initial="en"),
        Field("hidden", N_("They don't want to be known, not even by staff"), "boolean"),
    )  # fmt: skip


def page_form(data: Any = None) -> FieldsForm:
    """The form of the page."""
    language = get_language() or "en"
    sources = {
        "category": category_choices(language),
        "area": [(area.pk, area.name) for area in places().serving],
        "channel": [(way, say.channel_label(way)) for way in WAYS],
        "told_by": [(slug, gettext(label)) for slug, label in TOLD.items()],
        "language": residents_languages(),
    }
    return form_for(fields_of_page(), data=data, language=language, sources=sources)


def questions_form(known: Known | None, data: Any = None) -> FieldsForm | None:
    """The category's own questions."""
    if known is None or not known.fields:
        return None
    return form_for(known.fields, data=data, language=get_language() or "en", prefix="a")


def _chosen(text: str | None) -> Known | None:
    return categories().get(int(text)) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


@staff(*CLERKS)
def enter(request: HttpRequest) -> HttpResponse:
    """The page; sending it opens the case and shows the slip to print."""
    if request.method != "POST":
        form = page_form()
        form.initial = {"category": request.GET.get("category", "")}
        return show(request, form, questions_form(_chosen(request.GET.get("category"))))
    known = _chosen(request.POST.get("category"))
    form, questions = page_form(request.POST), questions_form(known, request.POST)
    uploads, unread = _photos(request)
    alarm = _alarm(form, known, questions)
    handed = hand_off_form(request.POST, required=is_urgent(alarm))
    kept: dict[str, Any] = {"uploads": uploads, "hand_off": handed, "danger": is_urgent(alarm)}
    if request.POST.get("ask"):  # without scripts: the category's questions after it was chosen
        return show(request, page_form_typed(form), questions_form(known), uploads=uploads)
    if "handed" in handed.errors:
        unread.insert(0, Problem("danger", IN_DANGER))
    fine = all([form.is_valid(), questions is None or questions.is_valid(), handed.is_valid(), not unread])
    if not fine:
        form.add_problems(Invalid(unread))
        return show(request, form, questions, status=422, **kept)
    try:
        zone = ZoneInfo(current().timezone)
        danger = danger_record(alarm, handed.cleaned_data, zone=zone, at=timezone.now())
        opened = _open(request, form, questions, uploads, danger)
    except Invalid as refused:
        _place(form, questions, handed, refused)
        return show(request, form, questions, status=422, **kept)
    return slip(request, opened)


def _alarm(form: FieldsForm, known: Known | None, questions: FieldsForm | None) -> Alarm | None:
    """What the report tells of danger as it was typed, right or wrong."""
    typed = form.typed()
    answers = questions.typed() if questions else {}
    language = str(typed.get("language") or "en")
    return together(alarms_of(known, text=str(typed.get("text") or ""), answers=answers, language=language))


def _photos(request: HttpRequest) -> tuple[list[str], list[Problem]]:
    """Tokens of the photos sent now and with earlier tries, so that an error elsewhere loses none."""
    tokens = [token[:200] for token in request.POST.getlist("upload")][:20]
    unread: list[Problem] = []
    for sent in request.FILES.getlist("photo"):
        try:
            tokens.append(files.accept(sent.name or "", sent.read(), at=timezone.now()))
        except Invalid as refused:
            unread += refused.problems
    return tokens, unread


def page_form_typed(form: FieldsForm) -> FieldsForm:
    """The same form showing what was typed, before it is checked."""
    shown = page_form()
    shown.initial = form.typed()
    return shown


def _place(form: FieldsForm, questions: FieldsForm | None, handed: FieldsForm, refused: Invalid) -> None:
    """Problems beside their question: the category's, the hand-off's, or the page's."""
    rest = list(refused.problems)
    for part in (questions, handed):
        mine = [p for p in rest if part is not None and p.code in part.fields]
        rest = [p for p in rest if p not in mine]
        if part is not None:
            part.add_problems(Invalid(mine))
    form.add_problems(Invalid(rest))


def _open(
    request: HttpRequest, form: FieldsForm, questions: FieldsForm | None, uploads: list[str], danger: Any
) -> Opened:
    given, at = form.cleaned_data, timezone.now()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    lat, long = _degrees(given.get("lat")), _degrees(given.get("long"))
    if (lat is None) != (long is None):
        raise Invalid([Problem("lat", BAD_NUMBER)])
    if given.get("told_by") == "email" and "@" not in given.get("email", ""):
        raise Invalid([Problem("email", N_("Enter the e-mail address, or choose another way to tell them."))])
    if given.get("told_by") == "call" and not given.get("phone"):
        raise Invalid([Problem("phone", N_("Enter the telephone number, or choose another way to tell them."))])
    report = Report(
        category_id=int(given["category"]), text=given["text"], address=given.get("address", ""), lat=lat, long=long,
        area_id=int(given["area"]) if given.get("area") else None, answers=questions.cleaned_data if questions else {},
        name=given.get("name", ""), email=given.get("email", ""), phone=given.get("phone", ""),
        told_by=given["told_by"], hidden=bool(given.get("hidden")), language=given["language"],
        channel=given["channel"], uploads=tuple(uploads), danger=danger,
    )  # fmt: skip
    kind = categories()[int(given["category"])].row.kind
    return open_case(kind, report, actor=actor, at=at, client_id=_uuid(request.POST.get("client_id")))


def _degrees(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise Invalid([Problem("lat", BAD_NUMBER)]) from None
    if not -180 <= number <= 180:
        raise Invalid([Problem("lat", BAD_NUMBER)])
    return number


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def show(
    request: HttpRequest, form: FieldsForm, questions: FieldsForm | None, *, status: int = 200,
    uploads: list[str] | None = None, hand_off: FieldsForm | None = None, danger: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page with its forms."""
    client_id = _uuid(request.POST.get("client_id")) or uuid.uuid4()
    context = {
        "category_groups": category_choices(get_language() or "en"), "chosen": str(form["category"].value() or ""),
        "form": form, "questions": questions, "client_id": client_id, "section": "enter_report",
        "uploads": uploads or [], "danger": danger, "hand_off": hand_off or hand_off_form(required=False),
    }  # fmt: skip
    return render(request, "pages/desk/enter.html", context, status=status)


@staff(*CLERKS)
@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """The categories that plain words mean, in any language that they have, best first."""
    found = find_categories(request.GET.get("q", ""), most=12)
    return JsonResponse({"found": [str(known.row.pk) for known in found]})


@staff(*CLERKS)
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """The questions of a category, for the page to put in when one is chosen."""
    return render(
        request, "pages/desk/questions.html", {"questions": questions_form(_chosen(request.GET.get("category")))}
    )


def slip(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The receipt to print and hand over. The code is shown this once; a form sent twice gives no second one."""
    shown, case = say.words(at=timezone.now()), opened.case
    context = {
        "case": case, "reference": case.reference, "code": opened.code, "replayed": opened.replayed,
        "category": shown.category(case.category_id), "area": shown.area(case.area_id),
        "due": shown.local(case.due_at) if case.due_at else "", "opened": shown.local(case.opened_at),
        "visible": Case.objects.visible_to(actor_of(request)).filter(pk=case.pk).exists(),
        "section": "enter_report", "site_url": settings.SITE_URL,
        "repeats": repeat_words(case, actor=actor_of(request), shown=shown),
        "who": gettext("nobody yet") if not (case.assignee_id or case.team_id) else _with(case),
    }  # fmt: skip
    answer = render(request, "pages/desk/slip.html", context, status=201)
    answer["Cache-Control"] = "no-store"
    return answer


def _with(case: Case) -> str:
    return case.assignee.name if case.assignee else case.team.name if case.team else ""
