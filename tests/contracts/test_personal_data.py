"""RULES 21: whatever is stored about people is reached by the report and the erasure of a person, or says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Participant
from commonbeat.cases.personal import PERSONAL, PersonalTable, forget, tell
from commonbeat.community.models import Person
from commonbeat.publishing.person_requests import erase, export, find
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of

MODELS = [model for model in apps.get_models() if model.__module__.startswith("commonbeat.")]
LONG = 40
"""Shorter texts are codes: nobody's name or words fit what is chosen from a list."""
CANARY = "Zanzibar canary"
REACHED = [table for table in PERSONAL if table.told or table.erased]


def could_be_personal(column: Any) -> bool:
    """Free text, JSON, a digest, or a person: whatever could hold somebody's name or words, or lead to them."""
    if column.generated or column.choices:
        return False
    if isinstance(column, models.ForeignKey):
        return column.related_model is Person
    if isinstance(column, models.CharField):
        return (column.max_length or LONG) >= LONG
    return isinstance(column, models.TextField | models.JSONField | models.BinaryField)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_rule_21_every_field_that_could_hold_somebody_is_reached_or_says_why_not(model: Any) -> None:
    label = model._meta.label
    assert label in PERSONAL, (
        f"Say in personal.py beside the models what {label} holds about people: a PersonalTable, or nobody(why, …)."
    )
    table = PERSONAL[label]
    named = {column.name for column in model._meta.concrete_fields}
    assert table.reached <= named, f"{label} has no {table.reached - named}"
    open_ones = {c.name for c in model._meta.concrete_fields if could_be_personal(c)} - table.reached
    assert not open_ones or table.nobody, f"{label}: told, erased, kept, apart or by hand? {sorted(open_ones)}"


def test_every_reason_is_a_sentence() -> None:
    reasons = [t.nobody for t in PERSONAL if t.nobody]
    reasons += [why for t in PERSONAL for why in (*t.kept.values(), *t.apart.values())]
    assert all(len(why) > 20 or why.endswith(".") for why in reasons)


def test_a_table_that_says_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="leads to a case"):
        PersonalTable("cases.Task", told=("text",))
    with pytest.raises(ValueError, match="told but not erased"):
        PersonalTable("cases.Task", case="case", told=("text",))


def _worked_on(kind: Kind, city: City, table: PersonalTable) -> Participant:
    """Somebody's part in a case of the kind, in the first state in which its table has a row of theirs."""
    opening = opening_of(kind)
    for state in kind.workflow.states:
        case = opening.open_one(city)
        case.state = state.slug
        opening.work_on(case)
        getattr(opening, "write_about", lambda case: None)(case)
        for part in case.participants.all():
            if table.of(part).exists():
                return part
    raise AssertionError(
        f"work_on or write_about in tests/contracts/opening/{kind.slug}.py makes no row of {table.model}"
    )


def _of_kind(table: PersonalTable) -> Kind | None:
    return next((kind for kind in KINDS if kind.slug == table.model.split(".")[0]), None)


OF_KINDS = [table for table in REACHED if _of_kind(table)]


@pytest.mark.parametrize("table", OF_KINDS, ids=lambda table: table.model)
def test_what_a_kinds_own_table_holds_of_somebody_is_told_and_goes_when_they_ask(
    city: City, table: PersonalTable
) -> None:
    kind = _of_kind(table)
    assert kind is not None
    part = _worked_on(kind, city, table)
    words = [n for n in table.told if isinstance(table.rows._meta.get_field(n), models.CharField | models.TextField)]
    for name in words:
        table.of(part).update(**{name: CANARY})
    assert words and CANARY in json.dumps(tell(part)[table.model])
    forget(part)
    left = json.dumps(list(table.of(part).values(*(table.erased or words))))
    stays = kind.keeps_words or not table.erased
    assert (CANARY in left) == stays


def test_a_person_reads_and_erases_their_words_in_the_tables_around_their_cases(
    city: City, django_capture_on_commit_callbacks: Any
) -> None:
    from commonbeat.cases import files
    from commonbeat.cases.actions import act
    from commonbeat.cases.models import CaseFile
    from commonbeat.publishing.models import PublicCase
    from tests.journeys.test_records import photo

    token = files.accept("our-house.jpg", photo(), at=make.NOW)
    case = make.concern(city.noise, email="rosa@example.org", told_by="email", uploads=(token,)).case
    act(case, "ask", data={"question": "Which house?", "whom": "reporter"}, actor=city.actor(city.sam), at=make.NOW)
    PublicCase.objects.filter(pk=case.pk).update(text="Loud music, as Rosa wrote.", media=[CaseFile.objects.get().pk])
    stored = files.path_of(CaseFile.objects.get().sha256)
    ada = city.actor(city.ada)
    held = find(email="rosa@example.org", reason="Passport", actor=ada, at=make.NOW)
    told = export(held, actor=ada, at=make.NOW)["cases"][0]["around"]
    assert told["cases.Question"][0]["text"] == "Which house?"
    assert told["cases.CaseFile"][0]["name"] == "our-house.jpg" and stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        erase(held, words=True, reason="Asked", actor=ada, at=make.NOW)
    card = PublicCase.objects.get(pk=case.pk)
    assert not CaseFile.objects.exists() and not stored.exists() and (card.text, card.media) == ("", [])


def test_somebody_who_only_follows_is_told_nothing_of_the_reporters_words(city: City) -> None:
    complaint = make.complaint(email="rosa@example.org", told_by="email").case
    complaint.state = "appealed"
    opening_of(KINDS["complaint"]).work_on(complaint)
    follower = Participant.objects.create(case=complaint, role="follower", created_at=make.NOW)
    assert tell(complaint.participants.get(role="reporter")) and not tell(follower)
