"""Atom feeds: public cards and outcomes only, readable by any reader, cheap when nothing changed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from commonbeat.cases.actions import act
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.outcomes import edit, publish
from tests import make
from tests.conftest import City

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(address: str) -> list[etree._Element]:
    response = Client().get(address)
    assert response.status_code == 200 and response["Content-Type"].startswith("application/atom+xml")
    return etree.fromstring(response.content).findall(f"{ATOM}entry")


@pytest.mark.parametrize("which", ["area", "category"])
def test_concerns_are_told_without_what_is_private(city: City, which: str) -> None:
    case = make.concern(city.noise, at=timezone.now(), name="Rosa Resident", text="At number 5").case
    make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH)
    address = f"/areas/{city.north.pk}/feed/" if which == "area" else "/categories/noise/feed/"
    [entry] = entries(address)
    assert case.reference in entry.findtext(f"{ATOM}id") and entry.find(f"{ATOM}link").get("href").startswith("http")
    assert "Rosa" not in str(etree.tostring(entry)) and "number 5" not in str(etree.tostring(entry))


def test_a_reader_that_has_it_gets_304(city: City) -> None:
    case = make.concern(city.noise, at=timezone.now()).case
    first = Client().get("/categories/noise/feed/")
    again = Client().get("/categories/noise/feed/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again.content == b""
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    assert Client().get("/categories/noise/feed/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_words_with_control_characters_do_not_break_a_feed(city: City) -> None:
    case = make.concern(city.noise, at=timezone.now()).case
    act(case, "resolve", data={"outcome": "fixed", "message": "x"}, actor=city.actor(city.sam), at=timezone.now())
    draft, words = Publication.objects.get(), {"en": {"title": "Quiet\x0b", "said": "", "did": "Done\x0b."}}
    edit(draft, words=words, actor=city.actor(city.sam), at=timezone.now(), version=draft.version)
    publish(draft, actor=city.actor(city.ed), at=timezone.now(), version=draft.version)
    assert PublicCase.objects.get().answer == "Done\x0b."
    for address in ("/outcomes/feed/", "/categories/noise/feed/", f"/areas/{city.north.pk}/feed/"):
        assert "Done." in entries(address)[0].findtext(f"{ATOM}summary")


def test_an_unknown_category_has_no_feed(city: City) -> None:
    assert Client().get("/categories/nothing/feed/").status_code == 404
