"""Forgetting private persons when there is no more reason to know them: some time after their last case closed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from commonbeat.cases.disposal import forget_messages
from commonbeat.cases.models import Participant
from commonbeat.cases.safeguards import Hold
from commonbeat.cases.trusted_rows import TrustedContact
from commonbeat.community.agency import setting
from commonbeat.community.models import OneTimeLink, Person
from commonbeat.community.people import shred_person
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.models import Delivery
from commonbeat.journal.verbs import record


def persons_to_forget(*, at: dt.datetime) -> list[Person]:
    """Persons without an open or recently closed case, and without a case on hold; at most 500."""
    before = at - dt.timedelta(days=int(setting("person_days")))
    theirs = Participant.objects.filter(person=OuterRef("pk"))
    needed = theirs.filter(Q(case__closed_at__isnull=True) | Q(case__closed_at__gt=before))
    held = theirs.filter(Exists(Hold.objects.filter(case=OuterRef("case"), lifted_at__isnull=True)))
    rows = Person.objects.filter(shredded_at__isnull=True, created_at__lt=before)
    trusted = TrustedContact.objects.filter(person=OuterRef("pk"))  # they end by themselves
    rows = rows.exclude(Exists(needed)).exclude(Exists(held)).exclude(Exists(trusted))
    return list(rows.order_by("pk")[:500])


def forget_persons(*, at: dt.datetime) -> int:
    """Shred everybody who is due, each in a transaction of their own; returns how many."""
    forgotten = 0
    while people := persons_to_forget(at=at):
        for person in people:
            with transaction.atomic():
                forget_messages(Delivery.objects.filter(person=person))
                participants = Participant.objects.filter(person=person).values("pk")
                OneTimeLink.objects.filter(subject_kind="participant", subject_id__in=participants).delete()
                shred_person(person, at=at)
                record("person", person.pk, "person.shredded", actor=SYSTEM, at=at)
            forgotten += 1
    return forgotten
