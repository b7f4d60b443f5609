"""Identifiers that people and machines use: row ids, public references, return codes and one-time links."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import unicodedata
from functools import lru_cache
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
REFERENCE_BITS: Final = 30
REFERENCE_LIMIT: Final = 1 << REFERENCE_BITS
CODE_LENGTH: Final = 12  # 60 bits

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_REFERENCE_LENGTH: Final = REFERENCE_BITS // 5 + 1
_HALF_BITS: Final = REFERENCE_BITS // 2
_HALF_MASK: Final = (1 << _HALF_BITS) - 1
_ROUNDS: Final = 4


class BadReference(ValueError):
    """The text is not one of our references; `code` says why: empty, length, character or check."""

    def __init__(self, code: str, *, text: str, character: str = "") -> None:
        super().__init__(f"not a reference ({code}): {text[:40]!r}")
        self.code = code
        self.text = text
        self.character = character


class BadCode(ValueError):
    """The text is not a return code; `code` says why: empty, length or character."""

    def __init__(self, code: str, *, character: str = "") -> None:
        # The text itself stays out of the message: a mistyped secret must not reach a log.
        super().__init__(f"not a return code ({code})")
        self.code = code
        self.character = character


# --- row ids -----------------------------------------------------------------------------------

_uuid_lock = threading.Lock()
_uuid_last = 0


def uuid7() -> UUID:
    """A new version 7 UUID (RFC 9562): ordered by time of making, also within this process.

    48 bits of Unix milliseconds, 12 bits of the millisecond's fraction (method 3 of the RFC), 62 random
    bits. It tells when the row was made: never use it as a secret, nor for a row whose time must stay hidden.
    """
    global _uuid_last
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    moment = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _uuid_lock:
        moment = max(moment, _uuid_last + 1)  # a clock that stands still or goes back must not disorder rows
        _uuid_last = moment
    value = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


# --- public references -------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # one page names the same case several times
def reference(number: int, *, key: bytes = b"", prefix: str = "CB") -> str:
    """The public reference of a row's number, like `CB-7F3K-9QX`.

    A keyed Feistel permutation of 30 bits spreads the numbers, so that two references tell neither the
    order nor the volume of reports; the last character checks for typing errors. Without a `key` the spread
    is the same in every installation and anyone with this source can undo it, so pass a secret one. A
    reference is a name, not a secret: it must never be enough to open a case.

    Raises ValueError unless 0 <= number < 2**30 (about a thousand million).
    """
    if not 0 <= number < REFERENCE_LIMIT:
        raise ValueError(f"reference number out of range: {number}")
    shuffled = _permute(number, key=key)
    digits = [(shuffled >> shift) & 31 for shift in range(REFERENCE_BITS - 5, -1, -5)]
    body = "".join(ALPHABET[digit] for digit in [*digits, _check_digit(digits)])
    return f"{prefix}-{body[:4]}-{body[4:]}"


def parse_reference(text: str, *, key: bytes = b"", prefix: str = "CB") -> int:
    """The number behind a reference as people type it: lower case, O for 0, I or L for 1, no dashes.

    Raises BadReference with a code (empty, length, character, check). `key` and `prefix` as in `reference`.
    """
    clean = _bare(text)
    if not clean:
        raise BadReference("empty", text=text)
    bare_prefix = _bare(prefix)
    if len(clean) == _REFERENCE_LENGTH + len(bare_prefix) and clean.startswith(bare_prefix):
        clean = clean[len(bare_prefix) :]
    wrong = next((character for character in clean if character not in _VALUES), "")
    if wrong:
        raise BadReference("character", text=text, character=wrong)
    if len(clean) != _REFERENCE_LENGTH:
        raise BadReference("length", text=text)
    digits = [_VALUES[character] for character in clean]
    if _check_digit(digits[:-1]) != digits[-1]:
        raise BadReference("check", text=text)
    shuffled = 0
    for digit in digits[:-1]:
        shuffled = shuffled << 5 | digit
    return _permute_back(shuffled, key=key)


def _bare(text: str) -> str:
    """Upper-case letters and ASCII digits of the text; digits of any script count, separators vanish."""
    kept = []
    for character in unicodedata.normalize("NFKC", text[:200]).upper():
        digit = unicodedata.digit(character, None)
        if digit is not None:
            kept.append(str(digit))
        elif not (character.isspace() or unicodedata.category(character) in {"Pd", "Pc", "Po", "Cf", "Cc"}):
            kept.append(character)
    return "".join(kept).translate(_LOOKALIKES)


def _round(half: int, turn: int, key: bytes) -> int:
    message = bytes([turn]) + half.to_bytes(2, "big")
    secret = hashlib.sha256(key).digest()
    digest = hashlib.blake2s(message, key=secret, person=b"cb-ref", digest_size=4).digest()
    return int.from_bytes(digest, "big") & _HALF_MASK


def _permute(number: int, *, key: bytes) -> int:
    left, right = number >> _HALF_BITS, number & _HALF_MASK
    for turn in range(_ROUNDS):
        left, right = right, left ^ _round(right, turn, key)
    return left << _HALF_BITS | right


def _permute_back(number: int, *, key: bytes) -> int:
    left, right = number >> _HALF_BITS, number & _HALF_MASK
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _round(left, turn, key), left
    return left << _HALF_BITS | right


def _times_two(value: int) -> int:
    """Multiply by x in GF(32), the field of x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _check_digit(digits: list[int]) -> int:
    """Weighted sum over GF(32) with a different power of x at each place.

    Unlike Crockford's remainder of 37 it needs no extra symbols, and it still finds every single wrong
    character and every two swapped ones.
    """
    total = 0
    for digit in digits:
        total = _times_two(total ^ digit)
    return total


# --- return codes and links --------------------------------------------------------------------


def return_code() -> str:
    """A new secret with which an anonymous reporter comes back, like `7F3K-9QXM-2DRT` (60 random bits)."""
    # Five bits a character, taken from one draw: asking the system for each of them costs ten times as much.
    bits = secrets.randbits(5 * CODE_LENGTH)
    code = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CODE_LENGTH))
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def normal_code(text: str) -> str:
    """A return code as typed, brought to its 12 plain characters.

    Raises BadCode with a code (empty, length, character).
    """
    clean = _bare(text)
    if not clean:
        raise BadCode("empty")
    wrong = next((character for character in clean if character not in _VALUES), "")
    if wrong:
        raise BadCode("character", character=wrong)
    if len(clean) != CODE_LENGTH:
        raise BadCode("length")
    return clean


def hash_code(code: str, *, salt: bytes, pepper: bytes) -> bytes:
    """32 bytes to store in place of a return code: keyed BLAKE2b over salt and code.

    Why not scrypt: at some 50 ms it would eat both cores at 40 reports a second. The code is random (60
    bits), not chosen by a person, so there is no dictionary to slow down; and `pepper`, a key of at least
    16 bytes that lives outside the database, makes a stolen dump useless: without it every guess is blind.
    `salt` (8 bytes or more per row, or one fixed value where a code must be found without its case) keeps
    equal codes apart. Raises BadCode for text that is no code.
    """
    if len(pepper) < 16:
        raise ValueError("the pepper needs at least 16 bytes")
    if len(salt) < 8:
        raise ValueError("the salt needs at least 8 bytes")
    message = len(salt).to_bytes(2, "big") + salt + normal_code(code).encode("ascii")
    return hashlib.blake2b(
        message, key=hashlib.sha256(pepper).digest(), person=b"cb-return-code", digest_size=32
    ).digest()


def code_matches(code: str, digest: bytes, *, salt: bytes, pepper: bytes) -> bool:
    """Whether a typed code belongs to the stored digest, in constant time; False for text that is no code."""
    try:
        return hmac.compare_digest(hash_code(code, salt=salt, pepper=pepper), digest)
    except BadCode:
        return False


def link_token() -> tuple[str, bytes]:
    """A new one-time link: the token for the address (256 random bits, URL-safe) and its digest to store."""
    token = secrets.token_urlsafe(32)
    return token, digest_token(token)


def digest_token(token: str) -> bytes:
    """The SHA-256 digest under which a link token is stored; 256 random bits need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
