"""What happens when something around the product fails: a clear answer, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import io
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.models import Case, Upload
from commonbeat.community.reference import touch
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City
from tests.reliability.conftest import without_space
from tests.reliability.site import MailServer, Site, free_port


def _photo() -> io.BytesIO:
    picture = io.BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(picture, "JPEG")
    picture.seek(0)
    picture.name = "wall.jpg"
    return picture


def test_a_full_disk_refuses_the_photo_in_words_and_keeps_the_report(
    city: City, client: Client, settings: Any, full_disk: Path
) -> None:
    settings.FILES_ROOT = full_disk / "files"
    typed = {
        "category": "noise", "text": "Every word of this stays.", "address": "100 N State St", "lat": "41.90",
        "long": "-87.70", "who": "anonymous", "page": "details",
    }  # fmt: skip
    answer = client.post("/report/", typed | {"photos": _photo()})
    page = answer.content.decode()
    assert answer.status_code == 422 and "wall.jpg" in page and "cannot store" in page and typed["text"] in page
    assert Upload.objects.count() == 0
    assert client.post("/report/concern/", typed).status_code == 201
    assert Case.objects.get().text == typed["text"]


@pytest.mark.chaos
def test_a_full_disk_of_the_database_is_said_and_what_was_typed_is_taken_once_there_is_space(
    site_on_a_small_disk: Site,
) -> None:
    site, taken = site_on_a_small_disk, {}

    def send(number: int, client_id: uuid.UUID) -> tuple[int, str]:
        status, page = site.report(number, client_id)
        if status == 201:
            taken[client_id] = number
        return status, page

    send(0, uuid.uuid4())
    refused = uuid.uuid4()
    with without_space(site.data.parent):
        for number in range(1, 500):  # pages of the database that are begun take some more
            status, page = send(number, refused)
            if status != 201:
                break
            refused = uuid.uuid4()
        assert status == 500 and "What was saved before is safe" in page and "what you typed is still there" in page
        assert site.get("/") == 200
    site.report_until_taken(number, refused)
    taken[refused] = number
    assert len(taken) == number + 1
    assert {one for (one,) in site.sql("SELECT client_id FROM cases_case")} == set(taken)
    assert site.sql("SELECT count(*) FROM journal_delivery") == [(len(taken),)]
    assert site.flaws() == "[]"


def test_an_unreachable_mail_server_holds_nobody_up_and_gets_the_mail_later(
    city: City, settings: Any, mail: MailServer
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make.concern(city.noise, email="rosa@example.org", told_by="email")
    assert send_due(at=make.NOW) == 0
    waiting = Delivery.objects.get()
    assert waiting.state == "pending" and waiting.error and waiting.next_at > make.NOW
    assert send_due(at=make.NOW) == 0, "not before its time"

    settings.EMAIL_PORT = mail.port
    assert send_due(at=waiting.next_at + dt.timedelta(seconds=1)) == 1
    assert mail.received == {"rosa@example.org": 1}
    assert Delivery.objects.get().state == "sent"
    assert send_due(at=make.NOW + dt.timedelta(days=2)) == 0


def test_mail_that_never_gets_through_is_told_to_staff_on_the_timeline(city: City, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    case, at = make.concern(city.noise, email="rosa@example.org", told_by="email").case, make.NOW
    for _ in range(20):
        send_due(at=at)
        at += dt.timedelta(days=1)
    assert Delivery.objects.filter(template="received").get().state == "failed"
    assert [e.verb for e in Entry.objects.about("case", case.pk)] == ["case.opened", "delivery.failed"]
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_deed_and_one_conflict() -> None:
    category, officer = make.category(), make.user("Sam Supervisor", "supervisor")
    make.area("North")
    touch("categories")
    case = make.concern(category).case
    from commonbeat.community.access import actor_for

    actor, gate, results = actor_for(officer, at=make.NOW), threading.Barrier(2), []

    def take(step: str) -> None:
        mine = Case.objects.get(pk=case.pk)
        gate.wait()
        try:
            results.append(act(mine, step, data={}, actor=actor, at=make.NOW, version=1).verb)
        except Stale as conflict:
            results.append(f"stale: {conflict.case.state}")
        finally:
            connection.close()

    officers = [threading.Thread(target=take, args=[step]) for step in ("acknowledge", "withdraw")]
    for one in officers:
        one.start()
    for one in officers:
        one.join()
    stored = Case.objects.get(pk=case.pk)
    assert sorted(result.partition(":")[0] == "stale" for result in results) == [False, True], results
    assert f"stale: {stored.state}" in results and stored.version == 2
    assert Entry.objects.about("case", case.pk).count() == 2 and list(verify()) == []
