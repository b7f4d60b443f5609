"""Every step of every kind leaves exactly one entry, in the deed's own transaction, and the chain stays whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, Question
from commonbeat.cases.tags import Tag
from commonbeat.cases.work_records import Agreement, Notice
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor, Grant
from commonbeat.core.fields import Field
from commonbeat.core.workflow import KEY, REPORTER, Step
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import OutsideTransaction, record
from tests import make
from tests.conftest import City

STEPS = [(kind, step, state) for kind in KINDS for step in kind.workflow.steps for state in sorted(step.at)]


FITTING: dict[str, Any] = {
    "measured_at": "2026-03-10T22:30", "level_db": 61, "seconds": 60, "quiet_from": "22:00", "quiet_until": "07:00",
    "parties": "One side\nThe other side", "consented": "on", "breached_on": "2026-03-11", "owner_name": "Olive Owner",
}  # fmt: skip
"""Answers of steps that check more than what sort of answer it is."""


def _answer(field: Field, step: Step, kind: Kind, city: City, other: Case) -> Any:
    sources = {
        "user": city.omar.pk, "team": city.team.pk, "category": city.vehicle.pk, "case": other.reference,
        "outcome": kind.workflow.outcomes[0].slug, "tag": ["event"], "tag_on": ["nightly"],
        "language": "es", "sound_zone": "Residential", "whom": "reporter",
    }  # fmt: skip
    if field.code in FITTING:
        return FITTING[field.code]
    if field.source:
        return sources[field.source]
    if field.choices:
        return field.choices[0].key
    return {"number": 2, "boolean": True, "datetime": "2026-04-01"}.get(field.datatype, f"Words for {step.slug}")


def _put_tag_on(case: Case, code: str) -> None:
    made = [Tag.objects.create(code=one, name=one) for one in ("event", code)]
    touch("tags")
    case.tags = [tag.pk for tag in made if tag.code == code]
    case.save(update_fields=["tags"])


def _work_on(case: Case) -> None:
    """An agreement, a notice and a question are on the case, for the steps that come after them."""
    reporter = case.participants.get()
    Question.objects.create(case=case, participant=reporter, text="Where?", asked_at=make.NOW)
    Agreement.objects.create(
        case=case, days=[0], quiet_from="22:00", quiet_until="07:00", terms="Quiet", parties="A\nB",
        consent="phone", starts_on="2026-03-01", review_on="2026-04-01", made_at=make.NOW,
    )  # fmt: skip
    Notice.objects.create(
        case=case, owner=reporter, how="posted", violations="Rubbish", cure_on="2026-03-30", served_at=make.NOW
    )


def _actor(step: Step, case: Case, city: City) -> Actor:
    role = sorted(step.by, key=lambda r: (r != "supervisor", r))[0]
    if role == REPORTER:
        return Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get(role="reporter").pk)
    if role == KEY:
        return Actor(sort="key", key_id=1, name="Program", grants=(Grant("key"),))
    return Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant(role),))


@pytest.mark.parametrize(("kind", "step", "state"), STEPS, ids=lambda item: getattr(item, "slug", item))
def test_a_step_leaves_exactly_one_entry(city: City, kind: Kind, step: Step, state: str) -> None:
    city.noise.procedures = [procedure.slug for procedure in kind.workflow.procedures]
    city.noise.save()
    touch("categories")
    case, other = (make.concern(city.noise, email="rosa@example.org", told_by="email").case for _ in range(2))
    closed = kind.workflow.state(state).closed
    Case.objects.filter(pk=case.pk).update(
        state=state, closed_at=make.NOW if closed else None, outcome=kind.workflow.outcomes[0].slug if closed else ""
    )
    case.refresh_from_db()
    asked = [field for field in step.fields if field.required or field.source or field.code in FITTING]
    data = {field.code: _answer(field, step, kind, city, other) for field in asked}
    _work_on(case)
    _put_tag_on(case, "nightly")
    actor, version, before = _actor(step, case, city), case.version, set(Entry.objects.about("case", case.pk))

    entry = act(case, step.slug, data=data, actor=actor, at=make.NOW)

    written = set(Entry.objects.about("case", case.pk)) - before
    assert written == {entry} and entry.verb == f"case.{step.slug}"
    case.refresh_from_db()
    assert case.version == version + 1
    if step.to:
        stays = step.stays and bool(kind.workflow.state(state).runs)
        assert (entry.data["from"], case.state) == (state, state if stays else step.to)
    assert (case.closed_at is not None) == kind.workflow.state(case.state).closed
    assert bool(case.outcome) == (case.closed_at is not None)
    assert list(verify()) == []


def test_a_deed_that_fails_leaves_neither_change_nor_entry(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make.concern(city.noise).case

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr("commonbeat.cases.actions.record", fail)
    with pytest.raises(RuntimeError):
        act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=make.NOW)
    assert Case.objects.get(pk=case.pk).state == "new"
    assert Entry.objects.about("case", case.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_the_transaction_that_does_it() -> None:
    assert not connection.in_atomic_block
    with pytest.raises(OutsideTransaction):
        record("case", 1, "case.note", actor=Actor(), at=make.NOW)
    with transaction.atomic():
        record("case", 1, "case.note", actor=Actor(), at=make.NOW)
    assert Entry.objects.count() == 1
