"""Files of points: one per source and state, named by the hash of its content, and what was worked out from it.

incidents/<source>/<sha256>.parquet                 key, moment, lat, long, category, address
incidents/<source>/<sha256>.<areas>.parquet         area, day, hour, category: worked out, may be deleted
incidents/<source>/<sha256>.<look>.json             what a look that takes long has counted: may be deleted
incidents/uploads/<sha256>                          files that wait for their mapping
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings


def folder(source: str) -> Path:
    """Where the files of a source lie."""
    return Path(settings.FILES_ROOT) / "incidents" / source


def points_of(source: str, content: str) -> Path:
    """The points of a source in one state."""
    return folder(source) / f"{content}.parquet"


def upload_of(sha256: str) -> Path:
    """A file as it was sent."""
    return Path(settings.FILES_ROOT) / "incidents" / "uploads" / sha256


def keep_upload(file: IO[bytes] | Any) -> tuple[str, int]:
    """Keep a file piece by piece; returns its SHA-256 and size."""
    place = upload_of("x").parent
    place.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=place, delete=False) as draft:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
            draft.write(piece)
    Path(draft.name).replace(upload_of(digest.hexdigest()))
    return digest.hexdigest(), size


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """A place to write a file that appears under its name whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def forget_others(source: str, keep: set[str]) -> None:
    """Delete states of a source that no import can go back to any more, and what was worked out from them."""
    for path in (one for sort in ("parquet", "json", "share") for one in folder(source).glob(f"*.{sort}")):
        if path.name.split(".")[0] not in keep:
            path.unlink(missing_ok=True)
