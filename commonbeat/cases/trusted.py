"""Trusted contacts of an area: added with their consent, asked every year, erased when they end or nobody asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from commonbeat.cases.models import Task
from commonbeat.cases.trusted_rows import TrustedContact
from commonbeat.community.access import with_descendants
from commonbeat.community.agency import close_of, local_day, setting
from commonbeat.community.cover import running
from commonbeat.community.models import AreaAssignment
from commonbeat.community.people import find_or_make_person, shred_person
from commonbeat.community.places import officers_of, places
from commonbeat.core.actor import SYSTEM, WORKERS, Actor, Role
from commonbeat.core.fields import Choice, Field, Invalid, Problem, clean
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record, shred_entries

KEEPERS = (*sorted(WORKERS), Role.SUPERVISOR)
"""Roles among which those of an area, and their supervisors, read and keep its contacts."""
ASK_AFTER = dt.timedelta(days=365)
GONE_AFTER = ASK_AFTER + dt.timedelta(days=60)
"""What nobody confirmed for so long is erased."""
SUBJECT = "trusted_contact"
HOW = (
    Choice("talk", N_("In a talk")), Choice("phone", N_("By telephone")), Choice("letter", N_("In a letter or e-mail")),
)  # fmt: skip
FIELDS = (
    Field("name", N_("Name"), required=True, personal=True, maximum=200),
    Field("organisation", N_("Organization, where they speak for one"), maximum=200),
    Field("role", N_("What they are in this area"), required=True, maximum=200,
          hint=N_("For example: keeps the key of the hall. Nothing on what they believe or told in a case.")),
    Field("phone", N_("Telephone number"), personal=True, maximum=40),
    Field("email", N_("E-mail address"), personal=True, maximum=254),
    Field("reach", N_("When and how to reach them"), maximum=200),
    Field("agreed_on", N_("They agreed to be a contact on"), "datetime", required=True),
    Field("agreed_how", N_("How they agreed"), "singlevaluelist", required=True, choices=HOW),
)  # fmt: skip
NO_WAY = N_("Give a telephone number or an e-mail address.")
NOT_YET = N_("This day has not come yet.")
NOT_YOURS = N_("Only those who look after this area, and their supervisors, keep its contacts.")
TOO_LATE = N_("This cannot be taken back any more. Change it instead.")


def may_keep(actor: Actor, area_id: int, *, at: dt.datetime) -> bool:
    """True for whoever looks after the area today, or stands in, and for supervisors whose role reaches it."""
    if actor.has(*WORKERS) and actor.user_id:
        mine = Q(user_id=actor.user_id) | Q(user_id__in=actor.covers)
        if AreaAssignment.objects.filter(mine, running(local_day(at)), area_id=area_id).exists():
            return True
    below = with_descendants()
    for grant in actor.grants:
        if grant.role == Role.SUPERVISOR:
            reach = frozenset().union(*(below.get(area, frozenset({area})) for area in grant.area_ids))
            if not grant.area_ids or area_id in reach:
                return True
    return False


def contacts_of(area_id: int, *, actor: Actor, at: dt.datetime) -> QuerySet[TrustedContact] | None:
    """The contacts of an area by name; None for whoever may not read them."""
    if not may_keep(actor, area_id, at=at):
        return None
    rows = TrustedContact.objects.filter(area_id=area_id, ended_at=None, person__shredded_at=None)
    return rows.select_related("person").order_by("person__name", "pk")


def _checked(data: Mapping[str, Any], *, at: dt.datetime) -> dict[str, Any]:
    given = {name: value or "" for name, value in clean(FIELDS, data).items()}
    problems = [] if given.get("phone") or given.get("email") else [Problem("phone", NO_WAY)]
    agreed_on = dt.date.fromisoformat(str(given["agreed_on"])[:10])
    if agreed_on > local_day(at):
        problems.append(Problem("agreed_on", NOT_YET))
    if problems:
        raise Invalid(problems)
    return {item.code: given.get(item.code, "") for item in FIELDS} | {"agreed_on": agreed_on}


def values_of(row: TrustedContact) -> dict[str, Any]:
    """What the form shows, and what the journal keeps until it is shredded."""
    return {
        "name": row.person.name, "email": row.person.email, "phone": row.person.phone,
        "organisation": row.organisation, "role": row.role, "reach": row.reach,
        "agreed_on": row.agreed_on.isoformat(), "agreed_how": row.agreed_how,
        "confirmed_on": row.confirmed_on.isoformat(), "ended": row.ended_at is not None,
    }  # fmt: skip


@transaction.atomic
def add_contact(
    data: Mapping[str, Any], *, area_id: int, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> TrustedContact:
    """Add somebody who agreed. The same `client_id` again finds the first. Raises `Invalid`."""
    before = TrustedContact.objects.filter(client_id=client_id).first() if client_id else None
    if before is not None:
        return before
    given = _checked(data, at=at)
    person = find_or_make_person(
        name=given["name"], email=given["email"], phone=given["phone"], language="en", apart=True, at=at
    )
    assert person is not None  # a name and a way to reach them are there
    row = TrustedContact.objects.create(
        client_id=client_id, area_id=area_id, person=person, organisation=given["organisation"], role=given["role"],
        reach=given["reach"], agreed_on=given["agreed_on"], agreed_how=given["agreed_how"],
        confirmed_on=given["agreed_on"], added_by_id=actor.staff_id, added_at=at,
    )  # fmt: skip
    _record(row, "added", {}, actor=actor, at=at)
    return row


@transaction.atomic
def change_contact(row: TrustedContact, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    """Change what is known of somebody. Raises `Invalid`."""
    given, before = _checked(data, at=at), values_of(row)
    _store(row, before | {name: str(value) for name, value in given.items()})
    _record(row, "changed", before, actor=actor, at=at)


@transaction.atomic
def confirm_contact(row: TrustedContact, *, actor: Actor, at: dt.datetime) -> None:
    """They were asked, and still agree."""
    before = values_of(row)
    _store(row, before | {"confirmed_on": local_day(at).isoformat()})
    _record(row, "confirmed", before, actor=actor, at=at)


@transaction.atomic
def end_contact(row: TrustedContact, *, actor: Actor, at: dt.datetime) -> None:
    """They are no contact any more: out of every list at once, erased when it cannot be taken back any more."""
    before = values_of(row)
    TrustedContact.objects.filter(pk=row.pk).update(ended_at=at)
    row.ended_at = at
    _record(row, "ended", before, actor=actor, at=at)


def last_deed(row: TrustedContact, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """One's own last deed on a contact, as long as it can be taken back."""
    entry = Entry.objects.about(SUBJECT, row.pk).order_by("-number").first()
    since = at - dt.timedelta(minutes=float(setting("undo_minutes")))
    mine = entry and (entry.actor_sort, entry.actor_id) == (actor.sort, actor.user_id)
    fresh = entry and entry.at >= since and entry.personal and entry.verb != f"{SUBJECT}.undone"
    return entry if entry and mine and fresh else None


@transaction.atomic
def undo_contact(row: TrustedContact, *, actor: Actor, at: dt.datetime) -> None:
    """Take back one's own last deed. Raises `Invalid` when it is too late."""
    entry = last_deed(row, actor=actor, at=at)
    if entry is None:
        raise Invalid([Problem("", TOO_LATE)])
    before = (entry.personal or {}).get("before") or {}
    now = values_of(row)
    if before:
        _store(row, before)
    TrustedContact.objects.filter(pk=row.pk).update(ended_at=None if before else at)
    row.refresh_from_db()
    _record(row, "undone", now, actor=actor, at=at, data={"undone": entry.verb})


def _store(row: TrustedContact, values: Mapping[str, Any]) -> None:
    person = row.person
    person.name, person.email, person.phone = values["name"], values["email"].lower(), values["phone"]
    person.save(update_fields=["name", "email", "phone"])
    columns = {name: values[name] for name in ("organisation", "role", "reach", "agreed_how")}
    days = {name: dt.date.fromisoformat(values[name]) for name in ("agreed_on", "confirmed_on")}
    days["confirmed_on"] = max(days.values())
    TrustedContact.objects.filter(pk=row.pk).update(**columns, **days)
    row.refresh_from_db()


def _record(
    row: TrustedContact, verb: str, before: Mapping[str, Any], *, actor: Actor, at: dt.datetime,
    data: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    after = values_of(row)
    record(
        SUBJECT, row.pk, f"{SUBJECT}.{verb}", actor=actor, at=at, data={"area": row.area_id, **(data or {})},
        personal={"before": dict(before), "after": after},
    )  # fmt: skip


def is_due(row: TrustedContact, *, today: dt.date) -> bool:
    """True when it is time to ask whether they still agree."""
    return row.confirmed_on + ASK_AFTER <= today


@transaction.atomic
def forget_contacts(*, at: dt.datetime) -> int:
    """Erase contacts that ended, that nobody confirmed, or whose person was erased; returns how many."""
    today, ended = local_day(at), at - dt.timedelta(minutes=float(setting("undo_minutes")))
    over = Q(ended_at__lt=ended) | Q(confirmed_on__lt=today - GONE_AFTER) | Q(person__shredded_at__isnull=False)
    rows = list(TrustedContact.objects.filter(over).select_related("person")[:500])
    for row in rows:
        shred_entries(SUBJECT, row.pk)
        row.delete()
        if row.person.shredded_at is None:
            shred_person(row.person, at=at)
    return len(rows)


def shred_contacts(person_id: int) -> None:
    """What the journal says of somebody as a contact goes with them; the row goes in the next night."""
    for number in TrustedContact.objects.filter(person_id=person_id).values_list("pk", flat=True):
        shred_entries(SUBJECT, number)


@transaction.atomic
def ask_again(*, at: dt.datetime) -> int:
    """A task for whoever looks after an area whose contacts are to be asked again; returns how many tasks."""
    today = local_day(at)
    due = TrustedContact.objects.filter(ended_at=None, person__shredded_at=None, confirmed_on__lte=today - ASK_AFTER)
    made = 0
    for area_id in sorted(set(due.values_list("area_id", flat=True))):
        area, officers = places().areas.get(area_id), officers_of(area_id, at=at).present
        text = gettext("Ask the trusted contacts of %(area)s whether they still agree") % {
            "area": area.name if area else area_id
        }
        if not officers or Task.objects.filter(sort="admin", text=text, done_at=None).exists():
            continue
        task = Task.objects.create(
            sort="admin", text=text, owner=officers[0], created_by=officers[0], created_at=at,
            due_at=close_of(today + dt.timedelta(days=30)),
        )  # fmt: skip
        record("task", task.pk, "task.added", actor=SYSTEM, at=at, first=True, data={"owner": officers[0].pk},
               personal={"text": text})  # fmt: skip
        made += 1
    return made
