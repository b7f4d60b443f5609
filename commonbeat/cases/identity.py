"""Who a reporter is: opening contact details is logged; a hidden identity needs a reason and a second person (F16)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from commonbeat.cases.models import Case, Participant
from commonbeat.cases.safeguards import IdentityRequest
from commonbeat.core.actor import INSIDERS, Actor, Role
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import log_access, record

DECIDERS = frozenset({Role.SUPERVISOR, Role.STANDARDS, Role.RECORDS})
OPEN_FOR = dt.timedelta(hours=24)


class IdentityClosed(Exception):
    """The contact details are not open to this actor; the message says what to do."""


def open_contact(participant: Participant, *, actor: Actor, at: dt.datetime, reason: str = "") -> Participant:
    """The participant with who they are; every opening is logged. Raises `IdentityClosed`."""
    if not actor.has(*INSIDERS):
        raise IdentityClosed(N_("Contact details are not passed on. Ask the department to write to the reporter."))
    if participant.hidden and open_request(participant, actor=actor, at=at) is None:
        raise IdentityClosed(
            N_("This person asked us not to show who they are. Ask for it with a reason; a second person decides.")
        )
    log_access("case", participant.case_id, "contact", actor=actor, at=at, reason=reason)
    return participant


def open_request(participant: Participant, *, actor: Actor, at: dt.datetime) -> IdentityRequest | None:
    """The approved request that opens this identity to this actor now."""
    return IdentityRequest.objects.filter(
        participant=participant, requested_by=actor.user_id, approved=True, opens_until__gt=at
    ).first()


@transaction.atomic
def request_identity(
    case: Case, *, participant: Participant, reason: str, actor: Actor, at: dt.datetime
) -> IdentityRequest:
    """Ask to see who a hidden participant is. Raises `Invalid` without a reason."""
    if not actor.has(*INSIDERS):
        raise IdentityClosed(N_("Contact details are not passed on. Ask the department to write to the reporter."))
    if len(reason.strip()) < 10:
        raise Invalid([Problem("reason", REQUIRED)])
    Case.objects.select_for_update().get(pk=case.pk)
    made = IdentityRequest.objects.create(
        participant=participant, reason=reason.strip()[:1000], requested_by_id=actor.staff_id, requested_at=at
    )
    record(
        "case", case.pk, "case.identity_requested", actor=actor, at=at,
        data={"request": made.pk, "participant": participant.pk}, personal={"reason": made.reason},
    )  # fmt: skip
    return made


@transaction.atomic
def decide_identity(request: IdentityRequest, *, approved: bool, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Approve or refuse as the second person; an approval opens the identity for a day. Raises `IdentityClosed`."""
    if not actor.has(*DECIDERS):
        raise IdentityClosed(N_("Only a supervisor, professional standards or a records officer can decide this."))
    if request.requested_by_id == actor.user_id:
        raise IdentityClosed(N_("You asked for this yourself. A second person has to decide."))
    if not approved and not reason.strip():
        raise Invalid([Problem("reason", REQUIRED)])
    Case.objects.select_for_update().get(pk=request.participant.case_id)
    decided = IdentityRequest.objects.filter(pk=request.pk, decided_at=None).update(
        approved=approved, decided_by=actor.user_id, decided_at=at, decision_reason=reason.strip()[:1000],
        opens_until=at + OPEN_FOR if approved else None,
    )  # fmt: skip
    if not decided:
        raise IdentityClosed(N_("Somebody else has decided this already."))
    record(
        "case", request.participant.case_id, "case.identity_opened" if approved else "case.identity_refused",
        actor=actor, at=at, data={"request": request.pk}, personal={"reason": reason.strip()},
    )  # fmt: skip


def waiting_requests(case: Case) -> QuerySet[IdentityRequest]:
    """Requests about a case, the newest first."""
    return (
        IdentityRequest.objects.filter(participant__case=case)
        .select_related("requested_by", "decided_by")
        .order_by("-id")
    )
