"""Everything that can happen to a source of incidents: made, a file brought in, its mapping said, imported, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from commonbeat.community.agency import current, local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence import store
from commonbeat.evidence.mapping import BadTable, ColumnMapping, guess
from commonbeat.evidence.models import CountedMeasure, IncidentImport, IncidentSource
from commonbeat.journal import history
from commonbeat.journal.verbs import record

if TYPE_CHECKING:
    from commonbeat.evidence.reading import TableFile

KEPT_STATES = 3
"""How many states of a source stay, so that as many imports can be undone."""

NO_NAME = N_("Give the source a name, such as “Burglaries”.")
SAME_SLUG = N_("There is a source with this name already. Choose it from the list, or use another name.")
RUNNING = N_("Another file is being imported into this source. Wait until it is done.")
NOT_NOW = N_("This file is imported already, or was given up. Bring it in again.")
NOT_LAST = N_("Only the last import of a source can be undone.")
NOTHING = N_("No row of the file could be used. Look at the reasons, and check which column is what.")
RETIRED = N_("This source is out of use. Put it back into use first, under “Sources”.")
GONE = N_("The file is no longer there. Bring it in again.")


@transaction.atomic
def add_source(*, name: str, noun: str = "", notice: str = "", slug: str = "", snapped: bool = False, actor: Actor,
               at: dt.datetime) -> IncidentSource:  # fmt: skip
    """A new source, with a measure that counts all of it. Raises `Invalid`."""
    name = " ".join(name.split())
    slug = slug or slugify(name)[:40]
    if not name or not slug:
        raise Invalid([Problem("name", NO_NAME)])
    if IncidentSource.objects.filter(slug=slug).exists():
        raise Invalid([Problem("name", SAME_SLUG)])
    values = {"slug": slug, "name": name, "noun": noun or name.lower(), "notice": notice, "snapped": snapped,
              "created_at": at}  # fmt: skip
    source: Any = history.add(IncidentSource(), values, actor=actor, at=at)
    counted = {"slug": slug, "name": name, "noun": source.noun, "source": source.pk, "categories": []}
    history.add(CountedMeasure(), counted, actor=actor, at=at)
    return source  # type: ignore[no-any-return]


def bring(source: IncidentSource, file: Any, *, name: str, actor: Actor, at: dt.datetime) -> IncidentImport:
    """Keep a file and guess what its columns are: as in the last one, where it has the same. Raises `BadTable`."""
    from commonbeat.evidence.reading import open_table

    if source.retired_at is not None:
        raise BadTable(RETIRED)
    sha, size = store.keep_upload(file)
    table = open_table(store.upload_of(sha))
    return IncidentImport.objects.create(
        source=source, file_name=Path(name).name[:200], file_sha=sha, size=size,
        mapping=mapping_for(source, table).as_dict(), by_id=actor.user_id, by_name=actor.name, created_at=at,
    )  # fmt: skip


def mapping_for(source: IncidentSource, table: TableFile) -> ColumnMapping:
    """The mapping that the source remembers, if the file has its columns, or a guess."""
    remembered = ColumnMapping.from_dict(source.mapping)
    return remembered if remembered.fits(table.columns) else guess(table.sample(), country=current().country)


def table_of(brought: IncidentImport) -> TableFile:
    """The file of an import. Raises `BadTable`."""
    from commonbeat.evidence.reading import open_table

    path = store.upload_of(brought.file_sha)
    if not path.exists():
        raise BadTable(GONE)
    return open_table(path)


@transaction.atomic
def confirm(brought: IncidentImport, mapping: ColumnMapping, *, actor: Actor, at: dt.datetime) -> None:
    """The mapping is right: import in the background. Raises `BadMapping` and `Invalid`."""
    from commonbeat.evidence.tasks import import_incidents

    mapping.check(table_of(brought).columns)
    _start(brought, IncidentImport.DRAFT, IncidentImport.WAITING)
    IncidentImport.objects.filter(pk=brought.pk).update(mapping=mapping.as_dict())
    import_incidents.defer(import_id=brought.pk)


def _start(brought: IncidentImport, state: str, following: str) -> None:
    """Move an import on, if it still stands where it is thought to be. Raises `Invalid`."""
    rows: QuerySet[IncidentImport] = IncidentImport.objects.filter(pk=brought.pk, state=state)
    if not rows.update(state=following):
        raise Invalid([Problem("file", NOT_NOW)])
    brought.state = following


def give_up(brought: IncidentImport) -> None:
    """Forget a file that was brought in and not imported."""
    if IncidentImport.objects.filter(pk=brought.pk, state=IncidentImport.DRAFT).delete()[0]:
        _forget_upload(brought.file_sha)


def _forget_upload(sha: str) -> None:
    waiting = (IncidentImport.DRAFT, IncidentImport.WAITING, IncidentImport.RUNNING)
    if not IncidentImport.objects.filter(file_sha=sha, state__in=waiting).exists():
        store.upload_of(sha).unlink(missing_ok=True)


def carry_out(
    import_id: int, *, actor: Actor, at: dt.datetime, tell: Callable[[float, int], None] = lambda share, rows: None
) -> IncidentImport:
    """Import a confirmed file. Whatever goes wrong is said on the import, and the source stays as it was."""
    from commonbeat.evidence import importing

    brought = IncidentImport.objects.select_related("source").get(pk=import_id)
    source = brought.source
    if IncidentImport.objects.filter(source=source, state=IncidentImport.RUNNING).exists():
        raise Invalid([Problem("file", RUNNING)])
    _start(brought, IncidentImport.WAITING, IncidentImport.RUNNING)

    def told(share: float, rows: int) -> None:
        IncidentImport.objects.filter(pk=brought.pk).update(done_share=share, counts={"read": rows})
        tell(share, rows)

    try:
        outcome = importing.run(
            table_of(brought), ColumnMapping.from_dict(brought.mapping), source=source.slug, before=source.content,
            zone=current().timezone, today=local_day(at), tell=told,
        )  # fmt: skip
    except Exception as failure:
        said = NOTHING if isinstance(failure, importing.NothingLeft) else str(failure)
        _fail(brought, said, at=at)
        if not isinstance(failure, ValueError):
            raise
        return brought
    _finish(brought, outcome, actor=actor, at=at)
    return brought


@transaction.atomic
def _fail(brought: IncidentImport, said: str, *, at: dt.datetime) -> None:
    IncidentImport.objects.filter(pk=brought.pk).update(state=IncidentImport.FAILED, said=said, finished_at=at)
    _forget_upload(brought.file_sha)
    brought.refresh_from_db()


@transaction.atomic
def _finish(brought: IncidentImport, outcome: Any, *, actor: Actor, at: dt.datetime) -> None:
    source = IncidentSource.objects.select_for_update().get(pk=brought.source_id)
    before = source.content
    _set_state(source, outcome.content, outcome)
    source.mapping = brought.mapping
    source.deleted_at, source.deleted_because = None, ""
    source.save()
    IncidentImport.objects.filter(pk=brought.pk).update(
        state=IncidentImport.DONE, done_share=1, counts=outcome.counts, reasons=dict(outcome.reasons),
        rejects=outcome.rejects, content_before=before, content_after=outcome.content, finished_at=at, said="",
    )  # fmt: skip
    brought.refresh_from_db()
    record("source", source.pk, "source.imported", actor=actor, at=at,
           data={"import": brought.pk, "file": brought.file_sha, "counts": outcome.counts})  # fmt: skip
    _forget_upload(brought.file_sha)
    count_again(source)
    transaction.on_commit(lambda: tidy(source))


def _set_state(source: IncidentSource, content: str, described: Any) -> None:
    source.content, source.rows, source.placed = content, described.rows, described.placed
    source.first_on, source.last_on = described.first_on, described.last_on
    source.categories, source.holes, source.precision = described.categories, described.holes, described.precision


def count_again(source: IncidentSource) -> None:
    """Count the measures of a source again, after this transaction."""
    from commonbeat.evidence.tasks import refresh_measures

    refresh_measures.defer(source_id=source.pk)


def can_undo(brought: IncidentImport) -> bool:
    """Whether the source can go back to where it was before this import."""
    newest = IncidentImport.objects.filter(source=brought.source_id, state=IncidentImport.DONE).order_by("-pk").first()
    before = brought.content_before
    there = brought.source.deleted_at is None and (not before or store.points_of(brought.source.slug, before).exists())
    return bool(newest and newest.pk == brought.pk and there and brought.content_before != brought.content_after)


@transaction.atomic
def undo(brought: IncidentImport, *, actor: Actor, at: dt.datetime) -> None:
    """Take the last import of a source back: what counted before it counts again. Raises `Invalid`."""
    from commonbeat.evidence import importing

    source = IncidentSource.objects.select_for_update().get(pk=brought.source_id)
    if not can_undo(brought):
        raise Invalid([Problem("file", NOT_LAST)])
    _set_state(source, brought.content_before, importing.describe(source.slug, brought.content_before))
    source.save()
    IncidentImport.objects.filter(pk=brought.pk).update(state=IncidentImport.UNDONE)
    record("source", source.pk, "source.import_undone", actor=actor, at=at, data={"import": brought.pk})
    count_again(source)


def tidy(source: IncidentSource) -> None:
    """Delete states of a source that nothing goes back to any more."""
    rows = IncidentImport.objects.filter(source=source, state=IncidentImport.DONE).order_by("-pk")[:KEPT_STATES]
    states = {sha for row in rows for sha in (row.content_before, row.content_after)}
    store.forget_others(source.slug, states | {IncidentSource.objects.get(pk=source.pk).content} - {""})
