"""Calls from dispatch: the queue by what somebody may take, taking one, and bringing a file of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import read_case, read_story, show_story
from commonbeat.interfaces.web.forms import say as say_problem
from commonbeat.interfaces.web.forms import say_refusal
from commonbeat.interfaces.web.kinds.field_report.listing import LISTERS, MOST
from commonbeat.interfaces.web.kinds.field_report.starting import BEGINNERS
from commonbeat.kinds.field_report import guard
from commonbeat.kinds.field_report.call_deeds import why_not
from commonbeat.kinds.field_report.call_file import COLUMNS, take_file
from commonbeat.kinds.field_report.models import DispatchCall
from commonbeat.kinds.field_report.sorts import sort_of

LARGEST = 2 * 1024 * 1024
"""Bytes of a file of calls."""


@staff(*LISTERS)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for sworn officers, what this person may take, what they have, and what ended."""
    actor, shown = actor_of(request), say.words(at=timezone.now())
    seen = Case.objects.visible_to(actor).filter(kind="dispatch_call")
    rows = DispatchCall.objects.filter(case__in=seen.values("pk"))
    rows = rows.select_related("case__assignee", "report__case").order_by("happened_at", "pk")
    sworn = guard.is_sworn(actor.user_id)
    waiting = [(row, why_not(row, sworn=sworn, state=row.case.state)) for row in _of(rows, "queued", "sworn")]
    parts: list[dict[str, Any]] = [
        {
            "title": gettext("You may take these"),
            "rows": [_row(row, shown, take=True) for row, no in waiting if not no],
        },
        {
            "title": gettext("For sworn officers"),
            "rows": [_row(row, shown, why=say_problem(no)) for row, no in waiting if no],
        },
        {
            "title": gettext("Yours"),
            "rows": [_row(row, shown) for row in _of(rows.filter(case__assignee_id=actor.user_id), "taken")],
        },
        {
            "title": gettext("Taken by others"),
            "rows": [_row(row, shown) for row in _of(rows.exclude(case__assignee_id=actor.user_id), "taken")],
        },
        {
            "title": gettext("Ended lately"),
            "rows": [_row(row, shown) for row in rows.exclude(case__closed_at=None).order_by("-case__closed_at")[:20]],
        },
    ]  # fmt: skip
    may_take = actor.has(*BEGINNERS)
    context = {
        "parts": parts[0 if may_take else 1:], "section": "dispatch_calls", "may_take": may_take,
        "may_bring": may_open(actor, "dispatch_calls_bring"),
    }  # fmt: skip
    return render(request, "pages/desk/field_report/calls.html", context)


def _of(rows: Any, *states: str) -> list[DispatchCall]:
    return list(rows.filter(case__state__in=states)[:MOST])


def _row(row: DispatchCall, shown: say.Words, *, take: bool = False, why: str = "") -> dict[str, Any]:
    case, sort = row.case, sort_of(row.sort)
    return {
        "reference": case.reference, "number": row.number, "text": case.text, "version": case.version,
        "sort": gettext(sort.label) if sort else row.sort, "address": case.address, "area": shown.area(case.area_id),
        "happened": shown.local(row.happened_at), "state": say.state_label(case.kind, case.state),
        "tone": say.tone(case.kind, case.state), "who": case.assignee.name if case.assignee else "",
        "take": take, "why": why or (row.why if case.state in {"queued", "returned"} else ""),
        "report": row.report.case.reference if row.report else "",
    }  # fmt: skip


@staff(*BEGINNERS)
@require_POST
def take(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a call, and go on to its report."""
    case, seen = read_case(request, reference), request.POST.get("version", "")
    try:
        act(
            case, "claim", data={}, actor=actor_of(request), at=timezone.now(),
            version=int(seen) if seen.isdigit() else None,
        )  # fmt: skip
    except (Invalid, NotAllowed, Stale) as refused:
        return show_story(request, read_story(request, reference), problem=_said(refused), status=409)
    report = DispatchCall.objects.select_related("report__case").get(case=case).report
    return HttpResponseRedirect(f"/desk/{report.case.reference if report else reference}/")


def _said(refused: Invalid | NotAllowed | Stale) -> str:
    if isinstance(refused, Invalid):
        return " ".join(say_problem(problem) for problem in refused.problems)
    if isinstance(refused, NotAllowed):
        return say_refusal(refused)
    return gettext("Somebody else was faster. This is how it is now.")


@staff(Role.SUPERVISOR)
def bring(request: HttpRequest) -> HttpResponse:
    """A file of calls: what was taken, what was known already, and what is wrong with the rest."""
    lines: list[dict[str, Any]] = []
    problem, file = "", request.FILES.get("file")
    if request.method == "POST":
        actor, at = actor_of(request), timezone.now()
        try:
            if file is None:
                problem = gettext("Choose a file.")
            elif (file.size or 0) > LARGEST:
                problem = gettext("The file is larger than 2 MB. Send it in parts.")
            else:
                found = take_file(file.read(), source=actor.name, actor=actor, at=at)
                lines = [_line(line) for line in found]
                new = sum(line["new"] for line in lines)
                messages.success(request, gettext("%(n)s calls are new.") % {"n": new})
        except Invalid as refused:
            problem = " ".join(say_problem(one) for one in refused.problems)
    context = {
        "lines": lines, "problem": problem, "columns": ", ".join(COLUMNS), "section": "dispatch_calls",
        "wrong": sum(bool(line["wrong"]) for line in lines),
    }  # fmt: skip
    status = 422 if problem or context["wrong"] else 200
    return render(request, "pages/desk/field_report/bring_calls.html", context, status=status)


def _line(line: Any) -> dict[str, Any]:
    taken = line.taken
    case = taken.call.case if taken else None
    return {
        "number": line.number, "call": line.call, "new": bool(taken and not taken.replayed),
        "reference": case.reference if case else "", "wrong": [say_problem(problem) for problem in line.problems],
        "state": say.state_label(case.kind, case.state) if case else "", "why": taken.call.why if taken else "",
    }  # fmt: skip


def standing(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any]:
    """What the page of a call says on top."""
    row = DispatchCall.objects.select_related("report__case").get(case_id=story.case.pk)
    no = why_not(row, sworn=guard.is_sworn(actor.user_id), state=story.case.state)
    waits = story.case.state in {"queued", "sworn"}
    return {
        **_row(row, shown), "source": row.source, "take": waits and no is None and actor.has(*BEGINNERS),
        "why_not": say_problem(no) if no and waits else "", "reason": row.why, "sworn": story.case.state == "sworn",
        "signs": [gettext(reason) for reason in guard.reasons(row.sort, row.signs)],
    }  # fmt: skip


def origin(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    """The call that a report came of; nothing where there is none."""
    row = DispatchCall.objects.select_related("case").filter(report_id=story.case.pk).first()
    seen = row and Case.objects.visible_to(actor).filter(pk=row.case_id).exists()
    return {"number": row.number, "reference": row.case.reference} if row and seen else None
