"""A reporter's own page: what happened, what was decided and why, and what they can still do."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from commonbeat.cases import files
from commonbeat.cases.actions import Stale, act
from commonbeat.cases.agreements import current_agreement, days_of
from commonbeat.cases.categories import procedures_of
from commonbeat.cases.danger import Alarm
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseLink, Participant, Question
from commonbeat.cases.promises import promised_to_reporter
from commonbeat.cases.returning import Visit, add_information, open_visit, reporter_actor
from commonbeat.community.access import BadLink
from commonbeat.community.agency import local_day, setting
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import FieldsForm, form_for, say
from commonbeat.interfaces.web.public.alarm import Way, ask_before_sending, shown_before, unanswered_in
from commonbeat.interfaces.web.public.papers import papers_of
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.interfaces.web.public.shown import (
    answers_of,
    area_of,
    category_name,
    show_cards,
    show_timeline,
    state_words,
    tone_of,
)
from commonbeat.journal.verbs import timeline
from commonbeat.publishing.models import PublicCase
from commonbeat.publishing.reads import outcomes

DONE = {"add", "answer", "withdraw", "rate", "appeal"}
"""Steps that have a form on this page."""
GIVEN = ("text", "fixed", "reason")
"""What these forms ask for."""


@resident
@never_cache
@require_GET
def my_reports(request: HttpRequest, token: str) -> HttpResponse:
    """The one report of this visit, or the list of them."""
    try:
        visit = open_visit(token, at=timezone.now())
    except BadLink as bad:
        return closed_link(request, bad)
    if len(visit.participants) == 1:
        return _page(request, token, visit.participants[0], several=False)
    language = get_language() or "en"
    items = [
        {
            "reference": p.case.reference, "url": reverse("my_report", args=[token, p.case.reference]),
            "title": category_name(p.case.category_id, language) or _(KINDS[p.case.kind].label),
            "opened_at": p.case.opened_at,
            "status": state_words(p.case.kind, p.case.state, p.case.outcome),
            "tone": tone_of(p.case.kind, p.case.state),
        }
        for p in visit.participants
    ]  # fmt: skip
    return private(render(request, "pages/public/my/list.html", {"section": "follow", "items": items}))


def _found(token: str, reference: str) -> tuple[Participant, Visit]:
    """The reporter and their visit. Raises `BadLink`, or 404 for somebody else's case."""
    visit = open_visit(token, at=timezone.now())
    try:
        participant = visit.participant(parse_reference(reference))
    except BadReference:
        participant = None
    if participant is None:
        raise Http404
    return participant, visit


@resident
@never_cache
@require_GET
def my_report(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    """One of several reports."""
    try:
        participant, visit = _found(token, reference)
    except BadLink as bad:
        return closed_link(request, bad)
    return _page(request, token, participant, several=len(visit.participants) > 1)


@resident
@never_cache
@limited("report")
@require_POST
def my_step(request: HttpRequest, token: str, reference: str, step: str) -> HttpResponse:
    """Take a step of one's own: add, answer, withdraw, or say whether it is fixed."""
    try:
        participant, visit = _found(token, reference)
    except BadLink as bad:
        return closed_link(request, bad)
    if step not in DONE:
        raise Http404
    several, problem, status = len(visit.participants) > 1, "", 422
    photos, unkept = _photos_sent(request) if step == "add" else ([], None)
    alarm = unanswered_in(participant.case, _words(request), request.POST.get("danger", ""))
    if alarm:
        return _ask_first(request, token, participant.case, step, alarm, photos=photos, unkept=unkept)
    try:
        if unkept:
            raise unkept
        _take(request, participant, step, photos=photos)
    except Invalid as refused:
        return _page(
            request, token, participant, several=several, tried=step, refused=refused, photos=photos, status=422
        )
    except NotAllowed:
        problem, status = _("This is not possible any more: the report has moved on. Read below how it stands."), 409
    except Stale:
        problem, status = (
            _("Something happened with your report while you were writing. Read it below, then send your words again."),
            409,
        )
        participant.case.refresh_from_db()
    if problem:
        return _page(
            request, token, participant, several=several, tried=step, problem=problem, photos=photos, status=status
        )
    return private(HttpResponseRedirect(reverse("my_report", args=[token, reference]) + f"?done={step}"))


def _words(request: HttpRequest) -> str:
    """Everything that was written freely, whatever the step."""
    return "\n".join(request.POST.get(name, "") for name in ("text", "reason"))


def _photos_sent(request: HttpRequest) -> tuple[list[str], Invalid | None]:
    """Tokens of the photos that were sent now or before, and what cannot be taken."""
    tokens, most = request.POST.getlist("photo"), int(setting("max_photos"))
    problems: list[Problem] = []
    for sent in request.FILES.getlist("photos")[: max(most - len(tokens), 0)]:
        try:
            tokens.append(files.accept(sent.name or "photo", sent.read(), at=timezone.now()))
        except Invalid as refused:
            problems += refused.problems
    return tokens[:most], Invalid(problems) if problems else None


def _ask_first(
    request: HttpRequest, token: str, case: Case, step: str, alarm: Alarm, *, photos: list[str], unkept: Invalid | None
) -> HttpResponse:
    """The emergency number before anything else; what was typed and sent is kept and goes on from there."""
    typed = [(name, request.POST[name]) for name in ("version", *GIVEN) if request.POST.get(name)]
    way = Way(
        reverse("my_step", args=[token, case.reference, step]),
        _("I have called, or it is not happening now. Send what I wrote"),
        reverse("my_report", args=[token, case.reference]),
    )
    problem = " ".join(say(one) for one in unkept.problems) if unkept else ""
    kept = [*typed, *(("photo", photo) for photo in photos)]
    return private(ask_before_sending(request, alarm, typed=kept, way=way, problem=problem))


def _take(request: HttpRequest, participant: Participant, step: str, *, photos: list[str]) -> None:
    at, actor = timezone.now(), reporter_actor(participant)
    case = Case.objects.visible_to(actor).get()
    version, danger = _version(request), shown_before(request.POST.get("danger", ""))
    if step != "add":
        data = {name: request.POST.get(name) for name in GIVEN}
        act(case, step, data=data, actor=actor, at=at, version=version, danger=danger)
        return
    add_information(
        case, text=request.POST.get("text", ""), photos=photos, actor=actor, at=at, version=version, danger=danger
    )


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None


def _page(
    request: HttpRequest, token: str, participant: Participant, *, several: bool, tried: str = "",
    refused: Invalid | None = None, problem: str = "", photos: Sequence[str] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = reporter_actor(participant)
    case = Case.objects.visible_to(actor).get()
    language = get_language() or "en"
    entries = list(timeline("case", case.pk, audience="staff"))
    done = request.GET.get("done", "")
    context: dict[str, Any] = {
        "section": "follow", "case": case, "token": token, "several": several, "problem": problem,
        "late": bool(case.due_at and case.due_at < timezone.now()),
        "category": category_name(case.category_id, language), "area": area_of(case.area_id),
        "title": category_name(case.category_id, language) or _(KINDS[case.kind].label),
        "papers": papers_of(case, token), "appeal_until": _appeal_until(case),
        "status": state_words(case.kind, case.state, case.outcome), "tone": tone_of(case.kind, case.state),
        "items": show_timeline(case, entries, participant), "photos": _photos(case, token),
        "answers": answers_of(case, language=language),
        "decision": _decision(case, entries, participant),
        "question": _open_question(participant), "agreement": _agreement(case),
        "forms": _forms(case, participant, request, tried=tried, refused=refused), "tried": tried,
        "kept_photos": photos, "danger": request.POST.get("danger", ""),
        "done": _DONE_WORDS.get(done, ""), "followed": _followed(case, language),
        "outcome": outcomes().filter(case_number=case.pk).first(), "most_mb": setting("max_photo_mb"),
        "promises": promised_to_reporter(case),
        "open": KINDS[case.kind].workflow.state(case.state), "form_id": uuid.uuid4(),
        "rated": any(entry.verb == "case.rate" for entry in entries), **_reopening(case),
    }  # fmt: skip
    return private(render(request, "pages/public/my/report.html", context, status=status))


_DONE_WORDS = {
    "add": N_("Thank you. We have added it to your report."),
    "answer": N_("Thank you. We have your answer."),
    "withdraw": N_("Your report is withdrawn."),
    "rate": N_("Thank you for telling us."),
    "appeal": N_("We have your appeal. Somebody else looks at the decision."),
}


def _forms(
    case: Case, participant: Participant, request: HttpRequest, *, tried: str, refused: Invalid | None
) -> dict[str, FieldsForm]:
    """A form for each step that is possible now; the one that was refused keeps what was typed."""
    actor, asked = reporter_actor(participant), _open_question(participant) is not None
    options = KINDS[case.kind].workflow.options(case.state, actor=actor, procedures=procedures_of(case.category_id))
    made = {}
    for step in options:
        if step.slug not in DONE or (step.slug == "answer" and not asked):
            continue
        if step.slug == "appeal" and not _appeal_until(case):
            continue
        bound = step.slug == tried
        form = form_for(step.fields, language=get_language() or "en", data=request.POST if bound else None)
        if bound and refused:
            form.errors.clear()
            form.add_problems(refused)
        elif bound:
            form.full_clean()
        form.auto_id = f"{step.slug}-%s"
        made[step.slug] = form
    return made


def _appeal_until(case: Case) -> str:
    """The last day on which a decision can be appealed; empty when it is over, or nothing can be."""
    until = str(case.detail("appeal_until") or "")
    return until if until and local_day(timezone.now()) <= dt.date.fromisoformat(until) else ""


def _reopening(case: Case) -> dict[str, Any]:
    """Whether “not fixed” still opens the report again."""
    days = int(setting("reopen_days"))
    in_time = bool(case.closed_at and timezone.now() - case.closed_at <= dt.timedelta(days=days))
    return {"reopens": in_time, "reopen_days": days}


def _agreement(case: Case) -> dict[str, Any] | None:
    """The quiet hours that hold now, without who else agreed."""
    row = current_agreement(case) if "agreement" in procedures_of(case.category_id) else None
    if row is None:
        return None
    return {
        "days": ", ".join(_(day) for day in days_of(row)), "quiet_from": f"{row.quiet_from:%H:%M}",
        "quiet_until": f"{row.quiet_until:%H:%M}", "terms": row.terms, "starts_on": row.starts_on,
        "review_on": row.review_on,
    }  # fmt: skip


def _open_question(participant: Participant) -> Question | None:
    asked = Question.objects.filter(case=participant.case_id, participant=participant)
    return asked.filter(answered_at=None, withdrawn_at=None).first()


def _photos(case: Case, token: str) -> list[dict[str, Any]]:
    rows = case.files.filter(by_reporter=True).order_by("pk")
    return [
        {"name": row.name, "url": reverse("my_photo", args=[token, case.reference, row.pk, "whole"]),
         "thumb_url": reverse("my_photo", args=[token, case.reference, row.pk, "small"])}
        for row in rows
    ]  # fmt: skip


def _decision(case: Case, entries: list[Any], participant: Participant) -> dict[str, str] | None:
    """How it ended and why, as the agency said it; while it is closed."""
    if case.is_open or not case.outcome:
        return None
    undone = {entry.data.get("number") for entry in entries if entry.verb == "case.undone"}
    last = next(
        (e for e in reversed(entries) if e.data.get("outcome") == case.outcome and e.number not in undone), None
    )
    # They ended it themselves: the story says so.
    if last and last.actor_sort == "reporter" and last.actor_id == participant.pk:
        return None
    words = str((last.personal or {}).get("text") or "") if last else ""
    return {"outcome": state_words(case.kind, case.state, case.outcome), "words": words}


def _followed(case: Case, language: str) -> dict[str, Any] | None:
    """The first report of a matter, when this one was merged into it."""
    if case.outcome != "duplicate":
        return None
    link = CaseLink.objects.filter(one=case, relation=CaseLink.Relation.DUPLICATE).order_by("-pk").first()
    card = PublicCase.objects.shown(timezone.now()).filter(pk=link.other_id).first() if link else None
    return show_cards([card], language=language)[0] if card else None


@resident
@never_cache
@require_GET
def my_photo(request: HttpRequest, token: str, reference: str, pk: int, size: str) -> HttpResponse:
    """A photo that the reporter sent, to the reporter alone."""
    try:
        participant, _visit = _found(token, reference)
    except BadLink as bad:
        return closed_link(request, bad)
    photo = participant.case.files.filter(pk=pk, by_reporter=True).first()
    if photo is None or not photo.media_type.startswith("image/"):
        raise Http404
    try:
        data = files.small(photo.sha256) if size == "small" else files.read(photo.sha256)
    except FileNotFoundError:
        raise Http404 from None
    kind = "image/jpeg" if size == "small" else photo.media_type
    response = HttpResponse(data, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return private(response)
