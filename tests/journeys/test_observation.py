"""An observation from the phone in the street to the day it is gone; and nothing in it about people."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from commonbeat.cases import files
from commonbeat.cases.custody import custody
from commonbeat.cases.models import Case, CaseFile, Task
from commonbeat.community.models import Organisation
from commonbeat.core.person_words import words_on_people
from commonbeat.interfaces.cli.check import photos_are_those_that_came
from commonbeat.journal.models import AccessLog, Entry
from commonbeat.kinds.observation.actions import expire_observations
from commonbeat.kinds.observation.models import Hazard
from tests import make
from tests.conftest import City

NEW = "/desk/observations/new/"
SAID = {
    "sort": "vacant", "text": "The back door of the empty shop stands open.", "harm": "high",
    "address": "100 N State St", "lat": "41.90", "long": "-87.70",
}  # fmt: skip


def _photo(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("door.jpg", make.photo(colour), "image/jpeg")


def _noted(client: Client, **more: Any) -> Case:
    answer = client.post(NEW, SAID | more)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.filter(kind="observation").latest("pk")


def _take(client: Client, case: Case, step: str, **data: Any) -> Any:
    case.refresh_from_db()
    return client.post(f"/desk/{case.reference}/{step}/", data | {"version": case.version})


def test_it_is_noted_on_the_street_confirmed_handed_on_looked_at_and_cleared(city: City, signed_in: Any) -> None:
    cleo, body = signed_in(city.cleo), Organisation.objects.create(name="City buildings")
    assert "Note an observation" in cleo.get(NEW).content.decode()
    assert NEW in cleo.get("/desk/new/").content.decode(), "a way to it stands on the page for reports"
    case = _noted(cleo, photos=[_photo()])
    hazard, today = Hazard.objects.get(), timezone.localdate()
    assert (case.state, hazard.recheck_on, CaseFile.objects.count()) == ("seen", today + dt.timedelta(days=30), 1)
    assert Task.objects.get(sort="recheck").owner == city.cleo
    page = cleo.get(f"/desk/{case.reference}/").content.decode()
    assert "Vacant or open building" in page and "High: somebody could be hurt soon" in page

    again = (today + dt.timedelta(days=5)).isoformat()
    done = _take(
        cleo, case, "confirm", harm="medium", charge="private", organisation=body.pk, recheck_on=again,
        note="The lock is broken.",
    )  # fmt: skip
    assert done.status_code == 302, done.content.decode()
    hazard.refresh_from_db()
    assert (hazard.harm, hazard.owner, hazard.recheck_on.isoformat()) == ("medium", body, again)
    assert Task.objects.filter(sort="recheck", done_at=None).count() == 1, "the day before is done with"
    assert (
        _take(cleo, case, "hand_over", agency="City buildings", reason="Theirs", their_reference="B-7").status_code
        == 302
    )
    case.refresh_from_db()
    told = Entry.objects.get(verb="case.hand_over").data
    assert (case.state, told["agency"], told["their_reference"]) == ("handed", "City buildings", "B-7")

    assert _take(cleo, case, "look", note="Boards are up, one is loose.", photos=[_photo("blue")]).status_code == 302
    assert CaseFile.objects.count() == 2
    assert _take(cleo, case, "clear", how="mended", note="All boarded up.").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("cleared", "mended") and not Task.objects.filter(done_at=None).exists()
    assert _take(cleo, case, "reopen", reason="A board is off again.").status_code == 302
    case.refresh_from_db()
    assert case.state == "standing" and Task.objects.filter(sort="recheck", done_at=None).count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Call Maria Gonzalez at 312-555-0142 about the door.", "never about a person"),
        ("A car with license plate ABC 1234 blocks the hydrant.", "never about a person"),
        ("The owner, a Muslim, leaves the gate open.", "says nothing about a place"),
        ("Two teenagers sit behind the wall.", "sounds like people"),
        ("Un hombre duerme en la entrada.", "sounds like people"),
    ],
)
def test_words_about_people_are_refused_and_nothing_typed_is_lost(
    city: City, signed_in: Any, text: str, why: str
) -> None:
    answer = signed_in(city.cleo).post(NEW, SAID | {"text": text, "photos": [_photo()]})
    page = answer.content.decode()
    assert answer.status_code == 422 and why in page and not Case.objects.exists()
    assert text in page and "1 photo is here already." in page


def test_doubtful_words_pass_when_somebody_looked_again_but_names_never_do(city: City, signed_in: Any) -> None:
    cleo = signed_in(city.cleo)
    assert words_on_people("The manhole in front of the white wall is open. They fixed it: men at work.") == []
    assert cleo.post(NEW, SAID | {"text": "The driver side of the sign is bent."}).status_code == 422
    case = _noted(cleo, text="The driver side of the sign is bent.", place_only="on")
    named = cleo.post(NEW, SAID | {"text": "Call 312-555-0142.", "place_only": "on"})
    assert named.status_code == 422
    refused = _take(cleo, case, "look", note="A homeless man moved in.", place_only="")
    assert refused.status_code == 422 and "A homeless man moved in." in refused.content.decode()
    refused = _take(cleo, case, "note", text="Ask maria.gonzalez@example.org")
    assert refused.status_code == 422 and Entry.objects.filter(verb="case.note").count() == 0


def test_danger_now_goes_to_dispatch_first(city: City, signed_in: Any) -> None:
    cleo, fire = signed_in(city.cleo), "The vacant building is on fire right now!"
    answer = cleo.post(NEW, SAID | {"text": fire})
    assert answer.status_code == 422 and "dispatch" in answer.content.decode() and not Case.objects.exists()
    case = _noted(cleo, text=fire, **{"h-handed": "dispatch", "h-number": "911"})
    assert case.detail("danger")["passed_on"] is True


def test_the_register_filters_maps_and_gives_a_table(city: City, signed_in: Any) -> None:
    sam = signed_in(city.sam)
    first = _noted(sam)
    second = _noted(sam, sort="dark", harm="low", text="Three lights are out.", lat="41.80", long="-87.70")
    page = sam.get("/desk/hazards/").content.decode()
    assert page.index(first.reference) < page.index(second.reference), "the worst first"
    for query, shown, hidden in (
        ("sort=dark", second, first), ("harm=high", first, second), (f"area={city.north.pk}", first, second),
        (f"near={first.reference}", None, second), ("state=closed", None, first), ("due=late", None, first),
        ("charge=school", None, first),
    ):  # fmt: skip
        page = sam.get(f"/desk/hazards/?{query}").content.decode()
        listed = page.partition("data-row")[2]
        assert (shown is None or shown.reference in listed) and hidden.reference not in listed, query
    assert "as=map" in sam.get("/desk/hazards/?as=map").content.decode().replace('name="as" value="map"', "as=map")
    found = sam.get("/desk/hazards/points.geojson?sort=dark").json()["features"]
    assert [one["properties"]["url"] for one in found] == [f"/desk/{second.reference}/"]
    table = sam.get("/desk/hazards.csv?sort=dark").getvalue().decode()
    assert "Three lights are out." in table and first.reference not in table
    assert AccessLog.objects.filter(what="exported", reason__startswith="hazards").count() == 1


def test_only_whoever_may_see_a_case_reads_of_hazards_near_it(city: City, signed_in: Any) -> None:
    hazard = _noted(signed_in(city.sam))
    near, far = make.concern(city.noise).case, make.concern(city.noise, place=make.SOUTH).case
    page = signed_in(city.omar).get(f"/desk/{near.reference}/").content.decode()
    assert "Hazards nearby" in page and hazard.reference in page
    assert "Hazards nearby" not in signed_in(city.olga).get(f"/desk/{far.reference}/").content.decode()
    assert signed_in(city.olga).get(f"/desk/{hazard.reference}/").status_code == 404, "another area"
    assert hazard.reference not in signed_in(city.olga).get("/desk/hazards/").content.decode()
    assert signed_in(city.pat).get(f"/desk/{hazard.reference}/").status_code == 404
    partner = make.user("Ruth Partner", "partner", team=city.team)
    assert signed_in(partner).get("/desk/hazards/").status_code == 404


def test_what_nobody_looks_at_leaves_the_register(city: City, signed_in: Any) -> None:
    case, at = _noted(signed_in(city.cleo)), timezone.now()
    assert expire_observations(at=at + dt.timedelta(days=90)) == []
    assert len(expire_observations(at=at + dt.timedelta(days=91, hours=1))) == 1
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("expired", "expired") and case.dispose_on
    assert not Task.objects.filter(done_at=None).exists()
    assert case.reference not in signed_in(city.cleo).get("/desk/hazards/").content.decode()


def test_what_becomes_more_frequent_is_shown_to_analysts(city: City, signed_in: Any) -> None:
    sam = signed_in(city.sam)
    devi = signed_in(make.user("Devi Analyst", "analyst"))
    for number in range(3):
        _noted(sam, sort="graffiti", text=f"Paint on wall {number}.")
        assert ("More often than before" in devi.get("/desk/hazards/").content.decode()) == (number == 2)
    assert "3 in four weeks, 0 in the four weeks before" in devi.get("/desk/hazards/").content.decode()


def test_photos_verify_from_what_was_sent_to_what_is_stored(city: City, signed_in: Any) -> None:
    sam, sent = signed_in(city.sam), make.photo()
    case = _noted(sam, photos=[SimpleUploadedFile("door.jpg", sent, "image/jpeg")])
    row, link = CaseFile.objects.get(), custody(case)[0]
    assert link.original == hashlib.sha256(sent).hexdigest() != link.stored == row.sha256 and not link.flaws
    address = f"/desk/{case.reference}/custody/"
    page = sam.get(address).content.decode()
    assert link.original in page and link.stored in page and "Unchanged" in page
    for data, answer in ((sent, "photo 1, bit for bit"), (make.photo("blue"), "none of these photos")):
        assert answer in sam.post(address, {"file": SimpleUploadedFile("x.jpg", data)}).content.decode()
    assert sam.post(address).status_code == 422
    files.path_of(row.sha256).write_bytes(make.photo("green"))
    assert "is not the one that was stored then" in sam.get(address).content.decode()
    files.path_of(row.sha256).unlink()
    assert "is missing from the folder" in sam.get(address).content.decode()
    assert list(photos_are_those_that_came()) == []
    CaseFile.objects.update(original_sha256="0" * 64)
    assert "is not the one that entry 1 took in" in next(photos_are_those_that_came()).what
    assert "names another picture than the journal" in sam.get(address).content.decode()
    assert signed_in(city.pat).get(address).status_code == 404
