"""Handing over open work in one deed: cases, tasks, areas and rules go to successors or back to the queue."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, RoutingRule, Task
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.telling import channel_of, is_sensitive
from commonbeat.community.agency import local_day
from commonbeat.community.cover import running
from commonbeat.community.models import Team, User
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal import history, staffing
from commonbeat.journal.verbs import Tell, record

PASS_ON, GIVE_BACK = "pass_on", "give_back"
"""The steps by which a kind lets its cases change hands; every kind whose cases can be assigned declares both."""
HAS_WORK = N_("They still have open work. Hand it over first.")
NO_SUCCESSOR = N_("Choose somebody else who can sign in.")
LISTED = 50
"""A successor's mail names no more cases than this; their inbox shows all."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Open cases that go to one successor: those of an area that somebody looks after, or the others of a team."""

    key: str
    name: str
    cases: int
    overdue: int
    area_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What somebody leaves behind: cases in bundles, open tasks and promises, and routing rules that name them."""

    bundles: tuple[Bundle, ...]
    tasks: int
    promises: int
    rules: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.tasks or self.promises or self.rules or any(bundle.cases for bundle in self.bundles))


@dataclass
class HandedOver:
    """What became of the work: references by successor (None: the queue), and what a successor may not be given."""

    given: dict[User | None, list[str]] = field(default_factory=lambda: defaultdict(list))
    refused: list[tuple[str, Problem]] = field(default_factory=list)


def _areas(user: User, *, on: dt.date) -> dict[int, str]:
    rows = user.assignments.filter(running(on)).select_related("area").order_by("area__name")
    return {row.area_id: row.area.name for row in rows}


def _key(area_id: int | None, team_id: int | None, areas: Mapping[int, str]) -> str:
    return f"area-{area_id}" if area_id in areas else f"team-{team_id or 0}"


def open_work(user: User, *, actor: Actor, at: dt.datetime) -> OpenWork:
    """The open work of somebody, as far as this actor may see it. A fixed number of statements."""
    areas = _areas(user, on=local_day(at))
    found: dict[str, list[int]] = {f"area-{pk}": [0, 0] for pk in areas}
    rows = Case.objects.visible_to(actor).open().filter(assignee=user).order_by()
    counted = rows.values_list("area_id", "team_id").annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    for area_id, team_id, cases, late in counted:
        sums = found.setdefault(_key(area_id, team_id, areas), [0, 0])
        sums[0], sums[1] = sums[0] + cases, sums[1] + late
    teams = dict(Team.objects.values_list("pk", "name"))
    bundles = []
    for key, (cases, late) in found.items():
        sort, _, pk = key.partition("-")
        name = areas[int(pk)] if sort == "area" else teams.get(int(pk), "")
        bundles.append(Bundle(key, name, cases, late, int(pk) if sort == "area" else None))
    rules = RoutingRule.objects.filter(user=user, active=True).order_by("order").values_list("name", flat=True)
    tasks = Task.objects.filter(owner=user, done_at=None).count()
    return OpenWork(tuple(bundles), tasks, _open_promises(user).count(), tuple(rules))


def _open_promises(user: User) -> QuerySet[Promise]:
    """Promises that can change hands: one on a walled case that nobody has waits there for who gets it."""
    walled = [kind.slug for kind in KINDS if kind.walled]
    rows = Promise.objects.filter(owner=user, state=Promise.State.OPEN)
    return rows.exclude(case__kind__in=walled, case__assignee=None)


@transaction.atomic
def hand_over(
    user: User, *, to: Mapping[str, int | None], otherwise: int | None = None, tell: bool = True, note: str = "",
    leaving: bool = False, actor: Actor, at: dt.datetime,
) -> HandedOver:  # fmt: skip
    """Give each bundle of somebody's open work to the successor that `to` names by its key; None is the queue.

    Bundles, tasks, promises and rules that `to` does not name go to `otherwise`. Successors look after the areas from
    tomorrow. With `tell`, reporters who asked to be told hear that somebody else works their report. `leaving` closes
    the account as well. All of it or nothing. Raises `Invalid`.
    """
    people = _successors(user, {*to.values(), otherwise})
    other, areas, done = people.get(otherwise or 0), _areas(user, on=local_day(at)), HandedOver()

    def successor(key: str) -> User | None:
        return people.get(to[key] or 0) if key in to else other

    mine = Case.objects.open().filter(assignee=user)
    seen = set(mine.visible_to(actor).values_list("pk", flat=True))
    for case in mine.select_for_update(of=("self",)).order_by("pk"):
        if case.pk in seen:
            _pass_on(case, successor(_key(case.area_id, case.team_id, areas)), done, tell=tell, actor=actor, at=at)
        else:  # not for this actor's eyes: whoever may see it finds it in its queue
            act(case, GIVE_BACK, data={}, actor=SYSTEM, at=at)
    _pass_on_promises(user, other, actor=actor, at=at)
    _pass_on_tasks(user, other, actor=actor, at=at)
    for area_id in areas:
        _pass_on_area(user, area_id, successor(f"area-{area_id}"), actor=actor, at=at)
    _pass_on_rules(user, other, actor=actor, at=at)
    _record(user, done, note=note, actor=actor, at=at)
    if leaving:
        staffing.leave(user, on=local_day(at), actor=actor, at=at)
    return done


def _successors(user: User, wanted: Iterable[int | None]) -> dict[int, User]:
    numbers = {pk for pk in wanted if pk}
    found = {person.pk: person for person in User.objects.active().filter(pk__in=numbers).exclude(pk=user.pk)}
    if numbers - found.keys():
        raise Invalid([Problem("otherwise", NO_SUCCESSOR)])
    return found


def _pass_on(case: Case, to: User | None, done: HandedOver, *, tell: bool, actor: Actor, at: dt.datetime) -> None:
    """Give one case on; what the successor may not be given goes back to the queue and is said."""
    told = tell and not is_sensitive(case)
    if to is not None:
        try:
            with transaction.atomic():
                act(case, PASS_ON, data={"user": to.pk, "tell": told}, actor=actor, at=at)
        except (Invalid, NotAllowed) as refused:
            case.refresh_from_db()
            problem = refused.problems[0] if isinstance(refused, Invalid) else Problem("user", refused.message)
            done.refused.append((case.reference, problem))
        else:
            done.given[to].append(case.reference)
            return
    act(case, GIVE_BACK, data={}, actor=actor, at=at)
    done.given[None].append(case.reference)


def _pass_on_tasks(user: User, other: User | None, *, actor: Actor, at: dt.datetime) -> None:
    """Tasks on cases that others work go to them, else to the successor; those of passed-on cases went with these.

    A task on a walled case stays with the case: the successor may not be one who sees it.
    """
    rest = Task.objects.select_for_update(of=("self",)).filter(owner=user, done_at=None).select_related("case")
    for task in rest.order_by("pk"):
        walled = task.case is not None and KINDS[task.case.kind].walled
        owner_id = (task.case.assignee_id if task.case else None) or (other.pk if other and not walled else None)
        Task.objects.filter(pk=task.pk).update(owner_id=owner_id)
        subject = ("case", task.case_id) if task.case_id else ("task", task.pk)
        verb = "case.task_passed_on" if task.case_id else "task.passed_on"
        record(*subject, verb, actor=actor, at=at, data={"task": task.pk, "owner": owner_id})


def _pass_on_promises(user: User, other: User | None, *, actor: Actor, at: dt.datetime) -> None:
    """A promise is kept by whoever has its case now, else by the successor; with neither, by whoever hands over.

    One on a walled case goes to nobody besides: its reminder would name the case to somebody who may not know of it.
    """
    for row in _open_promises(user).select_for_update(of=("self",)).select_related("case").order_by("pk"):
        kept_by = row.case.assignee_id if row.case else None
        owner_id = kept_by or (other.pk if other else actor.staff_id)
        Promise.objects.filter(pk=row.pk).update(owner_id=owner_id)
        if row.task_id:
            Task.objects.filter(pk=row.task_id, done_at=None).update(owner_id=owner_id)
        subject = ("case", row.case_id) if row.case_id else ("promise", row.pk)
        record(
            *subject, f"{subject[0]}.promise_passed_on", actor=actor, at=at, data={"promise": row.pk, "owner": owner_id}
        )


def _pass_on_area(user: User, area_id: int, to: User | None, *, actor: Actor, at: dt.datetime) -> None:
    """The successor looks after the area from tomorrow. Without one it stays: closing the account ends it."""
    if to is None:
        return
    today = local_day(at)
    for row in user.assignments.filter(running(today), area_id=area_id):
        staffing.end_assignment(user, area_id=area_id, since=row.since, on=today, actor=actor, at=at)
    if not to.assignments.filter(running(today + dt.timedelta(days=1)), area_id=area_id).exists():
        staffing.assign_area(to, area_id=area_id, since=today + dt.timedelta(days=1), actor=actor, at=at)


def _pass_on_rules(user: User, other: User | None, *, actor: Actor, at: dt.datetime) -> None:
    """Rules name the successor; without one, they give to their team or area alone, or are switched off."""
    for rule in RoutingRule.objects.filter(user=user, active=True):
        wanted: dict[str, Any] = {"user": other}
        if other is None and rule.team_id is None and not rule.area_officer:
            wanted = {"active": False}
        history.change(rule, wanted, actor=actor, at=at)


def _record(user: User, done: HandedOver, *, note: str, actor: Actor, at: dt.datetime) -> None:
    """One entry on the person's own history, and one mail to each successor with all that is theirs now."""
    tell = []
    for person, references in done.given.items():
        if person is None:
            continue
        words = {
            "by": actor.name, "who": user.name, "count": len(references), "references": references[:LISTED],
            "more": len(references) > LISTED, "note": note.strip()[:2000], "path": "/desk/?view=mine",
        }  # fmt: skip
        channel = channel_of(person, "staff_assigned")
        tell.append(Tell(channel, person.email, "staff_handover", person.language, words, urgent=True))
    given = {person.name if person else "": len(references) for person, references in done.given.items()}
    record(
        "user", user.pk, "user.handed_over", actor=actor, at=at, data={"refused": len(done.refused)},
        personal={"given": given, "note": note.strip()[:2000]}, tell=tell,
    )  # fmt: skip
