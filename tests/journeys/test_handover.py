"""An officer moves on: cases, tasks, areas and rules find their successors, and residents are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, RoutingRule, Task
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import make_promise
from commonbeat.cases.todo import WantedTasks, add_task, list_tasks
from commonbeat.community.models import Cover
from commonbeat.community.places import officers_of
from commonbeat.community.reference import touch
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City


def page(user: Any) -> str:
    return reverse("office_user_handover", kwargs={"pk": user.pk})


def given_to(city: City, user: Any, **more: Any) -> Case:
    """A case that somebody works, with the clocks of today."""
    case = make.concern(more.pop("category", city.noise), at=timezone.now(), **more).case
    act(case, "assign", data={"user": user.pk, "tell": False}, actor=city.actor(city.sam), at=timezone.now())
    return case


def promised(city: City, text: str, *, case: Case | None = None) -> Promise:
    """Something that Omar promised somebody."""
    given = {"text": text, "to": "the neighbours", "where": "door", "due_on": "2999-01-01", "owner": str(city.omar.pk)}
    return make_promise(given, case=case, actor=city.actor(city.omar), at=timezone.now())


def test_an_officer_leaves_and_everything_open_changes_hands_in_one_deed(
    city: City, signed_in: Any, mailoutbox: list[Any]
) -> None:
    north = given_to(city, city.omar, email="rosa@example.org", told_by="email", language="es")
    called = given_to(city, city.omar, phone="312-555-0142", told_by="call")
    silent = given_to(city, city.omar, email="quiet@example.org", told_by="none")
    south = given_to(city, city.omar, place=make.SOUTH, email="ben@example.org", told_by="email")
    act(
        north,
        "ask",
        data={"whom": "reporter", "question": "Which floor?"},
        actor=city.actor(city.sam),
        at=timezone.now(),
    )
    add_task(silent, text="Ring the bell", due_at=None, owner_id=city.omar.pk, actor=SYSTEM, at=timezone.now())
    rule = RoutingRule.objects.create(order=1, name="Omar takes noise", user=city.omar)
    touch("routing")
    ada = signed_in(city.ada)
    lamp, talk = promised(city, "A lamp", case=north), promised(city, "A talk at school")

    person = ada.get(reverse("office_user_edit", kwargs={"pk": city.omar.pk})).content.decode()
    assert "Hand over their work and close the account" in person
    refused = ada.post(reverse("office_user_do", kwargs={"pk": city.omar.pk}), {"deed": "leave"}, follow=True)
    city.omar.refresh_from_db()
    assert "Hand it over first" in refused.content.decode() and city.omar.is_active

    shown = ada.get(page(city.omar), {"leaving": "1"}).content.decode()
    assert "2 open promises go with their cases" in shown
    assert "North: 3 open cases" in shown and "Outreach team: 1 open case" in shown and "Omar takes noise" in shown
    before = Entry.objects.count()
    answer = ada.post(
        page(city.omar),
        {"leaving": "1", "otherwise": city.sam.pk, f"area-{city.north.pk}": city.olga.pk, "tell": "on",
         "note": "Rosa's neighbour works nights."},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()

    for case, owner in ((north, city.olga), (called, city.olga), (silent, city.olga), (south, city.sam)):
        case.refresh_from_db()
        assert case.assignee == owner
        assert Entry.objects.filter(subject_kind="case", subject_id=case.pk, verb="case.pass_on").count() == 1
    assert north.state == "waiting", "it keeps its state: a question is open"
    hers = list_tasks(WantedTasks(), actor=city.actor(city.olga), at=timezone.now())
    assert "Ring the bell" in [task.text for task in hers]
    for promise, keeper in ((lamp, city.olga), (talk, city.sam)):
        promise.refresh_from_db()
        assert promise.owner == keeper and promise.task and promise.task.owner == keeper
    rule.refresh_from_db()
    assert rule.user == city.sam and make.concern(city.noise, at=timezone.now()).case.assignee == city.sam
    city.omar.refresh_from_db()
    assert not city.omar.is_active
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert officers_of(city.north.pk, at=tomorrow).present == (city.olga,)
    assert Entry.objects.count() > before and list(verify()) == []

    told = Delivery.objects.filter(template="new_officer").values_list("recipient", flat=True)
    assert set(told) == {"rosa@example.org", "ben@example.org"}, "whoever asked for no messages gets none"
    assert called.tasks.filter(sort="call", owner=city.olga).exists()
    Delivery.objects.filter(channel="email").update(urgent=True)
    send_due(at=timezone.now() + dt.timedelta(minutes=5))
    rosa = next(mail for mail in mailoutbox if mail.to == ["rosa@example.org"] and "Olga Officer" in mail.body)
    assert "/return/link/" in rosa.body and "works nights" not in rosa.body
    olga = next(mail for mail in mailoutbox if mail.to == [city.olga.email] and north.reference in mail.body)
    assert "works nights" in olga.body and "3 cases" in olga.subject
    history = ada.get(reverse("office_user_history", kwargs={"pk": city.omar.pk})).content.decode()
    assert "Open work handed over" in history and "Account closed" in history


def test_without_a_successor_the_work_goes_back_to_the_queue_and_nobody_is_told_a_name(
    city: City, signed_in: Any
) -> None:
    alone = given_to(city, city.omar, email="rosa@example.org", told_by="email")
    Case.objects.filter(pk=alone.pk).update(team=None)
    with_team = given_to(city, city.omar)
    RoutingRule.objects.create(order=1, name="Omar or the team", user=city.omar, team=city.team)
    RoutingRule.objects.create(order=2, name="Omar alone", user=city.omar)
    touch("routing")
    answer = signed_in(city.ada).post(page(city.omar), {"otherwise": "", "tell": "on"}, follow=True)
    assert "2 cases to the queue" in answer.content.decode()
    alone.refresh_from_db()
    with_team.refresh_from_db()
    assert (alone.assignee, alone.state) == (None, "acknowledged")
    assert (with_team.assignee, with_team.team, with_team.state) == (None, city.team, "assigned")
    assert alone.reference in signed_in(city.sam).get("/desk/?view=unassigned").content.decode()
    assert not Delivery.objects.filter(template="new_officer").exists()
    rules = RoutingRule.objects.order_by("order").values_list("user", "team", "active")
    assert list(rules) == [(None, city.team.pk, True), (city.omar.pk, None, False)]
    city.omar.refresh_from_db()
    assert city.omar.is_active and officers_of(city.north.pk, at=timezone.now()).present == (city.omar,)


def test_nobody_gets_by_a_handover_what_they_may_not_be_given(city: City, signed_in: Any) -> None:
    armed = make.category("armed", name="Armed", needs_sworn=True)
    sworn, free = given_to(city, city.omar, category=armed), given_to(city, city.omar)
    answer = signed_in(city.ada).post(page(city.omar), {"otherwise": city.cleo.pk, "tell": "on"}, follow=True)
    text = answer.content.decode()
    assert "1 case to Cleo Service" in text and sworn.reference in text and "It is back in the queue." in text
    sworn.refresh_from_db()
    free.refresh_from_db()
    assert sworn.assignee is None and free.assignee == city.cleo


def test_sensitive_matters_change_hands_in_silence(city: City, signed_in: Any) -> None:
    family = make.category("family", name="Family", sensitive=True, public_point=False)
    case = given_to(city, city.omar, category=family, email="rosa@example.org", told_by="email")
    signed_in(city.ada).post(page(city.omar), {"otherwise": city.olga.pk, "tell": "on"})
    case.refresh_from_db()
    assert case.assignee == city.olga and not Delivery.objects.filter(recipient="rosa@example.org").exists()


def test_a_handover_is_for_administrators_and_to_people_who_work_here(city: City, signed_in: Any) -> None:
    case = given_to(city, city.omar)
    assert signed_in(city.sam).get(page(city.omar)).status_code == 404
    ada = signed_in(city.ada)
    wrong = ada.post(page(city.omar), {"otherwise": city.omar.pk, "note": "Kept words"})
    assert wrong.status_code == 422 and "Kept words" in wrong.content.decode()
    last = ada.post(page(city.ada), {"leaving": "1", "otherwise": ""})
    assert last.status_code == 422 and "cannot close your own account" in last.content.decode()
    case.refresh_from_db()
    assert case.assignee == city.omar and not Entry.objects.filter(verb="user.handed_over").exists()


def test_nobody_is_covered_by_somebody_who_left(city: City, signed_in: Any) -> None:
    today = timezone.localdate()
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today + dt.timedelta(days=9))
    signed_in(city.ada).post(page(city.olga), {"leaving": "1", "otherwise": ""})
    assert Cover.objects.get().until == today
    assert officers_of(city.north.pk, at=timezone.now()).present == (city.omar,)


def test_a_promise_on_a_walled_case_is_handed_to_nobody_who_may_not_know_of_it(city: City, signed_in: Any) -> None:
    case = make.complaint(at=timezone.now()).case
    made = promised(city, "News by Friday")
    Promise.objects.filter(pk=made.pk).update(case=case)
    Task.objects.filter(pk=made.task_id).update(case=case, sort="promise")
    answer = signed_in(city.ada).post(page(city.omar), {"otherwise": city.cleo.pk, "leaving": "1"}, follow=True)
    assert answer.status_code == 200
    made.refresh_from_db()
    assert made.owner == city.omar and made.task and made.task.owner is None
    told = Delivery.objects.filter(recipient__in=[city.ada.email, city.cleo.email]).values_list("context", flat=True)
    assert case.reference not in str(list(told))
    for user in (city.ada, city.cleo):
        assert case.reference not in signed_in(user).get("/desk/tasks/").content.decode()
