"""Where photos come from: the digest of what was sent, kept in the journal, compared with what is stored now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from commonbeat.cases import files
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, CaseFile
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.core.workflow import Step, step
from commonbeat.journal.chain import verify_subject
from commonbeat.journal.models import Entry

NO_PHOTO = N_("Choose at least one photo.")
TOO_MANY = N_("A case holds %(most)s photos at most; %(held)s are here.")
MOST_ON_A_CASE = 60

PHOTOS = Field("photos", N_("Photos"), "photos", hint=N_("Where and when a photo was taken is removed from the file."))
"""Photos that come with a step; the step's `then` takes them with `take_photos`."""


def take_photos(deed: Deed, *, required: bool = False) -> list[CaseFile]:
    """Put the photos of a step on its case; the journal keeps their digests. Raises `Invalid`.

    Such a step cannot be undone: what was once shown as evidence does not vanish with a click.
    """
    tokens = list(deed.data.get("photos") or ())
    held = deed.case.files.count() if tokens else 0
    if held + len(tokens) > MOST_ON_A_CASE:
        raise Invalid([Problem("photos", TOO_MANY, {"most": MOST_ON_A_CASE, "held": held})])
    rows = files.claim(deed.case, tokens, by_reporter=False, at=deed.at)
    if required and not rows:
        raise Invalid([Problem("photos", NO_PHOTO)])
    if rows:
        deed.facts["photos"] = files.custody_of(rows)
    return rows


def photograph(deed: Deed) -> None:
    """Add photos, with a word on what they show."""
    take_photos(deed, required=True)
    deed.personal["text"] = deed.data.get("shows") or ""


def photograph_step(*, at: Iterable[str], by: Iterable[str], **more: Any) -> Step:
    """Photos for the case, at any time."""
    return step(
        "photograph", N_("Add photos"), at=at, by=by, undo=False, then=photograph,
        fields=(
            Field("photos", PHOTOS.label, "photos", required=True, hint=PHOTOS.hint),
            Field("shows", N_("What they show"), maximum=300),
        ),
        **more,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """One photo from its capture to now. `flaws` are source texts; none means that nothing was changed."""

    number: int
    file_id: int
    name: str
    original: str
    stored: str
    entry: Entry
    flaws: tuple[str, ...]


GONE = N_("The photo is not on the case any more.")
CHANGED = N_("The stored picture is not the one that was stored then.")
MISSING = N_("The stored picture is missing from the folder of files.")
RENAMED = N_("The case names another picture than the journal.")
BROKEN = N_("The journal of this case was changed after it was written.")


def custody(case: Case) -> list[Link]:
    """Every photo of a case that the journal took in, in order, each compared with what is stored now."""
    rows = {row.pk: row for row in case.files.all()}
    broken = (BROKEN,) if verify_subject("case", case.pk) else ()
    found: list[Link] = []
    for entry in Entry.objects.about("case", case.pk).filter(data__has_key="photos"):
        for told in entry.data["photos"]:
            row = rows.get(told["file"])
            flaws = broken + _flaws(row, told)
            name = row.name if row else ""
            found.append(
                Link(len(found) + 1, told["file"], name, told["original"], told["stored"], entry, flaws)
            )  # fmt: skip
    return found


def _flaws(row: CaseFile | None, told: dict[str, Any]) -> tuple[str, ...]:
    if row is None:
        return (GONE,)
    if (row.sha256, row.original_sha256) != (told["stored"], told["original"]):
        return (RENAMED,)
    try:
        same = hashlib.sha256(files.read(row.sha256)).hexdigest() == row.sha256
    except FileNotFoundError:
        return (MISSING,)
    return () if same else (CHANGED,)


def same_as(case: Case, data: bytes) -> int | None:
    """The number of the photo that this file is, as it was sent or as it is stored; None when it is none of them."""
    digest = hashlib.sha256(data).hexdigest()
    return next((link.number for link in custody(case) if digest in (link.original, link.stored)), None)
