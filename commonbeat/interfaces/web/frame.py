"""What surrounds every page: the agency's colours, the reader's language, and the gallery of components."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.i18n import set_language

from commonbeat.community.agency import current
from commonbeat.interfaces.access import anyone, staff
from commonbeat.interfaces.web.agency_style import BadColour, agency_stylesheet
from commonbeat.interfaces.web.gallery import gallery

WEEK = 7 * 24 * 3600


@anyone
@require_safe
def agency_css(request: HttpRequest) -> HttpResponse:
    """The accent as custom properties. Pages ask with `?v=<accent>`, so a change shows at once."""
    try:
        sheet = agency_stylesheet(current().accent)
    except BadColour:
        sheet = ""  # the style sheet of the product has an accent of its own
    return HttpResponse(
        sheet, content_type="text/css; charset=utf-8", headers={"Cache-Control": f"public, max-age={WEEK}"}
    )


@anyone
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back to the page."""
    return set_language(request)


@staff()
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component with its examples, for people who build pages."""
    return render(request, "pages/gallery.html", gallery(request))
