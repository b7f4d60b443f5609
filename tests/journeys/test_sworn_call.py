"""RULES 12: what is work of sworn officers is refused to others, called for, taken by name, and never left alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from commonbeat.cases.models import Case
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery, Entry
from commonbeat.kinds.field_report.guard import words_of_powers
from commonbeat.kinds.field_report.models import FieldReport, SwornCall
from commonbeat.kinds.field_report.sworn import WAIT, escalate_calls
from commonbeat.kinds.field_report.vocabulary import BY_LAW, SIGNS, URGENT
from tests.conftest import City
from tests.journeys.test_field_report import NEW, SAID, TEXT, Desk, begun

TOLD = {"call": "1", "c-dispatch": "told", "c-incident": "P-77", "c-note": "He stands at the back door."}


@pytest.mark.parametrize("sort", sorted(BY_LAW))
def test_rule_12_sorts_for_sworn_officers_are_refused_with_the_way_to_them(
    city: City, signed_in: Any, sort: str
) -> None:
    answer = signed_in(city.cleo).post(NEW, SAID | {"sort": sort})
    page = answer.content.decode()
    assert answer.status_code == 422 and "This needs a sworn officer" in page and 'name="call"' in page
    assert SAID["text"] in page and not Case.objects.exists()


@pytest.mark.parametrize("sign", [one.key for one in SIGNS])
def test_rule_12_every_sign_is_refused_and_urgent_ones_go_to_dispatch_first(
    city: City, signed_in: Any, sign: str
) -> None:
    cleo = signed_in(city.cleo)
    assert cleo.post(NEW, SAID | {"signs": [sign]}).status_code == 422 and not Case.objects.exists()
    calm = cleo.post(NEW, SAID | {"signs": [sign], "call": "1", "c-dispatch": "calm"})
    assert calm.status_code == (422 if sign in URGENT else 302)
    assert Case.objects.exists() == (sign not in URGENT)
    if sign in URGENT:
        assert "Tell dispatch first" in calm.content.decode()


def test_rule_12_a_dangerous_sort_goes_to_dispatch_first_without_any_sign(city: City, signed_in: Any) -> None:
    cleo = signed_in(city.cleo)
    for sort, status in (("weapon", 422), ("family", 422), ("arrest", 302)):
        sent = SAID | {"sort": sort, "call": "1", "c-dispatch": "calm"}
        assert cleo.post(NEW, sent).status_code == status, sort


def test_rule_12_a_call_is_taken_by_name_and_time_and_both_are_in_the_journal(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.cleo), sort="weapon", signs=["weapon"], **TOLD)
    assert desk.case.state == "calling" and {"case.opened", "case.call_sworn"} <= set(_verbs(desk.case))
    assert set(Delivery.objects.filter(template="staff_sworn_needed").values_list("recipient", flat=True)) == {
        city.omar.email, city.sam.email,
    }  # fmt: skip
    page = desk.page()
    assert "This waits for a sworn officer." in page and "P-77" in page and "Nobody has taken it yet." in page
    desk.refused("write", "not possible", **TEXT)
    desk.refused("submit", "not possible")
    desk.refused("accept_call", "needs another role")
    rook = make_unsworn_officer(city)
    Desk(signed_in(rook), desk.case).refused("accept_call", "Only a sworn officer can take this.")

    omar = Desk(signed_in(city.omar), desk.case)
    assert desk.case.reference in omar.client.get("/desk/reports/").content.decode().partition("Mine to finish")[0]
    omar.done("accept_call", text="Two minutes away.")
    call = SwornCall.objects.get()
    assert call.accepted_by == city.omar and call.accepted_at and omar.case.state == "drafting"
    asked, taken = Entry.objects.get(verb="case.call_sworn"), Entry.objects.get(verb="case.accept_call")
    assert (asked.actor_name, taken.actor_name) == (city.cleo.name, city.omar.name) and taken.at >= asked.at
    assert asked.data["signs"] == ["weapon"] and taken.data["accepted_by"] == city.omar.name
    assert Delivery.objects.get(template="staff_sworn_taken").recipient == city.cleo.email
    assert "Taken over by Omar Officer" in desk.page() and list(verify()) == []
    desk.done("write", **TEXT | {"saw": "I saw a knife and kept away.", "sort": ""})
    desk.done("submit")


def make_unsworn_officer(city: City) -> Any:
    from tests import make

    return make.user("Rook Recruit", "officer", areas=(city.north,), sworn=False)


def _verbs(case: Case) -> list[str]:
    return list(Entry.objects.about("case", case.pk).values_list("verb", flat=True))


def test_rule_12_supervisors_hear_again_and_again_until_somebody_takes_it(city: City, signed_in: Any) -> None:
    desk, at = begun(signed_in(city.cleo), sort="family", signs=["violence"], **TOLD), timezone.now()
    assert escalate_calls(at=at + WAIT - dt.timedelta(minutes=1)) == []
    for number in (1, 2):
        [entry] = escalate_calls(at=at + number * (WAIT + dt.timedelta(seconds=5)))
        assert entry.verb == "case.call_escalated" and entry.data["round"] == number
        assert {city.sam.name, city.omar.name} == set(entry.data["to"])
        assert escalate_calls(at=at + number * (WAIT + dt.timedelta(seconds=6))) == [], "once in each ten minutes"
    assert "Supervisors were told 2 times." in desk.page()
    assert "No sworn officer took it yet: told to supervisors" in desk.page()
    Desk(signed_in(city.omar), desk.case).done("accept_call")
    assert escalate_calls(at=at + dt.timedelta(hours=5)) == []


def test_rule_12_signs_that_come_up_while_writing_lead_to_a_call(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.cleo))
    page = desk.refused("write", "This needs a sworn officer", **TEXT | {"signs": ["present"]})
    assert TEXT["saw"] in page
    desk.refused("call_sworn", "Tell dispatch first", signs=["present"], dispatch="calm")
    desk.done("call_sworn", signs=["present"], dispatch="told")
    assert desk.case.state == "calling"
    sam = Desk(signed_in(city.sam), desk.case)
    sam.done("accept_call")
    desk.done("write", **TEXT | {"signs": ["present"]})


def test_nobody_takes_their_own_call(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.omar))
    desk.done("call_sworn", signs=["arrest"], dispatch="calm")
    desk.refused("accept_call", "Another officer has to take it.")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I detained him until they came.", "arrest"), ("I chased the car for two blocks.", "pursuit"),
        ("He had a knife in his hand.", "weapon"), ("Two men were fighting.", "violence"),
        ("The suspect was still inside.", "present"), ("Lo esposé en la esquina. Fue arrestado.", "arrest"),
    ],
)  # fmt: skip
def test_rule_12_words_of_police_powers_need_a_call_or_a_reason(
    city: City, signed_in: Any, text: str, sign: str
) -> None:
    assert sign in words_of_powers(text, language="en")
    desk = begun(signed_in(city.cleo))
    page = desk.refused("write", "sounds like work of sworn officers", **TEXT | {"did": text})
    assert text in page
    desk.done("write", **TEXT | {"did": text, "not_now": "The owner told me about last week."})
    assert Entry.objects.get(verb="case.write").data["sounds_like"]
    assert "The owner told me about last week." in signed_in(city.sam).get(desk.url).content.decode()


def test_sworn_officers_write_what_they_do(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.omar), signs=["arrest"])
    desk.done("write", **TEXT | {"did": "I arrested him."})
    assert words_of_powers("We cleaned graffiti and saw no weapon.", language="en") == {}


def test_every_sort_has_a_card_that_says_when_to_call(city: City, signed_in: Any) -> None:
    page = signed_in(city.cleo).get("/desk/reports/cards/").content.decode()
    assert page.count("Call sworn officers when:") == 18 and page.count("For sworn officers only") == len(BY_LAW)


def test_sending_twice_opens_one_report_and_one_call(city: City, signed_in: Any) -> None:
    cleo, number = signed_in(city.cleo), "6b0f3c1e-52bb-4cf4-a8a1-3a0d5a1b7c99"
    for _ in range(2):
        assert cleo.post(NEW, SAID | {"sort": "arrest", "client_id": number} | TOLD).status_code == 302
    assert FieldReport.objects.count() == SwornCall.objects.count() == 1
