"""Trusted contacts of an area: seen by those who look after it alone, asked every year, and erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.models import Task
from commonbeat.cases.retention import persons_to_forget
from commonbeat.cases.trusted import ASK_AFTER, GONE_AFTER, ask_again, forget_contacts
from commonbeat.cases.trusted_rows import TrustedContact
from commonbeat.community.models import Cover, Person
from commonbeat.core.actor import Role
from commonbeat.journal.chain import verify
from commonbeat.journal.models import AccessLog, Entry
from commonbeat.publishing.person_requests import erase, export, find
from tests import make
from tests.conftest import City

GIVEN = {
    "name": "Gloria Gardner", "organisation": "Block club", "role": "Keeps the key of the hall",
    "phone": "312-555-0142", "email": "gloria@example.org", "reach": "After six", "agreed_on": "2026-03-01",
    "agreed_how": "talk",
}  # fmt: skip


@pytest.fixture
def added(city: City, signed_in: Any) -> TrustedContact:
    answer = signed_in(city.omar).post(f"/desk/areas/{city.north.pk}/contacts/new/", GIVEN)
    row = TrustedContact.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/desk/areas/contacts/{row.pk}/"
    return row


def url(row: TrustedContact) -> str:
    return f"/desk/areas/contacts/{row.pk}/"


def do(client: Client, row: TrustedContact, deed: str, **more: Any) -> Any:
    return client.post(url(row), {"deed": deed} | more, follow=True)


def test_a_contact_is_added_found_changed_confirmed_ended_and_each_is_taken_back(
    city: City, signed_in: Any, added: TrustedContact
) -> None:
    omar, briefing = signed_in(city.omar), f"/desk/areas/{city.north.pk}/"
    assert "Gloria Gardner" in omar.get(briefing).content.decode()
    page = omar.get(url(added)).content.decode()
    assert "312-555-0142" in page and "Keeps the key of the hall" in page
    assert AccessLog.objects.filter(subject_kind="trusted_contact", what="opened").exists()
    assert "Saved." in do(omar, added, "change", **GIVEN | {"role": "Keeps both keys"}).content.decode()
    added.refresh_from_db()
    assert added.role == "Keeps both keys"
    assert "Taken back." in do(omar, added, "undo").content.decode()
    added.refresh_from_db()
    assert added.role == GIVEN["role"]
    do(omar, added, "confirm")
    added.refresh_from_db()
    assert added.confirmed_on == timezone.localdate()
    do(omar, added, "end")
    assert "Gloria Gardner" not in omar.get(briefing).content.decode()
    do(omar, added, "undo")
    assert "Gloria Gardner" in omar.get(briefing).content.decode()
    late = do(omar, added, "undo")
    assert late.status_code == 422 and "cannot be taken back" in late.content.decode()
    taken = omar.get(f"{briefing[:-1]}/contacts.csv").content.decode()
    assert "Gloria Gardner" in taken and "After six" in taken
    assert AccessLog.objects.filter(what="exported", reason="trusted contacts").exists()
    assert list(verify()) == []


def test_what_is_wrong_is_said_and_what_was_typed_stays(city: City, signed_in: Any) -> None:
    omar, new = signed_in(city.omar), f"/desk/areas/{city.north.pk}/contacts/new/"
    for wrong, words in (
        ({"phone": "", "email": ""}, "Give a telephone number or an e-mail address"),
        ({"agreed_on": "2999-01-01"}, "This day has not come yet"),
        ({"agreed_how": ""}, "Answer this question"),
    ):
        answer = omar.post(new, GIVEN | wrong)
        assert answer.status_code == 422 and words in answer.content.decode(), words
        assert "Gloria Gardner" in answer.content.decode()
    assert not TrustedContact.objects.exists()
    same = GIVEN | {"client_id": "6b0f8cb4-5b4c-4d43-9e0c-0b9d6f1f8f00"}
    omar.post(new, same)
    omar.post(new, same)
    assert TrustedContact.objects.count() == 1
    assert omar.get(new).status_code == 200


def test_only_those_of_the_area_and_their_supervisors_see_it(city: City, signed_in: Any, added: TrustedContact) -> None:
    south = make.user("Sue Supervisor", "supervisor", areas=(city.south,))
    records, briefing = make.user("Rita Records", "records"), f"/desk/areas/{city.north.pk}/"
    for user, seen in (
        (city.omar, True), (city.sam, True), (city.olga, False), (city.cleo, False), (south, False), (records, False),
        (city.ada, False), (city.pat, False),
    ):  # fmt: skip
        client = signed_in(user)
        assert ("Gloria" in client.get(briefing).content.decode()) == seen, user.name
        for address in (url(added), f"{briefing}contacts/new/", f"{briefing[:-1]}/contacts.csv"):
            assert client.get(address).status_code == (200 if seen else 404), (user.name, address)
        if not seen:
            assert client.post(url(added), {"deed": "end"}).status_code == 404
    assert not Entry.objects.filter(verb="trusted_contact.ended").exists()


def test_whoever_stands_in_sees_them_meanwhile(city: City, signed_in: Any, added: TrustedContact) -> None:
    today = timezone.localdate()
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today)
    assert signed_in(city.olga).get(url(added)).status_code == 200


def test_a_task_asks_every_year_and_what_nobody_confirms_is_erased(
    city: City, signed_in: Any, added: TrustedContact
) -> None:
    then = timezone.make_aware(dt.datetime(2026, 3, 1, 12)) + ASK_AFTER
    assert ask_again(at=then - dt.timedelta(days=2)) == 0
    assert ask_again(at=then) == 1 and ask_again(at=then) == 0
    assert Task.objects.get(sort="admin").owner == city.omar
    assert forget_contacts(at=then) == 0
    assert forget_contacts(at=then + (GONE_AFTER - ASK_AFTER) + dt.timedelta(days=1)) == 1
    assert not TrustedContact.objects.exists() and Person.objects.get().name == ""
    assert not Entry.objects.filter(subject_kind="trusted_contact", personal__isnull=False).exists()


def test_rule_21_a_contact_reads_what_is_held_and_is_erased_on_request(city: City, added: TrustedContact) -> None:
    records = city.actor(make.user("Rita Records", Role.RECORDS))
    at = timezone.now()
    held = find(email="gloria@example.org", phone="", reason="Letter", actor=records, at=at)
    told = export(held, actor=records, at=at)["persons"][0]
    assert told["around"]["cases.TrustedContact"][0]["role"] == "Keeps the key of the hall"
    assert erase(held, words=True, reason="Asked", actor=records, at=at) == 1
    added.refresh_from_db()
    assert added.role == added.reach == ""
    assert "Gloria" not in str(list(Entry.objects.values_list("personal", "data")))
    assert forget_contacts(at=at) == 1


def test_a_contact_is_not_forgotten_as_somebody_without_a_case(city: City, added: TrustedContact) -> None:
    Person.objects.update(created_at=timezone.now() - dt.timedelta(days=4000))
    assert persons_to_forget(at=timezone.now()) == []
