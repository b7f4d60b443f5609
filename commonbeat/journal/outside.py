"""Posts to addresses that somebody else gave us, of webhooks and of browsers, and never into a private network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from commonbeat.core.text import N_

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

NOT_HTTPS = N_("Give an address that begins with https://.")
NOT_PUBLIC = N_("This address leads into a private network, where nothing is sent.")


class UnsafeAddress(Exception):
    """Nothing is posted to this address; the message says why."""


class NotReached(Exception):
    """Nobody answers there just now."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered: its status, and after how many seconds it wants to be asked again, if it said so."""

    status: int
    retry_after: int | None = None


def check_address(url: str, *, private: bool = False) -> httpx.URL:
    """The address as far as it can be judged without asking the network. Raises `UnsafeAddress`.

    `private` allows plain http and private networks: only for addresses that an administrator typed, and chose so.
    """
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise UnsafeAddress(NOT_HTTPS) from None
    if private:
        return address
    if address.scheme != "https" or not address.host or address.userinfo:
        raise UnsafeAddress(NOT_HTTPS)
    try:
        literal = ipaddress.ip_address(address.host)
    except ValueError:
        return address
    if not is_public(literal):
        raise UnsafeAddress(NOT_PUBLIC)
    return address


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the open internet, also when IPv6 only wraps an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and any(address in network for network in _TRANSLATED):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if wrapped is not None:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast


def pinned(url: str, *, private: bool = False) -> tuple[httpx.URL, str]:
    """The address with its name replaced by the one number that was checked, and the name.

    The name is looked up once: a second look-up could answer differently, and lead inside. Raises
    `UnsafeAddress`, and `NotReached` when the name cannot be looked up.
    """
    address = check_address(url, private=private)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        raise NotReached("The name of the receiver cannot be found.") from failure
    numbers = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not private and not all(is_public(number) for number in numbers):
        raise UnsafeAddress(NOT_PUBLIC)
    return address.copy_with(host=str(numbers[0])), address.host


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Reply:
    """Post a message. The answer's body is not read, no redirect is followed.

    Raises `UnsafeAddress`, and `NotReached` when nobody answers.
    """
    address, host = pinned(url, private=private)
    sent = {"Host": httpx.URL(url).netloc.decode(), "User-Agent": "Commonbeat", **headers}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", address, content=body, headers=sent, extensions={"sni_hostname": host}) as reply,
        ):
            asked = reply.headers.get("Retry-After", "")
            return Reply(reply.status_code, int(asked) if asked.isascii() and asked.isdigit() else None)
    except httpx.HTTPError as failure:
        raise NotReached(f"The receiver cannot be reached ({type(failure).__name__}).") from failure
