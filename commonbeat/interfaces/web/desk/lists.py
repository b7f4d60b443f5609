"""The inbox: what there is to do, as a list, on a map, and as a table to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.cases import inbox as lists
from commonbeat.cases.identity import DECIDERS
from commonbeat.cases.inbox import MANY, VIEWS, Desk, Wanted, desk_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, SavedSearch
from commonbeat.cases.searches import searches_of
from commonbeat.core.actor import Actor
from commonbeat.core.ids import reference
from commonbeat.interfaces.access import may_open, staff
from commonbeat.interfaces.web.csv_files import long_table
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.options import chosen_labels, filter_options, people
from commonbeat.interfaces.web.desk.rows import render_rows
from commonbeat.journal.verbs import log_access

COUNTED = ("mine", "area", "team", "unassigned", "overdue", "waiting")
ON_MAP = 2000
A_DAY = dt.timedelta(days=1)
known_reference = lru_cache(maxsize=50_000)(reference)
IN_TABLE = 100_000


def link(wanted: Wanted, **changes: str) -> str:
    """The address of a list."""
    return "/desk/?" + urlencode(wanted.address(**changes))


def read_request(request: HttpRequest) -> tuple[Wanted, Desk]:
    """What list is asked for, and by whom."""
    desk = desk_of(request.actor, request.user, at=timezone.now())  # type: ignore[attr-defined, arg-type]
    return Wanted.read(request.GET, view=first_view(desk)), desk


def first_view(desk: Desk) -> str:
    """What somebody sees first: their own work, their area, or all when they work no cases themselves."""
    if desk.area_ids:
        return "area"
    return "team" if desk.actor.has("partner") else "all"


@staff()
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The list of a view with its filters; words that are a reference lead straight to the case."""
    at = timezone.now()
    wanted, desk = read_request(request)
    number = lists.reference_in(wanted.q) if wanted.q else None
    if number and Case.objects.visible_to(desk.actor).filter(pk=number).exists():
        return HttpResponseRedirect(f"/desk/{reference(number)}/")
    older, newer = (request.GET.get(name, "")[:60] for name in ("older", "newer"))
    page = lists.page(wanted, desk, at=at, older=older, newer=newer)
    shown = say.words(at=at)
    saved = searches_of(desk.actor.staff_id)
    as_map = request.GET.get("as") == "map"
    rows, steps = [row_words(row, shown, inside=desk.inside) for row in page.rows], _bulk_steps(desk)
    context = {
        "section": "inbox", "wanted": wanted, "rows": rows, "rows_html": render_rows(rows, boxes=bool(steps)),
        "newer_url": link(wanted) + f"&newer={page.newer}" if page.newer else "",
        "older_url": link(wanted) + f"&older={page.older}" if page.older else "",
        "tabs": _tabs(wanted, lists.count_views(COUNTED, desk, at=at)), "saved": _saved(saved, wanted),
        "filter_bar": filter_bar(wanted, as_map=as_map, inside=desk.inside),
        "query": urlencode(wanted.address()), "title": gettext(VIEWS[wanted.view]), "bulk_steps": steps,
        "as_map": as_map, "points_url": "/desk/map.geojson?" + urlencode(wanted.address()),
        "list_url": link(wanted), "map_url": link(wanted) + "&as=map", "empty_actions": _elsewhere(wanted, desk.actor),
        "crossed": [s for s in saved if s.notified_at and at - s.notified_at < A_DAY],
        "may_decide": desk.actor.has(*DECIDERS), "covering": _covering(desk),
        "may_start_problem": may_open(desk.actor, "problem_new"),
    }  # fmt: skip
    return render(request, "pages/desk/inbox.html", context)


def filter_bar(wanted: Wanted, *, as_map: bool, inside: bool) -> SafeString:
    """The form of filters, kept for lists that are looked at often: it has more fields than the list has columns."""
    options, active = filter_options(wanted, inside=inside), tuple(chosen_labels(wanted))
    return _filter_bar(wanted, as_map, get_language() or "en", tuple(options.items()), active)


@lru_cache(maxsize=128)
def _filter_bar(
    wanted: Wanted, as_map: bool, language: str, options: tuple[tuple[str, SafeString], ...],
    active: tuple[tuple[str, str], ...],
) -> SafeString:  # fmt: skip
    context = {
        "wanted": wanted, "as_map": as_map, "options": dict(options), "clear_url": link(Wanted(view=wanted.view)),
        "active": [{"label": label, "url": link(wanted, **{name: ""})} for name, label in active],
    }  # fmt: skip
    return render_to_string("pages/desk/filters.html", context)


def row_words(row: dict[str, Any], shown: say.Words, *, inside: bool) -> dict[str, Any]:
    """One row of the list, every word of it ready: the template only loops. Tags are for people `inside`."""
    kind, state, closed = row["kind"], row["state"], row["closed_at"] is not None
    waits = KINDS[kind].workflow.state(state).waits
    clock, clock_words = shown.clock(row["due_at"], waits=waits, closed=closed)
    tone, icon, label = say.look(kind, state, row["outcome"], shown.language)
    return {
        "id": row["id"], "reference": known_reference(row["id"]),
        "category": shown.matter(row["category_id"], kind),
        "snippet": " ".join(row["snippet"].split()), "where": row["address"], "area": shown.area(row["area_id"]),
        "tone": tone, "icon": icon, "state": label, "clock": clock, "clock_words": clock_words,
        "who": row["assignee__name"] or row["team__name"] or "", "opened": shown.local(row["opened_at"]),
        "open": not closed, "tags": shown.tags(row["tags"]) if inside else [],
    }  # fmt: skip


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    shown = [
        {
            "label": gettext(label), "url": link(Wanted(view=view)), "current": view == wanted.view,
            "count": None if view not in counts else counts[view] if counts[view] <= MANY else f"{MANY}+",
        }
        for view, label in VIEWS.items()
    ]  # fmt: skip
    return [*shown, {"label": gettext("My tasks"), "url": "/desk/tasks/", "count": None}]


def _covering(desk: Desk) -> list[dict[str, str]]:
    """The people for whom somebody stands in today, each with the list of their open cases."""
    if not desk.actor.covers:
        return []
    names = dict(people()[0])
    return [
        {"name": names.get(str(pk), ""), "url": link(Wanted(state="open", assignee=str(pk)))}
        for pk in sorted(desk.actor.covers)
    ]


def _elsewhere(wanted: Wanted, actor: Actor) -> list[dict[str, str]]:
    """What somebody with an empty list can do next."""
    if wanted.narrowed:
        return [{"url": link(Wanted(view=wanted.view)), "label": gettext("Clear all filters")}]
    ways = [{"url": link(Wanted(view="all")), "label": gettext("See all cases")}]
    if may_open(actor, "enter_report"):
        ways.append({"url": "/desk/new/", "label": gettext("Enter a report")})
    return ways


def _saved(saved: list[SavedSearch], wanted: Wanted) -> list[dict[str, Any]]:
    query = urlencode(wanted.address())
    return [
        {"name": s.name, "url": f"/desk/searches/{s.pk}/", "current": s.query == query, "crossed": s.notified_at}
        for s in saved
    ]


def _bulk_steps(desk: Desk) -> list[tuple[str, str]]:
    found = {
        step.slug: gettext(step.label)
        for kind in KINDS
        for step in kind.workflow.steps
        if step.bulk and not step.by.isdisjoint(desk.actor.roles)
    }
    return list(found.items())


@staff()
@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """The list's cases as points, real ones: never for the public. No more than `ON_MAP`, the newest first."""
    wanted, desk = read_request(request)
    at = timezone.now()
    found = (
        lists.inbox(wanted, desk, at=at)
        .filter(lat__isnull=False)
        .order_by("-opened_at", "-id")
        .values("id", "kind", "state", "category_id", "lat", "long", "opened_at", "address")[:ON_MAP]
    )
    shown = say.words(at=at)
    features = [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [row["long"], row["lat"]]},
            "properties": {
                "title": f"{reference(row['id'])} {shown.matter(row['category_id'], row['kind'])}",
                "url": f"/desk/{reference(row['id'])}/", "status": say.state_label(row["kind"], row["state"]),
                "text": row["address"], "tone": say.tone(row["kind"], row["state"]),
            },
        }
        for row in found
    ]  # fmt: skip
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- a table to take away --------------------------------------------------------------------------


@staff()
@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly the cases that the list shows, every page of it, as CSV; taking it away is logged."""
    wanted, desk = read_request(request)
    at = timezone.now()
    what = urlencode(wanted.address())
    log_access("list", 0, "exported", actor=desk.actor, at=at, reason=what[:400])
    column = lists.SORT_COLUMNS[wanted.order]
    rows = lists.inbox(wanted, desk, at=at).annotate(snippet=lists.SNIPPET).order_by(*column)
    shown = say.words(at=at)
    told = _table_rows(rows.values(*lists.COLUMNS)[:IN_TABLE], shown, inside=desk.inside)
    return long_table(f"cases-{at:%Y-%m-%d}", told)


@staff()
@require_safe
def geojson(request: HttpRequest) -> StreamingHttpResponse:
    """The same cases as GeoJSON, for programs of maps; those without a place have none. Logged as the table is.

    Points are the real ones, so this is for staff who see the cases, never for the public.
    """
    wanted, desk = read_request(request)
    at = timezone.now()
    log_access("list", 0, "exported as GeoJSON", actor=desk.actor, at=at, reason=urlencode(wanted.address())[:400])
    rows = lists.inbox(wanted, desk, at=at).annotate(snippet=lists.SNIPPET).order_by(*lists.SORT_COLUMNS[wanted.order])
    answer = StreamingHttpResponse(
        _features(rows.values(*lists.COLUMNS, "lat", "long")[:IN_TABLE], say.words(at=at), inside=desk.inside),
        content_type="application/geo+json",
    )
    answer["Content-Disposition"] = f'attachment; filename="cases-{at:%Y-%m-%d}.geojson"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _features(rows: Any, shown: say.Words, *, inside: bool) -> Iterator[bytes]:
    before = b'{"type":"FeatureCollection","features":[\n'
    for row in rows.iterator(chunk_size=2000):
        told = row_words(row, shown, inside=inside)
        names = ("reference", "category", "where", "area", "state", "who", "opened", "tags")
        said = {name: told[name] for name in names} | {
            "text": told["snippet"], "clock": told["clock_words"], "channel": say.channel_label(row["channel"])
        }  # fmt: skip
        point = None if row["lat"] is None else {"type": "Point", "coordinates": [row["long"], row["lat"]]}
        yield before + orjson.dumps({"type": "Feature", "geometry": point, "properties": said}, default=str)
        before = b",\n"
    yield (before if before[:1] == b"{" else b"\n") + b"]}\n"


def _table_rows(rows: Any, shown: say.Words, *, inside: bool) -> Iterator[Sequence[str]]:
    heads = ("Reference", "Category", "Text", "Address", "Area", "State", "With", "Opened", "Clock", "Channel", "Tags")
    yield [gettext(head) for head in heads]
    for row in rows.iterator(chunk_size=2000):
        told = row_words(row, shown, inside=inside)
        yield (
            told["reference"], told["category"], told["snippet"], told["where"], told["area"], told["state"],
            told["who"], told["opened"], told["clock_words"], say.channel_label(row["channel"]),
            "; ".join(told["tags"]),
        )  # fmt: skip
