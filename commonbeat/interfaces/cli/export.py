"""`commonbeat export`: cases, cards, outcomes, measurements, notices or the journal as CSV, JSON or lines of JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
import orjson
from django.utils import timezone

from commonbeat.cases.categories import categories
from commonbeat.cases.models import Case
from commonbeat.cases.notices import cure_day
from commonbeat.cases.tags import tags_of
from commonbeat.cases.work_records import Notice, SoundMeasurement
from commonbeat.community.places import places
from commonbeat.core.actor import SYSTEM
from commonbeat.core.cells import harmless
from commonbeat.core.ids import reference
from commonbeat.interfaces.api.open311.bulk import bulk_rows
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import log_access
from commonbeat.publishing.models import Publication

CHUNK = 2000
FORMATS = ("csv", "json", "ndjson")
Row = dict[str, Any]


def _cases() -> Iterator[Row]:
    """Cases without anybody's contact details: those are answered to the person alone."""
    codes = {pk: known.row.code for pk, known in categories().items()}
    areas = {pk: area.code for pk, area in places().areas.items()}
    columns = (
        "id", "kind", "state", "outcome", "category_id", "area_id", "team__slug", "channel", "language", "opened_at",
        "changed_at", "closed_at", "due_at", "text", "address", "lat", "long", "details", "version", "tags",
    )  # fmt: skip
    for row in Case.objects.visible_to(SYSTEM).order_by("pk").values(*columns).iterator(chunk_size=CHUNK):
        number, details = row.pop("id"), row.pop("details")
        yield {
            "reference": reference(number), **row, "category_id": codes.get(row["category_id"]),
            "area_id": areas.get(row["area_id"]), "answers": details.get("answers") or {},
            "tags": [tag.code for tag in tags_of(row["tags"])],
            "imported_from": (details.get("imported") or {}).get("source", ""),
            "imported_key": (details.get("imported") or {}).get("key", ""),
        }  # fmt: skip


def _cards() -> Iterator[Row]:
    """What the public may read, in the columns of GeoReport Bulk: other systems import it as it is."""
    return bulk_rows(language="en", at=timezone.now())


def _outcomes() -> Iterator[Row]:
    """Published outcomes in every language."""
    rows = Publication.objects.filter(kind="outcome", state="published").order_by("pk")
    for row in rows.select_related("category", "area").iterator(chunk_size=CHUNK):
        for language, words in row.words.items():
            yield {
                "reference": reference(row.case_number) if row.case_number else "",
                "category": row.category.code if row.category else "", "area": row.area.name if row.area else "",
                "language": language, "published_at": row.published_at, "title": words.get("title", ""),
                "said": words.get("said", ""), "did": words.get("did", ""),
            }  # fmt: skip


def _journal() -> Iterator[Row]:
    """Every entry with the hashes that prove it; personal fields stay here, their digests go along."""
    for entry in Entry.objects.defer("personal").order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "id": entry.pk, "subject_kind": entry.subject_kind, "subject_id": entry.subject_id, "number": entry.number,
            "at": entry.at, "verb": entry.verb, "actor_sort": entry.actor_sort, "actor_id": entry.actor_id,
            "actor_name": entry.actor_name, "audience": entry.audience, "data": entry.data,
            "personal_digest": bytes(entry.personal_digest).hex() if entry.personal_digest else "",
            "previous": bytes(entry.previous).hex(), "hash": bytes(entry.hash).hex(),
        }  # fmt: skip


def _measurements() -> Iterator[Row]:
    """Sound as it was measured, with the limit that held then; without who measured and without a place."""
    codes = {pk: known.row.code for pk, known in categories().items()}
    rows = SoundMeasurement.objects.order_by("pk").values(
        "case_id", "case__category_id", "measured_at", "spot", "level_db", "background_db", "seconds", "instrument",
        "calibrated_on", "zone", "limit_db", "limit_source",
    )  # fmt: skip
    for found in rows.iterator(chunk_size=CHUNK):
        row: Row = dict(found)
        limit = row["limit_db"]
        yield {
            "reference": reference(row.pop("case_id")), "category": codes.get(row.pop("case__category_id")), **row,
            "above_limit": None if limit is None else row["level_db"] > limit,
        }  # fmt: skip


def _notices() -> Iterator[Row]:
    """Notices to owners and what was found when somebody looked again; nothing about who the owner is."""
    for row in Notice.objects.prefetch_related("inspections").order_by("pk").iterator(chunk_size=CHUNK):
        looks = sorted(row.inspections.all(), key=lambda look: look.pk)
        yield {
            "reference": reference(row.case_id), "served_at": row.served_at, "how": row.how,
            "violations": row.violations, "cure_on": row.cure_on, "cure_on_now": cure_day(row, looks),
            "inspections": [
                {"at": look.inspected_at.isoformat(), "found": look.found,
                 "extended_to": look.extended_to.isoformat() if look.extended_to else None}
                for look in looks
            ],
        }  # fmt: skip


WHAT: dict[str, Callable[[], Iterator[Row]]] = {
    "cases": _cases, "cards": _cards, "outcomes": _outcomes, "journal": _journal,
    "measurements": _measurements, "notices": _notices,
}  # fmt: skip


def _cell(value: Any) -> Any:
    """A value as a spreadsheet may have it: nothing that it would take for a formula."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return harmless(value)


def _write_csv(rows: Iterable[Row], out: IO[bytes]) -> int:
    import io

    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer, count = csv.writer(text), 0
    for count, row in enumerate(rows, start=1):
        if count == 1:
            writer.writerow(row)
        writer.writerow([_cell(value) for value in row.values()])
    text.detach()
    return count


def _write_json(rows: Iterable[Row], out: IO[bytes]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        out.write((b"[\n" if count == 1 else b",\n") + orjson.dumps(row, default=str))
    out.write(b"\n]\n" if count else b"[]\n")
    return count


def _write_ndjson(rows: Iterable[Row], out: IO[bytes]) -> int:
    count = 0
    for row in rows:
        out.write(orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


_WRITERS = {"csv": _write_csv, "json": _write_json, "ndjson": _write_ndjson}


@contextmanager
def _open(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """The file, whole or not at all: it gets its name when everything is written. `-` is standard output."""
    if str(path) == "-":
        yield sys.stdout.buffer
        return
    if path.exists() and not force:
        raise click.ClickException(f"{path} exists. Choose another name, or replace it with --force.")
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    except OSError as failure:
        raise click.ClickException(f"{path} cannot be written: {failure.strerror}.")
    finally:
        draft.unlink(missing_ok=True)


@click.command()
@click.argument("what", type=click.Choice(list(WHAT)))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--format", "form", type=click.Choice(FORMATS), help="By the file's name when not given.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(what: str, file: Path, form: str | None, force: bool) -> None:
    """Write cases, public cards, outcomes, measurements, notices or the journal to FILE (- for standard output).

    Contact details of residents are in none of these files. Texts of cases may name people all the same: treat an
    export of cases like the case files themselves. It is noted in the access log.
    """
    form = form or next((f for f in FORMATS if file.suffix == f".{f}"), None)
    if form is None:
        raise click.ClickException(
            "Name the format with --format csv, json or ndjson, or give the file such an ending."
        )
    with _open(file, force=force) as out:
        count = _WRITERS[form](WHAT[what](), out)
    log_access("export", 0, f"export {what}"[:40], actor=SYSTEM, at=timezone.now())
    click.echo(f"Wrote {count:,} rows to {file}.", err=True)
