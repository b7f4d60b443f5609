"""The inbox: who sees what, filters that combine, pages without numbers, a table that is safe to open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import CaseFile
from commonbeat.interfaces.web.desk.words import look
from commonbeat.journal.models import AccessLog
from tests import make
from tests.conftest import City


def test_a_stranger_is_asked_to_sign_in_and_people_without_a_role_find_nothing(city: City, signed_in: Any) -> None:
    assert Client().get("/desk/")["Location"].startswith("/accounts/login/?next=/desk/")
    assert signed_in(make.user("Nobody")).get("/desk/").status_code == 404


def test_an_officer_sees_the_cases_of_their_area_and_no_others(city: City, signed_in: Any) -> None:
    north = make.concern(city.noise).case
    south = make.concern(city.noise, place=make.SOUTH).case
    page = signed_in(city.omar).get("/desk/").content.decode()
    assert north.reference in page and south.reference not in page
    everything = signed_in(city.sam).get("/desk/?view=all").content.decode()
    assert north.reference in everything and south.reference in everything


def test_filters_combine_and_live_in_the_address(city: City, signed_in: Any) -> None:
    noise = make.concern(city.noise, text="A rooster crows at dawn").case
    vehicle = make.concern(city.vehicle, text="A rooster sits in a van", channel="phone").case
    CaseFile.objects.create(case=vehicle, sha256="0" * 64, media_type="image/jpeg", size=1, created_at=make.NOW)
    browser = signed_in(city.sam)

    def shown(query: str) -> list[str]:
        page = browser.get(f"/desk/?view=all&{query}").content.decode()
        return [case.reference for case in (noise, vehicle) if f"/desk/{case.reference}/" in page]

    assert shown("q=rooster") == [noise.reference, vehicle.reference]
    assert shown(f"q=rooster&category={city.noise.pk}") == [noise.reference]
    assert shown("channel=phone") == [vehicle.reference]
    assert shown("photo=yes") == [vehicle.reference]
    assert shown(f"area={city.south.pk}") == []
    assert shown("opened_to=2026-03-10") == [] and shown("opened_from=2026-03-11&opened_to=2026-03-11") != []
    assert shown("group=Neighbours&state=open&language=en") == [noise.reference, vehicle.reference]
    assert shown("assignee=none&team=none&sort=oldest") == [noise.reference, vehicle.reference]
    assert shown("category=nonsense&opened_from=never&state=\x00") == [noise.reference, vehicle.reference]


@pytest.mark.parametrize("view", ["mine", "area", "team", "unassigned", "overdue", "waiting", "all"])
def test_every_view_holds_what_its_name_says(city: City, signed_in: Any, view: str) -> None:
    sam = city.actor(city.sam)
    cases = {"unassigned": make.concern(city.noise, at=timezone.now()).case}
    for name in ("mine", "team", "waiting"):
        cases[name] = make.concern(city.noise, at=timezone.now(), email="r@example.org", told_by="email").case
    act(cases["mine"], "assign", data={"user": city.omar.pk}, actor=sam, at=timezone.now())
    act(cases["team"], "assign", data={"team": city.team.pk}, actor=sam, at=timezone.now())
    act(cases["waiting"], "ask", data={"whom": "reporter", "question": "Where?"}, actor=sam, at=timezone.now())
    cases["overdue"] = make.concern(city.noise).case
    page = signed_in(city.omar).get(f"/desk/?view={view}").content.decode()
    expected = {
        "mine": {"mine"}, "team": {"mine", "team"}, "unassigned": {"unassigned", "waiting", "overdue"},
        "waiting": {"waiting"}, "overdue": {"overdue"},
    }.get(view, set(cases))  # fmt: skip
    assert {name for name, case in cases.items() if f"/desk/{case.reference}/" in page} == expected
    if view == "overdue":
        assert "Overdue by" in page


def test_a_state_and_an_outcome_of_one_name_are_said_once() -> None:
    assert look("concern", "withdrawn", "withdrawn", "en")[2] == "Withdrawn"
    assert look("concern", "resolved", "fixed", "en")[2] == "Resolved: Fixed"
    for kind in KINDS:
        for state in kind.workflow.states:
            for outcome in kind.workflow.outcomes:
                first, _colon, second = look(kind.slug, state.slug, outcome.slug, "en")[2].partition(": ")
                assert first != second, (kind.slug, state.slug, outcome.slug)


def test_words_that_are_a_reference_lead_to_the_case(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    typed = case.reference.lower().replace("-", " ")
    assert signed_in(city.omar).get("/desk/", {"q": typed})["Location"] == f"/desk/{case.reference}/"
    assert signed_in(city.olga).get("/desk/", {"q": typed}).status_code == 200


def test_pages_go_older_and_newer_without_losing_or_doubling_a_row(city: City, signed_in: Any) -> None:
    cases = [make.concern(city.noise, at=make.NOW + dt.timedelta(seconds=n // 3)).case for n in range(120)]
    browser, seen, url = signed_in(city.sam), [], "/desk/?view=all"
    pages = []
    while url:
        answer = browser.get(url)
        pages.append([row["id"] for row in answer.context["rows"]])
        seen += pages[-1]
        url = answer.context["older_url"]
    assert seen == [case.pk for case in reversed(cases)]
    back = browser.get(answer.context["newer_url"])
    assert [row["id"] for row in back.context["rows"]] == pages[1]
    assert browser.get("/desk/?view=all&older=rubbish").status_code == 200


def test_a_page_of_the_inbox_costs_the_same_for_one_case_and_for_fifty(
    city: City, signed_in: Any, django_assert_num_queries: Any
) -> None:
    browser = signed_in(city.omar)
    make.concern(city.noise)
    browser.get("/desk/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        browser.get("/desk/")
    for _ in range(55):
        make.concern(city.noise)
    with CaptureQueriesContext(connection) as many:
        browser.get("/desk/")
    reads = [q["sql"] for q in many if "referencestamp" not in q["sql"]]
    assert len(many) == len(one)
    assert len(reads) <= 8, "\n".join(reads)


def test_the_table_holds_what_the_list_shows_no_formula_and_is_logged(city: City, signed_in: Any) -> None:
    make.concern(city.noise, text='=HYPERLINK("http://example.org")', address="+1 Main St")
    make.concern(city.vehicle, text="Not in it")
    answer = signed_in(city.omar).get(f"/desk/cases.csv?view=all&category={city.noise.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "'=HYPERLINK" in text and "'+1 Main St" in text and "Not in it" not in text
    assert text.startswith("Reference,Category")
    log = AccessLog.objects.get(what="exported")
    assert log.user_id == city.omar.pk and f"category={city.noise.pk}" in log.reason


def test_the_map_of_the_desk_shows_real_points_of_visible_cases_only(city: City, signed_in: Any) -> None:
    make.concern(city.noise)
    make.concern(city.noise, place=make.SOUTH)
    found = signed_in(city.omar).get("/desk/map.geojson?view=all").json()["features"]
    assert [f["geometry"]["coordinates"] for f in found] == [[make.NORTH[1], make.NORTH[0]]]
    assert "data-map" in signed_in(city.omar).get("/desk/?as=map").content.decode()


@pytest.mark.parametrize("sort", ["newest", "oldest", "due"])
def test_a_search_finds_near_and_far_cases_page_by_page(
    city: City, signed_in: Any, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("commonbeat.cases.inbox.NEAR", 20)
    monkeypatch.setattr("commonbeat.cases.inbox.PAGE", 3)
    texts = {n: "A rooster crows" if n % 6 == 0 else "Loud music" for n in range(40)}
    cases = [make.concern(city.noise, at=make.NOW + dt.timedelta(minutes=n), text=t).case for n, t in texts.items()]
    expected = [case.pk for n, case in enumerate(cases) if n % 6 == 0]
    expected = expected[::-1] if sort == "newest" else expected
    browser, seen, url = signed_in(city.sam), [], f"/desk/?view=all&q=rooster&sort={sort}"
    while url:
        answer = browser.get(url)
        seen += [row["id"] for row in answer.context["rows"]]
        url = answer.context["older_url"]
    assert seen == expected
    assert browser.get("/desk/?view=all&q='1999-12-31 23:59:59.271828%2B00:00'::timestamptz").status_code == 200
