"""The own page of a side of talks: what it is about, one's yes or no, sessions, the agreement, and whether it holds.

It shows nothing of the other sides but what they are called and what everybody agreed on.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Participant
from commonbeat.cases.returning import open_visit, reporter_actor
from commonbeat.community.access import BadLink, find_link, make_link
from commonbeat.community.agency import local_day, zone
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.agreement import agreement_pdf, called, when_of, who_of
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.papers import pdf_answer
from commonbeat.interfaces.web.public.alarm import Way, ask_before_sending, shown_before, unanswered_in
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.talks.agreeing import points_of
from commonbeat.talks.models import Check, Session, Side
from commonbeat.talks.sessions import calendar_entry
from commonbeat.talks.sides import LINK, all_agree, sides_of
from commonbeat.talks.vocabulary import MEETING_WAYS, NO, SORTS, YES, label

STEPS = ("reply", "accept_own", "tell_how", "withdraw")
"""What a side can do here."""
WRITTEN = ("needs_text", "text", "reason")
FROM_VISIT = dt.timedelta(hours=2)
DONE = {
    "reply": N_("Thank you. We have your answer."),
    "accept_own": N_("Thank you. We have your yes to the agreement."),
    "tell_how": N_("Thank you. We have what you told us."),
    "withdraw": N_("The talks are ended. Thank you for telling us."),
}
MOVED = N_("This is not possible any more: the talks have moved on. Read below how they stand.")
CHANGED = N_("Something happened while you were writing. Read it below, then send your words again.")


def _side(token: str) -> Side:
    """Whose page it is. Raises `BadLink`."""
    link = find_link(token, purpose=LINK, at=timezone.now())
    rows = Side.objects.select_related("case", "participant__person", "participant__user")
    found = rows.filter(participant=link.subject_id).first()
    if found is None or (found.participant.person and found.participant.person.shredded_at):
        raise BadLink("unknown")
    return found


def _closed(request: HttpRequest, bad: BadLink) -> HttpResponse:
    status = 404 if bad.reason == "unknown" else 410
    return private(render(request, "pages/public/talks/closed.html", {"section": "follow"}, status=status))


@resident
@never_cache
@limited("report")
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, token: str) -> HttpResponse:
    """The page; sending a form of it takes the step of the one whose page it is."""
    try:
        side = _side(token)
    except BadLink as bad:
        return _closed(request, bad)
    if request.method == "POST":
        return _take(request, token, side)
    return _show(request, token, side)


def _take(request: HttpRequest, token: str, side: Side) -> HttpResponse:
    slug, shown = request.POST.get("deed", ""), request.POST.get("danger", "")
    step = KINDS[side.case.kind].workflow.named(slug)
    if slug not in STEPS or step is None:
        raise Http404
    form = form_for(step.fields, language=get_language() or "en", data=request.POST, sources=_sources(side))
    alarm = unanswered_in(side.case, "\n".join(request.POST.get(name, "") for name in WRITTEN), shown)
    if alarm:
        typed = [(n, v) for n, vs in request.POST.lists() if n not in {"csrfmiddlewaretoken", "danger"} for v in vs]
        here = reverse("talks", args=[token])
        way = Way(here, gettext("I have called, or it is not happening now. Send what I wrote"), here)
        return private(ask_before_sending(request, alarm, typed=typed, way=way))
    if not form.is_valid():
        return _show(request, token, side, tried=slug, form=form, status=422)
    try:
        act(
            side.case, slug, data=form.cleaned_data, actor=reporter_actor(side.participant), at=timezone.now(),
            danger=shown_before(shown),
        )  # fmt: skip
    except Invalid as refused:
        form.add_problems(refused)
        return _show(request, token, side, tried=slug, form=form, status=422)
    except NotAllowed:
        return _show(request, token, side, problem=gettext(MOVED), status=409)
    except Stale:
        side.case.refresh_from_db()
        return _show(request, token, side, tried=slug, form=form, problem=gettext(CHANGED), status=409)
    return private(HttpResponseRedirect(f"{reverse('talks', args=[token])}?done={slug}"))


def _sources(side: Side) -> dict[str, Any]:
    return {"talks_point": [(row.pk, row.text) for row in points_of(side.case)]}


def _show(
    request: HttpRequest, token: str, side: Side, *, tried: str = "", form: FieldsForm | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    case, flow = side.case, KINDS[side.case.kind].workflow
    possible = {step.slug for step in flow.steps if case.state in step.at and step.slug in STEPS}
    offered = bool(case.detail("offered"))
    context: dict[str, Any] = {
        "section": "follow", "case": case, "side": side, "token": token, "problem": problem, "tried": tried,
        "form": form, "done": DONE.get(request.GET.get("done", ""), "") if status == 200 else "",
        "about": case.detail("about", ""), "others": _others(side), "everybody": all_agree(sides_of(case)),
        "yes": side.answer == YES, "no": side.answer == NO, "asked": side.asked_at is not None,
        "ended": gettext(ended.public) if (ended := flow.outcome(case.outcome)) else "",
        "danger": request.POST.get("danger", ""), "sessions": _sessions(side),
        "reply": _form(side, "reply", tried, form) if "reply" in possible and side.asked_at else None,
        "withdraw": _form(side, "withdraw", tried, form) if "withdraw" in possible and side.asked_at else None,
        "points": _points(side, tried, form, asks="tell_how" in possible, data=request.POST) if offered else [],
        "may_accept": offered and "accept_own" in possible and side.accepted_at is None,
        "holds": bool(case.detail("agreed_on")), "asks": "tell_how" in possible and bool(case.detail("asked")),
    }  # fmt: skip
    return private(render(request, "pages/public/talks/part.html", context, status=status))


def _form(side: Side, slug: str, tried: str, form: FieldsForm | None) -> FieldsForm:
    if slug == tried and form is not None:
        return form
    step = KINDS[side.case.kind].workflow.named(slug)
    initial = {"answer": side.answer, "needs": side.needs, "needs_text": side.needs_text}
    made = form_for(step.fields if step else (), language=get_language() or "en", initial=initial)
    made.auto_id = f"{slug}-%s"
    return made


def _others(side: Side) -> list[str]:
    return [called(one) for one in sides_of(side.case) if one.pk != side.pk]


def _sessions(side: Side) -> list[dict[str, Any]]:
    """Sessions that this side was asked to come to."""
    rows = Session.objects.filter(case=side.case, sides__contains=[side.pk]).order_by("starts_at", "pk")
    return [
        {
            "pk": row.pk, "sort": gettext(label(SORTS, row.sort)), "way": gettext(label(MEETING_WAYS, row.way)),
            "starts_at": row.starts_at.astimezone(zone()), "place": row.place, "minutes": row.minutes,
            "off": row.off_at is not None, "held": row.held_at is not None,
            "ahead": row.starts_at > timezone.now() and row.off_at is None,
        }
        for row in rows
    ]  # fmt: skip


def _points(side: Side, tried: str, form: FieldsForm | None, *, asks: bool, data: Any) -> list[dict[str, Any]]:
    """The points of the agreement; where this side is asked, each with a form to say how it is kept."""
    days = int(side.case.detail("asked") or 0)
    said = {row.point_id: row for row in Check.objects.filter(side=side, days=days)}
    found = []
    for row in points_of(side.case):
        mine = tried == "tell_how" and data.get("point") == str(row.pk)
        found.append(
            {
                "pk": row.pk, "who": who_of(row), "text": row.text, "when": when_of(row),
                "form": (form if mine else _check_form(side, row.pk, said.get(row.pk))) if asks and days else None,
                "told": row.pk in said,
            }
        )  # fmt: skip
    return found


def _check_form(side: Side, point: int, said: Check | None) -> FieldsForm:
    step = KINDS[side.case.kind].workflow.named("tell_how")
    fields = [field for field in step.fields if field.code != "point"] if step else []
    initial = {"found": said.found, "text": said.text} if said else {}
    made = form_for(fields, language=get_language() or "en", initial=initial)
    made.auto_id = f"point-{point}-%s"
    return made


@resident
@never_cache
@require_safe
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """The agreement as a PDF, in this side's language."""
    try:
        side = _side(token)
    except BadLink as bad:
        return _closed(request, bad)
    if not side.case.detail("offered"):
        raise Http404
    return private(pdf_answer(agreement_pdf(side.case, language=get_language() or side.language), side.case.reference))


@resident
@never_cache
@require_safe
def session(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """One session for a calendar."""
    try:
        side = _side(token)
    except BadLink as bad:
        return _closed(request, bad)
    row = Session.objects.filter(case=side.case, pk=number, sides__contains=[side.pk]).first()
    if row is None:
        raise Http404
    title = gettext("Talks %(reference)s") % {"reference": side.case.reference}
    entry = calendar_entry(row, title=title, at=timezone.now())
    answer = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{local_day(row.starts_at)}.ics"'
    return private(answer)


@resident
@never_cache
@require_safe
def own_part(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    """From the page of whoever asked for talks to their own page as a side."""
    at = timezone.now()
    try:
        visit = open_visit(token, at=at)
    except BadLink as bad:
        return closed_link(request, bad)
    try:
        found: Participant | None = visit.participant(parse_reference(reference))
    except BadReference:
        found = None
    if found is None or not _is_side(found):
        raise Http404
    mine = make_link(LINK, subject=("participant", found.pk), at=at, valid_for=FROM_VISIT)
    return private(HttpResponseRedirect(reverse("talks", args=[mine])))


def _is_side(participant: Participant) -> bool:
    return Side.objects.filter(participant=participant, case=participant.case_id).exists()
