"""Finds the people of cases by name or e-mail address, for those who may; every find is logged with its reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q

from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import Person
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import log_access

READERS = frozenset({Role.RECORDS, Role.STANDARDS, Role.ADMIN})
"""Roles that answer for what is held on people. Others meet people on the page of a case, each opening logged."""
MOST = 20
SHORTEST_REASON = 10
NO_RIGHT = N_("Only records officers, professional standards and administrators look for people.")
NO_REASON = N_("Write why you look for this person, in a few words.")
TOO_SHORT = N_("Write at least three letters of a name, or an e-mail address.")


@dataclass(frozen=True)
class FoundPerson:
    """A person and their part in the cases that the reader may see."""

    person: Person
    parts: list[Participant]


def find_people(words: str, *, reason: str, actor: Actor, at: dt.datetime) -> list[FoundPerson]:
    """People of cases that this actor sees, by the words of a name or a whole e-mail address. Raises `Invalid`.

    Whoever asked to stay unnamed is not found, nor anybody through a case that is not for the reader's eyes.
    """
    words = " ".join(words.replace("\x00", "").split())[:200]
    if not actor.has(*READERS):
        raise Invalid([Problem("actor", NO_RIGHT)])
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid([Problem("reason", NO_REASON)])
    if len(words) < 3:
        raise Invalid([Problem("q", TOO_SHORT)])
    known = Participant.objects.filter(hidden=False, case__in=Case.objects.visible_to(actor).values("pk"))
    rows = Person.objects.filter(_same(words), Exists(known.filter(person=OuterRef("pk"))), shredded_at=None)
    found = list(rows.order_by("name", "pk")[:MOST])
    parts = known.filter(person__in=found).select_related("case").defer("case__search").order_by("-case__opened_at")
    by_person: dict[int | None, list[Participant]] = {}
    for part in parts:
        by_person.setdefault(part.person_id, []).append(part)
    for person in found:
        log_access("person", person.pk, "searched", actor=actor, at=at, reason=reason.strip()[:400])
    return [FoundPerson(person, by_person.get(person.pk, [])) for person in found]


def _same(words: str) -> Q:
    if "@" in words:
        return Q(email=words.lower())
    named = Person.objects.annotate(words=SearchVector("name", config="simple"))
    return Q(pk__in=named.filter(words=SearchQuery(words, config="simple")).exclude(name="").values("pk"))
