"""Open311 for readers: discovery, services, definitions, requests, tokens, updates and the export."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.models import Agency
from commonbeat.community.reference import touch
from commonbeat.interfaces.api.open311.replies import to_xml
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.outcomes import edit, publish
from tests import make
from tests.conftest import City

V2 = "/open311/v2"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"
WHEN = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
QUESTIONS = [
    {"code": "when", "datatype": "singlevaluelist", "required": True, "label": {"en": "When?", "es": "¿Cuándo?"},
     "choices": [{"key": "day", "label": {"en": "By day"}}, {"key": "night", "label": {"en": "At night"}}]},
    {"code": "plate", "datatype": "string", "required": True, "label": {"en": "Plate"}, "order": 2,
     "show_when": {"question": "when", "in": ["night"]}},
    {"code": "seen", "datatype": "multivaluelist", "label": {"en": "What did you see?"}, "order": 3,
     "choices": [{"key": "a", "label": {"en": "A"}}, {"key": "b", "label": {"en": "B"}}]},
]  # fmt: skip


def get(path: str, **data: Any) -> Any:
    return Client().get(f"{V2}/{path}", data)


def xml(response: Any) -> Any:
    assert response["Content-Type"] == XML
    return etree.fromstring(response.content)


def concern(city: City, *, ago: dt.timedelta = dt.timedelta(days=1), **fields: Any) -> Case:
    kind = fields.pop("category", city.noise)
    return make.concern(kind, at=timezone.now() - ago, **fields).case


def test_discovery_says_where_the_endpoint_is_in_both_formats(agency: Agency) -> None:
    as_json = Client().get("/open311/discovery.json").json()
    assert set(as_json) == {"changeset", "contact", "key_service", "endpoints"}
    endpoint = as_json["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert not endpoint["url"].endswith("/") and endpoint["url"].endswith("/open311/v2")
    assert WHEN.match(as_json["changeset"]) and as_json["changeset"] < timezone.now().isoformat()
    tree = xml(Client().get("/open311/v2/discovery.xml"))
    assert tree.findtext("changeset") == as_json["changeset"]
    assert [e.text for e in tree.iterfind("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_the_changeset_moves_when_a_category_changes(agency: Agency) -> None:
    before = Client().get("/open311/discovery.json").json()["changeset"]
    touch("categories")
    assert Client().get("/open311/discovery.json").json()["changeset"] > before


def test_the_landing_page_leads_people_to_discovery(agency: Agency) -> None:
    page = Client().get("/open311/")
    assert page.status_code == 200 and b"/open311/discovery.xml" in page.content


def test_services_are_a_bare_list_in_the_language_asked_for(city: City) -> None:
    city.noise.questions = QUESTIONS
    city.noise.save()
    touch("categories")
    found = {s["service_code"]: s for s in get("services.json", locale="es").json()}
    assert found["noise"] == {
        "service_code": "noise", "service_name": "Noise (es)", "description": None, "metadata": True,
        "type": "realtime", "keywords": "ruido,fiesta", "group": "Vecinos",
    }  # fmt: skip
    assert found["abandoned-vehicle"]["metadata"] is False
    tree = xml(Client().get(f"{V2}/services.xml", headers={"Accept-Language": "es"}))
    assert tree.tag == "services" and tree.findtext("service/service_name", "").endswith("(es)")
    assert tree.findtext("service/metadata") in {"true", "false"}


def test_services_of_a_place_outside_are_none(city: City) -> None:
    assert get("services.json", lat="45", long="-93").json() == []
    assert len(get("services.json", lat="41.9", long="-87.7").json()) == 2


def test_a_definition_lists_every_question_and_conditions_make_it_optional(city: City) -> None:
    city.noise.questions = QUESTIONS
    city.noise.save()
    touch("categories")
    found = get("services/noise.json").json()
    when, plate, seen = found["attributes"]
    assert found["service_code"] == "noise" and [a["order"] for a in found["attributes"]] == [1, 2, 3]
    assert when["required"] is True and when["values"][0] == {"key": "day", "name": "By day"}
    assert plate["required"] is False and "when" in plate["datatype_description"] and "values" not in plate
    assert seen["datatype"] == "multivaluelist"
    tree = xml(get("services/noise.xml"))
    assert tree.tag == "service_definition"
    assert [e.text for e in tree.iterfind("attributes/attribute/values/value/key")] == ["day", "night", "a", "b"]


def test_a_service_without_questions_has_an_empty_definition_and_an_unknown_one_is_404(city: City) -> None:
    assert get("services/abandoned-vehicle.json").json() == {"service_code": "abandoned-vehicle", "attributes": []}
    for fmt in ("json", "xml"):
        missing = get(f"services/a b/c.d.{fmt}")
        assert missing.status_code == 404
    assert xml(missing).findtext("error/code") == "404"


def test_requests_tell_what_is_public_and_nothing_else(city: City) -> None:
    case = concern(city, email="rosa@example.org", name="Rosa Resident", text="My neighbour at 5 Elm St shouts")
    response = get("requests.json")
    [found] = response.json()
    assert response["Content-Type"] == JSON and response["Access-Control-Allow-Origin"] == "*"
    assert found["service_request_id"] == case.reference and found["status"] == "open"
    assert (found["lat"], found["long"]) != make.NORTH and found["address"] == "North"
    assert found["service_code"] == "noise" and found["description"] is None and found["zipcode"] is None
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert WHEN.match(found[name])
    everything = response.content.decode() + get("requests.xml").content.decode()
    for secret in ("rosa", "Rosa", "Elm St", "100 N State"):
        assert secret not in everything


def test_xml_and_json_tell_the_same(city: City) -> None:
    concern(city)
    as_json = get("requests.json").json()[0]
    request = xml(get("requests.xml")).find("request")
    assert [child.tag for child in request] == list(as_json)
    assert request.findtext("service_request_id") == as_json["service_request_id"]
    assert float(request.findtext("lat")) == as_json["lat"]


def test_a_published_answer_is_in_the_status_notes(city: City) -> None:
    case = concern(city)
    act(case, "resolve", data={"outcome": "fixed", "message": "x"}, actor=city.actor(city.sam), at=timezone.now())
    assert get("requests.json").json()[0]["status_notes"] == "This is fixed."
    draft = Publication.objects.get()
    words = {"en": {"title": "Quiet", "said": "A neighbour was loud.", "did": "We <spoke> & they agreed."}}
    edit(draft, words=words, actor=city.actor(city.sam), at=timezone.now(), version=draft.version)
    publish(draft, actor=city.actor(city.ed), at=timezone.now(), version=draft.version)
    found = get("requests.json", status="closed").json()[0]
    assert (found["status"], found["status_notes"]) == ("closed", "We <spoke> & they agreed.")
    assert xml(get("requests.xml")).findtext("request/status_notes") == "We <spoke> & they agreed."


def test_one_request_is_a_list_of_one_and_an_unknown_one_is_404(city: City) -> None:
    case = concern(city)
    assert [r["service_request_id"] for r in get(f"requests/{case.reference}.json").json()] == [case.reference]
    assert len(get(f"requests/{case.reference.lower()}.json").json()) == 1
    for unknown in ("CB-0000-000", "1", "../etc/passwd", "%00", "x" * 300):
        response = get(f"requests/{unknown}.json")
        assert response.status_code == 404 and response.json()[0]["code"] == 404


def test_hidden_and_not_yet_visible_cards_are_absent(city: City) -> None:
    hidden, later = concern(city), concern(city)
    PublicCase.objects.filter(pk=hidden.pk).update(hidden=True)
    PublicCase.objects.filter(pk=later.pk).update(visible_at=timezone.now() + dt.timedelta(hours=1))
    assert get("requests.json").json() == []
    for case in (hidden, later):
        assert get(f"requests/{case.reference}.xml").status_code == 404
        assert get(f"tokens/{case.reference}.xml").status_code == 404


def test_an_empty_list_is_200_in_both_formats(city: City) -> None:
    assert get("requests.json").json() == []
    tree = xml(get("requests.xml"))
    assert tree.tag == "service_requests" and len(tree) == 0


def test_named_ids_override_other_filters_and_unknown_ones_are_left_out(city: City) -> None:
    one, two = concern(city, ago=dt.timedelta(days=200)), concern(city)
    ids = f"{one.reference},{two.reference},CB-0000-000,nonsense"
    found = get("requests.json", service_request_id=ids, status="closed").json()
    assert [r["service_request_id"] for r in found] == [two.reference, one.reference]


def test_ninety_days_are_the_default_and_the_limit(city: City) -> None:
    old, new = concern(city, ago=dt.timedelta(days=100)), concern(city)
    assert [r["service_request_id"] for r in get("requests.json").json()] == [new.reference]
    start = (timezone.now() - dt.timedelta(days=110)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert [r["service_request_id"] for r in get("requests.json", start_date=start).json()] == [old.reference]
    damaged = Client().get(f"{V2}/requests.json?start_date={start}")  # the plus becomes a space
    assert damaged.status_code == 200 and len(damaged.json()) == 1
    too_long = get("requests.xml", start_date="2025-01-01", end_date="2025-06-01")
    assert too_long.status_code == 400 and "90 days" in xml(too_long).findtext("error/description")


def test_a_bound_includes_its_second_and_a_day_its_evening(city: City) -> None:
    case = concern(city)
    moment = get("requests.json").json()[0]["requested_datetime"]
    assert len(get("requests.json", start_date=moment, end_date=moment).json()) == 1
    later = (case.opened_at + dt.timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert get("requests.json", start_date=later).json() == []


def test_empty_parameters_are_absent(city: City) -> None:
    concern(city)
    empty = {
        n: ""
        for n in ("status", "start_date", "end_date", "service_code", "q", "bbox", "page", "lat", "jurisdiction_id")
    }
    assert len(get("requests.json", **empty).json()) == 1


def test_filters_by_service_status_place_and_words(city: City) -> None:
    north, south = concern(city), concern(city, place=make.SOUTH, category=city.vehicle)

    def ids(**data: Any) -> set[str]:
        return {r["service_request_id"] for r in get("requests.json", **data).json()}

    both = {north.reference, south.reference}
    assert ids(service_code="noise") == {north.reference}
    assert ids(service_code="noise,abandoned-vehicle,unknown") == both
    assert ids(service_code="unknown") == set()
    assert ids(status=["open", "closed"]) == both and ids(status="closed") == set() and ids(status="Open") == both
    assert ids(bbox="-87.8,41.85,-87.6,42") == {north.reference}
    assert ids(lat="41.9", long="-87.7", radius="2000") == {north.reference}
    assert ids(lat="41.9", long="-87.7", radius="20000") == both
    assert ids(q="vehicle") == {south.reference} and ids(q="%") == set() and ids(q="_") == set()


def test_what_changed_since_is_found_whenever_it_was_opened(city: City) -> None:
    case = concern(city, ago=dt.timedelta(days=200))
    since = (timezone.now() - dt.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert get("requests.json", updated_after=since).json() == []
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    assert len(get("requests.json", updated_after=since).json()) == 1


def test_pages_are_whole_and_past_the_end_is_empty(city: City) -> None:
    same = timezone.now() - dt.timedelta(days=1)
    made = {make.concern(city.noise, at=same).case.reference for _ in range(5)}
    pages = [[r["service_request_id"] for r in get("requests.json", page=p, page_size=2).json()] for p in (1, 2, 3, 4)]
    assert [len(p) for p in pages] == [2, 2, 1, 0]
    assert {ref for page in pages for ref in page} == made
    seen, response = [], get("requests.json", page_size=2)
    while True:
        seen += [r["service_request_id"] for r in response.json()]
        if "Link" not in response:
            break
        response = Client().get(response["Link"].split(">")[0].strip("<"))
    assert seen == [ref for page in pages for ref in page]


def test_extensions_add_attributes_and_notes(city: City) -> None:
    case = concern(city)
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    found = get("requests.json", extensions="true").json()[0]
    assert found["attributes"] == [] and found["extended_attributes"]["state"] == "acknowledged"
    assert [note["type"] for note in found["notes"]] == ["received", "update"]
    tree = xml(get("requests.xml", extensions="true"))
    assert tree.find("request/attributes") is not None and len(tree.findall("request/notes/note")) == 2


def test_an_id_is_its_own_token(city: City) -> None:
    case = concern(city)
    assert get(f"tokens/{case.reference}.json").json() == [
        {"service_request_id": case.reference, "token": case.reference}
    ]


def test_updates_tell_public_changes_once(city: City) -> None:
    case, sam = concern(city), city.actor(city.sam)
    act(case, "acknowledge", data={}, actor=sam, at=timezone.now())
    [first] = get("servicerequestupdates.json").json()
    assert first["status"] == "investigating" and first["service_request_id"] == case.reference
    act(case, "note", data={"text": "internal"}, actor=sam, at=timezone.now())
    [again] = get("servicerequestupdates.json").json()
    assert again["update_id"] == first["update_id"] and "internal" not in str(again)
    act(case, "resolve", data={"outcome": "no_action", "message": "x"}, actor=sam, at=timezone.now())
    tree = xml(get("servicerequestupdates.xml"))
    assert tree.findtext("request_update/status") == "no_further_action"
    assert tree.findtext("request_update/update_id") != first["update_id"]


def test_the_export_has_every_public_request(city: City) -> None:
    made = {concern(city, ago=dt.timedelta(days=days)).reference for days in (1, 100, 400)}
    response = Client().get("/open311/bulk.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert {row["service_request_id"] for row in rows} == made and rows[0]["status_description"] == "open"
    as_json = b"".join(Client().get("/open311/bulk.json?start_date=2199-01-01").streaming_content)
    assert as_json == b"[]\n"
    assert Client().get("/open311/bulk.xlsx").status_code == 400


def test_the_export_writes_no_formulas(city: City) -> None:
    case = concern(city)
    PublicCase.objects.filter(pk=case.pk).update(text="=HYPERLINK(1)")
    body = b"".join(Client().get("/open311/bulk.csv").streaming_content).decode()
    assert "'=HYPERLINK(1)" in body


def test_our_jurisdiction_need_not_be_named_and_another_is_404(agency: Agency) -> None:
    assert get("services.json").status_code == 200
    assert get("services.json", jurisdiction_id="Springfield.example").status_code == 200
    for path in ("services", "requests", "services/noise", "requests/CB-0000-000", "tokens/x", "servicerequestupdates"):
        assert get(f"{path}.json", jurisdiction_id="elsewhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("requests.yaml", {}, 400),
        ("requests.json", {"status": "done"}, 400),
        ("requests.json", {"start_date": "yesterday"}, 400),
        ("requests.json", {"start_date": "0001-01-01T00:00:00+23:59"}, 400),
        ("requests.json", {"start_date": "2026-02-01", "end_date": "2026-01-01"}, 400),
        ("requests.json", {"page": "-1"}, 400),
        ("requests.json", {"page": "9" * 40}, 400),
        ("requests.json", {"page_size": "1001"}, 400),
        ("requests.json", {"lat": "91", "long": "0"}, 400),
        ("requests.json", {"lat": "nan", "long": "0"}, 400),
        ("requests.json", {"lat": "41.9"}, 400),
        ("requests.json", {"bbox": "1,2,3"}, 400),
        ("requests.json", {"bbox": "nan,nan,nan,nan"}, 400),
        ("requests.json", {"q": "a\x00b"}, 400),
        ("requests.json", {"after": "CB-0000-000"}, 400),
        ("services.json", {"lat": "north", "long": "1"}, 400),
        ("nothing.json", {}, 404),
        ("requests", {}, 404),
        ("", {}, 404),
        ("services/.json", {}, 404),
    ],
)
def test_wrong_questions_get_errors_that_say_what_to_do(
    city: City, path: str, data: dict[str, str], status: int
) -> None:
    response = get(path, **data)
    assert response.status_code == status
    if path.endswith(".json"):
        [error] = response.json()
        assert response["Content-Type"] == JSON and error["code"] == status and len(error["description"]) > 10
    else:
        assert xml(response).findtext("error/code") == str(status)


def test_other_methods_are_answered_in_the_format_asked_for(city: City) -> None:
    refused = Client().delete(f"{V2}/services.json")
    assert refused.status_code == 405 and refused.json()[0]["code"] == 405 and "GET" in refused["Allow"]
    assert Client().post(f"{V2}/services.xml").status_code == 405
    options = Client().options(f"{V2}/requests.json")
    assert options.status_code == 204 and "POST" in options["Access-Control-Allow-Methods"]
    head = Client().head(f"{V2}/requests.json")
    assert head.status_code == 200 and head.content == b""


def test_a_mishap_of_ours_is_told_in_the_format_asked_for(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("commonbeat.interfaces.api.open311.listing.find_cards", broken)
    for fmt in ("json", "xml"):
        response = get(f"requests.{fmt}")
        assert response.status_code == 500 and b"secret" not in response.content and b"500" in response.content


def test_too_many_questions_get_429_in_the_format_asked_for(city: City, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"api": (2, 60)}
    codes = [get("services.json") for _ in range(3)]
    assert [r.status_code for r in codes] == [200, 200, 429]
    assert codes[-1].json()[0]["code"] == 429 and codes[-1]["Retry-After"]


def test_a_list_costs_the_same_whatever_its_length(city: City, django_assert_num_queries: Any) -> None:
    concern(city)
    with CaptureQueriesContext(connection) as one:
        get("requests.json", extensions="true")
    for _ in range(12):
        concern(city)
    with django_assert_num_queries(len(one)):
        assert len(get("requests.json", extensions="true").json()) == 13


def test_xml_cannot_be_broken_by_words() -> None:
    hostile = "<a>&\x00\x0b\ud800]]>\r\n\ufffe é 😀"
    tree = etree.fromstring(
        to_xml("service_requests", [{"description": hostile, "flag": True, "none": None, "n": 1.5}])
    )
    assert tree.findtext("request/description") == "<a>&]]>\r\n é 😀"
    assert tree.findtext("request/flag") == "true" and tree.find("request/none").text is None


def test_the_openapi_document_is_served(city: City) -> None:
    assert b"openapi:" in get("openapi.yaml").content
