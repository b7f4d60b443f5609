"""What we hold on a person, on their request: found, handed over, corrected, erased (RULES 21).

It lives on the highest floor that holds personal data, so that one look sees all of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q

from commonbeat.cases import personal
from commonbeat.cases.categories import categories
from commonbeat.cases.disposal import forget_messages, remove_files
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.cases.safeguards import Hold
from commonbeat.cases.tags import tags_of
from commonbeat.cases.trusted import shred_contacts
from commonbeat.cases.walls import hidden_from
from commonbeat.community.models import OneTimeLink, Person
from commonbeat.community.people import shred_person
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.journal.models import Delivery, Entry
from commonbeat.journal.verbs import log_access, record, timeline
from commonbeat.publishing.models import Follow, PublicCase
from commonbeat.publishing.records.keeping import asked_by, erase_contact, told_of
from commonbeat.publishing.records.models import RecordsRequest

ASK_MORE = N_("Give an e-mail address or a telephone number.")
ON_HOLD = N_(
    "The law keeps this for now: a hold is on %(reference)s. Tell the person, and erase when the hold is lifted."
)
ERASED_ALREADY = N_("This was erased already.")
CORRECTABLE = ("name", "email", "phone", "address", "language")


@dataclass(frozen=True)
class Held:
    """Everything about somebody: person rows with their part in cases, what they follow, and records they asked for."""

    persons: list[Person]
    parts: list[Participant]
    follows: list[Follow]
    requests: list[RecordsRequest] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """True when we hold nothing on these contact details."""
        return not self.persons and not self.follows and not self.requests


def find(*, email: str = "", phone: str = "", reason: str, actor: Actor, at: dt.datetime) -> Held:
    """What is held on an e-mail address or telephone number; every look is logged. Raises `Invalid`.

    Numbers are compared by their last nine digits, so that spaces and country codes don't hide somebody. People of
    cases that are not for this actor's eyes are left out: whoever works such cases answers for them.
    """
    email, digits = email.strip().lower(), "".join(c for c in phone if c.isdigit())
    if not email and len(digits) < 6:
        raise Invalid([Problem("email", ASK_MORE)])
    wanted = Q(email__iexact=email) if email else Q(pk__in=[])
    if digits:
        same = [
            pk
            for pk, number in Person.objects.exclude(phone="").values_list("pk", "phone").iterator()
            if "".join(c for c in number if c.isdigit())[-9:] == digits[-9:]
        ]
        wanted |= Q(pk__in=same)
    behind = Participant.objects.filter(case__in=hidden_from(actor, unread=True), person__isnull=False).values("person")
    persons = list(Person.objects.filter(wanted, shredded_at__isnull=True).exclude(pk__in=behind).order_by("pk"))
    for person in persons:
        log_access("person", person.pk, "person_request", actor=actor, at=at, reason=reason[:400])
    follows = Follow.objects.filter(email__iexact=email) if email and _reads_public(actor) else Follow.objects.none()
    requests = asked_by(email=email, digits=digits, actor=actor)
    return Held(persons, _parts(persons), list(follows), requests)


def _reads_public(actor: Actor) -> bool:
    return any(kind.public and not actor.roles.isdisjoint(kind.sees) for kind in KINDS)


def _parts(persons: Iterable[Person]) -> list[Participant]:
    return list(
        Participant.objects.filter(person__in=persons).select_related("case", "person").order_by("-case__opened_at")
    )


def export(held: Held, *, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """What is held, to hand over: plain data, with the fact of handing it over recorded."""
    with transaction.atomic():
        for person in held.persons:
            record("person", person.pk, "person.exported", actor=actor, at=at)
    return {
        "made_at": at.isoformat(),
        "persons": [
            {
                "name": p.name,
                "email": p.email,
                "phone": p.phone,
                "address": p.address,
                "language": p.language,
                "since": p.created_at.isoformat(),
                "around": personal.tell_person(p.pk),
            }
            for p in held.persons
        ],
        "cases": [_exported(part) for part in held.parts],
        "messages": _messages(held.persons),
        "records_requests": [told_of(row) for row in held.requests],
        "follows": [
            {
                "area": f.area_id,
                "category": f.category_id,
                "case": reference(f.case_id) if f.case_id else None,
                "every": f.every,
                "since": f.created_at.isoformat(),
            }
            for f in held.follows
        ],
    }


def _exported(part: Participant) -> dict[str, Any]:
    case = part.case
    own = part.role == Participant.Role.REPORTER
    entries = timeline("case", case.pk, audience="reporter") if own else []
    known = categories().get(case.category_id) if case.category_id else None
    return {
        "reference": case.reference,
        "role": part.role,
        "told_by": part.told_by,
        "opened_at": case.opened_at.isoformat(),
        "category": known.text("en").name if known else None,
        "state": case.state,
        "outcome": case.outcome,
        **(
            {
                "text": case.text,
                "address": case.address,
                "lat": case.lat,
                "long": case.long,
                "answers": case.details.get("answers") or {},
                "tags": [tag.name for tag in tags_of(case.tags)],
            }
            if own
            else {}
        ),
        "around": personal.tell(part),
        "timeline": [
            {"at": e.at.isoformat(), "verb": e.verb, "text": (e.personal or {}).get("text", "")} for e in entries
        ],
    }


def _messages(persons: Iterable[Person]) -> list[dict[str, Any]]:
    rows = Delivery.objects.filter(person__in=persons).order_by("pk")
    return [
        {"at": (row.sent_at or row.next_at).isoformat(), "to": row.recipient, "about": row.template, "state": row.state}
        for row in rows
    ]


@transaction.atomic
def correct(person: Person, values: Mapping[str, str], *, actor: Actor, at: dt.datetime) -> None:
    """Correct who somebody is; before and after stay in the journal until they are shredded. Raises `Invalid`."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    if row.shredded_at:
        raise Invalid([Problem("person", ERASED_ALREADY)])
    before = {name: getattr(row, name) for name in CORRECTABLE}
    after = before | {name: str(value).strip() for name, value in values.items() if name in CORRECTABLE}
    after["email"] = after["email"].lower()
    if after == before:
        return
    bounced = None if after["email"] != before["email"] else row.email_bounced_at
    Person.objects.filter(pk=row.pk).update(**after, email_bounced_at=bounced)
    record(
        "person",
        row.pk,
        "person.corrected",
        actor=actor,
        at=at,
        personal={"before": before, "after": after},
        data={"fields": [name for name in CORRECTABLE if before[name] != after[name]]},
    )


@transaction.atomic
def erase(held: Held, *, words: bool, reason: str, actor: Actor, at: dt.datetime) -> int:
    """Forget somebody: contact details, messages, links and follows; with `words` also what they wrote.

    That there was a report, and what the department did, stays. Raises `Invalid` while a hold is on one of their
    cases. Returns how many persons were erased.
    """
    cases = {part.case_id: part.case for part in held.parts}
    kept = Hold.objects.filter(case__in=cases, lifted_at__isnull=True).values_list("case_id", flat=True).first()
    if kept is not None:
        raise Invalid([Problem("hold", ON_HOLD, {"reference": reference(kept)})])
    for part in held.parts:
        OneTimeLink.objects.filter(subject_kind="participant", subject_id=part.pk).delete()
        if part.role == Participant.Role.REPORTER:
            _erase_from_case(part.case, words=words)
        if words:
            personal.forget(part)
        record("case", part.case_id, "case.person_erased", actor=actor, at=at, data={"role": part.role, "words": words})
    for person in held.persons:
        forget_messages(Delivery.objects.filter(person=person))
        personal.forget_person(person.pk)
        shred_contacts(person.pk)
        shred_person(person, at=at)
        Entry.objects.filter(subject_kind="person", subject_id=person.pk, personal__isnull=False).update(personal=None)
        record("person", person.pk, "person.erased", actor=actor, at=at, data={"reason": reason[:200], "words": words})
    for request in held.requests:
        erase_contact(request, actor=actor, at=at)
    follows = [follow.pk for follow in held.follows]
    forget_messages(Delivery.objects.filter(entry__subject_kind="follow", entry__subject_id__in=follows))
    Follow.objects.filter(pk__in=follows).delete()
    return len(held.persons)


def _erase_from_case(case: Case, *, words: bool) -> None:
    """Personal answers go in any case; the report's words and what the reporter wrote later only if asked.

    Where the law asks for the record, words stay until its time is over.
    """
    words = words and not KINDS[case.kind].keeps_words
    known = categories().get(case.category_id) if case.category_id else None
    asked = (*KINDS[case.kind].intake.fields, *(known.fields if known else ()))
    personal = {field.code for field in asked if field.personal}
    answers = {
        code: value for code, value in (case.details.get("answers") or {}).items() if code not in personal and not words
    }
    columns: dict[str, Any] = {"details": case.details | {"answers": answers}}
    if words:
        columns["text"] = ""
        PublicCase.objects.filter(pk=case.pk).update(text="")
        _remove_photos(case)
        theirs = Entry.objects.about("case", case.pk).filter(actor_sort__in=["reporter", "anonymous"])
        theirs.filter(personal__isnull=False).update(personal=None)
    Case.objects.filter(pk=case.pk).update(version=case.version + 1, **columns)


def _remove_photos(case: Case) -> None:
    """Photos of the reporter go with their words; they leave the disk when the transaction has held."""
    photos = CaseFile.objects.filter(case=case, by_reporter=True)
    digests = {digest for row in photos for digest in (row.sha256, row.redacted_sha256) if digest}
    PublicCase.objects.filter(pk=case.pk).update(media=[])
    photos.delete()
    transaction.on_commit(lambda: remove_files(digests))
