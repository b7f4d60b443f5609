"""Ordering routing rules and trying them out on past cases before anybody feels them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from commonbeat.cases import routing
from commonbeat.cases.categories import categories
from commonbeat.cases.models import Case, RoutingRule
from commonbeat.community.models import Team, User
from commonbeat.core.actor import Actor
from commonbeat.journal import history
from commonbeat.journal.models import Entry


@transaction.atomic
def move_rule(rule: RoutingRule, *, up: bool, actor: Actor, at: dt.datetime) -> None:
    """Look at a rule one place earlier or later; orders are made to count from 1 without gaps."""
    rules = list(RoutingRule.objects.select_for_update().order_by("order", "id"))
    here = next(i for i, other in enumerate(rules) if other.pk == rule.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rules):
        return
    rules[here], rules[there] = rules[there], rules[here]
    for number, other in enumerate(rules, start=1):
        if other.order != number:
            verb = "moved" if other.pk == rule.pk else "changed"
            history.change(other, {"order": number}, actor=actor, at=at, verb=verb)


@dataclass(frozen=True)
class Changed:
    """A past case that would go elsewhere."""

    case: Case
    before: str
    after: str
    rule: str


@dataclass(frozen=True)
class Trial:
    """What rules would have done with past cases."""

    tried: int
    changed: Sequence[Changed]
    nowhere: int


def facts_of(case: Case) -> routing.Facts:
    """What routing saw, or would have seen, when this case came in."""
    known = categories().get(case.category_id) if case.category_id else None
    return routing.Facts(
        kind=case.kind, category=known.row.code if known else None, group=known.text("en").group if known else None,
        area_id=case.area_id, language=case.language, channel=case.channel, at=case.opened_at,
        answers=case.details.get("answers") or {},
    )  # fmt: skip


def with_draft(draft: RoutingRule) -> list[Any]:
    """The active rules in order, with `draft` in its place: added, changed, or left out when it is not active."""
    others = [rule for rule in routing.rules() if rule.pk != draft.pk]
    rules = [*others, draft] if draft.active else others
    return sorted(rules, key=lambda rule: (rule.order, rule.pk or 0))


def try_out(rules: Iterable[Any], *, actor: Actor, last: int = 200) -> Trial:
    """Decide the newest cases that this actor may see by other rules, and compare with what was decided then.

    Two statements plus names; officers are those of the day on which the case came in.
    """
    ordered = list(rules)
    cases = list(Case.objects.visible_to(actor).order_by("-opened_at", "-id")[:last])
    opened = Entry.objects.filter(
        subject_kind="case", subject_id__in=[case.pk for case in cases], number=1, verb="case.opened"
    )
    then = {entry.subject_id: entry.data.get("routing") or {} for entry in opened}
    teams = dict(Team.objects.values_list("pk", "name"))
    users = dict(User.objects.values_list("pk", "name"))

    def named(team: int | None, user: int | None) -> str:
        return " / ".join(name for name in (users.get(user or 0), teams.get(team or 0)) if name)

    changed, nowhere = [], 0
    for case in cases:
        decided = routing.decide(facts_of(case), ordered, at=case.opened_at)
        nowhere += decided.team_id is None and decided.user_id is None
        before = then.get(case.pk, {})
        if (before.get("team"), before.get("user")) != (decided.team_id, decided.user_id):
            old, new = named(before.get("team"), before.get("user")), named(decided.team_id, decided.user_id)
            changed.append(Changed(case, old, new, decided.rule))
    return Trial(len(cases), changed, nowhere)
