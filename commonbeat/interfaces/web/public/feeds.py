"""Atom feeds: the concerns of an area or a category, one case, and published outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.cases.categories import by_code
from commonbeat.community.agency import current
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.public.outcomes import chosen, show_outcomes
from commonbeat.interfaces.web.public.shown import area_of, area_url, show_cards
from commonbeat.kinds.missing.models import Bulletin
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.reads import cards, outcomes

MOST = 50
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CACHE = "public, max-age=300"


def feed_of(request: HttpRequest, *, title: str, path: str) -> Atom1Feed:
    """An empty feed of the agency."""
    return Atom1Feed(
        title=f"{title} – {current().name}", link=f"{settings.SITE_URL}{path}", description="", language=get_language(),
        feed_url=f"{settings.SITE_URL}{request.get_full_path()}", author_name=current().name,
    )  # fmt: skip


def send_feed(request: HttpRequest, feed: Atom1Feed, *, cache: str = _CACHE) -> HttpResponseBase:
    """The feed, or 304 for a reader that has it already."""
    headers = {"Cache-Control": cache, "Vary": "Accept-Language, Cookie"}
    body = feed.writeString("utf-8")
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8", headers=headers)
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def plain(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def _cards_feed(request: HttpRequest, rows: QuerySet[PublicCase], *, title: str, path: str) -> HttpResponseBase:
    feed = feed_of(request, title=title, path=path)
    newest = list(rows.order_by("-opened_at", "-pk")[:MOST])
    for row, card in zip(newest, show_cards(newest, language=get_language() or "en"), strict=True):
        feed.add_item(
            title=f"{card['title']}: {card['status']}", link=f"{settings.SITE_URL}{card['url']}",
            description=plain(card["answer"] or card["status"]), unique_id=f"{settings.SITE_URL}{card['url']}",
            pubdate=row.opened_at, updateddate=row.changed_at,
        )  # fmt: skip
    return send_feed(request, feed)


@anyone
@require_safe
def area_feed(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The newest concerns of an area, as the public sees them."""
    area = area_of(pk)
    if area is None or not area.serves:
        raise Http404
    return _cards_feed(request, cards(at=timezone.now(), area=pk), title=area.name, path=area_url(area))


@anyone
@require_safe
def category_feed(request: HttpRequest, code: str) -> HttpResponseBase:
    """The newest concerns of a category, everywhere."""
    known = by_code(code)
    if known is None:
        raise Http404
    name = known.text(get_language() or "en").name
    rows = cards(at=timezone.now(), category=known.row.pk)
    return _cards_feed(request, rows, title=name, path=f"/outcomes/?category={code}")


@anyone
@require_safe
def card_feed(request: HttpRequest, reference: str) -> HttpResponseBase:
    """How one case stands, as a new item each time that it changes, and what was done about it."""
    found = PublicCase.objects.shown(timezone.now()).filter(reference=reference[:20]).first()
    if found is None:
        raise Http404
    card = show_cards([found], language=get_language() or "en")[0]
    url = f"{settings.SITE_URL}{card['url']}"
    feed = feed_of(request, title=f"{card['title']} {card['reference']}", path=card["url"])
    feed.add_item(
        title=f"{card['title']}: {card['status']}", link=url, description=plain(card["answer"] or card["status"]),
        unique_id=f"{url}#{found.state}-{found.outcome}", pubdate=found.changed_at, updateddate=found.changed_at,
    )  # fmt: skip
    _add_outcomes(feed, outcomes().filter(case_number=found.pk))
    return send_feed(request, feed)


@anyone
@require_safe
def outcome_feed(request: HttpRequest) -> HttpResponseBase:
    """The newest outcomes, by area and category if asked for."""
    filters = chosen(request)
    feed = feed_of(request, title=_("You said, we did"), path="/outcomes/")
    rows = outcomes(area=filters["area"], category=filters["category"]).order_by("-published_at", "-pk")[:MOST]
    _add_outcomes(feed, rows)
    return send_feed(request, feed)


@anyone
@require_safe
def missing_feed(request: HttpRequest) -> HttpResponseBase:
    """That somebody is looked for, with the address of the notice. Readers keep what a feed says: it names nobody."""
    feed = feed_of(request, title=_("Missing persons"), path="/missing/")
    for row in Bulletin.objects.shown(timezone.now()).order_by("-approved_at", "-pk")[:MOST]:
        url = f"{settings.SITE_URL}/missing/{row.key}/"
        feed.add_item(
            title=_("Somebody is missing. Please look."), link=url, description="", unique_id=url,
            pubdate=row.approved_at, updateddate=row.approved_at,
        )  # fmt: skip
    return send_feed(request, feed, cache="no-store")


def _add_outcomes(feed: Atom1Feed, rows: Iterable[Publication]) -> None:
    for item in show_outcomes(rows, language=get_language() or "en"):
        label = _("Translated by a machine") if item["machine"] else ""
        text = "\n\n".join(part for part in (label, item["said"], item["did"]) if part)
        feed.add_item(
            title=plain(item["title"]), link=f"{settings.SITE_URL}{item['url']}", description=plain(text),
            pubdate=item["published_at"], updateddate=item["published_at"],
            unique_id=f"{settings.SITE_URL}{item['url']}",
            categories=[item["category"]] if item["category"] else [],
        )  # fmt: skip
