"""Public cards as Open311 requests: plain rows, nothing per row but a dict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commonbeat.cases.categories import by_code, categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.near import Near
from commonbeat.community.agency import current
from commonbeat.community.places import places
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.interfaces.api.open311.asking import MOST, SPAN, Asked
from commonbeat.interfaces.api.open311.replies import Refused
from commonbeat.publishing.finding import Box, CardQuery, find_cards
from commonbeat.publishing.models import PublicCase

COLUMNS = (
    "reference", "kind", "category_id", "area_id", "closed", "state", "outcome", "text", "answer", "lat", "long",
    "opened_at", "changed_at", "closed_at", "expected_at", "agency", "media",
)  # fmt: skip
STATUSES = {"open": False, "closed": True}


def number_of(reference: str) -> int | None:
    """The row number behind a request's id, or None when it cannot be one."""
    try:
        return parse_reference(reference)
    except BadReference:
        return None


def query_of(asked: Asked, *, at: dt.datetime) -> CardQuery:
    """The filters of a list; naming ids overrides every other filter. Raises `Refused`."""
    named = asked.many("service_request_id")
    if named:
        if len(named) > MOST:
            raise Refused(400, _("Name at most %(most)s ids in one request.") % {"most": MOST})
        return CardQuery(numbers=tuple(n for n in map(number_of, named) if n is not None))
    since, before = asked.window("start_date", "end_date")
    changed_since, changed_before = asked.window("updated_after", "updated_before")
    if since is None and changed_since is None:
        since = at - SPAN
    codes = asked.many("service_code")
    found = [by_code(code) for code in codes]
    return CardQuery(
        category_ids=tuple(known.row.pk for known in found if known) if codes else None,
        closed=_status(asked), opened_since=since, opened_before=before, changed_since=changed_since,
        changed_before=changed_before, near=_near(asked), box=_box(asked), words=asked.one("q")[:200],
        after=_after(asked, at=at),
    )  # fmt: skip


def _status(asked: Asked) -> bool | None:
    wanted = {word.lower() for word in asked.many("status")}
    if wanted - STATUSES.keys():
        raise Refused(400, _("status is open, closed, or both separated by a comma."))
    return STATUSES[wanted.pop()] if len(wanted) == 1 else None


def _near(asked: Asked) -> Near | None:
    lat, long = asked.number("lat", low=-90, high=90), asked.number("long", low=-180, high=180)
    metres = asked.number("radius", low=0, high=100_000)
    if lat is None and long is None and metres is None:
        return None
    if lat is None or long is None:
        raise Refused(400, _("Send lat and long together; radius, in metres, goes with both."))
    return Near(lat, long, 1000.0 if metres is None else metres)


def _box(asked: Asked) -> Box | None:
    text = asked.one("bbox")
    if not text:
        return None
    said = _("bbox is west,south,east,north in degrees, for example -87.9,41.6,-87.5,42.1.")
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused(400, said) from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Refused(400, said)
    return Box(west, south, east, north)


def _after(asked: Asked, *, at: dt.datetime) -> tuple[dt.datetime, int] | None:
    last = asked.one("after")
    if not last:
        return None
    found = PublicCase.objects.shown(at).filter(pk=number_of(last)).values_list("opened_at", "pk").first()
    if found is None:
        raise Refused(400, _("after is the id of the last request of the page before. Begin again without it."))
    return found


class Wording:
    """What rows say besides their columns, looked up once per list: names, states, links."""

    def __init__(self, language: str) -> None:
        self.names = {pk: (known.row.code, known.text(language).name) for pk, known in categories().items()}
        self.areas = {pk: area.name for pk, area in places().areas.items()}
        self.agency = current().name
        self.said: dict[tuple[str, str], str] = {}
        for kind in KINDS:
            self.said |= {(kind.slug, state.slug): _(state.public) for state in kind.workflow.states}
            self.said |= {(kind.slug, f"={o.slug}"): _(o.public) for o in kind.workflow.outcomes}

    def status(self, kind: str, state: str, outcome: str) -> str:
        """The public sentence about where a matter stands."""
        return self.said.get((kind, f"={outcome}")) or self.said.get((kind, state), "")


def media_url(reference: str, media: list[int]) -> str | None:
    """The address of the first photo that may be shown."""
    return settings.SITE_URL + reverse("open311-media", args=[reference, media[0]]) if media else None


def as_requests(rows: Iterable[tuple[Any, ...]], word: Wording) -> list[dict[str, Any]]:
    """Rows of `COLUMNS` as Open311 requests."""
    nowhere, unnamed = "", ("", None)
    found = []
    for (ref, kind, category, area, closed, state, outcome, text, answer, lat, long, opened, changed, ended, expected,
         agency, media) in rows:  # fmt: skip
        code, name = word.names.get(category, unnamed)
        updated = (ended if closed else None) or changed
        found.append(
            {
                "service_request_id": ref, "status": "closed" if closed else "open",
                "status_notes": answer or word.status(kind, state, outcome) or None, "service_name": name,
                "service_code": code, "description": text or None, "agency_responsible": agency or word.agency,
                "service_notice": None, "requested_datetime": opened.isoformat()[:19] + "Z",
                "updated_datetime": updated.isoformat()[:19] + "Z",
                "expected_datetime": expected.isoformat()[:19] + "Z" if expected else None,
                "address": word.areas.get(area, nowhere) or None, "address_id": None, "zipcode": None, "lat": lat,
                "long": long, "media_url": media_url(ref, media) if media else None,
            }
        )  # fmt: skip
    return found


def extended(rows: list[tuple[Any, ...]], found: list[dict[str, Any]], word: Wording) -> list[dict[str, Any]]:
    """The same with what `extensions=true` adds. Answers to questions are never public, so `attributes` is empty."""
    for row, request in zip(rows, found, strict=True):
        ref, kind, _category, area, closed, state, outcome = row[:7]
        start = KINDS[kind].workflow.start
        request["extended_attributes"] = {
            "area_id": None if area is None else str(area), "state": state, "outcome": outcome or None,
            "url": f"{settings.SITE_URL}/cases/{ref}/",
        }  # fmt: skip
        request["attributes"] = []
        opened = {"datetime": request["requested_datetime"], "description": word.said.get((kind, start), "")}
        request["notes"] = [{**opened, "type": "received"}]
        if state != start:
            now = {"datetime": request["updated_datetime"], "description": request["status_notes"]}
            request["notes"].append({**now, "type": "closed" if closed else "update"})
    return found


def list_requests(asked: Asked, language: str, *, at: dt.datetime) -> tuple[list[dict[str, Any]], str | None]:
    """One page of requests, and the id after which the next page begins, if there may be one."""
    size = asked.whole("page_size", default=MOST, low=1, high=MOST)
    page = asked.whole("page", default=1, low=1, high=100_000)
    cards = find_cards(query_of(asked, at=at), at=at)
    rows = list(cards.values_list(*COLUMNS)[(page - 1) * size : page * size])
    word = Wording(language)
    found = as_requests(rows, word)
    if wants_extensions(asked):
        extended(rows, found, word)
    return found, found[-1]["service_request_id"] if len(found) == size else None


def wants_extensions(asked: Asked) -> bool:
    """Whether `extensions` was asked for."""
    return asked.one("extensions").lower() in {"true", "1", "v1", "v2"}


def one_request(reference: str, asked: Asked, language: str, *, at: dt.datetime) -> list[dict[str, Any]]:
    """One request in a list, as the specification has it. Raises `Refused` (404) when it is not public."""
    number = number_of(reference)
    rows = list(PublicCase.objects.shown(at).filter(pk=number).values_list(*COLUMNS)) if number is not None else []
    if not rows:
        raise Refused(404, _("There is no public request “%(id)s”. Check the id.") % {"id": reference[:40]})
    word = Wording(language)
    found = as_requests(rows, word)
    return extended(rows, found, word) if wants_extensions(asked) else found
