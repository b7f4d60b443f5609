"""How we work: what the software does with each kind of case, told to whoever wants to know."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from django.utils.translation import gettext, override

from commonbeat.cases.keeping import RetentionRule
from commonbeat.cases.kind import KINDS
from commonbeat.community.reference import touch
from commonbeat.interfaces.seeing import SCOPES, WHO
from tests.conftest import City

pytestmark = pytest.mark.django_db
THE_SAME = {"Idea", "Supervisor"}
"""Words that Spanish writes as English does."""
LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_told_in_every_language(city: City, client: Client, language: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    index = client.get("/how-we-work/").content.decode()
    for kind in KINDS:
        address = f"/how-we-work/{kind.slug}/"
        assert address in index
        page = client.get(address).content.decode()
        with override(language):
            for state in kind.workflow.states:
                assert escape(gettext(state.label)) in page
            for field in kind.personal:
                assert escape(gettext(field.purpose)) in page


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_nothing_that_residents_read_of_a_kind_lacks_words_in_their_language(language: str) -> None:
    texts = set(WHO.values()) | set(SCOPES.values())
    for kind in KINDS:
        flow = kind.workflow
        texts |= {kind.plural, *(text for state in flow.states for text in (state.label, state.public))}
        texts |= {text for outcome in flow.outcomes if outcome.public for text in (outcome.label, outcome.public)}
        texts |= {kept.reason for kept in kind.retention.values()}
        texts |= {text for field in kind.personal for text in (field.name, field.purpose, field.kept)}
    with override(language):
        assert {text for text in texts if text and gettext(text) == text} <= THE_SAME


def test_what_the_agency_set_is_what_is_told(city: City, client: Client) -> None:
    assert "1,095 days after the end" in client.get("/how-we-work/concern/").content.decode()
    RetentionRule.objects.create(kind="concern", outcome="default", days=2000, basis="City records schedule, 12-4")
    touch("retention")
    page = client.get("/how-we-work/concern/").content.decode()
    assert "2,000 days after the end" in page
    assert "City records schedule, 12-4" in page
    assert "1,095 days" not in page


def test_steps_are_for_those_who_work_here(city: City, client: Client, signed_in: Any) -> None:
    assert "Can be undone" not in client.get("/how-we-work/concern/").content.decode()
    page = signed_in(city.omar).get("/how-we-work/concern/").content.decode()
    assert "Can be undone" in page
    assert "Hand to another agency" in page


def test_roles_stand_where_their_reading_ends(city: City, client: Client) -> None:
    page = " ".join(client.get("/how-we-work/").content.decode().split())
    tips = page.split('href="/how-we-work/tip/"')[1].split("</tr>")[0]
    widely, given = tips.split("<td")[1:]
    assert "Supervisor" in widely
    assert "Liaison officer" in widely
    assert ">Officer<" in given.replace("</td>", "<")
    assert "Community service officer" not in tips


def test_a_role_that_sees_nothing_of_a_kind_is_not_among_its_readers(city: City, client: Client) -> None:
    page = client.get("/how-we-work/complaint/").content.decode()
    assert "Professional standards" in page
    assert "Community service officer" not in page


def test_there_is_no_page_for_a_kind_that_is_not_there(city: City, client: Client) -> None:
    assert client.get("/how-we-work/speeding/").status_code == 404
