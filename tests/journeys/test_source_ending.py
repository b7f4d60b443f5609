"""A source ends: who decides hears what depends on it, says why, and studies keep what they knew."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from commonbeat.community.models import User
from commonbeat.evidence import store
from commonbeat.evidence.models import CountedMeasure, IncidentSource, Observation, Refresh
from commonbeat.evidence.observing import refresh_source
from commonbeat.evidence.panels import CannotCount, PanelRequest, build_panel
from commonbeat.evidence.studies.models import PlanVersion, Study
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source
from tests.evidence.test_panels import ROWS, START

HERE = "/desk/evidence/sources/burglary/"


@pytest.fixture
def devi(city: City) -> User:
    """An analyst."""
    return make.user("Devi Analyst", "analyst")


@pytest.fixture
def row(city: City, devi: User) -> IncidentSource:
    """A source with a measure that residents see, and a study whose plan is frozen."""
    made = source(ROWS)
    CountedMeasure.objects.create(slug="burglary", name="Burglaries", noun="burglaries", source=made, public=True)
    CountedMeasure.objects.create(slug="doors", name="Forced doors", noun="doors", source=made)
    study = Study.objects.create(
        slug="lights", title="Street lights", request={"source": "burglary"}, created_by=devi, created_at=make.NOW,
        changed_at=make.NOW,
    )  # fmt: skip
    PlanVersion.objects.create(
        study=study, number=1, plan={}, stamp="s" * 64, data="d" * 64, history_until="2012-03", known_after=0,
        software="1", ahead={}, frozen_by=devi, frozen_at=make.NOW,
    )  # fmt: skip
    refresh_source(made.pk, at=make.NOW)
    return made


def test_a_source_is_taken_out_of_use_with_a_reason_and_put_back(
    row: IncidentSource, devi: User, signed_in: Any
) -> None:
    client = signed_in(devi)
    page = client.get(HERE + "use/").content.decode()
    for named in ("Burglaries", "Forced doors", "Street lights (frozen plan)", "Measures that residents see"):
        assert named in page
    silent = client.post(HERE + "use/", {"reason": "  "})
    assert silent.status_code == 422 and "Say why" in silent.content.decode()
    assert client.post(HERE + "use/", {"reason": "The records system was replaced."}).status_code == 302
    row.refresh_from_db()
    assert row.retired_at is not None and row.rows == len(ROWS)
    assert "Forced doors" not in client.get("/desk/evidence/").content.decode()
    assert "Out of use since" in client.get("/desk/evidence/sources/").content.decode()
    assert client.get("/numbers/burglary/").status_code == 404
    refused = client.post("/desk/evidence/bring/", {"source": "burglary"})
    assert refused.status_code == 422
    assert "records system was replaced" in client.get(f"/office/source/{row.pk}/history/").content.decode()
    assert client.post(HERE + "use/", {"reason": "It was not."}).status_code == 302
    assert "Forced doors" in client.get("/desk/evidence/").content.decode()
    assert {e.verb for e in Entry.objects.about("source", row.pk)} == {"source.retired", "source.unretired"}


def test_an_administrator_deletes_incidents_and_studies_say_that_they_are_gone(
    row: IncidentSource, city: City, devi: User, signed_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert signed_in(devi).get(HERE + "delete/").status_code == 404
    assert "Delete its incidents" not in signed_in(devi).get(HERE).content.decode()
    ada: Client = signed_in(city.ada)
    page = ada.get(HERE + "delete/").content.decode()
    assert "This cannot be undone" in page and "keep the fingerprint" in page and "Street lights" in page
    wrong = ada.post(HERE + "delete/", {"reason": "Order of the court.", "name": "Robbery"})
    assert wrong.status_code == 422 and "Order of the court." in wrong.content.decode()
    assert IncidentSource.objects.get().content == row.content and store.points_of(row.slug, row.content).exists()

    with django_capture_on_commit_callbacks(execute=True):
        done = ada.post(HERE + "delete/", {"reason": "Order of the court.", "name": row.name}, follow=True)
    assert "The incidents are deleted." in done.content.decode() and "Order of the court." in done.content.decode()
    after = IncidentSource.objects.get()
    assert (after.content, after.rows, after.categories) == ("", 0, {}) and after.retired_at is not None
    assert not store.folder(row.slug).exists()
    assert not Observation.objects.exists() and not Refresh.objects.filter(measure__in=["burglary", "doors"]).exists()
    entry = Entry.objects.about("source", row.pk).get(verb="source.incidents_deleted")
    assert entry.data["rows"] == len(ROWS) and entry.data["content"] == row.content

    study = Study.objects.get()
    assert study.plans.get().data == "d" * 64
    said = signed_in(devi).get(f"/desk/studies/{study.pk}/").content.decode()
    assert "Its data are deleted" in said and "Order of the court." in said
    with pytest.raises(CannotCount, match="Order of the court"):
        build_panel(PanelRequest("burglary", None, "community_area@1", START, 4))
    again = ada.post(HERE + "delete/", {"reason": "Twice.", "name": row.name})
    assert again.status_code == 422 and "deleted already" in again.content.decode()
