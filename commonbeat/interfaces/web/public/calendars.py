"""Meetings as calendars (RFC 5545): one of them, or all of an area for programs that look again and again.

Times are given in UTC: each is one meeting on one day, so that no calendar needs the rules of a time zone. A meeting
keeps its UID for ever; what is called off stays as cancelled, so that calendars take it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.activities.models import Activity
from commonbeat.activities.reads import coming
from commonbeat.community.agency import current
from commonbeat.community.places import places
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.activities.words import language_names
from commonbeat.interfaces.web.public.feeds import feed_of, plain, send_feed
from commonbeat.interfaces.web.public.meetings import found_of
from commonbeat.interfaces.web.public.outcomes import chosen
from commonbeat.publishing import minutes

MOST = 200
BACK = dt.timedelta(days=90)
"""So long what was stays in a feed: programs remove from calendars what they find no more."""
LOOK_AGAIN = dt.timedelta(hours=6)


def _calendar(rows: Iterable[Activity], *, name: str) -> bytes:
    made = Calendar()
    made.add("prodid", "-//Commonbeat//Meetings//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for row in rows:
        made.add_component(_event(row))
    return made.to_ical()


def _event(row: Activity) -> Event:
    said, url, event = row.said(get_language() or "en"), f"{settings.SITE_URL}/meetings/{row.pk}/", Event()
    off = row.state == Activity.State.OFF
    event.add("uid", f"{row.uid}@commonbeat")
    event.add("dtstamp", row.changed_at.astimezone(dt.UTC))
    event.add("last-modified", row.changed_at.astimezone(dt.UTC))
    event.add("created", row.made_at.astimezone(dt.UTC))
    event.add("sequence", row.sequence)
    event.add("dtstart", row.starts_at.astimezone(dt.UTC))
    event.add("dtend", row.ends_at.astimezone(dt.UTC))
    title = plain(said["title"])
    event.add("summary", _("Called off: %(title)s") % {"title": title} if off else title)
    event.add("location", plain(row.place))
    event.add("description", plain(_description(row, said)))
    event.add("url", url)
    event.add("categories", [_(ACTIVITIES[row.kind].format_label(row.format))])
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    return event


def _description(row: Activity, said: dict[str, str]) -> str:
    parts = [row.off_reason, said["about"], said["access"]]
    if row.interpreters:
        parts.append(_("Somebody interprets into: %(languages)s") % {"languages": language_names(row.interpreters)})
    return "\n\n".join(part for part in parts if part)


def _send(request: HttpRequest, body: bytes, name: str) -> HttpResponseBase:
    headers = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language, Cookie",
               "Content-Disposition": f'attachment; filename="{name}.ics"'}  # fmt: skip
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
    set_response_etag(response)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@anyone
@require_safe
def meeting_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One meeting for a calendar."""
    row = found_of(pk)
    return _send(request, _calendar([row], name=current().name), f"meeting-{row.pk}")


@anyone
@require_safe
def calendar(request: HttpRequest) -> HttpResponseBase:
    """The meetings of an area, or all, to subscribe to."""
    area = chosen(request)["area"]
    if request.GET.get("area") and area is None:
        raise Http404
    rows = coming(at=timezone.now() - BACK, area=area).order_by("-starts_at", "-pk")[:MOST]
    where = places().areas[area].name if area else current().name
    return _send(request, _calendar(rows, name=_("Meetings: %(area)s") % {"area": where}), "meetings")


@anyone
@require_safe
def feed(request: HttpRequest) -> HttpResponseBase:
    """Meetings that were announced, called off, or whose minutes came out: an Atom feed, by area if asked for."""
    area = chosen(request)["area"]
    made = feed_of(request, title=_("Meetings"), path="/meetings/")
    rows = list(coming(at=timezone.now() - BACK, area=area).order_by("-starts_at", "-pk")[:MOST])
    told = minutes.published(rows)
    for row in rows:
        said, url = row.said(get_language() or "en"), f"{settings.SITE_URL}/meetings/{row.pk}/"
        published = told.get(row.pk)
        title = _("Called off: %(title)s") if row.off_at else _("Minutes: %(title)s") if published else "%(title)s"
        text = row.off_reason or said["about"]
        made.add_item(
            title=plain(title % {"title": said["title"]}), link=url,
            description=plain(f"{row.place}\n\n{text}".strip()),
            unique_id=f"urn:uuid:{row.uid}", pubdate=row.shown_at or row.made_at,
            updateddate=(published and published.published_at) or row.changed_at,
        )  # fmt: skip
    return send_feed(request, made)
