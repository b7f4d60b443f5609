"""Every address states who may read it, and lets in exactly those."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.conftest import City
from tests.contracts.walking import MATRIX, Route, routes

STAFF = [route for route in routes() if route.ours and route.reader and route.reader.sort == "staff"]
CAST = {
    "omar": "officer",
    "olga": "officer",
    "cleo": "cso",
    "sam": "supervisor",
    "pat": "standards",
    "ada": "admin",
    "ed": "editor",
}
LOGIN = "/accounts/login/"


def _address(route: Route, city: City) -> str:
    case = city.case  # type: ignore[attr-defined]
    return route.filled({"reference": case.reference, "step": "note", "fmt": "json", "code": "noise", "slug": "north"})


@pytest.fixture
def town(city: City) -> City:
    """The city with one case of the north in it."""
    city.case = make.concern(city.noise).case  # type: ignore[attr-defined]
    return city


def _client() -> Client:
    return Client(headers={MATRIX: "1"}, raise_request_exception=False)


def test_every_route_states_its_reader() -> None:
    silent = [route.path for route in routes() if route.ours and route.reader is None]
    assert silent == []
    assert {route.reader.sort for route in routes() if route.reader} <= {
        "anyone",
        "resident",
        "staff",
        "signed_in",
        "key",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in_and_learns_nothing(town: City, method: str) -> None:
    client, wrong = _client(), []
    for route in routes():
        if route.ours and route.reader and route.reader.sort in {"staff", "signed_in"}:
            answer = getattr(client, method)(_address(route, town))
            if answer.status_code != 302 or not answer["Location"].startswith(LOGIN):
                wrong.append((route.path, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("who", CAST)
def test_staff_reach_what_their_role_may_and_get_404_for_the_rest(town: City, signed_in: Any, who: str) -> None:
    role, client, wrong = CAST[who], signed_in(getattr(town, who)), []
    client.defaults[f"HTTP_{MATRIX.upper().replace('-', '_')}"] = "1"
    client.raise_request_exception = False
    for route in STAFF:
        assert route.reader is not None
        needs = set(map(str, route.reader.needs))
        status = client.get(_address(route, town)).status_code
        if needs and role not in needs:
            right = status == 404 and client.post(_address(route, town)).status_code == 404
        elif route.has_parts:
            right = status < 500  # what it names may not exist, or not for this person
        else:
            right = status in {200, 302, 405}
        if not right:
            wrong.append((route.path, status))
    assert wrong == []


@pytest.mark.parametrize("who", ["olga", "pat"])
def test_a_case_of_another_area_or_sort_does_not_exist_for_others(town: City, signed_in: Any, who: str) -> None:
    client, wrong = signed_in(getattr(town, who)), []
    client.defaults[f"HTTP_{MATRIX.upper().replace('-', '_')}"] = "1"
    client.raise_request_exception = False
    for route in STAFF:
        if "<str:reference>" in route.path:
            address = _address(route, town)
            statuses = {getattr(client, method)(address, follow=True).status_code for method in ("get", "post")}
            if not statuses <= {404, 405}:
                wrong.append((route.path, statuses))
    assert wrong == []


def test_everybody_may_read_public_pages_and_a_wrong_secret_opens_nothing(town: City) -> None:
    client, wrong = _client(), []
    for route in routes():
        if not (route.ours and route.reader and route.reader.sort in {"anyone", "resident"}):
            continue
        answer = client.get(_address(route, town))
        fails = answer.status_code >= 500 or answer.get("Location", "").startswith(LOGIN)
        secret = route.reader.sort == "resident" and town.case.text in answer.content.decode(errors="replace")  # type: ignore[attr-defined]
        if fails or secret:
            wrong.append((route.path, answer.status_code))
    assert wrong == []


def test_programs_without_a_key_are_refused(town: City) -> None:
    client = _client()
    statuses = {
        route.path: client.get(_address(route, town)).status_code
        for route in routes() if route.ours and route.reader and route.reader.sort == "key"
    }  # fmt: skip
    assert statuses and set(statuses.values()) <= {401, 403, 405}, statuses
