"""What happens to problems besides their steps: they are started from cases, and watched after they are closed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from commonbeat.activities.coming_of import link_case, mark_of
from commonbeat.activities.models import Activity
from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.models import Case
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Field, Invalid, clean
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.geography import Point, distance_m
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem import counting
from commonbeat.kinds.problem.alerts import make_problem
from commonbeat.kinds.problem.joint_vocabulary import PROJECT_TYPES, REVIEW_TYPES
from commonbeat.kinds.problem.linking import link_cases
from commonbeat.kinds.problem.models import Problem, Recurrence
from commonbeat.kinds.problem.vocabulary import ORIGINS, PRIORITIES, TYPES

CLOSE_TOGETHER_M = 1000
"""Cases within so many metres of each other have a middle that says where the problem is."""
MOST = 200
FIELDS = (
    Field("title", N_("Name of the problem"), required=True, maximum=120,
          hint=N_("What happens to whom, and where. Name no private person.")),
    Field("text", N_("Statement of the problem"), "text", required=True,
          hint=N_("What keeps happening, to whom, where, when, and since when.")),
    Field("type", N_("Type of problem"), "singlevaluelist", required=True, choices=TYPES),
    Field("priority", N_("Priority"), "singlevaluelist", choices=PRIORITIES),
    Field("origin", N_("How it came up"), "singlevaluelist", choices=ORIGINS, initial="concerns"),
    Field("area", N_("Area"), required=True, source="area"),
    Field("address", N_("Address or landmark"), hint=N_("Where it happens most.")),
)  # fmt: skip
"""What is asked when a problem is started."""
_AREA = Field("area", N_("Area"), required=True, source="area")
JOINT_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "project": (
        Field("title", N_("Name of the project"), required=True, maximum=120),
        Field("text", N_("What it is"), "text", required=True),
        Field("type", N_("Type of project"), "singlevaluelist", required=True, choices=PROJECT_TYPES),
        Field("goals", N_("What it is to reach"), "text"),
        _AREA,
        Field("address", N_("Address or landmark"), hint=N_("Where it is, if it is at one place.")),
    ),
    "review": (
        Field("title", N_("What is looked back at"), required=True, maximum=120,
              hint=N_("The event or operation, and its day. Name no private person.")),
        Field("text", N_("What happened"), "text", required=True, hint=N_("In the order in which it happened.")),
        Field("type", N_("Type of operation"), "singlevaluelist", required=True, choices=REVIEW_TYPES),
        Field("goals", N_("What was meant to happen"), "text"),
        _AREA,
        Field("address", N_("Address or landmark")),
    ),
}  # fmt: skip
"""What is asked when a joint project or a review is started, by its kind."""
TOO_MANY = N_("Start from %(most)s cases at most; link the others later.")


@dataclass(frozen=True)
class Start:
    """What the chosen cases already say: where, which categories, and the point in their middle if they are near."""

    area_id: int | None
    address: str
    categories: tuple[int, ...]
    areas: tuple[int, ...]
    point: tuple[float, float] | None

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Start:
        """Read it from the cases."""
        areas = [case.area_id for case in cases if case.area_id]
        addresses = [case.address for case in cases if case.address]
        return cls(
            max(areas, key=areas.count) if areas else None,
            max(addresses, key=addresses.count) if addresses else "",
            tuple(sorted({case.category_id for case in cases if case.category_id})),
            tuple(sorted(set(areas))), _middle(cases),
        )  # fmt: skip


def _middle(cases: Iterable[Case]) -> tuple[float, float] | None:
    points = [Point(case.lat, case.long) for case in cases if case.lat is not None and case.long is not None]
    if not points:
        return None
    middle = Point(sum(p.lat for p in points) / len(points), sum(p.long for p in points) / len(points))
    return (middle.lat, middle.long) if all(distance_m(middle, p) <= CLOSE_TOGETHER_M for p in points) else None


@transaction.atomic
def start_problem(
    cases: Sequence[Case], *, answers: dict[str, object], actor: Actor, at: dt.datetime,
    client_id: uuid.UUID | None = None, found: Recurrence | None = None, meeting: Activity | None = None,
) -> Opened:  # fmt: skip
    """Open a problem from cases (or none), linked to them and counting their categories. Raises `Invalid`.

    Whoever starts it works it. `found` is what keeps coming back, and `meeting` where people spoke of it, where it is
    started from there. The same `client_id` again finds the first one.
    """
    if len(cases) > MOST:
        raise Invalid([Wrong("", TOO_MANY, {"most": MOST})])
    given, known = clean(FIELDS, answers), Start.of(cases)
    lat, long = known.point or (None, None)
    report = Report(
        text=given["text"], address=given.get("address", ""), area_id=int(given["area"]), lat=lat, long=long,
        channel="desk", extra={"title": given["title"], **(mark_of(meeting) if meeting else {})},
    )  # fmt: skip
    opened = open_case("problem", report, actor=actor, at=at, client_id=client_id)
    if opened.replayed:
        return opened
    case = opened.case
    Problem.objects.create(
        case=case, type=given["type"], priority=given.get("priority") or "", origin=given.get("origin") or "",
        categories=list(known.categories), areas=list(known.areas or (int(given["area"]),)),
    )  # fmt: skip
    if meeting:
        link_case(meeting, case, actor=actor, at=at)
    if found:
        make_problem(found, case, actor=actor, at=at)
    link_cases(case, [one.pk for one in cases], at=at)
    if actor.user_id:
        act(case, "assign", data={"user": actor.user_id}, actor=actor, at=at)
    return opened


@transaction.atomic
def start_joint(
    kind: str, *, answers: dict[str, object], actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Opened:
    """Open a joint project or a review. Raises `Invalid`. The same `client_id` again finds the first one.

    Whoever starts it works it.
    """
    given = clean(JOINT_FIELDS[kind], answers)
    report = Report(
        text=given["text"], address=given.get("address", ""), area_id=int(given["area"]), channel="desk",
        extra={"title": given["title"]},
    )  # fmt: skip
    opened = open_case(kind, report, actor=actor, at=at, client_id=client_id)
    if not opened.replayed:
        Problem.objects.create(
            case=opened.case, type=given["type"], goals=given.get("goals") or "", areas=[int(given["area"])]
        )
        if actor.user_id:
            act(opened.case, "assign", data={"user": actor.user_id}, actor=actor, at=at)
    return opened


def check_relapses(*, at: dt.datetime) -> list[Entry]:
    """Open problems again that came back: as many cases as their alarm within the days that are watched."""
    rows = Problem.objects.filter(case__state="monitored", alarm_count__isnull=False).select_related("case")
    made = []
    for problem in rows:
        count = counting.relapsed(problem, at=at)
        if count is not None:
            made.append(act(problem.case, "relapse", data={"count": count}, actor=SYSTEM, at=at))
    return made


def working_on(area_id: int, *, actor: Actor) -> list[Case]:
    """Open problems that count the cases of an area and that this actor may see, the newest first."""
    rows = Case.objects.visible_to(actor).open().filter(kind="problem", problem__areas__contains=[area_id])
    return list(rows.defer("search").order_by("-opened_at", "-id")[:20])
