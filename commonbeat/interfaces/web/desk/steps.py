"""Taking a step on a case, taking it back, and meeting somebody who was faster."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.categories import procedures_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.letters import fill
from commonbeat.cases.models import Case
from commonbeat.cases.story import entries_of
from commonbeat.cases.undoing import CannotUndo, undo
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed, Step
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk import timeline
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import LETTERED, Taking, prepare, read_case, read_story, show_story
from commonbeat.interfaces.web.forms import TOKENS, say_refusal
from commonbeat.interfaces.web.one_page import keep_photos
from commonbeat.journal.models import Entry

SEND_AFTER = dt.timedelta(minutes=1)
"""Messages of a step wait so long, so that a slip of the mouse can be taken back before it reaches anybody."""


@staff()
@require_POST
def take(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """Take a step. Errors keep what was typed; a conflict shows what the other person did."""
    case = read_case(request, reference)
    at = timezone.now()
    seen = _number(request.POST.get("version"))
    try:
        found = KINDS[case.kind].workflow.step(
            case.state,
            step,
            actor=request.actor,  # type: ignore[attr-defined]
            procedures=procedures_of(case.category_id),
        )
    except NotAllowed as refused:
        if seen and seen != case.version:
            return conflict(request, case, step, seen)
        return show_story(request, read_story(request, reference), problem=say_refusal(refused), status=409)
    if request.POST.get("use"):
        return use_letter(request, case, found, seen or case.version, at=at)
    data, unkept = with_photos(request, found)
    letter = request.POST.get("letter", "")
    taking = prepare(case, found, data=data, version=seen)
    if not taking.form.is_valid() or unkept.problems:
        taking.form.add_problems(unkept)
        return show_story(request, read_story(request, reference), taking=taking, status=422, letter=letter)
    try:
        act(
            case, step, data=taking.form.cleaned_data, actor=request.actor, at=at,  # type: ignore[attr-defined]
            version=seen, hold=SEND_AFTER if found.undo else None,
        )  # fmt: skip
    except Invalid as refused:
        taking.form.add_problems(refused)
        return show_story(request, read_story(request, reference), taking=taking, status=422, letter=letter)
    except Stale as stale:
        return conflict(request, stale.case, step, seen or 0, data=data)
    return HttpResponseRedirect(f"/desk/{case.reference}/")


def with_photos(request: HttpRequest, step: Step) -> tuple[QueryDict, Invalid]:
    """The answers with the tokens of the photos that were sent, where the step asks for any; and what was refused."""
    if not any(field.datatype == "photos" for field in step.fields):
        return request.POST, Invalid([])
    tokens, unkept = keep_photos(request)
    data = request.POST.copy()
    data.setlist(TOKENS, tokens)
    return data, unkept


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def use_letter(request: HttpRequest, case: Case, step: Step, version: int, *, at: dt.datetime) -> HttpResponse:
    """Fill the step's text from a form letter and show the form again; everything else stays as typed."""
    taking = prepare(case, step, data=request.POST, version=version)
    typed = taking.form.typed()
    chosen = next((row for row in taking.letters if str(row.pk) == request.POST.get("letter")), None)
    target = next((code for code in LETTERED if code in typed), None)
    if chosen and target:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        typed[target] = fill(chosen.body, case, language=chosen.language, actor=actor, at=at)
    again = prepare(case, step, typed=typed, version=version)
    return show_story(request, read_story(request, case.reference), taking=again)


def conflict(request: HttpRequest, case: Case, step: str, seen: int, *, data: QueryDict | None = None) -> HttpResponse:
    """What changed since this person opened the case; what they typed is kept and can be applied to that."""
    kind, shown = KINDS[case.kind], say.words(at=timezone.now())
    actor: Actor = request.actor  # type: ignore[attr-defined]
    since = _since(case, seen, actor=actor)
    try:
        found = kind.workflow.step(
            case.state,
            step,
            actor=request.actor,  # type: ignore[attr-defined]
            procedures=procedures_of(case.category_id),
        )
        taking: Taking | None = prepare(case, found, data=data or request.POST, version=case.version)
        problem = ""
    except NotAllowed as refused:
        taking, problem = None, say_refusal(refused)
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "version", "letter", TOKENS}
        for value in values
        if value
    ]
    context = {
        "case": case, "reference": case.reference, "taking": taking,
        "since": timeline.items(since, kind, shown, actor=actor),
        "state": say.state_label(case.kind, case.state), "problem": problem, "typed": typed, "section": "inbox",
    }  # fmt: skip
    return render(request, "pages/desk/conflict.html", context, status=409)


def _since(case: Case, seen: int, *, actor: Actor) -> list[Entry]:
    """The deeds after the version that was seen, as far as this actor may read them.

    Each deed moves the version by one, notes on tasks do not.
    """
    moving = {"case.opened", "case.undone"}
    moved = [e for e in Entry.objects.about("case", case.pk) if e.verb in moving or "from" in e.data]
    readable = {entry.pk: entry for entry in entries_of(case, actor=actor)}
    return [readable[entry.pk] for entry in moved[max(0, seen) :] if entry.pk in readable]


@staff()
@require_POST
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Undo one's own last step, while nothing has left the house."""
    case = read_case(request, reference)
    number = _number(request.POST.get("entry")) or 0
    entry = Entry.objects.filter(subject_kind="case", subject_id=case.pk, number=number).first()
    try:
        if entry is None:
            raise CannotUndo(gettext("There is nothing to take back."))
        undo(case, entry, actor=request.actor, at=timezone.now())  # type: ignore[attr-defined]
    except CannotUndo as refused:
        return show_story(request, read_story(request, reference), problem=gettext(str(refused)), status=409)
    messages.success(request, gettext("Taken back. The case is as it was before."))
    return HttpResponseRedirect(f"/desk/{case.reference}/")
