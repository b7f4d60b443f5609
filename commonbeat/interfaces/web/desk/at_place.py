"""Everything at a place, for staff: cases of every kind, problems, and counts of incidents."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases import at_place
from commonbeat.cases import story as stories
from commonbeat.cases.at_place import REACHES, Found, Place
from commonbeat.cases.statistics import readable
from commonbeat.cases.story import NoSuchCase
from commonbeat.community.agency import setting
from commonbeat.community.places import locate
from commonbeat.core.actor import Actor
from commonbeat.core.ids import reference as reference_of
from commonbeat.core.numbers import show
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.evidence.shared import READERS as READERS_OF_INCIDENTS
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.problem.actions import working_on


def _metres(given: str) -> int:
    if given.isdigit() and int(given) in REACHES:
        return int(given)
    usual = float(setting("nearby_metres"))
    return next((reach for reach in REACHES if reach >= usual), REACHES[-1])


def _read(request: HttpRequest, actor: Actor) -> Place:
    """The place that an address of a page asks for: around a case that the reader sees, or an address in words."""
    metres, reference = _metres(request.GET.get("metres", "")), request.GET.get("case", "")[:30]
    address = " ".join(request.GET.get("address", "").replace("\x00", "").split())[:300]
    if reference:
        try:
            case = stories.find(reference, actor=actor)
        except NoSuchCase:
            raise Http404 from None
        return Place(case.lat, case.long, metres, case.address, case.pk)
    lat, long = (at_place.point_of(address, actor=actor) if address else None) or (None, None)
    return Place(lat, long, metres, address)


@never_cache
@staff()
@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """The page; that somebody looked around a place is logged."""
    actor, at = actor_of(request), timezone.now()
    place = _read(request, actor)
    asked = place.near is not None or bool(place.address)
    kinds = readable(actor)
    kind = next((one.slug for one in kinds if one.slug == request.GET.get("kind")), "")
    state = request.GET.get("state", "") if request.GET.get("state") in {"open", "closed"} else ""
    older, newer = (request.GET.get(name, "")[:60] for name in ("older", "newer"))
    found = Found([], "", "")
    if asked:
        log_access("case", place.case or 0, "everything at a place", actor=actor, at=at)
        found = at_place.page(place, actor=actor, kind=kind, state=state, older=older, newer=newer)
    shown = say.words(at=at)
    given = {"case": reference_of(place.case) if place.case else "", "address": "" if place.case else place.address,
             "metres": str(place.metres), "kind": kind, "state": state}  # fmt: skip
    query = urlencode({name: value for name, value in given.items() if value})
    context = {
        "place": place, "given": given, "asked": asked, "reaches": REACHES, "section": "inbox",
        "kinds": [(one.slug, gettext(one.plural)) for one in kinds],
        "rows": [_row(row, shown) for row in found.rows], "columns": _columns(),
        "newer_url": f"?{query}&newer={found.newer}" if found.newer else "",
        "older_url": f"?{query}&older={found.older}" if found.older else "",
        "problems": _problems(place, actor, shown) if asked and not (older or newer) else [],
        "incidents": _incidents(place, actor, at), "note": place.near is None and asked,
    }  # fmt: skip
    return render(request, "pages/desk/at_place.html", context)


def _columns() -> list[dict[str, str]]:
    labels = (gettext("Case"), gettext("Kind"), gettext("Category"), gettext("Where"), gettext("State"),
              gettext("Opened"))  # fmt: skip
    return [{"label": label} for label in labels]


def _row(row: dict[str, Any], shown: say.Words) -> dict[str, Any]:
    from commonbeat.cases.kind import KINDS

    labels = [column["label"] for column in _columns()]
    tone, _icon, label = say.look(row["kind"], row["state"], row["outcome"], shown.language)
    far = gettext("%(n)s m away") % {"n": int(row["metres"])} if row["metres"] is not None else ""
    where = " · ".join(filter(None, (row["address"], far)))
    return {
        "cells": [
            {"text": reference_of(row["id"]), "url": f"/desk/{reference_of(row['id'])}/"},
            {"text": gettext(KINDS[row["kind"]].label), "label": labels[1]},
            {"text": shown.category(row["category_id"]), "label": labels[2]}, {"text": where, "label": labels[3]},
            {"status": {"tone": tone, "label": label}, "label": labels[4]},
            {"text": shown.local(row["opened_at"]), "label": labels[5]},
        ]
    }  # fmt: skip


def _problems(place: Place, actor: Actor, shown: say.Words) -> list[dict[str, str]]:
    """Problems that are worked on in the area of the place."""
    if place.lat is None or place.long is None:
        return []
    area = locate(lat=place.lat, long=place.long).area_id
    return [
        {"reference": reference_of(case.pk), "title": case.detail("title", ""),
         "state": say.state_label(case.kind, case.state)}
        for case in (working_on(area, actor=actor) if area else ())
    ]  # fmt: skip


def _incidents(place: Place, actor: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """Counts of recorded incidents, for those who plan by them."""
    if place.lat is None or place.long is None or not actor.has(*READERS_OF_INCIDENTS):
        return []
    from commonbeat.evidence.at_place import around

    found = around(place.lat, place.long, place.metres, at=at)
    for one in found:
        log_access("source", one.source.pk, "counted around a place", actor=actor, at=at)
    return [
        {"name": one.source.name, "since": one.since, "until": one.source.last_on, "left_out": one.left_out,
         "notice": one.source.notice, "counts": [(name, show(n)) for name, n in one.counts]}
        for one in found
    ]  # fmt: skip
