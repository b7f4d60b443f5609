"""Files service requests of another system as cases: many at once, found again on a second run, never doubled."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction
from django.db.models import JSONField

from commonbeat.cases import clocks as clock
from commonbeat.cases import routing
from commonbeat.cases.categories import Known, categories
from commonbeat.cases.import_changes import take_change
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, ImportedRecord
from commonbeat.community.agency import calendar, local_day
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.geography import h3_cell
from commonbeat.core.georeport import Record
from commonbeat.core.text import N_
from commonbeat.journal.bulk import record_first

PROJECTIONS_OF_NEW: list[Callable[[Sequence[Case]], None]] = []
"""Called with cases that were just made: floors above write their views of them here."""

OUTSIDE = N_("The point lies outside the area that we serve.")
NO_PLACE = N_("It has neither a point nor an address.")
NO_CATEGORY = N_("We have no category for “%(name)s”.")
REPEATED = N_("The number occurs more than once; the newest row counts.")
DESTROYED = N_("The case was destroyed here when its time was over.")

CLOSED_THERE, NOT_SAID = "elsewhere", "history"
"""Outcomes of imported cases: the source closed it, or the source does not say and it is kept as history."""

BORDER_M = (15.0, 60.0)
"""Simplified borders cut off points that lie on them: so far a point may lie outside, in metres."""

_NAMESPACE = uuid.UUID("6f6f1c2e-6b0e-5c1f-9a53-0f8d3c1b7a44")


class CannotImport(ValueError):
    """The import as a whole is impossible; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record: `what` is new, updated, unchanged or skipped; `reason` may hold %(name)s."""

    key: str
    what: str
    reason: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The reason with its names filled in."""
        return self.reason % self.params if self.params else self.reason


@dataclass(frozen=True, slots=True)
class _Placed:
    """A record that can be filed: its key, its category and where it is."""

    key: str
    record: Record
    known: Known
    lat: float | None
    long: float | None
    area_id: int | None


def plain_name(name: str) -> str:
    """A category's name as it is compared: case and spaces do not count."""
    return " ".join(name.casefold().split())


class ImportRun:
    """One import from one source. `take` files a batch in one transaction; memory does not grow with the cases.

    Only records without a number of their own cost memory (about 100 bytes each): equal ones are told apart by their
    occurrence. With `archive` everything becomes history, so that what nobody closed there does not run late here.
    `mapping` leads the source's codes or names to our category codes. Nobody is notified of anything.
    """

    def __init__(
        self, source: str, *, actor: Actor, at: dt.datetime, kind: str = "concern", archive: bool = False,
        mapping: Mapping[str, str] | None = None, dry_run: bool = False,
    ) -> None:  # fmt: skip
        self.source, self.actor, self.at, self.dry_run = source, actor, at, dry_run
        self._kind: Kind = KINDS[kind]
        self._archive = archive
        if not all(map(self._kind.workflow.outcome, (CLOSED_THERE, NOT_SAID))):
            raise CannotImport(f"A {kind} has no outcome for what was closed elsewhere, so it cannot be imported.")
        self._named = _names(kind, mapping or {})
        self._occurrences: Counter[str] = Counter()
        self._seen: set[int] = set()

    def take(self, records: Sequence[Record]) -> list[Result]:
        """File these records; the answers stand in their order."""
        keys = [self._key(record) for record in records]
        results: list[Result | None] = [None] * len(records)
        found = [self._category(record) for record in records]
        points = _located(records)
        chosen: dict[str, int] = {}
        for n, record in enumerate(records):
            refused = self._refusal(keys[n], record, found[n], points[n])
            if refused:
                results[n] = refused
                continue
            before = chosen.get(keys[n])
            if before is not None and record.newest <= records[before].newest:
                results[n] = Result(keys[n], "skipped", REPEATED)
                continue
            if before is not None:
                results[before] = Result(keys[n], "skipped", REPEATED)
            chosen[keys[n]] = n
        placed = {
            n: _Placed(key, records[n], known, *points[n][:3])
            for key, n in chosen.items() if (known := found[n]) is not None
        }  # fmt: skip
        with transaction.atomic():
            for n, result in self._file(placed).items():
                results[n] = result
        return [result for result in results if result is not None]

    def _key(self, record: Record) -> str:
        if record.key:
            return record.key
        self._occurrences[record.fingerprint] += 1
        return f"{record.fingerprint}#{self._occurrences[record.fingerprint]}"

    def _category(self, record: Record) -> Known | None:
        for name in (record.service_code, record.service_name):
            found = self._named.get(plain_name(name)) if name else None
            if found:
                return found
        return None

    def _refusal(self, key: str, record: Record, known: Known | None, point: tuple[Any, ...]) -> Result | None:
        if known is None:
            return Result(key, "skipped", NO_CATEGORY, {"name": record.service_name or record.service_code})
        if point[0] is None and not record.address:
            return Result(key, "skipped", NO_PLACE)
        return None if point[3] else Result(key, "skipped", OUTSIDE)

    def _file(self, placed: Mapping[int, _Placed]) -> dict[int, Result]:
        """Write what is new and what changed; inside the batch's transaction."""
        with connection.cursor() as cursor:  # two runs of one source wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import {self.source}"])
        known = {
            row.key: row
            for row in ImportedRecord.objects.filter(source=self.source, key__in=[p.key for p in placed.values()])
        }
        cases = Case.objects.only("id", "details", "version").in_bulk(
            [row.case_id for row in known.values() if row.case_id]
        )
        results, new = {}, {}
        for n, item in placed.items():
            if item.key not in known:
                new[n] = item
                results[n] = self._first(item)
                continue
            case = cases.get(known[item.key].case_id or 0)
            results[n] = self._again(item, case)
        if not self.dry_run:
            self._insert([item for n, item in new.items() if results[n].what == "new"])
        return results

    def _first(self, item: _Placed) -> Result:
        if self.dry_run:  # nothing is written that would show a repeated number in a later batch
            mark = hash(item.key)
            if mark in self._seen:
                return Result(item.key, "skipped", REPEATED)
            self._seen.add(mark)
        return Result(item.key, "new")

    def _again(self, item: _Placed, case: Case | None) -> Result:
        if case is None:
            return Result(item.key, "skipped", DESTROYED)
        last = case.details.get("imported") or {}
        moment, closed = item.record.newest
        if self._archive:  # the source's status was not taken, so a change of it is none
            return Result(item.key, "unchanged")
        if (moment.astimezone(dt.UTC).isoformat(), closed) <= (last.get("changed", ""), last.get("closed", False)):
            return Result(item.key, "unchanged")
        if not self.dry_run:
            take_change(
                case.pk, item.record, self._origin(item), closed_as=CLOSED_THERE, hours=self._hours(item.known),
                actor=self.actor, at=self.at,
            )  # fmt: skip
        return Result(item.key, "updated")

    def _hours(self, known: Known) -> dict[str, float]:
        return {"acknowledge": known.row.acknowledge_hours, "respond": known.row.respond_hours}

    def _origin(self, item: _Placed) -> dict[str, Any]:
        """What the case keeps of the record, to see the next change and to show where it came from."""
        moment, closed = item.record.newest
        return {
            "source": self.source, "key": item.key, "changed": moment.astimezone(dt.UTC).isoformat(),
            "closed": closed, "notes": item.record.status_notes, "version": 1,
        }  # fmt: skip

    def _insert(self, items: Sequence[_Placed]) -> None:
        if not items:
            return
        cases, facts = [], []
        for pk, item in zip(_next_ids(len(items)), items, strict=True):
            case, decided = self._case(pk, item)
            cases.append(case)
            facts.append((pk, {
                "kind": case.kind, "category": case.category_id, "area": case.area_id, "channel": "import",
                "source": self.source, "key": item.record.key,
                "notes": item.record.status_notes, "routing": decided.explained() if decided else None,
            }))  # fmt: skip
        _copy_cases(cases)
        record_first("case", "case.imported", facts, actor=self.actor, at=self.at)
        for project in PROJECTIONS_OF_NEW:
            project(cases)
        rows = ((self.source, item.key, case.pk) for item, case in zip(items, cases, strict=True))
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy("COPY cases_importedrecord (source, key, case_id) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _case(self, pk: int, item: _Placed) -> tuple[Case, routing.Decision | None]:
        record, flow = item.record, self._kind.workflow
        details: dict[str, Any] = {"answers": {}, "imported": self._origin(item)}
        details |= {"agency_responsible": record.agency} if record.agency else {}
        details |= {"media_url": record.media_url} if record.media_url else {}
        case = Case(
            pk=pk, client_id=uuid.uuid5(_NAMESPACE, f"{self.source}\n{item.key}"), kind=self._kind.slug,
            state=flow.start, category_id=item.known.row.pk, area_id=item.area_id, channel="import",
            text=record.text, address=record.address, lat=item.lat, long=item.long,
            cell=h3_cell(item.lat, item.long) if item.lat is not None and item.long is not None else None,
            opened_at=record.opened_at, changed_at=record.newest[0], details=details,
        )  # fmt: skip
        if record.closed or self._archive:
            case.closed_at = record.closed_at or record.newest[0]
            case.changed_at = max(case.closed_at, case.opened_at)
            case.state = next(state.slug for state in flow.states if state.closed)
            case.outcome = CLOSED_THERE if record.closed else NOT_SAID
            kept = self._kind.keep(case.outcome)
            case.dispose_on = kept.dispose_on(local_day(max(case.closed_at, self.at)))
            return case, None
        return case, self._give(case, item)

    def _give(self, case: Case, item: _Placed) -> routing.Decision:
        """An open request becomes ours from now on: somebody gets it, and its clocks start today."""
        case.clocks = clock.start(self._hours(item.known), at=self.at, calendar=calendar())
        case.due_at = clock.next_due(case.clocks)
        facts = routing.Facts(
            kind=case.kind, category=item.known.row.code, group=item.known.text("en").group, area_id=case.area_id,
            language=case.language, channel=case.channel, at=self.at,
        )  # fmt: skip
        decided = routing.decide(facts, routing.rules(), at=self.at)
        case.team_id, case.assignee_id = decided.team_id, decided.user_id
        return decided


def _names(kind: str, mapping: Mapping[str, str]) -> dict[str, Known]:
    """Every name under which a record may mean one of our categories; `mapping` counts first."""
    known = [item for item in categories().values() if item.row.kind == kind]
    by_code = {item.row.code: item for item in known}
    found: dict[str, Known] = {}
    for item in known:
        for name in (item.row.code, *item.row.legacy_names, *(text.name for text in item.texts.values())):
            found.setdefault(plain_name(name), item)
    for name, code in mapping.items():
        if code not in by_code:
            raise CannotImport(f"There is no category “{code}”. Look at the codes in the office, under categories.")
        found[plain_name(name)] = by_code[code]
    return found


def _located(records: Sequence[Record]) -> list[tuple[float | None, float | None, int | None, bool]]:
    """Latitude, longitude, serving area and whether it may be filed, for each record."""
    known = places()
    if not known.serving_level:
        return [(r.lat, r.long, None, True) for r in records]
    lats = np.array([np.nan if r.lat is None else r.lat for r in records], dtype=float)
    longs = np.array([np.nan if r.long is None else r.long for r in records], dtype=float)
    level = known.serving_level
    areas = known.index.locate_many(lats, longs, level)
    swapped: set[int] = set()
    lost = [n for n, area in enumerate(areas) if area is None and records[n].lat is not None]
    if lost:
        there = np.array(lost)
        for n, area in zip(lost, known.index.locate_many(longs[there], lats[there], level), strict=True):
            if area is not None:
                areas[n] = area
                swapped.add(n)
        _near_border(areas, lats, longs, [n for n in lost if areas[n] is None], level)
    answer = []
    for n, record in enumerate(records):
        lat, long = (record.long, record.lat) if n in swapped else (record.lat, record.long)
        answer.append((lat, long, areas[n], record.lat is None or areas[n] is not None))
    return answer


def _near_border(areas: list[Any], lats: Any, longs: Any, lost: Sequence[int], level: str) -> None:
    """Give points just outside a border to the area that they touch, looking in eight directions."""
    for metres in BORDER_M:
        for turn in range(8):
            left = [n for n in lost if areas[n] is None]
            if not left:
                return
            there = np.array(left)
            dy = metres / 111_195 * np.sin(turn * np.pi / 4)
            dx = metres / 111_195 * np.cos(turn * np.pi / 4) / np.cos(np.radians(lats[there]))
            for n, area in zip(
                left, places().index.locate_many(lats[there] + dy, longs[there] + dx, level), strict=True
            ):
                areas[n] = area


def _next_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('cases_case', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _copy_cases(cases: Sequence[Case]) -> None:
    fields = [f for f in Case._meta.concrete_fields if not getattr(f, "generated", False)]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    values_of = attrgetter(*(f.attname for f in fields))
    as_json = [n for n, f in enumerate(fields) if isinstance(f, JSONField)]
    copy_in = f"COPY cases_case ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        for case in cases:
            values = list(values_of(case))
            for n in as_json:
                values[n] = orjson.dumps(values[n]).decode()
            copy.write_row(values)
