"""A concern at the desk, from the telephone to the published outcome, through the front door."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.test import Client

from commonbeat.cases.models import Case, RoutingRule
from commonbeat.community.reference import touch
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.publishing.models import Publication, PublicCase
from tests.conftest import City


def test_a_call_becomes_a_case_that_is_worked_solved_and_published(city: City, signed_in: Any) -> None:
    RoutingRule.objects.create(order=1, name="Area officer", area_officer=True)
    touch("routing")
    cleo, omar, sam = (signed_in(user) for user in (city.cleo, city.omar, city.sam))

    slip = cleo.post(
        "/desk/new/",
        {
            "client_id": str(uuid.uuid4()), "channel": "phone", "category": city.vehicle.pk, "told_by": "email",
            "text": "A van without plates has stood here for weeks", "address": "100 N State St", "language": "en",
            "area": city.north.pk, "email": "rosa@example.org", "name": "Rosa Resident",
        },
    )  # fmt: skip
    case = Case.objects.get()
    url = f"/desk/{case.reference}/"
    assert slip.status_code == 201 and case.assignee == city.omar

    inbox = omar.get("/desk/?view=mine").content.decode()
    assert case.reference in inbox and "Due in" in inbox
    page = omar.get(url).content.decode()
    assert "Why this went there" in page and "The rule “Area officer” decided." in page

    omar.post(url + "acknowledge/", {"version": 1, "tell": "on"})
    omar.post(url + "recheck/", {"version": 2})
    case.refresh_from_db()
    assert case.state == "rechecking" and "Look again" in omar.get("/desk/tasks/").content.decode()

    form = omar.get(url + "?step=resolve").content.decode()
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    omar.post(
        url + "resolve/",
        {"version": version[1], "outcome": "towed", "message": "We looked again. The van was gone.", "tell": "on"},
    )
    case.refresh_from_db()
    assert case.outcome == "towed" and case.reference not in omar.get("/desk/?view=mine").content.decode()

    draft = Publication.objects.get()
    sam.post(f"/desk/publishing/{draft.pk}/publish/", {"version": draft.version})
    assert PublicCase.objects.get().answer == "We looked again. The van was gone."
    assert Client().get(f"/outcomes/{draft.pk}/").status_code == 200

    verbs = list(Entry.objects.about("case", case.pk).values_list("verb", flat=True))
    assert verbs == ["case.opened", "case.acknowledge", "case.recheck", "case.resolve"]
    assert list(verify()) == []


def test_a_duplicate_a_part_and_a_reopened_case_stay_connected(city: City, signed_in: Any) -> None:
    sam = signed_in(city.sam)
    for words in ("Loud music", "Music again"):
        sam.post(
            "/desk/new/",
            {
                "client_id": str(uuid.uuid4()), "channel": "counter", "category": city.noise.pk, "text": words,
                "address": "1 State St", "area": city.north.pk, "told_by": "none", "language": "en",
            },
        )  # fmt: skip
    first, second = Case.objects.order_by("id")
    assert f"/desk/{first.reference}/" in sam.get(f"/desk/{second.reference}/").content.decode()

    sam.post(f"/desk/{second.reference}/merge/", {"version": 1, "reference": first.reference.lower()})
    second.refresh_from_db()
    assert (second.state, second.outcome) == ("merged", "duplicate")
    page = sam.get(f"/desk/{first.reference}/").content.decode()
    assert "Repeated by" in page

    sam.post(f"/desk/{first.reference}/split/", {"version": 1, "category": city.vehicle.pk, "text": "And a van"})
    assert "Split off" in sam.get(f"/desk/{first.reference}/").content.decode()

    sam.post(f"/desk/{first.reference}/resolve/", {"version": 2, "outcome": "advice", "message": "We spoke."})
    sam.post(f"/desk/{first.reference}/reopen/", {"version": 3, "reason": "It began again"})
    first.refresh_from_db()
    assert first.state == "reopened" and first.closed_at is None
    assert "It began again" in sam.get(f"/desk/{first.reference}/").content.decode()
