"""Keys and small requests for programs' interfaces."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from commonbeat.community.access import make_key
from commonbeat.community.agency import current
from commonbeat.community.models import Agency
from commonbeat.community.reference import touch
from tests.conftest import City


@pytest.fixture
def new_key(db: None) -> Any:
    """A function that makes a key with scopes (and areas) and returns its secret."""

    def make_one(*scopes: str, areas: tuple[Any, ...] = (), **fields: Any) -> str:
        key, secret = make_key("A program", scopes=list(scopes), at=timezone.now(), **fields)
        key.areas.set(areas)
        return secret

    return make_one


@pytest.fixture
def agency(city: City) -> Agency:
    """The department's own row, in the jurisdiction springfield.example."""
    row = current()
    row.jurisdiction, row.email, row.changed_at = "springfield.example", "desk@example.org", timezone.now()
    row.save(force_insert=True)
    touch("agency")
    return row
