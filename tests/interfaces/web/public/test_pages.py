"""The public pages: areas, cards, outcomes, officers, feeds, and pages that say what went wrong."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.community.models import Cover
from commonbeat.community.reference import touch
from commonbeat.interfaces.web.public.shown import area_url
from commonbeat.journal.models import OutboxMessage
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.outcomes import publish, withdraw
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db


def resolved(city: City, **fields: Any) -> Any:
    """A concern that was solved a moment ago, with its outcome still a draft."""
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH, **fields).case
    done = {"outcome": "towed", "message": "We towed the van."}
    act(case, "resolve", data=done, actor=city.actor(city.sam), at=timezone.now())
    return case


def published(city: City, words: dict[str, dict[str, Any]] | None = None) -> Publication:
    """An outcome that a second person published."""
    row = Publication.objects.get(case_number=resolved(city).pk)
    if words:
        Publication.objects.filter(pk=row.pk).update(words=words)
        row.refresh_from_db()
    publish(row, actor=city.actor(city.ed), at=timezone.now(), version=row.version)
    return row


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/about/",
        "/privacy/",
        "/accessibility/",
        "/areas/",
        "/officers/",
        "/outcomes/",
        "/return/",
        "/follow/",
        "/report/",
    ],
)
def test_every_page_opens_with_an_empty_installation_and_sets_no_session(
    db: None, client: Client, address: str
) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert "sessionid" not in client.cookies
    assert 'href="tel:911"' in page.content.decode()


def test_pages_ask_no_third_party_and_block_on_two_files_at_most(city: City, client: Client) -> None:
    for address in ("/", "/report/", area_url(city.south)):
        text = client.get(address).content.decode()
        head = text.partition("</head>")[0]
        assert head.count('rel="stylesheet"') <= 2 and "<script>" not in text and "style=" not in text
        assert all(part.startswith(("/", "#", '"')) for part in text.split(' src="')[1:])


# --- areas ------------------------------------------------------------------------------------------


def test_an_area_shows_cards_only_with_its_officer_and_hides_small_counts(city: City, client: Client) -> None:
    make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH, text="Very private words", address="1 Secret St")
    make.concern(city.noise, at=timezone.now(), place=make.NORTH)
    text = client.get(area_url(city.south)).content.decode()
    assert "Abandoned vehicle" in text and "Olga Officer" in text and "fewer than 5" in text
    assert "Very private words" not in text and "Secret St" not in text and ">Noise</a>" not in text


def test_the_list_of_an_area_pages_by_key_filters_and_asks_a_fixed_number_of_questions(
    city: City, client: Client, django_assert_max_num_queries: Any
) -> None:
    start = timezone.now() - dt.timedelta(days=9)
    for n in range(45):
        make.concern(city.vehicle if n % 2 else city.noise, at=start + dt.timedelta(hours=n), place=make.SOUTH)
    address = area_url(city.south)
    client.get(address)
    with django_assert_max_num_queries(6):  # one of them for its next meetings
        first = client.get(address).content.decode()
    seen, page, turns = set(), first, 0
    while True:
        turns += 1
        here = set(re.findall(r"/cases/(CB-[^/]+)/", page))
        assert not seen & here
        seen |= here
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if not older:
            break
        page = client.get(address + older[1].replace("&amp;", "&")).content.decode()
    assert len(seen) == 45 and turns == 3
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer and client.get(address + newer[1].replace("&amp;", "&")).status_code == 200
    only = client.get(address, {"category": city.noise.pk, "state": "open"}).content.decode()
    assert ">Noise</a>" in only and ">Abandoned vehicle</a>" not in only
    assert client.get(address, {"at": "older.x.y"}).status_code == 404


def test_an_old_or_short_address_of_an_area_leads_to_the_right_one(city: City, client: Client) -> None:
    assert client.get(f"/areas/{city.south.pk}/?state=open")["Location"] == f"{area_url(city.south)}?state=open"
    assert client.get("/areas/99999/").status_code == 404


def test_the_map_is_never_stale_comes_compressed_and_is_not_sent_twice(city: City, client: Client) -> None:
    address = f"/areas/{city.south.pk}/cards.geojson"
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH).case
    first = client.get(address, headers={"Accept-Encoding": "gzip"})
    [point] = json.loads(gzip.decompress(first.content))["features"]
    assert point["geometry"]["coordinates"] != [make.SOUTH[1], make.SOUTH[0]]
    assert point["properties"]["url"] == f"/cases/{case.reference}/" and point["properties"]["tone"] == "new"
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    second = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200 and json.loads(second.content)["features"][0]["properties"]["tone"] == "active"
    PublicCase.objects.update(hidden=True)
    assert json.loads(client.get(address).content)["features"] == []


def test_a_card_with_a_delay_appears_on_the_kept_map_when_its_time_comes(city: City, client: Client) -> None:
    from commonbeat.interfaces.web.public.maps import card_points

    late = make.category("late", name="Late", public_delay_hours=24)
    now = timezone.now()
    make.concern(late, at=now, place=make.SOUTH)
    before = json.loads(card_points(city.south.pk, language="en", at=now).plain)["features"]
    after = json.loads(card_points(city.south.pk, language="en", at=now + dt.timedelta(hours=25)).plain)["features"]
    assert (len(before), len(after)) == (0, 1)


def test_the_kept_map_costs_one_statement(city: City, client: Client, django_assert_max_num_queries: Any) -> None:
    make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH)
    address = f"/areas/{city.south.pk}/cards.geojson"
    client.get(address)
    with django_assert_max_num_queries(2):  # the stamps of reference data, and the stamp of the cards
        client.get(address)


def test_outlines_name_each_area_and_lead_to_its_page(city: City, client: Client) -> None:
    features = json.loads(client.get("/areas/outlines.geojson").content)["features"]
    assert {f["properties"]["name"] for f in features} == {"North", "South"}
    assert client.get(features[0]["properties"]["url"]).status_code == 200


def test_feeds_are_atom_and_carry_no_private_word(city: City, client: Client) -> None:
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH, text="Very private words").case
    feed = client.get(f"/areas/{city.south.pk}/feed/")
    assert feed["Content-Type"].startswith("application/atom+xml") and case.reference in feed.content.decode()
    assert "Very private words" not in feed.content.decode()
    row = published(city)
    assert f"/outcomes/{row.pk}/" in client.get("/outcomes/feed/").content.decode()
    assert f"/outcomes/{row.pk}/" not in client.get("/outcomes/feed/", {"area": city.north.pk}).content.decode()


# --- what was done ------------------------------------------------------------------------------------


def test_only_what_a_second_person_published_is_shown_and_what_is_withdrawn_is_gone(city: City, client: Client) -> None:
    resolved(city)
    assert "We towed the van." not in client.get("/outcomes/").content.decode()
    row = published(city)
    assert "We towed the van." in client.get("/outcomes/").content.decode()
    assert "We towed the van." in client.get(f"/outcomes/{row.pk}/").content.decode()
    assert "We towed the van." in client.get("/").content.decode()
    withdraw(row, actor=city.actor(city.ed), at=timezone.now(), reason="Wrong case")
    assert client.get(f"/outcomes/{row.pk}/").status_code == 404
    assert "We towed the van." not in client.get(area_url(city.south)).content.decode()


def test_outcomes_are_filtered_by_area_category_and_period(city: City, client: Client) -> None:
    make.category("house-watch", name="Watch over a house", kind="service")
    assert "Watch over a house" not in client.get("/outcomes/").content.decode(), "nobody reads what became of it"
    row = published(city)
    for filters, shown in (
        ({"area": city.south.pk}, True), ({"area": city.north.pk}, False), ({"category": city.vehicle.pk}, True),
        ({"category": city.noise.pk}, False), ({"period": "month"}, True), ({"area": "x'; --"}, True),
    ):  # fmt: skip
        assert (f"/outcomes/{row.pk}/" in client.get("/outcomes/", filters).content.decode()) is shown, filters
    Publication.objects.update(published_at=timezone.now() - dt.timedelta(days=60))
    assert f"/outcomes/{row.pk}/" not in client.get("/outcomes/", {"period": "month"}).content.decode()
    assert f"/outcomes/{row.pk}/" in client.get("/outcomes/", {"period": "quarter"}).content.decode()


def test_machine_translations_are_labelled_and_other_languages_are_marked(city: City, client: Client) -> None:
    english, spanish = (
        {"title": "Van", "said": "", "did": "It was towed."},
        {"title": "Furgoneta", "did": "La grúa vino."},
    )
    row = published(city, {"en": english, "es": spanish | {"machine": True}})
    text = client.get(f"/outcomes/{row.pk}/", headers={"Accept-Language": "es"}).content.decode()
    assert "La grúa vino." in text and "Esto lo tradujo una máquina" in text
    row = published(city, {"es": spanish})
    text = client.get(f"/outcomes/{row.pk}/").content.decode()
    assert 'lang="es"' in text and "This was written in" in text and "machine" not in text


def test_the_list_of_outcomes_asks_a_fixed_number_of_questions(
    city: City, client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        published(city)
    client.get("/outcomes/")
    with django_assert_max_num_queries(2):
        client.get("/outcomes/")


# --- officers -----------------------------------------------------------------------------------------


def test_my_officer_is_found_by_list_point_and_words(city: City, client: Client) -> None:
    for asked in (
        {"area": city.north.pk},
        {"lat": make.NORTH[0], "long": make.NORTH[1]},
        {"address": "somewhere in nórth"},
    ):
        assert "Omar Officer" in client.get("/officers/", asked).content.decode(), asked
    assert "We have no list of addresses" in client.get("/officers/", {"address": "5100 S Ellis Ave"}).content.decode()
    assert "outside the area" in client.get("/officers/", {"lat": "45", "long": "-93"}).content.decode()


def test_whoever_covers_is_named_with_the_day_and_unlisted_people_are_not_shown(city: City, client: Client) -> None:
    today = timezone.localdate()
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today + dt.timedelta(days=3))
    text = client.get("/officers/", {"area": city.north.pk}).content.decode()
    assert "Olga Officer covers for Omar Officer until" in text
    type(city.olga).objects.filter(pk=city.olga.pk).update(listed=False)
    touch("officers")
    text = client.get("/officers/", {"area": city.north.pk}).content.decode()
    assert "Olga Officer" not in text and "Omar Officer is away until" in text


# --- the rest -----------------------------------------------------------------------------------------


def test_the_outbox_is_there_in_the_demo_only(db: None, client: Client, settings: Any) -> None:
    OutboxMessage.objects.create(
        at=timezone.now(),
        recipient="rosa@example.org",
        subject="Hello",
        body="See http://127.0.0.1:8000/return/link/x/ <b>",
    )
    settings.DEMO = False
    assert client.get("/outbox/").status_code == 404
    settings.DEMO = True
    text = client.get("/outbox/").content.decode()
    assert (
        "rosa@example.org" in text and '<a href="http://127.0.0.1:8000/return/link/x/"' in text and "&lt;b&gt;" in text
    )


def test_error_pages_say_what_to_do(db: None, client: Client, settings: Any, rf: Any) -> None:
    missing = client.get("/no/such/page/")
    assert missing.status_code == 404 and "Report a concern" in missing.content.decode()
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/report/", {"go": "next"})
    assert refused.status_code == 403 and "Go one page back" in refused.content.decode()
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"code": (1, 600)}
    client.post("/return/", {"code": "0000-0000-0000"})
    slow = client.post("/return/", {"code": "0000-0000-0000"})
    assert slow.status_code == 429 and slow["Retry-After"] and "Wait ten minutes" in slow.content.decode()


def test_the_page_for_our_own_errors_stands_without_a_database(rf: Any, monkeypatch: Any) -> None:
    from commonbeat.interfaces.web import errors, render

    def unreachable() -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(render, "current", unreachable)
    answer = errors.failed(rf.get("/"))
    assert answer.status_code == 500 and "Go one page back" in answer.content.decode()


def test_search_engines_are_kept_out_of_personal_pages(db: None, client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /my/" in text and "Disallow: /desk/" in text
    assert client.get("/manifest.webmanifest").json()["start_url"] == "/"
