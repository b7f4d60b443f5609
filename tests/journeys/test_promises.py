"""Promises: made at a door or a meeting, kept or missed, and told to whoever they were made to."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Task
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import KEPT_DAYS, forget_promises, make_promise, reopen_promise, visible_promises
from commonbeat.community.agency import local_day
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.journeys.test_complaint import my_page

pytestmark = pytest.mark.django_db
TEXT = "I call the owner of the lot this week."


def given(city: City, **more: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    day = timezone.localdate() + dt.timedelta(days=5)
    return {
        "text": TEXT, "to": "The neighbors at the meeting", "where": "meeting", "due_on": day.isoformat(),
        "owner": city.omar.pk, "client_id": str(uuid.uuid4()),
    } | more  # fmt: skip


def test_a_promise_to_a_reporter_is_read_on_their_page_and_its_end_is_told(
    city: City, client: Client, signed_in: Any
) -> None:
    opened = make.concern(city.noise, email="rosa@example.org", told_by="email")
    case, omar = opened.case, signed_in(city.omar)
    page = omar.get(f"/desk/{case.reference}/").content.decode()
    assert f"/desk/promises/new/?case={case.reference}" in page
    assert "show it on their page" in omar.get(f"/desk/promises/new/?case={case.reference}").content.decode()
    form = given(city, case=case.reference, where="door", to="Rosa", for_reporter="on")
    assert [omar.post("/desk/promises/new/", form).status_code for _ in range(2)] == [302, 302]
    row, task = Promise.objects.get(), Task.objects.get(case=case)
    assert task.owner == city.omar and task.sort == "promise" and task.text == ""
    assert task.due_at and local_day(task.due_at) == row.due_on - dt.timedelta(days=1)
    mine = my_page(client, opened.code or "")
    assert TEXT in client.get(mine).content.decode() and TEXT in omar.get(f"/desk/{case.reference}/").content.decode()
    refused = omar.post(f"/desk/promises/{row.pk}/", {"state": "missed"})
    assert refused.status_code == 422 and "Answer this question." in refused.content.decode()
    assert omar.post(f"/desk/promises/{row.pk}/", {"state": "kept"}).status_code == 302
    task.refresh_from_db()
    assert task.done_at and "We kept it." in client.get(mine).content.decode()
    said = Delivery.objects.filter(recipient="rosa@example.org", template="progress")
    assert [row.context["said"] for row in said.order_by("pk")][-1] == "We kept what we promised you."
    assert [e.verb for e in Entry.objects.about("case", case.pk)][-2:] == ["case.promise_made", "case.promise_kept"]
    assert "Promise kept" in omar.get(f"/desk/{case.reference}/").content.decode()


def test_a_promise_of_a_meeting_is_missed_shown_to_the_supervisor_and_reported_back(city: City, signed_in: Any) -> None:
    omar, sam, olga = signed_in(city.omar), signed_in(city.sam), signed_in(city.olga)
    assert omar.post("/desk/promises/new/", given(city)).status_code == 302
    row = Promise.objects.get()
    assert Task.objects.get().sort == "admin" and TEXT in omar.get("/desk/promises/").content.decode()
    assert TEXT not in sam.get("/desk/promises/").content.decode(), "not late yet"
    Promise.objects.update(due_on=timezone.localdate() - dt.timedelta(days=2))
    assert TEXT in sam.get("/desk/promises/").content.decode()
    assert olga.get(f"/desk/promises/{row.pk}/").status_code == 404
    omar.post(f"/desk/promises/{row.pk}/", {"state": "missed", "reason": "The owner is abroad."})
    page = sam.get("/desk/promises/").content.decode()
    assert "The owner is abroad." in page and "Nobody has told them yet." in page
    future = {"reported": "Told at the April meeting.", "reported_on": "2099-01-01"}
    assert "not come yet" in omar.post(f"/desk/promises/{row.pk}/", future).content.decode()
    omar.post(f"/desk/promises/{row.pk}/", future | {"reported_on": timezone.localdate().isoformat()})
    assert TEXT not in sam.get("/desk/promises/").content.decode()
    assert "Told at the April meeting." in omar.get("/desk/promises/").content.decode()
    verbs = [entry.verb for entry in Entry.objects.about("promise", row.pk)]
    assert verbs == ["promise.promise_made", "promise.promise_missed", "promise.promise_reported"]
    assert forget_promises(at=timezone.now()) == 0
    assert forget_promises(at=timezone.now() + dt.timedelta(days=KEPT_DAYS + 1)) == 1 and not Promise.objects.exists()


def test_what_is_wrong_is_said_and_nothing_is_doubled(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    for wrong in ({"due_on": "2020-01-01"}, {"text": ""}, {"owner": city.ed.pk}, {"due_on": "soon"}):
        page = omar.post("/desk/promises/new/", given(city, **wrong))
        assert page.status_code == 422 and "The neighbors at the meeting" in page.content.decode(), wrong
    assert omar.post("/desk/promises/new/", given(city, case="CB-NONE")).status_code == 404
    assert not Promise.objects.exists()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_on_a_case_of_any_kind_whoever_sees_the_case_sees_its_promises(city: City, kind: Any) -> None:
    case, ada = opening_of(kind).open_one(city), city.actor(city.ada)
    data = given(city) | {"due_on": "2026-04-01"}
    if kind.sealed:
        with pytest.raises(Invalid, match="sealed"):
            make_promise(data, case=case, actor=ada, at=make.NOW)
        return
    row = make_promise(data, case=case, actor=ada, at=make.NOW)
    for user in (city.omar, city.olga, city.sam, city.pat, city.ada, city.ed, city.cleo):
        actor = city.actor(user)
        sees = Case.objects.visible_to(actor).filter(pk=case.pk).exists()
        assert visible_promises(actor, at=make.NOW).filter(pk=row.pk).exists() == sees, user.name


def test_nothing_goes_out_by_itself_on_a_sensitive_matter(city: City) -> None:
    worry = make.category("worry", name="Worry at home", sensitive=True, public_point=False)
    case = make.concern(worry, email="rosa@example.org", told_by="email").case
    data = given(city, for_reporter=True) | {"due_on": "2026-04-01"}
    make_promise(data, case=case, actor=city.actor(city.sam), at=make.NOW)
    assert not Delivery.objects.filter(recipient="rosa@example.org").exists()
    with pytest.raises(Invalid, match="no reporter"):
        make_promise(data, actor=city.actor(city.sam), at=make.NOW)


@pytest.mark.parametrize("state", ["kept", "missed", "released"])
def test_the_end_of_a_promise_is_taken_back_while_nothing_has_left_the_house(
    city: City, client: Client, signed_in: Any, state: str
) -> None:
    opened, omar = make.concern(city.noise, email="rosa@example.org", told_by="email"), signed_in(city.omar)
    form = given(city, case=opened.case.reference, where="door", to="Rosa", for_reporter="on")
    omar.post("/desk/promises/new/", form)
    row = Promise.objects.get()
    url = f"/desk/promises/{row.pk}/"
    assert omar.post(url, {"deed": "undo"}, follow=True).status_code == 200 and Promise.objects.get().state == "open"
    omar.post(url, {"state": state, "reason": "It rained."})
    told = Delivery.objects.filter(recipient="rosa@example.org").latest("pk")
    assert told.state == "pending" and Task.objects.get(case=opened.case).done_at
    assert "Take back what became of it" in omar.get(url).content.decode()
    assert "Take back what became of it" not in signed_in(city.sam).get(url).content.decode()
    signed_in(city.sam).post(url, {"deed": "undo"})
    assert Promise.objects.get().state == state, "only who said it takes it back"

    assert "The promise is open again." in omar.post(url, {"deed": "undo"}, follow=True).content.decode()
    row.refresh_from_db()
    told.refresh_from_db()
    assert (row.state, row.reason, row.ended_at, told.state) == ("open", "", None, "cancelled")
    assert Task.objects.get(case=opened.case).done_at is None
    assert "End of a promise taken back" in omar.get(f"/desk/{opened.case.reference}/").content.decode()

    omar.post(url, {"state": state, "reason": "It rained."})
    Delivery.objects.filter(state="pending").update(state="sent")
    assert "cannot be taken back any more" in omar.post(url, {"deed": "undo"}, follow=True).content.decode()
    assert Promise.objects.get().state == state


def test_the_end_of_a_promise_of_a_meeting_is_taken_back_within_ten_minutes(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    omar.post("/desk/promises/new/", given(city))
    row = Promise.objects.get()
    omar.post(f"/desk/promises/{row.pk}/", {"state": "kept", "reported": "They were glad."})
    row.refresh_from_db()
    with pytest.raises(Invalid, match="cannot be taken back"):
        reopen_promise(row, actor=city.actor(city.omar), at=timezone.now() + dt.timedelta(minutes=11))
    reopen_promise(row, actor=city.actor(city.omar), at=timezone.now())
    assert (row.state, row.reported, row.reported_on) == ("open", "", None)
