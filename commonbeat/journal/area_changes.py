"""Changes to the map: new areas from a file, which level serves, how many people live where."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from django.db import transaction

from commonbeat.community.agency import local_day
from commonbeat.community.models import Area
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor
from commonbeat.core.area_files import AreaShape
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal import history
from commonbeat.journal.verbs import record

SAME_CODE = N_("Two areas in the file have the code “%(code)s”. Give each a code of its own, or name another property.")
HAS_REVISION = N_(
    "Revision “%(revision)s” of this level exists already. Name the new boundaries differently, such as 2027."
)
NO_LEVEL = N_("There are no current areas of this level.")
BAD_CSV = N_("Line %(line)s cannot be read. Each line needs a code, a year and a number, such as: 41,2020,25000")
UNKNOWN_CODE = N_("Line %(line)s names area “%(code)s”, which this level does not have. Check the code.")


@dataclass(frozen=True)
class Upload:
    """What a file of areas would do: the shapes, and current areas by code that they replace."""

    shapes: Sequence[AreaShape]
    level: str
    revision: str


def area_codes(shapes: Sequence[AreaShape]) -> list[str]:
    """The code of each area: its id in the file, or its name."""
    return [(shape.external_id or shape.name)[:40] for shape in shapes]


def check_areas(upload: Upload) -> None:
    """Raise `Invalid` when the areas cannot be stored together."""
    seen: set[str] = set()
    for code in area_codes(upload.shapes):
        if code in seen:
            raise Invalid([Problem("file", SAME_CODE, {"code": code})])
        seen.add(code)
    if Area.objects.filter(level=upload.level, revision=upload.revision).exists():
        raise Invalid([Problem("revision", HAS_REVISION, {"revision": upload.revision})])


@transaction.atomic
def add_areas(upload: Upload, *, serves: bool, actor: Actor, at: dt.datetime) -> list[Area]:
    """Store areas as a new revision of their level; older revisions of the level are retired. Raises `Invalid`.

    Cases keep the area that they were filed under; new ones are filed under the new boundaries. Officers, teams and
    grants follow an area with the same code.
    """
    check_areas(upload)
    earlier = list(Area.objects.select_for_update().filter(level=upload.level, retired_at__isnull=True))
    serves = serves or any(area.serves for area in earlier)
    by_code = {area.code: area for area in earlier}
    made = []
    for code, item in zip(area_codes(upload.shapes), upload.shapes, strict=True):
        before = by_code.get(code)
        area = Area(
            code=code, level=upload.level, revision=upload.revision, name=item.name[:120], serves=serves,
            geometry=shapely.geometry.mapping(item.geometry), parent_id=before.parent_id if before else None,
            population=before.population if before else {},
        )  # fmt: skip
        area.save()
        record("area", area.pk, "area.added", actor=actor, at=at, first=True,
               data={"after": history.snapshot(area), "before": {}, "from": before.pk if before else None})  # fmt: skip
        if before:
            _follow(before, area, at=at)
        made.append(area)
    for area in earlier:
        history.change(area, {"retired_at": at, "serves": False}, actor=actor, at=at, verb="retired")
    if serves:
        set_serving(upload.level, actor=actor, at=at)
    touch("areas")
    touch("officers")
    return made


def _follow(before: Area, area: Area, *, at: dt.datetime) -> None:
    """Whoever is responsible for the old boundary is for the new one."""
    today = local_day(at)
    before.assignments.filter(until=None).update(area=area)
    before.assignments.filter(until__gte=today).update(area=area)
    for team in before.teams.all():
        team.areas.add(area)
    for grant in before.rolegrant_set.all():
        grant.areas.add(area)
    for key in before.apikey_set.all():
        key.areas.add(area)
    Area.objects.filter(parent=before, retired_at__isnull=True).update(parent=area)


@transaction.atomic
def set_serving(level: str, *, actor: Actor, at: dt.datetime) -> None:
    """File new concerns under the areas of this level, and of no other. Raises `Invalid`."""
    current = Area.objects.filter(retired_at__isnull=True)
    if not current.filter(level=level).exists():
        raise Invalid([Problem("level", NO_LEVEL)])
    for area in current.exclude(level=level).filter(serves=True):
        history.change(area, {"serves": False}, actor=actor, at=at)
    for area in current.filter(level=level, serves=False):
        history.change(area, {"serves": True}, actor=actor, at=at)
    touch("areas")


@transaction.atomic
def set_populations(text: str, *, level: str, actor: Actor, at: dt.datetime) -> int:
    """Read lines of `code,year,residents` (a heading is passed over) and store them; returns how many areas changed.

    Raises `Invalid` with the first lines that cannot be used; nothing is stored then.
    """
    areas = {area.code: area for area in Area.objects.filter(level=level, retired_at__isnull=True)}
    wanted: dict[str, dict[str, int]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not any(cell.isdigit() for cell in cells)):
            continue
        if len(cells) < 3 or not (cells[1].isdigit() and len(cells[1]) == 4 and cells[2].isdigit()):
            problems.append(Problem("file", BAD_CSV, {"line": number}))
        elif cells[0] not in areas:
            problems.append(Problem("file", UNKNOWN_CODE, {"line": number, "code": cells[0]}))
        else:
            wanted.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    if problems:
        raise Invalid(problems[:10])
    changed = [
        history.change(areas[code], {"population": areas[code].population | years}, actor=actor, at=at)
        for code, years in wanted.items()
    ]
    return sum(1 for entry in changed if entry)
