"""Who reported: contact details and hidden identities."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases.identity import (
    DECIDERS,
    IdentityClosed,
    decide_identity,
    open_contact,
    open_request,
    request_identity,
)
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.safeguards import IdentityRequest
from commonbeat.cases.walls import told_about
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk.case import read_case, read_story, show_story
from commonbeat.interfaces.web.forms import say


def _participant(case: Case, number: int) -> Participant:
    found = case.participants.filter(pk=number).select_related("person").first()
    if found is None:
        raise Http404
    return found


@staff()
@require_POST
def contact(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Show somebody's contact details, once, on this answer; that they were opened is logged."""
    participant = _participant(read_case(request, reference), number)
    try:
        opened = open_contact(
            participant,
            actor=request.actor,  # type: ignore[attr-defined]
            at=timezone.now(),
        )
    except IdentityClosed as closed:
        return show_story(request, read_story(request, reference), problem=gettext(str(closed)), status=403)
    answer = show_story(request, read_story(request, reference), opened=opened, opened_person=opened.person)
    answer["Cache-Control"] = "no-store"
    return answer


@staff()
def identity(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Ask to see who a hidden reporter is: the reason is kept, a second person decides."""
    case = read_case(request, reference)
    participant = _participant(case, number)
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    errors, reason = [], request.POST.get("reason", "")
    if request.method == "POST":
        try:
            request_identity(case, participant=participant, reason=reason, actor=actor, at=at)
            messages.success(request, gettext("Asked. A supervisor, records or standards officer decides."))
            return HttpResponseRedirect(f"/desk/{case.reference}/people/{participant.pk}/identity/")
        except Invalid as refused:
            errors = [{"text": say(problem), "href": "#reason"} for problem in refused.problems]
        except IdentityClosed as closed:
            errors = [{"text": gettext(str(closed))}]
    context = {
        "case": case, "reference": case.reference, "participant": participant, "errors": errors, "reason": reason,
        "requests": participant.identity_requests.select_related("requested_by", "decided_by").order_by("-id"),
        "open_now": open_request(participant, actor=actor, at=at), "may_decide": actor.has(*DECIDERS),
        "me": actor.user_id, "section": "inbox", "case_url": f"/desk/{case.reference}/",
    }  # fmt: skip
    return render(request, "pages/desk/identity.html", context, status=422 if errors else 200)


@staff(*DECIDERS)
@require_safe
def identity_requests(request: HttpRequest) -> HttpResponse:
    """Every request that waits for a second person, also on cases that the decider does not work on.

    Of a case behind a wall only those learn who see it.
    """
    told = told_about(request.actor, "participant__case")  # type: ignore[attr-defined]
    waiting = (
        IdentityRequest.objects.filter(told, decided_at=None)
        .select_related("participant__case", "requested_by")
        .order_by("id")[:100]
    )
    me = request.actor.user_id  # type: ignore[attr-defined]
    return render(request, "pages/desk/identity_requests.html", {"requests": waiting, "me": me})


@staff(*DECIDERS)
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Approve or refuse a request as the second person."""
    told = told_about(request.actor, "participant__case")  # type: ignore[attr-defined]
    found = IdentityRequest.objects.filter(told, pk=number).select_related("participant").first()
    if found is None:
        raise Http404
    try:
        decide_identity(
            found, approved=request.POST.get("decision") == "approve", reason=request.POST.get("reason", ""),
            actor=request.actor, at=timezone.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
        messages.success(request, gettext("Decided. Whoever asked sees it on the case."))
    except IdentityClosed as closed:
        messages.error(request, gettext(str(closed)))
    except Invalid:
        messages.error(request, gettext("Say why you refuse, so that whoever asked understands it."))
    return HttpResponseRedirect("/desk/identity/")
