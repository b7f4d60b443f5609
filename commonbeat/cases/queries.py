"""Chainable reads of cases; `visible_to` is the single truth about who sees what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import BooleanField, F, Func, Q, Value

from commonbeat.core.actor import Actor

if TYPE_CHECKING:
    from commonbeat.cases.models import Case  # noqa: F401  (named in the base class)

NOTHING = Q(pk__in=[])
WORDS = "commonbeat"
"""The text search configuration: English endings, and no words left out, since “no” and “me” are words elsewhere."""


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by visibility, words and state of work."""

    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """Cases that this actor may see: lists, objects, files, exports and counts all go through here.

        Built from the kinds' declarations. A person recorded as the subject of a case never sees it, nor does whoever
        commanded them when they were named; `cases.walls` says who else is kept out.
        """
        if actor.sort == "system":
            return self
        if actor.sort == "reporter":
            return self.filter(pk=actor.case_id or 0)
        if not actor.is_staff and actor.sort != "key":
            return self.none()
        seen = self.filter(_visible(actor))
        if actor.user_id is None:
            return seen
        from commonbeat.cases.walls import kept_out_of

        for condition in kept_out_of(actor):
            seen = seen.exclude(condition)
        return seen

    def open(self) -> CaseQuerySet:
        """Cases that somebody still has to work on."""
        return self.filter(closed_at__isnull=True)

    def linkable(self) -> CaseQuerySet:
        """Cases that a case of another kind may be linked to: never sealed or walled ones, which stay unnamed."""
        from commonbeat.cases.kind import KINDS

        return self.exclude(kind__in=[kind.slug for kind in KINDS if kind.sealed or kind.walled])

    def tagged(self, number: int) -> CaseQuerySet:
        """Cases that hold a tag. Without the second condition the database would not use the index of tagged cases."""
        return self.filter(~Q(tags=[]), tags__contains=[number])

    def saying(self, words: str, *, one_by_one: bool = False) -> CaseQuerySet:
        """Cases whose text or address contain these words: web search syntax, any language, English endings left out.

        `one_by_one` has the words looked for in each case that the other conditions leave, instead of in the index.
        """
        found = Func(
            F("search"), SearchQuery(words, config=WORDS, search_type="websearch"), arg_joiner=" @@ ",
            template="((%(expressions)s) IS TRUE)" if one_by_one else "(%(expressions)s)", output_field=BooleanField(),
        )  # fmt: skip
        return self.filter(found)


def _visible(actor: Actor) -> Q:
    from commonbeat.cases.kind import KINDS

    kinds_by_condition: dict[tuple[object, ...], list[str]] = {}
    conditions: dict[tuple[object, ...], Q] = {}
    for kind in KINDS:
        for grant in actor.grants:
            for scope in kind.sees.get(grant.role, ()):
                name, condition = _scope(scope, actor, grant.area_ids, grant.team_id)
                conditions[name] = condition
                kinds_by_condition.setdefault(name, []).append(kind.slug)
    parts = [
        (Q() if len(set(kinds)) == len(KINDS) else Q(kind__in=sorted(set(kinds)))) & conditions[name]
        for name, kinds in kinds_by_condition.items()
    ]
    if any(not part for part in parts):  # everything, everywhere
        return Q()
    return reduce(or_, parts) if parts else NOTHING


class _Among(models.Func):
    """`column = ANY(array)`: one value for the statement instead of one for each of a city's areas."""

    arg_joiner = " = ANY("
    template = "(%(expressions)s))"
    output_field = models.BooleanField()

    def __init__(self, column: models.F, numbers: models.Value) -> None:
        super().__init__(column, numbers)


def among(column: str, numbers: Iterable[int]) -> _Among:
    """The condition that a column holds one of these numbers."""
    listed = models.Value(sorted(numbers), output_field=ArrayField(models.BigIntegerField()))
    return _Among(models.F(column), listed)


def _scope(scope: str, actor: Actor, area_ids: frozenset[int], team_id: int | None) -> tuple[tuple[object, ...], Q]:
    match scope:
        case "all":
            if area_ids:
                return ("areas", area_ids), Q(among("area_id", area_ids))
            if team_id:
                return ("team", team_id), Q(team_id=team_id)
            return ("all",), Q()
        case "unplaced":
            return ("unplaced",), Q(area_id__isnull=True)
        case "team":
            return ("team", team_id), Q(team_id=team_id) if team_id else NOTHING
        case "assigned":
            if actor.covers:  # what is with somebody they stand in for
                return ("assigned", actor.user_id), Q(assignee_id__in=sorted({actor.user_id, *actor.covers} - {None}))
            return ("assigned", actor.user_id), Q(assignee_id=actor.user_id)
    raise ValueError(f"“{scope}” is not a scope; use all, team, assigned or unplaced.")


def newest_of_few(rows: CaseQuerySet) -> CaseQuerySet:
    """The newest first, where conditions leave few: all of them are found, then put in order.

    By the plain column the database might walk through the index of that order until enough rows fit, past a
    million that do not.
    """
    return rows.order_by((F("opened_at") + Value(dt.timedelta(0))).desc(), "-id")
