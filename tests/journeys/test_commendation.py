"""Thanks for somebody: from the public form to their file and, where the sender agreed, to the page of thanks."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery
from commonbeat.kinds.commendation.models import Praise
from tests import make
from tests.conftest import City
from tests.contracts.opening.commendation import open_one
from tests.journeys.test_complaint import my_page, step

pytestmark = pytest.mark.django_db
SAID = "She stayed with my mother until the ambulance came."


def typed(**more: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    return {
        "text": SAID, "about": "Officer with a red scarf", "who": "email", "email": "rosa@example.org",
        "language": "en", "client_id": str(uuid.uuid4()),
    } | more  # fmt: skip


def test_thanks_reach_the_officer_the_file_and_the_public_when_the_sender_agreed(
    city: City, client: Client, signed_in: Any
) -> None:
    assert "it stands on their file" in client.get("/commend/").content.decode()
    page = client.post("/commend/", typed(thanks_public="on", thanks_name="Rosa R."))
    code = re.search(r'id="return-code">([0-9A-Z-]+)<', page.content.decode())
    assert page.status_code == 201 and code
    case = Case.objects.get()
    sam = signed_in(city.sam)
    form = sam.get(f"/desk/{case.reference}/?step=approve").content.decode()
    assert SAID in form and "Olga Officer" in form
    nobody = step(sam, case, "approve", words=SAID)
    assert nobody.status_code == 422 and SAID in nobody.content.decode()
    step(sam, case, "approve", officers=[city.olga.pk], words=SAID, public="on", tell="on")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("shared", "shared")
    told = Delivery.objects.get(template="staff_commended")
    assert told.recipient == city.olga.email and SAID in str(told.context)
    assert SAID in signed_in(city.olga).get("/desk/commendations/").content.decode()
    assert SAID in sam.get("/desk/commendations/").content.decode(), (
        "a supervisor reads it on the files of their people"
    )
    assert SAID not in signed_in(city.omar).get("/desk/commendations/").content.decode()
    public = client.get("/thanks/").content.decode()
    assert SAID in public and "Olga Officer" in public and "Rosa R." in public and "rosa@" not in public
    assert "We passed your thanks on" in client.get(my_page(client, code[1])).content.decode()


def test_without_consent_or_a_public_profile_nothing_is_public(city: City, client: Client) -> None:
    client.post("/commend/", typed())
    case, sam = Case.objects.get(), city.actor(city.sam)
    data = {"officers": [city.olga.pk], "words": SAID}
    with pytest.raises(Invalid, match="did not agree"):
        act(case, "approve", data=data | {"public": True}, actor=sam, at=make.NOW)
    act(case, "approve", data=data, actor=sam, at=make.NOW)
    assert SAID not in client.get("/thanks/").content.decode()
    Praise.objects.update(public=True)
    assert SAID in client.get("/thanks/").content.decode()
    type(city.olga).objects.filter(pk=city.olga.pk).update(listed=False)
    assert SAID not in client.get("/thanks/").content.decode()


def test_nobody_approves_praise_for_themselves_and_what_is_taken_back_leaves_the_file(city: City) -> None:
    case, sam, pat = open_one(city), city.actor(city.sam), city.actor(city.pat)
    with pytest.raises(Invalid, match="for yourself"):
        act(case, "approve", data={"officers": [city.sam.pk], "words": "x"}, actor=sam, at=make.NOW)
    act(case, "approve", data={"officers": [city.sam.pk], "words": "x"}, actor=pat, at=make.NOW)
    assert Praise.objects.get().user == city.sam
    act(case, "reopen", data={"reason": "Wrong person"}, actor=pat, at=make.NOW)
    assert not Praise.objects.exists() and case.state == "new"


def test_the_counter_takes_thanks_too(city: City, signed_in: Any) -> None:
    desk = signed_in(city.omar)
    assert "/desk/commendations/new/" in desk.get("/desk/new/").content.decode()
    assert desk.get("/desk/commendations/new/").status_code == 200
    page = desk.post("/desk/commendations/new/", typed(channel="counter"))
    assert page.status_code == 201 and "return-code" in page.content.decode()


def test_declining_keeps_it_off_every_file(city: City) -> None:
    case = open_one(city)
    act(case, "decline", data={"reason": "About another department"}, actor=city.actor(city.pat), at=make.NOW)
    assert case.outcome == "declined" and not Praise.objects.exists()
