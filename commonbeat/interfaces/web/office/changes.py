"""Words for what changed: values of a version as an administrator reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _

from commonbeat.interfaces.web.office.editors import OfficeForm, say_verb
from commonbeat.journal.history import Part, Tracked, Version

SHORT = 400


@dataclass(frozen=True)
class Line:
    """One changed value in words."""

    label: str
    before: str
    after: str


def labels_of(form: type[OfficeForm] | None) -> dict[str, str]:
    """Labels of a form's fields, by name."""
    return {name: str(item.label) for name, item in form.base_fields.items() if item.label} if form else {}


def say(value: Any) -> str:
    """A stored value in words; long ones are cut."""
    match value:
        case None | "" | [] | {}:
            return _("empty")
        case True:
            return _("yes")
        case False:
            return _("no")
        case list() if all(isinstance(item, str | int | float) for item in value):
            text = ", ".join(str(item) for item in value)
        case list() | dict():
            text = json.dumps(value, ensure_ascii=False, indent=1)
        case _:
            text = str(value)
    return text if len(text) <= SHORT else text[:SHORT] + " …"


def _names(model: type[Model], name: str, value: Any) -> Any:
    """Related rows by what they are called, as far as they still exist."""
    try:
        kind = model._meta.get_field(name)
    except FieldDoesNotExist:
        return value
    if not kind.is_relation or value in (None, []):
        return value
    keys = value if isinstance(value, list) else [value]
    found = {row.pk: str(row) for row in kind.related_model._default_manager.filter(pk__in=keys)}  # type: ignore[union-attr]
    return [found.get(key, f"#{key}") for key in keys]


def _row_words(part: Part, model: type[Model], row: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')}: {say(_names(model, name, row[name]))}"
        for name in part.fields
        if row.get(name) not in (None, "", [])
    )


def _part_lines(part: Part, model: type[Model], before: Any, after: Any) -> Iterator[Line]:
    """Rows of a part: those that came, went, or changed."""

    def by_key(rows: Any) -> dict[tuple[str, ...], dict[str, Any]]:
        return {tuple(str(row[name]) for name in part.key): row for row in rows or []}

    old, new = by_key(before), by_key(after)
    for key in {**old, **new}:
        one, other = old.get(key), new.get(key)
        if one == other:
            continue
        label = f"{part.name.replace('_', ' ')} ({key[0]})"
        if one and other:
            for name in part.fields:
                if one.get(name) != other.get(name):
                    yield Line(
                        f"{key[0]} – {name}",
                        say(_names(model, name, one.get(name))),
                        say(_names(model, name, other.get(name))),
                    )
        else:
            yield Line(
                label,
                _row_words(part, model, one) if one else "",
                _row_words(part, model, other) if other else "",
            )


def lines(tracked: Tracked, version: Version, *, form: type[OfficeForm] | None) -> list[Line]:
    """Every changed value of a version in words; an added object lists its words and numbers."""
    words = labels_of(form)
    parts = {part.name: part for part in tracked.parts}
    found: list[Line] = []
    for name, (before, after) in version.changes.items():
        if version.made and (not isinstance(after, str | int | float) or after in ("", False)):
            continue
        if name in parts:
            model = getattr(tracked.model, name).rel.related_model
            found += _part_lines(parts[name], model, before, after)
        elif isinstance(before, dict) and isinstance(after, dict):
            found += [
                Line(f"{words.get(name, name)}: {key}", say(before.get(key)), say(after.get(key)))
                for key in {**before, **after}
                if before.get(key) != after.get(key)
            ]
        else:
            label = words.get(name) or name.replace("_", " ")
            found.append(Line(label, say(_names(tracked.model, name, before)), say(_names(tracked.model, name, after))))
    return found


def what(version: Version) -> str:
    """The headline of a version."""
    return str(say_verb(version.verb))
