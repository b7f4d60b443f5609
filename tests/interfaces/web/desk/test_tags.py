"""Tags: put on and taken off by a step, on one case or many, seen by staff alone, found again by a filter."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Bulk, Case, SavedSearch
from commonbeat.cases.tags import Tag
from commonbeat.community.access import make_key
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.journal import history
from commonbeat.journal.models import Entry
from commonbeat.publishing.models import PublicCase
from tests import make
from tests.conftest import City


def a_tag(name: str, **fields: Any) -> Tag:
    """A tag made as the office makes it."""
    values = {"name": name, "code": name.lower().replace(" ", "-")} | fields
    made = history.add(Tag(), values, actor=Actor(sort="system"), at=make.NOW)
    assert isinstance(made, Tag)
    return made


def tagged(case: Case, *codes: str, actor: Actor) -> Entry:
    return act(case, "tag", data={"put_on": list(codes)}, actor=actor, at=timezone.now())


def test_an_officer_puts_tags_on_takes_one_off_and_takes_that_back(city: City, signed_in: Any) -> None:
    event, night = a_tag("Event"), a_tag("At night")
    a_tag("Old word", retired_at=make.NOW)
    case, browser = make.concern(city.noise).case, signed_in(city.omar)
    page = browser.get(f"/desk/{case.reference}/?step=tag").content.decode()
    assert "Event" in page and "At night" in page and "Old word" not in page and 'name="take_off"' not in page
    sent = {"version": 1, "put_on": ["event", "at-night"], "note": "The festival on Clark Street"}
    browser.post(f"/desk/{case.reference}/tag/", sent)
    case.refresh_from_db()
    assert case.tags == sorted([event.pk, night.pk]) and case.version == 2
    page = browser.get(f"/desk/{case.reference}/").content.decode()
    assert f"tag={event.pk}" in page and "on: Event, At night" in page and "The festival on Clark Street" in page
    form = browser.get(f"/desk/{case.reference}/?step=tag").content.decode().split('id="step"')[1].split("</form>")[0]
    assert 'name="take_off" value="event"' in form and 'name="put_on"' not in form
    browser.post(f"/desk/{case.reference}/tag/", {"version": 2, "take_off": "event"})
    case.refresh_from_db()
    assert case.tags == [night.pk]
    last = Entry.objects.filter(verb="case.tag").latest("number")
    assert last.data["taken_off"] == ["event"] and last.audience == "internal"
    browser.post(f"/desk/{case.reference}/undo/", {"entry": last.number})
    case.refresh_from_db()
    assert case.tags == sorted([event.pk, night.pk])


def test_what_cannot_be_done_is_said_and_what_was_typed_stays(city: City, signed_in: Any) -> None:
    a_tag("Event")
    a_tag("Old word", retired_at=make.NOW)
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    tagged(case, "event", actor=sam)
    for data, words in (
        ({"put_on": ["nothing"]}, "There is no tag “nothing”"),
        ({"put_on": ["old-word"]}, "out of use"),
        ({"put_on": ["event"], "take_off": ["event"]}, "cannot be put on and taken off"),
        ({"put_on": ["event"]}, "Nothing would change"),
        ({}, "Nothing would change"),
    ):
        with pytest.raises(Invalid, match=words):
            act(case, "tag", data=data, actor=sam, at=timezone.now())
    assert Entry.objects.filter(verb="case.tag").count() == 1
    answer = signed_in(city.omar).post(
        f"/desk/{case.reference}/tag/", {"version": 2, "put_on": "old-word", "note": "kept words"}
    )
    assert answer.status_code == 422 and "kept words" in answer.content.decode()


def test_many_are_tagged_at_once_with_one_note_and_taken_back(city: City, signed_in: Any) -> None:
    event, _night = a_tag("Event"), a_tag("At night")
    cases = [make.concern(city.noise).case for _ in range(3)]
    tagged(cases[0], "event", actor=city.actor(city.sam))
    browser = signed_in(city.omar)
    chosen = {"case": [case.pk for case in cases], "step": "tag"}
    assert '<option value="tag">' in browser.get("/desk/?view=all").content.decode()
    form = browser.post("/desk/bulk/", chosen).content.decode()
    assert 'name="put_on" value="event"' in form and 'name="take_off" value="event"' in form
    assert 'name="take_off" value="at-night"' not in form, "no chosen case has it"
    assert "Messages leave" not in form and "take all of it back within 10 minutes" in form
    sent = {**chosen, "go": "1", "put_on": ["event"], "note": "Street festival"}
    page = browser.post("/desk/bulk/", sent, follow=True).content.decode()
    assert "Done on 2 cases" in page and "Not done on 1 case" in page and "Nothing would change" in page
    mine = Entry.objects.filter(verb="case.tag", actor_id=city.omar.pk)
    assert [(entry.personal or {})["text"] for entry in mine] == ["Street festival"] * 2
    assert Case.objects.tagged(event.pk).count() == 3
    browser.post(f"/desk/bulk/{Bulk.objects.get().pk}/undo/")
    assert [case.pk for case in Case.objects.tagged(event.pk)] == [cases[0].pk]


def test_the_list_shows_tags_filters_by_them_and_keeps_the_filter(city: City, signed_in: Any) -> None:
    event, night = a_tag("Event"), a_tag("At night")
    noise, vehicle = make.concern(city.noise, text="A rooster").case, make.concern(city.vehicle, text="A rooster").case
    tagged(noise, "event", "at-night", actor=city.actor(city.sam))
    tagged(vehicle, "event", actor=city.actor(city.sam))
    browser = signed_in(city.omar)

    def shown(query: str) -> list[str]:
        page = browser.get(f"/desk/?view=all&{query}").content.decode()
        return [case.reference for case in (noise, vehicle) if f"/desk/{case.reference}/" in page]

    assert shown(f"tag={event.pk}") == [noise.reference, vehicle.reference]
    assert shown(f"tag={event.pk}&category={city.vehicle.pk}&q=rooster") == [vehicle.reference]
    assert shown(f"tag={night.pk}") == [noise.reference] and shown("tag=987654") == []
    assert shown("tag=nonsense") == [noise.reference, vehicle.reference]
    page = browser.get(f"/desk/?view=all&tag={night.pk}").content.decode()
    assert f'<option value="{night.pk}" selected' in page and '<span class="status">At night</span>' in page
    answer = browser.get(f"/desk/cases.csv?view=all&tag={night.pk}")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Tags"] for row in rows] == ["At night; Event"]
    browser.post("/desk/searches/", {"name": "Nights", "query": f"view=all&tag={night.pk}"})
    assert SavedSearch.objects.get().query == f"view=all&tag={night.pk}"
    assert "At night" in browser.get("/desk/searches/").content.decode()
    point = browser.get(f"/desk/map.geojson?view=all&tag={night.pk}").json()["features"]
    assert [one["properties"]["url"] for one in point] == [f"/desk/{noise.reference}/"]


def test_neither_partners_nor_reporters_nor_the_public_learn_of_tags(city: City, signed_in: Any) -> None:
    event = a_tag("Pilot project")
    opened = make.concern(city.noise)
    case, sam = opened.case, city.actor(city.sam)
    act(case, "assign", data={"team": city.team.pk}, actor=sam, at=timezone.now())
    tagged(case, "pilot-project", actor=sam)
    partner = signed_in(make.user("Paula Partner", "partner", team=city.team))
    for address in ("/desk/", f"/desk/{case.reference}/", "/desk/?view=all"):
        page = partner.get(address).content.decode()
        assert case.reference in page and "Pilot project" not in page and 'name="tag"' not in page
    assert case.reference not in partner.get(f"/desk/?view=all&tag={event.pk}").content.decode()
    assert "Pilot project" not in partner.get("/desk/cases.csv?view=all").getvalue().decode()
    assert partner.get(f"/desk/{case.reference}/?step=tag").status_code in {200, 404}
    assert partner.post(f"/desk/{case.reference}/tag/", {"put_on": "pilot-project"}).status_code == 409
    assert "tag" not in " ".join(field.name for field in PublicCase._meta.get_fields())
    public = Client()
    for address in (f"/cases/{case.reference}/", f"/open311/v2/requests/{case.reference}.json", "/open311/bulk.json"):
        answer = public.get(address)
        told = answer.getvalue() if answer.streaming else answer.content
        assert case.reference in told.decode() and b"pilot" not in told.lower(), address
    mine = public.post("/return/", {"code": opened.code}, follow=True).content.decode()
    assert case.reference in mine and "pilot" not in mine.lower()


def test_programs_of_the_department_read_filter_and_set_tags(city: City, client: Any) -> None:
    a_tag("Event", description="Street festivals")
    case, other = make.concern(city.noise).case, make.concern(city.noise).case
    secret = make_key("Board", scopes=["cases:read", "cases:write"], at=timezone.now())[1]
    head = {"headers": {"Authorization": f"Bearer {secret}"}}
    body = {"data": {"put_on": ["event"]}, "version": 1}
    told = client.post(f"/api/v1/cases/{case.reference}/steps/tag", body, content_type="application/json", **head)
    assert told.status_code == 200 and told.json()["tags"] == ["event"]
    assert [c["reference"] for c in client.get("/api/v1/cases?tag=event", **head).json()["cases"]] == [case.reference]
    assert client.get("/api/v1/cases?tag=nothing", **head).json()["cases"] == []
    assert client.get(f"/api/v1/cases/{other.reference}", **head).json()["tags"] == []
    assert client.get("/api/v1/tags", **head).json()["tags"] == [
        {"code": "event", "name": "Event", "description": "Street festivals", "retired": False}
    ]
    wrong = {"data": {"put_on": ["nothing"]}}
    refused = client.post(f"/api/v1/cases/{case.reference}/steps/tag", wrong, content_type="application/json", **head)
    assert refused.status_code == 422 and "There is no tag" in refused.content.decode()
    assert client.get("/api/v1/tags").status_code in {401, 403}


def test_a_renamed_tag_has_its_new_name_everywhere_and_a_retired_one_stays_readable(city: City, signed_in: Any) -> None:
    tag, case = a_tag("Event"), make.concern(city.noise).case
    tagged(case, "event", actor=city.actor(city.sam))
    history.change(tag, {"name": "Street event", "retired_at": make.NOW}, actor=city.actor(city.ada), at=make.NOW)
    browser = signed_in(city.omar)
    page = browser.get(f"/desk/{case.reference}/").content.decode()
    assert "on: Street event" in page and f"tag={tag.pk}" in page
    assert "Street event" in browser.get("/desk/?view=all").content.decode()
    assert 'value="event"' in browser.get(f"/desk/{case.reference}/?step=tag").content.decode(), "can be taken off"


def test_tags_cost_neither_the_list_nor_the_case_a_statement(city: City, signed_in: Any) -> None:
    cases = [make.concern(city.noise).case for _ in range(3)]
    browser = signed_in(city.omar)

    def reads(address: str) -> int:
        browser.get(address)
        with CaptureQueriesContext(connection) as seen:
            browser.get(address)
        return len([q for q in seen if "referencestamp" not in q["sql"]])

    addresses = ("/desk/?view=all", f"/desk/{cases[0].reference}/")
    before = [reads(address) for address in addresses]
    for name in ("Event", "At night", "School route"):
        a_tag(name)
    for case in cases:
        tagged(case, "event", "at-night", "school-route", actor=city.actor(city.sam))
    assert [reads(address) for address in addresses] == before


def test_looking_for_a_tag_uses_the_index_of_tagged_cases(city: City) -> None:
    tag = a_tag("Event")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        sql, values = Case.objects.tagged(tag.pk).values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", values)
        assert "case_tags" in "\n".join(row[0] for row in cursor.fetchall())


def test_the_office_makes_renames_retires_and_restores_tags_with_their_history(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    assert "Tags describe the matter, never a person" in ada.get("/office/tag/").content.decode()
    ada.post("/office/tag/new/", {"name": "School route", "description": "On the way to a school", "code": ""})
    tag = Tag.objects.get()
    assert tag.code == "school-route"
    same = ada.post("/office/tag/new/", {"name": "school ROUTE", "description": "kept", "code": "another"})
    assert same.status_code == 422 and "kept" in same.content.decode()
    page = ada.post(
        f"/office/tag/{tag.pk}/", {"name": "Way to school", "description": "", "code": tag.code}, follow=True
    )
    assert "Way to school" in page.content.decode() and f"/desk/?view=all&amp;tag={tag.pk}" in page.content.decode()
    ada.post(f"/office/tag/{tag.pk}/retire/")
    assert Tag.objects.get().retired_at and "Way to school" in ada.get("/office/tag/?retired=1").content.decode()
    ada.post(f"/office/tag/{tag.pk}/retire/")
    ada.post(f"/office/tag/{tag.pk}/restore/", {"number": "1"})
    tag.refresh_from_db()
    assert (tag.name, tag.retired_at) == ("School route", None)
    assert "Way to school" in ada.get(f"/office/tag/{tag.pk}/history/").content.decode()
    assert signed_in(city.omar).get("/office/tag/").status_code == 404


def test_rule_01_a_tag_names_no_person_and_no_view(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    for name in ("Muslim", "Political activist", "Activistas", "Republicans", "صاحب رأي سياسي"):
        answer = ada.post("/office/tag/new/", {"name": name, "code": ""})
        assert answer.status_code == 422 and "Such tags are not kept" in answer.content.decode(), name
        still = ada.post("/office/tag/new/", {"name": name, "code": "", "about_nobody": "on"})
        assert still.status_code == 422
    personal = {"name": "Maria Gonzalez case", "description": "Call 312-555-0142", "code": ""}
    answer = ada.post("/office/tag/new/", personal)
    page = answer.content.decode()
    assert answer.status_code == 422 and "points at a person" in page and 'name="about_nobody"' in page
    assert "Maria Gonzalez case" in page and Tag.objects.count() == 0
    ada.post("/office/tag/new/", {"name": "Festival John Smith Park", "code": "", "about_nobody": "on"})
    assert Tag.objects.get().name == "Festival John Smith Park"
    assert 'name="about_nobody"' not in ada.get("/office/tag/new/").content.decode()


def test_tags_of_a_destroyed_case_are_gone(city: City) -> None:
    tag, case = a_tag("Event"), make.concern(city.noise).case
    tagged(case, "event", actor=city.actor(city.sam))
    case.delete()
    touch("tags")
    assert Case.objects.tagged(tag.pk).count() == 0 and Tag.objects.filter(pk=tag.pk).exists()
