"""Concerns that keep coming back: places with many in a few weeks, and areas with more than the season explains.

A place is where concerns lie within so many metres of each other, or under the same address where they have no point.
An area is compared, category by category, with the same weeks of up to three earlier years; where there are none,
nothing is said of it: a number alone would only tell which areas are large.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q

from commonbeat.cases.at_place import spoken
from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseLink
from commonbeat.cases.near import METRES_PER_DEGREE
from commonbeat.cases.queries import among
from commonbeat.community.agency import setting
from commonbeat.core.geography import Point, distance_m
from commonbeat.kinds.problem.effects import PHASES
from commonbeat.kinds.problem.models import Place, Problem

YEARS = 3
"""So many earlier years tell what is usual in these weeks."""
RARE = 0.001
"""An area stands out when so many concerns would come by chance once in a thousand such looks."""
MOST_PLACES = 200
"""Of one round, those with the most concerns."""
LISTED = 200
"""Concerns that one finding names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One concern, as far as it is counted."""

    pk: int
    category_id: int
    area_id: int | None
    address: str
    lat: float | None
    long: float | None


@dataclass(frozen=True)
class Finding:
    """Concerns that keep coming back at a place, or of one category in an area (then with what was expected)."""

    area_id: int | None
    category_id: int | None
    address: str
    lat: float | None
    long: float | None
    cases: tuple[int, ...]
    n: int
    expected: float | None = None
    years: int = 0
    addresses: frozenset[str] = field(default=frozenset(), compare=False)


def find(*, at: dt.datetime) -> list[Finding]:
    """Everything that keeps coming back now: seven statements, however much there is.

    What an open problem works on already is left out: its linked cases, its places, its categories in its areas.
    """
    since = at - dt.timedelta(weeks=int(setting("recurring_weeks")))
    rows = _rows(since, at)
    worked, metres = _worked(), float(setting("recurring_metres"))
    free = [row for row in rows if row.pk not in worked.cases]
    found = [one for one in _places(free, metres) if not worked.near(one, metres)]
    areas = [one for one in _areas(rows, since, at) if (one.area_id, one.category_id) not in worked.pairs]
    return found[:MOST_PLACES] + areas


def _rows(since: dt.datetime, at: dt.datetime) -> list[Row]:
    kinds = [kind.slug for kind in KINDS if kind.intake.categories and not kind.walled]
    quiet = [number for number, known in categories().items() if known.row.sensitive]
    rows = Case.objects.filter(kind__in=kinds, opened_at__gte=since, opened_at__lt=at, category__isnull=False)
    rows = rows.exclude(outcome__in=["withdrawn", "duplicate"]).exclude(category_id__in=quiet).order_by("-pk")
    return [Row(*row) for row in rows.values_list("id", "category_id", "area_id", "address", "lat", "long")]


@dataclass(frozen=True)
class _Worked:
    """What open problems work on."""

    cases: frozenset[int]
    pairs: frozenset[tuple[int | None, int | None]]
    points: tuple[Point, ...]

    def near(self, found: Finding, metres: float) -> bool:
        if found.lat is None or found.long is None:
            return False
        here = Point(found.lat, found.long)
        return any(distance_m(here, point) <= metres for point in self.points)


def _worked() -> _Worked:
    now = Q(case__kind="problem", case__state__in=PHASES)
    problems = list(Problem.objects.filter(now).values_list("pk", "categories", "areas"))
    numbers = [pk for pk, _, _ in problems]
    links = CaseLink.objects.filter(Q(one__in=numbers) | Q(other__in=numbers)).values_list("one_id", "other_id")
    points = Place.objects.filter(problem__in=numbers, lat__isnull=False).values_list("lat", "long")
    return _Worked(
        frozenset(number for pair in links for number in pair),
        frozenset((area, category) for _, kinds, areas in problems for area in areas for category in kinds),
        tuple(Point(lat or 0.0, long or 0.0) for lat, long in points),
    )


# --- places ----------------------------------------------------------------------------------------


def _places(rows: Sequence[Row], metres: float) -> list[Finding]:
    """Places with enough concerns, those with the most first; each concern counts for one place only."""
    least = int(setting("recurring_at_place"))
    by_address: dict[tuple[int | None, str], list[Row]] = defaultdict(list)
    for row in rows:
        if (row.lat is None or row.long is None) and spoken(row.address):
            by_address[row.area_id, spoken(row.address)].append(row)
    groups = []
    for group in _clusters([row for row in rows if row.lat is not None and row.long is not None], metres):
        for key in {(row.area_id, spoken(row.address)) for row in group}:
            group = [*group, *by_address.pop(key, ())]
        groups.append(group)
    made = [_place(group) for group in (*groups, *by_address.values()) if len(group) >= least]
    return sorted(made, key=lambda one: -one.n)


def _place(group: Sequence[Row]) -> Finding:
    addresses = Counter(" ".join(row.address.split()) for row in group if row.address.strip())
    areas = Counter(row.area_id for row in group if row.area_id)
    points = [(row.lat, row.long) for row in group if row.lat is not None and row.long is not None]
    lat, long = (sum(part) / len(points) for part in zip(*points, strict=True)) if points else (None, None)
    return Finding(
        areas.most_common(1)[0][0] if areas else None, None, addresses.most_common(1)[0][0] if addresses else "",
        lat, long, tuple(sorted(row.pk for row in group)[-LISTED:]), len(group),
        addresses=frozenset(spoken(address) for address in addresses),
    )  # fmt: skip


def _clusters(rows: Iterable[Row], metres: float) -> Iterator[list[Row]]:
    """Rows around the point with the most others within so many metres, then the next one of those that are left."""
    at_point: dict[tuple[float, float], list[Row]] = defaultdict(list)
    for row in rows:
        at_point[row.lat or 0.0, row.long or 0.0].append(row)
    near = _neighbours(list(at_point), metres)
    weight = {point: sum(len(at_point[other]) for other in others) for point, others in near.items()}
    taken: set[tuple[float, float]] = set()
    for point in sorted(near, key=lambda one: (-weight[one], one)):
        if point not in taken:
            mine = [other for other in near[point] if other not in taken]
            taken.update(mine)
            yield [row for other in mine for row in at_point[other]]


def _neighbours(
    points: Sequence[tuple[float, float]], metres: float
) -> Mapping[tuple[float, float], list[tuple[float, float]]]:
    """By point: the points within so many metres, itself among them. Only squares beside its own are looked at."""
    high = metres / METRES_PER_DEGREE
    widest = max((abs(lat) for lat, _ in points), default=0.0)
    wide = high / max(math.cos(math.radians(min(widest, 89.0))), 0.01)
    squares: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for lat, long in points:
        squares[math.floor(lat / high), math.floor(long / wide)].append((lat, long))
    found = {}
    for lat, long in points:
        row, column, here = math.floor(lat / high), math.floor(long / wide), Point(lat, long)
        beside = (squares.get((row + a, column + b), ()) for a in (-1, 0, 1) for b in (-1, 0, 1))
        found[lat, long] = [other for some in beside for other in some if distance_m(here, Point(*other)) <= metres]
    return found


# --- areas -----------------------------------------------------------------------------------------


def _areas(rows: Sequence[Row], since: dt.datetime, at: dt.datetime) -> list[Finding]:
    """Categories in areas with more concerns than these weeks of earlier years explain, the furthest above first."""
    least = int(setting("recurring_in_area"))
    numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        if row.area_id:
            numbers[row.area_id, row.category_id].append(row.pk)
    enough = {pair: cases for pair, cases in numbers.items() if len(cases) >= least}
    years, before = _before(enough, since, at, now=len(rows))
    made = []
    for (area, category), cases in enough.items():
        past = before.get((area, category), 0)
        if years and chance_of(len(cases), past=past, years=years) < RARE:
            listed = tuple(sorted(cases)[-LISTED:])
            made.append(Finding(area, category, "", None, None, listed, len(cases), past / years, years))
    return sorted(made, key=lambda one: (one.expected or 0) - one.n)


def _before(
    pairs: Iterable[tuple[int, int]], since: dt.datetime, at: dt.datetime, *, now: int
) -> tuple[int, Mapping[tuple[int, int], int]]:
    """How many earlier years can be compared with, and by area and category the concerns of their same weeks together.

    A year in which these weeks had less than half of the concerns of now says how people reported then, not how often
    it happened: it is left out.
    """
    spans = [relativedelta(years=number) for number in range(1, YEARS + 1)]
    weeks = [Q(opened_at__gte=since - span, opened_at__lt=at - span) for span in spans]
    counted = Case.objects.exclude(outcome__in=["withdrawn", "duplicate"])
    totals = counted.filter(opened_at__gte=since - spans[-1], opened_at__lt=at - spans[0]).aggregate(
        **{f"y{number}": Count("pk", filter=week & Q(category__isnull=False)) for number, week in enumerate(weeks)}
    )
    known = [week for number, week in enumerate(weeks) if totals[f"y{number}"] * 2 >= now]
    areas, kinds = {area for area, _ in pairs}, {category for _, category in pairs}
    those = reduce(or_, known, Q(pk__in=[]))
    rows = counted.filter(those, among("area_id", areas), among("category_id", kinds))
    found = rows.values_list("area_id", "category_id").annotate(n=Count("pk"))
    return len(known), {(area, category): n for area, category, n in found if area and category}


def chance_of(n: int, *, past: int, years: int) -> float:
    """How likely `n` or more are, where `past` came in as many weeks of `years` years.

    The negative binomial that follows from Poisson counts whose mean is known from those years alone: one quiet year
    proves little, and the answer says so.
    """
    size, share = past + 0.5, years / (years + 1)
    below = 0.0
    for count in range(n):
        below += math.exp(
            math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
            + size * math.log(share) + count * math.log(1 - share)
        )  # fmt: skip
    return max(0.0, 1.0 - below)
