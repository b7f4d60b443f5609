"""What the pages of several kinds of case have in common: days that have been, people by name, no dead ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, ResponseTemplate
from commonbeat.core.actor import ANONYMOUS
from commonbeat.core.fields import Invalid
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.journeys.test_field_report import Desk
from tests.journeys.test_missing import published, reported, saw
from tests.journeys.test_missing import typed as about_missing

THANKS = {"text": "She stayed with my father.", "who": "anonymous", "language": "en"}


@pytest.mark.parametrize(
    ("kind", "path", "field", "form"),
    [
        ("missing", "/missing/report/form/", "seen_at", about_missing()),
        ("commendation", "/commend/", "happened_on", THANKS),
        ("complaint", "/complaint/", "happened_on", THANKS | {"behalf": "self"}),
    ],
)
def test_what_happened_does_not_lie_in_the_future(
    city: City, client: Client, kind: str, path: str, field: str, form: dict[str, Any]
) -> None:
    day = timezone.localdate() + dt.timedelta(days=2)
    late = f"{day}T10:00" if field == "seen_at" else f"{day}"
    answer = client.post(path, form | {"area": city.north.pk, field: late})
    page = answer.content.decode()
    assert answer.status_code == 422 and "This lies in the future. Enter when it was." in page
    assert late in page and form["text"] in page, "nothing that was typed is lost"
    assert not Case.objects.filter(kind=kind).exists()
    report = Report(text="x", area_id=city.north.pk, answers={field: late}, complete=False)
    with pytest.raises(Invalid, match="lies in the future"):
        open_case(kind, report, actor=ANONYMOUS, at=timezone.now())
    today = timezone.localtime().strftime("%Y-%m-%dT%H:%M" if field == "seen_at" else "%Y-%m-%d")
    assert client.post(path, form | {"area": city.north.pk, field: today}).status_code == 201
    assert Case.objects.filter(kind=kind).exists()


def test_people_of_talks_and_of_a_follow_up_are_told_apart(city: City, signed_in: Any) -> None:
    for slug, expected in (("conference", "the painter"), ("follow_up", "The person harmed")):
        kind = KINDS[slug]
        case = opening_of(kind).open_one(city)
        opening_of(kind).work_on(case)
        case.refresh_from_db()
        user = make.user(f"Reader {slug}", "liaison")
        Case.objects.filter(pk=case.pk).update(assignee=user)
        people = signed_in(user).get(f"/desk/{case.reference}/").context["people"]
        labels = [row["label"] for row in people if row["role"] == "third_party"]
        assert labels and "Somebody else" not in labels, (slug, labels)
        assert slug != "follow_up" or expected in labels


def test_a_sighting_is_judged_once_there_is_one(city: City, client: Client, signed_in: Any) -> None:
    case, _code, bulletin = published(client, city, signed_in)
    desk = Desk(signed_in(city.sam), case)
    page = desk.page()
    assert "Nobody has told us of a sighting." in page and "?step=judge" not in page
    assert client.post(f"/missing/{bulletin.key}/saw/", saw()).status_code == 201
    page = desk.page()
    assert "?step=judge&amp;sighting=" in page and "Nobody has told us" not in page


def test_pages_say_plainly_how_it_came_in_and_what_is_optional(city: City, client: Client, signed_in: Any) -> None:
    case, _code = reported(client, city)
    page = Desk(signed_in(city.sam), case).page()
    assert "Report received (Website)" in page
    Case.objects.filter(pk=case.pk).update(address=city.north.name)
    page = Desk(signed_in(city.sam), case).page()
    assert page.count(f">{city.north.name}<") == 1, "a place that is only an area is named once"
    concern = make.concern(city.noise).case
    form = Desk(signed_in(city.omar), concern).page("?step=withdraw")
    assert form.count("(optional)") == 1


def test_an_error_keeps_the_letter_that_was_chosen(city: City, signed_in: Any) -> None:
    letters = [
        ResponseTemplate.objects.create(slug=slug, language="en", title=slug, body="About {reference}.")
        for slug in ("read", "visited")
    ]
    desk = Desk(signed_in(city.omar), make.concern(city.noise).case)
    page = desk.refused("message", "Answer this question.", message="", letter=letters[1].pk)
    assert f'<option value="{letters[1].pk}" selected>' in page and page.count(" selected>visited") == 1


def test_a_row_without_place_or_clock_shows_no_empty_label(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    client = signed_in(city.omar)
    assert 'data-label="Where"' in client.get("/desk/?view=all").content.decode()
    Case.objects.filter(pk=case.pk).update(address=city.north.name, clocks={}, due_at=None)
    page = client.get("/desk/?view=all").content.decode()
    assert page.count(city.north.name) - page.count(f">{city.north.name}</option>") == 1, "the place is said once"
    assert 'data-label="Clock"' not in page and 'data-label="With"' in page
