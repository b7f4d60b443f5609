"""Mediation by letter and telephone, in numbers, in danger, and for people whom it does not concern."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Task
from commonbeat.community.models import OneTimeLink, User
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.talks.models import Side
from commonbeat.talks.numbers import public_numbers
from tests import make
from tests.conftest import City
from tests.journeys.test_mediation import LINK, SAFE, UPSTAIRS, _asked, _side


@pytest.fixture
def lena(city: City) -> User:
    """The coordinator of mediation."""
    return make.user("Lena Liaison", "liaison")


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = {group: (10_000, 600) for group in settings.RATE_LIMITS}


def test_a_letter_carries_a_link_and_a_new_letter_closes_the_one_before(city: City, signed_in: Any, lena: User) -> None:
    case, actor = make.mediation().case, city.actor(lena)
    letter = {"called": "upstairs", "way": "letter", "address": "Upstairs, 12 Elm Street", "language": "es"}
    with pytest.raises(Invalid, match="letter reaches"):
        act(case, "add_side", data=letter | {"address": ""}, actor=actor, at=make.NOW)
    act(case, "add_side", data=letter, actor=actor, at=make.NOW)
    act(case, "assign", data={"user": city.cleo.pk, "knows": "no"}, actor=actor, at=make.NOW)
    act(case, "screen", data=SAFE, actor=actor, at=make.NOW)
    act(case, "invite", data={"about": "Música", "tell": True}, actor=actor, at=make.NOW)
    assert Task.objects.get(case=case).sort == "tell_side"
    client, address = signed_in(lena), f"/desk/{case.reference}/sides/{_side(case, 'upstairs')}/letter/"
    first, second = (LINK.search(client.post(address).content.decode())[1] for _ in range(2))  # type: ignore[index]
    assert AccessLog.objects.filter(what="contact", user_id=lena.pk).count() == 2
    assert Client().get(f"/talks/{first}/").status_code == 410
    assert Client().get(f"/talks/{second}/").status_code == 200
    assert Client().get("/talks/" + "x" * 43 + "/").status_code == 404
    phoned = {"side": _side(case, "upstairs"), "answer": "yes", "how": "phone"}
    act(case, "record_answer", data=phoned, actor=actor, at=make.NOW)
    assert case.state == "asking" and Side.objects.get(called="upstairs").answered_by == "phone"
    assert OneTimeLink.objects.filter(purpose="talks", revoked_at=None).count() == 1


def test_public_numbers_hide_what_could_name_somebody(city: City, client: Client, lena: User) -> None:
    actor = city.actor(lena)
    for number in range(7):
        case = make.mediation(at=make.NOW - dt.timedelta(days=200)).case
        outcome = "conciliated" if number < 6 else "declined"
        act(case, "close", data={"outcome": outcome}, actor=actor, at=make.NOW - dt.timedelta(days=190))
    table = public_numbers("mediation", at=make.NOW).outcomes
    assert table.cells["2025"]["declined"] != 1
    page = client.get("/mediation/numbers/")
    assert page.status_code == 200 and client.get("/mediation/").status_code == 200
    csv = client.get("/mediation.csv").content.decode()
    assert "outcomes,2025,declined,1" not in csv and csv.startswith("table,row,column,count")


def test_a_stranger_with_a_case_number_takes_no_part(city: City, lena: User) -> None:
    case, other = make.mediation().case, make.mediation().case
    for one in (case, other):
        act(one, "add_side", data=UPSTAIRS, actor=city.actor(lena), at=make.NOW)
    act(case, "assign", data={"user": city.cleo.pk, "knows": "no"}, actor=city.actor(lena), at=make.NOW)
    act(case, "screen", data=SAFE, actor=city.actor(lena), at=make.NOW)
    act(case, "invite", data={"about": "Music"}, actor=city.actor(lena), at=make.NOW)
    stranger = Actor(sort="reporter", case_id=case.pk, participant_id=other.sides.get(role="other").participant_id)
    with pytest.raises(Invalid, match="one of the sides"):
        act(case, "reply", data={"answer": "yes"}, actor=stranger, at=make.NOW)
    assert not Entry.objects.filter(verb="case.reply").exists()


@pytest.mark.parametrize("who", ["omar", "olga", "sam", "pat", "ada", "ed", "cleo"])
def test_nobody_but_coordinator_leader_and_records_learns_of_talks(
    city: City, signed_in: Any, lena: User, who: str
) -> None:
    opened = make.mediation(text="Zebrawords", name="Rosa Resident", email="rosa@example.org", area_id=city.north.pk)
    case, client = opened.case, signed_in(getattr(city, who))
    act(case, "add_side", data=UPSTAIRS, actor=city.actor(lena), at=make.NOW)
    number = _side(case, "upstairs")
    assert client.get(f"/desk/{case.reference}/").status_code == 404
    assert client.get(f"/desk/{case.reference}/agreement.pdf").status_code == 404
    assert client.post(f"/desk/{case.reference}/sides/{number}/letter/").status_code == 404
    assert client.post(f"/desk/{case.reference}/note/", {"text": "x", "version": 2}).status_code == 404
    for address in ("/desk/?view=all", "/desk/?q=Zebrawords", "/desk/cases.csv?view=all", "/desk/tasks/?view=team",
                    "/office/deliveries/", "/office/access/", "/office/retention/"):  # fmt: skip
        answer = client.get(address)
        page = answer.getvalue().decode() if answer.streaming else answer.content.decode()
        assert case.reference not in page and "Rosa Resident" not in page, address
    seen = Case.objects.visible_to(city.actor(lena)).filter(pk=case.pk)
    assert seen.exists()
    act(case, "assign", data={"user": city.cleo.pk, "knows": "no"}, actor=city.actor(lena), at=make.NOW)
    assert Case.objects.visible_to(city.actor(city.cleo)).filter(pk=case.pk).exists()


def test_rule_18_danger_written_on_a_sides_page_shows_the_number_first_and_keeps_the_words(
    city: City, signed_in: Any, lena: User
) -> None:
    _desk, links = _asked(city, signed_in, lena)
    lou, sent = Client(), {"deed": "withdraw", "reason": "He is beating me right now"}
    page = lou.post(links["lou@example.org"], sent).content.decode()
    assert "911" in page and "He is beating me right now" in page and Case.objects.latest("pk").is_open
    signed = re.search(r'name="danger" value="([^"]+)"', page)
    assert signed
    done = lou.post(links["lou@example.org"], sent | {"danger": signed[1]})
    assert done.status_code == 302 and not Case.objects.latest("pk").is_open
    entry = Entry.objects.filter(verb="case.withdraw").latest("pk")
    assert entry.data["danger"]["continued"] and Delivery.objects.filter(template="staff_danger").exists()
