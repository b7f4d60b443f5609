"""Administration through its pages: every change is kept, shown, and can be taken back."""

from __future__ import annotations

import datetime as dt
import html
import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commonbeat.cases.categories import Category, by_code, offered
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, RoutingRule
from commonbeat.cases.routing import CONDITIONS
from commonbeat.community.access import key_actor
from commonbeat.community.agency import current, setting
from commonbeat.community.models import Agency, ApiKey, Area, Holiday, RoleGrant, User
from commonbeat.community.places import officers_of, places
from commonbeat.community.reference import touch
from commonbeat.interfaces.web.office.forms.agency import AgencyForm
from commonbeat.interfaces.web.office.forms.categories import CategoryForm
from commonbeat.interfaces.web.office.forms.systems import event_choices
from commonbeat.interfaces.web.office.routing_words import SAY
from commonbeat.journal import history
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, Entry, Webhook
from tests import make
from tests.conftest import City


def url(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs=kwargs or None)


def category_data(category: Category, **changes: Any) -> dict[str, Any]:
    """What the form of a category sends when nobody changes anything, with changes."""
    form = CategoryForm(instance=Category.objects.get(pk=category.pk))
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in data.items() if value is not None and value is not False} | changes


def test_a_category_is_edited_shown_in_its_history_and_taken_back(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_category_edit", pk=city.noise.pk)
    answer = ada.post(
        page,
        category_data(city.noise, name_en="Noise at night", acknowledge_hours="8", keywords_en="loud, party, bass"),
    )
    assert answer.status_code == 302 and "?saved=1" in answer["Location"]
    known = by_code("noise")
    assert known and known.text("en").name == "Noise at night" and known.row.acknowledge_hours == 8
    assert known.text("en").keywords == ["loud", "party", "bass"]
    assert known.text("es").name == "Noise (es)"
    shown = ada.get(url("office_category_history", pk=city.noise.pk)).content.decode()
    assert "Ada Admin" in shown and "Noise at night" in shown and "24.0" in shown
    ada.post(url("office_category_restore", pk=city.noise.pk), {"number": "0"})
    known = by_code("noise")
    assert known and known.text("en").name == "Noise" and known.row.acknowledge_hours == 24
    assert [e.verb for e in Entry.objects.about("category", city.noise.pk)] == ["category.changed", "category.restored"]
    assert list(verify()) == []


def test_two_administrators_do_not_overwrite_each_other_and_nothing_typed_is_lost(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_category_edit", pk=city.noise.pk)
    ada.post(page, category_data(city.noise, version="0", name_en="First"))
    answer = ada.post(page, category_data(city.noise, version="0", name_en="Second thoughts"))
    assert answer.status_code == 409
    assert "Second thoughts" in answer.content.decode() and "Ada Admin changed this" in answer.content.decode()
    known = by_code("noise")
    assert known and known.text("en").name == "First"


def test_saving_what_is_stored_changes_nothing(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    answer = ada.post(url("office_category_edit", pk=city.noise.pk), category_data(city.noise))
    assert answer["Location"].endswith("?same=1") and not Entry.objects.filter(subject_kind="category").exists()


def question_data(**changes: Any) -> dict[str, Any]:
    return {
        "datatype": "singlevaluelist",
        "label_en": "When is it loud?",
        "choice_rows": "3",
        "choice_0_en": "By day",
        "choice_1_en": "At night",
    } | changes


def test_a_question_made_in_the_office_is_asked_in_the_report_form(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    answer = ada.post(url("office_question_new", pk=city.noise.pk), question_data(required="on"))
    assert answer.status_code == 302, answer.content.decode()
    stored = Category.objects.get(pk=city.noise.pk).questions
    assert stored[0]["code"] == "when_is_it_loud"
    assert [c["key"] for c in stored[0]["choices"]] == ["by_day", "at_night"]
    known = by_code("noise")
    assert known and known.fields[0].required and known.fields[0].label == "When is it loud?"
    ada.post(
        url("office_question_new", pk=city.noise.pk),
        {
            "datatype": "string",
            "label_en": "Which music?",
            "show_when": ["when_is_it_loud=at_night"],
            "choice_rows": "0",
        },
    )
    known = by_code("noise")
    assert known and known.fields[1].asked({"when_is_it_loud": "at_night"})
    assert not known.fields[1].asked({"when_is_it_loud": "by_day"})
    page = ada.get(url("office_questions", pk=city.noise.pk)).content.decode()
    assert "Which music?" in page and "asked after “When is it loud?”" in page


def test_rewording_an_answer_keeps_its_key_so_that_old_reports_stay_readable(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    ada.post(url("office_question_new", pk=city.noise.pk), question_data())
    ada.post(
        url("office_question", pk=city.noise.pk, code="when_is_it_loud"),
        question_data(
            choice_0_key="by_day", choice_0_en="During the day", choice_1_key="at_night", choice_2_en="Always"
        ),
    )
    choices = Category.objects.get(pk=city.noise.pk).questions[0]["choices"]
    assert [(c["key"], c["label"]["en"]) for c in choices] == [
        ("by_day", "During the day"),
        ("at_night", "At night"),
        ("always", "Always"),
    ]


def test_a_question_that_another_one_depends_on_is_neither_removed_nor_moved_behind_it(
    city: City, signed_in: Any
) -> None:
    ada, do = signed_in(city.ada), url("office_question_do", pk=city.noise.pk)
    ada.post(url("office_question_new", pk=city.noise.pk), question_data())
    ada.post(
        url("office_question_new", pk=city.noise.pk),
        {
            "datatype": "string",
            "label_en": "Which music?",
            "show_when": ["when_is_it_loud=at_night"],
            "choice_rows": "0",
        },
    )
    for deed in ("remove", "down"):
        answer = ada.post(do, {"deed": deed, "code": "when_is_it_loud"}, follow=True)
        assert "Change that first" in answer.content.decode()
    assert len(Category.objects.get(pk=city.noise.pk).questions) == 2
    ada.post(do, {"deed": "remove", "code": "which_music"})
    assert len(Category.objects.get(pk=city.noise.pk).questions) == 1


def test_more_rows_for_answers_appear_without_saving(city: City, signed_in: Any) -> None:
    answer = signed_in(city.ada).post(url("office_question_new", pk=city.noise.pk), question_data(more_rows="1"))
    page = answer.content.decode()
    assert 'name="choice_5_en"' in page and "At night" in page
    assert Category.objects.get(pk=city.noise.pk).questions == []


def test_a_category_in_use_is_retired_and_put_back_but_never_deleted(city: City, signed_in: Any) -> None:
    make.concern(city.noise)
    ada, retire = signed_in(city.ada), url("office_category_retire", pk=city.noise.pk)
    ada.post(retire)
    assert "noise" not in [known.row.code for known in offered()]
    assert Case.objects.get().category == city.noise
    ada.post(retire)
    assert "noise" in [known.row.code for known in offered()]
    assert ada.post(f"/office/category/{city.noise.pk}/remove/").status_code == 404


def _geojson(*names: str, **changes: Any) -> SimpleUploadedFile:
    features = [
        {
            "type": "Feature",
            "id": name.lower(),
            "properties": {"name": name},
            "geometry": make.square(41.9 - n * 0.1, -87.7),
        }
        for n, name in enumerate(names)
    ]
    document = {"type": "FeatureCollection", "features": features} | changes
    return SimpleUploadedFile("areas.geojson", json.dumps(document).encode(), "application/geo+json")


def test_new_boundaries_are_seen_before_they_are_stored_and_officers_follow(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_areas_upload")
    old = make.concern(city.noise).case
    sent = {"file": _geojson("North", "South", "West"), "level": "community_area", "revision": "2027"}
    look = ada.post(page, sent)
    text = look.content.decode()
    assert "1 new ones, and 2 that replace" in text and Area.objects.count() == 2
    token = look.context["token"]
    shapes = ada.get(url("office_areas_preview", token=token)).json()
    assert [f["properties"]["name"] for f in shapes["features"]] == ["North", "South", "West"]
    done = ada.post(page, {"level": "community_area", "revision": "2027", "token": token, "confirm": "1"})
    assert done.status_code == 302
    north = Area.objects.get(code="north", revision="2027")
    assert places().areas[north.pk].serves and city.north.pk not in places().areas
    assert officers_of(north.pk, at=timezone.now()).present == (city.omar,)
    old.refresh_from_db()
    assert old.area_id == city.north.pk
    assert make.concern(city.noise).case.area_id == north.pk
    assert list(verify()) == []


def test_a_file_that_cannot_be_used_says_what_to_do_and_stores_nothing(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_areas_upload")
    line = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Road"},
                "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
            }
        ],
    }
    files = {
        "not a GeoJSON file": b"PK\x03\x04 a shapefile",
        "is a LineString, not a polygon": json.dumps(line).encode(),
        "metres or feet": _geojson("East").read().replace(b"-87.7", b"448262.").replace(b"41.9", b"463000.9"),
    }
    for words, data in files.items():
        sent = {"file": SimpleUploadedFile("a.geojson", data), "level": "beat", "revision": "1"}
        answer = ada.post(page, sent)
        assert answer.status_code == 422 and words in answer.content.decode(), words
    repeated = ada.post(page, {"file": _geojson("North"), "level": "community_area", "revision": "1"})
    assert "exists already" in repeated.content.decode()
    assert Area.objects.count() == 2


def test_populations_are_read_from_lines_or_refused_whole(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_areas_populations")
    bad = ada.post(page, {"level": "community_area", "text": "north,2020,100\nnowhere,2020,5\nsouth,x,5"})
    assert "Line 2 names area “nowhere”" in bad.content.decode() and "Line 3 cannot be read" in bad.content.decode()
    assert Area.objects.get(pk=city.north.pk).population == {"2010": 50_000}
    ada.post(page, {"level": "community_area", "text": "code,year,residents\nnorth,2020,52000"})
    assert Area.objects.get(pk=city.north.pk).population == {"2010": 50_000, "2020": 52_000}


def agency_data(**changes: Any) -> dict[str, Any]:
    form = AgencyForm(instance=Agency.objects.get(pk=1))
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in data.items() if value is not None and value is not False} | changes


def test_the_agencys_numbers_are_checked_saved_and_taken_back(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_agency")
    assert ada.get(page).status_code == 200
    bad = ada.post(page, agency_data(timezone="Mars/Olympus", accent="red; }", until_0="07:00", set_minimum_count="1"))
    text = bad.content.decode()
    assert bad.status_code == 422 and "America/Chicago" in text and "six hexadecimal digits" in text
    assert "Closing time is after opening time." in text
    good = ada.post(page, agency_data(name="Lakeside Police", set_reopen_days="30", from_5="10:00", until_5="14:00"))
    assert good.status_code == 302, good.content.decode()
    assert current().name == "Lakeside Police" and setting("reopen_days") == 30
    assert current().hours["5"] == [["10:00", "14:00"]]
    ada.post(url("office_agency_restore"), {"number": "0"})
    assert current().name == "Police Department" and setting("reopen_days") == 14


def test_a_logo_is_cleaned_and_shown_and_other_files_are_not(city: City, signed_in: Any, client: Any) -> None:
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (64, 64), (20, 80, 90)).save(picture, "PNG")
    ada, page = signed_in(city.ada), url("office_agency")
    ada.get(page)
    answer = ada.post(page, agency_data(logo_file=SimpleUploadedFile("logo.png", picture.getvalue())))
    assert answer.status_code == 302
    shown = client.get(current().logo)
    assert shown.status_code == 200 and shown["Content-Type"] == "image/png"
    assert client.get(current().logo.replace("/office/logo/", "/office/logo/0")).status_code == 404
    bad = ada.post(page, agency_data(logo_file=SimpleUploadedFile("logo.svg", b"<svg onload=alert(1)/>")))
    assert bad.status_code == 422 and "PNG, JPEG or WebP" in bad.content.decode()


def test_public_holidays_of_a_year_are_added_once(city: City, signed_in: Any) -> None:
    ada, page = signed_in(city.ada), url("office_holidays_import")
    sent = {"country": "US", "subdivision": "IL", "year": "2027"}
    assert "Lincoln" in ada.get(page, sent).content.decode()
    ada.post(page, sent)
    count = Holiday.objects.count()
    assert count > 8 and Holiday.objects.filter(on=dt.date(2027, 7, 5)).exists()
    ada.post(page, sent)
    assert Holiday.objects.count() == count
    assert "Check the letters" in ada.get(page, sent | {"country": "XX"}).content.decode()


def test_people_are_invited_given_roles_and_cover_and_leave(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    sent = {
        "name": "Nina New",
        "email": "nina@example.org",
        "role": "officer",
        "areas": [city.south.pk],
        "language": "en",
    }
    answer = ada.post(url("office_user_invite"), sent)
    assert answer.status_code == 302, answer.content.decode()
    nina = User.objects.get(email="nina@example.org")
    do = url("office_user_do", pk=nina.pk)
    assert Delivery.objects.filter(template="invitation", recipient="nina@example.org").count() == 1
    assert city.actor(nina).has("officer") is False  # the role begins today, not in the past
    today = timezone.localdate()
    ada.post(do, {"deed": "give_role", "grant-role": "supervisor", "grant-since": today.isoformat()})
    ada.post(do, {"deed": "assign_area", "area-area": city.south.pk, "area-since": today.isoformat()})
    assert nina in officers_of(city.south.pk, at=timezone.now()).present
    until = (today + dt.timedelta(days=3)).isoformat()
    ada.post(
        do, {"deed": "set_cover", "cover-by": city.olga.pk, "cover-since": today.isoformat(), "cover-until": until}
    )
    assert [u for u, _cover in officers_of(city.south.pk, at=timezone.now()).away] == [nina]
    ada.post(do, {"deed": "leave"})
    nina.refresh_from_db()
    assert not nina.is_active and nina not in officers_of(city.south.pk, at=timezone.now()).present
    assert RoleGrant.objects.filter(user=nina, until=None).count() == 0
    verbs = [v.verb for v in history.history(nina)]
    assert verbs[0] == "user.left" and "user.cover_set" in verbs and verbs[-1] == "user.added"
    assert "nina@example.org" not in json.dumps([e.data for e in Entry.objects.about("user", nina.pk)])
    assert list(verify()) == []


def test_the_last_administrator_stays(city: City, signed_in: Any) -> None:
    ada, do = signed_in(city.ada), url("office_user_do", pk=city.ada.pk)
    grant = RoleGrant.objects.get(user=city.ada)
    answer = ada.post(do, {"deed": "end_role", "row": grant.pk}, follow=True)
    assert "nobody who can administer" in answer.content.decode()
    answer = ada.post(do, {"deed": "leave"}, follow=True)
    assert "cannot close your own account" in answer.content.decode()
    assert city.actor(User.objects.get(pk=city.ada.pk)).has("admin")


def rule_data(city: City, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Noise to the team",
        "order": "1",
        "team": city.team.pk,
        "active": "on",
        "categories": ["noise"],
    } | changes


def test_a_rule_is_tried_on_past_cases_before_it_is_saved(city: City, signed_in: Any) -> None:
    first, other = make.concern(city.noise).case, make.concern(city.vehicle).case
    sam = signed_in(city.sam)
    tried = sam.post(url("office_routing_try_new"), rule_data(city))
    page = tried.content.decode()
    assert "1 case would change" in page and first.reference in page and other.reference not in page
    assert "Outreach team" in page and RoutingRule.objects.count() == 0
    sam.post(url("office_routingrule_add"), rule_data(city))
    assert RoutingRule.objects.get().when == {"category": ["noise"]}
    assert make.concern(city.noise).case.team == city.team
    assert first.reference in sam.get(url("office_routing_trial")).content.decode()


def test_the_office_explains_which_rule_takes_a_report_and_why_others_do_not(city: City, signed_in: Any) -> None:
    RoutingRule.objects.create(order=1, name="Vehicles", when={"category": ["abandoned-vehicle"]}, team=city.team)
    RoutingRule.objects.create(order=2, name="The officer", area_officer=True)
    touch("routing")
    facts = {"category": "noise", "area": city.north.pk, "language": "en", "channel": "web", "at": "2026-03-11T10:00"}
    page = signed_in(city.sam).get(url("office_routing_explain"), facts).content.decode()
    assert "It goes to Omar Officer, by the rule “The officer”" in page and "another category" in page


def test_the_list_of_rules_says_in_words_what_they_look_at(
    city: City, signed_in: Any, django_assert_num_queries: Any
) -> None:
    city.noise.questions = [
        {"code": "kind", "datatype": "singlevaluelist", "label": {"en": "What is it?", "es": "¿Qué es?"},
         "choices": [{"key": "m", "label": {"en": "Music", "es": "Música"}}, {"key": "x", "label": {"en": "Else"}}]}
    ]  # fmt: skip
    city.noise.save()
    touch("categories")
    when = {
        "kind": ["concern"], "category": ["noise", "gone"], "area": [city.north.pk, 999_999], "language": ["es"],
        "channel": ["phone"], "weekdays": [0, 1, 2, 3, 4, 5], "hours": {"from": "20:00", "to": "04:00"},
        "answer": {"question": "kind", "in": ["m"]},
    }  # fmt: skip
    assert set(when) | {"group"} == set(CONDITIONS) == set(SAY)
    RoutingRule.objects.create(order=1, name="Nights", when=when, team=city.team)
    sam = signed_in(city.sam)
    page = html.unescape(sam.get(url("office_routingrule_list")).content.decode())
    for said in (
        "Category: Noise, gone", f"Area: {city.north.name}, #999999", "Language: Español",
        "Way in: Telephone", "Day: Monday, Tuesday, Wednesday, Thursday and 2 more", "From 20:00 to 04:00",
        "“What is it?”: Music",
    ):  # fmt: skip
        assert said in page, said
    with CaptureQueriesContext(connection) as before:
        sam.get(url("office_routingrule_list"))
    RoutingRule.objects.bulk_create(
        RoutingRule(order=n, name=f"Rule {n}", when=when, team=city.team) for n in range(2, 12)
    )
    with django_assert_num_queries(len(before)):
        sam.get(url("office_routingrule_list"))


def test_rules_are_moved_and_the_move_is_kept(city: City, signed_in: Any) -> None:
    one = RoutingRule.objects.create(order=1, name="One", team=city.team)
    two = RoutingRule.objects.create(order=2, name="Two", team=city.team)
    signed_in(city.ada).post(url("office_routing_move", pk=two.pk), {"direction": "up"})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (two.order, one.order) == (1, 2)
    assert Entry.objects.filter(verb="routingrule.moved", subject_id=two.pk).exists()


def test_a_rule_without_a_target_is_refused(city: City, signed_in: Any) -> None:
    answer = signed_in(city.ada).post(url("office_routingrule_add"), rule_data(city, team=""))
    assert answer.status_code == 422 and "Say who gets the case" in answer.content.decode()


def test_an_api_key_is_shown_once_works_and_stops_when_it_is_revoked(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    made = ada.post(url("office_key_new"), {"name": "City app", "scopes": ["open311"], "per_minute": "60"})
    secret = made.context["secret"]
    assert secret in made.content.decode() and "no-store" in made["Cache-Control"]
    found = key_actor(secret, at=timezone.now())
    assert found and found[1].scopes == {"open311"}
    assert secret not in ada.get(url("office_keys")).content.decode()
    assert secret not in json.dumps([e.data for e in Entry.objects.filter(subject_kind="key")])
    ada.post(url("office_key_revoke", pk=ApiKey.objects.get().pk))
    assert key_actor(secret, at=timezone.now()) is None


def test_the_last_changes_name_what_was_changed(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    ada.post(url("office_routingrule_add"), rule_data(city, name="Parties by night"))
    ada.post(url("office_key_new"), {"name": "City app", "scopes": ["open311"], "per_minute": "60"})
    page = ada.get(url("office")).content.decode()
    assert "Added: Rule" in page and "Parties by night" in page and "City app" in page


def test_events_of_webhooks_stand_under_their_kind_of_case_each_once(city: City) -> None:
    groups = event_choices()
    verbs = [verb for _label, events in groups for verb, _words in events]
    steps = {f"case.{step.slug}" for kind in KINDS for step in kind.workflow.steps}
    assert len(verbs) == len(set(verbs)) and set(verbs) == steps | {"case.opened", "case.undone"}
    assert {"case.assign", "case.resolve"} <= {verb for verb, _words in groups[0][1]}


def test_a_webhook_is_made_tested_and_paused(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    made = ada.post(
        url("office_webhook_new"), {"name": "Map", "url": "https://example.org/hook", "verbs": ["case.opened"]}
    )
    hook = Webhook.objects.get()
    assert hook.secret == made.context["secret"]
    assert hook.secret not in ada.get(url("office_webhook_edit", pk=hook.pk)).content.decode()
    ada.post(url("office_webhook_do", pk=hook.pk), {"deed": "test"})
    assert Delivery.objects.get(channel="webhook").context["event"]["verb"] == "webhook.test"
    ada.post(url("office_webhook_do", pk=hook.pk), {"deed": "pause"})
    make.concern(city.noise)
    assert Delivery.objects.filter(channel="webhook").count() == 1


def test_a_message_that_failed_is_sent_again(city: City, signed_in: Any, mailoutbox: list[Any]) -> None:
    make.concern(city.noise, email="rosa@example.org", told_by="email")
    Delivery.objects.update(state="failed", error="The mail server cannot be reached.")
    sam = signed_in(city.sam)
    page = sam.get(url("office_deliveries"), {"state": "failed"}).content.decode()
    assert "r…@example.org" in page and "rosa@example.org" not in page
    sam.post(url("office_delivery_again", pk=Delivery.objects.get().pk))
    send_due(at=timezone.now())
    assert Delivery.objects.get().state == "sent" and mailoutbox[0].to == ["rosa@example.org"]


def test_hostile_words_are_shown_as_words(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    ada.post(url("office_organisation_add"), {"name": "<script>alert(1)</script>"})
    page = ada.get(url("office_organisation_list")).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
