"""Photos: served only to those who may see the case, covered before they are public."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from commonbeat.cases import files
from commonbeat.cases.models import Case, CaseFile
from commonbeat.journal.models import Entry
from commonbeat.publishing.models import PublicCase
from tests import make
from tests.conftest import City


@pytest.fixture
def photo(city: City) -> CaseFile:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(data, "PNG")
    token = files.accept("street.png", data.getvalue(), at=timezone.now())
    make.concern(city.noise, uploads=(token,))
    return CaseFile.objects.get()


def test_a_photo_is_for_those_who_may_see_its_case(city: City, signed_in: Any, photo: CaseFile) -> None:
    for variant in ("small", "original"):
        answer = signed_in(city.omar).get(f"/files/{photo.pk}/{variant}/")
        assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"] and answer["Content-Type"].startswith("image/")
        assert signed_in(city.olga).get(f"/files/{photo.pk}/{variant}/").status_code == 404
    assert Client().get(f"/files/{photo.pk}/original/").status_code == 302
    assert Client().get(f"/files/{photo.pk}/public/").status_code == 404
    assert signed_in(city.omar).get(f"/files/{photo.pk}/redacted/").status_code == 404
    assert signed_in(city.omar).get(f"/files/{photo.pk}/passwd/").status_code == 404


def test_a_covered_copy_can_be_public_and_the_pixels_are_gone(city: City, signed_in: Any, photo: CaseFile) -> None:
    browser, url = signed_in(city.omar), f"/desk/{Case.objects.get().reference}/files/{photo.pk}/"
    assert "data-redact" in browser.get(url).content.decode()
    assert browser.post(url + "release/").status_code == 422
    assert browser.post(url + "redact/", {"region": ["0.1,0.1,0.5,0.5"]}).status_code == 302
    assert browser.post(url + "release/").status_code == 302
    answer = Client().get(f"/files/{photo.pk}/public/")
    shown = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert shown.getpixel((200, 160)) == (0, 0, 0) and shown.getpixel((620, 460)) == (255, 255, 255)
    assert PublicCase.objects.get().media == [photo.pk]
    card = f"/cases/{Case.objects.get().reference}/"
    assert f"/files/{photo.pk}/thumb/" in Client().get(card).content.decode()
    browser.post(url + "hide/")
    assert f"/files/{photo.pk}/" not in Client().get(card).content.decode()
    assert Client().get(f"/files/{photo.pk}/public/").status_code == 404 and PublicCase.objects.get().media == []
    verbs = list(Entry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[1:] == ["case.photo_redacted", "case.photo_released", "case.photo_hidden"]


def test_covering_more_starts_from_what_is_covered(city: City, signed_in: Any, photo: CaseFile) -> None:
    browser, url = signed_in(city.omar), f"/desk/{Case.objects.get().reference}/files/{photo.pk}/"
    browser.post(url + "redact/", {"region": ["0.1,0.125,0.5,0.25"]})
    page = browser.get(url).content.decode()
    for side, value in {"x": "10.00", "y": "12.50", "w": "50.00", "h": "25.00"}.items():
        assert f'name="region_{side}" value="{value}"' in page
    typed = {"region_x": ["10.00", "80"], "region_y": ["12.50", "80"], "region_w": ["50.00", "10"],
             "region_h": ["25.00", "10"]}  # fmt: skip
    assert browser.post(url + "redact/", typed).status_code == 302
    assert CaseFile.objects.get().regions == [[0.1, 0.125, 0.5, 0.25], [0.8, 0.8, 0.1, 0.1]]


def test_a_thumbnail_shows_the_public_copy_small_and_only_while_it_is_public(
    city: City, signed_in: Any, photo: CaseFile
) -> None:
    browser, url = signed_in(city.omar), f"/desk/{Case.objects.get().reference}/files/{photo.pk}/"
    thumb = f"/files/{photo.pk}/thumb/"
    assert [who.get(thumb).status_code for who in (Client(), browser, signed_in(city.olga))] == [404, 404, 404]
    browser.post(url + "redact/", {"region": ["0,0,0.5,1"]})
    assert Client().get(thumb).status_code == 404, "covered is not yet released"
    browser.post(url + "release/")
    answer = Client().get(thumb)
    shown = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert max(shown.size) == 320 and answer["Content-Type"] == "image/jpeg"
    left, right = shown.getpixel((40, 120)), shown.getpixel((280, 120))
    assert isinstance(left, tuple) and isinstance(right, tuple) and max(left) < 20 and min(right) > 235
    assert answer["Cache-Control"] == "public, max-age=300" and not answer.cookies
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert Client().post(thumb).status_code == 405
    browser.post(url + "hide/")
    assert Client().get(thumb).status_code == 404 and Client().get(f"/files/{photo.pk + 1}/thumb/").status_code == 404


def test_boxes_typed_in_per_cent_work_without_scripts_and_nonsense_is_refused(
    city: City, signed_in: Any, photo: CaseFile
) -> None:
    browser, url = signed_in(city.omar), f"/desk/{Case.objects.get().reference}/files/{photo.pk}/redact/"
    for wrong in ({}, {"region": "1,2"}, {"region": "0,0,7,7"}, {"region": "nan,0,1,1"}, {"region": "0.2,0.2,0,0"}):
        assert browser.post(url, wrong).status_code == 422, wrong
    typed = {"region_x": ["10", ""], "region_y": ["10", ""], "region_w": ["20,5", ""], "region_h": ["20", ""]}
    assert browser.post(url, typed).status_code == 302
    photo.refresh_from_db()
    assert photo.regions == [[0.1, 0.1, 0.205, 0.2]]


def test_a_photo_with_nothing_personal_needs_somebodys_word(city: City, signed_in: Any, photo: CaseFile) -> None:
    browser, url = signed_in(city.omar), f"/desk/{Case.objects.get().reference}/files/{photo.pk}/release/"
    browser.post(url, {"nothing_personal": "on"})
    assert Client().get(f"/files/{photo.pk}/public/").status_code == 200
    assert Entry.objects.get(verb="case.photo_released").data["confirmed"] is True
    PublicCase.objects.update(hidden=True)
    assert Client().get(f"/files/{photo.pk}/public/").status_code == 404


def test_an_analyst_looks_but_releases_nothing(city: City, signed_in: Any, photo: CaseFile) -> None:
    browser = signed_in(make.user("Ann Analyst", "analyst"))
    url = f"/desk/{Case.objects.get().reference}/files/{photo.pk}/"
    assert browser.get(url).status_code == 200
    assert browser.post(url + "release/", {"nothing_personal": "on"}).status_code == 422
    assert not CaseFile.objects.get().public
