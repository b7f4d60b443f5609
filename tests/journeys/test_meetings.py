"""Community meetings (O01, B06): planned, changed, held, and their promises reported back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.activities.models import Activity, AgendaItem, CameOf
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.community.agency import zone
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.vocabulary import TYPES
from commonbeat.publishing.models import Publication
from tests import make
from tests.conftest import City
from tests.journeys.meeting import TEXT, begun, given, planned, promised, published, recorded, verbs, wall

pytestmark = pytest.mark.django_db


def test_a_meeting_is_planned_found_changed_and_taken_back(city: City, client: Client, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    assert "No meeting is planned" in omar.get("/desk/meetings/").content.decode()
    assert "No meeting is planned now." in client.get("/meetings/").content.decode()
    form = given(city)
    assert [omar.post("/desk/meetings/new/", form).status_code for _ in range(2)] == [302, 302]
    row = Activity.objects.get()
    assert row.starts_at.astimezone(zone()).strftime("%Y-%m-%dT%H:%M") == form["starts"]
    assert row.words == {"es": {"title": "Reunión del sector 12"}} and verbs(row) == ["planned"]

    page = client.get(f"/meetings/{row.pk}/").content.decode()
    assert "Meeting of beat 12" in page and "Light and speed." in page and "No steps." in page
    assert (
        "Reunión del sector 12"
        in client.get(f"/meetings/{row.pk}/", headers={"Accept-Language": "es"}).content.decode()
    )
    assert "Meeting of beat 12" in client.get(f"/areas/{city.north.pk}/", follow=True).content.decode()
    assert "Meeting of beat 12" not in client.get(f"/areas/{city.south.pk}/", follow=True).content.decode()

    found = omar.get(f"/desk/meetings/?view=coming&area={city.north.pk}&format=beat&q=library").content.decode()
    assert "Meeting of beat 12" in found
    for nothing in ("q=opera", f"area={city.south.pk}", "format=forum", "view=past"):
        assert "Meeting of beat 12" not in omar.get(f"/desk/meetings/?{nothing}").content.decode(), nothing
    table = omar.get("/desk/meetings.csv").getvalue().decode().removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(table)))["Title"] == "Meeting of beat 12"

    assert f"/desk/meetings/{row.pk}/" in omar.get("/desk/search/?q=beat+12").content.decode()
    assert f"/desk/meetings/{row.pk}/" in omar.get(f"/desk/areas/{city.north.pk}/").content.decode()
    assert f"/desk/meetings/{row.pk}/" not in omar.get(f"/desk/areas/{city.south.pk}/").content.decode()

    change = form | {"title": "Beat 12 meets", "version": row.version}
    assert omar.post(f"/desk/meetings/{row.pk}/change/", change).status_code == 302
    again = omar.post(f"/desk/meetings/{row.pk}/change/", change | {"title": "Too late"})
    assert (
        again.status_code == 422
        and "in the meantime" in again.content.decode()
        and "Too late" in again.content.decode()
    )
    page = omar.get(f"/desk/meetings/{row.pk}/").content.decode()
    assert "Beat 12 meets" in page and "Take back what you just did" in page
    assert "Take back" not in signed_in(city.sam).get(f"/desk/meetings/{row.pk}/").content.decode()
    omar.post(f"/desk/meetings/{row.pk}/", {"deed": "undo"})
    row.refresh_from_db()
    assert row.title == "Meeting of beat 12" and verbs(row) == ["planned", "changed", "undone"]
    omar.post(f"/desk/meetings/{row.pk}/", {"deed": "undo"})
    assert verbs(row) == ["planned", "changed", "undone"], "what was taken back is not taken back again"

    other = planned(city, omar)
    assert omar.post(f"/desk/meetings/{other.pk}/", {"deed": "undo"}, follow=True).status_code == 200
    assert not Activity.objects.filter(pk=other.pk).exists() and verbs(other) == ["planned", "undone"]
    assert list(verify()) == []


def test_what_is_wrong_is_said_and_what_was_typed_stays(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    starts = timezone.now() + dt.timedelta(days=3)
    past = wall(starts - dt.timedelta(days=9))
    for wrong, said in (
        ({"title": ""}, "Answer this question."),
        ({"starts": past, "ends": wall(starts - dt.timedelta(days=8))}, "after now"),
        ({"ends": past}, "after the beginning"), ({"starts": "soon"}, "2026-03-14 22:30"),
        ({"ends": wall(starts + dt.timedelta(days=30))}, "longer than three days"), ({"host": city.ed.pk}, "listed"),
        ({"area": city.south.pk}, "listed"), ({"area": ""}, "area that you work in"),
    ):  # fmt: skip
        page = omar.post("/desk/meetings/new/", given(city, **wrong))
        text = page.content.decode()
        assert page.status_code == 422 and said in text and "12 Elm Street" in text, wrong
        assert "Reunión del sector 12" in text, "words in other languages stay as well"
    assert not Activity.objects.exists() and not Entry.objects.filter(subject_kind="activity").exists()


def test_who_plans_and_who_reads(city: City, client: Client, signed_in: Any) -> None:
    omar, olga, sam, ed, pat = (signed_in(getattr(city, who)) for who in ("omar", "olga", "sam", "ed", "pat"))
    row = planned(city, omar)
    address = f"/desk/meetings/{row.pk}/"
    assert [one.get(address).status_code for one in (omar, olga, sam, ed, pat)] == [200] * 5
    assert [one.get(f"{address}change/").status_code for one in (omar, sam, olga, ed)] == [200, 200, 404, 404]
    assert olga.post(address, {"deed": "add", "sort": "topic", "text": "Mine"}).status_code == 404
    assert olga.post(f"{address}off/", {"reason": "No"}).status_code == 404
    assert olga.post(f"{address}record/", {"people": "1"}).status_code == 404
    assert client.get(address).status_code == 302
    hidden = planned(city, omar, who="invited", title="Closed focus group", format="focus_group")
    assert olga.get(f"/desk/meetings/{hidden.pk}/").status_code == 404
    assert "Closed focus group" not in olga.get("/desk/meetings/").content.decode()
    assert "Closed focus group" in sam.get("/desk/meetings/").content.decode()
    for address in ("/meetings/", "/meetings/calendar.ics", "/meetings/feed/", f"/areas/{city.north.pk}/"):
        assert "Closed focus group" not in client.get(address, follow=True).content.decode(), address
    assert (
        client.get(f"/meetings/{hidden.pk}/").status_code == client.get(f"/meetings/{hidden.pk}.ics").status_code == 404
    )
    assert signed_in(make.user("Paula Partner", "partner")).get("/desk/meetings/").status_code == 404


def test_the_agenda_is_added_to_put_in_order_and_cut(city: City, client: Client, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    row, case = planned(city, omar), make.concern(city.noise).case
    address = f"/desk/meetings/{row.pk}/"
    for data in ({"sort": "topic", "text": "Lamps"}, {"sort": "question", "text": "Who calls 311?"},
                 {"sort": "progress", "text": "Noise at the park", "case": case.reference}):  # fmt: skip
        assert omar.post(address, {"deed": "add", **data}).status_code == 302
    wrong = omar.post(address, {"deed": "add", "sort": "topic", "text": "Hm", "case": "CB-NONE"})
    assert wrong.status_code == 422 and "no case with this number" in wrong.content.decode()
    secret = make.complaint().case
    wrong = signed_in(city.sam).post(address, {"deed": "add", "sort": "topic", "text": "Hm", "case": secret.reference})
    assert wrong.status_code == 422
    order = lambda: list(row.items.order_by("position").values_list("text", flat=True))  # noqa: E731
    lamps = AgendaItem.objects.get(text="Lamps").pk
    omar.post(address, {"deed": "down", "item": lamps})
    assert order() == ["Who calls 311?", "Lamps", "Noise at the park"]
    omar.post(address, {"deed": "undo"})
    assert order() == ["Lamps", "Who calls 311?", "Noise at the park"]
    omar.post(address, {"deed": "remove", "item": lamps})
    assert order() == ["Who calls 311?", "Noise at the park"]
    assert case.reference in omar.get(address).content.decode()
    assert case.reference not in signed_in(city.olga).get(address).content.decode(), "she does not see the case"
    public = client.get(f"/meetings/{row.pk}/").content.decode()
    assert "Noise at the park" in public and case.reference not in public
    assert (
        "not on the agenda any more" in omar.post(address, {"deed": "up", "item": "999"}, follow=True).content.decode()
    )


def test_promises_of_a_meeting_come_onto_the_next_agenda_and_are_reported_there(
    city: City, client: Client, signed_in: Any
) -> None:
    omar, ed = signed_in(city.omar), signed_in(city.ed)
    first = begun(planned(city, omar), days_ago=30)
    assert recorded(omar, first).status_code == 302
    kept = promised(omar, first, city.omar)
    missed, still = (promised(omar, first, city.sam, text) for text in ("A crossing guard.", "A second patrol."))
    door = promised(omar, first, city.omar, "Told at a door, later not wanted.")
    Promise.objects.update(made_at=first.ends_at)
    assert verbs(first)[-1] == "promised" and kept.came_of.activity == first
    assert "Meeting of beat 12" in omar.get("/desk/promises/").content.decode()
    minutes = published(first, ed)
    assert minutes.state == "published" and TEXT in client.get(f"/meetings/{first.pk}/").content.decode()

    later, coming = planned(city, omar, in_days=40), planned(city, omar, in_days=2)
    elsewhere = planned(city, signed_in(city.olga), area=city.south.pk, host=city.olga.pk)
    assert TEXT in omar.get(f"/desk/meetings/{coming.pk}/").content.decode()
    for other in (later, elsewhere):
        assert TEXT not in omar.get(f"/desk/meetings/{other.pk}/").content.decode(), "only the next one of the area"
    assert not AgendaItem.objects.exists() and verbs(coming) == ["planned"], "reading writes nothing"
    assert TEXT in client.get(f"/meetings/{coming.pk}/").content.decode(), "a second person published these words"
    omar.post(f"/desk/meetings/{coming.pk}/", {"deed": "add", "sort": "topic", "text": "Speed"})
    omar.post(f"/desk/meetings/{coming.pk}/", {"deed": "up", "item": str(AgendaItem.objects.get(text="Speed").pk)})
    omar.post(f"/desk/meetings/{coming.pk}/", {"deed": "remove", "item": f"p{door.pk}"})
    assert "Told at a door" not in omar.get(f"/desk/meetings/{coming.pk}/").content.decode()
    omar.post(f"/desk/promises/{kept.pk}/", {"state": "kept"})

    between = planned(city, omar, in_days=1)  # it comes first now, and tells the end of one
    assert TEXT in omar.get(f"/desk/meetings/{between.pk}/").content.decode()
    recorded(omar, begun(between, days_ago=0.2), **{f"result_p{door.pk}": "kept"})
    door.refresh_from_db()
    assert door.state == "kept" and "Told at a door" not in omar.get(f"/desk/meetings/{coming.pk}/").content.decode()

    begun(coming, days_ago=0.1)
    page = omar.get(f"/desk/meetings/{coming.pk}/record/").content.decode()
    assert "We told them how it ended" in page and "Still open" in page
    data = {
        f"result_p{kept.pk}": "told", f"said_p{kept.pk}": "The list is with the city.",
        f"result_p{missed.pk}": "missed", f"result_p{still.pk}": "open",
        f"said_{AgendaItem.objects.get(text='Speed').pk}": "We measure in May.",
    }  # fmt: skip
    wrong = recorded(omar, coming, **data)
    assert wrong.status_code == 422 and "The list is with the city." in wrong.content.decode()
    missed.refresh_from_db()
    assert missed.state == "open" and not Promise.objects.exclude(pk=door.pk).exclude(reported="").exists(), (
        "all of it or nothing"
    )
    assert recorded(omar, coming, **data, **{f"reason_p{missed.pk}": "The school said no."}).status_code == 302
    for one in (kept, missed, still):
        one.refresh_from_db()
    today = timezone.localdate()
    assert (kept.state, kept.reported, kept.reported_on) == ("kept", "The list is with the city.", today)
    assert (missed.state, missed.reason, missed.reported_on) == ("missed", "The school said no.", today)
    assert still.state == "open" and still.reported == "Reported at “Meeting of beat 12”."
    assert [e.verb for e in Entry.objects.about("promise", missed.pk)][-1] == "promise.promise_missed"

    omar.post(f"/desk/meetings/{coming.pk}/", {"deed": "undo"})
    for one in (kept, missed, still, coming):
        one.refresh_from_db()
    assert (missed.state, missed.reported, still.reported, kept.reported_on) == ("open", "", "", None)
    assert coming.state == "planned" and not Publication.objects.filter(activity=coming).exists()
    assert kept.state == "kept", "it had ended before"
    assert recorded(omar, coming, **data, **{f"reason_p{missed.pk}": "The school said no."}).status_code == 302
    draft = published(coming, ed)
    report = client.get(f"/meetings/{coming.pk}/").content.decode()
    for words in (
        "Not kept: The school said no.",
        "The list is with the city.",
        "We measure in May.",
        "Still open, by",
    ):
        assert words in report, words
    assert draft.state == "published" and list(verify()) == []
    assert (
        "cannot be taken back"
        in omar.post(f"/desk/meetings/{coming.pk}/", {"deed": "undo"}, follow=True).content.decode()
    )

    Promise.objects.filter(pk=missed.pk).update(reported_on=today - dt.timedelta(days=3))
    third = omar.get(f"/desk/meetings/{later.pk}/").content.decode()
    assert "A second patrol." in third, "what is open comes back"
    assert "Told at a door" not in third and TEXT not in third and "A crossing guard." not in third, (
        "they were told of these"
    )


def test_concerns_promises_and_a_problem_come_of_a_meeting_without_typing_twice(
    city: City, client: Client, signed_in: Any
) -> None:
    omar = signed_in(city.omar)
    row = begun(planned(city, omar))
    form = omar.get(f"/desk/new/?meeting={row.pk}").content.decode()
    assert "From the meeting:" in form and f'<option value="{city.north.pk}" selected' in form
    assert '<option value="meeting" selected' in form, "how it came in is known as well"
    data = {"meeting": row.pk, "kind": "concern", "channel": "meeting", "category": city.noise.pk, "text": "Loud.",
            "area": city.north.pk, "told_by": "none", "language": "en", "client_id": str(uuid.uuid4())}  # fmt: skip
    answers = [omar.post("/desk/new/", data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201] and CameOf.objects.count() == 1
    assert f"meeting={row.pk}" in answers[0].content.decode()
    case = Case.objects.get()
    assert case.channel == "meeting" and "From a meeting" in omar.get(f"/desk/{case.reference}/").content.decode()
    assert case.reference in omar.get(f"/desk/meetings/{row.pk}/").content.decode()
    assert case.reference not in signed_in(city.olga).get(f"/desk/meetings/{row.pk}/").content.decode()
    wrong = omar.post("/desk/new/", data | {"text": "", "client_id": str(uuid.uuid4())})
    assert wrong.status_code == 422 and f'name="meeting" value="{row.pk}"' in wrong.content.decode()
    assert omar.get("/desk/new/?meeting=999999").status_code == 404

    start = omar.get(f"/desk/problems/new/?meeting={row.pk}").content.decode()
    assert 'value="meeting" selected' in start
    problem = {"title": "Loud nights", "text": "Every Friday.", "type": TYPES[0].key, "origin": "meeting",
               "area": city.north.pk, "meeting": row.pk, "client_id": str(uuid.uuid4())}  # fmt: skip
    answer = omar.post("/desk/problems/new/", problem)
    assert answer.status_code == 302, answer.content.decode()
    assert "Loud nights" in omar.get(f"/desk/meetings/{row.pk}/").content.decode()
    assert "From a meeting" in omar.get(answer["Location"]).content.decode()
    assert verbs(row)[-2:] == ["raised", "raised"]
    assert recorded(omar, row).status_code == 302
    published(row, signed_in(city.ed))
    assert case.reference in client.get(f"/meetings/{row.pk}/").content.decode(), "its card is public"


def test_what_is_sealed_or_walled_is_opened_and_not_linked(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    row, weapons = begun(planned(city, omar)), make.category("weapons", name="Weapons", kind="tip")
    data = {"meeting": row.pk, "kind": "tip", "channel": "phone", "category": weapons.pk, "text": "In the shed.",
            "area": city.north.pk, "language": "en", "client_id": str(uuid.uuid4())}  # fmt: skip
    answer = omar.post("/desk/new/", data)
    assert Case.objects.get().kind == "tip", answer.content.decode()
    assert not Case.objects.get().detail("activity") and not CameOf.objects.exists() and "raised" not in verbs(row)
