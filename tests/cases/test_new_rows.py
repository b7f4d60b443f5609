"""Rows that are made cheaply are the rows that Django makes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Model

from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import Person
from commonbeat.community.rows import insert, new
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.models import PublicCase

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def held(row: Model) -> dict[str, Any]:
    """What a row holds, its state as what it knows of others."""
    return {k: v for k, v in row.__dict__.items() if k != "_state"} | {"others": dict(row._state.fields_cache)}


@pytest.mark.parametrize("model", [Case, Participant, Person, Entry, Delivery, PublicCase])
def test_a_new_row_has_the_defaults_that_django_gives(model: type[Model]) -> None:
    made, usual = held(new(model)), held(model())
    # An id that is made anew differs between any two rows.
    differing = {name for name in usual if made.get(name, "missing") != usual[name]}
    assert differing <= {"client_id"}
    assert made.keys() == usual.keys()


def test_relations_may_be_named_by_row_or_by_number() -> None:
    case = Case(pk=7)
    for given in ({"case": case}, {"case_id": 7}, {"case": case, "person": None}):
        assert held(new(Participant, created_at=AT, **given)) == held(Participant(created_at=AT, **given))


def test_no_two_rows_share_what_can_be_changed() -> None:
    one, other = new(Case), new(Case)
    one.details["answers"] = {}
    assert other.details == {}


def test_a_name_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(TypeError, match="Person has no surname"):
        new(Person, surname="Reyes")


@pytest.mark.django_db
def test_what_was_made_cheaply_is_stored_whole() -> None:
    person = insert(new(Person, name="Rosa Resident", email="rosa@example.org", created_at=AT))
    stored = Person.objects.get(pk=person.pk)
    assert held(stored) == held(person)
