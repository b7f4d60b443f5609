"""Entering a report for somebody at the counter, on the telephone or on paper: one page for every kind (F11)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.activities.coming_of import open_at
from commonbeat.cases import files, sealed_files
from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.categories import Known, categories
from commonbeat.cases.danger import Alarm, alarms_of, together
from commonbeat.cases.finding import find_categories
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.community.agency import current
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.counter import counters_of
from commonbeat.interfaces.web.desk.hand_off import IN_DANGER, danger_record, hand_off_form, is_urgent
from commonbeat.interfaces.web.desk.options import category_choices, residents_languages
from commonbeat.interfaces.web.desk.raised import meeting_of
from commonbeat.interfaces.web.desk.work import repeat_words
from commonbeat.interfaces.web.forms import FieldsForm, form_for

CLERKS = tuple(sorted(set().union(*(kind.intake.openers for kind in KINDS))))
"""Roles that may open a case of some kind here; what is behind the page asks again for the kind that is chosen."""
WAYS = ("phone", "counter", "paper", "text", "meeting")
TOLD = {"none": N_("No messages"), "email": N_("By e-mail"), "call": N_("By telephone")}
BAD_NUMBER = N_("Give the place as two numbers of degrees, for example 41.88 and -87.63, or leave both empty.")


def kinds_for(actor: Actor) -> list[Kind]:
    """Kinds that this person may open here; what residents report in the open stands first."""
    mine = [kind for kind in KINDS if actor.has(*kind.intake.openers)]
    return sorted(mine, key=lambda kind: (not kind.public, kind.slug))


def _kind(request: HttpRequest) -> Kind:
    """The kind that was chosen, that of the category in the address, or the first; 404 for what is not theirs."""
    mine = kinds_for(actor_of(request))
    known = _chosen(request.GET.get("category"))
    wanted = request.POST.get("kind") or request.GET.get("kind") or (known.row.kind if known else "")
    found = next((kind for kind in mine if not wanted or kind.slug == wanted), None)
    if found is None:
        raise Http404
    return found


def fields_of_page(kind: Kind) -> tuple[Field, ...]:
    """The questions of the page as far as the kind asks them, before its own and the category's."""
    intake = kind.intake
    asked = {
        "channel": intake.reported, "category": intake.categories,
        **dict.fromkeys(("name", "phone", "email", "told_by", "hidden"), intake.contact),
        "language": intake.reported,
    }  # fmt: skip
    shown = (item for item in _FIELDS if asked.get(item.code, True))
    return tuple(item if intake.place or item.code != "area" else replace(item, hint="") for item in shown)


_FIELDS = (
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


def page_form(kind: Kind, data: Any = None) -> FieldsForm:
    """The form of the page."""
    language = get_language() or "en"
    sources = {
        "category": category_choices(language, kind=kind.slug),
        "area": [(area.pk, area.name) for area in places().serving],
        "channel": [(way, say.channel_label(way)) for way in WAYS if way in kind.intake.channels],
        "told_by": [(slug, gettext(label)) for slug, label in TOLD.items()],
        "language": residents_languages(),
    }
    return form_for(fields_of_page(kind), data=data, language=language, sources=sources)


def questions_form(known: Known | None, data: Any = None) -> FieldsForm | None:
    """The category's own questions."""
    if known is None or not known.fields:
        return None
    return form_for(known.fields, data=data, language=get_language() or "en", prefix="a")


def own_form(kind: Kind, data: Any = None) -> FieldsForm | None:
    """What the kind asks of every such case."""
    if not kind.intake.fields:
        return None
    return form_for(kind.intake.fields, data=data, language=get_language() or "en", prefix="k")


def _chosen(text: str | None) -> Known | None:
    return categories().get(int(text)) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


@staff(*CLERKS)
def enter(request: HttpRequest) -> HttpResponse:
    """The page; sending it opens the case and shows the slip to print."""
    kind = _kind(request)
    if request.method != "POST":
        form = page_form(kind)
        form.initial = {"category": request.GET.get("category", ""), **_of_meeting(request)}
        return show(request, kind, form, own_form(kind), questions_form(_chosen(request.GET.get("category"))))
    known = _chosen(request.POST.get("category")) if kind.intake.categories else None
    form, own, questions = (
        page_form(kind, request.POST),
        own_form(kind, request.POST),
        questions_form(known, request.POST),
    )
    uploads, unread = _photos(request, kind)
    alarm = _alarm(form, known, (own, questions))
    handed = hand_off_form(request.POST, required=is_urgent(alarm))
    kept: dict[str, Any] = {"uploads": uploads, "hand_off": handed, "danger": is_urgent(alarm)}
    if request.POST.get("ask"):  # without scripts: the category's questions after it was chosen
        typed_own = own_form_typed(kind, own)
        return show(request, kind, page_form_typed(kind, form), typed_own, questions_form(known), uploads=uploads)
    if "handed" in handed.errors:
        unread.insert(0, Problem("danger", IN_DANGER))
    parts = [part for part in (form, own, questions, handed) if part is not None]
    if not all([*(part.is_valid() for part in parts), not unread]):
        form.add_problems(Invalid(unread))
        return show(request, kind, form, own, questions, status=422, **kept)
    try:
        zone = ZoneInfo(current().timezone)
        danger = danger_record(alarm, handed.cleaned_data, zone=zone, at=timezone.now())
        opened = _open(request, kind, parts[:-1], uploads, danger)
    except Invalid as refused:
        _place(form, (own, questions, handed), refused)
        return show(request, kind, form, own, questions, status=422, **kept)
    if not kind.intake.reported:  # there is nobody to give a receipt to
        return HttpResponseRedirect(f"/desk/{opened.case.reference}/")
    return slip(request, opened)


def _alarm(form: FieldsForm, known: Known | None, parts: Sequence[FieldsForm | None]) -> Alarm | None:
    """What the report tells of danger as it was typed, right or wrong."""
    typed = form.typed()
    answers = {code: value for part in parts if part for code, value in part.typed().items()}
    language = str(typed.get("language") or "en")
    return together(alarms_of(known, text=str(typed.get("text") or ""), answers=answers, language=language))


def _photos(request: HttpRequest, kind: Kind) -> tuple[list[str], list[Problem]]:
    """Tokens of the photos sent now and with earlier tries, so that an error elsewhere loses none."""
    tokens = [token[:200] for token in request.POST.getlist("upload")][:20]
    unread: list[Problem] = []
    accept = sealed_files.accept if kind.sealed else files.accept
    for sent in request.FILES.getlist("photo"):
        try:
            tokens.append(accept(sent.name or "", sent.read(), at=timezone.now()))
        except Invalid as refused:
            unread += refused.problems
    return tokens, unread


def page_form_typed(kind: Kind, form: FieldsForm) -> FieldsForm:
    """The same form showing what was typed, before it is checked."""
    shown = page_form(kind)
    shown.initial = form.typed()
    return shown


def own_form_typed(kind: Kind, own: FieldsForm | None) -> FieldsForm | None:
    """The kind's own questions showing what was typed."""
    shown = own_form(kind)
    if shown and own:
        shown.initial = own.typed()
    return shown


def _place(form: FieldsForm, parts: Sequence[FieldsForm | None], refused: Invalid) -> None:
    """Problems beside their question: the kind's, the category's, the hand-off's, or the page's."""
    rest = list(refused.problems)
    for part in parts:
        mine = [p for p in rest if part is not None and p.code in part.fields]
        rest = [p for p in rest if p not in mine]
        if part is not None:
            part.add_problems(Invalid(mine))
    form.add_problems(Invalid(rest))


def _open(request: HttpRequest, kind: Kind, parts: Sequence[FieldsForm], uploads: list[str], danger: Any) -> Opened:
    given, at = parts[0].cleaned_data, timezone.now()
    lat, long = _degrees(given.get("lat")), _degrees(given.get("long"))
    if (lat is None) != (long is None):
        raise Invalid([Problem("lat", BAD_NUMBER)])
    if given.get("told_by") == "email" and "@" not in given.get("email", ""):
        raise Invalid([Problem("email", N_("Enter the e-mail address, or choose another way to tell them."))])
    if given.get("told_by") == "call" and not given.get("phone"):
        raise Invalid([Problem("phone", N_("Enter the telephone number, or choose another way to tell them."))])
    report = Report(
        category_id=int(given["category"]) if given.get("category") else None, text=given["text"],
        address=given.get("address", ""), lat=lat, long=long, area_id=int(given["area"]) if given.get("area") else None,
        answers={code: value for part in parts[1:] for code, value in part.cleaned_data.items()},
        name=given.get("name", ""), email=given.get("email", ""), phone=given.get("phone", ""),
        told_by=given.get("told_by", "none"), hidden=bool(given.get("hidden")), language=given.get("language", "en"),
        channel=given.get("channel", "desk"), uploads=tuple(uploads), danger=danger,
    )  # fmt: skip
    how: dict[str, Any] = {"actor": actor_of(request), "at": at, "client_id": _uuid(request.POST.get("client_id"))}
    meeting = meeting_of(request)
    return open_at(meeting, kind.slug, report, **how) if meeting else open_case(kind.slug, report, **how)


def _of_meeting(request: HttpRequest) -> dict[str, Any]:
    """What the meeting that it was raised at says already."""
    meeting = meeting_of(request)
    return {"channel": "meeting", "area": meeting.area_id or ""} if meeting else {}


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
    request: HttpRequest, kind: Kind, form: FieldsForm, own: FieldsForm | None, questions: FieldsForm | None, *,
    status: int = 200, uploads: list[str] | None = None, hand_off: FieldsForm | None = None, danger: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page with its forms."""
    client_id = _uuid(request.POST.get("client_id")) or uuid.uuid4()
    context = {
        "category_groups": category_choices(get_language() or "en", kind=kind.slug), "kind": kind,
        "kinds": [(one.slug, gettext(one.label)) for one in kinds_for(actor_of(request))],
        "counters": counters_of(actor_of(request)),
        "chosen": str(form["category"].value() or "") if kind.intake.categories else "",
        "form": form, "own": own, "questions": questions, "client_id": client_id, "section": "enter_report",
        "meeting": meeting_of(request),
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
        "meeting": meeting_of(request),
        "case": case, "reference": case.reference, "code": opened.code, "replayed": opened.replayed,
        "category": shown.category(case.category_id), "area": shown.area(case.area_id),
        "due": shown.local(case.due_at) if case.due_at else "", "opened": shown.local(case.opened_at),
        "visible": Case.objects.visible_to(actor_of(request)).filter(pk=case.pk).exists(),
        "section": "enter_report", "return_url": settings.SITE_URL + KINDS[case.kind].intake.back, "kind": case.kind,
        "repeats": repeat_words(case, actor=actor_of(request), shown=shown),
        "who": gettext("nobody yet") if not (case.assignee_id or case.team_id) else _with(case),
    }  # fmt: skip
    answer = render(request, "pages/desk/slip.html", context, status=201)
    answer["Cache-Control"] = "no-store"
    return answer


def _with(case: Case) -> str:
    return case.assignee.name if case.assignee else case.team.name if case.team else ""
