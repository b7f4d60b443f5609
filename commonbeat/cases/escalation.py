"""Clocks that ran out and were not met are told to a supervisor, once per clock and due moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Escalation
from commonbeat.cases.telling import tell_staff, tell_user
from commonbeat.cases.walls import may_see
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
    """Who leads what, read once for a round: supervisors, or another role that a kind names."""

    def __init__(self, role: str = Role.SUPERVISOR, *, at: dt.datetime) -> None:
        self._role, self._at, self._today = role, at, local_day(at)
        below = with_descendants()
        rows = RoleGrant.objects.filter(running(self._today), role=role, user__is_active=True)
        self._rows: list[tuple[User, frozenset[int], int | None]] = [
            (
                grant.user,
                frozenset().union(*(below.get(area.pk, frozenset({area.pk})) for area in grant.areas.all())),
                grant.team_id,
            )
            for grant in rows.select_related("user").prefetch_related("areas").order_by("user_id")
        ]

    def of(self, case: Case) -> list[User]:
        """The supervisors of a case's area or team with whoever stands in for them; else those of everything.

        A case of no area is everybody's whose role reads such cases of its kind.
        Of a walled case only those who may see it.
        """
        near = [
            user
            for user, areas, team in self._rows
            if (case.area_id in areas) or (team and team == case.team_id) or self._same_team(user, case)
        ]
        found = near or [user for user, areas, team in self._rows if not areas and not team]
        if not found and case.area_id is None and "unplaced" in KINDS[case.kind].sees.get(self._role, ()):
            found = [user for user, _areas, _team in self._rows]
        people = with_cover(found, on=self._today)
        return [user for user in people if may_see(user, case, at=self._at)] if KINDS[case.kind].walled else people

    def in_area(self, area_id: int | None) -> list[User]:
        """The supervisors of an area, or else those of everything; without those who stand in for them."""
        near = [user for user, areas, _team in self._rows if area_id in areas]
        return near or [user for user, areas, team in self._rows if not areas and not team]

    @staticmethod
    def _same_team(user: User, case: Case) -> bool:
        return case.team_id is not None and user.team_id == case.team_id


def tell_handlers(deed: Deed, template: str, **words: Any) -> None:
    """Tell whoever works the case, or else those who lead it and may see it."""
    owner = User.objects.active().filter(pk=deed.case.assignee_id).first() if deed.case.assignee_id else None
    for user in [owner] if owner else Supervisors(deed.kind.led_by, at=deed.at).of(deed.case):
        tell_staff(deed, user, template, **words)


def escalate_overdue(*, at: dt.datetime) -> int:
    """Tell supervisors of clocks that ran out `escalate_after_hours` ago, or just now where a kind is urgent.

    Returns how many cases.
    """
    until = at - dt.timedelta(hours=float(setting("escalate_after_hours")))
    over = Q(due_at__lte=until) | Q(kind__in=[kind.slug for kind in KINDS if kind.urgent], due_at__lte=at)
    told = Escalation.objects.filter(case=OuterRef("pk"), due_at=OuterRef("due_at"))
    numbers = list(
        Case.objects.filter(over, closed_at=None)
        .exclude(Exists(told))
        .order_by("due_at", "id")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    leaders = {role: Supervisors(role, at=at) for role in {kind.led_by for kind in KINDS}} if numbers else {}
    return sum(_escalate(number, leaders, until=until, at=at) for number in numbers)


@transaction.atomic
def _escalate(number: int, leaders: dict[str, Supervisors], *, until: dt.datetime, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update().get(pk=number)
    until = at if KINDS[case.kind].urgent else until
    if case.due_at is None or case.due_at > until:
        return False  # somebody was faster
    name = next(
        (n for n, c in case.clocks.items() if not c["met"] and dt.datetime.fromisoformat(c["due"]) == case.due_at),
        "respond",
    )
    made = Escalation.objects.bulk_create(
        [Escalation(case=case, clock=name, due_at=case.due_at, at=at)], ignore_conflicts=True
    )
    people, fresh = leaders[KINDS[case.kind].led_by].of(case), case.due_at > until - LONG_AGO
    messages = [tell_user(user, case, "staff_overdue", words={"clock": name}) for user in people]
    record(
        "case", case.pk, "case.escalated", actor=SYSTEM, at=at,
        data={"clock": name, "due": case.due_at, "to": [user.name for user in people]},
        tell=[told if fresh else replace(told, channel="inbox") for told in messages],
    )  # fmt: skip
    return bool(made)
