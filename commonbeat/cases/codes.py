"""Return codes: shown once, kept only as a keyed hash with the key outside the database."""

from __future__ import annotations

from commonbeat.community.keyring import secret
from commonbeat.core.ids import hash_code

_SALT = b"case-return-code"


def code_digest(code: str) -> bytes:
    """The stored form of a return code; raises `BadCode` for text that cannot be one."""
    return hash_code(code, salt=_SALT, pepper=secret("return-codes"))
