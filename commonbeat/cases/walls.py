"""Walls around cases: who is kept out whatever their role, and how rows that stand beside a case follow it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from commonbeat.cases.task_queries import people_under
from commonbeat.community.access import actor_for
from commonbeat.community.models import User
from commonbeat.core.actor import Actor, Role

if TYPE_CHECKING:
    from commonbeat.cases.models import Case, Participant

KEPT_OUT = ("subject", "chain")
"""Roles on a case that nobody sees the case in: whom it is about, and who commanded them when they were named."""
SLACK = dt.timedelta(days=2)
"""A wall stands a little longer than the command does, so that no time zone opens it early."""


def commanded(actor: Actor) -> Q | None:
    """The condition on users in whose chain of command this actor stands; None when they command nobody.

    Command is the role of a supervisor: over the areas or the team of the grant and over their own team; without
    limits over everybody. Grants and areas that begin later count already.
    """
    if not actor.has(Role.SUPERVISOR):
        return None
    held = Q(until__isnull=True) | Q(until__gte=Now() - SLACK)
    mine = User.objects.filter(pk=actor.user_id, team__isnull=False).values("team")
    below = people_under(actor, held)
    return (below | Q(team__in=mine)) if below else Q()


def kept_out_of(actor: Actor) -> list[Q]:
    """Conditions on cases that this actor never sees, whatever their grants say: one for each reason.

    Themselves as the subject or in the chain of command of one, for every kind; and, where a kind is walled and a
    role of theirs reads it, whoever they command today. The second is asked of each case of such a kind, since a
    department has far more subjects of complaints than a list has walled cases.
    """
    from commonbeat.cases.kind import KINDS

    rows: QuerySet[Participant, Any] = apps.get_model("cases", "Participant").objects.all()
    found = [Q(pk__in=rows.filter(role__in=KEPT_OUT, user_id=actor.staff_id).values("case_id"))]
    walled = [kind.slug for kind in KINDS if kind.walled and not actor.roles.isdisjoint(kind.sees)]
    below = commanded(actor) if walled else None
    if below is not None:
        people = User.objects.filter(below).exclude(pk=actor.staff_id).values("pk")
        # The second comparison is always true; without it the database would read all subjects there are into memory.
        about_them = rows.filter(case=OuterRef("pk"), pk__gte=OuterRef("pk") * 0, role="subject", user__in=people)
        found.append(Q(kind__in=walled) & Q(Exists(about_them)))
    return found


def chain_of(subject: User, *, at: dt.datetime) -> list[User]:
    """Everybody who commands this person today: their names stand on the case, so that a new post opens nothing."""
    found = []
    for user in User.objects.holding(Role.SUPERVISOR).exclude(pk=subject.pk).order_by("pk"):
        below = commanded(actor_for(user, at=at))
        if below is not None and User.objects.filter(below, pk=subject.pk).exists():
            found.append(user)
    return found


def may_see(user: User, case: Case, *, at: dt.datetime) -> bool:
    """True when this person may see the case today: asked before anybody is told of a walled one."""
    rows = apps.get_model("cases", "Case").objects
    return user.is_active and rows.visible_to(actor_for(user, at=at)).filter(pk=case.pk).exists()


def hidden_from(actor: Actor, *, unread: bool = False) -> QuerySet[Case, Any]:
    """Cases of which this actor may not even learn from a list of something else, such as messages or looks.

    An open kind's case in another area is no secret among colleagues; a walled one is. With `unread`, cases of kinds
    that none of their roles reads are hidden as well.
    """
    from commonbeat.cases.kind import KINDS

    rows = apps.get_model("cases", "Case").objects
    others = unread_kinds(actor) if unread else []
    hidden = sorted({*others, *(kind.slug for kind in KINDS if kind.walled)})
    return rows.filter(kind__in=hidden).exclude(pk__in=rows.visible_to(actor).filter(kind__in=hidden).values("pk"))


def told_about(actor: Actor, number: str, *, unread: bool = False) -> Q:
    """The condition on rows that name a case by `number`: those that this actor may learn of, also when it is gone."""
    from commonbeat.cases.kind import KINDS

    gone = set(unread_kinds(actor)) & {kind.slug for kind in KINDS if kind.walled or unread}
    stones = apps.get_model("cases", "Tombstone").objects.filter(kind__in=sorted(gone)).values("case_number")
    hidden = hidden_from(actor, unread=unread).values("pk")
    return ~Q(**{f"{number}__in": hidden}) & ~Q(**{f"{number}__in": stones})


def unread_kinds(actor: Actor) -> list[str]:
    """Kinds that none of this actor's roles reads."""
    from commonbeat.cases.kind import KINDS

    return [kind.slug for kind in KINDS if actor.sort != "system" and actor.roles.isdisjoint(kind.sees)]
