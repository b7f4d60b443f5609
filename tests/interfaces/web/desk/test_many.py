"""One step on many cases: own entries, a report of what did not work, and a way back."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Bulk, Case
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City


def test_many_are_assigned_at_once_each_with_its_entry(city: City, signed_in: Any) -> None:
    cases = [make.concern(city.noise, email="rosa@example.org", told_by="email").case for _ in range(3)]
    act(
        cases[2], "resolve", data={"outcome": "fixed", "message": "Done"}, actor=city.actor(city.sam), at=timezone.now()
    )
    browser = signed_in(city.sam)
    chosen = {"case": [case.pk for case in cases], "step": "assign"}
    assert 'name="user"' in browser.post("/desk/bulk/", chosen).content.decode()
    assert browser.post("/desk/bulk/", {**chosen, "go": "1", "user": "999999"}).status_code == 422
    Delivery.objects.all().delete()
    answer = browser.post("/desk/bulk/", {**chosen, "go": "1", "user": city.omar.pk, "tell": "on"}, follow=True)
    page = answer.content.decode()
    assert "Done on 2 cases" in page and "Not done on 1 case" in page and "not possible while" in page
    assert Entry.objects.filter(verb="case.assign").count() == 2
    assert all(d.next_at > timezone.now() for d in Delivery.objects.filter(entry__verb="case.assign"))

    back = browser.post(f"/desk/bulk/{Bulk.objects.get().pk}/undo/", follow=True)
    assert "Taken back on 2 cases." in back.content.decode()
    assert set(Case.objects.filter(pk__in=[c.pk for c in cases[:2]]).values_list("state", flat=True)) == {"new"}
    assert not Delivery.objects.filter(entry__verb="case.assign", state="pending").exists()


def test_what_went_on_since_is_not_taken_back(city: City, signed_in: Any) -> None:
    cases = [make.concern(city.noise).case for _ in range(2)]
    browser = signed_in(city.sam)
    browser.post("/desk/bulk/", {"case": [c.pk for c in cases], "step": "acknowledge", "go": "1"})
    fresh = Case.objects.get(pk=cases[0].pk)
    act(fresh, "note", data={"text": "meanwhile"}, actor=city.actor(city.omar), at=timezone.now())
    page = browser.post(f"/desk/bulk/{Bulk.objects.get().pk}/undo/", follow=True).content.decode()
    assert "Taken back on 1 cases." in page and "Something else has happened since" in page


def test_cases_of_others_are_left_out_and_bulks_of_others_are_not_found(city: City, signed_in: Any) -> None:
    north, south = make.concern(city.noise).case, make.concern(city.noise, place=make.SOUTH).case
    signed_in(city.omar).post("/desk/bulk/", {"case": [north.pk, south.pk], "step": "acknowledge", "go": "1"})
    assert Bulk.objects.get().done[0][0] == north.pk and len(Bulk.objects.get().done) == 1
    olga, number = signed_in(city.olga), Bulk.objects.get().pk
    assert olga.get(f"/desk/bulk/{number}/").status_code == 404
    assert olga.post(f"/desk/bulk/{number}/undo/").status_code == 404


def test_choosing_nothing_says_what_to_do_and_stays_on_the_site(city: City, signed_in: Any) -> None:
    answer = signed_in(city.omar).post("/desk/bulk/", {"step": "note", "back": "view=mine&q=https://example.org"})
    assert answer["Location"].startswith("/desk/?view=mine")


def test_steps_that_are_not_for_many_are_refused(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    assert signed_in(city.sam).post("/desk/bulk/", {"case": [case.pk], "step": "reopen", "go": "1"}).status_code == 404


def test_nobody_is_told_of_sensitive_matters_in_a_bulk(city: City, signed_in: Any) -> None:
    home = make.category("home", name="Trouble at home", sensitive=True, public_point=False)
    case = make.concern(home, email="rosa@example.org", told_by="email").case
    browser = signed_in(city.sam)
    data = {"case": [case.pk], "step": "message", "message": "Hello"}
    assert "Some of these are sensitive" in browser.post("/desk/bulk/", data).content.decode()
    browser.post("/desk/bulk/", {**data, "go": "1", "tell": "on"})
    assert Entry.objects.filter(verb="case.message").exists() and Delivery.objects.count() == 0
