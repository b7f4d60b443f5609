"""GeoJSON for maps: outlines of areas and points of cards, kept ready to send and rebuilt when something changed."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from shapely.geometry import mapping, shape

from commonbeat.community.places import places
from commonbeat.community.reference import Remembered
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.public.shown import area_of, area_url, card_words, category_name, tone_of
from commonbeat.publishing.cards import cards_stamp
from commonbeat.publishing.reads import cards, next_shown_at

_TOLERANCE = 0.0004  # degrees, about 40 m: enough for an outline on a telephone
_DECIMALS = 5
_MOST_KEPT = 96


@dataclass(frozen=True, slots=True)
class Body:
    """A file that is ready to send: plain, compressed, and the mark by which a browser asks whether it changed."""

    plain: bytes
    packed: bytes
    etag: str
    stamp: tuple[int, int] = (0, 0)
    until: dt.datetime | None = None


def _body(features: list[dict[str, Any]], **more: Any) -> Body:
    plain = orjson.dumps({"type": "FeatureCollection", "features": features})
    return Body(
        plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"', **more
    )


def _rounded(value: Any) -> Any:
    return round(value, _DECIMALS) if isinstance(value, float) else [_rounded(inner) for inner in value]


def _outlines() -> Body:
    features = []
    for area in places().serving:
        drawn = mapping(shape(area.geometry).simplify(_TOLERANCE, preserve_topology=True))
        features.append(
            {
                "type": "Feature", "geometry": {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])},
                "properties": {"name": area.name, "code": area.code, "url": area_url(area)},
            }
        )  # fmt: skip
    return _body(features)


outlines = Remembered(_outlines, "areas")

_kept: OrderedDict[tuple[int, str], Body] = OrderedDict()
_lock = threading.Lock()


def card_points(area_id: int, *, language: str, at: dt.datetime) -> Body:
    """The cards of an area as points. One short statement tells whether what is kept is still true."""
    key, stamp = (area_id, language), cards_stamp(area_id)
    with _lock:
        kept = _kept.get(key)
        if kept:
            _kept.move_to_end(key)
    if kept and kept.stamp == stamp and (kept.until is None or at < kept.until):
        return kept
    made = _draw_cards(area_id, language=language, at=at, stamp=stamp)
    with _lock:
        _kept[key] = made
        _kept.move_to_end(key)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _draw_cards(area_id: int, *, language: str, at: dt.datetime, stamp: tuple[int, int]) -> Body:
    until = next_shown_at(area_id, at=at)
    rows = cards(at=at, area=area_id).filter(lat__isnull=False).order_by("-opened_at", "-pk")
    said: dict[tuple[str, str, str], tuple[str, str]] = {}
    names: dict[int | None, str] = {}
    features = []
    for reference, kind, category, state, outcome, lat, long in rows.values_list(
        "reference", "kind", "category_id", "state", "outcome", "lat", "long"
    ):
        words = (kind, state, outcome)
        if words not in said:
            said[words] = card_words(*words), tone_of(kind, state)
        if category not in names:
            names[category] = category_name(category, language)
        status, tone = said[words]
        features.append(
            {
                "type": "Feature", "geometry": {"type": "Point", "coordinates": [long, lat]},
                "properties": {"title": names[category], "url": f"/cases/{reference}/", "status": status, "tone": tone},
            }
        )  # fmt: skip
    return _body(features, stamp=stamp, until=until)


def _send(request: HttpRequest, body: Body) -> HttpResponse:
    # "no-cache" lets a browser keep it but ask each time: a card that was hidden must not stay on a map.
    headers = {"ETag": body.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    if request.headers.get("If-None-Match") == body.etag:
        return HttpResponseNotModified(headers=headers)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    return HttpResponse(body.packed if packed else body.plain, content_type="application/geo+json", headers=headers)


@anyone
@require_safe
def area_outlines(request: HttpRequest) -> HttpResponse:
    """Outlines of all areas that concerns are filed under."""
    return _send(request, outlines())


@anyone
@require_safe
def area_cards(request: HttpRequest, pk: int) -> HttpResponse:
    """The cards of one area as blurred points; cards without a point are only in the list."""
    if area_of(pk) is None:
        raise Http404
    return _send(request, card_points(pk, language=get_language() or "en", at=timezone.now()))
