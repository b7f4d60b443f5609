"""The first page, the pages about the service, and small files that browsers ask for."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.cases.kind import KINDS
from commonbeat.community.agency import current, setting
from commonbeat.community.places import places
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.public.outcomes import link_to, show_outcomes
from commonbeat.journal.models import OutboxMessage
from commonbeat.publishing import following
from commonbeat.publishing.reads import BadMark, outcomes, page_of

DAY = 86400
_OUTBOX_PAGE = 50


@anyone
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the ways in: report, follow, my officer, what was done."""
    page = page_of(outcomes(), "", moment="published_at", size=3)
    context = {"done": show_outcomes(page.rows, language=get_language() or "en"), "areas": places().serving}
    return render(request, "pages/public/home.html", context)


@anyone
@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """What this service is for, and what it is not."""
    return render(request, "pages/public/about.html")


@anyone
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored, why and for how long: from the declarations, so that it cannot drift."""
    context = {
        "stored": [
            *((kind.plural, kind.personal) for kind in KINDS if kind.public),
            *((kind.plural, kind.personal) for kind in ACTIVITIES),
            (following.LABEL, following.PERSONAL),
        ],
        "hours": setting("draft_hours"),
        "least": setting("minimum_count"),
    }
    return render(request, "pages/public/privacy.html", context)


@anyone
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everybody can use this, and where to say that it did not work."""
    return render(request, "pages/public/accessibility.html")


@anyone
@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read the public pages, not the personal ones."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{part}/" for part in ("my", "return", "answer", "follow", "desk", "office", "accounts")),
    ]
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": f"max-age={DAY}"}
    )


@anyone
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Lets a telephone put this service beside its other apps."""
    agency = current()
    icons = [{"src": static("commonbeat/mark.svg"), "sizes": "any", "type": "image/svg+xml"}]
    data = {
        "name": agency.name, "short_name": agency.short_name, "start_url": "/", "display": "browser",
        "theme_color": agency.accent, "background_color": "#ffffff", "icons": icons,
    }  # fmt: skip
    return JsonResponse(data, content_type="application/manifest+json", headers={"Cache-Control": f"max-age={DAY}"})


@anyone
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """The demo's mail, kept here instead of being sent; a real installation has no such page."""
    if not settings.DEMO:
        raise Http404
    try:
        page = page_of(OutboxMessage.objects.all(), request.GET.get("at", ""), moment="at", size=_OUTBOX_PAGE)
    except BadMark:
        raise Http404 from None
    context = {"page": page, "newer": link_to({}, page.newer), "older": link_to({}, page.older)}
    return render(request, "pages/public/outbox.html", context)
