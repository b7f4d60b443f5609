"""What happens when something around the product fails: a clear answer, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
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
from tests.reliability.site import MailServer, free_port


@pytest.fixture
def full_disk() -> Iterator[Path]:
    """A folder on a disk of its own without any space left."""
    folder = Path(tempfile.mkdtemp(prefix="cb-full-"))
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if not mounted:
        folder.rmdir()
        pytest.skip("Only root can mount a small disk here.")
    try:
        with (folder / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(bytes(4096))
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


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
