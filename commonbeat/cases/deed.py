"""One step being taken: what it changes, says, makes and tells, gathered before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from commonbeat.cases.kind import Kind
from commonbeat.cases.models import Case, Participant
from commonbeat.core.actor import Actor
from commonbeat.core.workflow import Step
from commonbeat.journal.verbs import Tell


@dataclass
class Deed:
    """What a step's `then` works on.

    `columns` are written to the case, `facts` and `personal` to the journal entry, `tell` goes out with it, `made`
    are rows that undoing removes, `changed` and `removed` are rows that it puts back, `later` runs after the case is
    written, in the same transaction. `words` are what the message to the reporter may name besides. `runs_until` is
    when the clock of the state itself is due. `danger` is the record of signs of danger in what was written, and of
    the emergency number that was shown or told.
    """

    case: Case
    kind: Kind
    step: Step
    data: Mapping[str, Any]
    actor: Actor
    at: dt.datetime
    columns: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    tell: list[Tell] = field(default_factory=list)
    made: list[Model] = field(default_factory=list)
    changed: list[tuple[Model, dict[str, Any]]] = field(default_factory=list)
    removed: list[Model] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    words: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    runs_until: dt.datetime | None = None
    danger: Mapping[str, Any] | None = None

    def make(self, row: Model) -> Model:
        """Store a row that belongs to this deed; undoing the deed removes it."""
        row.save(force_insert=True)
        self.made.append(row)
        return row

    def change(self, row: Model, **values: Any) -> None:
        """Change columns of a row beside the case; undoing the deed gives them back what they held.

        What they held stays in the journal for good: never use it for columns with words of people.
        """
        self.changed.append((row, {name: getattr(row, name) for name in values}))
        type(row)._default_manager.filter(pk=row.pk).update(**values)
        for name, value in values.items():
            setattr(row, name, value)

    def remove(self, row: Model) -> None:
        """Remove a row beside the case; undoing the deed brings it back. Its columns stay in the journal for good."""
        self.removed.append(copy(row))
        row.delete()

    def participants(self, *roles: str) -> list[Participant]:
        """People on the case in these roles, with who they are."""
        rows = self.case.participants.filter(role__in=roles).select_related("person", "organisation", "user")
        return list(rows)
