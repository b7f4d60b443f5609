"""Photos of sealed cases: under the sender's token until they belong to a case, under the case's key after that."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction

from commonbeat.cases import files, sealing
from commonbeat.cases.models import Case, CaseFile, Upload
from commonbeat.community.agency import setting
from commonbeat.core.ids import digest_token, link_token
from commonbeat.core.photos import thumbnail

_PERSON = b"cb-sealed-file"


def _box(token: str) -> Fernet:
    """The token travels with the form and is nowhere else: until the form is sent, nobody but its sender can look."""
    key = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=32, person=_PERSON).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def accept(name: str, data: bytes, *, at: dt.datetime) -> str:
    """Clean and keep a photo that belongs to no case yet, without its name; returns its token. Raises `Invalid`."""
    photo = files.cleaned(name, data)
    token, digest = link_token()
    sealed = _box(token).encrypt(photo.data)
    sha256 = hashlib.sha256(sealed).hexdigest()
    files.keep(name, sealed, sha256)
    Upload.objects.create(
        token_digest=digest, sha256=sha256, media_type=photo.media_type, size=len(photo.data), width=photo.width,
        height=photo.height, created_at=at,
    )  # fmt: skip
    return token


def claim(case: Case, tokens: Iterable[str], *, by_reporter: bool, at: dt.datetime) -> list[CaseFile]:
    """Put uploaded photos on a sealed case, under its key; tokens that are unknown or used are passed over.

    What lay on the disk under the token leaves it when the transaction is done.
    """
    wanted = {digest_token(token): token for token in list(tokens)[: int(setting("max_photos"))]}
    uploads = list(Upload.objects.select_for_update().filter(token_digest__in=list(wanted)))
    rows = [_resealed(case, upload, wanted[bytes(upload.token_digest)], by_reporter, at) for upload in uploads]
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads]).delete()
    made = CaseFile.objects.bulk_create(rows)
    for upload in uploads:
        transaction.on_commit(partial(files.forget_if_unused, upload.sha256))
    return made


def _resealed(case: Case, upload: Upload, token: str, by_reporter: bool, at: dt.datetime) -> CaseFile:
    data = files.read(upload.sha256)
    with suppress(InvalidToken):  # what came in by a page for open kinds waited as it was
        data = _box(token).decrypt(data)
    sealed = sealing.seal_bytes(case, data)
    sha256 = hashlib.sha256(sealed).hexdigest()
    files.store(sealed, sha256)
    return CaseFile(
        case=case, sha256=sha256, media_type=upload.media_type, size=len(data), width=upload.width,
        height=upload.height, by_reporter=by_reporter, created_at=at,
    )  # fmt: skip


def read(case: Case, photo: CaseFile) -> bytes:
    """The picture of a sealed case. Raises `FileNotFoundError` and `sealing.Unreadable`."""
    return sealing.unseal_bytes(case, files.read(photo.sha256))


def small(case: Case, photo: CaseFile, side: int = 320) -> bytes:
    """A thumbnail, made anew each time: no copy in the clear is kept."""
    return thumbnail(read(case, photo), side).data
