"""A sign with a QR code: what it shows is where it leads."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import segno
from django.test import Client

from tests import make
from tests.conftest import City


def test_a_sign_begins_the_report_that_it_says(city: City, signed_in: Any, client: Client) -> None:
    asked = {"category": city.noise.pk, "area": city.north.pk, "language": "es"}
    shown = signed_in(city.cleo).get("/desk/sign/", asked).content.decode()
    assert "Noise (es)" in shown and "North" in shown and 'lang="es"' in shown
    address = unescape(re.search(r'<strong dir="ltr">([^<]+)</strong>', shown)[1])  # type: ignore[index]
    drawn = re.search(r'class="qr"><title>[^<]*</title><path stroke="#000" d="([^"]+)"', shown)
    assert drawn
    dark = sum(int(run) for run in re.findall(r"h(\d+)", drawn[1]))
    expected = segno.make(address, error="m", mask=3, boost_error=False, micro=False, mode="byte")
    assert dark == sum(sum(row) for row in expected.matrix)
    parts = urlsplit(address)
    page = client.get(f"{parts.path}?{parts.query}").content.decode()
    assert 'name="page" value="where"' in page and f'value="{city.north.pk}" selected' in page


def test_a_sign_for_everything_lets_people_choose(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    assert 'class="qr"' not in browser.get("/desk/sign/").content.decode()
    shown = browser.get("/desk/sign/", {"language": "ar"}).content.decode()
    assert 'dir="rtl"' in shown and re.search(r"/report/</strong>", shown)
    wrong = browser.get("/desk/sign/", {"language": "xx", "category": "999"})
    assert wrong.status_code == 422 and 'class="qr"' not in wrong.content.decode()
    relic = make.category("relic", name="Relic", kind="no-such-kind")
    assert browser.get("/desk/sign/", {"language": "en", "category": relic.pk}).status_code == 422
