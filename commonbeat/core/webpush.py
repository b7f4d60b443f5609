"""Messages that only one browser can read (RFC 8291), and the proof that they come from us (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PADDED_TO: Final = 3000
"""Every message is filled up to so many bytes: what is followed is public, and its length would name it."""
_RECORD: Final = 4096
_VALID_FOR: Final = dt.timedelta(hours=12)
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE: Final = ec.SECP256R1()
MOST_CHARACTERS: Final = 2000


class BadSubscription(ValueError):
    """What a browser handed over is no subscription that messages can be sent to."""


class TooLong(ValueError):
    """The message does not fit into one record."""


@dataclass(frozen=True, slots=True)
class PushAddress:
    """Where a browser's messages are handed in, and the two keys that only it can open them with."""

    endpoint: str
    public_key: bytes
    auth: bytes

    @property
    def origin(self) -> str:
        """The push service behind the address, such as `https://push.example.org`."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def service(self) -> str:
        """The name of the push service: what may be noted instead of the address."""
        return urlsplit(self.endpoint).hostname or ""

    def packed(self) -> str:
        """The address as JSON, in the form that browsers give it."""
        keys = {"p256dh": encoded(self.public_key), "auth": encoded(self.auth)}
        return orjson.dumps({"endpoint": self.endpoint, "keys": keys}).decode()


def parse_subscription(text: str) -> PushAddress:
    """A browser's `PushSubscription` as JSON. Raises `BadSubscription`; where it leads is not judged here."""
    try:
        given = orjson.loads(text[: 2 * MOST_CHARACTERS])
        endpoint, keys = given["endpoint"], given["keys"]
        address = PushAddress(endpoint, _decoded(str(keys["p256dh"])), _decoded(str(keys["auth"])))
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, address.public_key)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise BadSubscription("This is no subscription of a browser.") from None
    if not isinstance(endpoint, str) or len(endpoint) > MOST_CHARACTERS or len(address.auth) != 16:
        raise BadSubscription("This is no subscription of a browser.")
    return address


def encoded(raw: bytes) -> str:
    """Base64 for addresses and headers, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def signing_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key pair that a secret of 32 bytes stands for: the same one each time."""
    return ec.derive_private_key(int.from_bytes(secret, "big") % (_ORDER - 1) + 1, _CURVE)


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half, as browsers take it: 65 bytes, an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def authorization(address: PushAddress, *, key: ec.EllipticCurvePrivateKey, contact: str, at: dt.datetime) -> str:
    """The header that tells a push service who sends: signed for this service alone, for half a day."""
    claims = {"aud": address.origin, "exp": int((at + _VALID_FOR).timestamp()), "sub": contact}
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={encoded(public_bytes(key))}"


def encrypt(
    message: bytes, address: PushAddress, *, padded_to: int = PADDED_TO, salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:  # fmt: skip
    """The message as one `aes128gcm` record, for this browser alone.

    `salt` and `sender` are made anew for each message; only a test with known answers gives them. Raises `TooLong`.
    """
    if len(message) > PADDED_TO:
        raise TooLong(f"{len(message)} bytes do not fit into {PADDED_TO}.")
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(_CURVE)
    ours, theirs = public_bytes(sender), address.public_key
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    secret = _derived(shared, salt=address.auth, info=b"WebPush: info\x00" + theirs + ours, length=32)
    content_key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    record = message + b"\x02" + bytes(max(0, padded_to - len(message)))
    header = salt + _RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, record, None)


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
