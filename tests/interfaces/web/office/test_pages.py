"""Who reaches which page of the office, and that every page can be read."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from commonbeat.cases.models import ResponseTemplate, RoutingRule
from commonbeat.cases.tags import Tag
from commonbeat.community.models import Holiday, Organisation
from commonbeat.interfaces.web.office.home import GROUPS
from commonbeat.journal.models import AccessLog, Webhook
from tests import make
from tests.conftest import City

ADMIN, KEEPERS, ROUTERS = ("ada",), ("ada", "sam"), ("ada", "sam")
EVERYBODY = ("omar", "cleo", "sam", "pat", "ada", "ed")

PAGES: dict[str, tuple[str, ...]] = {
    "office": ("sam", "pat", "ada", "ed"),
    "office_agency": ADMIN,
    "office_agency_history": ADMIN,
    "office_holiday_list": ADMIN,
    "office_holiday_add": ADMIN,
    "office_holidays_import": ADMIN,
    "office_area_list": ADMIN,
    "office_areas_upload": ADMIN,
    "office_areas_populations": ADMIN,
    "office_user_list": ADMIN,
    "office_user_invite": ADMIN,
    "office_team_list": ADMIN,
    "office_team_add": ADMIN,
    "office_organisation_list": ADMIN,
    "office_organisation_add": ADMIN,
    "office_category_list": ADMIN,
    "office_category_add": ADMIN,
    "office_routingrule_list": ROUTERS,
    "office_routingrule_add": ROUTERS,
    "office_routing_explain": ROUTERS,
    "office_routing_trial": ROUTERS,
    "office_template_list": ("ada", "sam", "ed"),
    "office_template_add": ("ada", "sam", "ed"),
    "office_tag_list": ROUTERS,
    "office_tag_add": ROUTERS,
    "office_keys": ADMIN,
    "office_key_new": ADMIN,
    "office_webhook_list": ADMIN,
    "office_webhook_new": ADMIN,
    "office_deliveries": KEEPERS,
    "office_access_log": ("pat",),
    "office_retention": ("ada", "sam", "pat"),
    "office_retentionrule_list": ADMIN,
    "office_retentionrule_add": ADMIN,
    "office_persons": ("ada", "pat"),
    "records_requests": ("ada", "pat"),
    "office_exemption_list": ("ada", "pat"),
    "office_exemption_add": ("ada", "pat"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_its_roles_and_does_not_exist_for_others(name: str, city: City, signed_in: Any) -> None:
    for who in EVERYBODY:
        answer = signed_in(getattr(city, who)).get(reverse(name))
        assert answer.status_code == (200 if who in PAGES[name] else 404), (name, who)
        assert b"---------" not in answer.content, "a list to choose from begins with words"


def test_nobody_is_led_where_they_may_not_go(city: City, signed_in: Any) -> None:
    tag = Tag.objects.create(code="event", name="Event")
    AccessLog.objects.create(subject_kind="tag", subject_id=tag.pk, what="export_1", at=make.NOW)
    edit = reverse("office_tag_edit", kwargs={"pk": tag.pk})
    log = signed_in(city.pat).get(reverse("office_access_log")).content.decode()
    assert "export" in log and edit not in log and signed_in(city.pat).get(edit).status_code == 404
    board = make.user("Elaine Board", "oversight")
    assert "/desk/new/" not in signed_in(board).get("/desk/").content.decode()
    assert signed_in(board).get("/desk/new/").status_code == 404
    assert "/desk/new/" in signed_in(city.omar).get("/desk/").content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_the_sign_in(name: str, client: Any, db: None) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_every_object_can_be_opened_with_its_history(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    rows = {
        "holiday": Holiday.objects.create(on="2026-07-04", name="Independence Day"),
        "area": city.north,
        "organisation": Organisation.objects.create(name="Department of Streets"),
        "team": city.team,
        "user": city.omar,
        "category": city.noise,
        "routingrule": RoutingRule.objects.create(order=1, name="Noise", when={"category": ["noise"]}, team=city.team),
        "template": ResponseTemplate.objects.create(
            slug="read", language="en", title="Read", body="About {reference}."
        ),
        "tag": Tag.objects.create(code="event", name="Event"),
        "webhook": Webhook.objects.create(name="Map", url="https://example.org/hook", secret="x", created_at=make.NOW),
    }
    for kind, row in rows.items():
        for page in ("edit", "history"):
            answer = ada.get(reverse(f"office_{kind}_{page}", kwargs={"pk": row.pk}))
            assert answer.status_code == 200, (kind, page)
    assert (
        "CB-7F3K-9QTM" in ada.get(reverse("office_template_edit", kwargs={"pk": rows["template"].pk})).content.decode()
    )


def test_an_incomplete_form_is_refused_with_what_to_do(city: City, signed_in: Any) -> None:
    ada = signed_in(city.ada)
    for name in PAGES:
        if name.endswith(("_add", "_new", "_invite")):
            answer = ada.post(reverse(name), {"email": "kept words"})
            assert answer.status_code == 422, name
            assert "errors" in answer.content.decode()


@pytest.mark.parametrize("who", ("sam", "pat", "ada", "ed"))
def test_the_office_shows_the_cards_that_lead_somewhere_and_no_other(who: str, city: City, signed_in: Any) -> None:
    browser = signed_in(getattr(city, who))
    page = browser.get(reverse("office")).content.decode()
    for _title, cards in GROUPS:
        for card in cards:
            address = reverse(card.route)
            assert (f'href="{address}"' in page) == (browser.get(address).status_code == 200), card.route
