"""Counts of a problem: how many cases a month, before and after the response, and where they come back.

Other parts of the product add series of their own (incidents, calls) to `SERIES`; each is counted by the same query and
frozen with the same baseline.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Lower

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.near import Near, within
from commonbeat.cases.queries import CaseQuerySet, among
from commonbeat.community.agency import local_day
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.geography import cells_within
from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.models import Observation
from commonbeat.kinds.problem.models import Problem

MONTHS = 12
WATCHED = dt.timedelta(days=90)
"""After a problem is closed, its cases of so long are counted for a relapse."""
A_MONTH = 365.25 / 12
"""Days: rates before and after are told per month of this length."""
A_DEGREE_M = 111_195.0
"""Metres in a degree of latitude; over a few kilometres the earth is flat enough for it."""
MOST_PLACES = 20
"""Around so many places of a problem cases are looked for."""
ENOUGH_MONTHS = 3
"""With fewer months after the response a comparison is too early."""


@dataclass(frozen=True, slots=True)
class Query:
    """What counts for a problem: categories and areas; where a point is given, only so near to it, or beyond."""

    categories: tuple[int, ...]
    areas: tuple[int, ...]
    lat: float | None = None
    long: float | None = None
    radius_m: int | None = None
    beyond_m: int | None = None

    @classmethod
    def of(cls, problem: Problem) -> Query:
        """The query of a problem."""
        case, near = problem.case, problem.radius_m if problem.case.lat is not None else None
        point = (case.lat, case.long) if near else (None, None)
        return cls(tuple(problem.categories), tuple(problem.areas), *point, near)

    @property
    def is_empty(self) -> bool:
        """True while nobody said what counts."""
        return not self.categories


Counter = Callable[[Query, Sequence[tuple[dt.datetime, dt.datetime]]], list[int]]


@dataclass(frozen=True)
class Series:
    """Something that can be counted for a problem: `count` answers for each span of time, from (in) until (out)."""

    slug: str
    label: str
    count: Counter


SERIES: Registry[Series] = Registry("series")


def counted(query: Query, *, actor: Actor) -> CaseQuerySet:
    """The cases that count, as far as this actor may see them; withdrawn ones don't, and no kind behind a wall."""
    if query.is_empty:
        return Case.objects.visible_to(actor).filter(pk__in=[])
    kinds = [kind.slug for kind in KINDS if kind.intake.categories and not kind.walled]
    rows = Case.objects.visible_to(actor).filter(kind__in=kinds, category_id__in=query.categories)
    rows = rows.exclude(outcome="withdrawn")
    if query.areas:
        rows = rows.filter(among("area_id", query.areas))
    if query.radius_m and query.lat is not None and query.long is not None:
        cells = cells_within(query.lat, query.long, float(query.radius_m))
        north = (F("lat") - query.lat) * A_DEGREE_M
        east = (F("long") - query.long) * A_DEGREE_M * math.cos(math.radians(query.lat))
        rows = rows.filter(among("cell", cells), cell__isnull=False).alias(away=north * north + east * east)
        rows = rows.filter(away__lte=float(query.radius_m) ** 2)  # type: ignore[misc]
        if query.beyond_m:
            rows = rows.filter(away__gt=float(query.beyond_m) ** 2)  # type: ignore[misc]
    return rows


def count_cases(query: Query, spans: Sequence[tuple[dt.datetime, dt.datetime]]) -> list[int]:
    """How many cases were opened in each span: one statement. Whoever looks, the numbers are the department's."""
    if query.is_empty or not spans:
        return [0] * len(spans)
    columns = {
        f"n{number}": Count("pk", filter=Q(opened_at__gte=start, opened_at__lt=end))
        for number, (start, end) in enumerate(spans)
    }
    whole = Q(opened_at__gte=min(start for start, _ in spans), opened_at__lt=max(end for _, end in spans))
    found = counted(query, actor=SYSTEM).filter(whole).aggregate(**columns)
    return [int(found[name]) for name in columns]


SERIES.add(Series("concerns", N_("Cases of the categories that count"), count_cases))


def months_before(end: dt.datetime, count: int = MONTHS) -> list[tuple[dt.datetime, dt.datetime]]:
    """The `count` months that end at a moment, the oldest first; each ends on the same day of the month."""
    edges = [end - relativedelta(months=back) for back in range(count, -1, -1)]
    return list(pairwise(edges))


def freeze(problem: Problem, *, at: dt.datetime) -> dict[str, Any]:
    """The baseline: every series by month for the twelve months before, with the query and the moment it was taken."""
    spans, query = months_before(at), Query.of(problem)
    return {
        "at": at.isoformat(), "from": spans[0][0].isoformat(), "days": (spans[-1][1] - spans[0][0]).days,
        "query": {"categories": query.categories, "areas": query.areas, "lat": query.lat, "long": query.long,
                  "radius_m": query.radius_m},
        "series": {one.slug: one.count(query, spans) for one in SERIES},
        "measures": measured(problem, since=local_day(spans[0][0])),
        "ends": [local_day(end).isoformat() for _, end in spans],
    }  # fmt: skip


def measured(problem: Problem, *, since: dt.date) -> dict[str, list[tuple[str, float]]]:
    """The chosen measures by month for the problem's areas, as the evidence counted them: one statement."""
    areas = problem.areas or ([problem.case.area_id] if problem.case.area_id else [])
    rows = Observation.objects.filter(measure__in=problem.measures, area_id__in=areas, on__gte=since)
    found: dict[str, list[tuple[str, float]]] = {slug: [] for slug in problem.measures}
    for row in rows.values("measure", "on").annotate(total=Sum("value")).order_by("on"):
        found[row["measure"]].append((row["on"].isoformat(), float(row["total"])))
    return found


def _query_of(baseline: Mapping[str, Any]) -> Query:
    kept = baseline["query"]
    return Query(
        tuple(kept["categories"]), tuple(kept["areas"]), kept["lat"], kept["long"], kept["radius_m"]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases per month before and after, with what may honestly be said of the difference."""

    before: int
    after: int
    days_before: int
    days_after: int

    @property
    def rate_before(self) -> float:
        """Cases per month before the response."""
        return self.before / self.days_before * A_MONTH if self.days_before else 0.0

    @property
    def rate_after(self) -> float:
        """Cases per month since the response began."""
        return self.after / self.days_after * A_MONTH if self.days_after else 0.0

    @property
    def months_after(self) -> float:
        """How long after is, in months."""
        return self.days_after / A_MONTH

    @property
    def too_early(self) -> bool:
        """True while too little time has passed to compare anything."""
        return self.months_after < ENOUGH_MONTHS

    @property
    def change(self) -> float | None:
        """Change of the rate in percent; None where there was nothing before."""
        return (self.rate_after / self.rate_before - 1) * 100 if self.before and self.days_after else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the change in percent, if cases came by chance alone (Poisson, on the logarithm).

        Both counts are needed: with none on either side there is no interval of this sort.
        """
        change = self.change
        if change is None or not self.after:
            return None
        half = 1.96 * math.sqrt(1 / self.before + 1 / self.after)
        ratio = 1 + change / 100
        return (ratio * math.exp(-half) - 1) * 100, (ratio * math.exp(half) - 1) * 100

    @property
    def could_be_chance(self) -> bool:
        """True where the interval holds no change, or where there is none."""
        return self.interval is None or self.interval[0] <= 0 <= self.interval[1]

    def kept(self) -> dict[str, int]:
        """The numbers to store."""
        return {"before": self.before, "after": self.after, "days_before": self.days_before,
                "days_after": self.days_after}  # fmt: skip


def compare(problem: Problem, *, until: dt.datetime, series: str = "concerns") -> Comparison | None:
    """Before and after the response, by the frozen query; None before it began or where nothing was counted."""
    baseline = problem.baseline
    if baseline is None or problem.started_at is None or series not in baseline["series"]:
        return None
    query = _query_of(baseline)
    if query.is_empty:
        return None
    after = SERIES[series].count(query, [(problem.started_at, until)])[0] if until > problem.started_at else 0
    return Comparison(sum(baseline["series"][series]), after, baseline["days"], (until - problem.started_at).days)


def compare_around(problem: Problem, *, until: dt.datetime) -> Comparison | None:
    """Before and after in the ring around the place, as wide as its radius: what moved, or spread for the better.

    None where the query has no radius. Nothing of it is frozen: both sides are counted now, by the frozen query.
    """
    if problem.baseline is None or problem.started_at is None or until <= problem.started_at:
        return None
    query = _query_of(problem.baseline)
    if not query.radius_m or query.lat is None:
        return None
    ring = replace(query, areas=(), radius_m=2 * query.radius_m, beyond_m=query.radius_m)
    start = dt.datetime.fromisoformat(problem.baseline["from"])
    before, after = count_cases(ring, [(start, problem.started_at), (problem.started_at, until)])
    return Comparison(before, after, problem.baseline["days"], (until - problem.started_at).days)


def months_since(problem: Problem, *, until: dt.datetime) -> list[tuple[dt.datetime, int]]:
    """Cases by month since the response began, the last month as far as it has come: its end and its count."""
    if problem.baseline is None or problem.started_at is None or until <= problem.started_at:
        return []
    spans, start, number = [], problem.started_at, 1
    while start < until and number <= 60:
        end = min(problem.started_at + relativedelta(months=number), until)
        spans.append((start, end))
        start, number = end, number + 1
    counts = count_cases(_query_of(problem.baseline), spans)
    return [(end, count) for (_, end), count in zip(spans, counts, strict=True)]


def places_again(problem: Problem, *, actor: Actor, at: dt.datetime, most: int = 5) -> list[tuple[str, int]]:
    """Where cases that count came back within twelve months: address and how often, the most often first."""
    rows = (
        counted(Query.of(problem), actor=actor)
        .filter(opened_at__gte=at - relativedelta(months=MONTHS))
        .exclude(address="")
        .values(same=Lower("address"))
        .annotate(times=Count("pk"), where=Max("address"))
        .filter(times__gte=2)
        .order_by("-times", "same")[:most]
    )
    return [(row["where"], row["times"]) for row in rows]


def near_places(problem: Problem, *, actor: Actor, at: dt.datetime, metres: float, most: int = 10) -> list[Case]:
    """Cases of twelve months close to a place of the problem that are not linked to it, the newest first.

    Of the categories that count, or of any while nobody said which; as far as this actor may see them.
    """
    found = problem.places.filter(lat__isnull=False).values_list("lat", "long")[:MOST_PLACES]
    points = [(lat, long) for lat, long in found if lat is not None and long is not None]
    kinds = [kind.slug for kind in KINDS if kind.intake.categories and not kind.walled]
    here = Q(pk__in=[])
    for lat, long in points:
        here |= Q(among("cell", cells_within(lat, long, metres)), cell__isnull=False) & within(Near(lat, long, metres))
    if not points:
        return []
    rows = Case.objects.visible_to(actor).linkable().filter(here, kind__in=kinds)
    rows = rows.filter(opened_at__gte=at - relativedelta(months=MONTHS)).exclude(outcome="withdrawn")
    if problem.categories:
        rows = rows.filter(category_id__in=problem.categories)
    rows = rows.exclude(links_to__one=problem.pk).exclude(links_from__other=problem.pk)
    return list(rows.defer("search").order_by("-opened_at", "-id")[:most])


def relapsed(problem: Problem, *, at: dt.datetime) -> int | None:
    """How many cases came since closing, within the days that are watched, if they reach the alarm; else None."""
    closed_at = problem.case.closed_at
    if not problem.alarm_count or closed_at is None:
        return None
    query = _query_of(problem.baseline) if problem.baseline else Query.of(problem)
    count = count_cases(query, [(max(closed_at, at - WATCHED), at)])[0]
    return count if count >= problem.alarm_count else None
