"""What a case consists of for a request for records: every word, name, place and photo that it holds, part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db import models

from commonbeat.cases.categories import Known, categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile, Participant, Task
from commonbeat.cases.personal import PERSONAL
from commonbeat.cases.sealing import SEALED
from commonbeat.community.agency import zone
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry

SORTS: dict[str, str] = {
    "person": N_("Who somebody is"),
    "words": N_("What was reported"),
    "answer": N_("Answers to questions"),
    "place": N_("The exact place"),
    "message": N_("Messages to and from the reporter"),
    "note": N_("Notes for colleagues"),
    "photo": N_("Photos"),
    "record": N_("Other records of the case"),
}
ROLES: dict[str, str] = {
    "reporter": N_("Reporter"), "follower": N_("Follower"), "subject": N_("Subject"), "chain": N_("Kept out"),
    "partner": N_("Partner"), "third_party": N_("Asked for information"), "owner": N_("Owner"),
}  # fmt: skip
_CORE = frozenset({"Participant", "CaseFile", "Task", "CaseLink", "Escalation", "Hold", "ImportedRecord",
                   "RequestedCase", "PublicCase", "IdentityRequest", "Follow"})  # fmt: skip
"""Models around a case that are parts of their own, or hold no words of it."""
CLOSED_TEXT = "–"
"""Stands for what is not opened."""
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One part: where it stands in the case, what sort it is, what it is called, and what it says.

    `title` is source text, `about` tells one of a sort from the others and holds no content. `personal` says that it
    is personal by its nature, whatever the words. What is `closed` is not opened for anybody's request: only the fact
    that it is there can be told.
    """

    path: str
    sort: str
    title: str
    about: str
    text: str
    personal: bool = False
    closed: bool = False

    @property
    def digest(self) -> str:
        """Of the content, to see when it has changed."""
        return hashlib.sha256(f"{self.path}\0{self.text}".encode()).hexdigest()


def parts_of(case: Case) -> list[Part]:
    """Every part of a case that holds something, in the order in which a reader wants them.

    In a sensitive matter every word is personal: where and when it was tells who it was.
    """
    known = categories().get(case.category_id) if case.category_id else None
    found = [*_said(case, known), *_people(case), *_entries(case), *_photos(case), *_tasks(case), *_records(case)]
    delicate = bool(known and known.row.sensitive)
    return [replace(part, personal=part.personal or delicate) for part in found if part.text.strip()]


def _said(case: Case, known: Known | None) -> Iterator[Part]:
    private = bool(known and (known.row.sensitive or not known.row.public_point))
    yield Part("title", "words", N_("Title"), "", str(case.detail("title") or ""))
    yield Part("text", "words", N_("What was reported"), "", case.text)
    yield Part("address", "place", N_("Address"), "", case.address, personal=private)
    point = "" if case.lat is None else f"{case.lat:.6f}, {case.long:.6f}"
    yield Part("point", "place", N_("Point on the map"), "", point, personal=True)
    asked = {f.code: f for f in (*KINDS[case.kind].intake.fields, *(known.fields if known else ()))}
    for code, value in (case.details.get("answers") or {}).items():
        field = asked.get(code)
        words = {choice.key: choice.label for choice in field.choices} if field else {}
        text = ", ".join(str(words.get(one, one)) for one in (value if isinstance(value, list) else [value]))
        yield Part(
            f"answer/{code}"[:80], "answer", field.label if field else N_("Answer"), "", text,
            personal=bool(field and field.personal),
        )  # fmt: skip


def _people(case: Case) -> Iterator[Part]:
    rows = Participant.objects.filter(case=case).select_related("person", "user", "organisation").order_by("pk")
    for count, row in enumerate(rows, 1):
        told = [row.organisation.name if row.organisation else "", row.user.name if row.user else ""]
        if row.person:
            told += [row.person.name, row.person.email, row.person.phone, row.person.address]
        lines = "\n".join(filter(None, told))
        yield Part(f"people/{row.pk}", "person", ROLES.get(row.role, row.role), str(count), lines, personal=True)


def _entries(case: Case) -> Iterator[Part]:
    flow = KINDS[case.kind].workflow
    for entry in Entry.objects.about("case", case.pk):
        kept = {name: value for name, value in (entry.personal or {}).items() if not name.startswith("_")}
        lines = dict.fromkeys(str(v).strip() for v in kept.values() if isinstance(v, str) and v.strip())
        closed = SEALED in kept
        step = flow.named(entry.verb.partition(".")[2])
        when = f"{entry.at.astimezone(zone()):%Y-%m-%d %H:%M}"
        yield Part(
            f"entry/{entry.number}", "note" if entry.audience == "internal" else "message",
            step.label if step else N_("Entry"), when, CLOSED_TEXT if closed else "\n".join(lines),
            personal=entry.audience == "internal", closed=closed,
        )  # fmt: skip


def _photos(case: Case) -> Iterator[Part]:
    for count, row in enumerate(CaseFile.objects.filter(case=case).order_by("pk"), 1):
        shown = row.redacted_sha256 or row.sha256
        yield Part(f"photo/{row.pk}", "photo", N_("Photo"), str(count), shown, personal=not row.public)


def _tasks(case: Case) -> Iterator[Part]:
    for row in Task.objects.filter(case=case).order_by("pk"):
        yield Part(f"task/{row.pk}", "note", N_("Task"), f"{row.created_at:%Y-%m-%d}", row.text, personal=True)


# --- whatever tables a kind or a way of working adds ------------------------------------------------


@cache
def _tables() -> tuple[tuple[type[models.Model], tuple[str, ...]], ...]:
    """Models whose rows belong to a case, with every look-up path to it, however many tables lie between."""
    found: dict[type[models.Model], tuple[str, ...]] = {}
    layer: list[tuple[type[models.Model], str]] = [(Case, "")]
    for _turn in range(_DEPTH):
        layer = [step for model, path in layer for step in _below(model, path) if step[0] is not Case]
        for model, path in layer:
            found[model] = (*found.get(model, ()), path)
    return tuple(found.items())


def _below(model: type[models.Model], path: str) -> Iterator[tuple[type[models.Model], str]]:
    for field in model._meta.get_fields(include_hidden=True):
        if not (field.auto_created and (field.one_to_many or field.one_to_one)):
            continue
        below: Any = field.related_model
        key: Any = field.field  # type: ignore[union-attr]
        if below.__name__ not in _CORE and below.__module__.startswith("commonbeat.") and below is not model:
            yield below, f"{key.name}__{path}" if path else key.name


def _records(case: Case) -> Iterator[Part]:
    for model, paths in _tables():
        ours = reduce(or_, (models.Q(**{path: case.pk}) for path in paths))
        for row in model._default_manager.filter(ours).distinct().order_by("pk"):
            title, told = str(model._meta.verbose_name).capitalize(), list(_told(row))
            closed = _is_closed(model) or any(isinstance(value, dict) and SEALED in value for _name, value in told)
            lines = CLOSED_TEXT if closed else "\n".join(f"{name}: {value}" for name, value in told)
            yield Part(
                f"{model._meta.label}/{row.pk}"[:80], "record", title, str(row.pk), lines,
                personal=closed or not PERSONAL[model._meta.label].nobody, closed=closed,
            )  # fmt: skip


def _is_closed(model: type[models.Model]) -> bool:
    """What nobody may open but whoever wrote it; a table that says nothing of people is not opened either."""
    label = model._meta.label
    return label not in PERSONAL or bool(PERSONAL[label].closed)


def _told(row: models.Model) -> Iterable[tuple[str, Any]]:
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        plain = not (column.primary_key or column.is_relation or isinstance(column, models.BinaryField))
        if plain and value not in (None, "", [], {}):
            yield str(column.verbose_name), value
