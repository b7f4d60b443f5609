"""Chainable reads of tasks; `visible_to` is the single truth about who sees which."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from commonbeat.community.cover import running
from commonbeat.community.models import AreaAssignment, RoleGrant, User
from commonbeat.core.actor import INSIDERS, WORKERS, Actor, Role

if TYPE_CHECKING:
    from commonbeat.cases.models import Task  # noqa: F401  (named in the base class)

NOBODY = Q(pk__in=[])


def supervised(actor: Actor, *, on: dt.date) -> Q:
    """The condition on users whose work an actor supervises on a day: those of the areas and teams of the grants.

    Whoever works everywhere works in every area.
    """
    return people_under(actor, running(on))


def people_under(actor: Actor, held: Q) -> Q:
    """The same, where `held` says which grants and assignments of these people count."""
    parts = []
    everywhere = RoleGrant.objects.filter(held, role__in=WORKERS, areas__isnull=True, team__isnull=True)
    for grant in actor.grants:
        if grant.role != Role.SUPERVISOR:
            continue
        if grant.area_ids:
            areas = sorted(grant.area_ids)
            assigned = AreaAssignment.objects.filter(held, area__in=areas).values("user")
            granted = RoleGrant.objects.filter(held, areas__in=areas).values("user")
            parts.append(Q(pk__in=assigned) | Q(pk__in=granted) | Q(pk__in=everywhere.values("user")))
        elif grant.team_id:
            granted = RoleGrant.objects.filter(held, team=grant.team_id).values("user")
            parts.append(Q(team=grant.team_id) | Q(pk__in=granted))
        else:
            return Q()
    return reduce(or_, parts) if parts else NOBODY


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks by visibility and state."""

    def visible_to(self, actor: Actor, *, on: dt.date) -> TaskQuerySet:
        """Tasks that this actor may see, on a day.

        A task of a case follows the case. One without a case is seen by its owner and whoever stands in for them, by
        whoever made it, and by the supervisors of its owner (of its maker while nobody owns it); never from outside
        the department.
        """
        if actor.sort == "system":
            return self
        cases = apps.get_model("cases", "Case").objects.visible_to(actor).filter(pk=OuterRef("case_id"))
        seen = Q(Exists(cases))  # asked for each task of a list: a list of all cases would be long
        if actor.is_staff and actor.has(*INSIDERS):
            mine = {actor.staff_id, *actor.covers}
            people = User.objects.filter(supervised(actor, on=on)).values("pk")
            alone = Q(owner__in=mine) | Q(created_by=actor.staff_id) | Q(owner__in=people)
            seen |= Q(case__isnull=True) & (alone | Q(owner__isnull=True, created_by__in=people))
        return self.filter(seen)

    def open(self) -> TaskQuerySet:
        """Tasks that somebody still has to do."""
        return self.filter(done_at__isnull=True)


def assignable(actor: Actor, *, on: dt.date) -> models.QuerySet[User]:
    """People to whom this actor may give an administrative task: themselves, their team, and whom they supervise."""
    me = User.objects.filter(pk=actor.staff_id)
    inside = RoleGrant.objects.filter(running(on), role__in=INSIDERS).values("user")
    below = User.objects.filter(supervised(actor, on=on))
    near = Q(pk=actor.staff_id) | Q(team__isnull=False, team__in=me.values("team")) | Q(pk__in=below.values("pk"))
    return User.objects.active().filter(near, pk__in=inside).order_by("name")
