"""Keeping and forgetting: disposal by two people, holds, requests of persons, and what stays in the journal."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from commonbeat.cases import disposal, files
from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, CaseFile
from commonbeat.cases.retention import forget_persons
from commonbeat.cases.safeguards import Disposal, Hold, Tombstone
from commonbeat.community.models import OneTimeLink, Person
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import make_seal, verify
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.publishing.models import Follow, PublicCase
from tests import make
from tests.conftest import City

LATER = make.NOW + dt.timedelta(days=4 * 365)


def closed(city: City, *, age: dt.timedelta = dt.timedelta(days=4 * 365), **fields: Any) -> Case:
    """A concern that was resolved so long ago that its time is over."""
    at = timezone.now() - age
    case = make.concern(city.noise, at=at, **fields).case
    sam = city.actor(city.sam)
    act(case, "note", data={"text": "Rosa Reporter called again."}, actor=sam, at=at)
    act(case, "resolve", data={"outcome": "fixed", "message": "We spoke with Rosa."}, actor=sam, at=at)
    return case


def do(client: Any, **data: Any) -> Any:
    return client.post(reverse("office_retention_do"), data, follow=True)


def photo() -> bytes:
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (32, 32), (90, 20, 20)).save(data, "JPEG")
    return data.getvalue()


def test_a_case_is_destroyed_by_two_people_and_a_tombstone_stays(
    city: City, signed_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    token = files.accept("car.jpg", photo(), at=timezone.now())
    case = closed(city, email="rosa@example.org", name="Rosa Reporter", told_by="email", uploads=(token,))
    stored = files.path_of(CaseFile.objects.get().sha256)
    number, ref = case.pk, case.reference
    ada, sam = signed_in(city.ada), signed_in(city.sam)
    assert ref in sam.get(reverse("office_retention")).content.decode()
    do(sam, deed="propose", case=[number], reason="Three years are over.")
    row = Disposal.objects.get()
    answer = do(sam, deed="approve", row=row.pk)
    assert "A second person has to approve it" in answer.content.decode() and Case.objects.exists()
    assert stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        answer = do(ada, deed="approve", row=row.pk)
    assert f"{ref} is destroyed" in answer.content.decode()
    assert not Case.objects.exists() and not PublicCase.objects.exists() and not CaseFile.objects.exists()
    assert not stored.exists()
    stone = Tombstone.objects.get()
    assert (stone.case_number, stone.outcome, stone.proposed_by, stone.approved_by) == (
        number, "fixed", "Sam Supervisor", "Ada Admin",
    )  # fmt: skip
    left = json.dumps([[e.data, e.personal, e.actor_name] for e in Entry.objects.about("case", number)])
    left += json.dumps([[d.recipient, d.context] for d in Delivery.objects.all()])
    left += json.dumps(list(Person.objects.values_list("name", "email", "phone")))
    assert "Rosa" not in left and "rosa@" not in left
    assert Entry.objects.about("case", number).last().verb == "case.disposed"
    make_seal(at=timezone.now())
    assert list(verify()) == []


def test_what_was_destroyed_is_not_found_any_more(city: City, signed_in: Any) -> None:
    case = closed(city, text="A purple piano at midnight")
    sam = signed_in(city.sam)
    assert Case.objects.saying("piano").exists()
    do(sam, deed="propose", case=[case.pk], reason="Over.")
    disposal.approve(Disposal.objects.get(), actor=city.actor(city.ada), at=timezone.now())
    assert not Case.objects.saying("piano").exists()
    assert sam.get(f"/desk/{case.reference}/").status_code == 404


def test_the_database_itself_refuses_one_person_doing_both(city: City) -> None:
    row = Disposal.objects.create(case_number=1, proposed_by=city.sam, proposed_at=make.NOW, reason="x")
    with pytest.raises(IntegrityError):
        Disposal.objects.filter(pk=row.pk).update(approved_by=city.sam, approved_at=make.NOW)


def test_a_hold_blocks_disposal_until_it_is_lifted(city: City, signed_in: Any) -> None:
    case = closed(city)
    sam, ada = signed_in(city.sam), signed_in(city.ada)
    do(sam, deed="propose", case=[case.pk], reason="Over.")
    do(ada, deed="hold", reference=case.reference, reason="Request for records 12")
    assert not Disposal.objects.exists()  # the waiting proposal is gone
    do(sam, deed="propose", case=[case.pk], reason="Over.")
    assert not Disposal.objects.exists()
    assert case.pk not in disposal.due_for_disposal(actor=city.actor(city.sam), at=timezone.now()).values_list(
        "pk", flat=True
    )
    row = Disposal.objects.create(case_number=case.pk, proposed_by=city.sam, proposed_at=make.NOW, reason="x")
    with pytest.raises(Invalid, match="Lift the hold first"):
        disposal.approve(row, actor=city.actor(city.ada), at=timezone.now())
    do(ada, deed="lift", row=Hold.objects.get().pk)
    disposal.approve(row, actor=city.actor(city.ada), at=timezone.now())
    verbs = [e.verb for e in Entry.objects.about("case", case.pk)]
    assert "case.hold_placed" in verbs and "case.hold_lifted" in verbs and not Case.objects.exists()


def test_nothing_is_proposed_before_its_time_or_without_a_reason(city: City, signed_in: Any) -> None:
    young, old = closed(city, age=dt.timedelta(days=30)), closed(city)
    sam = signed_in(city.sam)
    assert "Write why." in do(sam, deed="propose", case=[old.pk], reason=" ").content.decode()
    do(sam, deed="propose", case=[young.pk, old.pk], reason="Over.")
    assert [row.case_number for row in Disposal.objects.all()] == [old.pk]
    row = Disposal.objects.create(case_number=young.pk, proposed_by=city.sam, proposed_at=make.NOW, reason="x")
    with pytest.raises(Invalid, match="not over yet"):
        disposal.approve(row, actor=city.actor(city.ada), at=timezone.now())


def test_an_officer_may_not_dispose_of_anything(city: City) -> None:
    case = closed(city)
    with pytest.raises(Invalid, match="Only records officers"):
        disposal.propose([case.pk], reason="x", actor=city.actor(city.omar), at=timezone.now())
    with pytest.raises(Invalid, match="Only records officers"):
        disposal.place_hold(case, reason="x", actor=city.actor(city.omar), at=timezone.now())


def test_a_file_that_another_case_has_as_well_stays_on_the_disk(
    city: City, django_capture_on_commit_callbacks: Any
) -> None:
    data = photo()
    one = closed(city, uploads=(files.accept("a.jpg", data, at=timezone.now()),))
    make.concern(city.noise, uploads=(files.accept("b.jpg", data, at=timezone.now()),))
    stored = files.path_of(CaseFile.objects.filter(case=one).get().sha256)
    disposal.propose([one.pk], reason="Over.", actor=city.actor(city.sam), at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        disposal.approve(Disposal.objects.get(), actor=city.actor(city.ada), at=timezone.now())
    assert stored.exists()


def test_contact_details_are_shredded_some_time_after_the_last_case_closed(city: City) -> None:
    old = closed(city, age=dt.timedelta(days=800), email="old@example.org", told_by="email")
    closed(city, age=dt.timedelta(days=800), email="held@example.org")
    closed(city, age=dt.timedelta(days=700), email="young@example.org")
    closed(city, age=dt.timedelta(days=800), email="back@example.org")
    make.concern(city.noise, at=timezone.now(), email="back@example.org")  # wrote again
    held = Person.objects.get(email="held@example.org").participant_set.get().case
    disposal.place_hold(held, reason="Suit", actor=city.actor(city.sam), at=timezone.now())
    assert forget_persons(at=timezone.now()) == 1
    assert set(Person.objects.exclude(email="").values_list("email", flat=True)) == {
        "held@example.org", "young@example.org", "back@example.org",
    }  # fmt: skip
    assert not Delivery.objects.filter(recipient="old@example.org").exists()
    assert Case.objects.filter(pk=old.pk).exists()
    assert forget_persons(at=timezone.now()) == 0
    assert list(verify()) == []


def ask(client: Any, **data: Any) -> Any:
    sent = {"email": "rosa@example.org", "reason": "Showed a driving licence at the counter"} | data
    return client.post(reverse("office_persons"), sent)


def test_a_person_gets_everything_that_is_held_on_them_and_the_look_is_logged(city: City, signed_in: Any) -> None:
    case = closed(city, email="rosa@example.org", name="Rosa Reporter", phone="+1 312 555 0123", told_by="email")
    make.concern(city.noise, email="other@example.org")
    Follow.objects.create(email="rosa@example.org", area=city.north, created_at=make.NOW)
    ada = signed_in(city.ada)
    page = ask(ada, deed="find").content.decode()
    assert case.reference in page and "other@example.org" not in page
    assert case.reference in ask(ada, email="", phone="(312) 555-0123", deed="find").content.decode()
    handed = json.loads(ask(ada, deed="export").content)
    assert handed["persons"][0]["email"] == "rosa@example.org"
    assert handed["cases"][0]["reference"] == case.reference and handed["cases"][0]["text"] == case.text
    assert "Rosa Reporter called again." not in json.dumps(handed)  # a note for colleagues
    assert len(handed["follows"]) == 1
    assert AccessLog.objects.filter(what="person_request", reason__contains="licence").count() == 3
    assert Entry.objects.filter(verb="person.exported").count() == 1


def test_a_search_needs_a_reason_and_contact_details(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    assert ask(ada, reason="").status_code == 422
    assert "e-mail address or a telephone number" in ask(ada, email="").content.decode()
    assert "We hold nothing" in ask(ada, email="nobody@example.org").content.decode()


def test_details_are_corrected_and_the_correction_is_kept_until_it_is_erased(city: City, signed_in: Any) -> None:
    make.concern(city.noise, email="rosa@example.org", name="Rosa Reprter")
    person, ada = Person.objects.get(), signed_in(city.ada)
    p = f"p{person.pk}"
    ask(
        ada,
        deed="correct",
        person=person.pk,
        **{f"{p}-name": "Rosa Reporter", f"{p}-email": "rosa@example.org", f"{p}-language": "en"},
    )
    person.refresh_from_db()
    assert person.name == "Rosa Reporter"
    entry = Entry.objects.get(verb="person.corrected")
    assert entry.personal["before"]["name"] == "Rosa Reprter" and "Rosa" not in json.dumps(entry.data)


def test_erasure_shreds_what_is_personal_and_keeps_the_fact(city: City, signed_in: Any) -> None:
    opened = make.concern(
        city.noise, email="rosa@example.org", name="Rosa", told_by="email", text="My neighbour Max shouts."
    )
    OneTimeLink.objects.create(
        digest=b"x" * 32, purpose="return", subject_kind="participant", subject_id=opened.case.participants.get().pk,
        created_at=make.NOW, expires_at=LATER,
    )  # fmt: skip
    Follow.objects.create(email="rosa@example.org", area=city.north, created_at=make.NOW)
    ada = signed_in(city.ada)
    ask(ada, deed="erase", words="on")
    person, case = Person.objects.get(), Case.objects.get()
    assert person.shredded_at and not person.email and case.text == ""
    assert not Delivery.objects.exclude(recipient="").filter(channel="email").exists()
    assert Delivery.objects.get(template="received").state == "cancelled"
    assert not OneTimeLink.objects.filter(purpose="return").exists() and not Follow.objects.exists()
    verbs = [e.verb for e in Entry.objects.about("case", case.pk)]
    assert verbs == ["case.opened", "case.person_erased"]
    everything = json.dumps([[e.data, e.personal] for e in Entry.objects.all()])
    assert "rosa" not in everything.lower() and "Max" not in everything
    assert list(verify()) == []


def test_erasure_waits_while_a_hold_is_on_one_of_their_cases(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org").case
    disposal.place_hold(case, reason="Suit", actor=city.actor(city.sam), at=timezone.now())
    answer = ask(signed_in(city.ada), deed="erase")
    assert answer.status_code == 422 and "The law keeps this for now" in answer.content.decode()
    assert Person.objects.get().email == "rosa@example.org"


def test_the_access_log_is_read_by_records_and_standards_only(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org").case
    AccessLog.objects.create(
        at=timezone.now(),
        user_id=city.omar.pk,
        user_name="Omar Officer",
        subject_kind="case",
        subject_id=case.pk,
        what="contact",
    )
    pat = signed_in(city.pat)
    page = reverse("office_access_log")
    assert "Omar Officer" in pat.get(page, {"case": case.reference}).content.decode()
    assert "Omar Officer" not in pat.get(page, {"who": "Olga"}).content.decode()
    assert "CB-7F3K-9QTM" in pat.get(page, {"case": "nonsense"}).content.decode()
    assert signed_in(city.ada).get(page).status_code == 404


def test_the_retention_schedule_comes_from_the_kinds(city: City, signed_in: Any) -> None:
    page = signed_in(city.sam).get(reverse("office_retention")).content.decode()
    assert "1095 days" in page and "The first report carries the record." in page
