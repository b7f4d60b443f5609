"""Community meetings as residents meet them: minutes, numbers, calls off, calendars and feeds (O01)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from commonbeat.activities.keeping import forget_notes
from commonbeat.activities.models import Activity
from commonbeat.community.agency import zone
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.publishing.digests import send_digests
from commonbeat.publishing.models import Follow, Publication
from tests.conftest import City
from tests.journeys.meeting import begun, given, planned, promised, published, recorded, verbs

pytestmark = pytest.mark.django_db


def test_attendance_is_counted_and_small_numbers_stay_inside(city: City, client: Client, signed_in: Any) -> None:
    omar, ed = signed_in(city.omar), signed_in(city.ed)
    row = begun(planned(city, omar))
    for wrong, said in (({"people": ""}, "Answer this"), ({"new": "30"}, "more people than came"),
                        ({"spoke_es": "20", "spoke_ar": "9"}, "more people than came"),
                        ({"people": "2.5"}, "whole number"), ({"people": "-1"}, "at least 0")):  # fmt: skip
        page = recorded(omar, row, **wrong)
        assert (
            page.status_code == 422 and said in page.content.decode() and "We go and look." in page.content.decode()
        ), wrong
    early = planned(city, omar)
    assert "not begun yet" in recorded(omar, early).content.decode()
    assert recorded(omar, row, new="6", spoke_es="12", spoke_ar="2", note="Ask the imam.").status_code == 302
    row.refresh_from_db()
    assert row.attendance == {"people": 24, "new": 6, "languages": {"es": 12, "ar": 2}}
    desk = omar.get(f"/desk/meetings/{row.pk}/").content.decode()
    assert (
        "Ask the imam." in desk
        and "Ask the imam." not in signed_in(city.olga).get(f"/desk/meetings/{row.pk}/").content.decode()
    )
    assert "The minutes are not out yet." in client.get(f"/meetings/{row.pk}/").content.decode()
    draft = published(row, ed)
    page = client.get(f"/meetings/{row.pk}/").content.decode()
    assert draft.state == "published" and ">24<" in page and "Ask the imam." not in page
    assert "Español: 12" in page and "العربية: " not in page, "the small number is hidden"
    spoken = next(fact["params"]["spoken"] for fact in draft.facts if "spoken" in fact["params"])
    assert spoken == "Español: 12", "nor is anything published from which it could be worked out"
    few = begun(planned(city, omar, title="Over coffee", format="talk"))
    recorded(omar, few, people="3")
    published(few, ed)
    assert "fewer than 5" in client.get(f"/meetings/{few.pk}/").content.decode()


def test_minutes_are_published_by_a_second_person_who_is_warned_of_names(
    city: City, client: Client, signed_in: Any
) -> None:
    omar, sam, ed = signed_in(city.omar), signed_in(city.sam), signed_in(city.ed)
    row = begun(planned(city, sam, host=city.sam.pk))
    recorded(sam, row, answered="Call rosa@example.org about it.")
    draft = Publication.objects.get(activity=row)
    address = f"/desk/publishing/{draft.pk}/"
    queue = ed.get("/desk/publishing/").content.decode()
    assert "Meeting of beat 12" in queue and f"/desk/meetings/{row.pk}/" in queue
    own = sam.post(f"{address}publish/", {"version": draft.version})
    assert own.status_code == 409 and "A second person" in own.content.decode()
    page = ed.get(address).content.decode()
    assert "What we said and decided" in page and "an e-mail address" in page
    assert ed.post(f"{address}publish/", {"version": draft.version}).status_code == 409
    recorded(sam, row, answered="We go and look.")
    promised(omar, row, city.omar, "I call Rosa at 312-555-0134.")
    draft.refresh_from_db()
    refused = ed.post(f"{address}publish/", {"version": draft.version})
    assert refused.status_code == 409 and "personal data" in refused.content.decode(), "promises are read as well"
    ed.post(f"{address}publish/", {"version": draft.version, "accept_personal": "on"})
    draft.refresh_from_db()
    assert draft.state == "published"
    recorded(sam, row, answered="We looked.")
    assert "We go and look." in client.get(f"/meetings/{row.pk}/").content.decode(), "published words stay"
    ed.post(f"{address}withdraw/", {"reason": "A wrong number"})
    assert "We go and look." not in client.get(f"/meetings/{row.pk}/").content.decode()
    recorded(sam, row, answered="We looked twice.")
    draft.refresh_from_db()
    assert draft.state == "draft" and draft.words["en"]["did"] == "We looked twice."


def test_a_meeting_is_called_off_with_a_reason_and_followers_are_told(
    city: City, client: Client, signed_in: Any
) -> None:
    omar, now = signed_in(city.omar), timezone.now()
    row = planned(city, omar)
    follow = Follow.objects.create(email="rosa@example.org", area=city.north, every="now", created_at=now,
                                   confirmed_at=now, told_until=now - dt.timedelta(minutes=1))  # fmt: skip
    noon = now.astimezone(zone()).replace(hour=12) + dt.timedelta(days=1)

    def told() -> list[str]:
        last = Entry.objects.about("follow", follow.pk).latest("number")
        return [
            item["title"] for sent in last.deliveries.all() for part in sent.context["parts"] for item in part["news"]
        ]

    assert send_digests(at=now + dt.timedelta(seconds=1)) == 0, "it can still be taken back"
    assert send_digests(at=noon) == 1 and told() == ["Meeting: Meeting of beat 12"]
    assert send_digests(at=noon + dt.timedelta(hours=1)) == 0, "told once"
    address = f"/desk/meetings/{row.pk}/off/"
    assert omar.get(address).status_code == 200 and omar.post(address, {"reason": ""}).status_code == 422
    assert omar.post(address, {"reason": "The hall has no heating."}).status_code == 302
    assert omar.post(address, {"reason": "Again"}).status_code == 422
    Activity.objects.filter(pk=row.pk).update(off_at=noon + dt.timedelta(hours=2))
    assert send_digests(at=noon + dt.timedelta(hours=3)) == 1 and told() == ["Called off: Meeting of beat 12"]
    week = Follow.objects.create(email="sara@example.org", area=city.north, every="week", created_at=now,
                                 confirmed_at=now, told_until=noon + dt.timedelta(hours=1))  # fmt: skip
    assert send_digests(at=noon + dt.timedelta(hours=4)) == 1, "whoever hears once a week hears of this at once"
    assert send_digests(at=noon + dt.timedelta(hours=5)) == 0
    week.refresh_from_db()
    assert week.told_until == noon + dt.timedelta(hours=4)
    assert "The hall has no heating." in client.get(f"/meetings/{row.pk}/").content.decode()
    assert "Called off" in client.get("/meetings/").content.decode()
    omar.post(f"/desk/meetings/{row.pk}/", {"deed": "undo"})
    row.refresh_from_db()
    assert row.state == "planned" and row.off_at is None and verbs(row) == ["planned", "called_off", "undone"]


def test_calendars_and_feeds_keep_their_names_and_take_over_what_changed(
    city: City, client: Client, signed_in: Any
) -> None:
    omar = signed_in(city.omar)
    row = planned(city, omar, title="Light; speed, and “more”", about="First line\nSecond line, with 12 % more")
    hostile = planned(
        city, omar, in_days=9, title="<script>alert(1)</script>", place="Hall\r\nATTENDEE:mailto:x@example.org"
    )
    assert b"\r\nATTENDEE" not in client.get(f"/meetings/{hostile.pk}.ics").content, "nobody smuggles a line in"
    for who, address in ((client, "/meetings/"), (client, f"/meetings/{hostile.pk}/"), (omar, "/desk/meetings/"),
                         (omar, f"/desk/meetings/{hostile.pk}/"), (client, "/meetings/feed/")):  # fmt: skip
        assert "<script>alert(1)" not in who.get(address).content.decode(), address
    omar.post(f"/desk/meetings/{hostile.pk}/", {"deed": "undo"})
    answer = client.get(f"/meetings/{row.pk}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8" and "ics" in answer["Content-Disposition"]
    raw = answer.content
    assert (
        raw.endswith(b"END:VCALENDAR\r\n")
        and max(map(len, raw.split(b"\r\n"))) <= 75
        and b"\n" not in raw.replace(b"\r\n", b"")
    )
    event = Calendar.from_ical(raw).walk("VEVENT")[0]
    assert event["SUMMARY"] == row.title and event["UID"] == f"{row.uid}@commonbeat" and event["SEQUENCE"] == 0
    assert event.decoded("DTSTART") == row.starts_at and event["STATUS"] == "CONFIRMED" and b"DTSTART:2" in raw
    assert client.get(f"/meetings/{row.pk}.ics", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    change = given(city, title="Light", version=row.version)
    assert omar.post(f"/desk/meetings/{row.pk}/change/", change).status_code == 302
    omar.post(f"/desk/meetings/{row.pk}/off/", {"reason": "No heating."})
    for area, there in ((city.north.pk, 1), (city.south.pk, 0)):
        events = Calendar.from_ical(client.get(f"/meetings/calendar.ics?area={area}").content).walk("VEVENT")
        assert len(events) == there
        if there:
            assert events[0]["UID"] == f"{row.uid}@commonbeat" and events[0]["SEQUENCE"] == 2
            assert events[0]["STATUS"] == "CANCELLED" and "Called off" in events[0]["SUMMARY"]
    assert client.get("/meetings/calendar.ics?area=999999").status_code == 404
    assert "webcal://" in client.get("/meetings/").content.decode()
    atom = client.get(f"/meetings/feed/?area={city.north.pk}").content.decode()
    assert f"urn:uuid:{row.uid}" in atom and "Called off: Light" in atom
    assert "urn:uuid" not in client.get(f"/meetings/feed/?area={city.south.pk}").content.decode()
    assert "Llamada" not in client.get(f"/meetings/{row.pk}.ics", headers={"Accept-Language": "es"}).content.decode()


def test_lists_spend_a_fixed_number_of_statements(city: City, client: Client, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    planned(city, omar)
    addresses = ("/desk/meetings/", "/meetings/", "/meetings/calendar.ics", "/meetings/feed/")
    counts = []
    for _ in range(2):
        counts.append([])
        for address in addresses:
            who = omar if address.startswith("/desk") else client
            who.get(address)
            with CaptureQueriesContext(connection) as spent:
                assert who.get(address).status_code == 200
            counts[-1].append(len(spent))
        for days in range(3, 9):
            planned(city, omar, in_days=days)
    assert counts[0] == counts[1] and max(counts[0]) < 15, counts


def test_the_inside_of_an_old_meeting_goes_and_its_minutes_stay(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    row = begun(planned(city, omar))
    recorded(omar, row, note="Ask the imam.")
    assert forget_notes(at=timezone.now() + dt.timedelta(days=1000)) == 0
    later = timezone.now() + dt.timedelta(days=1100)
    assert forget_notes(at=later) == 1 and forget_notes(at=later) == 0
    row.refresh_from_db()
    assert (row.note, row.answered) == ("", "We go and look.") and verbs(row)[-1] == "note_forgotten"
    assert not Entry.objects.filter(subject_kind="activity", personal__isnull=False).exists() and list(verify()) == []
    assert omar.get(f"/desk/meetings/{row.pk}/").status_code == 200
