"""Taking a step back: what a deed leaves behind for it, and how the case becomes what it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Field, Model

from commonbeat.cases.categories import categories
from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.projections import project
from commonbeat.cases.telling import tell_webhooks
from commonbeat.community.agency import local_day, setting
from commonbeat.core.actor import Actor
from commonbeat.core.text import N_
from commonbeat.core.workflow import Step
from commonbeat.journal.models import Delivery, Entry
from commonbeat.journal.verbs import record


class CannotUndo(Exception):
    """The step cannot be taken back any more; the message says why."""


def note_of(step: Step, before: Mapping[str, Any], deed: Deed) -> dict[str, Any] | None:
    """What taking the deed back needs. It stays in the journal for good, so no answer that was not changed is in it.

    `before` are the columns of the case as they were.
    """
    if not step.undo:
        return None
    columns = _plain(before)
    if "details" in columns:
        was, now = before["details"], deed.columns["details"]
        columns["details"] = {
            "was": {key: value for key, value in was.items() if now.get(key) != value},
            "added": [key for key in now if key not in was],
        }
    note: dict[str, Any] = {"columns": columns, "rows": [[row._meta.label, row.pk] for row in deed.made]}
    if deed.changed:
        note["changed"] = [[row._meta.label, row.pk, _plain(was)] for row, was in deed.changed]
    if deed.removed:
        note["removed"] = [[row._meta.label, _plain(_stored(row))] for row in deed.removed]
    return note


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _stored(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def undo_until(entry: Entry) -> dt.datetime | None:
    """Until when a deed can be taken back; None when it never could."""
    if not entry.data.get("undo"):
        return None
    return entry.at + dt.timedelta(minutes=setting("undo_minutes"))


@transaction.atomic
def undo(case: Case, entry: Entry, *, actor: Actor, at: dt.datetime) -> Entry:
    """Take back the last step of a case, if it was one's own, is fresh, and nothing has left the house."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    check_undo(locked, entry, actor=actor, at=at)
    waiting = entry.deliveries.select_for_update()
    if waiting.exclude(state__in=[Delivery.State.PENDING, Delivery.State.CANCELLED]).exists():
        raise CannotUndo(N_("A message about this has already left. Write to the reporter instead."))
    waiting.update(state=Delivery.State.CANCELLED)
    note = entry.data["undo"]
    _put_back_rows(note)
    Case.objects.filter(pk=case.pk).update(version=locked.version + 1, **_columns(note, locked, at=at))
    case.refresh_from_db()
    written = record(
        "case", case.pk, "case.undone", actor=actor, at=at,
        data={"undone": entry.verb, "number": entry.number}, tell=tell_webhooks(case, "case.undone", at=at),
    )  # fmt: skip
    project(case, categories().get(case.category_id) if case.category_id else None, at=at)
    return written


def check_undo(case: Case, entry: Entry, *, actor: Actor, at: dt.datetime) -> None:
    """Raise `CannotUndo` unless this is the actor's own last deed on the case, and fresh."""
    last = Entry.objects.filter(subject_kind="case", subject_id=case.pk).order_by("-number").first()
    until = undo_until(entry)
    if until is None:
        raise CannotUndo(N_("This step cannot be taken back. Take the step that corrects it instead."))
    if last is None or last.pk != entry.pk:
        raise CannotUndo(N_("Something else has happened since. Take the step that corrects it instead."))
    if until < at:
        raise CannotUndo(N_("It is too late to take this back. Take the step that corrects it instead."))
    if (entry.actor_sort, entry.actor_id) != (actor.sort, actor.user_id):
        raise CannotUndo(N_("Only the person who did this can take it back."))


def _put_back_rows(note: Mapping[str, Any]) -> None:
    """Remove the rows that the deed made, give those that it changed their values again, bring back the removed."""
    for label, pk in reversed(note["rows"]):
        apps.get_model(label).objects.filter(pk=pk).delete()
    for label, pk, was in reversed(note.get("changed", [])):
        model = apps.get_model(label)
        model.objects.filter(pk=pk).update(**_revived(model, was))
    for label, was in reversed(note.get("removed", [])):
        model = apps.get_model(label)
        # Somebody may have put the same there again meanwhile, from another case: then it is there already.
        model.objects.bulk_create([model(**_revived(model, was))], ignore_conflicts=True)


def _columns(note: Mapping[str, Any], case: Case, *, at: dt.datetime) -> dict[str, Any]:
    """The columns of the case as they were before the deed."""
    columns = _revived(Case, note["columns"]) | {"changed_at": at}
    if "details" in columns:
        given = columns["details"]
        kept = {key: value for key, value in case.details.items() if key not in given.get("added", ())}
        columns["details"] = kept | given.get("was", given)
    if columns.get("dispose_on"):  # the agency may have set another time while the case was open: the later day holds
        again = KINDS[case.kind].keep(columns["outcome"]).dispose_on(local_day(columns["closed_at"]))
        columns["dispose_on"] = max(columns["dispose_on"], again) if again else None
    return columns


def _revived(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of columns as Python has them."""
    found = {}
    for name, value in values.items():
        column = model._meta.get_field(name)
        found[name] = column.to_python(value) if isinstance(value, str) and isinstance(column, Field) else value
    return found
