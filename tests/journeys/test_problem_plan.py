"""The plan of a problem lies among the tasks of whoever does it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.models import Task
from commonbeat.community.agency import close_of
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.models import Action
from tests.conftest import City
from tests.journeys.test_problem import NOW, _analysed, _concerns, _start


def test_an_action_is_a_task_of_whoever_does_it_and_follows_it(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.sam), _concerns(city, 2))
    _analysed(desk)
    due, later = ((NOW + dt.timedelta(days=days)).date() for days in (7, 9))
    desk.done("plan", action_text="Walk the park at ten", user=city.omar.pk, due_on=due.isoformat())
    action, task = Action.objects.get(), Task.objects.get(sort="action")
    assert action.task == task and (task.owner, task.due_at) == (city.omar, close_of(due))
    omar = signed_in(city.omar)
    listed = omar.get("/desk/tasks/").content.decode()
    assert "Walk the park at ten" in listed and desk.case.reference in listed

    desk.done("progress", action=action.pk, state="doing", due_on=later.isoformat())
    task.refresh_from_db()
    assert (task.due_at, task.done_at) == (close_of(later), None)
    desk.done("progress", action=action.pk, state="done")
    task.refresh_from_db()
    assert task.done_at and "Walk the park at ten" not in omar.get("/desk/tasks/").content.decode()
    desk.done("progress", action=action.pk, state="doing")
    task.refresh_from_db()
    assert task.done_at is None, "said too early"


def test_taking_an_action_back_takes_its_task_back(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.sam), _concerns(city, 2))
    _analysed(desk)
    due = (NOW + dt.timedelta(days=7)).date().isoformat()
    desk.done("plan", action_text="Walk the park at ten", user=city.omar.pk, due_on=due)
    last = Entry.objects.about("case", desk.case.pk).latest("number")
    assert desk.client.post(f"{desk.url}undo/", {"entry": last.number}).status_code == 302
    assert not Action.objects.exists() and not Task.objects.filter(sort="action").exists()
