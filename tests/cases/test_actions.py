"""Opening a case, taking a step, taking it back: the two verbs and their promises."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from commonbeat.cases.actions import Report, Stale, act, open_case
from commonbeat.cases.models import Case, Participant, RoutingRule
from commonbeat.cases.undoing import CannotUndo, undo
from commonbeat.community.reference import touch
from commonbeat.core.actor import ANONYMOUS, Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal.chain import make_seal, verify
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.models import Publication, PublicCase
from tests import make
from tests.conftest import City


def test_a_report_becomes_a_case_with_one_entry_a_card_and_a_code(city: City) -> None:
    opened = make.concern(city.noise, email="rosa@example.org", told_by="email")
    assert opened.code
    case = Case.objects.get()
    assert case.area == city.north
    assert case.state == "new" and case.due_at is not None
    assert [e.verb for e in Entry.objects.about("case", case.pk)] == ["case.opened"]
    assert Delivery.objects.filter(template="received", recipient="rosa@example.org").count() == 1
    card = PublicCase.objects.get()
    assert (card.lat, card.long) != make.NORTH and card.text == ""
    assert list(verify()) == []


def test_the_same_report_sent_twice_is_one_case_and_no_second_code(city: City) -> None:
    client_id = uuid.uuid4()
    report = Report(category_id=city.noise.pk, text="Loud", address="State St", lat=41.9, long=-87.7)
    first = open_case("concern", report, actor=ANONYMOUS, at=make.NOW, client_id=client_id)
    again = open_case("concern", report, actor=ANONYMOUS, at=make.NOW, client_id=client_id)
    assert again.case == first.case and again.replayed and again.code is None
    assert Case.objects.count() == Participant.objects.count() == Entry.objects.count() == 1


def test_a_place_outside_is_refused_with_what_to_do(city: City) -> None:
    with pytest.raises(Invalid, match="outside the area"):
        make.concern(city.noise, place=(45.0, -93.0))


def test_rules_route_a_new_case_and_say_why(city: City) -> None:
    RoutingRule.objects.create(order=1, name="Vehicles", when={"category": ["abandoned-vehicle"]}, team=city.team)
    RoutingRule.objects.create(order=2, name="Area officer", area_officer=True)
    touch("routing")
    case = make.concern(city.noise).case
    assert case.assignee == city.omar
    looks = Entry.objects.get().data["routing"]["looks"]
    assert looks == [["Vehicles", False, "category"], ["Area officer", True, ""]]


def test_each_step_leaves_exactly_one_entry_and_the_chain_verifies(city: City) -> None:
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    act(case, "acknowledge", data={}, actor=sam, at=make.NOW)
    act(case, "assign", data={"user": city.omar.pk}, actor=sam, at=make.NOW)
    act(case, "resolve", data={"outcome": "fixed", "message": "We spoke with them."}, actor=sam, at=make.NOW)
    assert [e.verb for e in Entry.objects.about("case", case.pk)][1:] == [
        "case.acknowledge",
        "case.assign",
        "case.resolve",
    ]
    assert case.closed_at and case.dispose_on and case.due_at is None
    assert Publication.objects.get().state == "draft"
    assert make_seal(at=make.NOW) is None or list(verify()) == []
    assert list(verify()) == []


def test_whoever_saw_an_older_version_is_told_so(city: City) -> None:
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    seen = case.version
    act(Case.objects.get(pk=case.pk), "acknowledge", data={}, actor=sam, at=make.NOW, version=seen)
    with pytest.raises(Stale):
        act(case, "note", data={"text": "late"}, actor=sam, at=make.NOW, version=seen)
    assert Entry.objects.filter(verb="case.note").count() == 0


def test_waiting_for_the_reporter_stops_the_clocks_and_the_answer_starts_them(city: City) -> None:
    case = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    sam = city.actor(city.sam)
    due = case.due_at
    act(case, "ask", data={"whom": "reporter", "question": "Which floor?"}, actor=sam, at=make.NOW)
    assert case.state == "waiting" and case.due_at is None
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get().pk)
    act(case, "answer", data={"text": "The third."}, actor=reporter, at=make.NOW + dt.timedelta(days=5))
    assert case.state == "assigned" and case.due_at is not None and due is not None and case.due_at > due


def test_a_step_can_be_taken_back_while_nothing_left_the_house(city: City) -> None:
    case = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    sam = city.actor(city.sam)
    entry = act(
        case,
        "resolve",
        data={"outcome": "fixed", "message": "Done."},
        actor=sam,
        at=make.NOW,
        hold=dt.timedelta(minutes=10),
    )
    undo(case, entry, actor=sam, at=make.NOW + dt.timedelta(minutes=3))
    assert case.state == "new" and case.outcome == "" and case.closed_at is None and case.due_at
    assert Delivery.objects.get(entry=entry).state == "cancelled"
    assert Publication.objects.count() == 0
    entry = act(case, "acknowledge", data={}, actor=sam, at=make.NOW)
    with pytest.raises(CannotUndo, match="too late"):
        undo(case, entry, actor=sam, at=make.NOW + dt.timedelta(minutes=11))


def test_an_unhappy_answer_reopens_with_the_reason_kept(city: City) -> None:
    opened = make.concern(city.noise)
    case = opened.case
    act(case, "resolve", data={"outcome": "fixed", "message": "Done."}, actor=city.actor(city.sam), at=make.NOW)
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get().pk)
    late = make.NOW + dt.timedelta(days=3)
    act(case, "rate", data={"fixed": "no", "text": "Still loud."}, actor=reporter, at=late)
    assert case.state == "reopened" and case.closed_at is None and case.due_at and case.due_at > late
    assert Entry.objects.get(verb="case.rate").personal["text"] == "Still loud."


def test_a_stranger_may_not_take_a_step(city: City) -> None:
    case = make.concern(city.noise).case
    with pytest.raises(NotAllowed):
        act(case, "resolve", data={"outcome": "fixed", "message": "x"}, actor=ANONYMOUS, at=make.NOW)


def test_officers_see_their_areas_and_subjects_never_see_their_case(city: City) -> None:
    case = make.concern(city.noise).case
    assert Case.objects.visible_to(city.actor(city.omar)).count() == 1
    assert Case.objects.visible_to(city.actor(city.olga)).count() == 0
    assert Case.objects.visible_to(city.actor(city.pat)).count() == 0
    Participant.objects.create(case=case, role="subject", user=city.sam, created_at=make.NOW)
    assert Case.objects.visible_to(city.actor(city.sam)).count() == 0


def test_a_part_can_be_split_off_although_nobody_asked_its_questions(city: City) -> None:
    lamp = make.category(
        "lamp", questions=[{"code": "wires", "datatype": "string", "label": {"en": "Wires?"}, "required": True}]
    )
    case = make.concern(city.noise).case
    entry = act(
        case, "split", data={"category": lamp.pk, "text": "The lamp is out."}, actor=city.actor(city.sam), at=make.NOW
    )
    part = Case.objects.get(pk=entry.data["child"])
    assert part.category == lamp and part.links_from.get().relation == "child"


@pytest.mark.parametrize("outcome", ["duplicate", "withdrawn", "elsewhere", "history", "vanished"])
def test_nobody_can_choose_an_outcome_that_is_not_offered(city: City, outcome: str) -> None:
    case = make.concern(city.noise).case
    with pytest.raises(Invalid, match="Choose an outcome"):
        act(case, "resolve", data={"outcome": outcome, "message": "x"}, actor=city.actor(city.sam), at=make.NOW)
