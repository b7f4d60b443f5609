"""Every kind of activity keeps the house's rules: who reads and plans, one entry for a deed, nobody's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from commonbeat.activities import actions, agenda, undoing
from commonbeat.activities.kind import ACTIVITIES, ActivityKind
from commonbeat.activities.models import Activity
from commonbeat.activities.recording import hold
from commonbeat.community.models import Person, User
from commonbeat.core.actor import ANONYMOUS, Actor, Grant, Role
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
NOW = make.NOW


def _plan(kind: ActivityKind, city: City, **more: Any) -> Activity:
    given = {
        "format": kind.formats[0].key, "title": "Meeting", "place": "Hall", "area": city.north.pk, "host": city.omar.pk,
        "starts": "2026-12-01 18:00", "ends": "2026-12-01 19:00", "who": "public", "language": "en",
    }  # fmt: skip
    return actions.plan(kind, given | more, words={}, actor=city.actor(city.sam), at=NOW)


def _with(role: str, *areas: int) -> Actor:
    return Actor(sort="staff", user_id=999_999, name="Somebody", grants=(Grant(role, frozenset(areas)),))


@pytest.mark.parametrize("kind", ACTIVITIES, ids=lambda kind: kind.slug)
def test_who_reads_and_plans_is_what_the_kind_declares(city: City, kind: ActivityKind) -> None:
    shown, closed = _plan(kind, city), _plan(kind, city, who="invited")
    for role in Role:
        everywhere, south = _with(role), _with(role, city.south.pk)
        reads, plans = role in kind.reads, role in kind.plans
        assert Activity.objects.visible_to(everywhere).count() == 2 * reads, role
        assert set(Activity.objects.visible_to(south)) == ({shown} if reads else set()), role
        assert actions.may_plan(kind, everywhere, None) == actions.may_change(shown, everywhere) == plans, role
        assert not actions.may_change(closed, south) and not actions.may_plan(kind, south, city.north.pk), role
        assert actions.may_plan(kind, south, city.south.pk) == plans and not actions.may_plan(kind, south, None), role
    for stranger in (ANONYMOUS, Actor(sort="reporter", case_id=1, participant_id=1)):
        assert not Activity.objects.visible_to(stranger).exists() and not actions.may_change(shown, stranger)
    assert list(Activity.objects.shown()) == [shown]


DEEDS: tuple[tuple[str, Callable[[Activity, Actor], Any]], ...] = (
    ("called_off", lambda row, actor: actions.call_off(row, {"reason": "Snow"}, actor=actor, at=NOW)),
    ("undone", lambda row, actor: undoing.undo(row, actor=actor, at=NOW)),
    ("changed", lambda row, actor: actions.change(
        row, actions.values_of(row) | {"title": "Other"}, words={}, version=row.version, actor=actor, at=NOW)),
    ("agenda_added", lambda row, actor: agenda.add_item(
        row, {"sort": next(iter(ACTIVITIES[row.kind].agenda)), "text": "Lamps"}, actor=actor, at=NOW)),
    ("agenda_added", lambda row, actor: agenda.add_item(
        row, {"sort": next(iter(ACTIVITIES[row.kind].agenda)), "text": "Speed"}, actor=actor, at=NOW)),
    ("agenda_moved", lambda row, actor: agenda.move_item(
        row, str(row.items.earliest("position").pk), "down", actor=actor, at=NOW)),
    ("agenda_removed", lambda row, actor: agenda.remove_item(
        row, str(row.items.earliest("position").pk), actor=actor, at=NOW)),
    ("held", lambda row, actor: hold(
        row, {"people": "20"}, version=row.version, actor=actor, at=row.ends_at)),
    ("record_changed", lambda row, actor: hold(
        row, {"people": "21"}, version=row.version, actor=actor, at=row.ends_at)),
)  # fmt: skip


@pytest.mark.parametrize("kind", ACTIVITIES, ids=lambda kind: kind.slug)
def test_every_deed_leaves_one_entry_and_strangers_leave_none(city: City, kind: ActivityKind) -> None:
    row, sam, south = _plan(kind, city), city.actor(city.sam), city.actor(city.olga)
    count = lambda: Entry.objects.count()  # noqa: E731
    for verb, deed in DEEDS:
        before = count()
        with pytest.raises(Invalid):
            deed(row, south)
        assert count() == before
        row.refresh_from_db()
        deed(row, sam)
        row.refresh_from_db()
        last = Entry.objects.about("activity", row.pk).latest("number")
        assert (count(), last.verb) == (before + 1, f"activity.{verb}")
    assert list(verify()) == []


def test_rule_1_no_table_of_activities_can_hold_who_came() -> None:
    for model in apps.get_app_config("activities").get_models():
        people = {field.name for field in model._meta.fields if field.related_model in {Person, User}}
        assert people <= {"host", "made_by"}, "who came to a meeting is counted, never named"


@pytest.mark.parametrize("kind", ACTIVITIES, ids=lambda kind: kind.slug)
def test_what_a_kind_says_can_be_translated_and_its_inside_ends(kind: ActivityKind) -> None:
    assert all((kind.label, kind.plural, *(one.label for one in kind.formats), *kind.agenda.values()))
    assert kind.personal and kind.note.days and dt.timedelta(days=kind.note.days) < dt.timedelta(days=3653)
