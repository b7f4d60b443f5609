"""How reporters come back without an account: by return code, or by a link mailed to their address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from commonbeat.cases import files
from commonbeat.cases.actions import act
from commonbeat.cases.codes import code_digest
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.community.access import BadLink, find_link, make_link
from commonbeat.community.agency import setting
from commonbeat.community.links import use_link
from commonbeat.community.models import OneTimeLink, Person
from commonbeat.core.actor import ANONYMOUS, Actor
from commonbeat.core.ids import BadCode
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import Tell, record

VISIT = dt.timedelta(hours=2)
PHOTO_ONLY = N_("I added a photo.")
_MOST_MAILED = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who came back, and the reports that are theirs."""

    participants: tuple[Participant, ...]

    def participant(self, case_id: int) -> Participant | None:
        """The reporter of one of these cases."""
        return next((p for p in self.participants if p.case_id == case_id), None)


def reporter_actor(participant: Participant) -> Actor:
    """Who a reporter is on their own case: no name, one case."""
    return Actor(sort="reporter", participant_id=participant.pk, case_id=participant.case_id)


def reporter_by_code(code: str, *, back: str) -> Participant | None:
    """Whose code this is, among the kinds whose codes the page at `back` takes. A wrong code tells nothing."""
    try:
        digest = code_digest(code)
    except BadCode:
        return None
    kinds = [kind.slug for kind in KINDS if kind.intake.back == back]
    rows = Participant.objects.filter(code_digest=digest, role=Participant.Role.REPORTER, case__kind__in=kinds)
    return rows.select_related("case").first()


def visit_by_code(code: str, *, at: dt.datetime) -> str | None:
    """The token of a visit for whoever holds this return code, or None."""
    found = reporter_by_code(code, back="/return/")
    return _visit(("participant", found.pk), at=at) if found else None


def visit_by_link(token: str, *, at: dt.datetime) -> str:
    """Use up a mailed link and return the token of a visit. Raises `BadLink`."""
    link = use_link(token, purpose="return", at=at)
    return _visit((link.subject_kind, link.subject_id), at=at, data=link.data)


def _visit(subject: tuple[str, int], *, at: dt.datetime, data: dict[str, object] | None = None) -> str:
    return make_link("visit", subject=subject, at=at, valid_for=VISIT, data=data)


def open_visit(token: str, *, at: dt.datetime) -> Visit:
    """Whose visit this is. Raises `BadLink` when it is over or never was."""
    found = Visit(tuple(_participants(find_link(token, purpose="visit", at=at))))
    if not found.participants:
        raise BadLink("unknown")
    return found


def _participants(link: OneTimeLink) -> list[Participant]:
    reporters = Participant.objects.filter(role=Participant.Role.REPORTER).select_related("case", "person")
    if link.subject_kind == "participant":
        return list(reporters.filter(pk=link.subject_id))
    people = [link.subject_id, *link.data.get("people", [])]
    return list(reporters.filter(person_id__in=people, person__shredded_at__isnull=True).order_by("-case_id"))


@transaction.atomic
def mail_links(email: str, *, at: dt.datetime) -> None:
    """Mail a one-time link to the reports of this address, if there are any; the caller answers the same either way."""
    people = list(
        Person.objects.filter(email=email.strip().lower(), shredded_at__isnull=True).order_by("-id")[:_MOST_MAILED]
    )
    reports = Participant.objects.filter(role=Participant.Role.REPORTER, person__in=people)
    references = [p.case.reference for p in reports.select_related("case").order_by("-case_id")[:_MOST_MAILED]]
    if not references:
        return
    person = people[0]
    link = {
        "purpose": "return", "subject": ["person", person.pk], "days": 1, "path": "/return/link/",
        "data": {"people": [p.pk for p in people]},
    }  # fmt: skip
    # The mail names references only: somebody else may read the mailbox.
    words = {"references": references, "link": link}
    tell = Tell("email", person.email, "my_reports", person.language, words, person_id=person.pk, urgent=True)
    record("person", person.pk, "person.asked_for_links", actor=ANONYMOUS, at=at, tell=[tell])


@transaction.atomic
def add_information(
    case: Case, *, text: str, photos: Sequence[str], actor: Actor, at: dt.datetime, version: int | None = None,
    danger: Mapping[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """Add the reporter's words and photos (upload tokens) to an open case. Raises as `act` does."""
    entry = act(case, "add", data={"text": text.strip() or (PHOTO_ONLY if photos else "")}, actor=actor, at=at,
                version=version, danger=danger)  # fmt: skip
    if photos:
        room = int(setting("max_photos")) * 2 - case.files.filter(by_reporter=True).count()
        files.claim(case, photos[: max(room, 0)], by_reporter=True, at=at)
    return entry
