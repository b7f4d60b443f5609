"""Numbers for residents: what was counted by area and year, as a page with a map and as files."""

from __future__ import annotations

from math import isnan
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.core.numbers import show
from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import number as written
from commonbeat.evidence.public_map import YearMap, year_map
from commonbeat.evidence.public_numbers import PublicNumbers, public_measures, public_numbers
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.csv_files import public_table


@anyone
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The measures that residents may see."""
    rows = [{"name": row.name, "says": row.says, "url": reverse("public_number", args=[row.slug])}
            for row in public_measures()]  # fmt: skip
    return render(request, "pages/public/numbers/list.html", {"rows": rows, "section": "numbers"})


@anyone
@require_safe
def number(request: HttpRequest, slug: str) -> HttpResponse:
    """One measure by area and year, and one year of it as a map."""
    drawn = _drawn(request, slug)
    if drawn is None:
        return _not_yet(request, slug)
    found = drawn.found
    columns = [{"label": _("Area")}, *({"label": year, "number": True} for year in found.years)]
    names = {area: row for area, row in found.table.cells.items()}
    rows = [_row(area, row, found) for area, row in sorted(names.items())]
    rows.append(_row(_("All"), found.table.column_totals, found))
    again = urlencode({"year": drawn.year} | ({"rate": "1"} if drawn.rate else {}))
    context: dict[str, Any] = {
        "row": found.row, "columns": columns, "rows": rows, "minimum": found.minimum, "section": "numbers",
        "map": drawn, "years": found.years[::-1], "classes": drawn.painted.classes, "words": _words(drawn),
        "picture": f"{reverse('public_number_picture', args=[slug])}?{again}",
        "areas": f"{reverse('public_number_areas', args=[slug])}?{again}",
    }  # fmt: skip
    return render(request, "pages/public/numbers/show.html", context)


def _not_yet(request: HttpRequest, slug: str) -> HttpResponse:
    """A measure that the list names, and of which no whole year is known yet; whoever asks for a year finds none."""
    row = next((one for one in public_measures() if one.slug == slug), None)
    if row is None or request.GET or public_numbers(slug) is not None:
        raise Http404
    return render(request, "pages/public/numbers/not_yet.html", {"row": row, "section": "numbers"})


_SAYS = N_(
    "%(title)s: %(most)s had the highest number, %(high)s, and %(least)s the lowest, %(low)s, of the %(shown)s of "
    "%(all)s areas with a number that may be shown."
)


def _words(drawn: YearMap) -> str:
    """The map in a sentence."""
    cells = {name: value for name, value in zip(drawn.found.names, drawn.values, strict=True) if not isnan(value)}
    told: dict[str, Any] = {"title": drawn.title[:1].upper() + drawn.title[1:], "shown": len(cells),
                            "all": len(drawn.found.names)}  # fmt: skip
    if not cells:
        return _("%(title)s: no area has a number that may be shown.") % told
    most, least = max(cells, key=cells.__getitem__), min(cells, key=cells.__getitem__)
    told |= {"most": most, "high": written(cells[most], drawn.decimals)}
    return _(_SAYS) % (told | {"least": least, "low": written(cells[least], drawn.decimals)})


def _drawn(request: HttpRequest, slug: str) -> YearMap | None:
    found = public_numbers(slug, outlines=True)
    if found is None:
        return None
    return year_map(found, request.GET.get("year", ""), rate=bool(request.GET.get("rate")))


def _map(request: HttpRequest, slug: str) -> YearMap:
    drawn = _drawn(request, slug)
    if drawn is None:
        raise Http404
    return drawn


def _found(slug: str) -> PublicNumbers:
    found = public_numbers(slug)
    if found is None:
        raise Http404
    return found


def _row(name: str, row: Any, found: PublicNumbers) -> dict[str, Any]:
    return {"cells": [{"text": name}, *({"text": show(row[y]), "number": True, "label": y} for y in found.years)]}


@anyone
@require_safe
def number_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as CSV; hidden ones are a star."""
    found = _found(slug)
    rows = ([area, *(show(row[year]) for year in found.years)] for area, row in found.table.cells.items())
    return public_table(found.row.slug, [["area", *found.years], *rows])


@anyone
@require_safe
def number_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The map of a year without scripts, as SVG."""
    from commonbeat.evidence.pictures import draw

    drawn = _map(request, slug)
    body = draw({**drawn.picture(), "title": {"text": drawn.found.row.name, "anchor": "start"}}, "svg")
    answer = HttpResponse(body, content_type="image/svg+xml")
    answer["Cache-Control"] = "no-cache"  # a measure that is withdrawn is gone at once
    return answer


@anyone
@require_safe
def number_areas(request: HttpRequest, slug: str) -> HttpResponse:
    """Areas of a year with their numbers as GeoJSON; hidden ones are null, and there are no points."""
    answer = HttpResponse(orjson.dumps(_map(request, slug).geojson()), content_type="application/geo+json")
    if "save" in request.GET:
        answer["Content-Disposition"] = f'attachment; filename="{slug}.geojson"'
    answer["Cache-Control"] = "no-cache"
    return answer
