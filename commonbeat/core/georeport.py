"""Reads service requests as cities really export them (GeoReport v2 and bulk files) into one tidy record each.

Tolerates what was met in the wild: other spellings of columns, capitals in a status, numbers as text, swapped or zero
coordinates, moments without a zone, HTML in descriptions. Source: GeoReport v2 and GeoReport Bulk, wiki.open311.org.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dateutil import parser as date_parser

from commonbeat.core.text import N_

MAX_TEXT: Final = 4000
MAX_ADDRESS: Final = 300
MAX_KEY: Final = 190
EARLIEST: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

NO_MOMENT = N_("It does not say when it was reported, or in no form that we can read.")
IN_FUTURE = N_("It says that it was reported in the future.")
DUPLICATE = N_("The source marks it as a duplicate of another request.")
NOT_A_RECORD = N_("This is not a service request: it has neither a service nor a moment.")

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "service_request_id": (
        "service_request_number", "request_id", "sr_number", "case_enquiry_id", "case_id", "ticket_id", "id",
    ),
    "service_code": ("sr_short_code", "request_type_code", "type_code"),
    "service_name": ("type_of_service_request", "sr_type", "request_type", "case_title", "category", "type"),
    "service_subtype": ("subtype", "sub_type"),
    "status": ("status_description", "case_status", "state"),
    "status_notes": ("closure_reason", "most_recent_action", "resolution"),
    "requested_datetime": (
        "requested_date", "creation_date", "created_date", "created_at", "open_dt", "opened", "date_created",
    ),
    "updated_datetime": ("updated_date", "updated_at", "last_modified_date", "last_updated"),
    "closed_date": ("closed_datetime", "completion_date", "closed_at", "closed_dt", "date_closed"),
    "agency_responsible": ("agency", "owner_department", "department"),
    "address": ("address_string", "street_address", "location_street_name", "location"),
    "zipcode": ("zip_code", "zip", "postcode"),
    "lat": ("latitude", "y_latitude"),
    "long": ("longitude", "lng", "lon"),
    "description": ("details", "comments"),
    "media_url": ("photo_url", "image_url"),
}  # fmt: skip
_CLOSED: Final = ("closed", "complete", "fixed", "resolved", "done", "archived", "cancel", "referred", "duplicate")
_DUPLICATE: Final = re.compile(r"\bdup(?:licate[ds]?)?\b", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{1,200}>")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_US_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class NotUsable(ValueError):
    """One record cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One service request, tidied. Moments carry a zone; coordinates are degrees or None; nothing is guessed.

    `key` is the source's own number, empty where it has none: `fingerprint` then tells records apart.
    """

    key: str
    service_code: str
    service_name: str
    closed: bool
    status_notes: str
    text: str
    agency: str
    address: str
    lat: float | None
    long: float | None
    opened_at: dt.datetime
    changed_at: dt.datetime | None
    closed_at: dt.datetime | None
    media_url: str
    fingerprint: str

    @property
    def newest(self) -> tuple[dt.datetime, bool]:
        """Orders versions of one request: the later moment wins, and at the same moment closed wins over open."""
        return (self.changed_at or self.closed_at or self.opened_at, self.closed)


def rename(names: Iterable[str]) -> dict[str, str]:
    """Which column or key holds which field: GeoReport's name → the source's own name."""
    plain = {re.sub(r"[^a-z0-9]+", "_", str(name).strip().lower()).strip("_"): name for name in names}
    found: dict[str, str] = {}
    for field, others in _SPELLINGS.items():
        for spelling in (field, *others):
            if spelling in plain:
                found[field] = plain[spelling]
                break
    return found


def _text(value: Any, limit: int) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).strip()
    if not text or text.lower() in {"null", "none", "nan"}:
        return ""
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub(" ", text))
    return _UNSEEN.sub("", text).strip()[:limit]


def read_moment(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    """A moment from ISO 8601 text, a day, or an American date; `zone` where it names none. None if unreadable."""
    text = str(value or "").strip()
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        try:
            if not (_US_DATE.match(text) or text[:4].isdigit() or text[:1].isalpha()):
                return None
            moment = date_parser.parse(text.replace(" 24:", " 00:"), dayfirst=False)
        except (ValueError, OverflowError):
            return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _coordinate(value: Any, limit: float) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= limit else None


def _place(lat: Any, long: Any) -> tuple[float | None, float | None]:
    """Both coordinates or neither; exchanged where only that makes sense; 0/0 is no place."""
    y, x = _coordinate(lat, 180), _coordinate(long, 180)
    if y is None or x is None or (y == 0 and x == 0):
        return None, None
    if abs(y) > 90:
        y, x = x, y
    return (y, x) if abs(y) <= 90 else (None, None)


def _is_closed(status: str, closed_at: dt.datetime | None) -> bool:
    word = status.lower()
    if not word:
        return closed_at is not None
    return word.startswith(_CLOSED)


def _describe(*parts: str) -> str:
    return ". ".join(dict.fromkeys(part.rstrip(". ") for part in parts if part))[:MAX_TEXT]


def tidy(raw: Mapping[str, Any], names: Mapping[str, str], *, zone: dt.tzinfo, at: dt.datetime) -> Record:
    """One raw row as a record. `names` comes from `rename`; raises `NotUsable` with the reason."""

    def read(field: str, limit: int = 300) -> str:
        name = names.get(field)
        return _text(raw.get(name), limit) if name is not None else ""

    service_name, service_code = read("service_name"), read("service_code", 100)
    requested = read("requested_datetime", 60)
    if not (service_name or service_code or requested):
        raise NotUsable(NOT_A_RECORD)
    status, notes = read("status", 100), read("status_notes", 1000)
    if _DUPLICATE.search(status) or _DUPLICATE.search(notes):
        raise NotUsable(DUPLICATE)
    opened_at = read_moment(requested, zone)
    if opened_at is None or opened_at < EARLIEST:
        raise NotUsable(NO_MOMENT)
    if opened_at > at + dt.timedelta(days=1):
        raise NotUsable(IN_FUTURE)
    ended = read_moment(read("closed_date", 60), zone)
    changed = read_moment(read("updated_datetime", 60), zone)
    closed = _is_closed(status, ended)
    lat, long = _place(raw.get(names.get("lat", "")), raw.get(names.get("long", "")))
    subtype, description = read("service_subtype"), read("description", MAX_TEXT)
    address = read("address", MAX_ADDRESS)
    key = read("service_request_id", MAX_KEY)
    return Record(
        key=key, service_code=service_code, service_name=service_name, closed=closed, status_notes=notes,
        text=_describe(subtype, description) or service_name, agency=read("agency_responsible", 200),
        address=address, lat=lat, long=long, opened_at=opened_at, changed_at=changed,
        closed_at=min(max(ended or changed or opened_at, opened_at), max(at, opened_at)) if closed else None,
        media_url=read("media_url", 500),
        fingerprint="" if key else _fingerprint(
            service_code, service_name, requested, address, raw.get(names.get("lat", "")),
            raw.get(names.get("long", "")), subtype, description,
        ),
    )  # fmt: skip


def _fingerprint(*parts: Any) -> str:
    """What a record without a number is known by: all that does not change while it is worked."""
    return hashlib.blake2b("\x1f".join(str(p or "") for p in parts).encode(), digest_size=16).hexdigest()
