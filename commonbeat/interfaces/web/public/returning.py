"""Coming back to a report: by code, or by a link that we mail; and answering a question by a link."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.models import Case, Participant, Question
from commonbeat.cases.returning import mail_links, reporter_actor, visit_by_code, visit_by_link
from commonbeat.community.access import BadLink
from commonbeat.community.links import peek_link, use_link
from commonbeat.community.models import OneTimeLink
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import anyone, resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.public.alarm import Way, ask_before_sending, shown_before, unanswered_in
from commonbeat.interfaces.web.public.shown import category_name

WRONG = 422


def private(response: HttpResponse) -> HttpResponse:
    """No copy of a personal page stays anywhere, and its address is told to nobody."""
    response["Cache-Control"] = "no-store, private"
    # Not "no-referrer": browsers would then send forms with "Origin: null", which the forgery check refuses.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@anyone
@never_cache
@limited("code")
@require_http_methods(["GET", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Enter the code, or ask for a link by e-mail."""
    error = ""
    if request.method == "POST":
        token = visit_by_code(request.POST.get("code", "")[:60], at=timezone.now())
        if token:
            return private(HttpResponseRedirect(reverse("my_reports", args=[token])))
        error = _(
            "We do not know this code. Check each character; a code has twelve letters and digits. "
            "O and 0 count as the same."
        )
    context = {"section": "follow", "code_error": error, "code": request.POST.get("code", "")[:60]}
    return private(render(request, "pages/public/return/start.html", context, status=WRONG if error else 200))


@anyone
@never_cache
@limited("mail")
@require_http_methods(["GET", "POST"])
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Mail a link to the reports of an address. The answer is the same whether or not we know it."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("follow"))
    email = request.POST.get("email", "").strip()[:254]
    try:
        validate_email(email)
    except ValidationError:
        wrong = _("Enter an e-mail address such as rosa@example.org.")
        context = {"section": "follow", "email_error": wrong, "email": email}
        return private(render(request, "pages/public/return/start.html", context, status=WRONG))
    mail_links(email, at=timezone.now())
    return private(render(request, "pages/public/return/mailed.html", {"section": "follow", "email": email}))


@resident
@never_cache
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """A mailed link: looking shows a button (mail programs look, too), pressing it uses the link up."""
    at = timezone.now()
    try:
        if request.method == "POST":
            return private(HttpResponseRedirect(reverse("my_reports", args=[visit_by_link(token, at=at)])))
        peek_link(token, purpose="return", at=at)
    except BadLink as bad:
        return closed_link(request, bad)
    return private(render(request, "pages/public/return/open.html", {"section": "follow"}))


def closed_link(request: HttpRequest, bad: BadLink) -> HttpResponse:
    """A link that opens nothing any more, with the ways to a new one."""
    status = 404 if bad.reason == "unknown" else 410
    context = {"section": "follow", "reason": bad.reason}
    return private(render(request, "pages/public/return/closed.html", context, status=status))


@resident
@never_cache
@limited("code")
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer one question, as the reporter or somebody else who was asked; the link shows the question only."""
    at = timezone.now()
    try:
        link = peek_link(token, purpose="answer", at=at)
    except BadLink as bad:
        return closed_link(request, bad)
    participant = Participant.objects.select_related("case").filter(pk=link.subject_id).first()
    question = Question.objects.filter(pk=link.data.get("question"), participant=participant).first()
    if participant is None or question is None:
        return closed_link(request, BadLink("unknown"))
    case = participant.case
    context: dict[str, Any] = {
        "question": question, "reference": case.reference, "text": request.POST.get("text", ""),
        "category": category_name(case.category_id, get_language() or "en"), "section": "follow",
        "reporter": participant.role == Participant.Role.REPORTER,
    }  # fmt: skip
    if question.answered_at or question.withdrawn_at or case.state not in _asking(case):
        return private(render(request, "pages/public/return/answered.html", {**context, "before": True}))
    if request.method == "POST":
        return _take_answer(request, token, link, participant, context)
    return private(render(request, "pages/public/return/answer.html", context))


def _asking(case: Case) -> frozenset[str]:
    from commonbeat.cases.kind import KINDS

    step = KINDS[case.kind].workflow.named("answer")
    return step.at if step else frozenset()


def _take_answer(
    request: HttpRequest, token: str, link: OneTimeLink, participant: Participant, context: dict[str, Any]
) -> HttpResponse:
    from django.db import transaction

    at, shown = timezone.now(), request.POST.get("danger", "")
    alarm = unanswered_in(participant.case, context["text"], shown)
    if alarm:
        here = reverse("answer", args=[token])
        way = Way(here, _("I have called, or it is not happening now. Send what I wrote"), here)
        return private(ask_before_sending(request, alarm, typed=[("text", context["text"])], way=way))
    context["danger"] = shown
    try:
        with transaction.atomic():
            use_link(token, purpose="answer", at=at)
            act(
                participant.case, "answer", data={"text": context["text"]}, actor=reporter_actor(participant), at=at,
                danger=shown_before(shown),
            )  # fmt: skip
    except Invalid as refused:
        context["error"] = " ".join(say(problem) for problem in refused.problems)
        return private(render(request, "pages/public/return/answer.html", context, status=WRONG))
    except (NotAllowed, BadLink):
        return private(render(request, "pages/public/return/answered.html", {**context, "before": True}))
    except Stale:
        context["error"] = _("Somebody changed this at the same moment. Your answer is still here: send it again.")
        return private(render(request, "pages/public/return/answer.html", context, status=409))
    return private(render(request, "pages/public/return/answered.html", context))
