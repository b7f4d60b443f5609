"""Clocks that ran out and were not met are told to a supervisor, once per clock and due moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import transaction
from django.db.models import Exists, OuterRef

from commonbeat.cases.models import Case, Escalation
from commonbeat.cases.telling import tell_user
from commonbeat.community.access import with_descendants
from commonbeat.community.agency import local_day, setting
from commonbeat.community.cover import running, with_cover
from commonbeat.community.models import RoleGrant, User
from commonbeat.core.actor import SYSTEM, Role
from commonbeat.journal.verbs import record

LONG_AGO = dt.timedelta(days=30)
"""What ran out longer ago goes on record and into the inbox, but nobody gets an e-mail about each: it is no news."""
AT_ONCE = 500


class Supervisors:
    """Who supervises what, read once for a round."""

    def __init__(self, *, at: dt.datetime) -> None:
        self._today = local_day(at)
        below = with_descendants()
        rows = RoleGrant.objects.filter(running(self._today), role=Role.SUPERVISOR, user__is_active=True)
        self._rows: list[tuple[User, frozenset[int], int | None]] = [
            (
                grant.user,
                frozenset().union(*(below.get(area.pk, frozenset({area.pk})) for area in grant.areas.all())),
                grant.team_id,
            )
            for grant in rows.select_related("user").prefetch_related("areas").order_by("user_id")
        ]

    def of(self, case: Case) -> list[User]:
        """The supervisors of a case's area or team with whoever stands in for them; else those of everything."""
        near = [
            user
            for user, areas, team in self._rows
            if (case.area_id in areas) or (team and team == case.team_id) or self._same_team(user, case)
        ]
        found = near or [user for user, areas, team in self._rows if not areas and not team]
        return with_cover(found, on=self._today)

    @staticmethod
    def _same_team(user: User, case: Case) -> bool:
        return case.team_id is not None and user.team_id == case.team_id


def escalate_overdue(*, at: dt.datetime) -> int:
    """Tell supervisors of clocks that ran out `escalate_after_hours` ago; returns how many cases."""
    until = at - dt.timedelta(hours=float(setting("escalate_after_hours")))
    told = Escalation.objects.filter(case=OuterRef("pk"), due_at=OuterRef("due_at"))
    numbers = list(
        Case.objects.filter(due_at__lte=until)
        .exclude(Exists(told))
        .order_by("due_at", "id")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    supervisors = Supervisors(at=at) if numbers else None
    return sum(_escalate(number, supervisors, until=until, at=at) for number in numbers if supervisors)


@transaction.atomic
def _escalate(number: int, supervisors: Supervisors, *, until: dt.datetime, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update().get(pk=number)
    if case.due_at is None or case.due_at > until:
        return False  # somebody was faster
    name = next(
        (n for n, c in case.clocks.items() if not c["met"] and dt.datetime.fromisoformat(c["due"]) == case.due_at),
        "respond",
    )
    made = Escalation.objects.bulk_create(
        [Escalation(case=case, clock=name, due_at=case.due_at, at=at)], ignore_conflicts=True
    )
    people, fresh = supervisors.of(case), case.due_at > until - LONG_AGO
    messages = [tell_user(user, case, "staff_overdue", words={"clock": name}) for user in people]
    record(
        "case", case.pk, "case.escalated", actor=SYSTEM, at=at,
        data={"clock": name, "due": case.due_at, "to": [user.name for user in people]},
        tell=[told if fresh else replace(told, channel="inbox") for told in messages],
    )  # fmt: skip
    return bool(made)
