"""Areas from a file: read, shown on a map with what is wrong, then stored as a new revision."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from commonbeat.cases import files
from commonbeat.cases.models import Upload as StoredFile
from commonbeat.community.agency import local_day
from commonbeat.community.models import Area
from commonbeat.core.actor import Role
from commonbeat.core.area_files import AreaProblem, AreaShape, BadAreas, parse_geojson_areas, simplify
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import digest_token, link_token
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.office.forms.places import AreaUploadForm, PopulationForm
from commonbeat.journal import area_changes

PROBLEMS = {
    "too-large": gettext_lazy(
        "The file is larger than 64 MB. Simplify the boundaries in your map program and export it again."
    ),
    "not-json": gettext_lazy(
        "This is not a GeoJSON file. Export it as GeoJSON (not as a shapefile or KML) and try again."
    ),
    "not-geojson": gettext_lazy("This JSON file holds no map features. Export it as GeoJSON and try again."),
    "no-areas": gettext_lazy("The file holds no areas. Export the layer that has the boundaries."),
    "too-many-areas": gettext_lazy("The file holds more than 20,000 areas. Export one level at a time."),
    "too-many-corners": gettext_lazy(
        "The boundaries have too many corners. Simplify them in your map program and export again."
    ),
    "wrong-crs": gettext_lazy("The coordinates are in another system (%(detail)s). Export with WGS 84 (EPSG:4326)."),
    "projected": gettext_lazy("The coordinates are in metres or feet. Export with WGS 84 (EPSG:4326), in degrees."),
    "swapped": gettext_lazy("Latitude and longitude are the wrong way round. GeoJSON puts the longitude first."),
    "off-globe": gettext_lazy("A corner does not lie on the globe. Check the coordinates."),
    "not-a-polygon": gettext_lazy(
        "This is a %(detail)s, not a polygon. Take it out of the file, or export only the boundaries."
    ),
    "no-shape": gettext_lazy("It has no shape. Take it out of the file, or draw it."),
    "broken-shape": gettext_lazy("Its shape is broken. Repair the geometry in your map program."),
    "empty-shape": gettext_lazy("Its shape is empty. Draw it, or take it out of the file."),
    "no-name": gettext_lazy("It has no name. Say which property holds the name, or add one."),
}
NOTES = {
    "repaired": gettext_lazy("lines that crossed were repaired"),
    "flattened": gettext_lazy("heights were dropped"),
    "numbered": gettext_lazy("no name in the file, so its number serves"),
}


def say_problem(problem: AreaProblem) -> str:
    """One thing wrong with a file, in words that say what to do."""
    words = str(PROBLEMS[problem.code]) % {"detail": problem.detail}
    return _("Area %(number)s: %(words)s") % {"number": problem.area, "words": words} if problem.area else words


def _middle() -> tuple[float, float] | None:
    """A point inside the present map, by which swapped coordinates are noticed."""
    area = Area.objects.filter(retired_at__isnull=True).first()
    if area is None:
        return None
    point = shapely.geometry.shape(area.geometry).representative_point()
    return point.y, point.x


def _keep(data: bytes, *, at: dt.datetime) -> str:
    """Keep an uploaded file between the two pages; files that nobody confirms go with unsent photos."""
    sha = hashlib.sha256(data).hexdigest()
    files.store(data, sha)
    token, digest = link_token()
    StoredFile.objects.create(
        token_digest=digest,
        sha256=sha,
        media_type="application/geo+json",
        name="areas.geojson",
        size=len(data),
        created_at=at,
    )
    return token


def _kept(token: str) -> bytes:
    row = StoredFile.objects.filter(token_digest=digest_token(token), media_type="application/geo+json").first()
    path = files.path_of(row.sha256) if row else None
    if path is None or not path.exists():
        raise Http404
    return path.read_bytes()


def _read(form: AreaUploadForm, *, at: dt.datetime) -> tuple[list[AreaShape], str]:
    """The areas of the uploaded or kept file and its token; problems become errors of the form."""
    given, token = form.cleaned_data.get("file"), form.cleaned_data.get("token")
    if not given and not token:
        form.add_error("file", _("Choose a GeoJSON file."))
        return [], ""
    data = given.read() if given else _kept(token or "")
    try:
        shapes = parse_geojson_areas(data, name_key=form.cleaned_data["name_key"] or None, near=_middle())
    except BadAreas as bad:
        for flaw in bad.problems:
            form.add_error("file", say_problem(flaw))
        return [], ""
    try:
        area_changes.check_areas(_upload(form, shapes))
    except Invalid as refused:
        for problem in refused.problems:
            form.add_error(problem.code if problem.code in form.fields else None, say(problem))
    return shapes, token if token and not given else _keep(data, at=at)


def _upload(form: AreaUploadForm, shapes: list[AreaShape]) -> area_changes.Upload:
    return area_changes.Upload(shapes, form.cleaned_data["level"], form.cleaned_data["revision"].strip())


@staff(Role.ADMIN)
def upload(request: HttpRequest) -> HttpResponse:
    """First the file, then the map of what it holds, then storing it."""
    now = timezone.now()
    form = AreaUploadForm(request.POST or None, request.FILES or None, initial={"revision": str(local_day(now).year)})
    shapes: list[AreaShape] = []
    token = ""
    if request.method == "POST" and form.is_valid():
        shapes, token = _read(form, at=now)
        if not form.errors and "confirm" in request.POST:
            made = area_changes.add_areas(
                _upload(form, shapes),
                serves=form.cleaned_data["serves"],
                actor=actor_of(request),
                at=now,  # type: ignore[attr-defined]
            )
            messages.success(request, _("%(count)s areas are on the map.") % {"count": len(made)})
            return redirect("office_area_list")
    context = {"form": form, "section": "office", "token": token, **(_preview(form, shapes) if shapes else {})}
    return render(request, "pages/office/areas_upload.html", context, status=422 if form.errors else 200)


def _preview(form: AreaUploadForm, shapes: list[AreaShape]) -> dict[str, Any]:
    level = form.cleaned_data["level"]
    earlier = set(Area.objects.filter(level=level, retired_at__isnull=True).values_list("code", flat=True))
    codes = area_changes.area_codes(shapes)
    rows = [
        {"cells": [{"text": s.name}, {"text": code}, {"text": "; ".join(str(NOTES[note]) for note in s.notes)}]}
        for s, code in zip(shapes, codes, strict=True)
    ]
    return {
        "shapes": len(shapes),
        "rows": rows[:500],
        "new": len(set(codes) - earlier),
        "replaced": len(set(codes) & earlier),
        "gone": sorted(earlier - set(codes))[:30],
        "level": level,
        "columns": [{"label": _("Name")}, {"label": _("Code")}, {"label": _("What we mended")}],
    }


@staff(Role.ADMIN)
def preview_shapes(request: HttpRequest, token: str) -> JsonResponse:
    """The areas of a file that waits for confirmation, simplified for drawing."""
    try:
        shapes = parse_geojson_areas(_kept(token), near=_middle())
    except BadAreas:
        raise Http404 from None
    features = [
        {
            "type": "Feature",
            "properties": {"name": s.name, "code": s.external_id},
            "geometry": shapely.geometry.mapping(s.geometry),
        }
        for s in simplify(shapes, tolerance_m=30)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@staff(Role.ADMIN)
@require_POST
def serving(request: HttpRequest) -> HttpResponse:
    """Choose the level under which new concerns are filed."""
    try:
        area_changes.set_serving(request.POST.get("level", ""), actor=actor_of(request), at=timezone.now())
        messages.success(request, _("New concerns are filed under this level from now on."))
    except Invalid as refused:
        messages.error(request, say(refused.problems[0]))
    return redirect("office_area_list")


@staff(Role.ADMIN)
def populations(request: HttpRequest) -> HttpResponse:
    """How many people live in each area, from a file or pasted lines."""
    level = Area.objects.filter(retired_at__isnull=True, serves=True).values_list("level", flat=True).first() or ""
    form = PopulationForm(request.POST or None, request.FILES or None, initial={"level": level})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            count = area_changes.set_populations(
                data["text"], level=data["level"], actor=actor_of(request), at=timezone.now()
            )  # type: ignore[attr-defined]
        except Invalid as refused:
            for problem in refused.problems:
                form.add_error("file", say(problem))
        else:
            messages.success(request, _("Populations of %(count)s areas were changed.") % {"count": count})
            return redirect("office_area_list")
    context = {"form": form, "section": "office", "back": reverse("office_area_list")}
    return render(request, "pages/office/populations.html", context, status=422 if form.errors else 200)
