"""A push service on this machine, and browsers that read what it is handed: with keys of their own, as RFC 8291 says.

Only the network is invented: the name of the service leads here, and its certificate is of an authority of ours.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import certifi
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from commonbeat.journal import outside
from commonbeat.journal.channels import browser

NAME = "push.example.org"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """Somebody's browser: the only one that can read what is sent to it."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> str:
        keys = {"p256dh": b64(self.public), "auth": b64(self.auth)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys})

    def decrypt(self, body: bytes) -> bytes:
        """RFC 8291 from the receiver's side, with plain HMACs instead of the library's HKDF."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert length == 65 and len(record) <= size <= 4096
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = _hkdf(self.auth, shared, b"WebPush: info\0" + self.public + sender, 32)
        key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        text, mark, padding = AESGCM(key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert mark and not padding.strip(b"\0")
        return text

    def read(self, body: bytes) -> dict[str, Any]:
        """The message as the browser's worker gets it."""
        found: dict[str, Any] = json.loads(self.decrypt(body))
        return found


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:length]


@dataclass
class Handed:
    """One message as the service got it."""

    path: str
    headers: dict[str, str]
    body: bytes
    claims: dict[str, Any]


@dataclass
class PushService:
    """Keeps what it is handed and answers `status`; whoever does not prove who they are gets 401."""

    origin: str = ""
    status: int = 201
    retry_after: str = ""
    got: list[Handed] = field(default_factory=list)

    def browser(self, name: str = "rosa") -> Browser:
        """A browser that takes messages from here."""
        return Browser(f"{self.origin}/send/{name}")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """The authority's certificate, and a file with the service's own certificate and key."""
    now, keys = dt.datetime.now(dt.UTC), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Authority of a test", NAME)]

    def made(number: int) -> x509.Certificate:
        builder = x509.CertificateBuilder(names[0], names[number], keys[number].public_key(), 1 + number)
        builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        if number:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        return builder.sign(keys[0], hashes.SHA256())

    authority, own = folder / "authority.pem", folder / "own.pem"
    authority.write_bytes(made(0).public_bytes(Encoding.PEM))
    key = keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own.write_bytes(key + made(1).public_bytes(Encoding.PEM))
    return authority, own


@contextmanager
def serving(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """The service at https://push.example.org, as long as the test runs."""
    kept, (authority, own) = PushService(), _certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                claims = _proof(self.headers.get("Authorization", ""), kept.origin)
            except (ValueError, jwt.PyJWTError):
                self.send_response(401)
                self.end_headers()
                return
            kept.got.append(Handed(self.path, dict(self.headers), body, claims))
            self.send_response(kept.status)
            if kept.retry_after:
                self.send_header("Retry-After", kept.retry_after)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    kept.origin = f"https://{NAME}:{server.server_port}"
    look_up, judge = socket.getaddrinfo, outside.is_public

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        return look_up("127.0.0.1" if host == NAME else host, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", found)
        patch.setattr(outside, "is_public", lambda number: number == ipaddress.ip_address("127.0.0.1") or judge(number))
        patch.setattr(certifi, "where", lambda: str(authority))
        browser.forget_rests()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()
        server.server_close()


def _proof(header: str, origin: str) -> dict[str, Any]:
    """RFC 8292 from the service's side: signed by the key that it names, for this service, not for long."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    if scheme != "vapid":
        raise ValueError(header)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    claims: dict[str, Any] = jwt.decode(
        parts["t"], key, algorithms=["ES256"], audience=origin, options={"verify_exp": False}
    )
    return claims | {"key": parts["k"]}
