"""Pages escape what people typed, and ask no third party for anything."""

from __future__ import annotations

import re
from typing import Any

from commonbeat.cases.models import Case
from commonbeat.community.models import Area, User
from commonbeat.community.reference import touch
from tests import make
from tests.conftest import City
from tests.contracts.walking import MATRIX, routes

HOSTILE = '<script>alert("1")</script>\'"><img src=x onerror=alert(2)>{{ 7|add:7 }}{% now "Y" %}'
RAW = ('<script>alert("1")', "<img src=x onerror", "onerror=alert(2)>")
OUTSIDE = re.compile(
    r"""<(?:script|link|img|iframe|source|video|audio|form|use)\b[^>]*?(?:src|href|action)=["'](?:https?:)?//([^/"']+)"""
)


def _pages(city: City, clients: list[Any], values: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for client in clients:
        client.defaults[f"HTTP_{MATRIX.upper().replace('-', '_')}"] = "1"
        for route in routes():
            if not route.ours or (route.reader and route.reader.sort == "key"):
                continue
            answer = client.get(route.filled(values))
            if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
                found.append((route.path, answer.content.decode()))
    return found


def test_hostile_names_and_words_are_shown_as_text(city: City, client: Any, signed_in: Any) -> None:
    Area.objects.filter(pk=city.north.pk).update(name=HOSTILE)
    User.objects.filter(pk__in=[city.omar.pk, city.sam.pk]).update(name=HOSTILE, rank=HOSTILE[:80])
    city.team.name = HOSTILE[:120]
    city.team.save()
    city.noise.texts.update(name=HOSTILE[:100], description=HOSTILE)
    for name in ("areas", "categories", "officers"):
        touch(name)
    case = make.concern(city.noise, text=HOSTILE, address=HOSTILE, name=HOSTILE, email="rosa@example.org").case
    Case.objects.filter(pk=case.pk).update(team=city.team, assignee=city.omar)
    values = {"reference": case.reference, "pk": city.north.pk, "slug": "north", "code": "noise", "step": "note"}

    pages = _pages(city, [client, signed_in(city.sam), signed_in(city.ada)], values)

    assert len(pages) > 40
    assert [path for path, html in pages if any(raw in html for raw in RAW)] == []
    assert any("&lt;script&gt;" in html for path, html in pages if path == "desk/<str:reference>/")


def test_rule_19_no_page_asks_a_third_party_and_no_cookie_comes_before_signing_in(city: City, client: Any) -> None:
    case = make.concern(city.noise).case
    values = {"reference": case.reference, "pk": city.north.pk, "slug": "north", "code": "noise"}
    pages = _pages(city, [client], values)
    assert len(pages) > 12
    outside = [(path, host) for path, html in pages for host in OUTSIDE.findall(html)]
    assert [(path, host) for path, host in outside if host.partition(":")[0] not in {"testserver", "127.0.0.1"}] == []
    assert [path for path, html in pages if "<style" in html or re.search(r"\s(on[a-z]+|style)=", html)] == []
    assert set(client.cookies) <= {"language", "csrftoken"}
    policy = client.get("/")["Content-Security-Policy"]
    assert "http" not in policy and "unsafe" not in policy and "default-src 'none'" in policy
