"""What happens to findings of recurring concerns: told once per place and period, dismissed, or made a problem."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from commonbeat.cases.at_place import spoken
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.models import Case
from commonbeat.cases.telling import channel_of
from commonbeat.community.agency import local_day, setting
from commonbeat.community.cover import covers_for, running
from commonbeat.community.models import AreaAssignment, User
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import REQUIRED, Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.geography import Point, distance_m
from commonbeat.core.text import N_
from commonbeat.journal.verbs import Tell, record
from commonbeat.kinds.problem.models import Recurrence
from commonbeat.kinds.problem.recurring import Finding, find

SUBJECT = "recurrence"
TEMPLATE = "staff_recurring"
KEPT = dt.timedelta(days=365)
"""What nobody works on any more is forgotten so long after it was found."""
GONE = N_("Somebody was faster: this is not open any more.")


@transaction.atomic
def look_for_recurring(*, at: dt.datetime) -> list[Recurrence]:
    """Find what keeps coming back; new findings are stored and told, known ones brought up to date.

    A place or area that was found stays known for a period: nobody hears of it twice, also when it was dismissed.
    """
    period = dt.timedelta(weeks=int(setting("recurring_weeks")))
    live = Q(state=Recurrence.State.OPEN) | Q(found_at__gt=at - period) | Q(ended_at__gt=at - period)
    known = list(Recurrence.objects.select_for_update().filter(live))
    new, seen = [], []
    for found in find(at=at):
        row = next((one for one in known if _same(one, found)), None)
        if row is None:
            row = Recurrence(found_at=at, weeks=int(setting("recurring_weeks")), **_values(found))
            new.append(row)
            known.append(row)
        elif row.pk and row.state == Recurrence.State.OPEN:
            for name, value in _values(found).items():
                setattr(row, name, value)
            row.seen_at = at
            seen.append(row)
    for row in new:
        row.seen_at = at
    Recurrence.objects.bulk_update(seen, [*_values_of(), "seen_at"])
    made = Recurrence.objects.bulk_create(new)
    Recurrence.objects.filter(state=Recurrence.State.OPEN, seen_at__lte=at - period).update(
        state=Recurrence.State.PASSED, ended_at=at
    )
    if made:
        _tell(made, at=at)
    return made


def _values_of() -> tuple[str, ...]:
    return ("area_id", "category_id", "address", "lat", "long", "cases", "n", "expected", "years")


def _values(found: Finding) -> dict[str, object]:
    return {name: getattr(found, name) for name in _values_of()} | {"cases": list(found.cases)}


def _same(row: Recurrence, found: Finding) -> bool:
    """Whether a finding is of a place or area that is known already."""
    if row.category_id or found.category_id:
        return (row.area_id, row.category_id) == (found.area_id, found.category_id)
    if row.lat is not None and row.long is not None and found.lat is not None and found.long is not None:
        near = distance_m(Point(row.lat, row.long), Point(found.lat, found.long))
        return near <= float(setting("recurring_metres"))
    return row.area_id == found.area_id and spoken(row.address) in found.addresses


def _tell(rows: Sequence[Recurrence], *, at: dt.datetime) -> None:
    """One message for each person, however many places; it says how many, and the page says which."""
    people: dict[int, tuple[User, int]] = {}
    for told in _whom(rows, at=at).values():
        for user in told:
            people[user.pk] = (user, people.get(user.pk, (user, 0))[1] + 1)
    record(
        SUBJECT, rows[0].pk, "recurrence.found", actor=SYSTEM, at=at, first=True,
        data={"found": [row.pk for row in rows], "to": sorted(user.name for user, _ in people.values())},
        tell=[
            Tell(channel_of(user, TEMPLATE), user.email, TEMPLATE, user.language,
                 {"count": count, "path": "/desk/recurring/"}, urgent=True)
            for user, count in people.values()
        ],
    )  # fmt: skip


def _whom(rows: Iterable[Recurrence], *, at: dt.datetime) -> dict[int, list[User]]:
    """By area: its officers and supervisors of today, with whoever stands in for those who are away."""
    today, leaders = local_day(at), Supervisors(at=at)
    areas = {row.area_id for row in rows}
    assigned = AreaAssignment.objects.filter(running(today), area_id__in=[pk for pk in areas if pk])
    officers = defaultdict(list)
    for one in assigned.filter(user__is_active=True).select_related("user").order_by("since", "id"):
        officers[one.area_id].append(one.user)
    found = {area or 0: [*officers.get(area or 0, ()), *leaders.in_area(area)] for area in areas}
    covers = covers_for({user.pk for users in found.values() for user in users}, on=today)
    return {
        area: list(dict.fromkeys([*users, *(covers[user.pk].by for user in users if user.pk in covers)]))
        for area, users in found.items()
    }


def visible(actor: Actor) -> QuerySet[Recurrence]:
    """Findings with a concern that this actor may see."""
    seen = Case.objects.visible_to(actor)
    return Recurrence.objects.filter(pk__in=_with_cases(seen))


def _with_cases(seen: QuerySet[Case]) -> list[int]:
    """Two statements: the concerns of all findings that are kept, and those among them that are seen."""
    named = dict(Recurrence.objects.values_list("pk", "cases"))
    there = set(
        seen.filter(pk__in={number for cases in named.values() for number in cases}).values_list("pk", flat=True)
    )
    return [pk for pk, cases in named.items() if not there.isdisjoint(cases)]


@transaction.atomic
def dismiss(row: Recurrence, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Put a finding aside with the reason; the place is not told again within the period."""
    reason = reason.strip()[:400]
    if not reason:
        raise Invalid([Wrong("reason", REQUIRED)])
    _end(row, Recurrence.State.DISMISSED, actor=actor, at=at, reason=reason)
    record(SUBJECT, row.pk, "recurrence.dismissed", actor=actor, at=at, personal={"reason": reason})


@transaction.atomic
def put_back(row: Recurrence, *, actor: Actor, at: dt.datetime) -> None:
    """Take a dismissal back."""
    moved = Recurrence.objects.filter(pk=row.pk, state=Recurrence.State.DISMISSED).update(
        state=Recurrence.State.OPEN, reason="", ended_at=None, ended_by=None, seen_at=at
    )
    if not moved:
        raise Invalid([Wrong("", GONE)])
    record(SUBJECT, row.pk, "recurrence.put_back", actor=actor, at=at)


def make_problem(row: Recurrence, problem: Case, *, actor: Actor, at: dt.datetime) -> None:
    """Say that a problem was started from a finding; in the transaction that starts it."""
    _end(row, Recurrence.State.PROBLEM, actor=actor, at=at, problem_id=problem.pk)
    record(SUBJECT, row.pk, "recurrence.problem", actor=actor, at=at, data={"problem": problem.pk})


def _end(row: Recurrence, state: str, *, actor: Actor, at: dt.datetime, **more: object) -> None:
    moved = Recurrence.objects.filter(pk=row.pk, state=Recurrence.State.OPEN).update(
        state=state, ended_at=at, ended_by_id=actor.user_id, **more
    )
    if not moved:
        raise Invalid([Wrong("", GONE)])


@transaction.atomic
def forget_recurring(*, at: dt.datetime) -> int:
    """Forget findings that ended and were found long ago; returns how many."""
    old = Recurrence.objects.exclude(state=Recurrence.State.OPEN).filter(found_at__lt=at - KEPT)
    numbers = list(old.values_list("pk", flat=True))
    if numbers:
        old.delete()
        record(SUBJECT, numbers[0], "recurrence.forgotten", actor=SYSTEM, at=at, data={"forgotten": numbers})
    return len(numbers)
