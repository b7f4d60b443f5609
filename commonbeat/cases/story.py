"""A case with everything around it, read in a few statements: what the page of one case shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case as When
from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models import When as If
from django.db.models.functions import JSONObject

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile, CaseLink, Participant, Task
from commonbeat.cases.queries import among, newest_of_few
from commonbeat.cases.sealing import open_entries
from commonbeat.cases.work_records import Agreement, Notice, SoundMeasurement
from commonbeat.community.agency import setting
from commonbeat.community.kept import Kept, columns, keep, revive
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.geography import cells_within
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.journal.models import Entry

SIMILAR = 6


class NoSuchCase(LookupError):
    """There is no such case, or it is not for this actor: both look the same."""


@dataclass(frozen=True)
class Story:
    """A case and what repeats around it, as plain dictionaries."""

    case: Case
    assignee: str
    team: str
    people: list[dict[str, Any]]
    files: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    links: list[dict[str, Any]]
    records: frozenset[str]
    """Which records of work there are, by their name on the case: whoever shows them need not look for others."""
    entries: list[Entry]

    @property
    def last(self) -> Entry | None:
        """The latest deed, the only one that can be taken back."""
        return self.entries[-1] if self.entries else None


def _number(reference: str) -> int:
    try:
        return parse_reference(reference)
    except BadReference:
        raise NoSuchCase(reference) from None


def find(reference: str, *, actor: Actor) -> Case:
    """The case of a reference. Raises `NoSuchCase`."""
    case = Case.objects.visible_to(actor).filter(pk=_number(reference)).defer("search").first()
    if case is None:
        raise NoSuchCase(reference)
    return case


class _Told(Func):
    """`text <> ''` as a value: whether something was given, without reading it."""

    template = "(coalesce(%(expressions)s, '') <> '')"


def _people() -> QuerySet[Participant, Any]:
    return Participant.objects.filter(case=OuterRef("pk")).order_by("id").values(
        row=JSONObject(
            id="id", role="role", told_by="told_by", hidden="hidden", user=F("user__name"),
            organisation=F("organisation__name"), person="person_id", named=_Told("person__name"),
            email=_Told("person__email"), phone=_Told("person__phone"), bounced=F("person__email_bounced_at"),
            language=F("person__language"), shredded=F("person__shredded_at"),
        )
    )  # fmt: skip


def _files() -> QuerySet[CaseFile, Any]:
    return CaseFile.objects.filter(case=OuterRef("pk")).order_by("id").values(
        row=JSONObject(
            id="id", name="name", size="size", media_type="media_type", by_reporter="by_reporter",
            redacted="redacted_sha256", public="public",
        )
    )  # fmt: skip


def _tasks() -> QuerySet[Task, Any]:
    return Task.objects.filter(case=OuterRef("pk")).order_by("done_at", "due_at", "id").values(
        row=JSONObject(id="id", sort="sort", text="text", owner=F("owner__name"), due_at="due_at", done_at="done_at")
    )  # fmt: skip


def _links() -> QuerySet[CaseLink, Any]:
    """How other cases stand to this one; one that was merged and opened again repeats nothing any more."""
    mine = Q(one=OuterRef("pk")) | Q(other=OuterRef("pk"))
    relation = When(
        If(Q(relation="duplicate") & ~Q(one__outcome="duplicate"), then=Value("related")),
        If(one=OuterRef("pk"), then=F("relation")),
        If(relation="duplicate", then=Value("duplicated_by")),
        If(relation="child", then=Value("parent_of")),
        default=F("relation"), output_field=CharField(),
    )  # fmt: skip
    other = When(If(one=OuterRef("pk"), then=F("other_id")), default=F("one_id"))
    return CaseLink.objects.filter(mine).order_by("id").values(row=JSONObject(relation=relation, other=other))


_A_CASE, _A_CATEGORY, _AN_AREA, _SOME_CELLS = -271828, -271829, -271830, [-271831]
"""Stand for values that come with each run of a kept statement; no row has them."""
_COLUMNS = [f.attname for f in Case._meta.concrete_fields if f.name != "search"]
_JSON = frozenset({"details", "clocks"})
_RECORDS = {"notices": Notice, "agreements": Agreement, "measurements": SoundMeasurement}


@lru_cache(maxsize=512)
def _whole(actor: Actor) -> Kept:
    """The statement that reads a case that this actor may see, with its people, files, tasks and links."""
    around = (ArraySubquery(_people()), ArraySubquery(_files()), ArraySubquery(_tasks()), ArraySubquery(_links()))
    records = (Exists(model._default_manager.filter(case=OuterRef("pk"))) for model in _RECORDS.values())
    rows = Case.objects.visible_to(actor).filter(pk=_A_CASE)
    return keep(rows.values_list(*_COLUMNS, "assignee__name", "team__name", *around, *records), by=(_A_CASE,))


def read(reference: str, *, actor: Actor) -> Story:
    """The whole story of a case: two statements. Raises `NoSuchCase`."""
    found = _whole(actor).run({_A_CASE: _number(reference)})
    if not found:
        raise NoSuchCase(reference)
    values, (assignee, team, *around) = found[0][: len(_COLUMNS)], found[0][len(_COLUMNS) :]
    columns = [json.loads(value) if name in _JSON else value for name, value in zip(_COLUMNS, values, strict=True)]
    case = Case.from_db("default", _COLUMNS, columns)
    people, files, tasks, links = ([json.loads(row) for row in rows] for rows in around[:4])
    records = frozenset(name for name, there in zip(_RECORDS, around[4:], strict=True) if there)
    return Story(case, assignee or "", team or "", people, files, tasks, links, records, entries_of(case, actor=actor))


def entries_of(case: Case, *, actor: Actor) -> list[Entry]:
    """What happened, oldest first; outsiders such as partners read no internal notes but their own."""
    if actor.has(*INSIDERS):
        found = [revive(Entry, row) for row in _entries().run({_A_CASE: case.pk})]
    else:
        theirs = Q(audience__in=["reporter", "public"]) | Q(actor_sort="staff", actor_id=actor.user_id)
        found = list(Entry.objects.about("case", case.pk).filter(theirs))
    return open_entries(case, found) if KINDS[case.kind].sealed else found


@cache
def _entries() -> Kept:
    """The statement that reads all entries of a case: it runs for every page of a case."""
    return keep(Entry.objects.about("case", _A_CASE).values_list(*columns(Entry)), by=(_A_CASE,))


_SIMILAR = ("id", "kind", "state", "opened_at", "address")


@lru_cache(maxsize=1024)
def _alike(actor: Actor, nearby: bool) -> Kept:
    """The statement for other open cases of a category, by cells around a point or in an area."""
    rows = Case.objects.visible_to(actor).open().filter(category_id=_A_CATEGORY).exclude(pk=_A_CASE)
    rows = rows.filter(among("cell", _SOME_CELLS)) if nearby else rows.filter(area_id=_AN_AREA)
    coming = (_A_CASE, _A_CATEGORY, _SOME_CELLS if nearby else _AN_AREA)
    return keep(newest_of_few(rows).values_list(*_SIMILAR)[:SIMILAR], by=coming)


def similar(case: Case, *, actor: Actor, at: dt.datetime) -> list[Mapping[str, Any]]:
    """Other open cases of the same category close by, or in the same area where there is no point."""
    values: dict[Any, Any] = {_A_CASE: case.pk, _A_CATEGORY: case.category_id, _AN_AREA: case.area_id}
    nearby = case.lat is not None and case.long is not None
    if case.lat is not None and case.long is not None:
        metres = float(setting("nearby_metres"))
        values[tuple(_SOME_CELLS)] = cells_within(case.lat, case.long, metres)
    elif not case.area_id:
        return []
    return [dict(zip(_SIMILAR, row, strict=True)) for row in _alike(actor, nearby).run(values)]


def linked(story: Story, *, actor: Actor) -> list[dict[str, Any]]:
    """The linked cases that this actor may see, with how they stand to this one."""
    numbers = [row["other"] for row in story.links]
    if not numbers:
        return []
    known = {
        row["id"]: row
        for row in Case.objects.visible_to(actor).filter(pk__in=numbers).values("id", "kind", "state", "category_id")
    }
    told = dict.fromkeys((row["other"], row["relation"]) for row in story.links if row["other"] in known)
    return [{**known[other], "relation": relation} for other, relation in told]
