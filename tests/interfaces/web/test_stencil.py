"""A page that is filled in is the page that the template renders."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.safestring import mark_safe
from django.utils.translation import override

from commonbeat.interfaces.web.stencil import fill
from tests.conftest import City

TEMPLATE = "pages/public/report/receipt.html"
FIXED = {"section": "report", "replayed": False, "category": "Noise & music", "told_by": "email", "told": ""}
NASTY = '<b>"rosa"</b>&amp;\'@example.org'


def _request() -> HttpRequest:
    request = RequestFactory().get("/report/concern/")
    request._messages = []  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("email", ["rosa@example.org", NASTY, "holeXxemailxX {{ code }} %s"])
def test_a_filled_page_is_the_rendered_one_whatever_was_typed(city: City, language: str, email: str) -> None:
    with override(language):
        for n in range(3):  # the first makes the stencil, the others use it
            holes: dict[str, Any] = {
                "reference": f"CB-{n}", "email": email, "code": f"code-{n}", "qr": mark_safe("<svg></svg>"),
                "read_by": "Monday",
            }  # fmt: skip
            request = _request()
            assert fill(request, TEMPLATE, FIXED, holes) == render_to_string(TEMPLATE, {**FIXED, **holes}, request)


def test_what_is_fixed_and_which_holes_there_are_make_pages_of_their_own(city: City) -> None:
    holes = {"reference": "CB-1", "email": "rosa@example.org", "code": "code", "qr": mark_safe("")}
    plain = fill(_request(), TEMPLATE, FIXED, holes)
    assert fill(_request(), TEMPLATE, {**FIXED, "told_by": "phone"}, holes) != plain
    assert "at the latest" not in plain and "at the latest" in fill(
        _request(), TEMPLATE, FIXED, holes | {"read_by": "Monday"}
    )


def test_a_change_of_the_agency_shows_at_once(city: City, signed_in: Any) -> None:
    holes = {"reference": "CB-1", "email": "", "code": "code", "qr": mark_safe("")}
    assert "New name of ours" not in fill(_request(), TEMPLATE, FIXED, holes)
    page = signed_in(city.ada).get("/office/agency/")
    values = {name: field.value() for name, field in ((f.name, f) for f in page.context["form"])}
    typed = {name: value for name, value in values.items() if value not in (None, False)} | {"name": "New name of ours"}
    answer = signed_in(city.ada).post("/office/agency/", typed)
    assert answer.status_code == 302
    assert "New name of ours" in fill(_request(), TEMPLATE, FIXED, holes)


def test_somebody_with_a_session_gets_the_page_rendered(city: City) -> None:
    request = _request()
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    request._messages = ["Saved."]  # type: ignore[attr-defined]
    holes = {"reference": "CB-1", "email": "", "code": "code", "qr": mark_safe("")}
    assert fill(request, TEMPLATE, FIXED, holes) == render_to_string(TEMPLATE, {**FIXED, **holes}, request)
