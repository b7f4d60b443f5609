"""Every step of every kind leaves exactly one entry, in the deed's own transaction, and the chain stays whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, CaseLink
from commonbeat.cases.tags import Tag
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor, Grant
from commonbeat.core.fields import Field
from commonbeat.core.workflow import KEY, REPORTER, Step
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import OutsideTransaction, record
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of

STEPS = [(kind, step, state) for kind in KINDS for step in kind.workflow.steps for state in sorted(step.at)]


ASKED = ("reporter", "third_party")
"""Roles of people who take steps without an account."""


def _answer(field: Field, step: Step, kind: Kind, city: City, case: Case, other: Case) -> Any:
    sources = {
        "user": city.omar.pk, "team": city.team.pk, "category": city.vehicle.pk, "case": other.reference,
        "outcome": kind.workflow.outcomes[0].slug, "tag": ["event"], "tag_on": ["nightly"],
        "language": "es", "sound_zone": "Residential", "whom": "reporter",
    }  # fmt: skip
    fitting = opening_of(kind).FITTING
    if field.code in fitting:
        found = fitting[field.code]
        return found(case) if callable(found) else found
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


def _actor(step: Step, case: Case, city: City) -> Actor:
    role = sorted(step.by, key=lambda r: (r != "supervisor", r))[0]
    if role == REPORTER:
        return Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get(role__in=ASKED).pk)
    if role == KEY:
        return Actor(sort="key", key_id=1, name="Program", grants=(Grant("key"),))
    return Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant(role),))


@pytest.mark.parametrize(("kind", "step", "state"), STEPS, ids=lambda item: getattr(item, "slug", item))
def test_a_step_leaves_exactly_one_entry(city: City, kind: Kind, step: Step, state: str) -> None:
    city.noise.procedures = [procedure.slug for procedure in kind.workflow.procedures]
    city.noise.save()
    touch("categories")
    opening = opening_of(kind)
    case, other = opening.open_one(city), opening.open_one(city)
    closed = kind.workflow.state(state).closed
    Case.objects.filter(pk=case.pk).update(
        state=state, closed_at=make.NOW if closed else None, outcome=kind.workflow.outcomes[0].slug if closed else ""
    )
    Case.objects.filter(pk=other.pk).update(assignee=city.sam)  # whoever names another case must be able to see it
    case.refresh_from_db()
    opening.work_on(case)
    asked = [field for field in step.fields if field.required or field.source or field.code in opening.FITTING]
    data = {field.code: _answer(field, step, kind, city, case, other) for field in asked}
    _put_tag_on(case, "nightly")
    if step.slug == "unlink":
        CaseLink.objects.create(one=case, other=other, relation="related", created_at=make.NOW)
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
