"""The demo city loads, every story ends as it is told, and an interrupted load continues."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from rich.console import Console

from commonbeat.activities.models import Activity
from commonbeat.cases.models import Case, CaseFile, ImportedRecord
from commonbeat.community.models import AreaAssignment, Team, User
from commonbeat.core.ids import parse_reference
from commonbeat.interfaces import demo
from commonbeat.interfaces.cli.check import run_checks
from commonbeat.interfaces.demo import filing
from commonbeat.journal.models import Delivery, Entry, OutboxMessage
from commonbeat.publishing.models import Follow, Publication, PublicCase

QUIET = Console(quiet=True)
OUTBOX = "commonbeat.journal.channels.mail.OutboxBackend"


@pytest.fixture(autouse=True)
def _demo(settings: pytest.FixtureRequest) -> None:
    settings.EMAIL_BACKEND = OUTBOX  # type: ignore[attr-defined]


def _cut_off(folder: Path, patching: pytest.MonkeyPatch) -> None:
    """Begin to load, and be interrupted before the first request is filed."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with patching.context() as patched:
        patched.setattr(filing, "file_all", interrupt)
        with pytest.raises(KeyboardInterrupt):
            demo.load(folder, small=True, console=QUIET)
    assert User.objects.exists() and not Case.objects.exists()


def test_an_interrupted_load_continues_every_story_ends_as_it_is_told_and_a_second_start_changes_nothing(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_off(tmp_path, monkeypatch)
    keys = demo.load(tmp_path, small=True, console=QUIET)
    stories = json.loads((demo.FOLDER / "stories.json").read_text(encoding="utf-8"))
    told = Counter(story["state"] for story in stories)
    parts = sum(step["step"] == "split" for story in stories for step in story["steps"])
    own = Case.objects.filter(kind="concern", came_of=None).exclude(channel__in=["import", "desk"])
    assert Counter(own.values_list("state", flat=True)) == told + Counter({"new": parts})
    assert Counter(own.exclude(outcome="").values_list("outcome", flat=True)) == Counter(
        story["outcome"] for story in stories if story["outcome"]
    )
    problems = json.loads((demo.FOLDER / "problems.json").read_text(encoding="utf-8"))
    assert Counter(Case.objects.filter(kind="problem").values_list("state", flat=True)) == Counter(
        ["monitored", "acting", "analysis"]
    )
    tips = Case.objects.filter(kind="tip")
    assert set(tips.values_list("state", flat=True)) == {"new", "working", "waiting", "closed"}
    assert Case.objects.filter(kind="concern", channel="desk").count() == 1, "what a tip became"
    assert set(Case.objects.filter(kind="service").values_list("state", flat=True)) == {"new", "planned", "closed"}
    meetings = json.loads((demo.FOLDER / "meetings.json").read_text(encoding="utf-8"))
    assert Counter(Activity.objects.values_list("state", flat=True)) == Counter(
        "off" if "off" in row else "held" if "record" in row else "planned" for row in meetings
    )
    told_back = Publication.objects.filter(state="published", kind="minutes")
    assert told_back.count() == sum("published_by" in row for row in meetings)
    assert Publication.objects.filter(state="published").exclude(kind="minutes").count() == sum(
        "publish" in {step["step"] if isinstance(step, dict) else step[1]}
        for story in [*stories, *problems] for step in story["steps"]
    )  # fmt: skip
    assert Case.objects.filter(channel="import").count() == ImportedRecord.objects.count() > 400
    assert PublicCase.objects.count() == Case.objects.filter(kind="concern").count()
    assert AreaAssignment.objects.count() == 77 and Team.objects.count() == 14
    assert Delivery.objects.exclude(state="sent").count() == 0
    assert OutboxMessage.objects.count() == Delivery.objects.count() > 100
    assert not own.filter(opened_at__gt=Entry.objects.latest("at").at).exists()
    assert run_checks(QUIET) == 0
    shown_photo = CaseFile.objects.get(name="clinic.jpg")
    assert shown_photo.public and shown_photo.redacted_sha256
    assert CaseFile.objects.filter(by_reporter=True).count() == 9
    assert not Follow.objects.filter(confirmed_at=None).exists() and Follow.objects.count() == 6
    page = Client().get(f"/cases/{Case(pk=shown_photo.case_id).reference}/").content.decode()
    assert f"/files/{shown_photo.pk}/" in page
    case = Case.objects.get(pk=parse_reference(keys.reference))
    assert case.is_open and keys.code
    assert User.objects.get(email="omar@demo.example").check_password(keys.password)
    shown = demo.welcome("http://127.0.0.1:8000", keys)
    assert keys.password in shown and keys.api_key in shown and "admin.gil@demo.example" in shown
    before = Case.objects.count(), Entry.objects.count(), User.objects.count()
    assert demo.load(tmp_path, small=True, console=QUIET) == keys
    assert (Case.objects.count(), Entry.objects.count(), User.objects.count()) == before


def test_a_real_installation_is_never_filled_with_the_demo(db: None, tmp_path: Path) -> None:
    from django.utils import timezone

    from commonbeat.community.models import Agency

    Agency.objects.create(
        pk=1, name="Real Police", short_name="Real", jurisdiction="real.example", changed_at=timezone.now()
    )
    with pytest.raises(Exception, match="never mixes with a real installation"):
        demo.load(tmp_path, small=True, console=QUIET)
    assert not User.objects.exists()
