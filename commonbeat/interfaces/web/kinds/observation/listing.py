"""The register of hazards: a list with filters, a map of the same, and a table to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import local_day
from commonbeat.community.places import places
from commonbeat.core.actor import INSIDERS
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.csv_files import long_table
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.lists import IN_TABLE, ON_MAP
from commonbeat.interfaces.web.kinds.observation.declared import TONES, hazard_words
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.observation.register import Wanted, emerging, hazards
from commonbeat.kinds.observation.vocabulary import CHARGES, HARMS, SORTS, label

READERS = tuple(sorted(INSIDERS))
PAGE = 50


@staff(*READERS)
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The list, the worst first."""
    actor, at = actor_of(request), timezone.now()
    wanted, shown, today = Wanted.read(request.GET), say.words(at=at), local_day(at)
    number = request.GET.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    start = (page - 1) * PAGE
    found = list(hazards(wanted, actor=actor, at=at)[start : start + PAGE + 1])
    query, rows = urlencode(wanted.address()), []
    for hazard in found[:PAGE]:
        case = hazard.case
        rows.append(
            hazard_words(hazard, today=today) | {
                "area": shown.area(case.area_id), "state": say.state_label(case.kind, case.state),
                "state_tone": say.tone(case.kind, case.state), "outcome": say.outcome_label(case.kind, case.outcome),
                "who": case.assignee.name if case.assignee else "", "owner": hazard.owner.name if hazard.owner else "",
            }
        )  # fmt: skip
    context = {
        "rows": rows, "wanted": wanted, "section": "hazards", "narrowed": bool(query), "query": query,
        "as_map": request.GET.get("as") == "map", "points_url": f"/desk/hazards/points.geojson?{query}",
        "older_url": f"?{query}&page={page + 1}" if len(found) > PAGE else "",
        "newer_url": f"?{query}&page={page - 1}" if page > 1 else "",
        "choices": {
            "sort": [(c.key, gettext(c.label)) for c in SORTS], "harm": [(c.key, gettext(c.label)) for c in HARMS],
            "charge": [(c.key, gettext(c.label)) for c in CHARGES],
            "area": [(str(area.pk), area.name) for area in places().serving],
        },
        "emerging": [
            {
                "sort": gettext(label(SORTS, row["sort"])), "area": shown.area(row["case__area_id"]),
                "now": row["now"], "before": row["before"],
                "url": "?" + urlencode({"sort": row["sort"], "area": row["case__area_id"] or ""}),
            }
            for row in emerging(actor=actor, at=at)
        ],
        "may_note": may_open(actor, "observation_new"),
    }  # fmt: skip
    return render(request, "pages/desk/observation/register.html", context)


@staff(*READERS)
@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """The list's hazards as points."""
    actor, at = actor_of(request), timezone.now()
    rows = hazards(Wanted.read(request.GET), actor=actor, at=at).filter(case__lat__isnull=False)[:ON_MAP]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [hazard.case.long, hazard.case.lat]},
            "properties": {
                "title": f"{hazard.case.reference} {gettext(label(SORTS, hazard.sort))}",
                "url": f"/desk/{hazard.case.reference}/", "status": gettext(label(HARMS, hazard.harm)),
                "text": hazard.case.address, "tone": TONES.get(hazard.harm, "neutral"),
            },
        }
        for hazard in rows
    ]  # fmt: skip
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff(*READERS)
@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly what the list shows, every page of it, as CSV; taking it away is logged."""
    actor, at = actor_of(request), timezone.now()
    wanted = Wanted.read(request.GET)
    log_access("list", 0, "exported", actor=actor, at=at, reason=f"hazards {urlencode(wanted.address())}"[:400])
    found = hazards(wanted, actor=actor, at=at)[:IN_TABLE]
    return long_table(f"hazards-{at:%Y-%m-%d}", _table_rows(found, say.words(at=at)))


def _table_rows(rows: Any, shown: say.Words) -> Iterator[Sequence[str]]:
    today = local_day(shown.at)
    heads = (
        "Reference", "What it is", "Risk", "Text", "Address", "Area", "State", "Who has to see to it", "Organisation",
        "With", "Seen last", "Look again on",
    )  # fmt: skip
    yield [gettext(head) for head in heads]
    for hazard in rows:
        told, case = hazard_words(hazard, today=today), hazard.case
        yield (
            told["reference"], told["sort"], told["harm"], " ".join(case.text.split()), case.address,
            shown.area(case.area_id), say.state_label(case.kind, case.state), told["charge"],
            hazard.owner.name if hazard.owner else "", case.assignee.name if case.assignee else "",
            told["seen_on"].isoformat(), told["recheck_on"].isoformat(),
        )  # fmt: skip
