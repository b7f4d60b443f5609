"""`commonbeat check`: whether the data are whole: what the database itself cannot hold together."""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from django.conf import settings
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone
from rich.console import Console
from rich.markup import escape

from commonbeat.cases.categories import categories
from commonbeat.cases.files import path_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile, ImportedRecord, Upload
from commonbeat.core.ids import reference
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery, Entry, Seal
from commonbeat.publishing.cards import card_values
from commonbeat.publishing.models import PublicCase

CHUNK = 2000
MOST_SHOWN = 20
STUCK_AFTER = dt.timedelta(hours=1)
CLOSED = ExpressionWrapper(Q(closed_at__isnull=False), output_field=BooleanField())


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; a warning is no damage."""

    what: str
    is_warning: bool = False


def chains() -> Iterator[Finding]:
    """Every entry is as it was written, follows the one before it, and lies under its seal."""
    for flaw in verify(chunk=CHUNK):
        yield Finding(f"Journal of {flaw.subject}, entry {flaw.number}: {flaw.what}.")


def cases_have_a_beginning() -> Iterator[Finding]:
    """Every case has the entry that opened it, and every entry about a case has a case or its tombstone."""
    opened = Entry.objects.filter(subject_kind="case", subject_id=OuterRef("pk"), number=1)
    for case in Case.objects.filter(~Exists(opened)).only("id").iterator(chunk_size=CHUNK):
        yield Finding(f"Case {case.reference} has no entry that opened it.")


def states_fit() -> Iterator[Finding]:
    """Every case is in a state that its kind declares, closed or open as the state says."""
    groups = Case.objects.values("kind", "state", closed=CLOSED).annotate(n=Count("pk")).order_by()
    for row in groups:
        if row["kind"] not in KINDS:
            yield Finding(f"{row['n']} cases are of a kind “{row['kind']}” that this version does not know.")
            continue
        states = {state.slug: state for state in KINDS[row["kind"]].workflow.states}
        if row["state"] not in states:
            yield Finding(f"{row['n']} cases are in a state “{row['state']}” that this version does not know.")
        elif states[row["state"]].closed != row["closed"]:
            yield Finding(f"{row['n']} cases are “{row['state']}” and yet {'closed' if row['closed'] else 'open'}.")


def cards_match() -> Iterator[Finding]:
    """The public card of every case says what the case says, and no card is without its case."""
    known = categories()
    public = [kind.slug for kind in KINDS if kind.public]
    rows = Case.objects.filter(kind__in=public, category__isnull=False).select_related("card").order_by("pk")
    for case in rows.iterator(chunk_size=CHUNK):
        card: PublicCase | None = getattr(case, "card", None)
        if card is None:
            yield Finding(f"Case {case.reference} has no public card.")
            continue
        wanted = card_values(case, known.get(case.category_id or 0))
        differs = [name for name, value in wanted.items() if getattr(card, name) != value]
        if differs:
            yield Finding(f"The public card of {case.reference} differs from its case in: {', '.join(differs)}.")


def files_are_there() -> Iterator[Finding]:
    """Every file that a row names lies in its place with the content that its name promises."""
    named = set(CaseFile.objects.values_list("sha256", flat=True)) | set(
        Upload.objects.values_list("sha256", flat=True)
    )
    named |= set(CaseFile.objects.exclude(redacted_sha256="").values_list("redacted_sha256", flat=True))
    for sha256 in sorted(named):
        path = path_of(sha256)
        try:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    yield Finding(f"The file {path} was changed or is damaged. Restore it from a backup.")
        except FileNotFoundError:
            yield Finding(f"The file {path} is missing. Restore it from a backup.")
        except OSError as failure:
            yield Finding(f"The file {path} cannot be read: {failure.strerror}.")
    root = Path(settings.FILES_ROOT)
    unnamed = sum(1 for path in root.glob("??/??/*") if path.name.partition(".")[0] not in named)
    if unnamed:
        yield Finding(f"{unnamed} files below {root} belong to no row; they only take space.", is_warning=True)


def photos_are_those_that_came() -> Iterator[Finding]:
    """Every photo that the journal took in is still the one on its case."""
    rows = Entry.objects.filter(subject_kind="case", data__has_key="photos").order_by("pk")
    for entry in rows.iterator(chunk_size=CHUNK):
        told = {one["file"]: one for one in entry.data["photos"]}
        for row in CaseFile.objects.filter(pk__in=told):
            if (row.sha256, row.original_sha256) != (told[row.pk]["stored"], told[row.pk]["original"]):
                yield Finding(
                    f"Photo {row.pk} of case {reference(row.case_id)} is not the one that entry {entry.number} took in."
                )


def imports_are_known() -> Iterator[Finding]:
    """Every imported case can be found again by a second import."""
    record = ImportedRecord.objects.filter(case=OuterRef("pk"))
    lost = Case.objects.filter(~Exists(record), channel="import", details__has_key="imported").count()
    if lost:
        yield Finding(
            f"{lost} imported cases are not in the list of imported records: importing again would double them."
        )


def messages_move() -> Iterator[Finding]:
    """No message waits long after its time; failed ones are known."""
    now = timezone.now()
    waiting = Delivery.objects.filter(state__in=["pending", "sending"], next_at__lt=now - STUCK_AFTER).count()
    if waiting:
        yield Finding(f"{waiting} messages wait for more than an hour. Is the worker running?", is_warning=True)
    failed = Delivery.objects.filter(state="failed").count()
    if failed:
        yield Finding(f"{failed} messages could not be sent. The office lists them under messages.", is_warning=True)
    odd = Delivery.objects.filter(state="sent", sent_at=None).count()
    if odd:
        yield Finding(f"{odd} messages count as sent and have no time of sending.")


def seals_go_on() -> Iterator[Finding]:
    """Entries come under a seal within an hour."""
    last = Seal.objects.order_by("-pk").values_list("last_id", flat=True).first() or 0
    loose = Entry.objects.filter(pk__gt=last, at__lt=timezone.now() - STUCK_AFTER)
    if loose.exists():
        yield Finding("The newest entries of the journal are not sealed. Is the worker running?", is_warning=True)


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "The journal's chains and seals verify": chains,
    "Entries come under a seal": seals_go_on,
    "Every case has its beginning": cases_have_a_beginning,
    "States are declared and true": states_fit,
    "Public cards match their cases": cards_match,
    "Uploaded files are whole": files_are_there,
    "Photos are those that came in": photos_are_those_that_came,
    "Imported cases can be found again": imports_are_known,
    "Messages move": messages_move,
}


def run_checks(console: Console) -> int:
    """Run and print every check; returns how many found damage."""
    damaged = 0
    for title, check in CHECKS.items():
        found = [finding for finding, _ in zip(check(), range(MOST_SHOWN + 1), strict=False)]
        bad = [finding for finding in found if not finding.is_warning]
        damaged += bool(bad)
        mark = "[red]FAIL[/red]" if bad else "[yellow]warn[/yellow]" if found else "[green]ok[/green]  "
        console.print(f"{mark} {title}", highlight=False)
        for finding in found[:MOST_SHOWN]:
            console.print(f"       {escape(finding.what)}", highlight=False, soft_wrap=True)
        if len(found) > MOST_SHOWN:
            console.print("       … and more of the same.", highlight=False)
    return damaged


@click.command()
def command() -> None:
    """Check that the data are whole. Reads everything, changes nothing; the exit code is 1 when something is damaged.

    The journal's hash chains and seals, files and their digests, public cards against their cases, imports, messages.
    """
    damaged = run_checks(Console())
    if damaged:
        click.echo("Something is damaged. Keep this output, stop the product, and compare with your latest backup.")
        sys.exit(1)
    click.echo("The data are whole.")
