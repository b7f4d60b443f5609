"""Starting a problem: from chosen cases of the inbox, from the page of a case, or from nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from commonbeat.cases.bulk import chosen_cases
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.community.places import locate, places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.geography import BadPlace, check_place
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.raised import meeting_of
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.kinds.problem.recurring import found_for
from commonbeat.kinds.problem.actions import FIELDS, Start, start_problem
from commonbeat.kinds.problem.models import Recurrence
from commonbeat.kinds.problem.shared_steps import STAFF
from commonbeat.kinds.problem.vocabulary import ORIGINS

STARTERS = tuple(sorted(STAFF))


def _chosen(request: HttpRequest) -> list[Case]:
    """The cases that the address or the form names, by number or by reference, as far as this person sees them."""
    numbers = []
    if coming_back := _found(request):
        numbers += coming_back.cases
    for text in [*request.GET.getlist("case"), *request.POST.getlist("case")]:
        if text.isascii() and text.isdigit() and len(text) < 15:
            numbers.append(int(text))
            continue
        try:
            numbers.append(parse_reference(text))
        except BadReference:
            continue
    found = chosen_cases(list(dict.fromkeys(numbers)), actor=actor_of(request))
    return [case for case in found if countable(case)]


def _found(request: HttpRequest) -> Recurrence | None:
    """What keeps coming back, where the page was opened from there."""
    return found_for(request, request.POST.get("recurring") or request.GET.get("recurring", ""))


def countable(case: Case) -> bool:
    """True for cases that residents reported by category, and that stand behind no wall."""
    kind = KINDS[case.kind]
    return kind.intake.categories and not kind.walled


@staff(*STARTERS)
def new(request: HttpRequest) -> HttpResponse:
    """The form; with a title it opens the problem and shows its page. What was typed stays when something is wrong."""
    cases = _chosen(request)
    if request.method != "POST" or "title" not in request.POST:
        return _show(request, cases, _form(initial=_known(request, cases)))
    form = _form(data=request.POST)
    if not form.is_valid():
        return _show(request, cases, form, status=422)
    try:
        opened = start_problem(
            cases, answers=form.cleaned_data, actor=actor_of(request), at=timezone.now(),
            client_id=_uuid(request.POST.get("client_id")), found=_found(request),
            meeting=meeting_of(request),
        )  # fmt: skip
    except Invalid as refused:
        form.add_problems(refused)
        return _show(request, cases, form, status=422)
    return HttpResponseRedirect(f"/desk/{opened.case.reference}/")


def _form(*, data: Any = None, initial: Mapping[str, Any] | None = None) -> FieldsForm:
    sources = {"area": [(area.pk, area.name) for area in places().serving]}
    return form_for(FIELDS, language=get_language() or "en", data=data, sources=sources, initial=initial)


def _known(request: HttpRequest, cases: Sequence[Case]) -> dict[str, Any]:
    known, origin = Start.of(cases), "recurring" if _found(request) else request.GET.get("origin", "")
    found = {"area": known.area_id or "", "address": known.address, "origin": "concerns" if cases else ""}
    if meeting := meeting_of(request):
        found |= {"origin": "meeting"} | ({} if known.area_id else {"area": meeting.area_id or ""})
    if not known.area_id and (spot := _spot(request)):
        found |= spot
    return found | ({"origin": origin} if origin in {choice.key for choice in ORIGINS} else {})


def _spot(request: HttpRequest) -> dict[str, Any]:
    """The area around a point that another page carries over, such as that of a hot spot, and what it is called."""
    try:
        lat, long = (float(part) for part in request.GET.get("near", "")[:60].split(","))
        check_place(lat, long)
    except (ValueError, BadPlace):
        return {}
    return {"area": locate(lat=lat, long=long).area_id or "", "address": request.GET.get("spot", "")[:300]}


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _show(request: HttpRequest, cases: Sequence[Case], form: FieldsForm, *, status: int = 200) -> HttpResponse:
    shown = say.words(at=timezone.now())
    rows = [
        {"reference": case.reference, "category": shown.matter(case.category_id, case.kind), "address": case.address,
         "opened": shown.local(case.opened_at)}
        for case in cases
    ]  # fmt: skip
    client_id = _uuid(request.POST.get("client_id")) or uuid.uuid4()
    found = _found(request)
    context = {"form": form, "rows": rows, "client_id": client_id, "section": "problems",
               "recurring": found.pk if found else "", "meeting": meeting_of(request)}  # fmt: skip
    return render(request, "pages/desk/problem/new.html", context, status=status)


def offered(story: Story, actor: Actor, shown: say.Words) -> Mapping[str, Any] | None:
    """The way from a case to a problem, for those who may start one."""
    return {} if countable(story.case) and actor.has(*STARTERS) else None
