"""`commonbeat serve` as an operator sees it: comes up, survives deaths, goes down in order."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.config.conftest import PATIENCE_SECONDS

SETTINGS = """
from commonbeat.config.database import data_folder, database_settings, database_url
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "small_site"
INSTALLED_APPS = ["django.contrib.contenttypes", "procrastinate.contrib.django", "small_tasks"]
DATABASES = {"default": database_settings(database_url())}
USE_TZ = True
"""
SITE = """
import time
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from small_tasks.tasks import write_down

def home(request):
    return HttpResponse("up")

def slow(request):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO done VALUES ('asked')")
    time.sleep(3)
    return HttpResponse("finished")

def later(request, word):
    write_down.defer(word=word)
    return HttpResponse("queued")

urlpatterns = [path("", home), path("slow", slow), path("later/<word>", later)]
"""
TASKS = """
import time
from django.db import connection
from procrastinate.contrib.django import app

@app.task
def write_down(word):
    if word == "slow":
        time.sleep(3)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO done VALUES (%s)", [word])
"""


class Served:
    """A running `commonbeat serve` with a small site in place of the product."""

    def __init__(self, installation: Any, folder: Path) -> None:
        (folder / "small_settings.py").write_text(SETTINGS)
        (folder / "small_site.py").write_text(SITE)
        (folder / "small_tasks").mkdir()
        (folder / "small_tasks" / "__init__.py").touch()
        (folder / "small_tasks" / "tasks.py").write_text(TASKS)
        installation.environment |= {"DJANGO_SETTINGS_MODULE": "small_settings", "PYTHONPATH": str(folder)}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.installation = installation
        self.process: subprocess.Popen[str] = installation.start(
            *(installation.python_path, "-m", "commonbeat", "serve", "--migrate"),
            *("--port", str(self.port), "--workers", "2"),
        )
        assert self.process.stdout is not None
        said = ""
        while f"http://127.0.0.1:{self.port}/" not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
        self.sql("CREATE TABLE done (word text)")

    def get(self, path: str = "") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=60) as answer:
            return answer.read().decode()

    def sql(self, statement: str) -> Any:
        with psycopg.connect(self.installation.cluster.url(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def child(self, sign: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        return next(child for child in alive if sign in " ".join(child.cmdline()))

    def eventually(self, true: Any, seconds: float = PATIENCE_SECONDS) -> None:
        deadline, last = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                if true():
                    return
            except (OSError, psycopg.Error, StopIteration) as error:
                last = error
            time.sleep(0.1)
        raise AssertionError(f"waited in vain; last: {last}")

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return said


@pytest.fixture
def served(installation: Any, tmp_path: Path) -> Served:
    return Served(installation, tmp_path)


def test_it_answers_works_off_jobs_and_stops_everything_on_request(served: Served) -> None:
    assert served.get() == "up"
    served.get("later/hello")
    served.eventually(lambda: served.sql("SELECT word FROM done") == [("hello",)])
    family = psutil.Process(served.process.pid).children(recursive=True)
    assert len(family) >= 3

    with socket.create_connection(("127.0.0.1", served.port)):  # browsers open one to spare and say nothing on it
        said = served.stop()
    assert said.endswith("Stopped.\n") and "Stopping: what was begun" in said and "Killing" not in said
    assert served.process.returncode == 0
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not served.installation.cluster.is_running()


def test_a_request_and_a_job_under_way_are_finished_before_it_stops(served: Served) -> None:
    served.get("later/slow")
    served.eventually(lambda: served.sql("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"))
    with socket.create_connection(("127.0.0.1", served.port)) as visitor:
        visitor.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        served.eventually(lambda: ("asked",) in served.sql("SELECT word FROM done"))
        served.process.send_signal(signal.SIGTERM)
        visitor.settimeout(60)
        answer = b""
        while part := visitor.recv(4096):
            answer += part
    assert b"finished" in answer
    served.process.communicate(timeout=PATIENCE_SECONDS)
    assert served.installation.commonbeat("database", "start")[0] == 0
    assert sorted(served.sql("SELECT word FROM done")) == [("asked",), ("slow",)]


@pytest.mark.chaos
def test_the_death_of_web_worker_and_database_is_mended_without_a_person(served: Served) -> None:
    served.child("granian").kill()
    served.eventually(lambda: served.get() == "up")

    served.child("procrastinate").kill()
    served.eventually(lambda: served.get("later/second") == "queued")
    served.eventually(lambda: ("second",) in served.sql("SELECT word FROM done"))

    before = served.installation.cluster.server()
    before.kill()
    served.eventually(lambda: served.get("later/third") == "queued")
    served.eventually(lambda: ("third",) in served.sql("SELECT word FROM done"))
    assert served.installation.cluster.server() != before
    assert served.stop().endswith("Stopped.\n")
