"""The briefing on an area: for whoever takes it over, stands in, or leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from commonbeat.activities.reads import Wanted as WantedMeetings
from commonbeat.activities.reads import listed
from commonbeat.cases import briefing
from commonbeat.cases.kind import KINDS
from commonbeat.community.agency import local_day
from commonbeat.community.models import AreaAssignment
from commonbeat.community.places import officers_of, places
from commonbeat.core.actor import INSIDERS
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.activities.words import row_words
from commonbeat.interfaces.web.desk import trusted
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.kinds.observation.declared import hazard_words
from commonbeat.kinds.observation.register import Wanted, hazards
from commonbeat.kinds.problem.actions import working_on

PAGES.add(Page("area_briefings", N_("Areas"), "area_briefings"))
SHOWN = 6


@staff(*INSIDERS)
@require_safe
def area_list(request: HttpRequest) -> HttpResponse:
    """Every area with who looks after it and how much is open there; one's own first. A fixed number of statements."""
    actor, at = actor_of(request), timezone.now()
    loads, people = briefing.load_by_area(actor=actor, at=at), briefing.assigned(at=at)
    mine = {pk for pk, rows in people.items() if any(row.user_id == actor.user_id for row in rows)}
    areas = sorted(places().serving, key=lambda area: (area.pk not in mine, area.name))
    labels = [gettext("Area"), gettext("Looked after by"), gettext("Open"), gettext("Overdue")]
    rows = []
    for area in areas:
        load = loads.get(area.pk, briefing.Load(0, 0))
        names = ", ".join(row.user.name for row in people.get(area.pk, ())) or gettext("Nobody yet")
        cells: list[dict[str, Any]] = [
            {"text": area.name, "url": reverse("area_briefing", kwargs={"pk": area.pk})}, {"text": names},
            {"text": load.open, "number": True}, {"text": load.overdue, "number": True},
        ]  # fmt: skip
        rows.append({"cells": [cell | {"label": label} for cell, label in zip(cells, labels, strict=True)]})
    columns = [{"label": label, "number": at > 1} for at, label in enumerate(labels)]
    context = {"section": "area_briefings", "rows": rows, "columns": columns}
    return render(request, "pages/desk/areas.html", context)


@staff(*INSIDERS)
@require_safe
def area_briefing(request: HttpRequest, pk: int) -> HttpResponse:
    """One area: its officers then and now, open work, what recurs, problems, hazards, promises."""
    actor, at = actor_of(request), timezone.now()
    area, shown = places().areas.get(pk), say.words(at=at)
    if area is None:
        raise Http404
    today, officers = local_day(at), officers_of(pk, at=at)
    loads = briefing.load_by_kind(pk, actor=actor, at=at)
    standing = hazards(Wanted(area=str(pk)), actor=actor, at=at) if may_open(actor, "hazards") else None
    context = {
        "section": "area_briefings", "area": area, "inbox_url": f"/desk/?view=all&area={pk}&state=open",
        "tenures": [_tenure(row, today) for row in briefing.tenures(pk)],
        "away": [(user.name, cover.by.name, cover.until) for user, cover in officers.away],
        "loads": [(gettext(KINDS[kind].plural), load) for kind, load in loads.items() if kind in KINDS],
        "recurring": [(shown.category(one.category_id), one) for one in briefing.recurring(pk, actor=actor, at=at)],
        "problems": [
            (reference(case.pk), case.detail("title", ""), say.state_label(case.kind, case.state))
            for case in working_on(pk, actor=actor)
        ],
        "hazards": None if standing is None else [hazard_words(row, today=today) for row in standing[:SHOWN]],
        "hazards_url": f"{reverse('hazards')}?area={pk}",
        "promises": briefing.promises_of(pk, actor=actor, at=at), "today": today,
        "meetings": [row_words(row, at) for row in listed(WantedMeetings(area=str(pk)), actor=actor, at=at)[:SHOWN]],
        "may_plan": may_open(actor, "meeting_new"), "contacts": trusted.listed(pk, actor=actor, at=at),
        "lately": briefing.LATELY.days, "may_promise": may_open(actor, "promise_new"),
    }  # fmt: skip
    return render(request, "pages/desk/area.html", context)


def _tenure(row: AreaAssignment, today: dt.date) -> dict[str, Any]:
    days = max(0, (min(row.until or today, today) - row.since).days)
    months = round(days / 30.44)
    if months:
        length = ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    else:
        length = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return {
        "name": row.user.name, "since": date_format(row.since), "until": date_format(row.until) if row.until else "",
        "now": row.since <= today <= (row.until or today), "long": length,
    }  # fmt: skip
