"""The desk's calendar: what is to come, what was, one's own; to filter, to search and to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.activities.reads import VIEWS, Wanted, listed
from commonbeat.community.places import places
from commonbeat.core.actor import INSIDERS
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.activities.words import row_words
from commonbeat.interfaces.web.csv_files import long_table
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.journal.verbs import log_access

READERS = tuple(sorted(INSIDERS))
"""Roles that open the calendar; which of its rows somebody finds is asked of each kind."""
MOST = 100
IN_TABLE = 20_000
PAGES.add(Page("meetings", N_("Meetings"), "meetings", key="g m"))
HEADS = (
    N_("Title"), N_("Sort"), N_("Area"), N_("Where"), N_("Begins"), N_("State"), N_("Who leads it"),
    N_("Who may come"), N_("People who came"), N_("For the first time"), N_("Languages"), N_("Reason"),
)  # fmt: skip


def _link(wanted: Wanted, **changes: str) -> str:
    return f"{reverse('meetings')}?{urlencode(wanted.address(**changes))}"


def format_options() -> list[tuple[str, str]]:
    """Formats of every kind, for a filter."""
    return [(one.key, gettext(one.label)) for kind in ACTIVITIES for one in kind.formats]


@staff(*READERS)
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The list, a fixed number of statements however long it is."""
    actor, at, wanted = actor_of(request), timezone.now(), Wanted.read(request.GET)
    found = list(listed(wanted, actor=actor, at=at)[: MOST + 1])
    names = {"area": {str(a.pk): a.name for a in places().serving}, "format": dict(format_options())}
    active = [
        {"label": names.get(name, {}).get(value, value), "url": _link(wanted, **{name: ""})}
        for name, value in wanted.address().items() if name not in {"view", "kind"}
    ]  # fmt: skip
    context = {
        "section": "meetings", "rows": [row_words(row, at) for row in found[:MOST]], "more": len(found) > MOST,
        "most": MOST, "wanted": wanted, "query": urlencode(wanted.address()), "active": active,
        "clear_url": _link(Wanted(view=wanted.view)), "may_plan": may_open(actor, "meeting_new"),
        "areas": places().serving, "formats": format_options(),
        "tabs": [
            {"label": gettext(label), "url": _link(Wanted(view=slug)), "current": slug == wanted.view, "count": None}
            for slug, label in VIEWS.items()
        ],
    }  # fmt: skip
    return render(request, "pages/desk/meetings/list.html", context)


@staff(*READERS)
@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly what the list shows, as CSV; taking it away is logged."""
    actor, at, wanted = actor_of(request), timezone.now(), Wanted.read(request.GET)
    log_access("list", 0, "meetings exported", actor=actor, at=at, reason=urlencode(wanted.address())[:400])
    rows = listed(wanted, actor=actor, at=at)[:IN_TABLE]
    return long_table(f"meetings-{at:%Y-%m-%d}", _table_rows(rows, at))


def _table_rows(rows: Any, at: Any) -> Iterator[Sequence[Any]]:
    yield [gettext(head) for head in HEADS]
    for row in rows.iterator(chunk_size=2000):
        told, counts = row_words(row, at), row.attendance
        spoken = "; ".join(f"{code}: {n}" for code, n in counts.get("languages", {}).items())
        yield (
            told["title"], told["format"], told["area"], told["place"], told["starts"], told["status"]["label"],
            told["host"], gettext("Everybody") if row.public else gettext("By invitation"),
            _cell(counts.get("people")), _cell(counts.get("new")), spoken, row.off_reason,
        )  # fmt: skip


def _cell(number: Any) -> Any:
    return "" if number is None else number
