"""How cases of one kind go: counted over what a reader may see, in a fixed number of statements, one for each table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, DateTimeField, DurationField, ExpressionWrapper, F, Min, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncMonth

from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.cases.queries import CaseQuerySet
from commonbeat.cases.walls import unread_kinds
from commonbeat.community.agency import local_day, setting, zone
from commonbeat.core.actor import Actor
from commonbeat.core.numbers import HIDDEN, Suppressed, suppress, suppress_table
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry

Number = int | Suppressed
MOST_MONTHS = 120
LINES: dict[str, tuple[str, str]] = {
    "opened": (N_("Opened"), N_("Cases that came in or were begun in the period.")),
    "closed": (N_("Closed"), N_("Cases that ended in the period, whenever they came.")),
    "open": (N_("Open now"), N_("Cases that somebody still has to work on today, whatever the period.")),
    "overdue": (N_("Overdue now"), N_("Open cases one of whose clocks has run out.")),
    "waiting": (N_("Waiting now"), N_("Open cases in which somebody else has to answer first; clocks rest.")),
    "reopened": (N_("Opened again"), N_("Cases that were closed once and opened again in the period.")),
}
"""Each count with its name and what it means."""
SPANS: dict[str, tuple[str, str]] = {
    "acknowledge": (N_("Days to the first answer"), N_("From opening to the first answer, of cases opened in the period and answered by now. Nights and weekends count.")),  # noqa: E501
    "close": (N_("Days to close"), N_("From opening to closing, of cases closed in the period. Nights, weekends and waiting count.")),  # noqa: E501
}  # fmt: skip
TABLES: dict[str, str] = {
    "month": N_("By month"), "outcome": N_("By outcome"), "area": N_("By area"), "category": N_("By category"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Months:
    """A stretch of whole months; both count."""

    first: dt.date
    last: dt.date

    @classmethod
    def read(cls, first: str, last: str, *, at: dt.datetime) -> tuple[Months, bool]:
        """The months of an address (`2026-03`), and whether they could be read; otherwise the last twelve."""
        today = local_day(at).replace(day=1)
        usual = cls(_plus(today, -11), today)
        begin, end = _month(first) if first else usual.first, _month(last) if last else usual.last
        if begin is None or end is None or begin > end or _plus(begin, MOST_MONTHS) <= end:
            return usual, False
        return cls(begin, end), True

    @property
    def start(self) -> dt.datetime:
        """The moment at which the first month begins here."""
        return dt.datetime.combine(self.first, dt.time(), tzinfo=zone())

    @property
    def end(self) -> dt.datetime:
        """The moment after the last month."""
        return dt.datetime.combine(_plus(self.last, 1), dt.time(), tzinfo=zone())

    def each(self) -> list[dt.date]:
        """The first day of each month."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(_plus(found[-1], 1))
        return found


def _plus(day: dt.date, months: int) -> dt.date:
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _month(text: str) -> dt.date | None:
    try:
        found = dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


class Quantile(Aggregate):
    """The value below which a share of the rows lies, between two rows where it falls between them."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, in days: half of the cases, and nine of ten, took no longer; None for too few cases."""

    n: Number
    median: float | None
    ninth: float | None


@dataclass(frozen=True)
class Row:
    """One line of a table: a month, an outcome, an area or a category, with its counts by name."""

    key: Any
    counts: Mapping[str, Number]


@dataclass(frozen=True)
class Statistics:
    """The numbers of a kind over some months, as one reader sees them."""

    kind: Kind
    months: Months
    counts: Mapping[str, Number]
    spans: Mapping[str, Span]
    tables: Mapping[str, list[Row]]
    hides: bool


def readable(actor: Actor) -> list[Kind]:
    """Kinds whose cases one of this actor's roles reads."""
    hidden = set(unread_kinds(actor))
    return [kind for kind in KINDS if kind.slug not in hidden]


def count(kind: Kind, months: Months, *, actor: Actor, at: dt.datetime) -> Statistics:
    """Count what this actor may see of a kind. Sealed and walled kinds show no small numbers, whoever reads."""
    rows = Case.objects.visible_to(actor).filter(kind=kind.slug)
    opened = Q(opened_at__gte=months.start, opened_at__lt=months.end)
    closed = Q(closed_at__gte=months.start, closed_at__lt=months.end)
    found = rows.aggregate(**_counts(kind, opened, closed, at), **_spans(opened, closed))
    counts: dict[str, Number] = {name: found[name] for name in LINES if name != "reopened"}
    counts["reopened"] = _reopened(kind, rows, months)
    per = {"opened": Count("pk", filter=opened), "closed": Count("pk", filter=closed),
           "open": Count("pk", filter=Q(closed_at=None))}  # fmt: skip
    tables = {
        "month": _by_month(rows, opened, closed, months),
        "outcome": _table(rows.filter(closed), "outcome", {"closed": Count("pk")}),
        "area": _table(rows, "area_id", per), "category": _table(rows, "category_id", per),
    }  # fmt: skip
    minimum = int(setting("minimum_count"))
    hides = kind.sealed or kind.walled
    if hides:
        tables = {name: _suppressed(table, minimum) for name, table in tables.items()}
        counts = {name: suppress(int(n), minimum=minimum) for name, n in counts.items() if isinstance(n, int)}
        counts |= {name: HIDDEN for name in ("opened", "closed", "open") if _gives_away(name, tables)}
    spans = {name: _span(found, name, minimum) for name in SPANS}
    return Statistics(kind, months, counts, spans, tables, hides)


def _counts(kind: Kind, opened: Q, closed: Q, at: dt.datetime) -> dict[str, Count]:
    waits = [state.slug for state in kind.workflow.states if state.waits]
    return {
        "opened": Count("pk", filter=opened), "closed": Count("pk", filter=closed),
        "open": Count("pk", filter=Q(closed_at=None)),
        "overdue": Count("pk", filter=Q(closed_at=None, due_at__lt=at)),
        "waiting": Count("pk", filter=Q(closed_at=None, state__in=waits)),
    }  # fmt: skip


def _spans(opened: Q, closed: Q) -> dict[str, Any]:
    met = Cast(KeyTextTransform("met", F("clocks__acknowledge")), DateTimeField())
    lengths = {
        "acknowledge": (ExpressionWrapper(met - F("opened_at"), DurationField()),
                        opened & Q(clocks__acknowledge__met__isnull=False) & ~Q(clocks__acknowledge__met=None)),
        "close": (ExpressionWrapper(F("closed_at") - F("opened_at"), DurationField()), closed),
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, (length, which) in lengths.items():
        found[f"{name}_n"] = Count("pk", filter=which)
        found[f"{name}_median"] = Quantile(length, share=0.5, filter=which)
        found[f"{name}_ninth"] = Quantile(length, share=0.9, filter=which)
    return found


def _span(found: Mapping[str, Any], name: str, minimum: int) -> Span:
    """Days; of fewer cases than the minimum nothing is said, since it would be said of single people."""
    n = found[f"{name}_n"]
    if n < minimum:
        return Span(suppress(n, minimum=minimum), None, None)
    days = [found[f"{name}_{share}"] / dt.timedelta(days=1) for share in ("median", "ninth")]
    return Span(n, *days)


def _reopened(kind: Kind, rows: CaseQuerySet, months: Months) -> int:
    flow = kind.workflow
    again = [f"case.{s.slug}" for s in flow.steps if s.to in flow.open_states and s.at.isdisjoint(flow.open_states)]
    entries = Entry.objects.filter(
        Q(verb__in=again) | Q(data__reopened=True), subject_kind="case", subject_id__in=rows.values("pk"),
        at__gte=months.start, at__lt=months.end,
    )  # fmt: skip
    return entries.values("subject_id").distinct().count()


def _table(rows: CaseQuerySet, column: str, per: Mapping[str, Any]) -> list[Row]:
    found = rows.order_by().values(column).annotate(**per, first=Min("pk"))
    made = [Row(row[column], {name: row[name] for name in per}) for row in found if any(row[name] for name in per)]
    return sorted(made, key=lambda row: [-int(n) for n in row.counts.values() if isinstance(n, int)])


def _by_month(rows: CaseQuerySet, opened: Q, closed: Q, months: Months) -> list[Row]:
    def each(column: str, which: Q) -> dict[dt.date, int]:
        month = TruncMonth(column, tzinfo=zone())
        found = rows.filter(which).order_by().values(month=month).annotate(n=Count("pk"))
        return {row["month"].date(): row["n"] for row in found}

    came, ended = each("opened_at", opened), each("closed_at", closed)
    return [Row(day, {"opened": came.get(day, 0), "closed": ended.get(day, 0)}) for day in months.each()]


# --- small numbers of kinds that not everybody may know of -------------------------------------------


def _suppressed(table: list[Row], minimum: int) -> list[Row]:
    """Every column as a table of its own, with its total: no hidden number can be worked out from the others."""
    names = list(table[0].counts) if table else []
    hidden = {
        name: suppress_table({row.key: {"n": _int(row, name)} for row in table}, minimum=minimum) for name in names
    }
    return [Row(row.key, {name: hidden[name].cells[row.key]["n"] for name in names}) for row in table]


def _int(row: Row, name: str) -> int:
    found = row.counts[name]
    return found if isinstance(found, int) else 0


def _gives_away(name: str, tables: Mapping[str, list[Row]]) -> bool:
    """True when a table hides exactly one number of this sort: the total would give it away."""
    return any(sum(isinstance(row.counts.get(name), Suppressed) for row in rows) == 1 for rows in tables.values())
