"""A noise concern at the desk: measured beside the agency's limit, agreed on, not kept, and counted at its place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.models import Case, Task
from commonbeat.cases.work_records import Agreement, SoundLimit, SoundMeasurement
from commonbeat.community.agency import local_day
from commonbeat.community.reference import touch
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City

MEASURED = {
    "measured_at": "2026-03-10T23:15", "spot": "window", "level_db": "61,5", "seconds": "600", "background_db": "38",
    "zone": "Residential", "instrument": "Demo meter 2, no. 0042", "calibrated_on": "2026-02-01", "text": "Bass only.",
}  # fmt: skip
AGREED = {
    "days": ["6", "0", "1"], "quiet_from": "22:00", "quiet_until": "07:00", "terms": "The bass is off after ten.",
    "parties": "Upstairs neighbour\nDownstairs neighbour", "consent": "in_person", "consented": "on", "tell": "on",
}  # fmt: skip


@pytest.fixture
def noisy(city: City) -> City:
    """The city, whose noise is measured, agreed on and counted, with a limit for the night."""
    city.noise.procedures = ["sound", "agreement", "repeats"]
    city.noise.save()
    touch("categories")
    SoundLimit.objects.create(
        zone="Residential", starts=dt.time(22), ends=dt.time(7), level_db=55, source="Demo code § 8"
    )
    touch("sound_limits")
    return city


def _case(city: City, **more: Any) -> Case:
    return make.concern(city.noise, **more).case


def _page(client: Client, case: Case) -> str:
    return client.get(f"/desk/{case.reference}/").content.decode()


def test_a_measurement_is_kept_with_the_limit_of_its_hour(noisy: City, signed_in: Any) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    assert "No other time in twelve months." in _page(omar, case)
    form = omar.get(f"/desk/{case.reference}/?step=measure").content.decode()
    assert 'type="datetime-local"' in form and "Residential" in form
    answer = omar.post(f"/desk/{case.reference}/measure/", MEASURED | {"version": 1})
    assert answer.status_code == 302
    row = SoundMeasurement.objects.get()
    assert (row.level_db, row.limit_db, row.seconds, row.measured_by) == (61.5, 55, 600, noisy.omar)
    page = _page(omar, case)
    assert "6.5 dB above the limit of 55 dB(A) for Residential, 22:00–07:00." in page
    assert "Demo meter 2, no. 0042" in page and "Demo code § 8" in page and "Bass only." in page

    SoundLimit.objects.update(level_db=70)
    touch("sound_limits")
    assert "6.5 dB above the limit of 55" in _page(omar, case)  # what was found stays found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"level_db": "180"}, "Enter a number that is at most 140."),
        ({"level_db": "loud"}, "Enter a number, for example 3 or 2.5."),
        ({"measured_at": "2031-01-01T10:00"}, "This is in the future. Enter when it was."),
        ({"measured_at": "yesterday"}, "Enter a day and a time such as"),
        ({"background_db": "70"}, "The background cannot be louder than everything together."),
        ({"calibrated_on": "2026-03-11"}, "This is after the measurement."),
        ({"seconds": "0.5"}, "Enter a number that is at least 1."),
        ({"seconds": "60.5"}, "Enter whole seconds, for example 60."),
        ({"instrument": ""}, "Answer this question."),
        ({"spot": "moon"}, "Choose one of the answers listed."),
        ({"zone": "Moon"}, "Choose one of the answers listed."),
    ],
)
def test_a_measurement_that_cannot_be_is_refused_and_kept_for_correction(
    noisy: City, signed_in: Any, wrong: dict[str, str], said: str
) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    answer = omar.post(f"/desk/{case.reference}/measure/", MEASURED | wrong | {"version": 1})
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "Bass only." in page
    assert not SoundMeasurement.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"zone": ""}, "No zone was chosen, so there is no limit to compare this with."),
        ({"measured_at": "2026-03-10T12:00"}, "No limit is set for Residential at this hour"),
        ({"level_db": "55"}, "Not above the limit of 55 dB(A) for Residential"),
        ({"background_db": "60"}, "the source cannot be told from it"),
        ({"calibrated_on": ""}, "The day of the last calibration was not recorded."),
        ({"calibrated_on": "2024-02-01"}, "calibrated more than a year before"),
    ],
)
def test_a_finding_says_honestly_what_it_cannot_say(
    noisy: City, signed_in: Any, given: dict[str, str], said: str
) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    assert omar.post(f"/desk/{case.reference}/measure/", MEASURED | given | {"version": 1}).status_code == 302
    assert said in _page(omar, case)


def test_a_measurement_can_be_taken_back(noisy: City, signed_in: Any) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    omar.post(f"/desk/{case.reference}/measure/", MEASURED | {"version": 1})
    entry = Entry.objects.about("case", case.pk).latest("number")
    omar.post(f"/desk/{case.reference}/undo/", {"entry": entry.number})
    assert not SoundMeasurement.objects.exists() and "Sound measured" not in _page(omar, case)


def test_other_categories_do_not_have_these_steps(noisy: City, signed_in: Any) -> None:
    van, omar = make.concern(noisy.vehicle).case, signed_in(noisy.omar)
    page = _page(omar, van)
    assert "Record a sound measurement" not in page and "At this place" not in page
    assert "Record an agreement" not in page and "Serve a notice" not in page
    answer = omar.post(f"/desk/{van.reference}/measure/", MEASURED | {"version": 1})
    assert answer.status_code == 409 and "not a part of how this category is worked" in answer.content.decode()


def test_an_agreement_is_told_reviewed_and_its_breach_opens_the_case_again(noisy: City, signed_in: Any) -> None:
    case = _case(noisy, email="rosa@example.org", told_by="email", language="es", at=timezone.now())
    omar = signed_in(noisy.omar)
    url = f"/desk/{case.reference}/"
    omar.post(url + "assign/", {"version": 1, "user": noisy.omar.pk})
    assert omar.post(url + "agree/", AGREED | {"version": 2}).status_code == 302
    case.refresh_from_db()
    row, today = Agreement.objects.get(), local_day(timezone.now())
    assert (row.days, row.starts_on, row.review_on) == ([0, 1, 6], today, today + dt.timedelta(days=30))
    assert case.state == "agreed" and case.due_at is not None and local_day(case.due_at) == row.review_on
    assert case.clocks["respond"]["left"] is not None  # the department's own clock stands still
    task = Task.objects.get(sort="review")
    assert task.owner == noisy.omar and task.due_at == case.due_at
    assert "Ask both sides whether the agreement is kept" in omar.get("/desk/tasks/").content.decode()

    told = Delivery.objects.get(template="agreement")
    assert told.recipient == "rosa@example.org" and told.language == "es" and told.context["terms"] == row.terms
    assert "Upstairs" not in str(told.context)
    page = _page(omar, case)
    assert "The bass is off after ten." in page and "Upstairs neighbour" in page
    paper = omar.get(f"/desk/{case.reference}/agreements/{row.pk}/").content.decode()
    assert "The bass is off after ten." in paper and 'lang="es"' in paper and "Downstairs neighbour" in paper
    assert 'lang="ar" dir="rtl"' in omar.get(url + f"agreements/{row.pk}/?language=ar").content.decode()
    assert omar.get(url + "agreements/999999/").status_code == 404
    assert signed_in(noisy.olga).get(url + f"agreements/{row.pk}/").status_code == 404  # another area's officer

    omar.post(url + "resolve/", {"version": 3, "outcome": "agreement", "message": "They agreed.", "tell": "on"})
    task.refresh_from_db()
    assert task.done_at is None  # the review outlives the end of the case
    late = omar.post(url + "breach/", {"version": 4, "breached_on": "2031-01-01", "text": "Loud again"})
    assert late.status_code == 422 and "This day has not come yet." in late.content.decode()
    early = omar.post(url + "breach/", {"version": 4, "breached_on": "2020-01-01", "text": "Loud again"})
    assert early.status_code == 422 and "The agreement began on" in early.content.decode()
    omar.post(url + "breach/", {"version": 4, "breached_on": today.isoformat(), "text": "Loud again", "tell": "on"})
    case.refresh_from_db()
    assert case.state == "reopened" and case.outcome == ""
    omar.post(url + "agree/", AGREED | {"version": 5, "terms": "The bass is off after nine."})
    task.refresh_from_db()
    assert task.done_at and Task.objects.filter(sort="review", done_at=None).count() == 1  # one review, the new one
    assert f"Not kept once:</strong> {today}" in _page(omar, case)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"consented": ""}, "Record this only when each side has said yes."),
        ({"parties": "Upstairs neighbour"}, "An agreement needs two sides."),
        ({"quiet_until": "22:00"}, "Give two different times."),
        ({"quiet_from": "late"}, "Enter hours and minutes, such as 14:05."),
        ({"starts_on": "2031-03-01", "review_on": "2031-02-01"}, "Choose a day after the agreement begins."),
        ({"days": []}, "Answer this question."),
    ],
)
def test_an_agreement_needs_two_sides_that_said_yes(
    noisy: City, signed_in: Any, wrong: dict[str, Any], said: str
) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    answer = omar.post(f"/desk/{case.reference}/agree/", AGREED | wrong | {"version": 1})
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "The bass is off after ten." in page
    assert not Agreement.objects.exists()


def test_a_breach_needs_an_agreement(noisy: City, signed_in: Any) -> None:
    case, omar = _case(noisy), signed_in(noisy.omar)
    url = f"/desk/{case.reference}/"
    omar.post(url + "resolve/", {"version": 1, "outcome": "visited", "message": "We talked."})
    answer = omar.post(url + "breach/", {"version": 2, "breached_on": "2026-03-11", "text": "Loud"})
    assert answer.status_code == 422 and "There is no agreement on this case." in answer.content.decode()


def test_the_reporter_reads_the_agreement_in_their_language(noisy: City, signed_in: Any) -> None:
    opened = make.concern(noisy.noise, email="rosa@example.org", told_by="email", language="es", at=timezone.now())
    omar = signed_in(noisy.omar)
    omar.post(f"/desk/{opened.case.reference}/agree/", AGREED | {"version": 1})
    send_due(at=(timezone.now() + dt.timedelta(days=1)).replace(hour=18))
    rosa = Client()
    visit = rosa.post("/return/", {"code": opened.code})
    page = rosa.get(visit["Location"]).content.decode()
    assert "The bass is off after ten." in page and "22:00" in page
    assert "Upstairs neighbour" not in page and "Downstairs neighbour" not in page


def test_repeats_count_the_same_place_and_what_the_reader_may_see(noisy: City, signed_in: Any) -> None:
    now = timezone.now()
    near, far = (make.NORTH[0] + 0.0003, make.NORTH[1]), (make.NORTH[0] + 0.002, make.NORTH[1])  # 33 m, 220 m
    first = _case(noisy, at=now - dt.timedelta(days=300))
    second = _case(noisy, at=now - dt.timedelta(days=20), place=near, address="Elsewhere")
    by_address = _case(noisy, at=now - dt.timedelta(days=10), place=None, area_id=noisy.north.pk,
                       address="100 n state st")  # fmt: skip
    _case(noisy, at=now - dt.timedelta(days=400))
    _case(noisy, at=now - dt.timedelta(days=5), place=far, address="200 N State St")
    make.concern(noisy.vehicle, at=now - dt.timedelta(days=5))
    case, omar = _case(noisy, at=now), signed_in(noisy.omar)
    page = _page(omar, case)
    panel = page[page.index('id="repeats"') :][:2000]
    assert "Reported 3 other times in twelve months." in panel
    assert all(found.reference in panel for found in (first, second, by_address))

    olga = signed_in(noisy.olga)  # of the south
    south = _case(noisy, at=now, place=make.SOUTH)
    assert "No other time in twelve months." in _page(olga, south)


def test_repeats_cost_one_statement_however_many_there_are(noisy: City, signed_in: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    now, omar = timezone.now(), signed_in(noisy.omar)
    case = _case(noisy, at=now)
    omar.post(f"/desk/{case.reference}/measure/", MEASURED | {"version": 1})  # a case without any is not asked for them
    _page(omar, case)
    with CaptureQueriesContext(connection) as few:
        _page(omar, case)
    for _ in range(7):
        _case(noisy, at=now)
    for version in (2, 3):
        omar.post(f"/desk/{case.reference}/measure/", MEASURED | {"version": version})
    _page(omar, case)
    with CaptureQueriesContext(connection) as many:
        assert "Reported 7 other times" in _page(omar, case)
    assert abs(len(many) - len(few)) <= 1  # the deed that can be undone is looked up once it is one's own


def test_whoever_enters_a_report_learns_that_it_is_not_the_first(noisy: City, signed_in: Any) -> None:
    earlier = _case(noisy, at=timezone.now() - dt.timedelta(days=9), place=None, area_id=noisy.north.pk)
    answer = signed_in(noisy.cleo).post(
        "/desk/new/",
        {
            "channel": "phone", "category": noisy.noise.pk, "text": "Loud again", "address": "100 N State St",
            "area": noisy.north.pk, "told_by": "none", "language": "en",
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 201 and "Reported 1 other time in twelve months." in page
    assert earlier.reference in page


def test_limits_are_kept_in_the_office_with_their_history(noisy: City, signed_in: Any) -> None:
    ada = signed_in(noisy.ada)
    row = {"zone": "Mixed  use", "starts": "07:00", "ends": "22:00", "level_db": "65", "source": "Demo code § 9"}
    assert ada.post("/office/soundlimit/new/", row | {"level_db": "300"}).status_code == 422
    assert ada.post("/office/soundlimit/new/", row).status_code == 302
    made = SoundLimit.objects.get(zone="Mixed use")
    again = ada.post("/office/soundlimit/new/", row | {"zone": "mixed use"})
    assert again.status_code == 422 and "has a limit from this time on already" in again.content.decode()
    assert ada.post(f"/office/soundlimit/{made.pk}/", row | {"level_db": "60"}).status_code == 302
    made.refresh_from_db()
    history = ada.get(f"/office/soundlimit/{made.pk}/history/").content.decode()
    assert made.level_db == 60 and "65" in history and "60" in history
    assert signed_in(noisy.omar).get("/office/soundlimit/").status_code in {403, 404}
