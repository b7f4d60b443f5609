"""A case is there whole or not at all, also where the database has no transaction around its one statement."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.community import rows
from commonbeat.journal import tasks
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from tests.conftest import City
from tests.contracts.opening import opening_of


class Cut(Exception):
    """The process is gone."""


def _counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def _nobody_is_about_to_send() -> None:
    tasks.forget()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.slug)
@pytest.mark.django_db(transaction=True)
def test_a_case_whose_storing_fails_leaves_nothing(kind: Kind, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    opening_of(kind).open_one(city)  # what a first case of the kind brings along is there now
    _nobody_is_about_to_send()
    before, stored = _counts(), Case.objects.count()

    def cut(gathered: object) -> None:
        raise Cut

    with monkeypatch.context() as broken, pytest.raises(Cut):
        broken.setattr(rows._Gathered, "store", cut)
        opening_of(kind).open_one(city)
    assert not connection.in_atomic_block and _counts() == before
    case = opening_of(kind).open_one(city)
    assert Case.objects.count() > stored
    assert Entry.objects.filter(subject_kind="case", subject_id=case.pk).count() >= 1
    assert not list(verify())
