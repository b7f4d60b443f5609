"""What a problem is linked with: places on a map, organisations, counts of incidents, and cases close to its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.cases import story as stories
from commonbeat.cases.models import Case
from commonbeat.cases.story import NoSuchCase, Story
from commonbeat.community.agency import local_day, setting
from commonbeat.community.places import places
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import reference as reference_of
from commonbeat.core.numbers import show, suppress
from commonbeat.evidence.models import IncidentSource
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.kinds.problem.lists import problem_of, row_of
from commonbeat.kinds.problem import counting
from commonbeat.kinds.problem.models import IncidentCount, Partner, Place, Problem
from commonbeat.kinds.problem.vocabulary import PARTNER_ROLES, PLACE_ROLES, label

READERS = tuple(sorted(INSIDERS))


# --- lists and fillings of the steps ---------------------------------------------------------------


def any_area_list(case: Case) -> Options:
    """Every area that concerns are filed under."""
    return [(area.pk, area.name) for area in places().serving]


def place_list(case: Case) -> Options:
    """The places of a problem."""
    return list(Place.objects.filter(problem_id=case.pk).order_by("pk").values_list("pk", "name"))


def partner_list(case: Case) -> Options:
    """The organisations of a problem, each with its role."""
    rows = Partner.objects.filter(problem_id=case.pk).select_related("organisation").order_by("pk")
    return [(row.pk, f"{row.organisation.name}: {gettext(label(PARTNER_ROLES, row.role))}") for row in rows]


def count_list(case: Case) -> Options:
    """The counts of incidents of a problem."""
    return [(row["pk"], f"{row['source']}, {row['where']}") for row in count_words(problem_of(case))]


def incident_source_list(case: Case) -> Options:
    """Sources of incidents that hold something."""
    rows = IncidentSource.objects.filter(retired_at=None).exclude(content="").order_by("name")
    return list(rows.values_list("slug", "name"))


def change_place(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The place as it is."""
    row = row_of(Place.objects.filter(problem_id=case.pk), given, "place")
    if row is None:
        return {}
    point = f"{row.lat:.6f}, {row.long:.6f}" if row.lat is not None else ""
    return {"name": row.name, "role": row.role, "point": point, "area": row.area_id or "", "note": row.note}


def change_partner(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The role as it is."""
    row = row_of(Partner.objects.filter(problem_id=case.pk), given, "partner")
    return {"role": row.role, "note": row.note} if row else {}


# --- the panel -------------------------------------------------------------------------------------


def linked(story: Story, actor: Actor, shown: say.Words) -> Mapping[str, Any]:
    """Places, organisations, counts of incidents, and cases close to the places that are not linked yet."""
    problem = problem_of(story.case)
    rows = place_words(problem)
    near = counting.near_places(problem, actor=actor, at=shown.at, metres=float(setting("nearby_metres")))
    return {
        "places": rows, "mapped": any(row["mapped"] for row in rows),
        "map_url": f"/desk/{story.case.reference}/places.geojson",
        "partners": partner_words(problem), "counts": count_words(problem),
        "near": [
            {"reference": reference_of(case.pk), "category": shown.matter(case.category_id, case.kind),
             "address": case.address, "opened": shown.local(case.opened_at)}
            for case in near
        ],
    }  # fmt: skip


def place_words(problem: Problem) -> list[dict[str, Any]]:
    """Places with what they have to do with it."""
    return [
        {
            "pk": row.pk, "name": row.name, "note": row.note, "role": gettext(label(PLACE_ROLES, row.role)),
            "area": row.area.name if row.area else "", "mapped": row.lat is not None,
        }
        for row in problem.places.select_related("area").order_by("pk")
    ]  # fmt: skip


def partner_words(problem: Problem) -> list[dict[str, Any]]:
    """Organisations with what they have to do with it."""
    return [
        {"pk": row.pk, "name": row.organisation.name, "role": gettext(label(PARTNER_ROLES, row.role)), "note": row.note}
        for row in problem.partners.select_related("organisation").order_by("pk")
    ]


def count_words(problem: Problem) -> list[dict[str, Any]]:
    """Counts of incidents with their query; small ones are hidden, as everywhere that a place is small."""
    minimum = int(setting("minimum_count"))
    return [
        {
            "pk": row.pk, "source": row.source_name, "where": _where(row), "sorts": "; ".join(row.sorts),
            "n": show(suppress(row.n, minimum=minimum)), "from": row.counted_from, "until": row.counted_until,
            "on": local_day(row.counted_at), "again": row.source_id is not None,
        }
        for row in problem.incident_counts.select_related("place", "area").order_by("pk")
    ]  # fmt: skip


def _where(row: IncidentCount) -> str:
    if row.place is not None:
        return gettext("within %(m)s metres of %(place)s") % {"m": row.radius_m, "place": row.place.name}
    return row.area.name if row.area else ""


# --- the map ---------------------------------------------------------------------------------------


@staff(*READERS)
@require_safe
def places_of(request: HttpRequest, reference: str) -> HttpResponse:
    """Places of a problem and the cases that are linked to it, as points; incidents are never among them."""
    actor = actor_of(request)
    try:
        story = stories.read(reference, actor=actor)
    except NoSuchCase:
        raise Http404 from None
    if not Problem.objects.filter(pk=story.case.pk).exists():
        raise Http404
    shown = say.words(at=timezone.now())
    rows = [
        _feature(row.lat, row.long, row.name, f"/desk/{reference}/", gettext(label(PLACE_ROLES, row.role)), row.note,
                 "active")
        for row in problem_of(story.case).places.filter(lat__isnull=False).order_by("pk")
    ]  # fmt: skip
    rows += [
        _feature(case.lat, case.long, case.reference, f"/desk/{case.reference}/",
                 say.state_label(case.kind, case.state),
                 f"{shown.matter(case.category_id, case.kind)} {case.address}".strip(),
                 say.tone(case.kind, case.state))
        for case in Case.objects.visible_to(actor)
        .filter(pk__in=[row["other"] for row in story.links], lat__isnull=False).defer("search")
    ]  # fmt: skip
    answer = JsonResponse({"type": "FeatureCollection", "features": rows})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _feature(
    lat: float | None, long: float | None, title: str, url: str, status: str, text: str, tone: str
) -> dict[str, Any]:
    return {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [long, lat]},
        "properties": {"title": title, "url": url, "status": status, "text": text, "tone": tone},
    }  # fmt: skip
