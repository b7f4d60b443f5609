"""Tasks without a case: added, changed, done, taken back, each with one entry; seen by those whom they concern."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonbeat.cases.admin_tasks import (
    CannotTakeBack,
    add_admin_task,
    change_admin_task,
    finish_admin_task,
    forget_admin_tasks,
    remind_due,
    undo_admin_task,
)
from commonbeat.cases.disposal import schedule
from commonbeat.cases.handover import hand_over
from commonbeat.cases.models import Case, Task
from commonbeat.cases.task_queries import assignable
from commonbeat.cases.todo import add_task
from commonbeat.community.models import Cover, User
from commonbeat.core.actor import Actor, Grant, Role
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import AccessLog, Delivery, Entry
from tests import make
from tests.conftest import City
from tests.contracts.opening import observation

TODAY = make.NOW.date()


def made(city: City, by: User, text: str = "Order forms", *, owner: User | None = None, due: str = "") -> Task:
    """An administrative task of a moment ago."""
    data = {"text": text, "owner": (owner or by).pk, "due": due}
    return add_admin_task(data, actor=city.actor(by), at=timezone.now())


def verbs(task: Task) -> list[str]:
    return [entry.verb for entry in Entry.objects.about("task", task.pk)]


def test_a_task_without_a_case_is_added_changed_done_and_opened_again_with_an_entry_each(
    city: City, signed_in: Any
) -> None:
    browser = signed_in(city.omar)
    assert "/desk/tasks/new/" in browser.get("/desk/tasks/").content.decode()
    form = browser.get("/desk/tasks/new/").content.decode()
    assert "For what belongs to no case" in form and 'name="client_id"' in form
    sent = {"text": "Order new forms", "due": "2031-05-02", "owner": city.omar.pk, "client_id": str(uuid.uuid4())}
    page = browser.post("/desk/tasks/new/", sent, follow=True).content.decode()
    task = Task.objects.get()
    assert (task.case, task.sort, task.owner, task.created_by) == (None, "admin", city.omar, city.omar)
    assert "Order new forms" in page and "2031-05-02 17:00" in page and "Undo" in page
    browser.post("/desk/tasks/new/", sent)
    assert Task.objects.count() == 1, "sent twice, made once"

    page = browser.get(f"/desk/tasks/{task.pk}/").content.decode()
    assert 'value="2031-05-02"' in page and 'name="version" value="1"' in page
    change = {"text": "Order newer forms", "due": "", "owner": city.omar.pk, "version": 1}
    browser.post(f"/desk/tasks/{task.pk}/", change)
    task.refresh_from_db()
    assert (task.text, task.due_at) == ("Order newer forms", None)
    done = browser.post(f"/desk/tasks/{task.pk}/done/", {"back": "view=mine"}, follow=True).content.decode()
    assert "You have nothing to do" in done and "Undo" in done
    assert "Order newer forms" in browser.get("/desk/tasks/?view=done").content.decode()
    browser.post(f"/desk/tasks/{task.pk}/done/")
    browser.post(f"/desk/tasks/{task.pk}/open/")
    assert verbs(task) == ["task.added", "task.changed", "task.done", "task.reopened"]
    story = browser.get(f"/desk/tasks/{task.pk}/").content.decode()
    assert "Not done after all" in story and "Order new forms" in story and "without a day" in story
    assert list(verify()) == []


def test_bad_input_says_what_to_do_and_keeps_what_was_typed(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    for wrong, words in (
        ({"text": "", "owner": city.omar.pk}, "Answer this question"),
        ({"text": "Kept words", "due": "tomorrow", "owner": city.omar.pk}, "Enter a day such as"),
        ({"text": "Kept words", "owner": ""}, "Answer this question"),
        ({"text": "Kept words", "owner": city.sam.pk + 1000}, "Choose one of the answers listed"),
        ({"text": "x" * 301, "owner": city.omar.pk}, "Shorten this"),
    ):
        answer = browser.post("/desk/tasks/new/", wrong)
        page = answer.content.decode()
        assert answer.status_code == 422 and words in page, wrong
        assert wrong["text"] in page and str(wrong.get("due", "")) in page
    assert Task.objects.count() == 0 and not Entry.objects.filter(subject_kind="task").exists()
    task = made(city, city.omar)
    answer = browser.post(f"/desk/tasks/{task.pk}/", {"text": "Typed", "owner": city.omar.pk, "due": "31 May"})
    assert answer.status_code == 422 and "Typed" in answer.content.decode() and "31 May" in answer.content.decode()
    assert browser.post(f"/desk/tasks/{task.pk}/explode/").status_code == 404


def test_whoever_was_slower_sees_who_changed_it_and_keeps_their_words(city: City, signed_in: Any) -> None:
    task = made(city, city.sam, owner=city.omar)
    change_admin_task(
        task, {"text": "From Sam", "owner": city.omar.pk}, actor=city.actor(city.sam), at=timezone.now(), version=1
    )
    answer = signed_in(city.omar).post(
        f"/desk/tasks/{task.pk}/", {"text": "From Omar", "owner": city.omar.pk, "version": 1}
    )
    page = answer.content.decode()
    assert answer.status_code == 409 and "Sam Supervisor changed this" in page and 'value="From Omar"' in page
    assert 'name="version" value="2"' in page
    task.refresh_from_db()
    assert task.text == "From Sam"


def test_a_deed_is_taken_back_by_its_doer_while_it_is_fresh(city: City, signed_in: Any) -> None:
    browser, omar = signed_in(city.omar), city.actor(city.omar)
    task = made(city, city.omar, "First words", due="2031-05-02")
    due = task.due_at
    change_admin_task(task, {"text": "Other words", "owner": city.omar.pk}, actor=omar, at=timezone.now())
    page = browser.get(f"/desk/tasks/?did={task.pk}").content.decode()
    assert f"/desk/tasks/{task.pk}/undo/" in page and 'name="entry" value="2"' in page
    browser.post(f"/desk/tasks/{task.pk}/undo/", {"entry": 2})
    task.refresh_from_db()
    assert (task.text, task.due_at) == ("First words", due)
    browser.post(f"/desk/tasks/{task.pk}/done/")
    for entry, actor, at, words in (
        (3, omar, timezone.now(), "Something else"),
        (4, city.actor(city.sam), timezone.now(), "Only the person"),
        (4, omar, timezone.now() + dt.timedelta(minutes=11), "too late"),
    ):
        with pytest.raises(CannotTakeBack, match=words):
            undo_admin_task(task, entry, actor=actor, at=at)
    assert "too late" not in browser.post(f"/desk/tasks/{task.pk}/undo/", {"entry": 4}, follow=True).content.decode()
    task.refresh_from_db()
    assert task.done_at is None
    other = made(city, city.omar, "By mistake")
    browser.post(f"/desk/tasks/{other.pk}/undo/", {"entry": 1})
    assert not Task.objects.filter(pk=other.pk).exists() and verbs(other) == ["task.added", "task.undone"]
    assert browser.get("/desk/tasks/?did=nonsense").status_code == 200


def test_a_task_given_to_somebody_is_told_after_the_time_to_take_it_back(city: City, signed_in: Any) -> None:
    sam = signed_in(city.sam)
    sam.post("/desk/tasks/new/", {"text": "Bring the vests", "owner": city.omar.pk, "due": "2031-05-02"})
    task, told = Task.objects.get(), Delivery.objects.get()
    assert (told.template, told.recipient, told.state) == ("staff_task_given", city.omar.email, "pending")
    assert told.next_at > timezone.now() + dt.timedelta(minutes=9) and "vests" not in str(told.context)
    assert "Bring the vests" in signed_in(city.omar).get("/desk/tasks/").content.decode()
    assert "Bring the vests" in sam.get("/desk/tasks/?view=given").content.decode()
    sam.post(f"/desk/tasks/{task.pk}/undo/", {"entry": 1})
    told.refresh_from_db()
    assert told.state == "cancelled"
    made(city, city.omar)
    assert Delivery.objects.count() == 1, "nobody is told what they did themselves"


def test_only_oneself_ones_team_and_those_whom_one_supervises_get_tasks(city: City) -> None:
    def names(user: User) -> set[str]:
        return {found.name for found in assignable(city.actor(user), on=TODAY)}

    nora = make.user("Nora North", "supervisor", areas=(city.north,))
    make.user("Paula Partner", "partner", team=city.team)
    away = make.user("Alma Away", "officer", team=city.team)
    User.objects.filter(pk=away.pk).update(is_active=False)
    everybody = {u.name for u in (city.omar, city.olga, city.cleo, city.sam, city.pat, city.ada, city.ed, nora)}
    assert names(city.omar) == {city.omar.name, city.olga.name, city.cleo.name, city.sam.name}
    assert names(city.pat) == {city.pat.name}
    assert names(nora) == {nora.name, city.omar.name, city.cleo.name}, "whoever works everywhere works there too"
    assert names(city.sam) == everybody
    with pytest.raises(Invalid, match="whom you supervise"):
        made(city, city.omar, owner=city.ada)
    given = made(city, city.sam, owner=city.pat)
    change_admin_task(
        given, {"text": "Kept by whoever has it", "owner": city.pat.pk}, actor=city.actor(city.pat), at=timezone.now()
    )


def _sees(task: Task, actor: Actor, city: City) -> bool:
    """The rule, read plainly."""
    places = {city.omar.pk: city.north.pk, city.olga.pk: city.south.pk}

    def is_supervised(user_id: int | None) -> bool:
        for grant in actor.grants:
            if grant.role == "supervisor" and user_id is not None:
                if grant.area_ids and places.get(user_id) in grant.area_ids:
                    return True
                team = User.objects.get(pk=user_id).team_id
                if not grant.area_ids and grant.team_id and team == grant.team_id:
                    return True
                if not grant.area_ids and not grant.team_id:
                    return True
        return False

    if task.case is not None:
        return type(task.case).objects.visible_to(actor).filter(pk=task.case_id).exists()
    if not actor.has("officer", "cso", "liaison", "programme", "supervisor", "records", "admin", "standards",
                     "analyst", "editor"):  # fmt: skip
        return False
    mine = {actor.user_id, *actor.covers}
    return (
        task.owner_id in mine or task.created_by_id == actor.user_id
        or is_supervised(task.owner_id if task.owner_id else task.created_by_id)
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_tasks_are_seen_by_owner_maker_stand_in_and_supervisor_and_those_of_cases_with_the_case(
    city: City, data: Any
) -> None:
    with transaction.atomic():
        people = [city.omar, city.olga, city.sam, city.ed]
        case = make.concern(city.noise).case
        add_task(case, text="Call", due_at=None, owner_id=city.omar.pk, actor=city.actor(city.sam), at=make.NOW)
        for owner in (*people, None):
            for maker in people:
                Task.objects.create(sort="admin", text="t", owner=owner, created_by=maker, created_at=make.NOW)
        areas = st.sets(st.sampled_from([city.north.pk, city.south.pk])).map(frozenset)
        grant = st.builds(
            Grant, role=st.sampled_from([str(role) for role in Role]), area_ids=areas,
            team_id=st.sampled_from([None, city.team.pk, city.team.pk + 1]),
        )  # fmt: skip
        user = data.draw(st.sampled_from([*people, city.pat]))
        covers = data.draw(st.sampled_from([frozenset(), frozenset({city.olga.pk})])) - {user.pk}
        grants = tuple(data.draw(st.lists(grant, max_size=3)))
        actor = Actor(sort="staff", user_id=user.pk, name=user.name, grants=grants, covers=covers)
        seen = set(Task.objects.visible_to(actor, on=TODAY).values_list("pk", flat=True))
        assert seen == {task.pk for task in Task.objects.all() if _sees(task, actor, city)}
        transaction.set_rollback(True)


def test_neither_strangers_nor_programs_nor_reporters_see_tasks(city: City) -> None:
    made(city, city.omar)
    for actor in (
        Actor(), Actor(sort="key", key_id=1, grants=(Grant("key"),)), Actor(sort="reporter", case_id=1),
        Actor(sort="staff", user_id=city.omar.pk),
    ):  # fmt: skip
        assert Task.objects.visible_to(actor, on=TODAY).count() == 0


def test_others_find_no_such_task_and_partners_have_no_door_to_them(city: City, signed_in: Any) -> None:
    task = made(city, city.ed, "Secret errand")
    for user in (city.omar, city.pat):
        browser = signed_in(user)
        assert browser.get(f"/desk/tasks/{task.pk}/").status_code == 404
        assert browser.post(f"/desk/tasks/{task.pk}/done/").status_code == 404
        for view in ("mine", "team", "given", "done"):
            assert "Secret errand" not in browser.get(f"/desk/tasks/?view={view}").content.decode()
    assert "Secret errand" in signed_in(city.sam).get("/desk/tasks/?view=team").content.decode()
    partner = signed_in(make.user("Paula Partner", "partner", team=city.team))
    assert partner.get("/desk/tasks/").status_code == 200
    assert partner.get("/desk/tasks/new/").status_code == 404
    assert "/desk/tasks/new/" not in partner.get("/desk/tasks/").content.decode()
    assert Task.objects.get().done_at is None


def test_a_task_says_what_its_case_is_about_also_where_that_has_no_category(city: City, signed_in: Any) -> None:
    case = observation.open_one(city)
    add_task(case, text="Look", due_at=None, owner_id=city.omar.pk, actor=city.actor(city.omar), at=make.NOW)
    omar = signed_in(city.omar)
    assert f"{case.reference}</a> Observation" in omar.get("/desk/tasks/").content.decode()
    make.concern(city.noise)
    Case.objects.filter(pk=case.pk).update(lat=41.9, long=-87.7)
    titles = [point["properties"]["title"] for point in omar.get("/desk/map.geojson?view=all").json()["features"]]
    assert f"{case.reference} Observation" in titles


def test_the_list_filters_in_the_address_and_goes_away_as_csv(city: City, signed_in: Any) -> None:
    today = timezone.localdate()
    case = make.concern(city.noise).case
    sam = city.actor(city.sam)
    add_task(case, text="Knock at the door", due_at=make.NOW, owner_id=city.omar.pk, actor=sam, at=make.NOW)
    made(city, city.omar, "=Order forms", due=(today + dt.timedelta(days=3)).isoformat())
    made(city, city.omar, "Read the manual")
    made(city, city.sam, "Not Omar's")
    browser = signed_in(city.omar)
    texts = ("Knock at the door", "=Order forms", "Read the manual")

    def shown(query: str) -> list[str]:
        page = browser.get(f"/desk/tasks/?{query}").content.decode()
        assert "Not Omar" not in page
        return [text for text in texts if f'<strong dir="auto">{text}' in page]

    assert shown("") == list(texts)
    assert shown("sort=admin") == ["=Order forms", "Read the manual"] and shown("sort=todo") == ["Knock at the door"]
    assert shown("due=late") == ["Knock at the door"] and shown("due=week&sort=admin") == ["=Order forms"]
    assert shown("due=none") == ["Read the manual"] and shown("due=today") == []
    assert shown("q=FORMS") == ["=Order forms"] and shown("q=forms&due=none") == []
    assert shown("view=nonsense&sort=\x00&due=x&owner=y") == list(texts)
    answer = browser.get("/desk/tasks.csv?sort=admin")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Task"] for row in rows] == ["'=Order forms", "Read the manual"]
    assert rows[0]["Who does it"] == "Omar Officer" and AccessLog.objects.get(what="tasks exported")
    back = browser.post(f"/desk/{case.reference}/tasks/{Task.objects.get(case=case).pk}/", {"back": "sort=todo&x=//e"})
    assert back["Location"] == "/desk/tasks/?view=mine&sort=todo"


def test_a_list_of_tasks_costs_the_same_however_long_it_is(city: City, signed_in: Any) -> None:
    browser = signed_in(city.sam)

    def reads() -> int:
        browser.get("/desk/tasks/?view=team")
        with CaptureQueriesContext(connection) as seen:
            browser.get("/desk/tasks/?view=team")
        return len([q for q in seen if "referencestamp" not in q["sql"]])

    made(city, city.omar)
    few = reads()
    for number in range(20):
        made(city, city.olga, f"Task {number}")
        add_task(
            make.concern(city.noise).case, text="Call", due_at=None, owner_id=city.omar.pk,
            actor=city.actor(city.sam), at=make.NOW,
        )  # fmt: skip
    assert reads() == few <= 5


def test_the_worker_reminds_owner_and_stand_in_once_on_the_morning_of_the_day(city: City) -> None:
    task = add_admin_task(
        {"text": "Hand in the hours", "owner": city.omar.pk, "due": "2026-03-13"}, actor=city.actor(city.omar),
        at=make.NOW,
    )  # fmt: skip
    Cover.objects.create(user=city.omar, by=city.olga, since="2026-03-12", until="2026-03-14")
    before, morning = dt.datetime(2026, 3, 13, 11, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 13, 12, 1, tzinfo=dt.UTC)
    assert remind_due(at=before) == 0
    assert remind_due(at=morning) == 1 and remind_due(at=morning + dt.timedelta(hours=1)) == 0
    told = Delivery.objects.filter(template="staff_task_due")
    assert {row.recipient for row in told} == {city.omar.email, city.olga.email}
    assert verbs(task) == ["task.added", "task.reminded"]
    change_admin_task(
        task, {"text": task.text, "owner": city.omar.pk, "due": "2026-03-20"}, actor=city.actor(city.omar), at=morning
    )
    assert remind_due(at=morning + dt.timedelta(days=7)) == 1, "another day, another reminder"
    finish_admin_task(task, actor=city.actor(city.omar), at=morning)
    for text, due in (("Today already", "2026-03-11"), ("No day", "")):
        add_admin_task({"text": text, "owner": city.omar.pk, "due": due}, actor=city.actor(city.omar), at=make.NOW)
    assert remind_due(at=morning + dt.timedelta(days=30)) == 0


def test_messages_about_tasks_can_be_read_and_turned_off(city: City, mailoutbox: Any) -> None:
    User.objects.filter(pk=city.cleo.pk).update(muted=["staff_task_given"])
    for owner in (city.omar, city.cleo):
        task = add_admin_task(
            {"text": "Hand in the hours", "owner": owner.pk, "due": "2026-03-13"}, actor=city.actor(city.sam),
            at=make.NOW,
        )  # fmt: skip
    assert set(Delivery.objects.values_list("recipient", "channel")) == {
        (city.omar.email, "email"), (city.cleo.email, "inbox")
    }  # fmt: skip
    send_due(at=make.NOW + dt.timedelta(minutes=11))
    remind_due(at=make.NOW + dt.timedelta(days=2))
    send_due(at=make.NOW + dt.timedelta(days=2))
    sent = {mail.subject: mail.body for mail in mailoutbox}
    assert set(sent) == {"Sam Supervisor gave you a task", "A task is to be done by 2026-03-13"}
    assert all(f"/desk/tasks/{number}/" in "".join(sent.values()) for number in (task.pk, task.pk - 1))
    assert "hours" not in "".join(sent.values())


def test_done_administrative_tasks_are_forgotten_after_a_year_and_their_words_with_them(city: City) -> None:
    omar, old, new = city.actor(city.omar), made(city, city.omar, "Old words"), made(city, city.omar, "Open words")
    finish_admin_task(old, actor=omar, at=make.NOW)
    later = make.NOW + dt.timedelta(days=366)
    assert forget_admin_tasks(at=make.NOW + dt.timedelta(days=364)) == 0
    assert forget_admin_tasks(at=later) == 1 and list(Task.objects.all()) == [new]
    assert not Entry.objects.about("task", old.pk).filter(personal__isnull=False).exists()
    assert verbs(old)[-1] == "task.disposed" and list(verify()) == []
    assert any(rule.kind == "Administrative tasks" and rule.days == 365 for rule in schedule())


def test_open_tasks_without_a_case_change_hands_when_somebody_leaves(city: City, signed_in: Any) -> None:
    task = made(city, city.omar, "Keys of the van")
    hand_over(city.omar, to={}, otherwise=city.olga.pk, actor=city.actor(city.ada), at=timezone.now())
    task.refresh_from_db()
    assert task.owner == city.olga and verbs(task)[-1] == "task.passed_on"
    page = signed_in(city.olga).get(f"/desk/tasks/{task.pk}/").content.decode()
    assert "Passed on to a successor (to Olga Officer)" in page


def test_a_task_belongs_to_a_case_or_to_whoever_made_it(city: City) -> None:
    case = make.concern(city.noise).case
    for wrong in (
        {"case": case, "sort": "admin", "created_by": city.omar}, {"case": None, "sort": "admin"},
        {"case": None, "sort": "todo", "created_by": city.omar},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(text="t", created_at=make.NOW, **wrong)
