"""Saved searches: kept, renamed, deleted, and telling once per crossing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from commonbeat.cases.models import SavedSearch
from commonbeat.cases.searches import tell_crossings
from commonbeat.journal.models import Delivery
from tests import make
from tests.conftest import City


def test_a_list_is_saved_opened_renamed_and_deleted(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    query = f"view=all&category={city.noise.pk}&evil=1"
    browser.post("/desk/searches/", {"name": "Noise", "query": query})
    saved = SavedSearch.objects.get()
    assert saved.query == f"view=all&category={city.noise.pk}"
    assert browser.get(f"/desk/searches/{saved.pk}/")["Location"] == f"/desk/?{saved.query}"
    assert "Noise" in browser.get("/desk/searches/").content.decode()
    again = browser.post("/desk/searches/", {"name": "Noise", "query": "view=mine"}, follow=True)
    assert "You have a saved search of this name" in again.content.decode()
    wrong = browser.post(f"/desk/searches/{saved.pk}/", {"name": "Noise", "threshold": "many"})
    assert wrong.status_code == 422
    browser.post(f"/desk/searches/{saved.pk}/", {"name": "Loud", "threshold": "5", "within_days": "7"})
    saved.refresh_from_db()
    assert (saved.name, saved.threshold, saved.within_days) == ("Loud", 5, 7)
    assert signed_in(city.olga).get(f"/desk/searches/{saved.pk}/").status_code == 404
    browser.post(f"/desk/searches/{saved.pk}/", {"delete": "1"})
    assert not SavedSearch.objects.exists()


def test_a_threshold_tells_once_and_again_only_after_it_was_below(city: City, signed_in: Any) -> None:
    search = SavedSearch.objects.create(
        user=city.omar, name="Loud", query=f"view=all&category={city.noise.pk}", threshold=3, within_days=7,
        created_at=make.NOW,
    )  # fmt: skip
    make.concern(city.noise, at=make.NOW - dt.timedelta(days=30))
    for _ in range(2):
        make.concern(city.noise)
    make.concern(city.noise, place=make.SOUTH)
    assert tell_crossings(at=make.NOW) == 0
    make.concern(city.noise)
    assert tell_crossings(at=make.NOW) == 1 and tell_crossings(at=make.NOW) == 0
    assert Delivery.objects.get(template="search_reached").recipient == city.omar.email
    SavedSearch.objects.update(notified_at=timezone.now())  # the inbox says so for a day
    page = signed_in(city.omar).get("/desk/").content.decode()
    assert "has reached 3 new cases" in page
    SavedSearch.objects.update(notified_at=timezone.now() - dt.timedelta(days=2))
    assert "has reached 3 new cases" not in signed_in(city.omar).get("/desk/").content.decode()
    assert tell_crossings(at=make.NOW + dt.timedelta(days=20)) == 0
    search.refresh_from_db()
    assert search.notified_at is None


def test_whoever_wants_no_e_mail_about_it_reads_it_in_the_inbox(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    assert "One of my saved searches reached its number" in browser.get("/accounts/").content.decode()
    mails = ["staff_assigned", "staff_overdue"]
    browser.post("/accounts/", {"name": "Omar Officer", "language": "en", "mails": mails})
    city.omar.refresh_from_db()
    assert "search_reached" in city.omar.muted and "staff_assigned" not in city.omar.muted
    SavedSearch.objects.create(user=city.omar, name="Loud", query="view=all", threshold=1, created_at=make.NOW)
    make.concern(city.noise)
    assert tell_crossings(at=make.NOW) == 1
    assert Delivery.objects.get(template="search_reached").channel == "inbox"
