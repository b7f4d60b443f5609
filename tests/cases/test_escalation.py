"""Overdue clocks: told to the nearest supervisor, once."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases.actions import act
from commonbeat.cases.escalation import escalate_overdue
from commonbeat.cases.models import Escalation
from commonbeat.community.models import Cover
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City

LATER = make.NOW + dt.timedelta(days=6)


def test_an_overdue_clock_is_told_once_to_the_supervisor_of_the_area(city: City) -> None:
    make.user("Nora North", "supervisor", areas=(city.north,))
    case = make.concern(city.noise).case
    assert escalate_overdue(at=make.NOW + dt.timedelta(hours=1)) == 0
    assert escalate_overdue(at=LATER) == 1 and escalate_overdue(at=LATER) == 0
    assert Delivery.objects.get(template="staff_overdue").recipient == "nora.north@demo.example"
    entry = Entry.objects.get(verb="case.escalated")
    assert entry.data["clock"] == "acknowledge" and entry.data["to"] == ["Nora North"]
    assert Escalation.objects.get().due_at == case.due_at


def test_without_one_nearby_the_supervisor_of_everything_is_told(city: City) -> None:
    make.concern(city.noise)
    escalate_overdue(at=LATER)
    assert Delivery.objects.get(template="staff_overdue").recipient == city.sam.email


def test_a_met_or_waiting_clock_is_nobodys_problem(city: City) -> None:
    sam = city.actor(city.sam)
    waiting = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    act(waiting, "ask", data={"whom": "reporter", "question": "Which floor?"}, actor=sam, at=make.NOW)
    done = make.concern(city.noise).case
    act(done, "resolve", data={"outcome": "fixed", "message": "Done."}, actor=sam, at=make.NOW)
    assert escalate_overdue(at=LATER) == 0


def test_what_ran_out_long_ago_is_escalated_without_an_e_mail_about_each(city: City) -> None:
    make.concern(city.noise)
    assert escalate_overdue(at=make.NOW + dt.timedelta(days=200)) == 1
    assert Entry.objects.get(verb="case.escalated").data["to"] == [city.sam.name]
    assert Delivery.objects.get(template="staff_overdue").channel == "inbox"


def test_whoever_stands_in_for_the_supervisor_is_told_as_well(city: City) -> None:
    nora = make.user("Nora North", "supervisor", areas=(city.north,))
    Cover.objects.create(user=nora, by=city.sam, since=make.NOW.date(), until=LATER.date())
    make.concern(city.noise)
    escalate_overdue(at=LATER)
    told = Delivery.objects.filter(template="staff_overdue").values_list("recipient", flat=True)
    assert set(told) == {nora.email, city.sam.email}
