"""Secrets that live outside the database: made at first use, in a folder that only the installation can read."""

from __future__ import annotations

import base64
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings


@cache
def secret(name: str) -> bytes:
    """The 32-byte secret called `name`; made once, by whichever process needs it first."""
    path = Path(settings.KEYS_ROOT) / f"{name}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # whole or not at all; the first process wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


@cache
def box(name: str) -> Fernet:
    """Seals and opens what the database must not hold in the clear, under the secret called `name`."""
    return Fernet(base64.urlsafe_b64encode(secret(name)))
