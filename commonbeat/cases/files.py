"""Photos and documents: cleaned on arrival, stored by digest, served only after a permission check."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from commonbeat.cases.models import Case, CaseFile, Upload
from commonbeat.community.agency import setting
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.ids import digest_token, link_token
from commonbeat.core.photos import CleanPhoto, PhotoRefused, clean_photo, redact, thumbnail
from commonbeat.core.text import N_

REFUSALS = {
    "unknown-type": N_("“%(name)s” is not a photo that we can read. Send a JPEG, PNG or WebP picture."),
    "too-large": N_("“%(name)s” is larger than %(limit)s MB. Send a smaller picture."),
}
REFUSED = N_("“%(name)s” cannot be taken: the picture is damaged or too large. Send another picture.")
NOT_KEPT = N_("We cannot store “%(name)s” at the moment. Send your report without it, and add it later.")

log = logging.getLogger("commonbeat.files")


def path_of(sha256: str) -> Path:
    """Where the file with this digest lies."""
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store(data: bytes, sha256: str) -> None:
    """Write a file by its digest, whole or not at all; the same content twice is one file. May raise `OSError`."""
    path = path_of(sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except OSError:
            Path(draft.name).unlink(missing_ok=True)
            raise


def cleaned(name: str, data: bytes) -> CleanPhoto:
    """A photo as it was sent, without anything hidden in it. Raises `Invalid`."""
    limit = int(setting("max_photo_mb"))
    try:
        return clean_photo(data, max_bytes=limit * 1024 * 1024, max_pixels=60_000_000)
    except PhotoRefused as refused:
        message = REFUSALS.get(refused.code, REFUSED)
        raise Invalid([Problem("photos", message, {"name": name[:60], "limit": limit})]) from refused


def keep(name: str, data: bytes, sha256: str) -> None:
    """Store an upload. Raises `Invalid`, so that the report itself can still be sent."""
    try:
        store(data, sha256)
    except OSError as failure:
        log.error("An upload could not be stored: %s", failure.strerror)
        raise Invalid([Problem("photos", NOT_KEPT, {"name": name[:60]})]) from failure


def accept(name: str, data: bytes, *, at: dt.datetime) -> str:
    """Clean and keep a photo that belongs to no case yet; returns the token that claims it. Raises `Invalid`."""
    photo = cleaned(name, data)
    keep(name, photo.data, photo.sha256)
    token, digest = link_token()
    Upload.objects.create(
        token_digest=digest, sha256=photo.sha256, original_sha256=hashlib.sha256(data).hexdigest(),
        media_type=photo.media_type, name=Path(name).name[:120], size=len(photo.data), width=photo.width,
        height=photo.height, created_at=at,
    )  # fmt: skip
    return token


def claim(case: Case, tokens: Iterable[str], *, by_reporter: bool, at: dt.datetime) -> list[CaseFile]:
    """Put uploaded photos on a case; tokens that are unknown or already used are passed over."""
    wanted = [digest_token(token) for token in tokens][: int(setting("max_photos"))]
    uploads = list(Upload.objects.select_for_update().filter(token_digest__in=wanted))
    rows = [
        CaseFile(
            case=case, sha256=u.sha256, original_sha256=u.original_sha256, media_type=u.media_type, name=u.name,
            size=u.size, width=u.width, height=u.height, by_reporter=by_reporter, created_at=at,
        )
        for u in uploads
    ]  # fmt: skip
    Upload.objects.filter(pk__in=[u.pk for u in uploads]).delete()
    return CaseFile.objects.bulk_create(rows)


def custody_of(photos: Iterable[CaseFile]) -> list[dict[str, Any]]:
    """What the journal keeps of photos when they come in: the digests of what was sent and of what is stored."""
    return [{"file": row.pk, "original": row.original_sha256, "stored": row.sha256} for row in photos]


def read(sha256: str) -> bytes:
    """The stored bytes of a file. Raises `FileNotFoundError`."""
    return path_of(sha256).read_bytes()


def small(sha256: str, side: int = 320) -> bytes:
    """A thumbnail, made at first use and kept beside the file."""
    path = path_of(sha256).with_suffix(f".{side}")
    if not path.exists():
        shrunk = thumbnail(read(sha256), side)
        draft = path.with_suffix(f".{side}.{os.getpid()}")
        draft.write_bytes(shrunk.data)
        draft.replace(path)
    return path.read_bytes()


def redacted(photo: CaseFile, regions: Sequence[tuple[float, float, float, float]]) -> CleanPhoto:
    """The photo with these regions (x, y, width, height as fractions) filled; the pixels under them are gone."""
    clean = redact(read(photo.sha256), list(regions))
    store(clean.data, clean.sha256)
    return clean


def remove_unclaimed(*, at: dt.datetime) -> int:
    """Forget photos of reports that were never sent; returns how many."""
    before = at - dt.timedelta(hours=float(setting("draft_hours")))
    old = list(Upload.objects.filter(created_at__lt=before))
    Upload.objects.filter(pk__in=[u.pk for u in old]).delete()
    for upload in old:
        forget_if_unused(upload.sha256)
    return len(old)


def forget_if_unused(sha256: str) -> None:
    """Delete a file that no row names any more."""
    named = (
        CaseFile.objects.filter(sha256=sha256).exists()
        or CaseFile.objects.filter(redacted_sha256=sha256).exists()
        or Upload.objects.filter(sha256=sha256).exists()
    )
    if not named:
        for path in path_of(sha256).parent.glob(f"{sha256}*"):
            path.unlink(missing_ok=True)
