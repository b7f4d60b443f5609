"""Whom the department heard from, beside who lives here."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import local_day
from commonbeat.core.actor import Role
from commonbeat.evidence.surveys.actions import READERS
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk.words import CHANNELS
from commonbeat.interfaces.web.evidence.shown import TYPES, as_file, table
from commonbeat.interfaces.web.evidence.surveys.shared import tabs

WHO = (*READERS, Role.LIAISON)
_YEAR = dt.timedelta(days=365)


def _asked(request: HttpRequest, by: str) -> tuple[Any, list[dict[str, str]]]:
    """What the address asks for, a year back unless it says otherwise, and what of it cannot be read."""
    from commonbeat.evidence.heard_from import DIMENSIONS, Heard

    if by not in DIMENSIONS:
        raise Http404
    today, problems = local_day(timezone.now()), []
    days = {"first": today - _YEAR, "last": today}
    for name in days:
        try:
            given = request.GET.get(name, "").strip()
            days[name] = dt.date.fromisoformat(given) if given else days[name]
        except ValueError:
            problems.append({"text": _("Write days such as 2026-01-31."), "href": f"#{name}"})
    if days["last"] < days["first"]:
        problems.append({"text": _("The last day lies before the first. Turn them round."), "href": "#last"})
        days = {"first": today - _YEAR, "last": today}
    return Heard(by, days["first"], days["last"], lambda slug: _(CHANNELS.get(slug, slug))), problems


@staff(*WHO)
@require_safe
def heard_from(request: HttpRequest, by: str = "area") -> HttpResponse:
    """Reports beside residents, by area, language or channel."""
    from commonbeat.evidence import heard_from as measuring
    from commonbeat.evidence.looks.asking import CannotLook

    heard, problems = _asked(request, by)
    again = urlencode({"first": heard.first.isoformat(), "last": heard.last.isoformat()})
    context: dict[str, Any] = {
        "section": "surveys", "tabs": tabs(actor_of(request), "heard_from"), "errors": problems,
        "first": request.GET.get("first") or heard.first.isoformat(),
        "last": request.GET.get("last") or heard.last.isoformat(), "says": _(measuring.DIMENSIONS[by].says),
        "looks": [{"url": f"{reverse('heard_from_by', args=[one.slug])}?{again}", "label": _(one.title),
                   "current": one.slug == by} for one in measuring.DIMENSIONS],
    }  # fmt: skip
    try:
        shown = measuring.look(heard)
    except CannotLook as refused:
        context["refused"] = str(refused)
    else:
        base = reverse("heard_from_file", args=[by, "svg"]).removesuffix("svg")
        sorts = [sort for sort in TYPES if shown.spec or sort not in ("svg", "png")]
        context |= {"shown": shown, "table": table(shown), "reports": _reports(shown.n),
                    "more": len(shown.rows) - shown.most,
                    "files": {sort: f"{base}{sort}?{again}" for sort in sorts}}  # fmt: skip
    return render(request, "pages/surveys/heard.html", context, status=422 if problems else 200)


def _reports(n: int) -> str:
    return ngettext("%(n)s report", "%(n)s reports", n) % {"n": f"{n:,}"}


@staff(*WHO)
@require_safe
def download(request: HttpRequest, by: str, sort: str) -> HttpResponse:
    """The same as a file."""
    from commonbeat.evidence import heard_from as measuring
    from commonbeat.evidence.looks.asking import CannotLook

    heard, _problems = _asked(request, by)
    if sort not in TYPES:
        raise Http404
    try:
        shown = measuring.look(heard)
    except CannotLook as refused:
        return HttpResponse(str(refused), status=404, content_type="text/plain; charset=utf-8")
    if sort in ("svg", "png") and not shown.spec:
        raise Http404
    notes = [f"{shown.period} · {_reports(shown.n)}", *shown.left_out]
    title = f"{_('Heard from')}: {_(measuring.DIMENSIONS[by].title)}"
    return as_file(request, shown, sort, title=title, notes=notes, name=f"heard-from-{by}")
