"""The list of cases that somebody works from: filters that live in an address, one statement per page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile
from commonbeat.cases.queries import NOTHING, CaseQuerySet
from commonbeat.community.access import with_descendants
from commonbeat.community.agency import current, local_day
from commonbeat.community.cover import running
from commonbeat.community.kept import SOME_MOMENT, Kept, Timed, keep, timed, written
from commonbeat.community.models import AreaAssignment, User
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_

PAGE = 50
MANY = 50
"""Counts beyond this are shown as “50+”: nobody needs the exact number, and it would cost the page."""

VIEWS: dict[str, str] = {
    "mine": N_("Mine"),
    "area": N_("My area"),
    "team": N_("My team"),
    "unassigned": N_("Unassigned"),
    "overdue": N_("Overdue"),
    "waiting": N_("Waiting for an answer"),
    "all": N_("All"),
}
SORTS: dict[str, str] = {
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "due": N_("Due first (running clocks only)"),
}
_NUMBERS = ("category", "area", "assignee", "team", "tag")


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose desk it is: the actor, the teams they are in, and the areas they look after."""

    actor: Actor
    team_ids: frozenset[int]
    area_ids: frozenset[int]

    @property
    def inside(self) -> bool:
        """True in the department; partners and others outside learn nothing of tags."""
        return self.actor.has(*INSIDERS)


def desk_of(actor: Actor, user: User, *, at: dt.datetime) -> Desk:
    """The desk of a signed-in person. Costs a statement only when no grant names an area."""
    teams = {grant.team_id for grant in actor.grants if grant.team_id} | ({user.team_id} if user.team_id else set())
    areas = frozenset().union(*(grant.area_ids for grant in actor.grants))
    return Desk(actor, frozenset(teams), areas or _assigned_areas({user.pk, *actor.covers}, at))


_SOME_USERS, _SOME_DAY = [-271828], dt.date(1999, 12, 31)


@cache
def _assignments() -> Kept:
    """The statement that finds the areas of people; it runs for every list of somebody whose grants name none."""
    of_somebody = RawSQL('"community_areaassignment"."user_id" = ANY(%s)', (_SOME_USERS,), BooleanField())
    return keep(
        AreaAssignment.objects.filter(running(_SOME_DAY), of_somebody).values_list("area_id"),
        by=(_SOME_USERS, _SOME_DAY),
    )


def _assigned_areas(users: set[int], at: dt.datetime) -> frozenset[int]:
    return frozenset(area for (area,) in _assignments().run({(-271828,): sorted(users), _SOME_DAY: local_day(at)}))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. Every field is text as in the address; empty means no limit."""

    view: str = "all"
    q: str = ""
    category: str = ""
    group: str = ""
    area: str = ""
    state: str = ""
    channel: str = ""
    language: str = ""
    assignee: str = ""
    team: str = ""
    tag: str = ""
    outcome: str = ""
    opened_from: str = ""
    opened_to: str = ""
    overdue: str = ""
    photo: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any], *, view: str = "all") -> Wanted:
        """Filters from an address; what cannot be one (a made-up view, a day that is none) is left out."""
        texts = {f.name: str(given.get(f.name) or "").replace("\x00", "").strip()[:200] for f in fields(cls)}
        texts["view"] = texts["view"] if texts["view"] in VIEWS else view
        if texts["sort"] not in SORTS:
            texts["sort"] = ""
        for name in _NUMBERS:
            if not (texts[name].isascii() and texts[name].isdigit() and len(texts[name]) < 12):
                texts[name] = texts[name] if (name, texts[name]) in {("assignee", "none"), ("team", "none")} else ""
        for name in ("opened_from", "opened_to"):
            texts[name] = texts[name] if _day(texts[name]) else ""
        for name in ("overdue", "photo"):
            texts[name] = "yes" if texts[name] else ""
        return cls(**texts)

    def address(self, **changes: str) -> dict[str, str]:
        """The filters that are set, for a link; `changes` replace some."""
        changed = replace(self, **changes)
        return {f.name: value for f in fields(changed) if (value := getattr(changed, f.name))}

    @property
    def order(self) -> str:
        """The sort that applies: what is overdue is worked in the order in which it fell due."""
        return self.sort or ("due" if self.view == "overdue" else "newest")

    @property
    def narrowed(self) -> bool:
        """True when anything besides the view and the order limits the list."""
        return bool(set(self.address()) - {"view", "sort"})


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(current().timezone))


def _waiting() -> list[str]:
    return sorted({state.slug for kind in KINDS for state in kind.workflow.states if state.waits})


def _view(wanted: Wanted, desk: Desk, at: dt.datetime) -> Q:
    match wanted.view:
        case "mine":
            return Q(closed_at=None, assignee_id=desk.actor.user_id)
        case "area":
            return Q(closed_at=None, area_id__in=desk.area_ids) if desk.area_ids else NOTHING
        case "team":
            return Q(closed_at=None, team_id__in=desk.team_ids) if desk.team_ids else NOTHING
        case "unassigned":
            return Q(closed_at=None, assignee_id=None, team_id=None)
        case "overdue":
            return Q(closed_at=None, due_at__lt=at)
        case "waiting":
            # No closed one waits. Said to the database, it finds an area's few open cases; of the whole city it would
            # read all open ones to make sure.
            return Q(state__in=_waiting(), **({"closed_at": None} if desk.area_ids else {}))
        case _:
            return Q()


def _who(wanted: Wanted, field: str, value: str) -> Q:
    return Q(**{f"{field}_id": None if value == "none" else int(value)})


def _group(group: str) -> Q:
    ids = [pk for pk, known in categories().items() if any(t.group == group for t in known.texts.values())]
    return Q(category_id__in=ids)


_FILTERS: dict[str, Callable[[Wanted, str, dt.datetime], Q]] = {
    "category": lambda wanted, value, at: Q(category_id=int(value)),
    "group": lambda wanted, value, at: _group(value),
    "area": lambda wanted, value, at: Q(area_id__in=with_descendants().get(int(value), frozenset({int(value)}))),
    "state": lambda wanted, value, at: Q(closed_at=None) if value == "open" else Q(state=value),
    "channel": lambda wanted, value, at: Q(channel=value),
    "language": lambda wanted, value, at: Q(language=value),
    "assignee": lambda wanted, value, at: _who(wanted, "assignee", value),
    "team": lambda wanted, value, at: _who(wanted, "team", value),
    "outcome": lambda wanted, value, at: Q(outcome=value),
    "opened_from": lambda wanted, value, at: Q(opened_at__gte=_midnight(dt.date.fromisoformat(value))),
    "opened_to": lambda wanted, value, at: Q(
        opened_at__lt=_midnight(dt.date.fromisoformat(value) + dt.timedelta(days=1))
    ),
    "overdue": lambda wanted, value, at: Q(closed_at=None, due_at__lt=at),
    "photo": lambda wanted, value, at: Q(Exists(CaseFile.objects.filter(case=OuterRef("pk")))),
}


def inbox(wanted: Wanted, desk: Desk, *, at: dt.datetime, one_by_one: bool = False) -> CaseQuerySet:
    """Every case that this list shows to this person, unordered."""
    rows = Case.objects.visible_to(desk.actor).filter(_view(wanted, desk, at))
    for name, build in _FILTERS.items():
        value = getattr(wanted, name)
        if value:
            rows = rows.filter(build(wanted, value, at))
    if wanted.tag:
        rows = rows.tagged(int(wanted.tag)) if desk.inside else rows.none()
    if wanted.order == "due":
        rows = rows.filter(closed_at=None, due_at__isnull=False)
    return rows.saying(wanted.q, one_by_one=one_by_one) if wanted.q else rows


def reference_in(words: str) -> int | None:
    """The case number when the words searched for are a reference."""
    try:
        return parse_reference(words)
    except BadReference:
        return None


# --- one page, by the place in the order instead of a page number --------------------------------

_ORDERS: dict[str, tuple[str, bool]] = {
    "newest": ("opened_at", True), "oldest": ("opened_at", False), "due": ("due_at", False)
}  # fmt: skip
SORT_COLUMNS: dict[str, tuple[str, str]] = {
    "newest": ("-opened_at", "-id"), "oldest": ("opened_at", "id"), "due": ("due_at", "id")
}  # fmt: skip
SNIPPET = Left("text", 160)
COLUMNS = (
    "id", "kind", "state", "category_id", "area_id", "assignee__name", "team__name", "channel", "language", "outcome",
    "opened_at", "due_at", "closed_at", "snippet", "address", "tags",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list as dictionaries, and the places where the pages before and after begin."""

    rows: list[dict[str, Any]]
    newer: str
    older: str


def _place(text: str) -> tuple[dt.datetime, int] | None:
    """A place in an order, from an address: microseconds since 1970 and a case number."""
    try:
        moment, number = text.split(".", 1)
        return dt.datetime.fromtimestamp(int(moment) / 1e6, tz=dt.UTC), int(number)
    except (ValueError, OverflowError, OSError):
        return None


def place_of(row: Mapping[str, Any], column: str) -> str:
    """The place of a row in an order, for an address."""
    since = row[column] - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{since // dt.timedelta(microseconds=1)}.{row['id']}"


def beyond(rows: CaseQuerySet, column: str, place: tuple[dt.datetime, int], *, down: bool) -> CaseQuerySet:
    """Rows after a place in the order of (column, id); the first condition lets the index find it."""
    side = "lt" if down else "gt"
    moment, number = place
    return rows.filter(
        Q(**{f"{column}__{side}e": moment}),
        Q(**{f"{column}__{side}": moment}) | Q(**{column: moment, f"id__{side}": number}),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a page begins in the order, and which way it is read."""

    column: str
    falls: bool
    place: tuple[dt.datetime, int] | None
    backwards: bool


def cut_of(order: str, older: str, newer: str) -> Cut:
    """Where a page begins that an address asks for."""
    column, down = _ORDERS[order]
    place = _place(newer) if newer else _place(older)
    backwards = bool(newer and place)
    return Cut(column, down != backwards, place, backwards)


def page(wanted: Wanted, desk: Desk, *, at: dt.datetime, older: str = "", newer: str = "") -> Page:
    """One page of a list, after `older` or before `newer`: one statement, at most three when words are searched.

    The statement itself is kept: building it costs more than running it.
    """
    cut = cut_of(wanted.order, older, newer)
    if wanted.q:
        rows = _search(wanted, desk, cut, at=at)
    elif wanted.group or wanted.area:  # these follow rows that administrators change
        rows = _compile_page.__wrapped__(wanted, desk, cut).run(at)
    else:
        rows = _compile_page(wanted, desk, cut).run(at)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    more, found = len(found) > PAGE, found[:PAGE]
    if cut.backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    begins, ends = place_of(found[0], cut.column), place_of(found[-1], cut.column)
    before = more if cut.backwards else cut.place is not None
    after = True if cut.backwards else more
    return Page(found, begins if before else "", ends if after else "")


NEAR = 10_000


def _search(wanted: Wanted, desk: Desk, cut: Cut, *, at: dt.datetime) -> list[tuple[Any, ...]]:
    """Rows that say something. Looks at the next `NEAR` cases of the order first, then at all by the words' index.

    Common words are found at once among the next cases, and looking at each of them costs a tenth of intersecting the
    long lists that the index holds for common words; words that are not there are so rare that fetching all their
    cases is cheap. Left alone, the planner takes one way for both, and words that are each common but never together
    cost it a walk through the whole table.
    """
    if wanted.order != "due":
        sign = "-" if cut.falls else ""
        ahead = Case.objects.all()
        if cut.place:
            ahead = beyond(ahead, cut.column, cut.place, down=cut.falls)
        edge = ahead.order_by(f"{sign}{cut.column}", f"{sign}id").values_list(cut.column, flat=True)[NEAR:][:1]
        horizon = next(iter(edge), None)
        side = "gte" if cut.falls else "lte"
        near = {f"{cut.column}__{side}": horizon} if horizon else {}
        rows = _compile_page.__wrapped__(wanted, desk, cut, near).run(at)
        if horizon is None or len(rows) > PAGE:
            return rows
    return _compile_page.__wrapped__(wanted, desk, cut, by_words=True).run(at)


def count_views(views: tuple[str, ...], desk: Desk, *, at: dt.datetime) -> dict[str, int]:
    """How many cases each view holds, counted no further than just above `MANY`, in one statement."""
    names, statement = _compile_counts(views, desk)
    counts = next(iter(statement.run(at)), ())
    return dict.fromkeys(views, 0) | dict(zip(names, counts, strict=True))


# --- statements that are kept ---------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _compile_page(
    wanted: Wanted, desk: Desk, cut: Cut, near: Mapping[str, Any] | None = None, *, by_words: bool = False
) -> Timed:
    rows = inbox(wanted, desk, at=SOME_MOMENT, one_by_one=near is not None).filter(**(near or {}))
    if cut.place:
        rows = beyond(rows, cut.column, cut.place, down=cut.falls)
    # A sum with nothing is an expression that no index is sorted by: the words' index is used.
    key = ExpressionWrapper(F(cut.column) + Value(dt.timedelta(0)), DateTimeField()) if by_words else F(cut.column)
    number = F("id")
    order = (key.desc(), number.desc()) if cut.falls else (key.asc(), number.asc())
    found = rows.annotate(snippet=SNIPPET).order_by(*order).values(*COLUMNS)[: PAGE + 1]
    try:
        return timed(written(*found.query.sql_with_params()))
    except EmptyResultSet:
        return Timed("")


@lru_cache(maxsize=1024)
def _compile_counts(views: tuple[str, ...], desk: Desk) -> tuple[tuple[str, ...], Timed]:
    names, parts = [], []
    for view in views:
        rows = inbox(Wanted(view=view), desk, at=SOME_MOMENT).order_by().values_list("pk", flat=True)[: MANY + 1]
        try:
            sql = written(*rows.query.sql_with_params())
        except EmptyResultSet:
            continue
        names.append(view)
        parts.append(f"(SELECT count(*) FROM ({sql}) AS limited)")
    return tuple(names), timed("SELECT " + ", ".join(parts)) if parts else Timed("")
