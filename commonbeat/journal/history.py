"""What administrators change is kept as versions: one mechanism records, shows and restores them all.

A change compares what is stored with what is wanted, writes both to one entry, and says which memory is out of date.
Restoring is a new change back to an older version: the journal keeps both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import ManyToManyField, Model

from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor
from commonbeat.core.registry import Registry
from commonbeat.journal.chain import plain
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong to an object and are edited with it, such as a category's words per language.

    `name` is the related name, `key` the fields by which a row is known again, `fields` all fields that are kept.
    """

    name: str
    key: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Tracked:
    """One sort of thing whose changes are kept: its model, the fields that count, and what remembers it.

    `personal` puts values into the part of the entry that can be shredded.
    """

    slug: str
    model: type[Model]
    fields: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    touches: tuple[str, ...] = ()
    personal: bool = False

    def of(self, pk: int) -> str:
        """How the journal names one of these."""
        return f"{self.slug} {pk}"


TRACKED: Registry[Tracked] = Registry("tracked thing")


WATCHERS: dict[str, list[Callable[[Any, frozenset[str], dt.datetime], None]]] = {}
"""Tracked slug → what runs in the transaction of a change, with the names of the changed fields: floors above keep
their views current here."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the object after it was opened; nothing was saved."""


class NothingToRestore(Exception):
    """The version does not exist, or its personal fields were shredded."""


@dataclass(frozen=True)
class Version:
    """One change: what each field was and became. `number` counts entries of the object from 1."""

    number: int
    at: dt.datetime
    who: str
    verb: str
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    shredded: bool = False
    note: str = ""

    @property
    def made(self) -> bool:
        """True for the entry that made the object."""
        return self.verb.endswith(".added")


def tracked_by(model: type[Model]) -> Tracked:
    """The declaration of a model. Raises `LookupError` when its changes are not kept."""
    for item in TRACKED:
        if item.model is model:
            return item
    raise LookupError(f"Changes of {model.__name__} are not kept: declare it in `TRACKED`.")


def snapshot(obj: Model) -> dict[str, Any]:
    """Every tracked value of an object as JSON holds it; rows of parts as lists of their fields."""
    tracked = tracked_by(type(obj))
    values = {name: _read(obj, name) for name in tracked.fields}
    for part in tracked.parts:
        rows = getattr(obj, part.name).order_by("pk") if obj.pk else []
        values[part.name] = sorted(
            ({name: _read(row, name) for name in part.fields} for row in rows),
            key=lambda row, part=part: [str(row[name]) for name in part.key],  # type: ignore[misc]
        )
    return plain(values)


def _field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist as missing:
        raise LookupError(f"{model.__name__} has no field “{name}”.") from missing


def _read(obj: Model, name: str) -> Any:
    kind = _field(type(obj), name)
    if isinstance(kind, ManyToManyField):
        return sorted(getattr(obj, name).values_list("pk", flat=True)) if obj.pk else []
    return getattr(obj, kind.attname)


def _stored(kind: Any, value: Any) -> Any:
    """A wanted value as the column takes it: related objects by key, text as moments and days."""
    if isinstance(value, Model):
        value = value.pk
    return kind.target_field.to_python(value) if kind.is_relation else kind.to_python(value)


def _assign(obj: Model, values: Values, names: Iterable[str]) -> dict[str, list[int]]:
    """Set plain fields on `obj`; returns the many-to-many values, which need the row to be stored first."""
    many: dict[str, list[int]] = {}
    for name in names:
        if name not in values:
            continue
        kind = _field(type(obj), name)
        if isinstance(kind, ManyToManyField):
            many[name] = [item.pk if isinstance(item, Model) else int(item) for item in values[name]]
        else:
            setattr(obj, kind.attname, _stored(kind, values[name]))
    return many


def _save(obj: Model, values: Values, names: Iterable[str]) -> None:
    many = _assign(obj, values, names)
    obj.save()
    for name, keys in many.items():
        getattr(obj, name).set(keys)


def _known(row: Values | Model, key: tuple[str, ...]) -> tuple[str, ...]:
    read = (lambda name: row[name]) if isinstance(row, Mapping) else (lambda name: _read(row, name))
    return tuple(str(plain({"v": read(name)})["v"]) for name in key)


def _save_part(obj: Model, part: Part, wanted: Iterable[Values]) -> None:
    """Make the rows of a part what is wanted: the same stay, others change, are made or go."""
    related = getattr(obj, part.name)
    stored: dict[tuple[str, ...], list[Model]] = {}
    for row in related.order_by("pk"):
        stored.setdefault(_known(row, part.key), []).append(row)
    for values in wanted:
        waiting = stored.get(_known(values, part.key)) or []
        row = waiting.pop(0) if waiting else related.model(**{related.field.name: obj})
        _save(row, values, part.fields)
    for rows in stored.values():
        for row in rows:
            row.delete()


def version_of(obj: Model) -> int:
    """The number of the newest entry about an object; 0 before the first."""
    tracked = tracked_by(type(obj))
    newest = Entry.objects.filter(subject_kind=tracked.slug, subject_id=obj.pk).order_by("-number")
    return newest.values_list("number", flat=True).first() or 0


@transaction.atomic
def add(obj: Model, values: Values, *, actor: Actor, at: dt.datetime, note: str = "") -> Model:
    """Store a new object with these values and record it."""
    tracked = tracked_by(type(obj))
    _save(obj, values, tracked.fields)
    for part in tracked.parts:
        if part.name in values:
            _save_part(obj, part, values[part.name])
    after = snapshot(obj)
    _write(tracked, obj, "added", {}, after, actor=actor, at=at, note=note)
    return obj


@transaction.atomic
def change(
    obj: Model, values: Values, *, actor: Actor, at: dt.datetime, version: int | None = None, verb: str = "changed",
    note: str = "",
) -> Entry | None:  # fmt: skip
    """Change an object to these values; values that are not named stay. None when nothing differs.

    `version` is what `version_of` said when the form was opened. Raises `ChangedMeanwhile`.
    """
    tracked = tracked_by(type(obj))
    locked = tracked.model._default_manager.select_for_update().get(pk=obj.pk)
    if version is not None and version != version_of(locked):
        raise ChangedMeanwhile(tracked.of(locked.pk))
    before = snapshot(locked)
    if hasattr(locked, "changed_at"):
        locked.changed_at = at
    _save(locked, values, tracked.fields)
    for part in tracked.parts:
        if part.name in values:
            _save_part(locked, part, values[part.name])
    after = snapshot(locked)
    if before == after:
        return None
    return _write(tracked, locked, verb, before, after, actor=actor, at=at, note=note)


@transaction.atomic
def remove(obj: Model, *, actor: Actor, at: dt.datetime) -> Entry:
    """Delete an object that nothing refers to; its last values stay in the journal."""
    tracked = tracked_by(type(obj))
    before, pk = snapshot(obj), obj.pk
    obj.delete()
    obj.pk = pk
    return _write(tracked, obj, "removed", before, {}, actor=actor, at=at)


def _write(
    tracked: Tracked, obj: Model, verb: str, before: Values, after: Values, *, actor: Actor, at: dt.datetime,
    note: str = "",
) -> Entry:  # fmt: skip
    names = [name for name in {**before, **after} if before.get(name) != after.get(name) or verb == "added"]
    values = {
        "before": {n: before[n] for n in names if n in before},
        "after": {n: after[n] for n in names if n in after},
    }
    for name in tracked.touches:
        touch(name)
    facts = {"fields": names} | ({"note": note} if note else {})
    entry = record(
        tracked.slug, obj.pk, f"{tracked.slug}.{verb}", actor=actor, at=at,
        data=facts if tracked.personal else facts | values, personal=values if tracked.personal else None,
    )  # fmt: skip
    for watch in WATCHERS.get(tracked.slug, ()):
        watch(obj, frozenset(names), at)
    return entry


def _values(entry: Entry) -> Values:
    values: Values = entry.personal or entry.data
    return values


def history(obj: Model) -> list[Version]:
    """Every change of an object, newest first."""
    tracked = tracked_by(type(obj))
    rows = Entry.objects.about(tracked.slug, obj.pk)
    return [_version(entry, tracked) for entry in rows][::-1]


def _version(entry: Entry, tracked: Tracked) -> Version:
    values = _values(entry)
    before, after = values.get("before") or {}, values.get("after") or {}
    return Version(
        number=entry.number, at=entry.at, who=entry.actor_name, verb=entry.verb,
        changes={name: (before.get(name), after.get(name)) for name in {**before, **after}},
        shredded=tracked.personal and entry.personal is None, note=str(entry.data.get("note") or ""),
    )  # fmt: skip


def values_at(obj: Model, number: int) -> dict[str, Any]:
    """Every tracked value as it was after the entry `number` (0: before the first), by taking back what came later.

    Raises `NothingToRestore`.
    """
    tracked = tracked_by(type(obj))
    about = Entry.objects.about(tracked.slug, obj.pk)
    if number and not about.filter(number=number).exists():
        raise NothingToRestore(f"{tracked.of(obj.pk)} has no version {number}.")
    values = snapshot(obj)
    for entry in about.filter(number__gt=number).order_by("-number"):
        if entry.verb == f"{tracked.slug}.added":
            raise NothingToRestore("It did not exist before.")
        if tracked.personal and "fields" in entry.data and entry.personal is None:
            raise NothingToRestore("The personal fields of this version were shredded.")
        values |= _values(entry).get("before") or {}
    return values


@transaction.atomic
def restore(obj: Model, number: int, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """Change an object back to what it was after the entry `number`. None when it is so already."""
    note = f"version {number}"
    return change(obj, values_at(obj, number), actor=actor, at=at, verb="restored", note=note)
