"""Rate limits per address and per key, without storing addresses: counters live in memory under a keyed hash.

Each process counts for itself, so an installation with n web processes allows up to n times the number; see
docs/decisions/0006-rate-limits-in-memory.md.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SALT = secrets.token_bytes(32)
_seen: dict[tuple[str, bytes], deque[float]] = {}
_lock = threading.Lock()
MOST_KEPT = 50_000


def _who(request: HttpRequest) -> bytes:
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:  # behind a proxy, which appends the address it saw
        address = request.headers.get("X-Forwarded-For", address).rsplit(",", 1)[-1].strip()
    return hashlib.blake2b(address.encode(), key=_SALT, digest_size=16).digest()


def allowed(group: str, who: bytes, *, most: int, seconds: float) -> bool:
    """Count one request; False when `who` had `most` of them within `seconds`."""
    now = time.monotonic()
    with _lock:
        if len(_seen) > MOST_KEPT:
            _seen.clear()
        times = _seen.setdefault((group, who), deque())
        while times and times[0] < now - seconds:
            times.popleft()
        if len(times) >= most:
            return False
        times.append(now)
        return True


def forget() -> None:
    """Start counting anew (tests)."""
    with _lock:
        _seen.clear()


def limited(
    group: str, *, methods: tuple[str, ...] = ("POST",), refuse: Callable[[HttpRequest], HttpResponse] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit a view by the setting `RATE_LIMITS[group]`; too many get 429 in the format of `refuse`."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            most, seconds = settings.RATE_LIMITS[group]
            if request.method in methods and not allowed(group, _who(request), most=most, seconds=seconds):
                if refuse:
                    return refuse(request)
                from commonbeat.interfaces.web.errors import too_many

                return too_many(request)
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]

        return counted

    return wrap
