"""Which tables hold something about people, and what a person's report and erasure do with each field (RULES 21).

A contract test walks every model: a field that could name somebody is reached from here, or says why not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Participant
from commonbeat.core.registry import Registry

REPORTER = (Participant.Role.REPORTER,)


@dataclass(frozen=True)
class PersonalTable:
    """One table as the request of a person meets it.

    `case` or `participant` is the look-up path from a row to the case or the participant that it belongs to; by
    `case`, rows are those of people in one of `roles` that fit `where`. `told` are fields that the person gets to read,
    `erased` those that are emptied when they ask that their words go (not where the kind's law keeps words). `kept` and
    `apart` say of a field why it is told but stays, or is neither. `person` is the path from a row to somebody without
    any case: such rows are told and erased with them. `by_hand` names what other code tells and erases;
    `nobody` says why nothing in the table is about a private person. `closed` says why the table is not even opened for
    a request for public records, such as notes that only their writer reads.
    """

    model: str
    case: str = ""
    participant: str = ""
    person: str = ""
    roles: tuple[str, ...] = REPORTER
    where: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    nobody: str = ""
    closed: str = ""

    def __post_init__(self) -> None:
        if (self.told or self.erased) and not (self.case or self.participant or self.person):
            raise ValueError(f"{self.model}: say how a row leads to a case or a participant.")
        stays = set(self.told) - set(self.erased) - set(self.kept)
        if stays:
            raise ValueError(f"{self.model}: {', '.join(sorted(stays))} is told but not erased; say in `kept` why.")

    @property
    def slug(self) -> str:
        """Its name in the registry: the model's label."""
        return self.model

    @property
    def reached(self) -> frozenset[str]:
        """Every field that is spoken for."""
        return frozenset((*self.told, *self.erased, *self.kept, *self.apart, *self.by_hand))

    @property
    def rows(self) -> type[Model]:
        """The model itself."""
        return apps.get_model(self.model)

    def of(self, part: Participant) -> QuerySet[Any]:
        """The rows that belong to somebody's part in a case."""
        found = self.rows._default_manager.filter(**self.where)
        if self.participant:
            return found.filter(**{self.participant: part.pk})
        if self.case and part.role in self.roles:
            return found.filter(**{self.case: part.case_id})
        return found.none()

    def of_person(self, person_id: int) -> QuerySet[Any]:
        """The rows that belong to somebody without any case."""
        return self.rows._default_manager.filter(**{self.person: person_id})


PERSONAL: Registry[PersonalTable] = Registry("personal table")


def nobody(reason: str, *models: str) -> None:
    """Declare tables in which nothing is about a private person, with the one reason for all of them."""
    for model in models:
        PERSONAL.add(PersonalTable(model, nobody=reason))


def _reaching() -> Iterator[PersonalTable]:
    return (table for table in PERSONAL if table.told or table.erased)


def tell(part: Participant) -> dict[str, list[dict[str, Any]]]:
    """What the tables around a case hold that belongs to this part in it, by the name of the table."""
    found = {}
    for table in _reaching():
        rows = [{name: _plain(value) for name, value in row.items()} for row in table.of(part).values(*table.told)]
        if rows and table.told:
            found[table.model] = rows
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def tell_person(person_id: int) -> dict[str, list[dict[str, Any]]]:
    """What tables hold of somebody besides their cases, by the name of the table."""
    found = {}
    for table in _reaching():
        rows = table.of_person(person_id).values(*table.told) if table.person else ()
        if told := [{name: _plain(value) for name, value in row.items()} for row in rows]:
            found[table.model] = told
    return found


def forget_person(person_id: int) -> int:
    """Empty what tables hold of somebody besides their cases; returns how many rows."""
    tables = [table for table in _reaching() if table.person]
    return sum(table.of_person(person_id).update(**_empty(table.rows, table.erased)) for table in tables)


def forget(part: Participant) -> int:
    """Empty the words of somebody's part in a case, unless the law keeps words of its kind; returns how many rows."""
    if KINDS[part.case.kind].keeps_words:
        return 0
    return sum(table.of(part).update(**_empty(table.rows, table.erased)) for table in _reaching() if table.erased)


def _empty(model: type[Model], names: Iterable[str]) -> dict[str, Any]:
    """The value of each field when there is nothing in it."""
    found = {}
    for name in names:
        column: Any = model._meta.get_field(name)
        found[name] = None if column.null else column.get_default() if column.has_default() else column.to_python("")
    return found
