"""Which categories are offered follows from what their kinds take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from commonbeat.cases.categories import offered
from commonbeat.cases.kind import KINDS, Intake, Kind
from commonbeat.cases.models import Case
from commonbeat.core.retention import Retention
from tests import make
from tests.conftest import City


@pytest.fixture
def other_kind(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """A second kind with the steps of the concern, taken on the web alone."""
    concern = KINDS["concern"]
    kind = replace(
        concern, slug="errand", intake=Intake(channels=("web",)), retention={"default": Retention(1, "test")}
    )
    monkeypatch.setattr(KINDS, "_items", KINDS._items | {kind.slug: kind})
    return kind


def test_a_report_becomes_a_case_of_its_categorys_kind(city: City, other_kind: Kind, client: Client) -> None:
    errand = make.category("errand", name="Errand", kind=other_kind.slug)
    assert "errand" in [known.row.code for known in offered()]
    fields: dict[str, Any] = {
        "category": errand.code, "text": "A small errand.", "address": "State St", "lat": "41.90", "long": "-87.70",
        "who": "anonymous", "told": "all", "client_id": "6b0f3c1e-52bb-4cf4-a8a1-3a0d5a1b7c22",
    }  # fmt: skip
    assert client.post("/report/concern/", fields).status_code == 201
    assert Case.objects.get().kind == "errand"


def test_a_category_is_not_offered_where_its_kind_takes_nothing(city: City, other_kind: Kind, client: Client) -> None:
    make.category("errand", name="Errand", kind=other_kind.slug)
    make.category("relic", name="Relic", kind="no-such-kind")
    assert [known.row.code for known in offered("open311")] == ["abandoned-vehicle", "noise"]
    assert "relic" not in [known.row.code for known in offered()]
    services = client.get("/open311/v2/services.json").json()
    assert "errand" not in [service["service_code"] for service in services]
