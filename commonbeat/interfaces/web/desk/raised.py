"""What is written down from a meeting: its form knows the meeting, and the page of the case leads back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from commonbeat.activities.coming_of import activity_of, may_link
from commonbeat.activities.models import Activity
from commonbeat.cases.kind import KINDS
from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor
from commonbeat.interfaces.access import actor_of
from commonbeat.interfaces.web.activities.words import when
from commonbeat.interfaces.web.desk.panels import ASIDE, PANELS, Panel
from commonbeat.interfaces.web.desk.words import Words


def meeting_of(request: HttpRequest) -> Activity | None:
    """The meeting that the address or the form names; 404 for one that this person may not read."""
    given = request.POST.get("meeting") or request.GET.get("meeting", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 15):
        raise Http404
    found = Activity.objects.visible_to(actor_of(request)).select_related("host", "area").filter(pk=given).first()
    if found is None:
        raise Http404
    return found


def _from_meeting(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    found = activity_of(story.case, actor=actor) if may_link(KINDS[story.case.kind]) else None
    if found is None:
        return None
    return {"title": found.title, "when": when(found), "url": reverse("meeting", args=[found.pk])}


PANELS.add(Panel("from_meeting", "pages/desk/meetings/panel.html", _from_meeting, place=ASIDE))
